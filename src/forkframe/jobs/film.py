"""From renderings to moving pictures: encoding fields, drawing single frames, reversing, retiming, and exporting paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import cast

from av.video.frame import VideoFrame

from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import Field
from forkframe.engines.protocol import Pixels
from forkframe.jobs.tasks import Answer, Arguments, Scope
from forkframe.media.colour import Converter
from forkframe.media.decode import read_frames
from forkframe.media.encode import VideoWriter
from forkframe.media.fitting import thumbnail
from forkframe.media.png import pixel_hash, read_png, write_png
from forkframe.media.profile import CRF
from forkframe.media.retime import even_moments, nearest_frames, picked_frames
from forkframe.media.reverse import reverse_video
from forkframe.media.splicing import Segment, splice
from forkframe.model.codec import from_json
from forkframe.model.entities import Tier
from forkframe.model.frame import Frame


def encode(arguments: Arguments, scope: Scope) -> Answer:
    """Encodes the `frames` moments of a `source` (see `_reader`) in the house profile, as `tier`, in the size of `frame`."""
    frame = from_json(Frame, arguments["frame"])
    frames = cast("int", arguments["frames"])
    path = Path(str(arguments["out"])) / "video.mp4"
    read = _reader(cast("Mapping[str, str]", arguments["source"]), frames)
    crf = CRF[cast("Tier", arguments["tier"])]
    with VideoWriter(path, size=frame.size, fps=frame.fps, crf=crf) as writer:
        for index in range(frames):
            writer.write(read(index))
            scope.progress((index + 1) / frames)
    return {"video": str(path)}


def retime(arguments: Arguments, scope: Scope) -> Answer:
    """Encodes `count` moments of a `source` (see `_reader`) that has `frames` frames, at even steps from frame `start` to `end`.

    Of a field any moment is drawn, of a video the nearest frames are taken. As `encode` in the house profile, as
    `tier`, in the size of `frame`.
    """
    frame = from_json(Frame, arguments["frame"])
    frames = cast("int", arguments["frames"])
    span = (cast("int", arguments["start"]), cast("int", arguments["end"]), cast("int", arguments["count"]))
    path = Path(str(arguments["out"])) / "video.mp4"
    source = cast("Mapping[str, str]", arguments["source"])
    crf = CRF[cast("Tier", arguments["tier"])]
    with VideoWriter(path, size=frame.size, fps=frame.fps, crf=crf, frames=span[2]) as writer:
        for done, picture in enumerate(_moments(source, frames, span), start=1):
            writer.write_video(picture)
            scope.progress(done / span[2])
    return {"video": str(path)}


def draw(arguments: Arguments, scope: Scope) -> Answer:
    """Writes single frames of a `source` (see `_reader`) that has `frames` frames as PNGs, whole or `side` pixels long.

    Returns:
        `drawn`: `path` and hash of the `pixels` for each of the `indices`.
    """
    indices = cast("list[int]", arguments["indices"])
    side = cast("int | None", arguments["side"])
    out = Path(str(arguments["out"]))
    read = _reader(cast("Mapping[str, str]", arguments["source"]), cast("int", arguments["frames"]))
    drawn: list[dict[str, str]] = []
    for place, index in enumerate(indices):
        pixels = read(index)
        if side is not None:
            pixels = thumbnail(pixels, side)
        path = out / f"{place:04d}.png"
        write_png(pixels, path)
        drawn.append({"path": str(path), "pixels": pixel_hash(pixels)})
        scope.progress((place + 1) / len(indices))
    return {"drawn": drawn}


def reverse(arguments: Arguments, _: Scope) -> Answer:
    """Writes a house-profile `video` backwards."""
    path = Path(str(arguments["out"])) / "video.mp4"
    reverse_video(Path(str(arguments["video"])), path, crf=CRF["draft"])
    return {"video": str(path)}


def export(arguments: Arguments, scope: Scope) -> Answer:
    """Joins `segments` (video, first frame, last frame) into one film at `path`, copying packets where it can."""
    frame = from_json(Frame, arguments["frame"])
    segments = [
        Segment(Path(video), first, last)
        for video, first, last in cast("list[tuple[str, int, int]]", arguments["segments"])
    ]
    report = splice(
        segments,
        Path(str(arguments["path"])),
        size=frame.size,
        fps=frame.fps,
        crf=CRF["final"],
        metadata=cast("dict[str, str]", arguments["metadata"]),
        on_progress=lambda done, total: scope.progress(done / total),
    )
    return {"frames": report.frames, "copied": report.copied, "encoded": report.encoded}


def _moments(source: Mapping[str, str], frames: int, span: tuple[int, int, int]) -> Iterator[VideoFrame]:
    """The frames at even moments of a source, as the house has them; equal ones in a row are drawn once."""
    if "field" not in source:
        yield from picked_frames(Path(source["video"]), nearest_frames(*span))
        return
    drawer, convert = _drawer(source), Converter()
    for moment, alike in groupby(even_moments(*span)):
        pixels = drawer.frame(moment / (frames - 1))
        for _ in alike:
            yield convert.to_video(pixels)


def _reader(source: Mapping[str, str], frames: int) -> Callable[[int], Pixels]:
    """How frame number i of a rendering is read.

    A `source` is a `field` with the PNGs of its `first` and `last` picture, or a `video`.
    """
    if "field" in source:
        drawer = _drawer(source)
        return lambda index: drawer.frame_at(index, frames)
    video = Path(source["video"])
    return lambda index: next(iter(read_frames(video, index, index)))


def _drawer(source: Mapping[str, str]) -> Drawer:
    first, last = (read_png(Path(source[end])) for end in ("first", "last"))
    return Drawer(first, last, Field.from_bytes(Path(source["field"]).read_bytes()))
