"""Describing: an engine puts many pictures into numbers, one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from forkframe.jobs.render import render
from forkframe.jobs.tasks import Answer, Arguments, Scope
from forkframe.model.codec import from_json, to_json
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Recipe


def describe(arguments: Arguments, scope: Scope) -> Answer:
    """Has the engine of a `recipe` describe each of the `images` (path of a PNG by pixel hash).

    Returns:
        `described`: by pixel hash the path of a JSON file, `[composition, style]`.

    Raises:
        RenderFailed: the engine gave no numbers, or numbers that are not finite.
    """
    recipe = from_json(Recipe, arguments["recipe"])
    images = cast("Mapping[str, str]", arguments["images"])
    out = Path(str(arguments["out"]))
    described: dict[str, str] = {}
    for done, pixels in enumerate(images, start=1):
        one = replace(recipe, inputs=(Input("image", PixelHash(pixels)),))
        answer = render({"recipe": to_json(one), "images": images, "out": str(out)}, scope)
        path = out / f"{pixels}.json"
        path.write_text(json.dumps(answer["descriptor"]))
        described[pixels] = str(path)
        scope.progress(done / len(images))
    return {"described": described}
