"""The first gestures, as a person does them: pictures in, moving about, connecting, branching."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.e2e.conftest import Place
from tests.e2e.tab import PATIENCE, Tab, drop, drop_path, paste, quick_edge
from tests.pictures import PHOTOGRAPHS, save_blobs

OpenTab = Callable[..., Tab]

CAT = PHOTOGRAPHS / "cat.jpg"
FREE = (150, 420)
"""A point of the page on which nothing lies, even when the workspace is empty."""


# Pictures in


def test_a_dropped_picture_is_there_at_once_and_its_own_pixels_are_where_it_was_dropped(
    place: Place, open_tab: OpenTab
) -> None:
    place.add("cat")
    tab = open_tab()
    drop(tab, [("coffee.jpg", (PHOTOGRAPHS / "coffee.jpg").read_bytes())], FREE)
    assert tab.ask("() => window.forkframe.app.arrivals().length + window.forkframe.app.doc.nodes.size") == 2
    *_, node = tab.wait_for_rows("nodes", 2)
    assert place.studio.node(node["id"]).label == "coffee"
    x, y = tab.middle(node["id"])
    assert abs(x - FREE[0]) < 3
    assert abs(y - FREE[1]) < 3
    tab.drawn()
    shown = tab.pixels_of(node["id"])
    path = place.studio.pixels_path(node["framed"])
    assert path is not None
    with Image.open(path) as framed:
        wanted = np.asarray(framed.convert("RGB").resize(shown.shape[1::-1], Image.Resampling.BOX))
    inner = (slice(12, -12), slice(12, -12))
    end = (
        time.monotonic() + PATIENCE / 1000
    )  # until then it may be the browser's own copy, which is not framed yet
    while np.abs(tab.pixels_of(node["id"])[inner].astype(int) - wanted[inner]).mean() >= 6:
        assert time.monotonic() < end


def test_the_first_picture_of_all_stays_where_it_was_dropped(place: Place, open_tab: OpenTab) -> None:
    tab = open_tab()
    drop(tab, [("cat.jpg", CAT.read_bytes())], FREE)
    (node,) = tab.wait_for_rows("nodes", 1)
    assert tab.middle(node["id"]) == pytest.approx(FREE, abs=3)


def test_pictures_can_be_dropped_onto_the_words_that_ask_for_them(place: Place, open_tab: OpenTab) -> None:
    tab = open_tab()
    words = tab.page.get_by_role("heading", name="Drop pictures here").bounding_box()
    assert words is not None
    drop(tab, [("cat.jpg", CAT.read_bytes())], (words["x"] + 20, words["y"] + 10))
    assert tab.ask("() => window.forkframe.app.arrivals().length + window.forkframe.app.doc.nodes.size") == 1


def test_twenty_pictures_are_placed_apart_and_undo_takes_all_of_them_back(
    place: Place, open_tab: OpenTab, tmp_path: Path
) -> None:
    pictures = [save_blobs(tmp_path / f"{seed}.png", seed=seed) for seed in range(20)]
    tab = open_tab()
    drop(tab, [(path.name, path.read_bytes()) for path in pictures], FREE)
    assert tab.ask("() => window.forkframe.app.arrivals().length") == 20
    tab.wait_for_rows("nodes", 20)
    nodes = place.studio.show().nodes
    assert {node.label for node in nodes} == {path.stem for path in pictures}
    apart = [(abs(a.x - b.x), abs(a.y - b.y)) for a in nodes for b in nodes if a.id < b.id]
    assert all(dx >= 240 or dy >= 144 for dx, dy in apart)
    tab.wait("() => window.forkframe.app.arrivals().length === 0")
    tab.key("Control+z")
    tab.wait_for_rows("nodes", 0)
    assert place.studio.show().nodes == ()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_or_a_folder_of_the_disk_can_be_dropped(
    place: Place, open_tab: OpenTab, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    picture = save_blobs(folder / "blobs.png")
    tab = open_tab()
    drop_path(tab, folder if what == "folder" else picture, FREE)
    tab.wait_for_rows("nodes", 1)
    assert [view.label for view in place.studio.show().nodes] == ["blobs"]


def test_of_several_files_the_bad_ones_are_named_and_the_good_ones_are_added(
    place: Place, open_tab: OpenTab
) -> None:
    tab = open_tab()
    good = CAT.read_bytes()
    drop(tab, [("cat.jpg", good), ("torn.jpg", good[:2000]), ("notes.txt", b"no picture")], FREE)
    messages = tab.page.get_by_role("region", name="Messages")
    messages.get_by_text("torn.jpg").wait_for()
    messages.get_by_text("notes.txt is no picture").wait_for()
    tab.wait_for_rows("nodes", 1)
    assert [view.label for view in place.studio.show().nodes] == ["cat"]
    tab.forgive("status of 422")


@pytest.mark.parametrize("way", ["button", "key"])
def test_pictures_can_be_chosen_from_files(place: Place, open_tab: OpenTab, way: str) -> None:
    place.add("coffee")
    tab = open_tab()
    with tab.page.expect_file_chooser() as chooser:
        tab.ask("() => 1")  # the page has heard by then that its choosers are wanted
        if way == "key":
            tab.key("o")
        else:
            tab.page.get_by_role("button", name="Add pictures").click()
    chooser.value.set_files([CAT])
    tab.wait_for_rows("nodes", 2)
    assert sorted(view.label for view in place.studio.show().nodes) == ["cat", "coffee"]


def test_a_picture_is_pasted_where_the_pointer_is(place: Place, open_tab: OpenTab) -> None:
    png = BytesIO()
    with Image.open(CAT) as image:
        image.resize((160, 96)).save(png, "PNG")
    place.add("coffee")
    tab = open_tab()
    tab.move((300, 650))
    paste(tab, png.getvalue())
    nodes = tab.wait_for_rows("nodes", 2)
    x, y = tab.middle(nodes[-1]["id"])
    assert abs(x - 300) < 3
    assert abs(y - 650) < 3
    tab.key("Control+z")
    tab.wait_for_rows("nodes", 1)


# Moving about


def test_dragging_a_node_moves_it_once_and_undo_puts_it_back(place: Place, open_tab: OpenTab) -> None:
    a, _b = place.add("cat", "coffee")
    tab = open_tab()
    before = place.studio.snapshot().seq
    x, y = tab.middle(a)
    tab.drag((x, y), (x + 30, y + 160))
    tab.settled()
    assert place.studio.node(a).y > 100
    assert place.studio.snapshot().seq == before + 1
    assert place.studio.show().edges == ()
    tab.key("Control+z")
    tab.wait_for_row("nodes", a, y=0)
    assert place.studio.node(a).y == 0
    tab.key("Control+Shift+z")
    tab.wait("key => window.forkframe.app.doc.nodes.get(key).y > 100", a)


def test_escape_takes_back_a_drag_in_progress(place: Place, open_tab: OpenTab) -> None:
    a, _b = place.add("cat", "coffee")
    tab = open_tab()
    before = place.studio.snapshot().seq
    x, y = tab.middle(a)
    tab.drag((x, y), (x + 30, y + 160), before_release=lambda: tab.key("Escape"))
    assert abs(tab.middle(a)[1] - y) < 1
    assert place.studio.snapshot().seq == before


def test_arrow_keys_walk_and_with_alt_they_nudge(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(a)
    tab.key("ArrowRight")
    tab.wait_for_ui(selection=[b], focus=b)
    tab.key("Alt+ArrowDown", "Alt+Shift+ArrowRight")
    tab.settled()
    assert (place.studio.node(b).x, place.studio.node(b).y) == (521, 10)
    tab.key("Control+z", "Control+z")
    tab.wait_for_row("nodes", b, x=520, y=0)


@pytest.mark.parametrize("on", ["a picture", "an edge", "empty canvas"])
@pytest.mark.parametrize("way", ["middle", "space"])
def test_with_space_or_the_middle_button_a_drag_pans_whatever_lies_there(
    place: Place, open_tab: OpenTab, way: str, on: str
) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b)
    tab = open_tab()
    seq = place.studio.snapshot().seq
    before = tab.middle(a)
    x, y = {"a picture": before, "an edge": tab.edge_at(edge), "empty canvas": (400, 700)}[on]
    if way == "middle":
        tab.drag((x, y), (x + 30, y - 60), (x + 70, y - 50), button="middle")
    else:
        tab.drag((x, y), (x + 30, y - 60), (x + 70, y - 50), holding="Space")
    assert tab.middle(a) == pytest.approx((before[0] + 70, before[1] - 50), abs=1)
    tab.settled()
    assert place.studio.snapshot().seq == seq
    assert tab.ui()["selection"] == []
    assert tab.ui()["tray"] is None
    # Afterwards a drag is a drag again.
    x, y = tab.middle(b)
    tab.drag((x, y), (x, y + 80))
    tab.settled()
    assert place.studio.node(b).y > 50


@pytest.mark.parametrize("way", ["wheel", "middle", "space", "key"])
def test_the_view_pans_and_zooms_to_the_pointer(place: Place, open_tab: OpenTab, way: str) -> None:
    a, _b = place.add("cat", "coffee")
    tab = open_tab()
    x, y = tab.middle(a)
    wide = tab.box(a)["width"]
    free = (400, 700)
    match way:
        case "wheel":
            tab.move((x, y))
            tab.page.mouse.wheel(-40, 60)
            tab.wait(
                "([key, y]) => Math.abs(window.forkframe.canvas.boxOf(key).y - y) < 1", [a, tab.box(a)["y"]]
            )
            panned = tab.middle(a)
            assert (round(panned[0] - x), round(panned[1] - y)) == (40, -60)
            tab.move(panned)
            tab.page.keyboard.down("Control")
            tab.page.mouse.wheel(0, -120)
            tab.page.keyboard.up("Control")
            tab.wait("([key, w]) => window.forkframe.canvas.boxOf(key).width > w * 1.1", [a, wide])
            zoomed = tab.middle(a)
            assert abs(zoomed[0] - panned[0]) < 2
            assert abs(zoomed[1] - panned[1]) < 2
        case "middle":
            tab.drag(free, (free[0] + 70, free[1] - 50), button="middle")
            assert tab.middle(a) == pytest.approx((x + 70, y - 50), abs=1)
        case "space":
            tab.drag(free, (free[0] + 70, free[1] - 50), holding="Space")
            assert tab.middle(a) == pytest.approx((x + 70, y - 50), abs=1)
        case _:
            tab.key("+")
            assert tab.box(a)["width"] == pytest.approx(wide * 1.25, rel=0.01)
            tab.key("-")
            assert tab.box(a)["width"] == pytest.approx(wide, rel=0.01)
    assert place.studio.node(a).x == 0


@pytest.mark.parametrize("key", ["f", "0"])
def test_fit_brings_into_view_what_is_chosen_or_everything(place: Place, open_tab: OpenTab, key: str) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(a)
    for _ in range(4):
        tab.key("-")
    tab.key(key)
    assert tab.box(a)["x"] > 0
    if key == "f":
        assert tab.box(a)["width"] > 300
    else:
        assert tab.box(b)["x"] + tab.box(b)["width"] < 1280


# Connecting


def test_a_thread_held_over_a_picture_plays_the_morph_there_and_stays_when_let_go(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab(motion=True)
    tab.move(tab.middle(a))
    between = (tab.middle(a)[0] + tab.middle(b)[0]) / 2, tab.middle(a)[1]

    def plays() -> None:
        tab.drawn()
        tab.changes_at(between)
        assert place.studio.show().edges == ()

    with tab.page.expect_response("**/preview*"):
        tab.drag(tab.handle(a), tab.middle(b), before_release=plays)
    (edge,) = tab.wait_for_rows("edges", 1)
    assert (edge["source"], edge["target"]) == (a, b)
    tab.wait("key => window.forkframe.app.doc.edges.get(key).active", edge["id"])
    assert place.studio.wait(edge["id"], timeout=60).state == "ready"
    tab.key("Control+z")
    tab.wait_for_rows("edges", 0)


def test_resting_on_an_edge_plays_it_moving_along_takes_over_and_leaving_resets(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee")
    edge = place.connect(a, b)
    tab = open_tab()
    tab.move(tab.edge_at(edge))
    tab.wait("edge => window.forkframe.canvas.debug().playing === edge", edge)
    tab.wait("() => window.forkframe.canvas.debug().moving > 0")  # until then it shows both pictures
    tab.move(tab.edge_at(edge, 0.05))
    tab.wait("() => window.forkframe.app.ui().scrub?.t < 0.2")
    tab.drawn()
    first = tab.pixels_of(edge)
    tab.move(tab.edge_at(edge, 0.95))
    tab.wait("() => window.forkframe.app.ui().scrub?.t > 0.8")
    tab.drawn()
    last = tab.pixels_of(edge)
    assert first.shape == last.shape
    assert np.abs(first.astype(int) - last).mean() > 10
    tab.move((100, 700))
    tab.wait_for_ui(scrub=None)


def test_an_edge_that_is_rested_on_runs_by_itself(place: Place, open_tab: OpenTab) -> None:
    edge = place.connect(*place.add("cat", "coffee"))
    tab = open_tab(motion=True)
    tab.move(tab.edge_at(edge))
    early = tab.wait("() => window.forkframe.app.ui().scrub")
    assert early["edge"] == edge
    tab.wait("t => Math.abs(window.forkframe.app.ui().scrub?.t - t) > 0.05", early["t"])


# Branching


@pytest.mark.parametrize("way", ["key", "scissors", "keys only"])
def test_an_edge_is_cut_at_the_moment_it_is_scrubbed_to_and_undo_makes_it_whole(
    place: Place, open_tab: OpenTab, way: str
) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b, seconds=1.0)
    tab = open_tab()
    match way:
        case "key":
            tab.move(tab.edge_at(edge))
            tab.wait("() => window.forkframe.app.ui().scrub")
            tab.move(tab.edge_at(edge, 0.7))
            tab.wait("() => window.forkframe.app.ui().scrub?.t > 0.6")
            at = round(tab.ui()["scrub"]["t"] * 24)
            tab.key("b")
        case "scissors":
            tab.click(tab.edge_at(edge))
            tab.move((100, 700))
            sheet = tab.sheet("Inspector")
            sheet.get_by_role("slider", name="Frame").fill("9")
            at = 9
            sheet.get_by_role("button", name="Branch here").click()
        case _:
            tab.select(a)
            tab.key("ArrowRight")
            tab.wait_for_ui(focus=edge)
            tab.key(".", ".", "Shift+ArrowLeft", ",")
            at = 12 + 2 - 12 - 1
            tab.key("b")
    nodes = tab.wait_for_rows("nodes", 3)
    middle = nodes[-1]
    assert middle["cut"]["edge"] == edge
    assert middle["cut"]["frame"] == at
    halves = place.studio.show().edges
    assert {(half.source, half.target) for half in halves} == {(a, middle["id"]), (middle["id"], b)}
    assert sum(half.frames - 1 for half in halves) == 24
    tab.wait_for_ui(selection=[middle["id"]])
    if way == "keys only":
        tab.key("Shift+b")  # heals it
    else:
        tab.key("Control+z")
    tab.wait_for_rows("nodes", 2)
    assert [view.id for view in place.studio.show().edges] == [edge]
    tab.forgive("/api/strips/", certain=False)  # asked for while undo took the halves away


def test_the_handle_of_a_branch_starts_a_new_thread(place: Place, open_tab: OpenTab) -> None:
    a, b, c = place.add("cat", "coffee", "rocket")
    edge = quick_edge(place.studio, a, b, seconds=1.0)
    place.studio.move({c: (260, 420)})
    branch = place.studio.branch(edge, at=0.5)
    tab = open_tab()
    tab.move(tab.middle(branch.id))
    tab.drag(tab.handle(branch.id), tab.middle(c))
    tab.wait(
        "([a, b]) => [...window.forkframe.app.doc.edges.values()].some((e) => e.source === a && e.target === b)",
        [branch.id, c],
    )
    tab.settled()
    assert (branch.id, c) in {(view.source, view.target) for view in place.studio.show().edges}
