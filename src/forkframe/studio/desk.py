"""What all parts of the facade share: the open store, the queue, the workers, and who is told of progress."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from forkframe.errors import Cancelled
from forkframe.jobs import wire
from forkframe.jobs.control import Control
from forkframe.jobs.job import Job
from forkframe.jobs.pool import ANYHOW, Answer, Pool, Terms, Work
from forkframe.jobs.queue import Queue
from forkframe.model.changes import ENGINE, Change, Envelope
from forkframe.model.graph import Graph
from forkframe.model.ids import PixelHash, new_op_id
from forkframe.store import Committed, Store

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is.

    Attributes:
        subject: the title of its job, or the id or name of what it is for.
        doing: what is done just now.
        share: 0–1; 1 when it has ended, in whatever way.
        job: the id of its job, or empty for work that no queue needs to remember.
        preview: the path of a picture of what is being made, where the engine gives one; it may vanish at any time.
    """

    subject: str
    doing: str
    share: float
    job: str = ""
    preview: str | None = None


Listener = Callable[[Progress], None]


@dataclass(slots=True)
class Desk:
    """An open workspace with its queue and its workers."""

    store: Store
    pool: Pool
    queue: Queue
    control: Control
    actor: str
    listeners: list[Listener] = field(default_factory=list[Listener])

    @property
    def graph(self) -> Graph:
        """The graph as of the last change."""
        return self.store.graph

    def envelope(self, change: Change, *, by_engine: bool = False) -> Envelope:
        """A change by this desk's actor, or one that is the result of a job."""
        return Envelope(new_op_id(), ENGINE if by_engine else self.actor, self.store.seq, change)

    def commit(self, change: Change, *, by_engine: bool = False) -> Committed:
        """Applies a change by this desk's actor, or one that is the result of a job."""
        return self.store.commit(self.envelope(change, by_engine=by_engine))

    def tell(self, progress: Progress) -> None:
        """Tells all listeners."""
        for listener in list(self.listeners):
            try:
                listener(progress)
            except Exception:  # noqa: BLE001 - somebody else's code
                _log.exception("a listener failed at %s", progress)  # the work it watches goes on

    def done(self, job: Job, timeout: float | None = None) -> Job:
        """The job once it is done.

        Raises:
            TimeoutError: it is not after `timeout` seconds.
            Cancelled: it was cancelled.
            ForkframeError: it failed.
        """
        ended = self.queue.wait(job.id, timeout)
        check_done([ended])
        return ended

    def done_or_cancelled(self, job: Job) -> Job:
        """As `done`; somebody who stops waiting for it, as with Ctrl-C, has changed their mind about the job too."""
        try:
            return self.done(job)
        except BaseException:
            self.control.cancel([job.id])  # nothing, if it has ended
            raise

    def start(
        self,
        task: str,
        subject: str,
        arguments: Mapping[str, object],
        finish: Callable[[Callable[[], Answer]], T],
        *,
        terms: Terms = ANYHOW,
    ) -> Work[T]:
        """Starts a task in a worker for somebody who waits, past the queue, with a fresh folder as its `out`.

        The folder is deleted when `finish` has returned.
        """
        out = self.store.blobs.scratch()

        def finish_and_sweep(answer: Callable[[], Answer]) -> T:
            try:
                self.tell(Progress(subject, task, 0.0))
                return finish(answer)
            finally:
                self.tell(Progress(subject, task, 1.0))
                with suppress(OSError):
                    shutil.rmtree(out)

        return self.pool.submit(
            task,
            {**arguments, "out": str(out)},
            finish_and_sweep,
            terms=terms,
            on_progress=lambda share, _: self.tell(Progress(subject, task, share)),
        )

    def images(self, *hashes: PixelHash) -> dict[str, str]:
        """Where the framed pixels with these hashes lie."""
        return {pixels: str(self.store.blobs.pixels(pixels)) for pixels in hashes}

    def keep_pixels(self, written: Mapping[str, str]) -> PixelHash:
        """Keeps pixels that a worker wrote (`path`, `pixels`) and gives their hash."""
        pixels = PixelHash(written["pixels"])
        self.store.blobs.keep_pixels(Path(written["path"]), pixels)
        return pixels


def check_done(jobs: Sequence[Job]) -> None:
    """Returns if none of the jobs failed or was cancelled.

    Raises:
        Cancelled, ForkframeError: what the first of them ended with.
    """
    for job in jobs:
        if job.state == "failed":
            assert job.failure is not None
            raise wire.error_of(job.failure)
        if job.state == "cancelled":
            raise Cancelled
