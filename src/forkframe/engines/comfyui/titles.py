"""A manifest for a workflow that came without one: what is asked for is read from the titles that its author gave the nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from forkframe.engines.comfyui.template import Graph, title_of
from forkframe.errors import BadInput

_PICTURES = ("first", "last", "image", "style")
_VIDEOS = ("SaveVideo", "SaveWEBM", "SaveAnimatedWEBP", "VHS_VideoCombine")
_SAVERS = ("SaveImage", *_VIDEOS)
_SEEDS = ("seed", "noise_seed")
_TEXTS = ("text", "value", "string", "prompt")
_HINT = (
    "in ComfyUI, title the Load Image nodes first and last (or image), the text node prompt, "
    "then Save (API Format)"
)


def manifest_from_titles(graph: Graph, *, file: str) -> dict[str, object]:
    """The manifest of a workflow whose nodes are titled `first`, `last`, `image`, `style` and `prompt`.

    Seeds are found by the name of the input, the result by its node.

    Raises:
        BadInput: the titles say too little, or two nodes have the same.
    """
    titled: dict[str, str] = {}
    for key in graph:
        word = title_of(graph, key).strip().lower()
        if word in (*_PICTURES, "prompt"):
            if word in titled:
                raise BadInput(f"{file}: two nodes are titled {word}", hint="give one of them another title")
            titled[word] = key
    savers = [key for key, node in graph.items() if node["class_type"] in _SAVERS]
    if len(savers) != 1:
        count = "no node" if not savers else f"{len(savers)} nodes"
        raise BadInput(
            f"{file}: {count} of the workflow save{'s' * (not savers)} a picture or a video",
            hint=f"leave one of {', '.join(_SAVERS)} in it",
        )
    moving = graph[savers[0]]["class_type"] in _VIDEOS
    procedure: dict[str, object] = {
        "pictures": {
            role: _slot(graph, titled[role], ("image",), file) for role in _PICTURES if role in titled
        },
        "output": savers[0],
    }
    seeds = [
        [key, name] for key, node in graph.items() for name in _SEEDS if type(_inputs(node).get(name)) is int
    ]
    if seeds:
        procedure["seed"] = seeds
    if prompt := titled.get("prompt"):
        slot = _slot(graph, prompt, _TEXTS, file)
        said = _inputs(graph[prompt])[slot[1]]
        procedure["parameters"] = [
            {
                "name": "prompt",
                "kind": "text",
                "title": "What to show",
                "ui": "prompt",
                "default": said if isinstance(said, str) else "",
                "into": slot,
            }
        ]
    return {
        "title": file.rsplit(".", 1)[0],
        "operations": {_operation(titled, moving=moving, file=file): procedure},
    }


def _operation(titled: Mapping[str, str], *, moving: bool, file: str) -> str:
    if moving and "first" in titled:
        return "transition" if "last" in titled else "animate"
    if not moving and "image" in titled:
        return "restyle" if "prompt" in titled else "vary"
    if not moving and "prompt" in titled and not set(titled) & set(_PICTURES):
        return "generate"
    raise BadInput(f"{file} does not say which node takes which picture", hint=_HINT)


def _slot(graph: Graph, key: str, names: tuple[str, ...], file: str) -> list[str]:
    inputs = _inputs(graph[key])
    found = next((name for name in names if name in inputs and not isinstance(inputs[name], list)), None)
    if found is None:
        raise BadInput(
            f"{file}: the node titled {title_of(graph, key)} has no input {' or '.join(names)} of its own",
            hint="give the title to the node where the value is set",
        )
    return [key, found]


def _inputs(node: Mapping[str, object]) -> dict[str, object]:
    return cast("dict[str, object]", node["inputs"])
