"""What people do to a queue: cancel, retry, pause, reorder, and set what may be spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import func, select, update

from forkframe.errors import BadInput
from forkframe.jobs.job import FIRST, OPEN, VISIBLE, Job
from forkframe.jobs.money import Budget, micros
from forkframe.jobs.queue import Queue
from forkframe.jobs.records import STEP, Overview, job_of, jobs_named, overview
from forkframe.jobs.turn import Turn
from forkframe.model.ids import JobId
from forkframe.store.schema import JOB, QUEUE


class Control:
    """The queue as its users see it."""

    def __init__(self, queue: Queue, workspace_id: str) -> None:
        self._queue = queue
        self._w = workspace_id
        self._mine = JOB.c.workspace_id == workspace_id

    def overview(self, *, limit: int = 1000) -> Overview:
        """The queue at a glance."""
        return self._queue.transact(
            "read the queue", lambda turn: overview(turn.connection, self._w, limit=limit)
        )

    def named(self, name: str) -> list[Job]:
        """The jobs that go by an id or the unique start of one, or that are for the thing with that id or title.

        Raises:
            BadInput: there is none, or the start of an id is that of several.
        """
        return checked(
            self._queue.transact("read the queue", lambda turn: jobs_named(turn.connection, self._w, name)),
            name,
        )

    def cancel(self, keys: Iterable[JobId]) -> list[Job]:
        """Cancels jobs with those that were submitted for them alone; running ones stop at their next step.

        Jobs that have ended stay as they are. Returns what was cancelled.
        """

        def work(turn: Turn) -> list[Job]:
            out: list[Job] = []
            for key in keys:
                self._cancel(turn, turn.get(key), out)
            return out

        return self._queue.transact("cancel jobs", work)

    def cancel_all(self) -> list[Job]:
        """Cancels every job that has not ended."""
        return self.cancel(self._ids(OPEN))

    def cancel_orphans(
        self, kind: str, letter: str, still_there: Callable[[set[str]], set[str]]
    ) -> list[Job]:
        """Cancels open jobs of a kind whose subject, an id that starts with `letter`, is not there any more.

        What a provider was asked for goes on: it costs the same.

        Args:
            kind: theirs.
            letter: with which the id starts.
            still_there: those of these subjects that are there, asked in the transaction that cancels: what comes back
                right after is asked for anew, and not cancelled.
        """
        rows = select(JOB.c.id, JOB.c.subject).where(
            self._mine,
            JOB.c.state.in_(OPEN),
            JOB.c.kind == kind,
            JOB.c.subject.startswith(letter),
            JOB.c.remote == "",
            JOB.c.submitting.is_(False),
        )

        def work(turn: Turn) -> list[Job]:
            found = turn.connection.execute(rows).all()
            there = still_there({subject for _, subject in found})
            out: list[Job] = []
            for key, subject in found:
                if subject not in there:
                    self._cancel(turn, turn.get(JobId(key)), out)
            return out

        return self._queue.transact("cancel jobs", work)

    def retry(self, keys: Iterable[JobId]) -> list[Job]:
        """Queues failed and cancelled jobs again, unchanged, with those that they failed for. Returns what was queued."""

        def work(turn: Turn) -> list[Job]:
            jobs = [turn.get(key) for key in keys]
            return [
                turn.renewed(job, "retried", retried=True)
                for job in jobs
                if job.state in ("failed", "cancelled")
            ]

        return self._queue.transact("retry jobs", work)

    def retry_failed(self) -> list[Job]:
        """Queues every failed job again."""
        return self.retry(self._ids(["failed"]))

    def pause(self, keys: Iterable[JobId] | None = None) -> None:
        """Holds jobs back that have not begun; without `keys` all, also those to come. What runs goes on."""
        if keys is None:
            self._set_paused(True)
            return
        wanted = list(keys)

        def work(turn: Turn) -> None:
            for job in [turn.get(key) for key in wanted]:
                if job.state in ("queued", "waiting"):
                    turn.put(replace(job, state="paused"))

        self._queue.transact("pause jobs", work)

    def resume(self, keys: Iterable[JobId] | None = None) -> None:
        """Takes back `pause`; without `keys`, of all jobs."""
        wanted = self._ids(["paused"]) if keys is None else list(keys)

        def work(turn: Turn) -> None:
            for job in [turn.get(key) for key in wanted]:
                if job.state == "paused":
                    turn.released(job)

        self._queue.transact("resume jobs", work)
        if keys is None:
            self._set_paused(False)

    def move_first(self, keys: Sequence[JobId]) -> None:
        """Puts jobs before all others, in the order given; those that have ended stay as they are."""

        def work(turn: Turn) -> None:
            first = select(func.min(JOB.c.position)).where(self._mine, JOB.c.state.in_(OPEN))
            position = turn.connection.scalar(first) or 0
            for number, key in enumerate(reversed(keys), start=1):
                job = turn.get(key)
                if job.is_open:
                    turn.put(replace(job, priority=FIRST, position=position - STEP * number))

        self._queue.transact("reorder jobs", work)

    def move_before(self, key: JobId, other: JobId) -> None:
        """Puts a job right before another one."""

        def work(turn: Turn) -> None:
            after = turn.get(other)
            before = select(func.max(JOB.c.position)).where(
                self._mine,
                JOB.c.state.in_(OPEN),
                JOB.c.id != key,
                JOB.c.priority == after.priority,
                JOB.c.position < after.position,
            )
            lower = turn.connection.scalar(before)
            place = after.position - STEP if lower is None else (lower + after.position) // 2
            if place == lower:  # no room: every later one moves up
                later = update(JOB).where(self._mine, JOB.c.position >= after.position)
                turn.connection.execute(later.values(position=JOB.c.position + STEP))
                turn.tables.next_position()
                place = after.position + STEP // 2
            job = turn.get(key)
            turn.put(replace(job, priority=after.priority, position=place))

        self._queue.transact("reorder jobs", work)

    def wanted_keys(self, subject: str) -> set[str]:
        """The content keys of open jobs for an edge, node or sequence that were not cancelled."""
        rows = select(JOB.c.content_key).where(
            self._mine,
            JOB.c.subject == subject,
            JOB.c.state.in_(OPEN),
            JOB.c.content_key != "",
            JOB.c.cancelling.is_(False),
        )
        return self._queue.transact("read the queue", lambda turn: set(turn.connection.scalars(rows)))

    def look_at(self, subjects: Iterable[str]) -> None:
        """Has jobs for these edges, nodes and sequences run first: they are on screen. The last call counts."""
        seen = list(subjects)

        def work(turn: Turn) -> None:
            left = select(JOB).where(self._mine, JOB.c.state.in_(OPEN), JOB.c.priority == VISIBLE)
            for row in turn.connection.execute(left).all():
                job = job_of(row)
                turn.put(replace(job, priority=job.request.priority))
            for start in range(0, len(seen), 500):
                rows = select(JOB).where(
                    self._mine, JOB.c.subject.in_(seen[start : start + 500]), JOB.c.state.in_(OPEN)
                )
                for row in turn.connection.execute(rows).all():
                    job = job_of(row)
                    turn.put(replace(job, priority=min(job.priority, VISIBLE)))

        self._queue.transact("reorder jobs", work)

    def budget(self) -> Budget:
        """What may be spent, and what is."""
        return self._queue.transact("read the books", lambda turn: self._queue.ledger.budget(turn.connection))

    def set_budget(self, total: float, *, per_request: float | None) -> Budget:
        """Sets what all jobs together, and one request, may cost in US dollars. What is reserved stays so.

        Raises:
            BadInput: less than nothing, or not a number.
        """
        for amount in (total, *([] if per_request is None else [per_request])):
            if not 0 <= amount < 1e9:
                raise BadInput(f"{amount} is no budget", hint="use US dollars, such as 5 or 12.50")

        def work(turn: Turn) -> None:
            cap = None if per_request is None else micros(per_request)
            mine = update(QUEUE).where(QUEUE.c.workspace_id == self._w)
            turn.connection.execute(mine.values(budget=micros(total), request_cap=cap))

        self._queue.transact("set the budget", work)
        return self.budget()

    def _cancel(self, turn: Turn, job: Job, out: list[Job]) -> None:
        if not job.is_open:
            return
        out.append(turn.end_cancelled(job))
        for child in turn.needed(job.id):
            if child.parent and not turn.is_needed(child.id):
                self._cancel(turn, child, out)

    def _ids(self, states: Sequence[str]) -> list[JobId]:
        ids = select(JOB.c.id).where(self._mine, JOB.c.state.in_(states)).order_by(JOB.c.position)
        return self._queue.transact(
            "read the queue", lambda turn: [JobId(key) for key in turn.connection.scalars(ids)]
        )

    def _set_paused(self, paused: bool) -> None:
        def work(turn: Turn) -> None:
            mine = update(QUEUE).where(QUEUE.c.workspace_id == self._w)
            turn.connection.execute(mine.values(paused=paused))

        self._queue.transact("pause the queue" if paused else "resume the queue", work)
        self._queue.paused = paused
        self._queue.news.wake_all()


def checked(found: Sequence[Job], name: str) -> list[Job]:
    """What was found by a name, if it is what can have been meant.

    Raises:
        BadInput: nothing was, or the start of an id is that of several.
    """
    if not found:
        raise BadInput(f"there is no job {name!r}", hint="list them with: forkframe jobs WS")
    if len(found) > 1 and all(job.id.startswith(name) for job in found):
        raise BadInput(
            f"{name!r} is the start of {len(found)} jobs", hint=f"such as {found[0].id} and {found[1].id}"
        )
    return list(found)
