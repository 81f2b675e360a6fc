"""Frames on their way from an engine into a take: brought to the take's number, and pinned to the pictures at its ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.transition import prepare
from forkframe.engines.protocol import Pixels
from forkframe.media.retime import even_moments

Write = Callable[[Pixels], None]

_WHOLE = 0.02
"""So near to a frame, in frames, a moment is that frame."""
_FADE = 12
"""Over so many frames what an end lacks of its picture goes to nothing, in short takes over a third of them."""
_BLUR = 0.02
"""What fades is light and colour, blurred by this share of the width: details would stand still while things move."""


class Retimed:
    """Takes `count` frames at even time and passes on `frames` of them, at even time too.

    What lies between two frames is drawn along the motion from one to the other, as the built-in engine's `flow` does.
    """

    def __init__(self, write: Write, *, count: int, frames: int) -> None:
        self._write = write
        self._moments = even_moments(0, count - 1, frames)
        self._next = 0
        self._count = 0
        self._before: Pixels | None = None

    def write(self, frame: Pixels) -> None:
        """Takes the next frame `(H, W, 3)` uint8 sRGB."""
        drawer: Drawer | None = None
        while self._next < len(self._moments) and self._moments[self._next] <= self._count + _WHOLE:
            missing = self._count - self._moments[self._next]
            if abs(missing) <= _WHOLE or self._before is None:
                self._write(frame)
            elif missing >= 1 - _WHOLE or np.array_equal(frame, self._before):
                self._write(self._before)
            else:
                drawer = drawer or Drawer(
                    self._before, frame, prepare(self._before, frame, seed=0, style="flow", hasty=True)
                )
                self._write(drawer.frame(1 - missing))
            self._next += 1
        self._before = frame.copy()
        self._count += 1


class Pinned:
    """Passes on `frames` frames; those at the ends become the nodes' pictures.

    Models come near to the pictures they are given, seldom quite to them. So that nothing jumps, what the first frame
    lacks of its picture is added to the frames after it, less and less, and the same before the last one.

    Args:
        write: takes the frames.
        frames: how many there are.
        ends: the pictures, by the number of their frame: 0 and `frames` − 1, or one of them.
    """

    def __init__(self, write: Write, *, frames: int, ends: Mapping[int, Pixels]) -> None:
        self._write = write
        self._ends = ends
        self._last = frames - 1
        self._fade = min(_FADE, self._last // 3)
        self._gap: NDArray[np.float32] | None = None
        self._held: list[Pixels] = []
        self._count = 0

    def write(self, frame: Pixels) -> None:
        """Takes the next frame `(H, W, 3)` uint8 sRGB."""
        place = self._count
        self._count += 1
        if place == 0 and 0 in self._ends:
            self._gap = _gap(self._ends[0], frame)
            frame = self._ends[0]
        elif place <= self._fade and self._gap is not None:
            frame = _nearer(frame, self._gap, place / (self._fade + 1))
        if self._last not in self._ends or place < self._last - self._fade:
            self._write(frame)
        elif place < self._last:
            self._held.append(frame.copy())
        else:
            gap = _gap(self._ends[self._last], frame)
            for before, held in zip(range(len(self._held), 0, -1), self._held, strict=True):
                self._write(held if gap is None else _nearer(held, gap, before / (self._fade + 1)))
            self._write(self._ends[self._last])


def _gap(wanted: Pixels, frame: Pixels) -> NDArray[np.float32] | None:
    """What a frame lacks of a picture, blurred: `(H, W, 3)` float32 in levels, or None if it is that picture."""
    if np.array_equal(wanted, frame):
        return None
    return cv2.GaussianBlur(
        np.subtract(wanted, frame, dtype=np.float32), (0, 0), max(_BLUR * frame.shape[1], 1.0)
    ).astype(np.float32, copy=False)


def _nearer(frame: Pixels, gap: NDArray[np.float32], away: float) -> Pixels:
    """The frame with what it lacks added, all of it 0 away from the end and nothing of it 1 away."""
    share = np.float32(1 - away * away * (3 - 2 * away))
    return np.rint(frame + gap * share).clip(0, 255).astype(np.uint8)
