"""A provider that is pretended, the engine that asks it, and a context; each test runs with all three."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forkframe.engines.hosted.order import Hosted
from tests.hosted.asked import KINDS, HostedContext, Kind, opened
from tests.hosted.provider import PretendedProvider


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def provider(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendedProvider]:
    with opened(kind, monkeypatch) as provider:
        yield provider


@pytest.fixture
def engine(kind: Kind) -> Hosted:
    return kind[1](poll=0.01)


@pytest.fixture
def context(tmp_path: Path) -> HostedContext:
    return HostedContext(tmp_path)
