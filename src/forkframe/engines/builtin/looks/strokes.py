"""Strokes: the directions in a picture, and filters that follow them."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import Floats, blur


def directions(
    plane: Floats, sigma: float, *, calm: float | None = None, least: float = 2e-4
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Along which way the picture runs, from the structure tensor (Brox et al., 2006).

    Args:
        plane: `(H, W)`.
        sigma: over how many pixels the way is agreed on.
        calm: the way in degrees that strokes take where nothing tells them: without it they curl along the noise.
        least: squared slope that tells nothing in any picture, however calm it is all over.

    Returns:
        The unit vectors along edges, `(H, W, 2)` (x, y); and how sure the way is, `(H, W)` 0–1.
    """
    gx, gy = (cv2.Sobel(plane, cv2.CV_32F, *order).astype(np.float32) for order in ((1, 0), (0, 1)))
    xx, xy, yy = blur(gx * gx, sigma), blur(gx * gy, sigma), blur(gy * gy, sigma)
    if calm is not None:
        # A weak tensor of its own, as strong as the weaker half of the picture's.
        weak = np.float32(0.6 * np.median((xx + yy)[::4, ::4]) + least)
        across = 2 * np.deg2rad(calm + 90)
        xx, xy = xx + weak * np.float32(np.cos(across)), xy + weak * np.float32(0.5 * np.sin(across))
        yy, xx = yy + weak, xx + weak
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
    # Long strokes are walked in steps of two pixels. Way and picture side by side: what a step reads lies together.
    stride = 2 if length >= 6 else 1
    steps = round(length / stride)
    _smear(np.concatenate([stride * along, picture], axis=-1, dtype=np.float32), steps, out)
    return out


def flattened(
    picture: NDArray[np.float32],
    radius: float,
    along: NDArray[np.float32],
    sure: NDArray[np.float32],
    *,
    sharpness: Literal[3, 4] = 4,
) -> NDArray[np.float32]:
    """The picture in flat dabs with crisp borders: an anisotropic Kuwahara filter (Kyprianidis et al., 2009).

    Eight sectors around each pixel are summed up by one blurred copy, sampled at eight places; the calmest count most.

    Args:
        picture: `(H, W, 3)` float32, 0–1.
        radius: of the dabs in pixels.
        along: `(H, W, 2)` from `directions`, the dabs are drawn out along it.
        sure: `(H, W)` from `directions`, how far.
        sharpness: how strongly calm sectors win, 3 or 4.
    """
    # Side by side, as a sector reads all four numbers of one place.
    sectors = np.empty((*picture.shape[:2], 4), np.float32)
    _summed_up(blur(picture, radius * 0.5), blur(picture * picture, radius * 0.5), sectors)
    out = np.empty_like(picture)
    _kuwahara(sectors, along, sure, np.float32(radius), sharpness, out)
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
def _smear(packed: NDArray[np.float32], steps: int, out: NDArray[np.float32]) -> None:
    height, width, channels = out.shape
    right, bottom = np.float32(width - 1), np.float32(height - 1)
    zero, half = np.float32(0), np.float32(0.5)
    share = np.float32(1) / np.float32(2 * steps + 1)
    # Plain numbers instead of loops over channels: twice as fast.
    one, two = (3, 4) if channels == 3 else (2, 2)
    for y in range(height):
        for x in range(width):
            red, green, blue = packed[y, x, 2], packed[y, x, one], packed[y, x, two]
            for turn in range(2):
                px, py = np.float32(x), np.float32(y)
                dx, dy = packed[y, x, 0], packed[y, x, 1]
                if turn == 1:
                    dx, dy = -dx, -dy
                for _ in range(steps):
                    px = min(max(px + dx, zero), right)
                    py = min(max(py + dy, zero), bottom)
                    # Unsigned: no code is spent on negative indices.
                    ix, iy = np.uint64(px + half), np.uint64(py + half)
                    red += packed[iy, ix, 2]
                    if channels == 3:
                        green += packed[iy, ix, 3]
                        blue += packed[iy, ix, 4]
                    nx, ny = packed[iy, ix, 0], packed[iy, ix, 1]
                    sign = np.float32(1) if nx * dx + ny * dy >= zero else np.float32(-1)
                    dx, dy = sign * nx, sign * ny
            out[y, x, 0] = red * share
            if channels == 3:
                out[y, x, 1], out[y, x, 2] = green * share, blue * share


@njit(cache=True, nogil=True)
def _summed_up(mean: NDArray[np.float32], squares: NDArray[np.float32], sectors: NDArray[np.float32]) -> None:
    """Fills `sectors` `(h, w, 4)` with the mean colour and the sum of the channels' variances."""
    height, width = mean.shape[:2]
    for y in range(height):
        for x in range(width):
            spread = np.float32(0)
            for c in range(3):
                own = mean[y, x, c]
                sectors[y, x, c] = own
                spread += max(squares[y, x, c] - own * own, np.float32(0))
            sectors[y, x, 3] = spread


@njit(cache=True, nogil=True, fastmath=True)
def _kuwahara(
    sectors: NDArray[np.float32],
    along: NDArray[np.float32],
    sure: NDArray[np.float32],
    radius: np.float32,
    sharpness: int,
    out: NDArray[np.float32],
) -> None:
    height, width = sure.shape
    angles = np.arange(8) * (np.pi / 4)
    us, vs = (np.cos(angles) * radius).astype(np.float32), (np.sin(angles) * radius).astype(np.float32)
    one, half = np.float32(1), np.float32(0.5)
    for y in range(height):
        for x in range(width):
            ax, ay = along[y, x, 0], along[y, x, 1]
            draw = one + np.float32(0.8) * sure[y, x]
            squeeze = one / draw
            total, red, green, blue = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
            for k in range(8):
                u, v = us[k] * draw, vs[k] * squeeze
                # Floor of what is shifted to be positive: rounding that needs no library call.
                sx = np.uint64(
                    min(max(int(np.float32(x + 1024) + u * ax - v * ay + half) - 1024, 0), width - 1)
                )
                sy = np.uint64(
                    min(max(int(np.float32(y + 1024) + u * ay + v * ax + half) - 1024, 0), height - 1)
                )
                calm = one / (np.float32(1e-5) + sectors[sy, sx, 3] * np.float32(255))
                weight = calm * calm * calm
                if sharpness == 4:
                    weight *= calm
                total += weight
                red += weight * sectors[sy, sx, 0]
                green += weight * sectors[sy, sx, 1]
                blue += weight * sectors[sy, sx, 2]
            share = one / total
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = red * share, green * share, blue * share
