"""The models, as data. Another one of a kind that is here already is one more row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log
from typing import Literal

from forkframe.engines.diffusers.presets import PRESETS, Preset, Setup
from forkframe.errors import BadInput
from forkframe.model.recipe import Operation, Recipe

Value = Literal[
    "first", "last", "picture", "pictures", "filled", "free", "conditions", "strength", "count", "fps"
]
"""What an argument of a pipeline can be given; `calling.py` says what each is."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Which videos a model can make.

    Attributes:
        fps: frames per second at which it knows motion.
        stride: it makes k · stride + 1 frames.
        most: the most frames that it holds together.
    """

    fps: float
    stride: int
    most: int

    def count(self, seconds: float) -> int:
        """How many frames it makes for a video of so many seconds: the nearest number that it can."""
        steps = round(seconds * self.fps / self.stride)
        return min(max(steps, 1), (self.most - 1) // self.stride) * self.stride + 1


@dataclass(frozen=True, slots=True)
class Lora:
    """Weights that are added to a part of a pipeline: a file of a repository at the Hub, or of a folder of models."""

    repository: str
    file: str
    second: bool = False
    """Whether it goes to the second transformer."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Attributes:
        name: as the parameter `model` writes it; a folder of models may hold it under this name.
        title: for people.
        repository: OWNER/NAME at the Hub.
        pipeline: the class in diffusers.
        operations: what it is for.
        setups: how it is laid out, for each preset.
        licence: an SPDX name where there is one; what it asks for, where it asks for something.
        arguments: which of the pipeline's arguments get what of a request, beside those that every pipeline has.
        constants: arguments that are always the same.
        steps: how many it was made for; `guidance` likewise.
        multiple: both sides of what it makes are divisible by it.
        least: the fewest pixels at which it makes sense; smaller frames are made larger and scaled.
        clip: the videos it makes; None for pictures.
        loras: added when it is loaded.
        tiny: an `AutoencoderTiny` at the Hub that shows what a step has come to, used where it lies on the disk already.
        precise: parts that compute in 32 bits.
        suits: the presets with which it is the one that is taken if nobody chose.
    """

    name: str
    title: str
    repository: str
    pipeline: str
    operations: tuple[Operation, ...]
    setups: Mapping[Preset, Setup]
    licence: str = "Apache-2.0"
    arguments: Mapping[str, Value] = field(default_factory=dict[str, Value])
    constants: Mapping[str, object] = field(default_factory=dict[str, object])
    steps: int = 4
    guidance: float = 1.0
    multiple: int = 16
    least: int = 512 * 512
    clip: Clip | None = None
    loras: tuple[Lora, ...] = ()
    tiny: str = ""
    precise: tuple[str, ...] = ()
    suits: tuple[Preset, ...] = ()


_MP = 1024 * 1024
_480P, _720P = 832 * 480, 1280 * 720
_DISTILLED = (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875)
"""The noise levels that the distilled LTX-2 was trained on (as in diffusers' `DISTILLED_SIGMA_VALUES`)."""
_LIGHTNING = "Wan2.2-I2V-A14B-4steps-lora-rank64-Seko-V1/{}_noise_model.safetensors"

MODELS: tuple[Model, ...] = (
    Model(
        "flux2-klein-4b",
        "FLUX.2 klein 4B",
        "black-forest-labs/FLUX.2-klein-4B",
        "Flux2KleinPipeline",
        ("generate", "vary", "restyle"),
        {
            "8": Setup("leaf", "none", _MP, 6),
            "12": Setup("model", "none", _MP, 10),
            "24": Setup("none", "none", 2 * _MP, 20),
            "48": Setup("none", "none", 4 * _MP, 26),
        },
        arguments={"image": "pictures"},
        suits=PRESETS,
    ),
    Model(
        "z-image-turbo",
        "Z-Image Turbo",
        "Tongyi-MAI/Z-Image-Turbo",
        "ZImageImg2ImgPipeline",
        ("vary", "restyle"),
        {
            "8": Setup("leaf", "none", _MP, 6),
            "12": Setup("model", "fp8", _MP, 10),
            "24": Setup("model", "none", 2 * _MP, 17),
            "48": Setup("none", "none", 4 * _MP, 28),
        },
        arguments={"image": "picture", "strength": "strength"},
        steps=8,
        guidance=0.0,
        tiny="madebyollin/taef1",
    ),
    Model(
        "wan2.2-i2v-a14b",
        "Wan 2.2 I2V A14B",
        "Wan-AI/Wan2.2-I2V-A14B-Diffusers",
        "WanImageToVideoPipeline",
        ("transition", "animate"),
        {
            "8": Setup("leaf", "fp8", _480P // 2, 8),
            "12": Setup("leaf", "fp8", _480P, 10),
            "24": Setup("model", "fp8", _480P, 20),
            "48": Setup("model", "none", _720P, 40),
        },
        arguments={"image": "first", "last_image": "last", "num_frames": "count"},
        clip=Clip(16.0, 4, 81),
        least=_480P,
        loras=(
            Lora("lightx2v/Wan2.2-Lightning", _LIGHTNING.format("high")),
            Lora("lightx2v/Wan2.2-Lightning", _LIGHTNING.format("low"), second=True),
        ),
        precise=("vae",),
        suits=("24", "48"),
    ),
    Model(
        "wan2.1-vace-1.3b",
        "Wan 2.1 VACE 1.3B",
        "Wan-AI/Wan2.1-VACE-1.3B-diffusers",
        "WanVACEPipeline",
        ("transition", "animate"),
        {
            "8": Setup("leaf", "none", _480P, 7),
            "12": Setup("model", "fp8", _480P, 10),
            "24": Setup("none", "none", _480P, 20),
            "48": Setup("none", "none", _480P, 20),
        },
        arguments={"video": "filled", "mask": "free", "num_frames": "count"},
        steps=30,
        guidance=5.0,
        clip=Clip(16.0, 4, 81),
        least=_480P,
        precise=("vae",),
        suits=("8", "12"),
    ),
    Model(
        "ltx-2.3",
        "LTX-2.3, distilled",
        "diffusers/LTX-2.3-Distilled-Diffusers",
        "LTX2ConditionPipeline",
        ("transition", "animate"),
        {
            "8": Setup("leaf", "fp8", 512 * 320, 8),
            "12": Setup("leaf", "fp8", 768 * 512, 10),
            "24": Setup("leaf", "fp8", 960 * 544, 18),
            "48": Setup("model", "fp8", 1216 * 704, 40),
        },
        licence="LTX-2 Community License (paid from 10 million US dollars of yearly revenue)",
        arguments={"conditions": "conditions", "num_frames": "count", "frame_rate": "fps"},
        constants={
            "sigmas": _DISTILLED,
            "stg_scale": 0.0,
            "modality_scale": 1.0,
            "guidance_rescale": 0.0,
            "audio_guidance_scale": 1.0,
            "audio_stg_scale": 0.0,
            "audio_modality_scale": 1.0,
            "audio_guidance_rescale": 0.0,
            "spatio_temporal_guidance_blocks": None,
        },
        steps=len(_DISTILLED),
        multiple=32,
        clip=Clip(24.0, 8, 121),
        least=512 * 320,
    ),
)


def models_for(operation: Operation, models: Sequence[Model] = MODELS) -> tuple[Model, ...]:
    """The models that can do an operation."""
    return tuple(model for model in models if operation in model.operations)


def model_for(request: Recipe, preset: Preset, models: Sequence[Model]) -> Model:
    """The model that performs a request: the one it names, else the one that suits the card.

    A picture that is to be kept to a degree goes to a model that has a degree, unless there are references.

    Raises:
        BadInput: the named one can't do it.
    """
    name = str(request.parameters["model"])
    able = models_for(request.operation, models)
    named = next((model for model in able if model.name == name), None)
    styles = any(item.role == "style" for item in request.inputs)
    if named:
        if styles and "pictures" not in named.arguments.values():
            raise BadInput(
                f"{named.title} takes no references", hint="choose another model, or say it in words"
            )
        return named
    suited = [model for model in able if preset in model.suits] or list(able)
    by_degree = [model for model in able if "strength" in model.arguments.values()]
    asks_degree = request.operation == "restyle" and request.parameters["strength"] != 0
    return by_degree[0] if asks_degree and by_degree and not styles else suited[0]


def size_for(model: Model, frame: tuple[int, int], most: int) -> tuple[int, int]:
    """The size at which a model makes what will fill a frame.

    Both sides are divisible by the model's multiple; the shape is the frame's as nearly as that allows.

    Args:
        model: whose rules count.
        frame: `(width, height)` in pixels.
        most: the most pixels of a preset.
    """
    width, height = frame
    area = min(max(width * height, model.least), most)
    scale = (area / (width * height)) ** 0.5
    step = model.multiple
    wide, high = (
        sorted({floor(side * scale / step) * step, ceil(side * scale / step) * step} - {0}) for side in frame
    )
    sizes = [(w, h) for w in wide for h in high if w * h <= most] or [(wide[0], high[0])]
    return min(sizes, key=lambda size: (abs(log(size[0] / size[1] / (width / height))), -size[0] * size[1]))
