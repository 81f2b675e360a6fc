"""Exporting a film: our splice against FFmpeg's copy and against encoding it again.

    python -m bench.export

Ten edges of 5 seconds, 1280×720 at 24 frames per second: photographs that pan and dissolve. Every way runs on the same
files, one after the other, the best of some runs each. Whether frames are right is told by the MD5 of each frame as
FFmpeg decodes it, against the edges' own.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.pictures import NAMES, photograph
from forkframe.media import Segment, VideoWriter, splice

EDGES = 10
FRAMES = 121
SIZE = (1280, 720)
FPS = Fraction(24)
RUNS = 5


@dataclass(frozen=True)
class Row:
    """One way to export: seconds, frames in the film, and the share that is bit-identical and in its place."""

    way: str
    seconds: float
    frames: int
    identical: float


def run() -> list[Row]:
    """Measures every way; FFmpeg's is left out where there is no `ffmpeg`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        edges = [_edge(folder / f"edge{number}.mp4", number) for number in range(EDGES)]
        wanted = [md5 for path in edges[:-1] for md5 in _shown(path)[:-1]] + _shown(edges[-1])
        ways: list[tuple[str, Callable[[list[Path], Path], None], int]] = [
            ("forkframe splice", _spliced, RUNS)
        ]
        if shutil.which("ffmpeg"):
            ways.append(("ffmpeg -f concat -c copy", _copied, RUNS))
        ways.append(("x264 veryfast", _encoded, 1))
        return [_measured(way, export, edges, wanted, runs) for way, export, runs in ways]


def table(rows: list[Row]) -> str:
    """The rows as text, with times against the first row's."""
    lines = [f"{'way':26} {'seconds':>8} {'ratio':>8} {'frames':>7} {'identical':>10}"]
    lines += [
        f"{row.way:26} {row.seconds:8.3f} {row.seconds / rows[0].seconds:7.1f}x {row.frames:7} {row.identical:10.1%}"
        for row in rows
    ]
    if not any(row.way.startswith("ffmpeg") for row in rows):
        lines.append("ffmpeg -f concat -c copy   not measured: there is no ffmpeg on the PATH")
    return "\n".join(lines)


def _measured(
    way: str, export: Callable[[list[Path], Path], None], edges: list[Path], wanted: list[str], runs: int
) -> Row:
    film = edges[0].with_name("film.mp4")
    times: list[float] = []
    for _ in range(runs):
        film.unlink(missing_ok=True)
        start = time.perf_counter()
        export(edges, film)
        times.append(time.perf_counter() - start)
    shown = _shown(film)
    right = sum(a == b for a, b in zip(shown, wanted, strict=False))
    return Row(way, min(times), len(shown), right / max(len(wanted), len(shown)))


def _spliced(edges: list[Path], film: Path) -> None:
    segments = [Segment(path, 0, FRAMES - 2) for path in edges[:-1]] + [Segment(edges[-1], 0, FRAMES - 1)]
    splice(segments, film, size=SIZE, fps=FPS, crf=18)


def _copied(edges: list[Path], film: Path) -> None:
    entries = film.with_suffix(".txt")
    entries.write_text("".join(f"file '{path}'\n" for path in edges))
    command = ["ffmpeg", "-v", "error", "-f", "concat", "-safe", "0", "-i", entries, "-c", "copy", film]
    subprocess.run(command, check=True)


def _encoded(edges: list[Path], film: Path) -> None:
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "18"})
        stream.width, stream.height = SIZE
        for number, path in enumerate(edges):
            with av.open(str(path)) as edge:
                for place, frame in enumerate(edge.decode(video=0)):
                    if place < FRAMES - 1 or number == EDGES - 1:
                        frame.pts, frame.time_base, frame.pict_type = (
                            number * (FRAMES - 1) + place,
                            1 / FPS,
                            0,
                        )
                        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _edge(path: Path, number: int) -> Path:
    with VideoWriter(path, size=SIZE, fps=FPS, crf=(18, 23)[number % 2], frames=FRAMES) as writer:
        for frame in _dissolve(*(NAMES[(number + more) % len(NAMES)] for more in (0, 1))):
            writer.write(frame)
    return path


def _dissolve(first: str, second: str) -> Iterator[NDArray[np.uint8]]:
    """One photograph pans to the left while the next, panning to the right, replaces it."""
    a, b = (photograph(name, width=SIZE[0] + 160, height=SIZE[1] + 90) for name in (first, second))
    for t in np.linspace(0, 1, FRAMES):
        share = float(t * t * (3 - 2 * t))
        views = [
            cv2.warpAffine(image, np.array([[1, 0, -160 * x], [0, 1, -90 * y]], np.float32), SIZE)
            for image, x, y in ((a, t, t), (b, 1 - t, t))
        ]
        yield cv2.addWeighted(views[0], 1 - share, views[1], share, 0).astype(np.uint8)


def _shown(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [hashlib.md5(frame.to_ndarray().tobytes()).hexdigest() for frame in container.decode(video=0)]


if __name__ == "__main__":
    print(table(run()))
