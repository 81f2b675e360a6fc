"""A running ComfyUI, over HTTP: what can be asked of it, and what each kind of silence means."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote, urlencode, urlsplit

from forkframe.engines.comfyui.reading import table
from forkframe.engines.settings import setting
from forkframe.errors import EngineBusy, RenderFailed

VARIABLE = "FORKFRAME_COMFYUI"
EXAMPLE = "http://127.0.0.1:8188"
AGAIN = "start ComfyUI again; it is asked again by itself"
_LARGEST_ANSWER = 64 << 20
_LARGEST_FILE = 2 << 30
_PIECE = 1 << 20


class Unreachable(Exception):
    """No answer, or none that makes sense. `refused`: nobody listens there at all."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.refused = refused

    def busy(self) -> EngineBusy:
        """The error for somebody whose request may succeed later."""
        return EngineBusy(self.message, hint=AGAIN)


@dataclass(frozen=True, slots=True)
class Output:
    """A file that a workflow saved."""

    filename: str
    subfolder: str
    type: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request is: `lost` if the server does not know it (any more).

    Attributes:
        outputs: of a request that is done, the files of each node that saved some.
        failure: of a request that failed, what the server says: `node_id`, `exception_message` …
    """

    state: Literal["waiting", "running", "done", "failed", "interrupted", "lost"]
    outputs: Mapping[str, tuple[Output, ...]]
    failure: Mapping[str, object]


def address() -> str:
    """The address that the user set, without a slash at its end; "" if there is none."""
    url = setting("comfyui", VARIABLE).strip().rstrip("/")
    return url if "://" in url or not url else f"http://{url}"


def is_address(url: str) -> bool:
    """Whether a server could be there."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


