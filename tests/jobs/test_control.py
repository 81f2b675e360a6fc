"""What people do to a queue holds: also for what comes later, and when the workspace is opened again."""

from __future__ import annotations

from itertools import pairwise

import pytest

from forkframe.errors import BadInput
from forkframe.jobs.job import LATER, NORMAL, VISIBLE, WANTED, Delivery, Job
from forkframe.jobs.records import STEP, read_jobs, read_overview
from forkframe.model.changes import AddNodes
from forkframe.model.ids import JobId
from tests.jobs.queues import BROKEN, DIED, MOST, Owner, request
from tests.model.build import node


def asked(owner: Owner, names: str) -> list[Job]:
    """A job for each letter."""
    return owner.queue.submit(*(request(name) for name in names))


# Cancelling


def test_a_queued_job_is_cancelled_at_once(owner: Owner) -> None:
    (job,) = asked(owner, "a")
    (cancelled,) = owner.control.cancel([job.id])
    assert (cancelled.state, cancelled.failure, cancelled.cancelling) == ("cancelled", None, False)
    assert owner.queue.take("cpu") is None


@pytest.mark.parametrize("state", ["waiting", "paused"])
def test_a_job_that_is_held_up_is_cancelled_at_once(owner: Owner, state: str) -> None:
    (job,) = asked(owner, "a")
    if state == "waiting":
        owner.queue.fail(owner.take(), DIED)
    else:
        owner.control.pause([job.id])
    assert owner.states(job) == [state]
    owner.control.cancel([job.id])
    owner.hands.advance(MOST)
    owner.queue.tend()
    owner.control.resume()
    assert owner.states(job) == ["cancelled"]


def test_a_running_job_is_asked_to_stop_and_ends_when_it_does(owner: Owner) -> None:
    stopped: list[JobId] = []
    owner.queue.on_cancelling = stopped.append
    (job,) = asked(owner, "a")
    lease = owner.take()
    (cancelling,) = owner.control.cancel([job.id])
    assert (cancelling.state, cancelling.cancelling) == ("running", True)
    assert stopped == [job.id]
    ended = owner.queue.stop(lease)
    assert (ended.state, ended.cancelling) == ("cancelled", False)


@pytest.mark.parametrize("end", ["put back", "fail", "fail for good"])
def test_a_job_that_was_to_be_cancelled_is_cancelled_however_it_stops(owner: Owner, end: str) -> None:
    (job,) = asked(owner, "a")
    lease = owner.take()
    owner.control.cancel([job.id])
    match end:
        case "put back":
            ended = owner.queue.put_back(lease)
        case "fail":
            ended = owner.queue.fail(lease, DIED)
        case _:
            ended = owner.queue.fail(lease, BROKEN)
    assert (ended.state, ended.cancelling) == ("cancelled", False)


def test_a_job_that_was_to_be_cancelled_leaves_no_failure_behind(owner: Owner) -> None:
    (job,) = asked(owner, "a")
    lease = owner.take()
    owner.control.cancel([job.id])
    owner.queue.fail(lease, BROKEN, change=AddNodes((node("failed"),)))
    assert (owner.states(job), owner.store.seq) == (["cancelled"], 0)


def test_what_a_job_brings_counts_also_if_it_was_just_cancelled(owner: Owner) -> None:
    (job,) = asked(owner, "a")
    lease = owner.take()
    owner.control.cancel([job.id])
    owner.queue.deliver(lease, Delivery())
    assert (owner.now(job).state, owner.now(job).cancelling) == ("done", False)


def test_what_has_ended_can_not_be_cancelled(owner: Owner) -> None:
    done, failed = asked(owner, "ab")
    owner.run()
    owner.queue.fail(owner.take(), BROKEN)
    before = owner.all_jobs()
    assert owner.control.cancel([done.id, failed.id]) == []
    assert owner.all_jobs() == before


def test_all_that_has_not_ended_can_be_cancelled_at_once(owner: Owner) -> None:
    jobs = asked(owner, "abcd")
    owner.run()
    lease = owner.take()
    owner.control.pause([jobs[2].id])
    assert [job.id for job in owner.control.cancel_all()] == [job.id for job in jobs[1:]]
    owner.queue.stop(lease)
    assert owner.states(*jobs) == ["done", "cancelled", "cancelled", "cancelled"]


