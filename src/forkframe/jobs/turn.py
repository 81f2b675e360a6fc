"""One transaction on jobs: every way in which a job's standing can change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, exists, insert, literal, select, update

from forkframe.errors import ForkframeError
from forkframe.jobs import statements, wire
from forkframe.jobs.job import OPEN, Job, Lane, Request, State
from forkframe.jobs.money import Ledger
from forkframe.jobs.records import STEP, job_of, row_of
from forkframe.model.ids import JobId, new_job_id
from forkframe.store.schema import JOB, JOB_NEED


@dataclass(slots=True)
class Tables:
    """The job tables of one workspace, as one session sees them.

    Attributes:
        session: whose requests these are; closing waits for its own.
        last: the position of the job that was submitted last.
        asked_again: running jobs that were asked for since they were leased. What their attempts found nobody to want,
            somebody wants now. A job that runs when the program ends is performed again anyway, so memory will do.
    """

    workspace_id: str
    session: str
    ledger: Ledger
    last: int = 0
    asked_again: set[JobId] = field(default_factory=set[JobId])

    def next_position(self) -> int:
        """A position after all others."""
        self.last += STEP
        return self.last


@dataclass(slots=True)
class Turn:
    """One transaction on jobs. What it changed is told to others once it is on the disk.

    Attributes:
        now: seconds since 1970.
        changed: the jobs that it changed, with their new states.
        lanes: those in which there may be something new to run.
        stopping: running jobs that were asked to stop.
    """

    connection: Connection
    now: float
    tables: Tables
    changed: dict[JobId, State] = field(default_factory=dict[JobId, State])
    lanes: set[Lane] = field(default_factory=set[Lane])
    stopping: list[JobId] = field(default_factory=list[JobId])

    def ask(self, request: Request, *, parent: Job | None = None) -> Job:
        """The job for a request: the one that is open, the last one that failed, tried again, or a new one.

        One that is about to end as cancelled is none of these: a new one takes its place.
        """
        if (known := self._known(request)) is not None:
            if not known.is_open:
                return self.renewed(known, "asked for again", parent=parent)
            self.own(known.id)
            if known.state == "running":
                self.tables.asked_again.add(known.id)
            # Somebody wants it for itself now: it does not go with the job that it was asked for.
            wanted = replace(
                known,
                parent=known.parent if parent else None,
                priority=min(known.priority, request.priority),
            )
            return known if wanted == known else self.put(wanted)
        job = Job(
            id=new_job_id(),
            request=request,
            parent=parent.id if parent else None,
            state="queued",
            priority=min(request.priority, parent.priority) if parent else request.priority,
            position=self.tables.next_position(),
            token=0,
            due=0.0,
            attempts=0,
            interruptions=0,
            share=0.0,
            cancelling=False,
            submitting=False,
            remote="",
            generation=0,
            failure=None,
            result={},
            story=(),
            created_at=self.now,
            started_at=0.0,
            ended_at=0.0,
        )
        job = self._reserved(job)
        self.connection.execute(statements.INSERT, row_of(job, self.tables.workspace_id, self.tables.session))
        self._note(job)
        return job

    def renewed(self, job: Job, why: str, *, parent: Job | None = None, retried: bool = False) -> Job:
        """A job that has ended, or the jobs it failed for, asked for once more, with all attempts before it again.

        Only somebody who retries it, and was told that a provider may have been asked before, has the provider asked once
        more: what needs its result asks too, and pays for nothing twice.
        """
        fresh = replace(
            self.told(job, why),
            attempts=0,
            interruptions=0,
            share=0.0,
            due=0.0,
            cancelling=False,
            submitting=job.submitting and not (retried and _is_told(job)),
            ended_at=0.0,
        )
        if parent:
            fresh = replace(fresh, parent=parent.id)
        fresh = self._reserved(replace(fresh, state="queued"))
        if fresh.state == "queued" and (needed := self.needed(job.id)):
            for other in needed:
                if other.state in ("failed", "cancelled"):
                    self.renewed(other, why, retried=retried)
            fresh = replace(fresh, state="waiting" if self._is_blocked(job.id) else "queued")
        return self.put(fresh, session=True)

    def get(self, key: JobId) -> Job:
        """A job as it is now."""
        return job_of(
            self.connection.execute(statements.BY_ID, {"w": self.tables.workspace_id, "key": key}).one()
        )

    def needed(self, key: JobId) -> list[Job]:
        """The jobs that a job waits for, or waited for."""
        needed = select(JOB_NEED.c.needs).where(
            JOB_NEED.c.workspace_id == self.tables.workspace_id, JOB_NEED.c.job_id == key
        )
        rows = (
            select(JOB)
            .where(JOB.c.workspace_id == self.tables.workspace_id, JOB.c.id.in_(needed))
            .order_by(JOB.c.position)
        )
        return [job_of(row) for row in self.connection.execute(rows)]

    def put(self, job: Job, *, session: bool = False) -> Job:
        """Writes a job's new standing."""
        values = row_of(job, self.tables.workspace_id, self.tables.session)
        for fixed in (
            "workspace_id",
            "id",
            "request",
            "runner",
            "lease_until",
            *(() if session else ("session",)),
        ):
            del values[fixed]
        self.connection.execute(
            update(JOB)
            .where(JOB.c.workspace_id == self.tables.workspace_id, JOB.c.id == job.id)
            .values(**values)
        )
        self._note(job)
        return job

    def end_cancelled(self, job: Job) -> Job:
        """Cancels a job: at once if nobody is at work on it, else by having whoever is told to stop."""
        if job.cancelling:  # already
            return job
        if job.state == "running":
            self.stopping.append(job.id)
            return self.put(replace(job, cancelling=True))
        return self.withdrawn(job)

    def withdrawn(self, job: Job) -> Job:
        """Ends a cancelled job that does not run; if a provider may be at work on it, once that was told."""
        if not job.remote:
            return self.end(job, "cancelled")
        return self.put(
            replace(job, state="cancelling", cancelling=True, due=0.0, attempts=0, share=0.0), session=True
        )

    def released(self, job: Job) -> Job:
        """Has a paused job go on: at once, or when the jobs it waits for have ended."""
        waits = job.due > 0 or self._is_blocked(job.id)
        return self.put(replace(job, state="waiting" if waits else "queued"), session=True)

    def is_needed(self, key: JobId) -> bool:
        """Whether an open job waits for this one."""
        waiting = (
            select(literal(1))
            .select_from(JOB_NEED)
            .join(JOB, (JOB.c.workspace_id == JOB_NEED.c.workspace_id) & (JOB.c.id == JOB_NEED.c.job_id))
            .where(
                JOB_NEED.c.workspace_id == self.tables.workspace_id,
                JOB_NEED.c.needs == key,
                JOB.c.state.in_(OPEN),
            )
        )
        return bool(self.connection.scalar(select(exists(waiting))))

    def _known(self, request: Request) -> Job | None:
        if not request.content_key:
            return None
        names = {
            "w": self.tables.workspace_id,
            "of": request.subject,
            "content": request.content_key,
            "as": request.kind,
        }
        rows = self.connection.execute(statements.SAME, names).all()
        jobs = [job_of(row) for row in rows]
        return max((job for job in jobs if not job.cancelling), key=lambda job: job.position, default=None)

    def ask_children(self, parent: Job, requests: Sequence[Request]) -> list[JobId]:
        """The jobs for what another job needs."""
        return [self.ask(request, parent=parent).id for request in requests]

    def block(self, job: Job, needs: Iterable[JobId]) -> Job:
        """Has a job wait until others have ended, those that it waits for already included."""
        known = {other.id for other in self.needed(job.id)}
        rows = [
            {"workspace_id": self.tables.workspace_id, "job_id": job.id, "needs": key}
            for key in dict.fromkeys(needs)
            if key not in known
        ]
        if rows:
            self.connection.execute(insert(JOB_NEED), rows)
        state: State = "waiting" if self._is_blocked(job.id) else "queued"
        return self.put(replace(job, state=state, due=0.0))

    def _is_blocked(self, key: JobId) -> bool:
        needed = (
            select(literal(1))
            .select_from(JOB_NEED)
            .join(JOB, (JOB.c.workspace_id == JOB_NEED.c.workspace_id) & (JOB.c.id == JOB_NEED.c.needs))
            .where(
                JOB_NEED.c.workspace_id == self.tables.workspace_id,
                JOB_NEED.c.job_id == key,
                JOB.c.state.in_(OPEN),
            )
        )
        return bool(self.connection.scalar(select(exists(needed))))

    def taken_over(self, job: Job) -> Job:
        """The job with what a provider was asked for by another one for the same thing, which does not run: it is paid for once."""
        names = {"w": self.tables.workspace_id, "content": job.request.content_key, "but": job.id}
        if not (job.request.dollars and job.request.content_key) or job.remote or job.submitting:
            return job
        for row in self.connection.execute(statements.IN_DOUBT, names).all():
            other = job_of(row)
            mine = replace(job, remote=other.remote, submitting=other.submitting, generation=other.generation)
            self.put(replace(other, remote="", submitting=False, generation=other.generation + 1))
            if not other.is_open:  # what it kept for a bill that may come is not needed any more
                self.tables.ledger.settle(self.connection, other.id, cost=0.0)
            return self.put(mine)
        return job

    def own(self, key: JobId) -> None:
        """Makes a job this session's, with those that it waits for."""
        names = {"w": self.tables.workspace_id, "key": key, "by": self.tables.session}
        self.connection.execute(statements.OWN, names)
        for other in self.needed(key):
            if other.is_open:
                self.own(other.id)

    def unblock(self, ended: Job) -> None:
        """Wakes the jobs that waited for this one alone."""
        names = {"w": self.tables.workspace_id, "key": ended.id}
        for (waiting,) in self.connection.execute(statements.DEPENDENTS, names).all():
            job = self.get(JobId(waiting))
            if job.request.content_key and job.request.content_key == ended.request.content_key:
                # It made way for a job for the same thing; from now on neither has anything to do with the other.
                self.connection.execute(statements.FORGET_NEED, {**names, "waiting": job.id})
            if job.state == "waiting" and job.due == 0 and not self._is_blocked(job.id):
                self.put(replace(job, state="queued"))

    def end(self, job: Job, state: State) -> Job:
        """Ends a job that does not bring anything, and books what it cost."""
        job = replace(job, state=state, due=0.0, ended_at=self.now, cancelling=False)
        asked = bool(job.remote) or job.submitting
        if job.request.dollars and not asked:
            self.tables.ledger.settle(self.connection, job.id, cost=0.0)
        elif state == "cancelled" and asked:  # what the provider bills for it nobody knows: count it all
            self.tables.ledger.settle(self.connection, job.id, cost=None)
            job = replace(job, remote="", submitting=False, generation=job.generation + 1)
        self.put(job)
        self.unblock(job)
        return job

    def _reserved(self, job: Job) -> Job:
        if not job.request.dollars:
            return job
        try:
            done = self.tables.ledger.spent_on(
                self.connection, [need.id for need in self.needed(job.id) if need.state == "done"]
            )
            self.tables.ledger.reserve(
                self.connection, job.id, job.request, spent=done, now=self.now, parent=job.parent
            )
        except ForkframeError as refusal:
            return replace(job, state="failed", failure=wire.failure_of(refusal), ended_at=self.now)
        return job

    def told(self, job: Job, what: str) -> Job:
        """The job with one more line in its story, not written yet."""
        return replace(job, story=(*job.story[-19:], {"at": self.now, "what": what}))

    def _note(self, job: Job) -> None:
        self.changed[job.id] = job.state
        if job.state == "queued":
            self.lanes.add(job.request.lane)
        elif job.state == "cancelling":
            self.lanes.add("remote")  # there are those who tell providers


def _is_told(job: Job) -> bool:
    """Whether whoever asks for it again knows that a provider may have been asked before.

    An engine says so, and that is a failed rendering. Of a worker that died in that very moment nobody can tell.
    """
    return job.failure is not None and job.failure["kind"] == "RenderFailed"
