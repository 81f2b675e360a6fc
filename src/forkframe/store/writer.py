"""The one thread that owns the one connection that writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from forkframe.errors import WorkspaceError
from forkframe.store.sqlite import explained, writing_engine
from forkframe.threads import Threads

T = TypeVar("T")


class Writer:
    """Runs what it is given on its own thread, one after the other."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._engine = writing_engine(database)
        self._connection: Connection | None = None
        self._thread = Threads(1, name="forkframe-writer")
        self._closed = False

    def call(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, called on the writer's thread; callers on any thread wait for it.

        Raises:
            WorkspaceError: the workspace was closed.
        """
        if threading.current_thread() in self._thread:
            return work()
        if self._closed:
            raise WorkspaceError(f"{self._database.parent} is closed", hint="open it again")
        return self._thread.submit(work).result()

    @contextmanager
    def transaction(self, attempt: str) -> Generator[Connection]:
        """A transaction, for work that `call` runs: committed at the end, rolled back on any error.

        Raises:
            ForkframeError: the database refused to `attempt` it.
        """
        with explained(self._database, attempt):
            if self._connection is None:
                self._connection = self._engine.connect()
            try:
                with self._connection.begin():
                    yield self._connection
            except DBAPIError:
                self._disconnect()  # after a full disk only a fresh connection is sure to be sound
                raise

    def close(self) -> None:
        """Ends the connection and the thread, once."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._disconnect).result()
            self._thread.close()

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()
