"""Preparing a transition: two pictures in, a field out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import MAX_CELLS_LINEAR, MAX_CELLS_TIMED, PACE_STEPS, Field
from forkframe.engines.builtin.flow import halfway_flow
from forkframe.engines.builtin.matching import match
from forkframe.engines.builtin.palette import palette_table
from forkframe.engines.builtin.switching import switching_time

Palette = Literal["auto", "on", "off"]

_RELATED_RESIDUAL = 0.06
_FLOW_AREA = 512 * 512
"""Flow is measured on at most this many pixels."""
_ALIVE = 0.85
_TRIAL_AREA = 112 * 112
"""The palette is tried out and the pace is measured on pictures of this many pixels."""


def prepare(
    a: NDArray[np.uint8],
    b: NDArray[np.uint8],
    *,
    seed: int,
    palette: Palette = "auto",
    on_progress: Callable[[float], None] | None = None,
) -> Field:
    """The field of the transition from `a` to `b`.

    Two frames of one scene (`halfway_flow` lays them over each other) get a linear field; any others are matched by
    structure and switch place by place.

    Args:
        a: `(H, W, 3)` uint8 sRGB, sides from 64 px.
        b: the same size.
        seed: decides where fronts run and which colours are sampled; a linear field does not depend on it.
        palette: whether each picture takes on the other's colours while it goes: `on`, `off`, or `auto`, which is on
            unless that would leave the middle grey.
        on_progress: called with rising shares, 0–1.

    Returns:
        The field; the same inputs give the same bytes on any number of threads.
    """
    progress = on_progress or (lambda share: None)
    small_a, small_b = (_limited(image, _FLOW_AREA) for image in (a, b))
    flow, residual = halfway_flow(small_a, small_b)
    progress(0.15)
    height, width = small_a.shape[:2]
    if residual < _RELATED_RESIDUAL:
        rows, columns = _grid(height, width, MAX_CELLS_LINEAR)
        v = cv2.resize(flow, (columns, rows), interpolation=cv2.INTER_AREA) / np.array([width, height], np.float32)
        progress(1.0)
        return _stored(Field(v.astype(np.float32)))

    grid = _grid(height, width, MAX_CELLS_TIMED)
    lab_a, lab_b = to_lab(small_a), to_lab(small_b)
    v = match(lab_a, lab_b, grid=grid, on_progress=lambda share: progress(0.15 + 0.55 * share))
    cells_a, cells_b = (cv2.resize(lab, grid[::-1], interpolation=cv2.INTER_AREA) for lab in (lab_a, lab_b))
    tau = switching_time(cells_a, cells_b, v, seed=seed)
    progress(0.75)
    plain = Field(v, tau=tau, pace=np.linspace(0, 1, PACE_STEPS, dtype=np.float32))
    trial = (_limited(a, _TRIAL_AREA), _limited(b, _TRIAL_AREA))
    field = plain if palette == "off" else _coloured(plain, cells_a, cells_b, seed)
    if palette == "auto" and not _stays_alive(field, plain, trial):
        field = plain
    progress(0.9)
    field = _paced(field, trial)
    progress(1.0)
    return _stored(field)


def _coloured(
    field: Field, a_lab: NDArray[np.float32], b_lab: NDArray[np.float32], seed: int
) -> Field:
    """The field with both palette tables."""
    return replace(field, palettes=(palette_table(a_lab, b_lab, seed), palette_table(b_lab, a_lab, seed)))


def _stays_alive(field: Field, plain: Field, trial: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> bool:
    """Whether the middle of `field` is about as colourful and contrasty as that of `plain`, or as the duller end.

    Palettes far apart meet in grey (red and green in the middle of the way between them), where a frame that keeps
    patches of either stays vivid.
    """
    middle = _vividness(Drawer(*trial, field).frame(0.5))
    ends = [_vividness(end) for end in trial]
    return middle >= _ALIVE * min(_vividness(Drawer(*trial, plain).frame(0.5)), max(ends))


def _vividness(image: NDArray[np.uint8]) -> float:
    """Mean chroma plus the deviation of lightness, both in Lab divided by 100."""
    lab = to_lab(image)
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean() + lab[..., 0].std())


def _paced(field: Field, trial: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> Field:
    """The field with its inner time bent until even steps of time make even visible changes."""
    drawer = Drawer(*trial, field)
    moments = np.linspace(0, 1, PACE_STEPS)
    frames = [drawer.frame(float(t)).astype(np.float32) for t in moments]
    steps = np.array([np.abs(after - before).mean() for before, after in pairwise(frames)])
    # The floor keeps time moving where nothing changes.
    change = np.concatenate([[0], np.cumsum(steps + 0.1 * steps.mean() + 1e-3)])
    pace = np.interp(moments, change / change[-1], moments)
    return replace(field, pace=pace.astype(np.float32))


def _stored(field: Field) -> Field:
    """The field on the steps it is stored with."""
    return Field.from_bytes(field.to_bytes())


def _grid(height: int, width: int, cells: int) -> tuple[int, int]:
    """(rows, columns) of at most `cells` square cells, and no more than the picture has pixels."""
    scale = min(1.0, np.sqrt(cells / (height * width)))
    return max(2, int(height * scale)), max(2, int(width * scale))


def _limited(image: NDArray[np.uint8], area: int) -> NDArray[np.uint8]:
    """The picture, made smaller if it has more than `area` pixels."""
    height, width = image.shape[:2]
    rows, columns = _grid(height, width, area)
    if rows >= height:
        return image
    return cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8)
