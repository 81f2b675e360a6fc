"""Small pictures for tests, made on the spot, and the demo's photographs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import forkframe.demo

PHOTOGRAPHS = Path(forkframe.demo.__file__).parent / "photographs"


def photograph(name: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """One of the demo's photographs, its middle cut to `(width, height)`."""
    with Image.open(PHOTOGRAPHS / f"{name}.jpg") as image:
        pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    full = (max(size[0], round(width * scale)), max(size[1], round(height * scale)))
    pixels = cv2.resize(pixels, full, interpolation=cv2.INTER_AREA)
    x, y = (full[0] - size[0]) // 2, (full[1] - size[1]) // 2
    return np.ascontiguousarray(pixels[y : y + size[1], x : x + size[0]])


def save_blobs(path: Path, *, seed: int = 0, size: tuple[int, int] = (160, 90)) -> Path:
    """Writes a picture of soft coloured blobs, different for each seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 8, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(path)
    return path
