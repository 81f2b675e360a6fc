"""What people see before anything runs: which workflows there are, and what is missing for each."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from forkframe.engines.comfyui import facts, own_folder
from forkframe.engines.registry import cards, engine_names, load_engine
from forkframe.errors import BadInput, EngineBusy, EngineUnavailable
from forkframe.model.frame import Frame
from tests.comfyui_server import FakeComfyUI
from tests.engines.comfyui.test_running import recipe

OURS = ("comfyui:wan", "comfyui:ltx", "comfyui:flux2-klein", "comfyui:crossfade")


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FORKFRAME_COMFYUI", raising=False)
    monkeypatch.setenv("FORKFRAME_CONFIG", str(tmp_path / "config"))
    facts.forget()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as server:
        monkeypatch.setenv("FORKFRAME_COMFYUI", server.url)
        monkeypatch.setattr(facts, "_PATIENCE", 30.0)  # it does answer
        yield server


def missing(name: str) -> tuple[str, ...]:
    return load_engine(name).card().missing


def listed() -> tuple[str, ...]:
    return tuple(name for name in engine_names() if name.startswith("comfyui"))


# Which there are


def test_without_an_address_one_engine_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert listed() == ("comfyui",)
    (card,) = [card for card in cards() if card.name == "comfyui"]
    assert card.missing == (
        "start ComfyUI and give its address: forkframe engines set comfyui http://127.0.0.1:8188, or "
        "FORKFRAME_COMFYUI",
    )
    assert {"transition", "animate", "generate", "restyle", "vary"} == set(card.operations)
    with pytest.raises(EngineUnavailable):
        card.operation("transition")


def test_as_soon_as_a_server_answers_each_workflow_is_an_engine_of_its_own(server: FakeComfyUI) -> None:
    assert listed() == ("comfyui", *OURS)
    assert {card.name: card.missing for card in cards() if card.name in OURS} == dict.fromkeys(OURS, ())
    licences = [load_engine(name).card().operations["transition"].licence for name in OURS[:2]]
    assert licences == ["Apache-2.0", "LTX-2 Community Licence (a paid one from $10M revenue a year)"]


def test_the_family_s_own_name_means_the_first_that_is_ready_for_each_operation(server: FakeComfyUI) -> None:
    def algorithms() -> dict[str, str]:
        return {str(n): o.algorithm for n, o in load_engine("comfyui").card().operations.items()}

    assert algorithms()["transition"] == "comfyui:wan.transition@1"
    assert algorithms()["vary"] == "comfyui:flux2-klein.vary@1"
    server.lacking = {"wan_2.1_vae.safetensors", "ltx-2.3-22b-distilled-fp8.safetensors"}
    facts.forget()
    assert algorithms()["transition"] == "comfyui:crossfade.transition@1"


def test_an_unknown_workflow_is_refused_with_those_that_there_are(server: FakeComfyUI) -> None:
    with pytest.raises(EngineUnavailable, match="no workflow 'comfyui:wann'") as refused:
        load_engine("comfyui:wann")
    assert "comfyui:wan, comfyui:ltx" in refused.value.hint
    with pytest.raises(EngineUnavailable):
        load_engine("comfyui:../../etc/passwd")


# What is missing


def test_a_node_and_a_model_file_that_the_server_lacks_are_named_with_what_to_do(server: FakeComfyUI) -> None:
    server.lacking = {"WanFirstLastFrameToVideo", "wan_2.1_vae.safetensors"}
    assert missing("comfyui:wan") == (
        "ComfyUI lacks the node WanFirstLastFrameToVideo: update ComfyUI, or install what brings it",
        "the model file wan_2.1_vae.safetensors is missing: put it into models/vae, "
        "from https://huggingface.co/Comfy-Org/Wan_2.2_ComfyUI_Repackaged",
    )
    assert missing("comfyui:crossfade") == ()
    with pytest.raises(EngineUnavailable, match="can't run here"):
        load_engine("comfyui:wan").card().operation("transition")


@pytest.mark.parametrize("newer", [True, False])
def test_choices_are_read_in_the_older_and_the_newer_form(server: FakeComfyUI, newer: bool) -> None:
    server.newer = newer
    server.lacking = {"flux2-vae.safetensors"}
    (line,) = missing("comfyui:flux2-klein")
    assert line.startswith("the model file flux2-vae.safetensors is missing: put it into models/vae")


def test_a_wrong_address_and_a_server_that_is_not_there_say_what_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORKFRAME_COMFYUI", "127.0.0.1:1")
    assert missing("comfyui:wan") == (
        "nobody answers at http://127.0.0.1:1: start ComfyUI, or set FORKFRAME_COMFYUI to its address",
    )
    assert listed() == ("comfyui",)
    for nonsense in ("ftp://somewhere", "http://:8188", "http://host:port"):
        monkeypatch.setenv("FORKFRAME_COMFYUI", nonsense)
        assert missing("comfyui:wan") == (
            f"{nonsense} is no address: set FORKFRAME_COMFYUI to one such as http://127.0.0.1:8188",
        )


def test_something_else_that_answers_there_is_not_taken_for_comfyui(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>a printer</html>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("FORKFRAME_COMFYUI", f"http://127.0.0.1:{other.server_port}")
        (line,) = missing("comfyui:wan")
        assert f"what answers at http://127.0.0.1:{other.server_port} is not ComfyUI" in line
        other.shutdown()


def test_a_server_that_hangs_is_waited_for_once_and_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:  # accepts, and never says a word
        monkeypatch.setenv("FORKFRAME_COMFYUI", f"http://127.0.0.1:{hung.getsockname()[1]}")
        (line,) = missing("comfyui:wan")
        assert "takes too long to answer" in line
        for _ in range(50):
            assert missing("comfyui:ltx") == (line,)
        hung.setblocking(False)
        hung.accept()[0].close()  # who waited, and gave up
        with pytest.raises(BlockingIOError):  # and nobody after that
            hung.accept()
    assert facts._PATIENCE < 1


def test_cards_are_looked_up_once_for_many_who_ask_at_the_same_time(server: FakeComfyUI) -> None:
    threads = [threading.Thread(target=missing, args=(name,)) for name in OURS * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.heard.count("GET /system_stats") == 1
    assert len(server.heard) == len(set(server.heard))


def test_while_a_server_is_away_nothing_new_is_taken_and_what_was_asked_for_may_wait(
    server: FakeComfyUI,
) -> None:
    asked = recipe("wan", "transition")
    server.stop()
    facts.forget()
    card = load_engine("comfyui:wan").card()
    with pytest.raises(EngineBusy, match=f"nobody answers at {server.url}") as away:
        card.operation("transition")
    assert "start ComfyUI" in away.value.hint
    card.check(asked)


def test_a_server_that_is_too_busy_to_answer_stays_listed_for_a_while(
    server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missing("comfyui:wan") == ()
    server.silent = True
    monkeypatch.setattr(facts, "_PATIENCE", 0.5)
    monkeypatch.setattr(facts, "_FRESH", 0.0)
    assert missing("comfyui:wan") == ()
    facts._look(server.url, facts._servers[server.url], frozenset())
    assert missing("comfyui:wan") == ()
    monkeypatch.setattr(facts, "_BUSY", 0.0)
    facts._look(server.url, facts._servers[server.url], frozenset())
    assert "takes too long" in missing("comfyui:wan")[0]
    server.silent = False


# Limits


@pytest.mark.parametrize("rate", [24, 25, 30])
def test_an_edge_that_is_longer_than_the_model_can_is_refused_in_seconds(
    server: FakeComfyUI, rate: int
) -> None:
    card = load_engine("comfyui:wan").card()
    asked = replace(recipe("wan", "transition"), frame=Frame(1280, 720, Fraction(rate)))
    card.check(replace(asked, frames=5 * rate + 1))
    with pytest.raises(BadInput, match=r"comfyui:wan can't make 5\.5 seconds") as refused:
        card.check(replace(asked, frames=round(5.5 * rate) + 1))
    assert "use at most 5.0 seconds" in refused.value.hint


def test_a_template_of_the_user_s_that_is_broken_is_listed_with_the_reason(server: FakeComfyUI) -> None:
    own_folder().mkdir(parents=True)
    (own_folder() / "mine.json").write_text(json.dumps({"nodes": [], "links": []}))
    assert listed() == ("comfyui", *OURS, "comfyui:mine")
    (card,) = [card for card in cards() if card.name == "comfyui:mine"]
    assert "Save (API Format)" in card.missing[0]
    assert missing("comfyui") == ()
