"""Strokes: the directions in a picture, and filters that follow them."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import Floats, blur


def directions(plane: Floats, sigma: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Along which way the picture runs, from the structure tensor (Brox et al., 2006).

    Returns:
        The unit vectors along edges, `(H, W, 2)` (x, y); and how sure the way is, `(H, W)` 0–1.
    """
    gx, gy = (cv2.Sobel(plane, cv2.CV_32F, *order).astype(np.float32) for order in ((1, 0), (0, 1)))
    xx, xy, yy = blur(gx * gx, sigma), blur(gx * gy, sigma), blur(gy * gy, sigma)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)
    sure = np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / (xx + yy + np.float32(1e-5))
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).astype(np.float32), sure.astype(np.float32)


def smeared(picture: Floats, along: Floats, length: int) -> NDArray[np.float32]:
    """The mean along the stroke through each pixel (line integral convolution, Cabral and Leedom 1993).

    Args:
        picture: `(H, W, C)` float32.
        along: `(H, W, 2)` unit vectors (x, y); their sign does not matter.
        length: of half a stroke in pixels.
    """
    out = np.empty(picture.shape, np.float32)
    _smear(np.ascontiguousarray(picture, np.float32), np.ascontiguousarray(along, np.float32), length, out)
    return out


def flattened(
    picture: NDArray[np.float32],
    radius: float,
    along: NDArray[np.float32],
    sure: NDArray[np.float32],
    *,
    sharpness: float = 4.0,
) -> NDArray[np.float32]:
    """The picture in flat dabs with crisp borders: an anisotropic Kuwahara filter (Kyprianidis et al., 2009).

    Eight sectors around each pixel are summed up by one blurred copy, sampled at eight places; the calmest count most.

    Args:
        picture: `(H, W, 3)` float32, 0–1.
        radius: of the dabs in pixels.
        along: `(H, W, 2)` from `directions`, the dabs are drawn out along it.
        sure: `(H, W)` from `directions`, how far.
        sharpness: how strongly calm sectors win.
    """
    mean = blur(picture, radius * 0.5)
    spread = np.maximum(blur(picture * picture, radius * 0.5) - mean * mean, 0).sum(axis=-1)
    out = np.empty_like(picture)
    _kuwahara(
        np.ascontiguousarray(mean),
        spread.astype(np.float32),
        along,
        sure,
        np.float32(radius),
        np.float32(sharpness),
        out,
    )
    return out


def ink_lines(lightness: NDArray[np.float32], sigma: float, *, coverage: float) -> NDArray[np.float32]:
    """Ink, 1, on paper, 0, `(H, W)`: XDoG lines (Winnemöller, Kyprianidis and Olsen, 2012).

    The threshold is where `coverage` of the picture turns to ink, so dark pictures do not drown in it.
    """
    near, far = blur(lightness, sigma), blur(lightness, sigma * 1.6)
    around = blur(lightness, sigma * 14)
    response = (near - far) * 18 + (near - around) * 0.8
    threshold = np.percentile(response[::2, ::2], 100 * coverage)
    return (np.clip(0.5 - (response - threshold) * 3.0, 0, 1)).astype(np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _smear(
    picture: NDArray[np.float32], along: NDArray[np.float32], length: int, out: NDArray[np.float32]
) -> None:
    height, width, channels = picture.shape
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                out[y, x, c] = picture[y, x, c]
            for turn in range(2):
                px, py = np.float32(x), np.float32(y)
                dx, dy = along[y, x, 0], along[y, x, 1]
                if turn == 1:
                    dx, dy = -dx, -dy
                for _ in range(length):
                    px = min(max(px + dx, np.float32(0)), np.float32(width - 1))
                    py = min(max(py + dy, np.float32(0)), np.float32(height - 1))
                    ix, iy = int(px + np.float32(0.5)), int(py + np.float32(0.5))
                    for c in range(channels):
                        out[y, x, c] += picture[iy, ix, c]
                    nx, ny = along[iy, ix, 0], along[iy, ix, 1]
                    sign = np.float32(1) if nx * dx + ny * dy >= 0 else np.float32(-1)
                    dx, dy = sign * nx, sign * ny
            for c in range(channels):
                out[y, x, c] /= np.float32(2 * length + 1)


@njit(cache=True, nogil=True, fastmath=True)
def _kuwahara(
    mean: NDArray[np.float32],
    spread: NDArray[np.float32],
    along: NDArray[np.float32],
    sure: NDArray[np.float32],
    radius: np.float32,
    sharpness: np.float32,
    out: NDArray[np.float32],
) -> None:
    height, width = spread.shape
    for y in range(height):
        for x in range(width):
            ax, ay = along[y, x, 0], along[y, x, 1]
            draw = np.float32(1) + np.float32(0.8) * sure[y, x]
            total, red, green, blue = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
            for k in range(8):
                angle = np.float32(k * (np.pi / 4))
                u, v = np.cos(angle) * radius * draw, np.sin(angle) * radius / draw
                sx = min(max(round(x + u * ax - v * ay), 0), width - 1)
                sy = min(max(round(y + u * ay + v * ax), 0), height - 1)
                weight = (np.float32(1e-5) + spread[sy, sx] * np.float32(255)) ** -sharpness
                total += weight
                red += weight * mean[sy, sx, 0]
                green += weight * mean[sy, sx, 1]
                blue += weight * mean[sy, sx, 2]
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = red / total, green / total, blue / total
