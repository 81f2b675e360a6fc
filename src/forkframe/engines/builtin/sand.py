"""Sand: grains that leave the first picture with the wind, and grains that come with it and settle as the second.

A frame in sand is a frame of the metamorphosis, with layers of grains over it. Half of the layers *leave*: at rest they
lie on the first picture, take off when their place is due, gather way and dwindle. The others *arrive*: they come from
upwind, grow, slow down and lie on the second picture. So the wind never turns back, a grain's own place moves as the
field says, and at both ends of time no grain is in the air.

Within a layer all grains fly smoothly side by side, and none reaches beyond the cells next to its own. Hence two ways to
the same frame: to lay grain by grain, later cells over earlier ones, as here; or, as the browser's shader does, to undo
a layer's flight at every pixel and look through the four cells around, in the same order.

Where a grain lies in its cell, how large, bright and hasty it is, says a hash of whole numbers that is the same
everywhere.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from forkframe.engines.builtin.field import Field
from forkframe.engines.builtin.packed import LANE, linear_at, mirrored

LAYERS = 6
"""From the lowest to the highest; even ones arrive, odd ones leave."""
_REACHES = np.array([0.2, 0.5, 1.0], np.float32)
"""How far two layers each fly, in shares of the wind."""
_PART = np.float32(0.62)
"""The share of the time around its switch for which a place's grains leave, and for which others arrive."""
_FEWEST_PIXELS = 3.0
"""No cell is narrower, in pixels: smaller grains would flicker."""
_RADIUS, _SIZES = np.float32(0.35), np.float32(0.3)
"""Of a middling grain, in cells, and by which share others are larger or smaller."""
_JITTER = np.float32(0.38)
"""How far from the middle of its cell a grain may lie, in cells; with a radius less than one."""
_HASTE = np.float32(0.8)
"""By which share of its flight a grain may be gone sooner."""
_FADE = np.float32(0.5)
"""What a grain has lost at the end of its flight, as in a haze: else two flat grounds far apart mix to noise."""
_LIFT = np.float32(0.12)
"""The share of a flight in which a grain parts from its picture: its own colour and light come on little by little."""
_LIGHT, _TONES = np.float32(0.23), np.float32(0.09)
"""How much the light from above and the left shows on a grain, and by how much grains differ in brightness."""
_SWIRL, _SWIRLS = np.float32(0.4), np.float32(2.5)
"""How much of the wind turns with the place, and how often along the shorter way over the frame."""
_PAIR_SALT, _GRAIN_SALT = 0x51ED270B, 0x2C1B3C6D
_CHANNEL = (1 << LANE) - 1


class Lattice(NamedTuple):
    """The cells of every layer: so many rows and columns, and how wide one is, in pixels.

    Cell (j, i)'s middle is at ((i − 1 + ½·(j mod 2)), j − ½) cells from the frame's corner.
    """

    rows: int
    columns: int
    cell: float


def lattice(size: float, height: int, width: int) -> Lattice:
    """The lattice that covers a frame, with a cell to spare at every border; `size` as in `Grains`."""
    cell = max(size * math.sqrt(height * width), _FEWEST_PIXELS)
    return Lattice(math.ceil(height / cell) + 2, math.ceil(width / cell) + 3, cell)


def strew(
    frame: NDArray[np.uint8], first: NDArray[np.int64], last: NDArray[np.int64], field: Field, t: float
) -> None:
    """Lays the grains of a moment over a frame.

    Args:
        frame: `(H, W, 3)` uint8 sRGB, the metamorphosis of that moment; drawn over.
        first: the first picture as this moment has it, packed (see `packed`).
        last: the second, likewise.
        field: with `grains`.
        t: of inner time.
    """
    assert field.grains is not None
    rows, columns, cell = lattice(field.grains.size, *frame.shape[:2])
    seed = np.uint64(field.grains.seed)
    for layer in range(LAYERS):
        drift, way = drifts(field, layer, t)
        if not ((way > 0) & (way < 1)).any():
            continue
        picture = first if layer % 2 else last
        grains = np.zeros((rows, columns, 7), np.float32)
        _place(picture, field.v, drift, way, seed, layer, np.float32(cell), frame.shape[:2], grains)
        _lay(grains.reshape(-1, 7), frame)


