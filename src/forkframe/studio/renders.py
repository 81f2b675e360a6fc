"""Renderings: a recipe is performed once, by a job; whoever asks for it again gets the same rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from forkframe.engines.registry import load_engine
from forkframe.errors import BadInput, Cancelled, ForkframeError
from forkframe.jobs.job import NORMAL, Delivery, Job, Request
from forkframe.jobs.pool import Answer
from forkframe.jobs.runner import Attempt
from forkframe.model.changes import AddFailedTake, AddRendering, Change, SetActiveTake
from forkframe.model.codec import from_json, to_json
from forkframe.model.entities import Candidate, Rendering, Take, Tier
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import (
    BlobHash,
    EdgeId,
    NodeId,
    PixelHash,
    new_candidate_id,
    new_rendering_id,
    new_take_id,
)
from forkframe.model.recipe import Input, Operation, Recipe, default_seed
from forkframe.studio.desk import Desk
from forkframe.studio.views import is_stale

RENDERING = "rendering"
"""The kind of jobs that perform a recipe."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of an engine, before it is a recipe.

    Attributes:
        parameters: those that were given; the schema's defaults fill in the rest. `seed` may be among them.
        frames: 1 for a picture.
    """

    engine: str
    operation: Operation
    inputs: tuple[Input, ...]
    parameters: Mapping[str, object]
    frames: int = 1


def frame_of(graph: Graph) -> Frame:
    """The workspace's frame.

    Raises:
        BadInput: it has none yet.
    """
    if graph.settings.frame is None:
        raise BadInput("the workspace has no pictures yet", hint="add one first")
    return graph.settings.frame


def _first_frame(graph: Graph) -> Frame:
    """The workspace's frame, or what a picture gets that is the first and is made of nothing."""
    return graph.settings.frame or Frame(1280, 720, graph.settings.fps)


def recipe_of(graph: Graph, wish: Wish, *, roll: int = 0) -> Recipe:
    """The complete recipe of a wish, checked against the engine's card.

    Raises:
        EngineUnavailable, BadInput, BadParameter: the engine can't do this.
    """
    card = load_engine(wish.engine).card()
    operation = card.operation(wish.operation)
    parameters = dict(wish.parameters)
    given = parameters.pop("seed", None)
    if given is not None and (
        isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**31
    ):
        raise BadInput(f"the seed can't be {given!r}", hint="use a whole number from 0 to 2147483647")
    recipe = Recipe(
        operation=wish.operation,
        algorithm=operation.algorithm,
        schema=operation.schema.version,
        parameters=operation.schema.resolve(parameters),
        inputs=wish.inputs,
        frame=_first_frame(graph) if wish.operation == "generate" else frame_of(graph),
        frames=wish.frames,
        seed=default_seed(wish.inputs, roll) if given is None else given,
        roll=roll,
    )
    card.check(recipe)
    return recipe


def rendering_request(
    graph: Graph,
    recipe: Recipe,
    *,
    title: str,
    subject: str,
    edge: EdgeId | None = None,
    tier: Tier | None = None,
    sequence: str = "",
    priority: int = NORMAL,
) -> Request:
    """The request to perform a recipe; where an `edge` is named, the result becomes its take, of the engine's tier if none is given.

    Raises:
        EngineUnavailable: its engine can't be used.
    """
    card = load_engine(recipe.engine).card()
    known = graph.rendering_for(recipe.content_key) is not None
    seconds, dollars = (0.0, 0.0) if known else card.operation(recipe.operation).cost.estimate(recipe)
    body = {"recipe": to_json(recipe), "edge": edge, "tier": tier or card.tier, "patience": card.patience}
    return Request(
        RENDERING,
        title,
        subject,
        body,
        lane=card.runs_on,
        engine=recipe.engine,
        content_key=recipe.content_key,
        sequence=sequence,
        priority=priority,
        seconds=seconds,
        dollars=dollars,
    )


def edge_take(rendering: Rendering, edge: EdgeId, tier: Tier) -> Take:
    """The take of an edge that shows a whole rendering."""
    ends = rendering.ends or ()
    return Take(new_take_id(), edge, rendering.id, last=rendering.frames - 1, ends=ends, tier=tier)


