"""The page to try, docs/try, as a static host serves it: nothing behind it answers anything but files."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.tab import PATIENCE

DOCS = Path(__file__).parents[2] / "docs"

Pixels = NDArray[np.int16]
Point = tuple[float, float]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class says so
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Under a path of its own, as on a static host."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(DOCS))) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/try/"
        server.shutdown()
        serving.join()


@dataclass
class Visit:
    """A visitor's tab; `faults` is what its console complained of, `asked` which addresses it asked for."""

    page: Page
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @staticmethod
    def of(context: BrowserContext, address: str) -> Visit:
        visit = Visit(context.new_page())
        page = visit.page
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: visit.asked.append(request.url))
        page.on("pageerror", lambda error: visit.faults.append(str(error)))
        page.on("console", lambda said: visit.faults.append(said.text) if said.type == "error" else None)
        page.goto(address)
        visit.wait("() => window.forkframe?.canvas.debug().texturesLoaded >= 6")
        return visit

    def wait(self, condition: str, argument: object = None) -> Any:
        return self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE).json_value()

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.page.evaluate("table => [...window.forkframe.host.doc[table].values()]", table)

    def ui(self, name: str) -> Any:
        return self.page.evaluate("name => window.forkframe.host.ui()[name]", name)

    def box(self, key: str) -> dict[str, float]:
        """Where something lies, in pixels of the page."""
        return self.page.evaluate(
            """key => {
              const field = document.getElementById("field").getBoundingClientRect();
              const { canvas, host } = window.forkframe;
              const box = host.doc.edges.has(key) ? canvas.debug().tileBox(key) : canvas.boxOf(key);
              return { ...box, x: box.x + field.x, y: box.y + field.y };
            }""",
            key,
        )

    def middle(self, key: str) -> Point:
        box = self.box(key)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def edge(self, source: str, target: str) -> str:
        found = [e["id"] for e in self.rows("edges") if (e["source"], e["target"]) == (source, target)]
        assert len(found) == 1
        return found[0]

    def pixels(self, box: dict[str, float]) -> Pixels:
        """What is to be seen in a box: `(H, W, 3)` sRGB, 0–255, as int16."""
        png = self.page.screenshot(clip=box)  # type: ignore[arg-type]
        with Image.open(BytesIO(png)) as image:
            return np.asarray(image.convert("RGB"), np.int16)

    def moves(self, box: dict[str, float]) -> bool:
        """Whether what is to be seen in a box becomes another picture, more than once."""
        seen = [self.pixels(box)]
        return _until(lambda: _is_new(self.pixels(box), seen) and len(seen) > 3)


def _is_new(now: Pixels, seen: list[Pixels]) -> bool:
    if all(np.abs(now - before).mean() > 2 for before in seen):
        seen.append(now)
    return True


def _until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        if condition():
            return True
    return False


def _between(visit: Visit, a: str, b: str, size: tuple[int, int] = (70, 40)) -> dict[str, float]:
    """A box half way between two pictures."""
    (x0, y0), (x1, y1) = visit.middle(a), visit.middle(b)
    width, height = size
    return {
        "x": (x0 + x1) / 2 - width / 2,
        "y": (y0 + y1) / 2 - height / 2,
        "width": width,
        "height": height,
    }


