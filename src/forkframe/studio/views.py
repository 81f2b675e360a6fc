"""What the facade answers with: plain values that say what is there, ready for JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from forkframe.model.entities import Edge, Node, Sequence, Take
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.sequence.timeline import frames_ahead

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

State = Literal["ready", "stale", "failed", "none"]
"""Whether an edge can be played: with a take that fits, with one made for something that changed, not after a failure,
or not yet."""


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node. `made_by` names the algorithm of its active take, the edge it was cut from, or nothing."""

    id: str
    label: str
    x: float
    y: float
    size: tuple[int, int]
    rating: int
    picture: str
    made_by: str
    seed: int | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeView:
    """A picture's latent code, see `engines/builtin/code.py`: 16 × 16 × 3 numbers row by row, and 21."""

    composition: tuple[float, ...]
    style: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TakeView:
    """A take: which frames of which rendering, or why there are none."""

    id: str
    tier: str
    active: bool
    rendering: str
    first: int
    last: int
    stale: bool
    failure: str


@dataclass(frozen=True, slots=True)
class EdgeView:
    """An edge, with all its takes."""

    id: str
    label: str
    source: str
    target: str
    frames: int
    seconds: float
    engine: str
    state: State
    takes: tuple[TakeView, ...]


@dataclass(frozen=True, slots=True)
class SequenceView:
    """A saved path: its steps as `edge` or `-edge` when walked backwards, the nodes it goes through, and its length.

    `inserted` and `notes` say what had to be decided when it was asked for; empty later.
    """

    id: str
    name: str
    steps: tuple[str, ...]
    nodes: tuple[str, ...]
    frames: int
    seconds: float
    inserted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilmView:
    """An exported film.

    Attributes:
        prepared: frames that were encoded first, for edges that had no video yet in the direction they are walked.
        copied: frames that were then joined as packets, untouched.
        encoded: frames that had to be encoded again to join them.
    """

    path: str
    frames: int
    seconds: float
    prepared: int
    copied: int
    encoded: int


@dataclass(frozen=True, slots=True)
class WorkspaceView:
    """A whole workspace; hidden edges are left out."""

    path: str
    size: tuple[int, int] | None
    fps: str
    nodes: tuple[NodeView, ...]
    edges: tuple[EdgeView, ...]
    sequences: tuple[SequenceView, ...]


def as_json(view: DataclassInstance) -> dict[str, object]:
    """A view as a JSON object, every field named."""
    return dataclasses.asdict(view)


def is_stale(graph: Graph, edge: Edge, take: Take) -> bool:
    """Whether a take was made for pictures, a length or a frame that its edge no longer has."""
    if take.rendering is None:
        return False
    ends = (graph.nodes[edge.source].framed, graph.nodes[edge.target].framed)
    frame = graph.renderings[take.rendering].recipe.frame
    return take.ends != ends or take.last - take.first + 1 != edge.frames or frame != graph.settings.frame


def node_view(graph: Graph, node: Node) -> NodeView:
    """A node as it is now."""
    take = graph.takes.get(node.active) if node.active else None
    rendering = graph.renderings[take.rendering] if take and take.rendering else None
    recipe = rendering.recipe if rendering else None
    made_by = recipe.algorithm if recipe else f"frame {node.cut.frame} of {node.cut.edge}" if node.cut else ""
    return NodeView(
        id=node.id,
        label=node.label,
        x=node.x,
        y=node.y,
        size=node.size,
        rating=node.rating,
        picture=node.picture,
        made_by=made_by,
        seed=recipe.seed if recipe else None,
        notes=rendering.notes if rendering else (),
    )


def edge_view(graph: Graph, edge: Edge) -> EdgeView:
    """An edge as it is now."""
    takes = tuple(
        TakeView(
            id=take.id,
            tier=take.tier,
            active=take.id == edge.active,
            rendering=take.rendering or "",
            first=take.first,
            last=take.last,
            stale=is_stale(graph, edge, take),
            failure=take.failure,
        )
        for take in graph.takes_of(edge.id)
    )
    shown = next((take for take in takes if take.active), None)
    state: State = ("stale" if shown.stale else "ready") if shown else "failed" if takes else "none"
    return EdgeView(
        id=edge.id,
        label=edge.label,
        source=edge.source,
        target=edge.target,
        frames=edge.frames,
        seconds=_frame(graph).seconds_of(edge.frames),
        engine=edge.engine,
        state=state,
        takes=takes,
    )


def sequence_view(
    graph: Graph, sequence: Sequence, *, inserted: tuple[str, ...] = (), notes: tuple[str, ...] = ()
) -> SequenceView:
    """A sequence as it is now; steps over deleted edges count no frames and name no nodes."""
    nodes: list[str] = []
    for step in sequence.steps:
        edge = graph.edges.get(step.edge)
        if edge is None:
            continue
        ends = (edge.target, edge.source) if step.reverse else (edge.source, edge.target)
        nodes += [end for end in ends if nodes[-1:] != [end]] if ends[0] != ends[1] else ends[1:]
    frames = frames_ahead(graph, sequence.steps)
    return SequenceView(
        id=sequence.id,
        name=sequence.name,
        steps=tuple(("-" if step.reverse else "") + step.edge for step in sequence.steps),
        nodes=tuple(nodes),
        frames=frames,
        seconds=float(frames / _frame(graph).fps),
        inserted=inserted,
        notes=notes,
    )


def workspace_view(graph: Graph, path: str) -> WorkspaceView:
    """A whole workspace as it is now."""
    settings = graph.settings
    return WorkspaceView(
        path=path,
        size=settings.frame.size if settings.frame else None,
        fps=str(settings.frame.fps if settings.frame else settings.fps),
        nodes=tuple(node_view(graph, node) for node in graph.nodes.values()),
        edges=tuple(edge_view(graph, edge) for edge in graph.edges.values() if not edge.hidden),
        sequences=tuple(sequence_view(graph, s) for s in graph.sequences.values()),
    )


def _frame(graph: Graph) -> Frame:
    return graph.settings.frame or Frame(fps=graph.settings.fps)
