"""One open workspace: the graph in memory, and every change to it on the disk before anybody sees it."""

from __future__ import annotations

import contextlib
import logging
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection, insert

from forkframe.errors import BadInput, OutputFailed
from forkframe.model.changes import ENGINE, Envelope, plan
from forkframe.model.delta import Delta, Edit
from forkframe.model.entities import Settings
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import OpId
from forkframe.model.undo import Overtaken, undo
from forkframe.store import migrate
from forkframe.store.blobs import Blobs
from forkframe.store.cache import Cache
from forkframe.store.history import PASSED, PASSED_OVER, REDO, UNDO, History, LogEntry, Logged
from forkframe.store.lock import WorkspaceLock
from forkframe.store.reading import CACHE, LOCK, MEDIA, check_there, load_checked
from forkframe.store.rows import Loaded, encoded, log_text, write_rows
from forkframe.store.schema import WORKSPACE
from forkframe.store.sqlite import DATABASE
from forkframe.store.writer import Writer

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """A change that is on the disk: its number, what it did, and whether it was done before under the same op id."""

    seq: int
    delta: Delta
    repeated: bool = False


class Store:
    """One open workspace; `create` or `open` makes one. Methods may be called from any thread.

    Attributes:
        path: the folder.
        lock: held until `close`.
        blobs: the media folder.
        cache: the cache folder.
    """

    def __init__(self, path: Path, lock: WorkspaceLock, writer: Writer) -> None:
        self.path = path
        self.lock = lock
        self.blobs = Blobs(path / MEDIA)
        self.cache = Cache(path / CACHE)
        self._writer = writer
        self._workspace_id, loaded = writer.call(self._load)
        self._graph, self._seq, self._ordinal = loaded.graph, loaded.seq, loaded.ordinal
        self._history = History(self._workspace_id, path / DATABASE)
        self._listeners: list[Callable[[Logged], None]] = []

    @staticmethod
    def create(path: Path, *, frame: Frame | None = None, fps: Fraction = Fraction(24)) -> Store:
        """A new workspace in the folder `path`, which is made, with the folders above it.

        Args:
            path: the folder.
            frame: the picture format; None leaves it to the first picture.
            fps: what a frame that a picture proposes gets.

        Raises:
            BadInput: there is something at `path` already.
            OutputFailed: it can't be written.
        """
        path = path.absolute()
        building = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
        try:
            if path.exists() and not (path.is_dir() and not any(path.iterdir())):
                raise BadInput(
                    f"{path} exists already", hint="choose another name, or open it if it is a workspace"
                )
            for folder in (MEDIA, CACHE):
                (building / folder).mkdir(parents=True)
            _opened(building, wait=0.0, on_wait=None, first=Settings(frame=frame, fps=fps)).close()
            building.rename(path)  # a folder is a whole workspace or none, whenever the power goes
        except OSError as error:
            raise OutputFailed(
                f"could not create {path}: {error.strerror}", hint="check that you may write there"
            ) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return _opened(path, wait=0.0, on_wait=None)

    @staticmethod
    def open(path: Path, *, wait: float = 10.0, on_wait: Callable[[str], None] | None = None) -> Store:
        """The workspace in the folder `path`.

        Args:
            path: the folder.
            wait: how many seconds to wait for another process that has it.
            on_wait: called once with one line if there is anything to wait for.

        Raises:
            NotAWorkspace: there is none.
            WorkspaceBusy: another process still has it.
            WorkspaceTooNew: a newer version made it.
            WorkspaceDamaged: it can't be read.
        """
        path = path.absolute()
        check_there(path)
        return _opened(path, wait=wait, on_wait=on_wait)

    @property
    def graph(self) -> Graph:
        """The graph as of the last change. Changes while others commit: ask through `read` from several threads."""
        return self._graph

    @property
    def seq(self) -> int:
        """The number of the last change."""
        return self._seq

    @property
    def workspace_id(self) -> str:
        """What all its rows carry."""
        return self._workspace_id

    def read(self, question: Callable[[Graph], T]) -> T:
        """What `question` answers about the graph, asked between two changes."""
        return self._writer.call(lambda: question(self._graph))

    def transact(self, attempt: str, work: Callable[[Connection], T]) -> T:
        """What `work` returns, called with the database in a transaction of its own; for rows beside the graph.

        Raises:
            OutputFailed: could not `attempt` it; nothing was changed.
        """

        def call() -> T:
            with self._writer.transaction(attempt) as connection:
                return work(connection)

        return self._writer.call(call)

    def commit(self, envelope: Envelope, *, also: Callable[[Connection], object] | None = None) -> Committed:
        """Plans a change, writes it with its log entry, and then applies it to the graph.

        An envelope whose op id was committed before changes nothing, and gets the first one's answer.

        Args:
            envelope: the change.
            also: writes rows beside the graph in the same transaction; what it raises refuses the change.

        Raises:
            Gone: the change touches something that was deleted.
            BadInput: it does not make sense here.
            OutputFailed: it could not be written; nothing was changed.
        """
        kind = type(envelope.change).__name__

        def planned(connection: Connection) -> Delta:
            delta = plan(self._graph, envelope.change)
            if also:
                also(connection)
            return delta

        return self._commit(envelope.op_id, envelope.actor, kind, planned)

    def undo(self, actor: str, op_id: OpId) -> Committed:
        """Takes back the last change of `actor` that is not undone yet, also after the workspace was closed.

        Raises:
            BadInput: there is nothing to undo.
            Overtaken: somebody (who, is in the message) changed the same thing since; nothing was changed, and the
                next undo goes on with the change before.
            OutputFailed: it could not be written; nothing was changed.
        """
        return self._commit(op_id, actor, UNDO, partial(self._taken_back, actor, UNDO))

    def redo(self, actor: str, op_id: OpId) -> Committed:
        """Takes back the last `undo` of `actor`, unless they changed something since; raises as `undo` does."""
        return self._commit(op_id, actor, REDO, partial(self._taken_back, actor, REDO))

    def log(self, since: int = 0, *, limit: int = 1000) -> tuple[LogEntry, ...]:
        """The first `limit` changes after number `since`, oldest first."""

        def work() -> tuple[LogEntry, ...]:
            with self._writer.transaction("read the log") as connection:
                return self._history.since(connection, since, limit)

        return self._writer.call(work)

    def latest(self, limit: int) -> list[tuple[LogEntry, Delta]]:
        """The last `limit` changes with what they did, the newest first."""

        def work() -> list[tuple[LogEntry, Delta]]:
            with self._writer.transaction("read the log") as connection:
                return self._history.latest(connection, limit)

        return self._writer.call(work)

    def logged_since(self, seq: int, *, limit: int) -> tuple[Logged, ...] | None:
        """All changes after number `seq` with what they did, oldest first; None if there are more than `limit`."""

        def work() -> tuple[Logged, ...] | None:
            if self._seq - seq > limit:
                return None
            with self._writer.transaction("read the log") as connection:
                return self._history.logged_since(connection, seq)

        return self._writer.call(work)

    def watch(self, listener: Callable[[Logged], None]) -> Callable[[], None]:
        """Calls `listener` with every change from now on, in order, from the writer's thread; returns how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Closes the database and lets go of the lock, once."""
        self._writer.close()
        self.lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _load(self) -> tuple[str, Loaded]:
        database = self.path / DATABASE
        with self._writer.transaction("open the workspace") as connection:
            if not migrate.is_current(connection, database):
                migrate.upgrade(connection)
            return load_checked(connection, database)

    def _commit(
        self, op_id: OpId, actor: str, kind: str, planned: Callable[[Connection], Delta]
    ) -> Committed:
        def work() -> Committed:
            try:
                return write()
            except Overtaken as refusal:
                if kind in PASSED and not refusal.repeated:
                    self._pass_over(op_id, actor, kind)
                raise

        def write() -> Committed:
            with self._writer.transaction("save the change") as connection:
                # A job's result is fenced by its lease and sent once; looking for it would cost a tenth of a commit.
                known = None if actor == ENGINE else self._history.find(connection, op_id)
                if known is not None and known.kind in PASSED.values():
                    raise Overtaken("that was refused before", hint=PASSED_OVER, repeated=True)
                if known is not None:
                    return Committed(known.seq, known.delta, repeated=True)
                edits = encoded(planned(connection))
                text = log_text(edits)
                seq = self._seq + 1
                self._history.write(connection, seq=seq, op_id=op_id, actor=actor, kind=kind, delta=text)
                ordinal = write_rows(
                    connection,
                    self._workspace_id,
                    edits,
                    ordinal=self._ordinal,
                    was_used=self._graph.was_used,
                )
            delta = Delta(tuple(e.edit for e in edits))
            self._graph.apply(delta)
            self._seq, self._ordinal = seq, ordinal
            self._history.note(seq=seq, actor=actor, kind=kind, delta=delta)
            self._tell(Logged(seq, op_id, actor, kind, delta))
            return Committed(seq, delta)

        return self._writer.call(work)

    def _pass_over(self, op_id: OpId, actor: str, kind: str) -> None:
        seq, passed = self._seq + 1, PASSED[kind]
        nothing = Delta(())
        with self._writer.transaction("save the change") as connection:
            self._history.write(
                connection, seq=seq, op_id=op_id, actor=actor, kind=passed, delta=log_text(())
            )
        self._seq = seq
        self._history.note(seq=seq, actor=actor, kind=passed, delta=nothing)
        self._tell(Logged(seq, op_id, actor, passed, nothing))

    def _tell(self, logged: Logged) -> None:
        for listener in list(self._listeners):
            try:
                listener(logged)
            except Exception:  # noqa: BLE001 - somebody else's code
                _log.exception("a listener failed at change %d", logged.seq)

    def _taken_back(self, actor: str, kind: str, connection: Connection) -> Delta:
        stacks = self._history.stacks(connection, actor)
        stack = stacks.undo if kind == UNDO else stacks.redo
        if not stack:
            raise BadInput(f"there is nothing to {kind.lower()} for {actor}")
        delta = self._history.delta(connection, stack[-1])
        try:
            return undo(self._graph, delta)
        except Overtaken as refusal:
            raise self._history.blamed(connection, refusal, delta=delta, seq=stack[-1]) from None


def _opened(
    path: Path, *, wait: float, on_wait: Callable[[str], None] | None, first: Settings | None = None
) -> Store:
    with contextlib.ExitStack() as held:
        lock = held.enter_context(WorkspaceLock.acquire(path / LOCK, wait=wait, on_wait=on_wait))
        writer = Writer(path / DATABASE)
        held.callback(writer.close)
        if first is not None:
            writer.call(partial(_make_tables, writer, first))
        store = Store(path, lock, writer)
        store.blobs.sweep()
        held.pop_all()
    return store


def _make_tables(writer: Writer, first: Settings) -> None:
    with writer.transaction("create the workspace") as connection:
        migrate.upgrade(connection)
        workspace_id = secrets.token_hex(8)
        created = {"workspace_id": workspace_id, "created_at": datetime.now(UTC).replace(tzinfo=None)}
        connection.execute(insert(WORKSPACE), created)
        write_rows(
            connection,
            workspace_id,
            encoded(Delta((Edit(None, first),))),
            ordinal=0,
            was_used=lambda key: False,
        )
