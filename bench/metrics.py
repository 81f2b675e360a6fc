"""What a transition is measured by. Frames are `(H, W, 3)` uint8 sRGB, the first and last being the two pictures.

No single figure proves a morph: a soft wipe keeps all sharpness and all patches, a crossfade is perfectly even. `motion`
is the one that only moving structures can raise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

_SIDE = 256
"""Patches, steps and motion are measured on frames of about this side."""
_PATCH = 7
_TEMPLATE = 19
"""Side in pixels of what is tracked."""
_MIDDLE = (0.4, 0.5, 0.6)
_FOUND = 0.7
"""Normalised cross-correlation from which a structure counts as found."""
_LEAST_WAY = 0.05
"""Ways shorter than this share of the side tell moving from staying too badly."""


def gradient_energy(frames: Sequence[Picture]) -> float:
    """Sharpness of the middle frame: its mean squared luma gradient over the mean of both ends'.

    Two unrelated pictures laid over each other at half strength have .5.
    """

    def energy(image: Picture) -> float:
        luma = _luma(image)
        return float((np.diff(luma, axis=0) ** 2).mean() + (np.diff(luma, axis=1) ** 2).mean())

    return 2 * energy(frames[len(frames) // 2]) / (energy(frames[0]) + energy(frames[-1]))


def patch_distance(frames: Sequence[Picture]) -> float:
    """How unlike the middle frame's details are to the two pictures': 0 when it is made of pieces of both.

    Sliced Wasserstein distance, over 128 directions, between 7×7 Lab patches of the middle frame and a mix of equally
    many from each end, × 100.
    """
    rng = np.random.default_rng(0)
    first, middle, last = (_patches(frames[i], rng) for i in (0, len(frames) // 2, -1))
    mix = np.concatenate([first[::2], last[1::2]])
    directions = rng.standard_normal((middle.shape[1], 128)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    return float(np.abs(np.sort(middle @ directions, 0) - np.sort(mix @ directions, 0)).mean()) * 100


def coherence(frames: Sequence[Picture]) -> float:
    """How far the middle frame's details lie from any detail of either picture; 0 when each is found in one of them.

    The mean distance of 7×7 Lab patches of the middle frame to the nearest of either end, × 100 and per channel, in
    frames of about 85² pixels (Simakov et al., "Summarizing visual data using bidirectional similarity", 2008).
    """
    first, middle, last = (_lab_patches(frames[i], _SIDE // 3) for i in (0, len(frames) // 2, -1))
    known, asked = np.concatenate([first, last]), middle[::4]
    squared = (asked**2).sum(1)[:, None] - 2 * asked @ known.T + (known**2).sum(1)
    return float(np.sqrt(np.maximum(squared.min(1), 0) / known.shape[1]).mean()) * 100


def arrivals(frames: Sequence[Picture], ways: Ways, *, within: float = 0.03) -> float:
    """The share of ways whose structure stands, in the middle frame, `within` this share of the width of half-way.

    Structures are looked for as in `motion`; one that is found nowhere has not arrived.
    """
    small = [_luma(_small(frame)) for frame in frames]
    size = np.array(small[0].shape[::-1], np.float32)
    arrived: list[bool] = []
    for start, end in zip(ways.start * size, ways.end * size, strict=True):
        middle, ways_here = small[len(small) // 2], np.stack([start, end])
        found = [_found(middle, p, at, ways_here) for p, at in ((small[0], start), (small[-1], end))]
        near = [np.linalg.norm(f - (start + end) / 2) <= within * size[0] for f in found if f is not None]
        arrived.append(any(near))
    return float(np.mean(arrived)) if arrived else float("nan")


def unevenness(frames: Sequence[Picture]) -> float:
    """The largest step between neighbouring frames over the mean step, in mean absolute difference; 1 is even."""
    small = [_small(frame).astype(np.float32) for frame in frames]
    steps = [float(np.abs(after - before).mean()) for before, after in pairwise(small)]
    return max(steps) / (sum(steps) / len(steps))


@dataclass(frozen=True)
class Ways:
    """Where structures of the first picture belong in the second: both `(N, 2)` float32 (x, y), shares of the frame."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]


def motion(frames: Sequence[Picture], ways: Ways) -> float:
    """How far structures have gone on their way from the first picture to the second, in the middle of the transition.

    For every way and at t = .4, .5 and .6, a 19×19 luma patch (of frames of 256² pixels) is taken from the first
    picture at the way's start and from the second at its end, and each is looked for in the frame by normalised
    cross-correlation, everywhere along the way and a little around it. Found (correlation ≥ .7) where it should be,
    at start + t·(end − start), it scores 1; found where it stayed, or not found, 0; between, by distance. A way
    scores what the better of its two patches does; the result is the mean over ways and moments, 0–1.

    Whatever only fades, wipes or dissolves scores about 0: its structures stay where they were. The ways must not
    come from the transition under test: see `true_ways` and `lookalike_ways`.
    """
    small = [_luma(_small(frame)) for frame in frames]
    size = np.array(small[0].shape[::-1], np.float32)
    scores = [
        _covered(small, start, end, t)
        for start, end in zip(ways.start * size, ways.end * size, strict=True)
        for t in _MIDDLE
    ]
    return float(np.mean(scores)) if scores else float("nan")


