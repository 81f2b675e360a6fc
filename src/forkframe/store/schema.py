"""The tables, for SQLite and PostgreSQL alike: `workspace_id` is part of every primary key.

A column exists only where a query needs it; all else of a row is the model codec's JSON in `body`, so that a field
with a default needs no migration. What does need one goes to `migrations/`, whose result a test compares with this.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData()

WORKSPACE = Table(
    "workspace",
    METADATA,
    Column("workspace_id", String(32), primary_key=True),
    Column("created_at", DateTime, nullable=False, doc="UTC, as all times here"),
)

ENTITY = Table(
    "entity",
    METADATA,
    Column("workspace_id", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("ordinal", BigInteger, nullable=False, doc="the order in which rows came, also back"),
    Column(
        "body", Text, doc="NULL once deleted: the row stays as a tombstone, so that its id is never reused"
    ),
)

LOG = Table(
    "log",
    METADATA,
    Column("workspace_id", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("op_id", String(64), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("type", String(32), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("delta", Text, nullable=False, doc="[[kind, body before or null, body after or null], …]"),
    UniqueConstraint("workspace_id", "op_id", name="log_op_id"),
    Index("log_by_actor", "workspace_id", "actor", "seq"),
    sqlite_with_rowid=False,  # every page that a change touches is written and synced: one index less
)

# Where a job stands is asked far more often than it changes; what its kind needs to know stays in `request`. Times are
# seconds since 1970.
JOB = Table(
    "job",
    METADATA,
    Column("workspace_id", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("lane", String(16), nullable=False, doc="what it keeps busy while it runs"),
    Column("engine", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("subject", String(64), nullable=False, doc="the edge, node or sequence it is for"),
    Column("sequence", String(64), nullable=False, doc="the sequence that its cost is booked on, or empty"),
    Column("content_key", String(64), nullable=False, doc="of its recipe, or empty"),
    Column("parent", String(64), nullable=False, doc="the job it was submitted for, or empty"),
    Column("actor", String(128), nullable=False),
    Column("request", Text, nullable=False),
    Column("seconds", Double, nullable=False, doc="as estimated"),
    Column("state", String(12), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("session", String(32), nullable=False, doc="of whoever asked for it last"),
    Column(
        "token", Integer, nullable=False, doc="how often it was leased: a later lease fences off earlier ones"
    ),
    Column("runner", String(64), nullable=False),
    Column("lease_until", Double, nullable=False),
    Column(
        "due", Double, nullable=False, doc="when a waiting job may be tried again; 0 if it waits for others"
    ),
    Column("attempts", Integer, nullable=False, doc="how many failed"),
    Column("interruptions", Integer, nullable=False, doc="how many ended with their owner"),
    Column("share", Double, nullable=False),
    Column("cancelling", Boolean, nullable=False),
    Column("submitting", Boolean, nullable=False, doc="a provider was asked, and its answer is not known"),
    Column("remote", Text, nullable=False, doc="the provider's id, or empty"),
    Column("generation", Integer, nullable=False, doc="how many of its requests to providers were given up"),
    Column("failure", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double, nullable=False),
    Index(
        "job_next",
        "workspace_id",
        "lane",
        "priority",
        "position",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    Index("job_state", "workspace_id", "state", "ended_at"),
    Index("job_subject", "workspace_id", "subject", "content_key"),
    Index(
        "job_parent",
        "workspace_id",
        "parent",
        sqlite_where=text("parent <> ''"),
        postgresql_where=text("parent <> ''"),
    ),
    Index(
        "job_running_key",
        "workspace_id",
        "content_key",
        unique=True,
        sqlite_where=text("state = 'running' AND content_key <> ''"),
        postgresql_where=text("state = 'running' AND content_key <> ''"),
    ),
)

JOB_NEED = Table(
    "job_need",
    METADATA,
    Column("workspace_id", String(32), primary_key=True),
    Column("job_id", String(64), primary_key=True),
    Column("needs", String(64), primary_key=True, doc="the job that has to end first"),
    Index("job_need_by_need", "workspace_id", "needs"),
)

LEDGER = Table(
    "ledger",
    METADATA,
    Column("workspace_id", String(32), primary_key=True),
    Column("job_id", String(64), primary_key=True),
    Column("engine", String(64), nullable=False),
    Column("sequence", String(64), nullable=False),
    Column("reserved", BigInteger, nullable=False, doc="millionths of a US dollar, as all money here"),
    Column("spent", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
)

QUEUE = Table(
    "queue",
    METADATA,
    Column("workspace_id", String(32), primary_key=True),
    Column("paused", Boolean, nullable=False),
    Column("budget", BigInteger, nullable=False, doc="the most that all jobs together may cost"),
    Column("request_cap", BigInteger, doc="the most that one request may cost; NULL for what is left"),
)
