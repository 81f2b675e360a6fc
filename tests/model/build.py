"""Small rows for tests, named by plain strings."""

from __future__ import annotations

from forkframe.model.changes import Change, MoveNodes, plan
from forkframe.model.delta import Delta
from forkframe.model.entities import Cut, Edge, Entity, Node, Rendering, Sequence, Step, Take
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import BlobHash, EdgeId, NodeId, PixelHash, RenderingId, SequenceId, TakeId
from forkframe.model.recipe import Input, Recipe


def blob(number: int) -> BlobHash:
    """A made-up hash of a file."""
    return BlobHash(f"{number:064x}")


def pixels(number: int) -> PixelHash:
    """A made-up hash of pixels."""
    return PixelHash(f"{number:064x}")


def recipe(number: int = 0, *, frames: int = 25) -> Recipe:
    """A recipe; another one for each number."""
    return Recipe(
        operation="transition",
        algorithm="fake.transition@1",
        schema=1,
        parameters={"softness": 0.25, "mode": "melt", "points": [[0, 1]]},
        inputs=(Input("first", pixels(1)), Input("last", pixels(2), weight=0.5)),
        frame=Frame(),
        frames=frames,
        seed=number,
    )


def node(key: str, *, x: float = 0.0, y: float = 0.0, label: str = "", cut: Cut | None = None) -> Node:
    """A node."""
    return Node(NodeId(key), blob(1), (640, 480), pixels(1), x=x, y=y, label=label, cut=cut)


def edge(key: str, source: str, target: str, *, frames: int = 25, active: str | None = None) -> Edge:
    """An edge."""
    shown = None if active is None else TakeId(active)
    return Edge(EdgeId(key), NodeId(source), NodeId(target), frames, active=shown)


def rendering(key: str, number: int = 0, *, frames: int = 25) -> Rendering:
    """A rendering of `recipe(number)`."""
    return Rendering(RenderingId(key), recipe(number, frames=frames), field=blob(3))


def take(key: str, owner: str, made: str | None, *, last: int = 24) -> Take:
    """A take of an edge, from frame 0 to `last`."""
    shown = None if made is None else RenderingId(made)
    return Take(TakeId(key), EdgeId(owner), shown, 0, last, (pixels(1), pixels(1)))


def sequence(key: str, *steps: Step) -> Sequence:
    """A sequence called "a film"."""
    return Sequence(SequenceId(key), "a film", steps)


def step(key: str, *, reverse: bool = False, pinned: str | None = None) -> Step:
    """A step over an edge."""
    return Step(EdgeId(key), reverse, None if pinned is None else TakeId(pinned))


def moves(**places: tuple[float, float]) -> MoveNodes:
    """Nodes move to places."""
    return MoveNodes({NodeId(key): place for key, place in places.items()})


def done(graph: Graph, change: Change) -> Delta:
    """What a change did to the graph."""
    delta = plan(graph, change)
    graph.apply(delta)
    return delta


def rows_of(graph: Graph) -> dict[str, Entity]:
    """All rows by id, in their order; what two graphs have to agree on."""
    return {row.id: row for row in graph.rows()}
