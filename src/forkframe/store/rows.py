"""Model rows as table rows, and back."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select, update

from forkframe.errors import BadInput
from forkframe.model.codec import from_json, to_json
from forkframe.model.delta import Delta, Edit
from forkframe.model.entities import ENTITIES, Entity
from forkframe.model.graph import Graph
from forkframe.store.schema import ENTITY, LOG

KINDS: Mapping[str, type[Entity]] = {kind.__name__.lower(): kind for kind in ENTITIES}

_ENCODE = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_NULL = "null"

_INSERT = insert(ENTITY)
_REVIVE = (
    update(ENTITY)
    .where(ENTITY.c.workspace_id == bindparam("w"), ENTITY.c.id == bindparam("key"))
    .values(body=bindparam("body"), ordinal=bindparam("ordinal"))
)
_REWRITE = (
    update(ENTITY)
    .where(ENTITY.c.workspace_id == bindparam("w"), ENTITY.c.id == bindparam("key"))
    .values(body=bindparam("body"))
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workspace as read: its graph, the number of its last change, and of the row that came last."""

    graph: Graph
    seq: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class EncodedEdit:
    """An edit with its rows as JSON, `null` for none; in `edit` they are as they will be read back."""

    kind: str
    before: str
    after: str
    edit: Edit


def load(connection: Connection, workspace_id: str) -> Loaded:
    """Everything but the log.

    Raises:
        ValueError: a row can't be understood.
    """
    table = (
        select(ENTITY.c.id, ENTITY.c.kind, ENTITY.c.ordinal, ENTITY.c.body)
        .where(ENTITY.c.workspace_id == workspace_id)
        .order_by(ENTITY.c.ordinal)
    )
    rows: list[Entity] = []
    deleted: list[str] = []
    ordinal = 0
    with _no_garbage_collection():
        for part in connection.execute(table).partitions(1000):
            ordinal = part[-1].ordinal
            deleted += [key for key, _, _, body in part if body is None]
            rows += _decoded([(kind, body) for _, kind, _, body in part if body is not None])
        graph = Graph(rows, used_ids=deleted)
    last = connection.scalar(select(func.max(LOG.c.seq)).where(LOG.c.workspace_id == workspace_id))
    return Loaded(graph, last or 0, ordinal)


def encoded(delta: Delta) -> tuple[EncodedEdit, ...]:
    """The delta's rows as they are stored, and as they will be read back.

    What is acknowledged must open again tomorrow: a value that has no JSON form, or that the codec would refuse to
    read, is refused before it is written.

    Raises:
        BadInput: such a value.
    """
    try:
        return tuple(_encoded(edit) for edit in delta)
    except (TypeError, ValueError) as error:
        raise BadInput(f"that change holds a value that can't be stored: {error}") from error


def write_rows(
    connection: Connection,
    workspace_id: str,
    edits: Iterable[EncodedEdit],
    *,
    ordinal: int,
    was_used: Callable[[str], bool],
) -> int:
    """Writes rows as edited, and returns the ordinal of the row that is the last one then.

    Args:
        connection: in a transaction.
        workspace_id: whose rows.
        edits: fit the rows as they are.
        ordinal: of the row that is the last one now.
        was_used: whether an id was ever given to a row, so that it has a tombstone to come back to.
    """
    created: list[dict[str, object]] = []
    revived: list[dict[str, object]] = []
    rewritten: list[dict[str, object]] = []
    for edit in edits:
        key = edit.edit.id
        if edit.before != _NULL:
            body = None if edit.after == _NULL else edit.after
            rewritten.append({"w": workspace_id, "key": key, "body": body})
            continue
        ordinal += 1
        if was_used(key):
            revived.append({"w": workspace_id, "key": key, "body": edit.after, "ordinal": ordinal})
        else:
            created.append(
                {
                    "workspace_id": workspace_id,
                    "id": key,
                    "kind": edit.kind,
                    "ordinal": ordinal,
                    "body": edit.after,
                }
            )
    for statement, values in ((_INSERT, created), (_REVIVE, revived), (_REWRITE, rewritten)):
        if values:
            connection.execute(statement, values)
    return ordinal


def log_text(edits: Iterable[EncodedEdit]) -> str:
    """Edits as JSON for the log, `[[kind, before, after], …]`."""
    return "[" + ",".join(f'["{e.kind}",{e.before},{e.after}]' for e in edits) + "]"


def delta_of(text: str) -> Delta:
    """The delta whose `log_text` this is.

    Raises:
        ValueError: it can't be understood.
    """
    return Delta(
        tuple(Edit(_row(kind, before), _row(kind, after)) for kind, before, after in json.loads(text))
    )


def _encoded(edit: Edit) -> EncodedEdit:
    kind = edit.kind.__name__.lower()
    before, after = _ENCODE(to_json(edit.before)), _ENCODE(to_json(edit.after))
    read_back = _row(kind, json.loads(after))
    # The same row again is kept as it is: it knows the hash of its recipe already.
    return EncodedEdit(kind, before, after, edit if read_back == edit.after else Edit(edit.before, read_back))


def _decoded(bodies: Sequence[tuple[str, str]]) -> Iterable[Entity]:
    # Parsing a thousand bodies as one list takes half the time of parsing each.
    parsed = json.loads(f"[{','.join([body for _, body in bodies])}]")
    for (kind, _), data in zip(bodies, parsed, strict=True):
        row = _row(kind, data)
        if row is None:
            raise ValueError(f"a {kind} is null")
        yield row


def _row(kind: str, data: object) -> Entity | None:
    if data is None:
        return None
    if kind not in KINDS:
        raise ValueError(f"there are no rows of the kind {kind!r}")
    return from_json(KINDS[kind], data)


@contextmanager
def _no_garbage_collection() -> Generator[None]:
    """Rows are trees: collecting while hundreds of thousands are made finds nothing and doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
