"""The map: every picture at a place on a plane, so that those that are alike lie together.

Nearest neighbours in descriptor space attract each other, everything repels everything, and where the two balance is
the map: t-SNE (van der Maaten and Hinton, 2008), its repulsion by convolution on a grid (Linderman et al., 2019). It
begins with the principal components, so that the same pictures give the same map and its large distances mean
something too; or with an earlier map, so that a new picture hardly moves the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from forkframe.search.layout import Grid, Points, fitted, has_room, snapped
from forkframe.search.repulsion import Repulsion

CARD_WIDTH = 240.0
"""How wide a picture is on the canvas, in canvas units."""

_PERPLEXITY = 8.0
"""About how many neighbours a picture is held to."""
_EXAGGERATION = 12.0
_GATHERING, _SETTLING, _RESETTLING = 80, 170, 60
"""Rounds with attraction exaggerated, then without; and those after an earlier map."""
_LEAST_RATE, _FARTHEST = 12.0, 5.0
"""Of learning; and the most a coordinate changes in a round."""
_EXTENTS = tuple(10 * 2 ** (n / 2) for n in range(9))
"""How wide an earlier map may be in units of the kernel; where it shows the links best, it goes on."""
_BLOCK = 512
"""Rows of distances that are held at a time."""
_FEWEST = 4
"""Of fewer pictures the principal components are the map; fewer known places, or less than half of all, are none."""


def map_places(
    descriptors: NDArray[np.floating],
    *,
    aspect: float,
    spacing: float,
    start: NDArray[np.floating] | None = None,
) -> Points:
    """Places for pictures, alike ones together, no two overlapping; the same for the same pictures.

    ```python
    places = map_places(np.random.default_rng(0).normal(size=(50, 126)), aspect=16 / 9, spacing=40)
    ```

    Args:
        descriptors: `(N, D)`, one row for each picture; the nearer, the more alike.
        aspect: width over height of a picture.
        spacing: the least gap between two pictures, in canvas units.
        start: `(N, 2)`, the places of an earlier map, to change as little as need be; NaN where there is none.

    Returns:
        `(N, 2)`, the pictures' places in canvas units (x to the right, y down), around the origin, on a grid of
        `CARD_WIDTH` + `spacing` by `CARD_WIDTH` / `aspect` + `spacing`.
    """
    points = np.asarray(descriptors, np.float32)
    if len(points) < 2:
        return np.zeros((len(points), 2))
    grid = Grid(CARD_WIDTH + spacing, CARD_WIDTH / aspect + spacing)
    known = None if start is None else np.asarray(start, np.float64)
    if known is not None and np.isfinite(known).all(axis=1).sum() >= max(_FEWEST, len(points) / 2):
        return snapped(_continued(points, known, grid), grid)
    places = _embedded(points) if len(points) >= _FEWEST else _components(points)
    return snapped(fitted(places, grid), grid)


def nearest(points: NDArray[np.floating], count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The `count` nearest other ones of each of `points` `(N, D)`: numbers and squared distances, `(N, count)`."""
    points = np.asarray(points, np.float32)
    total = len(points)
    numbers = np.empty((total, count), np.intp)
    squares = np.empty((total, count), np.float32)
    for begin in range(0, total, _BLOCK):
        rows = np.arange(begin, min(begin + _BLOCK, total))
        ways = _squares(points[rows], points)
        ways[rows - begin, rows] = np.inf
        near = np.argpartition(ways, count - 1, axis=1)[:, :count]
        far = np.take_along_axis(ways, near, axis=1)
        order = np.lexsort((near, far), axis=1)
        numbers[rows] = np.take_along_axis(near, order, axis=1)
        squares[rows] = np.take_along_axis(far, order, axis=1)
    return numbers, squares


def _squares(points: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """The squared distance of each point from each other one."""
    norms, theirs = (points * points).sum(axis=1), (others * others).sum(axis=1)
    return np.maximum(norms[:, None] + theirs - 2 * (points @ others.T), 0)


def _components(points: NDArray[np.floating]) -> Points:
    """The first two principal components `(N, 2)`, spread 1 along the first, each pointing where its largest value is."""
    centred = points.astype(np.float64) - points.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False) if len(points) < 400 else _short_svd(centred)
    both = np.zeros((len(points), 2))
    both[:, : min(2, s.size)] = (u * s)[:, :2]
    signs = np.sign(both[np.abs(both).argmax(axis=0), [0, 1]])
    return both * np.where(signs == 0, 1, signs) / max(both[:, 0].std(), 1e-12)


