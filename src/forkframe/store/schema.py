"""The tables, for SQLite and PostgreSQL alike: `workspace_id` is part of every primary key.

A column exists only where a query needs it; all else of a row is the model codec's JSON in `body`, so that a field
with a default needs no migration. What does need one goes to `migrations/`, whose result a test compares with this.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, String, Table, Text, UniqueConstraint

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
