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

from forkframe.engines.builtin.features import structure_features
from forkframe.engines.builtin.sampling import resized

_TIES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""How strongly a match is tied to the smooth field, round by round, when costs have unit deviation."""
_COARSE_TIES = 0.4
"""The two coarsest levels are tied this much less: structures may go far, but only as wholes."""
_BORDER = 0.12
"""The band along each border, as a share of the side, in which nothing may move out of the frame."""
_LEAST_JACOBIAN = 0.15


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
    v = np.zeros((*levels[0], 2), np.float32)
    for number, (height, width) in enumerate(levels):
        scale = np.array([width / v.shape[1], height / v.shape[0]], np.float32)
        v = resized(v, (height, width)) * scale
        radius, step = ((4, 0.75), (4, 1.0), (3, 1.0), (2, 1.0))[number]
        features_a, features_b = (
            structure_features(resized(lab, (2 * height, 2 * width)), size=(height, width))
            for lab in (a_lab, b_lab)
        )
        coarse = number < 2
        v = _relax(features_a, features_b, v, radius=radius, step=step, ties=_COARSE_TIES if coarse else 1.0)
        if not coarse:
            v = _relax(features_a, features_b, v, radius=radius, step=step / 2, ties=1.0)
        if on_progress:
            on_progress((number + 1) / len(levels))
    return v / np.array([grid[1], grid[0]], np.float32)


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
    side = 2 * radius + 1
    costs = np.empty((height, width, side * side), np.float32)
    _fill_costs(features_a, features_b, v, radius, np.float32(step), costs)
    costs = cv2.GaussianBlur(costs, (0, 0), 1.0).astype(np.float32)
    costs /= costs.std() + np.float32(1e-6)
    smooth = v
    best = np.empty((height, width, 3), np.float32)
    for number, tie in enumerate(_TIES):
        _choose(costs, v, smooth, radius, np.float32(step), np.float32(ties * tie), best)
        sigma = 1.5 * (2 - 0.12 * number)
        weighted = best.copy()
        weighted[..., :2] *= best[..., 2:]
        weighted = cv2.GaussianBlur(weighted, (0, 0), sigma).astype(np.float32, copy=False)
        smooth = _held_at_borders(weighted[..., :2] / weighted[..., 2:])
    return _unfolded(smooth)


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
    height, width, channels = fa.shape
    right, bottom = np.float32(width - 1.001), np.float32(height - 1.001)
    zero, one = np.float32(0), np.float32(1)
    for y in range(height):
        for x in range(width):
            n = 0
            for j in range(-radius, radius + 1):
                for i in range(-radius, radius + 1):
                    dx = v[y, x, 0] + np.float32(i) * step
                    dy = v[y, x, 1] + np.float32(j) * step
                    ax, ay = min(max(x - dx, zero), right), min(max(y - dy, zero), bottom)
                    bx, by = min(max(x + dx, zero), right), min(max(y + dy, zero), bottom)
                    ax0, ay0, bx0, by0 = int(ax), int(ay), int(bx), int(by)
                    p, q, r, s = ax - ax0, ay - ay0, bx - bx0, by - by0
                    a00, a01, a10, a11 = (one - p) * (one - q), p * (one - q), (one - p) * q, p * q
                    b00, b01, b10, b11 = (one - r) * (one - s), r * (one - s), (one - r) * s, r * s
                    cost = zero
                    for c in range(channels):
                        difference = (
                            a00 * fa[ay0, ax0, c]
                            + a01 * fa[ay0, ax0 + 1, c]
                            + a10 * fa[ay0 + 1, ax0, c]
                            + a11 * fa[ay0 + 1, ax0 + 1, c]
                            - b00 * fb[by0, bx0, c]
                            - b01 * fb[by0, bx0 + 1, c]
                            - b10 * fb[by0 + 1, bx0, c]
                            - b11 * fb[by0 + 1, bx0 + 1, c]
                        )
                        cost += difference * difference
                    # Two per cell of overshoot: what leaves the frame matches nothing.
                    outside = abs(x - dx - ax) + abs(y - dy - ay) + abs(x + dx - bx) + abs(y + dy - by)
                    costs[y, x, n] = cost + np.float32(2) * outside
                    n += 1


@njit(cache=True, nogil=True)
def _choose(
    costs: NDArray[np.float32],
    v: NDArray[np.float32],
    smooth: NDArray[np.float32],
    radius: int,
    step: np.float32,
    tie: np.float32,
    best: NDArray[np.float32],
) -> None:
    """Per cell, the displacement that is cheap and near the smooth field, and how much it stands out: (x, y, weight)."""
    height, width, count = costs.shape
    side = 2 * radius + 1
    for y in range(height):
        for x in range(width):
            lowest, found, total = np.float32(np.inf), 0, np.float32(0)
            for n in range(count):
                dx = v[y, x, 0] + np.float32(n % side - radius) * step - smooth[y, x, 0]
                dy = v[y, x, 1] + np.float32(n // side - radius) * step - smooth[y, x, 1]
                total += costs[y, x, n]
                cost = costs[y, x, n] + tie * (dx * dx + dy * dy)
                if cost < lowest:
                    lowest, found = cost, n
            best[y, x, 0] = v[y, x, 0] + np.float32(found % side - radius) * step
            best[y, x, 1] = v[y, x, 1] + np.float32(found // side - radius) * step
            best[y, x, 2] = max(total / np.float32(count) - costs[y, x, found], np.float32(0)) + np.float32(
                0.05
            )


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
    (xy, xx), (yy, yx) = ((d[0], d[1]) for d in ((np.gradient(v[..., c])) for c in (0, 1)))
    return min(float(((1 + s * xx) * (1 + s * yy) - xy * yx).min()) for s in (-1, 1))
