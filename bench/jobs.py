"""What the queue of record costs, how soon it obeys, and what waiting workers take. Run as `python -m bench.jobs`.

Disks differ and machines are busy, so jobs per second are measured against a floor taken in turn with them: three
transactions for each job (insert, update, update) through the bare driver, with the same journal and `synchronous=FULL`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np

from bench.pictures import NAMES, photograph
from forkframe.jobs.control import Control
from forkframe.jobs.job import Job, Request
from forkframe.jobs.queue import Queue
from forkframe.model.codec import to_json
from forkframe.model.entities import Node
from forkframe.model.frame import Frame
from forkframe.model.names import find
from forkframe.model.recipe import Input, Operation
from forkframe.store import Store
from forkframe.store.sqlite import driver
from forkframe.studio import Progress, Studio
from forkframe.studio.renders import Wish, recipe_of, rendering_request

_ROUNDS, _JOBS, _BATCH = 3, 3000, 50
_SINGLE = 300
_QUEUED, _TAKES, _LOOKS = 100_000, 500, 50
_CANCELS, _HANGS = 10, 5
_FRAME = (960, 640)
_EDGES = 16
_REQUEST = 800  # bytes: about as many as a request to the fake engine has
_REST_SECONDS = 120.0  # an idle pool lets go of its workers after 60

# Imports what a studio imports and no more: what the bench itself needs must not count.
_STUDIO = """
import sys
from itertools import permutations
from pathlib import Path
from forkframe.studio import Studio

folder = Path(sys.argv[1])
studio = Studio.create(folder / "rest.forkframe", size=(960, 640))
nodes = studio.add(sorted(folder.glob("*.png")))
for a, b in list(permutations([node.id for node in nodes], 2))[:8]:
    studio.connect(a, b)
studio.jobs.wait_for_all()
print("worked", flush=True)
sys.stdin.read()
studio.close()
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number. `target` says what it has to be, and is empty where nobody has set one."""

    value: float
    target: str = ""

    @property
    def is_met(self) -> bool:
        """Whether it is what it has to be."""
        most, _, limit = self.target.partition(" ")
        return not self.target or (self.value <= float(limit) if most == "≤" else self.value >= float(limit))


def run() -> dict[str, Figure]:
    """The figures by name, with the unit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            **_throughput(folder / "throughput"),
            **_overhead(folder / "overhead"),
            **_long_queue(folder / "long"),
            **_cancelling(folder / "cancelling"),
            **_two_cores(folder / "cores"),
            **_memory(folder / "memory"),
        }


def table(figures: dict[str, Figure]) -> str:
    """The figures as text, each beside its target."""
    lines = [f"{'':58}{'measured':>10}  target"]
    for name, figure in figures.items():
        missed = "" if figure.is_met else "   MISSED"
        lines.append(f"{name:58}{figure.value:10.2f}  {figure.target or '–'}{missed}")
    return "\n".join(lines)


def _throughput(folder: Path) -> dict[str, Figure]:
    folder.mkdir()
    floor = driver().connect(folder / "floor.db", isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE job (id INTEGER PRIMARY KEY, state TEXT, request TEXT)",
    ):
        floor.execute(statement)

    def transact(statement: str, *values: object) -> None:
        floor.execute("BEGIN IMMEDIATE")
        floor.execute(statement, values)
        floor.execute("COMMIT")

    def bare(first: int) -> None:
        for number in range(first, first + _JOBS):
            transact("INSERT INTO job VALUES (?, 'queued', ?)", number, "x" * _REQUEST)
            transact("UPDATE job SET state = 'running' WHERE id = ?", number)
            transact("UPDATE job SET state = 'done' WHERE id = ?", number)

    fakes = _Fakes(folder)
    fakes.submit("vary", range(100))
    fakes.studio.jobs.wait_for_all()

    def performed(operation: Operation, first: int) -> None:
        fakes.submit(operation, range(first, first + _JOBS))
        fakes.studio.jobs.wait_for_all()

    seconds: list[tuple[float, float, float]] = []
    for number in range(_ROUNDS):
        first = 1000 + number * _JOBS
        seconds.append(
            (
                _seconds(lambda first=first: bare(first)),
                _seconds(lambda first=first: performed("describe", first)),
                _seconds(lambda first=first: performed("vary", first)),
            )
        )
    floor.close()
    fakes.studio.close()
    bares, describes, varies = zip(*seconds, strict=True)
    return {
        "jobs per second, descriptions": Figure(_JOBS / statistics.median(describes)),
        "jobs per second, pictures": Figure(_JOBS / statistics.median(varies)),
        "floor per second, 3 transactions each": Figure(_JOBS / statistics.median(bares)),
        "descriptions / floor": Figure(statistics.median(map(_ratio, bares, describes))),
        "pictures / floor": Figure(statistics.median(map(_ratio, bares, varies))),
    }


