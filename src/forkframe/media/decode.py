"""Reading video: facts, and frames by their exact number. What comes from outside is not trusted."""

from __future__ import annotations

import bisect
import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from forkframe.errors import BadInput
from forkframe.media.colour import Converter
from forkframe.media.groups import Group, groups_of, starts_afresh
from forkframe.media.profile import profile_of

# Only demuxers of single files: `concat`, `hls` or `dash` read whatever else their text names (measured: an
# `ffconcat` text named .mp4 was opened and its neighbour read), so neither they nor other protocols may be used.
_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,gif",
    "protocol_whitelist": "file",
    "codec_whitelist": "h264,hevc,vp8,vp9,av1,libdav1d,mjpeg,prores,gif",
}


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """The most that is read of a video: bytes of the file, pixels per frame, frames."""

    bytes: int = 4 << 30
    pixels: int = 4096 * 4096
    frames: int = 240 * 60 * 60


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video without decoding it.

    Attributes:
        frames: how many there are.
        size: `(width, height)` in pixels.
        fps: frames per second, on average where the rate varies.
        seconds: how long it shows.
        keyframes: the numbers of the frames at which a group of pictures starts, ascending.
        profile: equal for videos whose packets may share one header (see `profile.profile_of`).
        metadata: the file's names and texts.
    """

    frames: int
    size: tuple[int, int]
    fps: Fraction
    seconds: float
    keyframes: tuple[int, ...]
    profile: str
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


class VideoReader:
    """An opened video whose frames can be read in any order of ranges; made by `open_video`."""

    def __init__(self, container: InputContainer, path: Path, limits: VideoLimits) -> None:
        self._container = container
        self._path = path
        stream = container.streams.video[0]
        stream.thread_count = 1
        self.stream: VideoStream = stream
        self._times, self.groups = _index(container, stream, path, limits)

    @property
    def profile(self) -> str:
        """Equal for videos whose packets may share one header."""
        return profile_of(self.stream)

    @property
    def facts(self) -> VideoFacts:
        """The facts about this video."""
        stream = self.stream
        assert stream.time_base is not None
        fps = stream.average_rate or stream.guessed_rate or Fraction(25)
        return VideoFacts(
            frames=len(self._times),
            size=(stream.codec_context.width, stream.codec_context.height),
            fps=fps,
            seconds=float((self._times[-1] - self._times[0]) * stream.time_base + 1 / fps),
            keyframes=tuple(group.first for group in self.groups),
            profile=self.profile,
            metadata=dict(self._container.metadata),
        )

    def frames(self, first: int = 0, last: int | None = None) -> Iterator[VideoFrame]:
        """The decoded frames number `first` to `last` (counted from 0, both included; None is the end).

        Raises:
            BadInput: there are no such frames, or they can't be decoded.
        """
        last = self._checked(first, last)
        wanted = self._times[first]
        sent = 0
        with _reading(self._path):
            for packet in self._packets_from(wanted):
                for frame in packet.decode():
                    if frame.pts is not None and frame.pts >= wanted:
                        yield frame
                        sent += 1
                        if sent > last - first:
                            return
        raise BadInput(f"{self._path.name} breaks off after frame {first + sent - 1}", hint="render it again")

    def packets(self, first: int, last: int) -> Iterator[tuple[Group, list[tuple[Packet[VideoStream], int]]]]:
        """All groups that touch a range of frames, each with its packets in decoding order.

        Every packet comes with the number of its frame, counted from the group's first.
        """
        last = self._checked(first, last)
        touched = [g for g in self.groups if g.first <= last and g.first + g.frames > first]
        with _reading(self._path):
            packets = (p for p in self._packets_from(self._times[first]) if p.pts is not None)
            for group in touched:
                yield group, [(p, self._number(p) - group.first) for p in islice(packets, group.frames)]

    def decoded(self, packets: Iterable[Packet[VideoStream]]) -> Iterator[VideoFrame]:
        """The frames of a closed group of this video, in the order they are shown."""
        decoder = CodecContext.create("h264", "r")
        decoder.extradata = self.stream.codec_context.extradata
        decoder.thread_count = 1
        with _reading(self._path):
            for packet in packets:
                yield from decoder.decode(packet)
            yield from decoder.decode(None)

    def _number(self, packet: Packet[VideoStream]) -> int:
        return bisect.bisect_left(self._times, packet.pts or 0)

    def _checked(self, first: int, last: int | None) -> int:
        end = len(self._times) - 1
        last = end if last is None else last
        if not 0 <= first <= last <= end:
            raise BadInput(
                f"{self._path.name} has no frames {first} to {last}", hint=f"its frames are 0 to {end}"
            )
        return last

    def _packets_from(self, time: int) -> Iterator[Packet[VideoStream]]:
        number = bisect.bisect_left(self._times, time)
        group = max((g for g in self.groups if g.first <= number), key=lambda g: g.first, default=self.groups[0])
        self._container.seek(self._times[group.first], stream=self.stream)
        self.stream.codec_context.flush_buffers()
        return self._container.demux(self.stream)


@contextlib.contextmanager
def open_video(path: Path, *, limits: VideoLimits = VideoLimits()) -> Iterator[VideoReader]:
    """The video at `path`, to read facts, frames and packets from.

    Raises:
        BadInput: it is no video of a known kind, it is damaged, or it is larger than the limits.
    """
    if not path.is_file():
        raise BadInput(f"{path} can't be read: there is no such file", hint="check the name")
    if path.stat().st_size > limits.bytes:
        raise BadInput(f"{path.name} is larger than {limits.bytes >> 20} MB", hint="use a shorter video")
    with _reading(path):
        container = av.open(f"file:{os.fspath(path)}", container_options=_OPTIONS)
    with container:
        if not container.streams.video:
            raise BadInput(f"{path.name} holds no picture track", hint="use an MP4, MOV, MKV or WebM video")
        yield VideoReader(container, path, limits)


def probe(path: Path, *, limits: VideoLimits = VideoLimits()) -> VideoFacts:
    """The facts about the video at `path`.

    Raises:
        BadInput: it is no video of a known kind, it is damaged, or it is larger than the limits.
    """
    with open_video(path, limits=limits) as video:
        return video.facts


def read_frames(
    path: Path, first: int = 0, last: int | None = None, *, limits: VideoLimits = VideoLimits()
) -> Iterator[NDArray[np.uint8]]:
    """The frames number `first` to `last` (from 0, both included), each `(H, W, 3)` uint8 sRGB.

    Decoding starts at the nearest keyframe before `first`.

    Raises:
        BadInput: it is no such video, it has no such frames, or it is larger than the limits.
    """
    convert = Converter()
    with open_video(path, limits=limits) as video:
        for frame in video.frames(first, last):
            yield convert.to_srgb(frame)


def _index(
    container: InputContainer, stream: VideoStream, path: Path, limits: VideoLimits
) -> tuple[list[int], tuple[Group, ...]]:
    """The times at which frames are shown, ascending, in the stream's time base, and the groups of pictures."""
    context = stream.codec_context
    if context.width * context.height > limits.pixels:
        raise BadInput(
            f"{path.name} has frames of {context.width} × {context.height} pixels, which is too large",
            hint=f"scale it to {limits.pixels // 1_000_000} megapixels at most",
        )
    times: list[int] = []
    starts: list[tuple[int, bool]] = []
    with _reading(path):
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            if packet.is_keyframe:
                starts.append((len(times), context.name == "h264" and starts_afresh(bytes(packet))))
            times.append(packet.pts)
            if len(times) > limits.frames:
                raise BadInput(f"{path.name} has over {limits.frames} frames", hint="use a shorter video")
    if not starts:
        raise BadInput(f"{path.name} holds no frames", hint="use a video that plays")
    return sorted(times), groups_of(times, starts)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise BadInput(
            f"{path.name} can't be read as a video: {_reason(error)}",
            hint="use an MP4, MOV, MKV, WebM or GIF file that plays elsewhere",
        ) from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error).lower()
