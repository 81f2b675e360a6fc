"""Pictures from pictures: variations, styles, and the candidates that wait beside a picture until they are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator

from forkframe.model.entities import Candidate
from tests.e2e.conftest import Place
from tests.e2e.tab import Tab
from tests.pictures import PHOTOGRAPHS

OpenTab = Callable[..., Tab]


def candidates(place: Place) -> list[str]:
    """The ids of all candidates in the workspace, oldest first."""
    return [row.id for row in place.studio.snapshot().rows if isinstance(row, Candidate)]


def with_candidates(place: Place, count: int = 3) -> tuple[str, list[str]]:
    """A picture and the candidates in its tray."""
    (node,) = place.add("cat")
    place.studio.propose(node, "vary", count=count, engine="fake")
    place.studio.jobs.wait_for_all(timeout=60)
    return node, candidates(place)


def fan_out(tab: Tab, node: str) -> None:
    """Opens a picture's tray, in the middle of the view."""
    tab.click(tab.badge(node))
    tab.wait_for_ui(tray=node)
    tab.drawn()


def look(element: Locator) -> NDArray[np.int64]:
    """What an element shows."""
    with Image.open(BytesIO(element.screenshot())) as image:
        return np.asarray(image.convert("RGB")).astype(int)


# Asking for pictures


@pytest.mark.parametrize("way", ["key", "button", "menu"])
def test_variations_come_as_candidates_with_the_strength_and_seed_that_were_set(
    place: Place, open_tab: OpenTab, way: str
) -> None:
    (node,) = place.add("cat")
    tab = open_tab()
    tab.select(node)
    match way:
        case "key":
            tab.key("v")
        case "button":
            tab.sheet("Inspector").get_by_role("button", name="Vary").click()
        case _:
            tab.page.mouse.click(*tab.middle(node), button="right")
            tab.page.get_by_role("menuitem", name="Vary").click()
    window = tab.dialog("Vary “cat”")
    window.get_by_role("radio", name="2", exact=True).check()
    strength = window.get_by_role("slider").first
    strength.fill("0.3")
    window.get_by_role("spinbutton", name="Seed").fill("7")
    window.get_by_role("button", name="Make 2 variations").click()
    tab.wait_for_ui(tray=node, popup=None)
    tab.wait_for_rows("candidates", 2)
    made = [place.studio.recipe_of(key) for key in candidates(place)]
    assert [(one.operation, one.parameters["strength"]) for one in made] == [("vary", 0.3)] * 2
    assert {one.seed for one in made} == {7, 8}
    assert len(place.studio.show().nodes) == 1


def test_a_picture_is_restyled_by_words(place: Place, open_tab: OpenTab) -> None:
    (node,) = place.add("cat")
    tab = open_tab()
    tab.select(node)
    tab.key("r")
    window = tab.dialog("Restyle “cat”")
    window.get_by_role("radio", name="1", exact=True).check()
    words = window.get_by_role("textbox", name="The look, in words")
    words.fill("thick fog")
    words.press("Enter")
    tab.wait_for_ui(tray=node)
    (row,) = tab.wait_for_rows("candidates", 1)
    recipe = place.studio.recipe_of(row["id"])
    assert (recipe.operation, recipe.parameters["prompt"]) == ("restyle", "thick fog")


