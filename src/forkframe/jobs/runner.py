"""The local runner: takes jobs from the queue of record, performs them in worker processes, and writes down what came of them."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar, cast

from forkframe.errors import (
    Cancelled,
    ForkframeError,
    OutputFailed,
    RenderFailed,
    WorkspaceBusy,
    WorkspaceError,
)
from forkframe.jobs.job import Delivery, Job, Lane, Lease, Request
from forkframe.jobs.pool import Answer, Pool, Stop, Terms
from forkframe.jobs.queue import LeaseLost, Queue
from forkframe.model.changes import Change
from forkframe.model.ids import JobId
from forkframe.threads import Threads

T = TypeVar("T")
Call = tuple[str, Mapping[str, object]]
"""A task of `jobs.tasks` and its arguments."""

_log = logging.getLogger(__name__)
_TICK, _BEAT = 0.25, 1.0
"""Seconds between two looks at the queue, and between two writings down of how far running jobs are."""
_DECODING_PATIENCE = 60.0
"""Seconds without a frame after which a file from elsewhere counts as one that hangs whoever reads it."""
_GRACES: Mapping[Lane, float] = {"cpu": 2.0, "owner": 2.0, "remote": 15.0, "gpu": 20.0}
"""Seconds that a cancelled task has to reach its next step, or to tell a provider, before its worker is killed. A step of a
large model takes a while, and a worker that is killed takes the loaded model with it."""
_SEATS: Mapping[Lane, int] = {"gpu": 1, "remote": 8, "owner": 4}
"""How many jobs of a lane run at a time; on the processor, as many as there are cores."""
_TELLERS = 2
"""How many providers are told at a time that nobody wants something any more. That never waits for a seat: it costs money."""
_TELLING_LIMIT = 30.0
"""Seconds that telling a provider may take."""


@dataclass(frozen=True, slots=True)
class Others:
    """What a job needs first: it is performed again when jobs for these requests have ended."""

    requests: tuple[Request, ...]


class Kind(Protocol):
    """How jobs of one kind are performed, and what their failure changes."""

    def perform(self, attempt: Attempt) -> Delivery | Others:
        """What the job brings. May be called again for the same job after anything at all: what is there already is used.

        A job that is `cancelling` nobody wants any more: its provider is told, and `Cancelled` raised. One that never asks
        a provider for anything is never performed like that.

        Raises:
            Cancelled: `attempt.stop` was set.
            ForkframeError: it failed.
        """
        ...

    def failed(self, job: Job, error: ForkframeError) -> Change | None:
        """The change that goes with the job's final failure, if any."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """How far a running job is: `doing` names its present task, and is empty when the attempt has ended; `share` is 0–1 of
    the job, `preview` the path of a picture.
    """

    job: Job
    doing: str
    share: float
    preview: str | None


class Attempt:
    """One attempt at a job: what its kind may use.

    Attributes:
        job: as it was when the attempt began.
        stop: set when the job was cancelled, or the program is about to end.
        share: how far it is.
    """

    def __init__(self, runner: Runner, lease: Lease, new_folder: Callable[[], Path]) -> None:
        self.job = lease.job
        self.stop = Stop()
        self.share = 0.0
        self.preview: str | None = None
        self._runner = runner
        self._lease = lease
        self._new_folder = new_folder
        self._folders: list[Path] = []

    def run(self, task: str, arguments: Mapping[str, object], *, patience: float | None = None) -> Answer:
        """What a task answers, performed in a worker with a fresh folder as its `out`, which lasts as long as the attempt."""
        return self._run((task, arguments), patience, lambda share: share)

    def tell(self, task: str, arguments: Mapping[str, object]) -> None:
        """Performs a task that tells a provider that nobody wants the job any more.

        Raises:
            ForkframeError: it could not be told.
        """
        terms = Terms(limit=_TELLING_LIMIT)
        self._perform_in_pool((task, arguments), terms, lambda share: share)

    def run_all(
        self, calls: Sequence[Call], *, keep: Callable[[int, Answer], T], share: tuple[float, float]
    ) -> list[T]:
        """What `keep` makes of the answers of tasks, performed side by side.

        Args:
            calls: the tasks.
            keep: called with the number of a task and its answer as soon as it is there, so that it outlasts whatever
                happens to the others.
            share: of the job, before the first and after the last of them.
        """
        if not calls:
            return []
        shares = [0.0] * len(calls)

        def overall(number: int, done: float) -> float:
            shares[number] = done
            return share[0] + (share[1] - share[0]) * sum(shares) / len(shares)

        side_by_side = Threads(min(len(calls), self._runner.pool.size), name="forkframe-side-by-side")
        works = [
            side_by_side.submit(
                lambda n=n, call=call: keep(n, self._run(call, None, lambda done: overall(n, done)))
            )
            for n, call in enumerate(calls)
        ]
        try:
            return [work.result() for work in works]
        except BaseException:
            self.stop.set()
            raise
        finally:
            side_by_side.close()

    def report(self, doing: str, share: float, preview: str | None = None) -> None:
        """Tells whoever watches how far the job is."""
        self.share = share
        self.preview = preview or self.preview
        self._runner.report(Report(self.job, doing, share, preview))

    def needs(self) -> list[Job]:
        """The jobs that were asked for with `Others`, as they ended."""
        return self._runner.queue.needs(self.job.id)

    def close(self) -> None:
        """Removes the attempt's folders."""
        for folder in self._folders:
            with suppress(OSError):
                shutil.rmtree(folder)

    def _run(self, call: Call, patience: float | None, overall: Callable[[float], float]) -> Answer:
        lane = self.job.request.lane
        terms = Terms(warm=lane == "gpu", patience=patience, grace=_GRACES[lane])
        with self._runner.core_for(self):
            return self._perform_in_pool(call, terms, overall)

    def _perform_in_pool(self, call: Call, terms: Terms, overall: Callable[[float], float]) -> Answer:
        task, arguments = call
        return self._runner.pool.run(
            task,
            {**arguments, "out": str(self._fresh_folder())},
            terms=terms,
            stop=self.stop,
            on_progress=lambda share, preview: self.report(task, overall(share), preview),
            on_ask=self._answer,
        )

    def _answer(self, name: str, args: Mapping[str, object]) -> Mapping[str, object]:
        match name:
            case "note remote":
                submitting, remote = cast("bool", args["submitting"]), cast("str", args["remote"])
                self._runner.queue.note_remote(self._lease, submitting=submitting, remote=remote)
                return {}
            case "fit a picture" | "fit a video":
                return self._fitted(name.replace("fit", "fitting"), args)
            case _:
                raise RenderFailed(f"nobody answers {name!r} here", hint="this is a fault of the engine")

    def _fitted(self, task: str, arguments: Mapping[str, object]) -> Answer:
        """What a sandboxed worker makes of a file that the attempt's own worker got from elsewhere."""
        with self._runner.core_for(self, decoding=True):
            return self._runner.pool.run(
                task,
                {**arguments, "out": str(self._fresh_folder())},
                terms=Terms(sandboxed=True, patience=_DECODING_PATIENCE, grace=_GRACES["cpu"]),
                stop=self.stop,
            )

    def _fresh_folder(self) -> Path:
        folder = self._new_folder()
        self._folders.append(folder)
        return folder