def take_of(graph: Graph, key: EdgeId, rendering: Rendering) -> Take | None:
    """The take of an edge that shows the whole of a rendering and fits."""
    edge = graph.edges.get(key)
    takes = (take for take in graph.takes_of(key) if take.rendering == rendering.id)
    return next((take for take in takes if edge and not is_stale(graph, edge, take)), None)


class RenderingKind:
    """Performs recipes in workers and keeps what comes of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def perform(self, attempt: Attempt) -> Delivery:
        """The rendering, and the take that shows it; what is there already costs nothing and is not added again."""
        body = attempt.job.request.body
        recipe = from_json(Recipe, body["recipe"])
        if attempt.job.cancelling:
            attempt.tell("withdrawing", {"recipe": body["recipe"], **_at_provider(attempt.job, recipe)})
            raise Cancelled
        edge = cast("EdgeId | None", body["edge"])
        tier = cast("Tier", body["tier"])
        tray = cast("dict[str, str] | None", body.get("candidate"))
        asked = attempt.job.remote or attempt.job.submitting
        if edge and not asked and self._is_overtaken(recipe, edge):
            raise Cancelled
        if tray and not asked and tray["node"] not in self._desk.graph.nodes:
            raise Cancelled
        rendering = self._desk.graph.rendering_for(recipe.content_key)
        cost = None if asked else 0.0
        if rendering is None:
            rendering, cost = self._made(attempt, recipe)
        shown = self._desk.store.read(lambda graph: take_of(graph, edge, rendering)) if edge else None
        if edge and shown and shown.tier == tier:  # it was asked for in the moment in which it was done
            result = {"rendering": rendering.id, "take": shown.id}
            return Delivery(SetActiveTake(edge, shown.id), result=result, dollars=cost)
        take = edge_take(rendering, edge, tier) if edge else None
        candidate = (
            Candidate(new_candidate_id(), NodeId(tray["node"]), rendering.id, tray["label"]) if tray else None
        )
        result = {"rendering": rendering.id, "take": take.id if take else None}
        return Delivery(AddRendering(rendering, take, candidate), result=result, dollars=cost)

    def failed(self, job: Job, error: ForkframeError) -> Change | None:
        """The reason, kept with the edge."""
        edge = cast("EdgeId | None", job.request.body["edge"])
        return AddFailedTake(Take(new_take_id(), edge, None, failure=error.message)) if edge else None

    def _is_overtaken(self, recipe: Recipe, edge: EdgeId) -> bool:
        """Whether the take would not fit its edge any more: a picture was cropped anew, or the length changed."""

        def overtaken(graph: Graph) -> bool:
            found = graph.edges.get(edge)
            if found is None:
                return True
            ends = {"first": graph.nodes[found.source].framed, "last": graph.nodes[found.target].framed}
            fits = all(ends[i.role] == i.pixels for i in recipe.inputs if i.role in ends)
            return not fits or found.frames != recipe.frames

        return self._desk.store.read(overtaken)

    def _made(self, attempt: Attempt, recipe: Recipe) -> tuple[Rendering, float | None]:
        arguments = {
            "recipe": to_json(recipe),
            "images": self._desk.images(*(i.pixels for i in recipe.inputs)),
            **_at_provider(attempt.job, recipe),
        }
        patience = cast("float", attempt.job.request.body["patience"])
        answer = attempt.run("rendering", arguments, patience=patience)
        return self._kept(recipe, answer), cast("float | None", answer.get("dollars"))

    def _kept(self, recipe: Recipe, answer: Answer) -> Rendering:
        blobs = self._desk.store.blobs

        def kept(name: str) -> BlobHash | None:
            return blobs.adopt(Path(str(answer[name]))) if name in answer else None

        picture, pixels = None, None
        if "picture" in answer:
            written = cast("dict[str, str]", answer["picture"])
            pixels = PixelHash(written["pixels"])
            picture = blobs.adopt_picture(Path(written["path"]), pixels)
        return Rendering(
            new_rendering_id(),
            recipe,
            picture=picture,
            pixels=pixels,
            field=kept("field"),
            video=kept("video"),
            original=kept("original"),
            notes=tuple(cast("list[str]", answer["notes"])),
        )


def _at_provider(job: Job, recipe: Recipe) -> dict[str, object]:
    """What is known of a job at its provider."""
    return {
        "key": f"{recipe.content_key}-{job.generation}",
        "remote": job.remote,
        "submitting": job.submitting,
    }
