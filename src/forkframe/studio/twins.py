"""An edge restyled: both its pictures in another style, and an edge between them that moves as the first one does.

Nothing is drawn frame by frame, so nothing flickers: the new edge has the old one's field between new pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from forkframe.errors import BadInput, Gone
from forkframe.jobs.job import WANTED, Request
from forkframe.model.changes import AddNodes
from forkframe.model.codec import to_json
from forkframe.model.entities import Edge, Rendering
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, PixelHash, new_edge_id
from forkframe.model.recipe import Input, Recipe
from forkframe.studio.desk import Desk
from forkframe.studio.edges import title_of
from forkframe.studio.pictures import PicturesKind, free_below, fresh_recipes, shown_node, with_missing
from forkframe.studio.renders import Wish, recipe_of

TWIN = "twin"
"""The kind of jobs that add a restyled edge when its pictures are rendered."""


class TwinKind(PicturesKind):
    """Adds both pictures and the edge between them, in one change by whoever asked."""

    def _placed(self, graph: Graph, recipes: Sequence[Recipe], request: Request) -> AddNodes:
        return _twin(graph, recipes, EdgeId(str(request.body["edge"])), str(request.body["label"]))


def twin_request(
    desk: Desk,
    edge: Edge,
    *,
    engine: str,
    parameters: Mapping[str, object],
    references: Sequence[PixelHash],
    label: str,
) -> tuple[Request, tuple[Request, ...]]:
    """What has to be asked for so that an edge gets a restyled twin, and what has to be rendered first.

    Raises:
        BadInput: the edge shows a video that is not the built-in engine's.
        EngineUnavailable, BadParameter: the engine can't restyle like that.
    """

    def ask(graph: Graph) -> tuple[Request, tuple[Request, ...]]:
        rendering = _moves(graph, edge)
        if rendering is not None and rendering.field is None:
            raise BadInput(
                f"“{title_of(graph, edge)}” shows a video of {rendering.recipe.engine}, whose motion nothing can follow yet",
                hint="restyle its pictures, or an edge that shows a morph of the built-in engine",
            )
        styles = tuple(Input("style", pixels) for pixels in references)
        ends = [graph.nodes[key].framed for key in (edge.source, edge.target)]
        wishes = [Wish(engine, "restyle", (Input("image", end), *styles), parameters) for end in ends]
        first = fresh_recipes(graph, wishes[0], 1)[0]
        last = replace(recipe_of(graph, wishes[1]), seed=first.seed, roll=first.roll)  # one hand draws both
        title = f"restyle {title_of(graph, edge)}"
        body = {"edge": edge.id, "label": label, "recipes": to_json((first, last))}
        request = Request(TWIN, title, edge.id, body, lane="owner", actor=desk.actor, priority=WANTED)
        return with_missing(graph, request, (first, last))

    return desk.store.read(ask)


def _twin(graph: Graph, recipes: Sequence[Recipe], key: EdgeId, label: str) -> AddNodes:
    """Both restyled pictures, each below its original, and the edge between them.

    Raises:
        Gone: the edge, or one of its nodes, was deleted meanwhile.
    """
    edge = graph.edges.get(key)
    if edge is None or not {edge.source, edge.target} <= graph.nodes.keys():
        raise Gone(f"edge {key} was deleted meanwhile", hint="undo brings it back; then retry")
    ends = [graph.nodes[end] for end in dict.fromkeys((edge.source, edge.target))]
    shown = [
        shown_node(
            rendering,
            x=end.x,
            y=free_below(graph, end.y, (end.x,)),
            label=f"{end.label}, {label}" if end.label else "",
        )
        for end, recipe in zip(ends, recipes, strict=False)
        if (rendering := graph.rendering_for(recipe.content_key)) is not None
    ]
    nodes, takes = zip(*shown, strict=True)
    twin = Edge(
        new_edge_id(),
        nodes[0].id,
        nodes[-1].id,
        edge.frames,
        label=f"{title_of(graph, edge)}, {label}",
    )
    rendering = _moves(graph, edge)
    if rendering is not None and rendering.ends is not None:
        recipe = rendering.recipe
        own = tuple(i.pixels for i in recipe.inputs if i.role == "motion")
        asked = recipe.parameters if recipe.operation == "transition" else {}
        twin = replace(twin, motion=own or rendering.ends, parameters={**asked, "seed": recipe.seed})
    return AddNodes(nodes, takes, edges=(twin,))


def _moves(graph: Graph, edge: Edge) -> Rendering | None:
    """The rendering that an edge shows the whole of; None while it shows none, or a part of one."""
    take = graph.takes.get(edge.active) if edge.active else None
    if take is None or take.rendering is None:
        return None
    rendering = graph.renderings[take.rendering]
    return rendering if (take.first, take.last) == (0, rendering.frames - 1) else None
