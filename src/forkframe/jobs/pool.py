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
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import IO, Generic, Literal, TypeVar, cast

from forkframe.errors import Cancelled, ForkframeError, RenderFailed, WorkerDied, WorkspaceError
from forkframe.jobs import wire
from forkframe.threads import Threads

T = TypeVar("T")
Answer = dict[str, object]
OnProgress = Callable[[float, str | None], None]
"""Called with 0–1, and the path of a preview picture where there is a new one."""
OnAsk = Callable[[str, Mapping[str, object]], Mapping[str, object]]
"""Answers what a task asks its owner, such as to write something down before it goes on."""

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
_SANDBOXED_TASKS, _SANDBOXED_SECONDS = 100, 60.0
_SANDBOXED_IDLE = 5.0
"""Pictures come in bursts; between them nobody needs a worker that can do nothing else."""
_WARM_IDLE = 600.0
"""Seconds for which a worker keeps what it has loaded onto the graphics card, and others do without."""
_LONGEST_LINE = 1 << 24
_TICK = 0.25  # seconds between two looks of the keeper


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a task runs.

    Attributes:
        sandboxed: in a worker without network and with limits, for files that a user brought.
        warm: in a worker that only such tasks have, for they leave loaded there what the next one needs.
        limit: seconds after which its worker is killed and it fails.
        patience: seconds without a sign of progress after which the same happens.
        grace: seconds that it has to reach its next step when it is cancelled, before its worker is killed.
    """

    sandboxed: bool = False
    warm: bool = False
    limit: float | None = None
    patience: float | None = None
    grace: float = 2.0

    @property
    def worker(self) -> _WorkerKind:
        """The kind of worker that it runs in."""
        return "sandboxed" if self.sandboxed else "warm" if self.warm else "plain"


_WorkerKind = Literal["plain", "sandboxed", "warm"]
ANYHOW = Terms()


class Stop:
    """A request to stop, which may come from any thread at any time, also before there is anything to stop.

    Attributes:
        at_once: without a word to whoever is at it, who might else tell a provider that nobody wants the work.
    """

    def __init__(self) -> None:
        self.at_once = False
        self._set = False
        self._calls: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._set

    def set(self, *, at_once: bool = False) -> None:
        """Asks to stop. Returns at once."""
        with self._lock:  # whoever is in `calls` is still at it
            self._set, self.at_once = True, at_once
            for call in self._calls:
                call()

    @contextlib.contextmanager
    def calls(self, call: Callable[[], None]) -> Generator[None]:
        """Has `call` called, inside, when somebody asks to stop; at once if somebody has."""
        with self._lock:
            self._calls.append(call)
            if self._set:
                call()
        try:
            yield
        finally:
            with self._lock:
                self._calls.remove(call)


class Work(Generic[T]):
    """A task on its way. `result` waits for what comes of it; `cancel` ends it, also in the middle of native code."""

    def __init__(self, future: Future[T], stop: Stop) -> None:
        self._future = future
        self._stop = stop

    def result(self, timeout: float | None = None) -> T:
        """What came of the task.

        Raises:
            Cancelled: it was cancelled.
            TimeoutError: it is not done after `timeout` seconds.
            ForkframeError: it failed.
        """
        return self._future.result(timeout)

    def cancel(self) -> None:
        """Asks the task to stop; after a while its worker is killed. Returns at once."""
        self._stop.set()


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
    """Worker processes, started when they are needed, kept warm for the next task, and let go of when idle.

    Args:
        workers: how many tasks of `submit` run at a time; one for each core if not given. `run` runs at once.
        idle: seconds without work after which workers end, all but one.
    """

    def __init__(self, workers: int | None = None, *, idle: float = 60.0) -> None:
        self.size = workers or cores()
        self._idle_seconds = idle
        self._threads = Threads(self.size, name="forkframe-pool")
        self._idle: defaultdict[_WorkerKind, list[_Worker]] = defaultdict(list)
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._keep, name="forkframe-pool-keeper", daemon=True).start()

    def run(
        self,
        task: str,
        arguments: Mapping[str, object],
        *,
        terms: Terms = ANYHOW,
        stop: Stop | None = None,
        on_progress: OnProgress | None = None,
        on_ask: OnAsk | None = None,
    ) -> Answer:
        """What a task of `jobs.tasks` answers, performed in a worker now.

        Args:
            task: its name.
            arguments: JSON.
            terms: on which it runs.
            stop: ends it when it is set.
            on_progress: called in this thread.
            on_ask: called in this thread.

        Raises:
            Cancelled: it was asked to stop, or the pool was closed.
            WorkerDied: its worker crashed, hung or was killed.
            ForkframeError: what the task raised.
        """
        stop = Stop() if stop is None else stop
        if stop.is_set:
            raise Cancelled
        worker = self._take(terms.worker)
        try:
            with stop.calls(lambda: worker.kill() if stop.at_once else worker.cancel(terms.grace)):
                return worker.run(task, arguments, terms=terms, on_progress=on_progress, on_ask=on_ask)
        finally:
            self._give_back(worker, terms.worker)

    def submit(
        self,
        task: str,
        arguments: Mapping[str, object],
        finish: Callable[[Callable[[], Answer]], T],
        *,
        terms: Terms = ANYHOW,
        on_progress: OnProgress | None = None,
    ) -> Work[T]:
        """Starts a task in the background, as soon as fewer than `size` others that were submitted run.

        Args:
            task: its name.
            arguments: JSON.
            finish: turns the answer into the result, in a thread of the pool: gets a function that returns the
                answer or raises what went wrong.
            terms: on which it runs.
            on_progress: called from a thread of the pool.
        """
        stop = Stop()
        if self._closed.is_set():
            raise WorkspaceError("the workspace is closed", hint="open it again")

        def answer() -> Answer:
            return self.run(task, arguments, terms=terms, stop=stop, on_progress=on_progress)

        return Work(self._threads.submit(lambda: finish(answer)), stop)

    @property
    def pids(self) -> list[int]:
        """The process ids of all workers, busy or idle."""
        with self._lock:
            return [worker.pid for worker in self._all]

    def kill(self) -> None:
        """Ends all workers at once; tasks on their way or waiting fail as cancelled, and so do later ones."""
        with self._lock:
            self._closed.set()
            for worker in self._all:
                worker.kill()

    def close(self) -> None:
        """As `kill`, and returns when nothing is left of them. Call it once, when nobody is in `run` any more."""
        self.kill()
        self._threads.close()
        for worker in self._all:
            worker.discard()

    def _take(self, kind: _WorkerKind) -> _Worker:
        with self._lock:
            if self._closed.is_set():
                raise Cancelled
            while self._idle[kind]:
                worker = self._idle[kind].pop()
                if worker.is_alive:
                    return worker
                self._all.discard(worker)
                worker.discard()
            worker = _Worker(sandboxed=kind == "sandboxed")
            self._all.add(worker)
            return worker

    def _give_back(self, worker: _Worker, kind: _WorkerKind) -> None:
        with self._lock:
            if worker.usable and not self._closed.is_set() and not (kind == "sandboxed" and worker.is_worn):
                self._idle[kind].append(worker)
            elif not self._closed.is_set():
                self._all.discard(worker)
                worker.discard()

    def _patience(self, kind: _WorkerKind) -> float:
        """Seconds for which a worker stays when nobody needs it."""
        if kind == "warm":
            return _WARM_IDLE
        return min(_SANDBOXED_IDLE, self._idle_seconds) if kind == "sandboxed" else self._idle_seconds

    def _keep(self) -> None:
        """Kills workers whose time is over, and ends those that nobody has needed for a while."""
        while not self._closed.wait(_TICK):
            now = time.monotonic()
            with self._lock:
                workers = list(self._all)
                for kind, idle in self._idle.items():
                    tired = [w for w in idle if now - w.heard > self._patience(kind)]
                    for worker in tired[: len(idle) - 1] if kind == "plain" else tired:
                        idle.remove(worker)
                        self._all.discard(worker)
                        worker.discard()
            for worker in workers:
                worker.kill_if_due(now)


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
        self._done, self._worked = 0, 0.0
        self._answered = True
        self._stopped = False
        self._stopped_for = ""
        self._cancelled = False
        self._patience: float | None = None
        self._due: tuple[float, str] | None = None
        self._telling = threading.Lock()
        self.heard = time.monotonic()
        self.usable = True

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    @property
    def is_worn(self) -> bool:
        """Whether it has done so much that its limit of processor time may be near."""
        return self._done >= _SANDBOXED_TASKS or self._worked >= _SANDBOXED_SECONDS

    def run(
        self,
        task: str,
        arguments: Mapping[str, object],
        *,
        terms: Terms,
        on_progress: OnProgress | None,
        on_ask: OnAsk | None,
    ) -> Answer:
        """Performs one task and waits for it."""
        self.heard = started = time.monotonic()
        self._patience = terms.patience
        if terms.limit is not None:
            self._hurry(terms.limit, "took too long")
        self._answered = False
        number = next(self._numbers)
        try:
            with self._telling:
                self._running = number
            self._tell({"run": number, "task": task, "args": dict(arguments)})
            if self._cancelled:  # before it began
                self._tell({"cancel": number})
            return self._listen(task, on_progress, on_ask)
        finally:
            if not self._answered:  # the listener failed and the task goes on: nobody can use this pipe again
                self.kill()
            self._running = 0
            self._cancelled, self._patience, self._due = False, None, None
            self.heard = time.monotonic()
            self._done += 1
            self._worked += self.heard - started

    def cancel(self, grace: float) -> None:
        """Asks the task on its way to stop; the process is killed if it has not after `grace` seconds."""
        self._cancelled = True
        self._hurry(grace, "")
        if self._running:
            self._tell({"cancel": self._running})

    def kill_if_due(self, now: float) -> None:
        """Ends the process if its task was given a time that is over."""
        due, patience = self._due, self._patience
        if due and now > due[0]:
            self.kill(due[1])
        elif patience is not None and now - self.heard > patience:
            self.kill(f"gave no sign of life for {patience:g} seconds")

    def kill(self, why: str = "") -> None:
        """Ends the process at once; its task fails for a reason, or is cancelled without one."""
        if not self._stopped:
            self._stopped, self._stopped_for = True, why
        self.usable = False
        self._process.kill()

    def discard(self) -> None:
        """Ends the process and closes what leads to it; nothing may be running any more."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _hurry(self, seconds: float, why: str) -> None:
        due = time.monotonic() + seconds
        if self._due is None or due < self._due[0]:
            self._due = (due, why)

    def _tell(self, message: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        with self._telling, contextlib.suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(wire.encode(message))
            self._process.stdin.flush()

    def _listen(self, task: str, on_progress: OnProgress | None, on_ask: OnAsk | None) -> Answer:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(_LONGEST_LINE):
            self.heard = time.monotonic()
            message = wire.decode(line) or {}
            match message:
                case {"progress": float() | int() as share}:
                    if on_progress:
                        on_progress(float(share), cast("str | None", message.get("preview")))
                case {"ask": str() as name, "args": dict() as args}:
                    patience, self._patience = self._patience, None  # now it waits for us
                    self._tell({"reply": _replied(on_ask, name, cast("dict[str, object]", args))})
                    self.heard, self._patience = time.monotonic(), patience
                case {"done": dict() as answer}:
                    self._answered = True
                    return cast("Answer", answer)
                case {"cancelled": _}:
                    self._answered = True
                    raise Cancelled
                case {"error": {"kind": str(), "message": str(), "hint": str(), "detail": str()}}:
                    self._answered = True
                    failure = cast("wire.Failure", message["error"])
                    _log.debug("%s failed in a worker:\n%s", task, failure["detail"])
                    raise wire.error_of(failure)
                case _:
                    self.kill("wrote something to its pipe that is no message")
        self.usable = False
        raise self._died(task)

    def _died(self, task: str) -> Exception:
        code = self._process.wait()
        self._errors.seek(0)
        _log.debug("the worker of %s said:\n%s", task, self._errors.read().decode(errors="replace"))
        if code == -signal.SIGKILL and self._stopped_for:
            return WorkerDied(
                f"{task} {self._stopped_for} and was stopped", hint="try again, or use a smaller picture"
            )
        if code == -signal.SIGKILL and self._stopped:
            return Cancelled()
        if code == -signal.SIGKILL:
            return WorkerDied(
                f"{task} was killed from outside, perhaps because memory ran out",
                hint="close other programs and try again",
            )
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return WorkerDied(f"{task} crashed ({name})", hint="try again; report it if it stays")


def _replied(on_ask: OnAsk | None, name: str, args: Mapping[str, object]) -> Mapping[str, object]:
    if on_ask is None:
        return {"error": wire.failure_of(RenderFailed(f"nobody answers {name} here"))}
    try:
        return {"value": dict(on_ask(name, args))}
    except ForkframeError as error:
        return {"error": wire.failure_of(error)}
