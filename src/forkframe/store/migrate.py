"""Bringing a database to the current tables. Alembic costs half a second to import, so only when there is need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from forkframe.errors import WorkspaceError, WorkspaceTooNew
from forkframe.store.sqlite import damaged

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The revision of the tables in `schema`; a test compares it with the newest file in `migrations/versions`."""


def upgrade(connection: Connection) -> None:
    """Makes the current tables of whatever is there, nothing included, as part of the connection's transaction."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_current(connection: Connection, database: Path) -> bool:
    """Whether the tables are current; if not, they are older, and `upgrade` helps.

    Raises:
        WorkspaceTooNew: a newer version of Forkframe made them.
        WorkspaceDamaged: there are none.
    """
    if not inspect(connection).has_table("alembic_version"):
        raise damaged(database, "it holds no workspace")
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision == HEAD:
        return True
    if revision not in _known():
        raise WorkspaceTooNew(
            f"{database.parent} was made by a newer Forkframe (its tables are of version {revision})",
            hint="upgrade Forkframe; nothing was changed",
        )
    return False


def check_current(connection: Connection, database: Path) -> None:
    """Returns if the tables are current, for those who only read.

    Raises:
        WorkspaceError: they are not.
    """
    if not is_current(connection, database):
        raise WorkspaceError(
            f"{database.parent} was made by an older Forkframe", hint="open it once in the studio"
        )


def _known() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
