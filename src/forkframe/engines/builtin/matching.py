"""Unrelated pictures: which place of one could become which place of the other.

Both pictures are warped half-way towards each other by a displacement v. From coarse to fine, every cell weighs a
window of changes of v against what its neighbours want, which is the coupled-convex relaxation of Steinbrücker, Pock
and Cremers ("Large displacement optical flow computation without warping", 2009): an exhaustive search for the best
match near a smooth field alternates with smoothing, while the tie between them tightens.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.features import CHANNELS, structure_features
from forkframe.engines.builtin.sampling import resized

_TIES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""How strongly a match is tied to the smooth field, round by round, when costs have unit deviation."""
_COARSE_TIES = 0.4
"""The two coarsest levels are tied this much less: structures may go far, but only as wholes."""
_BORDER = 0.12
"""The band along each border, as a share of the side, in which nothing may move out of the frame."""
_LEAST_JACOBIAN = 0.15
_CHANNELS = CHANNELS
"""As a constant of this module it is one to the compiler."""


def match(
    a_lab: NDArray[np.float32],
    b_lab: NDArray[np.float32],
    *,
    grid: tuple[int, int],
    on_progress: Callable[[float], None] | None = None,
) -> NDArray[np.float32]:
    """The displacement that lays the structures of two unrelated pictures over each other, half-way.

    Args:
        a_lab: `(H, W, 3)` float32 Lab divided by 100.
        b_lab: the same size.
        grid: `(height, width)` of the field in cells, of the pictures' aspect.
        on_progress: called with 0–1 after each level.

    Returns:
        v as `(height, width, 2)` float32 (x, y) in shares of the frame's width and height: a(p − v) meets b(p + v).
        It folds nowhere: the Jacobian of p ± v stays above .15.
    """
    levels = [(max(2, grid[0] // k), max(2, grid[1] // k)) for k in (8, 4, 2)] + [grid]
    # Each from the next finer one: shrinking the whole picture four times took as long as describing it.
    pyramids = [
        _shrunken(lab, [(2 * height, 2 * width) for height, width in levels]) for lab in (a_lab, b_lab)
    ]
    v = np.zeros((*levels[0], 2), np.float32)
    for number, (height, width) in enumerate(levels):
        scale = np.array([width / v.shape[1], height / v.shape[0]], np.float32)
        v = resized(v, (height, width)) * scale
        radius, step = ((4, 0.75), (4, 1.0), (3, 1.0), (2, 1.0))[number]
        features_a, features_b = (
            structure_features(pyramid[number], size=(height, width)) for pyramid in pyramids
        )
        coarse = number < 2
        v = _relax(features_a, features_b, v, radius=radius, step=step, ties=_COARSE_TIES if coarse else 1.0)
        if not coarse:
            v = _relax(features_a, features_b, v, radius=radius, step=step / 2, ties=1.0)
        if on_progress:
            on_progress((number + 1) / len(levels))
    return v / np.array([grid[1], grid[0]], np.float32)


def _shrunken(lab: NDArray[np.float32], sizes: list[tuple[int, int]]) -> list[NDArray[np.float32]]:
    """The picture at each of the `sizes` (height, width), which rise."""
    copies: list[NDArray[np.float32]] = []
    for size in reversed(sizes):
        copies.append(resized(copies[-1] if copies else lab, size))
    return copies[::-1]


def _relax(
    features_a: NDArray[np.float32],
    features_b: NDArray[np.float32],
    v: NDArray[np.float32],
    *,
    radius: int,
    step: float,
    ties: float,
) -> NDArray[np.float32]:
    """One level: v `(h, w, 2)` in cells, changed by at most `radius · step` cells per axis; `ties` scales `_TIES`."""
    height, width = v.shape[:2]
    costs = np.empty(((2 * radius + 1) ** 2, height, width), np.float32)
    _fill_costs(features_a, features_b, v, radius, np.float32(step), costs)
    for plane in costs:
        cv2.GaussianBlur(plane, (0, 0), 1.0, dst=plane)
    deviation = float(cv2.meanStdDev(costs.reshape(-1, width))[1][0, 0]) + 1e-6
    total = costs.sum(0)
    smooth = v
    weighted = np.empty((height, width, 3), np.float32)
    for number, tie in enumerate(_TIES):
        _choose(
            costs, total, v, smooth, np.float32(step), np.float32(ties * tie), np.float32(deviation), weighted
        )
        blurred = cv2.GaussianBlur(weighted, (0, 0), 1.5 * (2 - 0.12 * number)).astype(np.float32, copy=False)
        smooth = _held_at_borders(blurred[..., :2] / blurred[..., 2:])
    return _unfolded(smooth)


@njit(nogil=True)
def _along(start, step, sign, last, floors, shares, outside):  # type: ignore[no-untyped-def]
    """Where the window's places lie on one axis: cell, share of the next cell, and how far beyond the frame."""
    radius = floors.size // 2
    for k in range(floors.size):
        place = start + sign * np.float32(k - radius) * step
        inside = min(max(place, np.float32(0)), last)
        floors[k] = np.uint64(inside)
        shares[k] = inside - np.floor(inside)
        outside[k] = abs(place - inside)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _fill_costs(
    fa: NDArray[np.float32],
    fb: NDArray[np.float32],
    v: NDArray[np.float32],
    radius: int,
    step: np.float32,
    costs: NDArray[np.float32],
) -> None:
    """How unlike a(p − v − d) and b(p + v + d) are, for every cell p and every change d of the window."""
    height, width = fa.shape[:2]
    side = 2 * radius + 1
    right, bottom = np.float32(width - 1.001), np.float32(height - 1.001)
    one = np.float32(1)
    ax, ay, bx, by = np.empty((4, side), np.uint64)
    px, py, qx, qy, ax_out, ay_out, bx_out, by_out = np.empty((8, side), np.float32)
    flat_a, flat_b = fa.ravel(), fb.ravel()
    line, cell = np.uint64(width * _CHANNELS), np.uint64(_CHANNELS)
    for y in range(height):
        for x in range(width):
            vx, vy = v[y, x, 0], v[y, x, 1]
            _along(np.float32(x) - vx, step, np.float32(-1), right, ax, px, ax_out)
            _along(np.float32(y) - vy, step, np.float32(-1), bottom, ay, py, ay_out)
            _along(np.float32(x) + vx, step, np.float32(1), right, bx, qx, bx_out)
            _along(np.float32(y) + vy, step, np.float32(1), bottom, by, qy, by_out)
            for j in range(side):
                q, s = py[j], qy[j]
                for i in range(side):
                    p, r = px[i], qx[i]
                    a00, a01, a10, a11 = (one - p) * (one - q), p * (one - q), (one - p) * q, p * q
                    b00, b01, b10, b11 = (one - r) * (one - s), r * (one - s), (one - r) * s, r * s
                    a, b = ay[j] * line + ax[i] * cell, by[j] * line + bx[i] * cell
                    cost = np.float32(0)
                    for c in range(np.uint64(_CHANNELS)):
                        difference = (
                            a00 * flat_a[a + c]
                            + a01 * flat_a[a + cell + c]
                            + a10 * flat_a[a + line + c]
                            + a11 * flat_a[a + line + cell + c]
                            - b00 * flat_b[b + c]
                            - b01 * flat_b[b + cell + c]
                            - b10 * flat_b[b + line + c]
                            - b11 * flat_b[b + line + cell + c]
                        )
                        cost += difference * difference
                    # Two per cell of overshoot: what leaves the frame matches nothing.
                    outside = ax_out[i] + ay_out[j] + bx_out[i] + by_out[j]
                    costs[j * side + i, y, x] = cost + np.float32(2) * outside


@njit(cache=True, nogil=True)
def _choose(
    costs: NDArray[np.float32],
    total: NDArray[np.float32],
    v: NDArray[np.float32],
    smooth: NDArray[np.float32],
    step: np.float32,
    tie: np.float32,
    deviation: np.float32,
    weighted: NDArray[np.float32],
) -> None:
    """Per cell, the displacement that is cheap and near the smooth field, and how much it stands out.

    Fills `weighted` `(h, w, 3)` with (x · weight, y · weight, weight). `total` is the costs' sum over the window.
    """
    count, height, width = costs.shape
    side = int(np.sqrt(count))
    radius = side // 2
    lowest, found = np.empty(width, np.float32), np.empty(width, np.int32)
    away_x, away_y = np.empty((2, width), np.float32)
    tied = tie * deviation
    for y in range(height):
        for x in range(width):
            lowest[x], found[x] = np.float32(np.inf), 0
            away_x[x], away_y[x] = v[y, x, 0] - smooth[y, x, 0], v[y, x, 1] - smooth[y, x, 1]
        for n in range(count):
            i, j = np.float32(n % side - radius) * step, np.float32(n // side - radius) * step
            # Without a branch, so that the compiler does many cells at once.
            for x in range(width):
                dx, dy = away_x[x] + i, away_y[x] + j
                cost = costs[n, y, x] + tied * (dx * dx + dy * dy)
                less = cost < lowest[x]
                lowest[x] = cost if less else lowest[x]
                found[x] = n if less else found[x]
        for x in range(width):
            n = found[x]
            stands_out = (total[y, x] / np.float32(count) - costs[n, y, x]) / deviation
            weight = max(stands_out, np.float32(0)) + np.float32(0.05)
            weighted[y, x, 0] = weight * (v[y, x, 0] + np.float32(n % side - radius) * step)
            weighted[y, x, 1] = weight * (v[y, x, 1] + np.float32(n // side - radius) * step)
            weighted[y, x, 2] = weight


def _held_at_borders(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """V with its normal component faded to nothing at each border, so that no border is ever seen inside the frame."""
    height, width = v.shape[:2]
    held = v.copy()
    held[..., 0] *= _fade(width)[None, :]
    held[..., 1] *= _fade(height)[:, None]
    return held


def _fade(length: int) -> NDArray[np.float32]:
    inside = np.minimum(np.arange(length), np.arange(length)[::-1]) / (length * _BORDER)
    x = np.minimum(inside, 1).astype(np.float32)
    return x * x * (3 - 2 * x)


def _unfolded(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """V in cells, smoothed until neither p − v nor p + v folds."""
    rounds = 0
    while least_jacobian(v) < _LEAST_JACOBIAN:
        # Smoothing unfolds nearly everything; the little that a border keeps folded is shortened.
        v = cv2.GaussianBlur(v, (0, 0), 1.5).astype(np.float32) if rounds < 40 else v * np.float32(0.9)
        rounds += 1
    return v


def least_jacobian(v: NDArray[np.float32]) -> float:
    """The least determinant of the Jacobians of p − v and p + v, v in cells; above 0 nothing folds."""
    return float(_least_jacobian(np.ascontiguousarray(v)))


@njit(cache=True, nogil=True)
def _least_jacobian(v: NDArray[np.float32]) -> np.float32:
    height, width = v.shape[:2]
    one, least = np.float32(1), np.float32(np.inf)
    for y in range(height):
        above, below = max(y - 1, 0), min(y + 1, height - 1)
        down = one / np.float32(below - above)
        for x in range(width):
            before, after = max(x - 1, 0), min(x + 1, width - 1)
            across = one / np.float32(after - before)
            xx, yx = (v[y, after, 0] - v[y, before, 0]) * across, (v[y, after, 1] - v[y, before, 1]) * across
            xy, yy = (v[below, x, 0] - v[above, x, 0]) * down, (v[below, x, 1] - v[above, x, 1]) * down
            turned = xy * yx
            least = min(least, (one + xx) * (one + yy) - turned, (one - xx) * (one - yy) - turned)
    return least
