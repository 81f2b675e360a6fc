"""What all pretended providers have: books, mishaps on request, and real files of what they made.

A subclass knows one provider's paths, words and rules. Everything may be looked at from any thread.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import socket
import socketserver
import sys
import threading
from abc import ABC, abstractmethod
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal, Self

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

REASON = "it shows somebody who did not agree"
FPS = 8

Place = Literal["submit", "poll", "cancel", "file"]
Mishap = int | str
"""An HTTP status; or what is done to the connection: `drops` or `mute` after the request was dealt with, `deaf` or
`hangs` before, `nonsense`; of files also `cut`, `cut in chunks`, `expired`, `empty` and `text`."""


@dataclass
class Answer:
    """What is said: JSON or bytes, with an HTTP status and headers."""

    status: int
    said: object = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Taken:
    """A request that was taken.

    Attributes:
        dollars: what it costs.
        pictures: what came with it, in order, as `(H, W, 3)` uint8.
        polls: how often it will still be found unfinished.
        asked: the same for the same request.
    """

    id: str
    body: Mapping[str, Any]
    dollars: float
    pictures: list[NDArray[np.uint8]]
    polls: int
    seconds: float = 0.0
    size: tuple[int, int] = (160, 96)
    refused: bool = False
    cancelled: bool = False
    looks: int = 0
    asked: str = ""


class Refusal(Exception):
    """What the provider does not take: an HTTP status, and why."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said


class PretendedProvider(ABC):
    """Serves while it is open, as a context manager.

    Attributes:
        key: that it accepts; `revoked`: it does not any more.
        polls: how often a request is found unfinished.
        held: requests stay unfinished for as long as it is set.
        refuses: it finds fault with the content of whatever it is asked for.
        retry_after: what it asks those to wait who are told 429.
    """

    variable: ClassVar[str]
    key_variable: ClassVar[str]
    key = "canary-5f0b7a1e9c"

    def __init__(self) -> None:
        self.revoked, self.refuses, self.held = False, False, False
        self.polls = 1
        self.retry_after = ""
        self.downloads = 0
        self.peak = 0
        self._news = threading.Condition()
        self._mishaps: defaultdict[Place, deque[Mishap]] = defaultdict(deque)
        self._taken: dict[str, Taken] = {}
        self._bills: dict[str, float] = {}
        self._asked: Counter[str] = Counter()
        self._done: Counter[Place] = Counter()
        self._gone: set[str] = set()
        self._closed = threading.Event()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # What tests ask of it

    @property
    def address(self) -> str:
        """What `variable` has to be set to."""
        return self.url

    def stumble(self, place: Place, *mishaps: Mishap) -> None:
        """What goes wrong at the next requests of a kind, one after the other; 200 for nothing."""
        with self._news:
            self._mishaps[place] += mishaps

    @property
    def bills(self) -> dict[str, float]:
        """US dollars by the id of each request that was billed."""
        with self._news:
            return dict(self._bills)

    @property
    def taken(self) -> list[Taken]:
        """All requests that it took, in order."""
        with self._news:
            return list(self._taken.values())

    @property
    def submissions(self) -> int:
        """How often it was asked to take a request, whatever it answered."""
        with self._news:
            return self._asked.total()

    @property
    def billed_twice(self) -> int:
        """Bills beyond the first for the same request."""
        with self._news:
            seen = Counter(self._taken[key].asked for key in self._bills)
            return sum(count - 1 for count in seen.values())

    @property
    def cancelled(self) -> set[str]:
        """The ids of the requests that were cancelled."""
        with self._news:
            return {taken.id for taken in self._taken.values() if taken.cancelled}

    def count(self, place: Place) -> int:
        """How often it was asked something of a kind."""
        with self._news:
            return self._done[place]

    def until(self, condition: Callable[[Self], object], timeout: float = 60) -> None:
        """Returns once `condition` holds; it is looked at whenever somebody asked for something."""
        with self._news:
            assert self._news.wait_for(lambda: condition(self), timeout), "the provider waited in vain"

    def forget(self, key: str) -> None:
        """It does not know a request any more."""
        with self._news:
            del self._taken[key]

    # What a subclass is

    @abstractmethod
    def route(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """What is said to a request; uses `mishap`, `take`, `find`, `cancel` and `see`."""

    @abstractmethod
    def complaint(self, status: int, said: str) -> object:
        """How it says what is wrong."""

    # What a subclass uses

    def take(self, body: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Taken]) -> Answer | Taken:
        """Takes a request that `read` finds no fault with, and bills it."""
        with self._news:
            self._asked[digest(body)] += 1
        trouble = self.mishap("submit")
        if trouble is not None and trouble.status not in (-1, -3):
            return trouble
        try:
            taken = read(body)
        except Refusal as refusal:
            return Answer(refusal.status, self.complaint(refusal.status, refusal.said))
        with self._news:
            taken.refused = self.refuses
            taken.polls = self.polls
            taken.asked = digest(body)
            self._taken[taken.id] = taken
            if not taken.refused:
                self._bills[taken.id] = taken.dollars
            self._news.notify_all()
        return trouble if trouble is not None else taken

    def mishap(self, place: Place) -> Answer | None:
        """What goes wrong this time; status −1 and −3: after the request was dealt with."""
        with self._news:
            self._done[place] += 1
            self._news.notify_all()
            trouble: Mishap = self._mishaps[place].popleft() if self._mishaps[place] else 200
        match trouble:
            case 200:
                return None
            case "hangs":
                self._closed.wait()
                return Answer(0)
            case "deaf":
                return Answer(0)
            case "drops":
                return Answer(-1)
            case "mute":
                return Answer(-3)
            case "nonsense":
                return Answer(200, b"<html>so sorry</html>", {"Content-Type": "text/html"})
            case int():
                wait = {"Retry-After": self.retry_after} if self.retry_after and trouble == 429 else {}
                return Answer(trouble, self.complaint(trouble, "so sorry"), wait)
            case _:
                return Answer(-2, trouble)

    def find(self, key: str) -> Taken | None:
        """The request of that id, looked at once more."""
        with self._news:
            taken = self._taken.get(key)
            if taken:
                taken.looks += 1
                if not self.held and taken.polls > 0:
                    taken.polls -= 1
            return taken

    def is_done(self, taken: Taken) -> bool:
        """Whether it has an end."""
        return taken.polls <= 0 and not self.held

    def cancel(self, taken: Taken) -> None:
        """Stops a request that is not done."""
        with self._news:
            taken.cancelled = taken.cancelled or not self.is_done(taken)
            self._news.notify_all()

    def file_url(self, taken: Taken) -> str:
        """Where the result is, at an address that differs each time it is asked for."""
        return f"{self.url}/files/{taken.id}/{taken.looks}"

    def see(self, path: str) -> Answer:
        """The file at such an address."""
        _, _, key, _ = path.split("/")
        trouble = self.mishap("file")
        with self._news:
            taken = self._taken.get(key)
            if trouble and trouble.said == "expired":
                self._gone.add(path)
            gone = path in self._gone
        if gone or taken is None:
            return Answer(403, b"expired")
        self.downloads += 1
        data, kind = (clip(taken), "video/mp4") if taken.seconds else (picture(taken), "image/png")
        if trouble is None:
            return Answer(200, data, {"Content-Type": kind})
        match trouble.said:
            case "text":
                return Answer(200, b"this is no picture and no video", {"Content-Type": kind})
            case "empty":
                return Answer(200, b"", {"Content-Type": kind})
            case "cut" | "cut in chunks":
                return Answer(-2, (trouble.said, data))
            case _:
                return trouble

    def wait_for_close(self) -> None:
        """Returns when it is closed."""
        self._closed.wait()


