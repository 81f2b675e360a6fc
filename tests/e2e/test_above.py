"""What lies above what: messages above windows, what plays above words, and the topmost of several tiles is meant."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from playwright.sync_api import Locator

from tests.e2e.conftest import Place
from tests.e2e.tab import PATIENCE, Tab, quick_edge

OpenTab = Callable[..., Tab]


def is_on_top(spot: Locator) -> bool:
    """Whether a click in the middle of an element meets it."""
    return spot.evaluate(
        """(one) => {
          const { x, y, width, height } = one.getBoundingClientRect();
          return one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )


def is_in_view(tab: Tab, box: Mapping[str, float]) -> bool:
    """Whether all of a box is to be seen."""
    width, height = tab.ask("() => [innerWidth, innerHeight]")
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= width
        and box["y"] + box["height"] <= height
    )


# Messages and windows


def test_a_message_is_read_and_closed_above_an_open_window(place: Place, open_tab: OpenTab) -> None:
    (a,) = place.add("cat")
    (made,) = (view.id for view in place.studio.vary(a, count=1, seed=7, strength=0.3))
    tab = open_tab()
    tab.messages_stay()
    tab.select(made)
    tab.key("Shift+I")
    window = tab.dialog(re.compile("^How .* was made$"))
    window.get_by_role("button", name="Copy as command line").click()
    message = tab.page.get_by_role("status").filter(has_text="Copied")
    message.wait_for()
    assert is_on_top(message)
    message.get_by_role("button", name="Close this message").click()
    message.wait_for(state="detached")
    assert window.is_visible()  # the click was not beside the window
    window.get_by_role("button", name="Copy as command line").click()
    message.wait_for()
    tab.key("Escape")
    tab.wait_for_ui(popup=None)
    assert message.is_visible()
    assert is_on_top(message)
    message.get_by_role("button", name="Close this message").click()
    message.wait_for(state="detached")


@pytest.mark.parametrize("what", ["a name", "a menu"])
def test_what_stands_beside_a_picture_stays_in_view_when_the_browser_gets_smaller(
    place: Place, open_tab: OpenTab, what: str
) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(a if what == "a name" else b)
    tab.key("l" if what == "a name" else "Shift+F10")
    window = tab.page.locator("dialog[open]")
    window.wait_for()
    tab.page.set_viewport_size({"width": 800, "height": 420})
    tab.wait(
        """() => {
          const { right, bottom } = document.querySelector("dialog[open]").getBoundingClientRect();
          return right <= innerWidth && bottom <= innerHeight;
        }"""
    )
    assert is_in_view(tab, window.evaluate("(one) => one.getBoundingClientRect().toJSON()"))


# Tiles


def rest_on(tab: Tab, edge: str) -> Mapping[str, float]:
    """Rests on an edge until it plays; its tile, in pixels of the page."""
    tab.move(tab.edge_at(edge))
    tab.wait("edge => window.forkframe.canvas.debug().playing === edge", edge)
    tab.drawn()
    return tab.wait("edge => window.forkframe.canvas.debug().tileBox(edge)", edge)


def test_no_word_shows_through_an_edge_that_plays(place: Place, open_tab: OpenTab) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    place.studio.move({c: (260.0, -80.0)})  # the name below it lies where the edge plays
    edge = quick_edge(place.studio, a, b)
    tab = open_tab()
    tile = rest_on(tab, edge)
    word = tab.labels("of-node").filter(has_text="rocket").bounding_box()
    assert word is not None
    assert tile["x"] < word["x"] < word["x"] + word["width"] < tile["x"] + tile["width"]
    assert tile["y"] < word["y"] < word["y"] + word["height"] < tile["y"] + tile["height"]
    x, y = round(word["x"]), round(word["y"])
    inside = slice(y, y + round(word["height"])), slice(x, x + round(word["width"]))
    show = "(how) => { document.querySelector('.field-layer').style.visibility = how }"
    end = time.monotonic() + PATIENCE / 1000
    while True:  # until then its film may be on its way, which is another picture
        before = tab.screen()[inside]
        tab.ask(show, "hidden")
        if np.array_equal(before, tab.screen()[inside]):
            break
        assert time.monotonic() < end
        tab.ask(show, "visible")


def test_of_tiles_that_overlap_the_topmost_is_hit(place: Place, open_tab: OpenTab) -> None:
    a, b, c, d = place.add("cat", "coffee", "rocket", "galaxies")
    place.studio.move({a: (0, 0), b: (520, 400), c: (520, 0), d: (0, 400)})
    one, other = quick_edge(place.studio, a, b), quick_edge(place.studio, c, d)
    tab = open_tab()
    first, second = tab.box(one), tab.box(other)
    left, right = max(first["x"], second["x"]), min(first["x"], second["x"]) + first["width"]
    top, bottom = max(first["y"], second["y"]), min(first["y"], second["y"]) + first["height"]
    assert right - left > 20  # they do overlap
    assert bottom - top > 20
    middle = [((left + right) / 2, (top + bottom) / 2)]
    assert tab.what_is_under(middle) == [f"edge {other}"]  # it came later
    for chosen in (one, other):
        tab.ask("(key) => window.forkframe.app.actions.select([key])", chosen)
        tab.drawn()
        assert tab.what_is_under(middle) == [f"edge {chosen}"]  # what stands out is drawn above the others


def test_under_the_window_of_its_takes_an_edge_stands_still(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b)
    tab = open_tab(motion=True)
    rest_on(tab, edge)
    tab.ask(
        """() => {
          const { app } = window.forkframe;
          window.moved = false;
          app.subscribe(() => {
            window.moved ||= app.ui().popup !== null && app.ui().scrub !== null;
          });
        }"""
    )
    tab.double_click(tab.edge_at(edge))
    tab.dialog(re.compile("Takes of")).wait_for()
    tab.wait("() => window.forkframe.canvas.debug().playing === null")
    assert not tab.ask("() => window.moved")
    tab.key("Escape")
    tab.wait_for_ui(popup=None)


@pytest.mark.parametrize("corner", [(0.0, 1.0), (1.0, 0.0)])
def test_an_edge_that_plays_is_wholly_in_view(
    place: Place, open_tab: OpenTab, corner: tuple[float, float]
) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b)
    tab = open_tab()
    tab.key("i")
    box = tab.box(edge)
    across, down = corner
    # Its tile comes to lie in a corner of what the panels leave free.
    x, y = 20 + across * (1280 - 90 - box["width"]), 66 + down * (800 - 80 - box["height"])
    tab.move((640, 780))
    tab.page.mouse.wheel(box["x"] - x, box["y"] - y)
    tab.wait("([edge, x]) => Math.abs(window.forkframe.canvas.boxOf(edge)?.x - x) < 2", [edge, x])
    tile = rest_on(tab, edge)
    assert tile["width"] > 1.5 * box["width"]
    assert is_in_view(tab, tile)


def test_an_edge_that_is_played_by_keys_grows_where_motion_is_welcome(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b)
    tab = open_tab(motion=True)
    tab.drawn()
    widths = tab.ask(
        """async (edge) => {
          const { app, canvas } = window.forkframe;
          const widths = [canvas.boxOf(edge).width];
          app.actions.playEdge(edge);
          for (const end = performance.now() + 60_000; performance.now() < end && !(widths.at(-1) > 1.9 * widths[0]); ) {
            await new Promise(requestAnimationFrame);
            widths.push(canvas.boxOf(edge).width);
          }
          return widths;
        }""",
        edge,
    )
    assert widths == sorted(widths)
    assert any(1.02 * widths[0] < width < 0.98 * widths[-1] for width in widths)
