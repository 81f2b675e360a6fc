"""`forkframe jobs`: the queue of a workspace, listed, watched, and changed, also while another program runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from forkframe.cli.app import Workspace, app
from forkframe.cli.output import Json, print_json, print_table, spoken, studio_on
from forkframe.errors import BadInput, WorkspaceBusy

if TYPE_CHECKING:
    from rich.table import Table

    from forkframe.studio import JobView, QueueView

_LISTED = 20
"""How many jobs of each state are listed, unless all are asked for."""
_LOOK_SECONDS = 0.3  # between two looks of `watch`


class Action(StrEnum):
    """What can be done with a queue."""

    list = "list"
    watch = "watch"
    run = "run"
    why = "why"
    cancel = "cancel"
    retry = "retry"
    pause = "pause"
    resume = "resume"
    first = "first"
    costs = "costs"
    budget = "budget"


@app.command()
def jobs(
    ws: Workspace,
    action: Annotated[
        Action,
        typer.Argument(
            help="list; watch it live; run what is queued; why JOB; cancel JOB|all; retry [JOB]; "
            "pause [JOB]; resume [JOB]; first JOB; costs; budget DOLLARS."
        ),
    ] = Action.list,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[JOB]...", help="Ids, or the edge, node or sequence they are for."),
    ] = None,
    per_request: Annotated[
        float | None, typer.Option(metavar="DOLLARS", help="With budget: the most one request may cost.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List every job.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is queued, running, done and failed; cancel, retry, reorder, and set what may be spent."""
    named = names or []
    match action:
        case Action.list:
            _list(ws, limit=1_000_000 if everything else _LISTED, as_json=as_json)
        case Action.watch:
            with spoken(as_json=as_json):
                _watch(lambda: _queue(ws, _LISTED))
        case Action.run:
            _run(ws, as_json=as_json)
        case Action.why:
            _why(ws, named, as_json=as_json)
        case Action.costs:
            _costs(ws, as_json=as_json)
        case _:
            if action is Action.budget:
                named += [] if per_request is None else [str(per_request)]
            _change(ws, action, named, as_json=as_json)


def _list(ws: Path, *, limit: int, as_json: bool) -> None:
    with spoken(as_json=as_json):
        from forkframe.studio import as_json as fields

        queue = _queue(ws, limit)
        if as_json:
            print_json(fields(queue))
            return
        print(_headline(queue))
        print_table("", _COLUMNS, [_cells(job) for job in queue.jobs])
        hidden = sum(queue.counts.values()) - len(queue.jobs)
        if hidden > 0:
            print(f"and {hidden} more: --all")


def _run(ws: Path, *, as_json: bool) -> None:
    """Runs everything that is queued."""
    with studio_on(ws, as_json=as_json, resume=True) as studio:
        studio.jobs.adopt()
        if as_json:
            studio.jobs.wait_for_all()
        else:
            _watch(lambda: studio.jobs.overview(limit=_LISTED))
        left = studio.jobs.overview(limit=_LISTED)
        if as_json:
            from forkframe.studio import as_json as fields

            print_json(fields(left))


def _why(ws: Path, names: Sequence[str], *, as_json: bool) -> None:
    with spoken(as_json=as_json):
        from forkframe.studio import as_json as fields
        from forkframe.studio import show_jobs

        if not names:
            raise BadInput("why what?", hint="name a job: forkframe jobs WS why JOB")
        found = [show_jobs(ws, name)[0] for name in names]
        if as_json:
            print_json([fields(job) for job in found])
            return
        for job in found:
            engine = f" by {job.engine}" if job.engine else ""
            print(f"{job.id}  {job.title}: {job.kind}{engine}, {job.state}")
            for line in job.story:
                print(" ", line)
            if job.failure:
                print(f"  why: {job.failure}")
                print(f"  → {job.hint or 'retry it'}")
            if job.state in ("failed", "cancelled"):
                print(f"  to try it again, unchanged: forkframe jobs {ws} retry {job.id}")


