"""Disks that are nearly full."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of `size`, such as `32k`, mounted at an empty folder.

    Only some accounts may mount. For the others the test that asks is skipped; a limit of file size, which everybody
    may set, stands in for the disk in `tests/media/test_splicing.py` and `tests/store/test_damage.py`, always.
    """
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip(
            "this account may not mount a small disk; tests with a limit of file size stand in for it"
        )
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
