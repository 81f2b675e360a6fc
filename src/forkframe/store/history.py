"""The log: one entry per change, and what each actor can undo and redo, which follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, insert, select

from forkframe.errors import ForkframeError
from forkframe.model.changes import ENGINE
from forkframe.model.delta import Delta
from forkframe.model.ids import OpId
from forkframe.model.undo import Overtaken
from forkframe.store.rows import delta_of, log_text
from forkframe.store.schema import LOG
from forkframe.store.sqlite import damaged

UNDO, REDO = "Undo", "Redo"
"""The types of log entries that take back another one."""
PASSED = {UNDO: "UndoPassed", REDO: "RedoPassed"}
"""The types of log entries that pass over one that could not be taken back; all others are names of changes."""
PASSED_OVER = "go on with the change before, or change this one by hand"
_STACKED = (UNDO, REDO, *PASSED.values())

_NOTHING = log_text(())

_INSERT = insert(LOG)
_FIND = select(LOG.c.seq, LOG.c.type, LOG.c.delta).where(
    LOG.c.workspace_id == bindparam("w"), LOG.c.op_id == bindparam("op_id")
)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One change as logged; `at` is in UTC."""

    seq: int
    op_id: OpId
    actor: str
    type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Logged:
    """One change as everybody who looks at the workspace is told of it; `kind` is the log's type."""

    seq: int
    op_id: OpId
    actor: str
    kind: str
    delta: Delta


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is in the log already: its number, type and delta."""

    seq: int
    kind: str
    delta: Delta


@dataclass(frozen=True, slots=True)
class Stacks:
    """The numbers of the log entries that one actor can undo and redo, the next one last."""

    undo: list[int] = field(default_factory=list[int])
    redo: list[int] = field(default_factory=list[int])

    def note(self, seq: int, kind: str) -> None:
        """Counts in the actor's next entry."""
        if kind == PASSED[UNDO]:
            self.undo.pop()
        elif kind == PASSED[REDO]:
            self.redo.pop()
        elif kind == UNDO:
            self.undo.pop()
            self.redo.append(seq)
        elif kind == REDO:
            self.redo.pop()
            self.undo.append(seq)
        else:
            self.undo.append(seq)
            self.redo.clear()


class History:
    """The log of one workspace."""

    def __init__(self, workspace_id: str, database: Path) -> None:
        self._database = database
        self._mine = LOG.c.workspace_id == workspace_id
        self._workspace_id = workspace_id
        self._stacks: dict[str, Stacks] = {}

    def write(
        self, connection: Connection, *, seq: int, op_id: OpId, actor: str, kind: str, delta: str
    ) -> None:
        """Adds an entry, its delta as `log_text`; `note` it once that is committed."""
        entry = {
            "workspace_id": self._workspace_id,
            "seq": seq,
            "op_id": op_id,
            "actor": actor,
            "type": kind,
            "at": datetime.now(UTC).replace(tzinfo=None),
            "delta": delta,
        }
        connection.execute(_INSERT, entry)

    def note(self, *, seq: int, actor: str, kind: str, delta: Delta) -> None:
        """Tells the actor's stacks of an entry that was committed."""
        if actor in self._stacks and (delta.edits or kind in _STACKED):
            self._stacks[actor].note(seq, kind)

    def stacks(self, connection: Connection, actor: str) -> Stacks:
        """What an actor can undo and redo. Results of jobs, and changes that changed nothing, are in no stack."""
        if actor not in self._stacks:
            mine = (
                select(LOG.c.seq, LOG.c.type)
                .where(self._mine, LOG.c.actor == actor)
                .where((LOG.c.delta != _NOTHING) | LOG.c.type.in_(_STACKED))
                .order_by(LOG.c.seq)
            )
            stacks = Stacks()
            for seq, kind in connection.execute(mine) if actor != ENGINE else ():
                stacks.note(seq, kind)
            self._stacks[actor] = stacks
        return self._stacks[actor]

    def find(self, connection: Connection, op_id: OpId) -> Known | None:
        """The entry with that op id, or None."""
        entry = connection.execute(_FIND, {"w": self._workspace_id, "op_id": op_id}).one_or_none()
        return None if entry is None else Known(entry.seq, entry.type, self._delta_of(entry.delta))

    def delta(self, connection: Connection, seq: int) -> Delta:
        """The delta of an entry."""
        text = connection.scalar(select(LOG.c.delta).where(self._mine, LOG.c.seq == seq))
        return self._delta_of(text or _NOTHING)

    def since(self, connection: Connection, seq: int, limit: int) -> tuple[LogEntry, ...]:
        """The first `limit` entries after `seq`, oldest first."""
        entries = (
            select(LOG.c.seq, LOG.c.op_id, LOG.c.actor, LOG.c.type, LOG.c.at)
            .where(self._mine, LOG.c.seq > seq)
            .order_by(LOG.c.seq)
            .limit(limit)
        )
        return tuple(
            LogEntry(e.seq, OpId(e.op_id), e.actor, e.type, e.at.replace(tzinfo=UTC))
            for e in connection.execute(entries)
        )

    def logged_since(self, connection: Connection, seq: int) -> tuple[Logged, ...]:
        """All entries after `seq` with their deltas, oldest first."""
        entries = (
            select(LOG.c.seq, LOG.c.op_id, LOG.c.actor, LOG.c.type, LOG.c.delta)
            .where(self._mine, LOG.c.seq > seq)
            .order_by(LOG.c.seq)
        )
        return tuple(
            Logged(e.seq, OpId(e.op_id), e.actor, e.type, self._delta_of(e.delta))
            for e in connection.execute(entries)
        )

    def latest(self, connection: Connection, limit: int) -> list[tuple[LogEntry, Delta]]:
        """The last `limit` entries with their deltas, the newest first."""
        entries = select(LOG).where(self._mine).order_by(LOG.c.seq.desc()).limit(limit)
        return [
            (
                LogEntry(e.seq, OpId(e.op_id), e.actor, e.type, e.at.replace(tzinfo=UTC)),
                self._delta_of(e.delta),
            )
            for e in connection.execute(entries)
        ]

    def blamed(self, connection: Connection, refusal: Overtaken, *, delta: Delta, seq: int) -> Overtaken:
        """`refusal` to take back `delta`, entry `seq`, with the name of who stands in the way."""
        own = {field for edit in delta if edit.id == refusal.row_id for field in edit.fields()}
        later = (
            select(LOG.c.actor, LOG.c.delta)
            .where(
                self._mine,
                LOG.c.seq > seq,
                LOG.c.actor != ENGINE,
                LOG.c.delta.contains(refusal.row_id, autoescape=True),
            )
            .order_by(LOG.c.seq.desc())
        )
        for actor, text in connection.execute(later):
            for edit in self._delta_of(text):
                # Of several who touched the row, whoever touched the same fields, or made or deleted it.
                if edit.id == refusal.row_id and (not own or not edit.fields() or own & {*edit.fields()}):
                    return Overtaken(
                        f"{refusal.message} by {actor}",
                        hint=PASSED_OVER,
                        row_id=refusal.row_id,
                    )
        return refusal

    def _delta_of(self, text: str) -> Delta:
        try:
            return delta_of(text)
        except (ForkframeError, ValueError, TypeError) as error:
            raise damaged(self._database, f"an entry of its log makes no sense: {error}") from error
