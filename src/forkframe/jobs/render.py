"""Rendering: an engine performs a recipe, and what it gives back is checked before anybody sees it."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.protocol import Pixels, Progress, Result
from forkframe.engines.registry import load_engine
from forkframe.errors import RenderFailed
from forkframe.jobs.tasks import Answer, Arguments, Scope
from forkframe.media.encode import VideoWriter
from forkframe.media.png import pixel_hash, read_png, write_png
from forkframe.media.profile import CRF
from forkframe.model.codec import from_json, to_json
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Recipe


def render(arguments: Arguments, scope: Scope) -> Answer:
    """Has the engine of a recipe perform it.

    Args:
        arguments: the `recipe`, the `images` it names (path of a PNG by pixel hash), the folder `out`.
        scope: gets the engine's progress.

    Returns:
        What there is of `picture` (`path`, `pixels`), `field` (path), `video` (path), `descriptor`, and `notes`.

    Raises:
        RenderFailed: the engine gave nothing, or pictures or frames of the wrong size, type or number.
    """
    recipe = from_json(Recipe, arguments["recipe"])
    out = Path(str(arguments["out"]))
    engine = load_engine(recipe.engine)
    engine.card().check(recipe)
    with ExitStack() as open_video:  # closed in order when all is well, and thrown away otherwise
        context = _Context(recipe, cast("Mapping[str, str]", arguments["images"]), out, scope, open_video)
        result = _run(engine.run(recipe, context), scope)
        video = context.written(promised=result.frames)
    return _delivered(recipe, result, video, out)


def _run(steps: Generator[Progress, None, Result], scope: Scope) -> Result:
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return cast("Result", end.value)
        scope.progress(step.share)


def _delivered(recipe: Recipe, result: Result, video: Path | None, out: Path) -> Answer:
    answer: Answer = {"notes": list(result.notes)}
    if result.picture is not None:
        _check_pixels(recipe, result.picture)
        path = out / "picture.png"
        write_png(
            result.picture, path, text={"forkframe:recipe": json.dumps(to_json(recipe), sort_keys=True)}
        )
        answer["picture"] = {"path": str(path), "pixels": pixel_hash(result.picture)}
    if result.field is not None:
        path = out / "field"
        path.write_bytes(result.field)
        answer["field"] = str(path)
    if video is not None:
        answer["video"] = str(video)
    if result.descriptor is not None:
        parts = (result.descriptor.composition, result.descriptor.style)
        if not all(np.isfinite(part).all() for part in parts):
            raise RenderFailed(f"{recipe.engine} described a picture with numbers that are not finite")
        answer["descriptor"] = [part.tolist() for part in parts]
    moving = recipe.frames > 1
    wanted = (
        ("field", "video") if moving else ("descriptor",) if recipe.operation == "describe" else ("picture",)
    )
    if not any(name in answer for name in wanted):
        raise RenderFailed(
            f"{recipe.engine} gave no {' or '.join(wanted)} for {recipe.operation}", hint="try again"
        )
    return answer


def _check_pixels(recipe: Recipe, pixels: NDArray[np.generic]) -> None:
    wanted = (recipe.frame.height, recipe.frame.width, 3)
    if pixels.shape != wanted or pixels.dtype != np.uint8:
        raise RenderFailed(
            f"{recipe.engine} gave a picture of {pixels.shape} {pixels.dtype}, not {wanted} uint8",
            hint="this is a fault of the engine; try another one",
        )


class _Context:
    """What the engine may touch: its pictures, its frames, a folder."""

    def __init__(
        self, recipe: Recipe, images: Mapping[str, str], out: Path, scope: Scope, open_video: ExitStack
    ) -> None:
        self._recipe = recipe
        self._images = images
        self._out = out
        self._scope = scope
        self._open_video = open_video
        self._sink: _Frames | None = None

    @property
    def cancelled(self) -> bool:
        return self._scope.cancelled

    def image(self, pixels: PixelHash) -> Pixels:
        return read_png(Path(self._images[pixels]))

    def frames_out(self) -> _Frames:
        if self._sink is None:
            ends: dict[int, Pixels] = {}
            for item in self._recipe.inputs:
                if item.role in ("first", "last"):
                    ends[0 if item.role == "first" else self._recipe.frames - 1] = self.image(item.pixels)
            size, fps = self._recipe.frame.size, self._recipe.frame.fps
            writer = VideoWriter(self._video, size=size, fps=fps, crf=CRF["draft"])
            self._sink = _Frames(self._recipe, self._open_video.enter_context(writer), ends)
        return self._sink

    def scratch(self) -> Path:
        folder = self._out / "scratch"
        folder.mkdir(exist_ok=True)
        return folder

    def written(self, *, promised: bool) -> Path | None:
        """The video that all frames were written to, if the engine writes one."""
        if self._sink is not None:
            self._sink.check_complete()
            return self._video
        if promised:
            raise RenderFailed(
                f"{self._recipe.engine} promised frames and wrote none", hint="try another engine"
            )
        return None

    @property
    def _video(self) -> Path:
        return self._out / "video.mp4"


class _Frames:
    """The frames of a video, counted, checked, and pinned to the nodes' pictures at the ends."""

    def __init__(self, recipe: Recipe, writer: VideoWriter, ends: Mapping[int, Pixels]) -> None:
        self._recipe = recipe
        self._writer = writer
        self._ends = ends
        self._count = 0

    def write(self, frame: Pixels) -> None:
        _check_pixels(self._recipe, frame)
        if self._count >= self._recipe.frames:
            raise self._wrong_number("more than")
        self._writer.write(self._ends.get(self._count, frame))
        self._count += 1

    def check_complete(self) -> None:
        if self._count != self._recipe.frames:
            raise self._wrong_number(f"{self._count} of")

    def _wrong_number(self, how: str) -> RenderFailed:
        return RenderFailed(
            f"{self._recipe.engine} wrote {how} the {self._recipe.frames} frames that were asked for",
            hint="this is a fault of the engine; try another one",
        )