class Runner:
    """Performs the jobs of one queue, as many at a time as their lanes allow.

    Args:
        queue: of record.
        pool: whose workers perform.
        kinds: who performs jobs, by kind.
        new_folder: makes a folder that results can be adopted from.
        report: told of all progress, from any thread.
        on_tick: called a few times each second.
    """

    def __init__(
        self,
        queue: Queue,
        pool: Pool,
        kinds: Mapping[str, Kind],
        *,
        new_folder: Callable[[], Path],
        report: Callable[[Report], None],
        on_tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.queue = queue
        self.pool = pool
        self.report = report
        self._kinds = kinds
        self._new_folder = new_folder
        self._on_tick = on_tick
        self._cores = threading.Semaphore(pool.size)
        self._lock = threading.Lock()
        self._running: dict[tuple[JobId, int], tuple[Lease, Attempt]] = {}
        """By job and token: one whose lease was lost may still be at it when the next begins."""
        self._stopped_early: set[JobId] = set()
        self._closing = threading.Event()
        queue.on_cancelling = self._stop
        lanes: dict[Lane, int] = {"cpu": pool.size, **_SEATS}
        self._threads = [
            threading.Thread(target=self._sit, args=(lane,), name=f"forkframe-{lane}-{n}", daemon=True)
            for lane, seats in lanes.items()
            for n in range(seats)
        ]
        self._threads += [
            threading.Thread(target=self._tell_providers, name=f"forkframe-teller-{n}", daemon=True)
            for n in range(_TELLERS)
        ]
        self._threads.append(threading.Thread(target=self._tick, name="forkframe-queue", daemon=True))
        for thread in self._threads:
            thread.start()

    def running(self) -> list[Report]:
        """How far the jobs are that run now."""
        with self._lock:
            attempts = [attempt for _, attempt in self._running.values()]
        return [Report(a.job, "", a.share, a.preview) for a in attempts]

    def close(self) -> None:
        """Ends what runs and puts it back into the queue; returns when nothing runs any more."""
        self._closing.set()
        self.queue.news.wake_all()
        self.pool.kill()  # without a word: an engine that is asked to stop would cancel what is paid for
        for thread in self._threads:
            thread.join()

    def core_for(self, attempt: Attempt, *, decoding: bool = False) -> _Core:
        """Holds a processor core for a task of the attempt, if it needs one; for `decoding`, if it has none yet."""
        needs_one = (attempt.job.request.lane in ("cpu", "owner")) != decoding
        return _Core(
            self._cores if needs_one else None, lambda: attempt.stop.is_set or self._closing.is_set()
        )

    def _sit(self, lane: Lane) -> None:
        """Takes and performs one job of a lane after the other."""
        lease: Lease | None = None
        while not self._closing.is_set():
            seen = self.queue.news.version(lane)
            if lease is None:
                lease = self._recorded(lambda: self.queue.take(lane))
            if lease is None:
                self.queue.news.wait(lane, seen, timeout=5.0)
            else:
                lease = self._perform(lease, lane)
        if lease is not None:
            held = lease
            self._recorded(lambda: self.queue.put_back(held))

    def _tell_providers(self) -> None:
        """Takes one cancelled job after the other whose provider may still be at work."""
        while not self._closing.is_set():
            seen = self.queue.news.version("remote")
            if (lease := self._recorded(self.queue.take_cancelled)) is None:
                self.queue.news.wait("remote", seen, timeout=5.0)
            else:
                self._perform(lease, lease.job.request.lane)

    def _perform(self, lease: Lease, lane: Lane) -> Lease | None:
        """Performs a job and returns the next one of the lane, if there is one."""
        attempt = Attempt(self, lease, self._new_folder)
        with self._lock:
            self._running[lease.id, lease.token] = (lease, attempt)
            was_stopped = lease.id in self._stopped_early
            self._stopped_early.discard(lease.id)
        if was_stopped and not lease.job.cancelling and self.queue.job(lease.id).cancelling:
            attempt.stop.set()  # it was meant, and not an earlier attempt of it
        try:
            return self._attempted(attempt, lease, lane)
        except LeaseLost:
            _log.info("what came of %s is not wanted any more", lease.id)
            return None
        finally:
            with self._lock:
                del self._running[lease.id, lease.token]
            attempt.close()
            self.report(Report(lease.job, "", 1.0, None))

    def _attempted(self, attempt: Attempt, lease: Lease, lane: Lane) -> Lease | None:
        kind = self._kinds.get(lease.job.request.kind)
        try:
            if kind is None:
                what = lease.job.request.kind
                raise RenderFailed(f"there is nobody here who performs {what!r}", hint="upgrade Forkframe")
            attempt.report(lease.job.request.kind, 0.0)
            came = kind.perform(attempt)
            if isinstance(came, Others):
                self._recorded(lambda: self.queue.await_others(lease, came.requests))
                return None
            return self.queue.deliver(lease, came, then=None if self._closing.is_set() else lane)
        except Cancelled:
            back = self.queue.put_back if self._closing.is_set() else self.queue.stop
            self._recorded(lambda: back(lease))
        except ForkframeError as error:
            self._failed(kind, lease, error)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not take the seat with it
            _log.exception("%s failed unexpectedly", lease.id)
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            self._failed(
                kind,
                lease,
                RenderFailed(
                    f"{lease.job.request.title} failed unexpectedly ({reason})",
                    hint="retry it; report it if it stays",
                ),
            )
        return None

    def _failed(self, kind: Kind | None, lease: Lease, error: ForkframeError) -> None:
        change = kind.failed(lease.job, error) if kind and not lease.job.cancelling else None

        def record() -> Job:
            try:
                return self.queue.fail(lease, error, change=change)
            except (OutputFailed, WorkspaceError):
                raise
            except ForkframeError:  # what it is for may be gone
                return self.queue.fail(lease, error)

        self._recorded(record)

    def _recorded(self, record: Callable[[], T]) -> T | None:
        """What `record` returns once the disk takes it; while it is full, nothing is lost and nothing goes on."""
        while True:
            try:
                return record()
            except (OutputFailed, WorkspaceBusy) as error:
                _log.warning("%s", error.message)
                if self._closing.wait(1.0):
                    return None  # it is taken back when the workspace is opened again
            except WorkspaceError:
                return None  # closed
            except LeaseLost:
                raise
            except Exception:  # noqa: BLE001 - a fault of ours must not take the seat with it
                _log.exception("the queue could not be asked or told")
                self._closing.wait(1.0)
                return None  # a job that nobody says anything of is taken back when its lease is over

    def _stop(self, key: JobId) -> None:
        with self._lock:
            attempts = [attempt for (job, _), (_, attempt) in self._running.items() if job == key]
            for attempt in attempts:
                attempt.stop.set()
            if not attempts:
                self._stopped_early.add(key)

    def _tick(self) -> None:
        beaten = 0.0
        while not self._closing.wait(_TICK):
            try:
                if time.monotonic() - beaten >= _BEAT:
                    beaten = time.monotonic()
                    self._beat()
                self.queue.tend()
                self._on_tick()
            except ForkframeError as error:
                _log.warning("%s", error.message)
            except Exception:  # noqa: BLE001 - as above
                _log.exception("looking after the queue failed")

    def _beat(self) -> None:
        with self._lock:
            shares = [(lease, attempt.share) for lease, attempt in self._running.values()]
        if not shares:
            return
        lost = {(lease.id, lease.token) for lease in self.queue.beat(shares)}
        with self._lock:
            for lease, attempt in self._running.values():
                if (lease.id, lease.token) in lost:
                    attempt.stop.set(at_once=True)  # somebody else has the job now


class _Core:
    """A processor core, held while inside; waiting for one ends when the attempt is stopped."""

    def __init__(self, cores: threading.Semaphore | None, is_over: Callable[[], bool]) -> None:
        self._cores = cores
        self._is_over = is_over

    def __enter__(self) -> None:
        while self._cores and not self._cores.acquire(timeout=0.1):
            if self._is_over():
                raise Cancelled

    def __exit__(self, *_: object) -> None:
        if self._cores:
            self._cores.release()
