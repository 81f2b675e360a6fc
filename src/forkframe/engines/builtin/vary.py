"""Vary: another picture in the same hand, put together from the patches of the one there is.

A new layout of the scene (`layout`) is put together from the picture's own patches (`synthesis`); faces and loose
things are moved in one piece, and a variation that broke one all the same is drawn again (`intact`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.code import composition_distance, encode_lab
from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.intact import whole
from forkframe.engines.builtin.layout import Layout, Wish, arranged
from forkframe.engines.builtin.sampling import sampled
from forkframe.engines.builtin.scene import Scene, cut_of, scene_of, turned
from forkframe.engines.builtin.synthesis import rearranged
from forkframe.errors import BadInput

_FAITHFUL_SIDE, _FREE_SIDE = 64, 28
"""Short side in pixels of the coarsest picture at strength 0 and 1: what is smaller there than a patch stays whole."""
_NOISE = 0.25
"""Of the picture's deviation, at strength 1."""
_FREEDOM = 0.7
"""How far the finer scales may leave the layout, at strength 1."""
_SWAPPED_FROM, _SWAPPED = 0.5, 0.6
"""From this strength on pictures that may be cut are, and their parts swapped; at strength 1 this share of them."""
_LEAST_CHANGE = 0.4
"""Distance in composition, for each unit of strength, that a layout has to reach; else it is framed closer."""
_CLOSER = (-0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
_LEAST_SIDE = 16
_REDRAWN = 3
"""How often a variation that broke something is drawn again …"""
_GENTLER = 0.75
"""… each time at this share of its strength."""


def vary(
    image: NDArray[np.uint8],
    *,
    strength: float,
    seed: int,
    on_progress: Callable[[float], None] | None = None,
) -> NDArray[np.uint8]:
    """A variation of the picture.

    Faces and things that lie about loose keep their number and their shape; what breaks one is drawn again, more
    gently, before anybody sees it. The variations of consecutive seeds differ from each other in their layout.

    Args:
        image: `(H, W, 3)` uint8 sRGB, sides from 64 pixels.
        strength: 0 gives the same picture, 1 a new layout of what is in it.
        seed: another seed, another variation.
        on_progress: called with 0–1 between steps; what it raises ends the work.

    Returns:
        `(H, W, 3)` uint8 sRGB, the same bytes for the same arguments.

    Raises:
        BadInput: the picture is too small to have patches.
    """
    if min(image.shape[:2]) < _LEAST_SIDE:
        raise BadInput(
            f"a picture of {image.shape[1]}×{image.shape[0]} can't be varied: it is too small to have details",
            hint="use one of at least 64 pixels a side",
        )
    lab = to_lab(image)
    scene = scene_of(image, lab)
    wish = Wish.of(seed)
    if wish.swap < _SWAPPED * (strength - _SWAPPED_FROM) / (1 - _SWAPPED_FROM):
        cut = cut_of(scene)
        if cut is not None:
            scene = turned(scene, cut)
            image = np.roll(image, -round(cut * image.shape[1]), axis=1)
            lab = to_lab(image)
    varied, mirrored = image, False
    for attempt in range(1 + _REDRAWN):
        force = strength * _GENTLER**attempt
        rng = np.random.default_rng([seed, 0x7A12, attempt])
        layout = _laid_out(scene, wish, strength=force, seed=seed, attempt=attempt)
        done = 1 - 0.3**attempt

        def report(share: float, done: float = done) -> None:
            if on_progress:
                on_progress(done + (1 - done) * 0.7 * share)

        varied = to_srgb(
            rearranged(
                lab,
                layout,
                coarsest=round(_FAITHFUL_SIDE * (_FREE_SIDE / _FAITHFUL_SIDE) ** force),
                noise=_NOISE * force,
                guide=1 - _FREEDOM * force,
                rng=rng,
                seed=seed,
                on_progress=report,
            )
        )
        mirrored = layout.mirrored
        if whole(image, varied, layout.moved()):
            break
    if on_progress:
        on_progress(1.0)
    return np.ascontiguousarray(varied[:, ::-1]) if mirrored else varied


def _laid_out(scene: Scene, wish: Wish, *, strength: float, seed: int, attempt: int) -> Layout:
    """The wished layout; where that hardly changes anything, for want of even ground, one that is framed closer."""
    layouts: list[Layout] = []
    for zoom in (wish.zoom, *(z for z in _CLOSER if z > wish.zoom)):
        rng = np.random.default_rng([seed, 0x1A70, attempt])
        layouts.append(arranged(scene, replace(wish, zoom=zoom), strength=strength, rng=rng))
        if _change(scene, layouts[-1]) >= _LEAST_CHANGE * strength:
            break
    return layouts[-1]


def _change(scene: Scene, layout: Layout) -> float:
    """How far from the scene the layout is in composition, not mirrored, see `code.composition_distance`."""
    height, width = scene.small.shape[:2]
    places = layout.places((height, width)) * np.array([width, height], np.float32) - np.float32(0.5)
    view = sampled(scene.small, places, cv2.INTER_LINEAR)
    return composition_distance(encode_lab(scene.small), encode_lab(view))
