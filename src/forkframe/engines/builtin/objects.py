"""One thing on flat ground: where it lies and how large it is, and how one such thing becomes another as a whole.

A matcher that weighs structures place by place can't see that a small disc on the left is a large one on the right:
the ground between them is alike everywhere. As things, they match at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.matching import least_jacobian
from forkframe.engines.builtin.sampling import pixel_grid, resized, warp

_SIDE = 64
"""Things are looked for in copies of about this many pixels per side."""
_FLAT = 0.1
"""Colours at most this far apart (in Lab divided by 100) count as one ground."""
_GROUND = 0.6
"""The share of the border that has to be ground."""
_STANDS_OUT = 0.2
_SIZES = (0.004, 0.85)
"""The least and the most of the frame that a thing covers."""
_WHOLE = 0.85
"""The share of all that stands out which its largest piece has to be."""
_REACH = 2.2
"""Standard deviations from the middle of a thing to about its rim: a disc's is 2, a square's along the axes 1.7."""
_LEAST_JACOBIAN = 0.02
"""Of flat ground nearly any pressing together is invisible, but it must not fold."""
_MARGIN = 0.8
"""A rim is taken to lie at most this far out on the way to the border."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What stands out from the ground.

    Attributes:
        middle: `(2,)` float64 (x, y), the centre of its area, in shares of the frame.
        spread: `(2,)` float64, the standard deviation of its area along x and y, likewise.
        shape: `(h, w)` float32, 1 where it is and 0 where ground is, on a small grid over the frame.
    """

    middle: NDArray[np.float64]
    spread: NDArray[np.float64]
    shape: NDArray[np.float32]


def lone_thing(lab: NDArray[np.float32]) -> Thing | None:
    """The one thing on flat ground that the picture shows; None if it shows anything else.

    Args:
        lab: `(H, W, 3)` float32 Lab divided by 100.
    """
    height, width = lab.shape[:2]
    scale = min(1.0, _SIDE / np.sqrt(height * width))
    small = resized(lab, (max(8, round(height * scale)), max(8, round(width * scale))))
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    ground = np.median(border, axis=0)
    if (np.linalg.norm(border - ground, axis=-1) < _FLAT).mean() < _GROUND:
        return None
    out = (np.linalg.norm(small - ground, axis=-1) > _STANDS_OUT).astype(np.uint8)
    _, pieces, figures, _ = cv2.connectedComponentsWithStats(out, connectivity=8)
    areas = figures[1:, cv2.CC_STAT_AREA]
    if not len(areas) or areas.max() < _WHOLE * areas.sum():
        return None
    mask = pieces == 1 + int(areas.argmax())
    if not _SIZES[0] < mask.mean() < _SIZES[1]:
        return None
    size = np.array(mask.shape[::-1], np.float64)
    places = (np.argwhere(mask)[:, ::-1] + 0.5) / size
    return Thing(places.mean(0), np.maximum(places.std(0), 0.5 / size), mask.astype(np.float32))


def thing_move(a: Thing, b: Thing, grid: tuple[int, int]) -> NDArray[np.float32]:
    """The half-way displacement that moves and scales `a` onto `b` as a whole and leaves the borders in place.

    The ground between its rim and the border follows evenly along every ray from its middle, which folds latest.

    Returns:
        v as `(height, width, 2)` float32 (x, y) in shares of the frame's width and height, for `grid` (height, width):
        a(p − v) meets b(p + v).
    """
    places = (pixel_grid(*grid) + 0.5) / np.array(grid[::-1])
    shift, growth = (b.middle - a.middle) / 2, (b.spread - a.spread) / (b.spread + a.spread)
    middle = (a.middle + b.middle) / 2
    away = places - middle + 1e-9
    rim = 1 / np.sqrt(((away / (_REACH * (a.spread + b.spread) / 2)) ** 2).sum(-1))
    # How many times as far as the place itself rim and border lie, on the ray through it.
    border = (np.where(away > 0, 1 - middle, middle) / np.abs(away)).min(-1)
    rim = np.minimum(rim, _MARGIN * border)
    left = np.clip((border - 1) / (border - rim), 0, 1)[..., None]
    v = (left * (shift + growth * away * np.minimum(rim, 1)[..., None])).astype(np.float32)
    while least_jacobian(v * np.array(grid[::-1], np.float32)) < _LEAST_JACOBIAN:
        v *= np.float32(0.97)
    return v


def overlap(a: Thing, b: Thing, v: NDArray[np.float32]) -> float:
    """How much of the area that either thing covers half-way both do, 0–1, when v `(h, w, 2)` displaces them."""
    offset = v * np.array(v.shape[1::-1], np.float32)
    one, other = (warp(resized(thing.shape, v.shape[:2]), sign * offset) for thing, sign in ((a, -1), (b, 1)))
    return float(np.minimum(one, other).sum() / np.maximum(one, other).sum())
