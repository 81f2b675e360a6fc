"""Seasons: spring, autumn and winter. Summer is how most photographs look already."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_srgb
from forkframe.engines.builtin.looks.filters import (
    Floats,
    bloom,
    blur,
    centred,
    colour,
    exposed,
    noise,
    screen,
    vignette,
)
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.scene import far, glow

_PETAL = np.array([(-1, 0), (-0.6, -0.42), (0, -0.55), (0.7, -0.4), (0.95, -0.08), (0.8, 0.0), (0.95, 0.1),
                   (0.6, 0.42), (0, 0.5), (-0.6, 0.36)])  # fmt: skip
"""The outline of a petal: round, with a notch at its end."""
_LEAF = np.array([(-1.25, 0.05), (-0.85, 0), (-0.5, -0.36), (0, -0.46), (0.55, -0.26), (1, 0), (0.55, 0.26),
                  (0, 0.46), (-0.5, 0.36), (-0.85, 0.03)])  # fmt: skip
"""The outline of a leaf: a pointed oval with a stalk."""


def _spring(subject: Subject) -> Floats:
    """Mild bright light, fresh greens, and petals on the wind."""
    light = exposed(subject.lightness, 0.56)
    green = _greenness(subject)
    a = subject.lab[..., 1] * 0.92 + 0.012 - 0.05 * green
    b = subject.lab[..., 2] * 0.95 + 0.02 + 0.08 * green
    graded = np.stack([0.05 + 0.93 * light + 0.05 * green, a, b], axis=-1)
    graded += 0.35 * subject.sky * (np.array([0.80, -0.03, -0.20], np.float32) - graded)
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    side = float(subject.stream(0).choice([-1.0, 1.0]))
    sun = glow(subject, (side * 0.9, -0.9), wide=1.2, tall=1.0)[..., None]
    rgb = screen(rgb, 0.30 * sun * colour(1.0, 0.95, 0.78))
    rgb = bloom(rgb, threshold=0.72, sigma=11 * subject.scale, amount=0.4)
    pinks = (colour(0.98, 0.80, 0.86), colour(0.99, 0.88, 0.92), colour(0.93, 0.62, 0.74))
    rgb = _scattered(rgb, subject, outline=_PETAL, tints=pinks, sizes=(6.0, 10.0, 20.0))
    return _in_blossom(rgb, subject, side, pinks)


def _in_blossom(
    rgb: NDArray[np.float32], subject: Subject, side: float, tints: tuple[NDArray[np.float32], ...]
) -> NDArray[np.float32]:
    """The picture through a flowering branch close to the lens: soft discs that crowd two opposite corners."""
    height, width = subject.size
    short = min(height, width)
    rng = subject.stream(7)
    painted, cover = np.zeros_like(rgb), np.zeros((height, width), np.float32)
    for corner, count, reach in (((side, -1.0), 34, 0.50), ((-side, 1.0), 20, 0.34)):
        for _ in range(count):
            way, out = rng.uniform(0, np.pi / 2), reach * rng.uniform(0, 1) ** 0.8
            x = (corner[0] + 1) / 2 * width - corner[0] * out * short * np.cos(way)
            y = (corner[1] + 1) / 2 * height - corner[1] * out * short * np.sin(way) * 0.8
            radius = short * rng.uniform(0.022, 0.055) * (1.15 - 0.9 * out)
            tint = tints[int(rng.integers(len(tints)))] * np.float32(rng.uniform(0.88, 1.05))
            middle = (round(8 * x), round(8 * y))
            cv2.circle(painted, middle, round(8 * radius), tint.tolist(), -1, cv2.LINE_8, 3)
            cv2.circle(cover, middle, round(8 * radius), 1.0, -1, cv2.LINE_8, 3)
    soft = 4.5 * subject.scale
    veiled = rgb * (1 - np.float32(0.88) * blur(cover, soft)[..., None])
    return (veiled + np.float32(0.88) * blur(painted, soft)).astype(np.float32)


def _autumn(subject: Subject) -> Floats:
    """Greens turned to rust and gold, low amber light, a breath of mist, leaves coming down."""
    light = exposed(subject.lightness, 0.42)
    light = light + 0.30 * (light - blur(light, 22 * subject.scale))
    green = _greenness(subject)
    side = float(subject.stream(0).choice([-1.0, 1.0]))
    sun = glow(subject, (side * 0.9, -0.35), wide=1.3, tall=1.1)
    warm = np.clip(1.4 * light - 0.15, 0, 1) * (0.35 + 0.75 * sun)
    a = subject.lab[..., 1] * 0.95 + 0.02 + 0.10 * warm + 0.34 * green
    b = subject.lab[..., 2] * 0.90 - 0.03 + 0.32 * warm + 0.22 * green
    graded = np.stack([light * (0.84 + 0.26 * sun), a, b], axis=-1)
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    veil = (0.16 * far(subject))[..., None]
    rgb = rgb + veil * (colour(0.86, 0.76, 0.62) - rgb)
    rgb = screen(rgb, 0.26 * sun[..., None] * colour(1.0, 0.72, 0.34))
    rusts = (colour(0.80, 0.36, 0.10), colour(0.90, 0.60, 0.14), colour(0.62, 0.18, 0.10))
    rgb = bloom(rgb, threshold=0.7, sigma=10 * subject.scale, amount=0.4) * vignette(subject.size, 0.25)
    return _scattered(rgb, subject, outline=_LEAF, tints=rusts, sizes=(8.0, 15.0, 34.0))


def _winter(subject: Subject) -> Floats:
    """A still frost: pale blue light, rime on everything fine, breath in the distance, ice at the corners of the pane."""
    scale = subject.scale
    light = exposed(subject.lightness, 0.55)
    fine = np.abs(light - blur(light, 1.6 * scale))
    rime = np.clip(blur(fine, 0.8 * scale) * 16 - 0.22, 0, 1) * np.clip(light * 2.2 - 0.25, 0, 1)
    sparkle = np.clip(0.75 + 0.5 * noise(subject.size, 1.5 * scale, subject.stream(0)), 0, 1.4)
    warm = np.clip((subject.lab[..., 1] + subject.lab[..., 2] - 0.15) * 6, 0, 1) * np.clip(
        (light - 0.35) * 5, 0, 1
    )
    frosted = np.clip(0.75 * rime * sparkle * (1 - 0.7 * warm), 0, 0.85)
    graded = np.stack(
        [
            0.03 + 0.94 * light,
            subject.lab[..., 1] * 0.45 - 0.012,
            subject.lab[..., 2] * 0.38 - 0.075 * (1 - light),
        ],
        axis=-1,
    )
    graded += frosted[..., None] * (np.array([0.96, -0.01, -0.03], np.float32) - graded)
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    veil = (0.03 + 0.24 * far(subject))[..., None]
    rgb = rgb + veil * (colour(0.84, 0.89, 0.94) - rgb)
    ice = _ice(subject)[..., None]
    return rgb + ice * (colour(0.94, 0.97, 1.0) - rgb)


def _greenness(subject: Subject) -> NDArray[np.float32]:
    """How much each place is foliage, `(H, W)` 0–1: green to yellow-green, and not pale."""
    a, b = subject.lab[..., 1], subject.lab[..., 2]
    return np.clip((-a * 5 + 0.1) * np.clip(6 * b, 0, 1), 0, 1).astype(np.float32)


def _ice(subject: Subject) -> NDArray[np.float32]:
    """Frost flowers that grow from the frame's rim, `(H, W)` 0–1: noise drawn out towards the middle, in ridges."""
    scale = subject.scale
    height, width = subject.size
    y, x = centred(subject.size)
    inwards = np.minimum(1 - np.abs(x) * np.ones_like(y), 1 - np.abs(y) * np.ones_like(x))
    corner = np.clip((np.abs(x) ** 3 + np.abs(y) ** 3) * 0.62, 0, 1)
    reach = 0.10 + 0.30 * corner
    bent = np.zeros((height, width), np.float32)
    for number, size in enumerate((34, 15, 6)):
        ridge = noise(subject.size, size * scale, subject.stream(20 + number))
        bent += np.float32(0.6**number) * (1 - 2 * np.clip(np.abs(ridge), 0, 1))
    needles = np.clip(0.5 + 0.42 * bent, 0, 1)
    grown = np.clip((reach * (0.55 + 0.8 * needles) - inwards) / (0.12 + 0.1 * corner), 0, 1)
    return (0.80 * grown * (0.66 + 0.34 * needles)).astype(np.float32)


