"""Films: a sequence's edges rendered, their fields encoded, and the path joined into one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from forkframe.errors import ForkframeError
from forkframe.jobs.pool import Answer, Work
from forkframe.media.outfile import sweep_parts
from forkframe.media.profile import VERSION
from forkframe.model.changes import SetVideo
from forkframe.model.codec import to_json
from forkframe.model.entities import Rendering, Step
from forkframe.model.entities import Sequence as SavedSequence
from forkframe.model.ids import BlobHash, RenderingId
from forkframe.model.paths import check_continuous
from forkframe.sequence.export import check_output, segments_of
from forkframe.sequence.timeline import Clip, clips_of, frames_of
from forkframe.studio.desk import Desk
from forkframe.studio.edges import Drafts, source_of
from forkframe.studio.renders import frame_of
from forkframe.studio.views import FilmView


def export_film(desk: Desk, drafts: Drafts, sequence: SavedSequence, path: Path) -> FilmView:
    """Writes a sequence as a film; drafts that are missing or stale are rendered first, two or more at a time.

    Raises:
        BrokenPath: the path has a gap.
        RenderFailed: an edge of it can't be rendered.
        OutputFailed: the file can't be written; nothing half-written stays.
    """
    check_output(path)
    check_continuous(desk.graph, sequence.steps)
    _render_missing(drafts, sequence.steps)
    clips = clips_of(desk.graph, sequence.steps)
    videos, prepared = _videos(desk, clips)
    frame = frame_of(desk.graph)
    arguments = {
        "segments": segments_of(desk.graph, clips, lambda rendering, backwards: videos[rendering, backwards]),
        "frame": to_json(frame),
        "path": str(path.absolute()),
        "metadata": {"title": sequence.name, "encoder": "Forkframe"},
    }

    def finish(answer: Callable[[], Answer]) -> Answer:
        try:
            return answer()
        finally:
            sweep_parts(path.absolute().parent)  # also what a killed worker, now or earlier, left

    report = desk.start("exporting", sequence.name, arguments, finish).result()
    frames = cast("int", report["frames"])
    assert frames == frames_of(clips)
    return FilmView(
        path=str(path),
        frames=frames,
        seconds=float(frames / frame.fps),
        prepared=prepared,
        copied=cast("int", report["copied"]),
        encoded=cast("int", report["encoded"]),
    )


def _render_missing(drafts: Drafts, steps: Sequence[Step]) -> None:
    edges = list(dict.fromkeys(step.edge for step in steps if step.take is None))
    for edge in edges:
        drafts.start(edge)
    for edge in edges:
        try:
            drafts.wait(edge)
        except ForkframeError as error:
            raise type(error)(f"edge {edge} can't be rendered: {error.message}", hint=error.hint) from error


def _videos(desk: Desk, clips: Sequence[Clip]) -> tuple[dict[tuple[RenderingId, bool], Path], int]:
    """The videos that clips play, and how many frames had to be encoded or reversed for them just now."""
    blobs, graph = desk.store.blobs, desk.graph
    works = {
        key: _encode(desk, graph.renderings[key])
        for key in dict.fromkeys(clip.rendering for clip in clips)
        if not _has_video(desk, graph.renderings[key])
    }
    forwards = {
        key: works[key].result() if key in works else graph.renderings[key].video
        for key in dict.fromkeys(clip.rendering for clip in clips)
    }
    paths = {(key, False): blobs.path(video) for key, video in forwards.items() if video}
    backwards = {clip.rendering for clip in clips if clip.reverse}
    known = {key: desk.store.cache.get(_reversed_key(paths[key, False])) for key in backwards}
    reversing = {key: _reverse(desk, paths[key, False]) for key, path in known.items() if path is None}
    paths |= {(key, True): path for key, path in known.items() if path}
    paths |= {(key, True): work.result() for key, work in reversing.items()}
    return paths, sum(graph.renderings[key].frames for key in [*works, *reversing])


def _has_video(desk: Desk, rendering: Rendering) -> bool:
    """Whether there is nothing to encode: a field's video may be missing, it can be made again."""
    if rendering.video is None:
        return False
    return rendering.field is None or desk.store.blobs.has(rendering.video)


def _encode(desk: Desk, rendering: Rendering) -> Work[BlobHash]:
    def finish(answer: Callable[[], Answer]) -> BlobHash:
        video = desk.store.blobs.adopt(Path(str(answer()["video"])))
        desk.commit(SetVideo(rendering.id, video), by_engine=True)
        return video

    arguments = {
        "source": source_of(desk, rendering),
        "frames": rendering.frames,
        "frame": to_json(rendering.recipe.frame),
    }
    return desk.start("encoding", rendering.id, arguments, finish)


def _reverse(desk: Desk, video: Path) -> Work[Path]:
    def finish(answer: Callable[[], Answer]) -> Path:
        return desk.store.cache.adopt(Path(str(answer()["video"])), _reversed_key(video))

    return desk.start("reversing", video.name, {"video": str(video)}, finish)


def _reversed_key(video: Path) -> str:
    return f"reversed-{VERSION}-{video.name}"
