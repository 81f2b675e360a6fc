"""Any moment of a transition, drawn from two pictures and a field.

Every pixel of a frame gathers: it finds the point p of the half-way frame that has come to lie under it, and samples
the pictures where p came from and where it goes. Nothing is scattered, so a shader can do the same.

In a timed field the two are blended band by band, the finer the faster (Burt and Adelson, 1983). The finest band
switches within a few frames, so nearly every pixel shows the finest details of one picture only. That is what makes
drawing quick: all coarser bands are blended at half size, and a full-size pixel samples the one picture whose details
it shows and adds what the blend changes below them.

A field in sand has grains laid over that (see `sand`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.field import Field
from forkframe.engines.builtin.gathering import draw_mixed, draw_switched, residuals, seen_differences, settle
from forkframe.engines.builtin.packed import cubic_weights, mixed, packed, widened
from forkframe.engines.builtin.palette import apply_palette
from forkframe.engines.builtin.sand import strew

_COARSEST_SIDE = 16
"""The coarsest band is that of a picture with about this many pixels per side."""
_SHARPEST_WIDTH, _WIDEST_WIDTH = 0.06, 0.6
"""How much of the whole time the finest and the coarsest band take to switch."""
_ROWS = 64
"""So many rows are given another palette at a time."""

_WEIGHTS = cubic_weights()


class _Picture:
    """One end of a transition, at full and at half size, as it is and with the other's palette."""

    def __init__(
        self, image: NDArray[np.uint8], palette: NDArray[np.float32] | None, *, halved: bool
    ) -> None:
        sizes = _sizes(image, halved)
        self._packed = [packed(size) for size in sizes] if palette is None else []
        self._pairs: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = []
        if palette is not None:
            # Packed only when they are mixed: that takes eight bytes a pixel, and three suffice to wait.
            coloured = _sizes(_recoloured(image, palette), halved)
            self._pairs = [(widened(a), widened(b)) for a, b in zip(sizes, coloured, strict=True)]

    def at(self, share: float) -> list[NDArray[np.int64]]:
        """Full size and, if it was asked for, half size, `share` of the way to the other's palette."""
        return self._packed or [mixed(a, b, round(256 * share)) for a, b in self._pairs]


def _sizes(image: NDArray[np.uint8], halved: bool) -> list[NDArray[np.uint8]]:
    return [image, cv2.pyrDown(image).astype(np.uint8, copy=False)] if halved else [image]


def _recoloured(image: NDArray[np.uint8], palette: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture `(H, W, 3)` with another palette, a few rows at a time: the whole of it in floats is large."""
    recoloured = np.empty_like(image)
    for top in range(0, len(image), _ROWS):
        rows = slice(top, top + _ROWS)
        recoloured[rows] = to_srgb(apply_palette(to_lab(image[rows]), palette))
    return recoloured


class Drawer:
    """Draws the frames of one transition, in any order.

    Args:
        a: the first picture, `(H, W, 3)` uint8 sRGB, of any size.
        b: the second, of the same size.
        field: from `transition.prepare`, at this or another size of the same aspect.
    """

    def __init__(self, a: NDArray[np.uint8], b: NDArray[np.uint8], field: Field) -> None:
        if a.shape != b.shape or a.ndim != 3 or a.shape[2] != 3:
            raise ValueError(f"two (H, W, 3) pictures of one size are needed, not {a.shape} and {b.shape}")
        self._ends = (a, b)
        self._field = field
        palettes = field.palettes or (None, None)
        timed = field.tau is not None
        self._first, self._last = (
            _Picture(image, palette, halved=timed) for image, palette in zip((a, b), palettes, strict=True)
        )

    def frame_at(self, index: int, frames: int) -> NDArray[np.uint8]:
        """Frame `index` of `frames`, the first being the first picture and the last the second."""
        return self.frame(index / (frames - 1))

    def frame(self, t: float) -> NDArray[np.uint8]:
        """The moment t, 0–1: `(H, W, 3)` uint8 sRGB. t = 0 and t = 1 return the pictures themselves, copied."""
        if t <= 0 or t >= 1:
            return self._ends[t >= 1].copy()
        field = self._field
        if field.pace is not None:
            t = float(np.interp(t, np.linspace(0, 1, len(field.pace)), field.pace))
        s = np.float32(2 * t - 1)
        height, width = self._ends[0].shape[:2]
        first, last = self._first.at(t), self._last.at(1 - t)
        frame = np.empty((height, width, 3), np.uint8)
        if field.tau is None:
            here, _ = settle(field.v, np.zeros(field.v.shape[:2], np.float32), s)
            draw_mixed(first[0], last[0], here, s, np.float32(t), _WEIGHTS, frame)
            return frame
        here, tau = settle(field.v, field.tau, s)
        left = _left(tau, t, _SHARPEST_WIDTH)
        coarse = _coarse(first[1], last[1], here, tau, t, height, width)
        draw_switched(first[0], last[0], here, left, s, *coarse, _WEIGHTS, frame)
        if field.grains is not None:
            strew(frame, first[0], last[0], field, t)
        return frame


def _coarse(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    here: NDArray[np.float32],
    tau: NDArray[np.float32],
    t: float,
    height: int,
    width: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What the blend of all bands but the finest adds to the first picture and to the second, at half size.

    Blending the bands of a and b is adding to b the bands of their difference, weighted by the mask: one pyramid
    instead of two.
    """
    levels = max(2, round(np.log2(np.sqrt(height * width) / _COARSEST_SIDE)) + 1)
    pyramid = [seen_differences(a, b, here, np.float32(2 * t - 1), height, width)]
    for _ in range(levels - 2):
        pyramid.append(cv2.pyrDown(pyramid[-1]).astype(np.float32, copy=False))
    total = np.zeros_like(pyramid[-1])
    for level in range(levels - 1, 0, -1):
        band = pyramid[level - 1]
        size = band.shape[1::-1]
        if level < levels - 1:
            band = band - cv2.pyrUp(pyramid[level], dstsize=size)
            total = cv2.pyrUp(total, dstsize=size)
        duration = _SHARPEST_WIDTH * (_WIDEST_WIDTH / _SHARPEST_WIDTH) ** (level / (levels - 1))
        mask = cv2.resize(_left(tau, t, duration), size, interpolation=cv2.INTER_LINEAR)
        total = total + band * mask[..., None]
    return residuals(pyramid[0], total.astype(np.float32, copy=False))


def _left(tau: NDArray[np.float32], t: float, duration: float) -> NDArray[np.float32]:
    """What is left of the first picture at t, 0–1, when a switch takes `duration` of the whole time."""
    x = np.clip((t - tau * (1 - duration)) / duration, 0, 1).astype(np.float32)
    return 1 - x * x * (3 - 2 * x)