def _covered(
    frames: Sequence[NDArray[np.float32]], start: NDArray[np.float32], end: NDArray[np.float32], t: float
) -> float:
    frame = frames[round(t * (len(frames) - 1))]
    expected = start + t * (end - start)
    scores = [0.0]
    for picture, place in ((frames[0], start), (frames[-1], end)):
        found = _found(frame, picture, place, np.stack([start, end]))
        if found is not None:
            away = float(np.linalg.norm(found - expected))
            scores.append(1 - away / float(np.linalg.norm(place - expected)))
    return max(scores)


def _found(
    frame: NDArray[np.float32],
    picture: NDArray[np.float32],
    place: NDArray[np.float32],
    way: NDArray[np.float32],
) -> NDArray[np.float32] | None:
    """Where in the frame, within 6 px around the way, the picture's patch at `place` is; None when it is nowhere."""
    half = _TEMPLATE // 2
    x, y = np.rint(place).astype(int)
    template = picture[y - half : y + half + 1, x - half : x + half + 1]
    low = np.floor(way.min(0)).astype(int) - half - 6
    high = np.ceil(way.max(0)).astype(int) + half + 7
    left, top = np.maximum(low, 0)
    window = frame[top : max(high[1], 0), left : max(high[0], 0)]
    if template.shape != (_TEMPLATE, _TEMPLATE) or min(window.shape) < _TEMPLATE or template.std() < 4:
        return None
    likeness = cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED)
    likeness[~np.isfinite(likeness)] = -1
    _, best, _, (column, row) = cv2.minMaxLoc(likeness)
    return np.array([left + column + half, top + row + half], np.float32) if best >= _FOUND else None


def true_ways(displacement: NDArray[np.float32], first: Picture) -> Ways:
    """The ways in a pair whose second picture is known to show, at q, what the first shows at q + displacement(q).

    Args:
        displacement: `(H, W, 2)` float32 in pixels.
        first: the first picture, `(H, W, 3)`; ways are taken where it has corners.
    """
    size = np.array(displacement.shape[1::-1], np.float32)
    ends = np.stack(np.meshgrid(*(np.linspace(0.1, 0.9, 24, dtype=np.float32),) * 2), -1).reshape(-1, 2)
    columns, rows = np.rint(ends * (size - 1)).astype(int).T
    starts = ends + displacement[rows, columns] / size
    return _telling(starts.astype(np.float32), ends, first)


def lookalike_ways(first: Picture, last: Picture) -> Ways:
    """Ways between unrelated pictures, from a matcher that shares nothing with the engine: upright SIFT.

    Dense descriptors (Lowe, 2004) of 24-pixel places; a place of one picture and a place of the other at most 30 % of
    the side apart make a way when each is the other's nearest in descriptor distance, within 6 pixels.
    """
    points = np.stack(np.meshgrid(*(np.arange(20, _SIDE - 19, 4, dtype=np.float32),) * 2), -1).reshape(-1, 2)
    described = [_sift(image, points) for image in (first, last)]
    unlike = (
        (described[0] ** 2).sum(1)[:, None] - 2 * described[0] @ described[1].T + (described[1] ** 2).sum(1)
    )
    far = np.linalg.norm(points[:, None] - points, axis=-1) > 0.3 * _SIDE
    unlike[far] = np.inf
    there, back = unlike.argmin(1), unlike.argmin(0)
    mutual = np.linalg.norm(points[back[there]] - points, axis=1) <= 6
    shares = (points / _SIDE).astype(np.float32)
    return _telling(shares[mutual], shares[there[mutual]], first)


def _sift(image: Picture, points: NDArray[np.float32]) -> NDArray[np.float32]:
    grey = cv2.cvtColor(cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    _, described = cv2.SIFT.create().compute(
        grey, [cv2.KeyPoint(float(x), float(y), 24, 0) for x, y in points]
    )
    return described.astype(np.float32)


def _telling(starts: NDArray[np.float32], ends: NDArray[np.float32], first: Picture) -> Ways:
    """The ways that are long enough, stay inside, and start where the picture has structure."""
    small = _luma(_small(first))
    corners = cv2.cornerMinEigenVal(small, 15)
    columns, rows = (starts.clip(0, 0.999) * small.shape[::-1]).astype(int).T
    keep = np.linalg.norm(ends - starts, axis=1) >= _LEAST_WAY
    keep &= ((starts > 0.06) & (starts < 0.94) & (ends > 0.06) & (ends < 0.94)).all(1)
    keep &= corners[rows, columns] >= np.median(corners)
    return Ways(starts[keep], ends[keep])


def _lab_patches(image: Picture, side: int) -> NDArray[np.float32]:
    """Every patch of the picture at about `side`², `(N, 147)`."""
    return _lab_windows(image, side).reshape(-1, 3 * _PATCH * _PATCH).astype(np.float32)


def _lab_windows(image: Picture, side: int) -> NDArray[np.float32]:
    """`(rows, columns, 3, 7, 7)` Lab divided by 100."""
    lab = cv2.cvtColor(_small(image, side).astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab /= 100
    return np.lib.stride_tricks.sliding_window_view(lab, (_PATCH, _PATCH), axis=(0, 1))


def _patches(image: Picture, rng: np.random.Generator) -> NDArray[np.float32]:
    windows = _lab_windows(image, _SIDE)
    rows, columns = (rng.integers(0, count, 20_000) for count in windows.shape[:2])
    return windows[rows, columns].reshape(20_000, -1).astype(np.float32)


def _small(image: Picture, side: int = _SIDE) -> Picture:
    scale = side / np.sqrt(image.shape[0] * image.shape[1])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _luma(image: Picture) -> NDArray[np.float32]:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
