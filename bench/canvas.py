"""10,000 pictures and 20,000 edges on the canvas, and the same scene in @xyflow/react. Run as `python -m bench.canvas`.

Both draw in the same browser with the same software renderer, and the same wheel turns over both. What is compared is
the main thread, as the browser's own trace tells it: frames per second would measure the software renderer.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, Page

from bench.browser import MARK, VIEW, Frames, blank, chromium, drawn_by, heap, p50, p95, watched
from bench.jobs import Figure, table
from bench.pictures import Picture
from bench.store import _fill as fill
from forkframe.media.png import pixel_hash
from forkframe.model.entities import Edge, Node
from forkframe.model.frame import Frame
from forkframe.model.ids import PixelHash, new_edge_id, new_node_id
from forkframe.server.pages import UI
from forkframe.store import Store
from forkframe.studio import Studio
from tests.served import TOKEN, served

_COLUMNS, _ROWS = 100, 100
_NODES, _EDGES = _COLUMNS * _ROWS, 20_000
_APART = (300.0, 190.0)  # canvas units from node to node
_NEAR = 0.42  # the zoom at which 10 × 10 nodes are in view
_FRAME = (256, 144)
_FAR_EDGES = 0.02  # of all edges lead anywhere, the others to one of the nearest nodes
_OWN_FRAMES, _THEIR_FRAMES = 60, 20  # of each of panning and zooming, the latter in a second or so each
_OVERVIEW_FRAMES = 4  # of theirs, in several seconds each
_PLAYING, _PLAYED_FRAMES = 8, 16
_XYFLOW = Path(__file__).parent / "xyflow"
_BUILT = Path(__file__).parent / "out" / "xyflow"
_PICTURES = 24  # of @xyflow/react's scene

# Once a picture has been brought to the graphics card, looks at the canvas after each of the page's own frames: which
# nodes show one in their middle? Reading pixels waits until they are drawn. Only pictures are colourful there.
_LOOKING = """
window.bench = { first: 0, all: 0, brought: false };
const { texSubImage3D } = WebGL2RenderingContext.prototype;
WebGL2RenderingContext.prototype.texSubImage3D = function (...given) {
  bench.brought = true;
  return texSubImage3D.apply(this, given);
};
const frame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (task) => frame((now) => { task(now); if (bench.brought && !bench.all) look(); });
function look() {
  const { app, canvas } = window.forkframe ?? {};
  if (!app?.doc.nodes.size) return;
  const element = document.querySelector("canvas");
  const gl = element.getContext("webgl2");
  const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
  const pixels = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  const ratio = width / element.clientWidth;
  let shown = 0;
  for (const node of app.doc.nodes.values()) {
    const at = canvas.toScreen(node);
    const i = 4 * (Math.round(height - 1 - at.y * ratio) * width + Math.round(at.x * ratio));
    const [r, g, b] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    if (Math.max(r, g, b) - Math.min(r, g, b) > 40) shown++;
  }
  const now = performance.timeOrigin + performance.now();
  if (shown > 0) bench.first ||= now;
  if (shown > 0.99 * app.doc.nodes.size) bench.all = now;
}
"""
_SEEN = """
window.bench = { first: 0 };
new PerformanceObserver((list) => {
  bench.first ||= performance.timeOrigin + list.getEntries()[0].renderTime;
}).observe({ type: "element", buffered: true });
"""
# A turn of the wheel in each frame, half of them one way and half of them back.
_TURNING = """async ([selector, frames, dx, dy, ctrlKey]) => {
  const target = document.querySelector(selector);
  const [clientX, clientY] = [innerWidth / 2, innerHeight / 2];
  for (let n = 0; n <= frames; n++) {
    await new Promise(requestAnimationFrame);
    const way = n < frames / 2 ? 1 : -1;
    const init = { deltaX: way * dx, deltaY: way * dy, ctrlKey, clientX, clientY, bubbles: true, cancelable: true };
    target.dispatchEvent(new WheelEvent("wheel", init));
  }
}"""
# As many edges as in a new workspace's first moments move by themselves.
_PLAY = f"""async ([count, frames]) => {{
  const {{ app, canvas }} = window.forkframe;
  app.setUi({{ alive: count, hint: false }});
  while (canvas.debug().moving < count) await new Promise((done) => setTimeout(done, 100));
  await new Promise((done) => setTimeout(done, 1000));
  canvas.stats();
  for (let n = 0; n <= frames; n++) {{
    await new Promise(requestAnimationFrame);
    performance.mark("{MARK}");
  }}
  app.setUi({{ alive: 0 }});
  return canvas.stats().script;
}}"""
_REST = """async () => {
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((done) => setTimeout(done, 200));
    const { texturesWaiting } = window.forkframe.canvas.debug();
    quiet = window.forkframe.canvas.stats().frames === 0 && !texturesWaiting ? quiet + 1 : 0;
  }
}"""


def run() -> tuple[str, dict[str, Figure]]:
    """Who drew, and the figures by name, with the unit."""
    scene = Scene()
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        ours = _ours(browser, scene, Path(name))
        theirs = _theirs(browser, scene) if _build_xyflow() else {}
        ratios = {
            f"xyflow / ours, {key}": Figure(theirs[f"xyflow: {key}"].value / ours[key].value)
            for key in ours
            if f"xyflow: {key}" in theirs
        }
        return drawn_by(browser), {**ours, **theirs, **ratios}


class Scene:
    """The places of nodes, and the numbers of those that edges join."""

    def __init__(self) -> None:
        chance = random.Random(4)
        self.places = [
            (
                (n % _COLUMNS + chance.uniform(-0.1, 0.1)) * _APART[0],
                (n // _COLUMNS + chance.uniform(-0.1, 0.1)) * _APART[1],
            )
            for n in range(_NODES)
        ]
        self.edges: list[tuple[int, int]] = []
        while len(self.edges) < _EDGES:
            source = len(self.edges) % _NODES
            column = source % _COLUMNS + chance.randint(-2, 2)
            row = source // _COLUMNS + chance.randint(-2, 2)
            target = row * _COLUMNS + column
            if chance.random() < _FAR_EDGES:
                target = chance.randrange(_NODES)
            elif not (0 <= column < _COLUMNS and 0 <= row < _ROWS):
                target = (source + 1) % _NODES
            if target != source:
                self.edges.append((source, target))


def picture(number: int) -> Picture:
    """One of many colourful pictures `(144, 256, 3)` uint8 sRGB: two bright colours side by side."""
    width, height = _FRAME
    shown = np.empty((height, width, 3), np.uint8)
    for part, colour in ((shown[:, : width // 4], number + 5000), (shown[:, width // 4 :], number)):
        hue = np.array([[[colour * 97 % 180, 150 + colour % 7 * 15, 190 + colour // 180 % 65]]], np.uint8)
        part[:] = cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)
    return shown


def _ours(browser: Browser, scene: Scene, folder: Path) -> dict[str, Figure]:
    path = folder / "large.forkframe"
    _fill(path, scene)
    studio = Studio.open(path)
    try:
        while studio.thumbs.atlas().pending:
            pass
        for number in range(len(studio.thumbs.atlas().pages)):
            studio.thumbs.page(number)
        with served(studio, ui=UI) as address:
            opened = blank(browser, _LOOKING)
            began = time.time() * 1000
            opened.goto(f"{address}/?token={TOKEN}")
            opened.wait_for_function("() => bench.all > 0")
            first, everything = opened.evaluate("[bench.first, bench.all]")
            opened.context.close()
            page = blank(browser)
            page.goto(f"{address}/?token={TOKEN}")
            page.wait_for_function("() => window.forkframe?.canvas.debug().nodesDrawn > 0")
            page.evaluate("() => forkframe.app.setUi({ alive: 0, hint: false })")
            page.evaluate(_REST)
            far, far_own = _turned(browser, page, "#field", _OWN_FRAMES, 4)
            page.evaluate(
                "([zoom]) => forkframe.canvas.zoom(zoom / forkframe.canvas.debug().camera.zoom)", [_NEAR]
            )
            page.evaluate(_REST)
            near, near_own = _turned(browser, page, "#field", _OWN_FRAMES, 4)
            used = heap(page)
            played: list[float] = []
            playing = watched(
                browser, page, lambda: played.extend(page.evaluate(_PLAY, [_PLAYING, _PLAYED_FRAMES]))
            )
            page.context.close()
    finally:
        studio.close(finish=False)
    return {
        "opened to the first picture (s)": Figure((first - began) / 1000, "≤ 2"),
        "opened to all 10,000 pictures (s)": Figure((everything - began) / 1000),
        **_script("all in view", far),
        **_script("100 in view", near),
        "the canvas's own count, all in view, p95 (ms)": Figure(p95(far_own), "≤ 2"),
        "the canvas's own count, 100 in view, p95 (ms)": Figure(p95(near_own), "≤ 2"),
        "JavaScript heap (MB)": Figure(used, "≤ 150"),
        f"{_PLAYING} edges playing, script per frame, p50 (ms)": Figure(p50(playing.script)),
        f"{_PLAYING} edges playing, script per frame, longest (ms)": Figure(max(playing.script), "≤ 50"),
        "of it the canvas's own, longest (ms)": Figure(max(played)),
    }


def _theirs(browser: Browser, scene: Scene) -> dict[str, Figure]:
    (width, height), zoom = VIEW, min(VIEW[0] / _COLUMNS / _APART[0], VIEW[1] / _ROWS / _APART[1])
    (_BUILT / "dist" / "scene.json").write_text(
        json.dumps(
            {
                "nodes": scene.places,
                "edges": scene.edges,
                "pictures": [f"{n}.webp" for n in range(_PICTURES)],
                "viewport": {"x": 0, "y": 0, "zoom": zoom},
            }
        )
    )
    for n in range(_PICTURES):
        cv2.imwrite(str(_BUILT / "dist" / f"{n}.webp"), cv2.cvtColor(picture(n), cv2.COLOR_RGB2BGR))
    with _static(_BUILT / "dist") as address:
        page = blank(browser, _SEEN)
        began = time.time() * 1000
        page.goto(address)
        page.wait_for_function("() => bench.first > 0")
        first = page.evaluate("bench.first")
        page.wait_for_timeout(1000)
        far = _turned(browser, page, ".react-flow__renderer", _OVERVIEW_FRAMES, _THEIR_TURN)[0]
        at = (_COLUMNS / 2 * _APART[0], _ROWS / 2 * _APART[1])
        near_view = {"x": width / 2 - at[0] * _NEAR, "y": height / 2 - at[1] * _NEAR, "zoom": _NEAR}
        page.evaluate("view => flow.setViewport(view)", near_view)
        page.wait_for_function("() => document.querySelectorAll('.react-flow__node').length < 300")
        page.wait_for_timeout(1000)
        near = _turned(browser, page, ".react-flow__renderer", _THEIR_FRAMES, _THEIR_TURN)[0]
        used = heap(page)
        page.context.close()
    figures = {
        "opened to the first picture (s)": Figure((first - began) / 1000),
        **_script("all in view", far, limit=False),
        **_script("100 in view", near, limit=False),
        "JavaScript heap (MB)": Figure(used),
    }
    return {f"xyflow: {name}": figure for name, figure in figures.items()}


_THEIR_TURN = 4 * 0.01 / (0.002 * np.log(2))
"""What the wheel has to turn for the same zoom: e^0.01 per unit here, 2^0.002 there."""


def _turned(
    browser: Browser, page: Page, selector: str, frames: int, turn: float
) -> tuple[Frames, list[float]]:
    """Frames of panning and of zooming, and the milliseconds of script that the canvas itself counted in them."""

    def wheel(*, dx: float, dy: float, ctrl: bool) -> Frames:
        turned = [selector, frames, dx, dy, ctrl]
        return watched(browser, page, lambda: page.evaluate(_TURNING, turned))

    own = "window.forkframe?.canvas.stats().script ?? []"
    page.evaluate(own)
    pan, zoom = wheel(dx=12, dy=8, ctrl=False), wheel(dx=0, dy=float(turn), ctrl=True)
    return pan + zoom, page.evaluate(own)


def _script(where: str, frames: Frames, *, limit: bool = True) -> dict[str, Figure]:
    rows = {
        "script, p50 (ms)": Figure(p50(frames.script)),
        "script, p95 (ms)": Figure(p95(frames.script)),
        "script, processor, p50 (ms)": Figure(p50(frames.computed)),
        "script, processor, p95 (ms)": Figure(p95(frames.computed), "≤ 2" if limit else ""),
        "main thread, p50 (ms)": Figure(p50(frames.busy)),
        "main thread, p95 (ms)": Figure(p95(frames.busy)),
    }
    return {f"{where}, {name}": figure for name, figure in rows.items()}


def _fill(path: Path, scene: Scene) -> None:
    """Makes the workspace past the engine and the disk's syncs."""
    frame = Frame(*_FRAME, Fraction(24))
    with Store.create(path, frame=frame) as store:
        blob = store.blobs.put(_png(picture(0)))
    pixels = path / "media" / "pixels"
    pixels.mkdir(exist_ok=True)
    nodes: list[Node] = []
    for number, (x, y) in enumerate(scene.places):
        shown = picture(number)
        framed = PixelHash(pixel_hash(shown))
        (pixels / f"{framed}.png").write_bytes(_png(shown))
        nodes.append(Node(new_node_id(), blob, _FRAME, framed, x, y))
    edges = [Edge(new_edge_id(), nodes[a].id, nodes[b].id, 49) for a, b in scene.edges]
    fill(path, [*nodes, *edges])


def _png(shown: Picture) -> bytes:
    pixels = cv2.cvtColor(shown, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", pixels, (cv2.IMWRITE_PNG_COMPRESSION, 1))[1].tobytes()


def _build_xyflow() -> bool:
    """Builds the other page, and installs what it needs the first time; tells whether that worked."""
    npm = shutil.which("npm")
    if npm is None:
        print("there is no npm to build the page of @xyflow/react with; its rows will be missing")
        return False
    _BUILT.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "index.html", "main.js"):
        shutil.copy(_XYFLOW / file, _BUILT)
    commands = [[npm, "run", "build"]]
    if not (_BUILT / "node_modules" / ".package-lock.json").exists():
        commands.insert(0, [npm, "install", "--no-audit", "--no-fund"])
    for command in commands:
        done = subprocess.run(command, cwd=_BUILT, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"the page of @xyflow/react can't be built; its rows will be missing\n{done.stderr[-500:]}")
            return False
    return True


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _static(folder: Path) -> Generator[str]:
    """The address of a server of files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


def report() -> str:
    """The figures as text, under who drew them."""
    who, figures = run()
    return f"{who}\n{table(figures)}"


if __name__ == "__main__":
    print(report())
