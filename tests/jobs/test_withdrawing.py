"""A cancelled job whose provider may be at work on it: it ends when that was told, whatever happens meanwhile."""

from __future__ import annotations

import pytest

from forkframe.jobs.job import Job, Lease
from forkframe.jobs.queue import LeaseLost
from forkframe.jobs.retry import MOST_TELLINGS
from tests.jobs.queues import BROKEN, BUSY, HOUR, MOST, Owner


@pytest.fixture
def waiting(owner: Owner) -> Job:
    """A job between two attempts, which a provider is at work on."""
    owner.control.set_budget(5, per_request=None)
    job = owner.ask("e1", "key", lane="remote", dollars=2.0, engine="veo")
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=False, remote="r1")
    owner.queue.fail(lease, BUSY)
    assert owner.states(job) == ["waiting"]
    return job


def telling(owner: Owner) -> Lease:
    """The next job whose provider is to be told, which there has to be."""
    lease = owner.queue.take_cancelled()
    assert lease is not None
    return lease


def test_one_that_waits_for_its_next_attempt_is_not_cancelled_before_its_provider_knows(
    owner: Owner, waiting: Job
) -> None:
    assert [job.state for job in owner.control.cancel([waiting.id])] == ["cancelling"]
    owner.hands.advance(HOUR)
    owner.queue.tend()
    assert owner.queue.take("remote") is None, "nobody renders it any more"
    assert owner.books([waiting]) == [(2.0, 0.0)]
    lease = telling(owner)
    assert (lease.job.remote, lease.job.cancelling) == ("r1", True)
    assert owner.queue.take_cancelled() is None, "it is told once"
    owner.queue.note_remote(lease, submitting=True, remote="")
    assert owner.queue.stop(lease).state == "cancelled"
    assert owner.books([waiting]) == [(0.0, 2.0)], "what it is billed for nobody knows"


def test_what_the_provider_does_not_bill_is_given_back(owner: Owner, waiting: Job) -> None:
    owner.control.cancel_all()
    lease = telling(owner)
    owner.queue.note_remote(lease, submitting=False, remote="")
    owner.queue.stop(lease)
    assert owner.books([waiting]) == [(0.0, 0.0)]


def test_one_that_no_provider_has_taken_is_cancelled_at_once(owner: Owner) -> None:
    job = owner.ask(lane="remote")
    owner.queue.fail(owner.take("remote"), BUSY)
    owner.control.cancel([job.id])
    assert owner.states(job) == ["cancelled"]
    assert owner.queue.take_cancelled() is None


def test_its_provider_is_told_also_while_the_queue_is_paused(owner: Owner, waiting: Job) -> None:
    owner.control.pause()
    owner.control.pause([waiting.id])
    owner.control.cancel([waiting.id])
    assert telling(owner).id == waiting.id
    owner.reopen(resume=False)
    assert owner.queue.paused
    assert telling(owner).id == waiting.id, (
        "and by whoever has the workspace open, were it for a short command"
    )


@pytest.mark.parametrize("when", ["before anybody was at it", "while somebody is at it", "while it rendered"])
def test_the_wish_outlasts_the_program(owner: Owner, waiting: Job, when: str) -> None:
    if when == "while it rendered":
        owner.hands.advance(MOST)
        owner.queue.tend()
        owner.take("remote")
    owner.control.cancel([waiting.id])
    if when == "while somebody is at it":
        telling(owner)
    owner.reopen()
    assert owner.states(waiting) == ["cancelling"]
    owner.queue.stop(telling(owner))
    assert owner.states(waiting) == ["cancelled"]


def test_a_runner_that_puts_it_back_leaves_the_wish_to_the_next(owner: Owner, waiting: Job) -> None:
    owner.control.cancel([waiting.id])
    owner.queue.put_back(telling(owner))
    assert owner.queue.stop(telling(owner)).state == "cancelled"


