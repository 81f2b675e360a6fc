"""Changes: everything that can be done to a workspace, as data, and the plan that turns one into a delta.

A change says what somebody wants; `plan` looks at the graph as it is now and answers with the exact rows, or refuses.
Nothing else decides what a change does, so that the log, undo, other tabs and tests all agree.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar, cast, get_args, get_type_hints

from forkframe.errors import BadInput, Gone
from forkframe.model.branching import branch_edits, heal_edits
from forkframe.model.codec import Json, from_json, to_json
from forkframe.model.delta import Delta, Edit
from forkframe.model.entities import (
    ENTITIES,
    Board,
    Candidate,
    Edge,
    Entity,
    Node,
    Note,
    Rendering,
    Sequence,
    Take,
)
from forkframe.model.frame import Crop, Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import BlobHash, CandidateId, EdgeId, NodeId, OpId, PixelHash, RenderingId, TakeId
from forkframe.model.paths import check_continuous

E = TypeVar("E", bound=Entity)

ENGINE = "engine"
"""The actor whose changes are results of jobs: in nobody's undo stack."""


@dataclass(frozen=True, slots=True)
class AddNodes:
    """Pictures become nodes; `frame` is what the first picture proposes, ignored once there is one.

    `edges` lead to or from nodes that come; `takes` are of both; `sequences` walk edges that come.
    """

    nodes: tuple[Node, ...]
    takes: tuple[Take, ...] = ()
    frame: Frame | None = None
    edges: tuple[Edge, ...] = ()
    sequences: tuple[Sequence, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveNodes:
    """Nodes move to new places."""

    places: Mapping[NodeId, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class SetCrop:
    """A node sits differently in the frame; takes made for the former pixels become stale."""

    node: NodeId
    crop: Crop
    framed: PixelHash


@dataclass(frozen=True, slots=True)
class SetFields:
    """Single plain fields of a row get new values: names, labels, ratings, a board's place (see `EDITABLE`)."""

    id: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AddEdge:
    """Two nodes are connected."""

    edge: Edge


@dataclass(frozen=True, slots=True)
class AddBoard:
    """A region of the canvas becomes a board."""

    board: Board


@dataclass(frozen=True, slots=True)
class AddNote:
    """Words are written on the canvas."""

    note: Note


@dataclass(frozen=True, slots=True)
class Kept:
    """A candidate that becomes the node `node` at x, y, shown by the take `take`; both ids are new."""

    candidate: CandidateId
    node: NodeId
    take: TakeId
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class KeepCandidates:
    """Candidates become nodes; discarding them is `Delete`."""

    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class AddSequence:
    """A path is saved under a name."""

    sequence: Sequence


@dataclass(frozen=True, slots=True)
class Delete:
    """Nodes (with their edges and candidates), edges, boards, notes, candidates or sequences are deleted.

    Renderings are kept.

    With `heal`, the one id is a branch node, and the edge that was cut there is whole again.
    """

    ids: tuple[str, ...]
    heal: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """The edge that owns `take` is cut at `node.cut.frame`, counted from the take's first frame.

    The node becomes part of the canvas, `takes` are the ids of the two halves' takes.
    """

    take: TakeId
    node: Node
    takes: tuple[TakeId, TakeId]


@dataclass(frozen=True, slots=True)
class SetActiveTake:
    """Another of an edge's takes is shown."""

    edge: EdgeId
    take: TakeId


@dataclass(frozen=True, slots=True)
class AddRendering:
    """An engine delivered: the rendering, and the take or candidate that shows it, if its owner is still there."""

    rendering: Rendering
    take: Take | None = None
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class AddFailedTake:
    """An engine could not deliver; the reason is kept."""

    take: Take


@dataclass(frozen=True, slots=True)
class SetVideo:
    """A rendering's field was encoded."""

    rendering: RenderingId
    video: BlobHash


@dataclass(frozen=True, slots=True)
class ShowFinals:
    """Finals take the place of drafts: nodes get other pictures (file, pixels), and takes are added and shown."""

    pictures: Mapping[NodeId, tuple[BlobHash, PixelHash]]
    takes: tuple[Take, ...]


Change = (
    AddNodes
    | MoveNodes
    | SetCrop
    | SetFields
    | AddEdge
    | AddBoard
    | AddNote
    | KeepCandidates
    | AddSequence
    | Delete
    | Branch
    | SetActiveTake
    | AddRendering
    | AddFailedTake
    | SetVideo
    | ShowFinals
)
CHANGES: Mapping[str, type[Change]] = {kind.__name__: kind for kind in get_args(Change)}

EDITABLE: Mapping[type[Entity], frozenset[str]] = {
    Node: frozenset({"label", "rating"}),
    Edge: frozenset({"label", "frames", "roll"}),
    Board: frozenset({"name", "colour", "x", "y", "width", "height"}),
    Sequence: frozenset({"name", "steps"}),
    Note: frozenset({"text", "x", "y", "width", "colour"}),
}
"""The fields that `SetFields` may set: last writer wins."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A change on its way: made idempotent by `op_id`, which its client chose.

    Attributes:
        actor: who wants it; undo is per actor.
        base_seq: the last change the client had seen when it made this one.
    """

    op_id: OpId
    actor: str
    base_seq: int
    change: Change

    def to_json(self) -> dict[str, Json]:
        """The envelope as JSON; `type` names the change."""
        body = cast("dict[str, Json]", to_json(self.change))
        return {
            "op_id": self.op_id,
            "actor": self.actor,
            "base_seq": self.base_seq,
            "type": type(self.change).__name__,
            **body,
        }

    @staticmethod
    def from_json(data: Mapping[str, object]) -> Envelope:
        """The envelope that `to_json` wrote.

        Raises:
            ValueError: it does not have that shape.
        """
        body = dict(data)
        try:
            head = {name: body.pop(name) for name in ("op_id", "actor", "base_seq", "type")}
            kind = CHANGES[str(head.pop("type"))]
        except KeyError as error:
            raise ValueError(f"no such change, or a part is missing: {error.args[0]}") from error
        change = from_json(kind, body)
        return Envelope(
            OpId(from_json(str, head["op_id"])),
            from_json(str, head["actor"]),
            from_json(int, head["base_seq"]),
            change,
        )


def plan(graph: Graph, change: Change) -> Delta:
    """What `change` does to `graph` as it is now. Pure: the graph is not touched.

    Raises:
        Gone: it touches something that was deleted.
        BadInput: it does not make sense here, such as an id that was used before, or a path with a gap.
    """
    match change:
        case AddNodes():
            edits = _add_nodes(graph, change)
        case MoveNodes():
            edits = [_edit(_node(graph, n), x=x, y=y) for n, (x, y) in change.places.items()]
        case SetCrop():
            edits = [_edit(_node(graph, change.node), crop=change.crop, framed=change.framed)]
        case SetFields():
            edits = [_set_fields(_any(graph, change.id), change.values)]
            if isinstance(edits[0].after, Sequence):
                _check_sequence(graph, edits[0].after)
        case AddEdge():
            _node(graph, change.edge.source)
            _node(graph, change.edge.target)
            edits = [_created(graph, change.edge)]
        case AddBoard():
            edits = [_created(graph, change.board)]
        case AddNote():
            edits = [_created(graph, change.note)]
        case KeepCandidates():
            edits = _keep(graph, change.kept)
        case AddSequence():
            _check_sequence(graph, change.sequence)
            edits = [_created(graph, change.sequence)]
        case Delete(heal=False):
            edits = _delete(graph, change.ids)
        case Delete():
            if len(change.ids) != 1:
                raise BadInput("healing takes one branch node", hint="delete and heal one at a time")
            node = _node(graph, NodeId(change.ids[0]))
            edits = _once([*_delete(graph, [node.id]), *heal_edits(graph, node)])
        case Branch():
            edits = branch_edits(graph, change.take, change.node, change.takes)
            for edit in edits:
                if edit.before is None and edit.after is not None:
                    _created(graph, edit.after)
        case SetActiveTake():
            edge, take = _edge(graph, change.edge), graph.takes.get(change.take)
            if take is None or take.owner != edge.id or take.rendering is None:
                raise BadInput(f"edge {edge.id} has no finished take {change.take}")
            edits = [_edit(edge, active=take.id)]
        case AddRendering():
            edits = _add_rendering(graph, change)
        case AddFailedTake():
            _owner(graph, change.take)
            edits = [_created(graph, change.take)]
        case SetVideo():
            rendering = graph.renderings.get(change.rendering)
            if rendering is None:
                raise Gone(f"rendering {change.rendering} is not there any more")
            edits = [_edit(rendering, video=change.video)]
        case ShowFinals():
            edits = _show_finals(graph, change)
    _check_new(graph, edits)
    return Delta(tuple(e for e in edits if e.before != e.after))


def removal(graph: Graph, rows: Iterable[Node | Edge]) -> list[Edit]:
    """The edits that delete nodes and edges with all that hangs on them: nodes' edges, and everybody's takes."""
    edges: dict[EdgeId, Edge] = {}
    nodes: list[Node] = []
    for row in rows:
        if isinstance(row, Edge):
            edges[row.id] = row
        else:
            nodes.append(row)
            edges |= {e.id: e for e in graph.edges_of(row.id)}
    takes = [t for owner in [*edges, *(n.id for n in nodes)] for t in graph.takes_of(owner)]
    candidates = [c for node in nodes for c in graph.candidates_of(node.id)]
    return [Edit(row, None) for row in [*takes, *candidates, *edges.values(), *nodes]]


def _once(edits: Iterable[Edit]) -> list[Edit]:
    """At most one edit per row: deleting wins over changing."""
    out: dict[str, Edit] = {}
    for edit in edits:
        if edit.id not in out or edit.after is None:
            out[edit.id] = edit
    return list(out.values())


def _add_nodes(graph: Graph, change: AddNodes) -> list[Edit]:
    edits: list[Edit] = []
    if change.frame is not None and graph.settings.frame is None:
        edits.append(_edit(graph.settings, frame=change.frame))
    nodes = {node.id for node in change.nodes}
    owners = nodes | {edge.id for edge in change.edges}
    for take in change.takes:
        if take.owner not in owners:
            raise BadInput(f"take {take.id} belongs to nothing that it comes with")
    for edge in change.edges:
        for end in {edge.source, edge.target} - nodes:
            _existing(graph, Node, end)
    edges = {edge.id: edge for edge in change.edges}
    for sequence in change.sequences:
        _check_own_steps(edges, sequence)
        _check_name(graph, sequence)
    rows = [*change.nodes, *change.edges, *change.takes, *change.sequences]
    return [*edits, *(_created(graph, row) for row in rows)]


def _check_own_steps(edges: Mapping[EdgeId, Edge], sequence: Sequence) -> None:
    """Returns if the path walks these edges only, without a gap."""
    if not sequence.steps or any(step.edge not in edges for step in sequence.steps):
        raise BadInput(f"sequence {sequence.id} walks an edge that it does not come with")
    ends = [(edges[step.edge].source, edges[step.edge].target, step.reverse) for step in sequence.steps]
    walked = [(target, source) if reverse else (source, target) for source, target, reverse in ends]
    if any(before[1] != after[0] for before, after in pairwise(walked)):
        raise BadInput(f"sequence {sequence.id} has a gap")


def _keep(graph: Graph, kept: Iterable[Kept]) -> list[Edit]:
    edits: list[Edit] = []
    for one in kept:
        candidate = _existing(graph, Candidate, one.candidate)
        rendering = graph.renderings[candidate.rendering]
        if rendering.picture is None or rendering.pixels is None:
            raise BadInput(f"candidate {candidate.id} shows no picture")
        node = Node(
            id=one.node,
            picture=rendering.picture,
            size=rendering.recipe.frame.size,
            framed=rendering.pixels,
            x=one.x,
            y=one.y,
            label=candidate.label,
            active=one.take,
        )
        take = Take(one.take, one.node, rendering.id)
        edits += [Edit(candidate, None), _created(graph, node), _created(graph, take)]
    return edits


def _delete(graph: Graph, ids: Iterable[str]) -> list[Edit]:
    walked: list[Node | Edge] = []
    plain: list[Edit] = []
    for key in ids:
        row = _any(graph, key)
        if isinstance(row, Node | Edge):
            walked.append(row)
        elif isinstance(row, Board | Sequence | Note | Candidate):
            plain.append(Edit(row, None))
        else:
            raise BadInput(f"{key} can't be deleted", hint="delete nodes, edges, boards, notes or sequences")
    return _once([*plain, *removal(graph, walked)])


def _add_rendering(graph: Graph, change: AddRendering) -> list[Edit]:
    edits: list[Edit] = []
    rendering = graph.rendering_for(change.rendering.recipe.content_key)
    if rendering is None:
        rendering = change.rendering
        edits.append(_created(graph, rendering))
    take, candidate = change.take, change.candidate
    if candidate is not None and candidate.node in graph.nodes:
        edits.append(_created(graph, dataclasses.replace(candidate, rendering=rendering.id)))
    if take is None:
        return edits
    owner = graph.get(Edge, take.owner) or graph.get(Node, take.owner)
    if owner is None:  # deleted meanwhile: the rendering is kept, so that the same recipe is free
        return edits
    take = dataclasses.replace(take, rendering=rendering.id)
    return [*edits, _created(graph, take), _edit(owner, active=take.id)]


def _show_finals(graph: Graph, change: ShowFinals) -> list[Edit]:
    changed: dict[str, Node | Edge] = {}
    for key, (picture, framed) in change.pictures.items():
        node = _node(graph, key)
        was = (*node.was, node.framed) if framed != node.framed else node.was
        changed[key] = dataclasses.replace(node, picture=picture, framed=framed, was=was)
    for take in change.takes:
        owner = changed.get(take.owner) or graph.get(Edge, take.owner) or _node(graph, NodeId(take.owner))
        changed[take.owner] = dataclasses.replace(owner, active=take.id)
    edits = [Edit(graph.get(type(row), key), row) for key, row in changed.items()]
    return [*(_created(graph, take) for take in change.takes), *edits]


def _check_sequence(graph: Graph, sequence: Sequence) -> None:
    check_continuous(graph, sequence.steps)
    _check_name(graph, sequence)


def _check_name(graph: Graph, sequence: Sequence) -> None:
    if any(s.name == sequence.name and s.id != sequence.id for s in graph.sequences.values()):
        raise BadInput(
            f"there is a sequence {sequence.name!r} already", hint="choose another name, or delete that one"
        )


def _set_fields(row: Entity, values: Mapping[str, object]) -> Edit:
    allowed = EDITABLE.get(type(row), frozenset())
    wrong = values.keys() - allowed
    if wrong:
        raise BadInput(
            f"{', '.join(sorted(wrong))} of {row.id} can't be set",
            hint=f"what can: {', '.join(sorted(allowed)) or 'nothing'}",
        )
    hints = get_type_hints(type(row))
    try:
        return _edit(row, **{k: from_json(hints[k], to_json(v)) for k, v in values.items()})
    except ValueError as error:
        raise BadInput(f"that value does not fit {row.id}: {error}") from error


def _edit(row: Entity, **fields: object) -> Edit:
    return Edit(row, dataclasses.replace(row, **fields))


def _created(graph: Graph, row: Entity) -> Edit:
    if graph.was_used(row.id):
        raise BadInput(f"the id {row.id} was used before; ids are never reused", hint="make a new one")
    return Edit(None, row)


def _check_new(graph: Graph, edits: Iterable[Edit]) -> None:
    """Returns if new rows have ids of their own and show takes and renderings that are there."""
    new = [edit.after for edit in edits if edit.before is None and edit.after is not None]
    ids = {row.id for row in new}
    if len(ids) < len(new):
        raise BadInput("the same id stands for two new things", hint="make a new one for each")
    for row in new:
        shown = (
            row.active if isinstance(row, Node | Edge) else row.rendering if isinstance(row, Take) else None
        )
        if shown not in ids and shown is not None and not (shown in graph.takes or shown in graph.renderings):
            raise BadInput(f"{row.id} shows {shown}, which is not there")


def _node(graph: Graph, key: NodeId) -> Node:
    return _existing(graph, Node, key)


def _edge(graph: Graph, key: EdgeId) -> Edge:
    return _existing(graph, Edge, key)


def _existing(graph: Graph, kind: type[E], key: str) -> E:
    row = graph.get(kind, key)
    if row is None:
        raise _missing(graph, kind.__name__.lower(), key)
    return row


def _any(graph: Graph, key: str) -> Entity:
    for kind in ENTITIES:
        row = graph.get(kind, key)
        if row is not None:
            return row
    raise _missing(graph, "thing", key)


def _owner(graph: Graph, take: Take) -> None:
    if take.owner not in graph.edges and take.owner not in graph.nodes:
        raise _missing(graph, "owner", take.owner)


def _missing(graph: Graph, what: str, key: str) -> BadInput | Gone:
    if graph.was_used(key):
        return Gone(f"{what} {key} was deleted", hint="undo brings it back")
    return BadInput(f"there is no {what} {key}")
