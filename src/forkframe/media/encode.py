"""Frames become a video of the house profile."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from forkframe.errors import RenderFailed
from forkframe.media.colour import Converter
from forkframe.media.housefile import HouseFile, house_file
from forkframe.media.profile import FORCE_IDR


class VideoWriter:
    """Writes frames to an MP4 of the house profile; the same frames give the same bytes.

    ```python
    with VideoWriter(path, size=(1280, 720), fps=Fraction(24), crf=18) as writer:
        for frame in frames:
            writer.write(frame)
    ```

    The file is there, whole, when the block ends well; whatever is raised inside, it is not.

    Args:
        path: where the file goes; an earlier file there is replaced.
        size: `(width, height)` in pixels, both even.
        fps: frames per second.
        crf: x264's constant rate factor, see `profile.CRF`.
        frames: how many frames will come, if that is known, to be held to it.
        metadata: any names and texts, to be found again in `VideoFacts.metadata`.

    Raises:
        OutputFailed: the file can't be written.
        RenderFailed: a frame of another size or kind came, none at all, or another number than `frames`.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: tuple[int, int],
        fps: Fraction,
        crf: int,
        frames: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self._path = path
        self._size = size
        self._expected = frames
        self._open = house_file(path, size=size, fps=fps, crf=crf, metadata=metadata)
        self._cleanup = contextlib.ExitStack()
        self._convert = Converter()
        # The last frame becomes a group of its own, and which one that is shows only when no other follows.
        self._held: VideoFrame | None = None
        self._count = 0

    def __enter__(self) -> Self:
        self._file: HouseFile = self._cleanup.enter_context(self._open)
        return self

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Appends a frame `(H, W, 3)` uint8 sRGB."""
        width, height = self._size
        if frame.shape != (height, width, 3) or frame.dtype != np.uint8:
            raise RenderFailed(
                f"frame {self._count} of {self._path.name} is {frame.shape} {frame.dtype}, "
                f"not {(height, width, 3)} uint8"
            )
        self.write_video(self._convert.to_video(frame))

    def write_video(self, frame: VideoFrame) -> None:
        """Appends a decoded frame that is yuv420p, BT.709 limited range, of this video's size already."""
        if self._held is not None:
            self._encode(self._held)
        frame.pts = self._count
        frame.time_base = self._file.encoder.time_base
        self._held = frame
        self._count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._cleanup:
            if kind is not None:
                self._cleanup.__exit__(kind, error, trace)
            else:
                self._finish()

    def _finish(self) -> None:
        if self._held is None or self._count != (self._expected or self._count):
            raise RenderFailed(
                f"{self._path.name} got {self._count} frames, not {self._expected or 'one or more'}"
            )
        self._encode(self._held, last=True)
        for packet in self._file.encoder.encode(None):
            self._file.write(packet)

    def _encode(self, frame: VideoFrame, *, last: bool = False) -> None:
        frame.pict_type = FORCE_IDR if last else 0
        for packet in self._file.encoder.encode(frame):
            self._file.write(packet)
