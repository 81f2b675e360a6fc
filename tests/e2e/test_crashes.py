"""The studio dies in the middle of something: the page waits, comes back by itself, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from forkframe.studio import Studio
from tests.e2e.tab import PATIENCE, Tab
from tests.pictures import PHOTOGRAPHS


@dataclass
class Process:
    """`forkframe studio` as a user starts it, again and again on the same port."""

    workspace: Path
    state: Path
    port: int
    link: str = ""
    running: subprocess.Popen[str] | None = None
    errors: list[str] = field(default_factory=list[str])

    def start(self) -> None:
        """Returns when it answers; it must print the same link each time."""
        self.running = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "forkframe",
                "studio",
                self.workspace,
                "--port",
                str(self.port),
                "--no-browser",
            ],
            env={**os.environ, "XDG_STATE_HOME": str(self.state)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.running.stdout
        link = self.running.stdout.readline().strip()
        assert link == (self.link or link)
        self.link = link

    def kill(self) -> None:
        """As when the machine loses its power, but for the machine."""
        assert self.running
        assert self.running.stdout
        self.running.send_signal(signal.SIGKILL)
        self.running.wait(10)
        self.running.stdout.close()
        self.running = None

    @property
    def address(self) -> str:
        return self.link.partition("/?")[0]


def free_port() -> int:
    """A port that stays free while nobody listens there: of those that are not given to whoever asks for any."""
    while True:
        with (
            suppress(OSError),
            socket.create_server(("127.0.0.1", random.randrange(20_000, 32_000))) as found,
        ):
            return found.getsockname()[1]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    studio = Studio.create(tmp_path / "trip.forkframe", size=(320, 192))
    studio.add([PHOTOGRAPHS / "cat.jpg"], at=(0.0, 0.0))
    studio.close()
    process = Process(tmp_path / "trip.forkframe", tmp_path / "state", free_port())
    process.start()
    yield process
    if process.running:
        process.kill()


@pytest.fixture
def tab(browser: Browser, process: Process) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    tab = Tab(page, process.address, [])
    page.on("pageerror", lambda error: tab.faults.append(str(error)))  # that requests fail is no fault here
    page.goto(process.link)
    tab.arrived()
    yield tab
    tab.close()


def rows_of(tab: Tab, table: str) -> list[dict[str, Any]]:
    """The rows of a table as the server has them."""
    return tab.page.request.get(f"{tab.address}/api/workspace").json()["tables"][table]


def log_of(tab: Tab) -> list[str]:
    """What was done, the newest first."""
    return [line["text"] for line in tab.page.request.get(f"{tab.address}/api/log").json()]


def is_waiting(tab: Tab) -> None:
    """Waits until the tab has noticed that nobody answers."""
    tab.wait("() => window.forkframe.app.ui().connected === 'waiting'")


def is_back(tab: Tab) -> None:
    """Waits until the tab is connected again and all that was done has arrived."""
    tab.wait("() => window.forkframe.app.ui().connected === 'live'")
    tab.settled()


def halfway(tab: Tab, node: str, *, meanwhile: Callable[[], object]) -> None:
    """Drags a node, and lets go of it after something has happened."""
    x, y = tab.middle(node)
    tab.drag((x, y), (x + 20, y + 60), (x + 40, y + 120), before_release=meanwhile)


def test_killed_in_the_middle_of_a_drag_it_comes_back_and_the_move_arrives_once(
    process: Process, tab: Tab
) -> None:
    (node,) = tab.rows("nodes")
    key = node["id"]
    for stars in range(1, 6):
        tab.ask("([key, stars]) => window.forkframe.app.actions.rate([key], stars)", [key, stars])
    tab.settled()  # so these five are acknowledged

    def dies() -> None:
        process.kill()
        is_waiting(tab)

    halfway(tab, key, meanwhile=dies)
    tab.wait("key => window.forkframe.app.doc.nodes.get(key).y > 80", key)
    tab.page.get_by_text("Reconnecting").wait_for()
    assert tab.ask("() => window.forkframe.app.store.now.waiting") == 1

    process.start()
    is_back(tab)
    (now,) = rows_of(tab, "nodes")
    assert now["rating"] == 5
    assert (now["x"], now["y"]) == (tab.rows("nodes")[0]["x"], tab.rows("nodes")[0]["y"])
    assert now["y"] > 80
    log = log_of(tab)
    assert sum("moved" in line for line in log) == 1
    assert len(log) == 1 + 5 + 1
    tab.key("Control+z")
    tab.wait("key => window.forkframe.app.doc.nodes.get(key).y === 0", key)


def test_killed_in_the_middle_of_a_generation_it_makes_it_after_the_restart(
    process: Process, tab: Tab
) -> None:
    (node,) = tab.rows("nodes")
    tab.ask(
        """key => window.forkframe.app.actions.vary(
          key, { engine: "fake", parameters: { step: 0.5 }, seed: 1, count: 1 })""",
        node["id"],
    )
    tab.wait("() => [...window.forkframe.app.jobs().values()].some((job) => job.share > 0.1)")
    process.kill()
    is_waiting(tab)
    assert tab.rows("candidates") == []
    process.start()
    is_back(tab)
    (candidate,) = tab.wait_for_rows("candidates", 1)
    tab.wait("() => [...window.forkframe.app.jobs().values()].every((job) => job.state === 'done')")
    assert [row["id"] for row in rows_of(tab, "candidates")] == [candidate["id"]]


def test_what_was_not_acknowledged_outlives_a_reload_of_the_page(process: Process, tab: Tab) -> None:
    (node,) = tab.rows("nodes")
    key = node["id"]
    process.kill()
    is_waiting(tab)
    halfway(tab, key, meanwhile=lambda: None)
    tab.page.route("**/api/changes", lambda route: route.abort())  # the page is faster than its outbox
    process.start()
    tab.page.reload()
    tab.wait("key => window.forkframe?.app.doc.nodes.get(key)?.y > 80", key)
    tab.wait("() => window.forkframe.app.ui().connected === 'live'")
    assert rows_of(tab, "nodes")[0]["y"] == 0
    tab.page.unroute("**/api/changes")
    tab.settled()
    assert rows_of(tab, "nodes")[0]["y"] > 80
    assert sum("moved" in line for line in log_of(tab)) == 1


def test_a_change_whose_answer_was_lost_is_made_once(tab: Tab) -> None:
    (node,) = tab.rows("nodes")
    lost: list[int] = []

    def lose_the_first_two(route: Route) -> None:
        if len(lost) == 2:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort("connectionreset")

    tab.page.route("**/api/changes", lose_the_first_two)
    halfway(tab, node["id"], meanwhile=lambda: None)
    tab.settled()
    assert lost == [200, 200]
    assert rows_of(tab, "nodes") == tab.rows("nodes")
    assert sum("moved" in line for line in log_of(tab)) == 1
