"""Branching cuts an edge without rendering anything; healing makes it whole."""

from __future__ import annotations

import pytest

from forkframe.errors import BadInput, Gone
from forkframe.model.changes import Branch, Delete, SetFields, plan
from forkframe.model.entities import Cut, Step
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, NodeId, SequenceId, TakeId
from tests.model.build import done, edge, node, rendering, rows_of, sequence, step, take


def film(*steps: Step) -> Graph:
    """n1 → n2 of 25 frames with two takes, the first one shown, and a sequence."""
    rows = [node("n1"), node("n2"), edge("e1", "n1", "n2", active="t1"), rendering("r1")]
    takes = [take("t1", "e1", "r1"), take("t2", "e1", "r1")]
    return Graph([*rows, *takes, sequence("s1", *(steps or [step("e1")]))])


def cut(of: str = "e1", *, shown: str = "t1", at: int = 8, tag: str = "m") -> Branch:
    """The change that cuts an edge; the halves are `etag1` and `etag2`."""
    halves = (EdgeId(f"e{tag}1"), EdgeId(f"e{tag}2"))
    return Branch(
        TakeId(shown),
        node(f"n{tag}", cut=Cut(EdgeId(of), at, halves)),
        (TakeId(f"t{tag}1"), TakeId(f"t{tag}2")),
    )


def steps_of(graph: Graph) -> tuple[Step, ...]:
    return graph.sequences[SequenceId("s1")].steps


def test_the_halves_are_adjacent_ranges_of_the_parents_rendering_and_share_the_cut_frame() -> None:
    graph = film()
    done(graph, cut(at=8))
    first, second = graph.edges[EdgeId("em1")], graph.edges[EdgeId("em2")]
    assert [(e.source, e.target, e.frames, e.active) for e in (first, second)] == [
        ("n1", "nm", 9, "tm1"),
        ("nm", "n2", 17, "tm2"),
    ]
    takes = [graph.takes[TakeId(key)] for key in ("tm1", "tm2")]
    assert [(t.owner, t.rendering, t.first, t.last) for t in takes] == [
        ("em1", "r1", 0, 8),
        ("em2", "r1", 8, 24),
    ]
    assert takes[0].ends[1] == takes[1].ends[0] == graph.nodes[NodeId("nm")].framed


def test_the_uncut_edge_stays_hidden_with_all_its_takes() -> None:
    graph = film()
    done(graph, cut())
    assert graph.edges[EdgeId("e1")].hidden
    assert [t.id for t in graph.takes_of(EdgeId("e1"))] == ["t1", "t2"]


def test_a_half_can_be_cut_again_and_counts_from_its_own_first_frame() -> None:
    graph = film()
    done(graph, cut(at=8))
    done(graph, cut("em2", shown="tm2", at=4, tag="k"))
    ranges = [(t.first, t.last) for t in (graph.takes[TakeId("tk1")], graph.takes[TakeId("tk2")])]
    assert ranges == [(8, 12), (12, 24)]
    assert steps_of(graph) == (step("em1"), step("ek1"), step("ek2"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([step("e1")], [step("em1"), step("em2")]),
        ([step("e1", reverse=True)], [step("em2", reverse=True), step("em1", reverse=True)]),
        ([step("e1", pinned="t1")], [step("em1", pinned="tm1"), step("em2", pinned="tm2")]),
        ([step("e1", pinned="t2")], [step("e1", pinned="t2")]),
        (
            [step("e1"), step("e1", reverse=True)],
            [step("em1"), step("em2"), step("em2", reverse=True), step("em1", reverse=True)],
        ),
    ],
    ids=["forwards", "backwards", "pinned to what is cut", "pinned to another take", "there and back"],
)
def test_saved_sequences_walk_the_halves_instead(before: list[Step], after: list[Step]) -> None:
    graph = film(*before)
    done(graph, cut())
    assert steps_of(graph) == tuple(after)


@pytest.mark.parametrize(
    "steps", [[step("e1")], [step("e1", reverse=True)], [step("e1"), step("e1", reverse=True)]]
)
def test_healing_takes_a_branch_back_whole(steps: list[Step]) -> None:
    graph = film(*steps)
    before = rows_of(graph)
    done(graph, cut())
    done(graph, Delete(("nm",), heal=True))
    assert rows_of(graph) == before


def test_a_walk_over_one_half_only_is_left_alone_by_healing() -> None:
    graph = film()
    done(graph, cut())
    done(graph, SetFields("s1", {"steps": [step("em1")]}))
    done(graph, Delete(("nm",), heal=True))
    assert steps_of(graph) == (step("em1"),)


def test_deleting_a_branch_node_without_healing_leaves_the_parent_hidden() -> None:
    graph = film()
    done(graph, cut())
    done(graph, Delete(("nm",)))
    assert list(graph.edges) == ["e1"]
    assert graph.edges[EdgeId("e1")].hidden


def test_healing_is_refused_while_a_half_is_cut_or_deleted() -> None:
    graph = film()
    done(graph, cut())
    done(graph, cut("em2", shown="tm2", at=4, tag="k"))
    with pytest.raises(BadInput, match="its half em2 was cut again"):
        plan(graph, Delete(("nm",), heal=True))
    done(graph, Delete(("em1",)))
    with pytest.raises(BadInput, match="its half em1 was deleted"):
        plan(graph, Delete(("nm",), heal=True))


@pytest.mark.parametrize("at", [-1, 0, 24, 25])
def test_an_edge_is_only_cut_between_its_ends(at: int) -> None:
    with pytest.raises(BadInput, match=f"frame {at} of edge e1 is not between its ends") as refusal:
        plan(film(), cut(at=at))
    assert refusal.value.hint == "branch at one of the frames 1 to 23"


def test_a_hidden_edge_a_deleted_take_and_a_foreign_edge_are_not_cut() -> None:
    graph = film()
    done(graph, cut())
    with pytest.raises(BadInput, match="edge e1 was cut already"):
        plan(graph, cut(tag="k"))
    with pytest.raises(Gone, match="take t9"):
        plan(graph, cut(shown="t9", tag="k"))
    with pytest.raises(BadInput, match="node nk was not cut from edge em1"):
        plan(graph, cut("e1", shown="tm1", at=4, tag="k"))


def test_halves_with_the_same_id_are_refused() -> None:
    change = cut()
    twin = Branch(change.take, change.node, (TakeId("tm1"), TakeId("tm1")))
    with pytest.raises(BadInput, match="the same id"):
        plan(film(), twin)
