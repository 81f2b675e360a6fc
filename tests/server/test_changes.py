"""Changes over HTTP: what a tab sends, what comes back, and what cannot be sent at all."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import httpx
import pytest

import forkframe
from forkframe.model.ids import new_board_id, new_edge_id, new_note_id, new_op_id, new_sequence_id
from forkframe.server.wire import TABLES
from tests.server.conftest import Running, moved

CHANGES = "/api/changes"


def rows(client: httpx.Client, table: str) -> dict[str, Any]:
    return {row["id"]: row for row in client.get("/api/workspace").json()["tables"][table]}


def change(kind: str, **body: object) -> dict[str, object]:
    return {"op_id": new_op_id(), "base_seq": 0, "type": kind, **body}


def test_the_workspace_comes_whole_with_every_field_of_every_row(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    answer = client.get("/api/workspace").json()
    assert (answer["name"], answer["version"]) == ("ws", forkframe.__version__)
    assert (answer["path"], answer["paused"]) == (str(running.folder / "ws.forkframe"), False)
    assert set(answer["tables"]) == set(TABLES.values())
    assert answer["tables"]["settings"] == [
        {
            "id": "workspace",
            "frame": {"width": 160, "height": 96, "fps": "24"},
            "fps": "24",
            "background": [0, 0, 0],
        }
    ]
    for kind, table in TABLES.items():
        named = {field.name for field in fields(kind)}
        for row in answer["tables"][table]:
            assert table == "renderings" or set(row) == named
    a = next(row for row in answer["tables"]["nodes"] if row["id"] == two_nodes[0])
    assert a["crop"] == {"fit": "cover", "focus": a["crop"]["focus"], "zoom": 1.0}
    assert (a["label"], a["size"], a["cut"], a["was"]) == ("a", [160, 90], None, [])


def test_a_change_is_there_when_it_is_acknowledged(client: httpx.Client, two_nodes: tuple[str, str]) -> None:
    envelope = moved(two_nodes[0], 12.5, -3)
    answer = client.post(CHANGES, json=envelope)
    assert answer.json() == {"seq": answer.json()["seq"], "op_id": envelope["op_id"], "repeated": False}
    node = rows(client, "nodes")[two_nodes[0]]
    assert (node["x"], node["y"]) == (12.5, -3.0)


def test_a_change_that_is_sent_twice_is_done_once(client: httpx.Client, two_nodes: tuple[str, str]) -> None:
    first = moved(two_nodes[0], 1, 1)
    once = client.post(CHANGES, json=first).json()
    client.post(CHANGES, json=moved(two_nodes[0], 2, 2))
    again = client.post(CHANGES, json=first).json()
    assert again == {**once, "repeated": True}
    assert rows(client, "nodes")[two_nodes[0]]["x"] == 2


def test_everything_that_hands_do_round_trips(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    a, b = two_nodes
    edge, board, note, sequence = new_edge_id(), new_board_id(), new_note_id(), new_sequence_id()
    sent = [
        change("AddEdge", edge={"id": edge, "source": a, "target": b, "frames": 9, "engine": "fake"}),
        change("AddBoard", board={"id": board, "name": "dusk", "x": 0, "y": 0, "width": 10.5, "height": 20}),
        change("AddNote", note={"id": note, "text": "hm \ud83c\udf05 \ud800", "x": 0.5, "y": 1}),
        change(
            "AddSequence", sequence={"id": sequence, "name": "way", "steps": [{"edge": edge, "speed": 2}]}
        ),
        change("SetFields", id=a, values={"label": "Ä", "rating": 4}),
        change("SetFields", id=sequence, values={"steps": [{"edge": edge, "hold": 3, "reverse": True}]}),
    ]
    kind = {"content-type": "application/json"}  # httpx itself can't write half a surrogate pair; browsers do
    statuses = [client.post(CHANGES, content=json.dumps(one), headers=kind).status_code for one in sent]
    assert statuses == [200] * len(sent)
    assert rows(client, "edges")[edge]["frames"] == 9
    assert rows(client, "boards")[board]["width"] == 10.5
    assert rows(client, "notes")[note]["text"] == "hm \U0001f305 \ud800"
    assert (rows(client, "nodes")[a]["label"], rows(client, "nodes")[a]["rating"]) == ("Ä", 4)
    step = {"edge": edge, "reverse": True, "take": None, "speed": 1.0, "hold": 3}
    assert rows(client, "sequences")[sequence]["steps"] == [step]
    assert client.post(CHANGES, json=change("Delete", ids=[sequence, edge, board, note])).status_code == 200
    assert not {edge, board, note, sequence} & {
        key for table in ("edges", "boards", "notes", "sequences") for key in rows(client, table)
    }
    gone = client.post(CHANGES, json=change("SetFields", id=note, values={"text": "?"}))
    assert (gone.status_code, gone.json()["kind"]) == (409, "Gone")
    client.post(
        CHANGES, json=change("SetFields", id=a, values={"label": "a", "rating": 0})
    )  # as others know it
    running.studio.jobs.wait_for_all(timeout=60)  # the edge's draft: other tests count changes


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Nothing"},
        {"type": "MoveNodes"},
        {"type": "MoveNodes", "places": {"n0000000000": [1, 2, 3]}},
        {"type": "MoveNodes", "places": {}, "op_id": "../../x"},
        {"type": "MoveNodes", "places": {}, "base_seq": "0"},
        {"type": "MoveNodes", "places": {}, "extra": 1},
        {"type": "AddNote", "note": {"id": "x" * 5000, "text": "", "x": 0, "y": 0}},
        {"type": "AddNote", "note": {"id": new_board_id(), "text": "", "x": 0, "y": 0}},
        {"type": "AddNodes", "nodes": []},
        {"type": "SetVideo", "rendering": "r0000000000", "video": "0" * 64},
        {"type": "AddFailedTake", "take": {"id": "t0000000000", "owner": "e0000000000", "rendering": None}},
    ],
    ids=str,
)
def test_what_is_no_plain_change_is_refused(client: httpx.Client, body: dict[str, object]) -> None:
    before = client.get("/api/workspace").json()["seq"]
    answer = client.post(CHANGES, json={"op_id": new_op_id(), "base_seq": 0, **body})
    assert (answer.status_code, set(answer.json())) == (422, {"error", "hint", "kind"})
    assert client.get("/api/workspace").json()["seq"] == before


def test_each_person_takes_back_what_they_did(running: Running, two_nodes: tuple[str, str]) -> None:
    a, b = two_nodes
    with running.client(**{"x-forkframe-actor": "Ann%C3%A9"}) as ann, running.client() as you:
        ann.post(CHANGES, json=moved(a, 100, 0))
        you.post(CHANGES, json=moved(b, 200, 0))
        assert ann.get("/api/log?limit=2").json()[1]["actor"] == "Anné"
        op = new_op_id()
        undone = ann.post("/api/undo", json={"op_id": op})
        assert ann.post("/api/undo", json={"op_id": op}).json() == undone.json()  # asked twice, done once
        places = rows(you, "nodes")
        assert (places[a]["x"] == 100, places[b]["x"]) == (False, 200)
        assert ann.post("/api/redo", json={"op_id": new_op_id()}).status_code == 200
        assert rows(you, "nodes")[a]["x"] == 100


def test_with_nothing_to_take_back_one_line_says_so(running: Running) -> None:
    with running.client(**{"x-forkframe-actor": "nobody yet"}) as client:
        for what in ("undo", "redo"):
            answer = client.post(f"/api/{what}", json={"op_id": new_op_id()})
            assert (answer.status_code, "\n" in answer.json()["error"]) == (409, False)


def test_the_log_tells_the_last_changes_first(client: httpx.Client, two_nodes: tuple[str, str]) -> None:
    client.post(CHANGES, json=moved(two_nodes[0], 7, 7))
    first, second = client.get("/api/log?limit=2").json()
    assert first["seq"] == second["seq"] + 1
    assert (first["actor"], first["ids"]) == ("you", [two_nodes[0]])
    assert "moved" in first["text"]
