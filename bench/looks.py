"""What restyling costs, how steady a restyled edge is, and sheets to judge the looks by.

    python -m bench.looks [--side 512] [--sheets FOLDER] [--page] [--only costs|edges|sheets] [NAME ...]

Times are of one thread, the best of three; beside seconds stands the ratio to a fixed yardstick measured in the same
run (a bilateral filter of the same picture), which other load on the machine hardly changes. Sheets: see `bench.sheets`.

Steadiness: an edge is restyled by restyling its two ends and drawing them with the edge's own field
(`transition.prepare` with `motion`). Frames are compared along the field's motion, so that a stroke that travels with what it was
painted on is still and one that is drawn anew is not; what they differ by from frame to frame is added up over the edge
and divided by how far apart its two ends are: how much longer a way colours go than they have to. `flicker` is that of
the restyled edge over that of the source, 1 being as steady as the source; `frame by frame` the same when every frame is
restyled on its own; `change` the plain ratio of what neighbouring frames differ by, contrast and all; `contrast` the
ratio of what neighbouring pixels of the same frame differ by. A look of hard strokes moves more from frame to frame for
the same reason for which it has more in every frame, so beside them stands `change/contrast`: above 1 a restyled edge
changes more than its own contrast explains.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.pictures import PHOTOGRAPHS, Picture, panned, photograph, square_pairs
from bench.sheets import sheet, write_page
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import Field
from forkframe.engines.builtin.looks import LOOKS
from forkframe.engines.builtin.looks.filters import blur
from forkframe.engines.builtin.restyle import restyle_by_prompt, restyle_like
from forkframe.engines.builtin.sampling import pixel_grid, sampled
from forkframe.engines.builtin.transition import prepare

EXPLAINED = """Looks at 512 px; yardstick: a bilateral filter of the same picture in the same run. Edges: 25 frames at 256 px,
two ends restyled and drawn with the source's own field, over the source edge. Flicker: how much longer a way colours go, along
the motion and as seen, than they have to; pixels: the same pixel by pixel; frame by frame: every frame restyled on its own.
Change: what neighbouring frames differ by; contrast: what neighbouring pixels differ by. Looks of hard strokes change more
for the same reason for which they have more contrast: change/contrast is what is left."""
"""What `make bench` says above the tables."""

_MOST = 0.15
"""Seconds of a processor that a look may take at 512 px."""
_FRAMES = 25
_STEADY_SIDE = 256

Restyle = Callable[[Picture], Picture]


@dataclass(frozen=True)
class Steadiness:
    """How steady restyled edges are against their sources, as means over edges; see the head of this file."""

    flicker: float
    pixels: float
    by_frame: float
    change: float
    contrast: float
    change_per_contrast: float


def cost(call: Callable[[], object], image: Picture, rounds: int = 3) -> tuple[float, float]:
    """(seconds of the fastest round, its ratio to the yardstick's, measured in turns); one round before compiles."""
    call()
    seconds: list[tuple[float, float]] = []
    for _ in range(rounds):
        seconds.append((_seconds(call), _seconds(lambda: cv2.bilateralFilter(image, 15, 40, 7))))
    own, yardstick = (min(column) for column in zip(*seconds, strict=True))
    return own, own / yardstick


def _seconds(call: Callable[[], object]) -> float:
    before = process_time()
    call()
    return process_time() - before


def costs(side: int, names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """What every look and restyling by prompt and by reference cost, at `side`² pixels; see `cost`."""
    image = photograph("astronaut", width=side, height=side)
    board = [(photograph(name, width=side, height=side), 1.0) for name in PHOTOGRAPHS[1:9]]
    prompt = "a slightly foggy evening, watercolour, much colder"
    calls: dict[str, Callable[[], object]] = {
        name: lambda name=name: LOOKS[name].draw(image, 1, 1.0) for name in names
    }
    calls |= {
        f"“{prompt}”": lambda: restyle_by_prompt(image, prompt=prompt, strength=1, seed=1),
        "like one picture, colours": lambda: restyle_like(image, board[1:2], strength=1, seed=1),
        "like one picture, texture .5": lambda: restyle_like(
            image, board[1:2], strength=1, texture=0.5, seed=1
        ),
        "like a board of eight, texture .5": lambda: restyle_like(
            image, board, strength=1, texture=0.5, seed=1
        ),
    }
    return {name: cost(call, image) for name, call in calls.items()}


def steadiness(restyle: Restyle, edges: Sequence[tuple[Picture, Picture]]) -> Steadiness:
    """How steady a way to restyle is over some edges, each given by its ends."""
    figures: list[tuple[float, ...]] = []
    for a, b in edges:
        field = prepare(a, b, seed=0)
        source = _drawn(Drawer(a, b, field))
        ends = restyle(a), restyle(b)
        frames = _drawn(Drawer(*ends, prepare(*ends, seed=0, motion=(a, b))))
        singly = [restyle(frame) for frame in source]
        seen = _STEADY_SIDE / 160
        longer = _detour(source, field, sigma=seen)
        change, contrast = _change(frames) / _change(source), _contrast(frames) / _contrast(source)
        figures.append(
            (
                _detour(frames, field, sigma=seen) / longer,
                _detour(frames, field, sigma=0) / _detour(source, field, sigma=0),
                _detour(singly, field, sigma=seen) / longer,
                change,
                contrast,
                change / contrast,
            )
        )
    return Steadiness(*(float(value) for value in np.mean(figures, axis=0)))


def _drawn(drawer: Drawer) -> list[Picture]:
    return [drawer.frame_at(index, _FRAMES) for index in range(_FRAMES)]


def _change(frames: Sequence[Picture]) -> float:
    return float(np.mean([cv2.absdiff(after, before).mean() for before, after in pairwise(frames)]))


def _contrast(frames: Sequence[Picture]) -> float:
    """What neighbouring pixels differ by, mean over all frames and both directions."""
    return float(
        np.mean(
            [
                (cv2.absdiff(f[1:], f[:-1]).mean() + cv2.absdiff(f[:, 1:], f[:, :-1]).mean()) / 2
                for f in frames
            ]
        )
    )


def _detour(frames: Sequence[Picture], field: Field, *, sigma: float) -> float:
    """What frames differ by along the field's motion, added up, over what their two ends differ by: 1 at best."""
    height, width = frames[0].shape[:2]
    reach = np.array([width, height], np.float32)
    v = cv2.resize(field.v, (width, height), interpolation=cv2.INTER_CUBIC) * reach
    grid = pixel_grid(height, width)
    still: list[NDArray[np.float32]] = []
    for index, frame in enumerate(frames):
        t = index / (len(frames) - 1)
        if field.pace is not None:
            t = float(np.interp(t, np.linspace(0, 1, len(field.pace)), field.pace))
        # The half-way point p lies in this frame at p + (2t − 1)·v(p).
        places = (grid + np.float32(2 * t - 1) * v).astype(np.float32)
        followed = sampled(frame.astype(np.float32), places, cv2.INTER_CUBIC)
        still.append(blur(followed, sigma))
    way = sum(float(np.abs(after - before).mean()) for before, after in pairwise(still))
    return way / float(np.abs(still[-1] - still[0]).mean())


def edges() -> list[tuple[Picture, Picture]]:
    """Two edges between unrelated pictures and one along a camera's pan."""
    pan = panned("astronaut", _STEADY_SIDE)
    return [(a, b) for _, a, b in square_pairs(_STEADY_SIDE)[::3]] + [(pan[0], pan[2])]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="looks (default all)")
    parser.add_argument("--side", type=int, default=512, help="pixels per side of the pictures (default 512)")
    parser.add_argument("--sheets", type=Path, help="write a sheet (PNG) for each look into this folder")
    parser.add_argument("--page", action="store_true", help="write docs/looks.md anew")
    parser.add_argument("--only", choices=("costs", "edges", "sheets"), help="measure only this")
    arguments = parser.parse_args()
    names = arguments.names or list(LOOKS)
    cv2.setNumThreads(1)
    if arguments.sheets is not None or arguments.page:
        beyond = {name: sheet(name, arguments.sheets) for name in names}
        if arguments.page:
            write_page(beyond)
    if arguments.only in (None, "costs"):
        print(costs_table(arguments.side, names))
    if arguments.only in (None, "edges"):
        print(edges_table(names))


def table() -> str:
    """Both tables, of all looks: what `make bench` prints."""
    cv2.setNumThreads(1)
    return f"{costs_table(512, list(LOOKS))}\n\n{edges_table(list(LOOKS))}"


def costs_table(side: int, names: Sequence[str]) -> str:
    lines = [f"{'':54}{'seconds':>9}{'× yardstick':>13}"]
    for name, (seconds, ratio) in costs(side, names).items():
        missed = f"   MISSED: ≤ {_MOST}" if side == 512 and name in LOOKS and seconds > _MOST else ""
        lines.append(f"{name:54}{seconds:9.3f}{ratio:13.2f}{missed}")
    return "\n".join(lines)


def edges_table(names: Sequence[str]) -> str:
    reference = photograph("coffee", width=_STEADY_SIDE, height=_STEADY_SIDE)
    ways: dict[str, Restyle] = {
        name: lambda image, name=name: LOOKS[name].draw(image, 1, 1.0) for name in names
    }
    ways["like a picture, colours"] = lambda image: restyle_like(image, [(reference, 1)], strength=1, seed=1)
    ways["like a picture, texture .5"] = lambda image: restyle_like(
        image, [(reference, 1)], strength=1, texture=0.5, seed=1
    )
    chosen = edges()
    results = {name: steadiness(restyle, chosen) for name, restyle in ways.items()}
    results["mean"] = Steadiness(*np.mean([astuple(result) for result in results.values()], axis=0))
    head = (
        f"{'edges restyled':28}{'flicker':>9}{'pixels':>8}{'frame by frame':>16}"
        f"{'change':>9}{'contrast':>10}{'change/contrast':>17}"
    )
    return "\n".join([head, *(_row(name, result) for name, result in results.items())])


def _row(name: str, steady: Steadiness) -> str:
    return (
        f"{name:28}{steady.flicker:9.2f}{steady.pixels:8.2f}{steady.by_frame:16.2f}"
        f"{steady.change:9.2f}{steady.contrast:10.2f}{steady.change_per_contrast:17.2f}"
    )


if __name__ == "__main__":
    main()