def _overhead(folder: Path) -> dict[str, Figure]:
    """Single jobs one after the other, in turn with the same task given to a worker directly."""
    folder.mkdir()
    fakes = _Fakes(folder)
    fakes.submit("describe", range(100))
    fakes.studio.jobs.wait_for_all()
    alone: list[float] = []
    queued: list[float] = []
    for number in range(1000, 1000 + _SINGLE):
        alone.append(_seconds(lambda number=number: fakes.perform_directly("describe", number)))
        queued.append(_seconds(lambda number=number: fakes.done("describe", number)))
    fakes.studio.close()
    task = statistics.median(alone)
    beyond = [1000 * (seconds - task) for seconds in queued]
    return {
        "a worker's own time of a description (ms)": Figure(1000 * task),
        "overhead of a job, submitted until done, p50 (ms)": Figure(_percentile(beyond, 50)),
        "overhead of a job, submitted until done, p95 (ms)": Figure(_percentile(beyond, 95)),
    }


def _long_queue(folder: Path) -> dict[str, Figure]:
    with Store.create(folder) as store:
        queue = Queue(store)
        control = Control(queue, store.workspace_id)
        body = {"recipe": "x" * _REQUEST}
        for first in range(0, _QUEUED, 5000):
            queue.submit(
                *(
                    Request("bench", f"job {n}", f"n{n:08}", body, engine="fake", content_key=f"{n:064x}")
                    for n in range(first, first + 5000)
                )
            )
        takes: list[float] = []
        for _ in range(_TAKES):
            start = time.perf_counter()
            lease = queue.take("cpu")
            takes.append(1000 * (time.perf_counter() - start))
            assert lease is not None
            queue.put_back(lease)
        looks = [1000 * _seconds(control.overview) for _ in range(_LOOKS)]
        short = [1000 * _seconds(lambda: control.overview(limit=50)) for _ in range(_LOOKS)]
    return {
        f"take of {_QUEUED:,} queued, p50 (ms)": Figure(_percentile(takes, 50)),
        f"take of {_QUEUED:,} queued, p95 (ms)": Figure(_percentile(takes, 95)),
        f"overview of {_QUEUED:,}, 1,000 shown, p50 (ms)": Figure(_percentile(looks, 50)),
        f"overview of {_QUEUED:,}, 1,000 shown, p95 (ms)": Figure(_percentile(looks, 95)),
        f"overview of {_QUEUED:,}, 50 shown, p95 (ms)": Figure(_percentile(short, 95)),
    }


def _cancelling(folder: Path) -> dict[str, Figure]:
    folder.mkdir()
    fakes = _Fakes(folder)
    stepping = [fakes.cancelled(seed=n, step=0.05) for n in range(_CANCELS)]
    hanging = [fakes.cancelled(seed=1000 + n, mishap="hang") for n in range(_HANGS)]
    fakes.studio.close()
    return {
        "cancelled in Python, steps of 50 ms, p50 (ms)": Figure(
            1000 * statistics.median(seconds for seconds, _ in stepping)
        ),
        "cancelled in Python, steps that were still made, most": Figure(
            max(steps for _, steps in stepping), "≤ 1"
        ),
        "cancelled in a call that does not return, most (s)": Figure(
            max(seconds for seconds, _ in hanging), "≤ 5"
        ),
    }


