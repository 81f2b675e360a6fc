"""What every engine promises. Run against each of them; a new engine subclasses `EngineContract`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.protocol import Engine, Fit, FrameSink, Result
from forkframe.errors import BadInput, BadParameter, Cancelled, EngineUnavailable
from forkframe.jobs.arriving import fit_a_picture, fit_a_video
from forkframe.jobs.frames import Retimed
from forkframe.media.decode import read_frames
from forkframe.media.png import pixel_hash, read_png, write_png
from forkframe.model.codec import to_json
from forkframe.model.frame import Frame
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import OPERATIONS, Input, Operation, Recipe
from tests.pictures import photograph

FRAME = Frame(128, 96, Fraction(8))
PICTURES = [photograph(name, FRAME.size) for name in ("cat", "coffee", "rocket", "retina")]


@dataclass
class Sink:
    frames: list[NDArray[np.uint8]] = field(default_factory=list)

    def write(self, frame: NDArray[np.uint8]) -> None:
        self.frames.append(frame.copy())


@dataclass
class TestContext:
    """A context in memory; cancelled as soon as `looks` are used up."""

    __test__ = False

    folder: Path
    looks: int = 10**9
    sink: Sink = field(default_factory=Sink)
    images: dict[PixelHash, NDArray[np.uint8]] = field(
        default_factory=lambda: {PixelHash(pixel_hash(p)): p for p in PICTURES}
    )

    @property
    def cancelled(self) -> bool:
        self.looks -= 1
        return self.looks < 0

    def image(self, pixels: PixelHash) -> NDArray[np.uint8]:
        return self.images[pixels].copy()

    def picture_file(self, pixels: PixelHash) -> Path:
        path = self.folder / f"{pixels}.png"
        write_png(self.images[pixels], path)
        return path

    def picture_from(self, path: Path, *, fit: Fit = "stretch") -> NDArray[np.uint8]:
        answer = fit_a_picture(self._arguments(path, fit), self)
        return read_png(Path(str(answer["picture"])))

    def video_from(self, path: Path, *, fit: Fit = "stretch") -> None:
        ends: dict[str, str] = {}
        answer = fit_a_video({**self._arguments(path, fit), "frames": 9, "tier": "final", "ends": ends}, self)
        self.sink.frames += read_frames(Path(str(answer["video"])))

    def _arguments(self, path: Path, fit: Fit) -> dict[str, object]:
        return {"path": str(path), "out": str(self.folder), "fit": fit, "frame": to_json(FRAME)}

    def progress(self, share: float, *, preview: Path | None = None) -> None:
        """A scope's, for what is decoded here and not apart."""

    def frames_out(self, count: int | None = None) -> FrameSink:
        return self.sink if count in (None, 9) else Retimed(self.sink.write, count=count, frames=9)

    def scratch(self) -> Path:
        return self.folder


def performed(engine: Engine, recipe: Recipe, context: TestContext) -> tuple[Result, list[float]]:
    """The result of a recipe and the progress on the way."""
    steps = engine.run(recipe, context)
    shares: list[float] = []
    while True:
        try:
            shares.append(next(steps).share)
        except StopIteration as end:
            return end.value, shares


