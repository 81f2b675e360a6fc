"""Looks of film: noir and grain."""

from __future__ import annotations

import numpy as np

from forkframe.engines.builtin.looks.filters import (
    Floats,
    bloom,
    blur,
    centred,
    colour,
    curve,
    exposed,
    noise,
)
from forkframe.engines.builtin.looks.look import Painter, Subject


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
    rgb = grey[..., None] * colour(1.0, 0.99, 0.96)
    return bloom(rgb, threshold=0.75, sigma=8 * scale, amount=0.45)


def _grain(subject: Subject) -> Floats:
    """Film grain, strongest in the mid-tones and of two sizes, on crisp film with a soft shoulder and toe."""
    scale = subject.scale
    specks = noise(subject.size, 1.1 * scale, subject.stream(0)) * 0.7
    specks += noise(subject.size, 2.2 * scale, subject.stream(1)) * 0.5
    light = subject.lab[..., 0]
    strength = 0.048 * (0.35 + 2.6 * light * (1 - light))
    crisp = light + 0.25 * (subject.lightness - blur(subject.lightness, 14 * scale))
    crisp = curve(
        crisp, [(-1, 0.01), (0, 0.015), (0.25, 0.22), (0.6, 0.63), (0.9, 0.92), (1, 0.97), (2, 0.99)]
    )
    return subject.rgb + (crisp - light + strength * specks)[..., None]


PAINTERS: dict[str, Painter] = {
    "noir": _noir,
    "grain": _grain,
}