def test_one_that_runs_and_is_stopped_without_a_word_from_its_provider_is_told_after(
    owner: Owner, waiting: Job
) -> None:
    owner.hands.advance(MOST)
    owner.queue.tend()
    lease = owner.take("remote")
    owner.control.cancel([waiting.id])
    assert owner.queue.stop(lease).state == "cancelling"
    assert telling(owner).id == waiting.id


def test_a_provider_that_can_not_be_told_is_told_again_later_and_not_for_ever(
    owner: Owner, waiting: Job
) -> None:
    owner.control.cancel([waiting.id])
    for attempt in range(1, MOST_TELLINGS):
        told = owner.queue.fail(telling(owner), BUSY)
        assert (told.state, told.attempts) == ("cancelling", attempt)
        assert owner.queue.take_cancelled() is None
        owner.hands.advance(MOST)
        owner.queue.tend()
    given_up = owner.queue.fail(telling(owner), BUSY)
    assert given_up.state == "cancelled"
    assert given_up.story[-1]["what"].endswith("; what was asked for may go on there")
    assert owner.books([waiting]) == [(0.0, 2.0)]


def test_a_provider_that_nobody_can_tell_anything_is_given_up_at_once(owner: Owner, waiting: Job) -> None:
    owner.control.cancel([waiting.id])
    assert owner.queue.fail(telling(owner), BROKEN).state == "cancelled"


def test_cancelling_it_twice_disturbs_nobody_who_tells_its_provider(owner: Owner, waiting: Job) -> None:
    stopped: list[str] = []
    owner.queue.on_cancelling = stopped.append
    owner.control.cancel([waiting.id])
    owner.control.cancel_all()
    lease = telling(owner)
    owner.control.cancel([waiting.id])
    owner.control.cancel_all()
    assert stopped == []
    owner.queue.stop(lease)


def test_a_late_word_of_who_told_it_is_not_accepted(owner: Owner, waiting: Job) -> None:
    owner.control.cancel([waiting.id])
    late = telling(owner)
    owner.reopen()
    owner.queue.stop(telling(owner))
    with pytest.raises(LeaseLost):
        owner.queue.stop(late)


def test_closing_waits_until_its_provider_was_told_once(owner: Owner, waiting: Job) -> None:
    owner.control.cancel([waiting.id])
    owner.control.pause()  # what else there is stays as it is
    with pytest.raises(TimeoutError):
        owner.queue.wait_for_session(timeout=0.05)
    lease = telling(owner)
    with pytest.raises(TimeoutError):
        owner.queue.wait_for_session(timeout=0.05)
    owner.queue.fail(lease, BUSY)
    owner.queue.wait_for_session(timeout=5)
    assert owner.states(waiting) == ["cancelling"], "the next owner tells it"


@pytest.mark.parametrize("runs", [True, False], ids=["while it runs", "while its provider is told"])
def test_who_asks_again_for_what_is_about_to_be_cancelled_gets_a_job_that_is_not(
    owner: Owner, waiting: Job, runs: bool
) -> None:
    if runs:
        owner.hands.advance(MOST)
        owner.queue.tend()
        lease = owner.take("remote")
    owner.control.cancel([waiting.id])
    (again,) = owner.queue.submit(waiting.request)
    assert (again.id == waiting.id, again.state) == (False, "queued")
    (same,) = owner.queue.submit(waiting.request)
    assert same.id == again.id
    owner.queue.stop(lease if runs else telling(owner))
    if runs:
        owner.queue.stop(telling(owner))
    assert owner.run("remote").state == "done"
    assert owner.states(waiting, again) == ["cancelled", "done"]


def test_what_an_attempt_finds_nobody_to_want_but_somebody_asked_for_since_is_performed_again(
    owner: Owner,
) -> None:
    job = owner.ask("e1", "key")
    lease = owner.take()
    owner.ask("e1", "key")
    assert owner.queue.stop(lease).state == "queued"
    assert owner.queue.stop(owner.take()).state == "cancelled"
    assert owner.states(job) == ["cancelled"]
