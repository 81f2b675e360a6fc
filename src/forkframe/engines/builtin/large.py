"""Large pictures: painted as a copy, and given back the detail that the copy lacks.

A look keeps a dozen planes of floats in memory; of nine million pixels that is two gigabytes. What it does is of the
picture's size, not of the pixel's, so a copy shows it all but the finest detail; and how much of that a look keeps can
be seen in the copy too. After He and Sun, "Fast guided filter" (2015).
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from forkframe.engines.builtin.sampling import resized

MOST_AREA = 2048 * 2048
"""Pictures of more pixels are painted as copies …"""
_COPY_AREA = 2048 * 1152
"""… of this many."""
_REACH = 4
"""Pixels of the copy around each place in which what a look keeps of detail is measured."""
_LEAST_VARIANCE = 20.0
"""In squared levels of 8 bits: what varies less is noise, of which no look is asked what it keeps."""
_MOST_KEPT = 1.5


def copied(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture `(H, W, 3)` uint8 to paint on: itself, or a smaller copy of a large one."""
    height, width = image.shape[:2]
    if height * width <= MOST_AREA:
        return image
    scale = (_COPY_AREA / (height * width)) ** 0.5
    return resized(image, (round(height * scale), round(width * scale)))


def enlarged(
    painted: NDArray[np.uint8], copy: NDArray[np.uint8], image: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """What was painted on a copy, at the size of the picture.

    Args:
        painted: `(h, w, 3)` uint8 sRGB, the copy painted.
        copy: `(h, w, 3)` uint8 sRGB, from `copied`.
        image: `(H, W, 3)` uint8 sRGB, the picture itself.

    Returns:
        `(H, W, 3)` uint8 sRGB; `painted` itself if it has the picture's size.
    """
    if painted.shape == image.shape:
        return painted
    size = image.shape[1::-1]
    grey = cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    lacking = cv2.subtract(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), soft, dtype=cv2.CV_32F)
    del soft
    mean = _mean(grey)
    variance = _mean(cv2.multiply(grey, grey)) - mean * mean + np.float32(_LEAST_VARIANCE)
    result = np.empty_like(image)
    for channel in range(3):
        plane = np.ascontiguousarray(painted[..., channel])
        values = plane.astype(np.float32)
        kept = (_mean(cv2.multiply(values, grey)) - _mean(values) * mean) / variance
        kept = np.clip(_mean(kept.astype(np.float32, copy=False)), -_MOST_KEPT, _MOST_KEPT)
        detail = cv2.resize(kept, size, interpolation=cv2.INTER_LINEAR)
        detail = cv2.multiply(detail, lacking, dst=detail)
        whole = cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC)
        result[..., channel] = cv2.add(whole, detail, dtype=cv2.CV_8U)
    return result


def _mean(plane: MatLike) -> NDArray[np.float32]:
    side = 2 * _REACH + 1
    blurred = cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT_101)
    return blurred.astype(np.float32, copy=False)
