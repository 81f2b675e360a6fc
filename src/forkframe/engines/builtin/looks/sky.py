"""Where the sky is, as well as colours and position can tell."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import guided
from forkframe.engines.builtin.looks.look import Subject

_ROWS = 192
_CALM = 0.055
"""The steepest step of lightness between neighbours on `_ROWS` rows that is still sky; the clear sky and the mottled
backdrop of the demo's photographs stay below .03 nearly everywhere."""
_LEAST = 0.06
"""Share of the frame below which a calm patch at the top is something else: a cup's rim, a hat."""


def sky_mask(subject: Subject) -> NDArray[np.float32]:
    """How much each place is sky (or a calm backdrop), `(H, W, 1)` float32, 0–1.

    Sky is bright or blue, without edges, and joined to the top edge of the frame. The mask is found on a copy of 192
    rows and fitted to the picture's edges.
    """
    height, width = subject.size
    columns = max(8, round(_ROWS * width / height))
    lab = cv2.resize(subject.lab, (columns, _ROWS), interpolation=cv2.INTER_AREA)
    gx, gy = (cv2.Sobel(lab[..., 0], cv2.CV_32F, *order, scale=0.25) for order in ((1, 0), (0, 1)))
    # Blue speaks for sky even where it is dark; warm colours speak against it.
    likely = 0.35 + 0.6 * lab[..., 0] - 1.8 * lab[..., 2] - 0.8 * np.abs(lab[..., 1])
    open_air = ((np.hypot(gx, gy) < _CALM) & (likely > 0.4)).astype(np.uint8)
    _, regions, statistics, _ = cv2.connectedComponentsWithStats(open_air, connectivity=4)
    large = np.flatnonzero(statistics[:, cv2.CC_STAT_AREA] > _LEAST * open_air.size)
    joined = np.isin(regions, np.setdiff1d(np.intersect1d(regions[:2], large), 0)).astype(np.uint8)
    # The rim of the sky is steep itself: grow back over it, and over specks such as birds and stars.
    joined = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    joined = cv2.dilate(joined, np.ones((3, 3), np.uint8)).astype(np.float32)
    y = np.linspace(0, 1, _ROWS, dtype=np.float32)[:, None]
    small = joined * np.clip((likely - 0.4) * 5, 0, 1) * np.clip((1.02 - y) * 4, 0, 1)
    mask = cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    guide = np.ascontiguousarray(subject.lab[..., 0])
    return np.clip(guided(mask.astype(np.float32), guide, max(2, round(6 * subject.scale))), 0, 1)[..., None]
