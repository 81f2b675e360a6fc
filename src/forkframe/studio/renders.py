"""Renderings: a recipe is performed once; whoever asks for it again gets the same rendering."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from forkframe.engines.registry import load_engine
from forkframe.errors import BadInput
from forkframe.jobs.pool import Answer, Work
from forkframe.model.changes import AddRendering
from forkframe.model.codec import to_json
from forkframe.model.entities import Rendering
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import BlobHash, new_rendering_id
from forkframe.model.recipe import Input, Operation, Recipe, default_seed
from forkframe.studio.desk import Desk


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
        frame=frame_of(graph),
        frames=wish.frames,
        seed=default_seed(wish.inputs, roll) if given is None else given,
        roll=roll,
    )
    card.check(recipe)
    return recipe


class Renders:
    """Performs recipes in workers and keeps what comes of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._running: dict[str, Work[Rendering]] = {}

    def start(self, recipe: Recipe, subject: str) -> Work[Rendering]:
        """Starts rendering a recipe for `subject`, unless it is on its way already."""
        with self._lock:
            key = recipe.content_key
            if key not in self._running:
                self._running[key] = self._start(recipe, subject)
            return self._running[key]

    def _start(self, recipe: Recipe, subject: str) -> Work[Rendering]:
        def finish(answer: Callable[[], Answer]) -> Rendering:
            try:
                return self._keep(recipe, answer())
            finally:
                with self._lock:
                    self._running.pop(recipe.content_key, None)

        arguments = {
            "recipe": to_json(recipe),
            "images": self._desk.images(*(i.pixels for i in recipe.inputs)),
        }
        return self._desk.start("rendering", subject, arguments, finish)

    def _keep(self, recipe: Recipe, answer: Answer) -> Rendering:
        blobs = self._desk.store.blobs

        def kept(name: str) -> BlobHash | None:
            return blobs.adopt(Path(str(answer[name]))) if name in answer else None

        picture, pixels = None, None
        if "picture" in answer:
            written = cast("dict[str, str]", answer["picture"])
            picture = blobs.put(Path(written["path"]).read_bytes())
            pixels = self._desk.keep_pixels(written)
        rendering = Rendering(
            new_rendering_id(),
            recipe,
            picture=picture,
            pixels=pixels,
            field=kept("field"),
            video=kept("video"),
            notes=tuple(cast("list[str]", answer["notes"])),
        )
        self._desk.commit(AddRendering(rendering), by_engine=True)
        kept_before = self._desk.graph.rendering_for(recipe.content_key)
        return kept_before or rendering
