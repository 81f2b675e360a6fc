"""Putting things in order and finding them again: selecting, tidying, boards, notes, stars, crops, maps, history, jobs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from forkframe.model.entities import Board, Note
from tests.e2e.conftest import Place
from tests.e2e.tab import Tab, quick_edge

OpenTab = Callable[..., Tab]

FREE = (100, 700)


def selected(tab: Tab) -> set[str]:
    return set(tab.ui()["selection"])


def places_of(place: Place, *keys: str) -> list[tuple[float, float]]:
    return [(place.studio.node(key).x, place.studio.node(key).y) for key in keys]


# Selecting


def test_a_box_a_line_and_shift_select(place: Place, open_tab: OpenTab) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    tab = open_tab()
    tab.key("i")  # the inspector would cover what is chosen
    left, middle = tab.box(a), tab.box(b)
    start = left["x"] - 20, left["y"] - 30
    end = middle["x"] + 60, middle["y"] + middle["height"] + 30
    tab.drag(start, end)
    assert selected(tab) == {a, b}
    tab.click(tab.middle(b), holding="Shift")
    assert selected(tab) == {a}
    right = tab.box(c)
    tab.drag(
        (right["x"] - 10, right["y"] - 20),
        (right["x"] + 30, right["y"] + 40),
        holding="Shift",
    )
    assert selected(tab) == {a, c}
    tab.click(FREE)
    assert selected(tab) == set()
    x, y = tab.middle(b)
    around = [(x - 200, y), (x, y - 150), (x + 200, y), (x, y + 150), (x - 190, y + 10)]
    tab.drag(*around, holding="Alt")
    assert selected(tab) == {b}
    tab.key("Control+a")
    assert selected(tab) == {a, b, c}
    tab.key("Escape")
    assert selected(tab) == set()


def test_a_freehand_line_takes_what_it_surrounds_and_not_what_its_box_does(
    place: Place, open_tab: OpenTab
) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    tab = open_tab()
    tab.key("i")  # the inspector would cover what is chosen
    (ax, y), (bx, _), (cx, _) = (tab.middle(key) for key in (a, b, c))
    reach = tab.box(a)["height"]
    below = y + 1.6 * reach
    # Around the first and the last, and below the one between them.
    start = ax - reach, below
    around = [(ax - reach, y - reach), (ax + reach, y - reach), (ax + reach, below - reach / 2)]
    back = [(cx - reach, below - reach / 2), (cx - reach, y - reach), (cx + reach, y - reach)]
    line = [start, *around, *back, (cx + reach, below)]
    tab.drag(*line, holding="Alt", before_release=lambda: tab.key("Escape"))
    assert selected(tab) == set()
    tab.drag(*line, holding="Alt")
    assert selected(tab) == {a, c}
    near = [(bx - reach, below), (bx - reach, y - reach), (bx + reach, y - reach), (bx + reach, below)]
    tab.page.keyboard.down("Shift")
    tab.drag(*near, holding="Alt")
    tab.page.keyboard.up("Shift")
    assert selected(tab) == {a, b, c}
    assert places_of(place, a, b, c) == [(0, 0), (520, 0), (1040, 0)]


def test_what_is_selected_moves_together_and_is_deleted_together(place: Place, open_tab: OpenTab) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    tab = open_tab()
    tab.select(a, b)
    x, y = tab.middle(a)
    tab.drag((x, y), (x, y + 120))
    tab.settled()
    (_, ay), (_, by), (_, cy) = places_of(place, a, b, c)
    assert ay == by > 100 > cy == 0
    tab.key("Delete")
    tab.wait_for_rows("nodes", 1)
    tab.settled()
    assert [view.id for view in place.studio.show().nodes] == [c]
    tab.key("Control+z")
    tab.wait_for_rows("nodes", 3)


# Order


@pytest.mark.parametrize("way", ["key", "button"])
def test_tidy_puts_pictures_in_order_only_when_asked_and_undo_puts_them_back(
    place: Place, open_tab: OpenTab, way: str
) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    quick_edge(place.studio, a, b)
    quick_edge(place.studio, b, c)
    messy = {a: (0.0, 0.0), b: (90.0, 310.0), c: (510.0, 60.0)}
    place.studio.move(messy)
    tab = open_tab()
    assert places_of(place, a, b, c) == list(messy.values())
    if way == "key":
        tab.key("t")
    else:
        tab.page.get_by_role("button", name="Tidy everything").click()
    tab.wait("([key, x]) => window.forkframe.app.doc.nodes.get(key).x !== x", [c, 510])
    tab.settled()
    (ax, ay), (bx, by), (cx, cy) = places_of(place, a, b, c)
    assert ax < bx < cx  # along the threads
    assert ay == pytest.approx(by, abs=1)
    assert by == pytest.approx(cy, abs=1)
    tab.key("Control+z")
    tab.wait_for_row("nodes", c, x=510, y=60)
    assert places_of(place, a, b, c) == list(messy.values())


# Boards, notes, names


def boards(place: Place) -> list[Board]:
    return [row for row in place.studio.snapshot().rows if isinstance(row, Board)]


def test_g_makes_a_board_that_is_named_and_coloured(place: Place, open_tab: OpenTab) -> None:
    a, b, _c = place.add("cat", "coffee", "rocket")
    tab = open_tab()
    tab.select(a, b)
    tab.key("g")
    name = tab.dialog("Name").get_by_role("textbox", name="Name")
    name.fill("warm")
    name.press("Enter")
    tab.wait_for_ui(popup=None)
    amber = tab.sheet("Inspector").get_by_role("radio", name="Amber")
    amber.press("Space")
    expect(amber).to_be_checked()
    tab.settled()
    (board,) = boards(place)
    assert (board.name, board.colour) == ("warm", "#ffb454")
    tab.sheet("Inspector").get_by_text("2 pictures").wait_for()
    tab.labels("of-board").filter(has_text=re.compile("^warm$")).wait_for()
    tab.click(FREE)
    tab.key("Control+z", "Control+z", "Control+z")
    tab.wait_for_rows("boards", 0)


def test_a_board_dragged_by_its_tab_takes_its_pictures_along(place: Place, open_tab: OpenTab) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    board = place.studio.board("warm", [a, b])
    tab = open_tab()
    x, y = tab.tab_of(board)
    tab.drag((x, y), (x + 10, y + 140))
    tab.settled()
    (_, ay), (_, by), (_, cy) = places_of(place, a, b, c)
    assert ay == by > 100
    assert cy == 0
    assert boards(place)[0].y == pytest.approx(-200 + ay)
    tab.key("Control+z")
    tab.wait_for_row("nodes", a, y=0)
    tab.wait_for_row("boards", board, y=-200)


def test_a_board_is_resized_at_its_corner(place: Place, open_tab: OpenTab) -> None:
    (a,) = place.add("cat")
    board = place.studio.board("warm", [a])
    tab = open_tab()
    box = tab.box(board)
    corner = box["x"] + box["width"] - 3, box["y"] + box["height"] - 3
    tab.move(corner)
    tab.drag(corner, (corner[0] + 100, corner[1] + 60))
    tab.settled()
    assert boards(place)[0].width > 480
    assert place.studio.node(a).x == 0
    tab.key("Control+z")
    tab.wait_for_row("boards", board, width=400)


@pytest.mark.parametrize("way", ["key", "double click", "escape", "click elsewhere"])
def test_a_note_is_written_where_it_belongs(place: Place, open_tab: OpenTab, way: str) -> None:
    place.add("cat")
    tab = open_tab()
    if way == "double click":
        tab.double_click((300, 600))
    else:
        tab.key("n")
    words = tab.dialog("Note").get_by_role("textbox", name="Note")
    words.fill("more fog here")
    match way:
        case "escape":
            words.press("Escape")
        case "click elsewhere":
            tab.page.mouse.click(20, 780)
        case _:
            words.press("Control+Enter")
    tab.wait_for_ui(popup=None)
    tab.settled()
    (note,) = [row for row in place.studio.snapshot().rows if isinstance(row, Note)]
    assert note.text == "more fog here"
    tab.labels("of-note").filter(has_text="more fog here").wait_for()
    if way == "double click":
        assert tab.at(note.x, note.y) == pytest.approx((300, 600), abs=1)
    tab.key("Control+z")
    tab.wait_for_rows("notes", 0)


def test_a_note_without_words_is_none(place: Place, open_tab: OpenTab) -> None:
    place.add("cat")
    tab = open_tab()
    tab.key("n")
    tab.dialog("Note").get_by_role("textbox", name="Note").press("Escape")
    tab.wait_for_ui(popup=None)
    tab.settled()
    assert tab.rows("notes") == []
    tab.key("n")
    tab.dialog("Note").get_by_role("textbox", name="Note").fill("fog")
    tab.key("Escape")
    tab.wait_for_rows("notes", 1)
    tab.key("Enter")
    tab.dialog("Note").get_by_role("textbox", name="Note").fill("")
    tab.key("Escape")
    tab.wait_for_rows("notes", 0)
    tab.key("Control+z")
    tab.wait_for_rows("notes", 1)


@pytest.mark.parametrize("key", ["l", "g"])
def test_typing_replaces_the_name_that_a_thing_had(place: Place, open_tab: OpenTab, key: str) -> None:
    (cat,) = place.add("cat")
    tab = open_tab()
    tab.select(cat)
    tab.key(key)
    tab.dialog("Name").wait_for()
    tab.page.keyboard.type("Moods")
    tab.key("Enter")
    tab.wait_for_ui(popup=None)
    tab.settled()
    table, field = ("nodes", "label") if key == "l" else ("boards", "name")
    assert [row[field] for row in tab.rows(table)] == ["Moods"]


def test_labels_and_stars(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(a)
    tab.key("l")
    name = tab.dialog("Name").get_by_role("textbox", name="Name")
    name.fill("the cat")
    name.press("Enter")
    tab.wait_for_ui(popup=None)
    tab.key("Shift+4")
    tab.wait_for_row("nodes", a, label="the cat", rating=4)
    tab.labels("of-node").filter(has_text="the cat  ★★★★").wait_for()
    tab.select(b)
    tab.sheet("Inspector").get_by_role("button", name="2 stars").click()
    tab.settled()
    assert (place.studio.node(a).label, place.studio.node(a).rating) == ("the cat", 4)
    assert place.studio.node(b).rating == 2
    tab.key("Control+z", "Control+z", "Control+z")
    tab.wait_for_row("nodes", a, label="cat", rating=0)


def test_find_goes_to_what_is_called_so(place: Place, open_tab: OpenTab) -> None:
    _a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(b)
    tab.key("f", "Control+f")
    tab.page.get_by_role("combobox", name=re.compile("Find")).fill("ca")
    found = tab.page.get_by_role("option").filter(has_text="cat")
    found.first.wait_for()
    tab.key("Enter")
    tab.wait_for_ui(popup=None)
    (only,) = selected(tab)
    assert place.studio.node(only).label == "cat"
    box = tab.box(only)
    assert box["x"] > 0
    assert box["x"] + box["width"] < 1280


# Crops


@pytest.mark.parametrize("way", ["mouse", "keys"])
def test_a_double_click_reframes_the_crop(place: Place, open_tab: OpenTab, way: str) -> None:
    (a,) = place.add("rocket")
    tab = open_tab()
    tab.drawn()
    before = tab.pixels_of(a)
    framed = tab.rows("nodes")[0]["framed"]
    if way == "mouse":
        tab.double_click(tab.middle(a))
        window = tab.dialog("Reframe “rocket”")
        part = window.get_by_role("button", name=re.compile("The part that is shown"))
        box = part.bounding_box()
        assert box is not None
        tab.move((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
        tab.page.mouse.wheel(0, -300)
        tab.wait(
            "width => document.querySelector('dialog[open] [aria-label^=\"The part that is shown\"]').getBoundingClientRect().width < width - 1",
            box["width"],
        )
        window.get_by_role("button", name="Reframe").click()
    else:
        tab.select(a)
        tab.key("Enter")
        part = tab.page.get_by_role("button", name=re.compile("The part that is shown"))
        for key in ("+", "+", "+", "+", "ArrowUp"):
            part.press(key)
        tab.dialog("Reframe “rocket”").get_by_role("button", name="Reframe").press("Enter")
    tab.wait("([key, hash]) => window.forkframe.app.doc.nodes.get(key).framed !== hash", [a, framed])
    assert tab.rows("nodes")[0]["crop"]["zoom"] > 1.3
    tab.click(FREE)
    tab.drawn()
    assert abs(tab.pixels_of(a).astype(int) - before).mean() > 3
    tab.key("Control+z")
    tab.wait_for_row("nodes", a, framed=framed)


def test_the_first_picture_proposes_the_aspect_of_the_workspace(place: Place, open_tab: OpenTab) -> None:
    place.add("cat")
    tab = open_tab()
    box = tab.box(tab.rows("nodes")[0]["id"])
    assert box["width"] / box["height"] == pytest.approx(320 / 192, rel=0.01)


# Maps


@pytest.mark.parametrize("way", ["M", "Shift+M", "toolbar"])
def test_a_map_glides_in_and_back_and_moves_nothing(place: Place, open_tab: OpenTab, way: str) -> None:
    keys = place.add("cat", "coffee", "rocket", "galaxies")
    before = place.studio.snapshot().seq, places_of(place, *keys)
    tab = open_tab()
    tab.key("0")
    homes = [tab.middle(key) for key in keys]
    if way == "toolbar":
        tab.page.get_by_role("radio", name="Map by composition").check(force=True)
    else:
        tab.key(way)
    tab.wait("() => window.forkframe.canvas.debug().lens === 1")
    tab.wait_for_ui(lens="style" if way == "Shift+M" else "composition")
    assert any(tab.middle(key) != pytest.approx(home, abs=2) for key, home in zip(keys, homes, strict=True))
    x, y = tab.middle(keys[0])
    tab.drag((x, y), (x + 40, y + 90))
    assert tab.middle(keys[0]) == pytest.approx((x + 40, y + 90), abs=1)  # the view
    assert selected(tab) == set()
    if way == "toolbar":
        tab.page.get_by_role("radio", name="Your layout").check(force=True)
        tab.page.locator("#field").focus()
    else:
        tab.key(way)
    tab.wait("() => window.forkframe.canvas.debug().lens === 0")
    assert (place.studio.snapshot().seq, places_of(place, *keys)) == before
    tab.click(FREE)
    tab.key("0")
    for key, home in zip(keys, homes, strict=True):
        assert tab.middle(key) == pytest.approx(home, abs=2)


def test_in_a_map_names_are_shown_where_there_is_room(place: Place, open_tab: OpenTab) -> None:
    names = {"cat", "coffee", "rocket", "galaxies"}
    keys = place.add(*names)
    tab = open_tab()
    tab.key("m")
    tab.wait("() => window.forkframe.canvas.debug().lens === 1")
    spread = {key: (400.0 * place, 0.0) for place, key in enumerate(keys)}
    show = """(places) => {
      const { app } = window.forkframe;
      app.store.set({ lens: new Map(Object.entries(places).map(([id, [x, y]]) => [id, { x, y }])) });
    }"""
    tab.ask(show, spread)
    tab.key("0")
    tab.wait("() => document.querySelectorAll('.field-label.of-node').length === 4")
    assert set(tab.labels("of-node").all_text_contents()) == names
    tab.ask(show, {**spread, keys[1]: (0.0, 120.0)})  # below the first, where its name would be
    tab.wait("() => document.querySelectorAll('.field-label.of-node').length === 3")
    assert place.studio.node(keys[0]).label not in tab.labels("of-node").all_text_contents()


def test_keys_go_on_working_after_a_click_in_the_toolbar(place: Place, open_tab: OpenTab) -> None:
    place.add("cat", "coffee")
    tab = open_tab()
    tab.page.get_by_role("radio", name="Map by composition").check(force=True)
    tab.wait("() => window.forkframe.canvas.debug().lens === 1")
    tab.key("m")
    assert tab.ui()["lens"] is None


# What happened


def test_the_log_says_what_was_done_and_buttons_take_it_back(place: Place, open_tab: OpenTab) -> None:
    a, _b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(a)
    tab.key("Shift+3", "h")
    sheet = tab.sheet("History")
    sheet.get_by_role("button", name=re.compile("cat")).first.wait_for()
    lines = sheet.get_by_role("listitem")
    lines.first.filter(has_text="you").wait_for()
    tab.page.get_by_role("toolbar", name="Tools").get_by_role("button", name="Undo").click()
    tab.wait_for_row("nodes", a, rating=0)
    lines.first.filter(has_text=re.compile("undid|took back|undo", re.I)).wait_for()
    sheet.get_by_role("button", name="Redo").click()
    tab.wait_for_row("nodes", a, rating=3)
    assert place.studio.node(a).rating == 3
    lines.filter(has_text="added").get_by_role("button").click()
    assert a in selected(tab)


def test_how_a_picture_was_made_can_be_read_copied_and_run_again(place: Place, open_tab: OpenTab) -> None:
    (a,) = place.add("cat")
    (made,) = (view.id for view in place.studio.vary(a, count=1, seed=7, strength=0.3))
    tab = open_tab()
    tab.select(made)
    tab.key("Shift+I")
    window = tab.dialog(re.compile("^How .* was made$"))
    command = place.studio.recipe_of(made).command
    window.get_by_text(command).wait_for()
    assert "forkframe vary" in command
    assert "--seed 7" in command
    window.get_by_role("button", name="Copy as command line").click()
    tab.page.get_by_text("Copied").wait_for()
    assert tab.ask("() => navigator.clipboard.readText()") == command
    window.get_by_role("button", name="Run again with one change").click()
    again = tab.dialog("Vary “cat”")
    expect(again.get_by_role("spinbutton", name="Seed")).to_have_value("7")
    again.get_by_role("spinbutton", name="Seed").fill("8")
    again.get_by_role("radio", name="1", exact=True).check()
    again.get_by_role("button", name="Make 1 variation").click()
    (row,) = tab.wait_for_rows("candidates", 1)
    recipe = place.studio.recipe_of(row["id"])
    assert (recipe.seed, recipe.parameters["strength"]) == (8, 0.3)


# Jobs


def test_jobs_are_listed_cancelled_and_tried_again(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    failing = quick_edge(place.studio, a, b, mishap="fail")
    with pytest.raises(Exception, match="asked to fail"):
        place.studio.jobs.wait(failing, timeout=60)
    slow = quick_edge(place.studio, b, a, step=5.0)
    tab = open_tab()
    tab.key("j")
    sheet = tab.sheet("Jobs")
    running = sheet.get_by_role("region", name=re.compile("Running|Waiting"))
    running.get_by_role("button", name="Cancel").click()
    running.wait_for(state="detached")
    assert place.studio.jobs.named(slow)[0].state == "cancelled"
    failed = sheet.get_by_role("region", name=re.compile("Failed"))
    failed.get_by_text("the fake engine was asked to fail").wait_for()
    failed.get_by_role("button", name="Why").click()
    failed.get_by_role("listitem").filter(has_text="asked for").first.wait_for()
    failed.get_by_role("button", name="Retry").click()
    tab.wait(
        "() => [...window.forkframe.app.jobs().values()].some((job) => job.story.join().includes('time 2'))"
    )
    failed.get_by_text("the fake engine was asked to fail").wait_for()


def test_the_queue_can_be_paused_and_goes_on(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.key("j")
    sheet = tab.sheet("Jobs")
    sheet.get_by_role("button", name="Pause all").click()
    sheet.get_by_role("button", name="Resume all").wait_for()
    edge = quick_edge(place.studio, a, b, strength=0.5)
    sheet.get_by_role("region", name=re.compile("Paused")).wait_for()
    assert place.studio.edge(edge).state == "none"
    sheet.get_by_role("button", name="Resume all").click()
    tab.wait("key => window.forkframe.app.doc.edges.get(key).active", edge)
    assert place.studio.edge(edge).state == "ready"
