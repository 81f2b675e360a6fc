"""A video played backwards, once and for all, so that reversed steps of a path are copied like any other."""

from __future__ import annotations

from pathlib import Path

from forkframe.media.colour import Converter, is_house
from forkframe.media.decode import open_video
from forkframe.media.encode import VideoWriter
from forkframe.media.profile import KEYINT


def reverse_video(src: Path, dst: Path, *, crf: int) -> None:
    """Writes the frames of the video `src` in reverse order to `dst`, in the house profile, metadata kept.

    However long the video is, only a group's worth of frames is held at a time.

    Raises:
        BadInput: `src` can't be read.
        OutputFailed: `dst` can't be written.
    """
    convert = Converter()
    with open_video(src) as video:
        facts = video.facts
        with VideoWriter(
            dst, size=facts.size, fps=facts.fps, crf=crf, frames=facts.frames, metadata=facts.metadata
        ) as writer:
            end = facts.frames - 1
            while end >= 0:
                # Back to where a group of the house profile starts, so that each is decoded once.
                first = end // KEYINT * KEYINT
                for frame in reversed(list(video.frames(first, end))):
                    writer.write_video(frame if is_house(frame) else convert.to_video(convert.to_srgb(frame)))
                end = first - 1
