"""A first field of a transition at once, from small copies: shown while somebody holds a thread, never kept."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import cv2
import numpy as np

from forkframe.engines.builtin.transition import Style, prepare
from forkframe.engines.protocol import Pixels
from forkframe.jobs.tasks import Answer, Arguments, Scope
from forkframe.media.png import read_png

SIDE = 256
"""The longer side of the copies, in pixels."""


def preview(arguments: Arguments, _: Scope) -> Answer:
    """Writes the `field` from the PNG `first` to the PNG `last`; `seed`, `style` and `start` as in `prepare`."""
    first, last = (_small(read_png(Path(str(arguments[end])))) for end in ("first", "last"))
    start = cast("list[float] | None", arguments.get("start"))
    field = prepare(
        first,
        last,
        seed=cast("int", arguments["seed"]),
        style=cast("Style", arguments.get("style", "auto")),
        start=None if start is None else (start[0], start[1]),
        hasty=True,
    )
    path = Path(str(arguments["out"])) / "field"
    path.write_bytes(field.to_bytes())
    return {"field": str(path)}


def warm(_: Arguments, __: Scope) -> Answer:
    """Makes a field of two pictures of noise: the first one loads libraries and compiled kernels."""
    noise = np.random.default_rng(0).integers(0, 256, (2, 72, 128, 3), np.uint8)
    prepare(noise[0], noise[1], seed=0, hasty=True)
    return {}


def _small(picture: Pixels) -> Pixels:
    """The picture with its longer side at most `SIDE` pixels."""
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(64, round(width * scale)), max(64, round(height * scale)))
    return np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
