"""From clips to a film: which packets of which videos follow each other, the shared frame at each joint dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from forkframe.errors import BadInput, OutputFailed
from forkframe.model.graph import Graph
from forkframe.model.ids import RenderingId
from forkframe.sequence.timeline import Clip

FORMATS = (".mp4",)
"""The suffixes a film can be exported to."""


def check_output(path: Path) -> None:
    """Returns if a film can be written to `path`.

    Raises:
        BadInput: its suffix is not one of `FORMATS`.
        OutputFailed: it is a folder, or its folder is missing.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise BadInput(
            f"films can't be exported as {suffix or 'a file without suffix'} yet",
            hint=f"name a file that ends in {' or '.join(FORMATS)}",
        )
    if path.is_dir():
        raise OutputFailed(f"{path} is a folder", hint="name a file in it")
    if not path.parent.is_dir():
        raise OutputFailed(f"there is no folder {path.parent}", hint="make it first")


def segments_of(
    graph: Graph, clips: Sequence[Clip], video_of: Callable[[RenderingId, bool], Path]
) -> list[tuple[str, int, int]]:
    """What `jobs.film.export` joins: (video, first frame, last frame) for each clip.

    Each clip but the last ends one frame early: that frame is the next clip's first.

    Args:
        graph: the renderings.
        clips: of a continuous path.
        video_of: the video of a rendering, and whether it is wanted backwards.
    """
    segments: list[tuple[str, int, int]] = []
    for place, clip in enumerate(clips):
        first, last = clip.first, clip.last
        if clip.reverse:
            end = graph.renderings[clip.rendering].frames - 1
            first, last = end - last, end - first
        shared = place + 1 < len(clips)
        segments.append((str(video_of(clip.rendering, clip.reverse)), first, last - shared))
    return segments
