"""The socket: everybody sees every change once and in order, comes back without a gap, and nobody holds up the others."""

from __future__ import annotations

import json
import queue
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from forkframe.model.ids import new_note_id, new_op_id
from forkframe.server import live
from forkframe.studio import Progress
from tests.server.conftest import TOKEN, Running, moved

Message = dict[str, Any]


def received(socket: ClientConnection, kind: str, *, within: float = 60) -> Message:
    """The next message of a kind."""
    while True:
        message = json.loads(socket.recv(timeout=within))
        if message["type"] == kind:
            return message


def deltas_until(socket: ClientConnection, seq: int) -> list[Message]:
    """All deltas up to number `seq`."""
    out: list[Message] = []
    while not out or out[-1]["seq"] < seq:
        out.append(received(socket, "delta"))
    return out


def told_to_the_end(socket: ClientConnection) -> tuple[list[Message], int]:
    """What comes until the server closes, and its reason."""
    out: list[Message] = []
    while True:
        try:
            out.append(json.loads(socket.recv(timeout=60)))
        except ConnectionClosed as closed:
            return out, closed.rcvd.code if closed.rcvd else 1006


def seq_of(client: httpx.Client) -> int:
    return client.get("/api/workspace").json()["seq"]


def commit(client: httpx.Client, node: str, x: float) -> int:
    return client.post("/api/changes", json=moved(node, x, 0)).json()["seq"]


