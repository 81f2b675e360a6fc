"""The lock: one process at a time writes to a workspace, and others can tell which.

An flock, which the system lets go of when its owner ends in whatever way; the file's content only says who has it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from forkframe.errors import OutputFailed, WorkspaceBusy

_POLL = 0.05  # seconds: flock can't wait for a limited time by itself


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a workspace: a process, and for a studio where and with which token it can be asked."""

    pid: int
    address: str | None = None
    token: str | None = None


class WorkspaceLock:
    """A held lock. Make one with `acquire`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @staticmethod
    def acquire(
        file: Path, *, wait: float = 10.0, on_wait: Callable[[str], None] | None = None
    ) -> WorkspaceLock:
        """The lock on `file`, which is made (0600) if it isn't there.

        Args:
            file: the lock file.
            wait: how many seconds to wait for another process.
            on_wait: called once with one line if there is anything to wait for.

        Raises:
            WorkspaceBusy: another process still has it.
            OutputFailed: the file can't be made.
        """
        try:
            # A workspace may come from a stranger: a link here must not make us write elsewhere.
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(file, flags, 0o600)
        except OSError as error:
            raise OutputFailed(
                f"could not lock {file.parent}: {error.strerror}",
                hint="check that you may write to the folder",
            ) from error
        try:
            _wait_for(descriptor, file, wait, on_wait)
            lock = WorkspaceLock(descriptor)
            lock.announce(Holder(os.getpid()))
        except BaseException:
            os.close(descriptor)
            raise
        return lock

    def announce(self, holder: Holder) -> None:
        """Writes who has the lock."""
        text = json.dumps({k: v for k, v in asdict(holder).items() if v is not None}).encode()
        try:
            os.fchmod(self._descriptor, 0o600)  # it may hold a token
            os.truncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text, 0)
        except OSError as error:
            raise OutputFailed(f"could not write the lock file: {error.strerror}") from error

    def release(self) -> None:
        """Lets go, once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> WorkspaceLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def holder_of(file: Path) -> Holder | None:
    """Who has the lock on `file` right now; None if nobody has. Waits for nothing and makes no file."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if _taken(descriptor, fcntl.LOCK_SH):
            return None
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, file: Path, wait: float, on_wait: Callable[[str], None] | None) -> None:
    deadline = time.monotonic() + wait
    told = False
    while not _taken(descriptor, fcntl.LOCK_EX):
        holder = _read(descriptor)
        left = deadline - time.monotonic()
        if left <= 0:
            raise WorkspaceBusy(
                f"{file.parent} is in use by process {holder.pid or 'unknown'}",
                hint=f"use the studio at {holder.address}, or close it"
                if holder.address
                else "wait until it is done, or end it",
            )
        if on_wait is not None and not told:
            told = True
            on_wait(f"waiting for process {holder.pid or 'unknown'}, which is using {file.parent}")
        time.sleep(min(_POLL, left))


def _taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(descriptor: int) -> Holder:
    """Who the file names; pid 0 while its owner is just writing it."""
    try:
        data = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(int(data["pid"]), data.get("address"), data.get("token"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Holder(0)
