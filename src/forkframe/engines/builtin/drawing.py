"""Any moment of a transition, drawn from two pictures and a field.

Every pixel of a frame gathers: it finds the point p of the half-way frame that has come to lie under it, samples both
pictures where p came from and where it goes, and blends them band by band. Nothing is scattered, so a shader can do
the same.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.field import Field
from forkframe.engines.builtin.palette import apply_palette
from forkframe.engines.builtin.sampling import pixel_grid, sampled

_ROUNDS = 6
"""Fixed-point steps of p = q − (2t − 1)·v(p) at most; v contracts by .85 at worst, far more nearly everywhere."""
_SETTLED = 1e-3
"""A point that moves by less, in cells of the grid, has settled."""
_COARSEST_SIDE = 16
"""The coarsest band is that of a picture with about this many pixels per side."""
_SHARPEST_WIDTH, _WIDEST_WIDTH = 0.06, 0.6
"""How much of the whole time the finest and the coarsest band take to switch."""


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
        self._pictures = tuple(image.astype(np.float32) for image in (a, b))
        self._recoloured: tuple[NDArray[np.float32], ...] | None = None
        if field.palettes is not None:
            self._recoloured = tuple(
                to_srgb(apply_palette(to_lab(image), table)).astype(np.float32)
                for image, table in zip((a, b), field.palettes, strict=True)
            )
        self._pixels = pixel_grid(*a.shape[:2])

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
        tau = np.zeros(field.v.shape[:2], np.float32) if field.tau is None else field.tau
        to_a, to_b, tau_here = _settle(field.v, tau, np.float32(2 * t - 1), _ROUNDS, np.float32(_SETTLED))
        warped_a = self._warped(0, to_a, share=t)
        warped_b = self._warped(1, to_b, share=1 - t)
        if field.tau is None:
            mix = cv2.addWeighted(warped_a, 1 - t, warped_b, t, 0, dtype=cv2.CV_8U)
            return mix.astype(np.uint8, copy=False)
        return _blend(warped_a, warped_b, tau_here, t)

    def _warped(self, which: int, offset: NDArray[np.float32], *, share: float) -> NDArray[np.float32]:
        """One picture, `share` of the way to the other's palette, as this moment's frame sees it."""
        picture = self._pictures[which]
        height, width = picture.shape[:2]
        if self._recoloured is not None:
            mix = cv2.addWeighted(picture, 1 - share, self._recoloured[which], share, 0)
            picture = mix.astype(np.float32, copy=False)
        offset = offset * np.array([width, height], np.float32)
        places = cv2.resize(offset, (width, height), interpolation=cv2.INTER_CUBIC).astype(
            np.float32, copy=False
        )
        places += self._pixels
        return sampled(picture, places, cv2.INTER_CUBIC)


@njit(cache=True, nogil=True)
def _settle(
    v: NDArray[np.float32], tau: NDArray[np.float32], s: np.float32, rounds: int, settled: np.float32
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """What each cell q of the frame at s = 2t − 1 sees: its offsets to the first and the second picture, and τ.

    The half-way point p under q solves q = p + s·v(p). All three are `(h, w[, 2])`, in the units of the field.
    """
    height, width = tau.shape
    to_a, to_b, tau_here = np.empty_like(v), np.empty_like(v), np.empty_like(tau)
    right, bottom = np.float32(width - 1.001), np.float32(height - 1.001)
    cells_x, cells_y = np.float32(width), np.float32(height)
    zero, one = np.float32(0), np.float32(1)
    for y in range(height):
        for x in range(width):
            px, py = np.float32(x), np.float32(y)
            step = 0
            while True:
                qx, qy = min(max(px, zero), right), min(max(py, zero), bottom)
                i, j = int(qx), int(qy)
                fx, fy = qx - np.float32(i), qy - np.float32(j)
                w00, w01, w10, w11 = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
                vx = w00 * v[j, i, 0] + w01 * v[j, i + 1, 0] + w10 * v[j + 1, i, 0] + w11 * v[j + 1, i + 1, 0]
                vy = w00 * v[j, i, 1] + w01 * v[j, i + 1, 1] + w10 * v[j + 1, i, 1] + w11 * v[j + 1, i + 1, 1]
                before_x, before_y = px, py
                px, py = np.float32(x) - s * vx * cells_x, np.float32(y) - s * vy * cells_y
                if step == rounds or abs(px - before_x) + abs(py - before_y) < settled:
                    break
                step += 1
            to_a[y, x, 0], to_a[y, x, 1] = -(s + one) * vx, -(s + one) * vy
            to_b[y, x, 0], to_b[y, x, 1] = (one - s) * vx, (one - s) * vy
            tau_here[y, x] = (
                w00 * tau[j, i] + w01 * tau[j, i + 1] + w10 * tau[j + 1, i] + w11 * tau[j + 1, i + 1]
            )
    return to_a, to_b, tau_here


def _blend(
    a: NDArray[np.float32], b: NDArray[np.float32], tau: NDArray[np.float32], t: float
) -> NDArray[np.uint8]:
    """The two warped pictures `(H, W, 3)` blended in bands, the finer the faster (Burt and Adelson, 1983).

    Blending the bands of a and b is adding to b the bands of their difference, weighted by the mask: one pyramid
    instead of two.
    """
    height, width = a.shape[:2]
    levels = max(2, round(np.log2(np.sqrt(height * width) / _COARSEST_SIDE)) + 1)
    pyramid = [a - b]
    for _ in range(levels - 1):
        pyramid.append(cv2.pyrDown(pyramid[-1]).astype(np.float32, copy=False))
    total = _weighted(pyramid[-1], tau, t, _WIDEST_WIDTH)
    for level in range(levels - 2, -1, -1):
        size = pyramid[level].shape[1::-1]
        band = pyramid[level] - cv2.pyrUp(pyramid[level + 1], dstsize=size)
        duration = _SHARPEST_WIDTH * (_WIDEST_WIDTH / _SHARPEST_WIDTH) ** (level / (levels - 1))
        total = cv2.add(cv2.pyrUp(total, dstsize=size), _weighted(band, tau, t, duration))
    return cv2.add(b, total, dtype=cv2.CV_8U).astype(np.uint8, copy=False)


def _weighted(
    band: NDArray[np.float32], tau: NDArray[np.float32], t: float, duration: float
) -> NDArray[np.float32]:
    """The band times what is left of the first picture at t when a switch takes `duration` of the whole time."""
    x = np.clip((t - tau * (1 - duration)) / duration, 0, 1).astype(np.float32)
    left = 1 - x * x * (3 - 2 * x)
    mask = cv2.resize(left, band.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(band, cv2.merge([mask, mask, mask])).astype(np.float32, copy=False)
