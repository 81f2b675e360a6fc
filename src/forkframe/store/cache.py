"""`cache/`: files that can be made again, found by a key, the least recently used dropped beyond a size.

Nothing here is synced, and anything may be deleted at any time by anybody.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from forkframe.errors import OutputFailed

_CAP = 2_000_000_000
_KEPT = 0.9  # of the cap: dropping a little more at once saves looking through the folder each time


class Cache:
    """The cache folder of one workspace."""

    def __init__(self, folder: Path, *, cap: int = _CAP) -> None:
        """`cap` is how many bytes it may hold."""
        self._folder = folder
        self._cap = cap
        self._size: int | None = None  # None: not counted yet

    def get(self, key: str) -> Path | None:
        """The file that was adopted as `key`, now the most recently used; None if there is none (any more)."""
        place = self._place(key)
        try:
            os.utime(place)
        except OSError:
            return None
        return place

    def adopt(self, file: Path, key: str) -> Path:
        """Moves `file` (on the same disk) into the cache, in place of what was `key` before.

        Raises:
            OutputFailed: it could not be written.
        """
        place = self._place(key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.utime(file)
            added = file.stat().st_size
            file.replace(place)
        except OSError as error:
            raise OutputFailed(
                f"could not write to {self._folder}: {error.strerror}",
                hint="make space on the disk, and check that you may write there",
            ) from error
        self._size = self._counted() if self._size is None else self._size + added
        if self._size > self._cap:
            self._drop_oldest(keep=place)
        return place

    def _place(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / name

    def _files(self) -> list[tuple[int, int, Path]]:
        """(time of last use in ns, bytes, path) of every file."""
        files: list[tuple[int, int, Path]] = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                place = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    found = place.stat()
                    files.append((found.st_mtime_ns, found.st_size, place))
        return files

    def _counted(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _drop_oldest(self, *, keep: Path) -> None:
        files = sorted(self._files())
        left = sum(size for _, size, _ in files)
        for _, size, place in files:
            if left <= self._cap * _KEPT:
                break
            if place != keep:
                with contextlib.suppress(OSError):  # somebody was faster
                    place.unlink()
                left -= size
        self._size = left
