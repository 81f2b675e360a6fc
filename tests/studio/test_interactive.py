"""What a canvas asks of the facade: candidates, every change as it comes, previews, and what happened in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from forkframe.engines.builtin.engine import BuiltinEngine
from forkframe.engines.builtin.field import Field
from forkframe.engines.builtin.looks import LOOKS
from forkframe.errors import BadInput, BadParameter, NotFound
from forkframe.model.changes import (
    AddEdge,
    AddRendering,
    Change,
    Delete,
    Envelope,
    KeepCandidates,
    Kept,
    MoveNodes,
    SetFields,
)
from forkframe.model.entities import Candidate, Edge, Node, Rendering
from forkframe.model.ids import NodeId, new_edge_id, new_node_id, new_op_id, new_take_id
from forkframe.store import Logged
from forkframe.studio import Studio
from tests.model.build import recipe
from tests.pictures import save_blobs


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    studio = Studio.create(tmp_path / "ws.forkframe", size=(160, 96))
    yield studio
    studio.close()


@pytest.fixture
def ab(studio: Studio, tmp_path: Path) -> tuple[NodeId, NodeId]:
    files = [save_blobs(tmp_path / f"{name}.png", seed=seed) for seed, name in enumerate("ab")]
    a, b = studio.add(files, at=(10.0, 20.0))
    return NodeId(a.id), NodeId(b.id)


def send(studio: Studio, change: Change, *, actor: str = "you") -> None:
    studio.apply(Envelope(new_op_id(), actor, 0, change))


def rows(studio: Studio, kind: type) -> list:
    return [row for row in studio.snapshot().rows if isinstance(row, kind)]


def connected(studio: Studio, ab: tuple[NodeId, NodeId]) -> str:
    edge = Edge(new_edge_id(), *ab, 9, engine="fake", label="a to b")
    send(studio, AddEdge(edge))
    studio.jobs.wait_for_all()
    return edge.id


def kept(*candidates: Candidate) -> KeepCandidates:
    return KeepCandidates(tuple(Kept(c.id, new_node_id(), new_take_id(), 0.0, 0.0) for c in candidates))


def test_pictures_are_put_where_they_were_dropped(studio: Studio, ab: tuple[NodeId, NodeId]) -> None:
    assert [(node.x, node.y) for node in rows(studio, Node)] == [(10.0, 20.0), (370.0, 20.0)]


def test_variations_wait_in_the_tray_of_their_node_and_become_nodes_when_they_are_kept(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    studio.propose(ab[0], "vary", count=2, engine="fake")
    studio.jobs.wait_for_all()
    first, second = rows(studio, Candidate)
    assert {first.node, second.node} == {ab[0]}
    assert len(rows(studio, Node)) == 2
    send(studio, kept(first))
    assert rows(studio, Candidate) == [second]
    made = rows(studio, Node)[-1]
    assert (made.label, studio.node(made.id).made_by) == ("a, varied", "fake.vary@1")
    studio.undo()
    assert {c.id for c in rows(studio, Candidate)} == {first.id, second.id}
    assert len(rows(studio, Node)) == 2


def test_asking_again_brings_candidates_that_nobody_has_seen_even_if_they_were_discarded_or_are_not_made_yet(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    asked = studio.propose(ab[0], "vary", count=2, engine="fake")
    asked += studio.propose(ab[0], "vary", count=2, engine="fake")
    assert len({job.id for job in asked}) == 4
    studio.jobs.wait_for_all()
    seen = {c.rendering for c in rows(studio, Candidate)}
    assert len(seen) == 4
    send(studio, Delete(tuple(c.id for c in rows(studio, Candidate))))
    studio.propose(ab[0], "vary", count=3, engine="fake")
    studio.jobs.wait_for_all()
    assert not {c.rendering for c in rows(studio, Candidate)} & seen


def test_the_same_seed_is_the_same_picture_and_costs_nothing_the_second_time(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    for _ in range(2):
        studio.propose(ab[0], "vary", count=1, engine="fake", seed=7)
        studio.jobs.wait_for_all()
    assert len({c.rendering for c in rows(studio, Candidate)}) == 1
    assert sum(r.recipe.operation == "vary" for r in rows(studio, Rendering)) == 1


def test_a_contact_sheet_has_24_drafts_of_which_no_two_were_asked_for_in_the_same_way(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    studio.jobs.pause()
    sheet = studio.spread(ab[0])
    assert len({job.id for job in sheet}) == 24
    studio.jobs.cancel_all()


def test_the_looks_that_the_built_in_engine_offers_are_those_it_has() -> None:
    properties = BuiltinEngine().card().operations["restyle"].schema.json_schema()["properties"]
    assert isinstance(properties, dict)
    assert properties["prompt"]["examples"] == list(LOOKS)


def test_more_like_a_candidate_lands_in_the_same_tray(studio: Studio, ab: tuple[NodeId, NodeId]) -> None:
    studio.propose(ab[0], "vary", count=1, engine="fake")
    studio.jobs.wait_for_all()
    (first,) = rows(studio, Candidate)
    studio.more(first.id)
    studio.jobs.wait_for_all()
    assert [c.node for c in rows(studio, Candidate)] == [ab[0]] * 5
    with pytest.raises(NotFound, match="there is no candidate"):
        studio.more("c0000000000")


def test_restyling_takes_words_or_a_reference_and_says_so(studio: Studio, ab: tuple[NodeId, NodeId]) -> None:
    with pytest.raises(BadInput, match="either words or a reference"):
        studio.propose(ab[0], "restyle", engine="fake")
    board = studio.board("empty", ab)
    studio.move({ab[0]: (9000.0, 0.0), ab[1]: (9000.0, 0.0)})
    with pytest.raises(BadInput, match="there is no node on board"):
        studio.propose(ab[0], "restyle", engine="fake", like=board)


def test_deleting_a_node_takes_its_candidates_along_and_cancels_what_was_asked_for_it(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    studio.propose(ab[0], "vary", count=1, engine="fake")
    studio.jobs.wait_for_all()
    studio.jobs.pause()
    (asked,) = studio.propose(ab[0], "vary", count=1, engine="fake")
    send(studio, Delete((ab[0],)))
    studio.jobs.resume()
    studio.jobs.wait_for_all()
    assert rows(studio, Candidate) == []
    assert studio.jobs.named(asked.id)[0].state == "cancelled"
    studio.undo()
    assert len(rows(studio, Candidate)) == 1


def test_a_client_may_send_plain_changes_but_not_those_of_engines(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    with pytest.raises(BadInput, match="AddRendering can't be sent"):
        send(studio, AddRendering(Rendering(recipe=recipe(), id="r0000000001")))  # type: ignore[arg-type]


def test_an_edge_that_is_sent_twice_is_there_once_with_one_take(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    envelope = Envelope(new_op_id(), "you", 0, AddEdge(Edge(new_edge_id(), *ab, 9, engine="fake")))
    first, second = studio.apply(envelope), studio.apply(envelope)
    assert (first.seq, first.repeated, second.repeated) == (second.seq, False, True)
    studio.jobs.wait_for_all()
    (edge,) = studio.show().edges
    assert (edge.state, len(edge.takes)) == ("ready", 1)


def test_a_draft_renews_itself_when_its_length_or_a_picture_changes_and_when_that_is_undone(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    edge = connected(studio, ab)
    send(studio, SetFields(edge, {"frames": 13}))
    studio.jobs.wait_for_all()
    assert (studio.edge(edge).frames, studio.edge(edge).state) == (13, "ready")
    studio.reframe(ab[0], zoom=2.0)
    studio.jobs.wait_for_all()
    assert studio.edge(edge).state == "ready"
    studio.undo()
    studio.undo()
    studio.jobs.wait_for_all()
    assert (studio.edge(edge).frames, studio.edge(edge).state) == (9, "ready")


def test_another_take_is_another_roll_and_becomes_the_one_that_is_shown(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    edge = connected(studio, ab)
    studio.another_take(edge)
    studio.jobs.wait_for_all()
    first, second = studio.edge(edge).takes
    assert (first.active, second.active) == (False, True)
    assert first.rendering != second.rendering


def test_undo_takes_back_only_what_the_same_person_did(studio: Studio, ab: tuple[NodeId, NodeId]) -> None:
    anna, bob = studio.acting_as("anna"), studio.acting_as("bob")
    anna.move({ab[0]: (1.0, 1.0)})
    bob.move({ab[1]: (2.0, 2.0)})
    anna.undo()
    assert [(node.x, node.y) for node in rows(studio, Node)] == [(10.0, 20.0), (2.0, 2.0)]


def test_every_change_is_told_once_in_order_and_can_be_asked_for_later(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    told: list[Logged] = []
    start = studio.snapshot().seq
    stop = studio.watch_changes(told.append)
    connected(studio, ab)
    send(studio, MoveNodes({ab[0]: (0.0, 0.0)}), actor="anna")
    studio.undo()
    with pytest.raises(BadInput, match="nothing to redo"):
        studio.acting_as("anna").redo()
    stop()
    send(studio, MoveNodes({ab[0]: (5.0, 0.0)}), actor="anna")
    later = studio.changes_since(start)
    assert later is not None
    assert list(later[:-1]) == told
    assert all(b.seq == a.seq + 1 for a, b in pairwise(later))
    assert studio.changes_since(0, limit=1) is None


def test_a_listener_that_fails_stops_nobody(studio: Studio, ab: tuple[NodeId, NodeId]) -> None:
    told: list[Logged] = []
    studio.watch_changes(lambda _: 1 / 0)
    studio.watch_changes(told.append)
    send(studio, MoveNodes({ab[0]: (0.0, 0.0)}))
    assert len(told) == 1


def test_the_preview_of_a_transition_is_a_field_and_leaves_nothing_behind(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    before = studio.snapshot()
    field = Field.from_bytes(studio.preview_field(*ab))
    assert field.v.shape[2] == 2
    assert studio.snapshot() == before


def test_a_preview_has_the_style_and_the_seed_that_are_asked_for(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    asked = {"style": "sand", "start": [0.1, 0.5], "seed": 3}
    field = Field.from_bytes(studio.preview_field(*ab, parameters=asked))
    assert field.grains is not None
    assert field.grains.wind[0] < 0  # out of the picture where the change starts
    again = Field.from_bytes(studio.preview_field(*ab, parameters=asked | {"seed": 4}))
    assert again.grains is not None
    assert again.grains.seed != field.grains.seed
    with pytest.raises(BadParameter, match="style"):
        studio.preview_field(*ab, parameters={"style": "dust"})


def test_the_log_says_what_happened_in_words(studio: Studio, ab: tuple[NodeId, NodeId]) -> None:
    edge = connected(studio, ab)
    studio.branch_at(edge, 4, label="middle")
    studio.set_fields(ab[0], {"rating": 4})
    studio.undo()
    assert [(line.actor, line.text) for line in studio.log_lines()] == [
        ("you", "took back a change of “a”"),
        ("you", "gave “a” 4 stars"),
        ("you", "branched at “middle”"),
        ("engine", "rendered “a to b”"),
        ("you", "connected “a to b”"),
        ("you", "added “a” and “b”"),
    ]


def test_a_recipe_tells_how_a_thing_was_made_and_how_to_make_it_again(
    studio: Studio, ab: tuple[NodeId, NodeId]
) -> None:
    edge = connected(studio, ab)
    studio.propose(ab[0], "restyle", count=1, engine="fake", prompt="old film", seed=3)
    studio.jobs.wait_for_all()
    (candidate,) = rows(studio, Candidate)
    made = studio.recipe_of(candidate.id)
    ws = studio.snapshot().path
    assert (made.operation, made.seed, made.inputs[0].label) == ("restyle", 3, "a")
    assert (
        made.command == f"forkframe restyle {ws} a --prompt 'old film' --strength 0.5 --seed 3 --engine fake"
    )
    assert studio.recipe_of(edge).command.startswith(f"forkframe connect {ws} a b --seconds ")
    middle = studio.branch_at(edge, 4)
    assert studio.recipe_of(middle.id).command == f"forkframe branch {ws} {edge} --at 0.5000"
    assert studio.recipe_of(ab[0]).operation == "add"
    with pytest.raises(NotFound, match="has no recipe"):
        studio.recipe_of("n0000000000")
