"""Where the sky is, as well as colours and position can tell."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import guided
from forkframe.engines.builtin.looks.look import Subject

_ROWS = 128


def sky_mask(subject: Subject) -> NDArray[np.float32]:
    """How much each place is sky (or a calm backdrop), `(H, W, 1)` float32, 0–1.

    Sky is calm, rather high up, rather bright or blue, and reached from the top edge through more of its kind. The
    mask is found on 128 rows and fitted to the picture's edges.
    """
    height, width = subject.size
    columns = max(8, round(_ROWS * width / height))
    lab = cv2.resize(subject.lab, (columns, _ROWS), interpolation=cv2.INTER_AREA)
    lightness = np.ascontiguousarray(lab[..., 0])
    gx, gy = cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1)
    edges = cv2.GaussianBlur(np.hypot(gx, gy), (0, 0), 0.8)
    calm = np.exp(-8 * edges)
    reached = np.empty_like(calm)
    front = np.ones(columns, np.float32)
    for row in range(_ROWS):
        sideways = cv2.GaussianBlur(front[None], (7, 1), 1.2)[0]
        front = np.maximum(sideways, 0.98 * front) * np.clip(1.2 * calm[row], 0, 1) ** 0.6
        reached[row] = front
    y = np.linspace(0, 1, _ROWS, dtype=np.float32)[:, None]
    # Blue speaks for sky even where it is dark; warm colours against it.
    kind = np.clip(0.35 + 0.6 * lightness - 1.8 * lab[..., 2] - 0.8 * np.abs(lab[..., 1]), 0, 1)
    small = np.clip(2.4 * calm * reached * kind * np.clip(1.25 - 1.1 * y, 0, 1) - 0.15, 0, 1)
    mask = cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    guide = np.ascontiguousarray(subject.lab[..., 0])
    return np.clip(guided(mask, guide, max(2, round(10 * subject.scale))), 0, 1)[..., None]
