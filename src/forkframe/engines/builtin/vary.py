"""Vary: another picture in the same hand, put together from the patches of the one there is.

After Granot et al., "Drop the GAN: in defense of patches nearest neighbors as single image generative models"
(arXiv 2103.15545), from a warped instead of a noisy layout, which keeps what is in the picture recognisable.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin import patchmatch
from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.sampling import resized

_FAITHFUL_SIDE, _FREE_SIDE = 64, 22
"""Short side in pixels of the coarsest picture at strength 0 and 1: what is smaller there than a patch stays whole."""
_RATIO = 1.4
_FINEST_SIDE = 320
"""Above this short side the matches are enlarged instead of searched again; the patches are full size all the same."""
_EXACT_PATCHES = 4500
_COMPLETE_SIDE = 140
"""Up to here patches that no place wants are made attractive."""
_OPENNESS = 0.08
"""Of the picture's variance; a fixed number erased stars and faces."""


def vary(
    image: NDArray[np.uint8],
    *,
    strength: float,
    seed: int,
    on_progress: Callable[[float], None] | None = None,
) -> NDArray[np.uint8]:
    """A variation of the picture.

    Args:
        image: `(H, W, 3)` uint8 sRGB, sides from 64 pixels.
        strength: 0 gives nearly the same picture, 1 a new layout of what is in it.
        seed: another seed, another variation.
        on_progress: called with 0–1 between steps; what it raises ends the work.

    Returns:
        `(H, W, 3)` uint8 sRGB, the same bytes for the same arguments.
    """
    rng = np.random.default_rng([seed, 0x7A12])
    lab = to_lab(image)
    full = lab.shape[:2]
    # Enlarging the source, not the layout, lets whole objects grow: patches keep their size.
    zoom = np.exp(0.5 * strength * rng.random())
    stretch = np.exp(0.1 * strength * rng.uniform(-1, 1))
    growth = (zoom * stretch, zoom / stretch)
    sizes = _sizes(full, round(_FAITHFUL_SIDE * (_FREE_SIDE / _FAITHFUL_SIDE) ** strength))
    sources = [resized(lab, _times(size, growth)) for size in [*sizes, full]]
    picture, field = _perturbed(sources[0], sizes[0], strength, rng)
    mirrored = rng.random() < min(0.5, 0.8 * strength)
    # 147 values in a patch; the descriptor keeps nearly all of their energy.
    openness = _OPENNESS * max(float(sources[0].var((0, 1)).mean()), 1e-6) * 147
    for level, size in enumerate(sizes):
        source = sources[level]
        blurred = source
        if level:
            picture = resized(picture, size)
            field = _enlarged(field, size, sources[level - 1], source)
            blurred = resized(sources[level - 1], source.shape[:2])
        picture, field = _synthesised(
            picture, field, source, blurred, openness=openness, first=level == 0, seed=seed * 64 + level
        )
        if on_progress:
            on_progress((level + 1) / (len(sizes) + 1))
    if sizes[-1] != full:
        # A smaller patch is sharper where neighbours come from different places.
        picture = patchmatch.vote(sources[-1], _enlarged(field, full, sources[-2], sources[-1]), patch=5)
    varied = to_srgb(picture)
    if on_progress:
        on_progress(1.0)
    return np.ascontiguousarray(varied[:, ::-1]) if mirrored else varied


def _enlarged(
    field: NDArray[np.int32],
    size: tuple[int, int],
    source: NDArray[np.float32],
    larger: NDArray[np.float32],
) -> NDArray[np.int32]:
    return patchmatch.scaled_field(field, size=size, source=source.shape[:2], source_size=larger.shape[:2])


def _times(size: tuple[int, int], growth: tuple[float, float]) -> tuple[int, int]:
    return round(size[0] * growth[0]), round(size[1] * growth[1])


