"""What the first call in a fresh process costs beyond a warm one, and how much memory a large picture takes.

    python -m bench.cold

Each operation of the built-in engine in a process of its own, one thread: twice at 512×288, once at 4096×2304. Looks
take memory each in its own way: the figure is that of the one, of some that differ most, which takes the most; a
transition's is that with palettes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.jobs import Figure, table

_PROMPTS = (
    "evening, watercolour",
    "watercolour",
    "oil",
    "ink",
    "fog",
    "snow",
    "vintage",
    "cyanotype",
    "morning",
)
OPERATIONS: Mapping[str, Sequence[str]] = {
    "transition": ("auto", "on"),
    "vary": ("",),
    "restyle by words": _PROMPTS,
    "restyle like another": ("",),
    "mix": ("",),
    "animate": ("",),
}
"""By operation, how it may be done: prompts, or whether with palettes."""
_SMALL, LARGE = (512, 288), (4096, 2304)
MOST_MEMORY = 1000
"""Megabytes that a process may take for a large picture, what it was given included."""
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_PROGRAM = """
import json, sys, time
operation, times, width, height, how = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
from bench.pictures import photograph
a, b = (photograph(name, width=width, height=height) for name in ("astronaut", "coffee"))
import cv2
cv2.setNumThreads(1)
def once():
    if operation == "transition":
        from forkframe.engines.builtin.transition import prepare
        from forkframe.engines.builtin.drawing import Drawer
        return Drawer(a, b, prepare(a, b, seed=0, palette=how)).frame(0.5)
    elif operation == "vary":
        from forkframe.engines.builtin.vary import vary
        return vary(a, strength=0.5, seed=0)
    elif operation == "restyle by words":
        from forkframe.engines.builtin.restyle import restyle_by_prompt
        return restyle_by_prompt(a, prompt=how, strength=1.0, seed=0).image
    elif operation == "restyle like another":
        from forkframe.engines.builtin.restyle import restyle_like
        return restyle_like(a, [(b, 1.0)], strength=1.0, texture=0.4, seed=0)
    elif operation == "mix":
        from forkframe.engines.builtin.mix import mix
        return mix([(a, 1), (b, 1)], seed=0)
    else:
        from forkframe.engines.builtin.animate import arrive
        return arrive(a, move="push in", amount=0.5)
taken = []
for _ in range(times):
    before = time.perf_counter()
    result = once()
    taken.append(time.perf_counter() - before)
assert result.shape == a.shape and (result != a).any(), "nothing was made"
# Not getrusage: what Linux says there begins with what the parent held when it started this program.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
print(json.dumps({"taken": taken, "peak": peak}))
"""


def run() -> dict[str, Figure]:
    """The figures by name, with the unit."""
    figures: dict[str, Figure] = {}
    for operation, hows in OPERATIONS.items():
        first, again = measured(operation, 2, _SMALL, hows[0]).taken
        figures[f"{operation}, warm (s)"] = Figure(again)
        figures[f"{operation}, the first call beyond that (s)"] = Figure(first - again, "≤ 3")
        large = max((measured(operation, 1, LARGE, how) for how in hows), key=lambda m: m.peak)
        figures[f"{operation}, 4096 px (s)"] = Figure(large.taken[0])
        figures[f"{operation}, 4096 px, memory of the whole process (MB)"] = Figure(
            large.peak, f"≤ {MOST_MEMORY}"
        )
    return figures


@dataclass(frozen=True)
class Measured:
    """What an operation took in a process of its own: seconds call by call, and its memory at most in MB."""

    taken: Sequence[float]
    peak: float


def measured(operation: str, times: int, size: tuple[int, int], how: str = "") -> Measured:
    """Runs an operation on two photographs of this width and height; `how` is its prompt, or whether to use palettes."""
    command = [sys.executable, "-c", _PROGRAM, operation, *map(str, (times, *size)), how]
    done = subprocess.run(command, env=os.environ | _ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{operation} failed at {size[0]} px: {done.stderr[-800:]}")
    return Measured(**json.loads(done.stdout))


if __name__ == "__main__":
    print(table(run()))
