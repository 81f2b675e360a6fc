"""Files that an engine got from elsewhere, brought into the frame: in a sandboxed worker, for nobody vouches for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from forkframe.engines.fitting import covering, stretched
from forkframe.errors import BadInput
from forkframe.jobs.frames import Pinned, Retimed
from forkframe.jobs.tasks import Answer, Arguments, Scope
from forkframe.media.colour import Converter
from forkframe.media.decode import VideoLimits, open_video
from forkframe.media.encode import VideoWriter
from forkframe.media.fitting import fit_picture
from forkframe.media.pictures import read_picture
from forkframe.media.png import read_png, write_png
from forkframe.media.profile import CRF
from forkframe.model.codec import from_json
from forkframe.model.entities import Tier
from forkframe.model.frame import Crop, Frame

_LIMITS = VideoLimits(bytes=2 << 30, frames=240 * 600, seconds=600)


def fit_a_picture(arguments: Arguments, _: Scope) -> Answer:
    """Writes the picture at `path` as `picture`, a PNG in the size of `frame`; `fit` says how (see `Context.picture_from`).

    Raises:
        UnreadablePicture: it is damaged, or no picture.
    """
    size = from_json(Frame, arguments["frame"]).size
    pixels = read_picture(Path(str(arguments["path"]))).pixels
    flat = fit_picture(pixels, Crop(), size=pixels.shape[1::-1])  # nothing but flattened
    path = Path(str(arguments["out"])) / "picture.png"
    write_png((covering if arguments["fit"] == "cover" else stretched)(flat, size), path)
    return {"picture": str(path)}


def fit_a_video(arguments: Arguments, scope: Scope) -> Answer:
    """Writes the video at `path` as `video`, in the house profile and with `frames` frames in the size of `frame`.

    Args:
        arguments: `path`, `frame`, `frames`, `fit` and `tier`; `ends`: paths of PNGs by the number of the frame that
            they take the place of.
        scope: told of each frame.

    Returns:
        `video`, and `last`: the last frame as a PNG.

    Raises:
        BadInput: it is damaged, no video, or only a single frame.
    """
    source, out = Path(str(arguments["path"])), Path(str(arguments["out"]))
    frame, frames = from_json(Frame, arguments["frame"]), cast("int", arguments["frames"])
    fit = covering if arguments["fit"] == "cover" else stretched
    ends = {int(n): read_png(Path(path)) for n, path in cast("Mapping[str, str]", arguments["ends"]).items()}
    crf = CRF[cast("Tier", arguments["tier"])]
    convert = Converter()
    with (
        open_video(source, limits=_LIMITS) as video,
        VideoWriter(out / "video.mp4", size=frame.size, fps=frame.fps, crf=crf, frames=frames) as writer,
    ):
        count = video.facts.frames
        if count < 2:
            raise BadInput("it is a single picture, not a video", hint="ask for it again")
        pinned = Pinned(writer.write, frames=frames, ends=ends)
        retimed = Retimed(pinned.write, count=count, frames=frames)
        pixels = None
        for number, decoded in enumerate(video.frames(), start=1):
            pixels = fit(convert.to_srgb(decoded), frame.size)
            retimed.write(pixels)
            scope.progress(number / count)
    assert pixels is not None
    write_png(ends.get(frames - 1, pixels), out / "last.png")
    return {"video": str(out / "video.mp4"), "last": str(out / "last.png")}
