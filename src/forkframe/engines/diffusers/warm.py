"""Pipelines that stay loaded from one request to the next, and make room for others: the one unused for longest goes first."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from forkframe.engines.diffusers.libraries import torch


@dataclass(frozen=True, slots=True)
class Room:
    """GB of the graphics card's and of main memory."""

    card: float
    memory: float = 0.0

    def holds(self, other: Room) -> bool:
        """Whether there is so much."""
        return self.card >= other.card and self.memory >= other.memory


class Shelf:
    """Warm pipelines.

    Args:
        free: how much room there is now.
    """

    def __init__(self, free: Callable[[], Room]) -> None:
        self._free = free
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def take(self, key: Hashable, need: Room, make: Callable[[], Any]) -> Any:
        """The pipeline of that key; made where it is not warm, after others have made room for it."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        while self._kept and not self._free().holds(need):
            self._kept.popitem(last=False)
            clean()
        made = make()
        self._kept[key] = made
        return made

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def keep_only(self, *keys: Hashable) -> bool:
        """Lets all others go; whether there were any."""
        gone = [key for key in self._kept if key not in keys]
        for key in gone:
            del self._kept[key]
        clean()
        return bool(gone)


def clean() -> None:
    """Gives memory back that nothing uses any more."""
    gc.collect()
    module = torch()
    if module.cuda.is_available():
        module.cuda.empty_cache()
    elif module.backends.mps.is_available():
        module.mps.empty_cache()
