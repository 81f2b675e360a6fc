"""Takes: the ends of a rendered video are the nodes' pictures, in every size, with every preset; and it runs in a worker."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import cv2
import pytest

from forkframe.engines.diffusers.engine import DiffusersEngine
from forkframe.engines.diffusers.libraries import DEVICE_VARIABLE
from forkframe.engines.diffusers.presets import PRESETS
from forkframe.engines.diffusers.weights import FOLDER_VARIABLE
from forkframe.engines.protocol import Pixels
from forkframe.errors import Cancelled
from forkframe.jobs import render
from forkframe.jobs.pool import Answer, Pool, Terms
from forkframe.media.decode import read_frames
from forkframe.media.encode import VideoWriter
from forkframe.media.png import pixel_hash, read_png, write_png
from forkframe.media.sandbox import Sandbox
from forkframe.model.codec import to_json
from forkframe.model.frame import Frame
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Operation, Recipe
from tests.engines.diffusers.conftest import TINY, asked
from tests.pictures import photograph

SIZES = ((128, 96), (96, 160), (208, 112), (512, 288))


@dataclass
class Scope:
    """How a task reports, here."""

    shares: list[float] = field(default_factory=list)
    cancelled: bool = False
    walls: Sandbox | None = None

    def progress(self, share: float, *, preview: Path | None = None) -> None:
        self.shares.append(share)

    def ask(self, name: str, **args: object) -> Mapping[str, object]:
        raise AssertionError(name)


def arguments(recipe: Recipe, folder: Path) -> tuple[dict[str, object], list[Path]]:
    """What the task `rendering` gets for a recipe, with photographs in its frame as pictures; and these."""
    pictures = [photograph(name, recipe.frame.size) for name in ("cat", "coffee")[: len(recipe.inputs)]]
    paths = [folder / f"{number}.png" for number in range(len(pictures))]
    for picture, path in zip(pictures, paths, strict=True):
        write_png(picture, path)
    hashes = [PixelHash(pixel_hash(picture)) for picture in pictures]
    inputs = tuple(Input(item.role, key) for item, key in zip(recipe.inputs, hashes, strict=True))
    images = {key: str(path) for key, path in zip(hashes, paths, strict=True)}
    (folder / "out").mkdir(exist_ok=True)
    recipe = replace(recipe, inputs=inputs)
    return {"recipe": to_json(recipe), "images": images, "out": str(folder / "out")}, paths


def take(operation: Operation, frame: Frame, folder: Path, **parameters: object) -> tuple[Answer, list[Path]]:
    recipe = replace(asked(operation, **parameters), frame=frame, frames=frame.frames_in(0.75))
    given, pictures = arguments(recipe, folder)
    return render.render(given, Scope()), pictures


@pytest.fixture(autouse=True)
def tiny_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "load_engine", lambda _: DiffusersEngine(TINY))


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[Pixels]:
    """The frames that reach the encoder, whose own losses depend on the picture."""
    frames: list[Pixels] = []

    class Writer(VideoWriter):
        def write(self, frame: Pixels) -> None:
            frames.append(frame.copy())
            super().write(frame)

    monkeypatch.setattr(render, "VideoWriter", Writer)
    return frames


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("preset", PRESETS)
def test_the_ends_of_a_transition_are_the_nodes_pictures(
    preset: str, size: tuple[int, int], tmp_path: Path, encoded: list[Pixels]
) -> None:
    answer, pictures = take("transition", Frame(*size, Fraction(24)), tmp_path, preset=preset)
    assert len(encoded) == len(list(read_frames(Path(str(answer["video"]))))) == 19
    for frame, picture in zip((encoded[0], encoded[-1]), pictures, strict=True):
        assert cv2.PSNR(frame, read_png(picture)) >= 45
    inner = cv2.PSNR(encoded[9], read_png(pictures[0]))
    assert inner < 25  # the model's noise: the ends are not met because everything is


@pytest.mark.parametrize("model", [m.name for m in TINY if m.clip])
def test_an_animation_begins_with_the_nodes_picture_and_gives_its_last_frame(
    model: str, tmp_path: Path, encoded: list[Pixels]
) -> None:
    answer, pictures = take("animate", Frame(160, 96, Fraction(12)), tmp_path, model=model)
    assert cv2.PSNR(encoded[0], read_png(pictures[0])) >= 45
    last = read_png(Path(str(answer["picture"]["path"])))  # type: ignore[index]
    assert (encoded[-1] == last).all()


def test_it_runs_in_a_worker_of_its_own_that_stays_warm_and_stops_when_asked(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    monkeypatch.setenv(FOLDER_VARIABLE, str(machine))
    stepping = threading.Event()
    pool = Pool(1)

    def submitted(steps: int, seed: int) -> tuple[dict[str, object], Path]:
        folder = tmp_path / str(seed)
        folder.mkdir()
        return arguments(asked("generate", steps=steps, seed=seed), folder)[0], folder

    def work(steps: int, seed: int) -> object:
        given, _ = submitted(steps, seed)
        return pool.submit(
            "rendering",
            given,
            lambda answer: answer(),
            terms=Terms(warm=True, grace=600.0),
            on_progress=lambda share, _: stepping.set() if share > 0.11 else None,
        )

    try:
        answer = work(1, 1).result(600)  # type: ignore[attr-defined]
        picture = read_png(Path(answer["picture"]["path"]))
        assert picture.shape == (96, 128, 3)
        [pid] = pool.pids
        stepping.clear()
        long = work(100, 2)
        assert stepping.wait(600)
        long.cancel()  # type: ignore[attr-defined]
        with pytest.raises(Cancelled):
            long.result(600)  # type: ignore[attr-defined]
        again = work(1, 3).result(600)  # type: ignore[attr-defined]
        assert again["picture"]["pixels"] != answer["picture"]["pixels"]
        assert pool.pids == [pid]
        other = pool.submit("looking around", {}, lambda answer: answer())
        other.result(600)
        assert len(pool.pids) == 2  # what loads nothing leaves the warm one alone
    finally:
        pool.close()
