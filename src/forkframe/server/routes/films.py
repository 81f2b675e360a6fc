"""Sequences: what finals of one would cost, rendering them, and films to take away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from forkframe.errors import BadInput, NotFound, OutputFailed
from forkframe.server import shapes, wire
from forkframe.server.asking import Body, Here, patiently, router
from forkframe.server.media import film

films: APIRouter = router()

FOLDER = "films"
"""Where exported films lie in the workspace's folder."""
_KINDS = {".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".gif": "image/gif"}
_claimed: set[Path] = set()  # by exports that have not begun to write


class Exported(TypedDict):
    """The job that writes the film; when it is done, its result says where, and `/api/films/JOB` gives it."""

    job: shapes.JobJson


class Export(Body):
    """A film; its format follows the suffix."""

    suffix: Annotated[str, Field(pattern=r"^\.[a-z0-9]{2,6}$")] = ".mp4"


class ToQuote(Body):
    """Finals by an engine."""

    engine: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class ToFinish(ToQuote):
    """Finals by an engine, for at most `most` US dollars."""

    most: float | None = None


@films.post("/sequences/{sequence}/export", response_model=Exported)
def post_export(here: Here, sequence: str, body: Export) -> Response:
    """Asks for a sequence as a film."""
    name = here.sequence(sequence).name
    folder = Path(here.snapshot().path) / FOLDER
    path = next(path for path in _names(folder, _file_name(name), body.suffix) if _claim(path))
    try:
        _make(folder)
        return wire.Json({"job": wire.job(here.start_export(sequence, path))})
    except BaseException:
        _claimed.discard(path)
        raise


@films.post("/sequences/{sequence}/quote")
def post_quote(here: Here, sequence: str, body: ToQuote) -> Response:
    """What finals of all a sequence's edges would take."""
    return wire.Json(wire.plain(here.quote(sequence, engine=body.engine, parameters=body.parameters)))


@films.post("/sequences/{sequence}/finish")
async def post_finish(here: Here, sequence: str, body: ToFinish) -> Response:
    """Renders finals of all a sequence's edges, and answers when they are there."""

    def finish() -> Response:
        done = here.finish(sequence, engine=body.engine, parameters=body.parameters, most=body.most)
        return wire.Json(wire.plain(done))

    return await patiently(finish)


@films.get(
    "/films/{job}",
    response_class=Response,
    responses={200: {"content": {"video/*": {}}, "description": "the film, to be saved"}},
)
def get_film(here: Here, job: str) -> Response:
    """An exported film by the id of its job; with ranges."""
    try:
        found = next((view for view in here.jobs.named(job) if view.id == job), None)
    except BadInput:
        found = None
    path = Path(str(found.result["path"])) if found and found.result.get("path") else None
    if found is None or found.kind != "export" or found.state != "done" or path is None or not path.is_file():
        raise NotFound(
            f"there is no film of job {job[:20]}", hint="export the sequence, and wait until it is done"
        )
    return film(path, kind=_KINDS.get(path.suffix, "application/octet-stream"))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputFailed(
            f"could not make {folder}: {error.strerror}", hint="make space on the disk"
        ) from error


def _file_name(name: str) -> str:
    """A sequence's name as a file's."""
    return re.sub(r"[^\w .,()+-]+", " ", name).strip(" .")[:80] or "film"


def _names(folder: Path, name: str, suffix: str) -> Iterator[Path]:
    yield folder / f"{name}{suffix}"
    yield from (folder / f"{name} {n}{suffix}" for n in count(2))


def _claim(path: Path) -> bool:
    if path in _claimed or path.exists():
        return False
    _claimed.add(path)
    return True
