"""What makes two places of unrelated pictures alike: shape first, then light, then colour."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.sampling import resized

CHANNELS = 24
"""Eighteen that tell something and six that are 0: whole registers are quicker than a few channels less."""
_ORIENTATIONS = 6
_NO_EDGE = np.float32(1e-20)
"""A squared gradient that is no more has no direction."""


def structure_features(lab: NDArray[np.float32], *, size: tuple[int, int]) -> NDArray[np.float32]:
    """Describes every cell of a picture by the structure around it.

    The channels: six orientations of edges, blind to polarity (dark on light is like light on dark) and pooled at two
    scales, as in DAISY (Tola et al., 2010); lightness, by rank and relative to its surroundings; colour; density of
    edges; saliency, the distance from the border's colours.

    Args:
        lab: `(2·height, 2·width, 3)` float32 Lab divided by 100: twice the asked size, for the gradients.
        size: `(height, width)` of what is returned, in cells.

    Returns:
        `(height, width, 24)` float32; the squared distance between two cells is their unlikeness.
    """
    height, width = size
    side = float(np.sqrt(height * width))
    oriented, edges = _edges(lab[..., 0], reach=side / 12)
    small = resized(lab, size)
    chroma = small[..., 1:]
    # Weights: least end-point error on photographs warped and recoloured by known fields (bench.pictures).
    channels = (
        2.0 * _blur(oriented, 1.0),
        1.2 * _blur(oriented, 3.0),
        1.6 * (_rank(small[..., 0]) - 0.5)[..., None],
        0.9 * _local_contrast(small[..., 0], reach=side / 10)[..., None],
        0.35 * (chroma - chroma.mean((0, 1))) / (chroma.std() + 0.03),
        _blur(edges, 2.0)[..., None],
        0.6 * _saliency(small)[..., None],
        np.zeros((height, width, CHANNELS - 18)),
    )
    return np.concatenate(channels, axis=-1, dtype=np.float32)


def _edges(
    lightness: NDArray[np.float32], *, reach: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gradient magnitude relative to its neighbourhood, by orientation `(h, w, 6)` and in all `(h, w)`, at half size."""
    dx, dy = (
        cv2.Sobel(lightness, cv2.CV_32F, *axis, scale=0.25).astype(np.float32) for axis in ((1, 0), (0, 1))
    )
    energy = (dx * dx + dy * dy).astype(np.float32, copy=False)
    # .02: two grey levels in a hundred are noise, not an edge.
    scale = (1 / (np.sqrt(_blur(energy, reach)) + np.float32(0.02))).astype(np.float32, copy=False)
    turns = np.pi / _ORIENTATIONS * np.arange(_ORIENTATIONS)
    axes = np.stack([np.cos(2 * turns), np.sin(2 * turns)], axis=-1).astype(np.float32)
    height, width = lightness.shape[0] // 2, lightness.shape[1] // 2
    oriented, edges = (
        np.empty((height, width, _ORIENTATIONS), np.float32),
        np.empty((height, width), np.float32),
    )
    _pool(dx, dy, energy, scale, axes, oriented, edges)
    return oriented, edges


@njit(cache=True, nogil=True)
def _pool(
    dx: NDArray[np.float32],
    dy: NDArray[np.float32],
    energy: NDArray[np.float32],
    scale: NDArray[np.float32],
    axes: NDArray[np.float32],
    oriented: NDArray[np.float32],
    edges: NDArray[np.float32],
) -> None:
    """Means over 2×2 pixels of the relative magnitude, and of it times the cos² of twice the angle to each axis."""
    for y in range(edges.shape[0]):
        for x in range(edges.shape[1]):
            total = np.float32(0)
            oriented[y, x] = np.float32(0)
            for j in range(2 * y, 2 * y + 2):
                for i in range(2 * x, 2 * x + 2):
                    strong = np.float32(0.25) * np.sqrt(energy[j, i]) * scale[j, i]
                    total += strong
                    if energy[j, i] > _NO_EDGE:
                        # Cosine and sine of twice the angle, from those of the angle.
                        cosine = (dx[j, i] * dx[j, i] - dy[j, i] * dy[j, i]) / energy[j, i]
                        sine = np.float32(2) * dx[j, i] * dy[j, i] / energy[j, i]
                        for k in range(axes.shape[0]):
                            along = max(axes[k, 0] * cosine + axes[k, 1] * sine, np.float32(0))
                            oriented[y, x, k] += strong * along * along
            edges[y, x] = total


def _rank(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of cells that are darker, 0–1: what is left of lightness when the tone curve is forgotten."""
    levels = np.clip(lightness * 1023, 0, 1023).astype(np.intp)
    count = np.bincount(levels.ravel(), minlength=1024)
    darker = np.cumsum(count) - count / 2
    return (darker / levels.size).astype(np.float32)[levels]


def _local_contrast(lightness: NDArray[np.float32], *, reach: float) -> NDArray[np.float32]:
    """Lightness relative to the mean and deviation of its surroundings."""
    mean = _blur(lightness, reach)
    variance = np.maximum(_blur(lightness * lightness, reach) - mean * mean, 0)
    return (lightness - mean) / (np.sqrt(variance) + np.float32(0.03))


def _saliency(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """How unlike the border's colours a cell is, relative to the picture's mean; at most 3."""
    # It is a matter of large regions: 32 cells per side tell all there is.
    size = lab.shape[:2]
    lab = resized(_blur(lab, 1.0), (min(size[0], 32), min(size[1], 32)))
    border = np.concatenate([lab[:2].reshape(-1, 3), lab[:, :2].reshape(-1, 3), lab[:, -2:].reshape(-1, 3)])
    border = border[:: max(1, len(border) // 64)]
    squared = sum(((lab[..., c, None] - border[:, c]) ** 2 for c in range(3)), np.float32(0))
    nearest = len(border) // 4
    distance = np.sqrt(np.partition(squared, nearest, axis=-1)[..., : nearest + 1]).mean(-1)
    relative = np.minimum(distance / (distance.mean() + np.float32(1e-4)), 3)
    return cv2.resize(relative, size[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _blur(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return cv2.GaussianBlur(image, (0, 0), sigma).astype(np.float32)
