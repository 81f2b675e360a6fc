"""The operations and parameters that the engine declares, made from its models."""

from __future__ import annotations

from collections.abc import Sequence

from forkframe.engines.diffusers.models import Model, models_for
from forkframe.engines.diffusers.presets import PRESETS
from forkframe.engines.diffusers.words import MOVES
from forkframe.engines.protocol import Cost, OperationCard
from forkframe.model.recipe import Operation, Role
from forkframe.params import Choice, Number, Parameter, Schema, Text, Toggle, Whole

_PIXELS = 3840 * 2160
"""The largest frame: models make up to 4 megapixels, and enlarging these further would only blur."""
_INPUTS: dict[Operation, dict[Role, tuple[int, int]]] = {
    "generate": {"style": (0, 4)},
    "vary": {"image": (1, 1)},
    "restyle": {"image": (1, 1), "style": (0, 4)},
    "transition": {"first": (1, 1), "last": (1, 1)},
    "animate": {"first": (1, 1)},
}
_COSTS: dict[Operation, Cost] = {
    "generate": Cost(seconds=5.0, preparation=30.0),
    "vary": Cost(seconds=8.0, preparation=30.0),
    "restyle": Cost(seconds=8.0, preparation=30.0),
    "transition": Cost(seconds=1.5, preparation=90.0),
    "animate": Cost(seconds=1.5, preparation=90.0),
}
"""Rough, for a card of 24 GB: it shows in the queue and decides nothing."""

_PROMPT = Text(name="prompt", title="In words", ui="prompt")
_OWN: dict[Operation, tuple[Parameter, ...]] = {
    "generate": (_PROMPT,),
    "vary": (
        Number(name="strength", title="How far from the original", default=0.5, ui="slider"),
        _PROMPT,
    ),
    "restyle": (
        _PROMPT,
        Number(
            name="strength",
            title="How far from the original; at 0 the words alone decide",
            default=0.0,
            ui="slider",
        ),
    ),
    "transition": (
        _PROMPT,
        Text(name="negative", title="What it should not show (models with guidance above 1)"),
    ),
    "animate": (
        _PROMPT,
        Choice(name="camera", title="What the camera does", options=tuple(MOVES)),
        Text(name="negative", title="What it should not show (models with guidance above 1)"),
    ),
}
_CACHE = Choice(
    name="cache",
    title="What is taken over between steps (faster where there are many, a little less exact)",
    options=("auto", "none", "first-block", "taylorseer"),
    ui="select",
)
_LAYOUT: tuple[Parameter, ...] = (
    Choice(
        name="preset",
        title="Graphics card in GB (auto: by what is free)",
        options=("auto", *PRESETS),
        ui="select",
    ),
    Whole(name="steps", title="Steps (0: as many as the model was made for)", maximum=100),
    Number(
        name="guidance",
        title="How strictly by the words (-1: as the model was made for)",
        default=-1.0,
        minimum=-1.0,
        maximum=20.0,
    ),
    Text(
        name="weights",
        title="Other weights for this model: a folder, or OWNER/NAME at the Hub",
        longest=300,
    ),
    Choice(
        name="offload",
        title="What waits in main memory (auto: by the preset; model: idle parts; leaf: every layer, slowest)",
        options=("auto", "none", "model", "leaf"),
        ui="select",
    ),
    Choice(
        name="quantise",
        title="How weights are kept (auto: by the preset; fp8: half the memory; int8 and int4 need bitsandbytes)",
        options=("auto", "none", "fp8", "int8", "int4"),
        ui="select",
    ),
    Choice(
        name="attention",
        title="Attention kernels (auto: PyTorch's own; the others have to be installed)",
        options=("auto", "native", "flash", "sage", "xformers"),
        ui="select",
    ),
    Toggle(name="compile", title="Compile: minutes once, then faster steps"),
)


def operations_of(models: Sequence[Model]) -> dict[Operation, OperationCard]:
    """What the engine declares of each operation that one of the models can do."""
    return {name: _card(name, able) for name in _INPUTS if (able := models_for(name, models))}


def _card(operation: Operation, models: Sequence[Model]) -> OperationCard:
    which = Choice(
        name="model",
        title=f"Model ({licences_of(models)})",
        options=("auto", *(model.name for model in models)),
        ui="select",
    )
    own = _OWN[operation]
    cache = (
        (_CACHE,) if any(model.clip for model in models) else ()
    )  # models of pictures have hardly any steps
    return OperationCard(
        f"diffusers.{operation}@1",
        Schema(1, (*own, which, *_LAYOUT, *cache)),
        _INPUTS[operation],
        pixels=_PIXELS,
        licence=licences_of(models),
        cost=_COSTS[operation],
    )


def licences_of(models: Sequence[Model]) -> str:
    """The licence of what is taken by itself; then those of other models, with what they ask for."""
    usual = next((model.licence for model in models if model.suits), models[0].licence)
    others = [f"{model.title}: {model.licence}" for model in models if model.licence != usual]
    return "; ".join((usual, *others))