def _synthesised(
    picture: NDArray[np.float32],
    field: NDArray[np.int32],
    source: NDArray[np.float32],
    blurred: NDArray[np.float32],
    *,
    openness: float,
    first: bool,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """One scale: the picture made of the patches of `source`, and the field that says which.

    The first round compares with `blurred`, which is as soft as the enlarged picture still is.
    """
    height, width = picture.shape[:2]
    side, area = min(height, width), height * width
    exact = area <= _EXACT_PATCHES
    rounds = (4 if first else 3) if exact else 2 if side <= _COMPLETE_SIDE else 1
    for number in range(rounds):
        keys = patchmatch.descriptors(blurred if number == 0 else source)
        query = patchmatch.descriptors(picture)
        if exact:
            field = patchmatch.exact_matches(query, keys, openness=openness)
            picture = patchmatch.vote(source, field)
            continue
        complete = side <= _COMPLETE_SIDE
        found = patchmatch.search(
            query,
            keys,
            field,
            rounds=4 if complete else 2,
            tries=5 if complete else 3,
            radius=side if complete else side // 8,
            seed=seed * 8 + number,
            weights=_wanted(query, keys, field, openness=openness, seed=seed) if complete else None,
        )
        field = found.field
        picture = patchmatch.vote(source, field, weights=None if complete else patchmatch.trust(found.cost))
    return picture, field


def _wanted(
    query: NDArray[np.float32],
    keys: NDArray[np.float32],
    field: NDArray[np.int32],
    *,
    openness: float,
    seed: int,
) -> NDArray[np.float32]:
    """The factor `(H, W)` on the cost of each key that makes unused ones attractive: 1/(openness + its best use)."""
    height, width = field.shape[:2]
    rows, columns = np.indices(keys.shape[:2], dtype=np.int32)
    start = np.stack([rows.clip(0, height - 1), columns.clip(0, width - 1)], axis=-1)
    back = patchmatch.search(keys, query, start, rounds=3, tries=5, radius=min(height, width), seed=seed + 5)
    return (1 / (np.float32(openness) + back.cost)).astype(np.float32)


def _perturbed(
    source: NDArray[np.float32], size: tuple[int, int], strength: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Another layout of the coarsest source: shifted, warped without folds, noisy; and where it came from."""
    height, width = size
    side = min(height, width)
    room = np.abs(np.array(source.shape[:2]) - size) / 2 + 0.12 * strength * side
    shift = rng.uniform(-1, 1, 2) * room + (np.array(source.shape[:2]) - size) / 2
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y + np.float32(shift[0]), x + np.float32(shift[1])
    shape = (round(height / side * 3), round(width / side * 3))
    bends = rng.standard_normal((2, *shape)).astype(np.float32)
    dy, dx = (
        cv2.resize(b, (width, height), interpolation=cv2.INTER_CUBIC) * (0.2 * strength * side) for b in bends
    )
    shifted = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101).astype(np.float32)
    dy, dx = _stiffened(shifted, dy), _stiffened(shifted, dx)
    while _least_jacobian(dy, dx) < 0.5:
        dy, dx = dy * np.float32(0.85), dx * np.float32(0.85)
    y, x = y + dy, x + dx
    warped = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    noise = (
        rng.standard_normal(warped.shape).astype(np.float32)
        * source.std((0, 1))
        * np.float32(0.25 * strength)
    )
    origin = np.rint(np.stack([y, x], axis=-1)).clip(0, np.array(source.shape[:2]) - 1).astype(np.int32)
    return (warped + noise).astype(np.float32), origin


def _stiffened(lab: NDArray[np.float32], shift: NDArray[np.float32]) -> NDArray[np.float32]:
    """The shift `(h, w)`, evened out where the picture has detail, so that a face moves as one and the sky bends."""
    side = min(lab.shape[:2])
    steps = np.sqrt(
        sum((np.gradient(plane, axis=k) ** 2 for plane in cv2.split(lab) for k in (0, 1)), np.float32(0))
    )
    detail = cv2.GaussianBlur(steps.astype(np.float32), (0, 0), side / 20)
    weight = (detail / (detail.max() + np.float32(1e-6))) ** 2 + np.float32(1e-3)
    sigma = side / 5
    even = cv2.GaussianBlur(shift * weight, (0, 0), sigma) / cv2.GaussianBlur(weight, (0, 0), sigma)
    return even.astype(np.float32)


def _least_jacobian(dy: NDArray[np.float32], dx: NDArray[np.float32]) -> float:
    """The least local area factor of the warp by (dy, dx): below 0 it folds."""
    yy, yx = np.gradient(dy)
    xy, xx = np.gradient(dx)
    return float(((1 + yy) * (1 + xx) - yx * xy).min())


def _sizes(full: tuple[int, ...], coarsest: int) -> list[tuple[int, int]]:
    """(height, width) of every scale, from the coarsest short side up to the finest that is searched."""
    short = min(full)
    finest = min(short, _FINEST_SIDE)
    sides = [min(coarsest, finest)]
    while sides[-1] * _RATIO < finest * 0.9:
        sides.append(round(sides[-1] * _RATIO))
    if sides[-1] < finest:
        sides.append(finest)
    return [(max(8, round(full[0] * side / short)), max(8, round(full[1] * side / short))) for side in sides]
