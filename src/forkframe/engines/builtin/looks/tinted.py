"""Old one-colour photographs, on their paper: sepia and cyanotype."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import Floats, blur, centred, colour, curve, exposed, noise
from forkframe.engines.builtin.looks.look import Painter, Subject


def _sepia(subject: Subject) -> Floats:
    """A brown albumen print: soft corners that fade into the paper, foxing, dust and a few scratches."""
    scale = subject.scale
    grey = _blue_sensitive(subject)
    y, x = centred(subject.size)
    away = np.clip((x**4 + y**4) * 0.8 - 0.15, 0, 1)
    grey = grey + away * 0.7 * (blur(grey, 4 * scale) - grey)
    grey = curve(grey, [(0, 0.06), (0.3, 0.27), (0.6, 0.64), (1, 0.97)])
    shades = ((0, colour(0.13, 0.08, 0.05)), (0.45, colour(0.48, 0.33, 0.21)), (1, colour(0.97, 0.90, 0.76)))
    rgb = _through(grey, shades)
    blots = noise(subject.size, 60 * scale, subject.stream(0))
    rgb *= (1 + 0.025 * blots + 0.02 * noise(subject.size, 2 * scale, subject.stream(1)))[..., None]
    # Round corners of paper around the image, uneven as a hand-made mat.
    ragged = 0.012 * noise(subject.size, 14 * scale, subject.stream(2))
    short = min(subject.size)
    rim = (1 - np.abs(x)) * subject.size[1] / short, (1 - np.abs(y)) * subject.size[0] / short
    corner = np.hypot(np.maximum(0.16 - rim[0], 0), np.maximum(0.16 - rim[1], 0))
    fade = np.clip((corner + ragged - 0.085) / 0.06, 0, 1)[..., None]
    rgb = rgb + fade * (colour(0.95, 0.89, 0.77) * (1 + 0.02 * blots[..., None]) - rgb)
    return rgb + 0.75 * _dust(subject)[..., None] * (colour(0.98, 0.94, 0.85) - rgb)


def _cyanotype(subject: Subject) -> Floats:
    """Prussian blue on cotton paper: chalky lights, streaks of the brush, its ragged border around the image."""
    scale = subject.scale
    height, width = subject.size
    grey = curve(_blue_sensitive(subject), [(0, 0.03), (0.25, 0.20), (0.55, 0.58), (0.85, 0.93), (1, 1)])
    grey = grey + 0.25 * (grey - blur(grey, 14 * scale))
    streaks = noise(subject.size, (7 * scale, 240 * scale), subject.stream(0))
    blots = noise(subject.size, 50 * scale, subject.stream(1))
    tooth = noise(subject.size, 1.4 * scale, subject.stream(2))
    grey = grey + 0.010 * streaks + 0.022 * blots + 0.018 * tooth
    shades = (
        (0, colour(0.03, 0.10, 0.24)),
        (0.4, colour(0.10, 0.30, 0.52)),
        (0.75, colour(0.55, 0.72, 0.83)),
        (1, colour(0.95, 0.96, 0.94)),
    )
    rgb = _through(grey, shades)
    y, x = np.arange(height)[:, None], np.arange(width)[None, :]
    short = min(height, width)
    upright = np.minimum(y, height - 1 - y) / short + 0.007 * noise(
        subject.size, 10 * scale, subject.stream(3)
    )
    sideways = np.minimum(x, width - 1 - x) / short + 0.012 * noise(
        subject.size, (9 * scale, 40 * scale), subject.stream(4)
    )
    inwards = np.minimum(upright, sideways + 0.006 * streaks)
    bare = np.clip((0.032 - inwards) / 0.008, 0, 1)[..., None]
    pooled = np.clip(1 - np.abs(inwards - 0.040) / 0.012, 0, 1)[..., None]
    rgb = rgb * (1 - 0.35 * pooled)
    paper = colour(0.945, 0.94, 0.905) * (1 + 0.012 * tooth[..., None])
    return rgb + bare * (paper - rgb)


def _blue_sensitive(subject: Subject) -> NDArray[np.float32]:
    """The picture `(H, W)` as plates saw it before films knew red: blue bright, red dark; exposed to the middle."""
    lab = subject.lab
    grey = lab[..., 0] - 0.14 * lab[..., 1] - 0.20 * lab[..., 2]
    return exposed(np.clip(grey, 0, 1).astype(np.float32), 0.48)


def _through(grey: Floats, shades: tuple[tuple[float, NDArray[np.float32]], ...]) -> NDArray[np.float32]:
    """A grey plane `(H, W)` in the colours of a ramp from black to white, `(H, W, 3)`."""
    at, colours = zip(*shades, strict=True)
    ramp = np.array(colours)
    return np.stack([np.interp(grey, at, ramp[:, c]) for c in range(3)], axis=-1).astype(np.float32)


def _dust(subject: Subject) -> NDArray[np.float32]:
    """Specks and hairlines `(H, W)`, 0–1."""
    height, width = subject.size
    scale = subject.scale
    rng = subject.stream(4)
    area = height * width / min(height, width) ** 2
    marks = np.zeros((height, width), np.float32)
    count = int(70 * area)
    marks[rng.integers(0, height, count), rng.integers(0, width, count)] = rng.uniform(0.3, 1, count)
    marks = blur(marks, 0.8 * scale) * max(1.0, 5 * scale**2)
    for _ in range(int(4 * area)):
        x, top = int(rng.integers(0, width)), int(rng.integers(0, height))
        long = int(rng.uniform(0.1, 0.5) * height)
        column = np.rint(x + np.cumsum(rng.normal(0, 0.15, long))).astype(int).clip(0, width - 1)
        rows = np.arange(top, top + long) % height
        marks[rows, column] = np.maximum(marks[rows, column], rng.uniform(0.1, 0.35))
    return np.clip(marks, 0, 1)


PAINTERS: dict[str, Painter] = {"sepia": _sepia, "cyanotype": _cyanotype}
