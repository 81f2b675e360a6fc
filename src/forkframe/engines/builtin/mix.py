"""Mix: one picture out of two to four.

What the weights mean is measured with the latent code (`code`): the heavier a picture weighs, the nearer the mix comes
to it against the others, in composition and in style. The mix itself is drawn from pixels, not decoded from the mean of
the codes: a decoded one is put together from patches that show neither picture any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.palette import apply_palette
from forkframe.engines.builtin.restyle import blended_palette, restyle_like
from forkframe.engines.builtin.transition import prepare
from forkframe.errors import BadParameter

_MOST_TEXTURE = 0.6
"""Of a style that has all the weight: more would lose what the composition shows."""

Weighted = tuple[NDArray[np.uint8], float]


def mix(
    images: Sequence[Weighted],
    *,
    composition: int | None = None,
    style: int | None = None,
    seed: int,
    on_progress: Callable[[float], None] | None = None,
) -> NDArray[np.uint8]:
    """One picture out of several.

    Without `composition` and `style` it is a point on the way between the pictures: the frame that the built-in
    transition draws there (of more than two, between the mix of the first ones and the next), in the weighted palette.
    With `composition` it is that picture in the style of the others, with `style` the mix of the others in that style,
    with both the one in the style of the other.

    Args:
        images: two to four pictures `(H, W, 3)` uint8 sRGB with weights ≥ 0, at least one above 0. Those that meet
            on the way have one size; one that only lends its style may have another.
        composition: the number in `images` of the one whose composition is kept.
        style: the number in `images` of the one whose colours and texture are used; the heavier it weighs against the
            others, the more of its texture.
        seed: decides what is left to chance.
        on_progress: called with 0–1 between steps; what it raises ends the work.

    Returns:
        `(H, W, 3)` uint8 sRGB.

    Raises:
        BadParameter: the wrong number of pictures, sizes that differ, weights that can't be used, or a number in
            `composition` or `style` that no picture has.
    """
    _check(images, composition, style)
    if composition is None and style is None:
        return _between(images, seed=seed, on_progress=on_progress)
    others = [weighted for number, weighted in enumerate(images) if number not in (composition, style)]
    if composition is not None:
        content = images[composition][0]
        references = others if style is None else [images[style]]
    else:
        assert style is not None
        content = _between(others, seed=seed, on_progress=_part(on_progress, 0, 0.5))
        references = [images[style]]
    lent = sum(weight for _, weight in references)
    if lent <= 0:
        return content.copy()
    total = sum(weight for _, weight in images)
    return restyle_like(
        content,
        references,
        strength=1.0,
        texture=_MOST_TEXTURE * lent / total,
        seed=seed,
        on_progress=on_progress if composition is not None else _part(on_progress, 0.5, 1),
    )


def _part(
    on_progress: Callable[[float], None] | None, start: float, end: float
) -> Callable[[float], None] | None:
    """Progress of one stage of the work, from `start` to `end` of the whole."""
    if on_progress is None:
        return None
    return lambda share: on_progress(start + share * (end - start))


def _between(
    images: Sequence[Weighted], *, seed: int, on_progress: Callable[[float], None] | None
) -> NDArray[np.uint8]:
    """The point on the way between the pictures where their weights hold each other."""
    present = [(image, weight) for image, weight in images if weight > 0]
    if len(present) < 2:
        return (present or images)[0][0].copy()
    mixed, gathered = present[0]
    for number, (image, weight) in enumerate(present[1:]):
        gathered += weight
        stage = _part(on_progress, number / len(present), (number + 1) / len(present))
        field = prepare(mixed, image, seed=seed + number, palette="off", on_progress=stage)
        mixed = Drawer(mixed, image, field).frame(weight / gathered)
    lab = to_lab(mixed)
    table = blended_palette(lab, [(to_lab(image), weight) for image, weight in present], seed=seed)
    return to_srgb(apply_palette(lab, table))


def _check(images: Sequence[Weighted], composition: int | None, style: int | None) -> None:
    def refused(why: str, hint: str) -> BadParameter:
        return BadParameter(f"mixing failed: {why}", hint=hint)

    if not 2 <= len(images) <= 4:
        raise refused(f"{len(images)} pictures were given", "give two, three or four")
    blended = [image.shape for number, (image, _) in enumerate(images) if number != style]
    if composition is None and len(set(blended)) > 1:
        raise refused("the pictures are not of one size", "crop them to one frame first")
    weights = [weight for _, weight in images]
    if not all(0 <= weight < float("inf") for weight in weights) or sum(weights) <= 0:
        raise refused(
            f"the weights {weights} can't be used", "use numbers from 0 up, at least one of them above 0"
        )
    for role, number in (("composition", composition), ("style", style)):
        if number is not None and not 0 <= number < len(images):
            raise refused(f"there is no picture {number} for the {role}", f"use 0 to {len(images) - 1}")
    if composition is not None and composition == style:
        raise refused("composition and style are the same picture", "name two different ones, or only one")
