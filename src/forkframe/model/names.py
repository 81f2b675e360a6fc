"""Finding a row by what people type: an id, the start of an id, or a label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from forkframe.errors import NotFound
from forkframe.model.entities import Board, Edge, Node, Sequence
from forkframe.model.graph import Graph

Named = Node | Edge | Board | Sequence
E = TypeVar("E", bound=Named)


def find(graph: Graph, kind: type[E], text: str) -> E:
    """The one node, edge, board or sequence called `text`: its id, a label, or a unique start of its id, in this order.

    Raises:
        NotFound: there is none, or more than one.
    """
    return _the_one(_rows(graph, kind), text, kind.__name__.lower())


def find_any(
    graph: Graph, text: str, kinds: tuple[type[Named], ...] = (Node, Edge, Board, Sequence)
) -> Named:
    """The one thing of any of these `kinds` called `text`, as `find`."""
    rows: list[Named] = []
    for kind in kinds:
        rows += _rows(graph, kind)
    return _the_one(rows, text, " or ".join(kind.__name__.lower() for kind in kinds))


def _the_one(rows: list[E], text: str, what: str) -> E:
    matches = (
        [row for row in rows if row.id == text]
        or [row for row in rows if _label(row) == text and text]
        or [row for row in rows if text and row.id.startswith(text)]
    )
    if not matches:
        raise NotFound(f"there is no {what} {text!r}", hint=f"{_known(rows)}; `forkframe show` lists all")
    if len(matches) > 1:
        raise NotFound(
            f"{len(matches)} {'things' if ' or ' in what else what + 's'} go by {text!r}",
            hint="say which by its id: " + ", ".join(row.id for row in matches[:6]),
        )
    return matches[0]


def _rows(graph: Graph, kind: type[E]) -> list[E]:
    tables: dict[type, Iterable[Named]] = {
        Node: graph.nodes.values(),
        Edge: (e for e in graph.edges.values() if not e.hidden),
        Board: graph.boards.values(),
        Sequence: graph.sequences.values(),
    }
    return [row for row in tables[kind] if isinstance(row, kind)]


def _label(row: Named) -> str:
    return row.label if isinstance(row, Node | Edge) else row.name


def _known(rows: Iterable[Named]) -> str:
    names = [_label(row) or row.id for row in rows]
    if not names:
        return "there are none yet"
    return "there is " + ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
