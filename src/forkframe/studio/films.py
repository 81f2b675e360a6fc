"""Films: a sequence's edges rendered, their fields encoded, and the path joined into one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from forkframe.errors import ForkframeError, Gone
from forkframe.jobs import wire
from forkframe.jobs.job import WANTED, Delivery, Job, Request
from forkframe.jobs.runner import Attempt, Others
from forkframe.media.outfile import sweep_parts
from forkframe.model.changes import Change
from forkframe.model.codec import to_json
from forkframe.model.entities import Sequence as SavedSequence
from forkframe.model.entities import Step
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, SequenceId
from forkframe.model.paths import check_continuous
from forkframe.sequence.export import check_output, segments_of
from forkframe.sequence.timeline import clips_of, frames_of
from forkframe.studio.desk import Desk, check_done
from forkframe.studio.edges import Drafts, draft_request
from forkframe.studio.footage import Footage
from forkframe.studio.renders import frame_of
from forkframe.studio.views import FilmView

EXPORT = "export"
"""The kind of jobs that write films."""


def export_film(desk: Desk, sequence: SavedSequence, path: Path) -> FilmView:
    """Writes a sequence as a film; drafts that are missing or stale are rendered first.

    Raises:
        BrokenPath: the path has a gap.
        RenderFailed: an edge of it can't be rendered.
        OutputFailed: the file can't be written; nothing half-written stays.
    """
    job = desk.done_or_cancelled(ask_export(desk, sequence, path))
    film = cast("dict[str, float]", job.result)
    return FilmView(
        path=str(path),
        frames=int(film["frames"]),
        seconds=film["seconds"],
        prepared=int(film["prepared"]),
        copied=int(film["copied"]),
        encoded=int(film["encoded"]),
    )


def ask_export(desk: Desk, sequence: SavedSequence, path: Path) -> Job:
    """The job that writes a sequence as a film.

    Raises:
        BrokenPath: the path has a gap.
        OutputFailed: nothing can be written at `path`.
    """
    check_output(path)
    body = {"sequence": sequence.id, "name": sequence.name, "path": str(path.absolute())}
    request = Request(
        EXPORT,
        f"export {sequence.name}",
        sequence.id,
        body,
        lane="owner",
        sequence=sequence.id,
        actor=desk.actor,
        priority=WANTED,
    )
    missing = desk.store.read(lambda graph: _missing(graph, sequence.steps))
    return desk.queue.submit_family(request, missing)


class ExportKind:
    """Writes sequences as films."""

    def __init__(self, desk: Desk, drafts: Drafts) -> None:
        self._desk = desk
        self._drafts = drafts

    def perform(self, attempt: Attempt) -> Delivery | Others:
        """A film at the path that was named; what has to be rendered or encoded for it is kept, whatever happens."""
        body = attempt.job.request.body
        path = Path(str(body["path"]))
        check_output(path)
        steps = self._steps(attempt.job.request)
        missing = self._desk.store.read(lambda graph: _missing(graph, steps))
        missing = tuple(m for m in missing if not self._drafts.show_known(EdgeId(m.subject), m.content_key))
        if missing:
            wanted = {request.content_key for request in missing}
            _check_rendered([job for job in attempt.needs() if job.request.content_key in wanted])
            return Others(missing)
        clips = self._desk.store.read(lambda graph: clips_of(graph, steps))
        footage = Footage(self._desk, clips)
        prepared = footage.prepare(attempt)
        frame = frame_of(self._desk.graph)
        arguments = {
            "segments": segments_of(self._desk.graph, clips, footage.video_of, footage.piece_of),
            "frame": to_json(frame),
            "path": str(path),
            "metadata": {"title": str(body["name"]), "encoder": "Forkframe"},
        }
        try:
            report = attempt.run("exporting", arguments)
        finally:
            sweep_parts(path.parent)  # also what a killed worker, now or earlier, left
        frames = cast("int", report["frames"])
        assert frames == frames_of(clips)
        film = {"frames": frames, "seconds": float(frames / frame.fps), "prepared": prepared}
        counts = {"copied": report["copied"], "encoded": report["encoded"]}
        return Delivery(result={"path": str(path), **film, **counts})

    def failed(self, job: Job, error: ForkframeError) -> Change | None:
        """Nothing: the workspace is as it was."""
        return None

    def _steps(self, request: Request) -> tuple[Step, ...]:
        def steps(graph: Graph) -> tuple[Step, ...]:
            saved = graph.sequences.get(SequenceId(str(request.body["sequence"])))
            if saved is None:
                raise Gone(f"sequence {request.body['name']!r} was deleted", hint="undo brings it back")
            check_continuous(graph, saved.steps)
            return saved.steps

        return self._desk.store.read(steps)


def _missing(graph: Graph, steps: Sequence[Step]) -> tuple[Request, ...]:
    """What has to be rendered first; steps with a pinned take need nothing."""
    check_continuous(graph, steps)
    edges = dict.fromkeys(step.edge for step in steps if step.take is None)
    requests = [draft_request(graph, graph.edges[edge]) for edge in edges]
    return tuple(replace(request, priority=WANTED) for request in requests if request)


def _check_rendered(needs: Sequence[Job]) -> None:
    for job in needs:
        if job.failure and job.state == "failed":
            failed = wire.error_of(job.failure)
            raise type(failed)(
                f"edge {job.request.title} can't be rendered: {failed.message}", hint=failed.hint
            )
    check_done(needs)
