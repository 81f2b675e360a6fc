"""The queue as the facade shows it: what is asked for, how far it is, what it costs, and changing one's mind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from forkframe.errors import BadInput, NotFound
from forkframe.jobs import errands
from forkframe.jobs.control import checked
from forkframe.jobs.errands import Errand
from forkframe.jobs.job import OPEN, Job, State
from forkframe.jobs.money import Booked, Budget, Ledger
from forkframe.jobs.records import Overview, read_jobs, read_overview
from forkframe.jobs.runner import Report
from forkframe.model.graph import Graph
from forkframe.model.ids import JobId
from forkframe.model.names import find_any
from forkframe.store import read_graph
from forkframe.store.reading import read_only
from forkframe.studio.desk import Desk, Progress


@dataclass(frozen=True, slots=True)
class JobView:
    """A job.

    Attributes:
        state: `queued`, `waiting` (for other jobs, or to be tried again), `paused`, `running`, `cancelling` (it is to stop, or
            its provider to be told), `done`, `failed`, `cancelled`.
        subject: the id of the edge, node or sequence that it is for.
        doing, preview: while it runs, its present task and the path of a picture of what is being made.
        share: how far it is, 0–1.
        seconds, dollars: what it was estimated to take.
        remote: its id at a provider.
        parent: the job that it was asked for.
        failure, hint: why it failed, or failed last, and what to try.
        story: what happened to it, one line each, with the time.
        result: what it brought.
    """

    id: str
    kind: str
    title: str
    subject: str
    engine: str
    state: str
    share: float
    doing: str
    preview: str | None
    attempts: int
    seconds: float
    dollars: float
    failure: str
    hint: str
    remote: str
    parent: str
    created: str
    took: float
    story: tuple[str, ...]
    result: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue: how many jobs are in each state, whether it is paused, and the jobs in the order of interest."""

    counts: Mapping[State, int]
    paused: bool
    jobs: tuple[JobView, ...]

    @property
    def open(self) -> int:
        """How many jobs have not ended."""
        return sum(self.counts.get(state, 0) for state in OPEN)


