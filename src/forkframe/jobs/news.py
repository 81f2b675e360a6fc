"""Waking those who wait: runners for something to do in their lane, others for the end of a job."""

from __future__ import annotations

import threading

from forkframe.jobs.job import LANES, OPEN, Lane
from forkframe.jobs.turn import Turn
from forkframe.model.ids import JobId


class News:
    """What changed, for threads of this process."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, threading.Condition] = {lane: threading.Condition() for lane in LANES}
        self._versions: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self._ends: dict[JobId, list[threading.Event]] = {}
        self._lock = threading.Lock()
        self.some_end = threading.Event()
        """Set whenever a job has ended; whoever looks at it clears it."""

    def tell(self, turn: Turn) -> None:
        """Wakes whoever waits for what a transaction changed."""
        with self._lock:
            for key, state in turn.changed.items():
                if state not in OPEN:
                    self.some_end.set()
                    for ended in self._ends.get(key, ()):
                        ended.set()
        for lane in turn.lanes:
            self._wake(lane)

    def wake_all(self) -> None:
        """Has every runner look again."""
        for lane in LANES:
            self._wake(lane)

    def version(self, lane: Lane) -> int:
        """A number that grows when there may be something new to run in a lane."""
        with self._lanes[lane]:
            return self._versions[lane]

    def wait(self, lane: Lane, seen: int, timeout: float) -> None:
        """Returns when the version of a lane is not the one that was seen any more, or after `timeout` seconds."""
        with self._lanes[lane]:
            self._lanes[lane].wait_for(lambda: self._versions[lane] != seen, timeout)

    def end_of(self, key: JobId) -> threading.Event:
        """An event that is set when the job ends; give it back with `forget`."""
        ended = threading.Event()
        with self._lock:
            self._ends.setdefault(key, []).append(ended)
        return ended

    def forget(self, key: JobId, ended: threading.Event) -> None:
        """Nobody waits for this event any more."""
        with self._lock:
            self._ends[key].remove(ended)
            if not self._ends[key]:
                del self._ends[key]

    def _wake(self, lane: Lane) -> None:
        with self._lanes[lane]:
            self._versions[lane] += 1
            self._lanes[lane].notify_all()
