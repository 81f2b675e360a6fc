"""Are two pictures one?

By their edges, which a restyled version keeps in place, and by their colours, which a moving camera keeps in sight.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab

_SIDE = 128
"""Edges are compared in copies whose shorter side has this many pixels: what is finer is texture."""
_SURROUNDINGS = 8.0
"""Edges count relative to those around them, within this many pixels: a look may dim or sharpen whole regions."""


def shared_layout(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """How far the edges of two pictures lie in the same places in the same directions.

    The correlation of their gradients, each relative to its surroundings, weighted by the cosine of twice the angle
    between them: blind to polarity, so that a negative or a pencil drawing still has its original's layout.

    Args:
        a: `(H, W, 3)` uint8 sRGB.
        b: the same size.

    Returns:
        About 0 for unrelated pictures (measured on the demo's: at most .04), .7 to 1 for a picture and most of its
        restyled versions, .2 to .45 for one shifted by a hundredth of its width; 0 where either has no edges.
    """
    (strong_a, angle_a), (strong_b, angle_b) = _edges(a), _edges(b)
    energy = float(np.sqrt(np.square(strong_a).sum() * np.square(strong_b).sum()))
    if energy == 0:
        return 0.0
    return float((strong_a * strong_b * np.cos(2 * (angle_a - angle_b))).sum()) / energy


def shared_colours(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """The share of the frame whose colours both pictures have (Swain and Ballard, "Color indexing", 1991).

    Args:
        a: `(H, W, 3)` uint8 sRGB.
        b: the same size.

    Returns:
        The intersection of their histograms of 8³ colours, 0–1. Frames of one scene share .44 of them and more, even
        when the camera comes two and a half times as near; four in five pairs of unrelated photographs less than .3.
    """
    return float(np.minimum(_histogram(a), _histogram(b)).sum())


def _histogram(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    cells = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA).astype(np.intp) // 32
    flat = (cells[..., 0] * 8 + cells[..., 1]) * 8 + cells[..., 2]
    return np.bincount(flat.ravel(), minlength=512) / flat.size


def _edges(image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gradient magnitude relative to its surroundings, and angle in radians, on the small grid."""
    height, width = image.shape[:2]
    scale = _SIDE / min(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    lightness = cv2.GaussianBlur(to_lab(small)[..., 0], (0, 0), 1.0)
    x, y = cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1)
    strength = np.hypot(x, y)
    relative = strength / (cv2.GaussianBlur(strength, (0, 0), _SURROUNDINGS) + 0.01)
    return relative.astype(np.float32), np.arctan2(y, x).astype(np.float32)
