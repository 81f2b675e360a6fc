"""The one place of the engine where colour spaces meet: sRGB bytes and CIE Lab.

Every Lab array of the engine is float32 with L, a and b all divided by 100, so that L runs over 0–1 and a and b over
about −0.9…1 (white point D65).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_ROWS = 128
"""So many rows are converted at a time: what lies between two colour spaces is as large as the picture, in floats."""


def to_lab(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The picture `(H, W, 3)` uint8 sRGB in Lab: `(H, W, 3)` float32, each of L, a, b divided by 100."""
    lab = np.empty(image.shape, np.float32)
    for top in range(0, len(image), _ROWS):
        rows = slice(top, top + _ROWS)
        unit = np.multiply(image[rows], np.float32(1 / 255), dtype=np.float32)
        np.multiply(cv2.cvtColor(unit, cv2.COLOR_RGB2LAB), np.float32(0.01), out=lab[rows])
    return lab


def to_srgb(lab: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture `(H, W, 3)` float32 Lab (divided by 100) as uint8 sRGB; what lies outside the gamut is clipped."""
    image = np.empty(lab.shape, np.uint8)
    for top in range(0, len(lab), _ROWS):
        rows = slice(top, top + _ROWS)
        unit = cv2.cvtColor(np.multiply(lab[rows], np.float32(100), dtype=np.float32), cv2.COLOR_LAB2RGB)
        image[rows] = np.clip(np.rint(unit * np.float32(255)), 0, 255)
    return image
