"""What a worker can be asked to do. Each task takes JSON and a `Scope`, leaves files where it is told to, and answers in JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from forkframe.media.sandbox import Sandbox

Arguments = Mapping[str, object]
Answer = dict[str, object]


class Scope(Protocol):
    """How a task reports, and learns that nobody waits for it any more."""

    @property
    def cancelled(self) -> bool:
        """Whether the task should stop."""
        ...

    @property
    def walls(self) -> Sandbox | None:
        """What the worker gave up before it began; None if it is not sandboxed."""
        ...

    def progress(self, share: float, *, preview: Path | None = None) -> None:
        """Reports 0–1, and a preview picture where there is a new one.

        Raises:
            Cancelled: the task should stop.
        """
        ...

    def ask(self, name: str, **args: object) -> Mapping[str, object]:
        """What the owner answers; it has acted on it then.

        Raises:
            ForkframeError: what the owner objects.
        """
        ...


Task = Callable[[Arguments, Scope], Answer]

_TASKS = {
    "looking around": "forkframe.jobs.intake:look_around",
    "reading a picture": "forkframe.jobs.intake:take_in",
    "rendering": "forkframe.jobs.render:render",
    "withdrawing": "forkframe.jobs.render:withdraw",
    "fitting a picture": "forkframe.jobs.arriving:fit_a_picture",
    "fitting a video": "forkframe.jobs.arriving:fit_a_video",
    "warming up": "forkframe.jobs.previewing:warm",
    "previewing": "forkframe.jobs.previewing:preview",
    "encoding": "forkframe.jobs.film:encode",
    "drawing": "forkframe.jobs.film:draw",
    "reversing": "forkframe.jobs.film:reverse",
    "retiming": "forkframe.jobs.film:retime",
    "exporting": "forkframe.jobs.film:export",
    "describing": "forkframe.jobs.describing:describe",
}
"""Where each task lives, imported when it is first asked for; the names are what people read in messages."""


def task(name: str) -> Task:
    """The task of that name."""
    module, function = _TASKS[name].split(":")
    return cast("Task", getattr(import_module(module), function))
