"""Moments at even steps: what is shown of a rendering that plays at another pace, or stands still."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from av.video.frame import VideoFrame

from forkframe.media.colour import Converter, is_house
from forkframe.media.decode import open_video
from forkframe.media.profile import KEYINT


def even_moments(start: int, end: int, count: int) -> list[float]:
    """`count` (2 or more) numbers at even steps from `start` to `end`, both included; exact where they are whole."""
    steps = count - 1
    return [(start * (steps - n) + end * n) / steps for n in range(count)]


def nearest_frames(start: int, end: int, count: int) -> list[int]:
    """The whole numbers nearest to `even_moments`; of two equally near ones the higher."""
    steps = count - 1
    return [(2 * (start * (steps - n) + end * n) + steps) // (2 * steps) for n in range(count)]


def picked_frames(path: Path, numbers: Sequence[int]) -> Iterator[VideoFrame]:
    """The frames of a video with these numbers, in any order and as often as they come, as the house has them.

    Where the numbers run on forwards or backwards each group of the house profile is decoded once, and held.

    Raises:
        BadInput: it can't be read, or has no such frames.
    """
    convert = Converter()
    with open_video(path) as video:
        for _, near in groupby(numbers, key=lambda number: number // KEYINT):
            wanted = list(near)
            first = min(wanted)
            frames = list(video.frames(first, max(wanted)))
            for number in wanted:
                frame = frames[number - first]
                yield frame if is_house(frame) else convert.to_video(convert.to_srgb(frame))
