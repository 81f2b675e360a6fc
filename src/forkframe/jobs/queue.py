"""The queue of record: every request, in the workspace's own database, from submitted to its end.

A job is *leased* to be performed. A lease lasts as long as its runner keeps saying that it is at it, and its token
fences: once a job was leased again, was cancelled or has ended, nothing from an earlier lease is accepted. What a job
brings and the job's end are committed in one transaction, so that no result is lost or comes twice.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from sqlalchemy import (
    Connection,
    func,
    insert,
    select,
    update,
)

from forkframe.errors import ForkframeError
from forkframe.jobs import statements, wire
from forkframe.jobs.clock import Clock
from forkframe.jobs.job import OPEN, Delivery, Job, Lane, Lease, Request, State
from forkframe.jobs.money import Ledger
from forkframe.jobs.news import News
from forkframe.jobs.records import job_of, text_of
from forkframe.jobs.retry import MOST_ATTEMPTS, MOST_INTERRUPTIONS, MOST_TELLINGS, Backoff, is_retryable
from forkframe.jobs.turn import Tables, Turn
from forkframe.model.changes import Change, Envelope
from forkframe.model.ids import JobId, new_op_id
from forkframe.store import Store
from forkframe.store.schema import JOB, QUEUE

T = TypeVar("T")
_log = logging.getLogger(__name__)
Listener = Callable[[Job], None]

LEASE = 15.0
"""Seconds for which a lease lasts without its runner saying that it is still at it."""


class LeaseLost(Exception):
    """The job was leased to somebody else since, or has ended: what the lease's holder has is not wanted any more."""


class _AskedToStop(Exception):
    """A job that failed had been cancelled: there is no failure to tell of."""


