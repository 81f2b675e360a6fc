"""From a file to a template: every mistake in it is one line that says where it is and what belongs there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypedDict, cast

from forkframe.engines.comfyui.reading import Field, document
from forkframe.engines.comfyui.template import (
    SOURCES,
    Graph,
    Knob,
    Lengths,
    Model,
    Place,
    Procedure,
    Sizes,
    Slot,
    Template,
)
from forkframe.engines.comfyui.titles import manifest_from_titles
from forkframe.engines.protocol import Cost
from forkframe.errors import BadInput
from forkframe.model.entities import Tier
from forkframe.model.recipe import OPERATIONS, ROLES, Operation, Role
from forkframe.params import Choice, Number, Parameter, Text, Toggle, Whole

FORMAT = 1
_NOT_THESE: tuple[Operation, ...] = ("describe",)
"""Operations whose result is neither a picture nor a video."""


def read_template(data: bytes, *, name: str, file: str) -> Template:
    """The template in a file; `name` is what its engine will be called, `file` what errors call it.

    Raises:
        BadInput: it is none; the error says where and why.
    """
    whole = document(data, file=file)
    if whole["nodes"].there and whole["links"].there:
        raise BadInput(
            f"{file} is a workflow as ComfyUI's page keeps it, not in API format",
            hint="export it with Save (API Format): in ComfyUI's menu under File, Export (API)",
        )
    manifest = whole["forkframe"]
    if manifest.there:
        graphs = {"prompt": whole["prompt"], **whole["workflows"].table()}
    else:
        graphs = {"prompt": whole["prompt"] if whole["prompt"].there else whole}
        manifest = Field(manifest_from_titles(_graph(graphs["prompt"]), file=file), "forkframe", file=file)
    if manifest["format"].whole(FORMAT, least=1) > FORMAT:
        raise BadInput(f"{file} was written for a newer version", hint="update Forkframe")
    operations: dict[Operation, Procedure] = {
        _operation(key): _procedure(field, graphs) for key, field in manifest["operations"].table().items()
    }
    if not operations:
        raise manifest["operations"].wrong(f"an object with one or more of {', '.join(_possible())}")
    return Template(
        name=name,
        title=manifest["title"].text(name),
        summary=manifest["summary"].text("A workflow of yours"),
        licence=manifest["licence"].text("unknown"),
        homepage=_page(manifest["homepage"]),
        version=manifest["version"].whole(1, least=1),
        tier=cast("Tier", _one_of(manifest["tier"], ("final", "draft"))),
        cost=Cost(manifest["cost"]["seconds"].number(0.0), manifest["cost"]["preparation"].number(0.0)),
        operations=operations,
        models={
            model["file"].text(): Model(model["folder"].text(""), _page(model["page"]))
            for model in manifest["models"].items()
        },
    )


def _possible() -> tuple[Operation, ...]:
    return tuple(name for name in OPERATIONS if name not in _NOT_THESE)


def _operation(name: str) -> Operation:
    found: Operation | None = next((each for each in _possible() if each == name), None)
    if found is None:
        raise BadInput(f"{name} is nothing that a workflow can do", hint=f"use {', '.join(_possible())}")
    return found


def _procedure(field: Field, graphs: Mapping[str, Field]) -> Procedure:
    named = field["workflow"].text("prompt")
    if named not in graphs:
        raise field["workflow"].wrong(f"the name of a workflow: {', '.join(graphs)}")
    graph = _without(_graph(graphs[named]), field["without"])
    output = _node(field["output"], graph)
    sizes = _sizes(field["size"]) if field["size"].there else None
    knobs = [_knob(item, graph) for item in field["parameters"].items()]
    if sizes and len(sizes.pixels) > 1:
        knobs.append(Knob(Choice(name="resolution", title="Resolution", options=tuple(sizes.pixels)), ()))
    names = [knob.parameter.name for knob in knobs]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise BadInput(f"{field.where}: there are two parameters {sorted(repeated)[0]}", hint="rename one")
    return Procedure(
        graph=graph,
        pictures={_role(role): _places(places, graph) for role, places in field["pictures"].table().items()},
        knobs=tuple(knobs),
        fills={name: _slots(field[name], graph, fresh=True) for name in SOURCES if field[name].there},
        sizes=sizes,
        lengths=_lengths(field["length"]) if field["length"].there else None,
        output=output,
    )


def _graph(field: Field) -> Graph:
    """A workflow in API format, checked for links that lead nowhere."""
    nodes = field.table()
    if not nodes:
        raise field.wrong("a workflow in ComfyUI's API format")
    graph: dict[str, dict[str, object]] = {}
    for key, node in nodes.items():
        if not isinstance(node["class_type"].value, str):
            raise node.wrong("a node with a class_type: export the workflow with Save (API Format)")
        graph[key] = {**cast("dict[str, object]", node.value), "inputs": dict(_values(node["inputs"]))}
        for name, value in node["inputs"].table().items():
            if (link := link_of(value.value)) and link[0] not in nodes:
                raise BadInput(
                    f"{name} of node {key} comes from node {link[0]}, which the workflow does not have",
                    hint="export the workflow anew with Save (API Format)",
                )
    return graph


def link_of(value: object) -> tuple[str, int] | None:
    """The node and the number of the output that an input comes from, if it is a link."""
    if not isinstance(value, list | tuple) or len(cast("list[object]", value)) != 2:
        return None
    key, output = cast("list[object]", value)
    if isinstance(key, str | int) and not isinstance(key, bool) and type(output) is int:
        return (str(key), output)
    return None


def _without(graph: Graph, field: Field) -> Graph:
    """The workflow without the inputs that this operation does not use."""
    dropped = {slot for item in field.items() for slot in _slots(item, graph)}
    return {
        key: {
            **node,
            "inputs": {
                name: value
                for name, value in cast("dict[str, object]", node["inputs"]).items()
                if (key, name) not in dropped
            },
        }
        for key, node in graph.items()
    }


def _values(field: Field) -> dict[str, object]:
    return {name: value.value for name, value in field.table().items()}


def _node(field: Field, graph: Graph) -> str:
    key = str(field.value) if isinstance(field.value, int | str) else ""
    if key not in graph:
        raise field.wrong(f"the id of a node: {', '.join(list(graph)[:12])}{' …' * (len(graph) > 12)}")
    return key


def _slots(field: Field, graph: Graph, *, fresh: bool = False) -> tuple[Slot, ...]:
    """`["4", "image"]`, or a list of such; with `fresh`, inputs too that the exported workflow leaves to their default."""
    items = list(field.items())
    if len(items) == 2 and all(isinstance(item.value, str | int) for item in items):
        items = [field]
    slots: list[Slot] = []
    for item in items:
        pair = list(item.items())
        if len(pair) != 2:
            raise item.wrong('a node and one of its inputs, such as ["4", "image"]')
        key, name = _node(pair[0], graph), pair[1].text()
        inputs = cast("dict[str, object]", graph[key]["inputs"])
        if name not in inputs and not fresh:
            raise pair[1].wrong(f"an input of node {key}: {', '.join(inputs)}")
        slots.append((key, name))
    if not slots:
        raise field.wrong('one or more inputs, such as ["4", "image"]')
    return tuple(slots)


def _places(field: Field, graph: Graph) -> tuple[Place, ...]:
    items = list(field.items())
    if not items or not all(isinstance(item.value, dict) for item in items):
        return (Place(_slots(field, graph)),)
    return tuple(
        Place(_slots(item["into"], graph), _absent(item["absent"], graph) if item["absent"].there else None)
        for item in items
    )


def _absent(field: Field, graph: Graph) -> dict[str, tuple[str, int]]:
    out: dict[str, tuple[str, int]] = {}
    for key, link in field.table().items():
        found = link_of(link.value)
        if key not in graph or found is None or found[0] not in graph:
            raise link.wrong(f'the output that takes the place of node {key}, such as ["4", 0]')
        out[key] = found
    return out


def _knob(field: Field, graph: Graph) -> Knob:
    kinds: dict[str, Callable[[Field], Parameter]] = {
        "text": _text,
        "number": _number,
        "whole": _whole,
        "choice": _choice,
        "toggle": lambda f: Toggle(**_naming(f), default=bool(f["default"].value is True)),
    }
    kind = _one_of(field["kind"], tuple(kinds))
    try:
        parameter = kinds[kind](field)
        parameter.check(parameter.default)
    except BadInput as error:
        raise BadInput(f"{field.where}: {error.message}", hint=error.hint) from None
    options = field["options"].value
    span = [item.number(least=-1e9) for item in field["span"].items()]
    if span and len(span) != 2:
        raise field["span"].wrong("what 0 and 1 become, such as [0.3, 1]")
    return Knob(
        parameter,
        _slots(field["into"], graph, fresh=True),
        values=cast("dict[str, object]", options) if isinstance(options, dict) else {},
        span=(span[0], span[1]) if span else None,
        empty=field["empty"].text(""),
    )


class _Naming(TypedDict):
    name: str
    title: str
    ui: str


def _naming(field: Field) -> _Naming:
    name = field["name"].text()
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name) or name == "seed":
        raise field["name"].wrong("lower-case letters, digits and _, and not seed")
    return {"name": name, "title": field["title"].text(name), "ui": field["ui"].text("")}


def _text(field: Field) -> Parameter:
    examples = tuple(item.text() for item in field["examples"].items())
    return Text(**_naming(field), default=field["default"].text(""), examples=examples)


def _number(field: Field) -> Parameter:
    least = field["minimum"].number(0.0, least=-1e9)
    return Number(
        **_naming(field),
        minimum=least,
        maximum=field["maximum"].number(1.0, least=least),
        default=field["default"].number(least, least=-1e9),
        unit=field["unit"].text(""),
    )


def _whole(field: Field) -> Parameter:
    least = field["minimum"].whole(0)
    return Whole(
        **_naming(field),
        minimum=least,
        maximum=field["maximum"].whole(2**31 - 1, least=least),
        default=field["default"].whole(least),
    )


def _choice(field: Field) -> Parameter:
    options = field["options"]
    names = (
        tuple(options.value) if isinstance(options.value, dict) else tuple(o.text() for o in options.items())
    )  # pyright: ignore[reportUnknownArgumentType]
    if not names:
        raise options.wrong("a list of words, or an object with what the workflow gets for each")
    return Choice(**_naming(field), options=cast("tuple[str, ...]", names), default=field["default"].text(""))


def _sizes(field: Field) -> Sizes:
    pixels = field["pixels"]
    named = pixels.table() if isinstance(pixels.value, dict) else {"": pixels}
    multiple = field["multiple"].whole(8, least=1)
    return Sizes(multiple, {name: value.whole(least=multiple * multiple) for name, value in named.items()})


def _lengths(field: Field) -> Lengths:
    multiple, plus = field["multiple"].whole(1, least=1), field["plus"].whole(0)
    least = field["least"].whole(multiple + plus, least=2)
    return Lengths(multiple, plus, field["fps"].number(least=0.1), least, field["most"].whole(least=least))


def _role(name: str) -> Role:
    if name not in ROLES:
        raise BadInput(f"{name} is no role that a picture can have", hint=f"use one of {', '.join(ROLES)}")
    return name


def _one_of(field: Field, words: tuple[str, ...]) -> str:
    if field.text(words[0]) not in words:
        raise field.wrong(" or ".join(words))
    return field.text(words[0])


def _page(field: Field) -> str:
    address = field.text("")
    if address and not address.startswith("https://"):
        raise field.wrong("an address that begins with https://")
    return address
