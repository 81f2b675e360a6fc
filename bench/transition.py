"""The built-in transition against cheap tricks, plain optical flow and FFmpeg's motion interpolation.

    python -m bench.transition [--side 512] [--sheet transitions.png]

Everything runs in one process, and on one thread unless a row says otherwise; preparing the pair counts into the frames
per second of ours, as it does for minterpolate. See `metrics` for what the columns mean.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from bench import metrics, rivals
from bench.pictures import Picture, panned, photograph, square_pairs, warped_pairs
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.transition import Style, prepare

FRAMES = 49
"""A two-second edge at 24 frames per second."""
CORES = 2

Method = Callable[[Picture, Picture, int], tuple[list[Picture], float]]


@dataclass(frozen=True)
class Row:
    """One method's means.

    Attributes:
        fps: frames per second, preparation counted, over the unrelated pairs.
        energy: `metrics.gradient_energy`, unrelated pairs.
        patches: `metrics.patch_distance`, unrelated pairs.
        coherence: `metrics.coherence`, unrelated pairs.
        step: `metrics.unevenness`, the worst unrelated pair.
        motion: `metrics.motion` along known correspondences, on warped and recoloured photographs.
        motion_unrelated: `metrics.motion` along an independent matcher's ways, on the unrelated pairs.
        arrived: `metrics.arrivals` along known correspondences.
        psnr: dB of the middle frame against the true one, on panning and zooming cameras.
    """

    method: str
    fps: float
    energy: float
    patches: float
    coherence: float
    step: float
    motion: float
    motion_unrelated: float
    arrived: float
    psnr: float


def ours(a: Picture, b: Picture, count: int) -> tuple[list[Picture], float]:
    """The built-in transition, and the seconds it took."""
    before = perf_counter()
    drawer = Drawer(a, b, prepare(a, b, seed=0))
    frames = [drawer.frame_at(index, count) for index in range(count)]
    return frames, perf_counter() - before


def sand(a: Picture, b: Picture, count: int) -> tuple[list[Picture], float]:
    """The built-in transition in sand, and the seconds it took."""
    before = perf_counter()
    drawer = Drawer(a, b, prepare(a, b, seed=0, style="sand"))
    frames = [drawer.frame_at(index, count) for index in range(count)]
    return frames, perf_counter() - before


def ours_on_two(a: Picture, b: Picture, count: int) -> tuple[list[Picture], float]:
    """The built-in transition, its frames drawn by two threads, and the seconds it took."""
    before = perf_counter()
    drawer = Drawer(a, b, prepare(a, b, seed=0))
    with ThreadPoolExecutor(2) as threads:
        frames = list(threads.map(lambda index: drawer.frame_at(index, count), range(count)))
    return frames, perf_counter() - before


def _timed(draw: Callable[[Picture, Picture, int], list[Picture]]) -> Method:
    def method(a: Picture, b: Picture, count: int) -> tuple[list[Picture], float]:
        before = perf_counter()
        return draw(a, b, count), perf_counter() - before

    return method


METHODS: dict[str, Method] = {
    "ours": ours,
    "ours, 2 threads": ours_on_two,
    "sand": sand,
    "crossfade": _timed(rivals.crossfade),
    "soft wipe": _timed(rivals.soft_wipe),
    "noise dissolve": _timed(rivals.noise_dissolve),
    "DIS both ways": _timed(rivals.dis_both_ways),
    "minterpolate": rivals.minterpolate,
}


def run(*, side: int = 512, sheet: Path | None = None) -> list[Row]:
    """Every method over all pairs, at `side`² pixels; `sheet` names a contact sheet (PNG) to write."""
    cv2.setNumThreads(1)
    unrelated, warped = square_pairs(side), warped_pairs(side)
    cameras = [panned(name, side) for name in ("astronaut", "cat", "rocket")]
    lookalike = [metrics.lookalike_ways(a, b) for _, a, b in unrelated]
    true = [metrics.true_ways(displacement, a) for _, a, _, displacement in warped]
    ours(*unrelated[0][1:], 3)  # compiles the kernels
    rows: list[Row] = []
    strips: list[list[Picture]] = []
    for name, method in METHODS.items():
        drawn = [method(a, b, FRAMES) for _, a, b in unrelated]
        clips = [frames for frames, _ in drawn]
        warped_clips = [method(a, b, FRAMES)[0] for _, a, b, _ in warped]
        middles = [method(first, last, 3)[0][1] for first, _, last in cameras]
        rows.append(
            Row(
                name,
                fps=FRAMES * len(drawn) / sum(seconds for _, seconds in drawn),
                energy=_mean(metrics.gradient_energy(clip) for clip in clips),
                patches=_mean(metrics.patch_distance(clip) for clip in clips),
                coherence=_mean(metrics.coherence(clip) for clip in clips),
                step=max(metrics.unevenness(clip) for clip in clips),
                motion=_mean(map(metrics.motion, warped_clips, true)),
                motion_unrelated=_mean(map(metrics.motion, clips, lookalike)),
                arrived=_mean(map(metrics.arrivals, warped_clips, true)),
                psnr=_mean(cv2.PSNR(m, true) for m, (_, true, _) in zip(middles, cameras, strict=True)),
            )
        )
        # Ours and sand in full; of every other method one pair, to compare with.
        strips += [*clips, *warped_clips] if name == "ours" else clips if name == "sand" else clips[1:2]
    if sheet is not None:
        _write_sheet(sheet, strips)
    return rows


def table(rows: list[Row]) -> str:
    """The rows as text, with ours relative to minterpolate below."""
    lines = [
        f"{'':16}{'fps':>7}{'energy':>9}{'patches':>9}{'coherence':>11}{'step':>7}{'motion':>9}{'(unrelated)':>13}"
        f"{'arrived':>9}{'PSNR':>7}",
        *(
            f"{row.method:16}{row.fps:7.1f}{row.energy:9.2f}{row.patches:9.2f}{row.coherence:11.2f}{row.step:7.2f}"
            f"{row.motion:9.3f}{row.motion_unrelated:13.3f}{row.arrived:9.0%}{row.psnr:7.1f}"
            for row in rows
        ),
    ]
    by_name = {row.method: row for row in rows}
    alone, both = (by_name[name].fps / by_name["minterpolate"].fps for name in ("ours", "ours, 2 threads"))
    ratio = f"ours draws {alone:.2f} × minterpolate's frames per second, preparation counted; on two threads {both:.2f} ×"
    return "\n".join([*lines, ratio])


def rendered() -> str:
    """How fast prepared transitions are drawn at the default frame, a clip to each core, in frames per second."""
    cv2.setNumThreads(1)
    size = {"width": 1280, "height": 720}
    lines: list[str] = []
    shown: tuple[tuple[str, str, Style], ...] = (
        ("astronaut", "cat", "auto"),
        ("coffee", "galaxies", "auto"),
        ("cat", "cat", "auto"),
        ("astronaut", "cat", "sand"),
        ("coffee", "galaxies", "sand"),
    )
    for first, last, style in shown:
        a, b = photograph(first, **size), photograph(last, **size)
        if first == last:  # the camera comes nearer
            b = photograph(last, width=1408, height=792)[36:756, 64:1344].copy()
        before = perf_counter()
        field = prepare(a, b, seed=0, style=style)
        prepared = perf_counter() - before
        with ThreadPoolExecutor(CORES) as cores:
            drawers = [Drawer(a, b, field) for _ in range(CORES)]
            list(cores.map(_drawn, drawers))
            before = perf_counter()
            list(cores.map(_drawn, drawers))
            took = perf_counter() - before
        kind = (
            "linear" if field.tau is None else "timed" if field.palettes is None else "timed, with palettes"
        )
        kind = kind if field.grains is None else kind.replace("timed", "sand")
        rate = CORES * (FRAMES - 2) / took
        lines.append(
            f"1280×720, {kind:21} prepared in {prepared:.2f} s, {rate:5.1f} frames/s on {CORES} cores"
        )
    return "\n".join(lines)


def _drawn(drawer: Drawer) -> None:
    for index in range(1, FRAMES - 1):
        drawer.frame_at(index, FRAMES)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _write_sheet(path: Path, strips: list[list[Picture]]) -> None:
    moments = (0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
    rows: list[NDArray[np.uint8]] = [
        np.hstack(
            [
                cv2.resize(strip[round(t * (len(strip) - 1))], (200, 200), interpolation=cv2.INTER_AREA)
                for t in moments
            ]
        ).astype(np.uint8)
        for strip in strips
    ]
    encoded = cv2.imencode(".png", cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))[1]
    encoded.tofile(path)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=512, help="pixels per side of the pictures (default 512)")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet (PNG) here")
    arguments = parser.parse_args()
    print(table(run(side=arguments.side, sheet=arguments.sheet)))
    print(rendered())


if __name__ == "__main__":
    main()