class Server:
    """ComfyUI at an address.

    Args:
        url: as `address` gives it.
        limit: seconds that it may take for each answer.
    """

    def __init__(self, url: str, *, limit: float = 10.0) -> None:
        self.url = url
        self._limit = limit
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path

    @property
    def socket_url(self) -> str:
        """Where its events are."""
        return f"{'wss' if self._secure else 'ws'}{self.url[self.url.index(':') :]}/ws"

    def read_all(self, paths: Iterable[str]) -> Iterator[object]:
        """What it says at each of some paths, over one connection.

        Raises:
            Unreachable: it says nothing, or something that is not ComfyUI's.
        """
        connection = self._connection(self._limit)
        try:
            for path in paths:
                status, body = self._exchange(connection, "GET", path)
                yield self._json(status, body)
        finally:
            connection.close()

    def read(self, path: str) -> object:
        """What it says at a path.

        Raises:
            Unreachable: as `read_all`.
        """
        [said] = self.read_all([path])
        return said

    def upload(self, picture: bytes, name: str) -> str:
        """Keeps a PNG among the server's inputs, and gives the name by which a workflow loads it.

        Raises:
            Unreachable: nobody knows whether it did; asking again does no harm.
            RenderFailed: it does not take it.
        """
        edge = "forkframe-5f3a1c"
        fields = {"type": "input", "subfolder": "forkframe", "overwrite": "true"}
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
        parts += [head.encode(), b"Content-Type: image/png\r\n\r\n", picture, f"\r\n--{edge}--\r\n".encode()]
        status, body = self._post(
            "/upload/image", b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={edge}"}
        )
        if 400 <= status < 500:
            raise RenderFailed(
                f"ComfyUI at {self.url} did not take a picture ({status})", hint="look at ComfyUI's own log"
            )
        said = self._table(self._json(status, body))
        folder, kept = str(said.get("subfolder") or ""), str(said.get("name") or name)
        return f"{folder}/{kept}" if folder else kept

    def submit(self, graph: object, *, id: str) -> str | Mapping[str, object]:  # noqa: A002 - the server's word
        """Has the server take a workflow: the id that it goes by, or what is wrong with it.

        Raises:
            Unreachable: nobody knows whether it was taken.
        """
        body = json.dumps({"prompt": graph, "prompt_id": id, "client_id": id}).encode()
        status, answer = self._post("/prompt", body, {"Content-Type": "application/json"})
        said = self._table(self._json(200 if status == 400 else status, answer))
        return str(said.get("prompt_id") or id) if status == 200 else said

    def standing(self, id: str) -> Standing:  # noqa: A002 - the server's word
        """Where a request is.

        Raises:
            Unreachable: the server does not say.
        """
        queue = self._table(self.read("/queue"))  # before the history: what leaves the one is in the other
        if id in _ids(queue.get("queue_running")):
            return Standing("running", {}, {})
        if id in _ids(queue.get("queue_pending")):
            return Standing("waiting", {}, {})
        record = self._table(self.read(f"/history/{quote(id, safe='')}")).get(id)
        if not isinstance(record, dict):
            return Standing("lost", {}, {})
        return _ended(cast("dict[str, object]", record))

    def withdraw(self, id: str) -> None:  # noqa: A002 - the server's word
        """Takes a request out of the queue or stops it.

        An old server stops whatever it runs, so that it is asked to only if that is this request.

        Raises:
            Unreachable: it did not hear.
        """
        headers = {"Content-Type": "application/json"}
        self._post("/queue", json.dumps({"delete": [id]}).encode(), headers)
        if self.standing(id).state == "running":
            self._post("/interrupt", json.dumps({"prompt_id": id}).encode(), headers)

    def download(self, output: Output, to: Path) -> None:
        """Writes a file that a workflow saved.

        Raises:
            Unreachable: less came than was promised.
            RenderFailed: the server does not have it any more, or it is too large.
        """
        query = urlencode({"filename": output.filename, "subfolder": output.subfolder, "type": output.type})
        connection = self._connection(self._limit)
        try:
            connection.request("GET", f"{self._path}/view?{query}")
            response = connection.getresponse()
            if response.status != 200:
                raise RenderFailed(
                    f"ComfyUI at {self.url} does not give out {output.filename} ({response.status})",
                    hint="retry; the workflow runs anew",
                )
            self._write(response, to)
        except (OSError, HTTPException) as error:
            raise self._silence(error) from error
        finally:
            connection.close()

    def _write(self, response: HTTPResponse, to: Path) -> None:
        promised, got = response.length, 0
        with to.open("wb") as file:
            while piece := response.read(_PIECE):
                got += len(piece)
                if got > _LARGEST_FILE:
                    raise RenderFailed("the workflow made more than 2 GB", hint="ask for something shorter")
                file.write(piece)
        if promised is not None and got < promised:
            raise Unreachable(f"ComfyUI's answer ended after {got} of {promised} bytes")

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = self._connection(self._limit)
        try:
            return self._exchange(connection, "POST", path, body, headers)
        finally:
            connection.close()

    def _connection(self, limit: float) -> HTTPConnection:
        kind = HTTPSConnection if self._secure else HTTPConnection
        return kind(self._host, self._port, timeout=limit)

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        try:
            connection.request(method, self._path + path, body, dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.read(_LARGEST_ANSWER)
        except (OSError, HTTPException) as error:
            raise self._silence(error) from error

    def _json(self, status: int, body: bytes) -> object:
        if status in (401, 403):
            raise Unreachable(f"ComfyUI at {self.url} lets nobody in ({status})")
        if status >= 500:
            raise Unreachable(f"ComfyUI at {self.url} has a fault ({status})")
        try:
            if status == 200:
                return cast("object", json.loads(body))
        except (ValueError, RecursionError):
            pass
        raise Unreachable(f"what answers at {self.url} is not ComfyUI")

    def _table(self, said: object) -> Mapping[str, object]:
        if not isinstance(said, dict):
            raise Unreachable(f"what answers at {self.url} is not ComfyUI")
        return cast("dict[str, object]", said)

    def _silence(self, error: Exception) -> Unreachable:
        if isinstance(error, ConnectionRefusedError | socket.gaierror):
            return Unreachable(f"nobody answers at {self.url}", refused=True)
        if isinstance(error, TimeoutError):
            return Unreachable(f"ComfyUI at {self.url} takes too long to answer")
        reason = str(error) or type(error).__name__
        return Unreachable(f"ComfyUI at {self.url} broke off: {reason}")


def _ids(entries: object) -> Iterator[object]:
    """The ids of the requests in a queue, whose entries are lists of a number, an id, and more."""
    for entry in cast("list[object]", entries) if isinstance(entries, list) else []:
        if isinstance(entry, list) and len(cast("list[object]", entry)) > 1:
            yield cast("list[object]", entry)[1]


def _ended(record: Mapping[str, object]) -> Standing:
    """What the history says of a request."""
    said = table(record.get("status"))
    messages = said.get("messages")
    for message in cast("list[object]", messages) if isinstance(messages, list) else []:
        if not (isinstance(message, list) and len(cast("list[object]", message)) == 2):
            continue
        name, facts = cast("list[object]", message)
        if name in ("execution_error", "execution_interrupted") and isinstance(facts, dict):
            state = "failed" if name == "execution_error" else "interrupted"
            return Standing(state, {}, cast("dict[str, object]", facts))
    if said.get("status_str", "success") != "success":
        return Standing("failed", {}, {})
    outputs = table(record.get("outputs"))
    return Standing("done", {key: tuple(_files(made)) for key, made in outputs.items()}, {})


def _files(made: object) -> Iterator[Output]:
    """The files among what a node made: under `images`, `gifs`, `video` …, whatever its author chose."""
    for entries in table(made).values():
        for entry in cast("list[object]", entries) if isinstance(entries, list) else []:
            file = table(entry)
            if isinstance(file.get("filename"), str):
                yield Output(
                    str(file["filename"]), str(file.get("subfolder") or ""), str(file.get("type") or "output")
                )
