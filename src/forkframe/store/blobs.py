"""`media/`: files named by the SHA-256 of what is in them, written once and never changed.

A file is on the disk for good (written, synced, renamed, directory synced) before any row names it. A crash leaves
at most a stray in `media/tmp`.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from forkframe.errors import BadInput, OutputFailed, WorkspaceDamaged
from forkframe.model.ids import BlobHash, PixelHash

_HASH = re.compile(r"[0-9a-f]{64}")
_SCRATCH = re.compile(r"(\d+)-[0-9a-f]+")


class Blobs:
    """The media folder of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tmp = folder / "tmp"

    def put(self, content: bytes) -> BlobHash:
        """The hash under which `content` is now kept.

        Raises:
            OutputFailed: it could not be written.
        """
        with self._file_of(content) as file:
            return self.adopt(file)

    def put_picture(self, png: bytes, pixels: PixelHash) -> BlobHash:
        """As `put`, for a PNG that shows the pixels with that hash: it is found under both."""
        with self._file_of(png) as file:
            return self.adopt_picture(file, pixels)

    def adopt(self, file: Path) -> BlobHash:
        """Moves a file out of `scratch()` into the media folder, and returns its hash.

        Raises:
            OutputFailed: it could not be written, or is no plain file.
            ValueError: the file is not in scratch; adopting takes it away, which nobody wants of a user's file.
        """
        if not file.parent.resolve().is_relative_to(self._tmp.resolve()):
            raise ValueError(f"{file} is not in {self._tmp}")
        with _writing(file):
            blob = _settle(file)
            self._move(file, self._place(blob))
        return blob

    def adopt_picture(self, png: Path, pixels: PixelHash) -> BlobHash:
        """As `adopt`, for a PNG that shows the pixels with that hash: one file with two names."""
        with _writing(png):
            twin = png.with_name(f"{png.name}.pixels")
            try:
                twin.hardlink_to(png)
            except OSError:  # not every file system has them
                shutil.copyfile(png, twin)
            self.keep_pixels(twin, pixels)
            return self.adopt(png)

    def keep_pixels(self, png: Path, pixels: PixelHash) -> None:
        """Moves a PNG that shows the pixels with that hash out of scratch: every recipe that was fed them can be made again.

        Raises:
            OutputFailed: it could not be written.
        """
        with _writing(png):
            _settle(png)
            self._move(png, self._pixels_place(pixels))

    def pixels(self, pixels: PixelHash) -> Path:
        """Where the PNG with these pixels is.

        Raises:
            WorkspaceDamaged: it is missing.
        """
        return _present(self._pixels_place(pixels))

    @contextmanager
    def _file_of(self, content: bytes) -> Generator[Path]:
        """A file in scratch with that content."""
        folder = self.scratch()
        try:
            with _writing(folder):
                (folder / "blob").write_bytes(content)
            yield folder / "blob"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _move(self, file: Path, target: Path) -> None:
        if target.parent.is_dir() and _same_size(file, target):
            file.unlink()
            return
        is_new = not target.parent.is_dir()
        target.parent.mkdir(exist_ok=True, parents=True)
        file.replace(target)
        _sync(target.parent)
        if is_new:
            _sync(target.parent.parent)

    def has(self, blob: BlobHash) -> bool:
        """Whether the file with that hash is there."""
        return self._place(blob).is_file()

    def path(self, blob: BlobHash) -> Path:
        """Where the file with that hash is.

        Raises:
            BadInput: that is no hash.
            WorkspaceDamaged: the file is missing.
        """
        if not _HASH.fullmatch(blob):
            raise BadInput(f"{blob!r} is not the hash of a media file")
        return _present(self._place(blob))

    def scratch(self) -> Path:
        """A fresh folder to write files into that are to be adopted; swept once this process has ended.

        Raises:
            OutputFailed: it could not be made.
        """
        folder = self._tmp / f"{os.getpid()}-{secrets.token_hex(8)}"
        with _writing(folder):
            folder.mkdir(parents=True)
        return folder

    def sweep(self) -> None:
        """Removes what processes that have ended left in scratch. Call it under the workspace's lock."""
        strays = list(self._tmp.iterdir()) if self._tmp.is_dir() else []
        for entry in strays:
            owner = _SCRATCH.fullmatch(entry.name)
            # Under the lock this process can't have scratch of its own: the same number is an earlier process's.
            if owner and int(owner[1]) != os.getpid() and _is_alive(int(owner[1])):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                with suppress(OSError):  # what can't be removed does no harm
                    entry.unlink()

    def _place(self, blob: BlobHash) -> Path:
        return self._folder / blob[:2] / blob

    def _pixels_place(self, pixels: PixelHash) -> Path:
        return self._folder / "pixels" / f"{pixels}.png"


def _present(place: Path) -> Path:
    if not place.is_file():
        raise WorkspaceDamaged(
            f"the media file {place} is missing", hint="restore the media folder from a backup"
        )
    return place


def _settle(file: Path) -> BlobHash:
    """Hashes a file, and makes sure that it is on the disk and stays as it is."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as content:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is not a plain file")
        blob = hashlib.file_digest(content, "sha256").hexdigest()
        os.fchmod(descriptor, 0o444)
        os.fsync(descriptor)
    return BlobHash(blob)


def _same_size(one: Path, other: Path) -> bool:
    # A name that is a hash says what is inside; only a copy cut short by a broken disk or backup is replaced.
    return other.is_file() and one.stat().st_size == other.stat().st_size


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _writing(place: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise OutputFailed(
            f"could not write {place}: {error.strerror}",
            hint="make space on the disk, and check that you may write there",
        ) from error
