"""A picture that moves, an edge in another style, a mix of pictures: by key and pointer, and taken back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Place
from tests.e2e.tab import Tab


def test_a_picture_begins_to_move_towards_the_place_that_was_clicked(
    place: Place, open_tab: Callable[..., Tab]
) -> None:
    (cat,) = place.add("cat")
    tab = open_tab()
    tab.select(cat)
    tab.key("a")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Animate")
    pad = dialog.get_by_role("button", name="click the place")
    box = pad.bounding_box()
    assert box
    pad.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    expect(dialog.locator(".point-pad i")).to_be_visible()
    dialog.get_by_label("Seconds").fill("1")
    dialog.get_by_role("button", name="Animate", exact=True).click()
    (edge,) = tab.wait_for_rows("edges", 1)
    assert edge["source"] == cat
    assert edge["frames"] == int(place.studio.show().fps) + 1
    recipe = place.studio.recipe_of(edge["id"])
    assert recipe.operation == "animate"
    assert recipe.parameters["camera"] == "push in"
    x, y = recipe.parameters["towards"]  # type: ignore[misc]
    assert abs(x - 0.25) < 0.02
    assert abs(y - 0.75) < 0.02
    tab.wait("id => window.forkframe.app.ui().selection.has(id)", edge["id"])
    tab.key("Control+z")
    tab.wait_for_rows("edges", 0)
    tab.wait_for_rows("nodes", 1)


def test_an_edge_gets_a_twin_in_another_style_that_moves_as_it_does(
    place: Place, open_tab: Callable[..., Tab]
) -> None:
    cat, coffee = place.add("cat", "coffee")
    edge = place.studio.connect(cat, coffee, seconds=1).id
    place.studio.wait(edge)
    tab = open_tab()
    tab.select(edge)
    tab.key("r")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_label("The look, in words").fill("noir")
    dialog.get_by_role("button", name="Make its twin").click()
    rows = {row["id"]: row for row in tab.wait_for_rows("edges", 2)}
    (twin,) = rows.keys() - {edge}
    assert {rows[twin]["source"], rows[twin]["target"]}.isdisjoint({cat, coffee})
    assert len(rows[twin]["motion"]) == 2
    tab.wait("id => window.forkframe.app.ui().selection.has(id)", twin)
    place.studio.wait(twin)
    tab.wait_for_row("edges", twin, active=place.studio.edge(twin).takes[0].id)
    tab.key("Control+z")
    tab.wait_for_rows("nodes", 2)


def test_two_pictures_are_mixed_by_weight_or_one_in_the_style_of_the_other(
    place: Place, open_tab: Callable[..., Tab]
) -> None:
    cat, coffee = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(cat, coffee)
    tab.key("w")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_label("cat").fill("0.75")
    dialog.get_by_label("coffee").fill("0.25")
    expect(dialog).to_contain_text("75 %")
    dialog.get_by_role("button", name="Mix", exact=True).click()
    blend = tab.wait_for_rows("nodes", 3)[-1]["id"]
    inputs = place.studio.recipe_of(blend).inputs
    assert [(i.node, i.weight) for i in inputs] == [(cat, 0.75), (coffee, 0.25)]
    tab.select(cat, coffee)
    tab.key("w")
    dialog.get_by_role("radio", name="Style of the other").check()
    dialog.get_by_role("button", name="The other way round").click()
    dialog.get_by_role("button", name="Mix", exact=True).click()
    styled = tab.wait_for_rows("nodes", 4)[-1]["id"]
    recipe = place.studio.recipe_of(styled)
    assert [i.node for i in recipe.inputs] == [coffee, cat]
    assert (recipe.parameters["composition"], recipe.parameters["style"]) == (0, 1)
