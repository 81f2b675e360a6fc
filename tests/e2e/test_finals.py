"""Finals by engines that take long: asked for in the browser, and there after the studio was killed meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from forkframe.engines.hosted.order import POLL_VARIABLE
from forkframe.studio import Studio
from tests.comfyui_server import FakeComfyUI
from tests.e2e.tab import PATIENCE, Tab
from tests.e2e.test_crashes import Process, free_port, is_back, is_waiting, rows_of
from tests.hosted.asked import KINDS, opened
from tests.pictures import PHOTOGRAPHS


@dataclass
class Server:
    """Somebody's server behind an engine: what the studio shows of it, and what it was asked for."""

    title: str
    price: str
    terms: str
    tier: str
    hold: Callable[[bool], None]
    until_asked: Callable[[], None]
    requests: Callable[[], int]


@pytest.fixture(params=["luma", "runway", "fal", "comfyui"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with ExitStack() as stack:
        if request.param == "comfyui":
            comfy = stack.enter_context(FakeComfyUI())
            monkeypatch.setenv("FORKFRAME_COMFYUI", comfy.url)

            def close(closed: bool) -> None:
                comfy.gate.clear() if closed else comfy.gate.set()

            def until_submitted() -> None:
                with comfy.news:
                    assert comfy.news.wait_for(lambda: comfy.submissions, PATIENCE / 1000)

            yield Server(
                "ComfyUI: crossfade",
                "free",
                "Licence: no weights",
                "draft",
                close,
                until_submitted,
                lambda: len(comfy.submissions),
            )
            return
        monkeypatch.setenv(POLL_VARIABLE, "0.05")
        provider = stack.enter_context(opened(KINDS[request.param], monkeypatch))

        def hold(held: bool) -> None:
            provider.held = held

        yield Server(
            request.param.capitalize() if request.param != "fal" else "fal",
            r"\$",
            "Pictures and words are sent to its server",
            "final",
            hold,
            lambda: provider.until(lambda p: p.count("poll")),
            lambda: len(provider.bills),
        )


@pytest.fixture
def process(tmp_path: Path, server: Server) -> Iterator[Process]:
    studio = Studio.create(tmp_path / "trip.forkframe", size=(320, 192))
    studio.add([PHOTOGRAPHS / "cat.jpg"], at=(0.0, 0.0))
    studio.add([PHOTOGRAPHS / "coffee.jpg"], at=(520.0, 0.0))
    studio.jobs.set_budget(50, per_request=None)
    studio.close()
    process = Process(tmp_path / "trip.forkframe", tmp_path / "state", free_port())
    process.start()
    yield process
    server.hold(False)
    if process.running:
        process.kill()


@pytest.fixture
def tab(browser: Browser, process: Process) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    tab = Tab(page, process.address, [])
    page.on("pageerror", lambda error: tab.faults.append(str(error)))  # that requests fail is no fault here
    page.goto(process.link)
    tab.arrived()
    yield tab
    tab.close()


def test_a_final_asked_for_before_the_studio_was_killed_arrives_as_a_second_take(
    process: Process, tab: Tab, server: Server, tmp_path: Path
) -> None:
    a, b = (row["id"] for row in tab.rows("nodes"))
    tab.drawn()
    tab.move(tab.middle(a))
    tab.drag(tab.handle(a), tab.middle(b))
    (edge,) = tab.wait_for_rows("edges", 1)
    draft = tab.wait("key => window.forkframe.app.doc.edges.get(key).active", edge["id"])
    assert server.requests() == 0

    tab.click(tab.edge_at(edge["id"]))
    tab.move((100, 860))
    sheet = tab.sheet("Inspector")
    sheet.get_by_role("button", name="Engine and parameters").click()
    engine = sheet.get_by_role("radio", name=re.compile(rf"^{server.title}", re.IGNORECASE))
    engine.press("Space")  # prices are still coming: what is clicked at may have moved
    expect(engine).to_be_checked()
    sheet.get_by_text(server.terms).first.wait_for()
    sheet.locator("output.price", has_text=re.compile(server.price)).wait_for()
    tab.page.screenshot(path=str(tmp_path / "chosen.png"))
    server.hold(True)
    sheet.get_by_role("button", name="Another take").click()
    server.until_asked()

    process.kill()
    is_waiting(tab)
    server.hold(False)
    process.start()
    is_back(tab)
    tab.wait(
        "([key, draft]) => { const at = window.forkframe.app.doc.edges.get(key).active; return at && at !== draft; }",
        [edge["id"], draft],
    )
    takes = rows_of(tab, "takes")
    (row,) = rows_of(tab, "edges")
    assert [take["tier"] for take in takes if take["id"] in (draft, row["active"])] == ["draft", server.tier]
    assert (row["engine"], server.requests()) == ("builtin", 1)
