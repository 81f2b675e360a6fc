"""Key states of the studio, reached as a user reaches them, on the demo: for pictures of it and for looking at it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from forkframe.demo.opening import create_demo
from forkframe.server.pages import UI
from forkframe.studio import Studio
from tests.e2e.tab import Tab
from tests.served import served

SIZE = (1440, 900)
"""Width and height of the window, in pixels."""


class Demo:
    """The workspace of the first start, in a tab; everything has been rendered."""

    def __init__(self, studio: Studio, tab: Tab) -> None:
        self.studio = studio
        self.tab = tab
        self._nodes = {node.label: node.id for node in studio.show().nodes}

    def node(self, label: str) -> str:
        """The id of a photograph."""
        return self._nodes[label]

    def edge(self, source: str, target: str) -> str:
        """The id of the edge between two photographs."""
        ends = (self.node(source), self.node(target))
        return next(edge.id for edge in self.studio.show().edges if (edge.source, edge.target) == ends)

    def without_hint(self) -> None:
        """Closes the hint of the first start."""
        self.tab.page.get_by_role("button", name="Close this hint").click()

    def looked_at(self, *ids: str) -> None:
        """Brings things into the middle of the view."""
        self.tab.ask("(ids) => window.forkframe.canvas.fit(ids)", list(ids))
        for_a_while(self.tab, 600)  # the camera glides
        self.tab.drawn()


def for_a_while(tab: Tab, milliseconds: float) -> None:
    """Lets something be seen going on."""
    tab.page.wait_for_timeout(milliseconds)


def first_start(demo: Demo) -> None:
    """1 · What somebody sees who has just typed `forkframe`."""
    demo.tab.move((720, 860))
    demo.tab.drawn()


def held_thread(demo: Demo) -> None:
    """2 · A thread is held over a picture, and the morph plays there."""
    tab = demo.tab
    coffee, cat = demo.node("coffee"), demo.node("cat")
    tab.move(tab.middle(coffee))
    start, end = tab.handle(coffee), tab.middle(cat)
    with tab.page.expect_response("**/preview*"):
        tab.page.mouse.move(*start)
        tab.page.mouse.down()
        tab.move(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 30))
        tab.move((end[0] + 20, end[1] + 10))
    tab.drawn()
    for_a_while(tab, 1400)  # to the middle of the morph


def fanned_candidates(demo: Demo) -> None:
    """3 · Candidates, fanned out around the picture that they were made from."""
    cat = demo.node("cat")
    demo.without_hint()
    demo.tab.ask(
        "key => { const { app } = window.forkframe; app.actions.select([key]); app.setUi({ tray: key }) }",
        cat,
    )
    demo.looked_at(cat, demo.node("rocket"))
    demo.tab.move((60, 860))
    demo.tab.drawn()


def restyle_popup(demo: Demo) -> None:
    """4 · A look in words, with a slider between before and after."""
    tab, rocket = demo.tab, demo.node("rocket")
    (candidate, *_) = [row["id"] for row in tab.rows("candidates") if row["node"] == rocket]
    tab.ask("key => window.forkframe.app.actions.select([key])", rocket)
    tab.ask(
        "([node, candidate]) => window.forkframe.app.setUi({ popup: { kind: 'compare', node, candidate } })",
        [rocket, candidate],
    )
    tab.page.get_by_role("dialog").wait_for()
    tab.page.wait_for_load_state("networkidle")
    tab.drawn()


def scrubbed_edge(demo: Demo) -> None:
    """5 · Inside an edge, at the moment where B would cut."""
    tab, edge = demo.tab, demo.edge("cat", "rocket")
    demo.without_hint()
    demo.looked_at(demo.node("cat"), demo.node("rocket"))
    tab.move(tab.edge_at(edge))
    tab.wait("edge => window.forkframe.canvas.debug().playing === edge", edge)
    tab.move(tab.edge_at(edge, 0.6))
    tab.move(tab.edge_at(edge, 0.55))
    tab.wait("() => window.forkframe.app.ui().scrub?.t > 0.5")
    tab.drawn()


def compared_takes(demo: Demo) -> None:
    """6 · Two takes of an edge, side by side in step."""
    tab, edge = demo.tab, demo.edge("astronaut", "cat")
    tab.ask(
        """async (edge) => {
          const { actions, doc } = window.forkframe.app;
          const { engine, parameters } = doc.edges.get(edge);
          await actions.renderTake(edge, { engine, parameters, seed: 3 });
        }""",
        edge,
    )
    tab.page.wait_for_function(
        """edge => [...window.forkframe.app.doc.takesOf(edge)]
          .filter((take) => window.forkframe.app.doc.takes.get(take).rendering).length === 2""",
        arg=edge,
        timeout=120_000,
    )
    tab.ask("edge => window.forkframe.app.setUi({ popup: { kind: 'takes', edge } })", edge)
    tab.page.get_by_role("dialog").wait_for()
    tab.page.wait_for_load_state("networkidle")
    for_a_while(tab, 4000)  # both have been fetched, and they have begun anew
    tab.page.get_by_role("button", name="Pause").click()
    tab.drawn()


def path_mode(demo: Demo) -> None:
    """7 · Path mode: the path lights up, and becomes a strip with a player."""
    tab = demo.tab
    demo.without_hint()
    tab.key("-", "p")
    tab.page.mouse.move(720, 500)
    tab.page.mouse.wheel(-140, 110)  # room for the strip and its player
    for name in ("astronaut", "cat", "retina", "galaxies"):
        tab.click(tab.middle(demo.node(name)))
    tab.page.locator(".filmstrip > li").nth(2).wait_for()
    tab.key("Space")
    tab.wait("() => window.forkframe.app.ui().playing?.seconds > 1.2")
    tab.key("Space")
    tab.drawn()


def the_map(demo: Demo) -> None:
    """8 · All pictures by composition."""
    demo.without_hint()
    demo.tab.key("m")
    demo.tab.page.wait_for_function("() => window.forkframe.canvas.debug().lens === 1", timeout=60_000)
    demo.tab.key("0")
    for_a_while(demo.tab, 600)
    demo.tab.drawn()


SCREENS: Mapping[str, Callable[[Demo], None]] = {
    "first-start": first_start,
    "held-thread": held_thread,
    "candidates": fanned_candidates,
    "restyle": restyle_popup,
    "scrub": scrubbed_edge,
    "takes": compared_takes,
    "path": path_mode,
    "map": the_map,
}


@contextmanager
def opened_demo(browser: Browser) -> Generator[Callable[[], Demo]]:
    """Opens the same demo in a fresh tab each time, after everything in it was rendered."""
    with tempfile.TemporaryDirectory() as folder:
        studio = create_demo(Path(folder) / "demo.forkframe")
        try:
            for edge in studio.show().edges:
                studio.wait(edge.id, timeout=120)
            with served(studio, ui=UI) as address:

                def fresh() -> Demo:
                    width, height = SIZE
                    tab = Tab.open(browser, address, width=width, height=height, motion=True)
                    tab.wait_for_rows("candidates", 6)
                    tab.drawn()
                    return Demo(studio, tab)

                yield fresh
        finally:
            studio.close(finish=False)
