"""Cards, keys and addresses of hosted engines: what is missing is said, and a key is never shown or sent where it should not be."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from forkframe.engines.hosted import FalEngine
from forkframe.engines.hosted.order import Hosted
from forkframe.errors import (
    EngineUnavailable,
    ForkframeError,
    RenderFailed,
)
from tests.engines.contract import performed
from tests.engines.test_fakepaid import MemoryRemote
from tests.hosted.asked import KINDS, HostedContext, opened, recipe
from tests.hosted.fal import PretendedFal
from tests.hosted.provider import PretendedProvider

# Keys and cards


@pytest.mark.parametrize("name", KINDS)
def test_a_card_says_what_is_missing_and_where_to_get_it(
    name: str, monkeypatch: pytest.MonkeyPatch, context: HostedContext
) -> None:
    engine = KINDS[name][1]()
    service = engine.service
    monkeypatch.delenv(service.key, raising=False)
    monkeypatch.setattr("forkframe.engines.hosted.order.find_spec", lambda _: None)
    card = engine.card()
    assert card.missing == (
        f"pip install 'forkframe[{name}]'",
        f"get a key at {service.homepage}, then forkframe engines key {name}, or set {service.key} to it",
    )
    assert (card.key, card.homepage, card.runs_on) == (service.key, service.homepage, "remote")
    with pytest.raises(EngineUnavailable, match="can't run here"):
        performed(engine, recipe(engine), context)


def test_cards_load_no_sdk() -> None:
    code = (
        "import sys; from forkframe.engines.registry import cards; names = [c.name for c in cards()];"
        "print(names, [m for m in ('runwayml', 'luma_agents', 'fal_client', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'fal', 'luma', 'runway'" in done.stdout
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", KINDS)
def test_a_key_is_not_sent_unencrypted_to_another_machine(
    name: str, monkeypatch: pytest.MonkeyPatch, context: HostedContext
) -> None:
    engine = KINDS[name][1]()
    monkeypatch.setenv(engine.service.key, "canary")
    monkeypatch.setenv(engine.service.address, "http://gateway.example")
    with pytest.raises(EngineUnavailable, match="unencrypted"):
        performed(engine, recipe(engine), context)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("address", ["https://", "gateway.example", "http://[::1", "ftp://localhost"])
def test_an_address_that_is_none_is_told_before_anything_is_asked(
    name: str, address: str, monkeypatch: pytest.MonkeyPatch, context: HostedContext
) -> None:
    engine = KINDS[name][1]()
    monkeypatch.setenv(engine.service.key, "canary")
    monkeypatch.setenv(engine.service.address, address)
    with pytest.raises(EngineUnavailable, match="is not the address of a server"):
        performed(engine, recipe(engine), context)
    assert context.remote == MemoryRemote()


@pytest.mark.parametrize("key", ["schlüssel", "two words", "a\nb"])
def test_a_key_that_is_none_is_told_before_anything_is_asked(
    engine: Hosted,
    provider: PretendedProvider,
    context: HostedContext,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(provider.key_variable, key)
    with pytest.raises(EngineUnavailable, match="is no key") as caught:
        performed(engine, recipe(engine), context)
    assert key not in caught.value.message
    assert (provider.submissions, context.remote) == (0, MemoryRemote())


def test_the_key_is_in_no_log_and_no_message_whatever_goes_wrong(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    provider.polls = 2
    provider.stumble("submit", 400, 401, 403, 429, 500)
    provider.stumble("poll", 500, "nonsense", 403)
    provider.stumble("file", "cut", "expired")
    for _ in range(12):
        context.remote.in_doubt = False
        try:
            performed(engine, recipe(engine), context)
            break
        except ForkframeError as error:
            said.append(f"{error.message} {error.hint}")
    else:
        pytest.fail("it never came through")
    assert len(said) >= 5
    assert provider.key not in " ".join(said) + caplog.text


def test_fals_failures_are_told_also_where_its_queue_knows_of_them(
    context: HostedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FalEngine(poll=0.01)
    with opened(KINDS["fal"], monkeypatch) as provider:
        assert isinstance(provider, PretendedFal)
        provider.breaks = "runner_disconnected"
        with pytest.raises(RenderFailed, match="could not make it: the runner went away") as caught:
            performed(engine, recipe(engine), context)
        assert "asked for anew" in caught.value.hint
        assert context.remote == MemoryRemote()


def test_fals_sdk_is_refused_if_it_can_not_be_kept_from_submitting_twice(
    monkeypatch: pytest.MonkeyPatch, context: HostedContext
) -> None:
    import fal_client

    engine = FalEngine(poll=0.01)
    with opened(KINDS["fal"], monkeypatch) as provider:
        monkeypatch.delattr(fal_client.SyncClient, "_client")
        with pytest.raises(EngineUnavailable, match="might submit, and be billed for, a request twice"):
            performed(engine, recipe(engine), context)
        assert provider.submissions == 0
