"""A provider that bills, on this machine: what the engine `fake-paid` talks to. Standard library only.

```
POST /requests           {"key", "price", "seed", "wait", "trouble", "repeatable"}, Idempotency-Key: key → {"id"}
GET  /requests/ID        → {"state": running|done|refused|cancelled, "share": 0–1, "billed": dollars, "reason"}
GET  /requests/ID/result → three bytes, a colour that follows from the seed
POST /requests/ID/cancel → as GET /requests/ID; what was billed stays billed
GET  /bills              → {"bills", "submissions", "keys", "cancelled": numbers, "dollars": their sum}
```

It bills when it takes a request, except one that it is going to refuse. `python -m tests.provider` prints its URL and
serves until its standard input ends.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
import socketserver
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REASON = "it shows something that the provider does not make"


@dataclass
class Taken:
    """A request that the provider took."""

    id: str
    key: str
    price: float
    seed: int
    wait: float
    trouble: str
    since: float
    cancelled: bool = False
    downloads: int = 0

    @property
    def state(self) -> str:
        if self.cancelled:
            return "cancelled"
        if self._age < self.wait:
            return "running"
        return "refused" if self.trouble == "refuses" else "done"

    @property
    def share(self) -> float:
        return min(1.0, self._age / self.wait) if self.wait else 1.0

    @property
    def colour(self) -> bytes:
        return hashlib.sha256(str(self.seed).encode()).digest()[:3]

    @property
    def _age(self) -> float:
        return time.monotonic() - self.since


class FakeProvider:
    """Serves while it is open, as a context manager. Everything may be looked at from any thread.

    Attributes:
        url: where it listens.
        overloaded: it takes nothing and stops nothing, and says so (503).
    """

    def __init__(self) -> None:
        self.overloaded = False
        self._news = threading.Condition()
        self._taken: dict[str, Taken] = {}
        self._by_key: defaultdict[str, list[Taken]] = defaultdict(list)
        self._bills: dict[str, float] = {}
        self._asked: Counter[str] = Counter()
        self._closed = threading.Event()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> FakeProvider:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def bills(self) -> dict[str, float]:
        """US dollars by the id of each request that was billed."""
        with self._news:
            return dict(self._bills)

    @property
    def submissions(self) -> int:
        """How often it was asked to take a request, whatever it answered."""
        with self._news:
            return self._asked.total()

    @property
    def cancelled(self) -> set[str]:
        """The ids of the requests that were cancelled."""
        with self._news:
            return {taken.id for taken in self._taken.values() if taken.cancelled}

    @property
    def requests(self) -> dict[str, list[Taken]]:
        """All requests that it took, by key."""
        with self._news:
            return {key: list(taken) for key, taken in self._by_key.items()}

    @property
    def books(self) -> dict[str, float]:
        """What `GET /bills` says."""
        with self._news:
            return {
                "bills": len(self._bills),
                "submissions": self._asked.total(),
                "keys": len(self._asked),
                "cancelled": sum(taken.cancelled for taken in self._taken.values()),
                "dollars": sum(self._bills.values()),
            }

    def until(self, condition: Callable[[FakeProvider], object], timeout: float = 60) -> None:
        """Returns once `condition` holds; it is looked at whenever somebody asked for something."""
        with self._news:
            assert self._news.wait_for(lambda: condition(self), timeout), "the provider waited in vain"

    def take(self, body: Mapping[str, Any]) -> tuple[int, object]:
        """Takes a request: an HTTP status and what to say, or (0, …) to cut the connection instead."""
        with self._news:
            self._news.notify_all()
            key, trouble = str(body["key"]), str(body["trouble"])
            before = self._asked[key]
            self._asked[key] += 1
            if self.overloaded:
                return 503, {"error": "overloaded"}
            if trouble == "busy" and before < 2:
                return 429, {"error": "too many requests"}
            if trouble == "error" and before < 1:
                return 500, {"error": "a fault"}
            if body["repeatable"] and self._by_key[key]:
                return 200, {"id": self._by_key[key][0].id}
            taken = Taken(
                id=secrets.token_hex(8),
                key=key,
                price=float(body["price"]),
                seed=int(body["seed"]),
                wait=float(body["wait"]),
                trouble=trouble,
                since=time.monotonic(),
            )
            self._taken[taken.id] = taken
            self._by_key[key].append(taken)
            if trouble != "refuses":
                self._bills[taken.id] = taken.price
            return 0 if trouble == "drops" and before < 1 else 200, {"id": taken.id}

    def find(self, key: str) -> Taken | None:
        """The request of that id."""
        with self._news:
            self._news.notify_all()
            return self._taken.get(key)

    def cancel(self, taken: Taken) -> None:
        """Stops a request that is not done."""
        with self._news:
            taken.cancelled = taken.cancelled or taken.state == "running"
            self._news.notify_all()

    def standing(self, taken: Taken) -> dict[str, object]:
        """Where a request stands."""
        with self._news:
            return {
                "state": taken.state,
                "share": taken.share,
                "billed": self._bills.get(taken.id, 0.0),
                "reason": REASON if taken.state == "refused" else "",
            }

    def begin_download(self, taken: Taken) -> bool:
        """Whether all of the result is sent this time."""
        with self._news:
            taken.downloads += 1
            return taken.trouble != "truncated" or taken.downloads > 1

    def wait_for_close(self) -> None:
        """Returns when it is closed."""
        self._closed.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, provider: FakeProvider) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own asks the DNS for this machine's name
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        match self.path.strip("/").split("/"):
            case ["bills"]:
                self._say(200, self.server.provider.books)
            case ["requests", key]:
                self._with(key, self._poll)
            case ["requests", key, "result"]:
                self._with(key, self._download)
            case _:
                self._say(404, {"error": "no such place"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.path.strip("/").split("/"):
            case ["requests"]:
                self._submit(body)
            case ["requests", key, "cancel"]:
                self._with(key, self._cancel)
            case _:
                self._say(404, {"error": "no such place"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's word
        pass

    def _submit(self, body: bytes) -> None:
        asked = json.loads(body)
        if asked["key"] != self.headers["Idempotency-Key"]:
            self._say(400, {"error": "two different keys"})
            return
        status, answer = self.server.provider.take(asked)
        if status:
            self._say(status, answer)
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _with(self, key: str, answer: Callable[[Taken], None]) -> None:
        taken = self.server.provider.find(key)
        if taken:
            answer(taken)
        else:
            self._say(404, {"error": "no such request"})

    def _poll(self, taken: Taken) -> None:
        if taken.trouble == "hangs":
            self.server.provider.wait_for_close()
        else:
            self._say(200, self.server.provider.standing(taken))

    def _download(self, taken: Taken) -> None:
        if taken.state != "done":
            self._say(409, {"error": f"it is {taken.state}"})
            return
        whole = self.server.provider.begin_download(taken)
        self._send(200, taken.colour, sent=3 if whole else 1)

    def _cancel(self, taken: Taken) -> None:
        if self.server.provider.overloaded:
            self._say(503, {"error": "overloaded"})
            return
        self.server.provider.cancel(taken)
        self._say(200, self.server.provider.standing(taken))

    def _say(self, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        self._send(status, body, sent=len(body))

    def _send(self, status: int, body: bytes, *, sent: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])


def main() -> None:
    """Prints the URL and serves until standard input ends."""
    with FakeProvider() as provider:
        print(provider.url, flush=True)
        for _ in sys.stdin:
            pass


if __name__ == "__main__":
    main()
