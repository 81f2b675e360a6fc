"""Edges: their drafts, rendered in the background, and branching."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from forkframe.engines.registry import load_engine
from forkframe.errors import BadInput, Cancelled, ForkframeError, Gone, RenderFailed
from forkframe.jobs.job import Job, Request
from forkframe.jobs.pool import Answer
from forkframe.model.changes import AddEdge, AddRendering, Branch, Envelope, SetActiveTake
from forkframe.model.delta import Delta
from forkframe.model.entities import Cut, Edge, Node, Rendering, Take
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, PixelHash, TakeId, new_edge_id, new_node_id, new_take_id
from forkframe.model.recipe import Input
from forkframe.store import Committed
from forkframe.studio.desk import Desk
from forkframe.studio.renders import (
    RENDERING,
    Wish,
    edge_take,
    frame_of,
    recipe_of,
    rendering_request,
    take_of,
)
from forkframe.studio.views import is_stale


class Drafts:
    """Renders edges' drafts by jobs; a finished one lands as the edge's take."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def request(self, key: EdgeId) -> Request | None:
        """What has to be asked for so that the edge has a take that fits its pictures and length; None if it has one.

        Raises:
            Gone: the edge was deleted.
            ForkframeError: its engine can't render it.
        """
        return self._desk.store.read(lambda graph: draft_request(graph, _edge(graph, key)))

    def add(self, edge: Edge) -> None:
        """Adds an edge together with the job that renders its draft, so that there is never one without the other.

        Raises:
            ForkframeError: its engine can't render it, or a node is gone; nothing was added.
        """
        self.add_as(self._desk.envelope(AddEdge(edge)), edge)

    def add_as(self, change: Envelope, edge: Edge) -> Committed:
        """As `add`, by an envelope that somebody made."""
        known = self._desk.store.read(lambda graph: edge.id in graph.edges)  # sent twice, then
        request = None if known else self._desk.store.read(lambda graph: draft_request(graph, edge))
        if request and not self._desk.graph.rendering_for(request.content_key):
            self._desk.queue.submit(request, change=change)
            return replace(self._desk.store.commit(change), repeated=False)  # the answer it got just now
        committed = self._desk.store.commit(change)
        if not committed.repeated:
            self.start(edge.id)
        return committed

    def renew(self, delta: Delta) -> None:
        """Asks for drafts in place of those that a change made stale, and for edges that came back without one."""
        touched = {edit.id for edit in delta if isinstance(edit.after, Edge)}
        for edit in delta:
            if isinstance(edit.after, Node):
                touched |= {edge.id for edge in self._desk.graph.edges_of(edit.after.id)}
        stale = self._desk.store.read(
            lambda graph: [key for key in sorted(touched) if _wants_draft(graph, EdgeId(key))]
        )
        for key in stale:
            with suppress(ForkframeError):  # such as an engine that is not there any more: the old take stays
                self.start(EdgeId(key))

    def start(self, key: EdgeId) -> Job | None:
        """The job that renders the edge's draft; None if there is nothing to render. Raises as `request` does."""
        request = self.request(key)
        if request is None:
            return None
        if not self.show_known(key, request.content_key):
            return self._desk.queue.submit(request)[0]
        return None

    def show_known(self, key: EdgeId, content_key: str) -> bool:
        """Whether there is a rendering with that key; if so, the edge shows it now."""
        rendering = self._desk.store.read(lambda graph: graph.rendering_for(content_key))
        if rendering is not None:
            shown = self._desk.store.read(lambda graph: take_of(graph, key, rendering))
            if shown is not None:
                self._desk.commit(SetActiveTake(key, shown.id), by_engine=True)
                return True
            tier = load_engine(rendering.recipe.engine).card().tier
            self._desk.commit(AddRendering(rendering, edge_take(rendering, key, tier)), by_engine=True)
        return rendering is not None

    def wait(self, key: EdgeId, timeout: float | None = None) -> Take:
        """The edge's take that fits its pictures and length as they are then, rendered if need be; again if it failed.

        Raises:
            RenderFailed: the engine failed; the reason is kept with the edge.
            TimeoutError: it is not done after `timeout` seconds.
            Cancelled: the edge was deleted, or the job cancelled, meanwhile.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            job = self.start(key)
            if job is None:
                take = self._desk.store.read(lambda graph: fitting(graph, _edge(graph, key)))
                if take:
                    return take
                continue  # its pictures changed this very moment
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                self._desk.done(job, left)
            except Cancelled:
                wanted = self.request(key) if key in self._desk.graph.edges else None
                if wanted is None:
                    raise
                again = self._desk.control.wanted_keys(key)  # such as after undo and redo
                if wanted.content_key == job.request.content_key and wanted.content_key not in again:
                    raise

    def drop_orphans(self) -> None:
        """Cancels the drafts of edges that are not there any more, but for those that a provider was asked for."""
        self._desk.control.cancel_orphans(
            RENDERING, "e", lambda keys: self._desk.store.read(lambda graph: keys & graph.edges.keys())
        )


def _wants_draft(graph: Graph, key: EdgeId) -> bool:
    edge = graph.edges.get(key)
    if edge is None or edge.hidden:
        return False
    shown = graph.takes.get(edge.active) if edge.active else None
    if shown is None:
        return not graph.takes_of(key)
    return shown.tier == "draft" and is_stale(graph, edge, shown)


def edge_request(graph: Graph, edge: Edge, *, engine: str, parameters: Mapping[str, object]) -> Request:
    """What has to be asked for so that an edge has one more take: with a seed that one, else a roll nobody has seen.

    Raises:
        EngineUnavailable, BadInput, BadParameter: the engine can't render it.
    """
    wish = Wish(engine, "transition", inputs_of(graph, edge, engine), parameters, edge.frames)
    roll = edge.roll
    recipe = recipe_of(graph, wish, roll=roll)
    shown = {take.rendering for take in graph.takes_of(edge.id)}
    while (
        (known := graph.rendering_for(recipe.content_key)) and known.id in shown and "seed" not in parameters
    ):
        roll += 1
        recipe = recipe_of(graph, wish, roll=roll)
    return rendering_request(graph, recipe, title=title_of(graph, edge), subject=edge.id, edge=edge.id)


def draft_request(graph: Graph, edge: Edge) -> Request | None:
    """What has to be asked for so that an edge has a take that fits it; None if it has one."""
    if not {edge.source, edge.target} <= graph.nodes.keys():
        raise Gone(f"a node of edge {edge.id} was deleted", hint="undo brings it back")
    if fitting(graph, edge):
        return None
    inputs = inputs_of(graph, edge, edge.engine)
    wish = Wish(edge.engine, "transition", inputs, edge.parameters, edge.frames)
    recipe = recipe_of(graph, wish, roll=edge.roll)
    return rendering_request(graph, recipe, title=title_of(graph, edge), subject=edge.id, edge=edge.id)


def inputs_of(graph: Graph, edge: Edge, engine: str) -> tuple[Input, ...]:
    """What an engine is given to render an edge: the pictures of its nodes, and whose motion, if the engine can follow one."""
    ends = Input("first", graph.nodes[edge.source].framed), Input("last", graph.nodes[edge.target].framed)
    card = load_engine(engine).card().operations.get("transition")
    follows = card is not None and "motion" in card.inputs
    return (*ends, *(Input("motion", pixels) for pixels in edge.motion if follows))


def title_of(graph: Graph, edge: Edge) -> str:
    """An edge, for people."""
    ends = (graph.nodes[edge.source], graph.nodes[edge.target])
    return edge.label or " to ".join(node.label or node.id for node in ends)


def fitting(graph: Graph, edge: Edge) -> Take | None:
    """The take that is shown, if it fits the edge as it is now."""
    take = graph.takes.get(edge.active) if edge.active else None
    return take if take and not is_stale(graph, edge, take) else None


def _edge(graph: Graph, key: EdgeId) -> Edge:
    edge = graph.edges.get(key)
    if edge is None:
        raise Gone(f"edge {key} was deleted", hint="undo brings it back")
    return edge


def draw_frames(
    desk: Desk, rendering: Rendering, indices: Sequence[int], *, side: int | None, subject: str
) -> list[tuple[bytes, PixelHash]]:
    """Single frames of a rendering as PNG files with the hashes of their pixels, whole or `side` pixels long."""

    def finish(answer: Callable[[], Answer]) -> list[tuple[bytes, PixelHash]]:
        drawn = cast("list[dict[str, str]]", answer()["drawn"])
        return [(Path(d["path"]).read_bytes(), PixelHash(d["pixels"])) for d in drawn]

    arguments = {
        "source": source_of(desk, rendering),
        "frames": rendering.frames,
        "indices": list(indices),
        "side": side,
    }
    return desk.start("drawing", subject, arguments, finish).result()


def source_of(desk: Desk, rendering: Rendering) -> dict[str, str]:
    """What frames of a rendering are read from: its field and pictures, else its video."""
    blobs = desk.store.blobs
    if rendering.field and rendering.ends:
        first, last = rendering.ends
        paths = desk.images(first, last)
        return {"field": str(blobs.path(rendering.field)), "first": paths[first], "last": paths[last]}
    assert rendering.video is not None
    return {"video": str(blobs.path(rendering.video))}


def branch_edge(desk: Desk, take: Take, at: int, *, label: str) -> Node:
    """Cuts the edge that shows `take` at frame `at` of it, rendering nothing; the frame becomes a node halfway between the edge's nodes.

    Raises:
        BadInput: `at` is the first or last frame.
    """
    graph = desk.graph
    edge = graph.edges[EdgeId(take.owner)]
    length = take.last - take.first
    if not 0 < at < length:
        raise BadInput(
            f"“{title_of(graph, edge)}” can't be branched at frame {at}, one of its ends",
            hint=f"it has frames 0 to {length}: branch at one of 1 to {length - 1}",
        )
    assert take.rendering is not None
    rendering = graph.renderings[take.rendering]
    ((png, pixels),) = draw_frames(desk, rendering, [take.first + at], side=None, subject=edge.id)
    blob = desk.store.blobs.put_picture(png, pixels)
    source, target = graph.nodes[edge.source], graph.nodes[edge.target]
    share = at / length
    seconds = at / float(frame_of(graph).fps)
    node = Node(
        new_node_id(),
        picture=blob,
        size=frame_of(graph).size,
        framed=pixels,
        x=source.x + (target.x - source.x) * share,
        y=source.y + (target.y - source.y) * share,
        label=label or f"{title_of(graph, edge)}, {seconds:.2f} s",
        cut=Cut(edge.id, at, (new_edge_id(), new_edge_id())),
    )
    desk.commit(Branch(TakeId(take.id), node, (new_take_id(), new_take_id())))
    return node


def frame_number(edge: Edge, take: Take, at: float | str, seconds_to_frames: Callable[[float], int]) -> int:
    """The frame that `at` names: a share 0–1 of the edge, or seconds such as `1.5s`.

    Raises:
        BadInput: it is neither.
    """
    text = str(at).strip()
    try:
        value = float(text.removesuffix("s"))
    except ValueError:
        raise BadInput(
            f"{text!r} is no place in an edge", hint="use 0 to 1, such as 0.5, or seconds such as 1.5s"
        ) from None
    if math.isfinite(value) and text.endswith("s"):
        return seconds_to_frames(value)
    if not 0 <= value <= 1:
        raise BadInput(
            f"{value:g} is outside edge {edge.id}", hint="use 0 to 1, such as 0.5, or seconds such as 1.5s"
        )
    return round(value * (take.last - take.first))


def failure_of(edge: Edge, takes: Sequence[Take]) -> RenderFailed | None:
    """The error for an edge all of whose takes failed."""
    if edge.active or not takes:
        return None
    return RenderFailed(
        f"edge {edge.id} has no finished take: {takes[-1].failure}",
        hint="connect its nodes again, with other parameters or another engine",
    )
