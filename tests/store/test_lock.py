"""One process at a time writes; others wait, say so, and are told who has it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forkframe.errors import OutputFailed, WorkspaceBusy
from forkframe.model.changes import AddNodes
from forkframe.store import Holder, Store, WorkspaceLock, holder_of, read_graph
from tests.model.build import node
from tests.store.conftest import commit

_HOLD = """
import sys
from pathlib import Path
from forkframe.store import Store
from forkframe.model.changes import AddNodes
from tests.model.build import node
from tests.store.conftest import commit

with Store.open(Path(sys.argv[1])) as store:
    print("open", flush=True)
    for line in sys.stdin:
        commit(store, AddNodes((node(line.strip()),)))
        print("done", flush=True)
"""


@pytest.fixture
def other(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the workspace open, and adds the nodes it is told to."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def add(other: subprocess.Popen[str], key: str) -> None:
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.write(f"{key}\n")
    other.stdin.flush()
    assert other.stdout.readline() == "done\n"


def test_a_second_process_is_told_who_has_the_workspace(path: Path, other: subprocess.Popen[str]) -> None:
    lines: list[str] = []
    with pytest.raises(WorkspaceBusy, match=f"is in use by process {other.pid}$"):
        Store.open(path, wait=0.12, on_wait=lines.append)
    assert lines == [f"waiting for process {other.pid}, which is using {path}"]
    assert holder_of(path / "lock") == Holder(other.pid)


def test_waiting_ends_as_soon_as_the_other_process_is_done(path: Path, other: subprocess.Popen[str]) -> None:
    add(other, "n1")
    assert other.stdin is not None
    with Store.open(
        path, wait=30, on_wait=lambda line: other.stdin.close() if other.stdin else None
    ) as store:
        assert list(store.graph.nodes) == ["n1"]


def test_a_process_that_was_killed_never_blocks(path: Path, other: subprocess.Popen[str]) -> None:
    add(other, "n1")
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert holder_of(path / "lock") is None
    with Store.open(path, wait=0) as store:
        assert list(store.graph.nodes) == ["n1"]


def test_reading_needs_no_lock_and_sees_each_change_once_it_is_acknowledged(
    path: Path, other: subprocess.Popen[str]
) -> None:
    for number in range(20):
        add(other, f"n{number}")
        assert len(read_graph(path).nodes) == number + 1


def test_a_reader_never_checkpoints(path: Path) -> None:
    with Store.open(path) as store:
        commit(store, AddNodes((node("n1"),)))
        before = (path / "workspace.db").read_bytes(), (path / "workspace.db-wal").read_bytes()
        read_graph(path)
        assert ((path / "workspace.db").read_bytes(), (path / "workspace.db-wal").read_bytes()) == before


def test_a_workspace_left_with_a_write_ahead_log_is_read_whole_and_the_log_stays(
    path: Path, other: subprocess.Popen[str]
) -> None:
    add(other, "n1")
    other.send_signal(signal.SIGKILL)
    other.wait()
    wal = (path / "workspace.db-wal").read_bytes()
    assert wal
    assert list(read_graph(path).nodes) == ["n1"]
    assert (path / "workspace.db-wal").read_bytes() == wal


def test_the_same_process_cannot_open_a_workspace_twice(store: Store) -> None:
    with pytest.raises(WorkspaceBusy, match=f"process {os.getpid()}"):
        Store.open(store.path, wait=0)


def test_a_studio_says_where_it_can_be_asked_and_only_the_owner_may_read_that(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    file.touch(0o644)
    studio = Holder(os.getpid(), address="http://127.0.0.1:8000", token="secret")
    with WorkspaceLock.acquire(file) as lock:
        lock.announce(studio)
        assert holder_of(file) == studio
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with pytest.raises(WorkspaceBusy) as refusal:
            WorkspaceLock.acquire(file, wait=0)
        assert refusal.value.hint == "use the studio at http://127.0.0.1:8000, or close it"
        assert "secret" not in f"{refusal.value.message}{refusal.value.hint}"
    assert holder_of(file) is None


def test_asking_who_has_a_lock_that_was_never_taken_makes_no_file(tmp_path: Path) -> None:
    assert holder_of(tmp_path / "lock") is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b'{"pid": null}', b"\xff"])
def test_a_lock_whose_content_is_just_being_written_is_still_a_lock(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "lock"
    with WorkspaceLock.acquire(file):
        file.write_bytes(content)
        assert holder_of(file) == Holder(0)
        with pytest.raises(WorkspaceBusy, match="process unknown"):
            WorkspaceLock.acquire(file, wait=0)


def test_a_lock_that_is_a_link_is_refused_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OutputFailed, match="could not lock"):
        WorkspaceLock.acquire(tmp_path / "lock")
    assert (tmp_path / "precious").read_text() == "mine"
