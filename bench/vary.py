"""The built-in variations: time, what strength means, what stays whole, and how far variations lie apart.

    python -m bench.vary [--side 512] [--seeds 12] [--sheet variations.png]

Times are of one thread, in seconds of the processor that were spent on it, except for four at once: by the clock, the
best of three. The denoiser (OpenCV's non-local means on the same picture, one thread) is a yardstick that
anybody has: the machine may be busy, the ratio says how much work a variation is all the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from time import perf_counter, process_time

import cv2
import numpy as np

from bench.pictures import DRAWINGS, PHOTOGRAPHS, Picture, drawing, photograph
from forkframe.engines.builtin import code
from forkframe.engines.builtin.intact import faces
from forkframe.engines.builtin.scene import forget_scene
from forkframe.engines.builtin.vary import vary

STRENGTHS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
_FOUND = 0.8
"""Normalised cross-correlation from which a head counts as found …"""
_TWIN = 0.7
"""… and from which another place counts as a second one."""
_HEAD = 28
"""Pixels across a head when it is looked for."""

HEADS = {"astronaut": (0.31, 0.03, 0.26, 0.32), "cameraman": (0.34, 0.13, 0.19, 0.27)}
"""Where the heads are, marked by hand on the square photographs: left, top, width, height in shares."""
_VIEWS = (
    # left, top, side in shares of the square: whole, closer, and closer at another place.
    (0.0, 0.0, 1.0),
    (0.05, 0.0, 0.75),
    (0.2, 0.0, 0.8),
    (0.12, 0.02, 0.55),
)


@dataclass(frozen=True)
class Speed:
    """Seconds at one side, one thread: one variation, the denoiser, and four at once on two threads."""

    one: float
    slowest: float
    denoiser: float
    four: float


@dataclass(frozen=True)
class Step:
    """Means over all pictures and two seeds at one strength, mirrored results turned back first.

    Attributes:
        composition: `code.composition_distance` to the original.
        style: `code.style_distance` to the original.
        patches: sliced distance between 7×7 patches, × 100.
        psnr: dB against the original.
        further: share of the pictures that are not nearer to the original than at the strength before.
    """

    strength: float
    composition: float
    style: float
    patches: float
    psnr: float
    further: float


@dataclass(frozen=True)
class Kept:
    """Variations of pictures with a head at strength .5: how many there are, how many kept it, and the detector's word."""

    name: str
    count: int
    kept: int
    counted: int
    detectable: int


@dataclass(frozen=True)
class Spread:
    """Mean pairwise composition distance of four variations at strength .5: consecutive seeds, random seeds."""

    consecutive: float
    scattered: float
    least_consecutive: float
    least_scattered: float


def pictures(side: int) -> dict[str, Picture]:
    """All photographs and drawings as squares."""
    drawn = {name: drawing(name, width=side, height=side) for name in DRAWINGS}
    return {name: photograph(name, width=side, height=side) for name in PHOTOGRAPHS} | drawn


def speed(side: int) -> Speed:
    """How long a variation at strength .5 takes: the median and the slowest of six photographs."""
    shown = [photograph(name, width=side, height=side) for name in PHOTOGRAPHS[:6]]
    vary(shown[0], strength=0.5, seed=0)  # compiles the kernels
    forget_scene()
    seconds = [_seconds(lambda p=p: vary(p, strength=0.5, seed=1)) for p in shown]
    denoiser = _seconds(lambda: cv2.fastNlMeansDenoisingColored(shown[0]))

    # What four of one picture have in common is found once; one alone has to find it itself.
    def four() -> None:
        forget_scene()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda seed: vary(shown[1], strength=0.5, seed=seed), range(4)))

    def each() -> None:
        for seed in range(4):
            forget_scene()
            vary(shown[1], strength=0.5, seed=seed)

    together = min(_clock(four) / (_clock(each) / 4) for _ in range(3))
    return Speed(float(np.median(seconds)), max(seconds), denoiser, together)


def curve(shown: dict[str, Picture]) -> list[Step]:
    """What each strength does to the pictures."""
    steps: list[Step] = []
    before = dict.fromkeys(shown, -1.0)
    for strength in STRENGTHS:
        rows: list[tuple[float, float, float, float]] = []
        further = 0
        for name, picture in shown.items():
            own = code.encode(picture)
            here: list[tuple[float, float, float, float]] = []
            for seed in (1, 2):
                varied = _upright(vary(picture, strength=strength, seed=seed), picture)
                other = code.encode(varied)
                here.append(
                    (
                        code.composition_distance(own, other),
                        code.style_distance(own, other),
                        _patches_apart(picture, varied),
                        min(99.0, float(cv2.PSNR(picture, varied))),
                    )
                )
            rows += here
            at = _mean(row[0] for row in here)
            further += at > before[name] - 0.01
            before[name] = at
        means = [_mean(row[k] for row in rows) for k in range(4)]
        steps.append(Step(strength, means[0], means[1], means[2], means[3], further / len(shown)))
    return steps


