"""Rendering: an engine performs a recipe, and what it gives back is checked before anybody sees it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.protocol import Fit, Pixels, Progress, Remote, Result
from forkframe.engines.registry import load_engine
from forkframe.errors import BadInput, Cancelled, RenderFailed
from forkframe.jobs.frames import Pinned, Retimed
from forkframe.jobs.tasks import Answer, Arguments, Scope
from forkframe.media.encode import VideoWriter
from forkframe.media.fitting import thumbnail
from forkframe.media.png import pixel_hash, read_png, write_png
from forkframe.media.profile import CRF
from forkframe.media.sandbox import Sandbox
from forkframe.model.codec import from_json, to_json
from forkframe.model.entities import Tier
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Recipe, Role

_PREVIEW_SECONDS, _PREVIEW_SIDE = 0.2, 256


def render(arguments: Arguments, scope: Scope) -> Answer:
    """Has the engine of a recipe perform it.

    Args:
        arguments: the `recipe`, the `images` it names (path of a PNG by pixel hash), the folder `out`, and of a
            request that costs money its `key` and what is known of it at the provider, `remote` and `submitting`.
        scope: gets the engine's progress, and is asked to note what becomes known at the provider.

    Returns:
        What there is of `picture` (`path`, `pixels`), `field` (path), `video` (path), `original` (path), `descriptor`,
        `dollars`, and `notes`.

    Raises:
        RenderFailed: the engine gave nothing, or pictures or frames of the wrong size, type or number.
    """
    recipe = from_json(Recipe, arguments["recipe"])
    out = Path(str(arguments["out"]))
    engine = load_engine(recipe.engine)
    card = engine.card()
    card.check(recipe)
    remote = _Remote(scope, arguments)
    with ExitStack() as open_video:  # closed in order when all is well, and thrown away otherwise
        images = cast("Mapping[str, str]", arguments["images"])
        context = _Context(recipe, images, out, scope, open_video, remote=remote, tier=card.tier)
        result = _run(engine.run(recipe, context), scope, _Previews(out))
        video = context.written(promised=result.frames)
        if recipe.operation == "animate" and result.picture is None:
            result = replace(result, picture=context.last_frame)
    answer = _delivered(recipe, result, video, out)
    return answer | ({"original": str(context.original)} if context.original else {})


def withdraw(arguments: Arguments, scope: Scope) -> Answer:
    """Has the engine of a recipe tell its provider that nobody wants any more what an earlier attempt asked it for.

    Args:
        arguments: the `recipe`, the folder `out`, the `key`, and the provider's id `remote`.
        scope: is asked to note that the provider was told.

    Raises:
        ForkframeError: it could not be told.
    """
    recipe = from_json(Recipe, arguments["recipe"])
    engine = load_engine(recipe.engine)
    unwanted = _Unwanted(scope)
    out, remote = Path(str(arguments["out"])), _Remote(unwanted, arguments)
    with ExitStack() as open_video, suppress(Cancelled):
        context = _Context(recipe, {}, out, unwanted, open_video, remote=remote, tier=engine.card().tier)
        _run(engine.run(recipe, context), unwanted, _Previews(out))
    return {}


def _run(steps: Generator[Progress, None, Result], scope: Scope, previews: _Previews) -> Result:
    with closing(steps):  # an engine that is left at a yield may still have something to tell its provider
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return cast("Result", end.value)
            scope.progress(step.share, preview=previews.of(step))


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
    if result.dollars is not None and 0 <= result.dollars < math.inf:  # what is no price is none
        answer["dollars"] = result.dollars
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
            f"{recipe.engine} gave a picture of {pixels.shape} {pixels.dtype}"
            f"{', not a number somewhere' if _has_nan(pixels) else ''}, not {wanted} uint8",
            hint="this is a fault of the engine; try another one",
        )


def _has_nan(pixels: NDArray[np.generic]) -> bool:
    return bool(np.issubdtype(pixels.dtype, np.floating) and np.isnan(pixels).any())


class _Previews:
    """Small pictures of what an engine is at, a few each second."""

    def __init__(self, out: Path) -> None:
        self._path = out / "preview.png"
        self._last = 0.0

    def of(self, step: Progress) -> Path | None:
        """Where the step's preview now is, if it has one and the one before is not too fresh."""
        if step.preview is None or time.monotonic() - self._last < _PREVIEW_SECONDS:
            return None
        part = self._path.with_suffix(".part")
        write_png(thumbnail(step.preview, _PREVIEW_SIDE), part)
        part.replace(self._path)  # whoever reads it meanwhile reads a whole one
        self._last = time.monotonic()
        return self._path


class _Remote:
    """What is known of the request at its provider, written down by the owner of the queue."""

    def __init__(self, scope: Scope, arguments: Arguments) -> None:
        self._scope = scope
        self._key = str(arguments.get("key", ""))
        self._id = str(arguments.get("remote", ""))
        self._submitting = bool(arguments.get("submitting"))

    @property
    def key(self) -> str:
        return self._key

    @property
    def id(self) -> str:
        return self._id

    def submitting(self, *, repeatable: bool) -> None:
        if self._scope.cancelled:
            raise Cancelled
        if self._submitting and not repeatable:
            raise RenderFailed(
                "an earlier attempt was cut off just when it was submitted, and may have been billed",
                hint="look at the provider's list of requests; if it is not there, retry",
            )
        self._note(submitting=True, remote="")

    def submitted(self, id: str) -> None:  # noqa: A002 - as in the protocol
        self._note(submitting=False, remote=id)

    def refused(self) -> None:
        self._note(submitting=False, remote="")

    def withdrawn(self) -> None:
        self._note(submitting=True, remote="")

    def _note(self, *, submitting: bool, remote: str) -> None:
        self._scope.ask("note remote", submitting=submitting, remote=remote)
        self._submitting, self._id = submitting, remote


