"""Whatever happens to a queue, no job is lost, none is done twice, and no more is spent than may be."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from forkframe.errors import BadInput, EngineBusy, ForkframeError, RenderFailed, WorkerDied
from forkframe.jobs.job import LANES, Delivery, Lane, Lease
from forkframe.jobs.money import micros
from forkframe.jobs.queue import LEASE, LeaseLost
from forkframe.model.changes import AddNodes, Change
from forkframe.model.entities import Node
from forkframe.model.ids import JobId, NodeId
from tests.jobs.expected import HELD_UP, Expectations, Jobs, Standing
from tests.jobs.queues import HOUR, MOST, Owner, request
from tests.model.build import moves, node

T = TypeVar("T")

lanes = st.sampled_from(["cpu", "cpu", "cpu", "remote"])
wishes = st.builds(
    request,
    st.sampled_from(["e1", "e2", "e3"]),
    st.sampled_from(["", "", "key", "key", "other"]),
    lane=lanes,
    priority=st.integers(0, 3),
    dollars=st.sampled_from([0.0, 1.0, 2.5]),
)
parents = st.builds(request, st.just("film"), lane=lanes, dollars=st.sampled_from([0.0, 0.0, 4.0]))
families = st.lists(wishes, min_size=1, max_size=3)
errors = st.sampled_from(
    [WorkerDied("it crashed"), EngineBusy("not now"), RenderFailed("no"), BadInput("no")]
)


class QueueHistories(RuleBasedStateMachine):
    """Random histories of a queue, its users, its runners, and the clocks of their machine."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        self._owner = Owner(self._folder / "trip.forkframe")
        self._owner.chance = 0.5
        self._owner.control.set_budget(10, per_request=None)
        self._expected = Expectations()
        self._leases: list[Lease] = []
        self._paused = False
        self._nodes: list[NodeId] = []
        self._stopping: list[JobId] = []
        self._told: dict[JobId, str] = {}
        self._listen()
        self._remember({}, {})

    @rule(data=st.data())
    def somebody_does_something(self, data: st.DataObject) -> None:
        """One rule for all, as of several Hypothesis switches most off: nobody would ask, or nobody work."""
        standings = {job.standing for job in self._expected.values()}
        acts = [self._submit, self._submit_family, self._wait, self._open_again, self._set_budget]
        if self._expected:
            acts += [self._cancel, self._pause, self._move_first]
        if "ready" in standings and not self._paused:
            acts += 3 * [self._perform] + 2 * [self._take]
        if "cancelling" in standings:
            acts += 3 * [self._tell_a_provider]
        if standings & {"failed", "cancelled"}:
            acts += 3 * [self._retry]
        if "paused" in standings or self._paused:
            acts += 3 * [self._resume]
        if "backing off" in standings:
            acts += 2 * [self._wait]
        if "running" in standings:
            acts += 2 * [self._deliver, self._fail, self._note_remote]
            acts += [self._stop, self._put_back, self._await_others, self._beat]
        act = data.draw(st.sampled_from(acts), label="act")
        act(data)

    # Asking

    def _submit(self, data: st.DataObject) -> None:
        wish, budget = data.draw(wishes), self._owner.budget()
        (job,) = self._owner.queue.submit(wish)
        is_new = job.id not in self._expected
        self._expected.asked(wish, job, self._owner.all_jobs())
        if is_new:
            left = micros(budget.total) - micros(budget.reserved) - micros(budget.spent)
            assert (job.state == "failed") == (micros(wish.dollars) > max(0, left))
            assert all(job.position > other.position for other in self._seen.values())

    def _submit_family(self, data: st.DataObject) -> None:
        parent, children = data.draw(parents), data.draw(families)
        job = self._owner.queue.submit_family(parent, children)
        now = self._owner.all_jobs()
        self._expected.asked(parent, job, now)
        if job.state != "failed":
            self._expected.given(job.id, children, self._owner.queue.needs(job.id), now)

    # Performing

    def _perform(self, data: st.DataObject) -> None:
        """What runners do all day."""
        lane = data.draw(lanes)
        lease = self._leased(self._owner.queue.take(lane), lane)
        if lease and (error := data.draw(st.none() | errors)):
            self._expected_to_fail(lease, error)
        elif lease:
            then: Lane | None = data.draw(st.none() | lanes)
            self._expected_to_end(lease, AddNodes((self._new_node(),)), cost=1.0, then=then)

    def _take(self, data: st.DataObject) -> None:
        lane = data.draw(lanes)
        for _ in range(data.draw(st.integers(1, 3))):
            self._leased(self._owner.queue.take(lane), lane)

    def _tell_a_provider(self, data: st.DataObject) -> None:
        """What those do all day who tell providers."""
        lease = self._teller(self._owner.queue.take_cancelled())
        error = data.draw(st.none() | errors)
        if lease and error:
            self._expected_to_fail(lease, error)
        elif lease and data.draw(st.booleans()):
            self._owner.queue.stop(lease)
            self._expected.stopped(lease.id, held=self._held[lease.id])

    def _deliver(self, data: st.DataObject) -> None:
        lease = self._any_lease(data)
        changes: list[Change | None] = [AddNodes((self._new_node(),)), None, moves(nnowhere000=(0.0, 0.0))]
        change = self._one_of(data, changes)
        cost, then = data.draw(st.sampled_from([0.0, 0.5, 1.0, 3.0])), data.draw(st.none() | lanes)
        if change is changes[-1]:
            with pytest.raises(BadInput, match="there is no node"):
                self._owner.queue.deliver(lease, Delivery(change, dollars=cost), then=then)
        else:
            self._expected_to_end(lease, change, cost=cost, then=then)

    def _fail(self, data: st.DataObject) -> None:
        self._expected_to_fail(self._any_lease(data), data.draw(errors))

    def _stop(self, data: st.DataObject) -> None:
        lease = self._any_lease(data)
        if self._accepted(lease, self._owner.queue.stop):
            self._expected.stopped(lease.id, held=self._held[lease.id])

    def _put_back(self, data: st.DataObject) -> None:
        lease = self._any_lease(data)
        if self._accepted(lease, self._owner.queue.put_back):
            if self._expected[lease.id].cancelling:
                self._expected.withdrawn(lease.id, held=self._held[lease.id])
            else:
                self._expected[lease.id].standing = "ready"

    def _await_others(self, data: st.DataObject) -> None:
        lease, wanted = self._any_lease(data), data.draw(families)
        if lease.job.request.content_key:  # what performs a recipe needs nothing else
            return
        if self._accepted(lease, lambda held: self._owner.queue.await_others(held, wanted)):
            if self._expected[lease.id].cancelling:
                self._expected.withdrawn(lease.id, held=self._held[lease.id])
            else:
                needs = self._owner.queue.needs(lease.id)
                self._expected.given(lease.id, wanted, needs, self._owner.all_jobs())

    def _note_remote(self, data: st.DataObject) -> None:
        lease = self._any_lease(data)
        if not lease.job.request.dollars:  # nobody asks a provider for what is free
            return
        submitting, remote = data.draw(
            st.sampled_from([(True, ""), (False, "r1"), (False, "r1"), (False, "")])
        )
        note = self._owner.queue.note_remote
        if self._accepted(lease, lambda held: note(held, submitting=submitting, remote=remote)):
            job = self._expected[lease.id]
            job.generation += job.remote and not remote
            job.remote, job.asked = bool(remote), submitting or bool(remote)

    def _beat(self, data: st.DataObject) -> None:
        leases = [self._any_lease(data) for _ in range(3)]
        lost = self._owner.queue.beat([(lease, 0.5) for lease in leases])
        assert lost == [lease for lease in leases if not self._expected.holds(lease)]
        for lease in filter(self._expected.holds, leases):
            self._expected[lease.id].until = self._owner.now_in_seconds() + LEASE

    def _accepted(self, lease: Lease, act: Callable[[Lease], object]) -> bool:
        """Whether something is accepted from a lease, as it has to be if it holds, and else must not."""
        holds = self._expected.holds(lease)
        if holds:
            act(lease)
        else:
            with pytest.raises(LeaseLost):
                act(lease)
        return holds

    def _leased(self, lease: Lease | None, lane: Lane) -> Lease | None:
        """What a runner got that asked for something to do: it is the first that may run."""
        running = {job.request.content_key for job in self._expected.values() if job.standing == "running"}
        may = [
            job
            for key, job in self._owner.all_jobs().items()
            if self._expected[key].standing == "ready"
            and job.request.lane == lane
            and job.request.content_key not in running - {""}
            and job.state in ("queued", "running")  # and does not wait for another with the same content
        ]
        if self._paused or not may:
            assert lease is None
        else:
            assert lease is not None
            assert lease.id == min(may, key=lambda job: (job.priority, job.position)).id
            self._expected.leased(lease, self._owner.now_in_seconds())
            self._leases.append(lease)
        return lease

    def _teller(self, lease: Lease | None) -> Lease | None:
        """What somebody got that asked for a provider to tell: paused or not, the first."""
        running = {job.request.content_key for job in self._expected.values() if job.standing == "running"}
        may = [
            job
            for key, job in self._owner.all_jobs().items()
            if self._expected[key].standing == "cancelling"
            and not self._expected[key].due
            and job.request.content_key not in running - {""}
        ]
        if lease is None:
            assert not may
        else:
            assert lease.id == min(may, key=lambda job: job.position).id
            self._expected.leased(lease, self._owner.now_in_seconds())
            self._leases.append(lease)
        return lease

    def _expected_to_fail(self, lease: Lease, error: ForkframeError) -> None:
        if self._accepted(lease, lambda held: self._owner.queue.fail(held, error)):
            self._expected.failed(lease.id, error, held=self._held[lease.id])
            now = self._owner.queue.job(lease.id)
            assert now.state in ("cancelled", "cancelling") or (
                now.failure and now.failure["message"] == error.message
            )

    def _expected_to_end(
        self, lease: Lease, change: AddNodes | None, *, cost: float, then: Lane | None
    ) -> None:
        job, following = self._expected[lease.id], list[Lease | None]()
        says = None if job.asked and cost else cost  # nothing stands for the estimate
        delivery = Delivery(change, dollars=says)
        if not self._accepted(
            lease, lambda held: following.append(self._owner.queue.deliver(held, delivery, then=then))
        ):
            return
        self._nodes += [added.id for added in change.nodes] if change else []
        if job.request.dollars:
            job.spent += self._held[lease.id] if says is None else micros(says)
        job.asked = job.remote
        self._expected.ended(lease.id, "done", held=0)
        if then:
            self._leased(following[0], then)
        else:
            assert following == [None]

    def _new_node(self) -> Node:
        return node(f"n{len(self._nodes):010d}")

    # What people do

    def _cancel(self, data: st.DataObject) -> None:
        key = self._any_job(data, *HELD_UP, "running")
        was_open = self._expected[key].is_open
        self._stopping.clear()
        cancelled = {job.id for job in self._owner.control.cancel([key])}
        assert (key in cancelled) == was_open
        known = {one for one in cancelled if self._expected[one].cancelling}
        running = {one for one in cancelled - known if self._expected[one].standing == "running"}
        assert set(self._stopping) == running
        for one in cancelled - running - known:
            self._expected.withdrawn(one, held=self._held[one])
        for one in running:
            self._expected[one].cancelling = True
        needed = {need for job in self._expected.values() if job.is_open for need in job.needs}
        assert not (cancelled - {key}) & needed
        for child in {need for one in cancelled - running for need in self._expected[one].needs} - needed:
            job = self._expected[child]  # nobody needs it any more; somebody may still want it for itself
            wanted = None in job.asked_by or self._expected.others_with_the_content_of(child)
            assert not job.is_open or job.cancelling or wanted

    def _retry(self, data: st.DataObject) -> None:
        key = self._any_job(data, "failed", "cancelled")
        had_ended = self._expected[key].standing in ("failed", "cancelled")
        assert [job.id for job in self._owner.control.retry([key])] == [key] * had_ended
        if had_ended:
            self._expected.renewed(key, self._owner.all_jobs(), retried=True)

    def _pause(self, data: st.DataObject) -> None:
        if data.draw(st.integers(0, 4)) == 4:
            self._owner.control.pause()
            self._paused = True
            return
        key = self._any_job(data, *HELD_UP)
        self._owner.control.pause([key])
        if self._expected[key].standing in HELD_UP:
            self._expected[key].standing = "paused"

    def _resume(self, data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            self._owner.control.resume()
            self._paused = False
            for key in self._expected:
                self._expected.released(key)
            return
        key = self._any_job(data, "paused")
        self._owner.control.resume([key])
        self._expected.released(key)

    def _move_first(self, data: st.DataObject) -> None:
        key = self._any_job(data, *HELD_UP)
        self._owner.control.move_first([key])
        moved = self._owner.queue.job(key)
        if not moved.is_open:
            assert moved == self._seen[key]
            return
        others = [job for job in self._seen.values() if job.is_open and job.id != key]
        assert all((moved.priority, moved.position) < (job.priority, job.position) for job in others)

    def _set_budget(self, data: st.DataObject) -> None:
        self._owner.control.set_budget(data.draw(st.sampled_from([0.0, 5.0, 10.0, 20.0])), per_request=None)

    # Time, and the end of the program

    def _wait(self, data: st.DataObject) -> None:
        self._owner.hands.set_wall(data.draw(st.sampled_from([0.0, 0.0, -HOUR, HOUR])))
        self._owner.hands.advance(data.draw(st.sampled_from([0.1, 1.0, 20.0, HOUR])))
        now = self._owner.now_in_seconds()
        self._owner.queue.tend()
        for key, job in self._expected.items():
            if job.standing == "backing off" and self._seen[key].due <= now:
                job.standing, job.due = "ready", False
            elif job.standing == "cancelling" and job.due and self._seen[key].due <= now:
                job.due = False
            elif job.standing == "running" and job.until < now:
                self._expected.interrupted(key, held=self._held[key])

    def _open_again(self, data: st.DataObject) -> None:
        if data.draw(st.booleans()):  # nobody said goodbye, and the queue is made anew
            self._owner.use(self._owner.another_queue())
        else:
            self._owner.reopen(clock=data.draw(st.sampled_from([0.0, -HOUR, HOUR])))
        for key, job in self._expected.items():
            if job.standing == "running":
                self._expected.interrupted(key, held=self._held[key])
        self._listen()
        self._seen = self._owner.all_jobs()

    # What always holds

    @invariant()
    def everything_is_as_it_has_to_be(self) -> None:
        jobs = self._owner.all_jobs()
        assert jobs.keys() == self._expected.keys()
        for key, expected in self._expected.items():
            expected.is_like(jobs[key])
        self._the_same_content_runs_once_at_a_time_and_is_never_stuck(jobs)
        self._nobody_waits_longer_than_the_longest_back_off(jobs)
        self._what_was_delivered_is_there_once_and_nothing_else()
        books = self._owner.books(list(jobs.values()))
        held = {key: micros(reserved) for key, (reserved, _) in zip(jobs, books, strict=True)}
        spent = {key: micros(paid) for key, (_, paid) in zip(jobs, books, strict=True)}
        self._the_books_are_right(jobs, held=held, spent=spent)
        self._everybody_was_told(jobs)
        self._remember(jobs, held)

    def _the_same_content_runs_once_at_a_time_and_is_never_stuck(self, jobs: Jobs) -> None:
        """Who waits for another with the same content waits for one that does not wait for the same reason."""
        behind = {
            key: job.request.content_key
            for key, job in jobs.items()
            if job.state == "waiting" and self._expected[key].standing == "ready"
        }
        ahead = {job.request.content_key for key, job in jobs.items() if job.is_open and key not in behind}
        assert set(behind.values()) <= ahead - {""}
        running = [job.request.content_key for job in jobs.values() if job.state == "running"]
        assert all(running.count(content) == 1 for content in running if content)

    def _nobody_waits_longer_than_the_longest_back_off(self, jobs: Jobs) -> None:
        latest = self._owner.now_in_seconds() + MOST
        assert all(job.due <= latest for job in jobs.values() if job.state in ("waiting", "cancelling"))

    def _what_was_delivered_is_there_once_and_nothing_else(self) -> None:
        assert list(self._owner.store.graph.nodes) == self._nodes
        assert self._owner.store.seq == len(self._nodes)

    def _the_books_are_right(
        self, jobs: Jobs, *, held: Mapping[JobId, int], spent: Mapping[JobId, int]
    ) -> None:
        assert spent == {key: job.spent for key, job in self._expected.items()}
        for key, job in jobs.items():
            price = micros(job.request.dollars)
            assert 0 <= held[key] <= price
            if not job.is_open and not self._expected[key].asked:
                assert held[key] == 0
            elif job.is_open and not self._expected[key].needs:  # else its children may have got some of it
                assert held[key] == price
        budget = self._owner.budget()
        assert micros(budget.reserved) == sum(held.values())
        assert micros(budget.spent) == sum(spent.values())
        if sum(held.values()) > sum(self._held.values()):
            assert micros(budget.reserved) + micros(budget.spent) <= micros(budget.total)

    def _everybody_was_told(self, jobs: Jobs) -> None:
        """Listeners of every change, and runners of every job that is ready for them."""
        for key, job in jobs.items():
            before = self._seen.get(key)
            if before is None or before.state != job.state:
                assert self._told[key] == job.state
                if job.state == "queued":
                    assert self._owner.queue.news.version(job.request.lane) > self._versions[job.request.lane]
                if job.state == "cancelling":
                    assert self._owner.queue.news.version("remote") > self._versions["remote"]

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # else the history has failed already
                self._everything_ends()
        finally:
            self._owner.close()
            shutil.rmtree(self._folder)

    def _everything_ends(self) -> None:
        self._owner.control.resume()
        for lease in filter(self._expected.holds, self._leases):
            self._owner.queue.deliver(lease, Delivery(dollars=0.0))
        for _ in range(4 * len(self._expected) + 1):
            self._owner.hands.advance(MOST)
            self._owner.queue.tend()
            for lane in LANES:
                while lease := self._owner.queue.take(lane):
                    self._owner.queue.deliver(lease, Delivery(dollars=0.0))
            while lease := self._owner.queue.take_cancelled():
                self._owner.queue.stop(lease)
            if not any(job.is_open for job in self._owner.all_jobs().values()):
                return
        pytest.fail("some jobs never end")

    # What is there

    def _listen(self) -> None:
        """Has a queue that was just opened tell this history what happens."""
        self._owner.queue.on_cancelling = self._stopping.append
        self._owner.queue.watch(lambda job: self._told.__setitem__(job.id, job.state))
        self._versions = {lane: self._owner.queue.news.version(lane) for lane in LANES}

    def _remember(self, jobs: Jobs, held: Mapping[JobId, int]) -> None:
        """How everything is now, for the next step to compare with."""
        self._seen, self._held = jobs, held
        self._versions = {lane: self._owner.queue.news.version(lane) for lane in LANES}
        self._told.clear()

    def _any_lease(self, data: st.DataObject) -> Lease:
        """One that holds, but now and then another one, rather of a job that runs again."""
        running = [one for one in self._leases if self._expected[one.id].standing == "running"]
        held = list(filter(self._expected.holds, running))
        return self._one_of(data, 3 * held + running + self._leases[-2:])

    def _any_job(self, data: st.DataObject, *standings: Standing) -> JobId:
        """One that stands like that, but now and then any."""
        fitting = [key for key, job in self._expected.items() if job.standing in standings]
        return self._one_of(data, 3 * fitting + list(self._expected)[-3:])

    def _one_of(self, data: st.DataObject, things: Sequence[T]) -> T:
        """One of several things, drawn by its number: ids are random, and numbers are easier to read."""
        return things[data.draw(st.integers(0, len(things) - 1))]


QueueHistories.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


class TestAnyHistory(QueueHistories.TestCase):
    """All of the above holds after every step."""
