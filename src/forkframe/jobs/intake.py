"""Taking in a picture that a user brought: decoded in a sandboxed worker, upright, in sRGB, fitted into the frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

from forkframe.jobs.tasks import Answer, Arguments, Scope
from forkframe.media.fitting import fit_picture
from forkframe.media.focus import salient_focus
from forkframe.media.pictures import read_picture
from forkframe.media.png import pixel_hash, write_png
from forkframe.model.codec import from_json, to_json
from forkframe.model.frame import Crop, Frame, frame_for_picture


def look_around(_: Arguments, scope: Scope) -> Answer:
    """What walls the worker stands behind: the names of those that are `applied` and `missing`."""
    walls = scope.walls
    return {
        "applied": list(walls.applied) if walls else [],
        "missing": [name for name, _ in walls.missing] if walls else [],
    }


def take_in(arguments: Arguments, scope: Scope) -> Answer:
    """Decodes `path` and writes its framed pixels into the folder `out`.

    Args:
        arguments: `path`, `out`; `frame`, or None and `fps` to let the picture propose one; `background`;
            `crop`, or None for the salient region.
        scope: told when the picture is decoded.

    Returns:
        `size` of the upright picture, the `frame`, the `crop`, and `framed`: `path` of a PNG and hash of its `pixels`.
    """
    picture = read_picture(Path(str(arguments["path"])))
    scope.progress(0.6)
    height, width = picture.pixels.shape[:2]
    if arguments["frame"] is None:
        frame = frame_for_picture(width, height, fps=Fraction(str(arguments["fps"])))
    else:
        frame = from_json(Frame, arguments["frame"])
    if arguments["crop"] is None:
        crop = Crop(focus=salient_focus(picture.pixels, frame.aspect))
    else:
        crop = from_json(Crop, arguments["crop"])
    background = cast("tuple[int, int, int]", tuple(cast("list[int]", arguments["background"])))
    framed = fit_picture(picture.pixels, crop, size=frame.size, background=background)
    out = Path(str(arguments["out"])) / "framed.png"
    write_png(framed, out)
    return {
        "size": [width, height],
        "frame": to_json(frame),
        "crop": to_json(crop),
        "framed": {"path": str(out), "pixels": pixel_hash(framed)},
    }
