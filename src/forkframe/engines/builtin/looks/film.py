"""Looks of film: slide film, bleach bypass, noir, a faded print and grain."""

from __future__ import annotations

import numpy as np

from forkframe.engines.builtin.colour import to_srgb
from forkframe.engines.builtin.looks.filters import (
    Floats,
    bloom,
    blur,
    centred,
    colour,
    curve,
    exposed,
    noise,
    screen,
    vignette,
)
from forkframe.engines.builtin.looks.look import Painter, Subject


def _slide(subject: Subject) -> Floats:
    """A projected slide: deep blacks, colours that glow without clipping, crisp detail, red halos around lights."""
    scale = subject.scale
    light = exposed(subject.lightness, 0.46)
    light = light + 0.30 * (light - blur(light, 18 * scale)) + 0.35 * (light - blur(light, 1.5 * scale))
    light = curve(light, [(-1, 0), (0, 0), (0.2, 0.13), (0.5, 0.52), (0.8, 0.87), (1, 0.985), (2, 1)])
    own = subject.lab[..., 1:]
    chroma = np.hypot(own[..., 0], own[..., 1])
    # Weak colours are raised most; strong ones already fill the film.
    gain = 1 + 0.75 * np.exp(-chroma / 0.35)
    richer = own * gain[..., None]
    richer = richer + np.stack([0.012 * light, 0.05 * light - 0.045 * (1 - light)], axis=-1)
    rgb = (
        to_srgb(np.concatenate([light[..., None], richer], axis=-1).astype(np.float32)).astype(np.float32)
        / 255
    )
    halo = blur(np.maximum(light - 0.82, 0), 7 * scale)[..., None] * colour(1.6, 0.5, 0.15)
    return screen(rgb, halo) * vignette(subject.size, 0.22)


def _bleach_bypass(subject: Subject) -> Floats:
    """Silver left in the film: half the colour gone, steely, with hard contrast that still holds texture."""
    scale = subject.scale
    light = exposed(subject.lightness, 0.44)
    crisp = light + 0.55 * (light - blur(light, 12 * scale)) + 0.50 * (light - blur(light, 2 * scale))
    hard = np.where(crisp < 0.5, 2 * crisp**2 * np.sign(crisp), 1 - 2 * (1 - crisp) ** 2)
    light = np.clip(0.35 * crisp + 0.65 * hard, 0.01, 1)
    silver = np.clip(light * 1.2, 0, 1)
    graded = np.stack(
        [
            curve(light, [(0, 0), (0.85, 0.86), (1, 0.96)]),
            subject.lab[..., 1] * 0.45 - 0.012,
            subject.lab[..., 2] * 0.42 - 0.030 + 0.035 * silver,
        ],
        axis=-1,
    )
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    return bloom(rgb, threshold=0.85, sigma=6 * scale, amount=0.3) * vignette(subject.size, 0.32)


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


def _vintage(subject: Subject) -> Floats:
    """A faded print: milky blacks, yellowed whites, teal shadows, a red halo around lights and a leak of light."""
    scale = subject.scale
    lab = subject.lab
    light = curve(lab[..., :1], [(0, 0.10), (0.25, 0.25), (0.5, 0.55), (0.8, 0.86), (1, 0.95)])
    graded = np.concatenate(
        [light, lab[..., 1:2] * 0.80 - 0.03 + 0.08 * light, lab[..., 2:3] * 0.74 - 0.05 + 0.22 * light],
        axis=-1,
    )
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    halo = blur(np.maximum(subject.lightness - 0.72, 0), 10 * scale)[..., None] * colour(1.3, 0.45, 0.2)
    rng = subject.stream(0)
    y, x = centred(subject.size)
    side, height = rng.choice([-1.0, 1.0]), rng.uniform(-0.8, 0.8)
    leak = np.exp(-((x - side * 1.05) ** 2) / 0.10 - (y - height) ** 2 / 0.8)[..., None]
    rgb = screen(rgb, halo + 0.38 * leak * colour(1.0, 0.42, 0.14))
    return rgb * vignette(subject.size, 0.30)


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
    "slide": _slide,
    "bleach bypass": _bleach_bypass,
    "noir": _noir,
    "vintage": _vintage,
    "grain": _grain,
}