def test_a_change_reaches_every_tab_as_rows_and_in_order(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    with running.socket(seq_of(client)) as first, running.socket(seq_of(client)) as second:
        assert received(first, "hello")["client"] != received(second, "hello")["client"]
        envelope = moved(two_nodes[0], 1, 0)
        seq = client.post("/api/changes", json=envelope).json()["seq"]
        last = [commit(client, two_nodes[0], x) for x in range(2, 30)][-1]
        told = [deltas_until(one, last) for one in (first, second)]
    assert [m["seq"] for m in told[0]] == list(range(seq, last + 1))
    assert told[0] == told[1]
    (edit,) = told[0][0].pop("edits")
    assert told[0][0] == {
        "type": "delta",
        "seq": seq,
        "op": envelope["op_id"],
        "actor": "you",
        "change": "MoveNodes",
    }
    assert (edit["table"], edit["id"], edit["row"]["x"], edit["row"]["label"]) == (
        "nodes",
        two_nodes[0],
        1.0,
        "a",
    )


def test_a_deleted_row_is_null(running: Running, client: httpx.Client) -> None:
    note = new_note_id()
    add = {"type": "AddNote", "note": {"id": note, "text": "", "x": 0, "y": 0}}
    with running.socket(seq_of(client)) as tab:
        for body in (add, {"type": "Delete", "ids": [note]}):
            client.post("/api/changes", json={"op_id": new_op_id(), "base_seq": 0, **body})
        received(tab, "delta")
        assert received(tab, "delta")["edits"] == [{"table": "notes", "id": note, "row": None}]


def test_who_comes_back_gets_exactly_what_was_missed(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    since = seq_of(client)
    last = [commit(client, two_nodes[0], x) for x in range(5)][-1]
    with running.socket(since) as tab:
        hello = received(tab, "hello")
        assert (hello["reset"], hello["seq"]) == (False, last)
        assert [m["seq"] for m in deltas_until(tab, last)] == list(range(since + 1, last + 1))


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=3, max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_often_a_tab_comes_and_goes_while_others_work_it_sees_each_change_once(
    running: Running, two_nodes: tuple[str, str], visits: list[tuple[int, bool]]
) -> None:
    """Each visit reads some changes and leaves, politely or not, while another thread commits without a pause."""
    stop = threading.Event()

    def work() -> None:
        with running.client() as client:
            while not stop.is_set():
                commit(client, two_nodes[0], random.random())

    with running.client() as client:
        start = seq_of(client)
        worker = threading.Thread(target=work)
        worker.start()
        seen: list[int] = []
        try:
            for count, politely in visits:
                with running.socket(seen[-1] if seen else start) as tab:
                    assert not received(tab, "hello")["reset"]
                    seen += [received(tab, "delta")["seq"] for _ in range(count)]
                    if not politely:
                        tab.socket.shutdown(socket.SHUT_RDWR)
        finally:
            stop.set()
            worker.join()
        last = commit(client, two_nodes[0], 0)
        with running.socket(seen[-1] if seen else start) as tab:
            seen += [m["seq"] for m in deltas_until(tab, last)]
    assert seen == list(range(start + 1, last + 1))


def test_who_was_away_too_long_or_saw_another_history_is_told_to_start_over(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = [commit(client, two_nodes[0], x) for x in range(8)][-1]
    monkeypatch.setattr(live, "MOST_MISSED", 5)
    told: dict[int | None, tuple[bool, int]] = {}
    for since in (last - 6, last - 5, last, last + 1, -1, None):
        with running.socket(since) as tab:
            hello = received(tab, "hello")
            told[since] = hello["reset"], hello["seq"]
    away, near, same = (True, last), (False, last), (False, last)
    assert told == {last - 6: away, last - 5: near, last: same, last + 1: away, -1: away, None: away}


def test_who_starts_over_hears_of_everything_after_that(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    with running.socket() as tab:
        seq = received(tab, "hello")["seq"]
        assert [m["seq"] for m in deltas_until(tab, commit(client, two_nodes[0], 9))] == [seq + 1]


def test_a_tab_that_does_not_keep_up_is_told_to_come_back_and_misses_nothing(
    running: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 8)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", running.port))
    since = seq_of(client)
    known = {"Authorization": f"Bearer {TOKEN}"}
    url = f"ws://127.0.0.1:{running.port}/api/live?since={since}"
    options: dict[str, Any] = {
        "additional_headers": known,
        "compression": None,
        "max_size": None,
        "proxy": None,
    }
    with connect(url, sock=raw, max_queue=1, **options) as slow, running.socket(since) as quick:
        received(slow, "hello")
        text = "x" * 900_000
        for _ in range(20):  # far more than all buffers between the two hold
            note = {"id": new_note_id(), "text": text, "x": 0, "y": 0}
            body = {"op_id": new_op_id(), "base_seq": 0, "type": "AddNote", "note": note}
            last = client.post("/api/changes", json=body).json()["seq"]
            received(quick, "delta")  # nobody else waits for the slow one
        told, code = told_to_the_end(slow)
    seen = [m["seq"] for m in told if m["type"] == "delta"]
    assert (code, 0 < len(seen) < 20) == (4008, True)
    with running.socket(seen[-1]) as back:
        assert not received(back, "hello")["reset"]
        seen += [m["seq"] for m in deltas_until(back, last)]
    assert seen == list(range(since + 1, last + 1))


def test_tabs_see_each_other_but_not_themselves(running: Running) -> None:
    with running.socket(name="Ann") as ann, running.socket(name="B" * 100) as bo:
        me = received(ann, "hello")["client"]
        received(bo, "hello")
        ann.send(
            json.dumps({"type": "presence", "cursor": [3, 4.5], "selection": ["n0000000000", "../x", 5]})
        )
        while not (others := received(bo, "presence")["clients"]) or others[0]["cursor"] is None:
            pass
        (other,) = others
        assert other.pop("colour").startswith("#")
        assert other == {
            "client": me,
            "name": "Ann",
            "cursor": {"x": 3.0, "y": 4.5},
            "selection": ["n0000000000"],
        }
        while not (others := received(ann, "presence")["clients"]):
            pass
        assert [one["name"] for one in others] == ["B" * 64]
        ann.send(json.dumps({"type": "presence", "cursor": [1e999, "x"], "name": " \u0000Zoë\ud800 "}))
        while (other := received(bo, "presence")["clients"][0])["name"] == "Ann":
            pass
        assert (other["name"], other["cursor"]) == ("Zoë", None)
        ann.close()
        while received(bo, "presence")["clients"]:
            pass


def test_a_pointer_that_moves_a_thousand_times_is_told_a_few_times_and_ends_where_it_is(
    running: Running,
) -> None:
    with running.socket(name="Ann") as ann, running.socket(name="Bo") as bo:
        began = time.monotonic()
        for x in range(1000):
            ann.send(json.dumps({"type": "presence", "cursor": [x, 0]}))
        told = 0
        while True:
            told += 1
            clients = received(bo, "presence")["clients"]
            if clients and clients[0]["cursor"] and clients[0]["cursor"]["x"] == 999:
                break
        assert told < 200 or told < 3 + (time.monotonic() - began) / live._PAUSE


@pytest.mark.parametrize(
    "message", ["", "{", "[]", "5", '{"no": "type"}', "[" * 50_000, b"\x00"], ids=lambda m: m[:5]
)
def test_a_socket_that_talks_nonsense_is_closed_and_the_others_stay(
    running: Running, message: str | bytes
) -> None:
    with running.socket() as good, running.socket() as bad:
        bad.send(message)
        assert told_to_the_end(bad)[1] == 1003
        assert received(good, "presence")["type"] == "presence"


def test_words_of_a_newer_page_are_let_pass(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    with running.socket(seq_of(client)) as tab:
        tab.send(json.dumps({"type": "something newer"}))
        assert commit(client, two_nodes[0], 1) == received(tab, "delta")["seq"]


def test_what_is_on_screen_is_passed_on_to_the_queue(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: queue.Queue[tuple[str, ...]] = queue.Queue()
    monkeypatch.setattr(running.studio.jobs, "look_at", lambda *subjects: looked.put(subjects))
    with running.socket() as tab:
        tab.send(json.dumps({"type": "look", "subjects": ["e0123456789", 7]}))
        assert looked.get(timeout=60) == ("e0123456789",)


@contextmanager
def edge_rendered(running: Running, nodes: tuple[str, str], **parameters: object) -> Iterator[str]:
    edge = running.studio.connect(*nodes, seconds=1, engine="fake", parameters=parameters)
    yield edge.id
    running.studio.delete([edge.id])


def test_a_job_is_told_from_its_beginning_to_its_end_and_after_what_it_brought(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    with running.socket(seq_of(client)) as tab, edge_rendered(running, two_nodes) as edge:
        told: list[Message] = []
        while not told or told[-1].get("job", {}).get("state") != "done":
            told.append(json.loads(tab.recv(timeout=60)))
    jobs = [m["job"] for m in told if m["type"] == "job"]
    assert {job["subject"] for job in jobs} == {edge}
    assert jobs[-1]["preview"] is False
    assert [m["change"] for m in told if m["type"] == "delta"] == ["AddEdge", "AddRendering"]


def test_of_progress_only_the_latest_is_told(running: Running) -> None:
    with running.socket() as tab:
        received(tab, "hello")
        began = time.monotonic()
        for n in range(1, 2001):
            running.studio._desk.tell(Progress("a title", "drawing", n / 2000, "j0123456789"))
        told = [received(tab, "progress")]
        while told[-1]["share"] < 1:
            told.append(received(tab, "progress"))
        took = time.monotonic() - began
    assert told[-1] == {
        "type": "progress",
        "id": "j0123456789",
        "doing": "drawing",
        "share": 1.0,
        "preview": False,
    }
    assert len(told) < 200 or len(told) < 3 + took / live._PAUSE
