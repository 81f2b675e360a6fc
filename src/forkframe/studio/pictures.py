"""New pictures from pictures: vary, restyle, mix and animate, each result a node with its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from forkframe.engines.registry import load_engine
from forkframe.errors import BadInput, ForkframeError, Gone
from forkframe.jobs.job import WANTED, Delivery, Job, Request
from forkframe.jobs.runner import Attempt, Others
from forkframe.model.changes import AddNodes, Change
from forkframe.model.codec import from_json, to_json
from forkframe.model.entities import Edge, Node, Rendering, Take
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, NodeId, new_edge_id, new_node_id, new_take_id
from forkframe.model.recipe import Recipe
from forkframe.studio.desk import Desk, check_done
from forkframe.studio.intake import SPACING, beside_all
from forkframe.studio.renders import Wish, edge_take, recipe_of, rendering_request

PICTURES = "pictures"
"""The kind of jobs that add pictures when they are rendered."""
MOST_AT_ONCE = 64
_CARD, _TILE, _NAME_AND_GAP = 240.0, 96.0, 64.0
"""On the canvas, in its units: widths of a picture and of an edge's film tile; what is free besides between rows."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of asking for pictures: the nodes, and the edges that lead to those that move."""

    nodes: tuple[NodeId, ...]
    edges: tuple[EdgeId, ...]


def make_pictures(
    desk: Desk,
    wish: Wish,
    *,
    near: Node | None,
    count: int = 1,
    label: str = "",
    places: Sequence[tuple[float, float]] = (),
) -> Made:
    """Renders `count` pictures that differ in seed, and adds them as nodes, in one change.

    They lie at `places` if there are any, else below `near`, else beside all others.

    With a `seed` among the wish's parameters, the pictures get that seed, the next one, and so on, and the same wish
    gives the same pictures. Without, each call gives pictures that are not on the canvas yet.

    Raises:
        BadInput, EngineError: the engine can't do this, or failed; then no node is added.
    """
    request, missing = pictures_request(desk, wish, near=near, count=count, label=label, places=places)
    job = desk.done_or_cancelled(desk.queue.submit_family(request, missing))
    made = cast("dict[str, list[str]]", job.result)
    return Made(tuple(map(NodeId, made["nodes"])), tuple(map(EdgeId, made["edges"])))


def pictures_request(
    desk: Desk,
    wish: Wish,
    *,
    near: Node | None,
    count: int,
    label: str,
    places: Sequence[tuple[float, float]] = (),
) -> tuple[Request, tuple[Request, ...]]:
    """What has to be asked for so that `count` pictures appear, and what has to be rendered first."""
    check_count(count)
    recipes = desk.store.read(lambda graph: fresh_recipes(graph, wish, count))
    of, key = (near.label or near.id, near.id) if near else (label, "")
    title = f"{wish.operation} {of}" + f" ×{count}" * (count > 1)
    body = {"near": key, "places": to_json(places), "label": label, "recipes": to_json(recipes)}
    request = Request(PICTURES, title, key, body, lane="owner", actor=desk.actor, priority=WANTED)
    return desk.store.read(lambda graph: with_missing(graph, request, recipes))


def with_missing(
    graph: Graph, request: Request, recipes: Sequence[Recipe]
) -> tuple[Request, tuple[Request, ...]]:
    """A request, priced, with those for the pictures that have to be rendered first."""
    missing = _missing(graph, recipes, request)
    price = sum(m.dollars for m in missing)
    priced = replace(request, seconds=sum(m.seconds for m in missing), dollars=price)
    return replace(priced, engine=recipes[0].engine) if price else priced, missing


def check_count(count: int) -> None:
    """Returns if so many pictures can be asked for at once.

    Raises:
        BadInput: they can't.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise BadInput(f"{count} pictures at once do not work", hint=f"ask for 1 to {MOST_AT_ONCE}")


class PicturesKind:
    """Adds pictures as nodes when they are rendered, all of them or none."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def perform(self, attempt: Attempt) -> Delivery | Others:
        """Nodes in a row, in one change by whoever asked."""
        request = attempt.job.request
        recipes = from_json(tuple[Recipe, ...], request.body["recipes"])
        missing = self._desk.store.read(lambda graph: _missing(graph, recipes, request))
        if missing:
            check_done(attempt.needs())
            return Others(missing)
        change = self._desk.store.read(lambda graph: self._placed(graph, recipes, request))
        result = {
            "nodes": [node.id for node in change.nodes],
            "edges": [edge.id for edge in change.edges],
            "sequences": [sequence.id for sequence in change.sequences],
        }
        return Delivery(change, actor=request.actor, result=result, dollars=0.0)

    def failed(self, job: Job, error: ForkframeError) -> Change | None:
        """Nothing: no node is added."""
        return None

    def _placed(self, graph: Graph, recipes: Sequence[Recipe], request: Request) -> AddNodes:
        near = near_node(graph, NodeId(str(request.body["near"]))) if request.body["near"] else None
        places = cast("list[tuple[float, float]]", request.body.get("places", []))
        return _laid_out(graph, recipes, near, places, str(request.body["label"]))


