"""Branching: an edge becomes two at a frame, and whole again when it is healed. Nothing is rendered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from forkframe.errors import BadInput, Gone
from forkframe.model.delta import Edit
from forkframe.model.entities import Cut, Edge, Node, Step, Take
from forkframe.model.graph import Graph
from forkframe.model.ids import TakeId


def branch_edits(graph: Graph, take_id: TakeId, node: Node, takes: tuple[TakeId, TakeId]) -> list[Edit]:
    """The edits that cut the owner of a take at `node.cut.frame`.

    The halves get adjacent ranges of the take's rendering; the uncut edge stays hidden with all its takes; steps of
    saved sequences that walk it walk the halves instead, unless they pin another take than the one that is cut.

    Raises:
        Gone: the take or its edge was deleted.
        BadInput: the frame is an end of the take, or the edge was cut already.
    """
    take, cut = graph.takes.get(take_id), node.cut
    edge = graph.get(Edge, take.owner) if take else None
    if take is None or edge is None or take.rendering is None:
        raise Gone(f"take {take_id} is not there any more")
    if edge.hidden:
        raise BadInput(f"edge {edge.id} was cut already", hint="branch one of its halves")
    if cut is None or cut.edge != edge.id or len(take.ends) != 2:
        raise BadInput(f"node {node.id} was not cut from edge {edge.id}")
    if not 0 < cut.frame < take.last - take.first:
        raise BadInput(
            f"frame {cut.frame} of edge {edge.id} is not between its ends",
            hint=f"branch at one of the frames 1 to {take.last - take.first - 1}",
        )
    middle = take.first + cut.frame
    first = dataclasses.replace(
        edge, id=cut.halves[0], target=node.id, frames=cut.frame + 1, active=takes[0], label=""
    )
    second = dataclasses.replace(
        edge, id=cut.halves[1], source=node.id, frames=take.last - middle + 1, active=takes[1], label=""
    )
    half_takes = (
        dataclasses.replace(take, id=takes[0], owner=first.id, last=middle, ends=(take.ends[0], node.framed)),
        dataclasses.replace(
            take, id=takes[1], owner=second.id, first=middle, ends=(node.framed, take.ends[1])
        ),
    )
    rows = [node, first, second, *half_takes]
    return [
        *(Edit(None, row) for row in rows),
        Edit(edge, dataclasses.replace(edge, hidden=True)),
        *_rewritten(graph, lambda steps: _cut_steps(steps, take, edge, cut, takes)),
    ]


def heal_edits(graph: Graph, node: Node) -> list[Edit]:
    """The edits that make the edge cut at `node` visible again and let sequences walk it whole.

    Raises:
        BadInput: the node was not cut from an edge, or the edge or a half of it is gone or was cut again.
    """
    cut = node.cut
    parent = graph.get(Edge, cut.edge) if cut else None
    if cut is None or parent is None:
        raise BadInput(
            f"node {node.id} was not cut from an edge that is still there", hint="delete it without healing"
        )
    for key in cut.halves:
        half = graph.get(Edge, key)
        if half is None or half.hidden:
            raise BadInput(
                f"edge {cut.edge} can't be healed: its half {key} was {'cut again' if half else 'deleted'}",
                hint="heal or delete what was cut last first",
            )
    return [
        Edit(parent, dataclasses.replace(parent, hidden=False)),
        *_rewritten(graph, lambda steps: _healed_steps(graph, steps, cut)),
    ]


def _rewritten(graph: Graph, rewrite: Callable[[tuple[Step, ...]], Iterable[Step]]) -> list[Edit]:
    return [
        Edit(sequence, dataclasses.replace(sequence, steps=steps))
        for sequence in graph.sequences.values()
        if (steps := tuple(rewrite(sequence.steps))) != sequence.steps
    ]


def _cut_steps(
    steps: tuple[Step, ...], take: Take, edge: Edge, cut: Cut, takes: tuple[TakeId, TakeId]
) -> Iterable[Step]:
    for step in steps:
        if step.edge != edge.id or step.take not in (None, take.id):
            yield step
            continue
        halves = [
            dataclasses.replace(step, edge=half, take=half_take if step.take else None)
            for half, half_take in zip(cut.halves, takes, strict=True)
        ]
        one, other = reversed(halves) if step.reverse else halves
        yield dataclasses.replace(one, hold=0)
        yield other


def _healed_steps(graph: Graph, steps: tuple[Step, ...], cut: Cut) -> Iterable[Step]:
    rest = list(steps)
    while rest:
        step = rest.pop(0)
        reverse = step.reverse
        pair = cut.halves[::-1] if reverse else cut.halves
        if step.edge == pair[0] and rest and (rest[0].edge, rest[0].reverse) == (pair[1], reverse):
            last = rest.pop(0)
            take = _whole_take(graph, cut, step.take)
            yield dataclasses.replace(step, edge=cut.edge, take=take, hold=last.hold)
        else:
            yield step


def _whole_take(graph: Graph, cut: Cut, half: TakeId | None) -> TakeId | None:
    """The take of the uncut edge that a half's take shows a range of; None where none is pinned."""
    pinned = graph.takes.get(half) if half else None
    if pinned is None:
        return None
    return next((t.id for t in graph.takes_of(cut.edge) if t.rendering == pinned.rendering), None)
