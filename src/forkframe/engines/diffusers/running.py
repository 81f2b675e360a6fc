"""Running a pipeline so that it can be watched and stopped: step by step, in a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, TypeVar

from forkframe.engines.diffusers.calling import preview_of
from forkframe.engines.diffusers.libraries import torch
from forkframe.engines.protocol import Context, Pixels, Progress
from forkframe.errors import Cancelled

T = TypeVar("T")

FETCHED, LOADED, STEPPED = 0.4, 0.5, 0.95
"""The share of a run at which its stages end, where it has all: weights are fetched, the pipeline is ready, the frames are made."""
_PREVIEW_SECONDS = 1.0
"""Between two previews: each takes a little of the card's time."""
_SIGNS = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")
"""How libraries below PyTorch say that memory ran out."""


class Watch:
    """How far a run is, and whether anybody still wants it. The run's own thread asks and tells.

    Shares only rise, also where a stage begins anew with a cheaper preset.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._reports: SimpleQueue[Progress | None] = SimpleQueue()
        self._left = Event()
        self._most = 0.0
        self._previewed = time.monotonic()

    def check(self) -> None:
        """Returns if the run is still wanted.

        Raises:
            Cancelled: it is not.
        """
        if self._left.is_set() or self._context.cancelled:
            raise Cancelled

    def stage(self, start: float, end: float) -> Callable[[float], None]:
        """A function that reports the share of one stage, which takes the run from `start` to `end`."""

        def report(share: float) -> None:
            self.check()
            self._tell(start + (end - start) * share)

        return report

    def on_step(self, start: float, end: float, tiny: Any = None) -> Callable[..., dict[str, Any]]:
        """The callback at the end of each step: reports, shows a preview where `tiny` decodes one, and stops."""
        report = self.stage(start, end)

        def stepped(pipeline: Any, step: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            report((step + 1) / max(pipeline.num_timesteps, 1))
            if tiny is not None and time.monotonic() - self._previewed > _PREVIEW_SECONDS:
                self._tell(self._most, preview_of(tiny, tensors["latents"]))
                self._previewed = time.monotonic()
            return tensors

        return stepped

    def run(self, work: Callable[[], T]) -> Generator[Progress, None, T]:
        """Does the work in a thread and yields what it reports. Whoever leaves at a yield stops it at its next step."""
        outcome: list[T] = []
        failure: list[BaseException] = []

        def perform() -> None:
            try:
                self.check()
                outcome.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
                failure.append(error)
            self._reports.put(None)

        thread = Thread(target=perform, name="forkframe-diffusers", daemon=True)
        thread.start()
        try:
            while (report := self._reports.get()) is not None:
                yield report
        finally:
            self._left.set()
            thread.join()  # the card is busy until then: nobody else may begin
        if failure:
            raise failure[0]
        return outcome[0]

    def _tell(self, share: float, preview: Pixels | None = None) -> None:
        self._most = max(self._most, min(share, 1.0))
        self._reports.put(Progress(self._most, preview))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the card's or the main memory is full."""
    if isinstance(error, MemoryError | torch().OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)
