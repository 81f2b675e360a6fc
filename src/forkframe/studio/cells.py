"""Small pictures of one size in one append-only file, and pages of a picture atlas drawn from it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forkframe.errors import OutputFailed

PAGE = 1024
"""Width and height of a page in pixels: a new picture redraws one page, which takes 30 ms at this size, 130 at 2048."""
_NAME = 8  # bytes: a random name before the first record, new for each file
_HASH = 32  # bytes


class Cells:
    """The cells of one atlas. A cell keeps its number for as long as the file is there.

    The file is a random name of 8 bytes, then for each cell the 32 bytes of a hash and `(height, width, 3)` uint8 sRGB.
    """

    def __init__(self, file: Path, size: tuple[int, int]) -> None:
        """The cells in `file`, each `size` (width, height) pixels; what a crash left of a last one is cut off."""
        self.file = file
        self.size = size
        self.columns, rows = PAGE // size[0], PAGE // size[1]
        self.per_page = self.columns * rows
        self._record = np.dtype([("hash", "u1", (_HASH,)), ("cell", "u1", (size[1], size[0], 3))])
        with file.open("r+b") as content:
            self.name = content.read(_NAME).hex()
            whole = (file.stat().st_size - _NAME) // self._record.itemsize
            content.truncate(_NAME + whole * self._record.itemsize)
        self._numbers: dict[str, int] = {}
        for page in range(-(-whole // self.per_page)):
            self._numbers |= {
                record["hash"].tobytes().hex(): page * self.per_page + n
                for n, record in enumerate(self._read(page))
            }

    @staticmethod
    def start(file: Path) -> None:
        """Makes a file without cells."""
        file.write_bytes(secrets.token_bytes(_NAME))

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, pixels: str) -> bool:
        return pixels in self._numbers

    def numbers(self, hashes: Iterable[str]) -> dict[str, int]:
        """The number of each hash's cell, of those that have one."""
        return {pixels: self._numbers[pixels] for pixels in hashes if pixels in self._numbers}

    def append(self, cells: Sequence[tuple[str, NDArray[np.uint8]]]) -> None:
        """Adds cells of new hashes.

        Raises:
            OutputFailed: they can't be written; none was added.
        """
        records = np.empty(len(cells), self._record)
        for record, (pixels, cell) in zip(records, cells, strict=True):
            record["hash"] = np.frombuffer(bytes.fromhex(pixels), np.uint8)
            record["cell"] = cell
        try:
            with self.file.open("r+b") as content:
                content.seek(_NAME + len(self) * self._record.itemsize)
                content.write(records.tobytes())
        except OSError as error:
            raise OutputFailed(
                f"could not write to {self.file.parent}: {error.strerror}", hint="make space on the disk"
            ) from error
        for pixels, _ in cells:
            self._numbers[pixels] = len(self._numbers)

    def versions(self) -> tuple[str, ...]:
        """What each page is to be asked for as: it changes when a cell is added there."""
        full, rest = divmod(len(self), self.per_page)
        counts = [self.per_page] * full + [rest] * bool(rest)
        return tuple(f"{self.name}-{count}" for count in counts)

    def page(self, number: int) -> NDArray[np.uint8]:
        """A page, `(PAGE, PAGE, 3)` uint8 sRGB, its cells row by row from the top left; black where there are none."""
        canvas = np.zeros((PAGE, PAGE, 3), np.uint8)
        width, height = self.size
        for n, record in enumerate(self._read(number)):
            y, x = n // self.columns * height, n % self.columns * width
            canvas[y : y + height, x : x + width] = record["cell"]
        return canvas

    def _read(self, page: int) -> NDArray[np.void]:
        offset = _NAME + page * self.per_page * self._record.itemsize
        return np.fromfile(self.file, self._record, count=self.per_page, offset=offset)
