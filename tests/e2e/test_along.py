"""A line is drawn on the picture, the camera's view moves along it at once, and the video of it is as alive as a morph."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, expect

from forkframe.engines.builtin.colour import to_lab
from tests.e2e.conftest import Place
from tests.e2e.tab import Tab

OpenTab = Callable[..., Tab]
BEND = [(0.3, 0.6), (0.4, 0.45), (0.5, 0.35), (0.6, 0.45), (0.7, 0.6)]
MEAN, NEARLY_ALL = 2.0, 8.0
"""What ΔE (CIE 1976) may be on average, and at the 99th percentile, as of any living edge."""


def asked(tab: Tab, node: str) -> Locator:
    """The window that animates a picture, with a line to be drawn."""
    tab.select(node)
    tab.key("a")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_label("What the camera does").select_option("along a line")
    return dialog


def draw(tab: Tab, pad: Locator, line: Sequence[tuple[float, float]]) -> None:
    """Draws a line with the pointer; points in shares of the pad."""
    box = pad.bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
    tab.page.mouse.move(*places[0])
    tab.page.mouse.down()
    for place in places[1:]:
        tab.page.mouse.move(*place, steps=6)
    tab.page.mouse.up()


def test_a_drawn_line_shows_the_cameras_way_at_once_and_becomes_an_edge(
    place: Place, open_tab: OpenTab
) -> None:
    (cat,) = place.add("cat")
    tab = open_tab(motion=True)
    dialog = asked(tab, cat)
    go = dialog.get_by_role("button", name="Animate", exact=True)
    expect(dialog.get_by_text("Draw here")).to_be_visible()
    expect(go).to_be_disabled()
    pad = dialog.locator(".line-pad")
    pad.scroll_into_view_if_needed()
    # When the pen is lifted, the next picture of the browser already shows the view: nobody was asked.
    tab.ask(
        """() => {
          const pad = document.querySelector('.line-pad');
          pad.addEventListener('pointerup', () => requestAnimationFrame(() => requestAnimationFrame(() => {
            window.shownAtOnce = document.querySelector('.line-view')?.style.left ?? '';
          })), {once: true});
        }"""
    )
    draw(tab, pad, BEND)
    tab.wait("() => window.shownAtOnce")
    view = dialog.locator(".line-view")
    before = view.evaluate("one => one.style.left")
    tab.wait("before => document.querySelector('.line-view').style.left !== before", before)
    dialog.get_by_label("Seconds").fill("1")
    go.click()
    (edge,) = tab.wait_for_rows("edges", 1)
    recipe = place.studio.recipe_of(edge["id"])
    assert recipe.parameters["camera"] == "along a line"
    line = np.array(recipe.parameters["path"])
    assert np.abs(line[[0, -1]] - [BEND[0], BEND[-1]]).max() < 0.02
    assert abs(line[:, 1].min() - 0.35) < 0.02
    assert 3 <= len(line) <= 16, "only the points that matter"
    tab.key("Control+z")
    tab.wait_for_rows("edges", 0)
    tab.wait_for_rows("nodes", 1)


def test_by_keys_a_line_is_built_taken_back_and_built_anew(place: Place, open_tab: OpenTab) -> None:
    (cat,) = place.add("cat")
    tab = open_tab()
    dialog = asked(tab, cat)
    pad = dialog.locator(".line-pad")
    pad.focus()
    tab.key("ArrowRight", "ArrowRight", "Shift+ArrowUp", "ArrowDown", "Backspace")
    expect(dialog).to_contain_text("4 points")
    expect(dialog.locator(".line-view")).to_be_visible()
    dialog.get_by_role("button", name="begin anew").click()
    expect(dialog.get_by_role("button", name="Animate", exact=True)).to_be_disabled()
    pad.focus()
    tab.key("ArrowLeft", "ArrowUp")
    dialog.get_by_label("Seconds").fill("1")
    dialog.get_by_role("button", name="Animate", exact=True).click()
    (edge,) = tab.wait_for_rows("edges", 1)
    assert place.studio.recipe_of(edge["id"]).parameters["path"] == [[0.5, 0.5], [0.4, 0.5], [0.4, 0.4]]


@pytest.fixture
def along(place: Place) -> str:
    (cat,) = place.add("cat")
    line = [list(point) for point in BEND]
    return place.studio.animate(cat, seconds=1, parameters={"path": line, "zoom": 2.0}).id


def shown(tab: Tab, edge: str, t: float) -> NDArray[np.uint8]:
    """A moment of an edge as the page draws it for its players and sheets, in the size of the frame."""
    data = tab.wait(
        """([edge, t]) => {
          const canvas = (window.drawings ??= {})[t] ??= Object.assign(document.createElement('canvas'), {width: 320, height: 192});
          return window.forkframe.app.actions.view().drawEdge(edge, t, canvas) && canvas.toDataURL();
        }""",
        [edge, t],
    )
    picture = Image.open(BytesIO(base64.b64decode(data.split(",")[1])))
    return np.asarray(picture.convert("RGB"))


def expected(place: Place, edge: str, t: float) -> NDArray[np.uint8]:
    """The same moment as the engine's file has it."""
    frames = place.studio.edge(edge).frames
    png = place.studio.strip(edge, frames=frames, side=320)[round(t * (frames - 1))]
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def test_every_moment_of_the_video_in_the_browser_is_the_moment_of_the_engine(
    place: Place, open_tab: OpenTab, along: str
) -> None:
    tab = open_tab()
    tab.wait_for_rows("edges", 1)
    pictures = [expected(place, along, t) for t in (0.0, 1.0)]
    assert np.abs(pictures[0].astype(float) - pictures[1]).mean() > 10
    for t in (0.7, 0.1, 0.5, 1.0, 0.3, 0.0):
        gap = to_lab(shown(tab, along, t)) - to_lab(expected(place, along, t))
        difference = 100 * np.sqrt((gap**2).sum(axis=-1))
        print(f"t {t}  ΔE76 mean {difference.mean():.3f} p99 {np.percentile(difference, 99):.2f}")
        assert difference.mean() <= MEAN
        assert np.percentile(difference, 99) <= NEARLY_ALL


