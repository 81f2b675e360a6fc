"""What sand adds to a prepared metamorphosis: which way the wind blows, and when each place is carried off."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.field import Field, Grains
from forkframe.engines.builtin.sand import LAYERS, drifts

_SIZE = 4.4 / 960
"""Of a cell: 4.4 pixels at 1280×720."""
_WIND = 0.2
"""How far it carries, in shares of the square root of the frame's area."""
_FLIGHT = 0.5
"""The share of the time in which a place is emptied and filled again."""
_SWEEP = 0.9
"""How much of the switching time is the wind's own front, against one part of the pictures'."""
_SMOOTH = 1 / 24
"""Fronts in sand are smooth: τ is blurred by this share of the grid's side, at least."""
_SMOOTHER, _CALMER = 1 / 20, 0.92
_ROUNDS = 6
"""While grains pile up, τ becomes that much smoother and the wind that much calmer, so many times at most."""
_LEAST = 0.25
"""Where a layer's area shrinks below this share, grains pile up in seams."""
_SEAMS = 2e-3
"""The share of the grid in which they may."""
_MOMENTS = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85)
"""When it is looked for them."""


def blown(field: Field, *, seed: int, start: tuple[float, float] | None, aspect: float) -> Field:
    """The timed field, drawn in sand.

    The wind blows towards where the change starts, and the change runs against it: so grains are torn from a front and
    fly over what has gone already. Without a start it blows sideways, a little upwards.

    Args:
        field: timed, as `transition.prepare` has it before its pace.
        seed: decides on the wind and on the grains.
        start: (x, y) in shares of the frame, as for `prepare`.
        aspect: the frame's width by its height.
    """
    assert field.tau is not None
    rng = np.random.default_rng([seed, 0x5A4D])
    side = 1 if rng.integers(2) else -1
    tilt = math.radians(rng.uniform(-4, 24))
    way = np.array([side * math.cos(tilt), -math.sin(tilt)])
    if start is not None:
        away = (np.array(start) - 0.5) * [aspect, 1.0]
        if np.hypot(*away) > 0.1:
            way = away / np.hypot(*away)
    front = _front(field.tau, way, aspect, started=start is not None)
    share = np.array([1 / math.sqrt(aspect), math.sqrt(aspect)])  # of width and height, per share of the side
    wind = _WIND * way * share
    grain_seed = int(rng.integers(2**32))
    soft = _smoothed(field.tau, _SMOOTH)
    for _ in range(_ROUNDS):
        sanded = _in_sand(field, soft + _SWEEP * front, wind, grain_seed)
        if _seams(sanded) <= _SEAMS:
            return sanded
        soft, wind = _smoothed(soft, _SMOOTHER), _CALMER * wind
    return _in_sand(field, soft + _SWEEP * front, wind, grain_seed)


def _in_sand(field: Field, tau: NDArray[Any], wind: NDArray[np.float64], seed: int) -> Field:
    """The field with its switches in the order of `tau`, none so early or late that a flight would be cut off."""
    timed = (_FLIGHT / 2 + (1 - _FLIGHT) * _stretched(tau)).astype(np.float32)
    return replace(field, tau=timed, grains=Grains(_SIZE, (float(wind[0]), float(wind[1])), _FLIGHT, seed))


def _front(
    tau: NDArray[np.float32], way: NDArray[np.float64], aspect: float, *, started: bool
) -> NDArray[np.float32]:
    """When the wind alone would reach every place, 0–1: from where it is to start, or else from where it blows to."""
    rows, columns = tau.shape
    y, x = np.mgrid[0:rows, 0:columns] / np.array([rows, columns]).reshape(2, 1, 1)
    if started:
        first = np.unravel_index(int(tau.argmin()), tau.shape)
        return _stretched(np.hypot((x - x[first]) * aspect, y - y[first]))
    return _stretched(-(way[0] * aspect * x + way[1] * y))


def _smoothed(tau: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """τ blurred by a share of the grid's side, 0–1 again."""
    return _stretched(cv2.GaussianBlur(tau, (0, 0), share * math.sqrt(tau.size)))


def _stretched(values: NDArray[Any]) -> NDArray[np.float32]:
    return ((values - values.min()) / max(float(np.ptp(values)), 1e-6)).astype(np.float32)


def _seams(field: Field) -> float:
    """The largest share of the grid, over some moments and the farthest layers, in which grains pile up."""
    assert field.grains is not None
    worst = 0.0
    for t in _MOMENTS:
        carried = _areas(np.float32(2 * t - 1) * field.v)
        for layer in (LAYERS - 2, LAYERS - 1):
            drift, way = drifts(field, layer, float(t))
            seams = (_areas(drift) < _LEAST * carried) & (way > 0) & (way < 1)
            worst = max(worst, float(seams.mean()))
    return worst


def _areas(move: NDArray[np.float32]) -> NDArray[np.float32]:
    """What becomes of the area of every cell that is moved by `(h, w, 2)` shares of the frame."""
    dx, dy = (np.gradient(move[..., axis] * move.shape[1 - axis]) for axis in (0, 1))
    return (1 + dx[1]) * (1 + dy[0]) - dx[0] * dy[1]
