"""The engine that costs money, against a provider that speaks real HTTP: whatever happens, nothing is billed twice."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from forkframe.engines.fakepaid import PROVIDER_VARIABLE, FakePaidEngine
from forkframe.engines.protocol import Engine
from forkframe.errors import Cancelled, EngineBusy, EngineUnavailable, RenderFailed
from forkframe.media.png import pixel_hash
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Operation, Recipe
from tests.engines import contract
from tests.engines.contract import FRAME, PICTURES, EngineContract, TestContext, performed
from tests.provider import REASON, FakeProvider


@dataclass
class MemoryRemote:
    """What is known of one request at its provider, kept in memory."""

    key: str = "job-1"
    id: str = ""
    in_doubt: bool = False

    def submitting(self, *, repeatable: bool) -> None:
        if self.in_doubt and not repeatable:
            raise RenderFailed("an earlier attempt may have been billed")
        self.in_doubt = True

    def submitted(self, id: str) -> None:  # noqa: A002 - the provider's word for it
        self.id, self.in_doubt = id, False

    def refused(self) -> None:
        self.id, self.in_doubt = "", False

    def withdrawn(self) -> None:
        self.id, self.in_doubt = "", True


@dataclass
class PaidContext(TestContext):
    __test__ = False

    remote: MemoryRemote = field(default_factory=MemoryRemote)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        return self.stopped.is_set() or super().cancelled


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        monkeypatch.setenv(PROVIDER_VARIABLE, provider.url)
        yield provider


@pytest.fixture
def context(tmp_path: Path) -> PaidContext:
    return PaidContext(tmp_path)


@pytest.fixture
def engine(provider: FakeProvider) -> FakePaidEngine:
    return FakePaidEngine()


@pytest.mark.usefixtures("provider")
class TestFakePaidEngine(EngineContract):
    @pytest.fixture(autouse=True)
    def contexts_with_a_request_each(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = iter(range(1000))
        monkeypatch.setattr(
            contract,
            "TestContext",
            lambda folder, **rest: PaidContext(folder, remote=MemoryRemote(f"job-{next(keys)}"), **rest),
        )

    @pytest.fixture
    def engine(self) -> Engine:
        return FakePaidEngine()


# What it delivers


def test_what_is_delivered_was_billed_once_and_shows_what_the_provider_made(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    result, shares = performed(engine, recipe(wait=0.2), context)
    [taken] = provider.requests["job-1"]
    tint = np.frombuffer(taken.colour, np.uint8)
    assert result.picture is not None
    assert np.abs(result.picture - (PICTURES[0] / 2 + tint / 2)).max() <= 0.5
    assert (result.dollars, provider.bills) == (0.25, {taken.id: 0.25})
    assert shares[0] < 1 == shares[-1]
    assert context.remote == MemoryRemote(id=taken.id)


def test_a_transition_has_all_its_frames_and_is_billed_by_the_second(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    result, _ = performed(engine, recipe("transition", frames=17), context)
    assert result.frames
    assert [context.sink.frames[i].tobytes() for i in (0, -1)] == [p.tobytes() for p in PICTURES[:2]]
    assert len(context.sink.frames) == 17
    assert result.dollars == sum(provider.bills.values()) == 2 * 0.25


# What is taken up instead of asked for again


def test_a_request_whose_id_is_known_is_taken_up_and_not_submitted(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    first = engine.run(recipe(wait=0.2), context)
    next(first)
    first.close()  # as if its process had been killed
    result, _ = performed(engine, recipe(wait=0.2), context)
    assert result.dollars == 0.25
    assert (provider.submissions, len(provider.bills), provider.cancelled) == (1, 1, set())


def test_a_submission_without_an_answer_is_repeated_and_billed_once(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    with pytest.raises(EngineBusy, match="did not answer"):
        performed(engine, recipe(trouble="drops"), context)
    assert context.remote == MemoryRemote(in_doubt=True)
    assert len(provider.bills) == 1
    performed(engine, recipe(trouble="drops"), context)
    assert (provider.submissions, len(provider.bills)) == (2, 1)


def test_a_submission_without_an_answer_is_not_repeated_where_that_would_be_billed(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    asked = recipe(trouble="drops", repeatable=False)
    with pytest.raises(EngineBusy, match="did not answer"):
        performed(engine, asked, context)
    with pytest.raises(RenderFailed, match="may have been billed"):
        performed(engine, asked, context)
    assert (provider.submissions, len(provider.bills)) == (1, 1)


def test_a_fault_of_the_provider_leaves_open_whether_it_was_billed(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    with pytest.raises(EngineBusy, match=r"has a fault \(500\)"):
        performed(engine, recipe(trouble="error"), context)
    assert context.remote.in_doubt
    performed(engine, recipe(trouble="error"), context)
    assert (provider.submissions, len(provider.bills)) == (2, 1)


def test_a_result_that_came_in_part_is_fetched_again_and_not_billed_again(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    with pytest.raises(EngineBusy, match="ended after 1 of 3 bytes"):
        performed(engine, recipe(trouble="truncated"), context)
    result, _ = performed(engine, recipe(trouble="truncated"), context)
    assert result.dollars == 0.25
    assert (provider.submissions, len(provider.bills)) == (1, 1)


def test_a_provider_that_does_not_answer_is_not_waited_for(
    provider: FakeProvider, context: PaidContext
) -> None:
    with pytest.raises(EngineBusy, match="it took too long"):
        performed(FakePaidEngine(answer_within=1.0), recipe(trouble="hangs"), context)
    assert list(provider.bills) == [context.remote.id]


# What was not taken


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_busy_provider_is_asked_until_it_takes_the_request(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext, repeatable: bool
) -> None:
    asked = recipe(trouble="busy", repeatable=repeatable)
    for _ in range(2):
        with pytest.raises(EngineBusy, match=r"too much to do \(429\)"):
            performed(engine, asked, context)
        assert context.remote == MemoryRemote()
    performed(engine, asked, context)
    assert (provider.submissions, len(provider.bills)) == (3, 1)


def test_an_overloaded_provider_and_one_that_is_not_there_have_taken_nothing(
    engine: FakePaidEngine, context: PaidContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as gone:
        monkeypatch.setenv(PROVIDER_VARIABLE, gone.url)
        gone.overloaded = True
        with pytest.raises(EngineBusy, match=r"too much to do \(503\)"):
            performed(engine, recipe(repeatable=False), context)
    with pytest.raises(EngineBusy, match="nobody answers"):
        performed(engine, recipe(repeatable=False), context)
    assert context.remote == MemoryRemote()


def test_a_refusal_is_told_in_the_providers_words_and_costs_nothing(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    with pytest.raises(RenderFailed, match=REASON):
        performed(engine, recipe(trouble="refuses"), context)
    assert (provider.bills, context.remote) == ({}, MemoryRemote())


def test_a_request_that_the_provider_forgot_fails_and_may_be_asked_for_anew(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    context.remote.submitted("of another provider")
    with pytest.raises(RenderFailed, match="does not know the request of another provider"):
        performed(engine, recipe(), context)
    assert (provider.submissions, context.remote) == (0, MemoryRemote())
    performed(engine, recipe(), context)
    assert provider.submissions == 1


# What nobody wants any more


def test_cancelling_reaches_the_provider(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(performed, engine, recipe(wait=60), context)
        provider.until(lambda p: p.bills)
        context.stopped.set()
        with pytest.raises(Cancelled):
            running.result(timeout=60)
    assert provider.cancelled == set(provider.bills)
    assert context.remote == MemoryRemote(in_doubt=True), "what it is billed for nobody knows"


def test_cancelling_reaches_the_provider_also_where_its_caller_notices_first(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    steps = engine.run(recipe(wait=60), context)
    next(steps)
    context.stopped.set()
    steps.close()
    assert provider.cancelled == set(provider.bills)
    assert context.remote == MemoryRemote(in_doubt=True), "what it is billed for nobody knows"


def test_what_is_cancelled_before_it_was_billed_is_forgotten(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    steps = engine.run(recipe(wait=60, trouble="refuses"), context)
    next(steps)
    context.stopped.set()
    with pytest.raises(Cancelled):
        next(steps)
    assert (provider.bills, context.remote) == ({}, MemoryRemote())


def test_a_cancelled_request_is_submitted_anew_when_it_is_asked_for_again(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    steps = engine.run(recipe(wait=60), context)
    next(steps)
    context.stopped.set()
    steps.close()
    context.stopped.clear()
    context.remote.key = "job-1, again"
    result, _ = performed(engine, recipe(), context)
    assert result.dollars == 0.25
    assert {key: len(taken) for key, taken in provider.requests.items()} == {"job-1": 1, "job-1, again": 1}


def test_under_its_old_key_a_cancelled_request_stays_cancelled(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    steps = engine.run(recipe(wait=60), context)
    next(steps)
    context.stopped.set()
    steps.close()
    context.stopped.clear()
    with pytest.raises(RenderFailed, match="cancelled the request"):
        performed(engine, recipe(), context)
    assert len(provider.bills) == 1


# What its card says


@pytest.mark.parametrize("url", ["", "file:///etc/passwd"])
def test_its_card_names_the_variable_that_has_to_be_set(
    context: PaidContext, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(PROVIDER_VARIABLE, url)
    [line] = FakePaidEngine().card().missing
    assert PROVIDER_VARIABLE in line
    with pytest.raises(EngineUnavailable, match="has no provider"):
        performed(FakePaidEngine(), recipe(), context)


def test_its_card_estimates_what_the_provider_bills(
    engine: FakePaidEngine, provider: FakeProvider, context: PaidContext
) -> None:
    asked = recipe("transition", frames=12)
    estimate = engine.card().operations["transition"].cost.estimate(asked)[1]
    performed(engine, asked, context)
    assert list(provider.bills.values()) == [estimate]


# The provider itself


def test_the_provider_runs_as_its_own_process_and_is_asked_for_its_books(
    monkeypatch: pytest.MonkeyPatch, context: PaidContext
) -> None:
    command = [sys.executable, "-m", "tests.provider"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        monkeypatch.setenv(PROVIDER_VARIABLE, url)
        performed(FakePaidEngine(), recipe(), context)
        books = fetched(f"{url}/bills")
        said, complaints = process.communicate(timeout=60)  # closes its standard input
    assert books == {"bills": 1, "submissions": 1, "keys": 1, "cancelled": 0, "dollars": 0.25}
    assert (said, complaints, process.returncode) == ("", "", 0)


def test_the_provider_bills_a_key_once_when_many_ask_at_the_same_time(
    engine: FakePaidEngine, provider: FakeProvider, tmp_path: Path
) -> None:
    start = threading.Barrier(16)

    def ask(number: int) -> None:
        context = PaidContext(tmp_path, remote=MemoryRemote(f"job-{number % 2}"))
        start.wait(timeout=60)
        performed(engine, recipe(), context)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(ask, range(16)))
    assert provider.books == {"bills": 2, "submissions": 16, "keys": 2, "cancelled": 0, "dollars": 0.5}


def recipe(operation: Operation = "vary", *, frames: int = 1, **parameters: object) -> Recipe:
    """A recipe of the engine's, with its default parameters where none are given."""
    card = FakePaidEngine().card().operations[operation]
    hashes = [PixelHash(pixel_hash(p)) for p in PICTURES]
    inputs = tuple(Input(role, key) for role, key in zip(card.inputs, hashes, strict=False))
    values = card.schema.resolve(parameters)
    return Recipe(operation, card.algorithm, card.schema.version, values, inputs, FRAME, frames, 5)


def fetched(url: str) -> dict[str, float]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as response:
        return json.load(response)
