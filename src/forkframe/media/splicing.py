"""Films without rendering: ranges of edges' videos joined by copying their packets, every frame bit-identical.

A group of pictures that lies wholly inside its range is copied. Only a group that a range cuts is decoded, and its
wanted frames encoded again as a closed group. A video of another profile is encoded again whole: under the wrong
header its packets would decode to garbage without any error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from forkframe.errors import BadInput
from forkframe.media.colour import Converter, is_house
from forkframe.media.decode import VideoReader, open_video
from forkframe.media.fitting import fit_picture
from forkframe.media.housefile import HouseFile, house_file
from forkframe.media.profile import DELAY, house_encoder
from forkframe.model.frame import Crop


@dataclass(frozen=True, slots=True)
class Segment:
    """The frames number `first` to `last`, both included, of the video at `path`."""

    path: Path
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SpliceReport:
    """How many frames a film has, and how many of them were copied bit by bit or had to be encoded again."""

    frames: int
    copied: int
    encoded: int


def merge_adjacent(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The same frames in as few segments as possible: no cut where one goes on in the same video."""
    merged: list[Segment] = []
    for segment in segments:
        before = merged[-1] if merged else None
        if before and before.path == segment.path and before.last + 1 == segment.first:
            merged[-1] = replace(before, last=segment.last)
        else:
            merged.append(segment)
    return tuple(merged)


def splice(
    segments: Sequence[Segment],
    out: Path,
    *,
    size: tuple[int, int],
    fps: Fraction,
    crf: int,
    metadata: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> SpliceReport:
    """Writes the MP4 at `out` that shows exactly the frames of `segments`, one after the other.

    Args:
        segments: what to show. The frame two edges share belongs to the second: the first's `last` is F − 2.
        out: the file; an earlier one there is replaced.
        size: `(width, height)` of the film, both even; videos of another size are encoded again, fitted to cover it.
        fps: frames per second of the film; frames are never dropped or doubled.
        crf: for what has to be encoded again.
        metadata: any names and texts for the file.
        on_progress: called with the frames written so far and their total.

    Raises:
        BadInput: no segments, or a video that can't be read or has no such frames.
        OutputFailed: the film can't be written; there is no half-written file.
    """
    if not segments:
        raise BadInput("a film needs at least one segment")
    joined = merge_adjacent(segments)
    total = sum(s.last - s.first + 1 for s in joined)
    with house_file(out, size=size, fps=fps, crf=crf, metadata=metadata) as file:
        film = _Film(
            file, size=size, fps=fps, crf=crf, on_frame=lambda n: on_progress and on_progress(n, total)
        )
        for segment in joined:
            with open_video(segment.path) as video:
                film.append(video, segment.first, segment.last)
        if film.frames != total:
            raise BadInput(
                f"{total - film.frames} frames of the film can't be decoded", hint="render them again"
            )
    return SpliceReport(film.frames, film.frames - film.encoded, film.encoded)


class _Film:
    """The film so far; what is appended gets its timestamps here.

    Frame n is shown at time n and packet n decoded at time n − DELAY, whatever the packets said before.
    """

    def __init__(
        self,
        file: HouseFile,
        *,
        size: tuple[int, int],
        fps: Fraction,
        crf: int,
        on_frame: Callable[[int], object],
    ) -> None:
        self._file = file
        self._size, self._fps, self._crf = size, fps, crf
        self._tick = 1 / fps
        self._on_frame = on_frame
        self.frames = 0
        self.encoded = 0

    def append(self, video: VideoReader, first: int, last: int) -> None:
        """Appends the frames number `first` to `last` of a video."""
        if video.profile != self._file.profile or not video.closed:
            self._write(self._encoded(self._fitted(video.frames(first, last))))
            return
        for group, packets in video.groups(first, last):
            # The wanted range, counted from the group's first frame.
            start, end = max(first - group.first, 0), min(last - group.first, group.frames - 1)
            if (start, end) == (0, group.frames - 1):
                self._write(packets)
            else:
                frames = video.decoded([packet for packet, _ in packets])
                self._write(self._encoded(islice(frames, start, end + 1)))

    def _write(self, packets: Iterable[tuple[Packet[VideoStream], int]]) -> None:
        """Appends a closed run of packets in decoding order, each with its frame's number in the run."""
        start = self.frames
        for packet, number in packets:
            packet.time_base = self._tick
            packet.pts = start + number
            packet.dts = self.frames - DELAY
            packet.duration = 1
            self._file.write(packet)
            self.frames += 1
            self._on_frame(self.frames)

    def _encoded(self, frames: Iterable[VideoFrame]) -> Iterator[tuple[Packet[VideoStream], int]]:
        encoder = house_encoder(size=self._size, fps=self._fps, crf=self._crf)
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, encoder.time_base
            frame.pict_type = PictureType.NONE  # a decoded frame would otherwise keep its former type
            self.encoded += 1
            yield from _numbered(encoder.encode(frame))
        yield from _numbered(encoder.encode(None))

    def _fitted(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        """Frames of any video as the house has them; another size is scaled to cover the film's, centred."""
        convert = Converter()
        for frame in frames:
            if is_house(frame) and (frame.width, frame.height) == self._size:
                yield frame
            else:
                pixels = convert.to_srgb(frame)
                yield convert.to_video(fit_picture(pixels, Crop(), size=self._size))


def _numbered(packets: Iterable[Packet[VideoStream]]) -> Iterator[tuple[Packet[VideoStream], int]]:
    for packet in packets:
        assert packet.pts is not None
        yield packet, packet.pts
