"""A queue over a real workspace, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from forkframe.errors import EngineBusy, RenderFailed, WorkerDied
from forkframe.jobs.clock import Clock
from forkframe.jobs.control import Control
from forkframe.jobs.job import Delivery, Job, Lane, Lease, Request, State
from forkframe.jobs.money import Budget
from forkframe.jobs.queue import Queue
from forkframe.jobs.records import job_of
from forkframe.jobs.retry import Backoff
from forkframe.model.changes import AddNodes, Envelope
from forkframe.model.ids import JobId, new_op_id
from forkframe.store import Store
from forkframe.store.schema import JOB, LEDGER
from tests.model.build import moves, node

HOUR = 3600.0
MOST = 60.0
"""Seconds that a job waits for its next attempt at most."""
DIED = WorkerDied("the engine crashed", hint="try again")
BUSY = EngineBusy("too many requests")
BROKEN = RenderFailed("it can't be rendered", hint="use another picture")
NOWHERE = moves(nnowhere000=(1.0, 2.0))
"""A change that is refused: there is no such node."""


@dataclass
class Hands:
    """Clocks that are moved by hand: what the wall says, and the seconds that only grow."""

    wall: float = 1_750_000_000.0
    steady: float = 5_000.0

    def clock(self) -> Clock:
        """A clock that goes by these."""
        return Clock(wall=lambda: self.wall, steady=lambda: self.steady)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.wall += seconds
        self.steady += seconds

    def set_wall(self, by: float) -> None:
        """Somebody sets the machine's clock forwards, or backwards with less than nothing."""
        self.wall += by


def request(
    subject: str = "e1",
    key: str = "",
    *,
    title: str = "",
    body: dict[str, object] | None = None,
    **other: object,
) -> Request:
    """A request that only has to differ from others; it is called after its subject."""
    wanted: dict[str, object] = {"kind": "rendering", **other}
    return Request(title=title or subject, subject=subject, content_key=key, body=body or {}, **wanted)  # type: ignore[arg-type]


class Owner:
    """Whoever has a workspace open, which is new.

    Attributes:
        store, queue, control: of the open workspace.
        hands: the clock.
        chance: what is drawn for each back-off, 0–1.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hands = Hands()
        self.chance = 1.0
        self.store = Store.create(path)
        self.use(self.another_queue())

    def __enter__(self) -> Owner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, *, resume: bool = True) -> None:
        """Opens the workspace."""
        self.store = Store.open(self.path, wait=0)
        self.use(self.another_queue(resume=resume))

    def another_queue(self, *, resume: bool = True) -> Queue:
        """A queue of another runner on the same store. It takes over what runs when it is made, and nothing later."""
        self._clock = self.hands.clock()
        backoff = Backoff(first=1.0, most=MOST, chance=lambda: self.chance)
        return Queue(self.store, clock=self._clock, backoff=backoff, resume=resume)

    def use(self, queue: Queue) -> None:
        """Goes on with another queue."""
        self.queue = queue
        self.control = Control(queue, self.store.workspace_id)

    def close(self) -> None:
        """Closes the workspace; what runs stays as it is."""
        self.store.close()

    def reopen(self, *, clock: float = 0.0, resume: bool = True) -> None:
        """Closes and opens the workspace; the clock may be set differently then, by so many seconds."""
        self.close()
        self.hands.wall += clock
        self.hands.steady = 17.0  # counted from when the machine was started
        self.open(resume=resume)

    def now_in_seconds(self) -> float:
        """What the queue's clock says."""
        return self._clock()

    # What most tests do, in a word

    def ask(self, subject: str = "e1", key: str = "", **other: object) -> Job:
        """The job for one request."""
        return self.queue.submit(request(subject, key, **other))[0]  # type: ignore[arg-type]

    def now(self, job: Job | Lease) -> Job:
        """The job as it is now."""
        return self.queue.job(job.id)

    def states(self, *jobs: Job | Lease) -> list[State]:
        """What state jobs are in now."""
        return [self.now(job).state for job in jobs]

    def take(self, lane: Lane = "cpu") -> Lease:
        """The next job of a lane, which there has to be."""
        lease = self.queue.take(lane)
        assert lease is not None
        return lease

    def run(self, lane: Lane = "cpu", *, delivery: Delivery | None = None) -> Job:
        """The next job of a lane, done."""
        lease = self.take(lane)
        self.queue.deliver(lease, delivery or Delivery())
        return self.now(lease)

    def run_all(self, lane: Lane = "cpu") -> list[str]:
        """The titles of all jobs of a lane in the order in which they were performed."""
        titles: list[str] = []
        while lease := self.queue.take(lane):
            self.queue.deliver(lease, Delivery())
            titles.append(lease.job.request.title)
        return titles

    def all_jobs(self) -> dict[JobId, Job]:
        """Every job there is, by its id."""
        rows = self.queue.transact(
            "read the queue", lambda turn: turn.connection.execute(select(JOB).order_by(JOB.c.position)).all()
        )
        return {job.id: job for job in map(job_of, rows)}

    def budget(self) -> Budget:
        """What may be spent, and what is."""
        return self.control.budget()

    def books(self, jobs: Sequence[Job | Lease]) -> list[tuple[float, float]]:
        """What is reserved and spent for each of these jobs, in US dollars."""
        rows = self.queue.transact(
            "read the books",
            lambda turn: turn.connection.execute(
                select(LEDGER.c.job_id, LEDGER.c.reserved, LEDGER.c.spent)
            ).all(),
        )
        found = {key: (reserved / 1e6, spent / 1e6) for key, reserved, spent in rows}
        return [found.get(job.id, (0.0, 0.0)) for job in jobs]


def adding(key: str) -> Delivery:
    """A node is what comes of the job."""
    return Delivery(AddNodes((node(key),)), result={"node": key})


def human(owner: Owner, change: AddNodes) -> Envelope:
    """A change that somebody makes by hand."""
    return Envelope(new_op_id(), "anna", owner.store.seq, change)
