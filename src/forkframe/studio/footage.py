"""Footage: the videos that a film is joined from, encoded where nobody has needed them before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from forkframe.jobs.pool import Answer
from forkframe.jobs.runner import Attempt, Call
from forkframe.media.profile import VERSION
from forkframe.model.changes import SetVideo
from forkframe.model.codec import to_json
from forkframe.model.entities import Rendering, Tier
from forkframe.model.ids import RenderingId
from forkframe.sequence.export import Piece, pieces_of
from forkframe.sequence.timeline import Clip
from forkframe.studio.desk import Desk
from forkframe.studio.edges import source_of
from forkframe.studio.finishing import encoding

Keep = Callable[[Answer], object]


class Footage:
    """The videos of clips: renderings as they are, reversed ones, and pieces at another pace or standing still.

    Whatever is encoded is kept, in media or in the cache, so that exporting again encodes nothing.
    """

    def __init__(self, desk: Desk, clips: Sequence[Clip]) -> None:
        self._desk = desk
        whole = [clip for clip in clips if not clip.is_retimed]
        self._used = list(dict.fromkeys(clip.rendering for clip in whole))
        self._walked_back = list(dict.fromkeys(clip.rendering for clip in whole if clip.reverse))
        self._reversed: dict[RenderingId, Path] = {}
        self._wanted = pieces_of(clips)
        self._pieces: dict[Piece, Path] = {}

    def prepare(self, attempt: Attempt) -> int:
        """Encodes what is not there yet, and tells how many frames that were."""
        renderings = self._desk.graph.renderings
        bare = [key for key in self._used if not self._has_video(renderings[key])]
        cached = [(piece, self._desk.store.cache.get(self._piece_key(piece))) for piece in self._wanted]
        self._pieces = {piece: path for piece, path in cached if path}
        retiming = [piece for piece, path in cached if path is None]
        calls: list[tuple[Call, Keep]] = [
            *(((self._encoding(key)), self._keeps_video(key)) for key in bare),
            *(((self._retiming(piece)), self._keeps_piece(piece)) for piece in retiming),
        ]
        attempt.run_all(
            [call for call, _ in calls], keep=lambda n, answer: calls[n][1](answer), share=(0, 0.8)
        )
        reversing = self._reverse(attempt)
        turned = sum(renderings[key].frames for key in [*bare, *reversing])
        return turned + sum(piece.frames for piece in retiming)

    def video_of(self, rendering: RenderingId, backwards: bool) -> Path:
        """The video of a rendering."""
        return self._reversed[rendering] if backwards else self._video(rendering)

    def piece_of(self, piece: Piece) -> Path:
        """The video of a piece."""
        return self._pieces[piece]

    def _video(self, key: RenderingId) -> Path:
        video = self._desk.graph.renderings[key].video
        assert video is not None
        return self._desk.store.blobs.path(video)

    def _has_video(self, rendering: Rendering) -> bool:
        """Whether there is nothing to encode: a field's video may be missing, it can be made again."""
        if rendering.video is None:
            return False
        return rendering.field is None or self._desk.store.blobs.has(rendering.video)

    def _encoding(self, key: RenderingId) -> Call:
        return ("encoding", encoding(self._desk, self._desk.graph.renderings[key], tier=self._tier(key)))

    def _keeps_video(self, key: RenderingId) -> Keep:
        def keep(answer: Answer) -> None:
            video = self._desk.store.blobs.adopt(Path(str(answer["video"])))
            self._desk.commit(SetVideo(key, video), by_engine=True)

        return keep

    def _retiming(self, piece: Piece) -> Call:
        rendering = self._desk.graph.renderings[piece.rendering]
        arguments = {
            "source": source_of(self._desk, rendering),
            "frames": rendering.frames,
            "start": piece.start,
            "end": piece.end,
            "count": piece.frames,
            "frame": to_json(rendering.recipe.frame),
            "tier": self._tier(piece.rendering),
        }
        return ("retiming", arguments)

    def _keeps_piece(self, piece: Piece) -> Keep:
        def keep(answer: Answer) -> None:
            made = Path(str(answer["video"]))
            self._pieces[piece] = self._desk.store.cache.adopt(made, self._piece_key(piece))

        return keep

    def _reverse(self, attempt: Attempt) -> list[RenderingId]:
        """Turns round the videos that are played backwards; gives those that had to be."""
        cache = self._desk.store.cache
        paths = {key: self._video(key) for key in self._walked_back}
        known = {key: cache.get(_reversed_key(path)) for key, path in paths.items()}
        self._reversed = {key: path for key, path in known.items() if path}
        turning = [key for key, path in known.items() if path is None]

        def keep(number: int, answer: Answer) -> None:
            key = turning[number]
            self._reversed[key] = cache.adopt(Path(str(answer["video"])), _reversed_key(paths[key]))

        calls: list[Call] = [("reversing", {"video": str(paths[key])}) for key in turning]
        attempt.run_all(calls, keep=keep, share=(0.8, 0.9))
        return turning

    def _tier(self, key: RenderingId) -> Tier:
        takes = self._desk.graph.takes.values()
        is_final = any(take.rendering == key and take.tier == "final" for take in takes)
        return "final" if is_final else "draft"

    def _piece_key(self, piece: Piece) -> str:
        """A rendering never changes, so its id says what it shows."""
        span = f"{piece.start}-{piece.end}-{piece.frames}"
        return f"retimed-{VERSION}-{piece.rendering}-{span}-{self._tier(piece.rendering)}"


def _reversed_key(video: Path) -> str:
    return f"reversed-{VERSION}-{video.name}"
