"""The queue of record: what was asked for is on the disk until it has ended, and ends once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.errors import (
    BadInput,
    ChangeRefused,
    ForkframeError,
    OutputFailed,
)
from forkframe.jobs.job import LATER, NORMAL, VISIBLE, WANTED, Delivery, Job, Lease
from forkframe.jobs.queue import LEASE, LeaseLost, Queue
from forkframe.jobs.retry import MOST_ATTEMPTS, Backoff
from forkframe.model.changes import AddNodes, Envelope
from forkframe.model.ids import NodeId, new_op_id
from tests.jobs.queues import BROKEN, BUSY, DIED, MOST, NOWHERE, Owner, adding, human, request
from tests.model.build import node

# Asking


def test_the_same_asked_twice_is_one_open_job(owner: Owner) -> None:
    first = owner.ask("e1", "key")
    assert owner.ask("e1", "key") == first
    lease = owner.take()
    assert owner.ask("e1", "key").id == first.id
    owner.queue.fail(lease, DIED)
    assert owner.ask("e1", "key").id == first.id
    assert list(owner.all_jobs()) == [first.id]


def test_the_same_twice_in_one_call_is_one_job(owner: Owner) -> None:
    one, two = owner.queue.submit(request("e1", "key"), request("e1", "key"))
    assert one == two
    assert list(owner.all_jobs()) == [one.id]


def test_another_subject_content_or_kind_is_another_job(owner: Owner) -> None:
    wishes = [request("e1", "a"), request("e2", "a"), request("e1", "b"), request("e1", "a", kind="drawing")]
    assert len({job.id for job in owner.queue.submit(*wishes)}) == 4


def test_requests_without_a_content_key_are_never_the_same(owner: Owner) -> None:
    assert owner.ask("e1").id != owner.ask("e1").id


def test_what_is_done_can_be_asked_for_anew(owner: Owner) -> None:
    first = owner.ask("e1", "key")
    owner.run()
    second = owner.ask("e1", "key")
    assert second.id != first.id
    assert owner.states(first, second) == ["done", "queued"]


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_what_failed_or_was_cancelled_is_the_same_job_when_it_is_asked_for_again(
    owner: Owner, end: str
) -> None:
    job = owner.ask("e1", "key")
    if end == "failed":
        owner.queue.fail(owner.take(), BROKEN)
    else:
        owner.control.cancel([job.id])
    assert owner.states(job) == [end]
    again = owner.ask("e1", "key")
    assert (again.id, again.state, again.attempts) == (job.id, "queued", 0)
    assert [line["what"] for line in again.story][-1] == "asked for again"


def test_a_change_and_the_jobs_for_it_come_together(owner: Owner) -> None:
    (job,) = owner.queue.submit(request("n1"), change=human(owner, AddNodes((node("n1"),))))
    assert NodeId("n1") in owner.store.graph.nodes
    assert owner.states(job) == ["queued"]


def test_without_its_change_no_job_is_submitted(owner: Owner) -> None:
    refused = Envelope(new_op_id(), "anna", owner.store.seq, NOWHERE)
    with pytest.raises(BadInput):
        owner.queue.submit(request("n1"), change=refused)
    with pytest.raises(BadInput):
        owner.queue.submit_family(request("n1"), [request("n2")], change=refused)
    assert owner.all_jobs() == {}


def test_a_change_that_is_sent_twice_gets_the_same_job_twice(owner: Owner) -> None:
    change = human(owner, AddNodes((node("n1"),)))
    first = owner.queue.submit(request("n1", "key"), change=change)
    assert owner.queue.submit(request("n1", "key"), change=change) == first
    assert owner.store.seq == 1


# Order


def test_jobs_run_by_priority_and_then_in_the_order_in_which_they_were_asked_for(owner: Owner) -> None:
    for name, priority in [
        ("a", NORMAL),
        ("b", LATER),
        ("c", VISIBLE),
        ("d", NORMAL),
        ("e", WANTED),
        ("f", VISIBLE),
    ]:
        owner.ask(name, priority=priority)
    assert owner.run_all() == ["c", "f", "e", "a", "d", "b"]


def test_a_lane_has_only_its_own_jobs(owner: Owner) -> None:
    owner.ask("a", lane="gpu")
    owner.ask("b", lane="cpu")
    assert owner.queue.take("remote") is None
    assert owner.run_all("gpu") == ["a"]
    assert owner.run_all("cpu") == ["b"]


def test_a_runner_gets_its_next_job_with_the_end_of_the_last(owner: Owner) -> None:
    first, second = owner.queue.submit(request("a"), request("b", lane="gpu"))
    then = owner.queue.deliver(owner.take(), Delivery(), then="gpu")
    assert then is not None
    assert then.id == second.id
    assert owner.states(first, second) == ["done", "running"]
    assert owner.queue.deliver(then, Delivery(), then="gpu") is None


# The same content


def test_the_same_content_never_runs_twice_at_the_same_time(owner: Owner) -> None:
    first, second = owner.queue.submit(request("e1", "key"), request("e2", "key", lane="gpu"))
    lease = owner.take()
    assert owner.queue.take("gpu") is None
    assert owner.states(first, second) == ["running", "waiting"]
    owner.queue.deliver(lease, Delivery())
    assert owner.take("gpu").id == second.id


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_the_second_of_the_same_content_runs_also_if_the_first_failed(owner: Owner, end: str) -> None:
    _, second = owner.queue.submit(request("e1", "key"), request("e2", "key"))
    lease = owner.take()
    assert owner.queue.take("cpu") is None
    if end == "failed":
        owner.queue.fail(lease, BROKEN)
    else:
        owner.queue.stop(lease)
    assert owner.take().id == second.id


def test_those_behind_one_that_waits_for_the_same_content_run_meanwhile(owner: Owner) -> None:
    _, _, third = owner.queue.submit(request("e1", "key"), request("e2", "key"), request("e3", "other"))
    owner.take()
    assert owner.take().id == third.id


def failed_after_each_other(owner: Owner) -> tuple[Job, Job]:
    """Two jobs for the same content, each of which has waited for the other."""
    one, two = owner.queue.submit(request("e1", "key"), request("e2", "key"))
    first = owner.take()
    assert owner.queue.take("cpu") is None
    owner.queue.fail(first, BROKEN)
    second = owner.take()
    owner.control.retry([one.id])
    assert owner.queue.take("cpu") is None
    owner.queue.fail(second, BROKEN)
    return one, two


def test_jobs_for_the_same_content_that_both_failed_can_both_be_retried(owner: Owner) -> None:
    jobs = failed_after_each_other(owner)
    owner.queue.fail(owner.take(), BROKEN)
    assert owner.states(*jobs) == ["failed", "failed"]
    owner.control.retry_failed()
    assert sorted(owner.run_all()) == ["e1", "e2"]


def test_jobs_for_the_same_content_never_wait_for_each_other(owner: Owner) -> None:
    one, two = failed_after_each_other(owner)
    owner.control.retry([two.id])
    owner.control.pause([one.id])
    owner.control.resume([one.id])
    assert sorted(owner.run_all()) == ["e1", "e2"]


def test_retrying_a_job_leaves_alone_the_one_it_made_way_for(owner: Owner) -> None:
    first, second = owner.queue.submit(request("e1", "key"), request("e2", "key"))
    lease = owner.take()
    assert owner.queue.take("cpu") is None
    owner.queue.stop(lease)
    owner.queue.fail(owner.take(), BROKEN)
    owner.control.retry([second.id])
    assert owner.states(first, second) == ["cancelled", "queued"]


# Failing


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("error", [DIED, BUSY])
def test_what_may_work_later_is_tried_again_after_a_while(
    owner: Owner, error: ForkframeError, chance: float
) -> None:
    job = owner.ask()
    owner.chance = chance
    for attempt, most in enumerate([1.0, 2.0], start=1):
        failed = owner.queue.fail(owner.take(), error)
        assert (failed.state, failed.attempts) == ("waiting", attempt)
        wait = most * (0.5 + 0.5 * chance)
        owner.hands.advance(wait - 0.001)
        owner.queue.tend()
        assert owner.states(job) == ["waiting"]
        owner.hands.advance(0.002)
        owner.queue.tend()
        assert owner.states(job) == ["queued"]


@given(
    attempts=st.integers(1, 200), chance=st.floats(0, 1), first=st.floats(0.01, 10), more=st.floats(1, 1000)
)
def test_the_back_off_doubles_and_stays_within_its_bounds(
    attempts: int, chance: float, first: float, more: float
) -> None:
    most = first * more
    wait = Backoff(first=first, most=most, chance=lambda: chance).seconds(attempts)
    ceiling = min(most, first * 2.0 ** (attempts - 1))
    assert ceiling / 2 <= wait <= ceiling <= most


@pytest.mark.parametrize("error", [DIED, BUSY])
def test_the_third_failure_is_the_last_and_says_why(owner: Owner, error: ForkframeError) -> None:
    job = owner.ask()
    for _ in range(MOST_ATTEMPTS):
        owner.queue.fail(owner.take(), error)
        owner.hands.advance(MOST)
        owner.queue.tend()
    dead = owner.now(job)
    assert (dead.state, dead.attempts) == ("failed", 3)
    assert dead.failure == {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "detail": "",
    }
    assert [line["what"] for line in dead.story] == [
        f"attempt 1 failed: {error.message}; again in 1.0 s",
        f"attempt 2 failed: {error.message}; again in 2.0 s",
        f"failed for the third time, given up: {error.message}",
    ]


@pytest.mark.parametrize("error", [BROKEN, BadInput("no"), ChangeRefused("gone"), OutputFailed("full")])
def test_what_will_not_work_later_fails_at_once(owner: Owner, error: ForkframeError) -> None:
    owner.ask()
    failed = owner.queue.fail(owner.take(), error)
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert failed.failure is not None
    assert failed.failure["message"] == error.message
    assert [line["what"] for line in failed.story] == [f"failed: {error.message}"]


def test_the_change_that_goes_with_a_failure_comes_with_the_last_one_only(owner: Owner) -> None:
    owner.ask()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert owner.store.seq == 0
        owner.queue.fail(owner.take(), DIED, change=AddNodes((node(f"n{attempt}"),)))
        owner.hands.advance(MOST)
        owner.queue.tend()
    assert list(owner.store.graph.nodes) == ["n3"]


def test_a_failure_whose_change_does_not_fit_leaves_the_job_as_it_was(owner: Owner) -> None:
    owner.ask()
    lease = owner.take()
    with pytest.raises(BadInput):
        owner.queue.fail(lease, BROKEN, change=NOWHERE)
    assert owner.now(lease) == lease.job
    assert owner.queue.fail(lease, BROKEN).state == "failed"


def test_a_retried_job_has_all_attempts_before_it_and_asks_for_the_same(owner: Owner) -> None:
    body: dict[str, object] = {"recipe": {"seed": 7, "points": [[0, 1]]}}
    job = owner.ask("e1", "key", body=body, engine="fake", sequence="s1", seconds=3.5, priority=WANTED)
    for _ in range(MOST_ATTEMPTS):
        owner.queue.fail(owner.take(), DIED)
        owner.hands.advance(MOST)
        owner.queue.tend()
    (again,) = owner.control.retry([job.id])
    assert (again.state, again.attempts, again.request) == ("queued", 0, job.request)
    for _ in range(MOST_ATTEMPTS - 1):
        assert owner.queue.fail(owner.take(), DIED).state == "waiting"
        owner.hands.advance(MOST)
        owner.queue.tend()
    assert owner.queue.fail(owner.take(), DIED).state == "failed"


# Leases


LATE: dict[str, Callable[[Queue, Lease], object]] = {
    "deliver": lambda queue, lease: queue.deliver(lease, adding("late")),
    "deliver nothing": lambda queue, lease: queue.deliver(lease, Delivery(dollars=2.0), then="cpu"),
    "fail": lambda queue, lease: queue.fail(lease, BROKEN, change=AddNodes((node("late"),))),
    "fail for now": lambda queue, lease: queue.fail(lease, DIED),
    "stop": lambda queue, lease: queue.stop(lease),
    "put back": lambda queue, lease: queue.put_back(lease),
    "await others": lambda queue, lease: queue.await_others(lease, [request("child")]),
    "note remote": lambda queue, lease: queue.note_remote(lease, submitting=False, remote="r1"),
}


def assert_fenced(owner: Owner, act: Callable[[Queue, Lease], object], queue: Queue, lease: Lease) -> None:
    """Nothing is accepted from a lease that was lost, and nothing is changed by it."""
    before = owner.all_jobs(), owner.store.seq, owner.books([lease]), owner.budget()
    with pytest.raises(LeaseLost):
        act(queue, lease)
    assert (owner.all_jobs(), owner.store.seq, owner.books([lease]), owner.budget()) == before
    assert NodeId("late") not in owner.store.graph.nodes


@pytest.mark.parametrize("act", LATE.values(), ids=LATE)
def test_nothing_is_accepted_from_a_lease_that_ran_out_and_went_to_another_runner(
    owner: Owner, act: Callable[[Queue, Lease], object]
) -> None:
    owner.control.set_budget(5, per_request=None)
    other = owner.another_queue()
    owner.ask(dollars=3.0)
    lost = owner.take()
    owner.hands.advance(LEASE + 1)
    other.tend()
    held = other.take("cpu")
    assert held is not None
    assert (held.id, held.token) == (lost.id, lost.token + 1)
    assert_fenced(owner, act, owner.queue, lost)
    other.deliver(held, Delivery(dollars=1.0))
    assert_fenced(owner, act, owner.queue, lost)


@pytest.mark.parametrize("act", LATE.values(), ids=LATE)
@pytest.mark.parametrize("end", ["done", "failed", "cancelled", "waiting", "queued"])
def test_nothing_is_accepted_from_a_lease_that_has_ended(
    owner: Owner, act: Callable[[Queue, Lease], object], end: str
) -> None:
    job = owner.ask()
    lease = owner.take()
    match end:
        case "done":
            owner.queue.deliver(lease, Delivery())
        case "failed":
            owner.queue.fail(lease, BROKEN)
        case "waiting":
            owner.queue.fail(lease, DIED)
        case "queued":
            owner.queue.put_back(lease)
        case _:
            owner.queue.stop(lease)
    assert owner.states(job) == [end]
    assert_fenced(owner, act, owner.queue, lease)


def test_a_runner_that_says_it_is_at_work_hears_which_leases_it_has_lost(owner: Owner) -> None:
    owner.queue.submit(request("e1"), request("e2"))
    kept, lost = owner.take(), owner.take()
    owner.queue.put_back(lost)
    assert owner.queue.beat([(kept, 0.25), (lost, 0.75)]) == [lost]
    assert [owner.now(lease).share for lease in (kept, lost)] == [0.25, 0.0]
    again = owner.take()
    assert owner.queue.beat([(lost, 0.5), (again, 0.125)]) == [lost]
    assert owner.now(again).share == 0.125


@pytest.mark.parametrize("who", ["its own queue", "another one"])
def test_a_lease_lasts_as_long_as_its_runner_says_that_it_is_at_work(owner: Owner, who: str) -> None:
    looking = owner.another_queue() if who == "another one" else owner.queue
    owner.ask()
    lease = owner.take()
    for _ in range(5):
        assert owner.queue.beat([(lease, 0.5)]) == []
        owner.hands.advance(LEASE - 1)
        looking.tend()
        assert owner.states(lease) == ["running"]
    owner.hands.advance(2)
    looking.tend()
    silent = owner.now(lease)
    assert (silent.state, silent.attempts, silent.interruptions) == ("queued", 0, 1)
    assert "fell silent" in silent.story[-1]["what"]
    assert owner.queue.beat([(lease, 0.5)]) == [lease]


def test_a_job_that_is_given_back_is_at_its_old_place_and_no_attempt_is_counted(owner: Owner) -> None:
    first, _ = owner.queue.submit(request("e1"), request("e2"))
    back = owner.queue.put_back(owner.take())
    assert (back.state, back.attempts, back.interruptions) == ("queued", 0, 0)
    assert owner.take().id == first.id


def test_tokens_only_grow_also_when_the_workspace_is_opened_again(owner: Owner) -> None:
    owner.ask()
    tokens: list[int] = []
    for _ in range(3):
        tokens.append(owner.take().token)
        owner.reopen()
        lease = owner.take()
        tokens.append(lease.token)
        owner.queue.put_back(lease)
    assert tokens == [1, 2, 3, 4, 5, 6]


# Delivering


def test_what_a_job_brings_comes_with_its_end(owner: Owner) -> None:
    owner.ask()
    job = owner.run(delivery=adding("n1"))
    assert (job.state, job.share, job.result) == ("done", 1.0, {"node": "n1"})
    assert list(owner.store.graph.nodes) == ["n1"]
    (entry,) = owner.store.log()
    assert entry.actor == "engine"


def test_a_job_whose_change_is_refused_runs_on_and_nothing_is_changed(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    owner.ask(dollars=3.0)
    owner.ask("e2")
    lease = owner.take()
    with pytest.raises(BadInput):
        owner.queue.deliver(lease, Delivery(NOWHERE, dollars=1.0), then="cpu")
    assert owner.now(lease) == lease.job
    assert (owner.store.seq, owner.books([lease])) == (0, [(3.0, 0.0)])
    assert owner.take().job.request.title == "e2"
    owner.queue.deliver(lease, adding("n1"))
    assert owner.states(lease) == ["done"]


def test_a_change_is_not_made_by_a_job_that_can_not_end(owner: Owner) -> None:
    owner.ask()
    lease = owner.take()
    owner.queue.stop(lease)
    with pytest.raises(LeaseLost):
        owner.queue.deliver(lease, adding("n1"))
    assert (owner.store.seq, dict(owner.store.graph.nodes)) == (0, {})
    assert owner.store.log() == ()
