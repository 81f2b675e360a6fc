"""Where the subject of a picture probably is, so that the first crop does not cut it off."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.media.faces import Box, faces
from forkframe.media.fitting import thumbnail

_SIDE = 128
"""Saliency is looked for in a copy of this many pixels: what is smaller is no subject."""

_SIGMAS = (1.5, 3.0, 6.0)
"""The sizes looked for, in pixels of that copy: an eye, a face, a figure."""

_NOTICEABLE = 1.0
"""ΔE summed over the sizes; below, rounding and noise of even surfaces."""

_FACE = 100.0
"""How much a face counts, times its share of the picture: one of a hundredth as much as all else together."""

_EYE_LEVEL = -1 / 3
"""The upper of the lines that divide the height in thirds, where −1 is the top and 1 the bottom."""


def salient_focus(pixels: NDArray[np.uint8], aspect: float) -> tuple[float, float]:
    """The focus for a crop into a frame of `aspect` (width over height).

    Along the side that has to be cut, the centre of the window that keeps the most saliency; along the other, the
    centre of gravity of the saliency, for when somebody zooms in. Nothing salient: the middle.

    Args:
        pixels: `(H, W, 3)` or `(H, W, 4)` uint8 sRGB.
        aspect: of the frame.

    Returns:
        (x, y), 0–1 from the top left, rounded to thousandths.
    """
    map_ = saliency(pixels)
    for x, y, width, height in faces(pixels):
        _weigh_face(map_, (x, y, width, height))
    rows, columns = pixels.shape[:2]
    share_x = min(1.0, rows * aspect / columns)
    share_y = min(1.0, columns / aspect / rows)
    return (round(_centre(map_.sum(0), share_x), 3), round(_centre(map_.sum(1), share_y), 3))


def saliency(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much each place of a picture draws the eye: ≥ 0, on a grid with a longer side of 128 at most.

    Colour and light that differ from their surroundings at three scales (Itti, Koch and Niebur 1998, "A model of
    saliency-based visual attention"), favouring the middle and what is above it, as photographers do: heads are
    there. (Distance from the mean colour, Achanta et al. 2009, prefers an orange suit to the face over it.)
    Transparent places draw nothing.
    """
    small = thumbnail(pixels, _SIDE)
    lab = cv2.cvtColor(small[..., :3].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    contrast = np.zeros(small.shape[:2])
    for sigma in _SIGMAS:
        centre, surround = (cv2.GaussianBlur(lab, (0, 0), s) for s in (sigma, 4 * sigma))
        contrast += np.linalg.norm(centre - surround, axis=2)
    if small.shape[2] == 4:
        contrast *= small[..., 3] / 255
    contrast[contrast < _NOTICEABLE] = 0
    rows, columns = small.shape[:2]
    x, y = np.linspace(-1, 1, columns), np.linspace(-1, 1, rows)[:, np.newaxis]
    return contrast * np.exp(-(x**2) - (y - _EYE_LEVEL) ** 2)


def _weigh_face(weight: NDArray[np.float64], face: Box) -> None:
    """Adds a face to a map of saliency: a tenth of the picture's width outweighs everything else, a speck nothing."""
    x, y, width, height = face
    rows, columns = weight.shape
    top, left = round((y - height / 4) * rows), round(x * columns)  # with forehead and hair
    bottom, right = round((y + height) * rows), round((x + width) * columns)
    part = weight[max(0, top) : bottom, left : right + 1]
    part += _FACE * width * height * (weight.sum() + 1) / max(1, part.size)


def _centre(weight: NDArray[np.float64], share: float) -> float:
    """The best centre, 0–1, of a window of `share` of a line whose saliency is `weight`."""
    total = float(weight.sum())
    cells = len(weight)
    places = (np.arange(cells) + 0.5) / cells
    if total <= 1e-6:
        return 0.5
    if share >= 1:
        return float(weight @ places) / total
    kept = np.concatenate([[0.0], np.cumsum(weight)])
    starts = np.linspace(0, 1 - share, 257)
    edges = np.linspace(0, 1, cells + 1)
    gain = np.interp(starts + share, edges, kept) - np.interp(starts, edges, kept)
    # Of windows that keep as much (within 0.1 %), the one nearest to the middle.
    good = starts[gain >= gain.max() - 1e-3 * total] + share / 2
    return float(good[np.argmin(np.abs(good - 0.5))])
