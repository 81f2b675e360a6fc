"""What a variation must not break: faces and other small things that are wrong the moment they melt.

The engine knows no other room of the house, so it asks scikit-image's detector itself, at the size it works on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.data import lbp_frontal_face_cascade_filename
from skimage.feature import Cascade

from forkframe.engines.builtin.sampling import resized

_SIDE = 400
"""Faces are looked for in a copy whose longer side has this many pixels …"""
_SMALLEST = 32
"""… in which they have at least this many."""
_ALIKE = 0.8
"""Correlation with its source from which a thing counts as whole."""
_TWIN = 0.75
"""Correlation from which another place counts as a second copy of it."""
_TEMPLATE = 24
"""Pixels of the longer side of what is compared: coarse, as fine detail follows."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the frame, from the top left."""

    x: float
    y: float
    width: float
    height: float

    def grown(self, sideways: float, up: float, down: float) -> Box:
        """The box with these shares of its own size added on each side, cut to the frame."""
        left, top = max(0.0, self.x - sideways * self.width), max(0.0, self.y - up * self.height)
        right = min(1.0, self.x + (1 + sideways) * self.width)
        bottom = min(1.0, self.y + (1 + down) * self.height)
        return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Moved:
    """A thing that has to stay whole.

    Attributes:
        source: where it is in the source.
        target: where it is in the variation, before that is mirrored.
        alone: whether a second one like it would be wrong: true of a face, not of a star.
    """

    source: Box
    target: Box
    alone: bool


def faces(image: NDArray[np.uint8]) -> tuple[Box, ...]:
    """The faces in a picture `(H, W, 3)` uint8 sRGB that look at the camera, more or less.

    Local binary patterns in a cascade (Liao et al. 2007, "Learning multi-scale block local binary patterns for face
    recognition"), as scikit-image carries it. Profiles and drawings are often missed; small false finds happen.
    """
    height, width = image.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    small = resized(image, (max(1, round(height * scale)), max(1, round(width * scale))))
    rows, columns = small.shape[:2]
    if min(rows, columns) < 2 * _SMALLEST:
        return ()
    found = cast(
        "list[dict[str, int]]",
        _cascade().detect_multi_scale(
            img=np.ascontiguousarray(small),
            scale_factor=1.2,
            step_ratio=1,
            min_size=(_SMALLEST, _SMALLEST),
            max_size=(min(rows, columns),) * 2,
        ),
    )
    return tuple(
        Box(b["c"] / columns, b["r"] / rows, b["width"] / columns, b["height"] / rows) for b in found
    )


def whole(source: NDArray[np.uint8], varied: NDArray[np.uint8], things: Sequence[Moved]) -> bool:
    """Whether each of `things` is in the variation once, where it should be and as it was.

    Args:
        source: `(H, W, 3)` uint8 sRGB.
        varied: likewise, not mirrored yet.
        things: what has to be there.
    """
    return all(_whole(source, varied, thing) for thing in things)


def _whole(source: NDArray[np.uint8], varied: NDArray[np.uint8], thing: Moved) -> bool:
    height, width = varied.shape[:2]
    # Both at the scale at which the thing, as it is in the variation, has `_TEMPLATE` pixels.
    scale = min(1.0, _TEMPLATE / max(thing.target.width * width, thing.target.height * height, 1.0))
    grey = _grey(varied, (height * scale, width * scale))
    rows, columns = grey.shape
    inner_h, inner_w = max(4, round(thing.target.height * rows)), max(4, round(thing.target.width * columns))
    template = resized(_grey_box(source, thing.source), (inner_h, inner_w))
    if inner_h > rows or inner_w > columns or float(template.std()) < 1.0:
        return True
    likeness = cv2.matchTemplate(grey, template, cv2.TM_CCOEFF_NORMED)
    y, x = round(thing.target.y * rows), round(thing.target.x * columns)
    # Rounding of the place, of the box and of the field: a pixel each at most.
    near = (slice(max(0, y - 2), y + 3), slice(max(0, x - 2), x + 3))
    if not likeness[near].size or float(likeness[near].max()) < _ALIKE:
        return False
    if not thing.alone:
        return True
    away = likeness.copy()
    away[
        max(0, y - inner_h // 2) : y + inner_h // 2 + 1, max(0, x - inner_w // 2) : x + inner_w // 2 + 1
    ] = -1
    twin = float(np.where(np.isfinite(away), away, -1).max())
    return twin < _TWIN or twin <= _own_twin(source, thing, scale=(inner_h, inner_w)) + 0.05


def _own_twin(source: NDArray[np.uint8], thing: Moved, *, scale: tuple[int, int]) -> float:
    """How like the thing the likest other place of its own picture is: twins may stay twins."""
    inner_h, inner_w = scale
    grey = _grey(source, (inner_h / thing.source.height, inner_w / thing.source.width))
    template = resized(_grey_box(source, thing.source), scale)
    if inner_h > grey.shape[0] or inner_w > grey.shape[1]:
        return 1.0
    likeness = cv2.matchTemplate(grey, template, cv2.TM_CCOEFF_NORMED)
    y, x = round(thing.source.y * grey.shape[0]), round(thing.source.x * grey.shape[1])
    likeness[
        max(0, y - inner_h // 2) : y + inner_h // 2 + 1, max(0, x - inner_w // 2) : x + inner_w // 2 + 1
    ] = -1
    return float(np.where(np.isfinite(likeness), likeness, -1).max())


def _grey(image: NDArray[np.uint8], size: tuple[float, float]) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    return resized(grey, (max(1, round(size[0])), max(1, round(size[1]))))


def _grey_box(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    top, left = round(box.y * height), round(box.x * width)
    bottom = max(top + 1, round((box.y + box.height) * height))
    right = max(left + 1, round((box.x + box.width) * width))
    return cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_RGB2GRAY).astype(np.uint8)


@cache
def _cascade() -> Any:  # scikit-image's compiled classes carry no types
    return Cascade(lbp_frontal_face_cascade_filename())
