"""The first gestures, as a person does them: pictures in, moving about, connecting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.e2e.conftest import Place
from tests.e2e.tab import Tab, drop
from tests.pictures import PHOTOGRAPHS

OpenTab = Callable[..., Tab]


def test_a_dropped_picture_is_there_at_once_and_its_own_pixels_are_where_it_was_dropped(
    place: Place, open_tab: OpenTab
) -> None:
    tab = open_tab()
    drop(tab, [("coffee.jpg", (PHOTOGRAPHS / "coffee.jpg").read_bytes())], (640, 420))
    tab.wait("() => window.forkframe.app.arrivals().length + window.forkframe.app.doc.nodes.size === 1")
    (node,) = tab.wait_for_rows("nodes", 1)
    assert place.studio.node(node["id"]).label == "coffee"
    x, y = tab.middle(node["id"])
    assert abs(x - 640) < 3
    assert abs(y - 420) < 3
    tab.wait("() => window.forkframe.canvas.debug().texturesWaiting === 0")
    shown = tab.pixels_of(node["id"])
    path = place.studio.pixels_path(node["framed"])
    assert path is not None
    with Image.open(path) as framed:
        wanted = np.asarray(framed.convert("RGB").resize(shown.shape[1::-1], Image.Resampling.BOX))
    inner = (slice(12, -12), slice(12, -12))
    assert np.abs(shown[inner].astype(int) - wanted[inner]).mean() < 6


def test_of_several_files_the_bad_ones_are_named_and_the_good_ones_are_added(
    place: Place, open_tab: OpenTab
) -> None:
    tab = open_tab()
    good = (PHOTOGRAPHS / "cat.jpg").read_bytes()
    drop(tab, [("cat.jpg", good), ("torn.jpg", good[:2000]), ("notes.txt", b"no picture")], (640, 400))
    tab.wait_for_rows("nodes", 1)
    tab.wait("() => document.body.innerText.includes('torn.jpg')")
    tab.wait("() => document.body.innerText.includes('notes.txt')")
    assert [view.label for view in place.studio.show().nodes] == ["cat"]


def test_dragging_a_node_moves_it_once_and_undo_puts_it_back(place: Place, open_tab: OpenTab) -> None:
    a, _b = place.add("cat", "coffee")
    tab = open_tab()
    before = place.studio.snapshot().seq
    x, y = tab.middle(a)
    tab.drag((x, y), (x + 30, y + 160))
    tab.wait("key => window.forkframe.app.doc.nodes.get(key).y > 100", a)
    tab.wait("seq => window.forkframe.app.doc.seq === seq", before + 1)
    assert place.studio.node(a).y > 100
    assert place.studio.show().edges == ()
    tab.key("Control+z")
    tab.wait("key => window.forkframe.app.doc.nodes.get(key).y === 0", a)
    assert place.studio.node(a).y == 0


def test_a_thread_held_over_a_picture_plays_the_morph_there_and_stays_when_let_go(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee")
    tab = open_tab()
    tab.move(tab.middle(a))

    def plays() -> None:
        tab.wait("() => window.forkframe.canvas.debug().playing")
        assert place.studio.show().edges == ()

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
    tab.wait("edge => window.forkframe.canvas.debug().playing?.edge === edge", edge)
    tab.move(tab.edge_at(edge, 0.25))
    early = tab.wait("() => window.forkframe.app.ui().scrub")
    tab.move(tab.edge_at(edge, 0.75))
    tab.wait("t => window.forkframe.app.ui().scrub?.t > t", early["t"])
    tab.move((5, 400))
    tab.wait("() => window.forkframe.app.ui().scrub === null")


def test_b_cuts_the_edge_where_it_is_scrubbed(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee")
    edge = place.connect(a, b)
    tab = open_tab()
    tab.move(tab.edge_at(edge, 0.4))
    tab.wait("() => window.forkframe.app.ui().scrub")
    tab.move(tab.edge_at(edge, 0.5))
    tab.key("b")
    nodes = tab.wait_for_rows("nodes", 3)
    middle = nodes[-1]
    assert middle["cut"]["edge"] == edge
    assert 2 <= middle["cut"]["frame"] <= 22
    assert len(place.studio.show().edges) == 2


@pytest.mark.parametrize("key", ["f", "0"])
def test_fit_brings_everything_into_view(place: Place, open_tab: OpenTab, key: str) -> None:
    a, _b = place.add("cat", "coffee")
    tab = open_tab()
    tab.select(a)
    for _ in range(4):
        tab.key("-")
    tab.key(key)
    box = tab.box(a)
    assert box["x"] > 0
    assert box["width"] > (300 if key == "f" else 100)
