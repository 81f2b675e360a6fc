"""Templates: a workflow of ComfyUI's in API format, and a manifest that says what it does and what goes where.

`docs/engines-comfyui.md` describes the format for those who write one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from forkframe.engines.protocol import Cost
from forkframe.model.entities import Tier
from forkframe.model.recipe import Operation, Role
from forkframe.params import Parameter, Schema

Node = Mapping[str, object]
"""`class_type`, `inputs` by name (a value, or a link `[node id, output]`), and `_meta` with a title for people."""
Graph = Mapping[str, Node]
"""A workflow in API format: nodes by their ids."""
Slot = tuple[str, str]
"""An input of a node: (node id, name of the input)."""
Source = Literal["seed", "width", "height", "frames", "fps"]
"""What else than parameters and pictures goes into a workflow."""
SOURCES: tuple[Source, ...] = ("seed", "width", "height", "frames", "fps")


@dataclass(frozen=True, slots=True)
class Knob:
    """A parameter, and where its value goes.

    Attributes:
        into: the inputs that get it.
        values: for a choice, what the workflow gets for each option; {} if it gets the option itself.
        span: for a number from 0 to 1, what 0 and 1 become on the way.
        empty: what the workflow gets for an empty text.
    """

    parameter: Parameter
    into: tuple[Slot, ...]
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    span: tuple[float, float] | None = None
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture goes.

    Attributes:
        into: the inputs that get the uploaded file's name.
        absent: when there is no such picture: nodes that are then passed by, each with the link that takes the place of
            its outputs. None of a picture that there has to be.
    """

    into: tuple[Slot, ...]
    absent: Mapping[str, tuple[str, int]] | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that a model works at: sides are multiples of `multiple`.

    Attributes:
        pixels: the most pixels, by the name of a resolution; under "" where there is only one.
    """

    multiple: int
    pixels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Lengths:
    """The numbers of frames that a model makes: `multiple`·k + `plus`, from `least` to `most`, at `fps`."""

    multiple: int
    plus: int
    fps: float
    least: int
    most: int

    @property
    def seconds(self) -> float:
        """How long the longest video is."""
        return (self.most - 1) / self.fps


@dataclass(frozen=True, slots=True)
class Procedure:
    """How a template performs one operation.

    Attributes:
        graph: the workflow, complete but for what is filled in.
        pictures: for each role, where its first, second … picture goes.
        knobs: the parameters.
        fills: where seed, size, frames and rate go.
        sizes: None if the workflow takes pictures of any size.
        lengths: None if it makes one picture, or a video whose length is its own.
        output: the node that saves the result.
    """

    graph: Graph
    pictures: Mapping[Role, tuple[Place, ...]]
    knobs: tuple[Knob, ...]
    fills: Mapping[Source, tuple[Slot, ...]]
    sizes: Sizes | None
    lengths: Lengths | None
    output: str

    @property
    def inputs(self) -> dict[Role, tuple[int, int]]:
        """For each role, the fewest and the most pictures."""
        return {
            role: (sum(place.absent is None for place in places), len(places))
            for role, places in self.pictures.items()
        }

    @property
    def schema(self) -> Schema:
        """The parameters that it takes. Its version stays: what they mean changes with the template's."""
        return Schema(1, tuple(knob.parameter for knob in self.knobs))


@dataclass(frozen=True, slots=True)
class Model:
    """A file with weights: the folder in ComfyUI's `models` where it belongs, and a page that has it ("" if unknown)."""

    folder: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """Workflows that ComfyUI can run for us, as one engine.

    Attributes:
        name: part of the engine's name: lower-case letters, digits and hyphens.
        version: grows when the same recipe gives other pixels.
        models: what is known of its files with weights, by file name.
    """

    name: str
    title: str
    summary: str
    licence: str
    homepage: str
    version: int
    tier: Tier
    cost: Cost
    operations: Mapping[Operation, Procedure]
    models: Mapping[str, Model]

    @property
    def classes(self) -> frozenset[str]:
        """The classes of all its nodes."""
        return frozenset(
            str(node["class_type"])
            for procedure in self.operations.values()
            for node in procedure.graph.values()
        )


def title_of(graph: Graph, key: str) -> str:
    """What people call a node: its title, else its class."""
    node = graph.get(key, {})
    meta = node.get("_meta")
    title: object = meta.get("title") if isinstance(meta, Mapping) else None  # pyright: ignore[reportUnknownVariableType]
    return str(title or node.get("class_type") or f"node {key}")