class Queue:
    """The jobs of one open workspace. Methods may be called from any thread.

    Attributes:
        ledger: what they cost.
        news: wakes who waits for something to do.
        on_cancelling: called with a running job that was asked to stop; its runner sets it.
    """

    def __init__(
        self, store: Store, *, clock: Clock | None = None, backoff: Backoff | None = None, resume: bool = True
    ) -> None:
        self._store = store
        self._w = store.workspace_id
        self._clock = clock or Clock()
        self._backoff = backoff or Backoff()
        self._resume = resume
        self.session = secrets.token_hex(8)
        self.runner = f"{os.getpid()}-{self.session}"
        self.ledger = Ledger(self._w)
        self.on_cancelling: Callable[[JobId], None] = lambda _: None
        self._listeners: list[Listener] = []
        self._tables = Tables(self._w, self.session, self.ledger)
        self.news = News()
        self.paused: bool = self.transact("open the queue", self._take_over)

    # Asking for work

    def submit(self, *requests: Request, change: Envelope | None = None) -> list[Job]:
        """Jobs for requests, on the disk when this returns, in one transaction with `change`.

        A request for the same subject with the same content key as an open job is that job; a failed or cancelled one
        is tried again. One that the budget does not cover becomes a failed job that says so.
        """
        return self.transact(
            "submit a job", lambda turn: [turn.ask(request) for request in requests], change=change
        )

    def submit_family(
        self, parent: Request, children: Sequence[Request], *, change: Envelope | None = None
    ) -> Job:
        """A job that waits for others, submitted with it for it; money is set aside for all by the parent alone."""

        def work(turn: Turn) -> Job:
            job = turn.ask(parent)
            if job.state == "queued" and children:
                job = turn.block(job, turn.ask_children(job, children))
            return job

        return self.transact("submit a job", work, change=change)

    def wait(self, key: JobId, timeout: float | None = None) -> Job:
        """The job once it has ended.

        Raises:
            TimeoutError: it has not after `timeout` seconds.
        """
        ended = self.news.end_of(key)
        try:
            deadline = None if timeout is None else time.monotonic() + timeout
            while (job := self.job(key)).is_open:  # also if it ended, and somebody asked for it again at once
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                if not ended.wait(left):
                    raise TimeoutError(f"{job.request.title} is not done after {timeout:g} seconds")
                ended.clear()
            return job
        finally:
            self.news.forget(key, ended)

    def session_counts(self) -> dict[State, int]:
        """How many jobs that were asked for since the queue was opened are in each state."""
        mine = (JOB.c.workspace_id == self._w, JOB.c.session == self.session)
        counted = select(JOB.c.state, func.count()).where(*mine).group_by(JOB.c.state)
        rows = self.transact("read the queue", lambda turn: turn.connection.execute(counted).all())
        return {cast("State", state): count for state, count in rows}

    def adopt(self) -> None:
        """Makes all open jobs part of this session."""
        mine = update(JOB).where(JOB.c.workspace_id == self._w, JOB.c.state.in_(OPEN))
        self.transact("adopt jobs", lambda turn: turn.connection.execute(mine.values(session=self.session)))

    def wait_for_session(self, timeout: float | None = None) -> None:
        """Returns when all jobs that were asked for since the queue was opened have ended or are paused.

        It waits for one try to tell the provider of a cancelled job; what fails is told later, if need be by the next owner.

        Raises:
            TimeoutError: some have not after `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        mine = (JOB.c.workspace_id == self._w, JOB.c.session == self.session)
        # One state after the other, each by its index: the first one that is there answers. Those that wait for other
        # jobs are as busy as those are, and they are this session's too.
        ending = (
            (JOB.c.state == "cancelling") & (JOB.c.due == 0),
            (JOB.c.state == "running") & JOB.c.cancelling,
        )
        going_on = (
            JOB.c.state == "running",
            JOB.c.state == "queued",
            (JOB.c.state == "waiting") & (JOB.c.due > 0),
        )

        def is_busy(turn: Turn) -> bool:
            states = ending if self.paused else ending + going_on
            busy = (select(JOB.c.id).where(*mine, state).limit(1) for state in states)
            return any(turn.connection.scalar(query) for query in busy)

        while True:
            self.news.some_end.clear()
            if not self.transact("read the queue", is_busy):
                return
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"jobs are not done after {timeout:g} seconds")
            self.news.some_end.wait(
                0.5 if deadline is None else min(0.5, max(0.0, deadline - time.monotonic()))
            )
            time.sleep(0.02)  # many end in one moment

    def job(self, key: JobId) -> Job:
        """A job as it is now."""
        return self.transact("read the queue", lambda turn: turn.get(key))

    def watch(self, listener: Listener) -> None:
        """Calls `listener` with every job that changes, from whichever thread changes it."""
        self._listeners.append(listener)

    # Performing

    def take(self, lane: Lane) -> Lease | None:
        """The next job of a lane, leased; None if there is none."""
        return self.transact("take a job", lambda turn: self._next(turn, lane))

    def take_cancelled(self) -> Lease | None:
        """The next cancelled job whose provider is to be told, leased, also while the queue is paused; None if there is none."""

        def work(turn: Turn) -> Lease | None:
            row = turn.connection.execute(statements.CANCELLING, {"w": self._w}).first()
            return self._leased(turn, job_of(row)) if row else None

        return self.transact("take a job", work)

    def beat(self, shares: Sequence[tuple[Lease, float]]) -> list[Lease]:
        """Says that leases are still at work and how far; returns those that were lost."""

        def work(turn: Turn) -> list[Lease]:
            until = turn.now + LEASE
            return [
                lease
                for lease, share in shares
                if turn.connection.execute(
                    statements.BEAT, {**self._fence(lease), "until": until, "done": share}
                ).rowcount
                == 0
            ]

        return self.transact("write down progress", work)

    def deliver(self, lease: Lease, delivery: Delivery, *, then: Lane | None = None) -> Lease | None:
        """Ends a job with what it brings, in one transaction; and leases the next of the lane `then` in the same.

        Raises:
            LeaseLost: nothing was changed.
            ForkframeError: the change does not fit, or could not be written; nothing was changed.
        """

        def work(turn: Turn) -> Lease | None:
            job = turn.get(lease.id) if lease.job.request.dollars else None
            values = {"brought": text_of(delivery.result), "now": turn.now}
            self._fenced(turn.connection.execute(statements.DONE, {**self._fence(lease), **values}).rowcount)
            if job is not None:
                unsaid = None if job.remote or job.submitting else 0.0
                cost = unsaid if delivery.dollars is None else delivery.dollars
                self.ledger.settle(turn.connection, lease.id, cost=cost)
            turn.changed[lease.id] = "done"
            turn.unblock(lease.job)
            return self._next(turn, then) if then and not self.paused else None

        change = self._envelope(delivery.change, delivery.actor)
        return self.transact("save a result", work, change=change)

    def fail(self, lease: Lease, error: ForkframeError, *, change: Change | None = None) -> Job:
        """Notes that an attempt failed: it is tried again later if that may help, else it stays failed, with `change`.

        Raises:
            LeaseLost: nothing was changed.
        """
        attempts = lease.job.attempts + 1
        if is_retryable(error) and attempts < MOST_ATTEMPTS:
            change = None

        def work(turn: Turn) -> Job:
            job = self._held(turn, lease)
            failed = replace(job, attempts=attempts, failure=wire.failure_of(error))
            if job.cancelling and change:
                raise _AskedToStop
            if lease.job.cancelling:
                return self._untold(turn, failed, error)
            if job.cancelling:
                return turn.withdrawn(job)
            if not is_retryable(error):
                return turn.end(turn.told(failed, f"failed: {error.message}"), "failed")
            if attempts >= MOST_ATTEMPTS:
                return turn.end(
                    turn.told(failed, f"failed for the {_nth(attempts)} time, given up: {error.message}"),
                    "failed",
                )
            wait = self._backoff.seconds(attempts)
            line = f"attempt {attempts} failed: {error.message}; again in {wait:.1f} s"
            return turn.put(turn.told(replace(failed, state="waiting", due=turn.now + wait), line))

        try:
            return self.transact("note a failure", work, change=self._envelope(change))
        except _AskedToStop:
            return self.fail(lease, error)

    def stop(self, lease: Lease) -> Job:
        """Ends a job that was cancelled while it ran, or that its attempt found nobody to want; one whose provider may not
        know of it yet ends when it was told.

        Raises:
            LeaseLost: nothing was changed.
        """

        def work(turn: Turn) -> Job:
            job = self._held(turn, lease)
            if lease.job.cancelling:  # whatever there was to tell was told
                return turn.end(job, "cancelled")
            if not job.cancelling and job.id in turn.tables.asked_again:
                return turn.put(replace(job, state="queued", share=0.0))
            return turn.withdrawn(job)

        return self.transact("cancel a job", work)

    def put_back(self, lease: Lease) -> Job:
        """Gives a job back unfinished, to its old place: no attempt is counted.

        Raises:
            LeaseLost: nothing was changed.
        """

        def work(turn: Turn) -> Job:
            job = self._held(turn, lease)
            if job.cancelling:
                return turn.withdrawn(job)
            return turn.put(replace(job, state="queued", share=0.0))

        return self.transact("put a job back", work)

    def await_others(self, lease: Lease, children: Sequence[Request]) -> Job:
        """Gives a job back until the jobs for `children` have ended; it is leased again then.

        Raises:
            LeaseLost: nothing was changed.
        """

        def work(turn: Turn) -> Job:
            job = self._held(turn, lease)
            if job.cancelling:
                return turn.withdrawn(job)
            return turn.block(job, turn.ask_children(job, children))

        return self.transact("submit jobs", work)

    def needs(self, key: JobId) -> list[Job]:
        """The jobs that a job waits for, or waited for."""
        return self.transact("read the queue", lambda turn: turn.needed(key))

    def note_remote(self, lease: Lease, *, submitting: bool, remote: str) -> Job:
        """Notes what is known of a job at its provider; on the disk when this returns.

        Raises:
            LeaseLost: nothing was changed.
        """

        def work(turn: Turn) -> Job:
            job = self._held(turn, lease)
            given_up = bool(job.remote) and not remote
            return turn.put(
                replace(job, submitting=submitting, remote=remote, generation=job.generation + given_up),
            )

        return self.transact("note the provider's answer", work)

    def tend(self) -> None:
        """Wakes jobs whose time has come, and takes back leases whose runner has fallen silent. Call it often."""

        def work(turn: Turn) -> None:
            mine = JOB.c.workspace_id == self._w
            back = JOB.c.state.in_(["waiting", "cancelling"])
            due = select(JOB).where(mine, back, JOB.c.due > 0, JOB.c.due <= turn.now)
            for row in turn.connection.execute(due).all():
                job = job_of(row)
                turn.put(replace(job, state="cancelling" if job.cancelling else "queued", due=0.0))
            silent = select(JOB).where(mine, JOB.c.state == "running", JOB.c.lease_until < turn.now)
            for row in turn.connection.execute(silent).all():
                self._interrupted(turn, job_of(row), "whoever ran it fell silent")

        self.transact("look after the queue", work)

    # For transactions on jobs, here and in `control`

    def transact(self, attempt: str, work: Callable[[Turn], T], *, change: Envelope | None = None) -> T:
        """What `work` returns, in one transaction together with `change`; then tells everybody what changed."""
        turns: list[Turn] = []
        jobs: list[Job] = []
        out: list[T] = []

        def call(connection: Connection) -> None:
            turn = Turn(connection, self._clock(), self._tables)
            out[:] = [work(turn)]
            turns[:] = [turn]
            jobs[:] = [turn.get(key) for key in turn.changed] if self._listeners else []

        if change is None:
            self._store.transact(attempt, call)
        else:
            self._store.commit(change, also=call)
            if not turns:  # it was committed before, and its jobs with it
                self._store.transact(attempt, call)
        self.news.tell(turns[0])
        for key in turns[0].stopping:
            self.on_cancelling(key)
        for job in jobs:
            for listener in self._listeners:
                try:
                    listener(job)
                except Exception:  # noqa: BLE001 - somebody else's code
                    _log.exception("a listener failed at job %s", job.id)
        return out[0]

    # What the above is made of

    def _take_over(self, turn: Turn) -> bool:
        """Under the workspace's lock nobody else runs jobs of it: what ran when an earlier owner ended is queued again."""
        row = turn.connection.execute(select(QUEUE.c.paused).where(QUEUE.c.workspace_id == self._w)).first()
        if row is None:
            values = {"workspace_id": self._w, "paused": False, "budget": 0, "request_cap": None}
            turn.connection.execute(insert(QUEUE), values)
        mine = JOB.c.workspace_id == self._w
        self._tables.last = turn.connection.scalar(select(func.max(JOB.c.position)).where(mine)) or 0
        running = select(JOB).where(mine, JOB.c.state == "running").order_by(JOB.c.position)
        for orphan in turn.connection.execute(running).all():
            self._interrupted(turn, job_of(orphan), "the program that ran it ended")
        # A clock that was wrong when the time was written down must not make anybody wait for more than that time.
        latest = turn.now + self._backoff.most
        turn.connection.execute(
            update(JOB)
            .where(mine, JOB.c.state.in_(["waiting", "paused", "cancelling"]), JOB.c.due > latest)
            .values(due=latest)
        )
        return bool(row and row.paused)

    def _interrupted(self, turn: Turn, job: Job, why: str) -> None:
        count = job.interruptions + 1
        job = replace(turn.told(job, f"interrupted: {why}"), interruptions=count, share=0.0)
        if job.cancelling:
            turn.withdrawn(job) if count < MOST_INTERRUPTIONS else turn.end(job, "cancelled")
        elif count >= MOST_INTERRUPTIONS:
            failure = wire.Failure(
                kind="WorkerDied",
                message=f"{job.request.title} was interrupted {count} times: {why}",
                hint="retry it alone, and watch the machine's memory",
                detail="",
            )
            turn.end(replace(job, failure=failure), "failed")
        else:
            turn.put(replace(job, state="queued"))

    def _next(self, turn: Turn, lane: Lane) -> Lease | None:
        if self.paused:
            return None
        query = statements.NEXT if self._resume else statements.NEXT.where(JOB.c.session == self.session)
        while row := turn.connection.execute(query, {"w": self._w, "in_lane": lane}).first():
            job = job_of(row)
            if row.twin:  # the same thing is made right now: what comes of it is this job's result too
                turn.block(job, [JobId(row.twin)])
                turn.own(JobId(row.twin))
                continue
            return self._leased(turn, turn.taken_over(job))
        return None

    def _leased(self, turn: Turn, job: Job) -> Lease:
        values = {"by": self.runner, "until": turn.now + LEASE, "now": turn.now}
        turn.connection.execute(statements.START, {"w": self._w, "key": job.id, **values})
        turn.changed[job.id] = "running"
        turn.tables.asked_again.discard(job.id)
        return Lease(replace(job, state="running", token=job.token + 1, started_at=turn.now, share=0.0))

    def _untold(self, turn: Turn, job: Job, error: ForkframeError) -> Job:
        """Notes that the provider of a cancelled job could not be told: it is told later, or that is given up."""
        line = f"its provider could not be told: {error.message}"
        if not is_retryable(error) or job.attempts >= MOST_TELLINGS:
            return turn.end(turn.told(job, f"{line}; what was asked for may go on there"), "cancelled")
        wait = self._backoff.seconds(job.attempts)
        job = turn.told(job, f"{line}; again in {wait:.1f} s")
        return turn.put(replace(job, state="cancelling", due=turn.now + wait))

    def _held(self, turn: Turn, lease: Lease) -> Job:
        job = turn.get(lease.id)
        self._fenced(job.token == lease.token and job.state == "running")
        return job

    def _fence(self, lease: Lease) -> dict[str, object]:
        return {"w": self._w, "key": lease.id, "fence": lease.token}

    def _fenced(self, held: object) -> None:
        if not held:
            raise LeaseLost

    def _envelope(self, change: Change | None, actor: str = "engine") -> Envelope | None:
        return Envelope(new_op_id(), actor, self._store.seq, change) if change else None


def _nth(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
