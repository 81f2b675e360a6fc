"""What an engine gives back besides pictures is looked at too, before anybody relies on it."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forkframe.engines.fake import FakeEngine
from forkframe.engines.protocol import Context, Progress, Result
from forkframe.jobs import worker
from forkframe.jobs.tasks import Scope
from forkframe.media.png import pixel_hash, write_png
from forkframe.media.sandbox import Sandbox
from forkframe.model.codec import to_json
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Recipe
from tests.engines.contract import FRAME, PICTURES


class Quiet(Scope):
    """Nobody listens, and nobody cancels."""

    @property
    def cancelled(self) -> bool:
        return False

    @property
    def walls(self) -> Sandbox | None:
        return None

    def progress(self, share: float, *, preview: Path | None = None) -> None:
        pass

    def ask(self, name: str, **args: object) -> Mapping[str, object]:
        raise AssertionError(name)


def answered(folder: Path, monkeypatch: pytest.MonkeyPatch, **odd: Any) -> dict[str, Any]:
    """What a worker says when an engine's result of a variation has something `odd` about it."""

    class OddEngine(FakeEngine):
        def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
            return replace((yield from super().run(request, context)), **odd)

    monkeypatch.setattr("forkframe.jobs.render.load_engine", lambda _: OddEngine())
    card = FakeEngine().card().operations["vary"]
    pixels = PixelHash(pixel_hash(PICTURES[0]))
    write_png(PICTURES[0], folder / "0.png")
    inputs = (Input("image", pixels),)
    recipe = Recipe("vary", card.algorithm, 1, card.schema.resolve({}), inputs, FRAME, 1, 0)
    arguments = {
        "recipe": to_json(recipe),
        "images": {pixels: str(folder / "0.png")},
        "out": str(folder),
    }
    return worker.answer({"task": "rendering", "args": arguments}, Quiet())


@pytest.mark.parametrize("dollars", [math.nan, math.inf, -5.0])
def test_a_price_that_is_none_is_as_if_nobody_had_said_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dollars: float
) -> None:
    said = answered(tmp_path, monkeypatch, dollars=dollars)
    assert said["done"]["picture"]
    assert "dollars" not in said["done"]


def test_a_price_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(tmp_path, monkeypatch, dollars=0.25)["done"]["dollars"] == 0.25


def test_notes_that_are_no_text_are_one_clear_line_and_no_dead_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answered(tmp_path, monkeypatch, notes=(object(),))
    assert said["error"]["kind"] == "RenderFailed"
    assert said["error"]["message"].startswith("rendering failed unexpectedly (TypeError: ")
    assert said["error"]["hint"]
