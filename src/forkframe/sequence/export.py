"""From clips to a film: which packets of which videos follow each other, the shared frame at each joint dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from forkframe.errors import BadInput, OutputFailed
from forkframe.media.profile import KEYINT
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


@dataclass(frozen=True, slots=True)
class Piece:
    """A video to be encoded because no rendering has its frames: `frames` moments of one, at even steps.

    Attributes:
        start, end: the first and last moment, as numbers of the rendering's frames; backwards if `end` is before
            `start`, a still if they are the same.
    """

    rendering: RenderingId
    start: int
    end: int
    frames: int


VideoOf = Callable[[RenderingId, bool], Path]
"""The video of a rendering, and whether it is wanted backwards."""
PieceOf = Callable[[Piece], Path]


def pieces_of(clips: Sequence[Clip]) -> tuple[Piece, ...]:
    """The pieces that have to be encoded before a film can be joined, each once."""
    pieces = [piece for clip in clips for piece in (_retimed(clip), _still(clip)) if piece]
    return tuple(dict.fromkeys(pieces))


def segments_of(
    graph: Graph, clips: Sequence[Clip], video_of: VideoOf, piece_of: PieceOf
) -> list[tuple[str, int, int]]:
    """What `jobs.film.export` joins: (video, first frame, last frame), in order.

    Each clip but the last ends one frame early: that frame is the next clip's first.

    Args:
        graph: the renderings.
        clips: of a continuous path.
        video_of: finds videos of renderings.
        piece_of: finds the video of each of `pieces_of`.
    """
    segments: list[tuple[str, int, int]] = []
    for place, clip in enumerate(clips):
        shared = place + 1 < len(clips)
        segments += [_motion(graph, clip, video_of, piece_of, shared=shared), *_hold(clip, piece_of)]
    return segments


def _motion(
    graph: Graph, clip: Clip, video_of: VideoOf, piece_of: PieceOf, *, shared: bool
) -> tuple[str, int, int]:
    retimed = _retimed(clip)
    if retimed:
        return str(piece_of(retimed)), 0, clip.intervals - shared
    first, last = clip.first, clip.last
    if clip.reverse:
        end = graph.renderings[clip.rendering].frames - 1
        first, last = end - last, end - first
    return str(video_of(clip.rendering, clip.reverse)), first, last - shared


def _hold(clip: Clip, piece_of: PieceOf) -> list[tuple[str, int, int]]:
    """A still's first group of pictures as often as it goes, then the rest of it: however long, little is encoded."""
    still = _still(clip)
    if still is None:
        return []
    rest = still.frames - KEYINT
    video, rounds = str(piece_of(still)), (clip.hold - rest) // KEYINT
    return [(video, 0, KEYINT - 1)] * rounds + [(video, KEYINT, still.frames - 1)]


def _retimed(clip: Clip) -> Piece | None:
    return Piece(clip.rendering, *clip.ends, clip.intervals + 1) if clip.is_retimed else None


def _still(clip: Clip) -> Piece | None:
    """The picture at a clip's end for one group of pictures, and for what is left of the hold, 1 to `KEYINT` frames."""
    end = clip.ends[1]
    rest = (clip.hold - 1) % KEYINT + 1
    return Piece(clip.rendering, end, end, KEYINT + rest) if clip.hold else None
