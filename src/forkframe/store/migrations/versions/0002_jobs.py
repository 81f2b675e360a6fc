"""The queue of record: job, job_need, ledger, queue."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "job",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("kind", "lane")),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.String(64), nullable=False)
            for name in ("subject", "sequence", "content_key", "parent")
        ),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("runner", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("lease_until", "due")),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("attempts", "interruptions", "generation")
        ),
        sa.Column("share", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("cancelling", "submitting")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("remote", "failure", "result", "story")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("created_at", "started_at", "ended_at")),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
    )
    _index("job_next", "lane", "priority", "position", where="state = 'queued'")
    _index("job_state", "state", "ended_at")
    _index("job_subject", "subject", "content_key")
    _index("job_parent", "parent", where="parent <> ''")
    _index("job_running_key", "content_key", where="state = 'running' AND content_key <> ''", unique=True)
    op.create_table(
        "job_need",
        *(
            sa.Column(name, sa.String(length), nullable=False)
            for name, length in (("workspace_id", 32), ("job_id", 64), ("needs", 64))
        ),
        sa.PrimaryKeyConstraint("workspace_id", "job_id", "needs"),
    )
    op.create_index("job_need_by_need", "job_need", ["workspace_id", "needs"])
    op.create_table(
        "ledger",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("job_id", "engine", "sequence")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("reserved", "spent")),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "job_id"),
    )
    op.create_table(
        "queue",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=False),
        sa.Column("request_cap", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id"),
    )


def _index(name: str, *columns: str, where: str | None = None, unique: bool = False) -> None:
    clause = sa.text(where) if where else None
    op.create_index(
        name,
        "job",
        ["workspace_id", *columns],
        unique=unique,
        sqlite_where=clause,
        postgresql_where=clause,
    )