def _short_svd(centred: Points) -> tuple[Points, Points, None]:
    """As `numpy.linalg.svd`, by the D × D covariance: fast for many rows."""
    values, vectors = np.linalg.eigh(centred.T @ centred)
    s = np.sqrt(np.maximum(values[::-1], 1e-24))
    return centred @ vectors[:, ::-1] / s, s, None


def _embedded(points: NDArray[np.float32]) -> Points:
    """The map from scratch, wider than high, as screens are."""
    links = _links(points)
    places = _descended(
        _components(points), links, rounds=_GATHERING, momentum=0.5, exaggeration=_EXAGGERATION
    )
    return _components(_descended(places, links, rounds=_SETTLING, momentum=0.8))


def _continued(points: NDArray[np.float32], known: Points, grid: Grid) -> Points:
    """An earlier map (NaN for new pictures) settled anew, in canvas units, as near to where it was as that allows."""
    old = np.isfinite(known).all(axis=1)
    origin = known[old].mean(axis=0)
    before = known - origin
    near = np.argsort(_squares(points[~old], points[old]), axis=1, kind="stable")[:, :3]
    before[~old] = before[old][near].mean(axis=1)
    links = _links(points)
    spread = max(float(np.ptp(before, axis=0).max()), 1e-9)
    scaled = (before * (extent / spread) for extent in _EXTENTS)
    shrunk = min(scaled, key=lambda places: _loss(places, links))
    after = _descended(shrunk, links, rounds=_RESETTLING, momentum=0.5)
    moved = after - after[old].mean(axis=0)
    scale = (moved[old] * before[old]).sum() / max((moved[old] ** 2).sum(), 1e-12)
    places = moved * scale + origin
    return places if has_room(places, grid) else fitted(after, grid)


@dataclass(frozen=True, slots=True)
class _Links:
    """Who attracts whom how much: both directions of each link, the weights summing to 1."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: NDArray[np.float64]


def _links(points: NDArray[np.float32]) -> _Links:
    """Gaussians as wide as lets each of `(N, D)` have `_PERPLEXITY` neighbours, made symmetric."""
    total = len(points)
    perplexity = min(_PERPLEXITY, (total - 1) / 2)
    count = min(total - 1, int(np.ceil(2.5 * perplexity)))
    numbers, squares = nearest(points, count)
    squares = squares.astype(np.float64) - squares[:, :1]
    scale = np.maximum(squares.mean(axis=1, keepdims=True), 1e-12)
    low, high = np.full((total, 1), 1e-4), np.full((total, 1), 1e4)
    for _ in range(32):
        beta = np.sqrt(low * high)
        wide = _entropy(_gaussian(beta * squares / scale)) > np.log(perplexity)
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
    weights = _gaussian(np.sqrt(low * high) * squares / scale)
    rows = np.repeat(np.arange(total), count)
    one_way = sparse.csr_array((weights.ravel(), (rows, numbers.ravel())), shape=(total, total))
    both = sparse.coo_array(one_way + one_way.T)
    return _Links(both.row.astype(np.intp), both.col.astype(np.intp), both.data / both.data.sum())


def _gaussian(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of the neighbours in each row, summing to 1."""
    weights = np.exp(-squares)
    return weights / weights.sum(axis=1, keepdims=True)


def _entropy(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return -(weights * np.log(np.maximum(weights, 1e-12))).sum(axis=1, keepdims=True)


def _descended(
    places: Points, links: _Links, *, rounds: int, momentum: float, exaggeration: float = 1.0
) -> Points:
    """Places after so many rounds of gradient descent, each coordinate with a gain of its own (Jacobs, 1988)."""
    total = len(places)
    rate = max(total / _EXAGGERATION, _LEAST_RATE)
    repulsion = Repulsion()
    speed, gains = np.zeros_like(places), np.ones_like(places)
    for _ in range(rounds):
        ways = places[links.rows] - places[links.columns]
        pull = links.weights / (1 + (ways * ways).sum(axis=1))
        pulled = [np.bincount(links.rows, pull * ways[:, axis], minlength=total) for axis in (0, 1)]
        slope = 4 * (exaggeration * np.stack(pulled, axis=1) - repulsion(places)[0])
        gains = np.where(slope * speed < 0, gains + 0.2, gains * 0.8).clip(0.01)
        speed = momentum * speed - rate * gains * slope
        speed *= min(1.0, _FARTHEST / max(np.abs(speed).max(), 1e-12))
        places = places + speed
        places -= places.mean(axis=0)
    return places


def _loss(places: Points, links: _Links) -> float:
    """How badly places show the links, up to a constant: the Kullback–Leibler divergence."""
    ways = places[links.rows] - places[links.columns]
    apart = np.log1p((ways * ways).sum(axis=1))
    return float((links.weights * apart).sum() + np.log(Repulsion()(places)[1]))
