"""Reading video: facts, and frames by their exact number. What comes from outside is not trusted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, dropwhile, islice
from pathlib import Path

import av
import numpy as np
from av.codec.context import CodecContext
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from forkframe.errors import BadInput
from forkframe.media.colour import Converter
from forkframe.media.index import Group, Index, index_of
from forkframe.media.profile import profile_of

_OPTIONS = {
    # Only demuxers of single files: `concat`, `hls` or `dash` read whatever else their text names (measured: an
    # `ffconcat` text named .mp4 was opened and its neighbour read), so neither they nor other protocols may be used.
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,gif",
    "protocol_whitelist": "file",
    # FFmpeg decodes some frames on opening to guess what the header of these formats says anyway. It takes 12 ms a
    # file (0.3 without), which was two thirds of a film's export.
    "codec_whitelist": "none",
}
_CODECS = {"h264", "hevc", "vp8", "vp9", "av1", "mjpeg", "prores", "gif"}
_ADVICE = "use an MP4, MOV, MKV, WebM or GIF file that plays elsewhere"


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """The most that is read of a video: bytes of the file, pixels per frame, frames, seconds."""

    bytes: int = 4 << 30
    pixels: int = 4096 * 4096
    frames: int = 240 * 3600
    seconds: float = 3 * 3600


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video without decoding it.

    Attributes:
        frames: how many there are.
        size: `(width, height)` in pixels.
        fps: frames per second, on average where the rate varies.
        seconds: how long it shows.
        keyframes: the numbers of the frames at which groups of pictures start, ascending.
        profile: equal for videos whose packets may share one header (see `profile.profile_of`).
        metadata: the file's names and texts.
    """

    frames: int
    size: tuple[int, int]
    fps: Fraction
    seconds: float
    keyframes: tuple[int, ...]
    profile: str
    metadata: Mapping[str, str]


class VideoReader:
    """An opened video whose frames and packets can be read from anywhere; made by `open_video`."""

    def __init__(self, container: InputContainer, path: Path, index: Index) -> None:
        self._container = container
        self._stream = container.streams.video[0]
        self._stream.thread_count = 1
        self._path = path
        self._index = index

    @property
    def profile(self) -> str:
        """Equal for videos whose packets may share one header."""
        return profile_of(self._stream)

    @property
    def closed(self) -> bool:
        """Whether every group of pictures can be cut out and put behind any other."""
        return all(group.closed for group in self._index.groups)

    @property
    def facts(self) -> VideoFacts:
        """The facts about this video."""
        times, context = self._index.times, self._stream.codec_context
        span = (times[-1] - times[0]) * (self._stream.time_base or 1)
        fps = self._stream.average_rate or Fraction(len(times) - 1 or 1, span or 1).limit_denominator(1001)
        return VideoFacts(
            frames=len(times),
            size=(context.width, context.height),
            fps=fps,
            seconds=float(span + 1 / fps),
            keyframes=tuple(group.first for group in self._index.groups),
            profile=self.profile,
            metadata=dict(self._container.metadata),
        )

    def frames(self, first: int = 0, last: int | None = None) -> Iterator[VideoFrame]:
        """The decoded frames number `first` to `last` (counted from 0, both included; None is the end).

        Raises:
            BadInput: there are no such frames, or they can't be decoded.
        """
        last = self._checked(first, last)
        time, missing = self._index.times[first], last - first + 1
        with _reading(self._path):
            for packet in self._packets_from(first):
                for frame in packet.decode():
                    if frame.pts is not None and frame.pts >= time:
                        yield frame
                        missing -= 1
                        if not missing:
                            return
        raise BadInput(
            f"{self._path.name} is damaged: {missing} frames can't be decoded", hint="render it again"
        )

    def groups(self, first: int, last: int) -> Iterator[tuple[Group, list[tuple[Packet[VideoStream], int]]]]:
        """The groups that touch a range of frames, each with its packets in decoding order; only if `closed`.

        Every packet comes with the number of its frame, counted from the group's first.

        Raises:
            BadInput: there are no such frames, or they can't be read.
        """
        groups = self._index.groups_touching(first, self._checked(first, last))
        with _reading(self._path):
            start = self._index.times[groups[0].first]
            # A container may start earlier than it was asked to.
            packets = dropwhile(lambda packet: packet.pts != start, self._packets_from(groups[0].first))
            for group in groups:
                run = islice(packets, group.frames)
                yield group, [(packet, self._index.number(packet) - group.first) for packet in run]

    def decoded(self, packets: Iterable[Packet[VideoStream]]) -> Iterator[VideoFrame]:
        """The frames of one closed group of this video, in the order they are shown."""
        decoder = CodecContext.create("h264", "r")
        decoder.extradata = self._stream.codec_context.extradata
        decoder.thread_count = 1
        with _reading(self._path):
            for packet in packets:
                yield from decoder.decode(packet)
            yield from decoder.decode(None)

    def _checked(self, first: int, last: int | None) -> int:
        end = len(self._index.times) - 1
        last = end if last is None else last
        if not 0 <= first <= last <= end:
            raise BadInput(
                f"{self._path.name} has no frames {first} to {last}", hint=f"its frames are 0 to {end}"
            )
        return last

    def _packets_from(self, number: int) -> Iterator[Packet[VideoStream]]:
        """The packets from a keyframe on that is shown no later than a frame.

        It is the nearest one, or the first of all where the container's own index leads past it.
        """
        times = self._index.times
        for entry in (times[self._index.entry_for(number)], times[self._index.groups[0].first]):
            self._container.seek(entry, stream=self._stream)
            packets = self._container.demux(self._stream)
            head = next(packets)
            if head.pts is not None and head.pts <= times[number]:
                break
        self._stream.codec_context.flush_buffers()
        return chain([head], packets)


