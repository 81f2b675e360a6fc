"""Texture: a picture put together from patches of others, coarse to fine, held to its own content.

After Elad and Milanfar, "Style transfer via texture synthesis" (2017): find the nearest patches, let them vote, pull
the result towards the content, and again at the next scale.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin import patchmatch
from forkframe.engines.builtin.looks.filters import detail
from forkframe.engines.builtin.sampling import resized

_SIDES = (64, 128, 256)
"""Short sides on which patches are searched."""


def textured(
    content: NDArray[np.float32],
    source: NDArray[np.float32],
    *,
    texture: float,
    seed: int,
    on_progress: Callable[[float], None] | None = None,
) -> NDArray[np.float32]:
    """The content put together from patches of the source.

    Args:
        content: `(H, W, 3)` float32 Lab divided by 100, already in the source's colours.
        source: `(H', W', 3)`, likewise, of any size.
        texture: above 0, to 1: how far the patches may leave the content.
        seed: decides where patches are searched.
        on_progress: called with 0–1 after each scale.

    Returns:
        `(H, W, 3)` float32 Lab divided by 100.
    """
    full, short = content.shape[:2], min(content.shape[:2])
    rng = np.random.default_rng([seed, 0x7E47])
    sides = [side for side in _SIDES if side < short] or [short]
    sizes = [(round(full[0] * side / short), round(full[1] * side / short)) for side in sides]
    styles = [resized(source, (h, round(source.shape[1] * h / source.shape[0]))) for h, _ in sizes]
    picture = resized(content, sizes[0])
    field = np.stack([rng.integers(0, n, sizes[0]) for n in styles[0].shape[:2]], axis=-1).astype(np.int32)
    for level, (side, size, style) in enumerate(zip(sides, sizes, styles, strict=True)):
        wanted = resized(content, size)
        keys = patchmatch.descriptors(style)
        # Edges of the content are kept longest; away from them patches are free to win.
        hold = (0.55 - 0.45 * texture) + 0.35 * (1 - 0.5 * texture) * _edges(wanted)
        if level:
            picture = resized(picture, size)
            field = patchmatch.scaled_field(
                field, size=size, source=styles[level - 1].shape[:2], source_size=style.shape[:2]
            )
        for number in range(3 if level < 2 else 2):
            picture = (picture + hold * (wanted - picture)).astype(np.float32)
            found = patchmatch.search(
                patchmatch.descriptors(picture),
                keys,
                field,
                rounds=6 if level == 0 and number == 0 else 3,
                tries=5,
                radius=max(style.shape[:2]) if level < 2 else side // 4,
                seed=seed * 16 + 4 * level + number,
            )
            field = found.field
            picture = patchmatch.vote(style, field, weights=patchmatch.trust(found.cost, share=20))
        if on_progress:
            on_progress((level + 1) / (len(sides) + 1))
    field = patchmatch.scaled_field(
        field, size=full, source=styles[-1].shape[:2], source_size=source.shape[:2]
    )
    # Only the middle 3 × 3 of each match is laid down, which keeps strokes sharp.
    painted = patchmatch.vote(source, field, patch=3)
    return _guarded(painted, content, texture)


def _guarded(
    painted: NDArray[np.float32], content: NDArray[np.float32], texture: float
) -> NDArray[np.float32]:
    """The painted picture with the content's coarse lightness and, where the texture is weak, its fine detail."""
    short = min(content.shape[:2])
    broad = cv2.GaussianBlur(content - painted, (0, 0), short / 40)
    fine = content - cv2.GaussianBlur(content, (0, 0), short / 200)
    result = painted + np.float32(0.8 * (1 - texture)) * broad + np.float32(max(0.0, 0.8 - texture)) * fine
    # Faces are many small things close together: there patches give way to the content they would melt.
    small = detail(np.ascontiguousarray(content[..., 0]), short / 512)[..., None]
    result = result + np.float32(0.9 * (1 - texture)) * small * (content - result)
    # At little texture the result goes over into the coloured content without a jump.
    share = np.float32(min(1.0, 3 * texture))
    return (content + share * (result - content)).astype(np.float32)


def _edges(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of an edge each place is, `(h, w, 1)` 0–1."""
    lightness = np.ascontiguousarray(lab[..., 0])
    steep = np.hypot(cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1))
    steep = cv2.GaussianBlur(steep, (0, 0), 1.2)
    return np.clip(steep / (np.percentile(steep, 95) + 1e-6), 0, 1).astype(np.float32)[..., None]