def _costs(ws: Path, *, as_json: bool) -> None:
    with spoken(as_json=as_json):
        from forkframe.studio import as_json as fields
        from forkframe.studio import show_books, show_workspace

        budget, lines = show_books(ws)
        if as_json:
            print_json({"budget": fields(budget), "lines": [fields(line) for line in lines]})
            return
        sequences = {s.id: s.name for s in show_workspace(ws).sequences}
        rows = [
            (
                line.engine,
                sequences.get(line.sequence, line.sequence),
                str(line.jobs),
                f"{line.seconds:.1f} s",
                f"${line.reserved:.2f}",
                f"${line.spent:.2f}",
            )
            for line in lines
        ]
        print_table("", ("engine", "sequence", "jobs", "worked", "reserved", "spent"), rows)
        cap = "" if budget.per_request is None else f", at most ${budget.per_request:.2f} for one request"
        print(f"spent ${budget.spent:.2f} and reserved ${budget.reserved:.2f} of ${budget.total:.2f}{cap}")


def _change(ws: Path, action: Action, names: Sequence[str], *, as_json: bool) -> None:
    with spoken(as_json=as_json):
        from forkframe.studio import Studio, act, ask_owner

        try:
            studio = Studio.open(ws, wait=0.0, resume=False)
        except WorkspaceBusy:
            done = ask_owner(ws, action.value, names)
        else:
            try:
                done = act(studio.jobs, action.value, names)
            finally:
                studio.close(finish=False)
        if as_json:
            print_json(done)
            return
        _say_done(action, done)


def _say_done(action: Action, done: Mapping[str, object]) -> None:
    changed = cast("list[Mapping[str, str]]", done["jobs"])
    for job in changed:
        print(job["id"], job["state"], job["title"])
    if action in (Action.cancel, Action.retry) and not changed:
        print(f"there is nothing to {action.value}")
    if action is Action.budget:
        budget = cast("Mapping[str, float | None]", done["budget"])
        cap = budget["per_request"]
        print(
            f"${budget['total']:.2f} may be spent"
            + (f", ${cap:.2f} for one request" if cap is not None else "")
        )


def _queue(ws: Path, limit: int) -> QueueView:
    from forkframe.studio import show_queue

    return show_queue(ws, limit=limit)


def _watch(look: Callable[[], QueueView]) -> None:
    """Shows a queue live until nothing is left to do."""
    from rich.console import Console
    from rich.live import Live

    console = Console()
    queue = look()
    if not console.is_terminal:  # one line for each job that ends, for logs
        _log_until_done(look, queue)
        return
    with Live(_live_table(queue), console=console, refresh_per_second=8) as live:
        while _is_at_work(queue):
            time.sleep(_LOOK_SECONDS)
            queue = look()
            live.update(_live_table(queue))


def _log_until_done(look: Callable[[], QueueView], queue: QueueView) -> None:
    said = {job.id for job in queue.jobs if job.state in ("done", "failed", "cancelled")}
    print(_headline(queue))
    while True:
        for job in reversed(queue.jobs):
            if job.state in ("done", "failed", "cancelled") and job.id not in said:
                said.add(job.id)
                print(job.id, job.state, job.title, job.failure, sep="  ", flush=True)
        if not _is_at_work(queue):
            print(_headline(queue))
            return
        time.sleep(_LOOK_SECONDS)
        queue = look()


def _is_at_work(queue: QueueView) -> bool:
    counts = queue.counts
    waiting = counts.get("queued", 0) + counts.get("waiting", 0)
    return bool(counts.get("running") or counts.get("cancelling") or (waiting and not queue.paused))


_COLUMNS = ("id", "what", "engine", "state", "", "took", "why")


def _cells(job: JobView) -> tuple[str, ...]:
    share = f"{job.share:.0%}" if job.state in ("running", "cancelling") else ""
    took = f"{job.took:.1f} s" if job.took else ""
    tries = f" (attempt {job.attempts + 1})" if job.attempts and job.state not in ("failed", "done") else ""
    return (job.id, job.title, job.engine, job.state + tries, share, took, job.failure)


def _headline(queue: QueueView) -> str:
    order = ("running", "cancelling", "queued", "waiting", "paused", "failed", "cancelled", "done")
    counts = [f"{queue.counts[state]} {state}" for state in order if queue.counts.get(state)]
    paused = "the queue is paused; " if queue.paused else ""
    return paused + (", ".join(counts) or "no jobs yet")


def _live_table(queue: QueueView) -> Table:
    from rich.box import SIMPLE
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    table = Table(title=_headline(queue), title_justify="left", box=SIMPLE, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(column, overflow="ellipsis", no_wrap=column != "why")
    for job in queue.jobs[:_LISTED]:
        cells: list[object] = list(_cells(job))
        if job.state == "running":
            cells[4] = ProgressBar(total=1.0, completed=job.share, width=12)
        table.add_row(*cast("list[str]", cells))
    return table
