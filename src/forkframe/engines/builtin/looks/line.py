"""Looks made of lines: pencil, ink and neon."""

from __future__ import annotations

import cv2
import numpy as np

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.looks.filters import Floats, blur, curve, exposed, noise, screen
from forkframe.engines.builtin.looks.look import Look, Subject
from forkframe.engines.builtin.looks.strokes import directions, flattened, ink_lines, smeared


def _pencil(subject: Subject) -> Floats:
    """Graphite: contours by colour dodge, shading by hatching along the forms and across."""
    scale = subject.scale
    grey = exposed(np.ascontiguousarray(subject.lab[..., 0]), 0.55)
    dodge = np.clip(grey / (blur(grey, 8 * scale) * 0.985 + 0.015), 0, 1)
    along, _ = directions(grey, 4 * scale)
    across = np.broadcast_to(np.array([0.7071, 0.7071], np.float32), along.shape)
    hatching = np.zeros(subject.size, np.float32)
    for number, (way, length) in enumerate(((across, 10), (along, 7))):
        lines = smeared(
            noise(subject.size, scale, subject.stream(number))[..., None], way, max(2, round(length * scale))
        )
        hatching += 0.5 * lines[..., 0] / (lines.std() + np.float32(1e-6))
    shade = np.clip(1 - grey, 0, 1) ** 1.3
    drawn = curve(dodge, [(0, 0.05), (0.6, 0.25), (0.92, 0.85), (1, 1)])
    drawn = drawn * (1 - 0.62 * shade * (0.6 + 0.4 * np.tanh(1.3 * hatching)))
    paper = 1 + 0.02 * noise(subject.size, scale, subject.stream(2))
    return (drawn * paper)[..., None] * np.array([0.985, 0.975, 0.95], np.float32)


def _ink(subject: Subject) -> Floats:
    """A comic page: black lines and solid blacks of a fixed share of the picture, over a few flat colours."""
    scale = subject.scale
    lightness = np.ascontiguousarray(subject.lab[..., 0])
    along, sure = directions(lightness, 2.5 * scale)
    flat = flattened(subject.rgb, 4 * scale, along, sure)
    lab = to_lab(np.clip(np.rint(flat * 255), 0, 255).astype(np.uint8))
    light = exposed(np.ascontiguousarray(lab[..., 0]), 0.62)
    steps = light * 5
    # Soft treads: the edge between two tones is a few pixels wide, not jagged.
    tread = np.floor(steps) + np.clip((steps - np.floor(steps) - 0.5) * 6 + 0.5, 0, 1)
    lab[..., 0] = 0.25 + 0.75 * (0.75 * tread / 5 + 0.25 * light)
    lab[..., 1:] *= 1.3
    page = to_srgb(lab).astype(np.float32) / 255
    lines = smeared(
        ink_lines(lightness, 1.1 * scale, coverage=0.10)[..., None], along, max(1, round(2 * scale))
    )[..., 0]
    lines = np.clip((lines - 0.5) * 3 + 0.5, 0, 1)
    solid = blur(lightness, 2.5 * scale)
    # Solid black for what is nearly black, but for no more than a tenth of the picture.
    limit = min(0.22, float(np.percentile(solid[::2, ::2], 10)))
    blacks = np.clip((limit - solid) * 25 + 0.5, 0, 1)
    ink = np.maximum(lines, blacks)[..., None]
    return page + ink * (np.array([0.06, 0.055, 0.07], np.float32) - page)


def _neon(subject: Subject) -> Floats:
    """The contours as glowing tubes, magenta to cyan by their direction, over a dark blue picture."""
    scale = subject.scale
    lightness = np.ascontiguousarray(subject.lab[..., 0])
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
    magenta, cyan = np.array([1.0, 0.16, 0.72], np.float32), np.array([0.10, 0.82, 1.0], np.float32)
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


LOOKS = (
    Look(
        "pencil",
        "line",
        ("sketch", "sketched", "pencil drawing", "drawing", "drawn", "graphite", "charcoal"),
        _pencil,
    ),
    Look("ink", "line", ("comic", "cartoon", "inked", "line art", "graphic novel", "manga"), _ink),
    Look("neon", "line", ("cyberpunk", "synthwave", "glowing", "neon lights"), _neon),
)