def kept(side: int, seeds: int) -> list[Kept]:
    """How many variations at strength .5 have their head once, where nothing of it is bent."""
    out: list[Kept] = []
    for name, head in HEADS.items():
        whole = photograph(name, width=512, height=512)
        count = good = counted = detectable = 0
        for left, top, size in _VIEWS:
            box = ((head[0] - left) / size, (head[1] - top) / size, head[2] / size, head[3] / size)
            x, y, s = round(left * 512), round(top * 512), round(size * 512)
            view = cv2.resize(whole[y : y + s, x : x + s], (side, side), interpolation=cv2.INTER_AREA)
            for mirrored in (False, True):
                picture = np.ascontiguousarray(view[:, ::-1] if mirrored else view).astype(np.uint8)
                at = (1 - box[0] - box[2], *box[1:]) if mirrored else box
                found = len(faces(picture))
                for seed in range(seeds):
                    varied = vary(picture, strength=0.5, seed=seed)
                    count += 1
                    good += head_kept(picture, varied, at)
                    if name == "astronaut":
                        detectable += 1
                        counted += len(faces(varied)) == found or len(faces(_flipped(varied))) == found
        out.append(Kept(name, count, good, counted, detectable))
    return out


def head_kept(source: Picture, varied: Picture, box: tuple[float, float, float, float]) -> bool:
    """Whether the variation shows what is in `box` once, in its shape up to 15 % of aspect, mirrored or not."""
    height, width = source.shape[:2]
    x, y, w, h = box
    x0, y0 = max(0, round(x * width)), max(0, round(y * height))
    head = source[y0 : round((y + h) * height), x0 : round((x + w) * width)]
    scale = _HEAD / max(head.shape[:2])
    grey = cv2.cvtColor(varied, cv2.COLOR_RGB2GRAY)
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    best, where, shape = -1.0, (0, 0), (0, 0)
    maps: list[tuple[np.ndarray, tuple[int, int]]] = []
    for flip in (False, True):
        upright = head[:, ::-1] if flip else head
        for zoom in np.geomspace(0.6, 1.7, 13):
            for aspect in (0.87, 1.0, 1.15):
                across = np.array(head.shape[1::-1]) / max(head.shape[:2]) * _HEAD * zoom
                size = (round(across[0] * aspect**0.5), round(across[1] / aspect**0.5))
                if size[0] >= grey.shape[1] or size[1] >= grey.shape[0]:
                    continue
                template = cv2.resize(
                    cv2.cvtColor(np.ascontiguousarray(upright), cv2.COLOR_RGB2GRAY),
                    size,
                    interpolation=cv2.INTER_AREA,
                )
                likeness = cv2.matchTemplate(grey, template, cv2.TM_CCOEFF_NORMED)
                maps.append((likeness, size))
                _, top, _, place = cv2.minMaxLoc(likeness)
                if top > best:
                    best, where, shape = top, place, size
    if best < _FOUND:
        return False
    centre = np.array(where) + np.array(shape) / 2
    for likeness, size in maps:
        ys, xs = np.nonzero(likeness >= _TWIN)
        away = np.abs(np.stack([xs + size[0] / 2, ys + size[1] / 2], -1) - centre)
        if (away > np.array(shape) * 0.6).any(-1).any():
            return False
    return True


def spread(shown: dict[str, Picture]) -> Spread:
    """How far four variations lie apart, over all pictures and three sets of seeds."""
    sets = {
        "consecutive": [[start + k for k in range(4)] for start in (11, 202, 3003)],
        "scattered": [
            [int(s) for s in np.random.default_rng(set_).integers(0, 2**31, 4)] for set_ in range(3)
        ],
    }
    figures: dict[str, list[tuple[float, float]]] = {}
    for kind, groups in sets.items():
        for picture in shown.values():
            for seeds in groups:
                codes = [code.encode(vary(picture, strength=0.5, seed=seed)) for seed in seeds]
                pairs = [code.composition_distance(a, b) for a, b in combinations(codes, 2)]
                figures.setdefault(kind, []).append((float(np.mean(pairs)), min(pairs)))
    means = {kind: np.mean(rows, axis=0) for kind, rows in figures.items()}
    return Spread(
        float(means["consecutive"][0]),
        float(means["scattered"][0]),
        float(means["consecutive"][1]),
        float(means["scattered"][1]),
    )


