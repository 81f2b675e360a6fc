"""A picture becomes a loop: by key, with what was set, played from the line that says so, and taken back in one step."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Place
from tests.e2e.tab import Tab


def test_a_loop_is_asked_for_by_key_played_at_once_and_taken_back_in_one_step(
    place: Place, open_tab: Callable[..., Tab]
) -> None:
    (cat,) = place.add("cat")
    tab = open_tab()
    tab.messages_stay()
    tab.select(cat)
    tab.key("Shift+A")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Loop “cat”")
    dialog.get_by_label("Seconds a round").fill("2")
    dialog.get_by_label("Seed", exact=True).fill("5")
    dialog.get_by_role("button", name="Loop", exact=True).click()
    (saved,) = tab.wait_for_rows("sequences", 1)
    there, back = tab.wait_for_rows("edges", 2)
    assert saved["name"] == "cat, loop"
    assert [step["edge"] for step in saved["steps"]] == [there["id"], back["id"]]
    assert (there["source"], there["target"]) == (back["target"], back["source"]) == (cat, there["target"])
    assert place.studio.recipe_of(there["target"]).seed == 5
    for edge in (there, back):
        tab.wait("id => window.forkframe.app.ui().selection.has(id)", edge["id"])
    tab.page.get_by_role("button", name="Play it").click()
    tab.wait("() => window.forkframe.app.ui().playing?.what === 'path'")
    for edge in (there, back):
        place.studio.wait(edge["id"])
    tab.key("Escape")
    tab.key("Escape")
    tab.key("Control+z")
    tab.wait_for_rows("sequences", 0)
    tab.wait_for_rows("edges", 0)
    tab.wait_for_rows("nodes", 1)
