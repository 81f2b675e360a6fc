"""Money: nothing is asked for that the budget does not cover, and everything that was paid is in the books."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.errors import BadInput, RenderFailed
from forkframe.jobs.job import Delivery, Job, Request
from forkframe.jobs.money import Booked, Budget, dollars, micros
from tests.jobs.queues import BROKEN, BUSY, DIED, HOUR, Owner, request

REFUSED = RenderFailed("the provider refuses it")
FREE = Delivery(dollars=0.0)


def paid(subject: str, price: float, *, key: str = "", engine: str = "veo", sequence: str = "") -> Request:
    """A request that costs money."""
    return request(subject, key, engine=engine, sequence=sequence, dollars=price, lane="remote")


def ask(owner: Owner, *prices: float) -> list[Job]:
    """A paid job for each price."""
    return owner.queue.submit(*(paid(f"e{number}", price) for number, price in enumerate(prices, start=1)))


def standing(owner: Owner) -> tuple[float, float]:
    """What is reserved and spent."""
    budget = owner.budget()
    return budget.reserved, budget.spent


# The budget


def test_a_new_workspace_spends_nothing(owner: Owner) -> None:
    assert owner.budget() == Budget(total=0.0, per_request=None, reserved=0.0, spent=0.0)
    (job,) = ask(owner, 0.01)
    assert job.state == "failed"
    assert job.failure is not None
    assert job.failure["kind"] == "OverBudget"
    assert owner.queue.take("remote") is None
    assert standing(owner) == (0.0, 0.0)


def test_what_costs_nothing_needs_no_budget(owner: Owner) -> None:
    owner.ask("e1")
    assert owner.run().state == "done"


def test_a_request_over_the_budget_fails_in_one_clear_line(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    first, second = ask(owner, 3.5, 2.0)
    assert owner.states(first, second) == ["queued", "failed"]
    assert second.failure == {
        "kind": "OverBudget",
        "message": "e2 by veo costs about $2.00, and $1.50 of the workspace's budget of $5.00 is left",
        "hint": "raise it and retry: forkframe jobs WS budget 5.50",
        "detail": "",
    }
    assert standing(owner) == (3.5, 0.0)


def test_the_whole_budget_can_be_used(owner: Owner) -> None:
    owner.control.set_budget(0.3, per_request=0.1)
    assert [job.state for job in ask(owner, 0.1, 0.1, 0.1)] == ["queued"] * 3
    assert [job.state for job in ask(owner, 0.000001)] == ["failed"]


@pytest.mark.parametrize("price", [0.005, 0.333333, 1.1, 2.675, 7.0, 1234.56])
def test_who_does_what_the_line_says_can_retry(owner: Owner, price: float) -> None:
    owner.control.set_budget(1.07, per_request=0.001)
    (job,) = ask(owner, price)
    for _ in range(2):
        failed = owner.now(job)
        assert failed.failure is not None
        said = re.search(r"budget (\S+)(?: --per-request (\S+))?$", failed.failure["hint"])
        if failed.state == "failed" and said:
            total, cap = float(said[1]), said[2]
            owner.control.set_budget(total, per_request=float(cap) if cap else None)
            owner.control.retry([job.id])
    assert owner.states(job) == ["queued"]
    assert standing(owner) == (pytest.approx(price, abs=1e-6), 0.0)


def test_a_request_over_the_budget_can_be_retried_once_there_is_more(owner: Owner) -> None:
    (job,) = ask(owner, 2.0)
    assert [again.state for again in owner.control.retry([job.id])] == ["failed"]
    owner.control.set_budget(2, per_request=None)
    (again,) = owner.control.retry([job.id])
    assert (again.state, again.request) == ("queued", job.request)
    assert owner.run("remote", delivery=Delivery(dollars=2.0)).state == "done"
    assert standing(owner) == (0.0, 2.0)


def test_one_request_may_not_cost_more_than_its_cap(owner: Owner) -> None:
    owner.control.set_budget(100, per_request=3)
    fits, refused = ask(owner, 3.0, 3.01)
    assert owner.states(fits, refused) == ["queued", "failed"]
    assert refused.failure is not None
    assert refused.failure["message"] == (
        "e2 by veo costs about $3.01, more than the $3.00 that one request may cost"
    )
    assert "--per-request 3.01" in refused.failure["hint"]


def test_a_smaller_budget_leaves_what_is_reserved(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    (job,) = ask(owner, 4.0)
    assert owner.control.set_budget(1, per_request=None) == Budget(1.0, None, reserved=4.0, spent=0.0)
    assert [late.state for late in ask(owner, 0.5)] == ["failed"]
    owner.run("remote", delivery=Delivery(dollars=4.0))
    assert owner.states(job) == ["done"]
    assert standing(owner) == (0.0, 4.0)


@pytest.mark.parametrize("amount", [-0.01, float("nan"), float("inf"), 1e9])
def test_a_budget_is_an_amount_of_money(owner: Owner, amount: float) -> None:
    owner.control.set_budget(5, per_request=1)
    with pytest.raises(BadInput, match="is no budget"):
        owner.control.set_budget(amount, per_request=None)
    with pytest.raises(BadInput, match="is no budget"):
        owner.control.set_budget(5, per_request=amount)
    assert owner.budget() == Budget(5.0, 1.0, 0.0, 0.0)


def test_a_budget_and_the_books_last(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=4)
    ask(owner, 3.0, 1.5)
    owner.run("remote", delivery=Delivery(dollars=2.5))
    owner.reopen()
    assert owner.budget() == Budget(5.0, 4.0, reserved=1.5, spent=2.5)


@given(st.integers(0, 10**13))
def test_amounts_are_stored_as_they_are(amount: int) -> None:
    assert micros(dollars(amount)) == amount


@given(st.floats(0, 1e6))
def test_amounts_are_never_stored_as_less_than_they_are(amount: float) -> None:
    assert amount - 1e-9 <= dollars(micros(amount)) <= amount + 1.001e-6


# Many at once


def test_fifty_at_once_never_spend_more_than_the_budget(owner: Owner) -> None:
    owner.control.set_budget(10, per_request=None)
    seen: list[float] = []
    start = threading.Barrier(50)

    def look(_: Job) -> None:
        budget = owner.budget()
        seen.append(round(budget.reserved + budget.spent, 6))

    def spend(number: int) -> str:
        start.wait(60)
        (job,) = owner.queue.submit(paid(f"e{number}", 0.7))
        if job.state == "queued" and number % 2:
            lease = owner.take("remote")  # anybody's: each takes one of those that were accepted
            owner.queue.deliver(lease, Delivery(dollars=0.7 if number % 4 == 1 else 0.2))
        return job.state

    owner.queue.watch(look)
    with ThreadPoolExecutor(50) as threads:
        states = list(threads.map(spend, range(50)))
    assert states.count("queued") >= 14  # 10 / 0.7
    assert states.count("failed") >= 1
    assert len(seen) >= 50
    assert max(seen) <= 10.0
    jobs = list(owner.all_jobs().values())
    assert [held for held, _ in owner.books(jobs)] == [
        0.7 if job.state in ("queued", "running") else 0.0 for job in jobs
    ]


def test_fifty_of_the_same_pay_once(owner: Owner) -> None:
    owner.control.set_budget(100, per_request=None)
    start = threading.Barrier(50)

    def spend(_: int) -> Job:
        start.wait(60)
        return owner.queue.submit(paid("e1", 3.0, key="key"))[0]

    with ThreadPoolExecutor(50) as threads:
        jobs = list(threads.map(spend, range(50)))
    assert len({job.id for job in jobs}) == 1
    assert standing(owner) == (3.0, 0.0)


# What is booked


def test_a_done_job_books_what_it_cost_and_gives_back_the_rest(owner: Owner) -> None:
    owner.control.set_budget(10, per_request=None)
    (job,) = ask(owner, 3.0)
    owner.run("remote", delivery=Delivery(dollars=1.25))
    assert owner.books([job]) == [(0.0, 1.25)]


def test_a_done_job_books_also_what_it_cost_more_than_estimated(owner: Owner) -> None:
    owner.control.set_budget(3, per_request=None)
    (job,) = ask(owner, 3.0)
    owner.run("remote", delivery=Delivery(dollars=3.5))
    assert owner.books([job]) == [(0.0, 3.5)]
    assert [late.state for late in ask(owner, 0.01)] == ["failed"]


def test_a_done_job_whose_provider_does_not_say_what_it_cost_books_the_estimate(owner: Owner) -> None:
    owner.control.set_budget(10, per_request=None)
    (job,) = ask(owner, 3.0)
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=True, remote="")
    owner.queue.note_remote(lease, submitting=False, remote="r1")
    owner.queue.deliver(lease, Delivery())
    assert owner.books([job]) == [(0.0, 3.0)]


def test_a_done_job_that_asked_no_provider_and_says_no_cost_books_nothing(owner: Owner) -> None:
    owner.control.set_budget(10, per_request=None)
    (job,) = ask(owner, 3.0)
    owner.run("remote", delivery=Delivery())
    assert owner.books([job]) == [(0.0, 0.0)]


@pytest.mark.parametrize(
    "end", ["failed", "cancelled", "cancelled while it runs", "failed after three attempts"]
)
def test_a_job_that_asked_no_provider_gives_everything_back(owner: Owner, end: str) -> None:
    owner.control.set_budget(10, per_request=None)
    (job,) = ask(owner, 3.0)
    match end:
        case "failed":
            owner.queue.fail(owner.take("remote"), REFUSED)
        case "cancelled":
            owner.control.cancel([job.id])
        case "cancelled while it runs":
            owner.queue.stop(owner.take("remote"))
        case _:
            for _ in range(3):
                assert standing(owner) == (3.0, 0.0)
                owner.queue.fail(owner.take("remote"), BUSY)
                owner.hands.advance(60)
                owner.queue.tend()
    assert not owner.now(job).is_open
    assert owner.books([job]) == [(0.0, 0.0)]


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "no answer"])
def test_a_job_that_fails_after_a_provider_was_asked_keeps_what_is_set_aside(
    owner: Owner, answered: bool
) -> None:
    owner.control.set_budget(5, per_request=None)
    (job,) = ask(owner, 3.0)
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=not answered, remote="r1" if answered else "")
    failed = owner.queue.fail(lease, REFUSED)
    assert failed.state == "failed"
    assert owner.books([job]) == [(3.0, 0.0)]
    (again,) = owner.control.retry([job.id])  # the same money, not as much again
    assert (again.state, again.remote, again.submitting) == ("queued", "r1" if answered else "", False)
    assert again.generation == 0
    assert owner.books([job]) == [(3.0, 0.0)]


def test_a_job_whose_workers_died_while_they_asked_keeps_the_doubt_until_somebody_was_told(
    owner: Owner,
) -> None:
    owner.control.set_budget(5, per_request=None)
    (job,) = owner.queue.submit(paid("e1", 3.0, key="key"))
    for attempt in range(3):
        lease = owner.take("remote")
        if attempt == 2:
            owner.queue.note_remote(lease, submitting=True, remote="")
        owner.queue.fail(lease, DIED)
        owner.hands.advance(60)
        owner.queue.tend()
    assert owner.states(job) == ["failed"]
    (again,) = owner.control.retry([job.id])
    assert again.submitting, "an engine finds it so, and asks nobody"
    owner.queue.fail(owner.take("remote"), RenderFailed("it may have been billed"))
    (wanted,) = owner.queue.submit(again.request)
    assert (wanted.id, wanted.submitting) == (job.id, True), (
        "who only needs its result has nobody asked again"
    )
    owner.queue.fail(owner.take("remote"), RenderFailed("it may have been billed"))
    (again,) = owner.control.retry([job.id])
    assert not again.submitting
    assert owner.books([job]) == [(3.0, 0.0)]


def test_a_provider_that_refused_has_not_been_asked(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    (job,) = ask(owner, 3.0)
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=True, remote="")
    owner.queue.note_remote(lease, submitting=False, remote="")
    assert owner.queue.fail(lease, REFUSED).state == "failed"
    assert owner.books([job]) == [(0.0, 0.0)]


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "no answer"])
@pytest.mark.parametrize("running", [True, False], ids=["running", "waiting"])
def test_a_job_that_is_cancelled_after_a_provider_was_asked_is_paid_and_starts_afresh(
    owner: Owner, answered: bool, running: bool
) -> None:
    owner.control.set_budget(5, per_request=None)
    (job,) = ask(owner, 2.0)
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=not answered, remote="r1" if answered else "")
    if running:
        owner.control.cancel([job.id])
        owner.queue.stop(lease)
    else:
        owner.queue.fail(lease, BUSY)
        owner.control.cancel([job.id])
    if answered:  # its provider is still to be told
        assert owner.states(job) == ["cancelling"]
        assert owner.books([job]) == [(2.0, 0.0)]
        telling = owner.queue.take_cancelled()
        assert telling is not None
        owner.queue.stop(telling)
    gone = owner.now(job)
    assert (gone.state, gone.remote, gone.submitting, gone.generation) == ("cancelled", "", False, 1)
    assert owner.books([job]) == [(0.0, 2.0)]
    owner.control.retry([job.id])
    assert owner.books([job]) == [(2.0, 2.0)]
    owner.run("remote", delivery=Delivery(dollars=1.5))
    assert owner.books([job]) == [(0.0, 3.5)]


def test_what_is_known_of_a_job_at_its_provider_outlasts_the_program(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    (job,) = ask(owner, 2.0)
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=True, remote="")
    owner.reopen()
    assert (owner.now(job).submitting, owner.now(job).remote) == (True, "")
    lease = owner.take("remote")
    assert lease.job.submitting
    owner.queue.note_remote(lease, submitting=False, remote="r1")
    owner.reopen()
    lease = owner.take("remote")
    assert (lease.job.submitting, lease.job.remote, lease.job.generation) == (False, "r1", 0)
    assert owner.books([job]) == [(2.0, 0.0)]


def test_a_request_that_was_given_up_is_not_taken_for_the_next(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    ask(owner, 2.0)
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=False, remote="r1")
    given_up = owner.queue.note_remote(lease, submitting=False, remote="")
    assert (given_up.generation, given_up.remote) == (1, "")


# Families


def test_what_a_parent_sets_aside_pays_for_its_children(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    parent = owner.queue.submit_family(paid("film", 5.0), [paid("e1", 2.0), paid("e2", 2.5)])
    one, two = owner.queue.needs(parent.id)
    assert owner.states(parent, one, two) == ["waiting", "queued", "queued"]
    assert owner.books([parent, one, two]) == [(0.5, 0.0), (2.0, 0.0), (2.5, 0.0)]
    owner.run("remote", delivery=Delivery(dollars=1.0))
    owner.run("remote", delivery=Delivery(dollars=2.5))
    owner.run("remote", delivery=FREE)
    assert owner.books([parent, one, two]) == [(0.0, 0.0), (0.0, 1.0), (0.0, 2.5)]


def test_a_family_that_the_budget_does_not_cover_asks_for_nothing(owner: Owner) -> None:
    owner.control.set_budget(4, per_request=None)
    parent = owner.queue.submit_family(paid("film", 5.0), [paid("e1", 2.0)])
    assert parent.state == "failed"
    assert list(owner.all_jobs()) == [parent.id]
    assert standing(owner) == (0.0, 0.0)


def test_children_that_cost_more_than_their_parent_thought_use_the_budget(owner: Owner) -> None:
    owner.control.set_budget(3, per_request=None)
    parent = owner.queue.submit_family(paid("film", 2.0), [paid("e1", 1.5), paid("e2", 1.5), paid("e3", 1.0)])
    jobs = owner.queue.needs(parent.id)
    assert owner.states(*jobs) == ["queued", "queued", "failed"]
    assert owner.books([parent, *jobs]) == [(0.0, 0.0), (1.5, 0.0), (1.5, 0.0), (0.0, 0.0)]


def test_a_child_whose_price_is_not_covered_wakes_its_parent(owner: Owner) -> None:
    parent = owner.queue.submit_family(request("film"), [paid("e1", 1.5)])
    assert owner.states(parent) == ["queued"]
    assert [child.state for child in owner.queue.needs(parent.id)] == ["failed"]


def test_what_a_parent_has_set_aside_is_its_childrens_also_when_the_budget_shrinks(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    owner.queue.submit(paid("film", 4.0))
    lease = owner.take("remote")
    owner.control.set_budget(1, per_request=None)
    owner.queue.await_others(lease, [paid("e1", 3.0)])
    (child,) = owner.queue.needs(lease.id)
    assert child.state == "queued"
    assert owner.books([lease, child]) == [(1.0, 0.0), (3.0, 0.0)]


def test_a_family_pays_also_for_a_child_that_failed_before_it(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    owner.queue.submit(paid("e1", 3.0, key="key"))
    owner.queue.fail(owner.take("remote"), REFUSED)
    parent = owner.queue.submit_family(paid("film", 4.0), [paid("e1", 3.0, key="key")])
    (child,) = owner.queue.needs(parent.id)
    assert owner.states(parent, child) == ["waiting", "queued"]
    assert owner.books([parent, child]) == [(1.0, 0.0), (3.0, 0.0)]


def test_a_retried_family_sets_its_money_aside_again(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    parent = owner.queue.submit_family(paid("film", 4.0), [paid("e1", 3.0)])
    owner.queue.fail(owner.take("remote"), REFUSED)
    owner.queue.fail(owner.take("remote"), REFUSED)
    assert standing(owner) == (0.0, 0.0)
    owner.control.retry([parent.id])
    (child,) = owner.queue.needs(parent.id)
    assert owner.books([parent, child]) == [(1.0, 0.0), (3.0, 0.0)]


def test_a_retried_family_sets_aside_only_what_is_still_to_be_paid(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    parent = owner.queue.submit_family(paid("film", 4.5), [paid("e1", 2.5), paid("e2", 2.0)])
    owner.run("remote", delivery=Delivery(dollars=2.5))
    owner.queue.fail(owner.take("remote"), REFUSED)
    owner.queue.fail(owner.take("remote"), REFUSED)
    assert standing(owner) == (0.0, 2.5)
    owner.control.retry([parent.id])
    one, two = owner.queue.needs(parent.id)
    assert owner.states(parent, one, two) == ["waiting", "done", "queued"]
    assert owner.books([parent, one, two]) == [(0.0, 0.0), (0.0, 2.5), (2.0, 0.0)]


def test_a_cancelled_family_gives_everything_back(owner: Owner) -> None:
    owner.control.set_budget(5, per_request=None)
    parent = owner.queue.submit_family(paid("film", 4.0), [paid("e1", 3.0)])
    owner.control.cancel([parent.id])
    assert standing(owner) == (0.0, 0.0)


# The ledger


def test_the_ledger_has_a_line_for_each_engine_and_sequence(owner: Owner) -> None:
    owner.control.set_budget(20, per_request=None)
    owner.queue.submit(
        paid("e1", 2.0, sequence="s1"),
        paid("e2", 3.0, sequence="s1"),
        paid("e3", 1.0, sequence="s2"),
        paid("e4", 4.0, engine="kling"),
        request("e5", engine="builtin", sequence="s1", lane="remote"),
        request("note", lane="remote"),
        request("film", engine="builtin", sequence="s1", lane="owner"),
        paid("e6", 5.0, sequence="s2"),
    )
    for cost in (1.5, 3.0, 1.0, 4.5, 0.0, 0.0):
        lease = owner.take("remote")
        owner.hands.advance(10)
        owner.queue.deliver(lease, Delivery(dollars=cost))
    owner.run("owner")
    lines = owner.queue.transact("read the books", lambda turn: owner.queue.ledger.lines(turn.connection))
    assert lines == [
        Booked("builtin", "s1", jobs=1, seconds=10.0, reserved=0.0, spent=0.0),
        Booked("kling", "", jobs=1, seconds=10.0, reserved=0.0, spent=4.5),
        Booked("veo", "s1", jobs=2, seconds=20.0, reserved=0.0, spent=4.5),
        Booked("veo", "s2", jobs=1, seconds=10.0, reserved=5.0, spent=1.0),
    ]
    assert sum(line.spent for line in lines) == owner.budget().spent


def test_what_a_provider_was_asked_for_by_a_job_that_failed_is_taken_over_by_the_next_for_the_same(
    owner: Owner,
) -> None:
    owner.control.set_budget(2, per_request=None)
    paid = {"lane": "remote", "dollars": 1.0}
    first, second = owner.queue.submit(request("e1", "key", **paid), request("e2", "key", **paid))
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=False, remote="r1")
    owner.queue.fail(lease, BROKEN)
    lease = owner.take("remote")
    assert (lease.id, lease.job.remote, owner.now(first).remote) == (second.id, "r1", "")
    owner.queue.deliver(lease, Delivery(dollars=1.0))
    assert standing(owner) == (0.0, 1.0)


def test_what_is_taken_over_from_a_job_that_waits_is_booked_once_and_what_that_one_set_aside_stays_its_own(
    owner: Owner,
) -> None:
    owner.control.set_budget(2, per_request=None)
    paid = {"lane": "remote", "dollars": 1.0}
    first, second = owner.queue.submit(request("e1", "key", **paid), request("e2", "key", **paid))
    lease = owner.take("remote")
    owner.queue.note_remote(lease, submitting=False, remote="r1")
    owner.queue.fail(lease, BUSY)
    assert standing(owner) == (2.0, 0.0)
    lease = owner.take("remote")
    assert (lease.id, lease.job.remote, owner.now(first).remote) == (second.id, "r1", "")
    assert standing(owner) == (2.0, 0.0)
    owner.queue.deliver(lease, Delivery(dollars=1.0))
    assert standing(owner) == (1.0, 1.0)
    owner.hands.advance(HOUR)
    owner.queue.tend()
    again = owner.take("remote")
    assert again.id == first.id
    owner.queue.deliver(again, Delivery(dollars=0.0))  # what the other one made is there
    assert standing(owner) == (0.0, 1.0)
