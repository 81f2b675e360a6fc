"""Threads that work to the very end of a program.

`concurrent.futures.ThreadPoolExecutor` refuses work once the interpreter begins to shut down, which is before `atexit`:
a script that ends without closing its workspace could then neither finish its drafts nor close the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """`count` daemon threads that perform calls in the order in which they are submitted."""

    def __init__(self, count: int, *, name: str) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def __contains__(self, thread: threading.Thread) -> bool:
        return thread in self._threads

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Has `function` called on one of the threads, and promises what it returns or raises."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
                future.set_exception(error)
            else:
                future.set_result(result)

        self._calls.put(call)
        return future

    def close(self) -> None:
        """Ends the threads when they have done what was submitted. Call it from none of them, and only once."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
