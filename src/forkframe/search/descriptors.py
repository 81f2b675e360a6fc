"""Descriptors made comparable: every block of one weighs as much as the others on the pictures that there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

COMPOSITION_BLOCKS = (0, 16, 80, 112, 116, 118)
"""Where the blocks of the built-in engine's `composition` begin, see `engines/builtin/describe.py`."""
STYLE_BLOCKS = (0, 27, 33, 45, 55)
"""Likewise of its `style`."""

_MOST = 1000
"""Rows that distances are measured on: they hardly change with more."""


def equalised(descriptors: NDArray[np.floating], *, blocks: Sequence[int]) -> NDArray[np.float32]:
    """Descriptors `(N, D)` with each block scaled so that two pictures are 1 apart in it, in the median.

    Args:
        descriptors: one row for each picture.
        blocks: the columns where blocks begin, ascending.
    """
    rows = np.asarray(descriptors, np.float32)
    step = -(-len(rows) // _MOST)
    parts = [rows[:, begin:end] for begin, end in pairwise([*blocks, rows.shape[1]])]
    return np.concatenate([part / _usual_way(part[::step]) for part in parts], axis=1)


def _usual_way(part: NDArray[np.float32]) -> float:
    """The median distance between two rows; 1 where most are the same."""
    if len(part) < 2:
        return 1.0
    norms = (part * part).sum(axis=1)
    square = norms[:, None] + norms - 2 * (part @ part.T)
    usual = float(np.sqrt(max(np.median(square[np.triu_indices(len(part), 1)]), 0.0)))
    return usual if usual > 1e-4 else 1.0