def table(*, side: int = 512, seeds: int = 12, sheet: Path | None = None) -> str:
    """Everything measured, as text; `sheet` names a contact sheet (PNG) to write."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        took = speed(side)
        small = pictures(min(side, 256))
        lines = [
            f"one variation at {side} px, strength .5, one thread: {took.one:.2f} s (slowest {took.slowest:.2f} s), "
            f"{took.one / took.denoiser:.2f} × the denoiser's {took.denoiser:.2f} s",
            f"four on two threads: {took.four:.2f} × the time of one",
            "",
            f"{'strength':>8}{'composition':>13}{'style':>7}{'patches':>9}{'PSNR':>7}{'not nearer than before':>24}",
        ]
        for s in curve(small):
            lines.append(
                f"{s.strength:8.2f}{s.composition:13.3f}{s.style:7.3f}{s.patches:9.2f}{s.psnr:7.1f}{s.further:24.0%}"
            )
        lines.append("")
        for k in kept(min(side, 384), seeds):
            line = f"{k.name}: head once and in shape in {k.kept} of {k.count} = {k.kept / k.count:.1%}"
            if k.detectable:
                line += f"; as many faces as before for the detector in {k.counted / k.detectable:.1%}"
            lines.append(line)
        apart = spread(
            {name: small[name] for name in ("astronaut", "cat", "coffee", "rocket", "village", "moon")}
        )
        lines += [
            "",
            f"four variations, mean (least) distance between two: consecutive seeds {apart.consecutive:.3f} "
            f"({apart.least_consecutive:.3f}), random seeds {apart.scattered:.3f} ({apart.least_scattered:.3f})",
        ]
        if sheet is not None:
            _write_sheet(sheet, pictures(min(side, 384)))
    finally:
        cv2.setNumThreads(before)
    return "\n".join(lines)


def _seconds(work: Callable[[], object]) -> float:
    before = process_time()
    work()
    return process_time() - before


def _clock(work: Callable[[], object]) -> float:
    before = perf_counter()
    work()
    return perf_counter() - before


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _flipped(image: Picture) -> Picture:
    return np.ascontiguousarray(image[:, ::-1])


def _upright(varied: Picture, source: Picture) -> Picture:
    """The variation, turned back if it is nearer to its source that way."""
    own = code.encode(source)
    return min((varied, _flipped(varied)), key=lambda v: code.composition_distance(own, code.encode(v)))


def _patches_apart(a: Picture, b: Picture) -> float:
    """Sliced Wasserstein distance between the 7×7 Lab patches of two pictures, over 64 directions, × 100."""
    rng = np.random.default_rng(0)
    clouds = []
    for image in (a, b):
        lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) / np.float32(100)
        windows = np.lib.stride_tricks.sliding_window_view(lab, (7, 7), axis=(0, 1))
        rows, columns = (rng.integers(0, n, 8000) for n in windows.shape[:2])
        clouds.append(windows[rows, columns].reshape(8000, -1))
    directions = rng.standard_normal((clouds[0].shape[1], 64)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    return float(np.abs(np.sort(clouds[0] @ directions, 0) - np.sort(clouds[1] @ directions, 0)).mean()) * 100


def _write_sheet(path: Path, shown: dict[str, Picture]) -> None:
    columns = ((0.1, 1), (0.25, 1), (0.5, 1), (0.5, 2), (0.5, 3), (0.75, 1), (1.0, 1), (1.0, 2), (1.0, 3))
    rows = []
    for picture in shown.values():
        row = [picture, *(vary(picture, strength=strength, seed=seed) for strength, seed in columns)]
        rows.append(np.hstack([cv2.resize(i, (192, 192), interpolation=cv2.INTER_AREA) for i in row]))
    cv2.imencode(".png", cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))[1].tofile(path)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=512, help="pixels per side of the pictures (default 512)")
    parser.add_argument(
        "--seeds", type=int, default=12, help="variations of each view of a head (default 12)"
    )
    parser.add_argument("--sheet", type=Path, help="write a contact sheet (PNG) here")
    arguments = parser.parse_args()
    print(table(side=arguments.side, seeds=arguments.seeds, sheet=arguments.sheet))


if __name__ == "__main__":
    main()
