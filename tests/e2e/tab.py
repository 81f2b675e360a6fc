"""A tab of the studio as a person uses it: with a pointer, keys and eyes."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

from forkframe.studio import Studio
from tests.served import TOKEN

PATIENCE = 120_000  # milliseconds; 24 drafts on a busy machine take more than half a minute
GONE = re.compile(r"status of 404 .*/api/(?:recipe|strips|jobs)/(\w+)(?:/preview)?(?:\?\S*)?$")

Point = tuple[float, float]


@dataclass
class Tab:
    """One open tab; `faults` is what its console complained of."""

    page: Page
    address: str
    faults: list[str]

    @staticmethod
    def open(
        browser: Browser,
        address: str,
        *,
        width: int = 1280,
        height: int = 800,
        name: str = "",
        motion: bool = False,
    ) -> Tab:
        """A tab in a context of its own, as in another browser; returns when it has heard from the studio.

        Without `motion` it asks for less of it, so that nothing moves but what a test moves.
        """
        context = browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="no-preference" if motion else "reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        if name:
            context.add_init_script(f"localStorage.setItem('forkframe.name', {json.dumps(name)})")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        tab = Tab(page, address, [])
        page.on("pageerror", lambda error: tab.faults.append(str(error)))
        page.on("console", tab._heard)
        page.goto(f"{address}/?token={TOKEN}")
        tab.arrived()
        return tab

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"{message.text} {message.location.get('url', '')}".strip())

    def forgive(self, words: str, *, certain: bool = True) -> None:
        """Forgets that the console complained of what the test brought about; waits until it has if that is certain."""
        while certain and not any(words in fault for fault in self.faults):
            self.page.wait_for_event("console", timeout=PATIENCE)
        self.faults[:] = [fault for fault in self.faults if words not in fault]

    def close(self) -> None:
        """Closes it, and fails if the page complained of anything but that what it asked about was just taken away, or has just ended."""
        there = {row["id"] for table in ("nodes", "edges", "takes") for row in self.rows(table)}
        self.page.context.close()
        faults = [fault for fault in self.faults if (gone := GONE.search(fault)) is None or gone[1] in there]
        assert faults == [], faults

    # Eyes

    def arrived(self) -> None:
        """Returns when the page has heard from the studio, knows its engines and shows its panels."""
        self.wait(
            """() => {
              const app = window.forkframe?.app;
              return app?.ui().connected === "live" && app.store.now.engines.length > 0 && document.querySelector("header.top");
            }"""
        )

    def wait(self, condition: str, argument: object = None) -> Any:
        """The value of a JavaScript function of the page once it is true."""
        return self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE).json_value()

    def ask(self, expression: str, argument: object = None) -> Any:
        """What a JavaScript function of the page answers."""
        return self.page.evaluate(expression, argument)

    def ui(self) -> Any:
        """What the tab shows just now."""
        return self.ask(
            "() => { const ui = window.forkframe.app.ui(); return {...ui, selection: [...ui.selection], toasts: ui.toasts.map(t => t.text)}; }"
        )

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table as the tab knows them."""
        return self.ask("table => [...window.forkframe.app.doc[table].values()]", table)

    def wait_for_rows(self, table: str, count: int) -> list[dict[str, Any]]:
        """The rows of a table once there are so many and the studio has taken them in."""
        self.wait("([table, n]) => window.forkframe.app.doc[table].size === n", [table, count])
        self.settled()
        return self.rows(table)

    def wait_for_row(self, table: str, key: str, **values: object) -> dict[str, Any]:
        """A row once it has these values."""
        return self.wait(
            """([table, key, values]) => {
              const row = window.forkframe.app.doc[table].get(key);
              return row && Object.entries(values).every(([k, v]) => JSON.stringify(row[k]) === JSON.stringify(v)) && row;
            }""",
            [table, key, values],
        )

    def wait_for_ui(self, **values: object) -> None:
        """Returns when the tab shows this."""
        self.wait(
            """(values) => {
              const ui = {...window.forkframe.app.ui()};
              ui.selection = [...ui.selection];
              return Object.entries(values).every(([k, v]) => JSON.stringify(ui[k]) === JSON.stringify(v));
            }""",
            values,
        )

    def settled(self) -> None:
        """Returns when the studio has taken in all that was done here."""
        self.wait("() => window.forkframe.app.store.now.waiting === 0")

    def looks_other(self, than: bytes, spot: Locator) -> bytes:
        """What an element shows once that is not what it was."""
        end = time.monotonic() + PATIENCE / 1000
        while (now := spot.screenshot()) == than:
            assert time.monotonic() < end, "it looks as before"
        return now

    def drawn(self) -> None:
        """Returns when all pictures in sight are on the canvas."""
        frames = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        self.ask(frames)  # what has just come into sight has been asked for by then
        self.wait("() => window.forkframe.canvas.debug().texturesWaiting === 0")
        self.ask(frames)

    def messages_stay(self) -> None:
        """From now on messages do not go by themselves, however long it takes to read them."""
        self.ask(
            """() => {
              const later = window.setTimeout;
              window.setTimeout = (work, after, ...rest) => (after >= 5000 ? 0 : later(work, after, ...rest));
            }"""
        )

    def sheet(self, name: str) -> Locator:
        """One of the panels at the side."""
        return self.page.get_by_role("complementary", name=name)

    def dialog(self, name: str | re.Pattern[str]) -> Locator:
        """An open window."""
        return self.page.get_by_role("dialog", name=name)

    def labels(self, kind: str) -> Locator:
        """Words on the canvas, such as those `of-node`."""
        return self.page.locator(f".field-label.{kind}")

    def at(self, x: float, y: float) -> Point:
        """Where a point of the canvas is on the page."""
        spot = self.ask("([x, y]) => window.forkframe.canvas.toScreen({x, y})", [x, y])
        return spot["x"], spot["y"]

    def what_is_under(self, points: Sequence[Point]) -> list[str]:
        """What a menu would be about at each point: "edge e…", or "" for nothing."""
        return self.ask(
            """(points) => points.map(([x, y]) => {
              const { app } = window.forkframe;
              const init = { bubbles: true, cancelable: true, clientX: x, clientY: y };
              document.elementFromPoint(x, y).dispatchEvent(new MouseEvent("contextmenu", init));
              const target = app.ui().popup?.target;
              app.setUi({ popup: null });
              return target ? `${target.kind} ${target.id}` : "";
            })""",
            list(points),
        )

    def candidate_at(self, node: str, place: int) -> Point:
        """The middle of the candidate at a place of the first row of a node's open tray."""
        count = self.wait("node => window.forkframe.app.doc.candidatesOf(node).size", node)
        return self.ask(
            """([node, place, count]) => {
              const { app, canvas } = window.forkframe;
              const { frame } = app.doc.settings;
              const { x, y } = app.doc.nodes.get(node);
              const shape = frame.height / frame.width;
              const wide = count <= 8 ? 156 : 132;
              const columns = count <= 5 ? count : count <= 8 ? 4 : count <= 15 ? 5 : 6;
              const across = place - (columns - 1) / 2;
              const spot = { x: x + across * (wide + 14), y: y + 120 * shape + 56 + (wide * shape) / 2 };
              const at = canvas.toScreen(spot);
              return [at.x, at.y];
            }""",
            [node, place, count],
        )

    def box(self, key: str) -> Mapping[str, float]:
        """Where something is drawn, in pixels of the page."""
        return self.wait("key => window.forkframe.canvas.boxOf(key)", key)

    def still(self, key: str) -> None:
        """Returns when something on screen does not glide."""
        self.ask(
            """async (key) => {
              const place = () => JSON.stringify(window.forkframe.canvas.boxOf(key));
              const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
              for (let before = ""; before !== place(); await frames()) before = place();
            }""",
            key,
        )

    def middle(self, key: str) -> Point:
        """The middle of something on screen."""
        box = self.box(key)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def badge(self, node: str) -> Point:
        """The mark of a folded tray."""
        box = self.box(node)
        return box["x"] + box["width"] - 16, box["y"] + box["height"] - 14

    def tab_of(self, board: str) -> Point:
        """The tab of a board."""
        box = self.box(board)
        return box["x"] + 30, box["y"] - 14

    def handle(self, key: str) -> Point:
        """The grip of a node that starts a new thread."""
        box = self.box(key)
        return box["x"] + box["width"], box["y"] + box["height"] / 2

    def edge_at(self, edge: str, t: float = 0.5) -> Point:
        """A point of an edge's film tile."""
        box = self.wait("edge => window.forkframe.canvas.debug().tileBox(edge)", edge)
        return box["x"] + box["width"] * t, box["y"] + box["height"] / 2

    def changes_at(self, middle: Point) -> None:
        """Returns when what is to be seen around a point has changed, and changed again."""
        clip = {"x": middle[0] - 40, "y": middle[1] - 24, "width": 80, "height": 48}
        self._changes(lambda: self.page.screenshot(clip=clip))  # type: ignore[arg-type]

    def changes(self, spot: Locator) -> None:
        """Returns when what an element shows has changed, and changed again."""
        self._changes(spot.screenshot)

    def _changes(self, look: Callable[[], bytes]) -> None:
        seen = {look()}
        end = time.monotonic() + PATIENCE / 1000
        while len(seen) < 3:
            assert time.monotonic() < end, "nothing moves there"
            seen.add(look())

    def screen(self) -> NDArray[np.uint8]:
        """What is to be seen: `(H, W, 3)` uint8 sRGB."""
        with Image.open(BytesIO(self.page.screenshot())) as image:
            return np.asarray(image.convert("RGB"))

    def pixels_of(self, key: str) -> NDArray[np.uint8]:
        """What is to be seen where something is drawn."""
        box = self.box(key)
        x, y = round(box["x"]), round(box["y"])
        return self.screen()[y : y + round(box["height"]), x : x + round(box["width"])]

    # Hands

    def move(self, to: Point, *, steps: int = 4) -> None:
        """Moves the pointer."""
        self.page.mouse.move(*to, steps=steps)

    def click(self, at: Point, *, holding: str = "", count: int = 1) -> None:
        """Clicks; `holding` is a key such as "Shift"."""
        with self._held(holding):
            self.page.mouse.click(*at, click_count=count)

    def drag(
        self,
        *way: Point,
        holding: str = "",
        button: Literal["left", "middle"] = "left",
        before_release: Callable[[], object] | None = None,
    ) -> None:
        """Drags from the first point to the last, over all between."""
        with self._held(holding):
            self.page.mouse.move(*way[0])
            self.page.mouse.down(button=button)
            for point in way[1:]:
                self.page.mouse.move(*point, steps=4)
            if before_release:
                before_release()
            self.page.mouse.up(button=button)

    def double_click(self, at: Point) -> None:
        """Clicks twice."""
        self.page.mouse.dblclick(*at)

    @contextmanager
    def _held(self, key: str) -> Generator[None]:
        if key:
            self.page.keyboard.down(key)
        yield
        if key:
            self.page.keyboard.up(key)

    def key(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for one in keys:
            self.page.keyboard.press(one)

    def walk(self, key: str, *, to: str) -> None:
        """Presses a key until it has led to this picture: once for everything there is, at most."""
        for _ in self.rows("nodes"):
            if self.ui()["focus"] == to:
                return
            self.key(key)
        assert self.ui()["focus"] == to, f"{key} doesn't lead there"

    def select(self, *keys: str) -> None:
        """Selects things by clicking them, when they stand still."""
        for number, key in enumerate(keys):
            self.still(key)
            self.click(self.middle(key), holding="Shift" if number else "")
        self.wait("keys => keys.every(key => window.forkframe.app.ui().selection.has(key))", list(keys))


def quick_edge(studio: Studio, a: str, b: str, *, seconds: float = 0.5, **parameters: object) -> str:
    """An edge that is drawn at once by the engine for tests, which says by `mishap` what is to go wrong."""
    edge = studio.connect(a, b, seconds=seconds, engine="fake", parameters=parameters)
    if not parameters:
        studio.wait(edge.id, timeout=60)
    return edge.id


def drop(tab: Tab, files: Sequence[tuple[str, bytes]], at: Point) -> None:
    """Drops files on the page, as from a folder."""
    tab.ask(
        """([files, x, y]) => {
          const transfer = new DataTransfer();
          for (const [name, base64] of files) {
            const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
            transfer.items.add(new File([bytes], name));
          }
          const target = document.elementFromPoint(x, y);
          for (const type of ["dragenter", "dragover", "drop"]) {
            const init = { bubbles: true, cancelable: true, clientX: x, clientY: y, dataTransfer: transfer };
            target.dispatchEvent(new DragEvent(type, init));
          }
        }""",
        [[[name, _base64(content)] for name, content in files], *at],
    )


def drop_path(tab: Tab, path: Path, at: Point) -> None:
    """Drops a file or a folder of the disk on the page."""
    devtools = tab.page.context.new_cdp_session(tab.page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": step, "x": at[0], "y": at[1], "data": data})
    devtools.detach()


def paste(tab: Tab, png: bytes) -> None:
    """Copies a picture and pastes it."""
    tab.ask(
        """async (base64) => {
          const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
          const blob = new Blob([bytes], { type: "image/png" });
          await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }""",
        _base64(png),
    )
    tab.key("Control+v")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
