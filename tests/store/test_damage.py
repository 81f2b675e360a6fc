"""A workspace that is broken, too new or can't be written is told apart in one clear line, and never made worse."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forkframe.errors import ForkframeError, OutputFailed, WorkspaceDamaged, WorkspaceTooNew
from forkframe.model.changes import AddNodes, Delete
from forkframe.model.ids import new_op_id
from forkframe.store import Store, read_graph
from tests.disks import small_disk
from tests.model.build import node, rows_of
from tests.store.conftest import commit

OPENINGS = (Store.open, read_graph)


def sql(path: Path, statement: str) -> None:
    """Does to a database what no Forkframe would."""
    connection = sqlite3.connect(path / "workspace.db")
    with connection:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def film(path: Path) -> Path:
    """A closed workspace with some rows."""
    with Store.open(path) as store:
        for number in range(60):
            commit(store, AddNodes((node(f"n{number}", label="x" * 200),)))
    return path


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", b"SQLite format 3\0" + b"\xff" * 5000, "cut", "half a page"],
    ids=["empty", "text", "header only", "cut", "half a page"],
)
def test_a_database_that_cannot_be_read_says_what_to_do(film: Path, content: bytes | str) -> None:
    whole = (film / "workspace.db").read_bytes()
    cut = {"cut": whole[: len(whole) // 8192 * 4096], "half a page": whole[:2000]}
    broken = content if isinstance(content, bytes) else cut[content]
    (film / "workspace.db").write_bytes(broken)
    for opening in OPENINGS:
        with pytest.raises(WorkspaceDamaged, match=r"workspace.db can't be read: ") as refusal:
            opening(film)
        assert refusal.value.hint.startswith("restore it from a backup; all pictures")
        assert "\n" not in refusal.value.message
    assert (film / "workspace.db").read_bytes() == broken


def test_a_missing_database_beside_media_is_damage_and_says_what_to_do(film: Path) -> None:
    (film / "workspace.db").unlink()
    for opening in OPENINGS:
        with pytest.raises(WorkspaceDamaged, match="the file is missing"):
            opening(film)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entity SET body = '{'",
        "UPDATE entity SET body = '[]'",
        """UPDATE entity SET body = '{"colour": 1}'""",
        """UPDATE entity SET body = '{"fps": "1/0"}' WHERE kind = 'settings'""",
        """UPDATE entity SET body = '{"frame": {"width": 17}}' WHERE kind = 'settings'""",
        "UPDATE entity SET body = CAST(x'ff00' AS TEXT)",
        "UPDATE entity SET body = x'ff00'",
        "UPDATE entity SET kind = 'robot'",
        "DELETE FROM workspace",
        "DROP TABLE entity",
        "DROP TABLE alembic_version",
    ],
)
def test_rows_that_make_no_sense_are_damage(film: Path, statement: str) -> None:
    sql(film, statement)
    for opening in OPENINGS:
        with pytest.raises(WorkspaceDamaged):
            opening(film)


def test_a_log_entry_that_makes_no_sense_is_damage(film: Path) -> None:
    sql(film, "UPDATE log SET delta = '{'")
    with Store.open(film) as store, pytest.raises(WorkspaceDamaged, match="an entry of its log"):
        store.undo("anna", new_op_id())


def test_flipped_bytes_anywhere_never_end_in_anything_but_a_clear_error(film: Path) -> None:
    whole = (film / "workspace.db").read_bytes()
    dice = random.Random(7)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(dice.choice((1, 20, 2000))):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        (film / "workspace.db").write_bytes(broken)
        with contextlib.suppress(ForkframeError):
            read_graph(film)
        with contextlib.suppress(ForkframeError), Store.open(film) as store:
            commit(store, AddNodes((node("n new"),)))
            store.undo("anna", new_op_id())
        for left in film.glob("workspace.db-*"):
            left.unlink()


def test_a_workspace_of_a_newer_version_is_refused_politely_and_not_touched(film: Path) -> None:
    sql(film, "UPDATE alembic_version SET version_num = '9999'")
    before = (film / "workspace.db").read_bytes()
    (film / "media" / "tmp").mkdir()
    (film / "media" / "tmp" / "theirs").touch()
    for opening in OPENINGS:
        with pytest.raises(WorkspaceTooNew, match="made by a newer Forkframe") as refusal:
            opening(film)
        assert refusal.value.hint == "upgrade Forkframe; nothing was changed"
    assert (film / "workspace.db").read_bytes() == before
    assert (film / "media" / "tmp" / "theirs").exists()


def test_after_a_refused_opening_the_workspace_is_free_again(film: Path) -> None:
    whole = (film / "workspace.db").read_bytes()
    (film / "workspace.db").write_bytes(b"garbage")
    with pytest.raises(WorkspaceDamaged):
        Store.open(film, wait=0)
    (film / "workspace.db").write_bytes(whole)
    Store.open(film, wait=0).close()


def fill_up(ballast: Path) -> None:
    """Writes until there is no space left."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, "2m"):
        yield folder


