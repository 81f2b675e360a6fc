"""Times of day: morning, evening, dusk and night. The light comes from one side, lamps go on, the sky is another one."""

from __future__ import annotations

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
from forkframe.engines.builtin.looks.scene import (
    clouds,
    facing,
    far,
    glow,
    gradient,
    horizon,
    indoors,
    lamps,
    window,
)

Stops = tuple[tuple[float, tuple[float, float, float]], ...]

# The sky from its top to the horizon, in Lab divided by 100.
_MORNING: Stops = (
    (0.0, (0.70, -0.04, -0.22)),
    (0.45, (0.82, 0.02, -0.08)),
    (0.75, (0.90, 0.10, 0.14)),
    (1.0, (0.95, 0.04, 0.26)),
)
"""Pale blue, rose, straw."""
_EVENING: Stops = (
    (0.0, (0.34, 0.14, -0.26)),
    (0.3, (0.52, 0.28, 0.02)),
    (0.6, (0.72, 0.26, 0.42)),
    (1.0, (0.84, 0.12, 0.52)),
)
"""Violet, rose, orange, gold."""
_DUSK: Stops = (
    (0.0, (0.16, 0.08, -0.34)),
    (0.45, (0.34, 0.02, -0.38)),
    (0.75, (0.54, 0.06, -0.24)),
    (0.92, (0.68, 0.20, 0.04)),
    (1.0, (0.74, 0.22, 0.24)),
)
"""Deep blue, blue, a rose and orange rim."""


def _morning(subject: Subject) -> Floats:
    """A pale sun just up: cool shadows, straw-coloured light from one side or through a window, mist over what is far."""
    side = _side(subject)
    level = horizon(subject)
    sun = glow(subject, (side * 0.85, level), wide=1.1, tall=0.75)[..., None]
    lit = facing(subject, (side * 0.94, -0.34))[..., None]
    light = exposed(subject.lab[..., 0], 0.56, weight=_ground(subject))[..., None]
    panes = (indoors(subject) * window(subject, side, slope=0.55))[..., None]
    shade = indoors(subject) * (1 - panes)
    light = light * (1 - 0.30 * shade + 0.30 * panes) + 0.16 * lit * (0.4 + 0.6 * np.clip(2 * light, 0, 1))
    sunlight = np.maximum((1 - 0.6 * indoors(subject)) * sun, panes)
    warm = np.clip(light * 1.3 - 0.35, 0, 1) * (0.35 + 0.65 * sunlight) * (1 + 0.5 * lit)
    warm = warm * (1 - 0.5 * shade) + 0.25 * panes
    graded = _toned(subject, light, keep=0.82, shadow=(-0.01, -0.08), warm=warm, sunlit=(0.05, 0.26))
    graded = _under(graded, gradient(subject, _MORNING, level), subject, 0.75, clouds_by=0.035)
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    mist = far(subject)[..., None]
    y, _ = centred(subject.size)
    banks = clouds(subject, 30, stretch=2.2)
    low = np.exp(-((y - level - 0.1) ** 2) / 0.10) * (0.8 + 0.25 * banks)
    veil = np.clip(0.30 * mist * np.clip(low[..., None], 0, 1.3) + 0.10 * mist, 0, 0.6)
    air = colour(0.90, 0.90, 0.91) + sun * colour(0.09, 0.02, -0.14)
    rgb = rgb + veil * (air - rgb)
    rgb = screen(rgb, 0.40 * sun * _open(subject) * colour(1.0, 0.83, 0.52))
    rgb = screen(rgb, 0.12 * blur(panes[..., 0], 20 * subject.scale)[..., None] * colour(1.0, 0.88, 0.62))
    return bloom(rgb, threshold=0.78, sigma=10 * subject.scale, amount=0.45)


