"""What happened, in words: the log as sentences, and how anything was made."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from forkframe.errors import NotFound
from forkframe.model.delta import Delta, Edit
from forkframe.model.entities import Board, Candidate, Edge, Entity, Node, Note, Rendering, Take
from forkframe.model.entities import Sequence as SavedSequence
from forkframe.model.frame import Crop
from forkframe.model.graph import Graph
from forkframe.model.ids import CandidateId, EdgeId, NodeId, RenderingId, TakeId
from forkframe.model.recipe import Recipe
from forkframe.store import LogEntry

MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class LogLine:
    """One change as a sentence; `at` is ISO 8601 in UTC, `ids` are the first things it touched."""

    seq: int
    actor: str
    at: str
    text: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputView:
    """A picture that went into a result, and the node that shows it now, if one does."""

    role: str
    pixels: str
    weight: float
    node: str | None
    label: str


@dataclass(frozen=True, slots=True)
class RecipeView:
    """How something was made; `command` does it again in a terminal."""

    operation: str
    algorithm: str
    engine: str
    parameters: Mapping[str, object]
    seed: int
    roll: int
    frames: int
    inputs: tuple[InputView, ...]
    command: str
    notes: tuple[str, ...]


_UNNAMED: Mapping[type[Entity], str] = {
    Node: "a picture",
    Edge: "an edge",
    Board: "a board",
    Note: "an empty note",
    SavedSequence: "a sequence",
    Candidate: "a candidate",
}


def log_line(entry: LogEntry, delta: Delta) -> LogLine:
    """An entry of the log, in words."""
    shown = [edit for edit in delta if edit.kind in (Node, Edge, Board, Note, SavedSequence)]
    return LogLine(
        entry.seq,
        entry.actor,
        entry.at.isoformat(timespec="seconds"),
        _sentence(entry.type, shown or list(delta)),
        tuple(edit.id for edit in shown[:MOST_NAMED]),
    )


def _sentence(kind: str, edits: Sequence[Edit]) -> str:
    match kind:
        case "AddNodes" if _any(edits, SavedSequence):
            return f"made {_things(edits, SavedSequence)}"
        case "AddNodes":
            return f"added {_things(edits, Node)}"
        case "MoveNodes":
            return f"moved {_things(edits)}"
        case "SetCrop":
            return f"reframed {_things(edits)}"
        case "SetFields":
            return _set_fields(edits)
        case "AddEdge":
            return f"connected {_things(edits, Edge)}"
        case "AddBoard":
            return f"made the board {_things(edits, Board)}"
        case "AddNote":
            return "wrote a note"
        case "KeepCandidates":
            return f"kept {_things(edits, Node)}"
        case "AddSequence":
            return f"saved the sequence {_things(edits, SavedSequence)}"
        case "Delete":
            return f"deleted {_things(edits)}"
        case "Branch":
            return f"branched at {_things([e for e in edits if e.before is None], Node)}"
        case "SetActiveTake":
            return f"chose another take of {_things(edits, Edge)}"
        case "AddRendering":
            return f"rendered {_things(edits, Edge)}" if _any(edits, Edge) else "made a picture"
        case "AddFailedTake":
            return "could not render a take"
        case "SetVideo":
            return "encoded a video"
        case "ShowFinals":
            return f"put finals in place of {_things(edits)}"
        case "Undo":
            return f"took back a change of {_things(edits)}"
        case "Redo":
            return f"did again a change of {_things(edits)}"
        case _:
            return "passed over a change that could not be taken back"


def _set_fields(edits: Sequence[Edit]) -> str:
    fields = edits[0].fields() if edits else ()
    what = " and ".join(fields) or "nothing"
    if fields == ("rating",) and isinstance(edits[0].after, Node):
        return f"gave {_things(edits)} {edits[0].after.rating} stars"
    return f"changed the {what} of {_things(edits)}"


def _any(edits: Iterable[Edit], kind: type[Entity]) -> bool:
    return any(edit.kind is kind for edit in edits)


def _things(edits: Sequence[Edit], kind: type[Entity] | None = None) -> str:
    """The things that were touched: by name if there are one or two, else how many."""
    names = [_name(edit) for edit in edits if kind is None or edit.kind is kind]
    if not names:
        return "nothing"
    if len(names) <= 2:
        return " and ".join(names)
    return f"{len(names)} things" if kind is None else f"{len(names)} {kind.__name__.lower()}s"


def _name(edit: Edit) -> str:
    row = edit.after if edit.after is not None else edit.before
    name = getattr(row, "label", "") or getattr(row, "name", "") or getattr(row, "text", "")
    return f"“{name[:40]}”" if name else _UNNAMED.get(edit.kind, "something")


def recipe_view(graph: Graph, key: str, workspace: str) -> RecipeView:
    """How a node, candidate, edge, take or rendering was made.

    Raises:
        NotFound: there is no such thing.
    """
    node = graph.nodes.get(NodeId(key))
    rendering = _rendering_of(graph, key)
    if rendering is not None:
        return _of_rendering(graph, rendering, workspace)
    if node is None:
        raise NotFound(
            f"{key} has no recipe (yet)", hint="ask for that of a node, a candidate or an edge with a take"
        )
    if node.cut:
        edge = graph.edges.get(node.cut.edge)
        at = node.cut.frame / max(1, edge.frames - 1) if edge else 0.0
        command = ["forkframe", "branch", workspace, node.cut.edge, "--at", f"{at:.4f}"]
        return _plain("branch", {"edge": node.cut.edge, "frame": node.cut.frame}, command)
    width, height = node.size
    command = ["forkframe", "add", workspace, node.label or "FILE"]
    return _plain("add", {"size": f"{width} × {height}", "framing": _framing(node.crop)}, command)


def _framing(crop: Crop) -> str:
    """Such as "fills the frame, 1.5 × closer"."""
    if crop.fit == "contain":
        return "shown whole"
    return "fills the frame" + (f", {crop.zoom:g} × closer" if crop.zoom > 1 else "")


def _rendering_of(graph: Graph, key: str) -> Rendering | None:
    shown = None
    if node := graph.nodes.get(NodeId(key)):
        shown = node.active
    elif edge := graph.edges.get(EdgeId(key)):
        shown = edge.active
    elif candidate := graph.candidates.get(CandidateId(key)):
        return graph.renderings[candidate.rendering]
    take: Take | None = graph.takes.get(shown or TakeId(key))
    if take and take.rendering:
        return graph.renderings[take.rendering]
    return graph.renderings.get(RenderingId(key))


def _of_rendering(graph: Graph, rendering: Rendering, workspace: str) -> RecipeView:
    recipe = rendering.recipe
    shown_by = {node.framed: node for node in reversed([*graph.nodes.values()])}
    inputs = tuple(
        InputView(i.role, i.pixels, i.weight, node.id if node else None, node.label if node else "")
        for i in recipe.inputs
        for node in (shown_by.get(i.pixels),)
    )
    return RecipeView(
        operation=recipe.operation,
        algorithm=recipe.algorithm,
        engine=recipe.engine,
        parameters=recipe.parameters,
        seed=recipe.seed,
        roll=recipe.roll,
        frames=recipe.frames,
        inputs=inputs,
        command=shlex.join(_command(recipe, inputs, workspace)),
        notes=rendering.notes,
    )


def _command(recipe: Recipe, inputs: Sequence[InputView], workspace: str) -> list[str]:
    names = [view.label or view.node or f"PICTURE-{number}" for number, view in enumerate(inputs, start=1)]
    command = ["forkframe", recipe.operation, workspace]
    if recipe.operation == "transition":
        seconds = float(recipe.frame.seconds_of(recipe.frames))
        command = ["forkframe", "connect", workspace, *names, "--seconds", f"{seconds:g}"]
        command += [
            part for name, value in recipe.parameters.items() for part in ("--param", f"{name}={value}")
        ]
        return [*command, "--param", f"seed={recipe.seed}", *_engine(recipe)]
    if recipe.operation == "mix":
        command += [f"{name}:{view.weight:g}" for name, view in zip(names, inputs, strict=True)]
    else:
        command += names[:1]
    if recipe.operation == "vary":
        command += ["-n", "1"]
    for name in ("prompt", "strength"):
        if value := recipe.parameters.get(name):
            command += [f"--{name}", str(value)]
    if recipe.operation == "restyle" and len(names) > 1:
        command += ["--like", names[1]]
    if recipe.operation == "animate":
        seconds = float(recipe.frame.seconds_of(recipe.frames))
        command += ["--seconds", f"{seconds:g}", *_params(recipe)]
    return [*command, "--seed", str(recipe.seed), *_engine(recipe)]


def _params(recipe: Recipe) -> list[str]:
    """The parameters that are set."""
    given = {name: value for name, value in recipe.parameters.items() if value is not None}
    return [part for name, value in given.items() for part in ("--param", f"{name}={_typed(value)}")]


def _typed(value: object) -> str:
    """A value as somebody types it: a point as `x,y`, a line as its points."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        parts = list(cast("Sequence[object]", value))
        return (" " if parts and isinstance(parts[0], Sequence) else ",").join(map(_typed, parts))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _engine(recipe: Recipe) -> list[str]:
    return [] if recipe.engine == "builtin" else ["--engine", recipe.engine]


def _plain(operation: str, parameters: Mapping[str, object], command: Sequence[str]) -> RecipeView:
    return RecipeView(operation, "", "", parameters, 0, 0, 1, (), shlex.join(command), ())
