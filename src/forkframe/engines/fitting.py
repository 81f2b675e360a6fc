"""Pictures brought to the size that a model works at. Engines may use this; how nodes sit in their frame is not decided here."""

from __future__ import annotations

import cv2
import numpy as np

from forkframe.engines.protocol import Pixels


def stretched(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """The whole picture at `(width, height)`, its sides scaled each by its own factor.

    What a model makes of stretched pictures comes back stretched the other way, so that it lies exactly over them.
    """
    if picture.shape[1::-1] == size:
        return picture
    grows = size[0] * size[1] > picture.shape[0] * picture.shape[1]
    kernel = cv2.INTER_CUBIC if grows else cv2.INTER_AREA
    return np.ascontiguousarray(cv2.resize(picture, size, interpolation=kernel), np.uint8)


def covering(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """The largest part around the middle of a picture that has the shape of `(width, height)`, at that size."""
    height, width = picture.shape[:2]
    scale = min(width / size[0], height / size[1])
    across, down = max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
    left, top = (width - across) // 2, (height - down) // 2
    return stretched(np.ascontiguousarray(picture[top : top + down, left : left + across]), size)