def test_several_moments_of_one_video_are_seen_at_the_same_time(
    place: Place, open_tab: OpenTab, along: str
) -> None:
    tab = open_tab()
    tab.wait_for_rows("edges", 1)
    tab.wait(
        """edge => {
          const made = () => Object.assign(document.createElement('canvas'), {width: 320, height: 192});
          window.strip ??= Array.from({length: 7}, made);
          window.there ??= new Set();
          window.strip.forEach((canvas, i) => {
            if (!window.there.has(i) && window.forkframe.app.actions.view().drawEdge(edge, i / 6, canvas)) window.there.add(i);
          });
          return window.there.size === 7;
        }""",
        along,
    )
    for i, data in enumerate(tab.ask("() => window.strip.map(canvas => canvas.toDataURL())")):
        picture = np.asarray(Image.open(BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGB"))
        gap = to_lab(picture) - to_lab(expected(place, along, i / 6))
        assert 100 * np.sqrt((gap**2).sum(axis=-1)).mean() <= MEAN, i


def test_it_plays_in_a_film_is_scrubbed_and_cut_where_it_was_scrubbed_to(
    place: Place, open_tab: OpenTab, along: str
) -> None:
    view = place.studio.edge(along)
    saved = place.studio.save_sequence("walk", [view.source, view.target])
    tab = open_tab(motion=True)
    tab.wait_for_rows("sequences", 1)
    tab.ask("id => window.forkframe.app.actions.playSequence(id)", saved.id)
    tab.wait("() => window.forkframe.app.ui().playing?.seconds > 0.3")
    player = tab.page.get_by_role("img", name="The film at this moment")
    expect(player).to_be_visible()
    tab.ask("() => { window.forkframe.app.actions.pause(); window.forkframe.app.actions.seek(0.5); }")
    tab.wait("() => !document.querySelector('.player canvas').dataset.missing")
    frame = expected(place, along, 0.5)
    data = tab.wait(
        """() => {
          const canvas = document.querySelector('.player canvas');
          const small = Object.assign(document.createElement('canvas'), {width: 320, height: 192});
          const pen = small.getContext('2d');
          pen.imageSmoothingQuality = 'high';
          pen.drawImage(canvas, 0, 0, 320, 192);
          const data = small.toDataURL();
          const still = window.lastSeen === data ? (window.seenFor = (window.seenFor ?? 0) + 1) : (window.seenFor = 0);
          window.lastSeen = data;
          return still > 20 && data;
        }"""
    )
    picture = np.asarray(Image.open(BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGB"))
    gap = to_lab(picture) - to_lab(frame)
    assert 100 * np.sqrt((gap**2).sum(axis=-1)).mean() <= MEAN
    tab.ask("() => window.forkframe.app.setUi({playing: null})")
    tab.select(along)
    tab.wait("() => window.forkframe.app.ui().scrub")  # it plays under the pointer: the keys take over
    tab.ask(
        "() => { window.forkframe.app.setUi({scrub: {edge: [...window.forkframe.app.ui().selection][0], t: 0.5}}) }"
    )
    tab.key(".", ".", ".")
    at = tab.ui()["scrub"]["t"]
    tab.ask("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert tab.ui()["scrub"]["t"] == at
    tab.key("b")
    tab.wait_for_rows("nodes", 3)
    cut = next(node for node in tab.rows("nodes") if node["cut"])
    assert cut["cut"]["frame"] == round(at * (view.frames - 1)) == round(0.5 * (view.frames - 1)) + 3
    png = Image.open(BytesIO(place.studio.picture(cut["id"]))).convert("RGB")
    assert np.abs(np.asarray(png).astype(float) - expected_frame(place, cut)).mean() < 1
    tab.key("Control+z")
    tab.wait_for_rows("nodes", 2)


def expected_frame(place: Place, cut: dict[str, dict[str, int]]) -> NDArray[np.uint8]:
    """The frame that a branch node was cut at, from its uncut edge's file."""
    halves = [edge.id for edge in place.studio.show().edges]
    first = place.studio.strip(halves[0], frames=2, side=320)[1]
    assert cut["cut"]["frame"] > 0
    return np.asarray(Image.open(BytesIO(first)).convert("RGB"))
