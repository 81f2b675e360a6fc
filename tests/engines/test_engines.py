"""Each engine against the one contract, and the registry that finds them."""

from __future__ import annotations

from typing import ClassVar

import pytest

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
