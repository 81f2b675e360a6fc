"""Two people in one workspace, each with a tab: what one does the other sees, and both end with what the server has."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import expect

from tests.e2e.conftest import Place
from tests.e2e.tab import Tab

OpenTab = Callable[..., Tab]
TABLES = ("nodes", "edges", "takes", "boards", "sequences", "candidates", "notes")


def rows_of_server(tab: Tab) -> dict[str, dict[str, Any]]:
    """All rows as the server has them, by table and id."""
    workspace = tab.page.request.get(f"{tab.address}/api/workspace").json()
    return {table: {row["id"]: row for row in workspace["tables"][table]} for table in TABLES}


def rows_shown(tab: Tab) -> dict[str, dict[str, Any]]:
    """All rows as a tab shows them, by table and id."""
    return {table: {row["id"]: row for row in tab.rows(table)} for table in TABLES}


def settle(*tabs: Tab) -> None:
    """Waits until nothing is on its way and all tabs know the same last change."""
    for tab in tabs:
        tab.wait("() => window.forkframe.app.store.now.waiting === 0")
    seq = tabs[0].page.request.get(f"{tabs[0].address}/api/workspace").json()["seq"]
    for tab in tabs:
        tab.wait("seq => window.forkframe.app.doc.seq >= seq", seq)


def has_label(tab: Tab, key: str, label: str) -> None:
    """Waits until a node is called so."""
    tab.wait("([key, label]) => window.forkframe.app.doc.nodes.get(key)?.label === label", [key, label])


def test_a_move_an_edge_a_name_and_a_kept_candidate_of_one_appear_at_the_other(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee", gap=360)
    place.studio.propose(a, "vary", count=2)
    ann, ben = open_tab(name="Ann"), open_tab(name="Ben")
    for tab in (ann, ben):
        tab.wait_for_rows("candidates", 2)

    x, y = ann.middle(a)
    ann.drag((x, y), (x + 20, y + 120))
    ben.wait("key => window.forkframe.app.doc.nodes.get(key).y > 80", a)

    ann.drag(ann.handle(a), ann.middle(b))
    (edge,) = ben.wait_for_rows("edges", 1)
    assert (edge["source"], edge["target"]) == (a, b)
    ben.wait("key => window.forkframe.app.doc.edges.get(key).active", edge["id"])

    ann.select(b)
    ann.key("l")
    name = ann.dialog("Name").get_by_role("textbox", name="Name")
    expect(name).to_be_focused()
    ann.page.keyboard.type(" noir")
    typed = name.input_value()
    assert "noir" in typed
    ann.key("Enter")
    has_label(ben, b, typed)
    assert place.studio.node(b).label == typed

    ann.select(a)
    ann.page.get_by_role("button", name="Fan out").click()
    ann.page.locator("#field").focus()
    ann.key("ArrowDown", "k")
    ben.wait_for_rows("nodes", 3)
    ben.wait_for_rows("candidates", 1)
    assert len(place.studio.show().nodes) == 3


def test_undo_takes_back_what_this_person_did_and_nothing_of_others(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee", gap=360)
    ann, ben = open_tab(name="Ann"), open_tab(name="Ben")
    for tab, key in ((ann, a), (ben, b)):
        x, y = tab.middle(key)
        tab.drag((x, y), (x, y + 120))
        for other in (ann, ben):
            other.wait("key => window.forkframe.app.doc.nodes.get(key).y > 80", key)

    ann.key("Control+z")
    for tab in (ann, ben):
        tab.wait("key => window.forkframe.app.doc.nodes.get(key).y === 0", a)
    assert place.studio.node(b).y > 80

    ann.key("Control+z")
    ann.wait("() => window.forkframe.app.ui().toasts.length === 1")
    ann.forgive("409")
    assert place.studio.node(b).y > 80

    ben.key("Control+z")
    ann.wait("key => window.forkframe.app.doc.nodes.get(key).y === 0", b)


def test_one_sees_where_the_other_points_and_what_they_have_selected_in_their_colour(
    place: Place, open_tab: OpenTab
) -> None:
    a, _b = place.add("cat", "coffee", gap=360)
    ann, ben = open_tab(name="Ann"), open_tab(name="Ben")
    ben.wait("() => window.forkframe.app.presences().some((one) => one.name === 'Ann')")
    ann.page.get_by_text("Ben", exact=True).wait_for()
    ben.drawn()
    without = ben.screen()
    ann.select(a)
    (x, y) = (640, 620)
    ann.move((x, y))
    found = ben.wait(
        """([x, y, key]) => {
          const { canvas, app } = window.forkframe;
          const [ann] = app.presences();
          if (!ann?.cursor || !ann.selection.includes(key)) return null;
          const at = canvas.toScreen(ann.cursor);
          return Math.hypot(at.x - x, at.y - y) < 3 && ann;
        }""",
        [x, y, a],
    )
    ben.wait(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    colour = np.array([int(found["colour"][i : i + 2], 16) for i in (1, 3, 5)])
    shown = ben.screen()
    around_cursor = shown[y - 30 : y + 60, x - 30 : x + 120].astype(int)
    assert (np.abs(around_cursor - colour).max(axis=2) < 40).sum() > 30
    box = ben.box(a)
    left, top, width, height = (round(box[side]) for side in ("x", "y", "width", "height"))
    frame = (slice(top - 8, top + height + 8), slice(left - 8, left + width + 8))
    ring = np.abs(shown[frame].astype(int) - colour).max(axis=2) < 40
    before = np.abs(without[frame].astype(int) - colour).max(axis=2) < 40
    assert ring.sum() - before.sum() > width
    ann.page.get_by_role("button", name="Undo").hover()  # the bar, not the canvas
    ben.wait("() => window.forkframe.app.presences()[0].cursor === null")


def test_deleting_what_another_drags_ends_in_one_message_and_the_same_rows(
    place: Place, open_tab: OpenTab
) -> None:
    a, b = place.add("cat", "coffee", gap=360)
    place.connect(a, b)
    ann, ben = open_tab(name="Ann"), open_tab(name="Ben")
    ann.messages_stay()
    x, y = ann.middle(a)

    def ben_deletes() -> None:
        ben.select(a)
        ben.key("Delete")
        ann.wait("key => !window.forkframe.app.doc.nodes.has(key)", a)

    ann.drag((x, y), (x + 20, y + 120), before_release=ben_deletes)
    settle(ann, ben)
    for tab in (ann, ben):
        tab.wait_for_rows("nodes", 1)
        tab.wait_for_rows("edges", 0)
        assert rows_shown(tab) == rows_of_server(tab)
    assert len(ann.ui()["toasts"]) == 1


def test_a_change_of_what_was_deleted_meanwhile_is_taken_back_with_one_message(
    place: Place, open_tab: OpenTab
) -> None:
    """The deletion and the move cross on their way: the tab still shows the node when it is let go of."""
    a, _b = place.add("cat", "coffee", gap=360)
    ann = open_tab(name="Ann")
    ann.page.route("**/api/changes", lambda route: (place.studio.delete([a]), route.continue_()))
    x, y = ann.middle(a)
    ann.drag((x, y), (x + 20, y + 120))
    ann.wait("key => !window.forkframe.app.doc.nodes.has(key)", a)
    ann.wait("() => window.forkframe.app.store.now.waiting === 0")
    (toast,) = ann.ui()["toasts"]
    assert "cat" in toast or "gone" in toast.lower() or "deleted" in toast.lower()
    assert rows_shown(ann) == rows_of_server(ann)
    ann.forgive("status of 4")


def test_after_many_interleaved_edits_both_tabs_show_what_the_server_has(
    place: Place, open_tab: OpenTab
) -> None:
    nodes = place.add("cat", "coffee", "rocket", "retina")
    tabs = [open_tab(name="Ann"), open_tab(name="Ben")]
    rng = random.Random(7)
    edits = """([nodes, draws]) => {
      const { app } = window.forkframe;
      for (const [what, i, j, x, y] of draws) {
        const [a, b] = [nodes[i], nodes[j]];
        if (what === "move") app.host.move(new Map([[a, { x, y }]]));
        else if (what === "label") app.actions.setFields(a, { label: `name ${x}` });
        else if (what === "rate") app.actions.rate([a, b], x % 6);
        else if (what === "connect" && i !== j) app.actions.connect(a, b);
        else if (what === "note") app.actions.addNote({ x, y }, "here");
        else if (what === "undo") (window.undos ??= []).push(app.actions.undo());
        else if (what === "remove") app.actions.remove([...app.doc.notes.keys()].slice(0, 1));
      }
    }"""
    kinds = ("move", "move", "label", "rate", "connect", "note", "undo", "remove")
    for _ in range(12):
        for tab in tabs:
            draws = [
                [
                    rng.choice(kinds),
                    rng.randrange(4),
                    rng.randrange(4),
                    rng.randrange(900),
                    rng.randrange(600),
                ]
                for _ in range(4)
            ]
            tab.ask(edits, [nodes, draws])
    for tab in tabs:
        tab.ask("() => Promise.all(window.undos ?? [])")
    settle(*tabs)
    place.studio.jobs.wait_for_all(timeout=120)  # what they bring are changes too
    settle(*tabs)
    shown = rows_of_server(tabs[0])
    for tab in tabs:
        for table, rows in rows_shown(tab).items():
            assert rows == shown[table]
        tab.faults = [fault for fault in tab.faults if "409" not in fault]  # an undo that came too late
