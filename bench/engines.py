"""What the diffusers engine costs beyond the pipeline that it calls.

    python -m bench.engines           a pipeline that sleeps through its steps; any machine with the engine's libraries
    python -m bench.engines --gpu     pipelines of real size with random weights, on a graphics card

Each figure is of one run: the pipeline alone, and the same call as a request to the engine, in turns.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from bench.jobs import Figure, table
from forkframe.engines.diffusers import attempts
from forkframe.engines.diffusers.calling import Order, arguments_of
from forkframe.engines.diffusers.engine import DiffusersEngine
from forkframe.engines.diffusers.libraries import DEVICE_VARIABLE
from forkframe.engines.diffusers.models import MODELS, Model, size_for
from forkframe.engines.diffusers.presets import Preset
from forkframe.engines.protocol import Pixels
from forkframe.model.frame import Frame
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Operation, Recipe, Role

FRAME = Frame(1280, 720, Fraction(24))
_STEP, _STEPS, _TURNS = 0.2, 20, 3
_STRENGTH = 0.6
_MOST_STEPS = 8
"""On a card: enough to measure a step by."""
_ROLES: dict[Operation, tuple[Role, ...]] = {
    "generate": (),
    "restyle": ("image",),
    "transition": ("first", "last"),
}


@dataclass
class Sleeper:
    """A pipeline whose steps take exactly so long and use nothing."""

    step: float = _STEP
    num_timesteps: int = _STEPS

    def __call__(self, *, callback_on_step_end: Callable[..., Any], **given: Any) -> Any:
        for number in range(self.num_timesteps):
            time.sleep(self.step)
            callback_on_step_end(self, number, number, {"latents": None})
        return SimpleNamespace(images=np.zeros((1, given["height"], given["width"], 3), np.float32))

    def maybe_free_model_hooks(self) -> None:
        """Has none."""


class _Sound:
    """A pipeline whose numbers are numbers: random weights may overflow."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def __call__(self, **given: Any) -> Any:
        output = self._pipeline(**given)
        np.nan_to_num(output.frames if "frames" in output else output.images, copy=False)
        return output

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pipeline, name)


class _Context:
    """What the engine may touch: noise as pictures, and frames that nobody keeps."""

    cancelled = False

    def image(self, pixels: PixelHash) -> Pixels:
        noise = np.random.default_rng(int(pixels[:8], 16))
        return noise.integers(0, 256, (FRAME.height, FRAME.width, 3), np.uint8)

    def frames_out(self, count: int | None = None) -> _Context:
        return self

    def write(self, frame: Pixels) -> None:
        assert frame.shape == (FRAME.height, FRAME.width, 3)


def run() -> dict[str, Figure]:
    """The engine's overhead over a pipeline of 20 steps of 0.2 s, as a ratio."""
    os.environ.setdefault(DEVICE_VARIABLE, "cpu")
    model = replace(MODELS[0], steps=_STEPS)
    alone, ours = _in_turns(model, "generate", Sleeper(), {"preset": "8"}, seconds=0)
    return {
        "diffusers alone, 20 steps of 0.2 s, s": Figure(alone),
        "the same by the engine, s": Figure(ours),
        "what the engine adds, %": Figure(100 * (ours / alone - 1), "≤ 3"),
    }


def run_on_card() -> dict[str, Figure]:
    """Seconds for each operation with pipelines of real size and random weights: alone, and by the engine."""
    from bench.engines_random import random_pipeline

    figures: dict[str, Figure] = {}
    for name, operation, seconds in (
        ("flux2-klein-4b", "generate", 0),
        ("flux2-klein-4b", "restyle", 0),
        ("z-image-turbo", "restyle", 0),
        ("wan2.1-vace-1.3b", "transition", 5),
        ("wan2.2-i2v-a14b", "transition", 5),
    ):
        [model] = [replace(m, steps=min(m.steps, _MOST_STEPS)) for m in MODELS if m.name == name]
        pipeline = _Sound(random_pipeline(model))
        parameters: dict[str, object] = {"preset": "48", "model": name}
        if operation == "restyle":
            parameters["strength"] = _STRENGTH
        turns = 1 if seconds else _TURNS
        alone, ours = _in_turns(model, operation, pipeline, parameters, seconds=seconds, turns=turns)
        figures |= {
            f"{name}, {operation}, {model.steps} steps, alone, s": Figure(alone),
            f"{name}, {operation}, by the engine, s": Figure(ours),
            f"{name}, {operation}, what the engine adds, %": Figure(100 * (ours / alone - 1), "≤ 3"),
        }
        del pipeline
        attempts.warm().keep_only()
    return figures


def _in_turns(
    model: Model,
    operation: Operation,
    pipeline: Any,
    parameters: dict[str, object],
    *,
    seconds: float,
    turns: int = _TURNS,
) -> tuple[float, float]:
    """Median seconds of a call: of the pipeline alone, and by the engine."""
    with _weights_of(model, pipeline) as folder:
        recipe = _recipe(operation, parameters | {"weights": str(folder)}, seconds)
        order = _order(model, recipe, seconds)
        alone: list[float] = []
        ours: list[float] = []
        _drain(DiffusersEngine([model]), recipe)  # what only the first request does
        for _ in range(turns):
            alone.append(_timed(lambda: pipeline(**arguments_of(model, order, lambda *_: {}))))
            ours.append(_timed(lambda: _drain(DiffusersEngine([model]), recipe)))
    return statistics.median(alone), statistics.median(ours)


def _recipe(operation: Operation, parameters: dict[str, object], seconds: float) -> Recipe:
    card = DiffusersEngine().card().operations[operation]
    inputs = tuple(Input(role, PixelHash(f"{n:064x}")) for n, role in enumerate(_ROLES[operation], start=1))
    values = card.schema.resolve({"prompt": "word7 word9"} | parameters)
    frames = FRAME.frames_in(seconds) if seconds else 1
    return Recipe(operation, card.algorithm, card.schema.version, values, inputs, FRAME, frames, 5)


def _order(model: Model, recipe: Recipe, seconds: float) -> Order:
    """The call that the engine makes of a recipe."""
    context = _Context()
    pictures = {item.role: context.image(item.pixels) for item in recipe.inputs}
    return Order(
        "word7 word9",
        size_for(model, FRAME.size, model.setups[cast("Preset", recipe.parameters["preset"])].pixels),
        model.steps,
        model.guidance,
        5,
        first=pictures.get("first"),
        last=pictures.get("last"),
        pictures=(pictures["image"],) if "image" in pictures else (),
        count=model.clip.count(seconds) if model.clip else 1,
        strength=_STRENGTH,
    )


@contextmanager
def _weights_of(model: Model, pipeline: Any) -> Iterator[Path]:
    """A folder that stands for weights which are there already: a pipeline that is loaded at once."""
    load = attempts.load
    attempts.load = lambda *_: pipeline
    try:
        with tempfile.TemporaryDirectory() as folder:
            index = {"_class_name": model.pipeline}
            (Path(folder) / "model_index.json").write_text(json.dumps(index))
            yield Path(folder)
    finally:
        attempts.load = load


def _drain(engine: DiffusersEngine, recipe: Recipe) -> None:
    for _ in engine.run(recipe, _Context()):  # type: ignore[arg-type] - what a run does not touch is not there
        pass


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


if __name__ == "__main__":
    print(table(run_on_card() if "--gpu" in sys.argv else run()))
