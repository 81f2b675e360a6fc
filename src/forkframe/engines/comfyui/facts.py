"""What a server can do, as its `/object_info` tells: asked seldom, kept for a while, and never waited for twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote

from forkframe.engines.comfyui.reading import table
from forkframe.engines.comfyui.server import EXAMPLE, VARIABLE, Server, Unreachable, is_address
from forkframe.engines.comfyui.template import Graph, Template, title_of

_PATIENCE = 0.5
"""Seconds that a server may take for each answer: whoever looks at engines waits for it."""
_FRESH = 15.0
"""Seconds for which what is known counts as it is; then it is looked up again behind the scenes."""
_REFUSED, _SILENT = 2.0, 10.0
"""The same for servers that are not there (told at once) and that do not answer (told after `_PATIENCE`)."""
_BUSY = 60.0
"""Seconds for which a server that does not answer is taken to be busy: Python's lock is held while weights are loaded."""
_WEIGHTS = (".safetensors", ".sft", ".gguf", ".ckpt", ".pth", ".pt", ".bin", ".onnx")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a server.

    Attributes:
        problem: why it can't be asked, one line; "" if it can.
        refused: nobody listens there.
        options: by class and input, what can be chosen there, for the classes that were asked about; a class that the
            server lacks is not in it.
    """

    problem: str = ""
    refused: bool = False
    options: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=dict[str, Mapping[str, tuple[str, ...]]]
    )

    def lacks(self, template: Template) -> tuple[str, ...]:
        """What has to be done before the server can run a template, one line each."""
        out = [
            f"ComfyUI lacks the node {name}: update ComfyUI, or install what brings it"
            for name in sorted(template.classes - set(self.options))
        ]
        for procedure in template.operations.values():
            for key, file in self._missing(procedure.graph):
                model = template.models.get(file)
                folder = f"models/{model.folder}" if model and model.folder else "where ComfyUI looks for it"
                source = f", from {model.page}" if model and model.page else ""
                title = "" if model else f" (for {title_of(procedure.graph, key)})"
                out.append(f"the model file {file} is missing{title}: put it into {folder}{source}")
        return tuple(dict.fromkeys(out))

    def resolved(self, graph: Graph) -> Graph:
        """The workflow with files by the names that they have on the server, where they lie in other folders."""
        return {
            key: {
                **node,
                "inputs": {
                    name: self._name(str(node["class_type"]), name, value) or value
                    for name, value in _inputs(graph, key).items()
                },
            }
            for key, node in graph.items()
        }

    def _missing(self, graph: Graph) -> Iterable[tuple[str, str]]:
        for key, node in graph.items():
            for name, value in _inputs(graph, key).items():
                if self._name(str(node["class_type"]), name, value) == "":
                    yield key, str(value)

    def _name(self, cls: str, name: str, value: object) -> str | None:
        """What the server calls a file with weights, "" if it does not have it; None for all else."""
        options = self.options.get(cls, {}).get(name)
        if options is None or not isinstance(value, str) or not value.lower().endswith(_WEIGHTS):
            return None
        if value in options:
            return value
        return next((option for option in options if _base(option) == _base(value)), "")


class _Known:
    """What is known of one server, and since when."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.facts: Facts | None = None
        self.since = self.answered = -1e9
        self.asked: frozenset[str] = frozenset()


_servers: dict[str, _Known] = {}


def facts_of(url: str, classes: frozenset[str]) -> Facts:
    """What is known of the server at an address and of some classes of nodes there.

    Waits for a server that was not asked before, or that was not there: half a second for each answer at most, and at
    most once in ten seconds for one that does not answer at all.
    """
    if not is_address(url):
        return Facts(problem=f"{url} is no address: set {VARIABLE} to one such as {EXAMPLE}", refused=True)
    known = _servers.setdefault(url, _Known())
    facts, age = known.facts, time.monotonic() - known.since
    if facts is not None and classes <= known.asked:
        if age < (_FRESH if not facts.problem else _REFUSED if facts.refused else _SILENT):
            return facts
        if not facts.problem:
            threading.Thread(target=_look, args=(url, known, classes), daemon=True).start()
            return facts
    return _look(url, known, classes)


def forget() -> None:
    """Everything that is known of servers is looked up anew: for whoever changed something about one."""
    _servers.clear()


def _look(url: str, known: _Known, classes: frozenset[str]) -> Facts:
    before = known.since
    with known.lock:
        if known.facts is not None and known.since > before and classes <= known.asked:
            return known.facts  # somebody else looked meanwhile
        facts, now = _looked_up(url, classes | known.asked), time.monotonic()
        if not facts.problem:
            known.answered = now
        elif known.facts and not known.facts.problem and not facts.refused and now - known.answered < _BUSY:
            facts = known.facts
        known.facts, known.since, known.asked = facts, now, classes | known.asked
        return facts


def _looked_up(url: str, classes: frozenset[str]) -> Facts:
    server = Server(url, limit=_PATIENCE)
    names = sorted(classes)
    paths = ["/system_stats", *(f"/object_info/{quote(name, safe='')}" for name in names)]
    options: dict[str, Mapping[str, tuple[str, ...]]] = {}
    try:
        answers = iter(server.read_all(paths))
        if "system" not in table(next(answers)):
            return Facts(problem=f"what answers at {url} is not ComfyUI: is {VARIABLE} right?")
        for name, said in zip(names, answers, strict=True):
            if name in table(said):
                options[name] = _options(table(table(said)[name]))
    except Unreachable as error:
        hint = f"start ComfyUI, or set {VARIABLE} to its address"
        return Facts(problem=f"{error.message}: {hint}", refused=error.refused)
    return Facts(options=options)


def _options(info: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """What can be chosen at each input of a class, in the older form `[[…], {…}]` and the newer `["COMBO", {"options": […]}]`."""
    out: dict[str, tuple[str, ...]] = {}
    for group in ("required", "optional"):
        for name, spec in table(table(info.get("input")).get(group)).items():
            parts = cast("list[object]", spec) if isinstance(spec, list) else []
            choices = parts[0] if parts else None
            if choices == "COMBO" and len(parts) > 1:
                choices = table(parts[1]).get("options")
            if isinstance(choices, list):
                out[name] = tuple(str(choice) for choice in cast("list[object]", choices))
    return out


def _inputs(graph: Graph, key: str) -> dict[str, object]:
    return cast("dict[str, object]", graph[key]["inputs"])


def _base(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]
