"""The latent code: a picture as where things are (composition) and in what hand (style), and back again.

| code | shape | unit | what |
|---|---|---|---|
| composition | `(16, 16, 3)` float32 | standard deviations of the picture's own colours | what is where, row by row from the top left, whitened: mean 0, covariance 1 over the cells. The frame is stretched to a square: x and y are shares of the frame |
| style | `(21,)` float32 | Lab / 100, and natural logarithms | 0–2 mean L, a, b; 3–8 the symmetric root of the cells' colour covariance (LL, La, Lb, aa, ab, bb); 9–20 detail: log mean gradient at 3 scales, an octave apart from 1/128 of the frame, × 4 orientations |

`encode` → `decode` without a picture to take patches from gives the 16 × 16 cells back, enlarged: lost is everything
smaller than 1/16 of the frame, and which aspect it had. With a picture to take patches from (usually the one the style
came from) detail is put together from its patches: sharp and in its hand, but not the detail that was there. A colour
that hardly varies (less than `_LEAST` of a standard deviation) is left out of the composition, as whitening it would
measure noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.sampling import resized

CELLS = 16
STYLE_LENGTH = 21

_LEAST = 0.012
"""Standard deviation in Lab / 100 below which a direction of colour counts as absent: about one step of 8 bits."""
_DETAIL_SIDE = 128


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A picture's place in the latent space.

    Attributes:
        composition: `(16, 16, 3)` float32, whitened colours of the frame's cells.
        style: `(21,)` float32: mean, root of the covariance, detail. See the module.
    """

    composition: NDArray[np.float32]
    style: NDArray[np.float32]


def encode(image: NDArray[np.uint8]) -> Code:
    """The code of a picture `(H, W, 3)` uint8 sRGB of any size."""
    return encode_lab(to_lab(image))


def encode_lab(lab: NDArray[np.float32]) -> Code:
    """The code of a picture `(H, W, 3)` float32 Lab divided by 100."""
    square = cv2.resize(lab, (_DETAIL_SIDE, _DETAIL_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    cells = cv2.resize(square, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float64)
    mean = cells.mean((0, 1))
    offsets = (cells - mean).reshape(-1, 3)
    root, inverse = _roots(_covariance(offsets))
    composition = _times(offsets, inverse).reshape(CELLS, CELLS, 3)
    style = np.concatenate([mean, root[np.triu_indices(3)], _detail(square[..., 0])])
    return Code(composition.astype(np.float32), style.astype(np.float32))


def layout(code: Code) -> NDArray[np.float32]:
    """The picture that the code describes by itself: `(16, 16, 3)` float32 Lab divided by 100."""
    root = np.zeros((3, 3))
    root[np.triu_indices(3)] = code.style[3:9]
    root = root + root.T - np.diag(np.diag(root))
    cells = _times(code.composition.reshape(-1, 3).astype(np.float64), root)
    return (cells + code.style[:3]).reshape(CELLS, CELLS, 3).astype(np.float32)


def decode(
    code: Code, *, size: tuple[int, int], patches: NDArray[np.uint8] | None = None, seed: int = 0
) -> NDArray[np.uint8]:
    """A picture with this code, as far as the code goes.

    Args:
        code: from `encode`, or made of several by `between`.
        size: (height, width) of the result, sides from 64 pixels.
        patches: `(H, W, 3)` uint8 sRGB of any size from 64 pixels, whose patches it is put together from; None gives
            the soft picture that the code describes by itself.
        seed: decides where patches are looked for.

    Returns:
        `(height, width, 3)` uint8 sRGB, the same bytes for the same arguments.
    """
    soft = cv2.resize(layout(code), size[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float32)
    if patches is None:
        return to_srgb(soft)
    from forkframe.engines.builtin.synthesis import assembled

    return to_srgb(assembled(soft, to_lab(patches), seed=seed))


def between(codes: Sequence[tuple[Code, float]]) -> Code:
    """The weighted mean of codes: compositions and styles each in their own space.

    Args:
        codes: at least one, with weights ≥ 0 of which one is above 0.
    """
    total = sum(weight for _, weight in codes)
    return Code(
        sum((c.composition * np.float32(w / total) for c, w in codes), np.float32(0)),  # pyright: ignore[reportArgumentType]
        sum((c.style * np.float32(w / total) for c, w in codes), np.float32(0)),  # pyright: ignore[reportArgumentType]
    )


def composition_distance(a: Code, b: Code) -> float:
    """How differently two pictures are composed: 0 for the same, about 1.4 for two that have nothing in common.

    Root of the mean squared difference of the cells' colours, in their own standard deviations, over the colour
    directions that both vary in.
    """
    apart = float(((a.composition - b.composition) ** 2).mean((0, 1)).sum())
    # How many directions of colour there are: 1 for grey pictures, up to 3.
    shared = min(float((c.composition**2).mean((0, 1)).sum()) for c in (a, b))
    return (apart / max(shared, 1.0)) ** 0.5


def style_distance(a: Code, b: Code) -> float:
    """How different two pictures' hands are: 0 for the same; two unrelated photographs are about 1 apart.

    The mean of the distances in mean colour and in its spread (both over .25, a photograph's own deviation) and in
    detail (over 1, a factor e).
    """
    apart = a.style - b.style
    colour = float(np.sqrt((apart[:3] ** 2).sum())) / 0.25
    spread = float(np.sqrt((apart[3:9] ** 2).sum())) / 0.25
    detail = float(np.sqrt((apart[9:] ** 2).mean()))
    return (colour + spread + detail) / 3


def _covariance(offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(3, 3)`, summed without BLAS, whose rounding depends on the number of threads."""
    return np.array([[(offsets[:, i] * offsets[:, j]).mean() for j in range(3)] for i in range(3)])


def _times(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return sum((points[:, i, None] * matrix[i] for i in range(3)), np.zeros(3))  # pyright: ignore[reportReturnType]


def _roots(covariance: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The symmetric root of a covariance, and its inverse where there is anything to invert."""
    spread, axes = np.linalg.eigh(covariance)
    deviation = np.sqrt(np.maximum(spread, 0))
    inverse = np.where(deviation > _LEAST, 1 / np.maximum(deviation, _LEAST), 0)

    def rebuilt(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return sum((values[k] * axes[:, k, None] * axes[None, :, k] for k in range(3)), np.zeros((3, 3)))  # pyright: ignore[reportReturnType]

    return rebuilt(deviation), rebuilt(inverse)


def _detail(lightness: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log mean absolute gradient at 3 scales × 4 orientations of `(128, 128)` lightness."""
    energies: list[float] = []
    plane = np.ascontiguousarray(lightness)
    for _ in range(3):
        gx, gy = (
            cv2.Sobel(plane, cv2.CV_32F, *order, scale=0.125).astype(np.float64) for order in ((1, 0), (0, 1))
        )
        for turn in range(4):
            along = gx * np.cos(turn * np.pi / 4) + gy * np.sin(turn * np.pi / 4)
            energies.append(float(np.log(np.abs(along).mean() + 1e-3)))
        plane = resized(plane, (plane.shape[0] // 2, plane.shape[1] // 2))
    return np.array(energies)