def _two_cores(folder: Path) -> dict[str, Figure]:
    """Built-in transitions of photographs, by one worker and by two, in turn; and the same work without a queue.

    Two cores of one machine share memory and heat: what two workers can be against one at most, the latter says.
    """
    folder.mkdir()
    one, two = (_Photographs(folder / str(workers), workers) for workers in (1, 2))
    rounds = [(one.rate(), two.rate(), one.rate_directly(), two.rate_directly()) for _ in range(_ROUNDS)]
    one.studio.close()
    two.studio.close()
    return {
        "built-in transitions per second, one worker": Figure(statistics.median(r[0] for r in rounds)),
        "built-in transitions per second, two workers": Figure(statistics.median(r[1] for r in rounds)),
        "two workers / one": Figure(statistics.median(r[1] / r[0] for r in rounds), "≥ 1.8"),
        "two workers / one, without a queue": Figure(statistics.median(r[3] / r[2] for r in rounds)),
    }


def _memory(folder: Path) -> dict[str, Figure]:
    """Of a studio in a process of its own, with its workers."""
    folder.mkdir()
    for name in NAMES:
        save_photograph(folder, name, size=_FRAME)
    command = [sys.executable, "-c", _STUDIO, folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        worked = _footprint(owner.pid)
        workers = len(_family(owner.pid)) - 1
        warm = _settled(owner.pid)
        deadline = time.monotonic() + _REST_SECONDS
        while len(_family(owner.pid)) > 2 and time.monotonic() < deadline:
            time.sleep(0.5)
        idle = _footprint(owner.pid)
        kept = len(_family(owner.pid)) - 1
        owner.communicate()
    return {
        f"memory right after work, {workers} workers, PSS (MB)": Figure(worked.pss),
        f"memory right after work, {workers} workers, RSS (MB)": Figure(worked.rss),
        f"memory at rest, {workers} warm workers, PSS (MB)": Figure(warm.pss, "≤ 400"),
        f"memory at rest, {workers} warm workers, RSS (MB)": Figure(warm.rss),
        f"memory after a minute, {kept} worker, PSS (MB)": Figure(idle.pss, "≤ 400"),
        f"memory after a minute, {kept} worker, RSS (MB)": Figure(idle.rss),
    }


class _Fakes:
    """A studio that asks the fake engine for small things, past the facade where that would wait for each."""

    def __init__(self, folder: Path) -> None:
        self.studio = Studio.create(folder / "fakes.forkframe", size=(64, 64))
        self.studio.add([save_photograph(folder, NAMES[0], size=(64, 64))])
        self._desk = self.studio._desk
        self._node = self._desk.store.read(lambda graph: find(graph, Node, NAMES[0]))

    def submit(self, operation: Operation, seeds: Sequence[int]) -> None:
        """Queues a job for each seed, some with each call."""
        for first in range(0, len(seeds), _BATCH):
            batch = seeds[first : first + _BATCH]
            self._desk.queue.submit(*(self._request(operation, {"seed": seed}) for seed in batch))

    def done(self, operation: Operation, seed: int) -> Job:
        """A job that ended, asked for now."""
        (job,) = self._desk.queue.submit(self._request(operation, {"seed": seed}))
        return self._desk.done(job)

    def perform_directly(self, operation: Operation, seed: int) -> None:
        """The same work, without a job."""
        recipe = recipe_of(self._desk.graph, self._wish(operation, {"seed": seed}))
        images = self._desk.images(self._node.framed)
        out = self._desk.store.blobs.scratch()
        self._desk.pool.run("rendering", {"recipe": to_json(recipe), "images": images, "out": str(out)})

    def cancelled(self, **parameters: object) -> tuple[float, int]:
        """Seconds from the call that cancels a job in its work until it is cancelled, and steps it made meanwhile."""
        request = self._request("vary", parameters)
        begun, steps = threading.Event(), list[float]()

        def listen(progress: Progress) -> None:
            if progress.subject == request.title and progress.doing == "rendering" and progress.share > 0:
                steps.append(progress.share)
                begun.set()

        self.studio.watch(listen)
        (job,) = self._desk.queue.submit(request)
        assert begun.wait(30)
        before = len(steps)
        start = time.perf_counter()
        self.studio.jobs.cancel(job.id)
        ended = self._desk.queue.wait(job.id, 30)
        seconds = time.perf_counter() - start
        assert ended.state == "cancelled"
        self._desk.listeners.clear()
        return seconds, len(steps) - before

    def _request(self, operation: Operation, parameters: dict[str, object]) -> Request:
        recipe = recipe_of(self._desk.graph, self._wish(operation, parameters))
        title = f"{operation} {parameters['seed']}"
        return rendering_request(self._desk.graph, recipe, title=title, subject=self._node.id)

    def _wish(self, operation: Operation, parameters: dict[str, object]) -> Wish:
        return Wish("fake", operation, (Input("image", self._node.framed),), parameters)


class _Photographs:
    """A studio with so many workers, all warm, that renders transitions between photographs."""

    def __init__(self, folder: Path, workers: int) -> None:
        folder.mkdir()
        store = Store.create(folder / "photographs.forkframe", frame=Frame(*_FRAME, Fraction(24)))
        self.studio = Studio(store, workers=workers)
        self.studio.add([save_photograph(folder, name, size=_FRAME) for name in NAMES])
        self._seed = self._frames = 0
        self._render(2 * workers)

    def rate(self) -> float:
        """Transitions per second."""
        return _EDGES / _seconds(lambda: self._render(_EDGES))

    def rate_directly(self) -> float:
        """The same, given to the workers without edges and jobs."""
        desk, graph = self.studio._desk, self.studio._desk.graph
        calls: list[dict[str, object]] = []
        for a, b in self._pairs(_EDGES):
            inputs = tuple(
                Input(role, find(graph, Node, name).framed) for role, name in (("first", a), ("last", b))
            )
            wish = Wish("builtin", "transition", inputs, {"seed": self._seed}, self._frames)
            images = desk.images(*(i.pixels for i in inputs))
            calls.append({"recipe": to_json(recipe_of(graph, wish)), "images": images})

        def perform(call: dict[str, object]) -> None:
            desk.pool.run("rendering", {**call, "out": str(desk.store.blobs.scratch())})

        with ThreadPoolExecutor(desk.pool.size) as threads:
            return _EDGES / _seconds(lambda: list(threads.map(perform, calls)))

    def _render(self, count: int) -> None:
        for a, b in self._pairs(count):
            edge = self.studio.connect(a, b, parameters={"seed": self._seed})
            self._frames = edge.frames
        self.studio.jobs.wait_for_all()

    def _pairs(self, count: int) -> Iterator[tuple[str, str]]:
        """Pairs of photographs, each with a seed of its own."""
        for pair in list(permutations(NAMES, 2))[:count]:
            self._seed += 1
            yield pair


@dataclass(frozen=True, slots=True)
class _Footprint:
    """Memory of an owner and its workers in MB: `pss` counts what they share once, `rss` as often as they do."""

    pss: float
    rss: float


def _footprint(pid: int) -> _Footprint:
    members = [_rollup(member) for member in _family(pid)]
    # The bench has the same libraries open. Its part of them would be the workers' if it were not there.
    ours = _rollup(os.getpid())["Pss_File"]
    return _Footprint(ours + sum(m["Pss"] for m in members), sum(m["Rss"] for m in members))


def _rollup(pid: int) -> dict[str, float]:
    """Megabytes by name, as the system counts a process's memory."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    named = (line.partition(":") for line in lines)
    return {name: int(amount.split()[0]) * 1024 / 1e6 for name, _, amount in named}


def _settled(pid: int) -> _Footprint:
    """Once it does not fall any more: workers give free memory back two seconds after their work."""
    before = _footprint(pid)
    deadline = time.monotonic() + 20
    lowest_since = time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - lowest_since < 4:
        time.sleep(0.25)
        now = _footprint(pid)
        if now.pss < before.pss - 1:
            before, lowest_since = now, time.monotonic()
    return _footprint(pid)


def _family(pid: int) -> list[int]:
    """A process and its children."""
    family = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:  # it ended this moment
                continue
            if int(parent) == pid and state != "Z":
                family.append(int(entry.name))
    return family


def save_photograph(folder: Path, name: str, *, size: tuple[int, int]) -> Path:
    """Writes a photograph of the demo, cropped to `size` (width, height)."""
    path = folder / f"{name}.png"
    cv2.imwrite(str(path), cv2.cvtColor(photograph(name, width=size[0], height=size[1]), cv2.COLOR_RGB2BGR))
    return path


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share))


def _ratio(floor: float, ours: float) -> float:
    return floor / ours


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(table(run()))
