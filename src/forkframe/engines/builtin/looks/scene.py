"""What a scene is made of, guessed: what is far, which side faces a lamp, what shines itself."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import blur, centred, noise
from forkframe.engines.builtin.looks.look import Subject


def far(subject: Subject) -> NDArray[np.float32]:
    """How far away each place looks, `(H, W)` 0–1: what is higher up and calmer is further, sky is furthest."""
    scale = subject.scale
    y, _ = centred(subject.size)
    contrast = blur(np.abs(subject.lightness - blur(subject.lightness, 4 * scale)), 16 * scale)
    near = np.clip(contrast / (np.percentile(contrast[::4, ::4], 90) + 1e-3), 0, 1)
    guess = 0.35 + 0.5 * (1 - y) / 2 - 0.3 * near
    return np.clip(np.maximum(guess, subject.sky[..., 0]), 0, 1).astype(np.float32)


def facing(subject: Subject, towards: tuple[float, float]) -> NDArray[np.float32]:
    """Which places face a lamp, `(H, W)` about −1…1, as if what is bright stood out (shape from shading, at three sizes).

    Args:
        subject: the picture.
        towards: the way from any place to the lamp, (x, y), of length 1.
    """
    total = np.zeros(subject.size, np.float32)
    for sigma, weight in ((1.2, 0.5), (4.0, 1.0), (12.0, 1.3)):
        soft = blur(subject.lightness, sigma * subject.scale)
        gx, gy = (cv2.Sobel(soft, cv2.CV_32F, *order, scale=0.125) for order in ((1, 0), (0, 1)))
        total -= np.float32(weight * sigma * subject.scale) * (towards[0] * gx + towards[1] * gy)
    return np.tanh(3 * total).astype(np.float32)


def lamps(subject: Subject) -> NDArray[np.float32]:
    """What could be switched on, `(H, W)` 0–1: the brightest small spots, warm ones before others, none in the sky."""
    lab, scale = subject.lab, subject.scale
    high = float(np.percentile(lab[::4, ::4, 0], 97))
    bright = np.clip((lab[..., 0] - high) / (1.02 - high), 0, 1)
    spot = np.clip((lab[..., 0] - blur(subject.lightness, 14 * scale)) * 5 - 0.4, 0, 1)
    warm = np.clip(0.35 + 2.2 * lab[..., 2], 0, 1)
    return (bright * spot * warm * (1 - subject.sky[..., 0])).astype(np.float32)


def horizon(subject: Subject) -> float:
    """Where the sky ends, −1 (top) to 1; a little above the middle where there is none."""
    rows = subject.sky[..., 0].mean(axis=1)
    if rows.mean() < 0.04:
        return -0.2
    lowest = np.flatnonzero(rows > 0.25 * rows.max())[-1]
    return float(np.clip(lowest / len(rows) * 2 - 1, -0.5, 0.6))


def clouds(subject: Subject, number: int, *, stretch: float = 3.0) -> NDArray[np.float32]:
    """Clouds `(H, W)`, mean 0 and deviation about 1: noise of four sizes, drawn out sideways."""
    total = np.zeros(subject.size, np.float32)
    for octave, size in enumerate((90, 40, 18, 8)):
        tall = size * subject.scale
        layer = noise(subject.size, (tall, stretch * tall), subject.stream(number + octave))
        total += np.float32(0.55**octave) * layer
    return total / (total.std() + np.float32(1e-6))


def gradient(
    subject: Subject, stops: tuple[tuple[float, tuple[float, float, float]], ...], end: float
) -> NDArray[np.float32]:
    """A sky `(H, W, 3)` in Lab: colours at shares of the way from the top of the frame to `end` (−1…1)."""
    height, width = subject.size
    below = np.clip((np.linspace(-1, 1, height) + 1) / (end + 1 + 1e-3), 0, 1)
    heights, colours = zip(*stops, strict=True)
    column = np.stack([np.interp(below, heights, band) for band in np.array(colours).T], axis=-1)
    return np.repeat(column[:, None].astype(np.float32), width, axis=1)


def glow(subject: Subject, at: tuple[float, float], *, wide: float, tall: float) -> NDArray[np.float32]:
    """A soft round light `(H, W)` 0–1 around a point (x, y), −1…1 each, of the given reach in half short sides."""
    height, width = subject.size
    y, x = centred(subject.size)
    short = min(height, width)
    dx, dy = (x - at[0]) * (width / short), (y - at[1]) * (height / short)
    return np.exp(-((dx / wide) ** 2) - (dy / tall) ** 2).astype(np.float32)
