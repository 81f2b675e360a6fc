"""When each place of the frame turns from the first picture into the second."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.sampling import pixel_grid, warp

_SEEDS = 5
_SEED_DISTANCE = 1 / 3.2
"""No two seeds lie nearer than this share of the side."""
_SWEEPS = 4


def switching_time(
    a_lab: NDArray[np.float32],
    b_lab: NDArray[np.float32],
    v: NDArray[np.float32],
    *,
    seed: int,
    start: tuple[float, float] | None = None,
) -> NDArray[np.float32]:
    """The moment at which every place of the half-way frame switches.

    Fronts start where the two warped pictures agree best, or at the one place asked for, and spread over the frame:
    fast where they differ, slowly across the edges of either, so that a front comes to rest on contours, and unevenly
    by seeded noise.

    Args:
        a_lab: `(h, w, 3)` float32 Lab divided by 100, of the size of `v`.
        b_lab: likewise.
        v: `(h, w, 2)` float32, the half-way displacement in shares of the frame's width and height.
        seed: decides the noise.
        start: (x, y) of the place in the first picture from which everything starts, in shares of its sides.

    Returns:
        τ, `(h, w)` float32, 0–1. Equal stretches of τ hold equal amounts of visual change.
    """
    height, width = v.shape[:2]
    side = float(np.sqrt(height * width))
    offset = v * np.array([width, height], np.float32)
    half_a, half_b = warp(a_lab, -offset), warp(b_lab, offset)
    difference = np.sqrt(((half_a - half_b) ** 2).sum(-1))
    rng = np.random.default_rng([seed, 0x7A0])
    noise = rng.standard_normal((2, height, width)).astype(np.float32)
    slowness = _slowness(half_a, half_b, difference, noise[0])
    if start is None:
        unlike = cv2.GaussianBlur(difference, (0, 0), 3.0) + np.float32(0.02) * noise[1]
        seeds = _seeds(unlike, distance=side * _SEED_DISTANCE)
    else:
        seeds = [_cell_of(start, v)]
    arrival = np.full((height, width), np.float32(1e9), np.float32)
    for y, x in seeds:
        arrival[y, x] = 0
    _march(slowness, arrival, _SWEEPS)
    # Half by area, half by visible change: by change alone, a small loud region would take the whole time.
    weight = difference + difference.mean() + np.float32(1e-4)
    return cv2.GaussianBlur(_equalised(arrival, weight), (0, 0), 1.0).astype(np.float32)


def _slowness(
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    difference: NDArray[np.float32],
    noise: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Time a front needs per cell."""
    edges = _edges(a) + _edges(b)
    alike = np.exp(-difference / (difference.mean() + np.float32(1e-5)))
    slow = (
        np.float32(0.05)
        + np.float32(0.25) * edges / (edges.mean() + np.float32(1e-5))
        + np.float32(0.3) * alike
    )
    side = float(np.sqrt(noise.size))
    drift = cv2.GaussianBlur(noise, (0, 0), side / 16)
    drift /= drift.std() + np.float32(1e-6)
    return (slow * np.exp(np.float32(0.35) * drift)).astype(np.float32)


def _edges(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    dx, dy = (cv2.Sobel(lab[..., 0], cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    return cv2.GaussianBlur(np.sqrt(dx * dx + dy * dy), (0, 0), 1.0).astype(np.float32)


def _seeds(cost: NDArray[np.float32], *, distance: float) -> list[tuple[int, int]]:
    """Up to five cheapest cells (y, x), no two nearer than `distance` cells."""
    height, width = cost.shape
    ys, xs = np.mgrid[0:height, 0:width]
    cost = cost.copy()
    found: list[tuple[int, int]] = []
    while len(found) < _SEEDS and np.isfinite(cost).any():
        y, x = divmod(int(cost.argmin()), width)
        found.append((y, x))
        cost[(ys - y) ** 2 + (xs - x) ** 2 < distance**2] = np.inf
    return found


def _cell_of(place: tuple[float, float], v: NDArray[np.float32]) -> tuple[int, int]:
    """The cell (y, x) of the half-way frame that shows what the first picture shows at `place`."""
    height, width = v.shape[:2]
    centres = (pixel_grid(height, width) + np.float32(0.5)) / np.array([width, height], np.float32)
    away = (centres - v - np.array(place, np.float32)) * np.array([width, height], np.float32)
    y, x = divmod(int((away**2).sum(-1).argmin()), width)
    return y, x


def _equalised(arrival: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of all weight that lies before each cell's arrival, 0–1."""
    order = np.argsort(arrival, axis=None, kind="stable")
    before = np.cumsum(weight.ravel()[order], dtype=np.float64)
    share = np.empty(arrival.size, np.float32)
    share[order] = (before - before[0]) / (before[-1] - before[0])
    return share.reshape(arrival.shape)


@njit(cache=True, nogil=True)
def _march(slowness: NDArray[np.float32], arrival: NDArray[np.float32], rounds: int) -> None:
    """Solves |∇arrival| = slowness from the cells that are 0, by fast sweeping (Zhao, 2005), in place."""
    height, width = slowness.shape
    far = np.float32(1e9)
    for _ in range(rounds):
        for corner in range(4):
            for j in range(height):
                y = j if corner & 1 == 0 else height - 1 - j
                for i in range(width):
                    x = i if corner & 2 == 0 else width - 1 - i
                    p = min(arrival[y, x - 1] if x else far, arrival[y, x + 1] if x + 1 < width else far)
                    q = min(arrival[y - 1, x] if y else far, arrival[y + 1, x] if y + 1 < height else far)
                    s = slowness[y, x]
                    if abs(p - q) >= s:
                        time = min(p, q) + s
                    else:
                        time = np.float32(0.5) * (p + q + np.sqrt(np.float32(2) * s * s - (p - q) * (p - q)))
                    arrival[y, x] = min(arrival[y, x], time)