class EngineContract:
    """Subclass with an `engine` fixture; `parameters` are what its operations need to run at all."""

    parameters: ClassVar[dict[Operation, dict[str, object]]] = {}

    @pytest.fixture
    def engine(self) -> Engine:
        raise NotImplementedError

    def recipes(self, engine: Engine) -> Iterator[Recipe]:
        """One recipe for each operation, with the fewest pictures it takes."""
        for name, card in engine.card().operations.items():
            hashes = iter(PixelHash(pixel_hash(p)) for p in PICTURES)
            inputs = tuple(
                Input(role, next(hashes)) for role, (fewest, _) in card.inputs.items() for _ in range(fewest)
            )
            moving = name in ("transition", "animate")
            values = card.schema.resolve(self.parameters.get(name, {}))
            yield Recipe(
                name, card.algorithm, card.schema.version, values, inputs, FRAME, 9 if moving else 1, 5
            )

    def test_its_card_declares_each_operation_under_its_own_name(self, engine: Engine) -> None:
        card = engine.card()
        assert card.operations
        for name, operation in card.operations.items():
            assert name in OPERATIONS
            assert re.fullmatch(rf"{card.name}\.{name}@[1-9]\d*(\+words-[0-9a-f]{{8}})?", operation.algorithm)
            assert operation.licence
            assert operation.schema.resolve({}).keys() == operation.schema.json_schema()["properties"].keys()  # type: ignore[union-attr]

    def test_it_delivers_what_was_asked_for_in_the_right_size(self, engine: Engine, tmp_path: Path) -> None:
        for recipe in self.recipes(engine):
            engine.card().check(recipe)
            context = TestContext(tmp_path)
            result, _ = performed(engine, recipe, context)
            if recipe.frames > 1:
                assert result.field is not None or len(context.sink.frames) == recipe.frames
            elif recipe.operation == "describe":
                assert result.descriptor is not None
                assert np.isfinite(result.descriptor.composition).all()
                assert np.isfinite(result.descriptor.style).all()
            else:
                assert result.picture is not None
                assert result.picture.shape == (FRAME.height, FRAME.width, 3)
                assert result.picture.dtype == np.uint8

    def test_the_same_request_gives_the_same_bytes(self, engine: Engine, tmp_path: Path) -> None:
        for recipe in self.recipes(engine):
            one, other = TestContext(tmp_path), TestContext(tmp_path)
            first, again = performed(engine, recipe, one)[0], performed(engine, recipe, other)[0]
            assert _bytes(first) == _bytes(again), recipe.operation
            assert [f.tobytes() for f in one.sink.frames] == [f.tobytes() for f in other.sink.frames]

    def test_another_seed_gives_another_picture(self, engine: Engine, tmp_path: Path) -> None:
        for recipe in self.recipes(engine):
            if recipe.operation in ("generate", "vary"):
                one = performed(engine, recipe, TestContext(tmp_path))[0]
                other = performed(engine, replace(recipe, seed=6), TestContext(tmp_path))[0]
                assert _bytes(one) != _bytes(other)

    def test_progress_rises_from_0_to_1_at_most(self, engine: Engine, tmp_path: Path) -> None:
        for recipe in self.recipes(engine):
            _, shares = performed(engine, recipe, TestContext(tmp_path))
            assert shares == sorted(shares)
            assert all(0 <= share <= 1 for share in shares)

    def test_it_stops_at_its_next_step_once_cancelled(self, engine: Engine, tmp_path: Path) -> None:
        for recipe in self.recipes(engine):
            if recipe.operation == "describe":
                continue  # one step: there is no next one
            with pytest.raises(Cancelled):
                performed(engine, recipe, TestContext(tmp_path, looks=0))

    def test_it_leaves_the_pictures_it_is_given_alone(self, engine: Engine, tmp_path: Path) -> None:
        before = [p.tobytes() for p in PICTURES]
        for recipe in self.recipes(engine):
            performed(engine, recipe, TestContext(tmp_path))
        assert [p.tobytes() for p in PICTURES] == before

    def test_its_card_refuses_what_it_does_not_declare(self, engine: Engine) -> None:
        card = engine.card()
        recipe = next(iter(self.recipes(engine)))
        stranger: Any = next((name for name in OPERATIONS if name not in card.operations), None)
        if stranger:
            with pytest.raises(EngineUnavailable, match="can't"):
                card.check(replace(recipe, operation=stranger))
        with pytest.raises(BadParameter, match="no parameter 'nonsense'"):
            card.check(replace(recipe, parameters={**recipe.parameters, "nonsense": 1}))
        with pytest.raises(BadInput, match="takes"):
            card.check(replace(recipe, inputs=(*recipe.inputs, *[Input("last", PixelHash("0" * 64))] * 9)))


def _bytes(result: Result) -> bytes:
    parts = [
        result.picture.tobytes() if result.picture is not None else b"",
        result.field or b"",
        b"".join(p.tobytes() for p in (result.descriptor.composition, result.descriptor.style))
        if result.descriptor
        else b"",
    ]
    return b"|".join(parts)