def test_a_full_disk_costs_the_change_at_hand_and_nothing_else(disk: Path) -> None:
    with Store.create(disk / "trip.forkframe") as store:
        commit(store, AddNodes((node("first"),)))
        ballast = disk / "ballast"
        fill_up(ballast)
        number = 0
        with contextlib.suppress(OutputFailed):  # what is left of the pages that the database has already
            while commit(store, AddNodes((node(f"n{number}", label="x" * 9000),))):
                number += 1
        rows = rows_of(store.graph)
        assert len(store.graph.nodes) == number + 1
        with pytest.raises(OutputFailed, match="could not save the change in") as refusal:
            commit(store, AddNodes((node("too much", label="x" * 9000),)))
        assert "make space" in refusal.value.hint
        assert rows_of(store.graph) == rows
        with pytest.raises(OutputFailed):
            store.blobs.put(bytes(100_000))
        seq = store.seq
        ballast.unlink()
        assert commit(store, AddNodes((node("last"),))).seq == seq + 1
        assert store.blobs.put(bytes(100_000))
        rows = rows_of(store.graph)
    with Store.open(disk / "trip.forkframe") as store:
        assert rows_of(store.graph) == rows


_LIMITED = """
import resource, sys
from pathlib import Path
from forkframe.errors import OutputFailed
from forkframe.model.changes import AddNodes
from forkframe.store import Store
from tests.model.build import node, rows_of
from tests.store.conftest import commit

path = Path(sys.argv[1])
with Store.open(path) as store:
    commit(store, AddNodes((node("first"),)))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        for number in range(1000):
            rows = rows_of(store.graph)
            commit(store, AddNodes((node(f"n{number}", label="x" * 9000),)))
    except OutputFailed as error:
        assert rows_of(store.graph) == rows
        print("refused", error.hint)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    commit(store, AddNodes((node("last"),)))
    print(*store.graph.nodes)
"""


def test_files_that_may_not_grow_cost_the_change_at_hand_and_nothing_else(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, path], check=True, capture_output=True, text=True, timeout=60
    )
    refused, nodes = done.stdout.splitlines()
    assert refused.startswith("refused make space")
    assert nodes.split()[0 :: len(nodes.split()) - 1] == ["first", "last"]
    assert list(read_graph(path).nodes) == nodes.split()


def test_a_workspace_on_a_disk_that_cannot_be_written_is_shown_but_not_opened(disk: Path) -> None:
    path = disk / "trip.forkframe"
    with Store.create(path) as store:
        commit(store, AddNodes((node("n1"), node("n2"))))
        commit(store, Delete(("n2",)))
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    assert list(read_graph(path).nodes) == ["n1"]
    with pytest.raises(OutputFailed, match="Read-only file system") as refusal:
        Store.open(path)
    assert "may write" in refusal.value.hint


def test_a_folder_without_permission_is_told_so(path: Path) -> None:
    (path / "lock").unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        folder.chmod(0o755)
    path.chmod(0o555)
    was_root = os.geteuid() == 0
    if was_root:  # root may do everything, nobody may not
        os.seteuid(65534)
    try:
        with pytest.raises(OutputFailed, match="Permission denied"):
            Store.open(path)
    finally:
        if was_root:
            os.seteuid(0)
        path.chmod(0o755)
