"""One axis of a layout: a monotone map that gives and takes space where there is little to see.

Axis-aligned deformation, after Panozzo, Weber and Sorkine, "Robust image retargeting via axis-aligned deformation"
(2012), with wishes in the place of another aspect. A map is `(129,)` float64: for even steps across the result, where
they come from, in shares of the source.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.intact import Box
from forkframe.engines.builtin.scene import Scene

CELLS = 128
"""Steps of the map."""
EVEN_STEPS = np.arange(CELLS + 1) / CELLS

_MOST_STRETCH = 4.0
"""Of a row or column with nothing in it, and the most that one is squeezed."""
_RAMP = 1 - 2 * (np.arange(CELLS) + 0.5) / CELLS


def wished(lean: float, noise: NDArray[np.float64], *, strength: float) -> NDArray[np.float64]:
    """Where along the axis space is wanted, `(128,)`: −1 as little as can be, 1 as much.

    Args:
        lean: −1 … 1, to which end the space goes.
        noise: `(5,)`, standard normal, for what is uneven about it.
        strength: 0–1.
    """
    return strength * np.clip(0.8 * lean * _RAMP + 0.5 * _smooth(noise), -1.5, 1.5)


def stiffness(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How stiff each column and each row is, 0–1: those with something in them keep their scale."""
    profiles: list[NDArray[np.float64]] = []
    for axis in (0, 1):
        seen = np.percentile(scene.busy, 95, axis=axis)
        low, high = float(seen.min()), float(np.percentile(seen, 75))
        # Where all is alike, all may give.
        stiff = np.clip((seen - low) / (0.6 * (high - low) + 0.25 * high + 1e-6), 0, 1)
        line = cv2.resize(stiff.reshape(1, -1), (CELLS, 1), interpolation=cv2.INTER_LINEAR).ravel()
        for head in (*scene.heads, *scene.rounds):
            begin, size = (head.x, head.width) if axis == 0 else (head.y, head.height)
            at = (np.arange(CELLS) + 0.5) / CELLS
            away = np.maximum(np.maximum(begin - at, at - begin - size), 0)
            line = np.maximum(line, np.clip(1.3 - away / 0.03, 0, 1))
        profiles.append(line.astype(np.float64))
    return profiles[0], profiles[1]


def _density(
    stiff: NDArray[np.float64], wanted: NDArray[np.float64], zoom: float, ease: float, *, care: float = 2.5
) -> NDArray[np.float64]:
    """How much of the result each cell of the source gets, over what it has in the source."""
    give = (1 - stiff) ** care * math.log(_MOST_STRETCH)
    return zoom * np.exp(give * np.clip(wanted + ease, -1, 1))


def least_zoom(stiff: NDArray[np.float64], wanted: NDArray[np.float64], zoom: float) -> float:
    """The zoom at which this axis can fill the frame, at least `zoom`."""
    # With more care than when space is shared out: things shrink only where there is even ground to show instead.
    return zoom * max(1.0, 1 / float(_density(stiff, wanted, zoom, 2.5, care=5).mean()))


def axis_map(
    stiff: NDArray[np.float64],
    wanted: NDArray[np.float64],
    zoom: float,
    *,
    window: float,
    must: tuple[float, float] | None,
) -> NDArray[np.float64]:
    """The map of one axis: for even steps across the result, where they come from."""
    # Half of what no longer fits is squeezed, half left outside.
    goal = 1 + 0.5 * max(0.0, zoom - 1)
    low, high = -2.5, 2.5
    for _ in range(30):
        ease = (low + high) / 2
        if _density(stiff, wanted, zoom, ease).mean() < goal:
            low = ease
        else:
            high = ease
    ways = np.concatenate([[0.0], np.cumsum(_density(stiff, wanted, zoom, high)) / CELLS])
    spare = max(0.0, float(ways[-1]) - 1)
    start = window * spare
    if must is not None:
        first, last = np.interp(must, EVEN_STEPS, ways)
        start = min(start, float(first)) if last - first < 1 else float(first + last - 1) / 2
        start = min(max(start, float(last) - 1 if last - first < 1 else start, 0.0), spare)
    ways[-1] = max(float(ways[-1]), 1.0)
    return np.interp(start + EVEN_STEPS, ways, EVEN_STEPS)


def extent(boxes: tuple[Box, ...], axis: int) -> tuple[float, float] | None:
    """From where to where the boxes reach along x (0) or y (1)."""
    if not boxes:
        return None
    begins = [b.x if axis == 0 else b.y for b in boxes]
    ends = [b.x + b.width if axis == 0 else b.y + b.height for b in boxes]
    return min(begins), max(ends)


def _smooth(controls: NDArray[np.float64]) -> NDArray[np.float64]:
    """Five numbers as a smooth line over the cells."""
    line = cv2.resize(controls.astype(np.float32).reshape(1, -1), (CELLS, 1), interpolation=cv2.INTER_CUBIC)
    return line.ravel().astype(np.float64)
