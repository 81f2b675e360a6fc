"""`forkframe engines` and what engines make of words, as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.provider import FakeProvider


def test_engines_are_listed_with_their_terms(run: Run) -> None:
    facts = {fact["name"]: fact for fact in run("engines", "--json").json}
    assert facts["builtin"]["available"]
    assert facts["builtin"]["licence"] == "Apache-2.0"
    assert not facts["builtin"]["off"]
    assert "builtin" in run("engines").out


def test_pictures_are_generated_into_an_empty_workspace_whose_frame_they_propose(
    run: Run, tmp_path: Path
) -> None:
    ws = tmp_path / "ws.forkframe"
    assert run("new", ws, "--fps", "30").code == 0
    made = run("generate", ws, "--prompt", "a lighthouse", "-n", "2", "--engine", "fake", "--json").json
    assert [node["label"] for node in made] == ["a lighthouse 1", "a lighthouse 2"]
    assert [node["made_by"] for node in made] == ["fake.generate@1"] * 2
    shown = run("show", ws, "--json").json
    assert (shown["size"], shown["fps"]) == ([1280, 720], "30")
    assert len({node["x"] for node in shown["nodes"]}) == 2


def test_without_an_engine_that_can_generate_it_says_what_there_is(run: Run, tmp_path: Path) -> None:
    ws = tmp_path / "ws.forkframe"
    assert run("new", ws).code == 0
    refused = run("generate", ws, "--prompt", "a lighthouse", "--engine", "builtin")
    assert refused.code == 1
    assert refused.err.splitlines()[0] == "forkframe: the engine builtin can't generate"


def test_parameters_of_an_engine_are_typed_with_every_operation(run: Run, tmp_path: Path) -> None:
    ws = tmp_path / "ws.forkframe"
    assert run("new", ws).code == 0
    (node,) = run("generate", ws, "-n", "1", "--engine", "fake", "--json").json
    (made,) = run(
        "vary", ws, node["id"], "-n", "1", "--engine", "fake", "--param", "delivery=a file", "--json"
    ).json
    assert made["size"] == [1280, 720]
    refused = run("vary", ws, node["id"], "--engine", "fake", "--param", "delivery=a ship")
    assert (refused.code, "delivery can't be 'a ship'" in refused.err) == (1, True)


def test_a_key_is_kept_without_being_shown(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        monkeypatch.setenv("FORKFRAME_TEST_KEYRING", str(tmp_path / "keys.json"))
        command = [sys.executable, "-m", "forkframe", "engines", "key", "fake-paid"]
        done = subprocess.run(command, input="s3cret\n", capture_output=True, text=True, check=True)
        assert "s3cret" not in done.stdout + done.stderr
        assert json.loads((tmp_path / "keys.json").read_text()) == {"forkframe FORKFRAME_FAKE_KEY": "s3cret"}
        assert run("engines", "key", "fake-paid", "--forget").code == 0
        assert json.loads((tmp_path / "keys.json").read_text()) == {}
        empty = subprocess.run(command, input="", capture_output=True, text=True, check=False)
        assert (empty.returncode, "no key was given" in empty.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("allow", "nobody"), "there is no engine 'nobody'"),
        (("key", "builtin", "--forget"), "the engine builtin needs no key"),
        (("set", "two words", "x"), "two words can't be set to that"),
        (("learn", "nowhere.json"), "nowhere.json can't be read"),
    ],
)
def test_what_can_t_be_said_of_engines_is_one_clear_line(
    run: Run, arguments: tuple[str, ...], words: str
) -> None:
    refused = run("engines", *arguments)
    assert refused.code == 1
    assert words in refused.err
    assert "Traceback" not in refused.err
