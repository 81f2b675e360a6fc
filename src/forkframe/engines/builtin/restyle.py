"""Restyle: the same picture in another look, named in words or taken from other pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.large import copied, enlarged
from forkframe.engines.builtin.looks import LOOKS, MOST, Subject
from forkframe.engines.builtin.looks.grade import graded
from forkframe.engines.builtin.palette import apply_palette, palette_table
from forkframe.engines.builtin.prompt import Nearest, misspelt, parse_prompt, told
from forkframe.engines.builtin.sampling import resized
from forkframe.engines.builtin.texture import textured
from forkframe.errors import BadParameter

_PALETTE_AREA = 256 * 256
"""Palettes are measured on copies of at most this many pixels."""
_TEXTURES = 4
"""So many references, the heaviest, lend their texture; all lend their colours."""


@dataclass(frozen=True, slots=True, eq=False)
class RestyleResult:
    """A restyled picture, `(H, W, 3)` uint8 sRGB, and notes for people: what was understood and what was not."""

    image: NDArray[np.uint8]
    notes: tuple[str, ...]


def restyle_by_prompt(
    image: NDArray[np.uint8],
    *,
    prompt: str,
    strength: float,
    seed: int,
    nearest: Nearest = misspelt,
    on_progress: Callable[[float], None] | None = None,
) -> RestyleResult:
    """The picture in the looks that a prompt names, then graded as it says.

    Args:
        image: `(H, W, 3)` uint8 sRGB.
        prompt: such as "slightly foggy evening, much colder"; see `prompt.parse_prompt`.
        strength: 0 leaves the picture as it is, 1 gives the looks as the prompt weighs them.
        seed: decides where strokes, flakes and stars fall.
        nearest: asked which look an unknown word means.
        on_progress: called with 0–1 between steps; what it raises ends the work.

    Raises:
        BadParameter: the prompt names no look and no grade.
    """
    wanted = parse_prompt(prompt, nearest=nearest)
    copy = copied(image)
    restyled = copy.copy()
    # Every look sees the sky of the picture itself: after an evening there is no blue one left to find.
    scene = Subject(copy, seed)
    for number, (name, weight) in enumerate(wanted.looks):
        restyled = LOOKS[name].draw(restyled, seed, min(MOST, weight * strength), scene=scene)
        if on_progress:
            on_progress((number + 1) / (len(wanted.looks) + 1))
    del scene
    restyled = enlarged(graded(restyled, wanted.grade.times(strength)), copy, image)
    if on_progress:
        on_progress(1.0)
    return RestyleResult(restyled, told(wanted, strength=strength))


def restyle_like(
    image: NDArray[np.uint8],
    references: Sequence[tuple[NDArray[np.uint8], float]],
    *,
    strength: float,
    texture: float = 0.0,
    seed: int,
    on_progress: Callable[[float], None] | None = None,
) -> NDArray[np.uint8]:
    """The picture in the colours, and if wanted the texture, of others.

    Args:
        image: `(H, W, 3)` uint8 sRGB.
        references: pictures of any size and their weights ≥ 0, one of them above 0.
        strength: 0 leaves the colours as they are, 1 takes on the references' palette.
        texture: 0 for none; to 1 the picture is put together more and more from patches of the references. Up to about .7
            faces and other small things keep their features.
        seed: decides what is sampled and where patches are searched.
        on_progress: called with 0–1 between steps; what it raises ends the work.

    Returns:
        `(H, W, 3)` uint8 sRGB.

    Raises:
        BadParameter: no reference has a weight above 0.
    """
    references = [(copied(picture), weight) for picture, weight in references if weight > 0]
    styles = [(_limited(to_lab(picture), _PALETTE_AREA), weight) for picture, weight in references]
    if not styles:
        raise BadParameter(
            "restyling failed: there is no reference with a weight above 0", hint="name at least one picture"
        )
    copy = copied(image)
    lab = to_lab(copy)
    coloured = apply_palette(lab, blended_palette(lab, styles, seed=seed), strength)
    if on_progress:
        on_progress(0.3)
    if texture <= 0:
        return enlarged(to_srgb(coloured), copy, image)
    heaviest = sorted(references, key=lambda r: -r[1])[:_TEXTURES]
    source = _joined([to_lab(picture) for picture, _ in heaviest], lab.shape[0])

    def on_texture(share: float) -> None:
        if on_progress:
            on_progress(0.3 + 0.7 * share)

    painted = to_srgb(textured(coloured, source, texture=texture, seed=seed, on_progress=on_texture))
    return enlarged(painted, copy, image)


def blended_palette(
    lab: NDArray[np.float32], styles: Sequence[tuple[NDArray[np.float32], float]], *, seed: int
) -> NDArray[np.float32]:
    """The palette table from `lab` to the weighted mean of the palettes of `styles` (Lab pictures and weights > 0)."""
    small = _limited(lab, _PALETTE_AREA)
    total = sum(weight for _, weight in styles)
    tables = np.stack([palette_table(small, style, seed) * (weight / total) for style, weight in styles])
    return tables.sum(axis=0).astype(np.float32)


def _joined(pictures: Sequence[NDArray[np.float32]], height: int) -> NDArray[np.float32]:
    """The pictures side by side, `height` pixels tall, each divided by its number so that the whole stays affordable."""
    tall = max(64, round(height / len(pictures) ** 0.5))
    parts = [resized(p, (tall, max(16, round(p.shape[1] * tall / p.shape[0])))) for p in pictures]
    return np.concatenate(parts, axis=1)


def _limited(lab: NDArray[np.float32], area: int) -> NDArray[np.float32]:
    """The picture, made smaller if it has more than `area` pixels."""
    height, width = lab.shape[:2]
    scale = (area / (height * width)) ** 0.5
    return lab if scale >= 1 else resized(lab, (max(1, round(height * scale)), max(1, round(width * scale))))
