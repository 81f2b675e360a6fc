"""SQLite itself: which library, how connections are set up, and its errors in words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from forkframe.errors import BadInput, ForkframeError, OutputFailed, WorkspaceBusy, WorkspaceDamaged

DATABASE = "workspace.db"

_WAL_RESET_FIXED = (3, 51, 3)
"""The first version without the WAL-reset bug, which can corrupt a database that two connections checkpoint."""


@dataclass(frozen=True, slots=True)
class SqliteFacts:
    """Which SQLite is used: the Python module, its version, and whether it has the WAL-reset bug."""

    module: str
    version: str
    has_wal_reset_bug: bool


def sqlite_facts() -> SqliteFacts:
    """Which SQLite workspaces are opened with."""
    module = driver()
    version: str = module.sqlite_version
    numbers = tuple(int(part) for part in version.split("."))
    return SqliteFacts(module.__name__.split(".")[0], version, numbers < _WAL_RESET_FIXED)


def driver() -> ModuleType:
    """The DB-API module that workspaces are opened with: the one with its own, newer SQLite where it is installed."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def writing_engine(database: Path) -> Engine:
    """Connections that may write and checkpoint; there must never be two of them."""
    return _engine(
        database,
        mode="rwc",
        begin="BEGIN IMMEDIATE",
        pragmas=("journal_mode=WAL", "synchronous=FULL", "trusted_schema=OFF"),
    )


def reading_engine(database: Path) -> Engine:
    """Connections that read one moment while another process writes, and can neither write nor checkpoint.

    `mode=ro` matters: a connection that could write would checkpoint when it is the last one to close.
    """
    # Where nothing can be written (a disc, somebody else's folder) SQLite can't make the small shared file that readers
    # agree through; without a WAL there is nothing to agree on.
    is_still = not os.access(database.parent, os.W_OK) and not database.with_name(f"{DATABASE}-wal").exists()
    return _engine(
        database,
        mode="ro&immutable=1" if is_still else "ro",
        begin="BEGIN",
        pragmas=("query_only=ON", "wal_autocheckpoint=0", "trusted_schema=OFF"),
    )


def _engine(database: Path, *, mode: str, begin: str, pragmas: tuple[str, ...]) -> Engine:
    module = driver()
    uri = f"{database.absolute().as_uri()}?mode={mode}"

    def connect() -> DBAPIConnection:
        # No isolation level: the driver keeps out of transactions, so that BEGIN means what it says and
        # schema changes are part of one.
        connection: DBAPIConnection = module.connect(uri, uri=True, isolation_level=None, timeout=5.0)
        try:
            for pragma in pragmas:
                connection.cursor().execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def start(connection: Connection) -> None:
        # Past SQLAlchemy, for whom it is no different from any statement: that saves a twentieth of a commit.
        driver_connection = connection.connection.dbapi_connection
        assert driver_connection is not None
        driver_connection.cursor().execute(begin)

    engine = create_engine("sqlite://", module=module, creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", start)
    return engine


@contextmanager
def explained(database: Path, attempt: str) -> Generator[None]:
    """Turns errors of the database inside into the project's own.

    Args:
        database: the file, named in the message.
        attempt: what was going on, such as `save the change`.

    Raises:
        BadInput: a text is not one, such as half an emoji.
        OutputFailed: it could not be written: no space, no permission, no folder.
        WorkspaceBusy: something else than a Forkframe process holds it.
        WorkspaceDamaged: anything else, which a sound database does not answer.
    """
    try:
        yield
    except DBAPIError as error:
        raise _in_words(error, database, attempt) from error
    except UnicodeDecodeError as error:  # the driver, about names in a damaged file
        raise damaged(database, str(error)) from error
    except UnicodeEncodeError as error:  # the driver, about what we gave it
        raise BadInput(f"could not {attempt}: {error}", hint="use whole characters only") from error


def _in_words(error: DBAPIError, database: Path, attempt: str) -> ForkframeError:
    # The low byte is the primary result code, https://sqlite.org/rescode.html
    code = int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF
    line = f"could not {attempt} in {database.parent}: {error.orig}"
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return OutputFailed(line, hint="make space on the disk, then try again; nothing was changed")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return OutputFailed(line, hint="check that you may write to the folder and everything in it")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return WorkspaceBusy(line, hint="close the program that has workspace.db open")
    return damaged(database, str(error.orig))


def damaged(database: Path, reason: str) -> WorkspaceDamaged:
    """The error for a database that can't be read for `reason`."""
    return WorkspaceDamaged(
        f"{database} can't be read: {reason}",
        hint=f"restore it from a backup; all pictures and videos are in {database.parent / 'media'}",
    )
