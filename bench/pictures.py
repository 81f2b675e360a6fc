"""The pictures the benchmarks run on: the demo's photographs, cropped to one frame, in pairs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import forkframe
from forkframe.engines.builtin.sampling import warp

NAMES = ("astronaut", "cat", "coffee", "galaxies", "retina", "rocket")

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
    path = Path(forkframe.__path__[0]) / "demo" / "photographs" / f"{name}.jpg"
    encoded = np.fromfile(path, np.uint8)
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB)
    assert image is not None, path
    rows, columns = image.shape[:2]
    scale = min(columns / width, rows / height)
    crop_w, crop_h = round(width * scale), round(height * scale)
    x, y = (columns - crop_w) // 2, (rows - crop_h) // 2
    kind = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    return cv2.resize(image[y : y + crop_h, x : x + crop_w], (width, height), interpolation=kind).astype(
        np.uint8
    )


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
