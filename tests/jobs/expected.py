"""Where each job has to stand, in plain Python: what a real queue is compared with.

Of jobs for the same content it says only that they are `ready`. Which of them waits for which is the queue's own
affair, as long as one of them can go on. Whether the budget covers a request is looked up, not foretold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from forkframe.errors import ForkframeError, RenderFailed
from forkframe.jobs.job import Job, Lease, Request
from forkframe.jobs.queue import LEASE
from forkframe.jobs.retry import MOST_ATTEMPTS, MOST_INTERRUPTIONS, MOST_TELLINGS, is_retryable
from forkframe.model.ids import JobId

Jobs = Mapping[JobId, Job]
Standing = Literal[
    "ready", "blocked", "backing off", "paused", "running", "cancelling", "done", "failed", "cancelled"
]
"""`ready`: queued, or waiting for another job with the same content."""

HELD_UP: Sequence[Standing] = ("ready", "blocked", "backing off")
_STATES = {"ready": ("queued", "waiting"), "blocked": ("waiting",), "backing off": ("waiting",)}


def same(wish: Request, other: Request) -> bool:
    """Whether two requests are for the same."""
    return (wish.subject, wish.content_key, wish.kind) == (other.subject, other.content_key, other.kind)


@dataclass
class Expected:
    """What is known of a job without having looked.

    Attributes:
        until: how long its lease lasts, seconds.
        asked: whether a provider was asked and has not refused; `remote`, whether it has answered.
        due: whether it is tried again, or its provider told, at some time.
        telling: whether its lease is for telling its provider that it was cancelled.
        asked_again: whether somebody asked for it since it was leased.
        told: whether its failure says whether a provider may have been asked.
        spent: in millionths of a dollar.
        needs: the jobs that it was given to wait for.
        asked_by: the jobs that it was asked for; None for somebody who wants it for itself.
    """

    request: Request
    standing: Standing = "ready"
    token: int = 0
    until: float = 0.0
    attempts: int = 0
    interruptions: int = 0
    cancelling: bool = False
    telling: bool = False
    asked_again: bool = False
    told: bool = False
    asked: bool = False
    remote: bool = False
    generation: int = 0
    due: bool = False
    spent: int = 0
    needs: set[JobId] = field(default_factory=set[JobId])
    asked_by: set[JobId | None] = field(default_factory=set["JobId | None"])

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.standing not in ("done", "failed", "cancelled")

    def is_like(self, job: Job) -> None:
        """Fails if a job does not stand like this."""
        assert job.state in _STATES.get(self.standing, (self.standing,))
        assert job.request == self.request
        assert (job.token, job.attempts, job.interruptions) == (self.token, self.attempts, self.interruptions)
        assert (job.cancelling, job.generation) == (self.cancelling, self.generation)
        assert (bool(job.remote), bool(job.remote) or job.submitting) == (self.remote, self.asked)
        assert (job.due > 0) == self.due
        assert (job.ended_at > 0) == (not self.is_open)


class Expectations(dict[JobId, Expected]):
    """What is known of all jobs."""

    def holds(self, lease: Lease) -> bool:
        """Whether something would be accepted from a lease."""
        return self[lease.id].standing == "running" and self[lease.id].token == lease.token

    def is_blocked(self, key: JobId) -> bool:
        """Whether a job waits for others that it was given."""
        return any(self[need].is_open for need in self[key].needs)

    def others_with_the_content_of(self, key: JobId) -> bool:
        """Whether there are other open jobs that may wait for what this one makes."""
        content = self[key].request.content_key
        same_content = [other for other, job in self.items() if job.request.content_key == content]
        return bool(content) and any(self[other].is_open for other in same_content if other != key)

    def asked(self, wish: Request, job: Job, now: Jobs, *, by: JobId | None = None) -> None:
        """A request was answered with a job, which stands as it does `now`."""
        if job.id not in self:
            assert wish == job.request
            self[job.id] = Expected(wish)
            self._refused(now[job.id])
        else:
            assert wish.content_key
            assert same(wish, self[job.id].request)
            assert self[job.id].standing != "done"
            assert not self[job.id].cancelling
            if not self[job.id].is_open:
                self.renewed(job.id, now)
            self[job.id].asked_again = self[job.id].standing == "running"
        self[job.id].asked_by.add(by)

    def renewed(self, key: JobId, now: Jobs, *, retried: bool = False) -> None:
        """A job that had failed was asked for again, with those that it failed for; `retried` by somebody who was told why."""
        job = self[key]
        job.standing, job.attempts, job.interruptions, job.due = "ready", 0, 0, False
        job.asked = job.remote or (job.asked and not (retried and job.told))
        if self._refused(now[key]):
            return
        for need in job.needs:
            if self[need].standing in ("failed", "cancelled"):
                self.renewed(need, now, retried=retried)
        if self.is_blocked(key):
            job.standing = "blocked"

    def given(self, key: JobId, wishes: Sequence[Request], needs: Sequence[Job], now: Jobs) -> None:
        """A job waits for jobs for these requests, and so has these to wait for."""
        job = self[key]
        for child in needs:
            known = self.get(child.id)
            again = any(wish.content_key and same(wish, child.request) for wish in wishes)
            latest = max(
                (one for one in needs if same(one.request, child.request) and not now[one.id].cancelling),
                key=lambda one: one.position,
                default=None,
            )
            if known is None:
                assert child.parent == key
                self.asked(child.request, child, now, by=key)
            elif again and known.standing != "done" and latest == child:
                self.asked(child.request, child, now, by=key)
            else:
                assert child.id in job.needs
            job.needs.add(child.id)
        assert all(any(same(wish, self[need].request) for need in job.needs) for wish in wishes)
        job.standing, job.due = "blocked" if self.is_blocked(key) else "ready", False

    def leased(self, lease: Lease, now: float) -> None:
        """A runner got a job."""
        job = self[lease.id]
        self._taken_over(job)
        job.telling, job.asked_again = job.cancelling, False
        job.standing, job.token, job.until = "running", job.token + 1, now + LEASE
        assert (lease.token, lease.job.attempts, lease.job.request) == (job.token, job.attempts, job.request)

    def _taken_over(self, job: Expected) -> None:
        """What a provider was asked for by another job for the same is now asked for by this one."""
        wish = job.request
        if not (wish.dollars and wish.content_key) or job.asked:
            return
        for other in self.values():
            may_have_asked = (other.is_open or other.standing == "failed") and not other.cancelling
            if other.request.content_key == wish.content_key and other.asked and may_have_asked:
                job.asked, job.remote, job.generation = True, other.remote, other.generation
                other.asked, other.remote, other.generation = False, False, other.generation + 1
                return

    def failed(self, key: JobId, error: ForkframeError, *, held: int) -> None:
        """An attempt failed."""
        job = self[key]
        if job.cancelling and not job.telling:
            self.withdrawn(key, held=held)
            return
        job.attempts += 1
        job.told = type(error) is RenderFailed
        if job.telling:
            if is_retryable(error) and job.attempts < MOST_TELLINGS:
                job.standing, job.due = "cancelling", True
            else:
                self.ended(key, "cancelled", held=held)
            return
        if not is_retryable(error) or job.attempts >= MOST_ATTEMPTS:
            self.ended(key, "failed", held=held)
        else:
            job.standing, job.due = "backing off", True

    def stopped(self, key: JobId, *, held: int) -> None:
        """Its runner says that it was cancelled, or that nobody wants it."""
        job = self[key]
        if job.telling:
            self.ended(key, "cancelled", held=held)
        elif job.asked_again and not job.cancelling:
            job.standing = "ready"
        else:
            self.withdrawn(key, held=held)

    def withdrawn(self, key: JobId, *, held: int) -> None:
        """It was cancelled, and does not run any more."""
        job = self[key]
        if job.remote:
            job.standing, job.cancelling, job.due, job.attempts = "cancelling", True, False, 0
        else:
            self.ended(key, "cancelled", held=held)

    def interrupted(self, key: JobId, *, held: int) -> None:
        """Whoever ran it is gone."""
        job = self[key]
        job.interruptions += 1
        if job.interruptions >= MOST_INTERRUPTIONS:
            job.told = job.told and job.cancelling
            self.ended(key, "cancelled" if job.cancelling else "failed", held=held)
        elif job.cancelling:
            self.withdrawn(key, held=held)
        else:
            job.standing = "ready"

    def released(self, key: JobId) -> None:
        """It is not paused any more."""
        job = self[key]
        if job.standing == "paused":
            job.standing = "backing off" if job.due else "blocked" if self.is_blocked(key) else "ready"

    def ended(self, key: JobId, standing: Standing, *, held: int) -> None:
        """It has ended; so much was set aside for it."""
        job = self[key]
        if standing == "cancelled" and job.asked:  # it may have been billed: nobody knows
            job.spent += held
            job.asked = job.remote = False
            job.generation += 1
        job.standing, job.cancelling, job.due = standing, False, False
        for other, waiting in self.items():
            if key in waiting.needs and waiting.standing == "blocked" and not self.is_blocked(other):
                waiting.standing = "ready"

    def _refused(self, job: Job) -> bool:
        """Whether the budget did not cover a job."""
        if job.state != "failed":
            return False
        assert job.failure is not None
        assert job.failure["kind"] == "OverBudget"
        assert job.request.dollars
        self[job.id].standing, self[job.id].told = "failed", False
        return True
