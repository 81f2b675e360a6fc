"""Where the sky is, as well as colours and position can tell."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.looks.filters import guided

_ROWS = 192
_CALM = 0.055
"""The steepest step of lightness between neighbours on `_ROWS` rows that is still sky; the clear sky and the mottled
backdrop of the demo's photographs stay below .03 nearly everywhere."""
_LEAST = 0.06
"""Share of the frame below which a calm patch at the top is something else: a cup's rim, a hat."""
_BLUE = -0.05
"""Mean b of a region that can be nothing but sky (or is painted like one)."""
_WARM = 0.02
"""Mean b above which a pale region is a wall, paper or a studio's backdrop: overcast is neutral or bluish."""
_FALLING = -0.1
"""Change of lightness per height of the frame. Skies grow paler towards the horizon; a lit wall darkens away from its
lamp. Over the photographs of `bench.pictures` skies rise by .18 and .26, a table falls by .25."""


def sky_mask(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each place is sky, `(H, W, 1)` float32, 0–1; of a picture `(H, W, 3)` float32 Lab divided by 100.

    Sky is bright or blue, without edges, and joined to the top edge of the frame; it ends at a horizon, and it grows
    paler towards it, which a studio's backdrop does not. The mask is found on a copy of 192 rows and fitted to the
    picture's edges.
    """
    height, width = lab.shape[:2]
    columns = max(8, round(_ROWS * width / height))
    small = cv2.resize(lab, (columns, _ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    gx, gy = (cv2.Sobel(small[..., 0], cv2.CV_32F, *order, scale=0.25) for order in ((1, 0), (0, 1)))
    # Blue speaks for sky even where it is dark; warm colours speak against it.
    likely = 0.35 + 0.6 * small[..., 0] - 1.8 * small[..., 2] - 0.8 * np.abs(small[..., 1])
    open_air = ((np.hypot(gx, gy) < _CALM) & (likely > 0.4)).astype(np.uint8)
    _, regions, statistics, _ = cv2.connectedComponentsWithStats(open_air, connectivity=4)
    large = np.flatnonzero(statistics[:, cv2.CC_STAT_AREA] > _LEAST * open_air.size)
    skies = [
        region
        for region in np.setdiff1d(np.intersect1d(regions[:2], large), 0)
        if _is_sky(small, regions == region)
    ]
    joined = np.isin(regions, skies).astype(np.uint8)
    # The rim of the sky is steep itself: grow back over it, and over specks such as birds and stars.
    joined = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    joined = cv2.dilate(joined, np.ones((5, 5), np.uint8)).astype(np.float32)
    y = np.linspace(0, 1, _ROWS, dtype=np.float32)[:, None]
    rough = joined * np.clip((likely - 0.4) * 5, 0, 1) * np.clip((1.02 - y) * 4, 0, 1)
    mask = cv2.resize(rough.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    guide = np.ascontiguousarray(lab[..., 0])
    radius = max(2, round(6 * min(height, width) / 512))
    return np.clip(guided(mask.astype(np.float32), guide, radius), 0, 1)[..., None]


def _is_sky(small: NDArray[np.float32], region: NDArray[np.bool_]) -> bool:
    """Whether a calm region of the copy, joined to its top edge, is sky and no backdrop."""
    rows, _ = np.nonzero(region)
    # What goes on below any horizon is a backdrop, a table, a page; a blue one may show between the legs of a tower.
    share_below = float((rows > 0.93 * len(region)).mean())
    colours = small[region]
    blueness = float(colours[:, 2].mean())
    if blueness < _BLUE:
        return share_below < 0.04
    y = rows / len(region)
    deviations = y - y.mean()
    slope = float((deviations * colours[:, 0]).sum() / ((deviations**2).sum() + 1e-6))
    return share_below < 0.01 and blueness < _WARM and slope > _FALLING and float(y.max()) < 0.8