def _evening(subject: Subject) -> Floats:
    """A low sun from one side: gold on what faces it, violet shadows, a dusk sky, or the sun through leaves and a window."""
    side = _side(subject)
    level = horizon(subject)
    light = exposed(subject.lab[..., 0], 0.40, weight=_ground(subject))[..., None]
    # Where the sun's light falls: from one side, near the horizon.
    sunny = glow(subject, (side * 0.9, level), wide=1.3, tall=1.0)[..., None]
    lit = facing(subject, (side * 0.97, -0.24))[..., None]
    # Indoors it falls through leaves and a window, nearly level.
    leaves = noise(subject.size, 40 * subject.scale, subject.stream(50))
    leaves = 0.75 * leaves + 0.5 * noise(subject.size, 17 * subject.scale, subject.stream(51))
    panes = window(subject, side, slope=0.16, lean=0.12) * np.clip(0.72 + 0.55 * leaves, 0.12, 1)
    inside = indoors(subject)
    panes = (inside * panes)[..., None]
    falls = (1 - inside) * sunny + inside * (0.30 * sunny + 0.95 * panes)
    light = light * (0.74 - 0.10 * inside + 0.40 * falls + 0.25 * panes)
    light = light + 0.20 * lit * (0.25 + np.clip(1.4 * light, 0, 0.75))
    warm = np.clip(light * 1.5 - 0.2, 0, 1) * (0.25 + 0.85 * falls) * (1 + 0.7 * lit)
    warm = warm * (1 - 0.45 * inside * (1 - panes)) + 0.20 * panes
    graded = _toned(subject, light, keep=0.80, shadow=(0.04, -0.10), warm=warm, sunlit=(0.14, 0.40))
    graded = _under(graded, gradient(subject, _EVENING, level), subject, 0.82, clouds_by=0.06)
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    # As much sun as air to shine through: without sky it only brushes the side.
    sun = glow(subject, (side * 0.8, level), wide=0.75, tall=0.6)[..., None]
    rgb = screen(rgb, 0.62 * _open(subject) * sun * colour(1.0, 0.60, 0.24))
    rgb = bloom(rgb, threshold=0.7, sigma=9 * subject.scale, amount=0.5)
    return rgb * vignette(subject.size, 0.28)


def _dusk(subject: Subject) -> Floats:
    """The blue hour: even, shadowless blue, a last rim of light at the horizon, and the lamps have just gone on."""
    level = horizon(subject)
    light = exposed(subject.lab[..., 0], 0.37, weight=_ground(subject))
    light = 0.03 + 0.88 * light + 0.25 * (light - blur(light, 20 * subject.scale))
    light = np.where(light > 0.55, 0.55 + 0.3 * np.tanh((light - 0.55) / 0.4), light)
    burning = lamps(subject)
    side = _side(subject)
    # Without sky somebody has lit a lamp beside the picture; what faces away from it is left to the blue window.
    room = indoors(subject)
    lamp = room * glow(subject, (side * 0.95, -0.15), wide=1.15, tall=1.25)
    lamp = lamp * (1 + 0.35 * facing(subject, (side, -0.1)))
    inside = np.clip(2.0 * blur(burning, 26 * subject.scale) + lamp, 0, 1)[..., None]
    light = light[..., None] * (0.92 - 0.22 * room + (0.55 + 0.45 * room) * inside)
    graded = np.concatenate(
        [
            light,
            subject.lab[..., 1:2] * (0.50 + 0.35 * inside) + 0.035 + 0.06 * inside,
            subject.lab[..., 2:3] * (0.45 + 0.35 * inside) - 0.20 + 0.40 * inside,
        ],
        axis=-1,
    )
    graded = _under(graded, gradient(subject, _DUSK, level), subject, 0.85, clouds_by=0.045)
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    rgb = screen(rgb, 0.9 * burning[..., None] * colour(1.0, 0.80, 0.46))
    rgb = bloom(rgb, threshold=0.62, sigma=8 * subject.scale, amount=0.8)
    return rgb * vignette(subject.size, 0.25)


