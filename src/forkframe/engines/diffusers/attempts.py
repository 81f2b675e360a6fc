"""One request, performed: with the preset that fits the card, and with the next cheaper one where memory runs out all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from forkframe.engines.diffusers.calling import Order, arguments_of, pictures_in
from forkframe.engines.diffusers.libraries import found_device
from forkframe.engines.diffusers.loading import (
    free_card,
    free_memory,
    load,
    load_tiny,
    release,
    size_of,
)
from forkframe.engines.diffusers.models import Model, model_for, size_for
from forkframe.engines.diffusers.presets import PRESETS, Preset, Setup, cheaper, preset_for
from forkframe.engines.diffusers.running import FETCHED, LOADED, STEPPED, Watch, is_out_of_memory
from forkframe.engines.diffusers.warm import Room, Shelf
from forkframe.engines.diffusers.weights import lora_file, model_folder, tiny_folder
from forkframe.engines.diffusers.words import words_of
from forkframe.engines.protocol import Context, Pixels
from forkframe.errors import BadInput, Cancelled, ForkframeError, RenderFailed
from forkframe.model.recipe import Recipe, Role

_MOST_ASPECT = 8
"""Models know no longer pictures."""
_ENLARGED = 1.5
"""A frame that has so many times the pixels of what was made for it looks soft: people are told."""
_STRETCHED = 1.05
"""A video that is so many times as long as what was made for it moves slowly: people are told."""


class Attempts:
    """One request, with one preset after another.

    Raises:
        BadInput: what was asked for does not go together.
        EngineUnavailable: there is no graphics card.
    """

    def __init__(self, request: Recipe, context: Context, watch: Watch, models: Sequence[Model]) -> None:
        width, height = request.frame.size
        if max(width / height, height / width) > _MOST_ASPECT:
            raise BadInput(
                f"no model makes pictures of {width}×{height}",
                hint=f"use a frame at most {_MOST_ASPECT} times as long as wide",
            )
        self._request = request
        self._context = context
        self._watch = watch
        self._words = words_of(request)
        self._device = found_device()
        self._preset: Preset = _asked(request) or preset_for(free_card(self._device))
        self._model = model_for(request, self._preset, models)
        self._notes: list[str] = []
        self._fetching = False

    def made(self) -> tuple[list[Pixels], tuple[str, ...]]:
        """The frames, or the picture, at the model's size; and what the user should know.

        Raises:
            BadInput, EngineUnavailable, EngineBusy, OutputFailed: there are no weights.
            RenderFailed: the model failed, or memory is too small for the cheapest preset.
        """
        wanted = str(self._request.parameters["weights"]).strip()
        folder = model_folder(self._model, wanted, self._fetched)
        loras = [(lora_file(lora, self._fetched), lora.second) for lora in self._model.loras if not wanted]
        while True:
            came = self._attempt(folder, loras)
            if not isinstance(came, str):
                return came, tuple(self._notes)
            self._make_room(folder, came)

    def _fetched(self, share: float) -> None:
        """Takes the progress of a download: only where there is one, it has a part in that of the run."""
        self._fetching = True
        self._watch.stage(0, FETCHED)(share)

    @property
    def _loading(self) -> tuple[float, float]:
        """The shares of the run at which loading begins and ends."""
        return (FETCHED, LOADED) if self._fetching else (0.0, LOADED - FETCHED)

    def _attempt(self, folder: Path, loras: Sequence[tuple[Path, bool]]) -> list[Pixels] | str:
        """What the present preset makes; or, where memory ran out, how that was said.

        Only words leave it then: an exception would hold on to everything that has to go.
        """
        setup = self._setup()
        try:
            pipeline = self._pipeline(folder, loras, setup)
            return self._called(pipeline, self._order(setup))
        except (ForkframeError, Cancelled):
            raise
        except Exception as error:
            said = str(error).split("\n", 1)[0]
            if is_out_of_memory(error):
                return said
            raise RenderFailed(
                f"{self._model.title} failed ({type(error).__name__}: {said})",
                hint="try it with all options at auto, or with another model",
            ) from error

    def _called(self, pipeline: Any, order: Order) -> list[Pixels]:
        tiny = _tiny(self._model.tiny, self._device)
        on_step = self._watch.on_step(self._loading[1], STEPPED, tiny)
        try:
            output = pipeline(**arguments_of(self._model, order, on_step))
        except BaseException:
            release(pipeline)
            raise
        made = pictures_in(self._model, output)
        self._note_limits(order, len(made))
        return made

    def _pipeline(self, folder: Path, loras: Sequence[tuple[Path, bool]], setup: Setup) -> Any:
        """The pipeline, warm or loaded after others have made room.

        Raises:
            RenderFailed: main memory can't hold it.
        """
        weights = size_of(folder) * (0.5 if setup.quantise == "fp8" else 1.0)
        waiting = weights if setup.offload != "none" or self._device == "cpu" else 0.0
        need = Room(setup.gigabytes if self._device != "cpu" else 0.0, waiting)
        report = self._watch.stage(*self._loading)
        report(0.0)
        make = partial(load, self._model, folder, loras, setup, self._device)
        pipeline = warm().take(self._key(folder, setup), need, partial(self._fits, waiting, make))
        report(1.0)
        return pipeline

    def _fits(self, waiting: float, make: Callable[[], Any]) -> Any:
        """Loads what main memory has room for; what it has not, the system would end this process for."""
        free = free_memory()
        if waiting > free:
            raise RenderFailed(
                f"{self._model.title} needs {waiting:.0f} GB of main memory, and {free:.0f} GB are free",
                hint="close other programs, or choose a smaller model",
            )
        return make()

    def _make_room(self, folder: Path, said: str) -> None:
        """Lets other models go, or else takes the next cheaper preset.

        Raises:
            RenderFailed: there is none.
        """
        if warm().keep_only(self._key(folder, self._setup())):
            return
        warm().keep_only()
        preset = cheaper(self._preset)
        if preset is None:
            raise RenderFailed(
                f"{self._model.title} ran out of memory even with the preset for {self._preset} GB ({said})",
                hint="close other programs that use the graphics card, or choose a smaller model or frame",
            )
        self._notes.append(
            f"memory ran out with the preset for {self._preset} GB: this is of that for {preset} GB"
        )
        self._preset = preset

    def _setup(self) -> Setup:
        return self._model.setups[self._preset].altered(self._request.parameters)

    def _key(self, folder: Path, setup: Setup) -> tuple[object, ...]:
        """What makes a loaded pipeline another one."""
        layout = (setup.offload, setup.quantise, setup.compiled, setup.cache, setup.attention)
        return (self._model.pipeline, str(folder), self._device, *layout)

    def _order(self, setup: Setup) -> Order:
        """The request in the terms of the model."""
        request, model, parameters = self._request, self._model, self._request.parameters
        guidance = cast("float", parameters["guidance"])
        seconds = request.frame.seconds_of(request.frames)
        return Order(
            self._words,
            size_for(model, request.frame.size, setup.pixels),
            steps=cast("int", parameters["steps"]) or model.steps,
            guidance=model.guidance if guidance < 0 else guidance,
            seed=request.seed,
            negative=str(parameters.get("negative", "")),
            first=next(iter(self._pictures("first")), None),
            last=next(iter(self._pictures("last")), None),
            pictures=(*self._pictures("image"), *self._pictures("style")),
            count=model.clip.count(seconds) if model.clip else 1,
            strength=cast("float", parameters.get("strength", 0.0)),
        )

    def _pictures(self, role: Role) -> list[Pixels]:
        return [self._context.image(item.pixels) for item in self._request.inputs if item.role == role]

    def _note_limits(self, order: Order, count: int) -> None:
        """What the user should know of the difference between what was asked for and what the model makes."""
        request, clip = self._request, self._model.clip
        width, height = order.size
        if request.frame.width * request.frame.height > _ENLARGED * width * height:
            self._notes.append(f"{self._model.title} made it at {width}×{height}; it was enlarged")
        if clip is None:
            return
        seconds, made = request.frame.seconds_of(request.frames), (count - 1) / clip.fps
        if seconds > _STRETCHED * made:
            self._notes.append(
                f"{self._model.title} makes at most {made:.1f} s; it was slowed down to {seconds:.1f} s"
            )


@cache
def warm() -> Shelf:
    """The warm pipelines of this process: an engine object lasts for one request."""
    return Shelf(lambda: Room(free_card(found_device()), free_memory()))


@cache
def _tiny(repository: str, device: str) -> Any:
    """What decodes previews, if it lies on the disk."""
    folder = tiny_folder(repository)
    return None if folder is None else load_tiny(folder, device)


def _asked(request: Recipe) -> Preset | None:
    asked = str(request.parameters["preset"])
    return next((preset for preset in PRESETS if preset == asked), None)
