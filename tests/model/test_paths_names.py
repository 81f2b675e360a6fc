"""Paths asked for by nodes, and rows asked for by what people type."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.errors import BrokenPath, NotFound
from forkframe.model.entities import Edge, Node, Sequence
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, NodeId
from forkframe.model.names import find
from forkframe.model.paths import FoundPath, check_continuous, ends_of, shortest_path
from tests.model.build import edge, node, sequence, step


def web(*edges: str, **frames: int) -> Graph:
    """A graph of edges written as `a-b`, or `a-b:name`; hidden with a trailing `!`."""
    rows: dict[str, Node | Edge] = {}
    for text in edges:
        ends, _, name = text.rstrip("!").partition(":")
        source, target = ends.split("-")
        for key in (source, target):
            rows.setdefault(key, node(key))
        key = name or ends
        made = edge(key, source, target, frames=frames.get(key, 25))
        rows[key] = Edge(made.id, made.source, made.target, made.frames, hidden=text.endswith("!"))
    return Graph(rows.values())


def path(
    graph: Graph, nodes: str, *, via: tuple[str, ...] = (), reverse: bool = False, loop: bool = False
) -> FoundPath:
    stops = [NodeId(key) for key in nodes]
    return shortest_path(graph, stops, via=[EdgeId(key) for key in via], reverse=reverse, loop=loop)


def walked(found: FoundPath) -> list[str]:
    """The edges' ids, with a minus where one is walked backwards."""
    return [("-" if s.reverse else "") + s.edge for s in found.steps]


def test_the_shortest_way_has_the_fewest_edges_and_names_the_nodes_it_inserts() -> None:
    found = path(web("a-b", "b-c", "c-d", "a-x", "x-d"), "ad")
    assert walked(found) == ["a-x", "x-d"]
    assert found.inserted == ("x",)
    assert found.parallel == ()


def test_of_equally_many_edges_the_shorter_film_wins_and_then_the_older_edge() -> None:
    assert walked(path(web("a-b:slow", "a-b:fast", slow=49, fast=25), "ab")) == ["fast"]
    assert walked(path(web("a-b:old", "a-b:new"), "ab")) == ["old"]


def test_parallel_edges_that_were_passed_over_are_named_unless_one_was_asked_for() -> None:
    graph = web("a-b:one", "a-b:two", "b-c")
    assert path(graph, "abc").parallel == (("one", ("two",)),)
    assert path(graph, "abc", via=("two",)) == FoundPath((step("two"), step("b-c")), (), ())


def test_via_decides_between_ways_of_equally_many_edges() -> None:
    graph = web("a-x", "x-d", "a-y", "y-d")
    assert walked(path(graph, "ad", via=("y-d",))) == ["a-y", "y-d"]


def test_a_via_edge_off_the_way_is_walked_as_a_detour_in_the_leg_where_it_costs_least() -> None:
    graph = web("a-b", "b-c", "b-x", "x-y:far", "y-b")
    assert walked(path(graph, "abc", via=("far",))) == ["a-b", "b-x", "far", "y-b", "b-c"]


def test_edges_are_walked_backwards_only_when_allowed() -> None:
    graph = web("b-a", "b-c")
    with pytest.raises(BrokenPath, match="no path leads from node a to node b") as refusal:
        path(graph, "ac"[:1] + "b")
    assert "backwards" in refusal.value.hint
    assert walked(path(graph, "ac", reverse=True)) == ["-b-a", "b-c"]


def test_a_loop_returns_to_its_first_node_and_one_node_is_enough_for_it() -> None:
    graph = web("a-b", "b-c", "c-a")
    assert walked(path(graph, "ac", loop=True)) == ["a-b", "b-c", "c-a"]
    assert walked(path(graph, "a", loop=True)) == ["a-b", "b-c", "c-a"]


def test_there_and_back_is_a_film_and_so_is_an_edge_from_a_node_to_itself() -> None:
    graph = web("a-b", "b-a", "a-a:self")
    assert walked(path(graph, "aba")) == ["a-b", "b-a"]
    assert walked(path(graph, "aa")) == ["self"]


def test_hidden_edges_are_not_walked() -> None:
    graph = web("a-b!", "a-x", "x-b")
    assert walked(path(graph, "ab")) == ["a-x", "x-b"]
    with pytest.raises(BrokenPath, match="edge a-b can't be walked"):
        path(graph, "ab", via=("a-b",))


