"""The worker process: `python -m forkframe.jobs.worker [--sandboxed]`.

It performs one task at a time, never opens a database, and ends when its owner does. With `--sandboxed` it gives up network and most
resources before it looks at anything a user brought.
"""

from __future__ import annotations

import ctypes
import gc
import math
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from forkframe.errors import Cancelled, ForkframeError, OutputFailed, RenderFailed
from forkframe.jobs import wire
from forkframe.jobs.tasks import Scope, task
from forkframe.media.sandbox import Sandbox, enter

_IDLE = 2.0  # seconds without a request
_REPORT_SECONDS = 0.03  # between two reports: nobody sees more


class _Scope(Scope):
    """How a task reports and learns of being cancelled."""

    def __init__(self, out: BinaryIO, walls: Sandbox | None) -> None:
        self._out = out
        self._walls = walls
        self._cancelled = threading.Event()
        self._replies: queue.SimpleQueue[dict[str, object]] = queue.SimpleQueue()
        self._reported = 0.0

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def walls(self) -> Sandbox | None:
        return self._walls

    def cancel(self) -> None:
        self._cancelled.set()

    def progress(self, share: float, *, preview: Path | None = None) -> None:
        if self.cancelled:
            raise Cancelled
        share = share if math.isfinite(share) else 0.0  # such as a part of nothing
        now = time.monotonic()
        if now - self._reported < _REPORT_SECONDS and share < 1 and preview is None:
            return
        self._reported = now
        shown = {"preview": str(preview)} if preview else {}
        _send(self._out, {"progress": round(min(max(share, 0.0), 1.0), 4), **shown})

    def ask(self, name: str, **args: object) -> Mapping[str, object]:
        _send(self._out, {"ask": name, "args": args})
        reply = self._replies.get()
        if "error" in reply:
            raise wire.error_of(cast("wire.Failure", reply["error"]))
        return cast("Mapping[str, object]", reply["value"])

    def hear(self, reply: dict[str, object]) -> None:
        self._replies.put(reply)


def main(arguments: list[str]) -> None:
    """Performs tasks until standard input ends."""
    out = _private_output()
    walls = enter() if "--sandboxed" in arguments else None
    running: dict[int, _Scope] = {}
    todo: queue.SimpleQueue[dict[str, object]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(running, todo, lambda: _Scope(out, walls)), daemon=True).start()
    while True:
        request = _next(todo)
        number = cast("int", request["run"])
        _send(out, answer(request, running[number]))
        del running[number]


def _next(todo: queue.SimpleQueue[dict[str, object]]) -> dict[str, object]:
    """The next request; while it is not there, memory that is free goes back to the system."""
    try:
        return todo.get(timeout=_IDLE)
    except queue.Empty:
        gc.collect()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)
        return todo.get()


def _private_output() -> BinaryIO:
    """The pipe to the owner; whatever a library prints on standard output goes to standard error instead."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return out


def _listen(
    running: dict[int, _Scope], todo: queue.SimpleQueue[dict[str, object]], new_scope: Callable[[], _Scope]
) -> None:
    for line in sys.stdin.buffer:
        message = wire.decode(line) or {}
        if "run" in message:
            running[cast("int", message["run"])] = new_scope()
            todo.put(message)
        elif "reply" in message:
            for scope in list(running.values()):  # there is only one
                scope.hear(cast("dict[str, object]", message["reply"]))
        elif (scope := running.get(cast("int", message.get("cancel")))) is not None:
            scope.cancel()
    os._exit(0)  # the owner is gone, even if a task is in the middle of native code


def answer(request: Mapping[str, object], scope: Scope) -> dict[str, object]:
    """What is said to a request: what its task answers, or why it failed, in a line and as JSON whatever happened."""
    name, arguments = str(request["task"]), cast("Mapping[str, object]", request["args"])
    try:
        done: dict[str, object] = {"done": task(name)(arguments, scope)}
        wire.encode(done)  # an engine's notes, say, may be anything
        return done
    except Cancelled:
        return {"cancelled": True}
    except ForkframeError as error:
        return {"error": wire.failure_of(error, detail=traceback.format_exc())}
    except MemoryError:
        failed = RenderFailed(
            f"{name} ran out of memory", hint="close other programs, or use a smaller frame"
        )
        return {"error": wire.failure_of(failed)}
    except OSError as error:
        failed = OutputFailed(
            f"{name} could not read or write: {error.strerror or error}", hint="is the disk full?"
        )
        return {"error": wire.failure_of(failed, detail=traceback.format_exc())}
    except Exception as error:  # noqa: BLE001 - engines may raise anything; it becomes one clear line
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        failed = RenderFailed(
            f"{name} failed unexpectedly ({reason})", hint="try again; report it if it stays"
        )
        return {"error": wire.failure_of(failed, detail=traceback.format_exc())}


def _send(out: BinaryIO, message: Mapping[str, object]) -> None:
    try:
        out.write(wire.encode(message))
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
