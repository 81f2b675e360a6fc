"""The statements that every job goes through, prepared once: building them anew takes longer than running them."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, literal_column, select, text, update

from forkframe.store.schema import JOB, JOB_NEED

INSERT = insert(JOB)
"""A new job."""
_KEY = (JOB.c.workspace_id == bindparam("w"), JOB.c.id == bindparam("key"))
BY_ID = select(JOB).where(*_KEY)
"""The job `key`."""
_LEASED = (*_KEY, JOB.c.token == bindparam("fence"), text("state = 'running'"))
# The conditions on states are literal, else SQLite can't tell that the partial indices fit.
_TWINS = JOB.alias()
_TWIN = (
    select(_TWINS.c.id)
    .where(
        _TWINS.c.workspace_id == JOB.c.workspace_id,
        _TWINS.c.content_key == JOB.c.content_key,
        _TWINS.c.state == literal_column("'running'"),
        _TWINS.c.content_key != literal_column("''"),
    )
    .scalar_subquery()
)
NEXT = (
    select(JOB, _TWIN.label("twin"))
    .where(
        JOB.c.workspace_id == bindparam("w"),
        JOB.c.lane == bindparam("in_lane"),
        JOB.c.state == literal_column("'queued'"),
    )
    .order_by(JOB.c.priority, JOB.c.position)
    .limit(literal_column("1"))
)
"""The first queued job `in_lane`, and as `twin` the id of a running one with the same content key."""
CANCELLING = (
    select(JOB)
    .where(
        JOB.c.workspace_id == bindparam("w"),
        JOB.c.state == literal_column("'cancelling'"),
        JOB.c.due == literal_column("0"),
        ~select(_TWINS.c.id)
        .where(
            _TWINS.c.workspace_id == JOB.c.workspace_id,
            _TWINS.c.content_key == JOB.c.content_key,
            _TWINS.c.state == literal_column("'running'"),
            _TWINS.c.content_key != literal_column("''"),
        )
        .exists(),
    )
    .order_by(JOB.c.position)
    .limit(literal_column("1"))
)
"""The first cancelled job whose provider is to be told, unless one with the same content key runs."""
START = (
    update(JOB)
    .where(*_KEY)
    .values(
        state="running",
        token=JOB.c.token + 1,
        runner=bindparam("by"),
        lease_until=bindparam("until"),
        started_at=bindparam("now"),
        share=0.0,
    )
)
"""Leases a job."""
SAME = select(JOB).where(
    JOB.c.workspace_id == bindparam("w"),
    JOB.c.subject == bindparam("of"),
    JOB.c.content_key == bindparam("content"),
    JOB.c.kind == bindparam("as"),
    text("state <> 'done'"),
)
"""Jobs of one kind for one subject with one content key that are not done."""
IN_DOUBT = select(JOB).where(
    JOB.c.workspace_id == bindparam("w"),
    JOB.c.content_key == bindparam("content"),
    JOB.c.id != bindparam("but"),
    JOB.c.state.in_(["failed", "waiting", "queued", "paused"]),
    (JOB.c.remote != "") | JOB.c.submitting,
)
"""Other jobs for the same thing that a provider was asked for, and that do not run."""
OWN = update(JOB).where(*_KEY).values(session=bindparam("by"))
"""Makes a job part of a session."""
BEAT = update(JOB).where(*_LEASED).values(lease_until=bindparam("until"), share=bindparam("done"))
"""Says that a leased job is at work, and how far."""
DONE = (
    update(JOB)
    .where(*_LEASED)
    .values(
        state="done",
        share=1.0,
        result=bindparam("brought"),
        ended_at=bindparam("now"),
        cancelling=False,
        submitting=False,
    )
)
"""Ends a leased job."""
DEPENDENTS = select(JOB_NEED.c.job_id).where(
    JOB_NEED.c.workspace_id == bindparam("w"), JOB_NEED.c.needs == bindparam("key")
)
"""The jobs that wait, or waited, for a job."""
FORGET_NEED = delete(JOB_NEED).where(
    JOB_NEED.c.workspace_id == bindparam("w"),
    JOB_NEED.c.needs == bindparam("key"),
    JOB_NEED.c.job_id == bindparam("waiting"),
)
"""Ends a job's waiting for another one."""
