"""Jobs as rows and back, and the questions about them that need no lock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Row, case, func, literal_column, select

from forkframe.jobs.job import LANES, OPEN, Event, Job, Lane, Request, State
from forkframe.jobs.wire import Failure
from forkframe.model.ids import JobId
from forkframe.store import reading
from forkframe.store.schema import JOB, QUEUE

STEP = 1 << 20
"""Between the positions of jobs that were submitted one after the other, so that others can be put between them."""

_ENCODE = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode

_STANDING: Sequence[State] = (
    "running",
    "cancelling",
    "queued",
    "waiting",
    "paused",
    "failed",
    "cancelled",
    "done",
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The queue at a glance: how many jobs are in each state, whether all are paused, and jobs in the order of interest."""

    counts: Mapping[State, int]
    paused: bool
    jobs: tuple[Job, ...]


def row_of(job: Job, workspace_id: str, session: str) -> dict[str, object]:
    """The row of a job that is new."""
    request = job.request
    return {
        "workspace_id": workspace_id,
        "id": job.id,
        "kind": request.kind,
        "lane": request.lane,
        "engine": request.engine,
        "title": request.title,
        "subject": request.subject,
        "sequence": request.sequence,
        "content_key": request.content_key,
        "parent": job.parent or "",
        "actor": request.actor,
        "request": text_of({"body": request.body, "dollars": request.dollars, "priority": request.priority}),
        "seconds": request.seconds,
        "state": job.state,
        "priority": job.priority,
        "position": job.position,
        "session": session,
        "token": job.token,
        "runner": "",
        "lease_until": 0.0,
        "due": job.due,
        "attempts": job.attempts,
        "interruptions": job.interruptions,
        "share": job.share,
        "cancelling": job.cancelling,
        "submitting": job.submitting,
        "remote": job.remote,
        "generation": job.generation,
        "failure": text_of(job.failure),
        "result": text_of(job.result),
        "story": text_of(job.story),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
    }


def job_of(row: Row[Any]) -> Job:
    """The job in a row of all columns of `JOB`."""
    wanted = cast("dict[str, Any]", json.loads(row.request))
    request = Request(
        kind=row.kind,
        title=row.title,
        subject=row.subject,
        body=wanted["body"],
        lane=cast("Lane", row.lane),
        engine=row.engine,
        content_key=row.content_key,
        sequence=row.sequence,
        actor=row.actor,
        priority=wanted["priority"],
        seconds=row.seconds,
        dollars=wanted["dollars"],
    )
    return Job(
        id=JobId(row.id),
        request=request,
        parent=JobId(row.parent) if row.parent else None,
        state=cast("State", row.state),
        priority=row.priority,
        position=row.position,
        token=row.token,
        due=row.due,
        attempts=row.attempts,
        interruptions=row.interruptions,
        share=row.share,
        cancelling=row.cancelling,
        submitting=row.submitting,
        remote=row.remote,
        generation=row.generation,
        failure=cast("Failure | None", json.loads(row.failure)),
        result=cast("dict[str, object]", json.loads(row.result)),
        story=tuple(cast("list[Event]", json.loads(row.story))),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def text_of(value: object) -> str:
    """A JSON text for a column."""
    return _ENCODE(value)


def overview(connection: Connection, workspace_id: str, *, limit: int) -> Overview:
    """What runs, then what is next in its order, then what ended, the last first; at most `limit` jobs of each state."""
    mine = JOB.c.workspace_id == workspace_id
    counted = connection.execute(select(JOB.c.state, func.count()).where(mine).group_by(JOB.c.state))
    counts: dict[State, int] = {cast("State", state): count for state, count in counted}
    jobs: list[Job] = []
    for state in _STANDING:
        if state in counts:
            jobs += _first(connection, workspace_id, state, limit)
    paused = bool(connection.scalar(select(QUEUE.c.paused).where(QUEUE.c.workspace_id == workspace_id)))
    return Overview(counts, paused, tuple(jobs))


def _first(connection: Connection, workspace_id: str, state: State, limit: int) -> list[Job]:
    """The first jobs of a state: those that run or are next first, or those that ended last."""
    mine = JOB.c.workspace_id == workspace_id
    if state == "queued":  # lane by lane, each by its index: sorting 100,000 takes too long
        next_of_lane = (
            select(JOB)
            .where(mine, JOB.c.lane == lane, JOB.c.state == literal_column("'queued'"))
            .order_by(JOB.c.priority, JOB.c.position)
            .limit(limit)
            for lane in LANES
        )
        queued = [job_of(row) for rows in next_of_lane for row in connection.execute(rows)]
        return sorted(queued, key=lambda job: (job.priority, job.position))[:limit]
    order = (JOB.c.priority, JOB.c.position) if state in OPEN else (JOB.c.ended_at.desc(),)
    rows = select(JOB).where(mine, JOB.c.state == state).order_by(*order).limit(limit)
    return [job_of(row) for row in connection.execute(rows)]


def jobs_named(connection: Connection, workspace_id: str, name: str) -> list[Job]:
    """The jobs whose id starts with `name`, or that are for the thing with that id or title; open ones first."""
    mine = JOB.c.workspace_id == workspace_id
    first = case((JOB.c.state.in_(OPEN), 0), else_=1)
    for named in (
        JOB.c.id.startswith(name, autoescape=True) if name[:1] == "j" and len(name) > 1 else None,
        (JOB.c.subject == name) | (JOB.c.title == name),
    ):
        if named is not None:
            rows = select(JOB).where(mine, named).order_by(first, JOB.c.position.desc()).limit(1000)
            if found := [job_of(row) for row in connection.execute(rows)]:
                return found
    return []


def read_overview(path: Path, *, limit: int = 1000) -> Overview:
    """The queue of the workspace at `path`, read without the lock, also while another process runs it.

    Raises:
        WorkspaceError: there is none, or it can't be read.
    """
    with reading.read_only(path) as (connection, workspace_id):
        return overview(connection, workspace_id, limit=limit)


def read_jobs(path: Path, name: str) -> list[Job]:
    """As `jobs_named`, read without the lock."""
    with reading.read_only(path) as (connection, workspace_id):
        return jobs_named(connection, workspace_id, name)
