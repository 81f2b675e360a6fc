"""Output files that appear under their name whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Generator
from pathlib import Path

from forkframe.errors import OutputFailed

_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "free some space or write to another disk"),
    errno.EDQUOT: ("the disk quota is used up", "free some space or write to another disk"),
    errno.EFBIG: (
        "the file would be larger than is allowed here",
        "write to another disk or make a shorter film",
    ),
    errno.EACCES: ("writing there is not permitted", "choose a folder that you may write to"),
    errno.EPERM: ("writing there is not permitted", "choose a folder that you may write to"),
    errno.EROFS: ("the disk is read-only", "choose another folder"),
    errno.EISDIR: ("there is a folder of that name", "choose another name"),
    errno.ENOENT: ("its folder does not exist", "make the folder first"),
    errno.ENOTDIR: ("its folder is a file", "choose another folder"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter name"),
}


def output_failed(path: Path, error: Exception) -> OutputFailed:
    """The error to raise when writing `path` failed with an operating system's or FFmpeg's `error`."""
    code: object = getattr(error, "errno", None)
    reason, hint = _REASONS.get(code if isinstance(code, int) else 0, (str(error), ""))
    return OutputFailed(f"{path} could not be written: {reason}", hint=hint)


@contextlib.contextmanager
def whole_file(path: Path) -> Generator[Path]:
    """A new, empty file beside `path` to write to, which takes its place when the block ends well.

    Whatever is raised inside, an earlier file at `path` stays as it was and nothing half-written is left. The
    content is synced to the disk before the rename, and the rename before the block is left.

    Raises:
        OutputFailed: there can be no such file. Errors of writing inside the block are the caller's to translate.
    """
    part = path.with_name(f".forkframe-{os.getpid()}-{secrets.token_hex(8)}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a directory")
        part.touch(exist_ok=False)
    except OSError as error:
        raise output_failed(path, error) from error
    try:
        yield part
        try:
            _sync(part)
            part.replace(path)
            _sync(path.parent)
        except OSError as error:
            raise output_failed(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def sweep_parts(folder: Path) -> None:
    """Removes the unfinished files that processes which have ended left in a folder."""
    for part in folder.glob(".forkframe-*-*.part"):
        pid = part.name.split("-")[1]
        if pid.isdecimal() and not _is_alive(int(pid)):
            part.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
