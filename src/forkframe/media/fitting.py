"""Pictures brought to a size: into the workspace's frame, or small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from forkframe.model.frame import Crop

_BLACK = (0, 0, 0)

# Resampling works on sRGB values as they are, not on linear light: so do browsers, editors and video scalers, and a
# picture must look the same on the canvas, in its thumbnail and in the film.
_FILTER = Image.Resampling.LANCZOS


def fit_picture(
    pixels: NDArray[np.uint8],
    crop: Crop,
    *,
    size: tuple[int, int],
    background: tuple[int, int, int] = _BLACK,
) -> NDArray[np.uint8]:
    """The picture as it shows in the frame: cropped, scaled (Lanczos) and flattened.

    Args:
        pixels: `(H, W, 3)` uint8 sRGB, or `(H, W, 4)` with straight alpha.
        crop: how it sits in the frame.
        size: `(width, height)` of the frame in pixels.
        background: sRGB, 0–255, behind what is transparent and beside what `contain` leaves free.

    Returns:
        `(height, width, 3)` uint8 sRGB.
    """
    rows, columns = pixels.shape[:2]
    width, height = size
    if crop.fit == "cover":
        return _flattened(_resized(pixels, crop.window((columns, rows), width / height), size), background)
    scale = min(width / columns, height / rows)
    inner = (max(round(columns * scale), 1), max(round(rows * scale), 1))
    framed = np.full((height, width, 3), background, np.uint8)
    x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
    framed[y : y + inner[1], x : x + inner[0]] = _flattened(
        _resized(pixels, (0, 0, columns, rows), inner), background
    )
    return framed


def thumbnail(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture with its longer side scaled to `side` pixels, never enlarged; channels as given."""
    rows, columns = pixels.shape[:2]
    scale = min(side / max(rows, columns), 1)
    size = (max(round(columns * scale), 1), max(round(rows * scale), 1))
    return _resized(pixels, (0, 0, columns, rows), size)


def _resized(
    pixels: NDArray[np.uint8], window: tuple[float, float, float, float], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """The window (x, y, width, height) of a picture at `size`; Pillow weighs colours by their alpha."""
    x, y, width, height = window
    rows, columns = pixels.shape[:2]
    box = (x, y, min(x + width, columns), min(y + height, rows))  # sums may exceed the border by rounding
    # A gap of 3 first averages whole pixels where that changes nothing visible: four times faster on photographs.
    scaled = Image.fromarray(pixels).resize(size, _FILTER, box=box, reducing_gap=3.0)
    return np.asarray(scaled)


def _flattened(pixels: NDArray[np.uint8], background: tuple[int, int, int]) -> NDArray[np.uint8]:
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    under = np.array(background, np.uint16) * (255 - alpha)
    return ((pixels[..., :3] * alpha + under + 127) // 255).astype(np.uint8)
