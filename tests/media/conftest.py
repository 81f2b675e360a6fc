"""Edges for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from forkframe.media import VideoWriter
from tests.media.footage import FPS, SIZE, moving


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes the house-profile video of an edge, once per set of arguments."""
    folder = tmp_path_factory.mktemp("edges")

    def make(frames: int, *, seed: int = 0, crf: int = 18, size: tuple[int, int] = SIZE) -> Path:
        path = folder / f"{frames}-{seed}-{crf}-{size[0]}.mp4"
        if not path.exists():
            with VideoWriter(path, size=size, fps=FPS, crf=crf) as writer:
                for frame in moving(frames, seed=seed, size=size):
                    writer.write(frame)
        return path

    return make
