"""Opening a workspace again, and waiting for what was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from forkframe.errors import (
    BadInput,
)
from forkframe.jobs.job import Delivery, Job
from forkframe.jobs.queue import LEASE, LeaseLost
from forkframe.jobs.retry import MOST_INTERRUPTIONS
from tests.jobs.queues import BROKEN, DIED, HOUR, MOST, NOWHERE, Owner, adding, request

# Opening a workspace again


def test_what_ran_when_the_workspace_was_closed_is_queued_at_its_old_place(owner: Owner) -> None:
    jobs = owner.queue.submit(*(request(name) for name in "abcd"))
    owner.take()
    owner.take()
    owner.reopen()
    assert owner.states(*jobs) == ["queued"] * 4
    interrupted = owner.now(jobs[0])
    assert (interrupted.attempts, interrupted.interruptions) == (0, 1)
    assert owner.run_all() == ["a", "b", "c", "d"]


def test_a_lease_from_before_the_workspace_was_opened_again_is_lost(owner: Owner) -> None:
    owner.ask()
    lost = owner.take()
    owner.reopen()
    with pytest.raises(LeaseLost):
        owner.queue.deliver(lost, adding("late"))
    assert owner.queue.beat([(lost, 0.5)]) == [lost]
    assert owner.states(lost) == ["queued"]


def test_what_was_to_be_cancelled_when_the_workspace_was_closed_is_cancelled(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    lease = owner.take()
    owner.control.cancel([lease.id])
    owner.reopen()
    assert owner.states(lease, parent) == ["cancelled", "queued"]


def test_a_job_that_was_interrupted_ten_times_fails_with_a_reason(owner: Owner) -> None:
    job = owner.ask("sunset to beach")
    for count in range(1, MOST_INTERRUPTIONS):
        owner.take()
        owner.reopen()
        assert (owner.now(job).state, owner.now(job).interruptions) == ("queued", count)
    owner.take()
    owner.reopen()
    dead = owner.now(job)
    assert dead.state == "failed"
    assert dead.failure is not None
    assert "sunset to beach was interrupted 10 times" in dead.failure["message"]
    assert dead.failure["hint"]
    (again,) = owner.control.retry([job.id])
    assert (again.state, again.interruptions) == ("queued", 0)


def test_a_family_goes_on_where_it_was_when_the_workspace_was_closed(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1"), request("e2")])
    owner.run()
    owner.take()
    owner.reopen()
    assert owner.states(parent) == ["waiting"]
    assert owner.run_all() == ["e2", "film"]


def test_new_jobs_come_after_those_of_earlier_times(owner: Owner) -> None:
    owner.ask("a")
    owner.ask("b")
    owner.reopen()
    owner.ask("c")
    assert owner.run_all() == ["a", "b", "c"]


def test_who_does_not_go_on_with_earlier_jobs_runs_only_its_own(owner: Owner) -> None:
    earlier = owner.ask("a")
    parent = owner.queue.submit_family(request("film"), [request("e1", "key")])
    owner.reopen(resume=False)
    assert owner.queue.take("cpu") is None
    owner.ask("b")
    owner.ask("e1", "key")
    assert owner.run_all() == ["e1", "b"]
    assert owner.states(earlier, parent) == ["queued", "queued"]


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forwards", "backwards"])
@pytest.mark.parametrize("held", ["", "paused"])
def test_a_clock_that_is_set_while_the_workspace_is_closed_delays_nobody_for_long(
    owner: Owner, jump: float, held: str
) -> None:
    job = owner.ask()
    owner.queue.fail(owner.take(), DIED)
    if held:
        owner.control.pause([job.id])
    owner.reopen(clock=jump)
    if held:
        owner.control.resume([job.id])
    owner.hands.advance(MOST)
    owner.queue.tend()
    assert owner.take().id == job.id


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forwards", "backwards"])
def test_a_clock_that_is_set_while_the_workspace_is_open_changes_nothing(owner: Owner, jump: float) -> None:
    other = owner.another_queue()
    owner.queue.submit(request("e1"), request("e2"))
    owner.queue.fail(owner.take(), DIED)
    running = owner.take()
    owner.hands.set_wall(jump)
    owner.hands.advance(0.9)
    owner.queue.tend()
    other.tend()
    assert owner.queue.take("cpu") is None
    assert owner.states(running) == ["running"]
    owner.hands.advance(0.2)
    owner.queue.tend()
    assert owner.take().job.request.title == "e1"
    owner.hands.advance(LEASE)
    other.tend()
    assert owner.states(running) == ["queued"]


# Waiting, and being told


def test_everybody_who_waits_for_a_job_gets_it_when_it_has_ended(owner: Owner) -> None:
    job = owner.ask()
    ready = threading.Barrier(9)

    def wait(_: int) -> Job:
        ready.wait(60)
        return owner.queue.wait(job.id, timeout=60)

    with ThreadPoolExecutor(8) as threads:
        waits = [threads.submit(wait, n) for n in range(8)]
        ready.wait(60)
        lease = owner.take()
        owner.queue.deliver(lease, adding("n1"))
        ends = [waiting.result(60) for waiting in waits]
    assert ends == [owner.now(job)] * 8
    assert ends[0].state == "done"


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_who_waits_for_a_job_gets_it_also_if_it_fails(owner: Owner, end: str) -> None:
    job = owner.ask()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(owner.queue.wait, job.id, 60)
        if end == "failed":
            owner.queue.fail(owner.take(), BROKEN)
        else:
            owner.control.cancel([job.id])
        assert waiting.result(60).state == end


def test_who_waits_for_a_job_that_is_retried_the_moment_it_fails_waits_on(owner: Owner) -> None:
    job, lease = owner.ask(), owner.take()
    begun = threading.Event()

    def wait() -> Job:
        begun.set()
        return owner.queue.wait(job.id, timeout=60)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait)
        begun.wait(60)
        for _ in range(20):  # let it look at the job, most likely, and begin to wait
            assert owner.states(job) == ["running"]
        # In one go on the writer's thread: whoever looks at the job after its end sees it queued again.
        owner.store.read(lambda _: (owner.queue.fail(lease, BROKEN), owner.control.retry([job.id])))
        owner.run()
        assert waiting.result(60).state == "done"


def test_waiting_for_what_has_ended_returns_at_once(owner: Owner) -> None:
    owner.ask()
    done = owner.run()
    assert owner.queue.wait(done.id, timeout=0) == done


def test_waiting_ends_with_an_error_when_the_time_is_over(owner: Owner) -> None:
    job = owner.ask("sunset to beach")
    with pytest.raises(TimeoutError, match="sunset to beach is not done"):
        owner.queue.wait(job.id, timeout=0.01)
    assert owner.states(job) == ["queued"]


def test_a_session_is_over_when_its_own_jobs_have_ended(owner: Owner) -> None:
    owner.ask("earlier")
    owner.reopen()
    owner.queue.wait_for_session(timeout=60)
    owner.ask("mine")
    with ThreadPoolExecutor(1) as threads:
        over = threads.submit(owner.queue.wait_for_session, 60)
        owner.control.move_first([job.id for job in owner.control.named("mine")])
        owner.run()
        over.result(60)
    assert [job.request.title for job in owner.all_jobs().values() if job.is_open] == ["earlier"]


@pytest.mark.parametrize("what", ["all", "a job", "a child"])
def test_a_session_does_not_wait_for_what_is_paused(owner: Owner, what: str) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    (child,) = owner.queue.needs(parent.id)
    owner.control.pause({"all": None, "a job": [parent.id, child.id], "a child": [child.id]}[what])
    owner.queue.wait_for_session(timeout=60)


def test_a_session_waits_also_for_earlier_jobs_that_its_own_wait_for(owner: Owner) -> None:
    owner.queue.submit(request("e1", "key"), request("e2", "key"))
    owner.take()
    assert owner.queue.take("cpu") is None
    owner.reopen()
    mine = owner.ask("e2", "key")
    assert mine.state == "waiting"  # for e1, which was asked for earlier
    with pytest.raises(TimeoutError):
        owner.queue.wait_for_session(timeout=0.05)
    assert owner.run_all() == ["e1", "e2"]
    owner.queue.wait_for_session(timeout=60)


def test_a_session_that_adopts_what_is_open_waits_for_it_and_runs_it(owner: Owner) -> None:
    owner.ask("earlier")
    owner.reopen(resume=False)
    assert owner.queue.take("cpu") is None
    owner.queue.adopt()
    with pytest.raises(TimeoutError):
        owner.queue.wait_for_session(timeout=0.05)
    assert owner.run_all() == ["earlier"]
    owner.queue.wait_for_session(timeout=60)


NEWS: dict[str, Callable[[Owner], object]] = {
    "is submitted": lambda owner: owner.ask("new"),
    "is put back": lambda owner: owner.queue.put_back(owner.take()),
    "has waited long enough": lambda owner: (
        owner.queue.fail(owner.take(), DIED),
        owner.hands.advance(MOST),
        owner.queue.tend(),
    ),
    "has all it needs": lambda owner: (owner.queue.await_others(owner.take(), []),),
    "is retried": lambda owner: owner.control.retry([owner.queue.stop(owner.take()).id]),
    "goes on after a pause": lambda owner: (owner.control.pause(), owner.control.resume()),
}


@pytest.mark.parametrize("happens", NEWS.values(), ids=NEWS)
def test_whoever_looks_for_something_to_do_is_told_when_a_job(
    owner: Owner, happens: Callable[[Owner], object]
) -> None:
    owner.ask("a")
    seen = owner.queue.news.version("cpu")
    with ThreadPoolExecutor(1) as threads:
        told = threads.submit(owner.queue.news.wait, "cpu", seen, 60)
        happens(owner)
        told.result(60)
    assert owner.queue.news.version("cpu") > seen
    assert owner.queue.take("cpu") is not None


def test_whoever_looks_for_something_to_do_is_told_when_a_child_ends(owner: Owner) -> None:
    owner.queue.submit_family(request("film", lane="owner"), [request("e1")])
    lease, seen = owner.take(), owner.queue.news.version("owner")
    owner.queue.deliver(lease, Delivery())
    owner.queue.news.wait("owner", seen, 60)
    assert owner.queue.take("owner") is not None


def test_news_of_a_lane_wakes_nobody_else(owner: Owner) -> None:
    seen = owner.queue.news.version("gpu")
    owner.ask(lane="cpu")
    assert owner.queue.news.version("gpu") == seen
    began = time.monotonic()
    owner.queue.news.wait("gpu", seen, 0.05)
    assert time.monotonic() - began >= 0.05


def test_listeners_are_told_of_everything_that_happens_to_a_job(owner: Owner) -> None:
    told: list[tuple[str, str]] = []
    owner.queue.watch(lambda job: told.append((job.request.title, job.state)))
    owner.queue.submit_family(request("film"), [request("e1")])
    owner.run()
    owner.run(delivery=adding("n1"))
    assert told == [
        ("film", "waiting"),
        ("e1", "queued"),
        ("e1", "running"),
        ("e1", "done"),
        ("film", "queued"),
        ("film", "running"),
        ("film", "done"),
    ]


def test_listeners_are_told_nothing_that_did_not_happen(owner: Owner) -> None:
    owner.ask()
    lease = owner.take()
    told: list[Job] = []
    owner.queue.watch(told.append)
    with pytest.raises(BadInput):
        owner.queue.deliver(lease, Delivery(NOWHERE))
    assert told == []


def test_a_listener_that_fails_takes_no_lease_with_it(owner: Owner) -> None:
    def fail(job: Job) -> None:
        raise ValueError(job.id)

    told: list[str] = []
    owner.queue.watch(fail)
    owner.queue.watch(lambda job: told.append(job.state))
    owner.queue.submit(request("a"), request("b"))
    then = owner.queue.deliver(owner.take(), Delivery(), then="cpu")
    assert then is not None
    assert told == ["queued", "queued", "running", "done", "running"]
