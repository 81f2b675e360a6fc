"""What a job is: a durable request, where it stands, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict, get_args

from forkframe.jobs.wire import Failure
from forkframe.model.changes import ENGINE, Change
from forkframe.model.ids import JobId

Lane = Literal["cpu", "gpu", "remote", "owner"]
"""What a job keeps busy: a core, the graphics card, somebody else's machine, or only the process that owns the workspace."""

LANES: tuple[Lane, ...] = get_args(Lane)

State = Literal["queued", "waiting", "paused", "running", "cancelling", "done", "failed", "cancelled"]
"""`waiting`: for other jobs, or until it is tried again. `cancelling`: nobody wants it any more, and a provider that may be
at work on it is still to be told. The last three are ends; a failed job can be retried."""
OPEN: tuple[State, ...] = ("queued", "waiting", "paused", "running", "cancelling")

FIRST, VISIBLE, WANTED, NORMAL, LATER = -1, 0, 1, 2, 3
"""Priorities: what somebody put before all others, what is on screen, what somebody waits for, everything else, and what nobody needs soon."""


class Event(TypedDict):
    """A line of a job's story: when (seconds since 1970), and what happened."""

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        kind: who performs it.
        title: for people.
        subject: the id of the edge, node or sequence that it is for.
        body: JSON that its kind understands.
        engine: who is paid for it; empty if no engine takes part.
        content_key: of its recipe: two requests with the same one never run at the same time.
        sequence: the sequence that its cost is booked on.
        actor: whose change the result is.
        seconds, dollars: what it is estimated to take.
    """

    kind: str
    title: str
    subject: str
    body: Mapping[str, object]
    lane: Lane = "cpu"
    engine: str = ""
    content_key: str = ""
    sequence: str = ""
    actor: str = ENGINE
    priority: int = NORMAL
    seconds: float = 0.0
    dollars: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """A request in the queue.

    Attributes:
        parent: the job that it was submitted for.
        position: jobs of the same priority run in this order.
        token: of its latest lease.
        due: when a waiting job may be tried again, or a provider told, seconds since 1970; 0 if it waits for other jobs.
        attempts: how many failed; of a job that is `cancelling`, how often its provider could not be told.
        share: how far it is, 0–1.
        cancelling: it was cancelled and has not ended: it runs, or its provider is still to be told.
        submitting: a provider was asked, and its answer is not known.
        remote: the provider's id of it.
        generation: how many requests to a provider were given up for it; the next one must not be taken for those.
        failure: why it failed, or failed last; None if it never did.
        result: what its kind has to say about what came of it.
        story: what happened to it besides being submitted, started and ended.
        created_at, started_at, ended_at: seconds since 1970; 0 for not yet.
    """

    id: JobId
    request: Request
    parent: JobId | None
    state: State
    priority: int
    position: int
    token: int
    due: float
    attempts: int
    interruptions: int
    share: float
    cancelling: bool
    submitting: bool
    remote: str
    generation: int
    failure: Failure | None
    result: Mapping[str, object]
    story: tuple[Event, ...]
    created_at: float
    started_at: float
    ended_at: float

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to perform a job. `token` fences: once the job is leased again, nothing is accepted from this one."""

    job: Job

    @property
    def id(self) -> JobId:
        """The job's."""
        return self.job.id

    @property
    def token(self) -> int:
        """Grows with each lease of the job."""
        return self.job.token


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a job brings: a change to commit together with its end, and a note of what it did.

    Attributes:
        actor: whose change it is; the engine's are in nobody's undo stack.
        dollars: what it cost; None for what was estimated if a provider was asked, else nothing.
    """

    change: Change | None = None
    actor: str = ENGINE
    result: Mapping[str, object] = field(default_factory=dict[str, object])
    dollars: float | None = None