class _Unwanted(Scope):
    """A scope in which everything is cancelled from the start."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @property
    def cancelled(self) -> bool:
        return True

    @property
    def walls(self) -> Sandbox | None:
        return self._scope.walls

    def progress(self, share: float, *, preview: Path | None = None) -> None:
        raise Cancelled

    def ask(self, name: str, **args: object) -> Mapping[str, object]:
        return self._scope.ask(name, **args)


class _Context:
    """What the engine may touch: its pictures, its frames, a folder, its request at a provider."""

    def __init__(
        self,
        recipe: Recipe,
        images: Mapping[str, str],
        out: Path,
        scope: Scope,
        open_video: ExitStack,
        *,
        remote: Remote,
        tier: Tier,
    ) -> None:
        self._remote = remote
        self._tier: Tier = tier
        self._recipe = recipe
        self._images = images
        self._out = out
        self._scope = scope
        self._open_video = open_video
        self._sink: _Frames | None = None
        self._taken: tuple[Path, Path] | None = None
        self.original: Path | None = None

    @property
    def cancelled(self) -> bool:
        return self._scope.cancelled

    def image(self, pixels: PixelHash) -> Pixels:
        return read_png(self.picture_file(pixels))

    def picture_file(self, pixels: PixelHash) -> Path:
        return Path(self._images[pixels])

    def picture_from(self, path: Path, *, fit: Fit = "stretch") -> Pixels:
        answer = self._fitted("picture", path, fit)
        return read_png(Path(str(answer["picture"])))

    def video_from(self, path: Path, *, fit: Fit = "stretch") -> None:
        ends = {str(number): str(self.picture_file(pixels)) for number, pixels in self._ends().items()}
        answer = self._fitted("video", path, fit, frames=self._recipe.frames, tier=self._tier, ends=ends)
        self.original = path
        self._taken = Path(str(answer["video"])), Path(str(answer["last"]))

    def _fitted(self, what: str, path: Path, fit: Fit, **arguments: object) -> Mapping[str, object]:
        """What a sandboxed worker made of a file from elsewhere; the owner of the queue has one at hand."""
        frame = to_json(self._recipe.frame)
        try:
            return self._scope.ask(f"fit a {what}", path=str(path), fit=fit, frame=frame, **arguments)
        except BadInput as error:
            raise RenderFailed(
                f"what {self._recipe.engine} delivered can't be used: {error.message}",
                hint="retry it; if it stays, ask whoever runs the engine",
            ) from error

    def _ends(self) -> dict[int, PixelHash]:
        """The nodes' pictures that frames of the take have to be, by the number of the frame."""
        last = self._recipe.frames - 1
        return {
            round(place * last): item.pixels
            for item in self._recipe.inputs
            if (place := _place(item)) is not None
        }

    def frames_out(self, count: int | None = None) -> _Frames:
        if self._sink is None:
            ends = {number: self.image(pixels) for number, pixels in self._ends().items()}
            size, fps = self._recipe.frame.size, self._recipe.frame.fps
            writer = VideoWriter(self._video, size=size, fps=fps, crf=CRF[self._tier])
            self._sink = _Frames(self._recipe, self._open_video.enter_context(writer), ends, count=count)
        return self._sink

    def scratch(self) -> Path:
        folder = self._out / "scratch"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def remote(self) -> Remote:
        return self._remote

    def written(self, *, promised: bool) -> Path | None:
        """The video that all frames were written to, or that was taken from elsewhere, if the engine makes one."""
        if self._taken is not None:
            return self._taken[0]
        if self._sink is not None:
            self._sink.check_complete()
            return self._video
        if promised:
            raise RenderFailed(
                f"{self._recipe.engine} promised frames and wrote none", hint="try another engine"
            )
        return None

    @property
    def last_frame(self) -> Pixels | None:
        """The last frame of the video that the engine made."""
        if self._taken is not None:
            return read_png(self._taken[1])
        return self._sink.last if self._sink else None

    @property
    def _video(self) -> Path:
        return self._out / "video.mp4"


class _Frames:
    """The frames of a video, checked, counted, brought to the take's number and pinned to the nodes' pictures."""

    def __init__(
        self, recipe: Recipe, writer: VideoWriter, ends: Mapping[int, Pixels], *, count: int | None
    ) -> None:
        self._recipe = recipe
        self._expected = count or recipe.frames
        self._count = 0
        self.last: Pixels | None = None
        pinned = Pinned(writer.write, frames=recipe.frames, ends=ends)
        same = self._expected == recipe.frames
        self._out = pinned if same else Retimed(pinned.write, count=self._expected, frames=recipe.frames)

    def write(self, frame: Pixels) -> None:
        _check_pixels(self._recipe, frame)
        if self._count >= self._expected:
            raise self._wrong_number("more than")
        self._out.write(frame)
        self._count += 1
        if self._count == self._expected:
            self.last = frame.copy()

    def check_complete(self) -> None:
        if self._count != self._expected:
            raise self._wrong_number(f"{self._count} of")

    def _wrong_number(self, how: str) -> RenderFailed:
        return RenderFailed(
            f"{self._recipe.engine} wrote {how} the {self._expected} frames that were asked for",
            hint="this is a fault of the engine; try another one",
        )


def _place(item: Input) -> float | None:
    """Where in a take a picture is to be seen, 0–1; None of a picture that is no frame of it."""
    places: Mapping[Role, float] = {"first": 0.0, "key": item.weight, "last": 1.0}
    return places.get(item.role)
