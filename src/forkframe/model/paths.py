"""Paths: continuous walks over edges, asked for by nodes, checked joint by joint."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from forkframe.errors import BrokenPath
from forkframe.model.entities import Edge, Step
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, NodeId


@dataclass(frozen=True, slots=True)
class FoundPath:
    """A path and what had to be decided to find it.

    Attributes:
        steps: the walk.
        inserted: nodes the walk goes through that were not asked for, in order.
        parallel: for each step where other edges would have done as well, the edge taken and those passed over.
    """

    steps: tuple[Step, ...]
    inserted: tuple[NodeId, ...]
    parallel: tuple[tuple[EdgeId, tuple[EdgeId, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a leg, `ends` its first and last node: one `via` step, or a walk (maybe empty) between such steps."""

    ends: tuple[NodeId, NodeId]
    steps: list[Step]
    is_via: bool = False


def ends_of(graph: Graph, step: Step) -> tuple[NodeId, NodeId]:
    """The nodes a step goes from and to.

    Raises:
        BrokenPath: its edge was deleted.
    """
    edge = graph.edges.get(step.edge)
    if edge is None:
        raise BrokenPath(f"edge {step.edge} was deleted", hint="undo that, or save the sequence again")
    return (edge.target, edge.source) if step.reverse else (edge.source, edge.target)


def check_continuous(graph: Graph, steps: Sequence[Step]) -> None:
    """Returns if each step starts where the one before it ends.

    Raises:
        BrokenPath: names the first joint that does not hold.
    """
    if not steps:
        raise BrokenPath("the path has no steps", hint="name at least two nodes that are connected")
    for number, (before, after) in enumerate(pairwise(steps), start=1):
        end, start = ends_of(graph, before)[1], ends_of(graph, after)[0]
        if end != start:
            raise BrokenPath(
                f"the path has a gap at joint {number}: edge {before.edge} ends at node {end}, "
                f"edge {after.edge} starts at node {start}",
                hint=f"connect {end} to {start}",
            )
    ends_of(graph, steps[-1])


def shortest_path(
    graph: Graph,
    waypoints: Sequence[NodeId],
    *,
    via: Iterable[EdgeId] = (),
    reverse: bool = False,
    loop: bool = False,
) -> FoundPath:
    """The continuous path with the fewest edges through `waypoints` in order.

    Dijkstra from waypoint to waypoint over visible edges; among paths of equally many edges those over `via` win,
    then the shorter film, then the older edges. A `via` edge that no leg takes by itself is walked as a detour, in
    the leg where that costs the fewest edges.

    Args:
        graph: where to walk.
        waypoints: two nodes or more; the same node twice in a row asks for a way round.
        via: edges that must be walked.
        reverse: whether edges may be walked backwards too.
        loop: whether the path returns to the first waypoint.

    Raises:
        BrokenPath: two waypoints are not connected, or an edge of `via` can't be reached.
    """
    closes = loop and (len(waypoints) == 1 or waypoints[-1:] != waypoints[:1])
    stops = [*waypoints, *waypoints[:1]] if closes else list(waypoints)
    if len(stops) < 2:
        raise BrokenPath(
            "a path needs at least two nodes", hint="name the nodes it goes through, or use --loop"
        )
    wanted = tuple(dict.fromkeys(via))
    legs = [
        _stretches(graph, _leg(graph, a, b, wanted, reverse), ends=(a, b), via=wanted)
        for a, b in pairwise(stops)
    ]
    for edge in wanted:
        if not any(step.edge == edge for leg in legs for stretch in leg for step in stretch.steps):
            _detour(graph, legs, key=edge, via=wanted, reverse=reverse)
    walks = [[step for stretch in leg for step in stretch.steps] for leg in legs]
    steps = tuple(step for walk in walks for step in walk)
    inserted = tuple(ends_of(graph, step)[1] for walk in walks for step in walk[:-1])
    return FoundPath(steps, inserted, _parallels(graph, steps, wanted, reverse))


