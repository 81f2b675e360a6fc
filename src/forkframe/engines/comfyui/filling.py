"""A workflow with a recipe's values in it, at a size and a length that its model can do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from forkframe.engines.comfyui.manifest import link_of
from forkframe.engines.comfyui.template import Graph, Knob, Lengths, Procedure, Sizes
from forkframe.model.frame import Frame
from forkframe.model.recipe import Recipe, Role

_FLATTER = 12.0
"""How much a shape that differs by a factor weighs against a size that does: 1 % of shape is worth 12 % of pixels."""


def working_size(frame: Frame, sizes: Sizes | None, *, resolution: str = "") -> tuple[int, int]:
    """The size `(width, height)` to work at: near to the frame's shape, and no larger than the frame has to be."""
    if sizes is None:
        return frame.size
    step = sizes.multiple
    most = sizes.pixels.get(resolution) or next(iter(sizes.pixels.values()))
    shape, wanted = frame.width / frame.height, min(most, frame.width * frame.height)

    def badness(size: tuple[int, int]) -> float:
        width, height = size
        return _FLATTER * abs(math.log(width / height / shape)) + abs(math.log(width * height / wanted))

    candidates = [
        (width, height)
        for height in range(step, math.isqrt(most) * 4, step)
        for width in {
            max(step, round(height * shape / step) * step),
            max(step, int(height * shape / step) * step),
        }
        if width * height <= most
    ]
    return min(candidates or [(step, step)], key=badness)


def working_length(recipe: Recipe, lengths: Lengths) -> int:
    """How many frames to make: the fewest possible ones that last as long as the recipe's."""
    seconds = recipe.frame.seconds_of(recipe.frames)
    wanted = max(lengths.least, round(seconds * lengths.fps) + 1)
    steps = math.ceil((wanted - lengths.plus) / lengths.multiple)
    return min(lengths.most, steps * lengths.multiple + lengths.plus)


def filled(
    procedure: Procedure,
    recipe: Recipe,
    *,
    graph: Graph,
    pictures: Mapping[Role, tuple[str, ...]],
    size: tuple[int, int],
    prefix: str,
) -> dict[str, dict[str, object]]:
    """A workflow that can be submitted.

    Args:
        procedure: what goes where.
        recipe: whose values they are.
        graph: the procedure's workflow, with the names that files have on the server.
        pictures: the names of the uploaded pictures of each role, in order.
        size: what `working_size` says.
        prefix: how the name of the saved file begins.
    """
    out = {
        key: {**node, "inputs": dict(cast("dict[str, object]", node["inputs"]))}
        for key, node in graph.items()
    }

    def put(key: str, name: str, value: object) -> None:
        cast("dict[str, object]", out[key]["inputs"])[name] = value

    for knob in procedure.knobs:
        for slot in knob.into:
            put(*slot, _value(knob, recipe.parameters[knob.parameter.name]))
    lengths = procedure.lengths
    known: dict[str, object] = {"seed": recipe.seed, "width": size[0], "height": size[1]}
    if lengths:
        known |= {"frames": working_length(recipe, lengths), "fps": lengths.fps}
    for source, slots in procedure.fills.items():
        for slot in slots:
            if source in known:
                put(*slot, known[source])
    instead: dict[str, tuple[str, int]] = {}
    for role, places in procedure.pictures.items():
        names = pictures.get(role, ())
        for number, place in enumerate(places):
            if number < len(names):
                for slot in place.into:
                    put(*slot, names[number])
            else:
                instead |= place.absent or {}
    _pass_by(out, instead)
    if "filename_prefix" in cast("dict[str, object]", out[procedure.output]["inputs"]):
        put(procedure.output, "filename_prefix", prefix)
    return _needed(out, procedure.output)


def _value(knob: Knob, value: object) -> object:
    if knob.values:
        return knob.values[str(value)]
    if knob.span and isinstance(value, int | float):
        return knob.span[0] + (knob.span[1] - knob.span[0]) * value
    return value or knob.empty if isinstance(value, str) else value


def _pass_by(graph: Mapping[str, dict[str, object]], instead: Mapping[str, tuple[str, int]]) -> None:
    for node in graph.values():
        inputs = cast("dict[str, object]", node["inputs"])
        for name, value in inputs.items():
            link = link_of(value)
            while link and link[0] in instead:
                link = instead[link[0]]
                inputs[name] = list(link)


def _needed(graph: dict[str, dict[str, object]], output: str) -> dict[str, dict[str, object]]:
    """The nodes that the output depends on: a server refuses a workflow for mistakes in others."""
    needed: set[str] = set()
    open_ends = [output]
    while open_ends:
        key = open_ends.pop()
        if key in needed or key not in graph:
            continue
        needed.add(key)
        values = cast("dict[str, object]", graph[key]["inputs"]).values()
        open_ends += [link[0] for value in values if (link := link_of(value))]
    return {key: node for key, node in graph.items() if key in needed}
