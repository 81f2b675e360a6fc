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
from forkframe.engines.builtin.flow import pixel_grid
from forkframe.engines.builtin.palette import apply_palette

_ROUNDS = 6
"""Fixed-point steps of p = q − (2t − 1)·v(p); v contracts by .85 at worst, and by far less nearly everywhere."""
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
        self._cells = pixel_grid(*field.v.shape[:2])

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
        to_a, to_b, tau_now = _settle(field.v, tau, np.float32(2 * t - 1), _ROUNDS)
        warped_a = self._warped(0, to_a, share=t)
        warped_b = self._warped(1, to_b, share=1 - t)
        if field.tau is None:
            return cv2.addWeighted(warped_a, 1 - t, warped_b, t, 0, dtype=cv2.CV_8U)
        return _blend(warped_a, warped_b, tau_now, t)

    def _warped(self, which: int, offset: NDArray[np.float32], *, share: float) -> NDArray[np.float32]:
        """One picture, `share` of the way to the other's palette, as this moment's frame sees it."""
        picture = self._pictures[which]
        height, width = picture.shape[:2]
        if self._recoloured is not None:
            picture = cv2.addWeighted(picture, 1 - share, self._recoloured[which], share, 0)
        offset = offset * np.array([width, height], np.float32)
        places = cv2.resize(offset, (width, height), interpolation=cv2.INTER_CUBIC)
        cv2.add(places, self._pixels, dst=places)
        return cv2.remap(picture, places, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


@njit(cache=True, nogil=True)
def _settle(v, tau, s, rounds):
    height, width = v.shape[:2]
    to_a = np.empty_like(v)
    to_b = np.empty_like(v)
    tau_now = np.empty_like(tau)
    right, bottom = np.float32(width - 1.001), np.float32(height - 1.001)
    w, h = np.float32(width), np.float32(height)
    zero, one = np.float32(0), np.float32(1)
    for y in range(height):
        for x in range(width):
            dx, dy, when = v[y, x, 0], v[y, x, 1], zero
            for k in range(rounds + 1):
                px, py = x - s * dx * w, y - s * dy * h
                cx, cy = min(max(px, zero), right), min(max(py, zero), bottom)
                x0, y0 = int(cx), int(cy)
                fx, fy = cx - x0, cy - y0
                a00, a01, a10, a11 = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
                dx = a00 * v[y0, x0, 0] + a01 * v[y0, x0 + 1, 0] + a10 * v[y0 + 1, x0, 0] + a11 * v[y0 + 1, x0 + 1, 0]
                dy = a00 * v[y0, x0, 1] + a01 * v[y0, x0 + 1, 1] + a10 * v[y0 + 1, x0, 1] + a11 * v[y0 + 1, x0 + 1, 1]
                when = a00 * tau[y0, x0] + a01 * tau[y0, x0 + 1] + a10 * tau[y0 + 1, x0] + a11 * tau[y0 + 1, x0 + 1]
            # p = q − s·v(p), so that from q it is −(s + 1)·v to a and (1 − s)·v to b.
            to_a[y, x, 0], to_a[y, x, 1] = -(s + one) * dx, -(s + one) * dy
            to_b[y, x, 0], to_b[y, x, 1] = (one - s) * dx, (one - s) * dy
            tau_now[y, x] = when
    return to_a, to_b, tau_now


def _blend(
    a: NDArray[np.float32], b: NDArray[np.float32], tau: NDArray[np.float32], t: float
) -> NDArray[np.uint8]:
    """The two warped pictures `(H, W, 3)` blended in bands, the finer the faster (Burt and Adelson, 1983).

    Blending the bands of a and b is adding to b the bands of their difference, weighted by the mask: one pyramid
    instead of two.
    """
    height, width = a.shape[:2]
    levels = max(2, round(np.log2(np.sqrt(height * width) / _COARSEST_SIDE)) + 1)
    pyramid = [cv2.subtract(a, b)]
    for _ in range(levels - 1):
        pyramid.append(cv2.pyrDown(pyramid[-1]))
    total = _weighted(pyramid[-1], tau, t, _WIDEST_WIDTH)
    for level in range(levels - 2, -1, -1):
        size = pyramid[level].shape[1::-1]
        band = cv2.subtract(pyramid[level], cv2.pyrUp(pyramid[level + 1], dstsize=size))
        width_now = _SHARPEST_WIDTH * (_WIDEST_WIDTH / _SHARPEST_WIDTH) ** (level / (levels - 1))
        total = cv2.add(cv2.pyrUp(total, dstsize=size), _weighted(band, tau, t, width_now))
    return cv2.add(b, total, dtype=cv2.CV_8U)


def _weighted(
    band: NDArray[np.float32], tau: NDArray[np.float32], t: float, duration: float
) -> NDArray[np.float32]:
    """The band times what is left of the first picture at t when a switch takes `duration` of the whole time."""
    x = np.clip((t - tau * (1 - duration)) / duration, 0, 1).astype(np.float32)
    left = 1 - x * x * (3 - 2 * x)
    mask = cv2.resize(left, band.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(band, cv2.merge([mask, mask, mask]))
