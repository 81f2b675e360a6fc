"""What a server tells while it works: how far it is, and what it looks like. Only a hint: the history is the truth."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from forkframe.engines.comfyui.reading import table
from forkframe.engines.comfyui.template import Graph

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_OPENING, _BETWEEN = 2.0, 1.0
"""Seconds for opening a connection, and between two attempts at it."""
_LARGEST = 32 << 20
_ENDS = ("execution_success", "execution_error", "execution_interrupted")
_PREVIEW, _PREVIEW_WITH_FACTS = 1, 4
_WORK = 20.0
"""How much of the work a sampler is, in nodes that are none."""


class Watch:
    """The events of one request. As a context manager, it is closed at the end.

    Attributes:
        share: how much of the work is done, 0–1; never less than before.
        preview: the latest picture as the server encoded it; taken away by whoever shows it.
        ended: the server said that it has come to an end, one way or other.
    """

    def __init__(self, url: str, id: str, graph: Graph) -> None:  # noqa: A002 - the server's word
        self.share = 0.0
        self.preview: bytes | None = None
        self.ended = False
        self._url, self._id = f"{url}?clientId={id}", id
        self._work = {
            key: _WORK if "Sampler" in str(node["class_type"]) else 1.0 for key, node in graph.items()
        }
        self._done: dict[str, float] = {}
        self._current = ""
        self._socket: ClientConnection | None = None
        self._open_socket = ExitStack()
        self._tried = -1e9

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._close()

    def listen(self, seconds: float) -> None:
        """Returns when something was heard, or after that many seconds; a connection that broke is opened again."""
        from websockets.exceptions import WebSocketException

        deadline = time.monotonic() + seconds
        if self._socket is None and not self._open():
            time.sleep(max(0.0, deadline - time.monotonic()))
            return
        assert self._socket is not None
        try:
            self._hear(self._socket.recv(timeout=max(0.0, deadline - time.monotonic())))
            while True:  # what is there already
                self._hear(self._socket.recv(timeout=0))
        except TimeoutError:
            return
        except (WebSocketException, OSError):
            self._close()

    def _open(self) -> bool:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        if time.monotonic() - self._tried < _BETWEEN:
            return False
        self._tried = time.monotonic()
        with suppress(OSError, WebSocketException, TimeoutError):
            opening = connect(
                self._url, open_timeout=_OPENING, close_timeout=0.5, max_size=_LARGEST, proxy=None
            )
            self._socket = self._open_socket.enter_context(opening)
        return self._socket is not None

    def _close(self) -> None:
        self._socket = None
        with suppress(OSError):
            self._open_socket.close()

    def _hear(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.preview = _picture(message) or self.preview
            return
        said = _table_of(message)
        data = table(said.get("data"))
        if data.get("prompt_id", self._id) != self._id:
            return
        node = data.get("node")
        match said.get("type"):
            case "execution_cached":
                self._finish(str(key) for key in cast("list[object]", data.get("nodes") or []))
            case "executing":
                self._finish([self._current])
                self._current = str(node or "")
                self.ended = self.ended or node is None
            case "executed":
                self._finish([str(node)])
            case "progress":
                self._step(str(node or self._current), data.get("value"), data.get("max"))
            case "progress_state":
                for key, state in table(data.get("nodes")).items():
                    self._step(key, table(state).get("value"), table(state).get("max"))
            case kind if kind in _ENDS:
                self.ended = True
            case _:
                return
        total = sum(self._work.values())
        done = sum(self._work.get(key, 0.0) * share for key, share in self._done.items())
        self.share = max(self.share, min(1.0, done / total))

    def _finish(self, keys: Iterable[str]) -> None:
        self._done.update((key, 1.0) for key in keys if key in self._work)

    def _step(self, key: str, value: object, most: object) -> None:
        if (
            isinstance(value, int | float)
            and isinstance(most, int | float)
            and most > 0
            and key in self._work
        ):
            self._done[key] = max(self._done.get(key, 0.0), min(1.0, value / most))


def _picture(message: bytes) -> bytes | None:
    """The encoded picture in a binary message: after two numbers, or after facts that the second number measures."""
    if len(message) <= 8:
        return None
    kind, number = struct.unpack(">II", message[:8])
    if kind == _PREVIEW:
        return message[8:]
    return message[8 + number :] or None if kind == _PREVIEW_WITH_FACTS else None


def _table_of(message: str) -> Mapping[str, object]:
    try:
        return table(cast("object", json.loads(message)))
    except (ValueError, RecursionError):
        return {}
