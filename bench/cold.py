"""What the first call in a fresh process costs beyond a warm one, and how much memory a large picture takes.

    python -m bench.cold

Each operation of the built-in engine in a process of its own, one thread: twice at 512×288, once at 4096×2304. Looks
take memory each in its own way: the figure is that of the one, of some that differ most, which takes the most.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from bench.jobs import Figure, table

_OPERATIONS = ("transition", "vary", "restyle by words", "restyle like another", "mix", "animate")
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
_SMALL, _LARGE = (512, 288), (4096, 2304)
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_PROGRAM = """
import json, resource, sys, time
operation, times, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
from bench.pictures import photograph
a, b = (photograph(name, width=width, height=height) for name in ("astronaut", "coffee"))
import cv2
cv2.setNumThreads(1)
began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def once():
    if operation == "transition":
        from forkframe.engines.builtin.transition import prepare
        from forkframe.engines.builtin.drawing import Drawer
        Drawer(a, b, prepare(a, b, seed=0)).frame(0.5)
    elif operation == "vary":
        from forkframe.engines.builtin.vary import vary
        vary(a, strength=0.5, seed=0)
    elif operation == "restyle by words":
        from forkframe.engines.builtin.restyle import restyle_by_prompt
        restyle_by_prompt(a, prompt=sys.argv[5], strength=1.0, seed=0)
    elif operation == "restyle like another":
        from forkframe.engines.builtin.restyle import restyle_like
        restyle_like(a, [(b, 1.0)], strength=1.0, texture=0.4, seed=0)
    elif operation == "mix":
        from forkframe.engines.builtin.mix import mix
        mix([(a, 1), (b, 1)], seed=0)
    else:
        from forkframe.engines.builtin.animate import arrive
        arrive(a, move="push in", amount=0.5)
taken = []
for _ in range(times):
    before = time.perf_counter()
    once()
    taken.append(time.perf_counter() - before)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"taken": taken, "peak": peak / 1024}))
"""


def run() -> dict[str, Figure]:
    """The figures by name, with the unit."""
    figures: dict[str, Figure] = {}
    for operation in _OPERATIONS:
        first, again = _measured(operation, 2, _SMALL)["taken"]
        figures[f"{operation}, warm (s)"] = Figure(again)
        figures[f"{operation}, the first call beyond that (s)"] = Figure(first - again, "≤ 3")
        prompts = _PROMPTS if operation == "restyle by words" else _PROMPTS[:1]
        large = max((_measured(operation, 1, _LARGE, prompt) for prompt in prompts), key=lambda m: m["peak"])
        figures[f"{operation}, 4096 px (s)"] = Figure(large["taken"][0])
        figures[f"{operation}, 4096 px, memory of the whole process (MB)"] = Figure(large["peak"], "≤ 1000")
    return figures


def _measured(operation: str, times: int, size: tuple[int, int], prompt: str = _PROMPTS[0]) -> dict[str, Any]:
    command = [sys.executable, "-c", _PROGRAM, operation, *map(str, (times, *size)), prompt]
    done = subprocess.run(command, env=os.environ | _ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{operation} failed at {size[0]} px: {done.stderr[-800:]}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(table(run()))