def new_id() -> str:
    """An id that was never given."""
    return secrets.token_hex(8)


def digest(body: Mapping[str, Any]) -> str:
    """The same for the same request."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def picture_of(uri: str, *, most: int) -> NDArray[np.uint8]:
    """The picture in a data URI, or a refusal."""
    if len(uri) > most:
        raise Refusal(413, "a picture is too large")
    head, _, text = uri.partition(",")
    if head not in ("data:image/png;base64", "data:image/jpeg;base64"):
        raise Refusal(400, f"no picture: {head[:40]}")
    image = Image.open(io.BytesIO(base64.b64decode(text, validate=True)))
    if f"image/{image.format.lower()}" not in head:  # type: ignore[union-attr]
        raise Refusal(400, "not what it says it is")
    return np.asarray(image.convert("RGB"))


def small(size: tuple[int, int]) -> tuple[int, int]:
    """A size of the same aspect, about, in which tests are quick; both sides even."""
    scale = 200 / max(size)
    return round(size[0] * scale / 2) * 2, round(size[1] * scale / 2) * 2


def picture(taken: Taken) -> bytes:
    """A PNG that follows from the request: its picture tinted, or a colour."""
    tint = np.frombuffer(hashlib.sha256(digest(taken.body).encode()).digest()[:3], np.uint8)
    size = small(taken.size)
    base = _fitted(taken.pictures[0], size) if taken.pictures else np.zeros((size[1], size[0], 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(base // 2 + tint // 2).save(file, "PNG")
    return file.getvalue()


def clip(taken: Taken) -> bytes:
    """An MP4 that passes from picture to picture."""
    size = small(taken.size)
    stills = [_fitted(p, size).astype(np.float32) for p in taken.pictures]
    stills = stills * 2 if len(stills) == 1 else stills
    frames = round(taken.seconds * FPS)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", FPS, options={"preset": "ultrafast", "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            at = number / (frames - 1) * (len(stills) - 1)
            n = min(int(at), len(stills) - 2)
            mixed = stills[n] * (n + 1 - at) + stills[n + 1] * (at - n)
            frame = av.VideoFrame.from_ndarray(np.rint(mixed).clip(0, 255).astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def _fitted(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, provider: PretendedProvider) -> None:
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
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's word
        pass

    def _answer(self, method: str) -> None:
        provider = self.server.provider
        promised = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(promised)
        if len(body) < promised:  # whoever asked was killed in the middle of a word
            self.close_connection = True
            return
        path = self.path.split("?")[0]
        if path.startswith("/files/"):
            assert provider.key not in str(self.headers), "the key went where files are kept"
            answer = provider.see(path)
        else:
            answer = provider.route(method, path, body, self.headers)
        if answer.status in (0, -1):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif answer.status == -3:
            provider.wait_for_close()
        elif answer.status == -2:
            self._cut(*answer.said)  # type: ignore[misc]
        else:
            is_file = isinstance(answer.said, bytes)
            said = answer.said if isinstance(answer.said, bytes) else json.dumps(answer.said).encode()
            kind = "application/octet-stream" if is_file else "application/json"
            headers = {"Content-Length": str(len(said)), "Content-Type": kind, **answer.headers}
            self._send(answer.status, said, headers)

    def _cut(self, how: str, data: bytes) -> None:
        half = data[: len(data) // 2]
        self.close_connection = True
        if how == "cut":
            self._send(200, half, {"Content-Length": str(len(data))})
        else:
            self._send(200, b"%x\r\n%s\r\n" % (len(half), half), {"Transfer-Encoding": "chunked"})

    def _send(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if status != 204:
            self.wfile.write(data)
