"""From points to places on a grid: no two cards overlap, and what lay left, right, above or below still does, nearly.

Points and empty cells are dealt out together by halving the grid again and again, each half getting the points on its
side (Hilasaca et al., 2023, DGrid); then, window by window, the assignment that moves points least replaces the rough one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.optimize import linear_sum_assignment

_ROOM = 3.0
"""Cells of the grid for each point. Packed tighter, groups touch and a picture's neighbours are another group's (of 200
pictures in 12 groups, 10 % of the three nearest at 1.6 cells, none at 3)."""
_AT_ONCE = 400
"""Up to so many points are assigned in one go."""
_WINDOW = 16
"""The side of a window, in cells."""
_PASSES = 4

Points = NDArray[np.float64]
"""`(N, 2)`: x, y."""
Cells = NDArray[np.intp]
"""`(N, 2)`: column, row."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid around the origin whose cells are `width` by `height`."""

    width: float
    height: float

    @property
    def pitch(self) -> Points:
        """Width and height of a cell."""
        return np.array([self.width, self.height], np.float64)


def has_room(points: Points, grid: Grid) -> bool:
    """Whether points in canvas units lie about as far apart as `fitted` would put them."""
    spread = points.max(axis=0) - points.min(axis=0)
    return bool((spread / grid.pitch + 1).prod() > 0.7 * _ROOM * len(points))


def fitted(points: Points, grid: Grid) -> Points:
    """Points scaled evenly, and moved to the origin, so that the box around them has room for all on a grid."""
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    spread = points.max(axis=0) - points.min(axis=0)
    # A box of no height still needs one row: half a card of margin is added on each side by what follows.
    size = np.maximum(spread, max(spread.max() * 1e-3, 1e-9))
    cells = _ROOM * len(points)
    # (size_x·s/width + 1) · (size_y·s/height + 1) = cells, solved for s
    u, v = size / grid.pitch
    scale = (-(u + v) + np.sqrt((u + v) ** 2 + 4 * u * v * max(cells - 1, 0))) / (2 * u * v)
    return (points - middle) * scale


def snapped(points: Points, grid: Grid) -> Points:
    """The places on a grid, in canvas units, that points in canvas units get: each another cell, all nearly where they were."""
    at = points / grid.pitch
    low, high = np.floor(at.min(axis=0)).astype(int), np.ceil(at.max(axis=0)).astype(int)
    low, high = _grown(low, high, len(points))
    shape = (int(high[0] - low[0] + 1), int(high[1] - low[1] + 1))
    at = at - low
    if len(at) <= _AT_ONCE:
        cells = _best(at, _all_cells((0, 0), shape))
    else:
        cells = _dealt(at, shape)
        for number in range(_PASSES):
            cells = _refined(at, cells, shape, offset=_WINDOW // 2 * (number % 2))
    return (cells + low) * grid.pitch


def _grown(
    low: NDArray[np.intp], high: NDArray[np.intp], count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """A box of cells, its shorter side grown until there is room for `count`."""
    low, high = low.copy(), high.copy()
    turn = 0
    while (sides := high - low + 1).prod() < count:
        side = int(np.argmin(sides))
        (low if turn % 2 else high)[side] += -1 if turn % 2 else 1
        turn += 1
    return low, high


def _all_cells(corner: tuple[int, int], shape: tuple[int, int]) -> Cells:
    columns, rows = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    return np.stack([columns.ravel(), rows.ravel()], axis=1) + np.array(corner)


def _best(at: Points, cells: Cells) -> Cells:
    """The cells, one for each point, to which the points move least: the smallest sum of squared ways."""
    ways = ((at[:, None] - cells[None]) ** 2).sum(axis=-1)
    return cells[linear_sum_assignment(ways)[1]]


def _dealt(at: Points, shape: tuple[int, int]) -> Cells:
    """A cell for each point by halving the grid; the emptiest cells get a dummy each, so that gaps stay."""
    count = len(at)
    spread = shape[0] * shape[1] - count
    inside = np.clip(np.rint(at).astype(int), 0, np.array(shape) - 1)
    taken = np.zeros(shape, bool)
    taken[inside[:, 0], inside[:, 1]] = True
    gap = np.asarray(distance_transform_edt(~taken))
    emptiest = np.argsort(-gap.ravel(), kind="stable")[:spread]
    everything = np.concatenate([at, np.stack(np.unravel_index(emptiest, shape), axis=1)])
    out = np.empty((len(everything), 2), np.intp)
    left = [(np.arange(len(everything)), (0, 0), shape)]
    while left:
        members, corner, (wide, high) = left.pop()
        if len(members) == 1:
            out[members[0]] = corner
            continue
        axis = 0 if wide >= high else 1
        half = (wide if axis == 0 else high) // 2
        first = half * (high if axis == 0 else wide)
        order = members[np.argsort(everything[members, axis], kind="stable")]
        if axis == 0:
            left.append((order[:first], corner, (half, high)))
            left.append((order[first:], (corner[0] + half, corner[1]), (wide - half, high)))
        else:
            left.append((order[:first], corner, (wide, half)))
            left.append((order[first:], (corner[0], corner[1] + half), (wide, high - half)))
    return out[:count]


def _refined(at: Points, cells: Cells, shape: tuple[int, int], *, offset: int) -> Cells:
    """The cells after the points of each window were assigned anew among themselves and its empty cells."""
    window = (cells + offset) // _WINDOW
    keys = window[:, 0] * (shape[1] + _WINDOW) + window[:, 1]
    order = np.argsort(keys, kind="stable")
    out = cells.copy()
    for members in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1):
        first = np.maximum(window[members[0]] * _WINDOW - offset, 0)
        last = np.minimum((window[members[0]] + 1) * _WINDOW - offset, np.array(shape))
        room = _all_cells((int(first[0]), int(first[1])), (int(last[0] - first[0]), int(last[1] - first[1])))
        out[members] = _best(at[members], room)
    return out