def test_one_picture_is_made_in_five_weathers(place: Place, open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.get_by_label("Choose one picture").set_input_files(PHOTOGRAPHS / "cat.jpg")
    (film,) = tab.wait_for_rows("sequences", 1)
    names = {row["id"]: row["label"] for row in tab.rows("nodes")}
    ends = {row["id"]: [names[row["source"]], names[row["target"]]] for row in tab.rows("edges")}
    walk = [ends[step["edge"]] for step in film["steps"]]
    weathers = ["cat, fog", "cat, rain", "cat, snow", "cat, evening", "cat, storm"]
    assert [target for _, target in walk] == weathers
    assert [source for source, _ in walk] == ["cat", *weathers[:-1]]
    assert tab.rows("candidates") == []
    tab.key("Control+z")
    tab.wait_for_rows("sequences", 0)
    tab.wait_for_rows("edges", 0)
    assert len(tab.wait_for_rows("candidates", 5)) == 5


@pytest.mark.parametrize("way", ["drop", "keys"])
def test_a_picture_takes_the_style_of_another_one(place: Place, open_tab: OpenTab, way: str) -> None:
    cat, coffee = place.add("cat", "coffee")
    tab = open_tab()
    if way == "drop":
        before = place.studio.node(coffee)
        tab.drag(tab.middle(coffee), tab.middle(cat), holding="Alt")
        tab.wait_for_ui(tray=cat)
        assert place.studio.node(coffee) == before  # dropping it as a style is no move
    else:
        tab.select(cat)
        tab.key("r")
        window = tab.dialog("Restyle “cat”")
        window.get_by_role("button", name="Choose a picture or a board").press("Enter")
        window.get_by_role("button", name="coffee").press("Enter")
        window.get_by_role("button", name=re.compile("Make")).press("Enter")
    tab.wait_for_rows("candidates", 4)
    recipe = place.studio.recipe_of(candidates(place)[0])
    assert [(one.role, one.node) for one in recipe.inputs] == [("image", cat), ("style", coffee)]


def test_a_board_dropped_by_its_tab_onto_a_picture_restyles_that(place: Place, open_tab: OpenTab) -> None:
    cat, coffee, rocket = place.add("cat", "coffee", "rocket")
    board = place.studio.board("looks", [coffee, rocket])
    tab = open_tab()
    tab.drag(tab.tab_of(board), tab.middle(cat))
    tab.wait_for_ui(tray=cat)
    tab.wait_for_rows("candidates", 4)
    recipe = place.studio.recipe_of(candidates(place)[0])
    assert {one.node for one in recipe.inputs if one.role == "style"} == {coffee, rocket}
    assert place.studio.node(coffee).x == 520  # the board snaps back: it was a style, not a move


def test_space_spreads_a_contact_sheet_of_24_drafts(place: Place, open_tab: OpenTab) -> None:
    (node,) = place.add("cat")
    tab = open_tab()
    tab.select(node)
    tab.key("Space")
    tab.wait_for_ui(tray=node)
    tab.wait_for_rows("candidates", 24)
    made = [place.studio.recipe_of(key) for key in candidates(place)]
    strengths = [one.parameters["strength"] for one in made if one.operation == "vary"]
    assert len(set(strengths)) == len(strengths) > 1
    assert "restyle" in {one.operation for one in made}


# Candidates


def test_candidates_fan_out_from_their_badge_and_show_their_own_pictures(
    place: Place, open_tab: OpenTab
) -> None:
    node, (first, *_) = with_candidates(place)
    tab = open_tab()
    assert tab.labels("of-badge").text_content() == "3"
    fan_out(tab, node)
    x, y = tab.candidate_at(node, 0)
    shown = tab.screen()[round(y) - 20 : round(y) + 20, round(x) - 30 : round(x) + 30]
    row = next(row for row in tab.rows("candidates") if row["id"] == first)
    pixels = tab.ask("id => window.forkframe.app.doc.renderings.get(id).pixels", row["rendering"])
    path = place.studio.pixels_path(pixels)
    assert path is not None
    with Image.open(path) as image:
        size = 156 * tab.ask("() => window.forkframe.canvas.debug().camera.zoom")
        whole = image.convert("RGB").resize((round(size), round(size * 0.6)), Image.Resampling.BOX)
        wanted = np.asarray(whole)
    middle = wanted[wanted.shape[0] // 2 - 20 :, wanted.shape[1] // 2 - 30 :][:40, :60]
    assert np.abs(shown.astype(int) - middle).mean() < 6


def test_clicking_a_candidate_makes_more_like_it(place: Place, open_tab: OpenTab) -> None:
    node, _ = with_candidates(place)
    tab = open_tab()
    fan_out(tab, node)
    tab.click(tab.candidate_at(node, 1))
    tab.wait_for_rows("candidates", 7)
    assert len(candidates(place)) == 7
    assert place.studio.recipe_of(candidates(place)[-1]).inputs[0].label != "cat"


def test_shift_clicking_a_candidate_spreads_from_it(place: Place, open_tab: OpenTab) -> None:
    node, _ = with_candidates(place)
    tab = open_tab()
    fan_out(tab, node)
    with tab.page.expect_response("**/spread*") as answer:
        tab.click(tab.candidate_at(node, 1), holding="Shift")
    assert len(answer.value.json()["jobs"]) == 24


def test_by_keys_a_candidate_is_reached_kept_and_another_discarded(place: Place, open_tab: OpenTab) -> None:
    node, (first, second, third) = with_candidates(place)
    seed = place.studio.recipe_of(second).seed
    tab = open_tab()
    fan_out(tab, node)
    tab.select(node)
    tab.key("ArrowDown")
    tab.wait_for_ui(focus=first)
    tab.key("ArrowRight", "k")
    tab.wait_for_rows("nodes", 2)
    tab.settled()
    assert set(candidates(place)) == {first, third}
    kept = place.studio.show().nodes[-1]
    assert (kept.label, kept.made_by) == ("cat, varied", "fake.vary@1")
    assert kept.seed == seed
    tab.key("Control+z")
    tab.wait_for_rows("candidates", 3)
    tab.wait_for_rows("nodes", 1)
    tab.select(node)
    tab.key("ArrowDown", "x")
    tab.wait_for_rows("candidates", 2)
    tab.settled()
    assert set(candidates(place)) == {second, third}
    assert tab.ui()["focus"] in candidates(place)  # the keys can go on with the next one
    tab.key("Control+z")
    tab.wait_for_rows("candidates", 3)
    tab.key("Escape")
    tab.wait_for_ui(tray=None)


def test_by_keys_a_candidate_has_a_menu_and_is_compared(place: Place, open_tab: OpenTab) -> None:
    node, (_first, second, _third) = with_candidates(place)
    tab = open_tab()
    fan_out(tab, node)
    tab.select(node)
    tab.key("ArrowDown", "ArrowRight")
    tab.wait_for_ui(focus=second)
    assert tab.middle(second) == pytest.approx(tab.candidate_at(node, 1), abs=10)  # it lies on an arc
    tab.key("Shift+F10")
    menu = tab.page.get_by_role("menu", name="Commands")
    menu.get_by_role("menuitem", name="Keep as a picture").wait_for()
    menu.get_by_role("menuitem", name="Compare with its picture").press("Enter")
    window = tab.dialog("cat, varied")
    window.wait_for()
    tab.key("Escape")
    tab.wait_for_ui(popup=None, focus=second)
    tab.key("c")
    window.wait_for()
    assert tab.ui()["popup"] == {"kind": "compare", "node": node, "candidate": second}


def test_a_candidate_that_undo_brings_back_is_in_its_place(place: Place, open_tab: OpenTab) -> None:
    node, keys = with_candidates(place)
    tray = "node => [...window.forkframe.app.doc.candidatesOf(node)]"
    tab = open_tab()
    fan_out(tab, node)
    tab.select(node)
    tab.key("ArrowDown", "x")
    tab.wait_for_rows("candidates", 2)
    tab.key("Control+z")
    tab.wait_for_rows("candidates", 3)
    assert tab.ask(tray, node) == keys
    assert tab.middle(keys[0]) == pytest.approx(tab.candidate_at(node, 0), abs=10)
    tab.settled()
    tab.page.reload()
    tab.arrived()
    assert tab.ask(tray, node) == keys


@pytest.mark.parametrize("count", [2, 3])
def test_quick_clicks_on_the_badge_open_the_tray_and_nothing_else(
    place: Place, open_tab: OpenTab, count: int
) -> None:
    node, _ = with_candidates(place)
    tab = open_tab()
    x, y = tab.badge(node)
    tab.page.mouse.click(x, y, click_count=count)
    tab.wait_for_ui(tray=node, popup=None, selection=[])


def test_a_candidate_dragged_out_of_the_tray_lies_where_it_was_let_go_of(
    place: Place, open_tab: OpenTab
) -> None:
    node, _ = with_candidates(place)
    tab = open_tab()
    fan_out(tab, node)
    there = (160, 300)
    tab.drag(tab.candidate_at(node, 0), (400, 300), there)
    nodes = tab.wait_for_rows("nodes", 2)
    x, y = tab.middle(nodes[-1]["id"])
    assert abs(x - there[0]) < 3
    assert abs(y - there[1]) < 3
    tab.settled()
    assert len(candidates(place)) == 2
    tab.key("Control+z")
    tab.wait_for_rows("candidates", 3)


def test_all_candidates_can_be_kept_at_once(place: Place, open_tab: OpenTab) -> None:
    node, _ = with_candidates(place)
    tab = open_tab()
    fan_out(tab, node)
    tab.key("Shift+k")
    nodes = tab.wait_for_rows("nodes", 4)
    apart = [(abs(a["x"] - b["x"]), abs(a["y"] - b["y"])) for a in nodes for b in nodes if a["id"] < b["id"]]
    assert all(dx >= 240 or dy >= 144 for dx, dy in apart)
    tab.settled()
    assert candidates(place) == []
    tab.key("Control+z")
    tab.wait_for_rows("candidates", 3)


def test_before_and_after_are_compared_by_a_line_that_moves(place: Place, open_tab: OpenTab) -> None:
    node, (first, *_) = with_candidates(place, 2)
    tab = open_tab()
    tab.select(node)
    tab.sheet("Inspector").get_by_role("button", name=re.compile("^Compare ")).first.click()
    window = tab.dialog("cat, varied")
    slider = window.get_by_role("slider", name=re.compile("picture before"))
    after = window.get_by_role("img", name="After")
    tab.wait(
        "() => [...document.querySelectorAll('dialog .before-after img')].filter((one) => one.complete && one.naturalWidth > 0).length === 2"
    )
    slider.press("Home")
    new = look(after)
    slider.press("End")
    old = look(after)
    assert np.abs(new - old).mean() > 10
    slider.press("Home")
    assert np.abs(look(after) - new).mean() < 1
    window.get_by_role("button", name="Keep").click()
    tab.wait_for_rows("nodes", 2)
    tab.settled()
    assert first not in candidates(place)


def test_a_reload_keeps_the_tray(place: Place, open_tab: OpenTab) -> None:
    node, keys = with_candidates(place)
    tab = open_tab()
    tab.page.reload()
    tab.arrived()
    assert [row["id"] for row in tab.wait_for_rows("candidates", 3)] == keys
    fan_out(tab, node)
    tab.click(tab.candidate_at(node, 2), count=1)
    tab.wait_for_rows("candidates", 7)
