"""A node becomes a loop: a variation of it, an edge there, an edge back, and the sequence that walks both.

The film ends on the picture it began with. Each edge passes at even time and both take as long, so nothing says where
the round begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from forkframe.jobs.job import WANTED, Request
from forkframe.model.changes import AddNodes
from forkframe.model.codec import to_json
from forkframe.model.entities import Edge, Node, Step
from forkframe.model.entities import Sequence as SavedSequence
from forkframe.model.graph import Graph
from forkframe.model.ids import NodeId, new_edge_id, new_sequence_id
from forkframe.model.recipe import Input, Recipe
from forkframe.studio.desk import Desk
from forkframe.studio.pictures import (
    PicturesKind,
    free_below,
    fresh_recipes,
    near_node,
    shown_node,
    with_missing,
)
from forkframe.studio.renders import Wish, frame_of

LOOP = "loop"
"""The kind of jobs that add a loop when its variation is rendered."""


class LoopKind(PicturesKind):
    """Adds the variation, both edges and the sequence, in one change by whoever asked."""

    def _placed(self, graph: Graph, recipes: Sequence[Recipe], request: Request) -> AddNodes:
        frames = cast("int", request.body["frames"])
        return _loop(graph, recipes[0], NodeId(str(request.body["near"])), frames)


def loop_request(
    desk: Desk, node: Node, *, engine: str, parameters: Mapping[str, object], seconds: float
) -> tuple[Request, tuple[Request, ...]]:
    """What has to be asked for so that a node becomes a loop of `seconds`, and what has to be rendered first.

    Raises:
        BadInput: it is too short to have a frame between its pictures.
        EngineUnavailable, BadParameter: the engine can't vary like that.
    """

    def ask(graph: Graph) -> tuple[Request, tuple[Request, ...]]:
        frames = frame_of(graph).frames_in(seconds / 2)
        wish = Wish(engine, "vary", (Input("image", node.framed),), parameters)
        recipes = fresh_recipes(graph, wish, 1)
        body = {"near": node.id, "frames": frames, "recipes": to_json(recipes)}
        title = f"loop {node.label or node.id}"
        request = Request(LOOP, title, node.id, body, lane="owner", actor=desk.actor, priority=WANTED)
        return with_missing(graph, request, recipes)

    return desk.store.read(ask)


def _loop(graph: Graph, recipe: Recipe, key: NodeId, frames: int) -> AddNodes:
    """The variation below its original, an edge to it and one back, each of `frames` frames, and their sequence.

    Raises:
        Gone: the node was deleted meanwhile.
    """
    near = near_node(graph, key)
    rendering = graph.rendering_for(recipe.content_key)
    assert rendering is not None
    label = f"{near.label}, varied" if near.label else ""
    node, take = shown_node(rendering, x=near.x, y=free_below(graph, near.y, (near.x,)), label=label)
    there, back = (
        Edge(new_edge_id(), a.id, b.id, frames, label=f"{near.label}, {way}" if near.label else "")
        for a, b, way in ((near, node, "there"), (node, near, "back"))
    )
    name = _unused(graph, f"{near.label or near.id}, loop")
    sequence = SavedSequence(new_sequence_id(), name, (Step(there.id), Step(back.id)))
    return AddNodes((node,), (take,), edges=(there, back), sequences=(sequence,))


def _unused(graph: Graph, name: str) -> str:
    """The name, with a number where a sequence is called so already."""
    taken = {sequence.name for sequence in graph.sequences.values()}
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name} {number}"
    return found
