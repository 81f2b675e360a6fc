"""New pictures from pictures: vary, restyle and mix, each result a node with its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forkframe.errors import BadInput
from forkframe.jobs.pool import abandon
from forkframe.model.changes import AddNodes
from forkframe.model.entities import Node, Rendering, Take
from forkframe.model.graph import Graph
from forkframe.model.ids import new_node_id, new_take_id
from forkframe.model.recipe import Recipe
from forkframe.studio.desk import Desk
from forkframe.studio.intake import SPACING
from forkframe.studio.renders import Renders, Wish, frame_of, recipe_of

MOST_AT_ONCE = 64


def make_pictures(
    desk: Desk, renders: Renders, wish: Wish, *, near: Node, count: int = 1, label: str = ""
) -> list[Node]:
    """Renders `count` pictures that differ in seed, and adds them below `near` as nodes, in one change.

    With a `seed` among the wish's parameters, the pictures get that seed, the next one, and so on, and the same wish
    gives the same pictures. Without, each call gives pictures that are not on the canvas yet.

    Raises:
        BadInput, EngineError: the engine can't do this, or failed; then no node is added.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise BadInput(f"{count} pictures at once do not work", hint=f"ask for 1 to {MOST_AT_ONCE}")
    recipes = desk.store.read(lambda graph: _recipes(graph, wish, count))
    works = {
        recipe.content_key: renders.start(recipe, f"{near.label or near.id} {number} of {count}")
        for number, recipe in enumerate(recipes, start=1)
        if desk.graph.rendering_for(recipe.content_key) is None
    }
    try:
        made = {key: work.result() for key, work in works.items()}
    except BaseException:
        abandon(works.values())
        raise
    keys = [recipe.content_key for recipe in recipes]
    nodes, takes = desk.store.read(
        lambda graph: _placed(graph, [made.get(key) or _finished(graph, key) for key in keys], near, label)
    )
    desk.commit(AddNodes(nodes, takes))
    return list(nodes)


def _recipes(graph: Graph, wish: Wish, count: int) -> list[Recipe]:
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


def _finished(graph: Graph, content_key: str) -> Rendering:
    rendering = graph.rendering_for(content_key)
    assert rendering is not None, "renderings are never deleted"
    return rendering


def _placed(
    graph: Graph, renderings: Sequence[Rendering], near: Node, label: str
) -> tuple[tuple[Node, ...], tuple[Take, ...]]:
    """Nodes in a row below `near`, below what is there already, each with the take that made it."""
    frame = frame_of(graph)
    height = SPACING * 0.75
    left = near.x - SPACING * (len(renderings) - 1) / 2
    taken = [
        n.y
        for n in graph.nodes.values()
        if left - SPACING / 2 < n.x < left + SPACING * (len(renderings) - 0.5)
    ]
    y = near.y + height
    while any(abs(other - y) < height * 0.9 for other in taken):
        y += height
    nodes: list[Node] = []
    takes: list[Take] = []
    for place, rendering in enumerate(renderings):
        assert rendering.picture is not None
        assert rendering.pixels is not None
        key = new_node_id()
        take = Take(new_take_id(), key, rendering.id)
        node = Node(
            id=key,
            picture=rendering.picture,
            size=frame.size,
            framed=rendering.pixels,
            x=left + SPACING * place,
            y=y,
            label=label if len(renderings) == 1 or not label else f"{label} {place + 1}",
            active=take.id,
        )
        takes.append(take)
        nodes.append(node)
    return tuple(nodes), tuple(takes)
