"""Finding a workspace in a folder and reading it whole; `read_graph` does it without the lock."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, select

from forkframe.errors import ForkframeError, NotAWorkspace
from forkframe.model.graph import Graph
from forkframe.store import migrate
from forkframe.store.rows import Loaded, load
from forkframe.store.schema import WORKSPACE
from forkframe.store.sqlite import DATABASE, damaged, explained, reading_engine

MEDIA, CACHE, LOCK = "media", "cache", "lock"


def read_graph(path: Path) -> Graph:
    """The graph of the workspace at `path`, read without the lock, also while another process writes.

    Raises:
        NotAWorkspace: there is none.
        WorkspaceTooNew: a newer version made it.
        WorkspaceDamaged: it can't be read.
    """
    with read_only(path) as (connection, _):
        return load_checked(connection, path / DATABASE)[1].graph


@contextmanager
def read_only(path: Path) -> Generator[tuple[Connection, str]]:
    """A connection to the workspace at `path` that sees one moment of it and can't write, and the workspace's id.

    Raises:
        NotAWorkspace, WorkspaceTooNew, WorkspaceDamaged: as `read_graph`.
    """
    path = path.absolute()
    check_there(path)
    database = path / DATABASE
    with explained(database, "read the workspace"), reading_engine(database).begin() as connection:
        migrate.check_current(connection, database)
        yield connection, _id_in(connection, database)


def check_there(path: Path) -> None:
    """Returns if there is a workspace in the folder `path`, sound or not.

    Raises:
        NotAWorkspace: there is none.
        WorkspaceDamaged: there is one, without its database.
    """
    if not path.is_dir():
        raise NotAWorkspace(
            f"{path} is no workspace: {'it is not a folder' if path.exists() else 'there is nothing there'}",
            hint=f"make one with `forkframe new {path}`",
        )
    if (path / DATABASE).is_file():
        if not (path / DATABASE).stat().st_size:  # to SQLite, that is a new database
            raise damaged(path / DATABASE, "the file is empty")
        return
    if (path / MEDIA).is_dir():
        raise damaged(path / DATABASE, "the file is missing")
    raise NotAWorkspace(
        f"{path} is no workspace: it has no {DATABASE}", hint="make one with `forkframe new NAME.forkframe`"
    )


def load_checked(connection: Connection, database: Path) -> tuple[str, Loaded]:
    """The id of the workspace in a database, and all that is in it but the log.

    Raises:
        WorkspaceDamaged: there is none, or a row makes no sense.
    """
    workspace_id = _id_in(connection, database)
    try:
        return workspace_id, load(connection, workspace_id)
    except (ForkframeError, ValueError, TypeError) as error:
        raise damaged(database, f"a row makes no sense: {error}") from error


def _id_in(connection: Connection, database: Path) -> str:
    workspace_id = connection.scalar(select(WORKSPACE.c.workspace_id))
    if workspace_id is None:
        raise damaged(database, "it holds no workspace")
    return workspace_id
