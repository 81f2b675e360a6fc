"""Candidates: pictures made from a node that wait in its tray, one job each, so that they come in one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from forkframe.engines.registry import load_engine
from forkframe.errors import BadInput, NotFound
from forkframe.jobs.job import WANTED, Job, Request
from forkframe.model.entities import Board, Node
from forkframe.model.graph import Graph
from forkframe.model.ids import CandidateId, NodeId, PixelHash
from forkframe.model.names import find, find_any
from forkframe.model.recipe import Input, Operation, Recipe
from forkframe.studio.desk import Desk
from forkframe.studio.pictures import check_count
from forkframe.studio.renders import Wish, recipe_of, rendering_request

SHEET = 24
"""Drafts on a contact sheet."""
_WEAKEST, _STRONGEST = 0.2, 1.0
"""Of the variations on a contact sheet."""
_NEAR = 0.3
"""Strength of variations that are more of the same."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What candidates are made from: a node's picture, or that of a candidate in its tray."""

    node: NodeId
    pixels: PixelHash
    label: str


def origin_of(graph: Graph, name: str) -> Origin:
    """The node or candidate called `name`.

    Raises:
        NotFound: there is neither.
    """
    candidate = graph.candidates.get(CandidateId(name))
    if candidate is None:
        node = find(graph, Node, name)
        return Origin(node.id, node.framed, node.label)
    pixels = graph.renderings[candidate.rendering].pixels
    assert pixels is not None
    return Origin(candidate.node, pixels, graph.nodes[candidate.node].label)


def references_of(graph: Graph, like: str) -> tuple[PixelHash, ...]:
    """The pictures of a node, or of all nodes on a board.

    Raises:
        BadInput: the board is empty.
    """
    found = find_any(graph, like, (Node, Board))
    nodes = graph.nodes_on(found) if isinstance(found, Board) else (cast("Node", found),)
    if not nodes:
        raise BadInput(f"there is no node on board {like}", hint="move some onto it")
    return tuple(node.framed for node in nodes)


def propose(desk: Desk, wish: Wish, origin: Origin, *, count: int, label: str) -> list[Job]:
    """Asks for `count` candidates that differ in seed; without a `seed` in the wish, ones nobody has seen yet.

    Raises:
        BadInput, EngineError: the engine can't do this; nothing was asked for.
    """
    check_count(count)
    wanted = desk.control.wanted_keys(origin.node)
    recipes = desk.store.read(lambda graph: _fresh(graph, wish, count, wanted))
    return desk.queue.submit(
        *(
            desk.store.read(
                lambda graph, recipe=recipe: candidate_request(
                    graph, recipe, origin, label=label, actor=desk.actor
                )
            )
            for recipe in recipes
        )
    )


def contact_sheet(desk: Desk, origin: Origin, *, engine: str) -> list[Job]:
    """Asks for `SHEET` drafts around a picture: variations of rising strength, and looks that the engine declares.

    Raises:
        EngineUnavailable: the engine can do neither.
    """
    card = load_engine(engine).card()
    looks: Sequence[str] = ()
    if "restyle" in card.operations:
        properties = cast(
            "dict[str, dict[str, object]]", card.operations["restyle"].schema.json_schema()["properties"]
        )
        looks = cast("list[str]", properties.get("prompt", {}).get("examples", []))
        looks = _spread(looks, SHEET // 2)
    count = SHEET - len(looks) if "vary" in card.operations else 0
    jobs: list[Job] = []
    image = Input("image", origin.pixels)
    for number in range(count):
        strength = round(_WEAKEST + (_STRONGEST - _WEAKEST) * number / max(1, count - 1), 3)
        wish = Wish(engine, "vary", (image,), {"strength": strength})
        jobs += propose(desk, wish, origin, count=1, label=label_for(origin, "varied"))
    for look in looks:
        wish = Wish(engine, "restyle", (image,), {"prompt": look})
        jobs += propose(desk, wish, origin, count=1, label=label_for(origin, look))
    if not jobs:
        card.operation("vary")  # says why not
    return jobs


def _spread(names: Sequence[str], count: int) -> list[str]:
    """At most `count` names from all over a list."""
    count = min(count, len(names))
    return [names[number * len(names) // count] for number in range(count)]


def more_like(desk: Desk, candidate: str, *, count: int = 4) -> list[Job]:
    """Asks for candidates near another one: its picture, varied a little; or its own recipe rolled again.

    Raises:
        NotFound: there is no such candidate.
    """
    found = desk.store.read(lambda graph: graph.candidates.get(CandidateId(candidate)))
    if found is None:
        raise NotFound(
            f"there is no candidate {candidate}", hint="it may have been kept or discarded meanwhile"
        )
    recipe = desk.store.read(lambda graph: graph.renderings[found.rendering].recipe)
    origin = desk.store.read(lambda graph: origin_of(graph, candidate))
    if "vary" in load_engine(recipe.engine).card().operations:
        image = Input("image", origin.pixels)
        wish = Wish(recipe.engine, "vary", (image,), {"strength": _NEAR})
    else:
        wish = Wish(recipe.engine, recipe.operation, recipe.inputs, recipe.parameters)
    return propose(desk, wish, origin, count=count, label=found.label)


def candidate_request(graph: Graph, recipe: Recipe, origin: Origin, *, label: str, actor: str) -> Request:
    """The request for one candidate."""
    title = f"{recipe.operation} {origin.label or origin.node}"
    request = rendering_request(graph, recipe, title=title, subject=origin.node, priority=WANTED)
    body = {**request.body, "candidate": {"node": origin.node, "label": label}}
    return replace(request, body=body, actor=actor)


def label_for(origin: Origin, what: str) -> str:
    """What a candidate is called once it is kept."""
    return f"{origin.label}, {what}" if origin.label else what


def wish_of(
    graph: Graph,
    operation: Operation,
    origin: Origin,
    *,
    engine: str,
    parameters: dict[str, object],
    references: Sequence[PixelHash] = (),
) -> Wish:
    """What somebody wants made of a picture, checked against the engine's card.

    Raises:
        EngineUnavailable, BadInput, BadParameter: the engine can't do this.
    """
    inputs = (Input("image", origin.pixels), *(Input("style", pixels) for pixels in references))
    wish = Wish(engine, operation, inputs, parameters)
    recipe_of(graph, wish)
    return wish


def _fresh(graph: Graph, wish: Wish, count: int, wanted: set[str]) -> list[Recipe]:
    """`count` recipes; those that were made or asked for before are passed over, unless the seed is given."""
    first = recipe_of(graph, wish)
    if "seed" in wish.parameters:
        return [replace(first, seed=(first.seed + n) % 2**31) for n in range(count)]
    recipes: list[Recipe] = []
    roll = 0
    while len(recipes) < count:
        recipe = recipe_of(graph, wish, roll=roll)
        if graph.rendering_for(recipe.content_key) is None and recipe.content_key not in wanted:
            recipes.append(recipe)
        roll += 1
    return recipes
