"""Random histories: several actors and an engine change one workspace in any order, and undo, and redo.

`Histories` draws the changes; what they are done to, a graph alone or a store on the disk, is for subclasses to say.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from forkframe.errors import BadInput, ChangeRefused
from forkframe.model.changes import (
    ENGINE,
    AddBoard,
    AddEdge,
    AddFailedTake,
    AddNodes,
    AddNote,
    AddRendering,
    AddSequence,
    Branch,
    Change,
    Delete,
    KeepCandidates,
    Kept,
    MoveNodes,
    SetActiveTake,
    SetCrop,
    SetFields,
    SetVideo,
)
from forkframe.model.entities import Board, Candidate, Cut, Edge, Node, Note, Rendering, Sequence, Step, Take
from forkframe.model.frame import Crop, Frame
from forkframe.model.graph import Graph
from tests.model.build import blob, pixels, recipe, rows_of

ACTORS = ("anna", "bob")
actors = st.sampled_from(ACTORS)
places = st.floats(-1e6, 1e6)
numbers = st.integers(0, 10**6)


def check_integrity(graph: Graph) -> None:
    """Every reference leads somewhere, and the indexes say what a graph built anew from the rows says."""
    for edge in graph.edges.values():
        assert edge.source in graph.nodes
        assert edge.target in graph.nodes
    for take in graph.takes.values():
        assert take.owner in graph.edges or take.owner in graph.nodes
        assert take.rendering is None or take.rendering in graph.renderings
    for row in [*graph.edges.values(), *graph.nodes.values()]:
        assert row.active is None or graph.takes[row.active].owner == row.id
    anew = Graph(graph.rows())
    for candidate in graph.candidates.values():
        assert candidate.node in graph.nodes
        assert candidate.rendering in graph.renderings
    assert list(rows_of(anew).items()) == list(rows_of(graph).items())
    for node in graph.nodes:
        assert anew.edges_of(node) == graph.edges_of(node)
        assert anew.takes_of(node) == graph.takes_of(node)
        assert anew.candidates_of(node) == graph.candidates_of(node)
    for edge in graph.edges:
        assert anew.takes_of(edge) == graph.takes_of(edge)
    for rendering in graph.renderings.values():
        assert graph.rendering_for(rendering.recipe.content_key) == rendering


class Histories(RuleBasedStateMachine):
    """Changes as several actors would make them. Subclasses say what `graph`, `do` and `take_back` are."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    @property
    def graph(self) -> Graph:
        raise NotImplementedError

    def do(self, actor: str, change: Change) -> None:
        """Does a change, which may be refused."""
        raise NotImplementedError

    def take_back(self, actor: str, *, redo: bool) -> None:
        """Undoes or redoes, which may be refused."""
        raise NotImplementedError

    def new(self, letter: str) -> Any:
        """An id nobody had."""
        self._count += 1
        return f"{letter}{self._count:010d}"

    def _node(self, x: float, y: float) -> Node:
        return Node(self.new("n"), blob(self._count), (640, 480), pixels(self._count), x, y)

    def _pick(self, data: st.DataObject, rows: Any) -> Any:
        return data.draw(st.sampled_from(list(rows)))

    @initialize(actor=actors)
    def start_with_a_film(self, actor: str) -> None:
        """Two edges in a row, rendered and saved: without a head start few histories get to branch or heal."""
        nodes = [self._node(x, 0.0) for x in (0.0, 100.0, 200.0)]
        edges = [Edge(self.new("e"), a.id, b.id, 9) for a, b in pairwise(nodes)]
        self.do(actor, AddNodes(tuple(nodes), frame=Frame(640, 480)))
        for edge in edges:
            self.do(actor, AddEdge(edge))
            self._deliver(edge)
        self.do(actor, AddSequence(Sequence(self.new("s"), "a film", tuple(Step(e.id) for e in edges))))

    @rule(actor=actors, at=st.lists(st.tuples(places, places), min_size=1, max_size=3))
    def add_nodes(self, actor: str, at: list[tuple[float, float]]) -> None:
        self.do(actor, AddNodes(tuple(self._node(x, y) for x, y in at), frame=Frame(640, 480)))

    @precondition(lambda self: self.graph.nodes)
    @rule(actor=actors, data=st.data(), x=places, y=places)
    def move(self, actor: str, data: st.DataObject, x: float, y: float) -> None:
        self.do(actor, MoveNodes({self._pick(data, self.graph.nodes): (x, y)}))

    @precondition(lambda self: self.graph.nodes)
    @rule(actor=actors, data=st.data(), label=st.text(max_size=3), rating=st.integers(0, 5))
    def label(self, actor: str, data: st.DataObject, label: str, rating: int) -> None:
        self.do(actor, SetFields(self._pick(data, self.graph.nodes), {"label": label, "rating": rating}))

    @precondition(lambda self: self.graph.nodes)
    @rule(actor=actors, data=st.data(), number=numbers)
    def crop(self, actor: str, data: st.DataObject, number: int) -> None:
        crop = Crop(focus=(number / 1e6, 0.5))
        self.do(actor, SetCrop(self._pick(data, self.graph.nodes), crop, pixels(number)))

    @precondition(lambda self: self.graph.nodes)
    @rule(actor=actors, data=st.data(), frames=st.integers(3, 25))
    def connect(self, actor: str, data: st.DataObject, frames: int) -> None:
        source, target = self._pick(data, self.graph.nodes), self._pick(data, self.graph.nodes)  # may be one
        self.do(actor, AddEdge(Edge(self.new("e"), source, target, frames, parameters={"blend": 0.5})))

    @precondition(lambda self: len(self.graph.boards) < 2)
    @rule(actor=actors, x=places, name=st.text(max_size=3))
    def add_board(self, actor: str, x: float, name: str) -> None:
        self.do(actor, AddBoard(Board(self.new("b"), name, x, 0.0, 100.0, 100.0)))

    @precondition(lambda self: self.graph.edges)
    @rule(actor=actors, data=st.data(), reverse=st.booleans())
    def save_sequence(self, actor: str, data: st.DataObject, reverse: bool) -> None:
        edges = data.draw(st.lists(st.sampled_from(list(self.graph.edges.values())), min_size=1, max_size=3))
        steps = tuple(Step(e.id, reverse, self._pick(data, [None, e.active])) for e in edges)
        self.do(actor, AddSequence(Sequence(self.new("s"), "a film", steps)))

    @precondition(lambda self: self.graph.edges)
    @rule(data=st.data(), again=st.booleans())
    def deliver(self, data: st.DataObject, again: bool) -> None:
        self._deliver(self._pick(data, self.graph.edges.values()), again=again)

    def _deliver(self, edge: Edge, *, again: bool = False) -> None:
        ends = (self.graph.nodes[edge.source].framed, self.graph.nodes[edge.target].framed)
        self._count += 1
        made = Rendering(
            self.new("r"), recipe(0 if again else self._count, frames=edge.frames), field=blob(3)
        )
        take = Take(self.new("t"), edge.id, made.id, 0, edge.frames - 1, ends)
        self.do(ENGINE, AddRendering(made, take))

    @rule(actor=actors, x=places, text=st.text(max_size=3))
    def write_note(self, actor: str, x: float, text: str) -> None:
        self.do(actor, AddNote(Note(self.new("x"), text, x, 0.0)))

    @precondition(lambda self: self.graph.nodes)
    @rule(data=st.data())
    def deliver_candidate(self, data: st.DataObject) -> None:
        self._count += 1
        shown = {"picture": blob(self._count), "pixels": pixels(self._count)}
        made = Rendering(self.new("r"), recipe(self._count, frames=1), **shown)
        candidate = Candidate(self.new("c"), self._pick(data, self.graph.nodes), made.id)
        self.do(ENGINE, AddRendering(made, candidate=candidate))

    @precondition(lambda self: self.graph.candidates)
    @rule(actor=actors, data=st.data())
    def keep(self, actor: str, data: st.DataObject) -> None:
        wanted = data.draw(st.lists(st.sampled_from(list(self.graph.candidates)), min_size=1, unique=True))
        kept = tuple(Kept(key, self.new("n"), self.new("t"), 0.0, 0.0) for key in wanted)
        self.do(actor, KeepCandidates(kept))

    @precondition(lambda self: self.graph.edges)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        self.do(
            ENGINE, AddFailedTake(Take(self.new("t"), self._pick(data, self.graph.edges), None, failure="no"))
        )

    @precondition(lambda self: self.graph.renderings)
    @rule(data=st.data(), number=numbers)
    def encode(self, data: st.DataObject, number: int) -> None:
        self.do(ENGINE, SetVideo(self._pick(data, self.graph.renderings), blob(number)))

    @precondition(lambda self: self.graph.takes)
    @rule(actor=actors, data=st.data())
    def show_take(self, actor: str, data: st.DataObject) -> None:
        take: Any = self._pick(data, self.graph.takes.values())
        if take.owner in self.graph.edges:
            self.do(actor, SetActiveTake(take.owner, take.id))

    @precondition(lambda self: any(e.active and not e.hidden for e in self.graph.edges.values()))
    @rule(actor=actors, data=st.data(), at=st.integers(1, 4))
    def branch(self, actor: str, data: st.DataObject, at: int) -> None:
        edges = [e.id for e in self.graph.edges.values() if e.active and not e.hidden]
        take: Any = self._pick(data, self.graph.takes_of(self._pick(data, edges)))
        cut = Cut(take.owner, at, (self.new("e"), self.new("e")))
        node = Node(self.new("n"), blob(at), (640, 480), pixels(at), cut=cut)
        self.do(actor, Branch(take.id, node, (self.new("t"), self.new("t"))))

    @precondition(lambda self: self.graph.nodes or self.graph.boards)
    @rule(actor=actors, data=st.data())
    def delete(self, actor: str, data: st.DataObject) -> None:
        rows = [
            r.id
            for r in self.graph.rows()
            if isinstance(r, Node | Edge | Board | Sequence | Candidate | Note)
        ]
        ids = data.draw(st.lists(st.sampled_from(rows), min_size=1, max_size=2))
        self.do(actor, Delete(tuple(ids)))

    @precondition(lambda self: any(n.cut for n in self.graph.nodes.values()))
    @rule(actor=actors, data=st.data())
    def heal(self, actor: str, data: st.DataObject) -> None:
        self.do(
            actor, Delete((self._pick(data, [n.id for n in self.graph.nodes.values() if n.cut]),), heal=True)
        )

    @rule(actor=actors)
    def undo(self, actor: str) -> None:
        self.take_back(actor, redo=False)

    @rule(actor=actors)
    def redo(self, actor: str) -> None:
        self.take_back(actor, redo=True)

    @invariant()
    def integrity(self) -> None:
        check_integrity(self.graph)


REFUSALS = (BadInput, ChangeRefused)
"""What a change or an undo may answer with."""
