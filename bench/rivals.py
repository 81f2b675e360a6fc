"""What the built-in transition is compared with: three cheap tricks, plain optical flow, and FFmpeg's motion
interpolation.

Each takes two pictures `(H, W, 3)` uint8 sRGB and gives `count` frames, both ends included.
"""

from __future__ import annotations

from fractions import Fraction
from time import perf_counter

import av
import av.filter
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def crossfade(a: Picture, b: Picture, count: int) -> list[Picture]:
    """Each frame a mix of both pictures."""
    return [cv2.addWeighted(a, 1 - t, b, t, 0).astype(np.uint8) for t in np.linspace(0, 1, count)]


def soft_wipe(a: Picture, b: Picture, count: int) -> list[Picture]:
    """A soft line that runs from left to right."""
    height, width = a.shape[:2]
    order = np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1))
    return _switched(a, b, count, order, softness=0.2)


def noise_dissolve(a: Picture, b: Picture, count: int) -> list[Picture]:
    """Blobs of smooth noise that switch one after the other."""
    height, width = a.shape[:2]
    noise = np.random.default_rng(0).standard_normal((height, width)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), width / 40)
    ranks = noise.ravel().argsort().argsort().reshape(height, width)
    return _switched(a, b, count, (ranks / ranks.size).astype(np.float32), softness=0.1)


def dis_both_ways(a: Picture, b: Picture, count: int) -> list[Picture]:
    """Both pictures along dense inverse search's flow to the other, faded into each other."""
    grey_a, grey_b = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (a, b))
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forth = search.calc(grey_a, grey_b, None)  # pyright: ignore[reportCallIssue, reportArgumentType] - None lets OpenCV allocate
    back = search.calc(grey_b, grey_a, None)  # pyright: ignore[reportCallIssue, reportArgumentType]
    height, width = grey_a.shape[:2]
    pixels = np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))
    frames = [a]
    for t in np.linspace(0, 1, count)[1:-1].astype(np.float32):
        first, last = (
            cv2.remap(image, pixels - share * flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)  # pyright: ignore[reportCallIssue, reportArgumentType]
            for image, share, flow in ((a, t, forth), (b, 1 - t, back))
        )
        frames.append(cv2.addWeighted(first, float(1 - t), last, float(t), 0).astype(np.uint8))
    return [*frames, b]


def _switched(
    a: Picture, b: Picture, count: int, order: NDArray[np.float32], *, softness: float
) -> list[Picture]:
    frames: list[Picture] = []
    for t in np.linspace(0, 1, count):
        mask = np.clip((t - order * (1 - softness)) / softness, 0, 1)[..., None]
        frames.append(np.rint(a * (1 - mask) + b * mask).astype(np.uint8))
    return frames


def minterpolate(a: Picture, b: Picture, count: int) -> tuple[list[Picture], float]:
    """libavfilter's motion-compensated interpolation at its best settings, and the seconds it took.

    Scene detection is off: with it on, unrelated pictures are not interpolated at all. The filter looks one frame
    further to either side, so it is fed a, a, b, b; only the interval between a and b is timed.
    """
    height, width = a.shape[:2]
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("yuv420p"), time_base=Fraction(1)
    )
    options = f"fps={count - 1}:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1:scd=none"
    graph.link_nodes(source, graph.add("minterpolate", options), graph.add("buffersink")).configure()
    between: list[Picture] = []
    seconds = 0.0
    for pts, image in enumerate((a, a, b, b, b)):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = pts, Fraction(1)
        before = perf_counter()
        graph.push(frame)
        drawn: list[av.VideoFrame] = []
        while True:
            try:
                drawn.append(graph.pull())  # type: ignore[arg-type]
            except (BlockingIOError, EOFError):
                break
        took = perf_counter() - before
        inside = [f for f in drawn if 1 < f.time < 2]
        if inside:
            seconds += took
            between += [np.asarray(f.to_ndarray(format="rgb24"), np.uint8) for f in inside]
    return [a, *between, b], seconds
