"""Bad input: one clear line, exit code 1, nothing changed, no traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import forkframe as ff
from tests.cli.conftest import Ran, Run, Small
from tests.disks import small_disk
from tests.pictures import PHOTOGRAPHS, save_blobs


def refused(ran: Ran, *words: str) -> None:
    """Checks that a command failed as it should."""
    lines = ran.err.strip().splitlines()
    assert ran.code == 1, ran
    assert ran.out == ""
    assert len(lines) == 2, ran.err
    assert lines[0].startswith("forkframe: ")
    assert lines[1].startswith("  → ")
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, (word, ran.err)


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def trouble(tmp_path: Path) -> dict[str, Path]:
    """Files that can't become nodes."""
    files = {
        "text": tmp_path / "notes.jpg",
        "empty": tmp_path / "empty.png",
        "truncated": tmp_path / "truncated.jpg",
        "bomb": tmp_path / "bomb.png",
        "sliver": tmp_path / "sliver.png",
        "missing": tmp_path / "missing.png",
        "folder": tmp_path / "folder.png",
    }
    files["text"].write_text("these are my notes")
    files["empty"].write_bytes(b"")
    files["truncated"].write_bytes((PHOTOGRAPHS / "cat.jpg").read_bytes()[:20_000])
    files["bomb"].write_bytes(png_claiming(100_000, 100_000))
    Image.new("RGB", (1, 4000)).save(files["sliver"])
    files["folder"].mkdir()
    return files


@pytest.mark.parametrize("kind", ["text", "empty", "truncated", "bomb", "sliver", "missing", "folder"])
def test_a_file_that_is_no_usable_picture_is_named(
    run: Run, small: Small, trouble: dict[str, Path], kind: str
) -> None:
    refused(run("add", small.path, trouble[kind]), trouble[kind].name)


def test_one_bad_file_among_good_ones_adds_none(
    run: Run, small: Small, trouble: dict[str, Path], tmp_path: Path
) -> None:
    good = save_blobs(tmp_path / "good.png", seed=9)
    before = run("show", small.path, "--json").json
    media = sorted(p for p in (small.path / "media").rglob("*") if p.is_file())
    refused(run("add", small.path, good, trouble["truncated"], good), "truncated.jpg")
    assert run("show", small.path, "--json").json == before
    assert sorted(p for p in (small.path / "media").rglob("*") if p.is_file()) == media


def test_a_picture_of_one_pixel_is_a_picture(run: Run, small: Small, tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), (200, 90, 20)).save(tmp_path / "dot.png")
    assert run("add", small.path, tmp_path / "dot.png", "--json").json[0]["size"] == [1, 1]


def test_a_long_panorama_and_a_photograph_on_its_side_are_pictures(
    run: Run, small: Small, tmp_path: Path
) -> None:
    Image.linear_gradient("L").resize((12_000, 1_000)).convert("RGB").save(tmp_path / "panorama.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn it a quarter clockwise
    Image.new("RGB", (400, 300), (10, 120, 200)).save(tmp_path / "portrait.jpg", exif=exif)
    added = run("add", small.path, tmp_path / "panorama.jpg", tmp_path / "portrait.jpg", "--json").json
    assert [node["size"] for node in added] == [[12_000, 1_000], [300, 400]]


def test_an_unreadable_file_is_named(small: Small, tmp_path: Path) -> None:
    secret = save_blobs(tmp_path / "secret.png")
    secret.chmod(0)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from forkframe.errors import UnreadablePicture\n"
        "from forkframe.studio.intake import open_picture\n"
        "if os.getuid() == 0: os.seteuid(65534)  # root may read everything\n"
        "try: open_picture(Path(sys.argv[1]))\n"
        "except UnreadablePicture as error: print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(secret)], capture_output=True, text=True, check=True
    )
    assert "may not be read" in done.stdout


def test_names_that_are_not_there_are_named_with_those_that_are(run: Run, small: Small) -> None:
    refused(run("connect", small.path, small.a, "nowhere"), "no node 'nowhere'", "there is a, b")
    refused(run("vary", small.path, "nowhere"), "nowhere")
    refused(run("branch", small.path, "e0000000000", "--at", "0.5"), "no edge")
    refused(run("export", small.path, "nothing", "-o", "x.mp4"), "no sequence 'nothing'")
    refused(run("connect", small.path, "a", "b", "--engine", "bultin"), "did you mean builtin?")
    refused(run("connect", small.path, "a", "b", "--param", "pallete=on"), "did you mean palette?")


@pytest.mark.parametrize("at", ["0", "1", "0s", "1s", "1.5", "-0.2", "soon", "99s", "nans", "infs", "nan"])
def test_a_branch_at_an_end_or_outside_is_refused(run: Run, small: Small, at: str) -> None:
    refused(run("branch", small.path, small.edge, f"--at={at}"))


def test_an_edge_all_of_whose_takes_failed_says_why_it_cannot_be_branched(run: Run, small: Small) -> None:
    failing = run("connect", small.path, "a", "b", "--engine", "fake", "--param", "mishap=fail")
    refused(failing, "asked to fail")
    edge = next(e for e in run("show", small.path, "--json").json["edges"] if e["state"] == "failed")
    refused(
        run("branch", small.path, edge["id"], "--at", "0.5"), edge["id"], "no finished take", "asked to fail"
    )


@pytest.mark.parametrize("mishap", ["crash", "nothing", "wrong size", "too few frames", "too many frames"])
def test_an_engine_that_misbehaves_fails_its_edge_and_nothing_else(
    run: Run, small: Small, mishap: str
) -> None:
    refused(run("connect", small.path, "a", "b", "--engine", "fake", "--param", f"mishap={mishap}"))
    assert run("connect", small.path, "a", "b", "--engine", "fake", "--param", "chatter=yes").code == 0


