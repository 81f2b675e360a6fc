"""The one place of the engine where colour spaces meet: sRGB bytes and CIE Lab.

Every Lab array of the engine is float32 with L, a and b all divided by 100, so that L runs over 0–1 and a and b over
about −0.9…1 (white point D65).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def to_lab(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The picture `(H, W, 3)` uint8 sRGB in Lab: `(H, W, 3)` float32, each of L, a, b divided by 100."""
    unit = np.multiply(image, np.float32(1 / 255), dtype=np.float32)
    lab = cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)
    return np.multiply(lab, np.float32(0.01), dtype=np.float32)


def to_srgb(lab: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture `(H, W, 3)` float32 Lab (divided by 100) as uint8 sRGB; what lies outside the gamut is clipped."""
    unit = cv2.cvtColor(np.multiply(lab, np.float32(100), dtype=np.float32), cv2.COLOR_LAB2RGB)
    return np.clip(np.rint(unit * np.float32(255)), 0, 255).astype(np.uint8)
