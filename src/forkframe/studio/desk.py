"""What all parts of the facade share: the open store, the workers, and who is told of progress."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from forkframe.jobs.pool import Answer, Pool, Work
from forkframe.model.changes import ENGINE, Change, Envelope
from forkframe.model.graph import Graph
from forkframe.model.ids import PixelHash, new_op_id
from forkframe.store import Committed, Store

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is: `subject` is the id or name of what it is for, `doing` what is done, `share` 0–1."""

    subject: str
    doing: str
    share: float


Listener = Callable[[Progress], None]


@dataclass(slots=True)
class Desk:
    """An open workspace with its workers."""

    store: Store
    pool: Pool
    actor: str
    listeners: list[Listener] = field(default_factory=list[Listener])

    @property
    def graph(self) -> Graph:
        """The graph as of the last change."""
        return self.store.graph

    def commit(self, change: Change, *, by_engine: bool = False) -> Committed:
        """Applies a change by this desk's actor, or one that is the result of a job."""
        actor = ENGINE if by_engine else self.actor
        return self.store.commit(Envelope(new_op_id(), actor, self.store.seq, change))

    def tell(self, progress: Progress) -> None:
        """Tells all listeners."""
        for listener in self.listeners:
            try:
                listener(progress)
            except Exception:  # noqa: BLE001 - somebody else's code
                _log.exception("a listener failed at %s", progress)  # the work it watches goes on

    def start(
        self,
        task: str,
        subject: str,
        arguments: Mapping[str, object],
        finish: Callable[[Callable[[], Answer]], T],
        *,
        sandboxed: bool = False,
        limit: float | None = None,
    ) -> Work[T]:
        """Starts a task in a worker with a fresh folder as its `out`, which is deleted when `finish` has returned."""
        out = self.store.blobs.scratch()

        def finish_and_sweep(answer: Callable[[], Answer]) -> T:
            try:
                self.tell(Progress(subject, task, 0.0))
                result = finish(answer)
                self.tell(Progress(subject, task, 1.0))
                return result
            finally:
                with suppress(OSError):
                    shutil.rmtree(out)

        return self.pool.submit(
            task,
            {**arguments, "out": str(out)},
            finish_and_sweep,
            sandboxed=sandboxed,
            limit=limit,
            on_progress=lambda share: self.tell(Progress(subject, task, share)),
        )

    def images(self, *hashes: PixelHash) -> dict[str, str]:
        """Where the framed pixels with these hashes lie."""
        return {pixels: str(self.store.blobs.pixels(pixels)) for pixels in hashes}

    def keep_pixels(self, written: Mapping[str, str]) -> PixelHash:
        """Keeps pixels that a worker wrote (`path`, `pixels`) and gives their hash."""
        pixels = PixelHash(written["pixels"])
        self.store.blobs.keep_pixels(Path(written["path"]).read_bytes(), pixels)
        return pixels
