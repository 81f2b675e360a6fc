"""Pictures with a whole pixel in one integer, so that one multiplication weighs all its channels.

A packed pixel holds red, green and blue in three lanes of 21 bits, `r + g·2²¹ + b·2⁴²`. Sums of products of packed
pixels and small whole weights are those of each channel, as long as a lane neither overflows nor, in the end, goes
below zero; a bias in every lane sees to the latter. Everything is integer arithmetic: the same bits everywhere.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

MARGIN = 2
"""Mirrored pixels around a packed picture: what a cubic kernel reaches beyond a border."""
LANE = 21
_ONES = (1 << 2 * LANE) + (1 << LANE) + 1
_PHASES = 64
"""Places between two pixels that are told apart."""
_WEIGHT_BITS = 8
_ROW_SHIFT = 5
"""What sums along a row are rounded by, to leave room for those down the columns."""
_ROW_BIAS = _ONES * ((1 << 14) + (1 << _ROW_SHIFT - 1))
_ROW_MASK = _ONES * 0xFFFF
_SUM_BIAS = _ONES * ((1 << 18) + 16)
UNIT = 64
"""What one level of a colour is in the lanes of `cubic_at`."""
ZERO = 192 * UNIT
"""What no colour is there: cubic kernels overshoot to both sides."""


def packed(image: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The picture `(H, W, 3)` uint8, packed: `(H + 4, W + 4)` int64, mirrored by `MARGIN` pixels at its borders."""
    wide = widened(image)
    return mixed(wide, wide, 0)


def widened(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture `(H, W, 3)` uint8 as `mixed` takes it: `(H + 4, W + 4, 3)`, mirrored at its borders."""
    wide = cv2.copyMakeBorder(image, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_REFLECT_101)
    return wide.astype(np.uint8, copy=False)


def cubic_weights() -> NDArray[np.int64]:
    """`(64, 4)` int64, each row with the sum 256: Keys' kernel (1981) with a = −3/4, as OpenCV and the browser have."""
    x, a = np.arange(_PHASES) / _PHASES, -0.75
    far, near = x + 1, 1 - x
    weights = np.empty((_PHASES, 4))
    weights[:, 0] = ((a * far - 5 * a) * far + 8 * a) * far - 4 * a
    weights[:, 1] = ((a + 2) * x - (a + 3)) * x * x + 1
    weights[:, 2] = ((a + 2) * near - (a + 3)) * near * near + 1
    weights[:, 3] = 1 - weights[:, :3].sum(1)
    whole = np.rint(weights * (1 << _WEIGHT_BITS)).astype(np.int64)
    whole[:, 3] = (1 << _WEIGHT_BITS) - whole[:, :3].sum(1)
    return whole


@njit(cache=True, nogil=True)
def mixed(one: NDArray[np.uint8], other: NDArray[np.uint8], share: int) -> NDArray[np.int64]:
    """Two widened pictures, `share` / 256 of the other, packed."""
    height, width = one.shape[:2]
    out = np.empty((height, width), np.int64)
    left, right = np.int64(256 - share), np.int64(share)
    half, lanes = np.int64(_ONES * 128), np.int64(_ONES * 255)
    for y in range(height):
        for x in range(width):
            r = left * one[y, x, 0] + right * other[y, x, 0]
            g = left * one[y, x, 1] + right * other[y, x, 1]
            b = left * one[y, x, 2] + right * other[y, x, 2]
            out[y, x] = ((r + (g << LANE) + (b << 2 * LANE) + half) >> 8) & lanes
    return out


@njit(nogil=True)
def mirrored(place: np.float32, last: np.float32) -> np.float32:
    """A coordinate brought inside 0…last, mirrored about the outermost pixels."""
    inside = last - abs(last - abs(place))
    return max(inside, np.float32(0))


@njit(nogil=True)
def cubic_at(image, width, weights, x, y):  # type: ignore[no-untyped-def]
    """The packed picture at (x, y), inside it, in pixels: lanes of `ZERO` + `UNIT` · colour.

    Args:
        image: flattened.
        width: of the packed picture, uint64: with unsigned indices no code is spent on negative ones.
        weights: `cubic_weights`.
        x: 0 to the width less 1, float32.
        y: likewise.
    """
    column, row = (
        np.int32(x * np.float32(64) + np.float32(0.5)),
        np.int32(y * np.float32(64) + np.float32(0.5)),
    )
    at = np.uint64((row >> 6) + (MARGIN - 1)) * width + np.uint64((column >> 6) + (MARGIN - 1))
    fx, fy = np.uint64(column & 63), np.uint64(row & 63)
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    a, b, c, d = weights[fx, 0], weights[fx, 1], weights[fx, 2], weights[fx, 3]
    total = np.int64(_SUM_BIAS)
    for k in range(4):
        along = a * image[at] + b * image[at + one] + c * image[at + two] + d * image[at + three]
        total += weights[fy, k] * (((along + np.int64(_ROW_BIAS)) >> _ROW_SHIFT) & np.int64(_ROW_MASK))
        at += width
    return (total >> 5) & np.int64(_ROW_MASK)


@njit(nogil=True)
def linear_at(image, width, x, y):  # type: ignore[no-untyped-def]
    """The packed picture at (x, y), inside it, in pixels: lanes of 4096 · colour. See `cubic_at`."""
    column, row = (
        np.int32(x * np.float32(64) + np.float32(0.5)),
        np.int32(y * np.float32(64) + np.float32(0.5)),
    )
    at = np.uint64((row >> 6) + MARGIN) * width + np.uint64((column >> 6) + MARGIN)
    fx, fy = np.int64(column & 63), np.int64(row & 63)
    one = np.uint64(1)
    above = image[at] * (64 - fx) + image[at + one] * fx
    below = image[at + width] * (64 - fx) + image[at + width + one] * fx
    return above * (64 - fy) + below * fy
