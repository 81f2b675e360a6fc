"""Undo: the inverse of a delta, fitted to the graph as it is now, or a refusal that says what stands in the way."""

from __future__ import annotations

import dataclasses

from forkframe.errors import Conflict
from forkframe.model.changes import removal
from forkframe.model.delta import Delta, Edit
from forkframe.model.entities import Candidate, Edge, Entity, Node, Rendering, Settings, Take
from forkframe.model.graph import Graph

_ENGINE_FIELDS = frozenset({"active", "video"})
"""Fields that results of jobs set: they don't stand in the way of undoing that a row was made."""


class Overtaken(Conflict):
    """Undoing would undo somebody else's work on the row `row_id`; `repeated` if that was said before."""

    def __init__(self, message: str, *, hint: str = "", row_id: str = "", repeated: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.row_id = row_id
        self.repeated = repeated


def undo(graph: Graph, delta: Delta) -> Delta:
    """The delta that takes `delta` back in `graph` as it is now, whatever happened in between.

    A field is set back only if it still has the value that `delta` gave it. What `delta` created is deleted with the
    results engines made for it; renderings are kept. What `delta` deleted comes back, if all it needs is there.
    The inverse of the result redoes.

    Raises:
        Overtaken: somebody has changed, deleted or built on the same rows since.
    """
    edits: list[Edit] = []
    created = {e.id for e in delta if e.before is None}
    for edit in delta.inverse():
        if edit.kind is Rendering:
            continue
        if edit.kind is Settings and graph.settings.frame and graph.nodes.keys() - created:
            continue  # the frame that the first picture proposed is by now that of others
        now = graph.get(edit.kind, edit.id)
        if edit.after is None:
            edits += _uncreated(graph, edit, now, created)
        elif edit.before is None:
            if now is not None:
                raise Overtaken(f"{_name(edit)} is back already", row_id=edit.id)
            edits.append(Edit(None, edit.after))
        else:
            edits.append(_set_back(edit, now))
    result = Delta(tuple({e.id: e for e in edits}.values()))
    _check_references(graph, result)
    return result


def _set_back(edit: Edit, now: Entity | None) -> Edit:
    assert edit.before is not None
    assert edit.after is not None
    if now is None:
        raise Overtaken(f"{_name(edit)} was deleted since", row_id=edit.id)
    for name in edit.fields():
        if getattr(now, name) != getattr(edit.before, name):
            raise Overtaken(f"the {name} of {_name(edit)} was changed since", row_id=edit.id)
    return Edit(now, dataclasses.replace(now, **{name: getattr(edit.after, name) for name in edit.fields()}))


def _uncreated(graph: Graph, edit: Edit, now: Entity | None, created: set[str]) -> list[Edit]:
    assert edit.before is not None
    if now is None:
        raise Overtaken(f"{_name(edit)} was deleted since", row_id=edit.id)
    for name in Edit(edit.before, now).fields():
        if name not in _ENGINE_FIELDS:
            raise Overtaken(f"the {name} of {_name(edit)} was changed since", row_id=edit.id)
    if not isinstance(now, Node | Edge):
        return [Edit(now, None)]
    edits = removal(graph, [now])
    for other in edits:
        if isinstance(other.before, Edge | Node) and other.id not in created:
            raise Overtaken(f"{_name(other)} was built on {_name(edit)} since", row_id=other.id)
    return edits


def _check_references(graph: Graph, delta: Delta) -> None:
    gone = {e.id for e in delta if e.after is None}
    back = {e.id for e in delta if e.after is not None}
    for edit in delta:
        row = edit.after
        needs: tuple[str, ...] = ()
        if isinstance(row, Edge):
            needs = (row.source, row.target)
        elif isinstance(row, Take):
            needs = (row.owner,)
        elif isinstance(row, Candidate):
            needs = (row.node,)
        for key in needs:
            known = key in graph.nodes or key in graph.edges
            if key in gone or not (known or key in back):
                raise Overtaken(f"{_name(edit)} needs {key}, which was deleted since", row_id=key)


def _name(edit: Edit) -> str:
    row = edit.after if edit.after is not None else edit.before
    label = getattr(row, "label", "") or getattr(row, "name", "")
    return f"{edit.kind.__name__.lower()} {label or edit.id}"