def test_a_via_edge_that_leads_nowhere_is_refused_with_its_ends() -> None:
    with pytest.raises(BrokenPath, match="no path through these nodes walks edge b-x") as refusal:
        path(web("a-b", "b-x"), "ab", via=("b-x",))
    assert refusal.value.hint == "it leads from b to x; connect one of these to the path"


def test_a_path_needs_two_nodes() -> None:
    with pytest.raises(BrokenPath, match="at least two nodes"):
        path(web("a-b"), "a")


def test_a_gap_names_its_joint_and_the_nodes_to_connect() -> None:
    graph = web("a-b", "b-c", "d-e")
    with pytest.raises(
        BrokenPath, match="a gap at joint 2: edge b-c ends at node c, edge d-e starts at node d"
    ) as e:
        check_continuous(graph, [step("a-b"), step("b-c"), step("d-e")])
    assert e.value.hint == "connect c to d"


def test_continuity_counts_the_direction_of_steps_and_deleted_edges() -> None:
    graph = web("a-b", "c-b")
    check_continuous(graph, [step("a-b"), step("c-b", reverse=True)])
    with pytest.raises(BrokenPath, match="joint 1"):
        check_continuous(graph, [step("a-b"), step("c-b")])
    for steps in ([step("gone")], [step("a-b"), step("gone")]):
        with pytest.raises(BrokenPath, match="edge gone was deleted"):
            check_continuous(graph, steps)
    with pytest.raises(BrokenPath, match="no steps"):
        check_continuous(graph, [])


@given(
    ends=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=14),
    stops=st.lists(st.integers(0, 5), min_size=2, max_size=4),
    via=st.lists(st.integers(0, 13), max_size=2),
    reverse=st.booleans(),
    loop=st.booleans(),
)
def test_whatever_is_found_is_continuous_visits_the_nodes_in_order_and_walks_every_via(
    ends: list[tuple[int, int]], stops: list[int], via: list[int], reverse: bool, loop: bool
) -> None:
    nodes = [node(str(n)) for n in range(6)]
    edges = [edge(f"e{n}", str(a), str(b)) for n, (a, b) in enumerate(ends)]
    graph = Graph([*nodes, *edges])
    wanted = tuple(f"e{n}" for n in via if n < len(edges))
    try:
        found = path(graph, "".join(map(str, stops)), via=wanted, reverse=reverse, loop=loop)
    except BrokenPath:
        return
    check_continuous(graph, found.steps)
    visited = [ends_of(graph, found.steps[0])[0], *(ends_of(graph, s)[1] for s in found.steps)]
    assert (visited[0], visited[-1]) == (str(stops[0]), str(stops[0] if loop else stops[-1]))
    rest: Iterable[str] = iter(visited)
    assert all(any(str(stop) == node_id for node_id in rest) for stop in stops), (
        "the nodes asked for come in their order"
    )
    assert set(wanted) <= {s.edge for s in found.steps}
    assert reverse or not any(s.reverse for s in found.steps)


def named() -> Graph:
    rows = [
        node("nabc", label="sunset"),
        node("nabd"),
        node("nb", label="nabc"),
        node("nc", label="sunset 2"),
    ]
    return Graph([*rows, edge("e1", "nabc", "nabd"), sequence("s1", step("e1"))])


def test_a_row_is_found_by_id_then_label_then_the_start_of_its_id() -> None:
    graph = named()
    assert find(graph, Node, "nabc").id == "nabc"
    assert find(graph, Node, "sunset").id == "nabc"
    assert find(graph, Node, "nabd").id == "nabd"
    assert find(graph, Node, "nc").id == "nc"
    assert find(graph, Edge, "e").id == "e1"
    assert find(graph, Sequence, "a film").id == "s1"


def test_a_name_of_several_rows_is_refused_with_their_ids() -> None:
    with pytest.raises(NotFound, match="2 nodes go by 'nab'") as refusal:
        find(named(), Node, "nab")
    assert refusal.value.hint == "say which by its id: nabc, nabd"


@pytest.mark.parametrize("text", ["", "x", "e1"])
def test_a_name_of_nothing_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(NotFound, match="there is no node") as refusal:
        find(named(), Node, text)
    assert refusal.value.hint.startswith("there is sunset, nabd, nabc, sunset 2;")
    with pytest.raises(NotFound) as refusal:
        find(Graph(), Node, text)
    assert refusal.value.hint.startswith("there are none yet")
