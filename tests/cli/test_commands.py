"""The commands of DESIGN.md, walked as a newcomer would, and what they print."""

from __future__ import annotations

import shlex
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from forkframe.media.decode import probe
from tests.cli.conftest import Run, Small
from tests.pictures import save_blobs


def test_a_film_is_made_from_two_pictures_with_seven_commands(run: Run, tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        save_blobs(tmp_path / f"{name}.png", seed=seed, size=(320, 180))
    assert run("new", "trip.forkframe", "--size", "192x112", "--fps", "12", cwd=tmp_path).code == 0
    assert [
        n["label"] for n in run("add", "trip.forkframe", "a.png", "b.png", "--json", cwd=tmp_path).json
    ] == ["a", "b"]
    edge = run("connect", "trip.forkframe", "a", "b", "--seconds", "2", "--json", cwd=tmp_path).json
    assert (edge["frames"], edge["state"], len(edge["takes"])) == (25, "ready", 1)
    middle = run("branch", "trip.forkframe", edge["id"], "--at", "1.0s", "--json", cwd=tmp_path).json
    assert middle["made_by"] == f"frame 12 of {edge['id']}"
    saved = run("sequence", "trip.forkframe", "to b", "a", "b", "--json", cwd=tmp_path).json
    assert saved["inserted"] == [middle["id"]]
    film = run("export", "trip.forkframe", "to b", "-o", "film.mp4", "--json", cwd=tmp_path).json
    assert (film["frames"], film["copied"], film["encoded"]) == (25, 25, 0)
    facts = probe(tmp_path / "film.mp4")
    assert (facts.frames, facts.size, facts.fps) == (25, (192, 112), Fraction(12))
    shown = run("show", "trip.forkframe", "--json", cwd=tmp_path).json
    assert [len(shown[kind]) for kind in ("nodes", "edges", "sequences")] == [3, 2, 1]
    assert "to b" in run("show", "trip.forkframe", cwd=tmp_path).out


def test_the_commands_of_the_readme_work_as_they_stand(run: Run, tmp_path: Path) -> None:
    for seed, name in enumerate("abc"):
        save_blobs(tmp_path / f"{name}.jpg", seed=seed, size=(160, 90))
    page = (Path(__file__).parents[2] / "README.md").read_text()
    lines = [line for line in page.splitlines() if line.startswith("forkframe ")]
    assert len(lines) == 10
    for line in lines:
        ran = run(*shlex.split(line, comments=True)[1:], cwd=tmp_path)
        assert ran.code == 0, (line, ran.err)
    assert probe(tmp_path / "film.mp4").frames == 2 * 72 + 1


def test_variations_restyles_and_mixes_become_nodes_with_their_seed(run: Run, small: Small) -> None:
    varied = run("vary", small.path, small.a, "-n", "2", "--seed", "7", "--json").json
    assert [(n["made_by"], n["seed"]) for n in varied] == [("builtin.vary@3", 7), ("builtin.vary@3", 8)]
    again = run("vary", small.path, small.a, "-n", "1", "--seed", "7", "--json").json
    assert again[0]["picture"] == varied[0]["picture"], "the same recipe is never computed twice"
    evening = run("restyle", small.path, small.a, "--prompt", "a zorblax evening", "--json").json
    assert "zorblax" in " ".join(evening["notes"])
    assert (
        run("restyle", small.path, small.a, "--like", small.b, "--json").json["made_by"]
        == "builtin.restyle@3"
    )
    assert run("mix", small.path, "a:0.7", "b:0.3", "--json").json["made_by"] == "builtin.mix@3"
    assert (
        run("mix", small.path, "--composition", "a", "--style", "b", "--json").json["made_by"]
        == "builtin.mix@3"
    )


def test_a_picture_moves_along_with_a_camera(run: Run, small: Small) -> None:
    edge = run("animate", small.path, small.a, "--camera", "pan-left", "--seconds", "1", "--json").json
    assert (edge["source"], edge["state"], edge["seconds"]) == (small.a, "ready", 1.0)
    along = run(
        "animate", small.path, small.a, "--path", "0.3,0.5 0.5,0.4 0.7,0.6", "--seconds", "1", "--json"
    ).json
    assert (along["label"], along["state"]) == ("a, along a line", "ready")
    outside = run("animate", small.path, small.a, "--path", "0.2,0.5 1.5,0.4")
    assert (outside.code, "0.5,0.3" in outside.err) == (1, True)
    torn = run("animate", small.path, small.a, "--path", "here and there")
    assert (torn.code, torn.err.count("\n")) == (1, 2)
    refused = run("animate", small.path, small.a, "--camera", "somersault")
    assert refused.code == 1
    assert "push in or pan left" in refused.err


def test_a_picture_becomes_a_loop_that_can_be_exported(run: Run, small: Small) -> None:
    loop = run("loop", small.path, small.a, "--seconds", "1", "--seed", "3", "--json").json
    assert loop["nodes"][0] == loop["nodes"][-1] == small.a
    assert (loop["name"], len(loop["steps"])) == ("a, loop", 2)
    film = run("export", small.path, loop["id"], "-o", small.path.parent / "loop.mp4", "--json").json
    assert film["frames"] == loop["frames"]
    refused = run("loop", small.path, small.a, "--seconds", "0")
    assert (refused.code, refused.err.count("\n")) == (1, 2)


def test_parallel_edges_are_told_apart_by_via(run: Run, small: Small) -> None:
    other = run("connect", small.path, small.a, small.b, "--seconds", "1", "--engine", "fake", "--json").json[
        "id"
    ]
    plain = run("sequence", small.path, "plain", small.a, small.b, "--json").json
    assert plain["steps"] == [small.edge]
    assert other in plain["notes"][0]
    assert run("sequence", small.path, "via", small.a, small.b, "--via", other, "--json").json["steps"] == [
        other
    ]


def test_engines_say_what_they_can_on_which_terms(run: Run) -> None:
    engines = {engine["name"]: engine for engine in run("engines", "--json").json}
    assert {"name", "operations", "licence", "limits", "available", "missing"} <= engines["builtin"].keys()
    assert engines["builtin"]["available"]
    assert set(engines["builtin"]["operations"]) == {
        "transition",
        "vary",
        "restyle",
        "animate",
        "mix",
        "describe",
    }
    assert "builtin" in run("engines").out


def test_the_doctor_finds_this_installation_usable(run: Run) -> None:
    examined = run("doctor", "--json")
    assert examined.code == 0
    assert {f["name"] for f in examined.json} >= {
        "Python",
        "database",
        "video",
        "pictures",
        "workers",
        "engine builtin",
    }
    assert "SQLite" in run("doctor").out


@pytest.mark.parametrize(
    "arguments", [("connect",), ("vary", "ws", "n", "-n", "many"), ("nonsense",), ("export", "ws", "s")]
)
def test_wrong_usage_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert "Usage" in ran.err


def test_help_and_import_load_neither_numpy_nor_a_database() -> None:
    heavy = "{'numpy', 'sqlalchemy', 'cv2', 'numba', 'av', 'PIL', 'typer', 'rich'} & set(sys.modules)"
    for code, allowed in (("import sys, forkframe", set()), ("import sys, forkframe.cli.app", {"typer"})):
        done = subprocess.run(
            [sys.executable, "-c", f"{code}; print(sorted({heavy}))"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert set(eval(done.stdout)) <= allowed
