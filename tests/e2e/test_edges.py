"""Threads between pictures: making them, their takes, their failures, and finding each of several."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.e2e.conftest import Place
from tests.e2e.tab import PATIENCE, Tab, quick_edge
from tests.pictures import PHOTOGRAPHS

OpenTab = Callable[..., Tab]


def ends(place: Place) -> set[tuple[str, str]]:
    """Where the workspace's edges start and end."""
    return {(view.source, view.target) for view in place.studio.show().edges}


# Connecting


def test_by_keys_a_thread_is_led_to_a_neighbour_and_escape_gives_it_up(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(a)
    tab.key("c")
    tab.wait_for_ui(connecting=a)
    tab.page.get_by_text("A thread from cat").wait_for()
    tab.key("Escape")
    tab.wait_for_ui(connecting=None)
    tab.key("c", "ArrowRight", "Enter")
    tab.wait_for_rows("edges", 1)
    tab.settled()
    assert ends(place) == {(a, b)}
    tab.select(a)
    tab.key("c", "ArrowRight")
    tab.wait_for_ui(focus=b)  # not the edge on the way
    tab.key("Enter")
    tab.wait_for_rows("edges", 2)
    tab.key("Control+z", "Control+z")
    tab.wait_for_rows("edges", 0)


def test_two_that_are_selected_are_connected_at_once(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(b, a)
    tab.key("c")
    tab.wait_for_rows("edges", 1)
    tab.settled()
    assert ends(place) == {(b, a)}


def test_a_thread_let_go_of_over_nothing_leads_to_a_variation(place: Place, open_tab: OpenTab) -> None:
    (a,) = place.add("cat")
    tab = open_tab()
    tab.move(tab.middle(a))
    tab.drag(tab.handle(a), (1100, 650))
    there = tab.ask("() => window.forkframe.app.ui().popup.at")
    tab.dialog("Lead this thread to").get_by_role("button", name="A variation").click()
    window = tab.dialog("Vary “cat”")
    window.get_by_role("radio", name="1", exact=True).check()
    window.get_by_role("button", name="Make 1 variation").click()
    tab.wait_for_rows("candidates", 1)
    tab.click(tab.middle(a))
    tab.key("ArrowDown", "k")
    (edge,) = tab.wait_for_rows("edges", 1)
    tab.settled()
    kept = place.studio.node(edge["target"])
    assert ends(place) == {(a, kept.id)}
    assert (kept.x, kept.y) == pytest.approx((there["x"], there["y"]), abs=1)


@pytest.mark.parametrize("choice", ["a picture that is here", "a file"])
def test_a_thread_let_go_of_over_nothing_leads_to_a_picture(
    place: Place, open_tab: OpenTab, choice: str
) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.move(tab.middle(a))
    tab.drag(tab.handle(a), (700, 650))
    window = tab.dialog("Lead this thread to")
    if choice == "a file":
        window.get_by_label("A picture from a file").set_input_files(PHOTOGRAPHS / "rocket.jpg")
        tab.wait_for_rows("nodes", 3)
    else:
        window.get_by_role("button", name="A picture that is here").click()
        tab.page.get_by_role("combobox", name="Connect to").fill("coff")
        tab.key("Enter")
    (edge,) = tab.wait_for_rows("edges", 1)
    tab.settled()
    target = place.studio.node(edge["target"])
    if choice == "a file":
        assert (target.label, target.x > 0, target.y > 0) == ("rocket", True, True)
    else:
        assert target.id == b


# Takes


def test_another_take_is_rendered_compared_and_chosen(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b)
    tab = open_tab()
    tab.click(tab.edge_at(edge))
    tab.move((100, 700))
    sheet = tab.sheet("Inspector")
    sheet.get_by_role("button", name="Engine and parameters").click()
    sheet.get_by_role("button", name="Another take").click()
    first, second = tab.wait_for_rows("takes", 2)
    takes = sheet.get_by_role("button", name=re.compile(r"Take \d"))
    takes.nth(1).click()
    tab.wait_for_row("edges", edge, active=second["id"])
    tab.settled()
    assert [take.active for take in place.studio.edge(edge).takes] == [False, True]

    tab.double_click(tab.edge_at(edge))
    window = tab.dialog(re.compile("Takes of"))
    left, right = window.get_by_role("img", name="Take 1"), window.get_by_role("img", name="Take 2")
    tab.wait("() => document.querySelectorAll('dialog canvas:not([data-missing])').length === 2")
    slider = window.get_by_role("slider", name="Place in both takes")
    slider.fill("0")
    start = left.screenshot(), right.screenshot()
    slider.fill("0.9")
    for image, before in zip((left, right), start, strict=True):
        tab.looks_other(before, image)
    window.get_by_role("button", name="Show this one").click()
    tab.wait_for_row("edges", edge, active=first["id"])
    tab.settled()
    assert [take.active for take in place.studio.edge(edge).takes] == [True, False]
    tab.key("Escape")
    tab.wait_for_ui(popup=None)
    tab.key("Control+z")
    tab.wait_for_row("edges", edge, active=second["id"])


def test_the_duration_of_a_thread_can_be_set(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b)
    tab = open_tab()
    tab.click(tab.edge_at(edge))
    tab.move((100, 700))
    box = tab.sheet("Inspector").get_by_role("spinbutton", name="Duration in seconds")
    box.fill("1.5")
    box.press("Enter")
    tab.wait_for_row("edges", edge, frames=37)
    tab.settled()
    assert place.studio.edge(edge).seconds == 1.5
    tab.click((100, 700))
    tab.key("Control+z")
    tab.wait_for_row("edges", edge, frames=13)


def test_a_duration_that_was_set_by_keys_is_taken_back_by_keys(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b)
    tab = open_tab()
    tab.click(tab.edge_at(edge))
    tab.move((100, 700))
    box = tab.sheet("Inspector").get_by_role("spinbutton", name="Duration in seconds")
    box.fill("1.5")
    box.press("Enter")
    tab.wait_for_row("edges", edge, frames=37)
    tab.settled()
    with tab.page.expect_request("**/undo*", timeout=PATIENCE):
        tab.key("Escape", "Control+z")


# Trouble


def test_a_failed_thread_says_why_and_offers_to_try_again(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b, mishap="fail")
    tab = open_tab()
    tab.click(tab.edge_at(edge))
    tab.move((100, 700))
    sheet = tab.sheet("Inspector")
    state = sheet.get_by_role("status")
    state.get_by_text("the fake engine was asked to fail").wait_for()
    tab.labels("of-edge").filter(has_text="failed").wait_for()
    state.get_by_role("button", name="Retry").click()
    tab.wait(
        "() => [...window.forkframe.app.jobs().values()].some((job) => job.story.join().includes('time 2'))"
    )
    state.get_by_text("the fake engine was asked to fail").wait_for()
    assert place.studio.edge(edge).state == "failed"
    sheet.get_by_role("button", name="Engine and parameters").click()
    sheet.get_by_role("button", name="Another take").click()
    tab.wait("key => window.forkframe.app.doc.edges.get(key).active", edge)
    assert place.studio.edge(edge).state == "ready"
    state.get_by_text("the fake engine was asked to fail").wait_for(state="detached")


def test_a_thread_that_is_being_drawn_shows_how_far_it_is_and_can_be_cancelled(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b, step=5.0)
    tab = open_tab()
    tab.click(tab.edge_at(edge))
    tab.move((100, 700))
    state = tab.sheet("Inspector").get_by_role("status")
    state.get_by_role("progressbar").wait_for()
    tab.labels("of-edge").filter(has_text=re.compile("drawing|queued")).wait_for()
    state.get_by_role("button", name="Cancel").click()
    tab.wait("() => [...window.forkframe.app.jobs().values()].every((job) => job.state === 'cancelled')")
    assert place.studio.edge(edge).takes == ()


def test_choosing_a_thread_that_is_not_drawn_yet_is_no_error(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    edge = quick_edge(place.studio, a, b, step=5.0)
    tab = open_tab()
    tab.click(tab.edge_at(edge))
    tab.sheet("Inspector").get_by_role("progressbar").wait_for()
    with tab.page.expect_response(f"**/recipe/{a}"):
        tab.click(tab.middle(a))
    assert tab.ui()["toasts"] == []
    assert tab.faults == []


# Finding each of several


@pytest.mark.parametrize("zoomed_out", [0, 4])
def test_parallel_and_opposite_threads_lie_apart_and_each_is_hit(
    place: Place, open_tab: OpenTab, zoomed_out: int
) -> None:
    a, b = place.add("cat", "coffee")
    edges = [quick_edge(place.studio, *pair) for pair in ((a, b), (b, a), (a, b))]
    tab = open_tab()
    for _ in range(zoomed_out):
        tab.key("-")
    if not zoomed_out:
        tiles = sorted((tab.box(edge) for edge in edges), key=lambda box: box["y"])
        assert all(one["y"] + one["height"] <= other["y"] for one, other in pairwise(tiles))
    left, right = tab.box(a), tab.box(b)
    gap = right["x"] - left["x"] - left["width"]
    across = left["x"] + left["width"] + gap / 2
    middle = left["y"] + left["height"] / 2
    reach = round(left["height"] * 1.6) + 30
    hits = tab.what_is_under([(across, middle + dy) for dy in range(-reach, reach)])
    widths = {edge: hits.count(f"edge {edge}") for edge in edges}
    assert all(width >= 8 for width in widths.values()), widths
    runs = [hit for hit, before in zip(hits[1:], hits, strict=False) if hit != before and hit]
    assert len(runs) == 3  # one band each, none inside another
