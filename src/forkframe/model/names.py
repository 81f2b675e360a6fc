"""Finding a row by what people type: an id, the start of an id, or a label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from forkframe.errors import NotFound
from forkframe.model.entities import Board, Edge, Node, Sequence
from forkframe.model.graph import Graph

E = TypeVar("E", Node, Edge, Board, Sequence)


def find(graph: Graph, kind: type[E], text: str) -> E:
    """The one node, edge, board or sequence called `text`: its id, a label, or a unique start of its id, in this order.

    Raises:
        NotFound: there is none, or more than one.
    """
    rows = _rows(graph, kind)
    by_label = [row for row in rows if _label(row) == text and text]
    matches = (
        [row for row in rows if row.id == text]
        or by_label
        or [row for row in rows if text and row.id.startswith(text)]
    )
    what = kind.__name__.lower()
    if not matches:
        raise NotFound(f"there is no {what} {text!r}", hint=f"{_known(rows)}; `forkframe show` lists all")
    if len(matches) > 1:
        raise NotFound(
            f"{len(matches)} {what}s go by {text!r}",
            hint="say which by its id: " + ", ".join(row.id for row in matches[:6]),
        )
    return matches[0]


def _rows(graph: Graph, kind: type[E]) -> list[E]:
    tables: dict[type, Iterable[Node | Edge | Board | Sequence]] = {
        Node: graph.nodes.values(),
        Edge: (e for e in graph.edges.values() if not e.hidden),
        Board: graph.boards.values(),
        Sequence: graph.sequences.values(),
    }
    return [row for row in tables[kind] if isinstance(row, kind)]


def _label(row: Node | Edge | Board | Sequence) -> str:
    return row.label if isinstance(row, Node | Edge) else row.name


def _known(rows: Iterable[Node | Edge | Board | Sequence]) -> str:
    names = [_label(row) or row.id for row in rows]
    if not names:
        return "there are none yet"
    return "there is " + ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
