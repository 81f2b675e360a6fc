"""Pictures and fields at other places and other sizes."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Pixel = TypeVar("Pixel", np.uint8, np.float32)


def pixel_grid(height: int, width: int) -> NDArray[np.float32]:
    """The coordinates `(height, width, 2)` float32 (x, y) of every pixel."""
    return np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))


def warp(image: NDArray[Pixel], offset: NDArray[np.float32]) -> NDArray[Pixel]:
    """The picture `(H, W[, C])` sampled at every pixel plus `offset` `(H, W, 2)` pixels, mirrored at its borders."""
    return sampled(image, pixel_grid(*offset.shape[:2]) + offset, cv2.INTER_LINEAR)


def sampled(image: NDArray[Pixel], places: NDArray[np.float32], interpolation: int) -> NDArray[Pixel]:
    """The picture `(H, W[, C])` at `places` `(h, w, 2)`, in pixels (x, y); it is mirrored beyond its borders."""
    # The second map has to be None: an empty array is read beyond its end.
    picture = cv2.remap(image, places, None, interpolation, borderMode=cv2.BORDER_REFLECT_101)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return picture.astype(image.dtype, copy=False)


def resized(image: NDArray[Pixel], size: tuple[int, int]) -> NDArray[Pixel]:
    """The picture `(H, W[, C])` at `size` (height, width): averaged when it shrinks, bicubic when it grows."""
    shrinks = size[0] * size[1] <= image.shape[0] * image.shape[1]
    kind = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(image, size[::-1], interpolation=kind).astype(image.dtype, copy=False)
