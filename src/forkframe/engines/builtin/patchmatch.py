"""Patches: which 7×7 patch of one picture is most like each patch of another, and the picture these matches vote for.

A patch is described by its 16 lowest discrete cosine coefficients (10 of L, 3 of a, 3 of b). The transform is
orthonormal, so distances between descriptors are distances between the smooth parts of the patches, and it needs no
training, no linear algebra and no threads: the same bytes everywhere. Coarse pictures are compared exhaustively, with
the normalised score of Granot et al. ("Drop the GAN", arXiv 2103.15545); finer ones by PatchMatch (Barnes et al.,
2009).

A *field* is `(h, w, 2)` int32: for every pixel of a picture, (y, x) of the centre of its match in the source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

PATCH = 7
DIMENSIONS = 16

_COEFFICIENTS = (10, 3, 3)
"""Of L, a and b. They hold 90–98 % of the energy of a photograph's patches at 160 rows, 75 % of a field of stars'."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """For every pixel its match in the source.

    Attributes:
        field: `(h, w, 2)` int32, (y, x) of each match's centre.
        cost: `(h, w)` float32, squared descriptor distance, weighted if the search was.
    """

    field: NDArray[np.int32]
    cost: NDArray[np.float32]


def descriptors(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """One descriptor for the patch around every pixel: `(h, w, 16)` float32 from Lab `(h, w, 3)`."""
    positions = (np.arange(PATCH) + 0.5) * math.pi / PATCH
    basis = np.stack([np.cos(k * positions) for k in range(PATCH)])
    basis *= np.sqrt(np.where(np.arange(PATCH) == 0, 1, 2) / PATCH)[:, None]
    # Lowest frequencies first; among equals, the horizontal one.
    order = sorted(((i, j) for i in range(PATCH) for j in range(PATCH)), key=lambda ij: (sum(ij), ij))
    out = np.empty((*lab.shape[:2], DIMENSIONS), np.float32)
    planes = cv2.split(lab)
    bands = [(plane, ij) for plane, n in zip(planes, _COEFFICIENTS, strict=True) for ij in order[:n]]
    for d, (plane, (i, j)) in enumerate(bands):
        out[..., d] = cv2.sepFilter2D(
            plane, cv2.CV_32F, basis[j], basis[i], borderType=cv2.BORDER_REFLECT_101
        )
    return out


def exact_matches(
    query: NDArray[np.float32],
    keys: NDArray[np.float32],
    *,
    openness: float,
    weights: NDArray[np.float32] | None = None,
) -> NDArray[np.int32]:
    """The best of all patches for each query, counting against a patch that it is already well used.

    Minimises D_ij / (openness + min_l D_lj): with a small `openness` every patch of the source gets its place.

    Args:
        query: `(h, w, 16)` float32 descriptors; with the keys' number, the cost in time and memory: up to about 5,000.
        keys: `(H, W, 16)` float32 descriptors of the source.
        openness: > 0, in squared descriptor distance.
        weights: `(H, W)` float32 factor on the score of each key; None for 1.

    Returns:
        The field `(h, w, 2)`.
    """
    height, width = query.shape[:2]
    columns = np.ascontiguousarray(keys.reshape(-1, DIMENSIONS).T)
    factor = np.ones(columns.shape[1], np.float32) if weights is None else weights.reshape(-1)
    best = np.empty(height * width, np.int32)
    _exact(query.reshape(-1, DIMENSIONS), columns, np.float32(openness), factor, best)
    return np.stack(np.divmod(best.reshape(height, width), np.int32(keys.shape[1])), axis=-1)


def search(
    query: NDArray[np.float32],
    keys: NDArray[np.float32],
    start: NDArray[np.int32],
    *,
    rounds: int,
    tries: int,
    radius: int,
    seed: int,
    weights: NDArray[np.float32] | None = None,
) -> Matches:
    """Good matches by PatchMatch: what suits a neighbour is tried, then random places around the best so far.

    Args:
        query: `(h, w, 16)` float32 descriptors.
        keys: `(H, W, 16)` float32 descriptors of the source.
        start: the field to begin with.
        rounds: sweeps over the picture, there and back in turn.
        tries: random places per pixel and sweep, the first within `radius`, each nearer than the last.
        radius: in pixels of the source.
        seed: decides the random places.
        weights: `(H, W)` float32 factor on the cost of each key; None for 1.

    Returns:
        The matches, none of them worse than `start`.
    """
    field = np.ascontiguousarray(start, dtype=np.int32).copy()
    factor = np.ones(keys.shape[:2], np.float32) if weights is None else weights
    cost = np.empty(field.shape[:2], np.float32)
    _measure(query, keys, field, factor, cost)
    for number in range(rounds):
        stream = np.uint64((seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03) % 2**64)
        _sweep(query, keys, field, factor, cost, number % 2 == 1, tries, np.float32(radius), stream)
    return Matches(field, cost)


def scaled_field(
    field: NDArray[np.int32],
    *,
    size: tuple[int, int],
    source: tuple[int, int],
    source_size: tuple[int, int],
    rows: slice = slice(None),
) -> NDArray[np.int32]:
    """The field for a larger picture: neighbours that moved together still do.

    Args:
        field: `(h, w, 2)`.
        size: (height, width) of the larger picture.
        source: (height, width) of the source that `field` points into.
        source_size: (height, width) of the source that the result points into.
        rows: of the larger picture, which are wanted; all, unless they are named.
    """
    axes: list[NDArray[np.float64]] = []
    nearest: list[NDArray[np.intp]] = []
    for old, new in zip(field.shape[:2], size, strict=True):
        centre = (np.arange(new) + 0.5) * (old / new) - 0.5
        cell = np.rint(centre).astype(np.intp).clip(0, old - 1)
        nearest.append(cell)
        axes.append(centre - cell)
    moved = field[nearest[0][rows]][:, nearest[1]].astype(np.float64)
    moved[..., 0] += axes[0][rows, None]
    moved[..., 1] += axes[1][None, :]
    factor = np.array(source_size) / np.array(source)
    scaled = np.rint((moved + 0.5) * factor - 0.5)
    return scaled.clip(0, np.array(source_size) - 1).astype(np.int32)


def vote(
    source: NDArray[np.float32],
    field: NDArray[np.int32],
    *,
    weights: NDArray[np.float32] | None = None,
    patch: int = PATCH,
) -> NDArray[np.float32]:
    """The picture in which every pixel is the mean of what the patches that cover it say about it.

    Args:
        source: `(H, W, 3)` float32.
        field: `(h, w, 2)` into the source.
        weights: `(h, w)` float32 > 0, how much each patch counts; None for all alike.
        patch: side of the patches that are laid down, odd; smaller than those compared gives a sharper picture.

    Returns:
        `(h, w, 3)` float32.
    """
    return vote_padded(padded(source, patch=patch), field, weights=weights, patch=patch)


def padded(source: NDArray[np.float32], *, patch: int = PATCH) -> NDArray[np.float32]:
    """The source `(H, W, 3)` with half a patch mirrored around it, for `vote_padded`."""
    margin = patch // 2
    border = cv2.copyMakeBorder(source, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    return border.astype(np.float32, copy=False)


def vote_padded(
    padded: NDArray[np.float32],
    field: NDArray[np.int32],
    *,
    weights: NDArray[np.float32] | None = None,
    patch: int = PATCH,
) -> NDArray[np.float32]:
    """What `vote` gives, of a source that is `padded` already."""
    margin = patch // 2
    factor = np.ones(field.shape[:2], np.float32) if weights is None else weights
    out = np.empty((*field.shape[:2], 3), np.float32)
    _vote(padded, np.ascontiguousarray(field), factor, margin, out)
    return out


def trust(cost: NDArray[np.float32], *, share: float = 30) -> NDArray[np.float32]:
    """How much each match should count in a vote, `(h, w)`, falling with its cost around the `share`-th percentile."""
    return (1 / (cost + np.float32(np.percentile(cost, share) + 1e-6))).astype(np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _exact(
    query: NDArray[np.float32],
    columns: NDArray[np.float32],
    openness: np.float32,
    weights: NDArray[np.float32],
    best: NDArray[np.int32],
) -> None:
    """Two passes over all pairs: how well each key is used at best, then the choice."""
    total, count = query.shape[0], columns.shape[1]
    distance = np.empty(count, np.float32)
    used = np.full(count, np.float32(3e38))
    for turn in range(2):
        for i in range(total):
            distance[:] = np.float32(0)
            for d in range(DIMENSIONS):
                value = query[i, d]
                for j in range(count):
                    step = value - columns[d, j]
                    distance[j] += step * step
            if turn == 0:
                for j in range(count):
                    used[j] = min(used[j], distance[j])
            else:
                least, at = np.float32(3e38), 0
                for j in range(count):
                    score = weights[j] * distance[j] / (openness + used[j])
                    if score < least:
                        least, at = score, j
                best[i] = at


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _distance(
    query: NDArray[np.float32], keys: NDArray[np.float32], y: int, x: int, ky: int, kx: int
) -> np.float32:
    total = np.float32(0)
    for d in range(DIMENSIONS):
        step = query[y, x, d] - keys[ky, kx, d]
        total += step * step
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _measure(
    query: NDArray[np.float32],
    keys: NDArray[np.float32],
    field: NDArray[np.int32],
    weights: NDArray[np.float32],
    cost: NDArray[np.float32],
) -> None:
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            ky, kx = field[y, x, 0], field[y, x, 1]
            cost[y, x] = _distance(query, keys, y, x, ky, kx) * weights[ky, kx]


@njit(cache=True, nogil=True, fastmath=True)
def _sweep(
    query: NDArray[np.float32],
    keys: NDArray[np.float32],
    field: NDArray[np.int32],
    weights: NDArray[np.float32],
    cost: NDArray[np.float32],
    backwards: bool,
    tries: int,
    radius: np.float32,
    stream: np.uint64,
) -> None:
    height, width = cost.shape
    tall, wide = weights.shape
    step = -1 if backwards else 1
    for row in range(height):
        y = height - 1 - row if backwards else row
        for column in range(width):
            x = width - 1 - column if backwards else column
            by, bx, least = field[y, x, 0], field[y, x, 1], cost[y, x]
            for axis in range(2):
                ny, nx = (y - step, x) if axis == 0 else (y, x - step)
                if ny < 0 or ny >= height or nx < 0 or nx >= width:
                    continue
                ky, kx = field[ny, nx, 0] + y - ny, field[ny, nx, 1] + x - nx
                if ky < 0 or ky >= tall or kx < 0 or kx >= wide or (ky == by and kx == bx):
                    continue
                c = _distance(query, keys, y, x, ky, kx) * weights[ky, kx]
                if c < least:
                    by, bx, least = ky, kx, c
            reach = radius
            state = stream + np.uint64(y * width + x) * np.uint64(0xBF58476D1CE4E5B9)
            for _ in range(tries):
                # SplitMix64 (Steele, Lea and Flood, 2014): one number gives both coordinates.
                state += np.uint64(0x9E3779B97F4A7C15)
                z = state
                z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                z ^= z >> np.uint64(31)
                dy = (np.float32(z & np.uint64(0xFFFFFF)) / np.float32(0x800000) - 1) * reach
                dx = (np.float32(z >> np.uint64(40)) / np.float32(0x800000) - 1) * reach
                ky, kx = (
                    min(max(by + round(dy), 0), tall - 1),
                    min(max(bx + round(dx), 0), wide - 1),
                )
                c = _distance(query, keys, y, x, ky, kx) * weights[ky, kx]
                if c < least:
                    by, bx, least = ky, kx, c
                reach = max(reach * np.float32(0.5), np.float32(1))
            field[y, x, 0], field[y, x, 1], cost[y, x] = by, bx, least


@njit(cache=True, nogil=True, fastmath=True)
def _vote(
    padded: NDArray[np.float32],
    field: NDArray[np.int32],
    weights: NDArray[np.float32],
    margin: int,
    out: NDArray[np.float32],
) -> None:
    height, width = weights.shape
    for y in range(height):
        for x in range(width):
            total = np.float32(0)
            first, second, third = np.float32(0), np.float32(0), np.float32(0)
            for py in range(max(y - margin, 0), min(y + margin + 1, height)):
                for px in range(max(x - margin, 0), min(x + margin + 1, width)):
                    sy, sx = field[py, px, 0] + y - py + margin, field[py, px, 1] + x - px + margin
                    w = weights[py, px]
                    total += w
                    first += w * padded[sy, sx, 0]
                    second += w * padded[sy, sx, 1]
                    third += w * padded[sy, sx, 2]
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = first / total, second / total, third / total
