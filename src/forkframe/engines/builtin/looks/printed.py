"""Prints: halftone, risograph, linocut, engraving and poster. Few inks, and paper that shows between them."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import Floats, blur, colour, curve, exposed, noise
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.strokes import directions, flattened, ink_lines, smeared

_PAPER = colour(0.965, 0.945, 0.895)


def _halftone(subject: Subject) -> Floats:
    """Four inks in rotated grids of dots on newsprint (cyan 15°, magenta 75°, yellow 0°, black 45°)."""
    scale = subject.scale
    rgb = subject.rgb
    light = exposed(subject.lightness, 0.52)
    lift = (light / np.maximum(subject.lightness, 0.03))[..., None]
    grey = light[..., None]
    soft = np.clip(grey + (rgb * np.clip(lift, 0.5, 2) - grey) * 1.25, 0, 1)
    soft = soft + 0.6 * (soft - blur(soft, 2.5 * scale))
    black = np.clip((0.45 - soft.max(axis=-1)) / 0.45, 0, 1) ** 1.2
    inks = np.clip(1 - soft, 0, 1)
    paper = _PAPER * (1 + 0.015 * noise(subject.size, 2.2 * scale, subject.stream(0)))[..., None]
    printed = paper
    pitch = max(3.0, 6.4 * scale)
    plates = (
        (inks[..., 2], 0.0, colour(1.0, 0.90, 0.12)),
        (inks[..., 1], 75.0, colour(0.88, 0.14, 0.48)),
        (inks[..., 0], 15.0, colour(0.06, 0.58, 0.82)),
        (black, 45.0, colour(0.10, 0.09, 0.11)),
    )
    for plane, angle, ink in plates:
        dots = _dots(plane, pitch=pitch, degrees=angle)[..., None]
        printed = printed * (1 - 0.94 * dots * (1 - ink))
    return printed


def _dots(plane: Floats, *, pitch: float, degrees: float) -> NDArray[np.float32]:
    """Dots of ink `(H, W)` 0–1 whose area follows `plane` (0 paper, 1 solid), in a grid turned by some degrees."""
    height, width = plane.shape
    angle = np.deg2rad(degrees)
    y, x = (np.arange(n, dtype=np.float32) for n in (height, width))
    turn = np.float32(2 * np.pi / pitch)
    c, s = np.float32(np.cos(angle)) * turn, np.float32(np.sin(angle)) * turn
    # cos u + cos v = 2 cos((u+v)/2) cos((u−v)/2), and each factor splits into rows and columns.
    first = _wave(y, x, (c - s) / 2, (s + c) / 2)
    second = _wave(y, x, (-s - c) / 2, (c - s) / 2)
    screen = 0.5 + 0.5 * first * second
    edge = np.float32(0.55 * 2 * np.pi / pitch / 2)
    return np.clip((plane - 1 + screen) / edge + 0.5, 0, 1).astype(np.float32) * np.clip(
        plane * 12, 0, 1
    ).astype(np.float32)


def _wave(y: Floats, x: Floats, along_y: np.float32, along_x: np.float32) -> NDArray[np.float32]:
    """cos(along_y·y + along_x·x) over the grid, from sines and cosines of rows and columns only."""
    return (
        np.cos(along_y * y)[:, None] * np.cos(along_x * x)[None]
        - np.sin(along_y * y)[:, None] * np.sin(along_x * x)[None]
    ).astype(np.float32)


def _risograph(subject: Subject) -> Floats:
    """Three spot inks, translucent and never quite in register: blue for the darks, pink for mid-tones, yellow for lights."""
    scale = subject.scale
    light = exposed(subject.lightness, 0.58)
    light = np.clip(
        light + 0.6 * (light - blur(light, 3 * scale)) + 0.3 * (light - blur(light, 24 * scale)), 0, 1
    )
    a, b = subject.lab[..., 1], subject.lab[..., 2]
    dark = 1 - light
    # Colours decide how the tones are shared out; without any, darks are blue and what is between is pink.
    plates = (
        (0.16 + 1.1 * b - 0.4 * np.abs(a) + 0.10 * light, colour(1.0, 0.86, 0.25), 0.9),
        (0.85 * dark + 0.85 * a + 0.30 * b - 0.10, colour(1.0, 0.36, 0.50), 0.92),
        (1.45 * dark - 0.40 - 0.55 * np.maximum(a, 0) - 0.5 * b, colour(0.06, 0.33, 0.62), 1.0),
    )
    rng = subject.stream(9)
    drum = 0.02 * noise(subject.size, 60 * scale, subject.stream(20))
    printed = _PAPER * (1 + 0.012 * noise(subject.size, 2.5 * scale, subject.stream(0)))[..., None]
    for number, (plane, ink, most) in enumerate(plates):
        shift = np.rint(rng.uniform(-2.6, 2.6, 2) * scale).astype(int)
        density = np.roll(np.clip(plane, 0, 1), shift, (0, 1))
        # Stochastic screening: each speck prints or does not.
        specks = noise(subject.size, 1.2 * scale, subject.stream(10 + number))
        held = curve(density + drum, [(0.03, 0), (0.3, 0.28), (0.75, 0.95), (1, 1)])
        covered = np.clip((held - 0.5 - 0.22 * specks) * 2.2 + 0.5, 0, 1)
        cover = (most * (0.62 * held + 0.38 * covered))[..., None]
        printed = printed * (1 - cover * (1 - ink))
    return printed


def _linocut(subject: Subject) -> Floats:
    """Black carved away in gouges that follow the forms, one dark ink on warm paper."""
    scale = subject.scale
    grey = exposed(subject.lightness, 0.44)
    grey = np.clip(grey + 0.35 * (grey - blur(grey, 26 * scale)) + 0.9 * (grey - blur(grey, 3 * scale)), 0, 1)
    along, _ = directions(blur(grey, 1.5 * scale), 6 * scale, calm=-22, least=0.01)
    gouges = smeared(
        noise(subject.size, 2.2 * scale, subject.stream(0))[..., None], along, max(2, round(13 * scale))
    )[..., 0]
    gouges = np.tanh(1.1 * gouges / (gouges.std() + np.float32(1e-6)))
    # Gouges thin out towards solid black and open up towards bare paper.
    tone = curve(grey, [(0, -0.75), (0.25, -0.50), (0.5, -0.02), (0.75, 0.50), (1, 0.8)])
    cut = np.clip((tone + 0.44 * gouges) * 7 + 0.5, 0, 1)
    contour = ink_lines(subject.lightness, 1.5 * scale, coverage=0.06)
    cut = np.minimum(cut, 1 - np.clip((contour - 0.4) * 2, 0, 1))
    worn = np.clip(
        0.97 - 0.10 * np.maximum(noise(subject.size, 1.6 * scale, subject.stream(1)) - 0.8, 0), 0, 1
    )
    ink = ((1 - cut) * worn)[..., None]
    paper = _PAPER * (1 + 0.02 * noise(subject.size, 3 * scale, subject.stream(2)))[..., None]
    return paper + ink * (colour(0.10, 0.12, 0.17) - paper)


def _engraving(subject: Subject) -> Floats:
    """A copperplate: parallel lines that swell in the shade and bend over the forms, crossed where it is dark."""
    scale = subject.scale
    grey = exposed(subject.lightness, 0.50)
    grey = np.clip(grey + 0.5 * (grey - blur(grey, 20 * scale)) + 0.7 * (grey - blur(grey, 2 * scale)), 0, 1)
    form = blur(subject.lightness, 5 * scale) + 0.7 * blur(subject.lightness, 16 * scale)
    height, width = subject.size
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    pitch = max(3.2, 4.6 * scale)
    dark = 1 - grey
    ink = np.zeros(subject.size, np.float32)
    for slant, turn, begins in ((0.34, 1.0, 0.06), (-0.62, -0.8, 0.50), (2.2, 0.6, 0.74)):
        across = (y + slant * x) / np.float32(np.hypot(1, slant))
        phase = 2 * np.pi * across / pitch + turn * 9 * form
        line = 0.5 + 0.5 * np.cos(phase)
        thick = np.clip((dark - begins) / (1.02 - begins), 0, 1) ** 0.85
        stroke = np.clip((line - 1 + 0.95 * thick) / 0.30 + 0.5, 0, 1) * np.clip(thick * 10, 0, 1)
        ink = np.maximum(ink, stroke)
    contour = ink_lines(subject.lightness, 0.9 * scale, coverage=0.055)
    ink = np.maximum(ink, np.clip((contour - 0.3) * 2, 0, 1))[..., None]
    paper = (
        colour(0.955, 0.94, 0.895) * (1 + 0.02 * noise(subject.size, 2 * scale, subject.stream(0)))[..., None]
    )
    return paper + 0.93 * ink * (colour(0.13, 0.15, 0.16) - paper)


def _poster(subject: Subject) -> Floats:
    """A screen print in five flat inks by tone (navy, brick, blue-green, sand, cream), cut with clean edges."""
    scale = subject.scale
    along, sure = directions(subject.lightness, 2.5 * scale)
    flat = flattened(subject.rgb, 4.5 * scale, along, sure)
    grey = exposed(flat.mean(axis=-1), 0.50)
    grey = grey + 0.28 * (grey - blur(grey, 30 * scale)) + 0.30 * (grey - blur(grey, 4 * scale))
    warmth = blur(subject.lab[..., 1] + 0.7 * subject.lab[..., 2], 5 * scale)
    # Pictures without colours are split by tone: cool shades, warm lights.
    colourless = float(np.exp(-((warmth.std() / 0.04) ** 2)))
    warmth = np.clip((warmth - 0.35 * np.median(warmth)) * 25 + 0.5, 0, 1)[..., None]
    levels = (
        (0.18, colour(0.09, 0.12, 0.22), colour(0.09, 0.12, 0.22)),
        (0.36, colour(0.10, 0.30, 0.40), colour(0.62, 0.19, 0.15)),
        (0.55, colour(0.30, 0.54, 0.58), colour(0.87, 0.42, 0.24)),
        (0.76, colour(0.72, 0.80, 0.74), colour(0.95, 0.74, 0.45)),
        (9.0, colour(0.975, 0.94, 0.84), colour(0.98, 0.93, 0.80)),
    )
    page = np.broadcast_to(levels[0][1] + 0 * warmth, flat.shape).astype(np.float32)
    for number, ((limit, _, _), (_, cool, warm)) in enumerate(itertools.pairwise(levels)):
        above = np.clip((grey - limit) * 26 + 0.5, 0, 1)[..., None]
        share = warmth + colourless * (float(number > 1) - warmth)
        page = page + above * ((cool + share * (warm - cool)) - page)
    squeegee = 1 + 0.012 * noise(subject.size, 2 * scale, subject.stream(0))
    return page * squeegee[..., None]


PAINTERS: dict[str, Painter] = {
    "halftone": _halftone,
    "risograph": _risograph,
    "linocut": _linocut,
    "engraving": _engraving,
    "poster": _poster,
}
