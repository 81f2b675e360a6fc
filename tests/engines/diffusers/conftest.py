"""A folder with a tiny pipeline of every model, and a machine that computes on its processor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forkframe.engines.diffusers import libraries
from forkframe.engines.diffusers.attempts import warm
from forkframe.engines.diffusers.engine import DiffusersEngine
from forkframe.engines.diffusers.libraries import DEVICE_VARIABLE
from forkframe.engines.diffusers.models import MODELS, Model
from forkframe.engines.diffusers.weights import FOLDER_VARIABLE
from forkframe.media.png import pixel_hash
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Operation, Recipe
from tests.engines.contract import FRAME, PICTURES
from tests.engines.diffusers.tiny import save_lora, save_tiny


def small(model: Model) -> Model:
    """The row of a model as its tiny double needs it: few steps, few pixels, few frames; all else as it is."""
    if model.clip is None:
        return replace(model, steps=2, least=0)
    pixels = 4 * 4 * model.multiple**2
    setups = {preset: replace(setup, pixels=pixels) for preset, setup in model.setups.items()}
    return replace(model, steps=2, least=0, setups=setups, clip=replace(model.clip, fps=model.clip.fps / 4))


TINY: tuple[Model, ...] = tuple(map(small, MODELS))


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a user who has all models: each saved by `save_pretrained`, and the LoRAs that belong to it."""
    base = tmp_path_factory.mktemp("models")
    for model in MODELS:
        save_tiny(model.pipeline, base / model.name)
        for lora in model.loras:
            save_lora(base / lora.repository / lora.file)
    return base


@pytest.fixture(autouse=True)
def machine(models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This machine, asked to compute on its processor, with the user's folder of models; nothing is warm."""
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    monkeypatch.setenv(FOLDER_VARIABLE, str(models_folder))
    monkeypatch.setattr(libraries, "cores", lambda: 1)  # for so little work, threads only wait for each other
    warm.cache_clear()
    yield models_folder
    warm.cache_clear()


@pytest.fixture
def engine() -> DiffusersEngine:
    return DiffusersEngine(TINY)


def asked(operation: Operation, *, frames: int = 0, seed: int = 5, **parameters: object) -> Recipe:
    """A recipe of the engine's, with its default parameters where none are given."""
    card = DiffusersEngine(TINY).card().operations[operation]
    hashes = iter(PixelHash(pixel_hash(picture)) for picture in PICTURES)
    inputs = tuple(
        Input(role, next(hashes)) for role, (fewest, _) in card.inputs.items() for _ in range(fewest)
    )
    moving = operation in ("transition", "animate")
    values = card.schema.resolve({"prompt": "word7 word9"} | parameters)
    count = frames or (9 if moving else 1)
    return Recipe(operation, card.algorithm, card.schema.version, values, inputs, FRAME, count, seed)
