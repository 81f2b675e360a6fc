"""Whatever goes wrong between a hosted engine and its provider is one clear line, and nothing is lost or billed twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from forkframe.engines.hosted import RunwayEngine
from forkframe.engines.hosted.order import Hosted
from forkframe.errors import (
    BadInput,
    Cancelled,
    EngineBusy,
    EngineUnavailable,
    ForkframeError,
    RenderFailed,
)
from forkframe.model.recipe import Operation
from tests.engines.contract import performed
from tests.engines.test_fakepaid import MemoryRemote
from tests.hosted.asked import KINDS, HostedContext, Kind, opened, recipe, rest
from tests.hosted.provider import REASON, PretendedProvider

# What is taken up instead of asked for again


def test_a_request_whose_id_is_known_is_taken_up_and_not_submitted(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.held = True
    first = engine.run(recipe(engine), context)
    next(first)
    first.close()  # as if its process had been killed
    provider.held = False
    assert performed(engine, recipe(engine), context)[0].frames
    assert (provider.submissions, len(provider.bills), provider.cancelled) == (1, 1, set())


@pytest.mark.parametrize("trouble", ["drops", "deaf", "hangs", "nonsense", 500])
def test_a_submission_that_may_have_been_taken_is_not_repeated_by_anybody(
    kind: Kind, provider: PretendedProvider, context: HostedContext, trouble: int | str
) -> None:
    engine = kind[1](poll=0.01)
    hasty = kind[1](poll=0.01, take_within=1.0) if trouble == "hangs" else engine
    provider.stumble("submit", trouble)
    with pytest.raises(RenderFailed, match="may have been taken, and billed") as first:
        performed(hasty, recipe(hasty), context)
    assert "look at your requests at https://" in first.value.hint
    assert context.remote == MemoryRemote(in_doubt=True)
    with pytest.raises(RenderFailed, match="may have been billed"):
        performed(engine, recipe(engine), context)
    assert provider.submissions == 1
    context.remote.in_doubt = False  # the user has looked, and retries
    assert performed(engine, recipe(engine), context)[0].frames
    assert provider.submissions == 2


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_fault_is_asked_again_only_where_the_provider_says_that_nothing_was_taken(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, status: int
) -> None:
    provider.stumble("submit", status)
    safe = status in engine.service.not_taken
    with pytest.raises(EngineBusy if safe else RenderFailed):
        performed(engine, recipe(engine), context)
    assert (provider.submissions, context.remote.in_doubt) == (1, not safe)


# What was not taken


def test_too_many_requests_are_asked_again_after_the_time_the_provider_wants(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.retry_after = "0.3"
    provider.stumble("submit", 429, 429)
    begun = time.monotonic()
    assert performed(engine, recipe(engine), context)[0].frames
    assert time.monotonic() - begun >= 0.6
    assert (provider.submissions, len(provider.bills)) == (3, 1)


def test_a_provider_that_stays_busy_has_taken_nothing(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.stumble("submit", 429, 429, 429)
    with pytest.raises(EngineBusy, match=r"too many requests of yours \(429\)"):
        performed(engine, recipe(engine), context)
    assert context.remote == MemoryRemote()


def test_no_network_is_told_as_such_and_nothing_was_taken(
    kind: Kind, engine: Hosted, context: HostedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(kind, monkeypatch):
        pass  # and it is gone
    with pytest.raises(EngineBusy, match="can't be reached") as caught:
        performed(engine, recipe(engine), context)
    assert "network" in caught.value.hint
    assert context.remote == MemoryRemote()


@pytest.mark.parametrize(
    ("status", "kind_of_error", "message", "hint"),
    [
        (400, RenderFailed, r"did not take the request \(400\): so sorry", "change"),
        (402, EngineUnavailable, "no credit left: so sorry", "add credit at https://"),
        (404, RenderFailed, "does not know (veo3.1|ray-3.2)", "another model"),
        (413, RenderFailed, "too large", "lower resolution"),
        (422, RenderFailed, r"did not take the request \(422\): so sorry", "change"),
    ],
)
def test_what_a_provider_does_not_take_is_one_line_with_the_next_step_and_may_be_retried(
    engine: Hosted,
    provider: PretendedProvider,
    context: HostedContext,
    status: int,
    kind_of_error: type[ForkframeError],
    message: str,
    hint: str,
) -> None:
    provider.stumble("submit", status)
    with pytest.raises(kind_of_error, match=message) as caught:
        performed(engine, recipe(engine), context)
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message
    assert (context.remote, provider.submissions) == (MemoryRemote(), 1)
    performed(engine, recipe(engine), context)
    assert len(provider.bills) == 1


def test_a_model_that_the_provider_took_away_is_named(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = recipe(engine)
    if engine.service.name == "fal":
        from forkframe.engines.hosted import fal

        gone = replace(fal._FILMS["veo3.1-fast"], between="fal-ai/veo9/first-last-frame-to-video")
        monkeypatch.setitem(fal._FILMS, "veo3.1-fast", gone)  # type: ignore[arg-type]
    else:
        asked = replace(asked, parameters={**asked.parameters, "model": "veo9"})
    with pytest.raises(RenderFailed, match="veo9"):
        performed(engine, asked, context)
    assert (provider.bills, context.remote) == ({}, MemoryRemote())


def test_a_key_that_is_wrong_is_said_to_be_by_its_name_and_never_shown(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(provider.key_variable, "wrong-canary")
    with pytest.raises(
        EngineUnavailable, match=f"does not accept the key in {provider.key_variable}"
    ) as caught:
        performed(engine, recipe(engine), context)
    assert "https://" in caught.value.hint
    assert "wrong-canary" not in caught.value.message + caught.value.hint
    monkeypatch.setenv(provider.key_variable, provider.key)
    assert performed(engine, recipe(engine), context)[0].frames


def test_what_is_refused_for_its_content_is_told_in_the_providers_words_and_costs_nothing(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.refuses = True
    with pytest.raises(RenderFailed, match=f"on grounds of its content: {REASON}") as caught:
        performed(engine, recipe(engine), context)
    assert "other words" in caught.value.hint
    assert (provider.bills, context.remote) == ({}, MemoryRemote())


@pytest.mark.parametrize("operation", ["generate", "restyle"])
def test_nothing_is_submitted_as_long_as_nobody_says_what_to_show(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, operation: Operation
) -> None:
    with pytest.raises(BadInput, match="nobody said"):
        performed(engine, recipe(engine, operation, prompt=" "), context)
    assert (provider.submissions, context.remote) == (0, MemoryRemote())


# While it is being made


@pytest.mark.parametrize("trouble", [500, 429, 408, "deaf", "hangs", "nonsense"])
def test_trouble_on_the_way_passes_while_it_is_being_made(
    kind: Kind, provider: PretendedProvider, context: HostedContext, trouble: int | str
) -> None:
    engine = kind[1](poll=0.01, answer_within=2.0 if trouble == "hangs" else 60.0)
    provider.stumble("poll", 200, trouble, trouble)
    assert performed(engine, recipe(engine), context)[0].frames
    assert (provider.submissions, len(provider.bills)) == (1, 1)


def test_trouble_that_does_not_pass_ends_the_attempt_and_the_next_goes_on_where_it_was(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.stumble("poll", *[500] * 6)
    with pytest.raises(EngineBusy, match=r"has a fault \(500\)"):
        performed(engine, recipe(engine), context)
    assert context.remote.id
    assert performed(engine, recipe(engine), context)[0].frames
    assert (provider.submissions, len(provider.bills)) == (1, 1)


def test_a_key_that_is_revoked_meanwhile_loses_nothing_that_was_paid_for(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.held = True
    steps = engine.run(recipe(engine), context)
    next(steps)
    provider.revoked = True
    with pytest.raises(EngineUnavailable, match=f"refuses the key in {provider.key_variable}") as caught:
        rest(steps)
    assert "revoked" in caught.value.hint
    provider.revoked = provider.held = False
    assert performed(engine, recipe(engine), context)[0].frames
    assert (provider.submissions, len(provider.bills)) == (1, 1)


def test_a_request_that_the_provider_forgot_fails_and_may_be_asked_for_anew(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.held = True
    steps = engine.run(recipe(engine), context)
    next(steps)
    provider.forget(provider.taken[0].id)
    with pytest.raises(RenderFailed, match=r"does not know the request .* any more"):
        rest(steps)
    assert context.remote == MemoryRemote()


# Fetching what was made


@pytest.mark.parametrize("operation", ["transition", "vary"])
def test_an_address_that_has_expired_is_asked_for_anew(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, operation: Operation
) -> None:
    provider.stumble("file", "expired")
    performed(engine, recipe(engine, operation), context)
    assert (provider.count("file"), provider.downloads, len(provider.bills)) == (2, 1, 1)


def test_addresses_that_are_expired_each_time_are_told_and_can_be_tried_later(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.stumble("file", "expired", "expired")
    with pytest.raises(RenderFailed, match="not even at a fresh address") as caught:
        performed(engine, recipe(engine), context)
    assert "not billed again" in caught.value.hint
    performed(engine, recipe(engine), context)
    assert len(provider.bills) == 1


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("cut", r"ended after \d+ of \d+ bytes"),
        ("cut in chunks", "was cut off"),
        ("empty", "is empty"),
        ("hangs", "did not go on in time"),
        ("deaf", "can't be reached"),
        (500, r"has a fault \(500\)"),
    ],
)
def test_a_result_that_does_not_come_whole_is_fetched_again_and_not_billed_again(
    kind: Kind, provider: PretendedProvider, context: HostedContext, trouble: int | str, message: str
) -> None:
    engine = kind[1](poll=0.01, answer_within=60.0)
    hasty = kind[1](poll=0.01, answer_within=1.0) if trouble == "hangs" else engine
    provider.stumble("file", trouble)
    with pytest.raises(EngineBusy, match=message) as caught:
        performed(hasty, recipe(hasty), context)
    assert "not billed again" in caught.value.hint
    assert performed(engine, recipe(engine), context)[0].frames
    assert (provider.submissions, len(provider.bills)) == (1, 1)


def test_a_result_is_not_fetched_from_where_nobody_should(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(provider), "file_url", lambda *_: "http://169.254.169.254/latest/meta-data")
    with pytest.raises(RenderFailed, match="where nobody should fetch it"):
        performed(engine, recipe(engine), context)


# What nobody wants any more


def test_cancelling_reaches_a_provider_that_listens(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.held = True
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(performed, engine, recipe(engine), context)
        provider.until(lambda p: p.count("poll"))
        context.stopped.set()
        with pytest.raises(Cancelled):
            running.result(timeout=60)
    listens = engine.service.name != "luma"
    assert provider.cancelled == ({t.id for t in provider.taken} if listens else set())


def test_cancelling_reaches_the_provider_also_where_its_caller_notices_first(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.held = True
    steps = engine.run(recipe(engine), context)
    next(steps)
    context.stopped.set()
    steps.close()
    assert len(provider.cancelled) == (engine.service.name != "luma")


@pytest.mark.parametrize("trouble", [500, "hangs"])
def test_a_provider_that_does_not_hear_of_the_cancelling_is_told_later(
    engine: Hosted,
    provider: PretendedProvider,
    context: HostedContext,
    monkeypatch: pytest.MonkeyPatch,
    trouble: int | str,
) -> None:
    monkeypatch.setattr("forkframe.engines.hosted.order._LAST_WORD", 0.2)
    provider.held = True
    provider.stumble("cancel", trouble)
    steps = engine.run(recipe(engine), context)
    next(steps)
    context.stopped.set()
    if engine.service.name == "luma":  # which can't be told anyway
        with pytest.raises(Cancelled):
            rest(steps)
        return
    with pytest.raises(EngineBusy):
        rest(steps)
    assert context.remote.id.endswith(provider.taken[0].id)
    with pytest.raises(Cancelled):  # run once more, for that alone
        next(engine.run(recipe(engine), context))
    assert provider.cancelled == {provider.taken[0].id}
    assert (context.remote, provider.submissions) == (MemoryRemote(in_doubt=True), 1)


def test_what_is_done_already_is_not_deleted_at_the_provider_when_nobody_waits_for_it(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    steps = engine.run(recipe(engine), context)
    while not provider.downloads:
        next(steps)
    context.stopped.set()
    with pytest.raises(Cancelled):
        rest(steps)
    assert provider.count("cancel") == 0
    assert context.remote == MemoryRemote(in_doubt=True)


def test_what_was_done_since_somebody_looked_is_not_deleted_at_the_provider_either(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    provider.polls = 0
    steps = engine.run(recipe(engine), context)
    next(steps)
    context.stopped.set()
    with pytest.raises(Cancelled):
        next(engine.run(recipe(engine), context))
    assert (provider.count("cancel"), context.remote) == (0, MemoryRemote(in_doubt=True))


def test_runways_cancelled_tasks_end_and_are_asked_for_anew_only_by_a_later_attempt(
    context: HostedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = RunwayEngine(poll=0.01)
    with opened(KINDS["runway"], monkeypatch) as provider:
        provider.held = True
        steps = engine.run(recipe(engine), context)
        next(steps)
        provider.cancel(provider.taken[0])  # on its pages, say
        with pytest.raises(RenderFailed, match="cancelled the request"):
            rest(steps)
        assert context.remote == MemoryRemote()
        context.remote.submitted(provider.taken[0].id)  # a later attempt finds it so
        provider.held = False
        assert performed(engine, recipe(engine), context)[0].frames
        assert provider.submissions == 2
