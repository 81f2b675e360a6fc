"""The map of a workspace: all nodes placed by how their pictures are composed, or by their style."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast

import numpy as np

from forkframe.engines.protocol import Descriptor
from forkframe.jobs.pool import Answer, abandon
from forkframe.model.codec import to_json
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Recipe
from forkframe.studio.desk import Desk
from forkframe.studio.renders import Wish, frame_of, recipe_of

By = Literal["composition", "style"]
Places = dict[str, tuple[float, float]]

_ENGINE = "builtin"
_BATCH = 16
"""Pictures for each task: little is lost when one fails, and what a task costs by itself does not show."""
_CODE = {"how": "latent code"}
_GAP = 40.0
"""Between two pictures on the map, in canvas units."""
_VERSION = 1
"""Of how maps are made: goes up when the same pictures get other places."""


def describe_all(
    desk: Desk, hashes: Sequence[PixelHash], *, parameters: Mapping[str, object] | None = None
) -> dict[PixelHash, Descriptor]:
    """Descriptors of framed pictures, computed in workers where nobody has asked for them before.

    Raises:
        WorkspaceDamaged: a picture is missing.
        ForkframeError: a worker failed; what others have described is kept.
    """
    wanted = list(dict.fromkeys(hashes))
    if not wanted:
        return {}
    wish = Wish(_ENGINE, "describe", (Input("image", wanted[0]),), parameters or {})
    recipe = desk.store.read(lambda graph: recipe_of(graph, wish))
    known = {pixels: found for pixels in wanted if (found := _known(desk, recipe, pixels))}
    missing = [pixels for pixels in wanted if pixels not in known]

    def finish(answer: Callable[[], Answer]) -> dict[PixelHash, Descriptor]:
        described = cast("dict[PixelHash, str]", answer()["described"])
        cache = desk.store.cache
        return {
            pixels: _read(cache.adopt(Path(path), _key(recipe, pixels))) for pixels, path in described.items()
        }

    batches = [missing[n : n + _BATCH] for n in range(0, len(missing), _BATCH)]
    asked = [{"recipe": to_json(recipe), "images": desk.images(*batch)} for batch in batches]
    works = [desk.start("describing", "the map", arguments, finish) for arguments in asked]
    try:
        for work in works:
            known |= work.result()
    except BaseException:
        abandon(works)
        raise
    return {pixels: known[pixels] for pixels in wanted}


def code_of(desk: Desk, pixels: PixelHash) -> Descriptor:
    """The latent code of a framed picture: composition `(768,)`, row by row, and style `(21,)`.

    Raises:
        WorkspaceDamaged: the picture is missing.
    """
    return describe_all(desk, [pixels], parameters=_CODE)[pixels]


def map_places(desk: Desk, by: By) -> Places:
    """A place for each node's picture, alike ones together and none overlapping, around the middle of where the nodes lie now.

    The same pictures keep their places; with others among them the map changes as little as it can.

    Raises:
        WorkspaceDamaged: a picture is missing.
    """
    nodes = desk.store.read(lambda graph: list(graph.nodes.values()))
    if not nodes:
        return {}
    frame = desk.store.read(frame_of)
    facts = {
        "aspect": [frame.width, frame.height],
        "pictures": {str(node.id): str(node.framed) for node in nodes},
    }
    earlier, places = _earlier(desk, by)
    if earlier != facts:
        from forkframe import search

        described = describe_all(desk, [node.framed for node in nodes])
        rows = np.stack([_part(described[node.framed], by) for node in nodes])
        blocks = search.COMPOSITION_BLOCKS if by == "composition" else search.STYLE_BLOCKS
        before = places if earlier.get("aspect") == facts["aspect"] else {}
        unknown = (np.nan, np.nan)
        found = search.map_places(
            search.equalised(rows, blocks=blocks),
            aspect=frame.width / frame.height,
            spacing=_GAP,
            start=np.array([before.get(node.id, unknown) for node in nodes]),
        )
        places = {str(node.id): (float(x), float(y)) for node, (x, y) in zip(nodes, found, strict=True)}
        _keep(desk, by, facts, places)
    middle = np.mean([(node.x, node.y) for node in nodes], axis=0)
    middle -= np.mean(list(places.values()), axis=0)
    return {key: (float(x + middle[0]), float(y + middle[1])) for key, (x, y) in places.items()}


def _part(descriptor: Descriptor, by: By) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return descriptor.composition if by == "composition" else descriptor.style


def _key(recipe: Recipe, pixels: PixelHash) -> str:
    how = "-code" if recipe.parameters.get("how") == _CODE["how"] else ""
    return f"descriptor-{recipe.algorithm}{how}-{pixels}"


def _known(desk: Desk, recipe: Recipe, pixels: PixelHash) -> Descriptor | None:
    path = desk.store.cache.get(_key(recipe, pixels))
    with suppress(OSError, ValueError):  # anything may vanish from the cache, or be cut short
        return _read(path) if path else None
    return None


def _read(path: Path) -> Descriptor:
    composition, style = cast("list[list[float]]", json.loads(path.read_text()))
    return Descriptor(np.array(composition, np.float32), np.array(style, np.float32))


def _earlier(desk: Desk, by: By) -> tuple[dict[str, object], Places]:
    """What the last map was made of, and the places around the origin that it gave; nothing if there is none."""
    path = desk.store.cache.get(_map_key(by))
    with suppress(OSError, ValueError, KeyError, TypeError):
        if path:
            kept = cast("dict[str, dict[str, object]]", json.loads(path.read_text()))
            places = cast("dict[str, list[float]]", kept["places"])
            return kept["of"], {key: (x, y) for key, (x, y) in places.items()}
    return {}, {}


def _keep(desk: Desk, by: By, facts: Mapping[str, object], places: Places) -> None:
    folder = desk.store.blobs.scratch()
    try:
        (folder / "map.json").write_text(json.dumps({"of": facts, "places": places}))
        desk.store.cache.adopt(folder / "map.json", _map_key(by))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _map_key(by: By) -> str:
    return f"map-{_VERSION}-{by}"
