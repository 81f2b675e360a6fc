"""A pool of worker processes on this machine. A crash, a hang or a kill of one is an error of its task, never of its owner."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import IO, Generic, TypeVar, cast

from forkframe.errors import Cancelled, RenderFailed, WorkspaceError
from forkframe.jobs import wire
from forkframe.threads import Threads

T = TypeVar("T")
OnProgress = Callable[[float], None]
Answer = dict[str, object]

_log = logging.getLogger(__name__)
_ONE_THREAD = dict.fromkeys(
    (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
    ),
    "1",
)
"""Measured six times faster than default threads when every core has a worker."""
_SANDBOXED_TASKS = 100
_GRACE = 2.0
"""Seconds that a cancelled task has to reach its next step before its worker is killed."""


class Work(Generic[T]):
    """A task on its way. `result` waits for what comes of it; `cancel` ends it, also in the middle of native code."""

    def __init__(self, future: Future[T], cancelled: threading.Event, on_cancel: Callable[[], None]) -> None:
        self._future = future
        self._cancelled = cancelled
        self._on_cancel = on_cancel

    def result(self, timeout: float | None = None) -> T:
        """What came of the task.

        Raises:
            Cancelled: it was cancelled.
            TimeoutError: it is not done after `timeout` seconds.
            ForkframeError: it failed.
        """
        return self._future.result(timeout)

    def when_done(self, callback: Callable[[], None]) -> None:
        """Calls `callback` in a thread of the pool once `result` would return or raise at once."""
        self._future.add_done_callback(lambda _: callback())

    def cancel(self) -> None:
        """Asks the task to stop; after two seconds its worker is killed. Returns at once."""
        self._cancelled.set()
        self._on_cancel()


def abandon(works: Iterable[Work[T]]) -> None:
    """Cancels works and returns when none of them touches a file any more."""
    works = list(works)
    for work in works:
        work.cancel()
    for work in works:
        with contextlib.suppress(Exception):
            work.result()


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Workers for as many tasks at a time as there are cores; started when first needed, kept warm."""

    def __init__(self, workers: int | None = None) -> None:
        self.size = workers or cores()
        self._threads = Threads(self.size, name="forkframe-pool")
        self._idle: defaultdict[bool, list[_Worker]] = defaultdict(list)
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(
        self,
        task: str,
        arguments: Mapping[str, object],
        finish: Callable[[Callable[[], Answer]], T],
        *,
        sandboxed: bool = False,
        on_progress: OnProgress | None = None,
        limit: float | None = None,
    ) -> Work[T]:
        """Starts a task of `jobs.tasks` as soon as a worker is free.

        Args:
            task: its name.
            arguments: JSON.
            finish: turns the answer into the result, in a thread of the pool: gets a function that returns the
                answer or raises what went wrong.
            sandboxed: in a worker without network and with limits, for files that a user brought.
            on_progress: called with 0–1 from a thread of the pool.
            limit: seconds after which the worker is killed and the task fails.
        """
        cancelled = threading.Event()
        current: list[_Worker] = []
        mine = threading.Lock()  # a worker in `current` is at this task: it is not given back meanwhile

        def answer() -> Answer:
            if cancelled.is_set():
                raise Cancelled
            worker = self._take(sandboxed=sandboxed)
            with mine:
                current.append(worker)
            try:
                return worker.run(task, arguments, on_progress=on_progress, cancelled=cancelled, limit=limit)
            finally:
                with mine:
                    current.clear()
                self._give_back(worker, sandboxed=sandboxed)

        def stop() -> None:
            with mine:
                for worker in current:
                    worker.cancel()

        if self._closed:
            raise WorkspaceError("the workspace is closed", hint="open it again")
        return Work(self._threads.submit(lambda: finish(answer)), cancelled, stop)

    def close(self) -> None:
        """Ends all workers, once; tasks on their way or waiting fail as cancelled."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            workers = list(self._all)
        for worker in workers:
            worker.kill()
        self._threads.close()
        for worker in workers:
            worker.discard()

    def _take(self, *, sandboxed: bool) -> _Worker:
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._idle[sandboxed]:
                return self._idle[sandboxed].pop()
            worker = _Worker(sandboxed=sandboxed)
            self._all.add(worker)
            return worker

    def _give_back(self, worker: _Worker, *, sandboxed: bool) -> None:
        with self._lock:
            if worker.usable and not self._closed and not (sandboxed and worker.is_worn):
                self._idle[sandboxed].append(worker)
            else:
                self._all.discard(worker)
                worker.discard()


class _Worker:
    """One worker process and the pipe to it."""

    _numbers = itertools.count(1)

    def __init__(self, *, sandboxed: bool) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "forkframe.jobs.worker", *(["--sandboxed"] if sandboxed else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **_ONE_THREAD},
            start_new_session=True,  # Ctrl-C is for the owner, which then decides
        )
        self._running = 0
        self._done = 0
        self._answered = True
        self._stopped_for = ""
        self.usable = True

    @property
    def is_worn(self) -> bool:
        """Whether it has done so much that its limit of processor time may be near."""
        return self._done >= _SANDBOXED_TASKS

    def run(
        self,
        task: str,
        arguments: Mapping[str, object],
        *,
        on_progress: OnProgress | None,
        cancelled: threading.Event,
        limit: float | None,
    ) -> Answer:
        """Performs one task and waits for it."""
        self._running = next(self._numbers)
        self._answered = False
        timer = threading.Timer(limit, self.kill, ("took too long",)) if limit else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            self._tell({"run": self._running, "task": task, "args": dict(arguments)})
            if cancelled.is_set():
                self.cancel()
            return self._listen(task, on_progress)
        finally:
            if not self._answered:  # the listener failed and the task goes on: nobody can use this pipe again
                self.kill()
            self._running = 0
            self._done += 1
            if timer:
                timer.cancel()

    def cancel(self) -> None:
        """Asks the task on its way to stop, and kills the process if it has not after a while."""
        number = self._running
        if not number:
            return
        self._tell({"cancel": number})
        timer = threading.Timer(_GRACE, self._kill_if_running, (number,))
        timer.daemon = True
        timer.start()

    def kill(self, why: str = "was cancelled") -> None:
        """Ends the process at once."""
        self.usable = False
        self._stopped_for = self._stopped_for or why
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def discard(self) -> None:
        """Ends the process and closes what leads to it; nothing may be running any more."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _kill_if_running(self, number: int) -> None:
        if self._running == number:
            self.kill()

    def _tell(self, message: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(wire.encode(message))
            self._process.stdin.flush()

    def _listen(self, task: str, on_progress: OnProgress | None) -> Answer:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = wire.decode(line)
            if message is None:
                continue
            if "progress" in message:
                if on_progress:
                    on_progress(cast("float", message["progress"]))
                continue
            self._answered = True
            if "done" in message:
                return cast("Answer", message["done"])
            if "cancelled" in message:
                raise Cancelled
            failure = cast("wire.Failure", message["error"])
            _log.debug("%s failed in a worker:\n%s", task, failure["detail"])
            raise wire.error_of(failure)
        self.usable = False
        raise self._died(task)

    def _died(self, task: str) -> Exception:
        code = self._process.wait()
        if self._stopped_for == "was cancelled":
            return Cancelled()
        self._errors.seek(0)
        _log.debug("the worker of %s said:\n%s", task, self._errors.read().decode(errors="replace"))
        if self._stopped_for:
            return RenderFailed(
                f"{task} {self._stopped_for} and was stopped", hint="try again, or use a smaller picture"
            )
        if code == -signal.SIGKILL:
            return RenderFailed(
                f"{task} was killed from outside, perhaps because memory ran out",
                hint="close other programs and try again",
            )
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return RenderFailed(f"{task} crashed ({name})", hint="try again; report it if it stays")