def drifts(field: Field, layer: int, t: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where a layer has carried every place of the half-way frame at t of inner time, and how far its flight is.

    Returns:
        `(h, w, 2)` float32 in shares of the frame, and `(h, w)` float32, 0–1, of the grid of `field`.
    """
    assert field.tau is not None
    assert field.grains is not None
    wind, flight = np.array(field.grains.wind, np.float32), np.float32(field.grains.flight)
    return _drifts(field.v, field.tau, wind, flight, np.uint64(field.grains.seed), layer, np.float32(t))


@njit(nogil=True)
def hashed(i, j, salt):  # type: ignore[no-untyped-def]
    """32 bits for a cell, all uint64 below 2³²: Wellons' lowbias32 (2018) of two coordinates and a salt."""
    low = np.uint64(0xFFFFFFFF)
    h = (i * np.uint64(0x9E3779B1) + j * np.uint64(0x85EBCA77) + salt) & low
    h ^= h >> np.uint64(16)
    h = (h * np.uint64(0x7FEB352D)) & low
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(0x846CA68B)) & low
    return h ^ (h >> np.uint64(16))


@njit(nogil=True)
def _salted(seed, layer, salt):  # type: ignore[no-untyped-def]
    return (seed + np.uint64(salt) * np.uint64(layer + 1)) & np.uint64(0xFFFFFFFF)


@njit(nogil=True)
def _random(h, n):  # type: ignore[no-untyped-def]
    """Byte n of a hash, as −1…1."""
    return np.float32((h >> np.uint64(8 * n)) & np.uint64(255)) * np.float32(2 / 255) - np.float32(1)


@njit(nogil=True)
def _smooth(x):  # type: ignore[no-untyped-def]
    return x * x * (np.float32(3) - x - x)


@njit(nogil=True)
def _swirl(x, y, salt, n):  # type: ignore[no-untyped-def]
    """A smooth −1…1, about as often up as down along a unit; another one for every n."""
    i, j = np.floor(x), np.floor(y)
    fx, fy = _smooth(x - i), _smooth(y - j)
    a, b, one = np.uint64(i), np.uint64(j), np.uint64(1)
    above, below = _random(hashed(a, b, salt), n), _random(hashed(a, b + one, salt), n)
    above += fx * (_random(hashed(a + one, b, salt), n) - above)
    below += fx * (_random(hashed(a + one, b + one, salt), n) - below)
    return above + fy * (below - above)