@contextlib.contextmanager
def open_video(path: Path, *, limits: VideoLimits = VideoLimits()) -> Generator[VideoReader]:
    """The video at `path`, to read facts, frames and packets from.

    Raises:
        BadInput: it is no video of a known kind, it is damaged, or it is larger than the limits.
    """
    if not path.is_file():
        raise BadInput(f"{path} can't be read: there is no such file", hint="check the name")
    if path.stat().st_size > limits.bytes:
        raise BadInput(f"{path.name} is larger than {limits.bytes >> 20} MB", hint="use a shorter video")
    with _reading(path):
        # The protocol is named, so that no part of the name can be taken for another one.
        container = av.open(f"file:{os.fspath(path)}", container_options=_OPTIONS)
    with container:
        yield VideoReader(container, path, _indexed(container, path, limits))


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


def _indexed(container: InputContainer, path: Path, limits: VideoLimits) -> Index:
    """The index of an opened video that passes the limits."""
    stream = next(iter(container.streams.video), None)
    context = stream.codec_context if stream else None
    if stream is None or context is None or context.codec.canonical_name not in _CODECS:
        raise BadInput(f"{path.name} holds no picture track that can be read", hint=_ADVICE)
    if not 0 < context.width * context.height <= limits.pixels:
        raise BadInput(
            f"{path.name} has frames of {context.width} × {context.height} pixels, which can't be read",
            hint=f"scale it to {limits.pixels // 1_000_000} megapixels at most",
        )
    with _reading(path):
        packets = islice(container.demux(stream), limits.frames + 2)
        index = index_of(packets, h264=context.codec.canonical_name == "h264")
    if not index.groups:
        raise BadInput(f"{path.name} holds no frames", hint=_ADVICE)
    span = (index.times[-1] - index.times[0]) * (stream.time_base or 1)
    if index.packets < stream.frames <= limits.frames:  # of the header; 0 where it does not say
        raise BadInput(f"{path.name} is damaged or cut off", hint="copy, download or render it again")
    if len(index.times) > limits.frames or span > limits.seconds:
        raise BadInput(
            f"{path.name} is longer than {limits.frames} frames or {limits.seconds:g} s",
            hint="use a shorter video",
        )
    return index


@contextlib.contextmanager
def _reading(path: Path) -> Generator[None]:
    try:
        yield
    except (FFmpegError, OSError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise BadInput(f"{path.name} can't be read as a video: {reason}", hint=_ADVICE) from error
