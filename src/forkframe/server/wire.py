"""What goes over the wire: rows with every field, jobs, and edits; `frontend/src/model/rows.ts` is the other end.

`shapes.py` describes them.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import PurePath
from typing import cast

from starlette.responses import Response

from forkframe.model.delta import Delta
from forkframe.model.entities import (
    Board,
    Candidate,
    Edge,
    Entity,
    Node,
    Note,
    Rendering,
    Sequence,
    Settings,
    Take,
)
from forkframe.server.shapes import Table
from forkframe.store import Committed, Logged
from forkframe.studio import JobView

Row = dict[str, object]
TABLES: Mapping[type[Entity], Table] = {
    Settings: "settings",
    Node: "nodes",
    Edge: "edges",
    Rendering: "renderings",
    Take: "takes",
    Board: "boards",
    Sequence: "sequences",
    Candidate: "candidates",
    Note: "notes",
}


def row(entity: Entity) -> Row:
    """A row with every field."""
    return _ROWS[type(entity)](entity)


def tables(rows: Iterable[Entity]) -> dict[Table, list[Row]]:
    """Rows by table."""
    out: dict[Table, list[Row]] = {name: [] for name in TABLES.values()}
    for entity in rows:
        out[TABLES[type(entity)]].append(row(entity))
    return out


def edits(delta: Delta) -> list[Row]:
    """What a change did to rows."""
    return [
        {"table": TABLES[e.kind], "id": e.id, "row": row(e.after) if e.after is not None else None}
        for e in delta
    ]


def change(logged: Logged) -> Row:
    """A change as everybody who looks at the workspace is told of it."""
    return {
        "type": "delta",
        "seq": logged.seq,
        "op": logged.op_id,
        "actor": logged.actor,
        "change": logged.kind,
        "edits": edits(logged.delta),
    }


def job(view: JobView) -> Row:
    """A job as it is now."""
    out = {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}
    return {
        **out,
        "preview": view.preview is not None,
        "story": list(view.story),
        "result": plain(view.result),
    }


def plain(value: object) -> object:
    """A facade's answer as JSON; bytes as `{"base64": …}`."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, Committed):  # what it did comes over the socket
        return {"seq": value.seq, "repeated": value.repeated}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in cast("Mapping[object, object]", value).items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [plain(v) for v in cast("Iterable[object]", value)]
    if isinstance(value, Fraction | PurePath):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def dumps(value: object) -> str:
    """Compact JSON, in ASCII: a label may hold half a surrogate pair, which no other spelling survives."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


class Json(Response):
    """An answer that is JSON already in shape: written at once, without a second look at every field."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The body."""
        return dumps(content).encode()


def _plainly(entity: Entity) -> Row:
    """A row whose fields are JSON as they stand."""
    return {name: getattr(entity, name) for name in _fields(type(entity))}


def _fields(kind: type[Entity]) -> tuple[str, ...]:
    return _FIELDS[kind]


_FIELDS: Mapping[type[Entity], tuple[str, ...]] = {
    kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in TABLES
}


def _settings(entity: Settings) -> Row:
    frame = entity.frame
    return {
        **_plainly(entity),
        "frame": {"width": frame.width, "height": frame.height, "fps": str(frame.fps)} if frame else None,
        "fps": str(entity.fps),
    }


def _node(entity: Node) -> Row:
    crop, cut = entity.crop, entity.cut
    return {
        **_plainly(entity),
        "crop": {"fit": crop.fit, "focus": crop.focus, "zoom": crop.zoom},
        "cut": {"edge": cut.edge, "frame": cut.frame, "halves": cut.halves} if cut else None,
    }


def _edge(entity: Edge) -> Row:
    return {**_plainly(entity), "parameters": plain(entity.parameters)}


def _rendering(entity: Rendering) -> Row:
    recipe = entity.recipe
    return {
        "id": entity.id,
        "algorithm": recipe.algorithm,
        "frames": recipe.frames,
        "picture": entity.picture,
        "pixels": entity.pixels,
        "field": entity.field,
        "video": entity.video,
        "frame": (*recipe.frame.size, str(recipe.frame.fps)),
        "seed": recipe.seed,
        "notes": entity.notes,
    }


def _sequence(entity: Sequence) -> Row:
    return {"id": entity.id, "name": entity.name, "steps": [dataclasses.asdict(s) for s in entity.steps]}


_ROWS = cast(
    "Mapping[type[Entity], Callable[[Entity], Row]]",
    {
        **dict.fromkeys(TABLES, _plainly),
        Settings: _settings,
        Node: _node,
        Edge: _edge,
        Rendering: _rendering,
        Sequence: _sequence,
    },
)
