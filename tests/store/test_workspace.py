"""What an open workspace promises: what is acknowledged is on the disk, once, and can be undone."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from forkframe.errors import (
    BadInput,
    Gone,
    NotAWorkspace,
    OutputFailed,
    WorkspaceError,
)
from forkframe.model.changes import ENGINE, AddEdge, AddNodes, AddRendering, Delete, Envelope, SetFields
from forkframe.model.entities import Settings
from forkframe.model.frame import Frame
from forkframe.model.ids import NodeId, new_op_id
from forkframe.model.undo import Overtaken
from forkframe.store import Store, read_graph, sqlite_facts
from tests.model.build import edge, moves, node, rendering, rows_of, take
from tests.store.conftest import commit


def reopened(store: Store) -> Store:
    store.close()
    return Store.open(store.path, wait=0)


def test_a_new_workspace_is_a_folder_with_its_format_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "films" / "trip.forkframe"
    with Store.create(path, frame=Frame(640, 480), fps=Fraction(25)) as store:
        assert rows_of(store.graph) == {"workspace": Settings(frame=Frame(640, 480), fps=Fraction(25))}
        assert store.seq == 0
    with Store.open(path) as store:
        assert store.graph.settings == Settings(frame=Frame(640, 480), fps=Fraction(25))
    assert sorted(p.name for p in path.iterdir()) == ["cache", "lock", "media", "workspace.db"]


def test_creating_over_something_is_refused_and_leaves_it_alone(tmp_path: Path, path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").touch()
    for taken in (file, folder, path):
        with pytest.raises(BadInput, match=f"{taken} exists already"):
            Store.create(taken)
    assert file.read_text() == "mine"
    assert [p.name for p in folder.iterdir()] == ["a.txt"]
    assert read_graph(path)


def test_an_empty_folder_can_become_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    Store.create(tmp_path / "empty").close()
    assert read_graph(tmp_path / "empty")


def test_creating_where_a_file_stands_in_the_way_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputFailed, match=r"could not create .*Not a directory"):
        Store.create(tmp_path / "file" / "trip.forkframe")


@pytest.mark.parametrize(
    "name", ["a b%20c?mode=memory#x.forkframe", "ünï©ödé 夕焼け.forkframe", "file:x.forkframe"]
)
def test_a_workspace_may_have_any_name(tmp_path: Path, name: str) -> None:
    with Store.create(tmp_path / name) as store:
        commit(store, AddNodes((node("n1"),)))
        assert list(read_graph(tmp_path / name).nodes) == ["n1"]
    assert (tmp_path / name / "workspace.db").is_file()


def test_what_is_no_workspace_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for name, why in [
        ("file", "it is not a folder"),
        ("folder", "has no workspace.db"),
        ("none", "nothing there"),
    ]:
        for opening in (Store.open, read_graph):
            with pytest.raises(NotAWorkspace, match=why) as refusal:
                opening(tmp_path / name)
            assert "forkframe new" in refusal.value.hint
    assert not list((tmp_path / "folder").iterdir())


def test_a_change_is_in_the_graph_on_the_disk_and_in_the_log(store: Store) -> None:
    before = datetime.now(UTC)
    done = commit(store, AddNodes((node("n1", x=3.0, label="dawn ☀"),), frame=Frame()))
    assert (done.seq, store.seq, done.repeated) == (1, 1, False)
    assert [edit.id for edit in done.delta] == ["workspace", "n1"]
    assert store.graph.nodes[NodeId("n1")].label == "dawn ☀"
    assert rows_of(read_graph(store.path)) == rows_of(store.graph)
    (entry,) = store.log()
    assert (entry.seq, entry.actor, entry.type) == (1, "anna", "AddNodes")
    assert before <= entry.at <= datetime.now(UTC)


def test_the_log_can_be_read_from_where_one_left_off(store: Store) -> None:
    for x in range(5):
        commit(store, AddNodes((node(f"n{x}"),)))
    assert [e.seq for e in store.log(2)] == [3, 4, 5]
    assert [e.seq for e in store.log(2, limit=2)] == [3, 4]
    assert store.log(5) == ()


def test_the_same_op_id_is_done_once_and_answered_alike_also_after_reopening(store: Store) -> None:
    envelope = Envelope(new_op_id(), "anna", 0, AddNodes((node("n1"),)))
    first = store.commit(envelope)
    commit(store, moves(n1=(5.0, 5.0)))
    for _ in range(2):
        again = store.commit(envelope)
        assert again == replace(first, repeated=True)
        assert store.seq == 2
        store = reopened(store)
    op_id = new_op_id()
    undone = store.undo("anna", op_id)
    assert store.undo("anna", op_id) == replace(undone, repeated=True)
    assert store.graph.nodes[NodeId("n1")].x == 0.0
    store.close()


def test_a_refused_change_leaves_no_trace(store: Store) -> None:
    commit(store, AddNodes((node("n1"),)))
    commit(store, Delete(("n1",)))
    with pytest.raises(Gone, match="node n1 was deleted"):
        commit(store, moves(n1=(1.0, 1.0)))
    assert store.seq == 2
    assert len(store.log()) == 2
    assert commit(store, AddNodes((node("n2"),))).seq == 3


def test_ids_are_never_reused_not_even_after_deletion_and_reopening(store: Store) -> None:
    commit(store, AddNodes((node("n1"),)))
    commit(store, Delete(("n1",)))
    store = reopened(store)
    with pytest.raises(BadInput, match="ids are never reused"):
        commit(store, AddNodes((node("n1"),)))
    store.undo("anna", new_op_id())
    store = reopened(store)
    assert list(store.graph.nodes) == ["n1"]
    store.close()


@pytest.mark.parametrize(
    "unreadable",
    [
        replace(node("n1"), x=float("nan")),
        replace(node("n1"), x="left"),  # pyright: ignore[reportArgumentType] - what a careless caller might do
        replace(node("n1"), label=b"bytes"),  # pyright: ignore[reportArgumentType]
        replace(node("n1"), size=(1, 2, 3)),  # pyright: ignore[reportArgumentType]
    ],
)
def test_what_could_not_be_read_back_is_not_written(store: Store, unreadable: object) -> None:
    with pytest.raises(BadInput, match="can't be stored"):
        commit(store, AddNodes((unreadable,)))  # pyright: ignore[reportArgumentType]
    assert rows_of(reopened(store).graph) == {"workspace": Settings()}


def test_the_graph_in_memory_is_what_is_read_back_not_what_the_caller_may_still_change(store: Store) -> None:
    parameters: dict[str, object] = {"points": (1, 2)}
    commit(store, AddNodes((node("n1"), node("n2"))))
    commit(store, AddEdge(replace(edge("e1", "n1", "n2"), parameters=parameters)))
    parameters["points"] = None
    assert [e.parameters for e in store.graph.edges.values()] == [{"points": [1, 2]}]
    assert rows_of(read_graph(store.path)) == rows_of(store.graph)


def test_undo_and_redo_walk_an_actors_own_changes_and_survive_reopening(store: Store) -> None:
    commit(store, AddNodes((node("n1"),)))
    commit(store, moves(n1=(1.0, 1.0)))
    commit(store, SetFields("n1", {"label": "dusk"}), actor="bob")
    commit(store, moves(n1=(2.0, 2.0)))
    xs: list[float] = []
    for kind in ["undo", "undo", "redo", "undo", "redo", "redo"]:
        store = reopened(store)
        (store.undo if kind == "undo" else store.redo)("anna", new_op_id())
        xs.append(store.graph.nodes[NodeId("n1")].x)
    assert xs == [1.0, 0.0, 1.0, 0.0, 1.0, 2.0]
    assert store.graph.nodes[NodeId("n1")].label == "dusk"
    assert [e.type for e in store.log(4)] == ["Undo", "Undo", "Redo", "Undo", "Redo", "Redo"]
    with pytest.raises(BadInput, match="there is nothing to redo for anna"):
        store.redo("anna", new_op_id())
    store.close()


def test_a_new_change_clears_what_could_be_redone_and_one_that_changes_nothing_does_not(store: Store) -> None:
    commit(store, AddNodes((node("n1"),)))
    commit(store, moves(n1=(1.0, 1.0)))
    store.undo("anna", new_op_id())
    commit(store, moves(n1=(0.0, 0.0)))
    store.redo("anna", new_op_id())
    store.undo("anna", new_op_id())
    commit(store, moves(n1=(3.0, 3.0)))
    with pytest.raises(BadInput, match="nothing to redo"):
        store.redo("anna", new_op_id())


def test_results_of_jobs_are_in_nobodys_stack(store: Store) -> None:
    commit(store, AddNodes((node("n1"), node("n2"))))
    commit(store, AddEdge(edge("e1", "n1", "n2")), actor="bob")
    commit(store, AddRendering(rendering("r1"), take("t1", "e1", "r1")), actor=ENGINE)
    with pytest.raises(BadInput, match="there is nothing to undo for engine"):
        store.undo(ENGINE, new_op_id())
    store.undo("bob", new_op_id())
    assert not store.graph.edges
    assert list(store.graph.renderings) == ["r1"]


def test_an_undo_that_has_nothing_to_take_back_still_leads_on_to_the_one_before(store: Store) -> None:
    commit(store, AddNodes((node("n1"),)))
    commit(store, AddRendering(rendering("r1")))
    for _ in range(2):
        store.undo("anna", new_op_id())
        store = reopened(store)
    assert set(rows_of(store.graph)) == {"workspace", "r1"}
    store.redo("anna", new_op_id())
    assert list(store.graph.nodes) == ["n1"]
    store.close()


def test_an_undo_that_would_undo_somebody_elses_work_is_refused_with_their_name(store: Store) -> None:
    commit(store, AddNodes((node("n1", label="sunset"),)), actor="bob")
    commit(store, SetFields("n1", {"label": "dusk"}), actor="bob")
    commit(store, moves(n1=(1.0, 1.0)), actor="bob")
    commit(store, moves(n1=(2.0, 2.0)), actor="anna")
    commit(store, SetFields("n1", {"rating": 5}), actor="carl")
    before = rows_of(store.graph)
    with pytest.raises(Overtaken) as refusal:
        store.undo("bob", new_op_id())
    assert refusal.value.message == "the x of node dusk was changed since by anna"
    assert "change before" in refusal.value.hint
    assert rows_of(store.graph) == before
    path = store.path
    store.close()
    with Store.open(path) as reopened:  # what was passed over stays passed over
        reopened.undo("bob", new_op_id())
        assert reopened.graph.nodes[NodeId("n1")].label == "sunset"
        reopened.redo("bob", new_op_id())
        assert reopened.graph.nodes[NodeId("n1")].label == "dusk"


def test_an_undo_is_refused_with_the_name_of_whoever_deleted_or_built_on_it(store: Store) -> None:
    commit(store, AddNodes((node("n1"), node("n2"))), actor="bob")
    commit(store, AddEdge(edge("e1", "n1", "n2")), actor="anna")
    with pytest.raises(Overtaken, match="edge e1 was built on node n2 since by anna"):
        store.undo("bob", new_op_id())
    commit(store, moves(n1=(1.0, 1.0)), actor="bob")
    commit(store, Delete(("n1",)), actor="carl")
    with pytest.raises(Overtaken, match="node n1 was deleted since by carl"):
        store.undo("bob", new_op_id())
    with pytest.raises(Overtaken, match="edge e1 was deleted since by carl"):
        store.undo("anna", new_op_id())


def test_many_threads_commit_and_read_and_nothing_is_lost(store: Store) -> None:
    def work(thread: int) -> None:
        for number in range(20):
            commit(store, AddNodes((node(f"n{thread}-{number}"),)), actor=f"actor {thread}")
            assert store.read(lambda graph: len(list(graph.rows()))) > number

    threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.seq == 100
    assert [e.seq for e in store.log()] == list(range(1, 101))
    assert rows_of(read_graph(store.path)) == rows_of(store.graph)
    assert len(store.graph.nodes) == 100


def test_a_question_asked_between_changes_may_itself_change_something(store: Store) -> None:
    done = store.read(lambda graph: commit(store, AddNodes((node(f"n{len(graph.nodes)}"),))))
    assert done.seq == store.seq == 1


def test_closing_twice_is_fine_and_a_closed_workspace_says_that_it_is(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(WorkspaceError, match="is closed"):
        commit(store, AddNodes((node("n1"),)))


def test_the_wheel_with_a_sound_sqlite_is_preferred() -> None:
    facts = sqlite_facts()
    numbers = tuple(int(n) for n in facts.version.split("."))
    assert facts.has_wal_reset_bug == (numbers < (3, 51, 3))
    if sys.platform == "linux":
        assert facts.module == "pysqlite3"
        assert not facts.has_wal_reset_bug


def test_half_characters_are_kept_in_labels_and_refused_in_names_of_actors(store: Store) -> None:
    commit(store, AddNodes((node("n1", label="\ud83c"),)))
    assert read_graph(store.path).nodes[NodeId("n1")].label == "\ud83c"
    with pytest.raises(BadInput, match="could not save the change"):
        commit(store, AddNodes((node("n2"),)), actor="\ud83c")
