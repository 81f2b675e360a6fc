"""Pictures on their way to a provider: in a shape that it makes, as small as it needs them, as base64 text."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from forkframe.engines.protocol import Pixels

_QUALITIES = (95, 88, 75)
"""Of a JPEG, one after the other until it is small enough; then the picture is scaled down."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as text.

    Attributes:
        media: `image/png` or `image/jpeg`.
        text: base64.
    """

    media: str
    text: str

    @property
    def uri(self) -> str:
        """The picture as a `data:` URI."""
        return f"data:{self.media};base64,{self.text}"


def nearest_shape(size: tuple[int, int], shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The shape (width, height) of those offered that differs least in its aspect from a frame's."""
    aspect = size[0] / size[1]
    return min(shapes, key=lambda shape: abs(math.log(shape[0] / shape[1] / aspect)))


def reshaped(picture: Pixels, shape: tuple[int, int]) -> Pixels:
    """The whole picture in the middle of the smallest canvas of that aspect, its surroundings mirrored outwards.

    What a provider makes of it is cropped from the middle to the frame's aspect, which leaves the picture as it was:
    nothing of it is lost where a provider does not know the frame's aspect.

    Args:
        picture: `(H, W, 3)` uint8 sRGB.
        shape: width and height of which only the ratio counts.
    """
    rows, columns = picture.shape[:2]
    aspect = shape[0] / shape[1]
    width, height = max(columns, round(rows * aspect)), max(rows, round(columns / aspect))
    left, top = (width - columns) // 2, (height - rows) // 2
    right, bottom = width - columns - left, height - rows - top
    if not (left or right or top or bottom):
        return picture
    mirrored = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_REFLECT)
    return np.asarray(mirrored, np.uint8)


def encoded(picture: Pixels, *, longest: int, most: int) -> Encoded:
    """The picture as text: a PNG if that is small enough, else the best JPEG that is.

    Args:
        picture: `(H, W, 3)` uint8 sRGB.
        longest: pixels of its longer side at most; a provider that makes 720p needs no more.
        most: bytes of the text at most.
    """
    image = Image.fromarray(picture)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    text = _base64(image, "PNG")
    if len(text) <= most:
        return Encoded("image/png", text)
    while True:
        for quality in _QUALITIES:
            text = _base64(image, "JPEG", quality=quality, subsampling=0)
            if len(text) <= most or max(image.size) <= 64:
                return Encoded("image/jpeg", text)
        image = image.resize(
            (max(image.width * 3 // 4, 1), max(image.height * 3 // 4, 1)), Image.Resampling.LANCZOS
        )


def _base64(image: Image.Image, kind: str, **how: int) -> str:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return base64.b64encode(file.getvalue()).decode()
