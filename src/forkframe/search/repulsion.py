"""The repulsion of all points by all others in N log N: their charges are spread on a grid and convolved there.

As Linderman et al., 2019 ("Fast interpolation-based t-SNE"), with linear interpolation on cells of a fixed size.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

_CELL = 0.7
"""The side of a cell, in units of the kernel 1/(1 + d²)."""
_MOST_CELLS = 400
"""Cells along a side; points that spread wider get wider cells."""
_KERNELS_KEPT = 8

Plane = NDArray[np.float64]
Spectrum = NDArray[np.complex128]


class Repulsion:
    """What pushes points apart in t-SNE: Σⱼ (yᵢ − yⱼ) / (1 + d²ᵢⱼ)² / Σ_kl 1/(1 + d²_kl). Keeps tables between calls."""

    def __init__(self) -> None:
        self._kernels: dict[tuple[int, int, float], tuple[Spectrum, Spectrum]] = {}

    def __call__(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """The force on each of `(N, 2)` points, and the sum it was divided by."""
        cell = max(_CELL, float(np.ptp(points, axis=0).max()) / _MOST_CELLS)
        corners, weights = _shares((points - points.min(axis=0)) / cell)
        wide, high = (cast("int", next_fast_len(int(n), real=True)) for n in corners.max(axis=0) + 2)
        first = corners[:, 0] * high + corners[:, 1]
        cells = np.stack([first, first + 1, first + high, first + high + 1])
        size = (2 * wide, 2 * high)  # room for the convolution not to come round

        def spectrum(charge: NDArray[np.float64] | float) -> Spectrum:
            spread = np.bincount(cells.ravel(), (weights * charge).ravel(), minlength=wide * high)
            return np.fft.rfft2(spread.reshape(wide, high), size, axes=(0, 1))

        def felt(product: Spectrum) -> NDArray[np.float64]:
            plane = np.fft.irfft2(product, size, axes=(0, 1))[:wide, :high]
            return (weights * plane.ravel()[cells]).sum(axis=0)

        near, steep = self._kernels_of(wide, high, cell)
        ones = spectrum(1.0)
        norm = max(float(felt(ones * near).sum()) - _own(weights, cell), 1e-12)
        there = np.stack([felt(spectrum(points[:, axis]) * steep) for axis in (0, 1)], axis=1)
        return (points * felt(ones * steep)[:, None] - there) / norm, norm

    def _kernels_of(self, wide: int, high: int, cell: float) -> tuple[Spectrum, Spectrum]:
        """The spectra of 1/(1 + d²) and of its square."""
        key = (wide, high, cell)
        if key not in self._kernels:
            x, y = (np.minimum(np.arange(2 * n), 2 * n - np.arange(2 * n)) * cell for n in (wide, high))
            near: Plane = 1 / (1 + x[:, None] ** 2 + y**2)
            if len(self._kernels) == _KERNELS_KEPT:
                self._kernels.clear()
            self._kernels[key] = (np.fft.rfft2(near), np.fft.rfft2(near * near))
        return self._kernels[key]


def _shares(at: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The cell `(N, 2)` that each point is in, and how much of it `(4, N)` lies on each corner of that."""
    corners = np.floor(at).astype(np.intp)
    x, y = (at - corners).T
    return corners, np.stack([(1 - x) * (1 - y), (1 - x) * y, x * (1 - y), x * y])


def _own(weights: NDArray[np.float64], cell: float) -> float:
    """What the points' own charges, spread over four corners each, add to the sum over the others."""
    side, across = 1 / (1 + cell**2), 1 / (1 + 2 * cell**2)
    kernel = np.array(
        [[1, side, side, across], [side, 1, across, side], [side, across, 1, side], [across, side, side, 1]]
    )
    return float((weights * (kernel @ weights)).sum())
