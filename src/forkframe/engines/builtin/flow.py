"""Related pictures: the motion between two frames of the same scene, measured symmetrically."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.sampling import pixel_grid, warp

_ROUNDS = 2


def halfway_flow(
    a: NDArray[np.uint8],
    b: NDArray[np.uint8],
    *,
    start: NDArray[np.float32] | None = None,
    rounds: int = _ROUNDS,
) -> tuple[NDArray[np.float32], float]:
    """The displacement v for which a(p − v) and b(p + v) agree, p in the frame half-way between them.

    Dense inverse search (Kroeger et al., "Fast optical flow using dense inverse search", 2016) runs in both
    directions between the two half-way warps, so that swapping the pictures only flips the sign of v.

    Args:
        a: `(H, W, 3)` uint8 sRGB.
        b: the same size.
        start: `(H, W, 2)` float32 in pixels, what is known of v before; None begins with no motion.
        rounds: how often motion is measured and the pictures are warped by it.

    Returns:
        v as `(H, W, 2)` float32 in pixels (x, y), and the residual: the mean absolute difference between the two
        half-way warps where neither leaves its picture, 0–1. Frames of one scene leave .003–.015, unrelated pictures
        .21–.42 (measured, at 192 to 512 px).
    """
    grey_a, grey_b = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8) for image in (a, b))
    v = np.zeros((*grey_a.shape, 2), np.float32) if start is None else start
    with one_thread():
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        for _ in range(rounds):
            warped_a, warped_b = warp(grey_a, -v), warp(grey_b, v)
            forth = search.calc(warped_a, warped_b, None)  # pyright: ignore[reportCallIssue, reportArgumentType] - None lets OpenCV allocate
            back = search.calc(warped_b, warped_a, None)  # pyright: ignore[reportCallIssue, reportArgumentType]
            change = np.float32(0.25) * (forth - back)
            # Where one picture ends there is nothing to measure; what is known from around it or before holds.
            change *= _both_seen(v)[..., None]
            v = cv2.GaussianBlur(v + change, (0, 0), 1.0).astype(np.float32)
    seen = _both_seen(v)
    if not seen.any():
        return v, 1.0
    difference = cv2.absdiff(warp(a, -v), warp(b, v)).mean(-1)
    return v, float(difference[seen].mean() / 255)


def _both_seen(v: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where p − v and p + v both lie in the frame: `(H, W)`, of v in pixels."""
    height, width = v.shape[:2]
    middle = np.array([width - 1, height - 1], np.float32) / 2
    inside = np.abs(pixel_grid(height, width) - middle) + np.abs(v) <= middle + np.float32(0.5)
    return inside[..., 0] & inside[..., 1]


@contextmanager
def one_thread() -> Generator[None]:
    """OpenCV on one thread, where what it finds would depend on their number.

    Dense inverse search cuts the picture into as many stripes as there are threads.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