def _missing(graph: Graph, recipes: Sequence[Recipe], asked: Request) -> tuple[Request, ...]:
    """What has to be rendered first."""
    return tuple(
        rendering_request(
            graph,
            recipe,
            title=f"{asked.title} {number}" if len(recipes) > 1 else asked.title,
            subject=asked.subject,
            priority=asked.priority,
        )
        for number, recipe in enumerate(recipes, start=1)
        if graph.rendering_for(recipe.content_key) is None
    )


def fresh_recipes(graph: Graph, wish: Wish, count: int) -> list[Recipe]:
    """`count` recipes that differ in seed: from the wish's own seed on, else those that no node shows yet."""
    seed = wish.parameters.get("seed")
    if seed is not None:
        first = recipe_of(graph, wish)
        return [replace(first, seed=(first.seed + n) % 2**31) for n in range(count)]
    shown = {take.rendering for node in graph.nodes.values() for take in graph.takes_of(node.id)}
    recipes: list[Recipe] = []
    roll = 0
    while len(recipes) < count:
        recipe = recipe_of(graph, wish, roll=roll)
        rendering = graph.rendering_for(recipe.content_key)
        if rendering is None or rendering.id not in shown:
            recipes.append(recipe)
        roll += 1
    return recipes


def _laid_out(
    graph: Graph,
    recipes: Sequence[Recipe],
    near: Node | None,
    places: Sequence[tuple[float, float]],
    label: str,
) -> AddNodes:
    """Nodes, each with the take that made it: at `places`, or in a row below `near`, or beside all others.

    To what moves there from `near` an edge leads that shows it.
    """
    renderings = [found for r in recipes if (found := graph.rendering_for(r.content_key)) is not None]
    places = places or _row(graph, near, len(renderings))
    nodes: list[Node] = []
    takes: list[Take] = []
    edges: list[Edge] = []
    for number, rendering in enumerate(renderings):
        words = f"{label} {number + 1}" if label and len(renderings) > 1 else label
        node, take = shown_node(rendering, x=places[number][0], y=places[number][1], label=words)
        nodes.append(node)
        takes.append(take)
        if rendering.frames > 1 and near is not None:
            engine = rendering.recipe.engine
            edge = Edge(new_edge_id(), near.id, node.id, rendering.frames, engine=engine, label=label)
            shows = edge_take(rendering, edge.id, load_engine(engine).card().tier)
            edges.append(replace(edge, active=shows.id))
            takes.append(shows)
    return AddNodes(tuple(nodes), tuple(takes), edges=tuple(edges), frame=None if near else recipes[0].frame)


def _row(graph: Graph, near: Node | None, count: int) -> list[tuple[float, float]]:
    width = SPACING * (count - 1)
    if near is None:
        left, y = beside_all(graph), 0.0
    else:
        left = near.x - width / 2
        y = free_below(graph, near.y, (left, left + width))
    return [(left + SPACING * number, y) for number in range(count)]


def near_node(graph: Graph, key: NodeId) -> Node:
    """The node that pictures are added near.

    Raises:
        Gone: it was deleted meanwhile.
    """
    near = graph.nodes.get(key)
    if near is None:
        raise Gone(f"node {key} was deleted meanwhile", hint="undo brings it back; then retry")
    return near


def free_below(graph: Graph, y: float, columns: Sequence[float]) -> float:
    """The first row below `y` with nothing in it from the first to the last of the columns, in canvas units.

    Between rows there is room for a picture's name and for the film tile of an edge that joins them.
    """
    frame = graph.settings.frame
    shape = frame.height / frame.width if frame else 9 / 16
    height = (_CARD + _TILE) * shape + _NAME_AND_GAP
    low, high = min(columns) - SPACING / 2, max(columns) + SPACING / 2
    taken = [n.y for n in graph.nodes.values() if low < n.x < high]
    y += height
    while any(abs(other - y) < height * 0.9 for other in taken):
        y += height
    return y


def shown_node(rendering: Rendering, *, x: float, y: float, label: str) -> tuple[Node, Take]:
    """A node that shows a rendering, and the take that says so."""
    assert rendering.picture is not None
    assert rendering.pixels is not None
    key = new_node_id()
    take = Take(new_take_id(), key, rendering.id)
    node = Node(
        id=key,
        picture=rendering.picture,
        size=rendering.recipe.frame.size,
        framed=rendering.pixels,
        x=x,
        y=y,
        label=label,
        active=take.id,
    )
    return node, take
