"""The graph: all rows of one workspace in memory, with the indexes that walking it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar, cast

from forkframe.model.delta import Delta
from forkframe.model.entities import (
    ENTITIES,
    SETTINGS_ID,
    Board,
    Candidate,
    Edge,
    Entity,
    Node,
    Note,
    Rendering,
    Sequence,
    Settings,
    Take,
)
from forkframe.model.ids import BoardId, CandidateId, EdgeId, NodeId, NoteId, RenderingId, SequenceId, TakeId

E = TypeVar("E", bound=Entity)


class Graph:
    """All rows of a workspace. Changed only by `apply`; read through the mappings.

    Loops, forks, joins, parallel edges and edges from a node to itself are all fine.
    """

    def __init__(self, rows: Iterable[Entity] = (), *, used_ids: Iterable[str] = ()) -> None:
        self._rows: dict[type[Entity], dict[str, Entity]] = {kind: {} for kind in ENTITIES}
        self._edges_of: defaultdict[str, set[EdgeId]] = defaultdict(set)
        self._takes_of: defaultdict[str, dict[TakeId, None]] = defaultdict(dict)
        self._candidates_of: defaultdict[str, dict[CandidateId, None]] = defaultdict(dict)
        self._rendering_of_key: dict[str, RenderingId] = {}
        self._used_ids = set(used_ids)
        self._put(Settings())
        for row in rows:
            self._put(row)

    @property
    def settings(self) -> Settings:
        """What holds for the whole workspace."""
        return cast("Settings", self._rows[Settings][SETTINGS_ID])

    @property
    def nodes(self) -> Mapping[NodeId, Node]:
        """Nodes by id, in the order they came."""
        return cast("Mapping[NodeId, Node]", self._rows[Node])

    @property
    def edges(self) -> Mapping[EdgeId, Edge]:
        """Edges by id, hidden ones included, in the order they came."""
        return cast("Mapping[EdgeId, Edge]", self._rows[Edge])

    @property
    def takes(self) -> Mapping[TakeId, Take]:
        """Takes by id."""
        return cast("Mapping[TakeId, Take]", self._rows[Take])

    @property
    def renderings(self) -> Mapping[RenderingId, Rendering]:
        """Renderings by id."""
        return cast("Mapping[RenderingId, Rendering]", self._rows[Rendering])

    @property
    def boards(self) -> Mapping[BoardId, Board]:
        """Boards by id."""
        return cast("Mapping[BoardId, Board]", self._rows[Board])

    @property
    def sequences(self) -> Mapping[SequenceId, Sequence]:
        """Sequences by id."""
        return cast("Mapping[SequenceId, Sequence]", self._rows[Sequence])

    @property
    def candidates(self) -> Mapping[CandidateId, Candidate]:
        """Candidates by id, in the order they came."""
        return cast("Mapping[CandidateId, Candidate]", self._rows[Candidate])

    @property
    def notes(self) -> Mapping[NoteId, Note]:
        """Notes by id."""
        return cast("Mapping[NoteId, Note]", self._rows[Note])

    def get(self, kind: type[E], key: str) -> E | None:
        """The row of that kind and id, or None."""
        return cast("E | None", self._rows[kind].get(key))

    def rows(self) -> Iterator[Entity]:
        """All rows."""
        for table in self._rows.values():
            yield from table.values()

    def edges_of(self, node: NodeId) -> tuple[Edge, ...]:
        """All edges that start or end at a node, hidden ones included, in the order of their ids."""
        return tuple(self.edges[e] for e in sorted(self._edges_of.get(node, ())))

    def takes_of(self, owner: EdgeId | NodeId) -> tuple[Take, ...]:
        """All takes of an edge or node, in the order they came."""
        return tuple(self.takes[t] for t in self._takes_of.get(owner, ()))

    def candidates_of(self, node: NodeId) -> tuple[Candidate, ...]:
        """The candidates in a node's tray, in the order they came."""
        return tuple(self.candidates[c] for c in self._candidates_of.get(node, ()))

    def rendering_for(self, content_key: str) -> Rendering | None:
        """The finished rendering of a recipe with that content key, or None."""
        key = self._rendering_of_key.get(content_key)
        return self.renderings[key] if key else None

    def nodes_on(self, board: Board) -> tuple[Node, ...]:
        """The nodes whose place is inside a board, in the order they came."""
        return tuple(
            n
            for n in self.nodes.values()
            if board.x <= n.x <= board.x + board.width and board.y <= n.y <= board.y + board.height
        )

    def was_used(self, key: str) -> bool:
        """Whether an id was ever given to a row, deleted ones included."""
        return key in self._used_ids

    def apply(self, delta: Delta) -> None:
        """Applies a delta that `plan`, `undo` or the log made."""
        for edit in delta:
            if edit.before is not None:
                self._drop(edit.before, keep_place=edit.after is not None)
            if edit.after is not None:
                self._put(edit.after)

    def _put(self, row: Entity) -> None:
        self._rows[type(row)][row.id] = row
        self._used_ids.add(row.id)
        if isinstance(row, Edge):
            self._edges_of[row.source].add(row.id)
            self._edges_of[row.target].add(row.id)
        elif isinstance(row, Take):
            self._takes_of[row.owner].setdefault(row.id)
        elif isinstance(row, Candidate):
            self._candidates_of[row.node].setdefault(row.id)
        elif isinstance(row, Rendering):
            self._rendering_of_key[row.recipe.content_key] = row.id

    def _drop(self, row: Entity, *, keep_place: bool) -> None:
        if keep_place:  # an edge's ends, a take's owner and a rendering's recipe never change
            return
        del self._rows[type(row)][row.id]
        if isinstance(row, Edge):
            self._edges_of[row.source].discard(row.id)
            self._edges_of[row.target].discard(row.id)
        elif isinstance(row, Take):
            del self._takes_of[row.owner][row.id]
        elif isinstance(row, Candidate):
            del self._candidates_of[row.node][row.id]
        elif isinstance(row, Rendering):
            self._rendering_of_key.pop(row.recipe.content_key, None)
