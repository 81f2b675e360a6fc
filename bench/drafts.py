"""500 real drafts while workers are killed: a notebook asks for them, a terminal watches. Run as `python -m bench.drafts`.

The notebook is a real one, executed by a real kernel. Meanwhile random workers are killed, and the kernel itself once.
`forkframe jobs` tells the story at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from forkframe.studio import show_queue, show_workspace

PHOTOGRAPHS = Path(__file__).parent.parent / "src" / "forkframe" / "demo" / "photographs"
_ASK = """
import itertools
import forkframe as ff
ws = ff.open("drafts.forkframe", size=(480, 320), fps=12)
if not ws.nodes:
    ws.add(*{pictures!r})
asked = len(ws.edges)
pairs = itertools.islice(itertools.cycle(itertools.permutations(ws.nodes, 2)), asked, {drafts})
for number, (a, b) in enumerate(pairs, start=asked):
    ws.connect(a, b, seconds=1 + number // 30 / 12)
"""
_WAIT = "ws.wait(); ws.retry_failed(); ws.wait()"


def main() -> None:
    """Drives the notebook, kills workers, and counts what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3.0, help="between two kills, on average")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        _drive(folder, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drive(folder: Path, wanted: argparse.Namespace) -> None:
    workspace = folder / "drafts.forkframe"
    over = threading.Event()
    kills: list[int] = []
    killer = threading.Thread(target=_kill_workers, args=(over, kills, wanted))
    killer.start()
    start = time.monotonic()
    kernels = 0
    try:
        while True:
            kernels += 1
            try:
                asyncio.run(_execute(folder, wanted.drafts, die=kernels == 1))
                break
            except DeadKernelError:
                print("the notebook's kernel was killed; a new one goes on", flush=True)
    finally:
        over.set()
        killer.join()
    seconds = time.monotonic() - start
    edges = show_workspace(workspace).edges
    queue = show_queue(workspace, limit=10_000)
    tried_again = [job for job in queue.jobs if job.attempts or len(job.story) > 3]
    ready = sum(edge.state == "ready" for edge in edges)
    once = sum(len([take for take in edge.takes if not take.failure]) == 1 for edge in edges)
    print(f"{wanted.drafts} drafts asked for, {ready} ready, {once} with exactly one take")
    print(
        f"{len(kills)} workers and {kernels - 1} kernels killed; {len(tried_again)} jobs begun more than once"
    )
    print(f"{seconds:.0f} s, {wanted.drafts / seconds:.1f} drafts/s")
    command = [sys.executable, "-m", "forkframe", "jobs", str(workspace)]
    print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0])
    for job in tried_again[:2]:
        print(subprocess.run([*command, "why", job.id], capture_output=True, text=True, check=True).stdout)
    sys.exit(not ready == once == wanted.drafts)


async def _execute(folder: Path, drafts: int, *, die: bool) -> None:
    names = sorted(str(path) for path in PHOTOGRAPHS.glob("*.jpg"))
    cells = [_ASK.format(pictures=names, drafts=drafts), _WAIT]
    if die:  # in the middle of the work
        cells[1] = (
            "import os, signal, threading\nthreading.Timer(20, os.kill, (os.getpid(), signal.SIGKILL)).start()\nws.wait()"
        )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, timeout=3600, resources={"metadata": {"path": str(folder)}})
    await client.async_execute()


def _kill_workers(over: threading.Event, kills: list[int], wanted: argparse.Namespace) -> None:
    chance = random.Random(wanted.seed)
    while not over.wait(chance.uniform(0.5, 1.5) * wanted.seconds):
        workers = [pid for pid in _processes() if _is_our_worker(pid)]
        if workers:
            victim = chance.choice(workers)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills.append(victim)


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _is_our_worker(pid: int) -> bool:
    """Whether a process is a worker of a program that this one started."""
    try:
        if b"forkframe.jobs.worker" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return False
        parent = pid
        while parent > 1:
            if parent == os.getpid():
                return True
            parent = int(Path(f"/proc/{parent}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, ValueError):  # it ended this moment
        pass
    return False


if __name__ == "__main__":
    main()
