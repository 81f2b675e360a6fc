"""Jobs that need others: they wait, they wake, and they take what only they need with them."""

from __future__ import annotations

import pytest

from forkframe.jobs.job import LATER, NORMAL, VISIBLE, WANTED
from forkframe.model.changes import AddNodes
from forkframe.model.ids import NodeId
from tests.jobs.queues import BROKEN, DIED, MOST, Owner, human, request
from tests.model.build import node

# Families


def test_a_parent_waits_until_all_its_children_have_ended(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1"), request("e2")])
    assert parent.state == "waiting"
    assert [child.parent for child in owner.queue.needs(parent.id)] == [parent.id, parent.id]
    owner.run()
    assert owner.states(parent) == ["waiting"]
    owner.run()
    assert owner.take().id == parent.id
    assert [child.state for child in owner.queue.needs(parent.id)] == ["done", "done"]


def test_a_parent_without_children_waits_for_nobody(owner: Owner) -> None:
    assert owner.queue.submit_family(request("film"), []).state == "queued"


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_parent_is_told_that_a_child_failed(owner: Owner, end: str) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    lease = owner.take()
    if end == "failed":
        owner.queue.fail(lease, BROKEN)
    else:
        owner.queue.stop(lease)
    assert owner.take().id == parent.id
    assert [child.state for child in owner.queue.needs(parent.id)] == [end]


def test_a_child_that_is_tried_again_has_not_ended(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    owner.queue.fail(owner.take(), DIED)
    assert owner.states(parent) == ["waiting"]
    owner.hands.advance(MOST)
    owner.queue.tend()
    owner.run()
    assert owner.states(parent) == ["queued"]


def test_children_are_as_urgent_as_their_parent_at_least(owner: Owner) -> None:
    owner.ask("other", priority=NORMAL)
    children = [request("late", priority=LATER), request("seen", priority=VISIBLE)]
    owner.queue.submit_family(request("film", priority=WANTED), children)
    assert owner.run_all() == ["seen", "late", "film", "other"]


def test_a_job_that_finds_out_what_it_needs_waits_for_that(owner: Owner) -> None:
    job = owner.ask("film")
    waiting = owner.queue.await_others(owner.take(), [request("e1"), request("e2")])
    assert waiting.state == "waiting"
    assert owner.run_all() == ["e1", "e2", "film"]
    assert owner.now(job).token == 2


def test_a_cancelled_job_that_finds_out_what_it_needs_ends_and_asks_for_nothing(owner: Owner) -> None:
    job = owner.ask("film")
    lease = owner.take()
    owner.control.cancel([job.id])
    assert owner.queue.await_others(lease, [request("e1")]).state == "cancelled"
    assert list(owner.all_jobs()) == [job.id]


def test_cancelling_a_parent_cancels_the_children_that_only_it_needs(owner: Owner) -> None:
    own = owner.ask("own", "own")
    shared, lone = request("shared", "shared"), request("lone", "lone")
    film = owner.queue.submit_family(request("film"), [shared, lone, request("own", "own")])
    other = owner.queue.submit_family(request("other"), [shared])
    names = {job.request.title: job for job in owner.all_jobs().values()}
    cancelled = owner.control.cancel([film.id])
    assert {job.request.title for job in cancelled} == {"film", "lone"}
    assert owner.states(film, names["lone"], names["shared"], own, other) == [
        "cancelled",
        "cancelled",
        "queued",
        "queued",
        "waiting",
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_child_of_two_parents_is_cancelled_with_the_second(owner: Owner, order: tuple[int, int]) -> None:
    parents = [owner.queue.submit_family(request(name), [request("e1", "key")]) for name in ("film", "other")]
    (child,) = owner.queue.needs(parents[0].id)
    first, last = (parents[n] for n in order)
    owner.control.cancel([first.id])
    assert owner.states(child) == ["queued"]
    owner.control.cancel([last.id])
    assert owner.states(child) == ["cancelled"]


def test_a_child_that_somebody_has_asked_for_since_is_not_cancelled_with_its_parent(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1", "key")])
    wanted = owner.ask("e1", "key")
    owner.control.cancel([parent.id])
    assert owner.states(parent, wanted) == ["cancelled", "queued"]


def test_a_running_child_is_asked_to_stop_with_its_parent(owner: Owner) -> None:
    stopped: list[str] = []
    owner.queue.on_cancelling = stopped.append
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    lease = owner.take()
    owner.control.cancel([parent.id])
    assert stopped == [lease.id]
    assert owner.queue.stop(lease).state == "cancelled"
    assert owner.queue.take("cpu") is None


def test_retrying_a_parent_retries_the_children_it_failed_for(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1"), request("e2"), request("e3")])
    owner.queue.fail(owner.take(), BROKEN)
    owner.run()
    owner.queue.stop(owner.take())
    owner.queue.fail(owner.take(), BROKEN)
    (again,) = owner.control.retry([parent.id])
    assert (again.id, again.state) == (parent.id, "waiting")
    assert owner.run_all() == ["e1", "e3", "film"]


def test_a_retried_parent_waits_for_its_children_and_not_for_its_last_back_off(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [request("e1")])
    owner.queue.fail(owner.take(), BROKEN)
    owner.queue.fail(owner.take(), DIED)
    owner.control.cancel([parent.id])
    owner.control.retry([parent.id])
    (child,) = owner.queue.needs(parent.id)
    owner.hands.advance(MOST)
    owner.queue.tend()
    assert owner.states(parent, child) == ["waiting", "queued"]
    assert owner.run_all() == ["e1", "film"]


def test_a_family_and_its_change_come_together(owner: Owner) -> None:
    change = human(owner, AddNodes((node("n1"),)))
    parent = owner.queue.submit_family(request("film"), [request("e1")], change=change)
    assert owner.states(parent, *owner.queue.needs(parent.id)) == ["waiting", "queued"]
    assert NodeId("n1") in owner.store.graph.nodes
