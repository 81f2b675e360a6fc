"""What hosted engines deliver through their own SDKs, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from forkframe.engines.hosted import LumaEngine
from forkframe.engines.hosted.order import Hosted
from forkframe.engines.protocol import Engine
from forkframe.media.png import pixel_hash
from forkframe.model.frame import Frame
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Operation
from tests.engines import contract
from tests.engines.contract import FRAME, PICTURES, EngineContract, performed
from tests.hosted.asked import KINDS, NEEDED, HostedContext, Kind, likeness, opened, recipe
from tests.hosted.provider import PretendedProvider


class HostedContract(EngineContract):
    parameters: ClassVar[dict[Operation, dict[str, object]]] = NEEDED
    kind: ClassVar[Kind]

    @pytest.fixture(autouse=True)
    def provider(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendedProvider]:
        monkeypatch.setattr(contract, "TestContext", HostedContext)
        with opened(self.kind, monkeypatch) as provider:
            yield provider

    @pytest.fixture
    def engine(self) -> Engine:
        return self.kind[1](poll=0.01)


class TestRunway(HostedContract):
    kind = KINDS["runway"]


class TestFal(HostedContract):
    kind = KINDS["fal"]


class TestLuma(HostedContract):
    kind = KINDS["luma"]

    def test_the_same_request_gives_the_same_bytes(self, engine: Engine, tmp_path: Path) -> None:
        """Luma knows no seeds: only what is taken up again is the same."""
        for asked in self.recipes(engine):
            one, other = HostedContext(tmp_path), HostedContext(tmp_path)
            first = performed(engine, asked, one)[0]
            other.remote = replace(one.remote)
            again = performed(engine, asked, other)[0]
            assert contract._bytes(first) == contract._bytes(again), asked.operation
            assert [f.tobytes() for f in one.sink.frames] == [f.tobytes() for f in other.sink.frames]


# What is delivered, and what it costs


@pytest.mark.parametrize("operation", ["transition", "animate", "generate", "vary", "restyle"])
def test_what_is_delivered_was_billed_once_at_the_price_that_was_shown(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, operation: Operation
) -> None:
    asked = recipe(engine, operation)
    engine.card().check(asked)
    result, shares = performed(engine, asked, context)
    [taken] = provider.taken
    estimate = engine.card().operations[operation].cost.estimate(asked)[1]
    assert provider.bills == {taken.id: pytest.approx(estimate)}
    if provider.variable == "RUNWAYML_BASE_URL":  # the only one that says what it took
        assert result.dollars == pytest.approx(estimate)
    else:
        assert result.dollars is None
    assert shares[0] < shares[-1] == 1
    assert (provider.submissions, provider.downloads) == (1, 1)
    assert context.remote.id.endswith(taken.id)
    assert not context.remote.in_doubt


def test_every_model_and_every_resolution_is_asked_in_words_that_its_provider_takes(
    engine: Hosted, provider: PretendedProvider, tmp_path: Path
) -> None:
    for operation, card in engine.card().operations.items():
        options = {p.name: getattr(p, "options", ()) for p in card.schema.parameters}
        for model in options["model"]:
            for resolution in options.get("resolution") or ("",):
                values = {"model": model} | ({"resolution": resolution} if resolution else {})
                asked = recipe(engine, operation, **values)
                performed(engine, asked, HostedContext(tmp_path))
                billed = list(provider.bills.values())[-1]
                estimate = card.cost.estimate(asked)[1]
                assert billed <= estimate + 1e-9, (operation, values)
                assert billed >= estimate * 0.6, (
                    operation,
                    values,
                )  # Runway's turbo costs the same in both sizes


def test_a_transition_begins_and_ends_as_the_pictures_that_were_sent(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    performed(engine, recipe(engine, "transition"), context)
    frames = context.sink.frames
    assert len(frames) == 9
    for frame, wanted in ((frames[0], PICTURES[0]), (frames[-1], PICTURES[1])):
        assert likeness(frame, wanted) > 24
    assert likeness(frames[4], PICTURES[0] // 2 + PICTURES[1] // 2) > 20


@pytest.mark.parametrize(("seconds", "fps"), [(1, 8), (6, 24), (8, 24), (30, 12)])
def test_a_clip_is_as_long_as_the_price_says(
    engine: Hosted, provider: PretendedProvider, context: HostedContext, seconds: float, fps: int
) -> None:
    frame = Frame(*FRAME.size, fps=fps)  # type: ignore[arg-type]
    asked = replace(recipe(engine, "transition"), frame=frame, frames=frame.frames_in(seconds))
    next(steps := engine.run(asked, context))
    steps.close()
    [taken] = provider.taken
    cost = engine.card().operations["transition"].cost
    assert taken.seconds == cost.length(asked) >= min(seconds, cost.lengths[-1])
    assert list(provider.bills.values()) == [pytest.approx(cost.estimate(asked)[1])]


def test_pictures_of_a_shape_that_the_provider_does_not_make_lose_nothing(
    engine: Hosted, provider: PretendedProvider, context: HostedContext
) -> None:
    performed(engine, recipe(engine, "transition"), context)
    sent = provider.taken[0].pictures[0]
    rows, columns = sent.shape[:2]
    if columns / rows > 1.4:  # 16:9 for a frame of 4:3: the picture stands in the middle
        left = (columns - rows * 4 // 3) // 2
        sent = sent[:, left : left + rows * 4 // 3]
    assert sent.shape == PICTURES[0].shape
    assert np.array_equal(sent, PICTURES[0])


# Many pictures in one clip


def test_lumas_clip_passes_every_picture_at_its_moment(
    context: HostedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = LumaEngine(poll=0.01)
    with opened(KINDS["luma"], monkeypatch) as provider:
        asked = recipe(engine)
        keys = [
            Input("key", PixelHash(pixel_hash(PICTURES[n])), weight) for n, weight in ((3, 0.75), (2, 0.25))
        ]
        asked = replace(asked, inputs=(asked.inputs[0], *keys, asked.inputs[1]), frames=FRAME.frames_in(8))
        engine.card().check(asked)
        next(engine.run(asked, context))
        [taken] = provider.taken
    video = taken.body["video"]
    assert (video["duration"], video["keyframe_indexes"]) == ("10s", [0, 60, 180, 240])
    assert [p.tobytes() for p in taken.pictures] == [PICTURES[n].tobytes() for n in (0, 2, 3, 1)]