@pytest.fixture
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A tab that must not complain, and must not ask anybody but the host it came from."""
    options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
    context = browser.new_context(**{**options, **getattr(request, "param", {})})
    visit = Visit.of(context, address)
    yield visit
    context.close()
    assert visit.faults == []
    elsewhere = [url for url in visit.asked if not url.startswith((address, "blob:", "data:"))]
    assert elsewhere == []


MOVING = pytest.mark.parametrize("visit", [{"reduced_motion": "no-preference"}], indirect=True)


@MOVING
def test_dragging_one_picture_to_another_plays_the_morph_and_letting_go_keeps_it(visit: Visit) -> None:
    box = visit.box("n-coffee")
    mouse = visit.page.mouse
    mouse.move(box["x"] + box["width"], box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(*visit.middle("n-rocket"), steps=4)
    assert visit.moves(_between(visit, "n-coffee", "n-rocket"))
    assert len(visit.rows("edges")) == 4
    mouse.up()
    visit.wait("() => window.forkframe.host.doc.edges.size === 5")
    edge = visit.edge("n-coffee", "n-rocket")
    take = next(row for row in visit.rows("takes") if row["owner"] == edge)
    assert take["ends"] == ["coffee", "rocket"]
    visit.page.keyboard.press("Control+z")
    assert len(visit.rows("edges")) == 4


@MOVING
def test_a_thread_plays_by_itself_as_an_invitation(visit: Visit) -> None:
    visit.wait("() => window.forkframe.host.ui().playing?.what === 'edge'")
    assert visit.moves(_between(visit, "n-astronaut", "n-cat"))


def test_with_reduced_motion_nothing_moves_by_itself(visit: Visit) -> None:
    playing = visit.page.evaluate(
        """() => new Promise((done) => {
          let seen = false, frames = 0;
          const look = () => {
            seen ||= window.forkframe.host.ui().playing !== null;
            if (++frames < 90) requestAnimationFrame(look); else done(seen);
          };
          look();
        })"""
    )
    assert playing is False


def test_b_drops_the_moment_onto_the_edge_as_a_picture(visit: Visit) -> None:
    edge = visit.edge("n-astronaut", "n-cat")
    x, y = visit.middle(edge)
    mouse = visit.page.mouse
    mouse.move(x, y)
    visit.wait("edge => window.forkframe.host.ui().scrub?.edge === edge", edge)
    visit.wait("() => window.forkframe.canvas.debug().moving >= 4")  # until then it shows both pictures
    mouse.move(x - 20, y, steps=5)
    t = visit.wait(
        "() => { const s = window.forkframe.host.ui().scrub; return s.t > 0.1 && s.t < 0.49 && s.t; }"
    )
    drawn = visit.pixels(visit.box(edge))
    visit.page.keyboard.press("b")
    visit.wait("() => window.forkframe.host.doc.nodes.size === 7")
    node = visit.rows("nodes")[-1]
    first, second = node["cut"]["halves"]
    assert node["cut"]["frame"] == round(t * 72)
    assert visit.edge("n-astronaut", node["id"]) == first
    assert visit.edge(node["id"], "n-cat") == second
    mouse.move(4, 400)
    whole = Image.fromarray(drawn.astype(np.uint8))

    def looks_like_it() -> bool:
        box = visit.box(node["id"])
        seen = visit.pixels(box)[8:-8, 8:-16]
        expected = np.asarray(whole.resize((round(box["width"]), round(box["height"]))), np.int16)
        height, width = seen.shape[:2]
        return bool(np.abs(seen - expected[8 : 8 + height, 8 : 8 + width])[30:-14, 30:].mean() < 12)

    assert _until(looks_like_it)
    visit.page.keyboard.press("Control+z")
    assert len(visit.rows("nodes")) == 6
    assert [e["hidden"] for e in visit.rows("edges")] == [False] * 4


@MOVING
def test_a_cut_out_picture_can_be_connected_to_any_other(visit: Visit) -> None:
    edge = visit.edge("n-retina", "n-galaxies")
    visit.page.mouse.click(*visit.middle(edge))
    visit.page.locator("#moment-at").fill("0.5")
    visit.page.locator("#cut").click()
    visit.wait("() => window.forkframe.host.doc.nodes.size === 7")
    node = visit.rows("nodes")[-1]["id"]
    box = visit.box(node)
    mouse = visit.page.mouse
    mouse.move(box["x"] + box["width"], box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(*visit.middle("n-cat"), steps=4)
    assert visit.moves(_between(visit, node, "n-cat"))
    mouse.up()
    visit.wait("() => window.forkframe.host.doc.edges.size === 7")  # four, two halves and this one
    assert visit.edge(node, "n-cat")


def test_a_path_is_walked_by_clicks_and_plays_as_a_film(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("p")
    page.locator("#dock").wait_for()
    before = -1.0
    while before != (before := visit.box("n-cat")["y"]):  # until the canvas has made room
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    for key in ("n-galaxies", "n-rocket", "n-coffee"):  # there is no thread to the last one: it is made
        page.mouse.click(*visit.middle(key))
    steps = visit.wait(
        "() => window.forkframe.host.ui().path?.steps.length === 2 && window.forkframe.host.ui().path.steps"
    )
    assert [step["edge"] for step in steps] == [
        visit.edge("n-galaxies", "n-rocket"),
        visit.edge("n-rocket", "n-coffee"),
    ]
    film = page.locator("#film")
    page.keyboard.press("Space")
    assert visit.moves(film.bounding_box())  # type: ignore[arg-type]
    visit.wait("() => window.forkframe.host.ui().playing?.seconds === 6")
    with Image.open(DOCS / "try/data/coffee.webp") as image:
        coffee = np.asarray(image.convert("RGB").resize((64, 36)), np.int16)

    def shows_coffee() -> bool:
        with Image.open(BytesIO(film.screenshot())) as image:
            return bool(
                np.abs(np.asarray(image.convert("RGB").resize((64, 36)), np.int16) - coffee).mean() < 8
            )

    assert _until(shows_coffee)
    page.keyboard.press("Escape")
    assert visit.ui("mode") == "wander"


TELEPHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("visit", [TELEPHONE], indirect=True)
def test_on_a_telephone_a_tap_a_slider_and_the_scissors_branch(visit: Visit) -> None:
    page = visit.page
    edge = visit.edge("n-astronaut", "n-cat")
    page.touchscreen.tap(*visit.middle(edge))
    slider = page.locator("#moment-at").bounding_box()
    assert slider
    page.touchscreen.tap(slider["x"] + slider["width"] * 0.7, slider["y"] + slider["height"] / 2)
    t = visit.wait(
        "edge => { const s = window.forkframe.host.ui().scrub; return s?.edge === edge && s.t > 0.6 && s.t; }",
        edge,
    )
    page.locator("#cut").tap()
    visit.wait("() => window.forkframe.host.doc.nodes.size === 7")
    assert visit.rows("nodes")[-1]["cut"]["frame"] == round(t * 72)


def test_the_page_is_light_and_everything_in_it_is_there() -> None:
    files = [path for path in (DOCS / "try").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 3_000_000
    scripts = [path for path in files if path.suffix == ".js"]
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= 80_000
    names = [n["framed"] for n in json.loads((DOCS / "try/data/workspace.json").read_text())["nodes"]]
    fields = {f"{a}-{b}.field" for a in names for b in names if a != b}
    assert fields == {path.name for path in files if path.suffix == ".field"}
    assert len(fields) == 30
