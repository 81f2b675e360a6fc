"""How the command line speaks: results on standard output, progress and one clear line on what failed on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forkframe.errors import Cancelled, ForkframeError

if TYPE_CHECKING:  # the facade brings numpy and a database: `forkframe --help` does without
    from forkframe.studio import JobView, Studio

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
def studio_on(workspace: Path, *, as_json: bool, resume: bool = False) -> Generator[Studio]:
    """An open studio with progress bars on a terminal; closed at the end, at once if something went wrong.

    Jobs that were queued there before are left alone, unless they are to `resume`.
    """
    with spoken(as_json=as_json):
        from forkframe.progress import shown
        from forkframe.studio.remote import open_studio

        studio = open_studio(
            workspace, on_wait=lambda line: print(f"forkframe: {line}", file=sys.stderr), resume=resume
        )
        studio.jobs.watch(_PriceTag())
        try:
            with shown(studio):
                yield studio
        except BaseException:
            studio.close(finish=False)
            raise
        studio.close()


class _PriceTag:
    """Says what a job will cost when it is asked for, unless that was said before: as part of another one, or to finish."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, job: JobView) -> None:
        if job.dollars and not job.parent and job.kind != "finish" and job.id not in self._said:
            self._said.add(job.id)
            print(f"forkframe: {job.title} by {job.engine} costs about ${job.dollars:.2f}", file=sys.stderr)


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
