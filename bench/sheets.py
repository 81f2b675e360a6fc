"""Sheets to judge the looks by: the photograph, the best plain colour grade towards the look, and the look.

    python -m bench.looks --only sheets --sheets FOLDER [--page] [NAME ...]

A look stays in the catalogue if on at least eight of the twelve photographs it looks better than its grade. That is seen,
not measured: `LOST` keeps where it does not, counted by eye on these sheets; `--page` writes the counts to `docs/looks.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.pictures import PHOTOGRAPHS, Picture, photograph
from forkframe.engines.builtin.catalogue import looks_by_family
from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.looks import LOOKS
from forkframe.engines.builtin.sampling import resized

PAGE = Path(__file__).parent.parent / "docs" / "looks.md"
LOST: Mapping[str, tuple[str, ...]] = {
    "spring": ("galaxies", "retina", "moon", "tissue"),
    "autumn": ("coffee", "galaxies", "retina"),
    "winter": ("galaxies", "retina", "tissue"),
    "morning": ("galaxies", "retina"),
    "evening": ("galaxies", "retina"),
    "dusk": ("retina", "moon", "tissue"),
    "night": ("galaxies", "retina"),
    "backlight": ("cat", "retina", "cameraman", "tissue"),
    "candlelight": ("galaxies", "cameraman", "tissue"),
    "neon": ("moon",),
    "fog": ("cat", "retina", "tissue"),
    "rain": ("galaxies", "retina", "tissue"),
    "storm": ("galaxies", "retina", "tissue"),
    "snow": ("cat", "galaxies", "retina", "tissue"),
    "noir": ("galaxies", "brick", "coins"),
    "vintage": ("moon",),
    "sepia": ("moon",),
    "cyanotype": ("moon",),
    "oil": ("galaxies", "brick", "moon", "coins"),
    "watercolour": ("brick", "moon"),
    "storybook": ("galaxies", "moon", "coins"),
    "pencil": ("galaxies", "moon"),
    "charcoal": ("moon",),
    "chalk": ("galaxies", "brick", "moon", "coins"),
    "ink": ("galaxies", "moon", "coins"),
    "halftone": ("galaxies", "moon"),
    "risograph": ("retina", "brick", "moon"),
    "linocut": ("retina", "moon"),
    "engraving": ("galaxies", "moon"),
    "poster": ("galaxies", "retina", "moon", "coins"),
    "grain": ("cat", "galaxies", "motorcycle", "tissue"),
}
"""The photographs on which a look is no better than its grade, or no more than as good: seen on the sheets of version 3."""

_WORDS = """# Looks

What each named look is worth beside a plain colour grade. The grade is the best affine map of Lab colours towards the look's
own result, fitted picture by picture: what somebody could do with a colour tool who knew the aim. **Better on** counts, of
twelve photographs, those on which the look is the better picture of what its name says. It was counted by eye, once, on the
sheets that `python -m bench.looks --only sheets --sheets FOLDER` writes; a tie counts against the look. A look that wins
fewer than eight is drawn anew or leaves the catalogue: slide film and bleach bypass did, and their words now grade the picture.
**Beyond a grade** is measured: the share of the look's change that the grade cannot follow (0: it is a grade; values above 1:
the grade is further from the look than the photograph).

Where the looks lose: light, weather and seasons on what is no scene (stars, a retina, tissue under the microscope), and
strokes on what has no shapes to follow (the moon's plain, a wall).

| look | family | better on, of 12 | not on | beyond a grade |
|---|---|---|---|---|"""

_TILE = (260, 195)
_DRAWN = (640, 480)
_ROW = 6
_CELL = 8
"""Pixels per side of the cells over which a grade is fitted: it follows tones, not strokes."""


def plain_grade(image: Picture, look: Picture) -> Picture:
    """The best that a colour grade can do towards a look: the affine map of Lab that comes nearest to it.

    Least squares over cells of 8 × 8 pixels, so that strokes, dots and grain do not wash its contrast out.
    """
    before, after = to_lab(image), to_lab(look)
    size = (max(8, before.shape[0] // _CELL), max(8, before.shape[1] // _CELL))
    terms, wanted = _terms(resized(before, size)), resized(after, size).reshape(-1, 3)
    # A little ridge: what a grey picture hardly has, such as chroma, is not blown up to fit.
    held = np.diag([1e-3, 1e-3, 1e-3, 0.0]) * len(terms)
    fitted = np.linalg.solve(terms.T @ terms + held, terms.T @ wanted)
    return to_srgb((_terms(before) @ fitted).reshape(before.shape).astype(np.float32))


def beyond_grade(image: Picture, look: Picture) -> float:
    """How much of what a look changes no colour grade can give, 0–1, in Lab over cells of 8 × 8 pixels and finer."""
    before, after, graded = to_lab(image), to_lab(look), to_lab(plain_grade(image, look))
    return float(np.abs(after - graded).mean() / max(1e-6, np.abs(after - before).mean()))


def _terms(lab: NDArray[np.float32]) -> NDArray[np.float64]:
    flat = lab.reshape(-1, 3).astype(np.float64)
    return np.concatenate([flat, np.ones((len(flat), 1))], axis=1)


def sheet(name: str, folder: Path | None) -> float:
    """Twelve photographs, under each its grade and its look: written to `folder`/NAME.png, if one is given.

    Returns:
        The mean over the photographs of `beyond_grade`.
    """
    columns: list[Picture] = []
    beyond: list[float] = []
    for picture in PHOTOGRAPHS:
        image = photograph(picture, width=_DRAWN[0], height=_DRAWN[1])
        look = LOOKS[name].draw(image, 1, 1.0)
        beyond.append(beyond_grade(image, look))
        tiles = (image, plain_grade(image, look), look)
        columns.append(np.vstack([resized(tile, _TILE[::-1]) for tile in tiles]))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        whole = np.vstack([np.hstack(columns[at : at + _ROW]) for at in range(0, len(columns), _ROW)])
        encoded = cv2.imencode(".png", cv2.cvtColor(whole, cv2.COLOR_RGB2BGR))[1]
        encoded.tofile(folder / f"{name.replace(' ', '-')}.png")
    return float(np.mean(beyond))


def write_page(beyond: Mapping[str, float]) -> None:
    """Writes `docs/looks.md`: for every look the count of photographs it wins, and what `sheet` has measured."""
    rows = [
        f"| {entry.name} | {family} | {len(PHOTOGRAPHS) - len(LOST[entry.name])} | {', '.join(LOST[entry.name])} "
        f"| {beyond[entry.name]:.2f} |"
        for family, entries in looks_by_family().items()
        for entry in entries
    ]
    PAGE.write_text(f"{_WORDS}\n" + "\n".join(rows) + "\n")
