"""The kernels that draw a moment: which place of each picture a pixel sees, and what becomes of the two.

Displacements are `(h, w, 2)` float32 cells of a field's grid in shares of the frame, s is 2t − 1, pictures are packed
(see `packed`). A grid lies over a frame edge to edge and is linear between the centres of its cells, as in the browser.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.packed import LANE, UNIT, ZERO, cubic_at, linear_at, mirrored

_ROUNDS = 16
"""Fixed-point steps of p = q − s·v(p) at most; v contracts by .85 at worst, far more nearly everywhere, by .5 when a
camera comes three times as near."""
_SETTLED = np.float32(1e-3)
"""A point that moves by less, in cells of the grid, has settled."""
_OUT_OF_SIGHT = np.float32(0.02)
"""A place this share of the frame beyond a picture's border is not seen in it; nearer ones fade."""
_LANE_MASK = (1 << LANE) - 1
_MOST = 511
"""What a blend adds to a picture is at most this, and lies this much above zero where it is packed."""
_ROUNDING = UNIT // 2 - ZERO - (_MOST + 1) * UNIT


@njit(cache=True, nogil=True, fastmath={"contract"})
def settle(
    v: NDArray[np.float32], tau: NDArray[np.float32], s: np.float32
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The displacement and τ of the half-way point p under each cell q: p solves q = p + s·v(p)."""
    height, width = tau.shape
    v_here, tau_here = np.empty_like(v), np.empty_like(tau)
    right, bottom = np.float32(width - 1.001), np.float32(height - 1.001)
    sx, sy = s * np.float32(width), s * np.float32(height)
    zero, one = np.float32(0), np.float32(1)
    for y in range(height):
        for x in range(width):
            px, py = np.float32(x) - sx * v[y, x, 0], np.float32(y) - sy * v[y, x, 1]
            step = 1
            while True:
                qx, qy = min(max(px, zero), right), min(max(py, zero), bottom)
                i, j = int(qx), int(qy)
                fx, fy = qx - np.float32(i), qy - np.float32(j)
                w00, w01, w10, w11 = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
                vx = w00 * v[j, i, 0] + w01 * v[j, i + 1, 0] + w10 * v[j + 1, i, 0] + w11 * v[j + 1, i + 1, 0]
                vy = w00 * v[j, i, 1] + w01 * v[j, i + 1, 1] + w10 * v[j + 1, i, 1] + w11 * v[j + 1, i + 1, 1]
                before_x, before_y = px, py
                px, py = np.float32(x) - sx * vx, np.float32(y) - sy * vy
                if step == _ROUNDS or abs(px - before_x) + abs(py - before_y) < _SETTLED:
                    break
                step += 1
            v_here[y, x, 0], v_here[y, x, 1] = vx, vy
            tau_here[y, x] = (
                w00 * tau[j, i] + w01 * tau[j, i + 1] + w10 * tau[j + 1, i] + w11 * tau[j + 1, i + 1]
            )
    return v_here, tau_here


@njit(cache=True, nogil=True)
def _between(
    length: int, cells: int, spacing: int, size: int
) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
    """Between which cells each of `length` pixels lies that stand `spacing` apart in a frame of `size`, and how far."""
    low, share = np.empty(length, np.uint64), np.empty(length, np.float32)
    for n in range(length):
        at = min(max((n * spacing + 0.5) * cells / size - 0.5, 0.0), cells - 1.0)
        cell = min(int(at), cells - 2)
        low[n], share[n] = np.uint64(cell), np.float32(at - cell)
    return low, share


# A row of pixels is computed step by step, each step a short loop over all of it: so the compiler does eight or
# sixteen at once of all that is not looking up.


@njit(nogil=True, fastmath={"contract"})
def _spread(grid, j, f, low, share, scale, cells, out):  # type: ignore[no-untyped-def]
    """Fills the row `out` with a grid `(h, w)` between its rows j and j + 1, times `scale`; `cells` is scratch."""
    one = np.uint64(1)
    for i in range(cells.size):
        cells[i] = scale * (grid[j, i] + f * (grid[j + one, i] - grid[j, i]))
    for x in range(out.size):
        i = low[x]
        out[x] = cells[i] + share[x] * (cells[i + one] - cells[i])


@njit(nogil=True, fastmath={"contract"})
def _places(moves, share, last, start, out):  # type: ignore[no-untyped-def]
    """Fills the row `out` with the coordinates start[x] + share · moves[x], mirrored into 0…last."""
    for x in range(out.size):
        out[x] = mirrored(start[x] + share * moves[x], last)


@njit(nogil=True)
def _cubic_row(image, stride, weights, xs, ys, out):  # type: ignore[no-untyped-def]
    for x in range(out.size):
        out[x] = cubic_at(image, stride, weights, xs[x], ys[x])


@njit(nogil=True, fastmath={"contract"})
def _seen(moves, share, last, start, out):  # type: ignore[no-untyped-def]
    """Takes from the row `out` what start[x] + share · moves[x] lies beyond 0…last, in `_OUT_OF_SIGHT`s of the frame."""
    middle = np.float32(0.5) * last
    lost = np.float32(1) / (_OUT_OF_SIGHT * (last + np.float32(1)))
    for x in range(out.size):
        beyond = abs(start[x] + share * moves[x] - middle) - middle
        out[x] -= lost * max(beyond, np.float32(0))


@njit(nogil=True)
def _channel(lanes, c):  # type: ignore[no-untyped-def]
    return (lanes >> (c * LANE)) & _LANE_MASK


@njit(nogil=True)
def _byte(value):  # type: ignore[no-untyped-def]
    return np.uint8(min(max(value, 0), 255))


@njit(cache=True, nogil=True, fastmath={"contract"})
def draw_mixed(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    v: NDArray[np.float32],
    s: np.float32,
    t: np.float32,
    weights: NDArray[np.int64],
    frame: NDArray[np.uint8],
) -> None:
    """Fills `frame` with both pictures as this moment sees them, t of the second; what only one of them saw is its own."""
    height, width = frame.shape[:2]
    rows, columns = v.shape[:2]
    low, share = _between(width, columns, 1, width)
    down, along = _between(height, rows, 1, height)
    right, bottom = np.float32(width - 1), np.float32(height - 1)
    cells = np.empty(columns, np.float32)
    dx, dy, xs, ys, here_y = np.empty((5, width), np.float32)
    here_x = np.arange(width).astype(np.float32)
    in_a, in_b = np.empty((2, width), np.float32)
    first, last, later = np.empty((3, width), np.int64)
    back, on = -s - np.float32(1), np.float32(1) - s
    stride = np.uint64(a.shape[1])
    flat_a, flat_b = a.ravel(), b.ravel()
    for y in range(height):
        _spread(v[..., 0], down[y], along[y], low, share, np.float32(width), cells, dx)
        _spread(v[..., 1], down[y], along[y], low, share, np.float32(height), cells, dy)
        here_y[:] = np.float32(y)
        _places(dx, back, right, here_x, xs)
        _places(dy, back, bottom, here_y, ys)
        _cubic_row(flat_a, stride, weights, xs, ys, first)
        _places(dx, on, right, here_x, xs)
        _places(dy, on, bottom, here_y, ys)
        _cubic_row(flat_b, stride, weights, xs, ys, last)
        in_a[:], in_b[:] = np.float32(1), np.float32(1)
        _seen(dx, back, right, here_x, in_a)
        _seen(dy, back, bottom, here_y, in_a)
        _seen(dx, on, right, here_x, in_b)
        _seen(dy, on, bottom, here_y, in_b)
        for x in range(width):
            # Of what neither saw both tell as little.
            of_a = (np.float32(1) - t) * max(in_a[x], np.float32(1e-3))
            of_b = t * max(in_b[x], np.float32(1e-3))
            later[x] = np.int64(np.float32(1024) * of_b / (of_a + of_b) + np.float32(0.5))
        for x in range(width):
            for c in range(3):
                value = (1024 - later[x]) * _channel(first[x], c) + later[x] * _channel(last[x], c)
                frame[y, x, c] = _byte(((value >> 10) + UNIT // 2 - ZERO) >> 6)


@njit(cache=True, nogil=True, fastmath={"contract"})
def seen_differences(
    a: NDArray[np.int64], b: NDArray[np.int64], v: NDArray[np.float32], s: np.float32, height: int, width: int
) -> NDArray[np.float32]:
    """The first picture less the second as this moment sees them: `(⌈H/2⌉, ⌈W/2⌉, 3)` float32, colours 0–255.

    The pictures are at half size, each pixel standing for every second of the frame's.
    """
    out = np.empty(((height + 1) // 2, (width + 1) // 2, 3), np.float32)
    rows, columns = v.shape[:2]
    length = out.shape[1]
    low, share = _between(length, columns, 2, width)
    down, along = _between(out.shape[0], rows, 2, height)
    right, bottom = np.float32(length - 1), np.float32(out.shape[0] - 1)
    cells = np.empty(columns, np.float32)
    dx, dy, ax, ay, bx, by, here_y = np.empty((7, length), np.float32)
    here_x = np.arange(length).astype(np.float32)
    first, last = np.empty((2, length), np.int64)
    back, on = -s - np.float32(1), np.float32(1) - s
    stride = np.uint64(a.shape[1])
    flat_a, flat_b = a.ravel(), b.ravel()
    for y in range(out.shape[0]):
        _spread(v[..., 0], down[y], along[y], low, share, np.float32(0.5 * width), cells, dx)
        _spread(v[..., 1], down[y], along[y], low, share, np.float32(0.5 * height), cells, dy)
        here_y[:] = np.float32(y)
        _places(dx, back, right, here_x, ax)
        _places(dy, back, bottom, here_y, ay)
        _places(dx, on, right, here_x, bx)
        _places(dy, on, bottom, here_y, by)
        for x in range(length):
            first[x] = linear_at(flat_a, stride, ax[x], ay[x])
            last[x] = linear_at(flat_b, stride, bx[x], by[x])
        for x in range(length):
            for c in range(3):
                gap = _channel(first[x], c) - _channel(last[x], c)
                out[y, x, c] = np.float32(gap) * np.float32(1 / 4096)
    return out


@njit(cache=True, nogil=True)
def residuals(
    difference: NDArray[np.float32], total: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What turns either picture into the blend, packed, with one row and column repeated at the end.

    The blend is the second picture plus `total`, that is the first one plus `total` − `difference`; both `(h, w, 3)`.
    """
    height, width = total.shape[:2]
    to_first, to_last = np.empty((2, height + 1, width + 1), np.int64)
    for y in range(height + 1):
        j = min(y, height - 1)
        for i in range(width):
            first, last = np.int64(0), np.int64(0)
            for c in range(3):
                added = total[j, i, c]
                last |= _lifted(added) << (c * LANE)
                first |= _lifted(added - difference[j, i, c]) << (c * LANE)
            to_first[y, i], to_last[y, i] = first, last
        to_first[y, width], to_last[y, width] = to_first[y, width - 1], to_last[y, width - 1]
    return to_first, to_last


@njit(nogil=True)
def _lifted(value):  # type: ignore[no-untyped-def]
    """A change of colour as a positive whole number of sixteenths; four of them make `UNIT`s."""
    bounded = min(max(value, np.float32(-_MOST)), np.float32(_MOST)) + np.float32(_MOST + 1)
    return np.int64(bounded * np.float32(16) + np.float32(0.5))


@njit(cache=True, nogil=True, fastmath={"contract"})
def draw_switched(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    v: NDArray[np.float32],
    left: NDArray[np.float32],
    s: np.float32,
    to_first: NDArray[np.int64],
    to_last: NDArray[np.int64],
    weights: NDArray[np.int64],
    frame: NDArray[np.uint8],
) -> None:
    """Fills `frame` with the details of the first picture where it is `left`, else of the second, and the coarse blend.

    `to_first` and `to_last` are the `residuals`. Half-size pixels stand at every second full-size one.
    """
    height, width = frame.shape[:2]
    rows, columns = v.shape[:2]
    low, share = _between(width, columns, 1, width)
    down, along = _between(height, rows, 1, height)
    right, bottom = np.float32(width - 1), np.float32(height - 1)
    cells = np.empty(columns, np.float32)
    dx, dy, ax, ay, bx, by, kept, here_y = np.empty((8, width), np.float32)
    here_x = np.arange(width).astype(np.float32)
    add_a, add_b = np.empty((2, to_first.shape[1]), np.int64)
    drawn = np.empty(width, np.int64)
    back, on = -s - np.float32(1), np.float32(1) - s
    stride = np.uint64(a.shape[1])
    flat_a, flat_b = a.ravel(), b.ravel()
    for y in range(height):
        _spread(v[..., 0], down[y], along[y], low, share, np.float32(width), cells, dx)
        _spread(v[..., 1], down[y], along[y], low, share, np.float32(height), cells, dy)
        _spread(left, down[y], along[y], low, share, np.float32(1), cells, kept)
        here_y[:] = np.float32(y)
        _places(dx, back, right, here_x, ax)
        _places(dy, back, bottom, here_y, ay)
        _places(dx, on, right, here_x, bx)
        _places(dy, on, bottom, here_y, by)
        j, below = y >> 1, (y + 1) >> 1
        for k in range(add_a.size):
            add_a[k] = to_first[j, k] + to_first[below, k]
            add_b[k] = to_last[j, k] + to_last[below, k]
        for x in range(width):
            k, beside = np.uint64(x >> 1), np.uint64((x + 1) >> 1)
            if kept[x] >= np.float32(1):
                drawn[x] = cubic_at(flat_a, stride, weights, ax[x], ay[x]) + add_a[k] + add_a[beside]
            else:
                drawn[x] = cubic_at(flat_b, stride, weights, bx[x], by[x]) + add_b[k] + add_b[beside]
        for x in range(width):
            if np.float32(0) < kept[x] < np.float32(1):
                k, beside = np.uint64(x >> 1), np.uint64((x + 1) >> 1)
                first = cubic_at(flat_a, stride, weights, ax[x], ay[x]) + add_a[k] + add_a[beside]
                of = np.int64(kept[x] * np.float32(1024))
                both = np.int64(0)
                for c in range(3):
                    value = of * _channel(first, c) + (1024 - of) * _channel(drawn[x], c)
                    both |= (value >> 10) << (c * LANE)
                drawn[x] = both
        for x in range(width):
            for c in range(3):
                frame[y, x, c] = _byte((_channel(drawn[x], c) + _ROUNDING) >> 6)
