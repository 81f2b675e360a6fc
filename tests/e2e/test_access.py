"""The studio without a mouse, without good eyes, without wanting motion, and with fingers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession

from forkframe.demo.opening import create_demo
from forkframe.server.pages import UI
from tests.e2e.conftest import Place
from tests.e2e.tab import PATIENCE, Tab
from tests.served import TOKEN, served

OpenTab = Callable[..., Tab]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CHECK = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
}"""


def opened(browser: Browser, address: str, **context: Any) -> Tab:
    """A tab that lets the checker's script in, which the studio's policy would not."""
    page = browser.new_context(bypass_csp=True, reduced_motion="reduce", **context).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/?token={TOKEN}")
    tab = Tab(page, address, [])
    page.on("pageerror", lambda error: tab.faults.append(str(error)))
    tab.arrived()
    return tab


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A tab with the workspace of the first start."""
    studio = create_demo(tmp_path_factory.mktemp("demo") / "demo.forkframe")
    try:
        with served(studio, ui=UI) as address:
            tab = opened(browser, address, viewport={"width": 1280, "height": 800})
            tab.page.add_script_tag(path=AXE)
            yield tab
            tab.close()
    finally:
        studio.close(finish=False)


def node_named(tab: Tab, label: str) -> str:
    """The id of a node."""
    return next(row["id"] for row in tab.rows("nodes") if row["label"] == label)


def _nothing(tab: Tab) -> None:
    tab.wait_for_rows("nodes", 6)


def _a_node(tab: Tab) -> None:
    tab.ask("key => window.forkframe.app.actions.select([key])", node_named(tab, "cat"))
    tab.sheet("Inspector").wait_for()


def _varying(tab: Tab) -> None:
    _a_node(tab)
    tab.key("v")
    tab.dialog("Vary “cat”").wait_for()


def _a_path(tab: Tab) -> None:
    tab.key("p")
    for name in ("astronaut", "cat", "retina"):
        tab.ask(
            "id => window.forkframe.app.actions.step({ kind: 'node', id })",
            node_named(tab, name),
        )
    tab.page.locator(".filmstrip > li").nth(1).wait_for()


def _jobs(tab: Tab) -> None:
    tab.key("j")
    tab.sheet("Jobs").wait_for()


def _history(tab: Tab) -> None:
    tab.key("h")
    tab.sheet("History").get_by_role("listitem").first.wait_for()


def _shortcuts(tab: Tab) -> None:
    tab.key("?")
    tab.page.get_by_role("dialog").wait_for()


def test_axe_would_find_something(demo: Tab) -> None:
    demo.ask("() => document.body.append(Object.assign(document.createElement('button'), { id: 'mute' }))")
    found = demo.ask(CHECK)
    demo.ask("() => document.getElementById('mute').remove()")
    assert "#mute" in "".join(found)


@pytest.mark.parametrize("show", [_nothing, _a_node, _varying, _a_path, _jobs, _history, _shortcuts])
def test_axe_finds_nothing_serious(demo: Tab, show: Callable[[Tab], None]) -> None:
    demo.page.locator("#field").focus()
    show(demo)
    found = demo.ask(CHECK)
    for _ in range(4):
        demo.key("Escape")
    demo.ask("() => window.forkframe.app.setUi({ side: 'inspector' })")
    assert found == []


def test_axe_finds_nothing_serious_in_an_empty_workspace(browser: Browser, place: Place) -> None:
    tab = opened(browser, place.address)
    tab.page.get_by_role("heading", name="Drop pictures here").wait_for()
    tab.page.add_script_tag(path=AXE)
    assert tab.ask(CHECK) == []
    tab.close()


def test_a_film_can_be_made_with_nothing_but_keys(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee", gap=360)
    tab = open_tab()
    tab.key("Tab")
    tab.wait_for_ui(focus=a)

    tab.key("c", "ArrowRight", "Enter")
    (edge,) = tab.wait_for_rows("edges", 1)
    assert (edge["source"], edge["target"]) == (a, b)
    place.studio.wait(edge["id"], timeout=60)

    tab.key("v")
    tab.dialog("Vary “coffee”").get_by_role("button", name="Make 4 variations").wait_for()
    tab.key("Enter")
    tab.wait_for_rows("candidates", 4)
    tab.dialog("Vary “coffee”").wait_for(state="hidden")
    tab.key("ArrowDown", "ArrowRight", "k")
    tab.wait_for_rows("nodes", 3)
    tab.key("Escape")

    tab.walk("Tab", to=a)
    tab.key("p", "Enter")
    tab.wait("key => window.forkframe.app.ui().path?.start === key", a)
    tab.walk("ArrowRight", to=b)
    tab.key("Enter")
    tab.wait("() => window.forkframe.app.ui().path.steps.length === 1")
    tab.key("Control+s")
    (sequence,) = tab.wait_for_rows("sequences", 1)
    assert [step["edge"] for step in sequence["steps"]] == [edge["id"]]
    tab.settled()
    (kept,) = place.studio.show().sequences
    assert kept.id == sequence["id"]


def test_what_has_the_focus_shows_it(place: Place, open_tab: OpenTab) -> None:
    a, _b = place.add("cat", "coffee", gap=360)
    tab = open_tab()
    seen = set[str]()
    tab.ask("key => window.forkframe.app.actions.select([key])", a)
    for _ in range(60):
        tab.key("Tab")
        name, marked = tab.ask(
            """() => {
              const at = document.activeElement;
              const look = getComputedStyle(at);
              const after = getComputedStyle(at, "::after");
              const ringed = (one) => one.outlineStyle !== "none" && Number.parseFloat(one.outlineWidth) >= 1;
              const name = at.id || at.getAttribute("aria-label") || at.textContent.trim();
              return [name, at === document.body || ringed(look) || ringed(after) || look.boxShadow !== "none" || after.boxShadow !== "none"];
            }"""
        )
        if name != "field":
            assert marked, name
            seen.add(name)
    assert {"Undo", "Redo", "Find", "Add pictures"} <= {name.split(" (")[0] for name in seen}


def test_at_200_percent_nothing_important_is_cut_off(browser: Browser, place: Place) -> None:
    a, _b = place.add("cat", "coffee", gap=360)
    tab = opened(browser, place.address, viewport={"width": 640, "height": 400}, device_scale_factor=2)
    reach = """() => [...document.querySelectorAll("header.top button, nav.rail button, dialog[open] button, aside.sheet button")]
      .filter((button) => {
        button.scrollIntoView({ block: "nearest", inline: "nearest" });
        const box = button.getBoundingClientRect();
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        return x < 0 || y < 0 || x > innerWidth || y > innerHeight || !button.contains(document.elementFromPoint(x, y));
      })
      .map((button) => button.getAttribute("aria-label") ?? button.textContent)"""
    assert tab.ask(reach) == []
    assert tab.ask("() => document.documentElement.scrollWidth <= innerWidth")
    tab.ask("key => window.forkframe.app.actions.select([key])", a)
    tab.sheet("Inspector").wait_for()
    in_sheet = reach.replace("header.top button, nav.rail button, dialog[open] button, ", "")
    assert tab.ask(in_sheet) == []
    tab.page.locator("#field").focus()
    tab.key("v")
    tab.dialog("Vary “cat”").wait_for()
    in_dialog = reach.replace("header.top button, nav.rail button, ", "").replace(", aside.sheet button", "")
    assert tab.ask(in_dialog) == []
    tab.close()


@pytest.mark.parametrize("motion", [False, True])
def test_things_glide_to_the_map_only_where_motion_is_welcome(
    place: Place, open_tab: OpenTab, motion: bool
) -> None:
    place.add("cat", "coffee", "rocket")
    tab = open_tab(motion=motion)
    seen = tab.ask(
        """async () => {
          const { app, canvas } = window.forkframe;
          const seen = [];
          void app.actions.setLens("composition");
          for (const end = performance.now() + 60_000; performance.now() < end && seen.at(-1) !== 1; ) {
            await new Promise(requestAnimationFrame);
            seen.push(canvas.debug().lens);
          }
          return seen;
        }"""
    )
    assert seen[-1] == 1
    assert any(0 < mix < 1 for mix in seen) == motion


def fingers(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """Puts fingers on the glass, moves them or takes them away."""
    session.send(
        "Input.dispatchTouchEvent",
        {"type": kind, "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]},
    )


def test_one_finger_pans_two_zoom_and_a_tap_selects(place: Place, open_tab: OpenTab) -> None:
    a, _b = place.add("cat", "coffee", gap=360)
    tab = open_tab()
    session = tab.page.context.new_cdp_session(tab.page)
    view = tab.ask("() => window.forkframe.canvas.debug().camera")

    fingers(session, "touchStart", (500, 650))
    for step in range(1, 6):
        fingers(session, "touchMove", (500 + 20 * step, 650 - 10 * step))
    fingers(session, "touchEnd")
    panned = tab.ask("() => window.forkframe.canvas.debug().camera")
    assert panned["zoom"] == view["zoom"]
    assert abs(panned["x"] - view["x"] + 100 / view["zoom"]) < 12
    assert abs(panned["y"] - view["y"] - 50 / view["zoom"]) < 12
    assert tab.ui()["selection"] == []

    before = tab.ask("() => window.forkframe.canvas.toCanvas({ x: 640, y: 600 })")
    fingers(session, "touchStart", (600, 600), (680, 600))
    for step in range(1, 6):
        fingers(session, "touchMove", (600 - 8 * step, 600), (680 + 8 * step, 600))
    fingers(session, "touchEnd")
    zoomed = tab.ask("() => window.forkframe.canvas.debug().camera")
    assert abs(zoomed["zoom"] / view["zoom"] - 2) < 0.15
    after = tab.ask("() => window.forkframe.canvas.toCanvas({ x: 640, y: 600 })")
    assert abs(after["x"] - before["x"]) < 12
    assert abs(after["y"] - before["y"]) < 12

    fingers(session, "touchStart", tab.middle(a))
    fingers(session, "touchEnd")
    tab.wait_for_ui(selection=[a])
    assert place.studio.node(a).x == 0
