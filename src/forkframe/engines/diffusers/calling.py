"""What a request means to a pipeline: its arguments, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import Image

from forkframe.engines.diffusers.libraries import library, torch
from forkframe.engines.diffusers.models import Model, Value
from forkframe.engines.fitting import stretched
from forkframe.engines.protocol import Pixels
from forkframe.errors import RenderFailed

OnStep = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]
"""diffusers' `callback_on_step_end(pipeline, step, timestep, tensors)`."""

_GREY, _BLACK, _WHITE = 128, 0, 255


@dataclass(frozen=True, slots=True)
class Order:
    """One call of a pipeline, in our words.

    Attributes:
        words: what it is to show; `negative`: what not.
        size: `(width, height)` at which it is made; all pictures are stretched to it.
        first, last: the ends of a video, where they are given.
        pictures: what is worked on, then references.
        count: frames of a video.
        strength: 0–1, how far from the picture.
        steps, guidance, seed: as the model's.
    """

    words: str
    size: tuple[int, int]
    steps: int
    guidance: float
    seed: int
    negative: str = ""
    first: Pixels | None = None
    last: Pixels | None = None
    pictures: tuple[Pixels, ...] = ()
    count: int = 1
    strength: float = 0.0


def arguments_of(model: Model, order: Order, on_step: OnStep) -> dict[str, Any]:
    """The arguments of a model's pipeline."""
    width, height = order.size
    out: dict[str, Any] = {
        "prompt": order.words,
        "width": width,
        "height": height,
        "num_inference_steps": order.steps,
        "guidance_scale": order.guidance,
        "generator": torch().Generator("cpu").manual_seed(order.seed),  # the same noise on every device
        "output_type": "np",
        "callback_on_step_end": on_step,
        **{
            name: list(value) if isinstance(value, tuple) else value
            for name, value in model.constants.items()
        },
    }
    if order.steps != model.steps:
        out.pop("sigmas", None)  # noise levels are as many as steps
    if order.negative and order.guidance > 1:
        out["negative_prompt"] = order.negative
    for name, wanted in model.arguments.items():
        value = _VALUES[wanted](model, order)
        if value is not None:
            out[name] = value
    return out


def pictures_in(model: Model, output: Any) -> list[Pixels]:
    """The frames of what a pipeline gave back, or its picture: each (H, W, 3) uint8 sRGB.

    Raises:
        RenderFailed: numbers that are none, as of a model that overflowed.
    """
    frames: Iterable[Any] = output.frames[0] if model.clip else output.images[:1]
    made: list[Pixels] = []
    for frame in frames:
        values = np.asarray(frame, np.float32)  # 0–1: diffusers has cut off the rest
        if not np.isfinite(values.sum()):
            raise RenderFailed(
                f"{model.title} gave numbers that are none",
                hint="set quantise to none, or use another preset or model",
            )
        made.append(np.asarray(cv2.convertScaleAbs(values, alpha=255.0), np.uint8))
    return made


def preview_of(tiny: Any, latents: Any) -> Pixels:
    """What latents (1, C, h, w) show, by a tiny autoencoder."""
    with torch().no_grad():
        decoded = tiny.decode(latents[:1].to(tiny.device, tiny.dtype)).sample[0]
    values = decoded.float().add(1).mul(127.5).clamp(0, 255).permute(1, 2, 0).cpu().numpy()
    return np.rint(values).astype(np.uint8)


def _image(pixels: Pixels | None, size: tuple[int, int]) -> Image.Image | None:
    return None if pixels is None else Image.fromarray(stretched(pixels, size))


def _plain(value: int, size: tuple[int, int]) -> Image.Image:
    return Image.new("RGB", size, (value, value, value))


def _between(order: Order, first: object, middle: object, last: object) -> list[object]:
    """As many as there are frames: the first, the last where there is one, and the same thing everywhere else."""
    ends = 1 if order.last is None else 2
    return [first, *[middle] * (order.count - ends), *([last] if order.last is not None else [])]


def _filled(_: Model, order: Order) -> list[object]:
    """The video that VACE completes: the ends, and grey where it is free."""
    first, last = _image(order.first, order.size), _image(order.last, order.size)
    return _between(order, first, _plain(_GREY, order.size), last)


def _free(_: Model, order: Order) -> list[object]:
    """Where VACE is free: white; black at the ends."""
    end = _plain(_BLACK, order.size)
    return _between(order, end, _plain(_WHITE, order.size), end)


def _conditions(_: Model, order: Order) -> list[object]:
    """The ends as LTX-2 takes them, by latent index."""
    condition = library("diffusers.pipelines.ltx2.pipeline_ltx2_condition").LTX2VideoCondition
    ends = ((order.first, 0), (order.last, -1))
    return [
        condition(frames=_image(pixels, order.size), index=index, strength=1.0)
        for pixels, index in ends
        if pixels is not None
    ]


def _pictures(_: Model, order: Order) -> list[object] | None:
    return [_image(pixels, order.size) for pixels in order.pictures] or None


def _strength(_: Model, order: Order) -> float:
    """Not less than one step's worth: a pipeline refuses to do nothing."""
    return min(max(order.strength, 1 / order.steps), 1.0)


_VALUES: Mapping[Value, Callable[[Model, Order], object]] = {
    "first": lambda _, order: _image(order.first, order.size),
    "last": lambda _, order: _image(order.last, order.size),
    "picture": lambda _, order: _image(order.pictures[0], order.size),
    "pictures": _pictures,
    "filled": _filled,
    "free": _free,
    "conditions": _conditions,
    "strength": _strength,
    "count": lambda _, order: order.count,
    "fps": lambda model, _: model.clip.fps if model.clip else None,
}
