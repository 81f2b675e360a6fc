"""Describe: a picture in numbers, one vector for how it is composed and one for its style.

Both are measured on a copy of about 128² pixels in the picture's own aspect, so the same picture at another size has
nearly the same descriptor. Blocks have
only roughly the same weight (between two of the demo's photographs a block's median distance is .4 to 2.3, largest for
the colour moments): searches equalise them on the pictures they have.

`composition`, 126 numbers:

| from | what |
|---|---|
| 0 | lightness on a 4 × 4 grid, row by row, less its mean |
| 16 | lightness on an 8 × 8 grid, likewise |
| 80 | orientation energy: 2 × 2 quarters × 8 orientations, summing to 1, square roots |
| 112 | edges: centroid (x, y) and spread (x, y), in shares of the frame |
| 116 | symmetry: left–right and top–bottom correlation |
| 118 | horizon: change of lightness and colour from band to band, down the frame |

`style`, 57 numbers:

| from | what |
|---|---|
| 0 | palette: soft 3 × 3 × 3 histogram in Lab, square roots |
| 27 | means, then deviations, of L, a, b |
| 33 | gradient energy: 3 scales × 4 orientations, logarithmic |
| 45 | local binary patterns, rotation-invariant uniform, 8 neighbours: 10 bins, square roots |
| 55 | contrast (5th to 95th percentile of L) and colourfulness (mean chroma) |
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.protocol import Descriptor

COMPOSITION_LENGTH = 126
STYLE_LENGTH = 57

_AREA = 128 * 128
_NOTHING = 1e-6


def describe(image: NDArray[np.uint8]) -> Descriptor:
    """The picture `(H, W, 3)` uint8 sRGB in numbers: `composition` `(126,)` and `style` `(57,)`, float32."""
    lab = to_lab(_small(image))
    lightness = np.ascontiguousarray(lab[..., 0])
    gx, gy = _gradient(cv2.GaussianBlur(lightness, (0, 0), 1.0).astype(np.float32))
    return Descriptor(
        composition=np.concatenate(
            [
                _layout(lightness, 4),
                _layout(lightness, 8),
                _orientations(gx, gy),
                _edge_place(np.hypot(gx, gy)),
                _symmetry(lightness),
                _horizon(lab),
            ]
        ).astype(np.float32),
        style=np.concatenate(
            [
                _palette(lab),
                _colour_moments(lab),
                _energies(lightness),
                _local_patterns(lightness),
                _range(lab),
            ]
        ).astype(np.float32),
    )


def _small(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture at about `_AREA` pixels."""
    height, width = image.shape[:2]
    scale = (_AREA / (height * width)) ** 0.5
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC).astype(
        np.uint8
    )


def _layout(lightness: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Mean lightness of each of `side` × `side` cells, less the mean of all, over a photograph's usual spread."""
    cells = cv2.resize(lightness, (side, side), interpolation=cv2.INTER_AREA)
    return (cells - cells.mean()).ravel() / (0.2 * side * 2**0.5)


def _gradient(lightness: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    gx, gy = (cv2.Sobel(lightness, cv2.CV_32F, *order, scale=0.125) for order in ((1, 0), (0, 1)))
    return gx.astype(np.float32), gy.astype(np.float32)


def _orientations(gx: NDArray[np.float32], gy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Edge energy by quarter of the frame and orientation, softly binned."""
    strength = np.hypot(gx, gy)
    turn = (np.arctan2(gy, gx) / np.pi % 1.0) * 8
    bins = [np.maximum(0, 1 - np.abs((turn - k + 4) % 8 - 4)) * strength for k in range(8)]
    means = [cv2.resize(b.astype(np.float32), (2, 2), interpolation=cv2.INTER_AREA) for b in bins]
    quarters = np.stack(means, axis=-1).ravel()
    return np.sqrt(quarters / (quarters.sum() + _NOTHING))


def _edge_place(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where the edges are and how far they spread, x before y, in shares of the frame."""
    height, width = strength.shape
    weight = (strength + _NOTHING) / (strength + _NOTHING).sum()
    y, x = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    rows, columns = weight.sum(axis=1), weight.sum(axis=0)
    at_x, at_y = (columns * x).sum(), (rows * y).sum()
    return (
        np.array(
            [at_x, at_y, (columns * (x - at_x) ** 2).sum() ** 0.5, (rows * (y - at_y) ** 2).sum() ** 0.5]
        )
        * 4
    )


def _symmetry(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation of the softened picture with its mirror images, left–right and top–bottom."""
    soft = cv2.resize(lightness, (24, 24), interpolation=cv2.INTER_AREA)
    soft = soft - soft.mean()
    energy = (soft * soft).mean() + _NOTHING
    return np.array([(soft * soft[:, ::-1]).mean(), (soft * soft[::-1]).mean()]) / energy


def _horizon(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much the mean colour changes between each two of nine bands, from the top down."""
    bands = cv2.resize(lab, (1, 9), interpolation=cv2.INTER_AREA)[:, 0]
    return np.sqrt((np.diff(bands, axis=0) ** 2).sum(axis=1)) * 4


def _palette(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Soft histogram over 3 lightnesses × 3 × 3 hues; every colour belongs to the bins around it."""
    pixels = lab.reshape(-1, 3)
    shares = [
        np.maximum(
            0,
            1
            - np.abs(np.clip(pixels[:, c], low, high)[:, None] - np.linspace(low, high, 3))
            / ((high - low) / 2),
        )
        for c, (low, high) in enumerate(((0.0, 1.0), (-0.4, 0.4), (-0.4, 0.4)))
    ]
    first = shares[0][:, :, None, None] * shares[1][:, None, :, None] * shares[2][:, None, None, :]
    return np.sqrt(first.mean(axis=0).ravel())


def _colour_moments(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    scale = np.array([4, 6, 6])
    return np.concatenate([lab.mean((0, 1)) * scale, lab.std((0, 1)) * scale])


def _energies(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gradient energy at 3 scales, an octave apart, in 4 directions; logarithmic."""
    energies: list[float] = []
    plane = cv2.GaussianBlur(lightness, (0, 0), 1.0).astype(np.float32)
    for _ in range(3):
        gx, gy = _gradient(plane)
        for k in range(4):
            along = gx * np.cos(k * np.pi / 4) + gy * np.sin(k * np.pi / 4)
            energies.append(float(np.abs(along).mean()))
        plane = cv2.pyrDown(plane).astype(np.float32)
    return (np.log(np.array(energies) + 1e-3) / 2 + 2).astype(np.float32)


def _local_patterns(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rotation-invariant uniform patterns (Ojala, Pietikäinen and Mäenpää, 2002), of the softened picture."""
    soft = cv2.GaussianBlur(lightness, (0, 0), 1.5)
    ring = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    # What differs by less than this is the same, else the noise of flat areas decides.
    brighter = np.stack([np.roll(soft, (-dy, -dx), (0, 1)) > soft + 0.004 for dy, dx in ring])[:, 1:-1, 1:-1]
    turns = (brighter != np.roll(brighter, 1, axis=0)).sum(axis=0)
    patterns = np.where(turns <= 2, brighter.sum(axis=0), 9)
    return np.sqrt(np.bincount(patterns.ravel(), minlength=10) / patterns.size)


def _range(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = np.percentile(lab[..., 0], (5, 95))
    return np.array([2 * (high - low), 4 * np.hypot(lab[..., 1], lab[..., 2]).mean()])
