"""What changes do, and what they are refused for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forkframe.errors import BadInput, Gone
from forkframe.model.changes import (
    AddBoard,
    AddEdge,
    AddFailedTake,
    AddNodes,
    AddRendering,
    Change,
    Delete,
    SetActiveTake,
    SetFields,
    SetVideo,
    plan,
)
from forkframe.model.entities import Board, Sequence
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import BoardId, EdgeId, NodeId, RenderingId, SequenceId, TakeId
from tests.model.build import blob, done, edge, moves, node, rendering, rows_of, sequence, step, take


def film() -> Graph:
    """n1 → n2, rendered."""
    rows = [node("n1", label="dawn"), node("n2", x=500.0), edge("e1", "n1", "n2", active="t1")]
    return Graph([*rows, rendering("r1"), take("t1", "e1", "r1"), sequence("s1", step("e1"))])


def test_planning_does_not_touch_the_graph() -> None:
    graph = film()
    before = rows_of(graph)
    assert plan(graph, Delete(("n1",))).edits
    assert rows_of(graph) == before


def test_the_first_picture_proposes_the_frame_and_later_ones_do_not() -> None:
    graph = Graph()
    done(graph, AddNodes((node("n1"),), frame=Frame(640, 480)))
    done(graph, AddNodes((node("n2"),), frame=Frame(480, 640)))
    assert graph.settings.frame == Frame(640, 480)


def test_deleting_a_node_deletes_its_edges_and_their_takes_and_keeps_renderings() -> None:
    graph = film()
    done(graph, Delete(("n1",)))
    assert set(rows_of(graph)) == {"workspace", "n2", "r1", "s1"}
    assert graph.edges_of(NodeId("n2")) == ()


def test_a_change_that_changes_nothing_has_no_edits() -> None:
    assert plan(film(), moves(n1=(0.0, 0.0))).edits == ()


def test_a_result_for_something_deleted_is_kept_without_a_take() -> None:
    graph = film()
    done(graph, Delete(("e1",)))
    done(graph, AddRendering(rendering("r2", 2), take("t2", "e1", "r2")))
    assert "r2" in graph.renderings
    assert not graph.takes


def test_a_recipe_that_was_rendered_before_is_shown_again_instead_of_stored_twice() -> None:
    graph = film()
    done(graph, AddRendering(rendering("r2"), take("t2", "e1", "r2")))
    assert set(graph.renderings) == {"r1"}
    assert graph.takes[TakeId("t2")].rendering == "r1"
    assert graph.edges[EdgeId("e1")].active == "t2"


def test_a_failed_take_is_kept_and_not_shown() -> None:
    graph = film()
    done(graph, AddFailedTake(replace(take("t2", "e1", None), failure="out of memory")))
    assert [t.id for t in graph.takes_of(EdgeId("e1"))] == ["t1", "t2"]
    assert graph.edges[EdgeId("e1")].active == "t1"
    with pytest.raises(BadInput, match="no finished take t2"):
        plan(graph, SetActiveTake(EdgeId("e1"), TakeId("t2")))


def test_a_board_holds_the_nodes_whose_place_is_inside() -> None:
    graph = film()
    done(graph, AddBoard(Board(BoardId("b1"), "mood", 400.0, -10.0, 200.0, 20.0)))
    assert [n.id for n in graph.nodes_on(graph.boards[BoardId("b1")])] == ["n2"]


def test_an_id_is_never_given_twice_even_after_deletion() -> None:
    graph = film()
    done(graph, Delete(("n1",)))
    for change in (AddNodes((node("n1"),)), AddNodes((node("e1"),)), AddNodes((node("workspace"),))):
        with pytest.raises(BadInput, match="ids are never reused"):
            plan(graph, change)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (AddNodes((node("n3"), node("n3"))), "the same id stands for two new things"),
        (AddNodes((node("n3"),), (take("t3", "n1", "r1"),)), "take t3 belongs to nothing that it comes with"),
        (AddNodes((node("n3"),), (take("t3", "n3", "r9"),)), "t3 shows r9, which is not there"),
        (AddNodes((replace(node("n3"), active=TakeId("t9")),)), "n3 shows t9, which is not there"),
        (AddEdge(edge("e3", "n1", "n9")), "there is no node n9"),
        (AddEdge(edge("e3", "n1", "n2", active="t9")), "e3 shows t9, which is not there"),
        (AddFailedTake(take("t3", "e9", None)), "there is no owner e9"),
        (SetFields("n1", {"x": 1.0}), "x of n1 can't be set"),
        (SetFields("n1", {"rating": "five"}), "that value does not fit n1"),
        (SetFields("n9", {"label": "x"}), "there is no thing n9"),
        (SetActiveTake(EdgeId("e1"), TakeId("t9")), "edge e1 has no finished take t9"),
        (Delete(("t1",)), "t1 can't be deleted"),
        (SetFields("t1", {"tier": "final"}), "tier of t1 can't be set"),
        (Delete((), heal=True), "healing takes one branch node"),
        (Delete(("n1",), heal=True), "node n1 was not cut from an edge"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_sense_is_refused_with_one_line(change: Change, line: str) -> None:
    with pytest.raises(BadInput, match=line):
        plan(film(), change)


@pytest.mark.parametrize(
    "change",
    [
        moves(n1=(1.0, 1.0)),
        SetFields("e1", {"label": "x"}),
        AddEdge(edge("e3", "n1", "n2")),
        SetActiveTake(EdgeId("e1"), TakeId("t1")),
        Delete(("n1",)),
    ],
    ids=lambda change: type(change).__name__,
)
def test_deleting_wins_over_a_change_to_what_was_deleted(change: Change) -> None:
    graph = film()
    done(graph, Delete(("n1",)))
    with pytest.raises(Gone, match="was deleted"):
        plan(graph, change)


def test_a_video_for_a_rendering_nobody_knows_is_refused() -> None:
    with pytest.raises(Gone, match="rendering r9"):
        plan(film(), SetVideo(RenderingId("r9"), blob(1)))


def test_what_comes_with_a_sequence_walks_only_what_comes_and_takes_no_name_that_is_taken() -> None:
    graph = film()
    there, back = edge("e2", "n1", "n3"), edge("e3", "n3", "n1")
    loop = sequence("s2", step("e2"), step("e3"))

    def adding(saved: Sequence) -> AddNodes:
        return AddNodes((node("n3"),), edges=(there, back), sequences=(saved,))

    with pytest.raises(BadInput, match="there is a sequence"):
        plan(graph, adding(replace(loop, name=graph.sequences[SequenceId("s1")].name)))
    with pytest.raises(BadInput, match="does not come with"):
        plan(graph, adding(replace(loop, name="other", steps=(step("e1"),))))
    with pytest.raises(BadInput, match="gap"):
        plan(graph, adding(replace(loop, name="other", steps=(step("e2"), step("e2")))))
    done(graph, adding(replace(loop, name="other")))
    assert {"n3", "e2", "e3", "s2"} <= set(rows_of(graph))
