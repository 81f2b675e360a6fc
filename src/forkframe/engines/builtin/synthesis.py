"""Synthesis: a picture put together from the patches of another, from coarse to fine.

After Granot et al., "Drop the GAN: in defense of patches nearest neighbors as single image generative models"
(arXiv 2103.15545), with places that are held to where a layout has them: what is in them arrives pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin import patchmatch
from forkframe.engines.builtin.sampling import resized, sampled

_RATIO = 1.4
_FINEST_SIDE = 320
"""Above this short side the matches are enlarged instead of searched again; the patches are full size all the same."""
_LAID = 3
"""Side of the patches laid down at full size: smaller ones are sharper where neighbours come from different places."""
_EXACT_PATCHES = 4500
_COMPLETE_SIDE = 140
"""Up to here patches that no place wants are made attractive."""
_OPENNESS = 0.08
"""Of the picture's variance; a fixed number erased stars and faces."""
_TAKEN = np.float32(1e4)
"""Factor on the cost of a patch that is kept for the place that holds it."""
_ROWS = 256
"""So many rows of a large picture are laid at a time."""
_DECODED_SIDE = 24
"""Short side on which a code's soft picture first meets patches."""


class Plan(Protocol):
    """Where everything of a picture goes: what `rearranged` asks of a layout."""

    @property
    def zoom(self) -> float:
        """How much larger things are in the result than in the source."""
        ...

    def places(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """For a result of `size` (height, width), where each pixel comes from: `(h, w, 2)` (x, y), shares."""
        ...

    def held(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Which pixels `(h, w)` of the result show exactly what is in their place."""
        ...

    def private(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Which pixels `(h, w)` of the source, at `size`, may be shown in held places only."""
        ...

    def vacant(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Which pixels `(h, w)` of the result nothing has been put into: they are filled from around."""
        ...


def rearranged(
    lab: NDArray[np.float32],
    plan: Plan,
    *,
    coarsest: int,
    noise: float,
    guide: float,
    rng: np.random.Generator,
    seed: int,
    on_progress: Callable[[float], None],
) -> NDArray[np.float32]:
    """The picture in another layout, put together from its own patches.

    Args:
        lab: `(H, W, 3)` float32 Lab divided by 100.
        plan: the layout.
        coarsest: short side in pixels on which patches are first looked for: what is smaller there than a patch stays
            whole.
        noise: on the coarsest layout, in standard deviations of the picture; held places have none.
        guide: 0–1, how much every finer scale is pulled back to the layout: straight lines stay lines, also where their
            patches are looked for anew.
        rng: makes the noise.
        seed: decides where patches are looked for.
        on_progress: called with 0–1 after each scale.

    Returns:
        `(H, W, 3)` float32 Lab divided by 100.
    """
    full = lab.shape[:2]
    sizes = _sizes(full, coarsest)
    # Enlarging the source, not the layout, lets whole objects grow: patches keep their size.
    sources = [resized(lab, _times(size, plan.zoom)) for size in sizes]
    picture, field = _start(sources[0], sizes[0], plan, noise, rng)
    openness = _openness(sources[0])
    for level, size in enumerate(sizes):
        source, blurred = sources[level], sources[level]
        if level:
            picture = resized(picture, size)
            field = _enlarged(field, size, sources[level - 1], source)
            blurred = resized(sources[level - 1], source.shape[:2])
            wanted = sampled(blurred, _pixels(plan, size, source), cv2.INTER_LINEAR)
            pull = np.where(plan.vacant(size), np.float32(0), np.float32(guide))[..., None]
            picture = (picture + pull * (wanted - picture)).astype(np.float32)
        hold = _Hold.of(plan, size, source)
        picture, field = _matched(
            picture, field, source, blurred, hold, openness=openness, first=level == 0, seed=seed * 64 + level
        )
        on_progress((level + 1) / (len(sizes) + 1))
    if sizes[-1] == full:
        return picture
    larger = _times(full, plan.zoom)
    source = patchmatch.padded(lab if larger == full else resized(lab, larger), patch=_LAID)
    return _laid(field, full, sources[-1].shape[:2], source, larger, plan)


def _laid(
    field: NDArray[np.int32],
    size: tuple[int, int],
    before: tuple[int, int],
    padded: NDArray[np.float32],
    source: tuple[int, int],
    plan: Plan,
) -> NDArray[np.float32]:
    """The picture of `size` that a smaller field into a source of size `before` describes; sizes are (height, width).

    Some rows at a time: a field of a large picture in floats is larger than the picture.

    Args:
        field: into the smaller source.
        size: of the picture.
        before: of the smaller source.
        padded: the source, see `patchmatch.padded`.
        source: its size without that.
        plan: the layout.
    """
    margin = _LAID // 2
    picture = np.empty((*size, 3), np.float32)
    for top in range(0, size[0], _ROWS):
        bottom = min(top + _ROWS, size[0])
        rows = slice(max(0, top - margin), min(size[0], bottom + margin))
        band = patchmatch.scaled_field(field, size=size, source=before, source_size=source, rows=rows)
        held = plan.held(size)[rows]
        if held.any():
            band = np.where(held[..., None], _rounded(plan.places(size)[rows], source), band)
        voted = patchmatch.vote_padded(padded, band, patch=_LAID)
        picture[top:bottom] = voted[top - rows.start : bottom - rows.start]
    return picture


def assembled(soft: NDArray[np.float32], source: NDArray[np.float32], *, seed: int) -> NDArray[np.float32]:
    """A soft picture given detail from the patches of `source`.

    Args:
        soft: `(H, W, 3)` float32 Lab divided by 100: what is where.
        source: `(H', W', 3)`, likewise, of any size from 64 pixels.
        seed: decides where patches are looked for.

    Returns:
        `(H, W, 3)` float32 Lab divided by 100.
    """
    full = soft.shape[:2]
    sizes = _sizes(full, _DECODED_SIDE)
    sizes = sizes if sizes[-1] == full else [*sizes, full]
    scale = min(source.shape[:2]) / min(full)
    across = (round(source.shape[0] / scale), round(source.shape[1] / scale))
    sources = [
        resized(
            source, (max(8, round(across[0] * s[0] / full[0])), max(8, round(across[1] * s[0] / full[0])))
        )
        for s in sizes
    ]
    picture = resized(soft, sizes[0])
    rows, columns = np.indices(sizes[0], dtype=np.int32)
    field = np.stack([rows, columns], axis=-1).clip(0, np.array(sources[0].shape[:2]) - 1).astype(np.int32)
    openness = _openness(sources[0])
    for level, size in enumerate(sizes):
        blurred = sources[level]
        if level:
            picture = resized(picture, size)
            field = _enlarged(field, size, sources[level - 1], sources[level])
            blurred = resized(sources[level - 1], sources[level].shape[:2])
        if min(size) > _FINEST_SIDE:
            return patchmatch.vote(sources[level], field, patch=_LAID)
        picture, field = _matched(
            picture,
            field,
            sources[level],
            blurred,
            _Hold(None, None),
            openness=openness,
            first=level == 0,
            seed=seed * 64 + level,
        )
    return picture


class _Hold:
    """What a layout fixes at one scale: the field in held places, and the cost of patches kept for them."""

    def __init__(
        self,
        fixed: tuple[NDArray[np.bool_], NDArray[np.int32]] | None,
        cost: NDArray[np.float32] | None,
    ) -> None:
        self._fixed = fixed
        self.cost = cost

    @staticmethod
    def of(plan: Plan, size: tuple[int, int], source: NDArray[np.float32]) -> _Hold:
        held = plan.held(size)
        private = plan.private(source.shape[:2])
        cost = np.where(private, _TAKEN, np.float32(1)) if private.any() else None
        return _Hold((held, _origin(plan, size, source)) if held.any() else None, cost)

    def applied(self, field: NDArray[np.int32]) -> NDArray[np.int32]:
        if self._fixed is None:
            return field
        held, origin = self._fixed
        return np.where(held[..., None], origin, field)


def _origin(plan: Plan, size: tuple[int, int], source: NDArray[np.float32]) -> NDArray[np.int32]:
    """The layout as a field into `source`."""
    return _rounded(plan.places(size), source.shape[:2])


def _rounded(places: NDArray[np.float32], source: tuple[int, ...]) -> NDArray[np.int32]:
    """Places `(h, w, 2)` (x, y) in shares as the nearest pixels (y, x) of a source of that size."""
    pixels = places * np.array(source[1::-1], np.float32) - np.float32(0.5)
    return np.rint(pixels[..., ::-1]).clip(0, np.array(source[:2]) - 1).astype(np.int32)


def _pixels(plan: Plan, size: tuple[int, int], source: NDArray[np.float32]) -> NDArray[np.float32]:
    """The layout's places in pixels (x, y) of `source`."""
    return plan.places(size) * np.array(source.shape[1::-1], np.float32) - np.float32(0.5)


def _start(
    source: NDArray[np.float32], size: tuple[int, int], plan: Plan, noise: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The coarsest layout, soft and noisy, and where each of its pixels came from."""
    picture = sampled(source, _pixels(plan, size, source), cv2.INTER_LINEAR)
    vacant = plan.vacant(size)
    if vacant.any():
        picture = filled(picture, vacant)
    grain = rng.standard_normal(picture.shape).astype(np.float32) * source.std((0, 1)) * np.float32(noise)
    picture = picture + np.where(plan.held(size)[..., None], np.float32(0), grain)
    return picture.astype(np.float32), _origin(plan, size, source)


def filled(picture: NDArray[np.float32], vacant: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The picture `(h, w, C)` with its vacant places `(h, w)` filled smoothly from around, nearest first."""
    known = (~vacant).astype(np.float32)[..., None]
    out, sigma = picture * known, 1.0
    rest = vacant.copy()
    while rest.any() and sigma < 2 * max(vacant.shape):
        weight = cv2.GaussianBlur(known, (0, 0), sigma)[..., None]
        near = rest & (weight[..., 0] > 0.05)
        spread = cv2.GaussianBlur(picture * known, (0, 0), sigma)
        out[near] = spread[near] / weight[near]
        rest &= ~near
        sigma *= 1.6
    return out.astype(np.float32)


def _matched(
    picture: NDArray[np.float32],
    field: NDArray[np.int32],
    source: NDArray[np.float32],
    blurred: NDArray[np.float32],
    hold: _Hold,
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
    rounds = (3 if first else 2) if exact else 2 if side <= _COMPLETE_SIDE else 1
    for number in range(rounds):
        keys = patchmatch.descriptors(blurred if number == 0 else source)
        query = patchmatch.descriptors(picture)
        if exact:
            field = patchmatch.exact_matches(query, keys, openness=openness, weights=hold.cost)
            field = hold.applied(field)
            picture = patchmatch.vote(source, field)
            continue
        complete = side <= _COMPLETE_SIDE
        weights = hold.cost
        if complete:
            wanted = _wanted(query, keys, field, openness=openness, seed=seed)
            weights = wanted if weights is None else wanted * weights
        found = patchmatch.search(
            query,
            keys,
            hold.applied(field),
            rounds=4 if complete else 2,
            tries=5 if complete else 3,
            radius=side if complete else side // 8,
            seed=seed * 8 + number,
            weights=weights,
        )
        field = hold.applied(found.field)
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


def _openness(source: NDArray[np.float32]) -> float:
    # 147 values in a patch; the descriptor keeps nearly all of their energy.
    return _OPENNESS * max(float(source.var((0, 1)).mean()), 1e-6) * 147


def _enlarged(
    field: NDArray[np.int32],
    size: tuple[int, int],
    source: NDArray[np.float32],
    larger: NDArray[np.float32],
) -> NDArray[np.int32]:
    return patchmatch.scaled_field(field, size=size, source=source.shape[:2], source_size=larger.shape[:2])


def _times(size: tuple[int, ...], zoom: float) -> tuple[int, int]:
    return max(8, round(size[0] * zoom)), max(8, round(size[1] * zoom))


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
