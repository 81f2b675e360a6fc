"""The field: a transition before it is pixels.

A field knows how two pictures move and when they switch, in units of the frame, so it can be drawn at any size. What
it holds lies on the steps it is stored with: drawing a fresh field and one read from a file gives the same bytes.

Layout, little-endian. A field in sand has version 2, any other version 1::

    4s  b"FKFD"
    u16 version
    u8  kind: 0 linear, 1 timed
    u8  1 when the two palette tables follow
    u16 grid height
    u16 grid width
        in version 2, which is timed, the grains:
    u16 size, in steps of 2⁻²⁰
    i16 wind along x, in steps of 2⁻¹⁵
    i16 wind along y, likewise
    u16 flight, in steps of 1/65535
    u32 seed
    …   zlib: 16-bit values, in each array as differences (modulo 2¹⁶) to the value before it

The arrays: displacement `(2, h, w)`, signed steps of 2⁻¹⁵; and in a timed field τ `(h, w)` and pace `(33,)`, unsigned
steps of 1/65535, and the tables A → B and B → A, each `(3, 17, 17, 17)`, signed steps of 2⁻¹³.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.palette import TABLE_SIDE
from forkframe.errors import BadInput

FORMAT_VERSION = 2
MAX_BYTES = 150_000
PACE_STEPS = 33
MAX_CELLS_LINEAR = 180 * 180
"""Cells of a grid; even if they could not be compressed, the field would stay below `MAX_BYTES`."""
MAX_CELLS_TIMED = 120 * 120

_MAGIC = b"FKFD"
_HEADER = struct.Struct("<4sHBBHH")
_GRAINS = struct.Struct("<HhhHI")
_MOVE_STEP = 2.0**-15
_SHARE_STEP = 1 / 65535
_COLOUR_STEP = 2.0**-13
_SIZE_STEP = 2.0**-20


@dataclass(frozen=True, slots=True)
class Grains:
    """What a field in sand adds to a metamorphosis (see `sand`).

    Attributes:
        size: how wide the cell of a grain is, in shares of the square root of the frame's area.
        wind: (x, y), how far it carries the farthest grains, in shares of the frame's width and height.
        flight: for which share of the time, around its switch, grains of a place are in the air.
        seed: 32 bits that decide on every single grain.
    """

    size: float
    wind: tuple[float, float]
    flight: float
    seed: int

    def to_bytes(self) -> bytes:
        """On the steps it is stored with."""
        size = min(max(round(self.size / _SIZE_STEP), 1), 65535)
        wind = (min(max(round(w / _MOVE_STEP), -32768), 32767) for w in self.wind)
        return _GRAINS.pack(size, *wind, min(max(round(self.flight / _SHARE_STEP), 1), 65535), self.seed)

    @classmethod
    def from_bytes(cls, data: bytes) -> Grains:
        """What `to_bytes` wrote.

        Raises:
            BadInput: it is cut off, or says that grains are nothing.
        """
        if len(data) < _GRAINS.size:
            raise _damaged("its header is cut off")
        size, x, y, flight, seed = _GRAINS.unpack_from(data)
        if not size or not flight:
            raise _damaged("its header contradicts itself")
        return cls(size * _SIZE_STEP, (x * _MOVE_STEP, y * _MOVE_STEP), flight * _SHARE_STEP, seed)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A transition before it is pixels; made by `transition.prepare` or `Field.from_bytes`.

    Attributes:
        v: `(h, w, 2)` float32 (x, y), the half-way displacement in shares of the frame's width and height:
            a(p − v) meets b(p + v). Cell (i, j)'s centre is the point ((j + ½)/w, (i + ½)/h) of the frame.
        tau: `(h, w)` float32, 0–1, when each place of the half-way frame switches; None in a linear field, which
            blends everything evenly.
        pace: `(33,)` float32, rising, 0–1: the inner time at 33 even moments, chosen so that the visible change is
            even; None in a linear field.
        palettes: two `(17, 17, 17, 3)` float32 tables (see `palette.palette_table`), the first picture's to the
            second's and back; None when the colours are left alone.
        grains: of a timed field that is drawn in sand; else None.
    """

    v: NDArray[np.float32]
    tau: NDArray[np.float32] | None = None
    pace: NDArray[np.float32] | None = None
    palettes: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    grains: Grains | None = None

    def to_bytes(self) -> bytes:
        """At most 150 KB; `from_bytes` gives the field back."""
        height, width = self.v.shape[:2]
        parts = [_encoded(np.moveaxis(self.v, -1, 0), _MOVE_STEP, signed=True)]
        if self.tau is not None and self.pace is not None:
            parts += [_encoded(array, _SHARE_STEP, signed=False) for array in (self.tau, self.pace)]
        if self.palettes is not None:
            parts += [
                _encoded(np.moveaxis(table, -1, 0), _COLOUR_STEP, signed=True) for table in self.palettes
            ]
        kind, coloured = int(self.tau is not None), int(self.palettes is not None)
        version, grains = (2, self.grains.to_bytes()) if self.grains else (1, b"")
        header = _HEADER.pack(_MAGIC, version, kind, coloured, height, width) + grains
        return header + zlib.compress(b"".join(parts), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> Field:
        """The field that `to_bytes` wrote.

        Raises:
            BadInput: the bytes are not a field, are damaged, or come from another version.
        """
        if not _HEADER.size < len(data) <= MAX_BYTES:
            raise _damaged(f"{len(data)} bytes can't be one")
        magic, version, kind, coloured, height, width = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise _damaged("it does not begin like one")
        if not 1 <= version <= FORMAT_VERSION:
            raise BadInput(
                f"a transition field of version {version} can't be read, only up to version {FORMAT_VERSION}",
                hint="update Forkframe, or render the edge again",
            )
        cells = MAX_CELLS_TIMED if kind else MAX_CELLS_LINEAR
        if (
            kind > 1
            or coloured > kind
            or version > kind + 1
            or min(height, width) < 2
            or height * width > cells
        ):
            raise _damaged("its header contradicts itself")
        body = data[_HEADER.size :]
        grains = Grains.from_bytes(body) if version == 2 else None
        body = body[_GRAINS.size :] if grains else body
        v_shape, table_shape = (2, height, width), (3, *(TABLE_SIDE,) * 3)
        shapes = [v_shape] + kind * [(height, width), (PACE_STEPS,)] + coloured * 2 * [table_shape]
        v, *others = _decoded(_inflated(body, 2 * sum(map(math.prod, shapes))), shapes)
        field_v = _scaled(np.moveaxis(v.view(np.int16), 0, -1), _MOVE_STEP)
        if not kind:
            return cls(field_v)
        tau, pace, *tables = others
        if (pace[1:] < pace[:-1]).any():
            raise _damaged("its time runs backwards")
        there, back = (
            [_scaled(np.moveaxis(t.view(np.int16), 0, -1), _COLOUR_STEP) for t in tables]
            if coloured
            else (None, None)
        )
        return cls(
            field_v,
            tau=_scaled(tau, _SHARE_STEP),
            pace=_scaled(pace, _SHARE_STEP),
            palettes=None if there is None or back is None else (there, back),
            grains=grains,
        )


def _encoded(array: NDArray[np.float32], step: float, *, signed: bool) -> bytes:
    """The array in steps, each as the difference to the one before it, modulo 2¹⁶."""
    low, high = (-32768, 32767) if signed else (0, 65535)
    steps = np.rint(array.astype(np.float64) / step).clip(low, high).astype(np.int32).ravel()
    return np.diff(steps, prepend=0).astype(np.uint16).astype("<u2").tobytes()


def _decoded(data: bytes, shapes: list[tuple[int, ...]]) -> list[NDArray[np.uint16]]:
    sizes = [math.prod(shape) for shape in shapes]
    pieces = np.split(np.frombuffer(data, "<u2").astype(np.uint16), np.cumsum(sizes)[:-1])
    return [
        np.cumsum(piece, dtype=np.uint16).reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)
    ]


def _scaled(steps: NDArray[np.uint16] | NDArray[np.int16], step: float) -> NDArray[np.float32]:
    return np.ascontiguousarray(steps * step, dtype=np.float32)


def _inflated(data: bytes, size: int) -> bytes:
    """Exactly `size` bytes; never unpacks more than one byte beyond them."""
    inflater = zlib.decompressobj()
    try:
        unpacked = inflater.decompress(data, size + 1)
    except zlib.error as error:
        raise _damaged("its data can't be unpacked") from error
    if len(unpacked) != size or not inflater.eof or inflater.unused_data:
        raise _damaged("it holds too much or too little")
    return unpacked


def _damaged(why: str) -> BadInput:
    return BadInput(f"a transition field can't be read: {why}", hint="render the edge again")
