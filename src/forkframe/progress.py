"""Progress while somebody waits: bars on a terminal, a table with previews in a notebook, nothing elsewhere."""

from __future__ import annotations

import base64
import html
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from forkframe.studio import Progress, Studio

if TYPE_CHECKING:
    from rich.progress import TaskID

K = TypeVar("K")
_SHOWN_AT_ONCE = 8
_NOTEBOOK_SECONDS = 0.2  # between two changes of a notebook's cell
_COUNT_SECONDS = 0.5  # between two counts of what is left

_showing = threading.Lock()


class _Display(Protocol):
    def show(self, progress: Progress) -> None:
        """Shows one piece of progress; a share of 1 takes it away."""
        ...

    def count(self, ended: int, asked: int) -> None:
        """Shows how many of the jobs that were asked for have ended."""
        ...

    def close(self) -> None:
        """Leaves no trace."""
        ...


@contextmanager
def shown(studio: Studio) -> Generator[None]:
    """Shows, inside, what the studio is at, where somebody sees it: standard error on a terminal, or a notebook's cell.

    Inside another one it does nothing.
    """
    make = _Cell if _in_notebook() else _Bars if sys.stderr.isatty() else None
    if make is None or not _showing.acquire(blocking=False):
        yield
        return
    display = make()
    listener = _listener(studio, display)
    try:
        studio.watch(listener)
        yield
    finally:
        studio.unwatch(listener)
        display.close()
        _showing.release()


def _listener(studio: Studio, display: _Display) -> Callable[[Progress], None]:
    lock = threading.Lock()
    count_at = 0.0

    def show(progress: Progress) -> None:
        nonlocal count_at
        with lock:
            display.show(progress)
            start = time.monotonic()
            if start > count_at:
                display.count(*studio.jobs.asked())
                end = time.monotonic()
                count_at = end + max(_COUNT_SECONDS, 20 * (end - start))  # counting many takes a while

    return show


def _key(progress: Progress) -> tuple[str, str]:
    return (progress.job, "") if progress.job else (progress.subject, progress.doing)


class _Bars:
    """Bars on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._rich = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._rich.start()
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._all: TaskID | None = None

    def show(self, progress: Progress) -> None:
        key = _key(progress)
        if progress.share >= 1:
            if key in self._tasks:
                self._rich.remove_task(self._tasks.pop(key))
            return
        if key not in self._tasks:
            self._tasks[key] = self._rich.add_task("", total=1.0)
        description = f"{progress.doing} {progress.subject}"
        self._rich.update(self._tasks[key], completed=progress.share, description=description[:60])

    def count(self, ended: int, asked: int) -> None:
        if asked > _SHOWN_AT_ONCE / 2:
            if self._all is None:
                self._all = self._rich.add_task("", total=asked)
            self._rich.update(self._all, completed=ended, total=asked, description=f"{ended} of {asked} jobs")

    def close(self) -> None:
        self._rich.stop()


class _Cell:
    """A table in the output of a notebook's cell."""

    def __init__(self) -> None:
        from IPython.display import display  # pyright: ignore[reportMissingImports]

        handle = display(_html(""), display_id=True)
        assert handle is not None
        self._handle = handle
        self._running: dict[tuple[str, str], Progress] = {}
        self._count = ""
        self._drawn = 0.0

    def show(self, progress: Progress) -> None:
        if progress.share >= 1:
            self._running.pop(_key(progress), None)
        else:
            self._running[_key(progress)] = progress
        self._draw()

    def count(self, ended: int, asked: int) -> None:
        self._count = f"<p>{ended} of {asked} jobs</p>" if asked > 1 else ""
        self._draw()

    def close(self) -> None:
        self._handle.update(_html(""))

    def _draw(self) -> None:
        if time.monotonic() - self._drawn < _NOTEBOOK_SECONDS:
            return
        self._drawn = time.monotonic()
        rows = [_row(progress) for progress in list(self._running.values())[:_SHOWN_AT_ONCE]]
        self._handle.update(_html(f"<table>{''.join(rows)}</table>{self._count}"))


def _row(progress: Progress) -> str:
    picture = ""
    if progress.preview:
        try:
            png = base64.b64encode(Path(progress.preview).read_bytes()).decode()
            picture = f'<img alt="" height="36" src="data:image/png;base64,{png}">'
        except OSError:  # it is done this moment
            pass
    cells = (
        picture,
        html.escape(progress.doing),
        html.escape(progress.subject),
        f'<progress max="1" value="{progress.share:.3f}"></progress>',
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _html(text: str) -> object:
    from IPython.display import HTML  # pyright: ignore[reportMissingImports]

    return HTML(text)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")
