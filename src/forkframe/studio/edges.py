"""Edges: their drafts, what is shown of them, and cutting them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from forkframe.errors import BadInput, ForkframeError, Gone, RenderFailed
from forkframe.jobs.pool import Answer, Work
from forkframe.model.changes import AddFailedTake, AddRendering, Branch
from forkframe.model.entities import Cut, Edge, Node, Rendering, Take
from forkframe.model.ids import EdgeId, PixelHash, TakeId, new_edge_id, new_node_id, new_take_id
from forkframe.model.recipe import Input, Recipe
from forkframe.studio.desk import Desk
from forkframe.studio.renders import Renders, Wish, frame_of, recipe_of
from forkframe.studio.views import is_stale


@dataclass(frozen=True, slots=True)
class _Landing:
    """A draft on its way: the work in a worker, and the take it will be."""

    work: Work[Rendering]
    take: Future[Take]


class Drafts:
    """Renders edges' drafts in the background, one for each edge at a time; a finished one lands as the edge's take."""

    def __init__(self, desk: Desk, renders: Renders) -> None:
        self._desk = desk
        self._renders = renders
        self._lock = threading.Lock()
        self._landing: dict[EdgeId, _Landing] = {}

    def start(self, key: EdgeId) -> Future[Take]:
        """The edge's take: the one that fits its pictures and length, or the one that is on its way.

        Raises:
            Gone: the edge was deleted.
            ForkframeError: its engine can't render it, or it could not be started.
        """
        with self._lock:
            if key in self._landing:
                return self._landing[key].take
            take: Future[Take] = Future()
            edge = self._edge(key)
            if fitting := self.fitting(edge):
                take.set_result(fitting)
                return take
            recipe = self._recipe(edge)
            if rendering := self._desk.graph.rendering_for(recipe.content_key):
                take.set_result(self._shown(key, rendering))
                return take
            work = self._renders.start(recipe, key)
            self._landing[key] = _Landing(work, take)
        work.when_done(lambda: self._land(key, work, take))
        return take

    def wait(self, key: EdgeId, timeout: float | None = None) -> Take:
        """The edge's take that fits its pictures and length as they are then, rendered if need be; again if it failed.

        Raises:
            RenderFailed: the engine failed; the reason is kept with the edge.
            TimeoutError: it is not done after `timeout` seconds.
            Cancelled: the edge was deleted, or the workspace closed, meanwhile.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            self.start(key).result(left)
            if take := self.fitting(self._edge(key)):  # its pictures may have changed while it was rendered
                return take

    def drop_orphans(self) -> None:
        """Cancels the drafts of edges that are not there any more."""
        with self._lock:
            orphans = [landing for key, landing in self._landing.items() if key not in self._desk.graph.edges]
        for landing in orphans:
            landing.work.cancel()

    def finish_all(self) -> None:
        """Waits until all drafts on their way have landed; failures are kept with their edges."""
        with self._lock:
            takes = [landing.take for landing in self._landing.values()]
        wait(takes)

    def _land(self, key: EdgeId, work: Work[Rendering], landing: Future[Take]) -> None:
        """Shows what came of the work; whatever happens, whoever waits for the landing is told."""
        try:
            take = self._shown(key, work.result())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            if isinstance(error, ForkframeError):
                failed = Take(new_take_id(), key, None, failure=error.message)
                with suppress(ForkframeError):  # the edge may be gone, or the disk full
                    self._desk.commit(AddFailedTake(failed), by_engine=True)
            self._forget(key)
            landing.set_exception(error)
        else:
            self._forget(key)
            landing.set_result(take)

    def _forget(self, key: EdgeId) -> None:
        with self._lock:
            self._landing.pop(key, None)

    def fitting(self, edge: Edge) -> Take | None:
        """The take that is shown, if it fits the edge as it is now."""
        take = self._desk.graph.takes.get(edge.active) if edge.active else None
        return take if take and not is_stale(self._desk.graph, edge, take) else None

    def _edge(self, key: EdgeId) -> Edge:
        edge = self._desk.graph.edges.get(key)
        if edge is None:
            raise Gone(f"edge {key} was deleted", hint="undo brings it back")
        return edge

    def _recipe(self, edge: Edge) -> Recipe:
        nodes = self._desk.graph.nodes
        inputs = (Input("first", nodes[edge.source].framed), Input("last", nodes[edge.target].framed))
        wish = Wish(edge.engine, "transition", inputs, edge.parameters, edge.frames)
        return recipe_of(self._desk.graph, wish, roll=edge.roll)

    def _shown(self, key: EdgeId, rendering: Rendering) -> Take:
        take = Take(
            new_take_id(),
            key,
            rendering.id,
            last=rendering.frames - 1,
            ends=tuple(i.pixels for i in rendering.recipe.inputs),
        )
        self._desk.commit(AddRendering(rendering, take), by_engine=True)
        if take.id not in self._desk.graph.takes:
            raise Gone(f"edge {key} was deleted while it was rendered", hint="undo brings it back")
        return take


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
    if rendering.field:
        paths = desk.images(*(i.pixels for i in rendering.recipe.inputs))
        ends = {i.role: paths[i.pixels] for i in rendering.recipe.inputs}
        return {"field": str(blobs.path(rendering.field)), **ends}
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
            f"edge {edge.id} can't be branched at frame {at}, one of its ends",
            hint=f"it has frames 0 to {length}: branch at one of 1 to {length - 1}",
        )
    assert take.rendering is not None
    rendering = graph.renderings[take.rendering]
    ((png, pixels),) = draw_frames(desk, rendering, [take.first + at], side=None, subject=edge.id)
    blob = desk.store.blobs.put(png)
    desk.store.blobs.keep_pixels(png, pixels)
    source, target = graph.nodes[edge.source], graph.nodes[edge.target]
    share = at / length
    node = Node(
        new_node_id(),
        picture=blob,
        size=frame_of(graph).size,
        framed=pixels,
        x=source.x + (target.x - source.x) * share,
        y=source.y + (target.y - source.y) * share,
        label=label,
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