def test_a_path_with_a_gap_names_the_nodes_that_are_not_connected(run: Run, small: Small) -> None:
    refused(run("sequence", small.path, "back", "b", "a"), small.b, small.a, "connect them")
    assert run("sequence", small.path, "backwards", "b", "a", "--reverse", "--json").json["steps"] == [
        f"-{small.edge}"
    ]


def test_a_film_is_not_written_over_a_folder_or_in_a_format_we_lack(
    run: Run, small: Small, tmp_path: Path
) -> None:
    run("sequence", small.path, "there", "a", "b")
    (tmp_path / "film.mp4").mkdir()
    refused(run("export", small.path, "there", "-o", tmp_path / "film.mp4"), "is a folder")
    refused(run("export", small.path, "there", "-o", tmp_path / "film.webm"), ".webm", ".mp4")
    refused(run("export", small.path, "there", "-o", tmp_path / "no" / "film.mp4"), "no folder")


def test_a_full_disk_leaves_no_half_film(run: Run, small: Small, tmp_path: Path) -> None:
    run("sequence", small.path, "to disk", "a", "b")
    full = tmp_path / "full"
    full.mkdir()
    with small_disk(full, "4k"):
        refused(run("export", small.path, "to disk", "-o", full / "film.mp4"), "film.mp4", "full")
        assert list(full.iterdir()) == []


def test_a_folder_that_is_no_workspace_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear")
    refused(run("show", tmp_path / "letters"), "letters")
    refused(run("add", tmp_path / "nowhere.forkframe", PHOTOGRAPHS / "cat.jpg"), "nowhere.forkframe")
    refused(run("new", tmp_path / "letters"), "letters")
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["letter.txt"]
    refused(run("new", tmp_path / "odd.forkframe", "--size", "1281x720"), "1281")
    refused(run("new", tmp_path / "odd.forkframe", "--fps", "1000"), "1000 frames per second")
    (tmp_path / "file").touch()
    refused(run("demo", "--out", tmp_path / "file"), "file")
    assert not (tmp_path / "odd.forkframe").exists()


def test_a_damaged_database_is_said_to_be_damaged(run: Run, small: Small, tmp_path: Path) -> None:
    copy = shutil.copytree(small.path, tmp_path / "copy.forkframe")
    (copy / "workspace.db").write_bytes(b"garbage" * 1000)
    for leftover in copy.glob("workspace.db-*"):
        leftover.unlink()
    refused(run("show", copy), "workspace.db")
    refused(run("add", copy, PHOTOGRAPHS / "cat.jpg"), "workspace.db")


def test_errors_are_json_where_json_was_asked_for(run: Run, small: Small) -> None:
    ran = run("connect", small.path, "a", "nowhere", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert json.loads(ran.err).keys() == {"error", "hint"}


def test_two_commands_at_once_take_turns(small: Small, tmp_path: Path) -> None:
    pictures = [save_blobs(tmp_path / f"turn{n}.png", seed=20 + n) for n in range(2)]
    commands = [[sys.executable, "-m", "forkframe", "add", str(small.path), str(p)] for p in pictures]
    running = [
        subprocess.Popen(c, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for c in commands
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0], ended


@pytest.mark.parametrize("command", ["add", "connect"])
def test_kill_9_in_the_middle_loses_nothing_that_was_acknowledged(
    run: Run, small: Small, tmp_path: Path, command: str
) -> None:
    copy = shutil.copytree(small.path, tmp_path / "killed.forkframe")
    before = run("show", copy, "--json").json
    arguments = {
        "add": [str(save_blobs(tmp_path / f"many{n}.png", seed=n, size=(2000, 1200))) for n in range(12)],
        "connect": ["a", "b", "--engine", "fake", "--param", "step=5"],
    }[command]
    process = subprocess.Popen([sys.executable, "-m", "forkframe", command, str(copy), *arguments])
    scratch = copy / "media" / "tmp"
    _wait_until(lambda: scratch.is_dir() and any(scratch.iterdir()), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert run("add", copy, save_blobs(tmp_path / "after.png", seed=77)).code == 0, "it opens again at once"
    after = run("show", copy, "--json").json
    assert [n["id"] for n in after["nodes"]][: len(before["nodes"])] == [n["id"] for n in before["nodes"]]
    assert {n["label"] for n in after["nodes"]} - {n["label"] for n in before["nodes"]} == {"after"}
    assert not any(scratch.iterdir()), "stray files are swept"


def test_ctrl_c_in_the_middle_of_an_export_leaves_nothing_half_written(small: Small, tmp_path: Path) -> None:
    with ff.open(tmp_path / "long.forkframe", size=(1280, 720)) as ws:
        a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
        ws.connect(a, b, seconds=20, engine="fake").wait()
        ws.branch(ws.edges[0], at=0.9)  # the film ends in a group that has to be encoded
        ws.sequence("there", [ws.nodes[0], ws.nodes[2]])
    out = tmp_path / "out"
    out.mkdir()
    command = ["export", str(tmp_path / "long.forkframe"), "there", "-o", str(out / "film.mp4")]
    process = subprocess.Popen(
        [sys.executable, "-m", "forkframe", *command],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    _wait_until(lambda: any(out.iterdir()), process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (130, 0), said  # the film may have been ready at that moment
    assert "Traceback" not in said
    assert {p.name for p in out.iterdir()} <= {"film.mp4"}


def _wait_until(condition: object, process: subprocess.Popen[Any]) -> None:
    while not condition():  # type: ignore[operator]
        assert process.poll() is None, "it ended before it could be killed"
        os.sched_yield()
