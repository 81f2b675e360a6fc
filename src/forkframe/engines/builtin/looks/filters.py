"""Filters that several looks share. All take floats of any width, give float32 and leave their input alone."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_NARROW = 4.0
"""Widest σ in pixels that is blurred at full size; above, a smaller copy is, which nobody can see."""


def colour(red: float, green: float, blue: float) -> NDArray[np.float32]:
    """A colour `(3,)` float32."""
    return np.array([red, green, blue], np.float32)


def blur(plane: Floats, sigma: float) -> NDArray[np.float32]:
    """Gaussian blur of `(H, W)` or `(H, W, C)`; σ in pixels."""
    plane = plane.astype(np.float32, copy=False)
    if sigma <= 0.2:
        return plane
    if sigma <= _NARROW:
        return cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101).astype(np.float32)
    height, width = plane.shape[:2]
    shrink = min(sigma / 2.5, height / 8, width / 8)
    small_size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    small = cv2.resize(plane, small_size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma * small_size[1] / height, borderType=cv2.BORDER_REFLECT_101)
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def guided(plane: Floats, guide: Floats, radius: int) -> NDArray[np.float32]:
    """`plane` (H, W) smoothed within the edges of `guide` (H, W), 0–1 (He, Sun and Tang, "Guided image filtering", 2010)."""
    side = (2 * radius + 1, 2 * radius + 1)

    def mean(x: Floats) -> NDArray[np.float32]:
        return cv2.blur(x.astype(np.float32, copy=False), side, borderType=cv2.BORDER_REFLECT_101).astype(
            np.float32
        )

    mean_guide, mean_plane = mean(guide), mean(plane)
    variance = mean(guide * guide) - mean_guide * mean_guide
    slope = (mean(guide * plane) - mean_guide * mean_plane) / (variance + np.float32(1e-3))
    return (mean(slope) * guide + mean(mean_plane - slope * mean_guide)).astype(np.float32)


def noise(
    size: tuple[int, int], grain: float | tuple[float, float], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Smooth noise `(H, W)` float32 of mean 0 and deviation 1.

    Args:
        size: (height, width).
        grain: size of a blot in pixels, (height, width) or one number for both.
        rng: where it comes from.
    """
    tall, wide = grain if isinstance(grain, tuple) else (grain, grain)
    cells = (max(2, round(size[0] / max(tall, 1))), max(2, round(size[1] / max(wide, 1))))
    values = rng.standard_normal(cells, dtype=np.float32)
    if cells != size:
        values = cv2.resize(values, size[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return (values - values.mean()) / (values.std() + np.float32(1e-6))


def curve(plane: Floats, points: Sequence[tuple[float, float]]) -> NDArray[np.float32]:
    """The plane through a tone curve of (before, after) points joined by straight lines."""
    before, after = zip(*points, strict=True)
    return np.interp(plane, before, after).astype(np.float32)


def exposed(lightness: Floats, target: float, *, weight: Floats | None = None) -> NDArray[np.float32]:
    """The lightness (0–1) bent by a power so that its mean, weighted, lies near `target`: dark pictures stay readable."""
    mean = float(np.average(np.clip(lightness, 0.01, 1), weights=weight))
    power = np.clip(np.log(target) / np.log(min(mean, 0.97)), 0.45, 3.2)
    return np.power(np.clip(lightness, 0, 1), np.float32(power)).astype(np.float32)


def bloom(rgb: Floats, *, threshold: float, sigma: float, amount: float) -> NDArray[np.float32]:
    """Light that spills over from what is brighter than `threshold`; σ in pixels."""
    bright = np.maximum(rgb - np.float32(threshold), 0)
    glow = blur(bright, sigma) + np.float32(0.5) * blur(bright, 3 * sigma)
    return screen(rgb, np.float32(amount) * glow)


def screen(rgb: Floats, light: Floats) -> NDArray[np.float32]:
    """Light added as by a second projector: never beyond white."""
    return (1 - (1 - np.clip(rgb, 0, 1)) * (1 - np.clip(light, 0, 1))).astype(np.float32)


def vignette(size: tuple[int, int], amount: float) -> NDArray[np.float32]:
    """A factor `(H, W, 1)`: 1 in the middle, 1 − `amount` in the corners."""
    y, x = centred(size)
    return (1 - np.float32(amount) * (y * y + x * x) / 2)[..., None].astype(np.float32)


def centred(size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Coordinates `(H, 1)` and `(1, W)` that run over −1…1."""
    y, x = (((np.arange(n) + 0.5) / n * 2 - 1).astype(np.float32) for n in size)
    return y[:, None], x[None, :]


def detail(lightness: Floats, scale: float) -> NDArray[np.float32]:
    """Where small things are that matter (eyes, windows), `(H, W)` 0–1: fine edges, denser than in most of the picture."""
    gx, gy = cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1)
    dense = blur(np.hypot(gx, gy).astype(np.float32), 5 * scale)
    low, high = np.percentile(dense[::4, ::4], (50, 97))
    return np.clip((dense - low) / (high - low + 1e-3), 0, 1).astype(np.float32)
