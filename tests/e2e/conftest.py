"""A real browser, and a studio for it to open, for the tests of what users see."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from forkframe.server.pages import UI
from forkframe.studio import Studio
from tests.e2e.tab import PATIENCE, Tab
from tests.pictures import PHOTOGRAPHS
from tests.served import served

expect.set_options(timeout=PATIENCE)
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",  # WebGL without a graphics card: the same pixels everywhere
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Of the package: as long as Playwright runs, no other test can have an event loop of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if executable is None:
        pytest.fail("these tests need a browser: apt install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, headless=True, args=FLAGS, timeout=PATIENCE
        )
        yield browser
        browser.close()


@dataclass
class Place:
    """A studio that is served, and what lies in it."""

    studio: Studio
    address: str

    def add(self, *names: str, gap: float = 520.0) -> list[str]:
        """The demo's photographs in a row, as nodes."""
        files = [PHOTOGRAPHS / f"{name}.jpg" for name in names]
        ids = [view.id for view in self.studio.add(files, at=(0.0, 0.0))]
        self.studio.move({key: (gap * place, 0.0) for place, key in enumerate(ids)})
        return ids

    def connect(self, a: str, b: str, *, seconds: float = 1.0) -> str:
        """An edge with its draft."""
        edge = self.studio.connect(a, b, seconds=seconds)
        self.studio.wait(edge.id, timeout=120)
        return edge.id


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    assert (UI / "index.html").exists(), "the user interface is not built: make ui"
    studio = Studio.create(tmp_path / "trip.forkframe", size=(320, 192))
    try:
        with served(studio, ui=UI) as address:
            yield Place(studio, address)
    finally:
        studio.close(finish=False)


@pytest.fixture
def open_tab(browser: Browser, place: Place) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; they are closed at the end, and none may have complained."""
    tabs: list[Tab] = []

    def open_one(**options: object) -> Tab:
        tabs.append(Tab.open(browser, place.address, **options))  # type: ignore[arg-type]
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.close()