@njit(cache=True, nogil=True)
def _drifts(v, tau, wind, flight, seed, layer, t):  # type: ignore[no-untyped-def]
    height, width = tau.shape
    drift, way = np.empty((height, width, 2), np.float32), np.empty((height, width), np.float32)
    zero, half, one = np.float32(0), np.float32(0.5), np.float32(1)
    rows, columns = np.float32(height), np.float32(width)
    s, arrives, reach = t + t - one, layer % 2 == 0, _REACHES[layer // 2]
    salt = _salted(seed, layer, _PAIR_SALT)
    turns = _SWIRLS / min(rows, columns)
    swirl = _SWIRL * np.sqrt((wind[0] * columns) ** 2 + (wind[1] * rows) ** 2)
    for j in range(height):
        for i in range(width):
            u = (t - tau[j, i]) / flight + half
            at = min(max((u - (one - _PART)) / _PART if arrives else u / _PART, zero), one)
            far = -reach * (one - at) * (one - at) if arrives else reach * at * at
            x, y = (np.float32(i) + half) * turns, (np.float32(j) + half) * turns
            drift[j, i, 0] = s * v[j, i, 0] + far * (wind[0] + swirl * _swirl(x, y, salt, 0) / columns)
            drift[j, i, 1] = s * v[j, i, 1] + far * (wind[1] + swirl * _swirl(x, y, salt, 1) / rows)
            way[j, i] = at
    return drift, way


@njit(nogil=True)
def _weighed(grid, j, i, fx, fy):  # type: ignore[no-untyped-def]
    above = grid[j, i] + fx * (grid[j, i + 1] - grid[j, i])
    below = grid[j + 1, i] + fx * (grid[j + 1, i + 1] - grid[j + 1, i])
    return above + fy * (below - above)


@njit(cache=True, nogil=True)
def _place(picture, v, drift, way, seed, layer, cell, size, grains):  # type: ignore[no-untyped-def]
    """Fills `grains` (rows, columns, 7): x, y, radius, in pixels; how much of it is seen, 0–1; r, g, b. 0: not in the air."""
    zero, half, one = np.float32(0), np.float32(0.5), np.float32(1)
    height, width = np.float32(size[0]), np.float32(size[1])
    rows, columns = np.float32(way.shape[0]), np.float32(way.shape[1])
    arrives = layer % 2 == 0
    towards = one if arrives else -one
    salt = _salted(seed, layer, _GRAIN_SALT)
    flat, stride = picture.ravel(), np.uint64(picture.shape[1])
    around = cell * np.float32(0.25)
    for j in range(grains.shape[0]):
        for i in range(grains.shape[1]):
            random = hashed(np.uint64(i), np.uint64(j), salt)
            px = (np.float32(i) - one + half * np.float32(j & 1) + _JITTER * _random(random, 0)) * cell
            py = (np.float32(j) - half + _JITTER * _random(random, 1)) * cell
            gx = min(max(px * columns / width - half, zero), columns - np.float32(1.001))
            gy = min(max(py * rows / height - half, zero), rows - np.float32(1.001))
            a, b = int(gx), int(gy)
            fx, fy = gx - np.float32(a), gy - np.float32(b)
            at = _weighed(way, b, a, fx, fy)
            flown = one - at if arrives else at
            gone = flown * (one + _HASTE * half * (_random(random, 2) + one))
            if flown <= zero or gone >= one:
                continue
            other = hashed(np.uint64(j), np.uint64(i), random)
            parted = _smooth(min(flown / _LIFT, one))
            tone = (one + _TONES * parted * _random(other, 1)) * np.float32(1 / (4 * 4096))
            cx = px + towards * _weighed(v[..., 0], b, a, fx, fy) * width - half
            cy = py + towards * _weighed(v[..., 1], b, a, fx, fy) * height - half
            red = green = blue = np.int64(0)
            for k in range(4):
                x = mirrored(cx + (around if k & 1 else -around), width - one)
                y = mirrored(cy + (around if k & 2 else -around), height - one)
                lanes = linear_at(flat, stride, x, y)
                red += lanes & _CHANNEL
                green += (lanes >> LANE) & _CHANNEL
                blue += (lanes >> 2 * LANE) & _CHANNEL
            grain = grains[j, i]
            grain[0] = px + _weighed(drift[..., 0], b, a, fx, fy) * width - half
            grain[1] = py + _weighed(drift[..., 1], b, a, fx, fy) * height - half
            grain[2] = cell * _RADIUS * (one + _SIZES * _random(other, 0)) * np.sqrt(one - gone * gone)
            grain[3] = parted * (one - _FADE * gone)
            most = np.float32(255)
            grain[4] = min(np.float32(red) * tone, most)
            grain[5] = min(np.float32(green) * tone, most)
            grain[6] = min(np.float32(blue) * tone, most)


@njit(cache=True, nogil=True, fastmath={"contract"})
def _lay(grains, frame):  # type: ignore[no-untyped-def]
    """Lays `(n, 7)` grains over `frame`, one after the other, with soft rims, lit from above and the left."""
    height, width = frame.shape[:2]
    half, one, most = np.float32(0.5), np.float32(1), np.float32(255)
    for n in range(len(grains)):
        x, y, radius, seen = grains[n, 0], grains[n, 1], grains[n, 2], grains[n, 3]
        if radius <= 0:
            continue
        rim = radius + half
        left, right = max(int(np.ceil(x - rim)), 0), min(int(np.floor(x + rim)), width - 1)
        top, bottom = max(int(np.ceil(y - rim)), 0), min(int(np.floor(y + rim)), height - 1)
        there = seen * min(radius + radius, one)
        lit_x, lit_y = np.float32(0.5) * seen * _LIGHT / rim, np.float32(0.85) * seen * _LIGHT / rim
        red, green, blue = grains[n, 4], grains[n, 5], grains[n, 6]
        for j in range(top, bottom + 1):
            dy = y - np.float32(j)
            for i in range(left, right + 1):
                dx = x - np.float32(i)
                square = dx * dx + dy * dy
                if square >= rim * rim:
                    continue
                share = there * min(rim - np.sqrt(square), one)
                light = one + lit_x * dx + lit_y * dy
                pixel = frame[j, i]
                r, g, b = np.float32(pixel[0]), np.float32(pixel[1]), np.float32(pixel[2])
                pixel[0] = np.uint8(r + share * (min(red * light, most) - r) + half)
                pixel[1] = np.uint8(g + share * (min(green * light, most) - g) + half)
                pixel[2] = np.uint8(b + share * (min(blue * light, most) - b) + half)