def _scattered(
    rgb: NDArray[np.float32],
    subject: Subject,
    *,
    outline: NDArray[np.float64],
    tints: tuple[NDArray[np.float32], ...],
    sizes: tuple[float, float, float],
) -> NDArray[np.float32]:
    """The picture behind things that drift through the air: small far ones, few near ones out of focus.

    Args:
        rgb: `(H, W, 3)`, 0–1.
        subject: gives the scale and chance.
        outline: of one of the things, `(N, 2)` about −1…1.
        tints: their colours.
        sizes: half their lengths, far to near, in units of the subject's scale.
    """
    height, width = subject.size
    short = min(height, width)
    rng = subject.stream(6)
    area = height * width / short**2
    for size, count, soft, opaque in zip(
        sizes, (22, 13, 4), (0.5, 0.6, 3.0), (0.85, 0.92, 0.72), strict=True
    ):
        painted, cover = np.zeros_like(rgb), np.zeros((height, width), np.float32)
        for _ in range(round(count * area)):
            x, y = rng.uniform(-0.05, 1.05, 2)
            # The middle, where faces are, is kept freer.
            if np.hypot(x - 0.5, y - 0.5) < rng.uniform(0, 0.55):
                x = 0.0 + rng.uniform(0, 0.25) if x < 0.5 else rng.uniform(0.75, 1.0)
            turn, tilt = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.0)
            shape = outline * (1, tilt) * size * subject.scale * rng.uniform(0.7, 1.3)
            turned = shape @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
            points = np.rint((turned + np.array([x * width, y * height])) * 8).astype(np.int32)
            tint = tints[int(rng.integers(len(tints)))] * np.float32(rng.uniform(0.8, 1.08))
            cv2.fillPoly(painted, [points], tint.tolist(), cv2.LINE_8, 3)
            cv2.fillPoly(cover, [points], 1.0, cv2.LINE_8, 3)
            # A lit half and a vein: flat shapes look like confetti.
            half = np.concatenate([points[: len(points) // 2], points[:1]])
            cv2.fillPoly(painted, [half], np.clip(tint * 1.15, 0, 1).tolist(), cv2.LINE_8, 3)
        sigma = max(soft * subject.scale, 0.4)
        cover, painted = blur(cover, sigma), blur(painted, sigma)
        rgb = (rgb * (1 - opaque * cover[..., None]) + opaque * painted).astype(np.float32)
    return rgb


PAINTERS: dict[str, Painter] = {"spring": _spring, "autumn": _autumn, "winter": _winter}
