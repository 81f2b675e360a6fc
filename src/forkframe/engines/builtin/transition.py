"""Preparing a transition: two pictures in, a field out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.blowing import blown
from forkframe.engines.builtin.camera import camera_move
from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import MAX_CELLS_LINEAR, MAX_CELLS_TIMED, PACE_STEPS, Field
from forkframe.engines.builtin.flow import halfway_flow
from forkframe.engines.builtin.likeness import shared_colours, shared_layout
from forkframe.engines.builtin.matching import match
from forkframe.engines.builtin.objects import lone_thing, overlap, thing_move
from forkframe.engines.builtin.palette import palette_table
from forkframe.engines.builtin.sampling import resized
from forkframe.engines.builtin.switching import switching_time
from forkframe.errors import BadInput

Palette = Literal["auto", "on", "off"]
Style = Literal["auto", "metamorphosis", "flow", "sand"]

_RELATED_RESIDUAL = 0.06
"""Frames of one scene leave at most .015, unrelated pictures at least .21."""
_CLOSE_RESIDUAL = 0.01
"""Flow that leaves less has found its way without a camera move to start from."""
_FAR_APART = 0.2
"""What one round of flow leaves that much of, another does not bring down to what frames of one scene leave."""
_SAME_LAYOUT = 0.5
"""Restyled versions share .7 of their edges or more, unrelated pictures .04 at most."""
_WORTH_MOVING = 0.6
"""Motion that explains less than 40 % of the difference explains brush strokes and grain."""
_SAME_COLOURS = 0.35
"""Pictures that share fewer are not searched for a camera move, which takes longer than to see that."""
_WORTH_A_WHOLE = 0.1
"""Things on flat ground move as wholes when that lays this much more of them over each other than matching does."""
_FLOW_AREA = 512 * 512
"""Flow is measured on at most this many pixels."""
_GLANCE_AREA = 192 * 192
"""Whether pictures are related shows in copies of this many pixels, and most are not."""
_ALIVE = 0.9
"""By eye, over all pairs of the demo's photographs: below it the middle looks dusty."""
_TRIAL_AREA = 256 * 256
"""The palette is tried out and the pace is measured on pictures of this many pixels; far smaller ones lose stars."""
_TRIAL_MOMENTS, _TRIAL_SPAN = 7, 1 / 48
"""The pace is measured from so long before to so long after so many moments; between them it changes evenly."""
_PACE_TIMES = 193
_CELL = 3
"""A cell of a timed field is at least this many pixels wide."""


