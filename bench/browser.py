"""A real browser for the benches, and what its main thread was busy with."""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",  # WebGL without a graphics card: what the weakest machine has
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEW = (1280, 800)
MARK = "bench-frame"
"""What a page marks (`performance.mark`) once in each frame that is counted, unless it turns the wheel once in each: a
mark takes longer than what is measured."""
_PATIENCE = 120_000  # milliseconds
_CATEGORIES = ("devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing")
_SCRIPT = frozenset(
    {"FunctionCall", "EvaluateScript", "EventDispatch", "FireAnimationFrame", "TimerFire", "RunMicrotasks"}
)
_RENDERER = """() => {
  const gl = document.createElement("canvas").getContext("webgl2");
  const facts = gl?.getExtension("WEBGL_debug_renderer_info");
  return gl && facts ? gl.getParameter(facts.UNMASKED_RENDERER_WEBGL) : "no WebGL";
}"""


@contextmanager
def chromium() -> Generator[Browser]:
    """Chromium without a window, drawing in software."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        raise SystemExit("these figures need a browser: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def blank(browser: Browser, *scripts: str) -> Page:
    """An empty page in a context of its own, with nothing in its cache; `scripts` run before the page's own."""
    context = browser.new_context(viewport={"width": VIEW[0], "height": VIEW[1]})
    for script in scripts:
        context.add_init_script(script)
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    return page


def drawn_by(browser: Browser) -> str:
    """The browser and who draws in it, in a line."""
    page = blank(browser)
    line = f"Chromium {browser.version}, {page.evaluate(_RENDERER)}, {VIEW[0]}×{VIEW[1]}"
    page.context.close()
    return line


def heap(page: Page) -> float:
    """Megabytes of JavaScript objects that are still in use."""
    session = page.context.new_cdp_session(page)
    for command in ("HeapProfiler.enable", "HeapProfiler.collectGarbage", "Performance.enable"):
        session.send(command)
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return metrics["JSHeapUsedSize"] / 1e6


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds of the main thread for each frame.

    Attributes:
        script: in JavaScript, by the clock; on a busy machine others' work is in it, and so is waiting for pixels.
        computed: in JavaScript, by what it used of a processor.
        busy: with anything at all, by the clock.
    """

    script: Sequence[float]
    computed: Sequence[float]
    busy: Sequence[float]

    def __add__(self, other: Frames) -> Frames:
        """The frames of both."""
        return Frames(
            [*self.script, *other.script], [*self.computed, *other.computed], [*self.busy, *other.busy]
        )


def watched(browser: Browser, page: Page, work: Callable[[], object]) -> Frames:
    """What the main thread did in the frames that `work` makes the page mark or turn the wheel in, the last one not counted."""
    browser.start_tracing(page=page, categories=list(_CATEGORIES))
    try:
        work()
    finally:
        trace = browser.stop_tracing()
    return _frames(json.loads(trace)["traceEvents"])


def _frames(events: Sequence[dict[str, Any]]) -> Frames:
    marks = [e for e in events if _is_mark(e)]
    thread = (marks[0]["pid"], marks[0]["tid"])
    ours = [e for e in events if (e["pid"], e["tid"]) == thread and e["ph"] == "X"]
    tasks = _outermost([e for e in ours if e["name"] == "RunTask"])
    script = _outermost([e for e in ours if e["name"] in _SCRIPT])
    # A frame begins with the task in which it was marked.
    begins = np.array([task["ts"] for task in tasks])
    places = np.searchsorted(begins, sorted(e["ts"] for e in marks), side="right") - 1
    bounds = [float(begins[max(place, 0)]) for place in places]
    return Frames(
        _per_frame(script, bounds, "dur"),
        _per_frame(script, bounds, "tdur"),
        _per_frame(tasks, bounds, "dur"),
    )


def _is_mark(event: dict[str, Any]) -> bool:
    turned = event["name"] == "EventDispatch" and event["args"]["data"]["type"] == "wheel"
    return turned or (event["name"] == MARK and event["ph"] in "RIin")


def _outermost(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that lie in others."""
    outermost: list[dict[str, Any]] = []
    end = 0.0
    for event in sorted(events, key=lambda event: (event["ts"], -event["dur"])):
        if event["ts"] >= end:
            outermost.append(event)
            end = event["ts"] + event["dur"]
    return outermost


def _per_frame(events: Sequence[dict[str, Any]], bounds: Sequence[float], what: str) -> list[float]:
    sums = np.zeros(len(bounds) + 1)
    for event in events:
        sums[np.searchsorted(bounds, event["ts"], side="right")] += event.get(what, 0) / 1000
    return [float(ms) for ms in sums[1:-1]]


def p50(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 do not exceed."""
    return float(np.percentile(values, 95))