def test_jobs_for_what_was_deleted_are_cancelled_unless_a_provider_was_asked(owner: Owner) -> None:
    there, gone, asked_for, other = owner.queue.submit(
        request("e1"), request("e2"), request("e3"), request("e4", kind="drawing")
    )
    remote = owner.queue.submit(request("e5", lane="remote"))[0]
    owner.queue.note_remote(owner.take("remote"), submitting=True, remote="")
    owner.control.move_first([asked_for.id])
    owner.queue.note_remote(owner.take(), submitting=False, remote="r1")
    seen: list[set[str]] = []

    def still_there(subjects: set[str]) -> set[str]:
        seen.append(subjects)
        return subjects & {"e1"}

    cancelled = owner.control.cancel_orphans("rendering", "e", still_there)
    assert [job.id for job in cancelled] == [gone.id]
    assert seen == [{"e1", "e2"}]
    assert owner.states(there, asked_for, remote, other) == ["queued", "running", "running", "queued"]


# Retrying


def test_what_failed_or_was_cancelled_can_be_retried_and_nothing_else(owner: Owner) -> None:
    jobs = asked(owner, "abcde")
    owner.queue.fail(owner.take(), BROKEN)
    owner.queue.stop(owner.take())
    owner.run()
    owner.take()
    retried = owner.control.retry([job.id for job in jobs])
    assert [(job.id, job.state) for job in retried] == [(jobs[0].id, "queued"), (jobs[1].id, "queued")]
    assert owner.states(*jobs) == ["queued", "queued", "done", "running", "queued"]
    assert owner.run_all() == ["a", "b", "e"]


def test_every_failed_job_can_be_retried_at_once(owner: Owner) -> None:
    jobs = asked(owner, "abc")
    owner.queue.fail(owner.take(), BROKEN)
    owner.queue.stop(owner.take())
    owner.queue.fail(owner.take(), BROKEN)
    owner.control.retry_failed()
    assert owner.states(*jobs) == ["queued", "cancelled", "queued"]


# Pausing


def test_a_paused_queue_holds_back_also_what_comes_later(owner: Owner) -> None:
    running, _ = asked(owner, "ab")
    lease = owner.take()
    owner.control.pause()
    asked(owner, "c")
    assert owner.queue.take("cpu") is None
    assert owner.states(running) == ["running"]
    assert owner.queue.deliver(lease, Delivery(), then="cpu") is None
    owner.control.resume()
    assert owner.run_all() == ["b", "c"]


def test_a_queue_is_still_paused_when_the_workspace_is_opened_again(owner: Owner) -> None:
    asked(owner, "a")
    owner.control.pause()
    owner.reopen()
    assert owner.control.overview().paused
    assert owner.queue.take("cpu") is None
    owner.control.resume()
    owner.reopen()
    assert not owner.control.overview().paused
    assert owner.run_all() == ["a"]


def test_a_paused_job_is_passed_over_until_it_is_resumed(owner: Owner) -> None:
    first, second = asked(owner, "ab")
    owner.control.pause([first.id])
    owner.reopen()
    assert owner.states(first, second) == ["paused", "queued"]
    assert owner.run_all() == ["b"]
    owner.control.resume([first.id])
    assert owner.run_all() == ["a"]


def test_what_runs_or_has_ended_can_not_be_paused(owner: Owner) -> None:
    jobs = asked(owner, "ab")
    owner.run()
    owner.take()
    owner.control.pause([job.id for job in jobs])
    assert owner.states(*jobs) == ["done", "running"]


def test_resuming_all_resumes_also_what_was_paused_one_by_one(owner: Owner) -> None:
    first, _ = asked(owner, "ab")
    owner.control.pause([first.id])
    owner.control.pause()
    owner.control.resume()
    assert owner.run_all() == ["a", "b"]


