"""Looks of film: noir, vintage and grain."""

from __future__ import annotations

import numpy as np

from forkframe.engines.builtin.colour import to_srgb
from forkframe.engines.builtin.looks.filters import (
    Floats,
    bloom,
    blur,
    centred,
    curve,
    exposed,
    noise,
    screen,
    vignette,
)
from forkframe.engines.builtin.looks.look import Look, Subject


def _noir(subject: Subject) -> Floats:
    """Hard black and white through a red filter, with deep blacks and one pool of light."""
    scale = subject.scale
    # Reddish things turn bright, blue skies dark.
    grey = subject.lab[..., 0] + 0.22 * subject.lab[..., 1] + 0.16 * subject.lab[..., 2]
    grey = exposed(np.clip(grey, 0, 1).astype(np.float32), 0.45)
    grey = grey + 0.55 * (grey - blur(grey, 22 * scale)) + 0.35 * (grey - blur(grey, 3 * scale))
    y, x = centred(subject.size)
    pool = np.exp(-((x * 0.9) ** 2 + (y + 0.1) ** 2) / 0.9).astype(np.float32)
    grey = curve(
        grey * (0.55 + 0.5 * pool), [(0, 0), (0.2, 0.045), (0.42, 0.34), (0.68, 0.82), (0.95, 1), (1.5, 1)]
    )
    rgb = grey[..., None] * np.array([1.0, 0.99, 0.96], np.float32)
    return bloom(rgb, threshold=0.75, sigma=8 * scale, amount=0.45)


def _vintage(subject: Subject) -> Floats:
    """A faded print: milky blacks, yellowed whites, teal shadows, a red halo around lights and a leak of light."""
    scale = subject.scale
    lab = subject.lab
    light = curve(lab[..., :1], [(0, 0.13), (0.25, 0.27), (0.5, 0.54), (0.8, 0.83), (1, 0.93)])
    graded = np.concatenate(
        [light, lab[..., 1:2] * 0.72 - 0.03 + 0.08 * light, lab[..., 2:3] * 0.66 - 0.04 + 0.22 * light],
        axis=-1,
    )
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    bright = np.maximum(subject.lab[..., 0] - 0.72, 0)
    halo = blur(np.ascontiguousarray(bright), 10 * scale)[..., None] * np.array([1.3, 0.45, 0.2], np.float32)
    rng = subject.stream(0)
    y, x = centred(subject.size)
    side, height = rng.choice([-1.0, 1.0]), rng.uniform(-0.8, 0.8)
    leak = np.exp(-((x - side * 1.05) ** 2) / 0.10 - (y - height) ** 2 / 0.8)[..., None]
    rgb = screen(rgb, (halo + 0.38 * leak * np.array([1.0, 0.42, 0.14])).astype(np.float32))
    return rgb * vignette(subject.size, 0.38)


def _grain(subject: Subject) -> Floats:
    """Film grain: strongest in the mid-tones, of two sizes."""
    scale = subject.scale
    specks = noise(subject.size, 1.1 * scale, subject.stream(0)) * 0.7
    specks += noise(subject.size, 2.2 * scale, subject.stream(1)) * 0.5
    light = subject.lab[..., 0]
    strength = 0.075 * (0.35 + 2.6 * light * (1 - light))
    return subject.rgb + (strength * specks)[..., None]


LOOKS = (
    Look(
        "noir",
        "film",
        ("black and white", "monochrome", "film noir", "greyscale", "grayscale", "b&w"),
        _noir,
        brings={"grain": 0.45},
    ),
    Look(
        "vintage",
        "film",
        ("retro", "old", "faded", "aged", "nostalgic", "sepia", "analog", "analogue"),
        _vintage,
        brings={"grain": 0.4},
    ),
    Look("grain", "film", ("grainy",), _grain),
)
