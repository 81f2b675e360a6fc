"""How soon the studio answers a hand, and what it takes: its own process, a real browser. Run as `python -m bench.studio`.

The demo's photographs at the default 1280×720, the built-in engine. A change is seen when the canvas has drawn it, which
reading its pixels back waits for; that reading is in the figures.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import permutations, product
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page

from bench.browser import blank, chromium, drawn_by, p50, p95
from bench.jobs import Figure, _settled, table
from bench.pictures import NAMES
from forkframe.demo.story import PHOTOGRAPHS
from forkframe.studio import Studio

_APART = (520.0, 460.0)  # canvas units, three photographs in a row
_PAIRS = 13
_MOVES = 50
_TIMES = 5  # that each gesture is made
_CANDIDATES = 3

# After each of the page's own frames in which the canvas was drawn, reads back a part of it while somebody watches.
# `since` is when the last press of a key or button happened. After `next(box)`, `changed` is when the part first looked
# different, and `moving` when it went on to look different in a later frame.
_WATCHING = """
const eye = (window.bench = { since: 0, box: null, before: null, changed: 0, moving: 0, moved: null });
for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, (event) => { eye.since = event.timeStamp; }, true);
}
const frame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (task) => frame((now) => { task(now); looked(); });
function looked() {
  const canvas = window.forkframe?.canvas;
  if (!canvas) return;
  eye.moved?.();
  if (!eye.box || canvas.stats().frames === 0) return;
  const seen = read(eye.box);
  const differs = eye.before && seen.some((value, i) => value !== eye.before[i]);
  eye.before = seen;
  if (!differs) return;
  const now = performance.now();
  if (eye.changed && !eye.moving) eye.moving = now;
  eye.changed ||= now;
}
function read({ x, y, width, height }) {
  const element = document.querySelector("canvas");
  const gl = element.getContext("webgl2");
  const ratio = gl.drawingBufferWidth / element.clientWidth;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  const bottom = Math.round(gl.drawingBufferHeight - (y + height) * ratio);
  const pixels = new Uint8Array(4 * w * h);
  gl.readPixels(Math.round(x * ratio), bottom, w, h, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  return new Uint32Array(pixels.buffer);
}
"""
# Has the canvas drawn until the part looks the same for a while, and then watches for the next change.
_NEXT = """async (box) => {
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const patience = performance.now() + 20000;
  for (let quiet = 0; quiet < 3; ) {
    if (performance.now() > patience) throw new Error("the canvas never rests");
    window.forkframe.canvas.stats();
    await rest(120);
    const { texturesWaiting } = window.forkframe.canvas.debug();
    quiet = window.forkframe.canvas.stats().frames === 0 && !texturesWaiting ? quiet + 1 : 0;
  }
  Object.assign(bench, { box, before: null, changed: 0, moving: 0 });
  window.forkframe.canvas.pan(0, 0);  // draws what is there
  while (!bench.before) {
    if (performance.now() > patience) throw new Error("the canvas does not draw");
    await rest(20);
  }
  await rest(400);
  Object.assign(bench, { changed: 0, moving: 0 });
}"""
_CHANGED = "() => bench.changed && bench.changed - bench.since"
_MOVING = "() => bench.moving && bench.moving - bench.since"
# When a node was first drawn in another place than now, by the clock that all pages of a machine share.
_ELSEWHERE = """(id) => {
  const { canvas } = window.forkframe;
  const before = canvas.boxOf(id);
  bench.arrived = 0;
  bench.moved = () => {
    const now = canvas.boxOf(id);
    if (now.x === before.x && now.y === before.y) return;
    bench.arrived = performance.timeOrigin + performance.now();
    bench.moved = null;
  };
}"""
_MOVE = """([id, x, y]) => {
  const now = performance.timeOrigin + performance.now();
  window.forkframe.app.host.move(new Map([[id, { x, y }]]));
  return now;
}"""
_BANNER = """() => {
  const show = (done) => new MutationObserver((_, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  }).observe(document.getElementById("panels"), { subtree: true, childList: true });
  bench.banner = 0;
  show((when) => { bench.banner = when; });
}"""


def run() -> tuple[str, dict[str, Figure]]:
    """Who drew, and the figures by name, with the unit."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        path = Path(name) / "photographs.forkframe"
        nodes = _make(path)
        with _studio(path) as (address, pid):
            page = blank(browser, _WATCHING)
            figures = _transfer(page, address)
            page.wait_for_function("() => window.forkframe?.app.ui().connected === 'live'")
            page.evaluate(
                "() => window.forkframe.app.setUi({ alive: 0, hint: false })"
            )  # nothing moves by itself
            figures |= _first_motion(page, nodes)
            figures |= _gestures(page, nodes)
            figures |= _other_tab(browser, page, address, nodes[0])
            page.context.close()
            figures["memory, idle with warm workers, PSS (MB)"] = Figure(_settled(pid).pss, "≤ 400")
        return drawn_by(browser), figures


def _make(path: Path) -> list[str]:
    """Six photographs in two rows, the first with candidates in its tray."""
    studio = Studio.create(path, size=(1280, 720))
    nodes = [view.id for view in studio.add([PHOTOGRAPHS / f"{name}.jpg" for name in NAMES])]
    places = product((0, 1), (0, 1, 2))
    studio.move({node: (_APART[0] * x, _APART[1] * y) for node, (y, x) in zip(nodes, places, strict=True)})
    studio.propose(nodes[0], "vary", count=_CANDIDATES)
    studio.jobs.wait_for_all(timeout=120)
    studio.close()
    return nodes


@contextmanager
def _studio(path: Path) -> Generator[tuple[str, int]]:
    """The address of `forkframe studio` in a process of its own, and its number."""
    command = [sys.executable, "-m", "forkframe", "studio", path, "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


def _transfer(page: Page, address: str) -> dict[str, Figure]:
    """Opens the page, and counts what comes over the wire."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds = _kinds(session)
    page.goto(address, wait_until="networkidle")
    figures = {
        "page before media, as transferred (KB)": Figure(kinds["page"] / 1000, "≤ 600"),
        "the workspace as the API tells it (KB)": Figure(kinds["api"] / 1000),
    }
    session.detach()
    return figures


def _kinds(session: CDPSession) -> dict[str, float]:
    """Bytes over the wire, filled in as they come: of the page itself, and of the API's JSON."""
    kinds, asked = {"page": 0.0, "api": 0.0}, dict[str, str]()

    def answered(event: dict) -> None:
        response = event["response"]
        if "/api/" not in response["url"]:
            asked[event["requestId"]] = "page"
        elif response["mimeType"] == "application/json":
            asked[event["requestId"]] = "api"

    def finished(event: dict) -> None:
        kind = asked.get(event["requestId"])
        if kind:
            kinds[kind] += event["encodedDataLength"]

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    return kinds


def _first_motion(page: Page, nodes: list[str]) -> dict[str, Figure]:
    """A thread from each picture to another, held there until the picture between them moves."""
    pairs = list(permutations(nodes, 2))
    pairs = [pairs[n * 7 % len(pairs)] for n in range(_PAIRS + 1)]  # 7 and 30 have no common factor
    taken: list[float] = []
    for source, target in pairs:
        (x0, y0), (x1, y1) = _middle(page, source), _middle(page, target)
        middle = {"x": (x0 + x1) / 2 - 16, "y": (y0 + y1) / 2 - 9, "width": 32, "height": 18}
        grip = _grip(page, source)
        page.mouse.move(x0, y0)
        page.mouse.move(*grip, steps=3)
        page.evaluate(_NEXT, middle)
        page.mouse.down()
        page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=2)
        page.mouse.move(x1, y1, steps=2)
        # The thread, and the two pictures side by side, are changes that stop. Motion goes on.
        page.evaluate("() => { Object.assign(bench, { changed: 0, moving: 0 }); }")
        page.wait_for_function(_MOVING)
        taken.append(page.evaluate(_MOVING))
        page.keyboard.press("Escape")
        page.mouse.up()
        page.mouse.move(5, 400)
    taken = taken[1:]  # the first one compiles shaders
    return {
        f"connect to first moving picture, {_PAIRS} pairs, p50 (ms)": Figure(p50(taken)),
        f"connect to first moving picture, {_PAIRS} pairs, p95 (ms)": Figure(p95(taken), "≤ 1000"),
    }


def _gestures(page: Page, nodes: list[str]) -> dict[str, Figure]:
    """From a press to the first frame that looks different, for one gesture after the other."""
    node = nodes[4]

    def whole() -> dict[str, float]:
        box = page.evaluate("key => forkframe.canvas.boxOf(key)", node)
        return {
            "x": box["x"] - 40,
            "y": box["y"] - 20,
            "width": box["width"] + 80,
            "height": box["height"] + 40,
        }

    def pressed(at: tuple[float, float], to: tuple[float, float] | None) -> Callable[[], float]:
        def gesture() -> float:
            page.mouse.move(*at)
            page.evaluate(_NEXT, whole())
            page.mouse.down()
            if to:
                page.mouse.move(*to)
            else:
                page.mouse.up()
            taken = _once(page, _CHANGED)
            page.keyboard.press("Escape")
            page.mouse.up()
            page.mouse.click(5, 400)
            return taken

        return gesture

    def tray() -> float:
        box = page.evaluate("key => forkframe.canvas.boxOf(key)", nodes[0])
        at = (box["x"] + box["width"] - 16, box["y"] + box["height"] - 14)
        around = {"x": box["x"], "y": box["y"] + box["height"], "width": box["width"], "height": 60}
        page.mouse.move(*at)
        page.evaluate(_NEXT, around)
        page.mouse.click(*at)
        taken = _once(page, _CHANGED)
        page.evaluate("() => forkframe.app.host.foldTray()")
        return taken

    def path() -> float:
        page.evaluate(_NEXT, whole())
        page.evaluate(_BANNER)
        page.keyboard.press("p")
        taken = _once(page, "() => bench.banner && bench.banner - bench.since")
        page.keyboard.press("Escape")
        page.wait_for_function("() => forkframe.app.ui().mode === 'wander'")
        return taken

    def undo() -> float:
        x, y = page.evaluate(
            "key => { const { x, y } = forkframe.app.doc.nodes.get(key); return [x, y]; }", node
        )
        page.evaluate(_MOVE, [node, x + 30, y])
        page.wait_for_function("() => forkframe.app.store.now.waiting === 0")
        page.evaluate(_NEXT, whole())
        page.keyboard.press("Control+z")
        taken = _once(page, _CHANGED)
        page.wait_for_function("([key, x]) => forkframe.app.doc.nodes.get(key).x === x", arg=[node, x])
        return taken

    x, y = _middle(page, node)
    grip = _grip(page, node)
    gestures = {
        "select": pressed((x, y), None),
        "start of a drag": pressed((x, y), (x + 14, y + 9)),
        "start of a thread": pressed(grip, (grip[0] + 24, grip[1] + 9)),
        "tray opens": tray,
        "path mode": path,
        "undo": undo,
    }
    figures: dict[str, Figure] = {}
    for name, gesture in gestures.items():
        taken = [gesture() for _ in range(_TIMES)]
        figures[f"{name}, seen after, p50 (ms)"] = Figure(p50(taken))
        figures[f"{name}, seen after, longest (ms)"] = Figure(max(taken), "≤ 100")
    return figures


def _other_tab(browser: Browser, page: Page, address: str, node: str) -> dict[str, Figure]:
    """A node is moved in one tab, and drawn elsewhere in another."""
    other = blank(browser, _WATCHING)
    other.goto(address, wait_until="networkidle")
    other.wait_for_function("() => window.forkframe?.app.ui().connected === 'live'")
    taken: list[float] = []
    for number in range(_MOVES):
        other.evaluate(_ELSEWHERE, node)
        began = page.evaluate(_MOVE, [node, number * 3.0 + 1, -20.0])
        other.wait_for_function("() => bench.arrived > 0")
        taken.append(other.evaluate("() => bench.arrived") - began)
        other.wait_for_timeout(300)  # it has glided there, and both are at rest
    other.context.close()
    return {
        f"a move seen in another tab, {_MOVES} moves, p50 (ms)": Figure(p50(taken)),
        f"a move seen in another tab, {_MOVES} moves, p95 (ms)": Figure(p95(taken), "≤ 100"),
    }


def _once(page: Page, what: str) -> float:
    """What a function of the page answers once that is true."""
    return page.wait_for_function(what).json_value()


def _middle(page: Page, node: str) -> tuple[float, float]:
    box = page.evaluate("key => forkframe.canvas.boxOf(key)", node)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _grip(page: Page, node: str) -> tuple[float, float]:
    """Where a thread starts."""
    box = page.evaluate("key => forkframe.canvas.boxOf(key)", node)
    return box["x"] + box["width"], box["y"] + box["height"] / 2


def report() -> str:
    """The figures as text, under who drew them."""
    who, figures = run()
    return f"{who}\n{table(figures)}"


if __name__ == "__main__":
    print(report())
