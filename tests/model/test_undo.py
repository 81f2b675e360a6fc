"""What undo promises, over random histories of several actors."""

from __future__ import annotations

import dataclasses
from collections import defaultdict

import pytest
from hypothesis import settings

from forkframe.errors import BadInput, Gone
from forkframe.model.changes import ENGINE, AddEdge, AddNodes, AddRendering, Change, Delete, SetFields, plan
from forkframe.model.delta import Delta
from forkframe.model.entities import Entity, Rendering, Settings, Take
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import NodeId
from forkframe.model.undo import Overtaken, undo
from tests.model.build import done, edge, moves, node, rendering, rows_of, take
from tests.model.histories import REFUSALS, Histories


class PureHistories(Histories):
    """Histories of a graph alone, with the stacks that a store derives from its log."""

    def __init__(self) -> None:
        super().__init__()
        self._graph = Graph()
        self._undo: defaultdict[str, list[Delta]] = defaultdict(list)
        self._redo: defaultdict[str, list[Delta]] = defaultdict(list)
        self._ever: set[str] = set()

    @property
    def graph(self) -> Graph:
        return self._graph

    def do(self, actor: str, change: Change) -> None:
        before = rows_of(self._graph)
        try:
            delta = plan(self._graph, change)
        except REFUSALS:
            assert rows_of(self._graph) == before
            return
        created = {e.id for e in delta if e.before is None}
        assert not created & self._ever, "ids are never reused"
        self._ever |= created
        self._apply(delta)
        self._is_undone_at_once(before, delta)
        if actor != ENGINE and delta.edits:
            self._undo[actor].append(delta)
            self._redo[actor].clear()

    def take_back(self, actor: str, *, redo: bool) -> None:
        stack, other = self._undo[actor], self._redo[actor]
        if redo:
            stack, other = other, stack
        if not stack:
            return
        before = rows_of(self._graph)
        try:
            delta = undo(self._graph, stack[-1])
        except Overtaken:
            assert rows_of(self._graph) == before
            return
        self._apply(delta)
        self._is_taken_back(before, stack.pop())
        other.append(delta)

    def _apply(self, delta: Delta) -> None:
        """Applies, after checking that applying the inverse leads back."""
        before = rows_of(self._graph)
        ids = [e.id for e in delta]
        assert len(ids) == len(set(ids)), "at most one edit per row"
        self._graph.apply(delta)
        self._graph.apply(delta.inverse())
        assert rows_of(self._graph) == before
        self._graph.apply(delta)

    def _is_undone_at_once(self, before: dict[str, Entity], delta: Delta) -> None:
        """With nothing in between, all but renderings is as before."""
        back = undo(self._graph, delta)
        self._graph.apply(back)
        kept = {k: r for k, r in rows_of(self._graph).items() if k in before or not isinstance(r, Rendering)}
        frame_stays = self._graph.settings != before["workspace"] and self._graph.nodes
        for row_id, row in kept.items():
            assert (
                row == before[row_id] or isinstance(row, Rendering) or (row_id == "workspace" and frame_stays)
            )
        assert kept.keys() == before.keys()
        self._graph.apply(back.inverse())

    def _is_taken_back(self, before: dict[str, Entity], delta: Delta) -> None:
        """The fields of `delta` have their former values, and nothing else changed but what hung on them."""
        now = rows_of(self._graph)
        touched = {edit.id for edit in delta}
        for edit in delta:
            if edit.kind in (Rendering, Settings):
                continue
            if edit.before is None:
                assert edit.id not in now
            elif edit.after is None:
                assert now[edit.id] == edit.before
            else:
                wanted = {name: getattr(edit.before, name) for name in edit.fields()}
                assert now[edit.id] == dataclasses.replace(before[edit.id], **wanted)
        for row_id, row in before.items():
            if row_id not in touched and row_id not in now:
                assert isinstance(row, Take), "only results of engines go with what they were made for"
                assert row.owner in touched
            elif row_id not in touched:
                assert now[row_id] == row
        assert now.keys() - before.keys() <= touched


PureHistories.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


class TestAnyHistory(PureHistories.TestCase):
    """Undo restores exactly its fields or refuses; references and indexes hold after every step."""


def test_undoing_one_field_keeps_what_somebody_did_to_another_field_of_the_same_row() -> None:
    graph = Graph([node("n1")])
    moved = done(graph, moves(n1=(5.0, 6.0)))
    done(graph, SetFields("n1", {"label": "sunset"}))
    graph.apply(undo(graph, moved))
    assert graph.nodes[NodeId("n1")] == node("n1", label="sunset")


def test_undo_refuses_when_somebody_changed_the_same_field_since_and_names_the_row() -> None:
    graph = Graph([node("n1", label="dusk")])
    labelled = done(graph, SetFields("n1", {"label": "sunset"}))
    done(graph, SetFields("n1", {"label": "dawn"}))
    with pytest.raises(Overtaken, match="the label of node dusk was changed since") as refusal:
        undo(graph, labelled)
    assert refusal.value.row_id == "n1"


def test_undoing_a_connection_takes_the_drafts_made_for_it_and_redoing_brings_them_back() -> None:
    graph = Graph([node("n1"), node("n2")])
    connected = done(graph, AddEdge(edge("e1", "n1", "n2")))
    done(graph, AddRendering(rendering("r1"), take("t1", "e1", "r1")))
    with_draft = rows_of(graph)
    undone = undo(graph, connected)
    graph.apply(undone)
    assert rows_of(graph).keys() == {"workspace", "n1", "n2", "r1"}
    graph.apply(undo(graph, undone))
    assert rows_of(graph) == with_draft


def test_undoing_a_deletion_refuses_when_an_end_of_an_edge_was_deleted_by_somebody_else() -> None:
    graph = Graph([node("n1"), node("n2"), edge("e1", "n1", "n2")])
    deleted = done(graph, Delete(("e1",)))
    done(graph, Delete(("n2",)))
    with pytest.raises(Overtaken, match="edge e1 needs n2, which was deleted since") as refusal:
        undo(graph, deleted)
    assert refusal.value.row_id == "n2"


def test_undoing_the_first_picture_keeps_the_frame_that_another_picture_uses_by_now() -> None:
    graph = Graph()
    first = done(graph, AddNodes((node("n1"),), frame=Frame(640, 480)))
    done(graph, AddNodes((node("n2"),), frame=Frame(480, 640)))
    graph.apply(undo(graph, first))
    assert graph.settings.frame == Frame(640, 480)
    assert list(graph.nodes) == ["n2"]


def test_undoing_the_only_picture_takes_back_the_frame_it_proposed() -> None:
    graph = Graph()
    first = done(graph, AddNodes((node("n1"),), frame=Frame(640, 480)))
    graph.apply(undo(graph, first))
    assert rows_of(graph) == {"workspace": Settings()}


def test_a_change_to_something_deleted_by_the_same_actor_says_that_undo_brings_it_back() -> None:
    graph = Graph([node("n1")])
    done(graph, Delete(("n1",)))
    with pytest.raises(Gone, match="node n1 was deleted") as refusal:
        plan(graph, moves(n1=(0.0, 0.0)))
    assert refusal.value.hint == "undo brings it back"
    with pytest.raises(BadInput, match="there is no node n9"):
        plan(graph, moves(n9=(0.0, 0.0)))
