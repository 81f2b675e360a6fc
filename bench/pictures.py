"""The pictures the benchmarks run on: photographs and drawings, cropped to one frame, alone and in pairs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

import forkframe
from forkframe.engines.builtin.sampling import warp

NAMES = ("astronaut", "cat", "coffee", "galaxies", "retina", "rocket")

MORE = {
    "motorcycle": "motorcycle_left.png",
    "brick": "brick.png",
    "moon": "moon.png",
    "coins": "coins.png",
    "cameraman": "camera.png",
    "tissue": "ihc.png",
}
"""Photographs that scikit-image brings along, and their files there."""

PHOTOGRAPHS = (*NAMES, *MORE)
DRAWINGS = ("horse", "badge", "village", "still life")
"""A silhouette and a badge that scikit-image brings along, a poster in flat colours and a drawing in lines."""

PAIRS = (
    ("astronaut", "cat"),
    ("cat", "coffee"),
    ("coffee", "retina"),
    ("retina", "galaxies"),
    ("galaxies", "rocket"),
    ("rocket", "astronaut"),
)
"""A loop through all six photographs: unrelated pictures."""

Picture = NDArray[np.uint8]


def photograph(name: str, *, width: int, height: int) -> Picture:
    """The photograph `(height, width, 3)` uint8 sRGB: the largest centred window of that aspect, scaled."""
    folder = Path(skimage.__path__[0]) / "data"
    if name in MORE:
        return _cropped(_read(folder / MORE[name]), width, height)
    return _cropped(
        _read(Path(forkframe.__path__[0]) / "demo" / "photographs" / f"{name}.jpg"), width, height
    )


def drawing(name: str, *, width: int, height: int) -> Picture:
    """The drawing `(height, width, 3)` uint8 sRGB: the largest centred window of that aspect, scaled."""
    folder = Path(skimage.__path__[0]) / "data"
    files = {"horse": "horse.png", "badge": "logo.png"}
    if name in files:
        return _cropped(_read(folder / files[name]), width, height)
    return _cropped({"village": _village, "still life": _still_life}[name](), width, height)


def _read(path: Path) -> Picture:
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert image is not None, path
    return image.astype(np.uint8)


def _cropped(image: Picture, width: int, height: int) -> Picture:
    rows, columns = image.shape[:2]
    scale = min(columns / width, rows / height)
    crop_w, crop_h = round(width * scale), round(height * scale)
    x, y = (columns - crop_w) // 2, (rows - crop_h) // 2
    kind = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    return cv2.resize(image[y : y + crop_h, x : x + crop_w], (width, height), interpolation=kind).astype(
        np.uint8
    )


def _village() -> Picture:
    """A poster in flat colours: hills, houses, a sun."""
    canvas = np.full((720, 960, 3), (247, 226, 188), np.uint8)
    cv2.circle(canvas, (710, 190), 95, (235, 96, 62), -1, cv2.LINE_AA)
    for top, colour in ((330, (140, 176, 160)), (430, (86, 134, 124)), (530, (48, 88, 92))):
        hills = [(x, top + round(46 * np.sin(x / 118 + top))) for x in range(0, 961, 16)]
        cv2.fillPoly(canvas, [np.array([*hills, (960, 720), (0, 720)])], colour, cv2.LINE_AA)
    for x, y, size, colour in (
        (170, 560, 90, (226, 178, 92)),
        (330, 590, 120, (214, 84, 70)),
        (560, 575, 100, (242, 236, 220)),
    ):
        cv2.rectangle(canvas, (x, y - size), (x + size, y), colour, -1)
        roof = np.array(
            [(x - 12, y - size), (x + size // 2, y - size - size // 2), (x + size + 12, y - size)]
        )
        cv2.fillPoly(canvas, [roof], (70, 44, 52), cv2.LINE_AA)
        cv2.rectangle(canvas, (x + size // 3, y - size // 2), (x + size // 2, y), (70, 44, 52), -1)
    return canvas


def _still_life() -> Picture:
    """A drawing in lines: a bottle, a bowl and fruit on a table, hatched."""
    canvas = np.full((720, 960, 3), (244, 241, 232), np.uint8)
    ink = (38, 36, 44)
    cv2.line(canvas, (0, 520), (960, 500), ink, 3, cv2.LINE_AA)
    bottle = [(250, 530), (250, 300), (285, 240), (285, 140), (325, 140), (325, 240), (360, 300), (360, 530)]
    cv2.polylines(canvas, [np.array(bottle)], True, ink, 4, cv2.LINE_AA)
    cv2.ellipse(canvas, (620, 480), (190, 110), 0, 0, 180, ink, 4, cv2.LINE_AA)
    cv2.ellipse(canvas, (620, 480), (190, 34), 0, 0, 360, ink, 3, cv2.LINE_AA)
    for x, y, r in ((540, 440, 56), (640, 425, 66), (725, 450, 44), (440, 555, 48)):
        cv2.circle(canvas, (x, y), r, ink, 4, cv2.LINE_AA)
        for n in range(-r, r, 9):
            half = int((r * r - n * n) ** 0.5 * 0.5)
            cv2.line(canvas, (x + n, y + half // 3), (x + n + half, y + half), ink, 1, cv2.LINE_AA)
    for n in range(30):
        cv2.line(canvas, (335 - n // 2, 300 + 7 * n), (356, 292 + 7 * n), ink, 1, cv2.LINE_AA)
        cv2.line(canvas, (90 + 28 * n, 640), (40 + 28 * n, 712), ink, 1, cv2.LINE_AA)
    return canvas


def square_pairs(side: int) -> list[tuple[str, Picture, Picture]]:
    """The unrelated pairs as squares: (name, first, second)."""
    square = {name: photograph(name, width=side, height=side) for name in NAMES}
    return [(f"{a}-{b}", square[a], square[b]) for a, b in PAIRS]


def warped_pairs(side: int) -> list[tuple[str, Picture, Picture, NDArray[np.float32]]]:
    """Pairs with known correspondence: a photograph and its smooth strong warp in other colours.

    Returns:
        (name, first, second, displacement `(side, side, 2)` float32 pixels): the second picture shows at q, in other
        colours, what the first shows at q + displacement(q). Up to about 12 % of the side.
    """
    pairs: list[tuple[str, Picture, Picture, NDArray[np.float32]]] = []
    for number, name in enumerate(("astronaut", "cat", "coffee")):
        image = photograph(name, width=side, height=side)
        rng = np.random.default_rng(number)
        waves = rng.uniform(-1, 1, (5, 5, 2)).astype(np.float32)
        waves[[0, -1], :, 1] = waves[:, [0, -1], 0] = 0
        displacement = cv2.resize(waves, (side, side), interpolation=cv2.INTER_CUBIC) * np.float32(
            0.12 * side
        )
        displacement = cv2.GaussianBlur(displacement, (0, 0), side / 20).astype(np.float32)
        moved = warp(image, displacement)
        # Channels rotated and a steep tone curve: neither colours nor brightness give the match away.
        curve = np.rint(255 * np.linspace(0, 1, 256) ** 1.5).astype(np.uint8)
        pairs.append((f"{name}, warped", image, curve[moved[..., [1, 2, 0]]], displacement))
    return pairs


def panned(name: str, side: int) -> tuple[Picture, Picture, Picture]:
    """Two frames of a camera that pans and zooms over a photograph, and the true frame half-way between them."""
    whole = photograph(name, width=side, height=side)
    frames: list[Picture] = []
    for t in (0.0, 0.5, 1.0):
        zoom = 1.15 + 0.07 * t
        middle = np.array([0.47 + 0.05 * t, 0.51 - 0.02 * t]) * side
        corner = middle - side / zoom / 2
        view = np.array([[1 / zoom, 0, corner[0]], [0, 1 / zoom, corner[1]]], np.float32)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        frames.append(cv2.warpAffine(whole, view, (side, side), flags=flags).astype(np.uint8))
    return frames[0], frames[1], frames[2]
