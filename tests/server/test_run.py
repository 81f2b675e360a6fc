"""Starting and ending: one line when it answers, the lock says where, and a signal closes everything in order."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from forkframe.server.facade import METHODS
from forkframe.server.run import listen
from forkframe.store import holder_of
from forkframe.studio import Studio
from tests.server.conftest import serving

SCRIPT = """
import sys
from pathlib import Path
from forkframe.server import serve
from forkframe.studio import Studio
studio = Studio.open(Path(sys.argv[1]))
serve(studio, port=int(sys.argv[2]), open_browser=False, ui=None)
studio.close(finish=False)
print("closed", flush=True)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    Studio.create(tmp_path / "ws.forkframe", size=(160, 96)).close()
    return tmp_path / "ws.forkframe"


@contextmanager
def started(workspace: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A studio in a process of its own, and the line it printed."""
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(workspace), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_when_it_answers_and_closes_the_workspace_when_told_to_end(
    workspace: Path, how: signal.Signals
) -> None:
    with listen("127.0.0.1", 0) as taken:
        wanted = taken.getsockname()[1]
        with started(workspace, wanted) as (process, line):
            address, _, token = line.partition("/?token=")
            assert wanted < int(address.rpartition(":")[2]) < wanted + 50
            known = {"authorization": f"Bearer {token}"}
            assert httpx.get(f"{address}/health", timeout=60).status_code == 200  # at once: no waiting for it
            assert httpx.get(f"{address}/api/workspace", headers=known, timeout=60).json()["path"] == str(
                workspace
            )
            holder = holder_of(workspace / "lock")
            assert holder is not None
            assert (holder.pid, holder.address, holder.token) == (process.pid, address, token)
            assert (workspace / "lock").stat().st_mode & 0o777 == 0o600
            assert "not built" in httpx.get(address, timeout=60).text
            live = f"ws{address.removeprefix('http')}/api/live"
            with connect(live, additional_headers=known, proxy=None, open_timeout=60) as tab:
                process.send_signal(how)
                with pytest.raises(ConnectionClosed) as closed:
                    [tab.recv(timeout=60) for _ in range(10)]
            out, errors = process.communicate(timeout=60)
            assert (out, errors, process.returncode) == ("closed\n", "", 0)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012  # it may come back
    assert holder_of(workspace / "lock") is None


def test_nobody_who_waits_for_something_long_keeps_it_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, never = threading.Event(), threading.Event()

    def wait(self: Studio, edge: str) -> None:
        begun.set()
        never.wait(60)

    monkeypatch.setitem(cast("dict[str, object]", METHODS), "wait", wait)
    studio = Studio.create(tmp_path / "ws.forkframe", size=(160, 96))
    with ThreadPoolExecutor(1) as pool:
        with serving(studio, tmp_path) as running, running.client() as client:
            answer = pool.submit(client.post, "/api/facade/wait", json={"args": {"edge": "e"}})
            assert begun.wait(60)
            running.stop()
            told = answer.result(60)
        never.set()
    studio.close()
    assert (told.status_code, told.json()["error"]) == (503, "the studio is closing")


def test_any_free_port_will_do_when_it_is_asked_for_none_and_open_pages_still_know_the_token_after_a_restart(
    workspace: Path,
) -> None:
    tokens: list[str] = []
    for _ in range(2):
        with started(workspace, 0) as (_, line):
            address, _, token = line.partition("/?token=")
            tokens.append(token)
            assert httpx.get(f"{address}/health", timeout=60).json() == {"ok": True}
    assert len(set(tokens)) == 1
    assert all(len(token) >= 40 for token in tokens)