class Jobs:
    """The queue of an open workspace. A name is a job's id, its unique start, or the id or title of what it is for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._live: dict[JobId, Report] = {}
        self._lock = threading.Lock()

    def overview(self, *, limit: int = 1000) -> QueueView:
        """The queue at a glance; at most `limit` jobs of each state."""
        return self._viewed(self._desk.control.overview(limit=limit))

    def named(self, name: str) -> list[JobView]:
        """The jobs that go by a name, open ones and the latest first.

        Raises:
            BadInput: there is none.
        """
        return [self._view(job) for job in self._named(name)]

    def wait(self, name: str, *, timeout: float | None = None) -> JobView:
        """The job once it is done; raises what it failed with.

        Raises:
            TimeoutError: it is not done after `timeout` seconds.
        """
        return self._view(self._desk.done(self._named(name)[0], timeout))

    def wait_for_all(self, *, timeout: float | None = None) -> None:
        """Returns when every job that was asked for here has ended or is paused.

        Raises:
            TimeoutError: some have not after `timeout` seconds.
        """
        self._desk.queue.wait_for_session(timeout)

    def asked(self) -> tuple[int, int]:
        """How many of the jobs that were asked for here have ended, and how many there are."""
        counts = self._desk.queue.session_counts()
        return sum(n for state, n in counts.items() if state not in OPEN), sum(counts.values())

    def adopt(self) -> None:
        """Makes everything that is open count as asked for here, so that closing waits for it."""
        self._desk.queue.adopt()

    def cancel(self, *names: str) -> list[JobView]:
        """Cancels jobs, with those that were only needed for them; running ones stop at their next step."""
        return self.views(self._desk.control.cancel(self._open_ids(names)))

    def cancel_all(self) -> list[JobView]:
        """Cancels everything that has not ended."""
        return self.views(self._desk.control.cancel_all())

    def retry(self, *names: str) -> list[JobView]:
        """Asks for failed or cancelled jobs again, unchanged; without names, for every failed one."""
        control = self._desk.control
        if not names:
            return self.views(control.retry_failed())
        found = [control.named(name)[0] for name in names]
        for job in found:
            if job.state not in ("failed", "cancelled"):
                raise BadInput(
                    f"{job.request.title} is {job.state}", hint="only what failed or was cancelled"
                )
        return self.views(control.retry([job.id for job in found]))

    def pause(self, *names: str) -> None:
        """Holds back jobs that have not begun; without names, everything. What runs goes on."""
        self._desk.control.pause(self._open_ids(names) if names else None)

    def resume(self, *names: str) -> None:
        """Takes back `pause`."""
        self._desk.control.resume(self._open_ids(names) if names else None)

    def first(self, *names: str) -> None:
        """Has jobs run before all others, in the order given."""
        self._desk.control.move_first(self._open_ids(names))

    def before(self, name: str, other: str) -> None:
        """Has a job run right before another one."""
        (key,), (place,) = self._open_ids([name])[:1], self._open_ids([other])[:1]
        self._desk.control.move_before(key, place)

    def look_at(self, *subjects: str) -> None:
        """Has what is on screen (ids of edges, nodes, sequences) run first. The last call counts."""
        self._desk.control.look_at(subjects)

    def preview(self, name: str) -> bytes | None:
        """A small PNG of what a running job is making, where its engine gives one."""
        live = self._live.get(self._named(name)[0].id)
        try:
            return Path(live.preview).read_bytes() if live and live.preview else None
        except OSError:  # the job ended this moment
            return None

    def budget(self) -> Budget:
        """What may be spent, and what is."""
        return self._desk.control.budget()

    def set_budget(self, total: float, *, per_request: float | None = None) -> Budget:
        """Sets how many US dollars all jobs together may cost, and one request."""
        return self._desk.control.set_budget(total, per_request=per_request)

    def ledger(self) -> list[Booked]:
        """What was taken and spent, by engine and sequence."""
        queue = self._desk.queue
        return queue.transact("read the books", lambda turn: queue.ledger.lines(turn.connection))

    def watch(self, listener: Callable[[JobView], None]) -> None:
        """Calls `listener` with every job that changes its state, from any thread."""
        self._desk.queue.watch(lambda job: listener(self._view(job)))

    # What the runner calls

    def report(self, report: Report) -> None:
        """Passes on how far a job is."""
        with self._lock:
            if report.doing:
                self._live[report.job.id] = report
            else:
                self._live.pop(report.job.id, None)
        title = report.job.request.title
        self._desk.tell(Progress(title, report.doing, report.share, report.job.id, report.preview))

    def run_errands(self) -> None:
        """Does what other processes ask of this one."""
        errands.run(self._desk.store.path, self._errand)

    def _named(self, name: str) -> list[Job]:
        try:
            return self._desk.control.named(name)
        except BadInput:
            key = self._desk.store.read(lambda graph: _id_of(graph, name))
            if key == name:
                raise
            return self._desk.control.named(key)

    def _errand(self, errand: Errand) -> Mapping[str, object]:
        return act(self, errand["action"], errand["names"])

    def _open_ids(self, names: Sequence[str]) -> list[JobId]:
        """The job of each name, or all open ones where it names a thing with several."""
        out: list[JobId] = []
        for name in names:
            found = self._named(name)
            out += [job.id for job in found if job.is_open] or [found[0].id]
        return out

    def views(self, jobs: Sequence[Job]) -> list[JobView]:
        """Jobs as the facade shows them."""
        return [self._view(job) for job in jobs]

    def _view(self, job: Job) -> JobView:
        return job_view(job, self._live.get(job.id))

    def _viewed(self, overview: Overview) -> QueueView:
        return QueueView({**overview.counts}, overview.paused, tuple(self.views(overview.jobs)))


ACTIONS = ("cancel", "retry", "pause", "resume", "first", "budget")
"""What can be done to the queue of a workspace that another process has open."""


def act(jobs: Jobs, action: str, names: Sequence[str]) -> Mapping[str, object]:
    """Does one of `ACTIONS` and says what it did: the `jobs` it changed, or the `budget`.

    Raises:
        BadInput: it can't be done to these.
    """
    changed: Sequence[JobView] = ()
    match action:
        case "cancel" if names == ["all"]:
            changed = jobs.cancel_all()
        case "cancel" if names:
            changed = jobs.cancel(*names)
        case "retry":
            changed = jobs.retry(*(name for name in names if name != "all"))
        case "pause":
            jobs.pause(*names)
        case "resume":
            jobs.resume(*names)
        case "first" if names:
            jobs.first(*names)
        case "budget" if len(names) in (1, 2):
            total, *cap = [_amount(name) for name in names]
            jobs.set_budget(total, per_request=cap[0] if cap else None)
        case "cancel" | "first":
            raise BadInput(f"{action} needs the name of a job", hint="such as an id from `forkframe jobs WS`")
        case _:
            raise BadInput(f"{action} can't be done to a queue", hint=f"use {', '.join(ACTIONS)}")
    return {"jobs": [asdict(job) for job in changed], "budget": asdict(jobs.budget())}


def ask_owner(path: Path, action: str, names: Sequence[str]) -> Mapping[str, object]:
    """As `act`, for a workspace that another process has open."""
    return errands.send(path, Errand(action=action, names=list(names)))


def show_queue(path: Path, *, limit: int = 1000) -> QueueView:
    """The queue of a workspace as it was last written, read without its lock."""
    overview = read_overview(path, limit=limit)
    return QueueView(
        {**overview.counts}, overview.paused, tuple(job_view(job, None) for job in overview.jobs)
    )


def show_jobs(path: Path, name: str) -> list[JobView]:
    """The jobs that go by a name, read without the lock."""
    found = read_jobs(path, name) or read_jobs(path, _id_of(read_graph(path), name))
    return [job_view(job, None) for job in checked(found, name)]


def show_books(path: Path) -> tuple[Budget, list[Booked]]:
    """What may be and was spent in a workspace, read without its lock."""
    with read_only(path) as (connection, workspace_id):
        ledger = Ledger(workspace_id)
        return ledger.budget(connection), ledger.lines(connection)


def job_view(job: Job, live: Report | None) -> JobView:
    """A job as it is now, with what its runner last reported."""
    request, failure = job.request, job.failure
    running = job.state == "running"
    return JobView(
        id=job.id,
        kind=request.kind,
        title=request.title,
        subject=request.subject,
        engine=request.engine,
        state="cancelling" if running and job.cancelling else job.state,
        share=live.share if live and running else job.share,
        doing=live.doing if live and running else "",
        preview=live.preview if live and running else None,
        attempts=job.attempts,
        seconds=request.seconds,
        dollars=request.dollars,
        failure=failure["message"] if failure and job.state != "done" else "",
        hint=failure["hint"] if failure and job.state != "done" else "",
        remote=job.remote,
        parent=job.parent or "",
        created=_at(job.created_at),
        took=_took(job),
        story=tuple(_story(job)),
        result=job.result,
    )


def _story(job: Job) -> list[str]:
    lines = [(job.created_at, "asked for")]
    lines += [(event["at"], event["what"]) for event in job.story]
    if job.started_at:
        lines.append((job.started_at, "started" if job.token == 1 else f"started, time {job.token}"))
    if job.ended_at:
        lines.append((job.ended_at, job.state))
    return [f"{_at(at)}  {what}" for at, what in sorted(lines, key=lambda line: line[0])]


def _id_of(graph: Graph, name: str) -> str:
    """The id of the node, edge or sequence with that name, or the name itself if there is none."""
    try:
        return find_any(graph, name).id
    except NotFound:
        return name


def _took(job: Job) -> float:
    """Seconds from its start to its end; of a job that others worked for, from when it was asked for."""
    began = job.created_at if job.request.lane == "owner" else job.started_at
    return round(job.ended_at - began, 3) if job.ended_at and began else 0.0


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(sep=" ", timespec="seconds")


def _amount(text: str) -> float:
    try:
        return float(text.removeprefix("$"))
    except ValueError:
        raise BadInput(f"{text!r} is no amount", hint="use US dollars, such as 5 or 12.50") from None
