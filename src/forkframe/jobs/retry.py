"""What is tried again by itself, and when."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from forkframe.errors import EngineBusy, ForkframeError, WorkerDied

MOST_ATTEMPTS = 3
"""Failed attempts after which a job is a dead letter: it stays failed, with its reason, until somebody retries it."""
MOST_INTERRUPTIONS = 10
"""The same for attempts that ended because the process that owned the workspace did. That is hardly ever a job's
fault, but if it is, opening the workspace must not end in the same crash for ever."""
MOST_TELLINGS = 10
"""How often a provider is told at most that a request was cancelled: for about five minutes, then it runs to its end."""


def is_retryable(error: ForkframeError) -> bool:
    """Whether the same request may succeed later without anybody doing something about it."""
    return isinstance(error, WorkerDied | EngineBusy)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next attempt: doubling, with jitter so that many do not return at once.

    Attributes:
        first: seconds that the first wait takes at most.
        most: seconds that any wait takes at most.
        chance: 0–1, drawn for each wait.
    """

    first: float = 1.0
    most: float = 60.0
    chance: Callable[[], float] = random.random

    def seconds(self, attempts: int) -> float:
        """The wait after so many failed attempts (“equal jitter”; AWS Architecture Blog, “Exponential Backoff And Jitter”, 2015)."""
        ceiling = min(self.most, self.first * 2 ** (attempts - 1))
        return ceiling * (0.5 + 0.5 * self.chance())
