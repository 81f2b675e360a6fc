"""Time for leases and back-off."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970 that never jump: the wall clock as it was at the start, counted on by the monotonic one.

    Somebody may set the machine's clock back by an hour at any time; a lease must not last an hour longer for it.
    """

    def __init__(
        self, *, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._steady = steady
        self._offset = wall() - steady()

    def __call__(self) -> float:
        """Now."""
        return self._steady() + self._offset