def _night(subject: Subject) -> Floats:
    """Moonlight from one side, blue and quiet but readable; lamps burn, nearby ones out of sight; stars in the sky."""
    scale, sky = subject.scale, subject.sky
    side = _side(subject)
    light = exposed(subject.lab[..., 0], 0.29, weight=_ground(subject))
    local = light - blur(light, 24 * scale)
    light = np.clip(0.04 + 0.85 * light + 0.40 * local, 0, 1)
    # A soft knee at .4: nothing but a lamp is white at night.
    light = np.where(light > 0.4, 0.4 + 0.32 * np.tanh((light - 0.4) / 0.45), light)
    y, _ = centred(subject.size)
    above = ((1 + y) / 2).astype(np.float32)
    # The moon stands high on one side, and its light falls through a window when there is no sky to see it in.
    moonlit = glow(subject, (-side * 0.35, -0.45), wide=1.25, tall=1.1)
    moonlit = moonlit + 0.55 * facing(subject, (-side * 0.6, -0.8)) * moonlit
    room = indoors(subject)
    panes = room * window(subject, -side, slope=0.75)
    light = light * (0.48 + 0.66 * moonlit * (1 - 0.72 * room) + 0.80 * panes)
    light += sky[..., 0] * (0.15 + 0.12 * above + 0.5 * _own_clouds(subject, 24) - light) * 0.9
    burning = lamps(subject)
    pool = np.clip(2.2 * blur(burning, 30 * scale), 0, 1)
    light = light * (1 + 0.75 * pool)
    graded = np.stack(
        [
            light,
            subject.lab[..., 1] * (0.34 + 0.3 * pool) + 0.015 - 0.02 * panes + 0.10 * pool,
            subject.lab[..., 2] * (0.30 + 0.3 * pool) - 0.20 + 0.10 * light + 0.03 * panes + 0.40 * pool,
        ],
        axis=-1,
    )
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    rgb = screen(rgb, burning[..., None] * colour(1.0, 0.76, 0.40))
    rgb = screen(rgb, _stars(subject) * (sky[..., 0] ** 2 * (1 - 0.6 * above))[..., None])
    return bloom(rgb, threshold=0.5, sigma=7 * scale, amount=0.8) * vignette(subject.size, 0.35)


def _toned(
    subject: Subject,
    light: Floats,
    *,
    keep: float,
    shadow: tuple[float, float],
    warm: Floats,
    sunlit: tuple[float, float],
) -> NDArray[np.float32]:
    """The picture at another lightness, its shadows and what the sun warms pulled towards two colours (a, b)."""
    own = subject.lab[..., 1:]
    pulled = [
        own[..., c : c + 1] * keep + np.float32(shadow[c]) + np.float32(sunlit[c] - shadow[c] * 0.6) * warm
        for c in (0, 1)
    ]
    return np.concatenate([light, *pulled], axis=-1).astype(np.float32)


def _under(
    graded: Floats, sky: NDArray[np.float32], subject: Subject, amount: float, *, clouds_by: float
) -> NDArray[np.float32]:
    """The picture (Lab) under another sky, with that sky's clouds and the finer ones it had."""
    if subject.sky.max() < 0.02:
        return graded.astype(np.float32)
    soft = clouds(subject, 10)[..., None]
    sky = sky.copy()
    sky[..., :1] += _own_clouds(subject, 14)[..., None] + np.float32(clouds_by) * soft
    sky[..., 1:] *= 1 + 0.25 * np.tanh(soft)
    return (graded + np.float32(amount) * subject.sky * (sky - graded)).astype(np.float32)


def _own_clouds(subject: Subject, sigma: float) -> NDArray[np.float32]:
    """What differs in the sky from the sky around it, `(H, W)`: what stands in front of it casts no halo."""
    sky = subject.sky[..., 0]
    around = blur(subject.lightness * sky, sigma * subject.scale) / (blur(sky, sigma * subject.scale) + 1e-3)
    return (subject.lightness - around).clip(-0.25, 0.25) * sky


def _side(subject: Subject) -> float:
    """The side of the frame that the light comes from, −1 or 1."""
    return float(subject.stream(0).choice([-1.0, 1.0]))


def _ground(subject: Subject) -> NDArray[np.float32]:
    """What exposure goes by: everything but the sky."""
    return 1.05 - subject.sky[..., 0]


def _open(subject: Subject) -> float:
    """How much of the sun itself is seen, .4–1: the more sky, the more."""
    return 0.4 + 0.6 * float(np.clip(4 * subject.sky.mean(), 0, 1))


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


PAINTERS: dict[str, Painter] = {"morning": _morning, "evening": _evening, "dusk": _dusk, "night": _night}
