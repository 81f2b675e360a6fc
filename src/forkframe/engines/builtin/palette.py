"""Palettes: how to carry the colours of one picture over to another's, as a small smooth table.

The colours of the two pictures are clouds of points in Lab. Sliced optimal transport (Pitié, Kokaram and Dahyot,
"Automated colour grading using colour distribution transfer", 2007) moves one cloud onto the other; the
displacements are then averaged into a 17³ grid over Lab and smoothed, because a mapping that differs between
neighbouring colours tears gradients apart.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

TABLE_SIDE = 17
TABLE_LOW = (0.0, -0.9, -0.9)
"""The Lab colour (divided by 100) of the table's first cell; `TABLE_HIGH` is that of its last."""
TABLE_HIGH = (1.0, 0.9, 0.9)

_SAMPLES = 4096
_ROUNDS = 16
_STEP = 0.8
"""Share of each one-dimensional transport that is applied per round: whole steps overshoot."""
_SMOOTHING = ((1.2, 1.0), (3.0, 1e-2), (7.2, 1e-4))
"""(σ in cells, weight): the wide ones only decide where no colour of the picture is near."""

_LOW = np.array(TABLE_LOW, np.float32)
_SCALE = ((TABLE_SIDE - 1) / (np.array(TABLE_HIGH) - np.array(TABLE_LOW))).astype(np.float32)


def palette_table(a_lab: NDArray[np.float32], b_lab: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """How far each colour of `a_lab` moves to take on the palette of `b_lab`.

    Args:
        a_lab: `(H, W, 3)` float32 Lab divided by 100; any size, it is sampled.
        b_lab: the picture whose palette is wanted, likewise; it may have another size.
        seed: decides which pixels and which directions are sampled.

    Returns:
        `(17, 17, 17, 3)` float32, indexed by L, a, b from `TABLE_LOW` to `TABLE_HIGH`: displacements in Lab
        divided by 100. See `apply_palette`.
    """
    rng = np.random.default_rng([seed, 0x9A1E77E])
    start, target = _sample(a_lab, rng), _sample(b_lab, rng)
    moved = start.copy()
    for _ in range(_ROUNDS):
        axes = _rotation(rng)
        step = np.zeros_like(moved)
        for axis in axes:
            along = _project(moved, axis)
            order = _order(along)
            shift = np.empty_like(along)
            shift[order] = np.sort(_project(target, axis)) - along[order]
            step += shift[:, None] * axis
        moved += _STEP * step
    return _tabulate(start, moved - start)


def apply_palette(
    lab: NDArray[np.float32], table: NDArray[np.float32], amount: float = 1.0
) -> NDArray[np.float32]:
    """The picture recoloured by `table`.

    Args:
        lab: `(H, W, 3)` float32 Lab divided by 100.
        table: from `palette_table`.
        amount: 0 leaves the picture as it is, 1 gives it the whole palette; values between lie on the straight way.

    Returns:
        `(H, W, 3)` float32 Lab divided by 100; it may leave the gamut.
    """
    return _apply(np.ascontiguousarray(lab), np.ascontiguousarray(table), _LOW, _SCALE, np.float32(amount))


def _sample(lab: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float64]:
    """`_SAMPLES` colours of the picture, one from each of as many equal stretches of its pixels."""
    pixels = lab.reshape(-1, 3)
    places = (np.arange(_SAMPLES) + rng.random(_SAMPLES)) * (len(pixels) / _SAMPLES)
    return pixels[np.minimum(places.astype(np.intp), len(pixels) - 1)].astype(np.float64)


def _rotation(rng: np.random.Generator) -> NDArray[np.float64]:
    """A random rotation `(3, 3)`, uniform over all, from a unit quaternion."""
    w, x, y, z = (q := rng.standard_normal(4)) / np.sqrt((q * q).sum())
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def _project(points: NDArray[np.float64], axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points' coordinate along `axis`. Without BLAS, whose rounding depends on the number of threads."""
    return points[:, 0] * axis[0] + points[:, 1] * axis[1] + points[:, 2] * axis[2]


def _order(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """The places of the values from the least to the greatest.

    Sorting whole numbers that end in their own place is four times as quick as `argsort`, and as sure: values that
    differ by less than one part in 10¹² come in the order of their places, whatever sorts them.
    """
    bits = values.view(np.int64)
    rising = np.where(bits < 0, bits ^ np.int64(0x7FFF_FFFF_FFFF_FFFF), bits)
    places = np.int64((1 << (len(values) - 1).bit_length()) - 1)
    return np.sort((rising & ~places) | np.arange(len(values))) & places


def _tabulate(colours: NDArray[np.float64], moves: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scattered displacements `(N, 3)` at `(N, 3)` colours as a smooth table."""
    cells = np.rint((colours - np.array(TABLE_LOW)) * _SCALE).astype(np.intp).clip(0, TABLE_SIDE - 1)
    flat = (cells[:, 0] * TABLE_SIDE + cells[:, 1]) * TABLE_SIDE + cells[:, 2]
    shape = (TABLE_SIDE,) * 3
    gathered = np.stack(
        [
            np.bincount(flat, weights=w, minlength=TABLE_SIDE**3).reshape(shape)
            for w in (np.ones(len(flat)), *moves.T)
        ]
    )
    smooth = np.zeros_like(gathered)
    for sigma, weight in _SMOOTHING:
        smooth += weight * ndimage.gaussian_filter(gathered, (0, sigma, sigma, sigma))
    count, *sums = smooth
    return np.stack([s / (count + 1e-12) for s in sums], axis=-1).astype(np.float32)


@njit(cache=True, nogil=True)
def _apply(lab, table, low, scale, amount):  # type: ignore[no-untyped-def]
    """Trilinear lookup; colours outside the table take the displacement of its nearest face."""
    height, width, _ = lab.shape
    out = np.empty_like(lab)
    last = np.float32(table.shape[0] - 1.001)
    for y in range(height):
        for x in range(width):
            i = min(max((lab[y, x, 0] - low[0]) * scale[0], np.float32(0)), last)
            j = min(max((lab[y, x, 1] - low[1]) * scale[1], np.float32(0)), last)
            k = min(max((lab[y, x, 2] - low[2]) * scale[2], np.float32(0)), last)
            i0, j0, k0 = int(i), int(j), int(k)
            fi, fj, fk = i - i0, j - j0, k - k0
            for c in range(3):
                near = (table[i0, j0, k0, c] * (1 - fk) + table[i0, j0, k0 + 1, c] * fk) * (1 - fj) + (
                    table[i0, j0 + 1, k0, c] * (1 - fk) + table[i0, j0 + 1, k0 + 1, c] * fk
                ) * fj
                far = (table[i0 + 1, j0, k0, c] * (1 - fk) + table[i0 + 1, j0, k0 + 1, c] * fk) * (1 - fj) + (
                    table[i0 + 1, j0 + 1, k0, c] * (1 - fk) + table[i0 + 1, j0 + 1, k0 + 1, c] * fk
                ) * fj
                out[y, x, c] = lab[y, x, c] + amount * (near * (1 - fi) + far * fi)
    return out
