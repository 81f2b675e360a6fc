"""Where the faces in a picture are, found on the CPU with a detector that is installed with its data."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from skimage.data import lbp_frontal_face_cascade_filename
from skimage.feature import Cascade

from forkframe.media.fitting import thumbnail

_SIDE = 400
"""Faces are looked for in a copy of this many pixels …"""
_SMALLEST = 36
"""… in which they have at least this many: a head in a group portrait, and few false finds."""

Box = tuple[float, float, float, float]


def faces(pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
    """The faces that look at the camera, more or less: (x, y, width, height), each 0–1 from the top left.

    Local binary patterns in a cascade (Liao et al. 2007, "Learning multi-scale block local binary patterns for face
    recognition"), as scikit-image carries it. Turned heads and drawings are often missed; small false finds happen.

    Args:
        pixels: `(H, W, 3)` or `(H, W, 4)` uint8 sRGB.
    """
    small = np.ascontiguousarray(thumbnail(pixels, _SIDE)[..., :3])
    height, width = small.shape[:2]
    if min(height, width) < 2 * _SMALLEST:
        return ()
    size = {"min_size": (_SMALLEST, _SMALLEST), "max_size": (min(height, width),) * 2}
    found = _cascade().detect_multi_scale(img=small, scale_factor=1.2, step_ratio=1, **size)
    boxes = cast("list[dict[str, int]]", found)
    return tuple((b["c"] / width, b["r"] / height, b["width"] / width, b["height"] / height) for b in boxes)


@cache
def _cascade() -> Any:  # scikit-image's compiled classes carry no types
    return Cascade(lbp_frontal_face_cascade_filename())