def prepare(
    a: NDArray[np.uint8],
    b: NDArray[np.uint8],
    *,
    seed: int,
    style: Style = "auto",
    palette: Palette = "auto",
    start: tuple[float, float] | None = None,
    motion: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None,
    hasty: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> Field:
    """The field of the transition from `a` to `b`.

    Two frames of one scene (`halfway_flow` lays them over each other, from `camera_move` if need be) get a linear
    field along their motion, a picture and a restyled version of it (`shared_layout`) one at rest, in which only the
    look changes; any others are matched by structure and switch place by place.

    Args:
        a: `(H, W, 3)` uint8 sRGB, sides from 64 px.
        b: the same size.
        seed: decides where fronts run and which colours are sampled; a linear field does not depend on it.
        style: `flow` takes the pictures for frames of one scene, `metamorphosis` for unrelated ones; `auto` sees.
            `sand` is a metamorphosis in grains that the wind carries.
        palette: whether each picture takes on the other's colours while it goes: `on`, `off`, or `auto`, which is on
            unless that would leave the middle grey.
        start: (x, y) of the place in `a` where the change starts, in shares of its width and height; None lets it
            start where the pictures agree best. A linear field changes everywhere at once.
        motion: two other pictures, of the same size, that tell what moves where and when; `a` and `b` only tell the
            colours then, as those of one edge restyled do.
        hasty: leaves out what takes longest and is missed least in a first look: colours stay their own, and time is
            not evened out.
        on_progress: called with rising shares, 0–1.

    Returns:
        The field; the same inputs give the same bytes on any number of threads.

    Raises:
        BadInput: `start` lies outside the picture.
    """
    if start is not None and not (0 <= start[0] <= 1 and 0 <= start[1] <= 1):
        raise BadInput(
            f"a transition can't start at {start}: that is outside the picture",
            hint="give x and y as shares of the picture, 0 to 1",
        )
    progress = on_progress or (lambda _: None)
    small_a, small_b = (_limited(image, _FLOW_AREA) for image in motion or (a, b))
    matched = style in ("metamorphosis", "sand")
    flow = None if matched else _related(small_a, small_b, forced=style == "flow")
    progress(0.15)
    if flow is not None:
        field = _linear(flow)
    else:
        field = _timed(
            to_lab(small_a), to_lab(small_b), seed, start, lambda share: progress(0.15 + 0.5 * share)
        )
        if style == "sand":
            field = blown(field, seed=seed, start=start, aspect=a.shape[1] / a.shape[0])
        if not hasty:
            trial = (_limited(a, _TRIAL_AREA), _limited(b, _TRIAL_AREA))
            drawer = Drawer(*trial, _coarser(field))
            if palette != "off":
                coloured = _coloured(field, to_lab(trial[0]), to_lab(trial[1]), seed)
                in_colour = Drawer(*trial, _coarser(coloured))
                if palette == "on" or _stays_alive(in_colour, drawer):
                    field, drawer = coloured, in_colour
            progress(0.8)
            field = _paced(field, drawer)
    progress(1.0)
    # The field on the steps it is stored with: what is drawn now is what will be drawn from the file.
    return Field.from_bytes(field.to_bytes())


def _related(a: NDArray[np.uint8], b: NDArray[np.uint8], *, forced: bool) -> NDArray[np.float32] | None:
    """The half-way flow `(h, w, 2)` of related pictures, in pixels; None between unrelated ones, unless `forced`."""
    glance_a, glance_b = _limited(a, _GLANCE_AREA), _limited(b, _GLANCE_AREA)
    _, residual = halfway_flow(glance_a, glance_b, rounds=1)
    if residual < _FAR_APART:
        _, residual = halfway_flow(glance_a, glance_b)
    at_rest = float(np.abs(glance_a.astype(np.int16) - glance_b).mean() / 255)
    if residual > _WORTH_MOVING * at_rest and shared_layout(a, b) > _SAME_LAYOUT:
        return np.zeros((*a.shape[:2], 2), np.float32)
    move = None
    if forced or (residual > _CLOSE_RESIDUAL and shared_colours(glance_a, glance_b) > _SAME_COLOURS):
        move = camera_move(a, b)
    if move is None and residual > 2 * _RELATED_RESIDUAL and not forced:
        return None
    flow, left = halfway_flow(a, b, start=move)
    return flow if forced or left < _RELATED_RESIDUAL else None


def _linear(flow: NDArray[np.float32]) -> Field:
    """The field of related frames, from their half-way flow `(h, w, 2)` in pixels."""
    height, width = flow.shape[:2]
    v = resized(flow, _grid(height, width, MAX_CELLS_LINEAR))
    return Field(v / np.array([width, height], np.float32))


def _timed(
    a_lab: NDArray[np.float32],
    b_lab: NDArray[np.float32],
    seed: int,
    start: tuple[float, float] | None,
    progress: Callable[[float], None],
) -> Field:
    """The field of unrelated pictures, without palettes and at its natural pace."""
    height, width = a_lab.shape[:2]
    grid = _grid(height, width, min(MAX_CELLS_TIMED, height * width // _CELL**2))
    v = match(a_lab, b_lab, grid=grid, on_progress=progress)
    thing_a, thing_b = lone_thing(a_lab), lone_thing(b_lab)
    if thing_a and thing_b:
        as_wholes = thing_move(thing_a, thing_b, grid)
        if overlap(thing_a, thing_b, as_wholes) > overlap(thing_a, thing_b, v) + _WORTH_A_WHOLE:
            v = as_wholes
    tau = switching_time(resized(a_lab, grid), resized(b_lab, grid), v, seed=seed, start=start)
    return Field(v, tau=tau, pace=np.linspace(0, 1, PACE_STEPS, dtype=np.float32))


def _coloured(field: Field, a_lab: NDArray[np.float32], b_lab: NDArray[np.float32], seed: int) -> Field:
    """The field with both palette tables."""
    return replace(field, palettes=(palette_table(a_lab, b_lab, seed), palette_table(b_lab, a_lab, seed)))


def _coarser(field: Field) -> Field:
    """The field on a quarter of its cells: on pictures of `_TRIAL_AREA` it draws the same, in less time."""
    height, width = field.v.shape[:2]
    size = _grid(height, width, height * width // 4)
    tau = None if field.tau is None else resized(field.tau, size)
    return replace(field, v=resized(field.v, size), tau=tau)


def _stays_alive(coloured: Drawer, plain: Drawer) -> bool:
    """Whether the middle of what is drawn with palettes is about as vivid as without.

    Palettes far apart meet in grey (blue and orange in the middle of the way between them), where a frame that keeps
    patches of either stays vivid.
    """
    return _vividness(coloured.frame(0.5)) >= _ALIVE * _vividness(plain.frame(0.5))


def _vividness(image: NDArray[np.uint8]) -> float:
    """Mean chroma plus the deviation of lightness, both in Lab divided by 100."""
    lab = to_lab(image)
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean() + lab[..., 0].std())


def _paced(field: Field, drawer: Drawer) -> Field:
    """The field with its inner time bent until even steps of time make even visible changes.

    Change is measured over spans about as short as the steps of a film: over longer ones it cancels itself out.
    """
    # The ends themselves are left out: they are the pictures, with not even the drawing's own slight softness.
    moments = np.linspace(1.05 * _TRIAL_SPAN, 1 - 1.05 * _TRIAL_SPAN, _TRIAL_MOMENTS)
    rates = [
        cv2.absdiff(drawer.frame(float(t - _TRIAL_SPAN)), drawer.frame(float(t + _TRIAL_SPAN))).mean()
        for t in moments
    ]
    times = np.linspace(0, 1, _PACE_TIMES)
    rate = np.interp(times, moments, rates)
    # The floor keeps time moving where nothing changes.
    rate += 0.15 * rate.mean() + 1e-3
    change = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2)])
    pace = np.interp(np.linspace(0, 1, PACE_STEPS), change / change[-1], times)
    return replace(field, pace=pace.astype(np.float32))


def _grid(height: int, width: int, cells: int) -> tuple[int, int]:
    """(rows, columns) of at most `cells` square cells, and no more than the picture has pixels."""
    scale = min(1.0, np.sqrt(cells / (height * width)))
    return max(2, int(height * scale)), max(2, int(width * scale))


def _limited(image: NDArray[np.uint8], area: int) -> NDArray[np.uint8]:
    """The picture, made smaller if it has more than `area` pixels."""
    height, width = image.shape[:2]
    size = _grid(height, width, area)
    return image if size[0] >= height else resized(image, size)
