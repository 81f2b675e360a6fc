"""One camera, two moments: the move between two frames of a scene, however far it zoomed, rolled or panned."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.flow import one_thread
from forkframe.engines.builtin.sampling import pixel_grid

_SIDE = 320
"""Points are matched in copies of about this many pixels per side."""
_POINTS = 500
_DISTINCT = 0.8
"""A match counts when the second nearest is farther by this factor (Lowe, 2004)."""
_TOLERANCE = 3.0
_LEAST_INLIERS = 16
_LEAST_SHARE = 0.4
"""Of the distinct matches. Unrelated photographs agree on at most nine, by chance (measured)."""
_LARGEST_ZOOM = 4.0


def camera_move(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The half-way displacement of the affine map that most distinct points of `a` follow to their places in `b`.

    SIFT points (Lowe, 2004), matched where they are distinct, and RANSAC (Fischler and Bolles, 1981).

    Args:
        a: `(H, W, 3)` uint8 sRGB.
        b: the same size.

    Returns:
        v as `(H, W, 2)` float32 in pixels (x, y): a(p − v) and b(p + v) show the same place; None when too few
        points agree on any map, as between unrelated pictures.
    """
    height, width = a.shape[:2]
    scale = min(1.0, _SIDE / np.sqrt(height * width))
    size = (round(width * scale), round(height * scale))
    greys = [_grey(cv2.resize(image, size, interpolation=cv2.INTER_AREA)) for image in (a, b)]
    with one_thread():
        sift = cv2.SIFT.create(_POINTS)
        (points_a, words_a), (points_b, words_b) = (
            sift.detectAndCompute(grey, None)  # pyright: ignore[reportCallIssue, reportArgumentType] - None is no mask
            for grey in greys
        )
    if min(len(points_a), len(points_b)) < _LEAST_INLIERS:
        return None
    pairs = cv2.BFMatcher().knnMatch(words_a, words_b, k=2)
    distinct = [near for near, next_ in pairs if near.distance < _DISTINCT * next_.distance]
    if len(distinct) < _LEAST_INLIERS:
        return None
    start = np.array([points_a[m.queryIdx].pt for m in distinct], np.float32)
    end = np.array([points_b[m.trainIdx].pt for m in distinct], np.float32)
    move, inliers = cv2.estimateAffine2D(start, end, method=cv2.RANSAC, ransacReprojThreshold=_TOLERANCE)
    if np.count_nonzero(inliers) < max(_LEAST_INLIERS, _LEAST_SHARE * len(distinct)):
        return None
    stretch = np.array([width / size[0], height / size[1]])
    linear = np.asarray(move[:, :2], np.float64) * stretch[:, None] / stretch
    shift = np.asarray(move[:, 2], np.float64) * stretch + (linear - np.eye(2)) @ ((1 - stretch) / 2)
    return _halfway(linear, shift, height, width)


def _halfway(
    linear: NDArray[np.float64], shift: NDArray[np.float64], height: int, width: int
) -> NDArray[np.float32] | None:
    """The half-way displacement of x ↦ linear·x + shift; None for one that turns around or zooms beyond reason."""
    zoom = np.sqrt(abs(np.linalg.det(linear)))
    middle = (np.eye(2) + linear) / 2
    if not 1 / _LARGEST_ZOOM < zoom < _LARGEST_ZOOM or np.linalg.det(linear) < 0:
        return None
    # p lies in the middle of x and its image, so x solves p = middle·x + shift/2.
    back = np.linalg.inv(middle) if np.linalg.det(middle) > 0.3 * zoom else None
    if back is None:
        return None
    p = pixel_grid(height, width).astype(np.float64)
    q = p - shift / 2
    x = np.stack(
        [q[..., 0] * back[0, 0] + q[..., 1] * back[0, 1], q[..., 0] * back[1, 0] + q[..., 1] * back[1, 1]], -1
    )
    return (p - x).astype(np.float32)


def _grey(image: NDArray[np.uint8] | cv2.typing.MatLike) -> NDArray[np.uint8]:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