def test_a_job_that_was_paused_while_it_waited_waits_on(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    owner.queue.fail(owner.take(), DIED)
    (child,) = owner.queue.needs(parent.id)
    owner.control.pause([parent.id, child.id])
    owner.hands.advance(0.5)
    owner.control.resume([parent.id, child.id])
    assert owner.states(parent, child) == ["waiting", "waiting"]
    owner.hands.advance(0.6)
    owner.queue.tend()
    assert owner.run_all() == ["e1", "film"]


def test_a_parent_whose_children_end_while_it_is_paused_runs_when_it_is_resumed(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    owner.control.pause([parent.id])
    owner.run()
    assert owner.states(parent) == ["paused"]
    owner.control.resume([parent.id])
    assert owner.states(parent) == ["queued"]


# Order


def test_jobs_can_be_moved_before_all_others_in_the_order_given(owner: Owner) -> None:
    jobs = asked(owner, "abcd")
    owner.ask("seen", priority=VISIBLE)
    owner.control.move_first([jobs[3].id, jobs[1].id])
    assert owner.run_all() == ["d", "b", "seen", "a", "c"]


def test_what_has_ended_is_not_moved(owner: Owner) -> None:
    job, other = asked(owner, "ab")
    done = owner.run()
    owner.control.move_first([other.id, job.id])
    assert owner.now(job) == done
    assert owner.run_all() == ["b"]


def test_the_last_that_was_moved_first_is_first(owner: Owner) -> None:
    jobs = asked(owner, "abc")
    owner.control.move_first([jobs[1].id])
    owner.control.move_first([jobs[2].id])
    owner.reopen()
    assert owner.run_all() == ["c", "b", "a"]


def test_a_job_can_be_moved_right_before_another_of_any_priority(owner: Owner) -> None:
    jobs = asked(owner, "abcd")
    late = owner.ask("late", priority=LATER)
    owner.control.move_before(late.id, jobs[2].id)
    owner.control.move_before(jobs[3].id, jobs[0].id)
    assert owner.run_all() == ["d", "a", "b", "late", "c"]


def test_however_often_jobs_are_moved_between_two_there_is_room(owner: Owner) -> None:
    first, *others, last = asked(owner, "abcde")
    for number in range(3 * STEP.bit_length()):
        owner.control.move_before(others[number % 3].id, last.id)
    order = [first, *others, last]
    assert owner.run_all() == [job.request.title for job in order]


def test_however_often_jobs_are_moved_new_ones_come_last(owner: Owner) -> None:
    jobs = asked(owner, "abc")
    for number in range(4 * STEP.bit_length()):
        owner.control.move_before(jobs[number % 2].id, jobs[2].id)
    asked(owner, "xyz")
    assert owner.run_all()[2:] == ["c", "x", "y", "z"]


def test_moving_jobs_never_gives_two_the_same_place(owner: Owner) -> None:
    jobs = asked(owner, "abcdef")
    for number in range(40):
        owner.control.move_before(jobs[number % 6].id, jobs[(number * 5 + 1) % 6].id)
        owner.control.move_first([jobs[(number * 7) % 6].id])
        places = sorted((job.priority, job.position) for job in owner.all_jobs().values())
        assert all(a < b for a, b in pairwise(places))


def test_what_was_put_first_runs_before_what_is_on_screen_whenever_it_came_there(owner: Owner) -> None:
    jobs = asked(owner, "abcd")
    owner.control.move_first([jobs[3].id])
    owner.control.look_at(["b", "d"])
    owner.control.look_at(["c"])
    assert owner.run_all() == ["d", "c", "a", "b"]


def test_what_is_on_screen_runs_first(owner: Owner) -> None:
    for name in "abcd":
        owner.ask(name, priority=WANTED if name == "a" else NORMAL)
    owner.control.look_at(["d", "b", "nothing"])
    assert owner.run_all() == ["b", "d", "a", "c"]


def test_what_has_left_the_screen_runs_in_its_turn(owner: Owner) -> None:
    asked(owner, "abcd")
    owner.control.look_at(["d", "c"])
    owner.control.look_at(["b"])
    assert owner.run_all() == ["b", "a", "c", "d"]


@pytest.mark.parametrize("held", ["waits to be tried again", "is paused", "runs"])
def test_what_has_left_the_screen_runs_in_its_turn_also_if_it(owner: Owner, held: str) -> None:
    jobs = asked(owner, "abc")
    owner.control.look_at(["c"])
    match held:
        case "waits to be tried again":
            owner.queue.fail(owner.take(), DIED)
        case "is paused":
            owner.control.pause([jobs[2].id])
        case _:
            lease = owner.take()
    owner.control.look_at(["b"])
    match held:
        case "waits to be tried again":
            owner.hands.advance(MOST)
            owner.queue.tend()
        case "is paused":
            owner.control.resume([jobs[2].id])
        case _:
            owner.queue.put_back(lease)
    assert owner.run_all() == ["b", "a", "c"]


def test_what_somebody_waits_for_is_still_wanted_when_it_has_left_the_screen(owner: Owner) -> None:
    asked(owner, "ab")
    owner.ask("film", priority=WANTED)
    owner.control.look_at(["film"])
    owner.control.look_at([])
    assert owner.run_all() == ["film", "a", "b"]


def test_more_can_be_on_screen_than_fits_one_question_to_the_database(owner: Owner) -> None:
    asked(owner, "ab")
    owner.control.look_at([f"e{number}" for number in range(2000)] + ["b"])
    assert owner.run_all() == ["b", "a"]


# Looking


def test_the_overview_counts_everything_and_shows_what_matters_first(owner: Owner) -> None:
    jobs = asked(owner, "abcdefg")
    owner.run()
    owner.queue.fail(owner.take(), BROKEN)
    owner.queue.fail(owner.take(), DIED)
    owner.control.cancel([jobs[3].id])
    owner.control.pause([jobs[4].id])
    owner.take()
    glance = owner.control.overview()
    assert glance.counts == dict.fromkeys(
        ("done", "failed", "waiting", "cancelled", "paused", "running", "queued"), 1
    )
    assert [(job.request.title, job.state) for job in glance.jobs] == [
        ("f", "running"),
        ("g", "queued"),
        ("c", "waiting"),
        ("e", "paused"),
        ("b", "failed"),
        ("d", "cancelled"),
        ("a", "done"),
    ]


def test_the_overview_counts_also_what_it_does_not_show(owner: Owner) -> None:
    asked(owner, "abcde")
    glance = owner.control.overview(limit=2)
    assert (glance.counts, [job.request.title for job in glance.jobs]) == ({"queued": 5}, ["a", "b"])


def test_others_can_look_at_the_queue_while_it_is_open(owner: Owner) -> None:
    job, _ = asked(owner, "ab")
    owner.run()
    owner.control.pause()
    assert read_overview(owner.path) == owner.control.overview()
    assert read_jobs(owner.path, job.id) == [owner.now(job)]


@pytest.mark.parametrize("title", ["sunset to beach", "jungle", "j"])
def test_jobs_go_by_their_id_its_start_and_what_they_are_for(owner: Owner, title: str) -> None:
    job = owner.ask("e123", title=title)
    other = owner.ask("e124", title="another")
    unique = next(job.id[:n] for n in range(2, 12) if not other.id.startswith(job.id[:n]))
    for name in (job.id, unique, "e123", title):
        assert owner.control.named(name) == [job]


def test_of_several_jobs_for_one_thing_the_open_and_the_latest_come_first(owner: Owner) -> None:
    first, second, third = owner.queue.submit(request("e1"), request("e1"), request("e1"))
    owner.run()
    assert [job.id for job in owner.control.named("e1")] == [third.id, second.id, first.id]


@pytest.mark.parametrize("name", ["nothing", "", "j%", "j_", "e%"])
def test_a_name_that_nothing_goes_by_is_refused(owner: Owner, name: str) -> None:
    owner.ask("e1")
    with pytest.raises(BadInput, match="there is no job"):
        owner.control.named(name)


def test_the_start_of_several_ids_is_refused(owner: Owner) -> None:
    ids = [job.id for job in owner.queue.submit(*(request(str(number)) for number in range(40)))]
    start = next(key[:2] for key in ids if sum(other.startswith(key[:2]) for other in ids) > 1)
    with pytest.raises(BadInput, match="is the start of"):
        owner.control.named(start)
