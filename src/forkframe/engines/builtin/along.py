"""A camera that follows a drawn line, from the whole picture to a window at the line's end.

The first frame is the whole picture, so the camera comes closer on its way to the line's first point, only as far as it
has to, and then goes along it, until it is as near as was asked for at the last point. It keeps one speed as the eye
sees it: what a place moves in the frame, by gliding, by coming closer and by rolling, is the same from frame to frame.
Corners are rounded. The page shows the same way while the line is drawn (`frontend/src/model/along.ts`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.animate import largest, room, view_of

SAMPLES = 512
_ROUND = 0.025
"""Corners are rounded over about this share of the way, to either side."""
_AT_EDGE = 0.4
"""A place of a frame is about this share of its width from the middle, so coming closer by a factor e moves it so far."""
_BEYOND = 0.06
"""A line that is farther beyond what a camera can look at, in shares of the picture, is worth a word."""

States = NDArray[np.float64]
"""`(n, 4)`: x and y of the window's middle in shares of the picture, log of its scale, its turn in radians."""


def views(
    line: Sequence[Sequence[float]], *, frames: int, zoom: float, roll: float, aspect: float
) -> tuple[list[NDArray[np.float64]], tuple[str, ...]]:
    """The windows (see `animate.window`) of a camera that follows a line, one for each frame, and what is worth saying.

    Arguments as in `states`, which says where each is.
    """
    found = [
        view_of((x, y), math.exp(log), angle, aspect)
        for x, y, log, angle in states(line, frames=frames, zoom=zoom, roll=roll, aspect=aspect)
    ]
    turn = math.radians(roll)
    return found, _words(
        _even(np.asarray(line, np.float64), aspect), _nearest(zoom, turn, aspect), turn, aspect
    )


def states(
    line: Sequence[Sequence[float]], *, frames: int, zoom: float, roll: float, aspect: float
) -> States:
    """Where a camera that follows a line is at each of `frames` moments.

    Args:
        line: points (x, y), 0–1 of width and height, at least two; followed at even arc length.
        frames: how many, at least two; the first one sees the whole picture.
        zoom: how many times as near as the whole picture the camera is at the end, above 1.
        roll: degrees that it has rolled by then, to the right.
        aspect: width by height of the picture.
    """
    turn = math.radians(roll)
    nearest = _nearest(zoom, turn, aspect)
    points = _even(np.asarray(line, np.float64), aspect)
    way = _along(points, nearest, turn, aspect)
    way = _rounded(_steady(way, SAMPLES, aspect))
    return _inside(_steady(_inside(way, nearest, aspect), frames, aspect), nearest, aspect)


def _nearest(zoom: float, turn: float, aspect: float) -> float:
    """The scale of the window at the end."""
    return min(1 / zoom, largest(turn, aspect))


def _even(line: NDArray[np.float64], aspect: float) -> NDArray[np.float64]:
    """`SAMPLES` points of the line, evenly spread over its length as it is seen."""
    steps = np.hypot(*(np.diff(line, axis=0) * [aspect, 1]).T)
    at = np.concatenate([[0], np.cumsum(steps)])
    wanted = np.linspace(0, at[-1], SAMPLES)
    return np.column_stack([np.interp(wanted, at, line[:, axis]) for axis in (0, 1)])


def _along(points: NDArray[np.float64], nearest: float, turn: float, aspect: float) -> States:
    """From the whole picture to the line, and along it: as far away as the line allows, and nearer and nearer."""
    share = np.linspace(0, 1, len(points))
    fits = np.array([_fit(p, t, aspect) for p, t in zip(points, turn * share, strict=True)])
    farthest = float(np.clip(fits[0], nearest, 1))
    logs = (1 - share) * math.log(farthest) + share * math.log(nearest)
    logs = np.maximum(math.log(nearest), np.minimum(logs, np.log(np.maximum(fits, 1e-6))))
    line = np.column_stack([points, logs, turn * share])
    start = np.array([0.5, 0.5, 0.0, 0.0])
    approach = start + np.linspace(0, 1, len(points), endpoint=False)[:, None] * (line[0] - start)
    return np.concatenate([approach, line])


def _fit(point: NDArray[np.float64], turn: float, aspect: float) -> float:
    """The scale of the largest window around a point that lies in the picture."""
    left, top = 0.5 - abs(point - 0.5)
    across, down = abs(math.cos(turn)), abs(math.sin(turn))
    return float(2 * min(left / (across + down / aspect), top / (across + down * aspect)))


def _steady(way: States, count: int, aspect: float) -> States:
    """`count` states of the way with the same visible movement between each two."""
    step = np.diff(way, axis=0)
    scale = np.exp((way[1:, 2] + way[:-1, 2]) / 2)
    glide = np.hypot(step[:, 0], step[:, 1] / aspect) / scale
    moved = np.sqrt(glide**2 + (_AT_EDGE * step[:, 2]) ** 2 + (_AT_EDGE * step[:, 3]) ** 2)
    at = np.concatenate([[0], np.cumsum(moved)])
    wanted = np.linspace(0, at[-1], count)
    return np.column_stack([np.interp(wanted, at, column) for column in way.T])


def _rounded(way: States) -> States:
    """The way with its corners rounded; both ends stay where they are."""
    sigma = _ROUND * len(way)
    reach = math.ceil(3 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    before = 2 * way[0] - way[reach:0:-1]
    after = 2 * way[-1] - way[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, way, after])
    return np.column_stack([np.convolve(c, weights / weights.sum(), mode="valid") for c in padded.T])


def _inside(way: States, nearest: float, aspect: float) -> States:
    """The way with every window in the picture: nearer where that is enough, else moved."""
    out = way.copy()
    for state in out:
        fit = _fit(state[:2], state[3], aspect)
        scale = min(math.exp(state[2]), max(fit, nearest), largest(state[3], aspect))
        room_x, room_y = room(scale, state[3], aspect)
        state[0] = 0.5 + np.clip(state[0] - 0.5, -room_x, room_x)
        state[1] = 0.5 + np.clip(state[1] - 0.5, -room_y, room_y)
        state[2] = math.log(scale)
    return out


def _words(points: NDArray[np.float64], nearest: float, turn: float, aspect: float) -> tuple[str, ...]:
    room_x, room_y = room(nearest, turn, aspect)
    beyond = float((abs(points - 0.5) - [room_x, room_y]).max())
    if beyond <= _BEYOND:
        return ()
    return (
        "the line comes closer to the picture's border than the camera can look; it was followed as far as the "
        "picture goes, and a nearer zoom follows it farther",
    )
