"""Looks that change the light: evening and night."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_srgb
from forkframe.engines.builtin.looks.filters import Floats, bloom, blur, centred, exposed, screen, vignette
from forkframe.engines.builtin.looks.look import Look, Subject
from forkframe.engines.builtin.looks.sky import sky_mask

_DUSK = (
    (0.0, (0.34, 0.14, -0.26)),
    (0.3, (0.52, 0.28, 0.02)),
    (0.6, (0.72, 0.26, 0.42)),
    (1.0, (0.84, 0.12, 0.52)),
)
"""The sky from its top to the horizon, in Lab divided by 100: violet, rose, orange, gold."""


def _evening(subject: Subject) -> Floats:
    """A low sun from one side: warm lights, violet shadows, a dusk sky where there is one."""
    height, width = subject.size
    rng = subject.stream(0)
    sky = sky_mask(subject)
    lab = subject.lab
    ground = 1 - sky[..., 0]
    light = exposed(lab[..., 0], 0.40, weight=ground + 0.05)[..., None]
    side = rng.choice([-1.0, 1.0])
    y, x = centred(subject.size)
    horizon = _horizon(sky)
    # Where the sun's light falls: from one side, near the horizon.
    sunny = np.exp(-((x - side * 0.9) ** 2) / 1.3 - (y - horizon) ** 2 / 0.9)[..., None].astype(np.float32)
    warm = np.clip(light * 1.3 - 0.25, 0, 1) * (0.45 + 0.55 * sunny)
    graded = np.concatenate(
        [
            light * (0.86 + 0.22 * sunny),
            lab[..., 1:2] * 0.85 + 0.05 + 0.13 * warm,
            lab[..., 2:3] * 0.75 - 0.07 + 0.36 * warm,
        ],
        axis=-1,
    )
    heights, colours = zip(*_DUSK, strict=True)
    below = np.clip((np.linspace(-1, 1, height) + 1) / (horizon + 1 + 1e-3), 0, 1)
    dusk = np.stack([np.interp(below, heights, band) for band in np.array(colours).T], axis=-1)
    dusk = np.broadcast_to(dusk[:, None].astype(np.float32), lab.shape).copy()
    dusk[..., 0] += lab[..., 0] - blur(np.ascontiguousarray(lab[..., 0]), 14 * subject.scale)
    graded += 0.82 * sky * (dusk - graded)
    rgb = to_srgb(graded).astype(np.float32) / 255
    # As much sun as air to shine through: without sky it only brushes the side.
    reach = 0.22 + 0.38 * float(np.clip(4 * sky.mean(), 0, 1))
    sun = np.exp(-((x - side * 0.8) ** 2) * (width / height) ** 2 / 0.5 - (y - horizon) ** 2 / 0.35)[
        ..., None
    ]
    rgb = screen(rgb, (reach * sun).astype(np.float32) * np.array([1.0, 0.62, 0.26], np.float32))
    rgb = bloom(rgb, threshold=0.7, sigma=9 * subject.scale, amount=0.5)
    return rgb * vignette(subject.size, 0.28)


def _night(subject: Subject) -> Floats:
    """Moonlight: blue and quiet, but readable; what was bright and warm shines as lamps; stars where there is sky."""
    scale = subject.scale
    sky = sky_mask(subject)
    lab = subject.lab
    ground = 1 - sky[..., 0]
    light = exposed(lab[..., 0], 0.29, weight=ground + 0.05)
    local = light - blur(light, 24 * scale)
    light = np.clip(0.05 + 0.85 * light + 0.35 * local, 0, 1)
    # A soft knee at .4: nothing but a lamp is white at night.
    light = np.where(light > 0.4, 0.4 + 0.32 * np.tanh((light - 0.4) / 0.45), light)
    y, x = centred(subject.size)
    moonlit = np.exp(-((x + 0.25) ** 2 + (y + 0.35) ** 2) / 1.6).astype(np.float32)
    light = light * (0.72 + 0.42 * moonlit)
    above = ((1 + y) / 2).astype(np.float32)
    light += sky[..., 0] * (0.13 + 0.10 * above + 0.5 * local - light) * 0.9
    graded = np.stack([light, lab[..., 1] * 0.34 + 0.015, lab[..., 2] * 0.30 - 0.20 + 0.10 * light], axis=-1)
    rgb = to_srgb(graded).astype(np.float32) / 255
    high = np.percentile(lab[::4, ::4, 0], 98)
    lamps = (
        np.clip((lab[..., 0] - high) / (1.02 - high), 0, 1) * np.clip(0.25 + 2.2 * lab[..., 2], 0, 1) * ground
    )
    rgb = screen(rgb, lamps[..., None] * np.array([1.0, 0.74, 0.38], np.float32))
    rgb = screen(rgb, _stars(subject) * (sky[..., 0] ** 2 * (1 - 0.6 * above))[..., None])
    return bloom(rgb, threshold=0.5, sigma=7 * scale, amount=0.8) * vignette(subject.size, 0.35)


def _stars(subject: Subject) -> Floats:
    """Points of light `(H, W, 1)`, most of them faint."""
    height, width = subject.size
    rng = subject.stream(1)
    count = int(420 * height * width / min(height, width) ** 2)
    points = np.zeros((height, width), np.float32)
    rows, columns = rng.integers(0, height, count), rng.integers(0, width, count)
    points[rows, columns] = rng.random(count, dtype=np.float32) ** 3 * 0.9 + 0.1
    sigma = 0.7 * subject.scale
    return np.clip(blur(points, sigma) * max(1.0, 2 * np.pi * sigma**2), 0, 1)[..., None]


def _horizon(sky: NDArray[np.float32]) -> float:
    """Where the sky ends, −1 (top) to 1; a little above the middle where there is none."""
    rows = sky[..., 0].mean(axis=1)
    if rows.mean() < 0.04:
        return -0.2
    lowest = np.flatnonzero(rows > 0.25 * rows.max())[-1]
    return float(np.clip(lowest / len(rows) * 2 - 1, -0.5, 0.6))


LOOKS = (
    Look(
        "evening",
        "light",
        ("dusk", "sunset", "golden hour", "golden", "twilight", "sundown", "dawn", "sunrise"),
        _evening,
    ),
    Look(
        "night",
        "light",
        ("midnight", "moonlight", "moonlit", "nocturnal", "nighttime", "starry", "nightfall"),
        _night,
    ),
)