def _leg(graph: Graph, start: NodeId, end: NodeId, via: tuple[EdgeId, ...], reverse: bool) -> list[Step]:
    """The best way from `start` to `end`, of at least one step even if they are the same node."""
    order = {edge: n for n, edge in enumerate(graph.edges)}
    best: dict[NodeId, tuple[int, int, int, int]] = {}
    came: dict[NodeId, tuple[NodeId, Step]] = {}
    queue: list[tuple[tuple[int, int, int, int], NodeId]] = [((0, 0, 0, 0), start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == end and cost[0]:
            return _walked_back(came, start, end)
        if cost > best.get(node, cost):
            continue
        for step, to in _steps_from(graph, node, reverse):
            edge = graph.edges[step.edge]
            new = (cost[0] + 1, cost[1] - (edge.id in via), cost[2] + edge.frames, cost[3] + order[edge.id])
            if to not in best or new < best[to]:
                best[to] = new
                came[to] = (node, step)
                heapq.heappush(queue, (new, to))
    raise BrokenPath(
        f"no path leads from node {_called(graph, start)} to node {_called(graph, end)}",
        hint=f"connect them, or nodes on the way{'' if reverse else ', or allow edges to be walked backwards'}",
    )


def _called(graph: Graph, key: NodeId) -> str:
    node = graph.nodes.get(key)
    return f"{node.label} ({key})" if node and node.label else key


def _walked_back(came: dict[NodeId, tuple[NodeId, Step]], start: NodeId, end: NodeId) -> list[Step]:
    node, step = came[end]
    steps = [step]
    while node != start:
        node, step = came[node]
        steps.append(step)
    return steps[::-1]


def _steps_from(graph: Graph, node: NodeId, reverse: bool) -> Iterable[tuple[Step, NodeId]]:
    for edge in graph.edges_of(node):
        if edge.hidden:
            continue
        if edge.source == node:
            yield Step(edge.id), edge.target
        if reverse and edge.target == node:
            yield Step(edge.id, reverse=True), edge.source


def _stretches(
    graph: Graph, steps: list[Step], *, ends: tuple[NodeId, NodeId], via: tuple[EdgeId, ...]
) -> list[_Stretch]:
    """A walk taken apart at its `via` steps, so that a detour never replaces one of them."""
    stretches: list[_Stretch] = []
    here, walk = ends[0], list[Step]()
    for step in steps:
        if step.edge in via:
            start, end = ends_of(graph, step)
            stretches += [_Stretch((here, start), walk), _Stretch((start, end), [step], is_via=True)]
            here, walk = end, []
        else:
            walk.append(step)
    return [*stretches, _Stretch((here, ends[1]), walk)]


def _detour(
    graph: Graph, legs: list[list[_Stretch]], *, key: EdgeId, via: tuple[EdgeId, ...], reverse: bool
) -> None:
    """Replaces the stretch where walking `key` too costs the fewest extra edges."""
    edge: Edge | None = graph.edges.get(key)
    if edge is None or edge.hidden:
        raise BrokenPath(f"edge {key} can't be walked: it is not on the canvas")
    best: tuple[int, list[_Stretch], int, list[Step]] | None = None
    for leg in legs:
        for number, stretch in enumerate(leg):
            if stretch.is_via:
                continue
            for backwards in (False, True) if reverse else (False,):
                walk = _around(graph, stretch.ends, Step(key, backwards), via, reverse)
                if walk is None:
                    continue
                extra = len(walk) - len(stretch.steps)
                if best is None or extra < best[0]:
                    best = (extra, leg, number, walk)
    if best is None:
        raise BrokenPath(
            f"no path through these nodes walks edge {key}",
            hint=f"it leads from {edge.source} to {edge.target}; connect one of these to the path",
        )
    _, leg, number, walk = best
    leg[number : number + 1] = _stretches(graph, walk, ends=leg[number].ends, via=via)


def _around(
    graph: Graph, ends: tuple[NodeId, NodeId], step: Step, via: tuple[EdgeId, ...], reverse: bool
) -> list[Step] | None:
    """The best walk from one end to the other that includes `step`; None if there is none."""
    enter, leave = ends_of(graph, step)
    try:
        before = [] if ends[0] == enter else _leg(graph, ends[0], enter, via, reverse)
        after = [] if leave == ends[1] else _leg(graph, leave, ends[1], via, reverse)
    except BrokenPath:
        return None
    return [*before, step, *after]


def _parallels(
    graph: Graph, steps: tuple[Step, ...], via: tuple[EdgeId, ...], reverse: bool
) -> tuple[tuple[EdgeId, tuple[EdgeId, ...]], ...]:
    out: dict[EdgeId, tuple[EdgeId, ...]] = {}
    for step in steps:
        start, end = ends_of(graph, step)
        others = tuple(
            other.edge
            for other, to in _steps_from(graph, start, reverse)
            if to == end and other.edge != step.edge
        )
        if others and step.edge not in via:
            out[step.edge] = others
    return tuple(out.items())
