"""Old photographs on their paper: a faded colour print, sepia and cyanotype."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_srgb
from forkframe.engines.builtin.looks.filters import (
    Floats,
    blur,
    centred,
    colour,
    curve,
    exposed,
    noise,
    screen,
)
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.scene import clouds


def _vintage(subject: Subject) -> Floats:
    """A colour print from a shoe box: dyes that faded unevenly, a leak of light, dust, a crease, a yellowed white border."""
    scale = subject.scale
    height, width = subject.size
    short = min(height, width)
    rng = subject.stream(0)
    y, x = centred(subject.size)
    lab = subject.lab
    soft = lab + 0.35 * (blur(lab, 1.6 * scale) - lab)
    # The sun came from one side, and where it lay the cyan dye has gone.
    side, high = float(rng.choice([-1.0, 1.0])), float(rng.uniform(-0.5, 0.5))
    faded = 0.5 + 0.5 * np.tanh(1.3 * (side * x + 0.5 * high * y) + 0.5 * clouds(subject, 10))
    light = exposed(np.ascontiguousarray(soft[..., 0]), 0.50)
    light = 0.5 * light + 0.5 * np.clip(soft[..., 0], 0, 1)
    light = curve(light, [(0, 0.13), (0.25, 0.29), (0.5, 0.56), (0.8, 0.84), (1, 0.94)])
    light = light + 0.10 * faded * (0.9 - light)
    graded = np.stack(
        [
            light,
            soft[..., 1] * (0.85 - 0.25 * faded) - 0.035 * (1 - light) * (1 - faded) + 0.075 * faded,
            soft[..., 2] * (0.80 - 0.20 * faded) - 0.05 * (1 - light) + 0.14 * light + 0.05 * faded,
        ],
        axis=-1,
    )
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    halo = blur(np.maximum(subject.lightness - 0.72, 0), 10 * scale)[..., None] * colour(1.1, 0.45, 0.2)
    leak = np.exp(-((x + side * 1.02) ** 2) / 0.12 - (y - high) ** 2 / 0.9)[..., None]
    core = np.exp(-((x + side * 1.04) ** 2) / 0.03 - (y - high) ** 2 / 0.35)[..., None]
    rgb = screen(
        rgb, 0.6 * halo + 0.55 * leak * colour(1.0, 0.40, 0.12) + 0.5 * core * colour(1.0, 0.85, 0.45)
    )
    rgb = rgb + 0.55 * _dust(subject)[..., None] * (colour(0.97, 0.95, 0.88) - rgb)
    border = 0.042 * short
    column, row = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    inwards = np.minimum(np.minimum(row, height - 1 - row), np.minimum(column, width - 1 - column))
    bare = np.clip((border - inwards) / (0.9 * scale) + 0.5, 0, 1)[..., None]
    tooth = noise(subject.size, 1.6 * scale, subject.stream(1))
    stains = noise(subject.size, 70 * scale, subject.stream(2))
    paper = colour(0.945, 0.925, 0.865) * (1 + 0.010 * tooth + 0.014 * stains)[..., None]
    rgb = rgb + bare * (paper - rgb)
    return _creased(rgb, subject, rng)


def _creased(rgb: Floats, subject: Subject, rng: np.random.Generator) -> NDArray[np.float32]:
    """The print with one corner that was bent once: a crease that cracked the emulsion, and its shade."""
    height, width = subject.size
    short = min(height, width)
    across, down = (float(rng.choice([-1.0, 1.0])) for _ in range(2))
    y, x = centred(subject.size)
    # Pixels from the corner, as shares of the short side.
    u, v = (1 - across * x) * width / (2 * short), (1 - down * y) * height / (2 * short)
    reach, lean = float(rng.uniform(0.20, 0.30)), float(rng.uniform(0.7, 1.3))
    wander = 0.004 * noise(subject.size, 22 * subject.scale, subject.stream(3))
    off = (u + lean * v - reach) / np.hypot(1, lean) + wander
    crack = np.exp(-((off / 0.0022) ** 2)) * np.clip(
        0.7 + 0.5 * noise(subject.size, 3, subject.stream(5)), 0, 1
    )
    shade = np.where(off < 0, 0.10 * np.exp(off / 0.05), -0.05 * np.exp(-off / 0.03))
    rgb = rgb * (1 + shade)[..., None]
    return (rgb + 0.75 * crack[..., None] * (colour(0.97, 0.96, 0.93) - rgb)).astype(np.float32)


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
    ragged = 0.005 * noise(subject.size, 60 * scale, subject.stream(2))
    ragged = ragged + 0.0015 * noise(subject.size, 4 * scale, subject.stream(3))
    short = min(subject.size)
    rim = (1 - np.abs(x)) * subject.size[1] / short, (1 - np.abs(y)) * subject.size[0] / short
    corner = np.hypot(np.maximum(0.16 - rim[0], 0), np.maximum(0.16 - rim[1], 0))
    fade = np.clip((corner + ragged - 0.105) / 0.022, 0, 1)[..., None]
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
    # The brush ran from side to side: straight edges above and below, the ends of its hairs left and right.
    upright = np.minimum(y, height - 1 - y) / short
    upright = upright + 0.004 * noise(subject.size, (30 * scale, 90 * scale), subject.stream(3))
    hairs = 0.010 * noise(subject.size, (34 * scale, 80 * scale), subject.stream(4))
    hairs = hairs + 0.0035 * noise(subject.size, (2.2 * scale, 50 * scale), subject.stream(5))
    inwards = np.minimum(upright, np.minimum(x, width - 1 - x) / short + hairs)
    bare = np.clip((0.036 - inwards) / 0.006, 0, 1)[..., None]
    pooled = np.clip(1 - np.abs(inwards - 0.043) / 0.010, 0, 1)[..., None]
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


PAINTERS: dict[str, Painter] = {"vintage": _vintage, "sepia": _sepia, "cyanotype": _cyanotype}
