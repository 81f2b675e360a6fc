"""Looks of light: backlight, candlelight and neon."""

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
)
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.scene import facing, far, glow
from forkframe.engines.builtin.looks.strokes import directions, flattened, smeared


def _backlight(subject: Subject) -> Floats:
    """The sun behind it all: fronts in shade, bright rims, a warm veil, and beams that fan out from above."""
    scale = subject.scale
    side = float(subject.stream(0).choice([-1.0, 1.0]))
    at = (side * 0.55, -1.05)
    behind = far(subject)[..., None]
    source = glow(subject, at, wide=1.1, tall=1.0)[..., None]
    rim = np.clip(facing(subject, (side * 0.4, -0.92)) - 0.15, 0, 1)[..., None]
    light = exposed(subject.lightness, 0.40)[..., None]
    warm = np.clip(0.6 * source + 0.5 * rim, 0, 1)
    graded = np.concatenate(
        [
            light * (0.82 + 0.25 * behind) + 0.24 * rim * (0.3 + light),
            subject.lab[..., 1:2] * 0.9 + 0.02 + 0.05 * warm,
            subject.lab[..., 2:3] * 0.9 + 0.03 + 0.20 * warm,
        ],
        axis=-1,
    )
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    beams = _beams(
        subject, at, np.clip(0.25 + 0.9 * behind[..., 0] * light[..., 0] + 0.5 * light[..., 0] ** 2, 0, 1)
    )
    rgb = screen(rgb, (0.80 * beams[..., None] * (0.30 + 0.70 * source)) * colour(1.0, 0.80, 0.50))
    rgb = screen(rgb, 0.42 * source**2 * colour(1.0, 0.86, 0.60))
    return bloom(rgb, threshold=0.75, sigma=12 * scale, amount=0.5)


def _beams(subject: Subject, at: tuple[float, float], light: Floats) -> NDArray[np.float32]:
    """`light` `(H, W)` smeared away from a point, as dust in the air shows it: eight doublings of a radial zoom."""
    height, width = subject.size
    small_size = (max(8, width // 2), max(8, height // 2))
    gaps = np.clip(0.75 + 0.45 * noise(subject.size, 22 * subject.scale, subject.stream(5)), 0, 1.4)
    beams = cv2.resize((light * gaps).astype(np.float32), small_size, interpolation=cv2.INTER_AREA)
    x, y = (at[0] + 1) / 2 * small_size[0], (at[1] + 1) / 2 * small_size[1]
    for step in range(6):
        zoom = 1 - 0.011 * 2**step
        view = np.array([[zoom, 0, x * (1 - zoom)], [0, zoom, y * (1 - zoom)]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        nearer = cv2.warpAffine(beams, view, small_size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        beams = cv2.addWeighted(beams, 0.5, nearer, 0.5, 0)
    beams = cv2.resize(beams, (width, height), interpolation=cv2.INTER_LINEAR)
    low, high = np.percentile(beams[::4, ::4], (10, 99))
    return np.clip((beams - low) / (high - low + 0.05), 0, 1).astype(np.float32)


def _candlelight(subject: Subject) -> Floats:
    """One warm flame, low at one side: what faces it glows, the rest sinks into brown dark."""
    scale = subject.scale
    side = float(subject.stream(0).choice([-1.0, 1.0]))
    at = (side * 0.5, 0.25)
    pool = glow(subject, at, wide=1.15, tall=1.05)[..., None]
    core = glow(subject, at, wide=0.5, tall=0.5)[..., None]
    _y, x = centred(subject.size)
    lit = np.where(x * side < at[0] * side, facing(subject, (side, 0.1)), facing(subject, (-side * 0.6, 0.1)))
    light = exposed(subject.lightness, 0.42)
    light = light + 0.15 * (light - blur(light, 10 * scale))
    light = light[..., None] * (0.22 + 0.90 * pool) + 0.15 * lit[..., None] * pool
    graded = np.concatenate(
        [
            light,
            subject.lab[..., 1:2] * 0.62 + 0.09 + 0.09 * pool - 0.05 * core,
            subject.lab[..., 2:3] * 0.55 + 0.12 + 0.34 * pool * np.clip(2 * light, 0, 1),
        ],
        axis=-1,
    )
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    rgb = screen(rgb, 0.16 * core * colour(1.0, 0.66, 0.28))
    return bloom(rgb, threshold=0.55, sigma=10 * scale, amount=0.55)


def _neon(subject: Subject) -> Floats:
    """The contours as glowing tubes, magenta to cyan by their direction, over a dark blue picture."""
    scale, lightness = subject.scale, subject.lightness
    along, sure = directions(lightness, 2 * scale)
    clean = np.ascontiguousarray(flattened(subject.rgb, 3.5 * scale, along, sure).mean(axis=-1))
    gx, gy = (cv2.Sobel(clean, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    edges = np.hypot(gx, gy)
    top = np.percentile(edges[::2, ::2], 97.5) + 1e-3
    tubes = smeared(
        np.clip(edges / top - 0.25, 0, 1).astype(np.float32)[..., None], along, max(1, round(5 * scale))
    )
    drift = 0.25 * noise(subject.size, 160 * scale, subject.stream(0))
    share = np.clip(0.5 + 0.5 * (2 * along[..., 0] ** 2 - 1) + drift, 0, 1)[..., None]
    magenta, cyan = colour(1.0, 0.16, 0.72), colour(0.10, 0.82, 1.0)
    light = tubes * (magenta + share * (cyan - magenta))
    lab = subject.lab
    base = to_srgb(
        np.stack(
            [exposed(lightness, 0.3) * 0.45, lab[..., 1] * 0.5 + 0.08, lab[..., 2] * 0.4 - 0.2], axis=-1
        ).astype(np.float32)
    )
    rgb = screen(base.astype(np.float32) / 255, light)
    rgb = screen(rgb, 0.9 * blur(light, 5 * scale) + 0.8 * blur(light, 18 * scale))
    return rgb + 0.45 * np.clip(tubes - 0.55, 0, 1)


PAINTERS: dict[str, Painter] = {
    "backlight": _backlight,
    "candlelight": _candlelight,
    "neon": _neon,
}
