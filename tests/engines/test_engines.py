"""Each engine against the one contract, and the registry that finds them."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

from forkframe.engines import registry
from forkframe.engines.builtin import BuiltinEngine
from forkframe.engines.fake import FakeEngine
from forkframe.engines.protocol import Engine
from forkframe.engines.registry import cards, engine_names, load_engine
from forkframe.errors import EngineUnavailable
from tests.engines.contract import EngineContract


class TestBuiltinEngine(EngineContract):
    parameters: ClassVar = {"restyle": {"prompt": "evening"}}

    @pytest.fixture
    def engine(self) -> Engine:
        return BuiltinEngine()


class TestFakeEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return FakeEngine()


def test_the_built_in_engine_comes_first_and_can_be_used() -> None:
    assert engine_names()[0] == "builtin"
    assert [card.name for card in cards() if not card.missing] == ["builtin", "fake"]


def test_an_unknown_engine_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(EngineUnavailable, match="no engine 'bultin'") as refused:
        load_engine("bultin")
    assert refused.value.hint == "did you mean builtin?"


# Families


class Choir:
    """Two fakes that are only known when somebody asks."""

    def names(self) -> tuple[str, ...]:
        return ("choir:alto", "choir:bass")

    def engine(self, name: str) -> Engine:
        if name == "choir":
            return FakeEngine()
        if name not in self.names():
            raise EngineUnavailable(f"nobody sings {name}", hint="there is alto and bass")
        return FakeEngine()


class Silent(Choir):
    def names(self) -> tuple[str, ...]:
        raise EngineUnavailable("nobody sings today", hint="come tomorrow")


def installed(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    """Families from elsewhere, next to the engines that there are."""
    found = {group: registry.entry_points(group=group) for group in (registry.GROUP, registry.FAMILIES)}
    added = tuple(EntryPoint(name, value, registry.FAMILIES) for name, value in points.items())
    monkeypatch.setattr(
        registry, "_points", lambda group: (*found[group], *(p for p in added if p.group == group))
    )


def test_the_engines_of_a_family_are_found_by_their_names_and_by_the_family_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, choir="tests.engines.test_engines:Choir")
    monkeypatch.setenv("FORKFRAME_ENGINES", "choir")
    assert {"choir:alto", "choir:bass"} <= set(engine_names())
    assert [load_engine(name).card().name for name in ("choir", "choir:bass")] == ["fake", "fake"]
    with pytest.raises(EngineUnavailable, match="nobody sings choir:tenor"):
        load_engine("choir:tenor")
    with pytest.raises(EngineUnavailable) as refused:
        load_engine("chior:bass")
    assert refused.value.hint == "did you mean choir:bass?"


def test_a_family_from_elsewhere_is_off_until_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, choir="tests.engines.test_engines:Choir")
    monkeypatch.delenv("FORKFRAME_ENGINES", raising=False)
    with pytest.raises(EngineUnavailable, match="the engine choir comes from another package"):
        load_engine("choir:bass")
    (card,) = [card for card in cards() if card.name.startswith("choir")]
    assert (card.name, "is off" in card.missing[0]) == ("choir", True)


def test_a_family_that_can_t_say_who_is_there_is_listed_under_its_own_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, choir="tests.engines.test_engines:Silent")
    monkeypatch.setenv("FORKFRAME_ENGINES", "choir")
    assert "choir" in engine_names()
