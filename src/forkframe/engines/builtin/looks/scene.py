"""What a scene is made of, guessed: what is far, which side faces a lamp, what shines itself."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import Floats, blur, centred, noise
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


def skin(subject: Subject, careful: Floats) -> NDArray[np.float32]:
    """Where strokes would scar a face, `(H, W)` 0–1: skin's warm lights around what is drawn with care (`careful`)."""
    a, b = subject.lab[..., 1], subject.lab[..., 2]
    warm = np.clip((a + b - 0.10) * 7, 0, 1) * np.clip((subject.lightness - 0.3) * 5, 0, 1)
    side = 2 * round(14 * subject.scale) + 1
    around = cv2.dilate(
        careful.astype(np.float32), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    )
    return np.maximum(careful, blur(around * warm, 5 * subject.scale)).astype(np.float32)


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


def indoors(subject: Subject) -> float:
    """How little of the sky is seen, 0–1: 1 where there is none, and light comes through windows and from lamps."""
    return 1 - float(np.clip(5 * subject.sky.mean(), 0, 1))


def window(
    subject: Subject, side: float, *, slope: float, lean: float = 0.25, number: int = 40
) -> NDArray[np.float32]:
    """What shines in through a row of windows on one side, `(H, W)` 0–1: panes of light that drape over the forms.

    Args:
        subject: the picture; its light shapes stand out and bend the panes.
        side: where the windows are, −1 left, 1 right.
        slope: how steeply the light falls: 0 for a sun at the horizon.
        lean: how far the upright bars lean towards the windows.
        number: of the random stream that says where the panes fall.
    """
    height, width = subject.size
    short = min(height, width)
    y, x = centred(subject.size)
    u, v = x * np.float32(side * width / short), y * np.float32(height / short)
    relief = blur(subject.lightness, 5 * subject.scale)
    relief = 0.16 * (relief - relief.mean()) / (relief.std() + 0.12) * 0.4
    across, down = subject.stream(number).uniform(-1, 1, 2)
    u_pane = u + lean * v + 0.10 * across + relief
    v_pane = v + slope * (u - 0.3) - 0.05 + 0.08 * down + 0.6 * relief
    wide, tall, period = 0.46, 0.74, 1.25
    u_pane = (u_pane + period / 2) % period - period / 2
    # The further from the window, the softer the shadow of its frame.
    soft = np.clip(0.055 - 0.03 * u, 0.03, 0.11).astype(np.float32)

    def open_between(place: NDArray[np.float32], reach: float) -> NDArray[np.float32]:
        return np.clip((reach - np.abs(place)) / soft + 0.5, 0, 1).astype(np.float32)

    panes = open_between(u_pane, wide) * open_between(v_pane, tall)
    for place in (u_pane, v_pane - tall / 3, v_pane + tall / 3):
        panes = panes * (1 - open_between(place, 0.022))
    return cv2.blur(panes.astype(np.float32), (3, 3)).astype(np.float32)


def glow(subject: Subject, at: tuple[float, float], *, wide: float, tall: float) -> NDArray[np.float32]:
    """A soft round light `(H, W)` 0–1 around a point (x, y), −1…1 each, of the given reach in half short sides."""
    height, width = subject.size
    y, x = centred(subject.size)
    short = min(height, width)
    dx, dy = (x - at[0]) * (width / short), (y - at[1]) * (height / short)
    return np.exp(-((dx / wide) ** 2) - (dy / tall) ** 2).astype(np.float32)
