"""Layouts: where the things of a picture could be instead, without bending what must not bend.

Space is given and taken where there is little to see (`axis`): busy columns and rows keep one scale, the same for both
axes, so faces and wheels stay round, towers straight and horizons level. Loose things may go elsewhere by themselves.
Soft bends, where nothing is busy, do the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.axis import EVEN_STEPS, axis_map, extent, least_zoom, stiffness, wished
from forkframe.engines.builtin.intact import Box, Moved
from forkframe.engines.builtin.scene import Loose, Scene
from forkframe.engines.builtin.synthesis import filled

_BEND = 0.05
"""Deviation of the bends at strength 1, of the short side."""
_REACH = 0.35
"""How far a loose thing goes at strength 1, of the frame."""
_EXACT = 0.1
"""What is scaled or sheared by less than this counts as moved in one piece."""
_SMALLER, _LARGER = 0.3, 0.5
"""Logarithms of the least and the largest zoom that is wished for, at strength 1 …"""
_SPREAD = 0.4
"""… which lie at least this far apart, however little even ground there is."""
_PLACES_TRIED = 24
_BAND = 256
"""So many rows are laid out at a time: what is computed on the way takes several times what comes of it."""
_INNER = (-0.18, -0.18, -0.18)
_JOINT = 0.02
"""Half the width of the strip that is made anew where two ends meet."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where everything goes.

    Attributes:
        zoom: how much larger busy places are in the result than in the source.
        mirrored: whether the finished picture is turned over; nothing else here knows of it.
        columns, rows: `(129,)` float64: for even steps across the result, where they come from, in shares of the source.
        bends: `(h, w, 2)` float32 (x, y), added to that, in shares of the source.
        keep: `(h, w)` float32 0–1 over the source: from ½ up it is held where it moves in one piece.
        heads: boxes of the source that are held and shown nowhere else.
        things: loose things and, for each, the (x, y) in the result of its box's top left corner.
        joint: the column of the source, 0–1, where two ends meet: what is there is made anew. None if there is none.
    """

    zoom: float
    mirrored: bool
    columns: NDArray[np.float64]
    rows: NDArray[np.float64]
    bends: NDArray[np.float32]
    keep: NDArray[np.float32]
    heads: tuple[Box, ...]
    things: tuple[tuple[Loose, tuple[float, float]], ...]
    joint: float | None
    _drawn: dict[tuple[int, int], tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]] = field(
        default_factory=dict[
            "tuple[int, int]", "tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]"
        ],
        repr=False,
    )

    def places(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """For a result of `size` (height, width), where each pixel comes from: `(h, w, 2)` (x, y), shares."""
        return self._at(size)[0]

    def held(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Which pixels `(h, w)` of the result show exactly what is in their place."""
        return self._at(size)[1]

    def vacant(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Which pixels `(h, w)` of the result a loose thing has left, or two ends meet in."""
        return self._at(size)[2]

    def private(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Which pixels `(h, w)` of the source are shown in held places only."""
        height, width = size
        y, x = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
        out = np.zeros(size, bool)
        for box in self.heads:
            out |= _between(y, box.y, box.height)[:, None] & _between(x, box.x, box.width)
        for thing, _ in self.things:
            inside = _masked(thing, np.broadcast_to(x, size), np.broadcast_to(y[:, None], size))
            out |= inside
        if self.joint is not None:
            out |= np.abs(x - self.joint) < _JOINT + 4 / width
        return out

    def moved(self) -> tuple[Moved, ...]:
        """Every face or loose thing that has to arrive whole, with where it should be."""
        boxes: list[Moved] = []
        for box in self.heads:
            left, right = np.interp([box.x, box.x + box.width], self.columns, EVEN_STEPS)
            top, bottom = np.interp([box.y, box.y + box.height], self.rows, EVEN_STEPS)
            boxes.append(
                Moved(box, Box(float(left), float(top), float(right - left), float(bottom - top)), alone=True)
            )
        for thing, (x, y) in self.things:
            b = thing.box
            target = Box(x, y, b.width * self.zoom, b.height * self.zoom)
            # Without the corners, where the ground has changed.
            boxes.append(Moved(b.grown(*_INNER), target.grown(*_INNER), alone=False))
        return tuple(boxes)

    def _at(self, size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        if size not in self._drawn:
            self._drawn[size] = self._draw(size)
        return self._drawn[size]

    def _draw(
        self, size: tuple[int, int]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        height, width = size
        out, held, vacant = np.empty((*size, 2), np.float32), np.empty(size, bool), np.zeros(size, bool)
        for top in range(0, height, _BAND):
            band = slice(top, min(height, top + _BAND))
            out[band], held[band] = _base(self.columns, self.rows, self.bends, self.zoom, size, band)
            x, y = out[band, :, 0], out[band, :, 1]
            held[band] &= _sample(self.keep, x, y) >= 0.5
            for box in self.heads:
                held[band] |= _between(y, box.y, box.height) & _between(x, box.x, box.width)
            for thing, _ in self.things:
                vacant[band] |= _masked(thing, x, y)
            if self.joint is not None:
                vacant[band] |= np.abs(x - self.joint) < _JOINT
        held &= ~vacant
        for thing, (left, top) in self.things:
            b, z = thing.box, self.zoom
            r0, r1 = max(0, math.floor(top * height)), min(height, math.ceil((top + b.height * z) * height))
            c0, c1 = max(0, math.floor(left * width)), min(width, math.ceil((left + b.width * z) * width))
            if r0 >= r1 or c0 >= c1:
                continue
            py = b.y + ((np.arange(r0, r1) + 0.5) / height - top) / z
            px = b.x + ((np.arange(c0, c1) + 0.5) / width - left) / z
            gy, gx = np.meshgrid(py, px, indexing="ij")
            inside = _masked(thing, gx, gy)
            window = (slice(r0, r1), slice(c0, c1))
            out[window][inside] = np.stack([gx, gy], -1)[inside]
            held[window] |= inside
            vacant[window] &= ~inside
        return out, held, vacant


@dataclass(frozen=True, slots=True)
class Wish:
    """What a layout should be like: every number is from 0 to 1 or −1 to 1 and independent of the picture.

    Attributes:
        turn: 0–1: below the share of layouts that are mirrored, this one is.
        swap: 0–1: below the share of layouts in which the right part stands left of the left one, this one does.
        zoom: −1 … 1: smaller or larger things.
        lean: −1 … 1, of x and y: to which side the space goes.
        window: 0–1, of x and y: which part is shown where there is more than the frame holds.
    """

    turn: float
    swap: float
    zoom: float
    lean: tuple[float, float]
    window: tuple[float, float]

    @staticmethod
    def of(seed: int) -> Wish:
        """The seed's wish: neighbouring seeds, and any run of them, lie far apart from each other.

        A Kronecker sequence with the generalised golden ratio of seven dimensions (Roberts, "The unreasonable
        effectiveness of quasirandom sequences", 2018). Its last number jumps by about a half from seed to seed, its
        first by a tenth: what is seen first in a picture gets the largest jumps, so that four are four already.
        """
        ratio = 1.0
        for _ in range(40):
            ratio = (1 + ratio) ** (1 / 8)
        window_y, lean_y, window_x, zoom, lean_x, swap, turn = (
            (0.5 + seed * ratio ** -(k + 1)) % 1.0 for k in range(7)
        )
        return Wish(turn, swap, 2 * zoom - 1, (2 * lean_x - 1, 2 * lean_y - 1), (window_x, window_y))


def arranged(scene: Scene, wish: Wish, *, strength: float, rng: np.random.Generator) -> Layout:
    """A layout of the scene.

    Args:
        scene: what there is.
        wish: what the layout should be like.
        strength: 0 leaves everything in its place, 1 moves it as far as it goes.
        rng: decides what the wish leaves open.
    """
    noise = rng.standard_normal((2, 5))
    bends = _bends(scene, strength, rng)
    keep = np.clip(scene.busy * np.float32(1.6 - 0.9 * strength), 0, 1).astype(np.float32)
    stiff = stiffness(scene)
    wanted = [wished(wish.lean[k], noise[k], strength=strength) for k in range(2)]
    # What one axis has no even ground for, things have to grow for, along both.
    least = max(least_zoom(stiff[k], wanted[k], math.exp(-_SMALLER * strength)) for k in range(2))
    most = max(math.exp(_LARGER * strength), least * math.exp(_SPREAD * strength))
    zoom = least * (most / least) ** ((1 + wish.zoom) / 2)
    columns, rows = (
        axis_map(stiff[k], wanted[k], zoom, window=wish.window[k], must=extent(scene.heads, k))
        for k in range(2)
    )
    mirrored = wish.turn < min(0.5, strength)
    still = Layout(zoom, mirrored, columns, rows, bends, keep, scene.heads, (), scene.joint)
    return replace(still, things=_placed(scene, still, strength=strength, rng=rng), _drawn={})


def _bends(scene: Scene, strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Soft displacements `(h, w, 2)` in shares of the source, small where it is busy, none in heads."""
    height, width = scene.busy.shape
    side = min(height, width)
    coarse = rng.standard_normal((2, round(height / side * 3), round(width / side * 3))).astype(np.float32)
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (side // 16) + 1,) * 2)
    free = (1 - cv2.dilate(scene.busy, near)) ** 2
    y, x = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    for head in scene.heads:
        box = head.grown(0.2, 0.2, 0.2)
        free[_between(y, box.y, box.height)[:, None] & _between(x, box.x, box.width)] = 0
    free = cv2.GaussianBlur(free.astype(np.float32), (0, 0), side / 16)
    shape = [
        cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC)
        * free
        * np.float32(_BEND * strength * side)
        for plane in coarse
    ]
    for head in scene.heads:
        hole = _between(y, head.y, head.height)[:, None] & _between(x, head.x, head.width)
        for plane in shape:
            plane[hole] = 0
    dx, dy = shape
    while _least_jacobian(dy, dx) < 0.5:
        dy, dx = dy * np.float32(0.85), dx * np.float32(0.85)
    return np.stack([dx / width, dy / height], -1).astype(np.float32)


def _least_jacobian(dy: NDArray[np.float32], dx: NDArray[np.float32]) -> float:
    """The least local area factor of the warp by (dy, dx): below 0 it folds."""
    yy, yx = np.gradient(dy)
    xy, xx = np.gradient(dx)
    return float(((1 + yy) * (1 + xx) - yx * xy).min())


def _base(
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
    bends: NDArray[np.float32],
    zoom: float,
    size: tuple[int, int],
    band: slice,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The places `(h, w, 2)` without loose things, and where they are moved in one piece, in a `band` of the rows."""
    height, width = size
    # Slopes are measured from row to row: a row more on either side.
    wider = slice(max(0, band.start - 1), min(height, band.stop + 1))
    own = slice(band.start - wider.start, band.stop - wider.start)
    x = np.interp((np.arange(width) + 0.5) / width, EVEN_STEPS, columns)
    y = np.interp((np.arange(height) + 0.5) / height, EVEN_STEPS, rows)
    dx = np.abs(np.gradient(x) * width * zoom - 1) < _EXACT
    dy = np.abs(np.gradient(y) * height * zoom - 1) < _EXACT
    places = np.stack(np.meshgrid(x, y[wider]), -1).astype(np.float32)
    bent = np.stack(
        [_sample(np.ascontiguousarray(bends[..., k]), places[..., 0], places[..., 1]) for k in (0, 1)], -1
    )
    slopes = [np.gradient(bent[..., k] * (width, height)[k], axis=a) for k in (0, 1) for a in (0, 1)]
    rigid = (dy[wider, None] & dx) & (np.abs(np.stack(slopes)).max(0) < _EXACT)
    return np.clip(places + bent, 0, 1).astype(np.float32)[own], rigid[own]


def _placed(
    scene: Scene, layout: Layout, *, strength: float, rng: np.random.Generator
) -> tuple[tuple[Loose, tuple[float, float]], ...]:
    """The loose things with their places in the result: somewhere on ground like their own, clear of each other."""
    height, width = scene.small.shape[:2]
    reach = _REACH * max(0.0, strength - 0.2) / 0.8
    nothing_loose = np.zeros((height, width), bool)
    y, x = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    gx, gy = np.meshgrid(x, y)
    for thing in scene.loose:
        nothing_loose |= _masked(thing, gx, gy)
    ground = filled(scene.small, nothing_loose) if nothing_loose.any() else scene.small
    places = layout.places((height, width))
    pixels = places * np.array([width, height], np.float32) - np.float32(0.5)
    view = cv2.remap(ground, pixels, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)  # pyright: ignore[reportCallIssue, reportArgumentType]
    taken = np.zeros((height, width), bool)
    out: list[tuple[Loose, tuple[float, float]]] = []
    for thing in scene.loose:
        b, z = thing.box, layout.zoom
        centre = np.array(
            [
                np.interp(b.x + b.width / 2, layout.columns, EVEN_STEPS),
                np.interp(b.y + b.height / 2, layout.rows, EVEN_STEPS),
            ]
        )
        half = np.array([b.width, b.height]) * z / 2
        offers = np.concatenate([rng.uniform(-reach, reach, (_PLACES_TRIED, 2)), np.zeros((1, 2))])
        choice = None
        for offer in offers:
            corner = centre + offer - half
            far = centre + offer + half
            if corner.min() < 0 or far.max() > 1:
                continue
            window = (
                slice(int(corner[1] * height), math.ceil(far[1] * height)),
                slice(int(corner[0] * width), math.ceil(far[0] * width)),
            )
            if taken[window].any():
                continue
            if float(np.abs(view[window] - thing.ground).max()) < 0.1:
                choice = corner, window
                break
        if choice is None:
            # Nowhere to go: it stays in the ground it is on, and moves with it.
            continue
        corner, window = choice
        taken[window] = True
        out.append((thing, (float(corner[0]), float(corner[1]))))
    return tuple(out)


def _masked(thing: Loose, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether the places (x, y), in shares of the source, are in the thing."""
    b = thing.box
    rows, columns = thing.mask.shape
    i = np.floor((y - b.y) / b.height * rows).astype(np.intp)
    j = np.floor((x - b.x) / b.width * columns).astype(np.intp)
    inside = (i >= 0) & (i < rows) & (j >= 0) & (j < columns)
    return inside & thing.mask[i.clip(0, rows - 1), j.clip(0, columns - 1)]


def _between(at: NDArray[np.floating], begin: float, size: float) -> NDArray[np.bool_]:
    return (at >= begin) & (at < begin + size)


def _sample(
    plane: NDArray[np.float32], x: NDArray[np.floating], y: NDArray[np.floating]
) -> NDArray[np.float32]:
    """A plane over the source at places given in shares of it."""
    height, width = plane.shape
    px = (x * width - 0.5).astype(np.float32)
    py = (y * height - 0.5).astype(np.float32)
    return cv2.remap(plane, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
