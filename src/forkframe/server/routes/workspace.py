"""The whole graph, and changing it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response
from typing_extensions import TypedDict

import forkframe
from forkframe.errors import BadInput
from forkframe.model.changes import (
    AddBoard,
    AddEdge,
    AddNote,
    AddSequence,
    Envelope,
    KeepCandidates,
)
from forkframe.model.ids import is_id
from forkframe.server import shapes, wire
from forkframe.server.asking import Actor, Body, Here, router
from forkframe.server.problems import problem

workspace: APIRouter = router()


class Applied(TypedDict):
    """A change that is on the disk. `repeated` when it had been before, under the same op id."""

    seq: int
    op_id: str
    repeated: bool


class Undone(TypedDict):
    """The number of the change that took one back."""

    seq: int


class Line(TypedDict):
    """One change as a sentence; `at` is ISO 8601."""

    seq: int
    actor: str
    at: str
    text: str
    ids: list[str]


class OpId(Body):
    """An id of the client's making for what it asks: o and ten Crockford base-32 characters."""

    op_id: str


@workspace.get("/workspace", response_model=shapes.WorkspaceJson)
def get_workspace(here: Here) -> Response:
    """Everything at one moment."""
    found = here.snapshot()
    queue = here.jobs.overview()
    return wire.Json(
        {
            "id": found.workspace_id,
            "name": Path(found.path).stem,
            "path": found.path,
            "seq": found.seq,
            "version": forkframe.__version__,
            "tables": wire.tables(found.rows),
            "jobs": [wire.job(job) for job in queue.jobs],
            "paused": queue.paused,
        }
    )


@workspace.post("/changes", response_model=Applied)
def post_change(here: Here, actor: Actor, body: dict[str, Any]) -> Response:
    """Applies a change: `op_id`, `base_seq`, `type` and the fields of that type; the header says whose it is."""
    envelope = _envelope(actor, body)
    committed = here.apply(envelope)
    return wire.Json({"seq": committed.seq, "op_id": envelope.op_id, "repeated": committed.repeated})


@workspace.post("/undo", response_model=Undone)
def post_undo(here: Here, body: OpId) -> Response:
    """Takes back this person's last change; 409 if there is none, or somebody changed the same thing since."""
    return _undone(here.undo, body.op_id)


@workspace.post("/redo", response_model=Undone)
def post_redo(here: Here, body: OpId) -> Response:
    """Does again what was taken back last."""
    return _undone(here.redo, body.op_id)


@workspace.get("/log", response_model=list[Line])
def get_log(here: Here, limit: Annotated[int, Query(ge=1, le=5000)] = 200) -> Response:
    """The last changes in words, the newest first."""
    return wire.Json(wire.plain(here.log_lines(limit=limit)))


def _undone(take_back: Any, op_id: str) -> Response:
    _check_id(op_id, "o")
    try:
        return wire.Json({"seq": take_back(op_id).seq})
    except BadInput as error:  # nothing to undo is no fault of the request
        return problem(error, status=409)


def _envelope(actor: str, body: dict[str, Any]) -> Envelope:
    """The change that a client sent.

    Raises:
        BadInput: it does not have the shape of one, or an id it made has not the form of one.
    """
    try:
        envelope = Envelope.from_json({**body, "actor": actor})
    except ValueError as error:
        raise BadInput(f"that is no change: {error}", hint="see /api/openapi.json") from error
    _check_id(envelope.op_id, "o")
    match envelope.change:
        case AddEdge(edge):
            _check_id(edge.id, "e")
            if edge.active or edge.hidden:
                raise BadInput("a new edge has no take yet", hint="leave out active and hidden")
        case AddBoard(board):
            _check_id(board.id, "b")
        case AddNote(note):
            _check_id(note.id, "x")
        case AddSequence(sequence):
            _check_id(sequence.id, "s")
        case KeepCandidates(kept):
            for one in kept:
                _check_id(one.node, "n")
                _check_id(one.take, "t")
        case _:
            pass
    return envelope


def _check_id(text: str, letter: str) -> None:
    if not is_id(text, letter):
        raise BadInput(
            f"{text[:20]!r} is no id",
            hint=f"make one of {letter} and ten of 0123456789abcdefghjkmnpqrstvwxyz",
        )
