"""How the command line speaks: results on standard output, progress and one clear line on what failed on standard error."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated

import typer

from forkframe.errors import Cancelled, ForkframeError

if TYPE_CHECKING:  # the facade brings numpy and a database: `forkframe --help` does without
    from forkframe.studio import Progress, Studio

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FAILED, STOPPED = 1, 130


def fail(error: ForkframeError, *, as_json: bool) -> None:
    """Says what went wrong, in one line and a hint."""
    if as_json:
        print(json.dumps({"error": error.message, "hint": error.hint}), file=sys.stderr)
        return
    print(f"forkframe: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  → {error.hint}", file=sys.stderr)


@contextmanager
def spoken(*, as_json: bool) -> Generator[None]:
    """Turns what fails inside into one clear line and exit code 1, and Ctrl-C into 130."""
    try:
        yield
    except ForkframeError as error:
        fail(error, as_json=as_json)
        raise typer.Exit(FAILED) from None
    except (KeyboardInterrupt, Cancelled):
        print("forkframe: stopped; what was finished before is kept", file=sys.stderr)
        raise typer.Exit(STOPPED) from None
    except BrokenPipeError:
        raise typer.Exit(FAILED) from None
    except typer.Exit:
        raise
    except Exception as error:  # the last resort: a fault of ours
        if os.environ.get("FORKFRAME_DEBUG"):
            raise
        unexpected = f"something went wrong that should not: {type(error).__name__}: {error}".splitlines()[0]
        fail(
            ForkframeError(unexpected, hint="please report it, with what FORKFRAME_DEBUG=1 shows"),
            as_json=as_json,
        )
        raise typer.Exit(FAILED) from None


@contextmanager
def studio_on(workspace: Path, *, as_json: bool) -> Generator[Studio]:
    """An open studio with progress bars on a terminal; closed at the end, at once if something went wrong."""
    with spoken(as_json=as_json):
        from forkframe.studio import Studio

        studio = Studio.open(workspace, on_wait=lambda line: print(f"forkframe: {line}", file=sys.stderr))
        try:
            with Bars() as bars:
                studio.watch(bars)
                yield studio
        except BaseException:
            studio.close(finish=False)
            raise
        studio.close()


class Bars:
    """Progress bars on standard error while there is work, where that is a terminal."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._show: Callable[[Progress], None] | None = None

    def __enter__(self) -> Bars:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as RichProgress

            self._rich = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._rich.start()
            tasks: dict[tuple[str, str], TaskID] = {}

            def show(progress: Progress) -> None:
                key = (progress.subject, progress.doing)
                if key not in tasks:
                    tasks[key] = self._rich.add_task(f"{progress.doing} {progress.subject}", total=1.0)
                self._rich.update(tasks[key], completed=progress.share)
                if progress.share >= 1:
                    self._rich.remove_task(tasks.pop(key))

            self._show = show
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._show:
            self._show = None
            self._rich.stop()

    def __call__(self, progress: Progress) -> None:
        """Shows one piece of progress; called from any thread."""
        with self._lock:
            if self._show:
                self._show(progress)


def print_json(value: object) -> None:
    """One JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; nothing for no rows."""
    if not rows:
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE, title_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False).print(table)
