"""A tab of the studio as a person uses it: with a pointer, keys and eyes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.served import TOKEN

PATIENCE = 20_000  # milliseconds

Point = tuple[float, float]


@dataclass
class Tab:
    """One open tab; `faults` is what its console complained of."""

    page: Page
    address: str
    faults: list[str]

    @staticmethod
    def open(browser: Browser, address: str, *, width: int = 1280, height: int = 800, name: str = "") -> Tab:
        """A tab in a context of its own, as in another browser; returns when its canvas has drawn every node."""
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        if name:
            context.add_init_script(f"localStorage.setItem('forkframe.name', {json.dumps(name)})")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        tab = Tab(page, address, [])
        page.on("pageerror", lambda error: tab.faults.append(str(error)))
        page.on("console", tab._heard)
        page.goto(f"{address}/?token={TOKEN}")
        tab.wait("() => window.forkframe?.app.ui().connected === 'live'")
        return tab

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def close(self) -> None:
        """Closes it, and fails if the page complained of anything."""
        self.page.context.close()
        assert self.faults == []

    # Eyes

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
        """The rows of a table once there are so many."""
        self.wait("([table, n]) => window.forkframe.app.doc[table].size === n", [table, count])
        return self.rows(table)

    def box(self, key: str) -> Mapping[str, float]:
        """Where something is drawn, in pixels of the page."""
        return self.wait("key => window.forkframe.canvas.boxOf(key)", key)

    def middle(self, key: str) -> Point:
        """The middle of something on screen."""
        box = self.box(key)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def handle(self, key: str) -> Point:
        """The grip of a node that starts a new thread."""
        box = self.box(key)
        return box["x"] + box["width"], box["y"] + box["height"] / 2

    def edge_at(self, edge: str, t: float = 0.5) -> Point:
        """A point of an edge's film tile."""
        box = self.wait("edge => window.forkframe.canvas.debug().tileBox(edge)", edge)
        return box["x"] + box["width"] * t, box["y"] + box["height"] / 2

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

    def click(self, at: Point, *, shift: bool = False, count: int = 1) -> None:
        """Clicks."""
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.click(*at, click_count=count)
        if shift:
            self.page.keyboard.up("Shift")

    def drag(self, start: Point, end: Point, *, before_release: Callable[[], object] | None = None) -> None:
        """Drags from one point to another."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
        self.page.mouse.move(*end, steps=3)
        if before_release:
            before_release()
        self.page.mouse.up()

    def key(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for one in keys:
            self.page.keyboard.press(one)

    def select(self, *keys: str) -> None:
        """Selects things by clicking them."""
        for number, key in enumerate(keys):
            self.click(self.middle(key), shift=number > 0)
        self.wait("keys => keys.every(key => window.forkframe.app.ui().selection.has(key))", list(keys))


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


def _base64(content: bytes) -> str:
    import base64

    return base64.b64encode(content).decode()
