"""Paths: walked by clicking, previewed without a gap, saved as sequences, written as films."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Place
from tests.e2e.tab import Tab, quick_edge

OpenTab = Callable[..., Tab]


@dataclass
class Row:
    """Three pictures in a row and the threads from each to the next."""

    a: str
    b: str
    c: str
    ab: str
    bc: str


@pytest.fixture
def row(place: Place) -> Row:
    a, b, c = place.add("cat", "coffee", "rocket")
    return Row(a, b, c, quick_edge(place.studio, a, b), quick_edge(place.studio, b, c))


def enter(tab: Tab) -> None:
    """Turns path mode on."""
    tab.key("p")
    tab.wait_for_ui(mode="path")


def steps(tab: Tab) -> list[tuple[str, bool]]:
    """The path in the making: its edges, and whether each is only proposed."""
    return [(step["edge"], step["proposed"]) for step in tab.ui()["path"]["steps"]]


def panel(tab: Tab) -> Locator:
    """The strip below."""
    return tab.page.get_by_role("region", name="Path", exact=True)


def saved_path(place: Place, row: Row, name: str = "walk") -> str:
    return place.studio.save_sequence(name, [row.a, row.b, row.c]).id


# Making one


def test_only_in_path_mode_a_click_adds_a_step_and_escape_leaves_it(
    place: Place, open_tab: OpenTab, row: Row
) -> None:
    tab = open_tab()
    tab.click(tab.middle(row.a))
    assert tab.ui()["path"] is None
    tab.click((100, 700))
    enter(tab)
    tab.page.get_by_role("status").filter(has_text="Path mode").wait_for()
    tab.move(tab.middle(row.a))
    assert tab.page.locator("#field").evaluate("(one) => getComputedStyle(one).cursor") == "crosshair"
    tab.click(tab.middle(row.a))
    assert steps(tab) == []
    tab.click(tab.middle(row.b))
    tab.click(tab.edge_at(row.bc))
    assert steps(tab) == [(row.ab, False), (row.bc, False)]
    tab.labels("of-step").nth(1).wait_for()
    assert tab.labels("of-step").all_text_contents() == ["1", "2"]
    tab.click((100, 700))  # a slip loses nothing
    assert len(steps(tab)) == 2
    tab.key("Control+z")
    assert steps(tab) == [(row.ab, False)]
    tab.key("Control+Shift+z")
    assert len(steps(tab)) == 2
    tab.key("Backspace")
    assert steps(tab) == [(row.ab, False)]
    tab.key("Escape")
    tab.wait_for_ui(mode="wander", path=None)
    tab.page.get_by_role("button", name="Back to it").click()
    assert steps(tab) == [(row.ab, False)]
    assert place.studio.show().sequences == ()


def test_by_keys_a_path_is_walked_and_saved(place: Place, open_tab: OpenTab, row: Row) -> None:
    tab = open_tab()
    tab.select(row.a)
    tab.key("p", "ArrowRight", "Enter", "ArrowRight", "ArrowRight", "Enter")
    assert steps(tab) == [(row.ab, False), (row.bc, False)]
    tab.key("Control+s")
    tab.wait_for_rows("sequences", 1)
    tab.settled()
    (sequence,) = place.studio.show().sequences
    assert sequence.steps == (row.ab, row.bc)
    tab.key("Escape", "Control+z")
    tab.wait_for_rows("sequences", 0)


def test_steps_put_in_by_the_program_are_dashed_until_they_are_accepted(
    place: Place, open_tab: OpenTab, row: Row
) -> None:
    tab = open_tab()
    enter(tab)
    tab.click(tab.middle(row.a))
    tab.click(tab.middle(row.c))
    assert steps(tab) == [(row.ab, True), (row.bc, True)]
    film = panel(tab).get_by_role("button", name=re.compile("^Step 1"))
    border = "(one) => getComputedStyle(one, '::after').borderTopStyle"
    assert film.evaluate(border) == "dashed"
    tab.labels("of-step.proposed").nth(1).wait_for()
    tab.key("a")
    assert steps(tab) == [(row.ab, False), (row.bc, False)]
    assert film.evaluate(border) != "dashed"
    tab.labels("of-step.proposed").first.wait_for(state="detached")
    tab.key("Control+z")
    assert steps(tab) == [(row.ab, True), (row.bc, True)]
    panel(tab).get_by_role("button", name="Accept 2 steps").click()
    assert steps(tab) == [(row.ab, False), (row.bc, False)]


def test_an_ambiguous_joint_offers_its_threads_and_plays_the_one_under_the_pointer(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee")
    _first, second = place.connect(a, b, seconds=0.5), quick_edge(place.studio, a, b)
    tab = open_tab()
    enter(tab)
    tab.click(tab.middle(a))
    tab.click(tab.middle(b))
    joint = panel(tab).get_by_role("listitem", name="From cat to coffee")
    ways = joint.get_by_role("button", name=re.compile("^Take "))
    expect(ways).to_have_count(2)
    assert steps(tab) == []
    ways.nth(0).hover()
    playing = ways.nth(0).get_by_role("img")
    tab.wait("() => !document.querySelector('.way canvas[data-missing]')")
    tab.changes(playing)
    ways.nth(1).hover()
    ways.nth(1).get_by_role("img", name=re.compile("^Playing")).wait_for()
    ways.nth(1).click()
    assert steps(tab) == [(second, False)]


def test_a_missing_joint_offers_to_connect_now(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    enter(tab)
    tab.click(tab.middle(a))
    tab.click(tab.middle(b))
    panel(tab).get_by_text("No thread leads to").wait_for()
    panel(tab).get_by_role("button", name="Connect now").click()
    (edge,) = tab.wait_for_rows("edges", 1)
    assert steps(tab) == [(edge["id"], False)]
    tab.settled()
    assert {(view.source, view.target) for view in place.studio.show().edges} == {(a, b)}


def test_speed_and_hold_are_set_per_step_and_saved_with_the_path(
    place: Place, open_tab: OpenTab, row: Row
) -> None:
    tab = open_tab()
    enter(tab)
    for node in (row.a, row.b, row.c):
        tab.click(tab.middle(node))
    strip = panel(tab)
    for label, value in (("Speed of step 1", "0.5"), ("Hold after step 2, in seconds", "1")):
        box = strip.get_by_role("spinbutton", name=label)
        box.fill(value)
        box.press("Enter")
    name = strip.get_by_role("textbox", name="Name of this path")
    name.fill("to the rocket")
    name.press("Enter")
    tab.wait_for_rows("sequences", 1)
    tab.settled()
    saved = place.studio.sequence("to the rocket")
    assert saved.nodes == (row.a, row.b, row.c)
    assert saved.seconds == pytest.approx(0.5 / 0.5 + 0.5 + 1, abs=0.1)
    tab.page.get_by_role("button", name="Done").click()
    tab.key("Control+z")
    tab.wait_for_rows("sequences", 0)


def test_escape_leaves_path_mode_also_from_the_name_of_the_path(
    place: Place, open_tab: OpenTab, row: Row
) -> None:
    tab = open_tab()
    tab.select(row.a)
    enter(tab)
    name = panel(tab).get_by_role("textbox", name="Name of this path")
    name.fill("to the rocket")
    name.press("Escape")  # leaves the field
    tab.key("Escape")
    assert tab.ui()["mode"] == "wander"


# Watching one


def test_a_path_plays_over_its_joints_without_a_gap_loops_and_is_scrubbed(
    place: Place, open_tab: OpenTab
) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    for pair in ((a, b), (b, c)):
        place.connect(*pair, seconds=0.5)
    saved = place.studio.save_sequence("walk", [a, b, c])
    tab = open_tab()
    tab.key("s")
    card = tab.sheet("Sequences").get_by_role("listitem")
    card.get_by_role("button", name="Play", exact=True).click()
    strip = panel(tab)
    strip.get_by_role("button", name="Loop").click()
    film = strip.get_by_role("img", name="The film at this moment")
    tab.changes(film)
    # every frame of the browser shows a picture: nothing is missing at a joint
    gaps = tab.ask(
        """() => new Promise((done) => {
          const seen = { missing: 0, early: 0, late: 0, rounds: 0 };
          let before = 0;
          const look = () => {
            const { playing } = window.forkframe.app.ui();
            if (!playing) return done(null);
            const film = document.querySelector(".player canvas");
            if (!film || film.hasAttribute("data-missing")) seen.missing += 1;
            seen[playing.seconds < 0.5 ? "early" : "late"] += 1;
            if (playing.seconds < before) seen.rounds += 1;
            before = playing.seconds;
            if (seen.rounds === 2) done(seen);
            else requestAnimationFrame(look);
          };
          look();
        })"""
    )
    assert gaps["missing"] == 0
    assert min(gaps["early"], gaps["late"]) > 2
    strip.get_by_role("button", name="Pause").click()
    slider = strip.get_by_role("slider", name="Place in the path")
    slider.fill("0.1")
    early = film.screenshot()
    slider.fill("0.9")
    tab.looks_other(early, film)
    assert tab.ui()["playing"]["seconds"] == pytest.approx(0.9)
    tab.key("Escape")
    tab.wait_for_ui(playing=None)
    assert place.studio.sequence(saved.id).steps == saved.steps


def test_space_plays_the_path_in_the_making_and_pauses_it(place: Place, open_tab: OpenTab, row: Row) -> None:
    tab = open_tab()
    enter(tab)
    for node in (row.a, row.b, row.c):
        tab.click(tab.middle(node))
    tab.key("l", "Space")
    tab.wait("() => window.forkframe.app.ui().playing?.seconds > 0.1")
    tab.key("Space")
    assert tab.ui()["playing"]["running"] is False
    assert tab.ui()["playing"]["loop"] is True


def test_saved_sequences_are_renamed_duplicated_compared_edited_and_deleted(
    place: Place, open_tab: OpenTab, row: Row
) -> None:
    key = saved_path(place, row)
    tab = open_tab()
    tab.key("s")
    cards = tab.sheet("Sequences").get_by_role("listitem")
    name = cards.first.get_by_role("textbox", name="Name of this sequence")
    name.fill("to dusk")
    name.press("Enter")
    tab.wait_for_row("sequences", key, name="to dusk")
    cards.first.get_by_role("button", name="Duplicate").click()
    tab.wait_for_rows("sequences", 2)
    tab.settled()
    assert {one.name for one in place.studio.show().sequences} == {"to dusk", "to dusk copy"}
    cards.nth(0).get_by_role("button", name="Compare").click()
    cards.nth(1).get_by_role("button", name="Compare with this").click()
    window = tab.dialog("Two sequences")
    window.get_by_role("img", name="to dusk", exact=True).wait_for()
    window.get_by_role("img", name="to dusk copy", exact=True).wait_for()
    window.get_by_role("button", name="Close").click()
    cards.nth(1).get_by_role("button", name="Edit the path").click()
    assert steps(tab) == [(row.ab, False), (row.bc, False)]
    tab.key("Escape")
    tab.wait_for_ui(mode="wander")
    cards.nth(1).get_by_role("button", name="Delete").click()
    tab.wait_for_rows("sequences", 1)
    tab.click((100, 700))
    for _ in range(3):
        tab.key("Control+z")
    tab.wait_for_row("sequences", key, name="walk")
    tab.wait_for_rows("sequences", 1)


# A film


def test_a_sequence_is_exported_with_progress_and_a_link_to_a_film_that_plays(
    place: Place, open_tab: OpenTab, row: Row, tmp_path: Path
) -> None:
    key = saved_path(place, row)
    tab = open_tab()
    tab.key("s")
    tab.sheet("Sequences").get_by_role("listitem").get_by_role("button", name="Export").click()
    window = tab.dialog("Export “walk”")
    window.get_by_role("button", name="Export", exact=True).click()
    link = window.get_by_role("link")
    with tab.page.expect_download() as download:
        link.click()
    film = tmp_path / "film.mp4"
    download.value.save_as(film)
    assert download.value.suggested_filename.endswith(".mp4")
    with av.open(film) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 2 * 12 + 1 == place.studio.sequence(key).frames
    assert (frames[0].width, frames[0].height) == (320, 192)
