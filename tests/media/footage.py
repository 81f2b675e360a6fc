"""What the tests of this room share: moving pictures, and a second opinion on what a video shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE = (96, 64)
FPS = Fraction(24)


def moving(frames: int, *, seed: int = 0, size: tuple[int, int] = SIZE) -> Iterator[NDArray[np.uint8]]:
    """Frames of waves that drift, tinted, each different from all others."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(0, 9, size[0]), np.linspace(0, 6, size[1]))
    (a, b), (c, d) = rng.uniform(0.5, 3, (2, 2))
    for number in range(frames):
        light = np.sin(a * x + b * y + 0.5 * number) * np.sin(d * y - c * x + 0.2 * number)
        tint = np.array([0.8, 1.0, 0.6]) + 0.3 * np.sin(number / 7 + np.arange(3))
        yield np.rint(120 + 80 * light[..., np.newaxis] * tint).astype(np.uint8)


def shown(path: Path) -> list[str]:
    """The MD5 of every frame that plain FFmpeg decodes, checked to be evenly timed from 0 on."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        step = 1 / (FPS * stream.time_base)
        assert [frame.pts for frame in frames] == [number * step for number in range(len(frames))]
        return [hashlib.md5(frame.to_ndarray()).hexdigest() for frame in frames]


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The likeness of two pictures in dB."""
    error = np.mean(np.square(one.astype(np.float64) - other))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
