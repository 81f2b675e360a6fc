"""The program that is killed: opens a workspace, asks for whatever of a plan is not acknowledged yet, and sees it done.

    python -m bench.torture_owner WORKSPACE JOURNAL GO_ON --jobs N --paid P --seed S

`bench.torture` runs it, again after each kill. It writes to JOURNAL what was acknowledged, in whole lines, right after
the call that acknowledged it has returned. The last part of the plan is held back until there is a file GO_ON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

from sqlalchemy import select

from forkframe.errors import NotFound
from forkframe.jobs.job import OPEN, Job, Request
from forkframe.jobs.records import job_of
from forkframe.model.codec import to_json
from forkframe.model.entities import Node
from forkframe.model.graph import Graph
from forkframe.model.names import find
from forkframe.model.recipe import Input
from forkframe.store.schema import JOB
from forkframe.studio import Studio
from forkframe.studio.pictures import PICTURES
from forkframe.studio.renders import Wish, recipe_of, rendering_request

What = Literal["describe", "vary", "paid", "edge", "pair"]

LABELS = ("astronaut", "cat", "coffee", "rocket")
PRICE = 0.25
"""US dollars for one picture by the engine `fake-paid`."""
_TROUBLES = ("none", "drops", "error", "busy", "truncated")
_SHARES: Mapping[What, float] = {"describe": 0.58, "vary": 0.32, "edge": 0.06, "pair": 0.04}
_THREADS = 50
_MOST_OPEN = 600
"""Jobs that are open at a time, so that asking and performing are both under way from the first kill to the last."""
_BATCH = 20
_HELD_BACK = 0.05
_SLOW = 0.03
"""Of the jobs that cost nothing, those that take a while; the others take some milliseconds."""
_LOOK = 0.05  # seconds between two looks at the queue
_MOST_RETRIES = 12  # of one job: something else than kills is wrong then


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something to ask for: a description, a picture, one that costs money, an edge, or two pictures as nodes.

    Attributes:
        index: its place in the plan.
        seed: tells its recipe from all others, unless it is a twin.
        a, b: numbers of nodes. A twin has another one's recipe and is for another node or edge.
        seconds: that it takes at least, by the engine or at the provider.
        trouble: what goes wrong at the provider.
    """

    index: int
    what: What
    seed: int
    a: int
    b: int
    seconds: float
    trouble: str
    twin: bool = False

    @property
    def jobs(self) -> int:
        """How many jobs it becomes at least."""
        return 3 if self.what == "pair" else 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask for, in order. The same numbers give the same plan.

    Attributes:
        opening: the first so many cost money, and all threads want them at once.
    """

    wanted: tuple[Wanted, ...]
    opening: int

    @property
    def budgets(self) -> tuple[float, float]:
        """US dollars: half of what the opening costs; and exactly what everything may cost."""
        paid = sum(w.what == "paid" for w in self.wanted)
        return self.opening * PRICE // 2, paid * PRICE

    @property
    def jobs(self) -> int:
        """How many jobs it becomes at least."""
        return sum(wanted.jobs for wanted in self.wanted)


def plan(*, jobs: int, paid: int, seed: int) -> Plan:
    """`jobs` things, of which `paid` cost money; one in 25 is another one's twin."""
    dice = random.Random(seed)
    kinds: list[What] = dice.choices(list(_SHARES), list(_SHARES.values()), k=jobs - paid)
    opening = paid // 2
    kinds += ["paid"] * (paid - opening)
    dice.shuffle(kinds)
    wanted: list[Wanted] = []
    last: dict[What, Wanted] = {}
    for index, what in enumerate([*["paid"] * opening, *kinds]):
        a, b = dice.sample(range(len(LABELS)), 2)
        other = last.get(what)
        if other and not other.twin and what != "pair" and dice.random() < 0.04:
            subject = other.a if what == "edge" else (other.a + 1) % len(LABELS)
            wanted.append(replace(other, index=index, a=subject, twin=True))
        else:
            is_slow = what == "paid" or dice.random() < _SLOW
            seconds = round(dice.uniform(0.0, 0.6), 3) if is_slow else 0.0
            wanted.append(Wanted(index, what, index, a, b, seconds, dice.choice(_TROUBLES)))
        last[what] = wanted[-1]
    return Plan(tuple(wanted), opening)


class Journal:
    """A file of JSON lines that outlives its writer: a line is written by one call, and a torn one counts as none."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
        os.write(
            self._descriptor, b"\n"
        )  # whoever wrote here before may have been killed in the middle of a line

    def write(self, **line: object) -> None:
        """Adds a line; the file has it when this returns."""
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")

    @staticmethod
    def read(path: Path) -> list[dict[str, object]]:
        """All whole lines so far."""
        lines: list[dict[str, object]] = []
        for line in path.read_bytes().split(b"\n") if path.exists() else []:
            with suppress(ValueError):
                lines.append(json.loads(line))
        return lines


class Gate:
    """Lets threads through while there is room for more open jobs."""

    def __init__(self) -> None:
        self._room = 0
        self._ended = False
        self._news = threading.Condition()

    def pass_through(self, jobs: int) -> bool:
        """Waits for room; False if nobody may pass any more."""
        with self._news:
            self._news.wait_for(lambda: self._room > 0 or self._ended)
            self._room -= jobs
            return not self._ended

    def set_room(self, room: int) -> None:
        """Says how many more jobs may be open."""
        with self._news:
            self._room = room
            self._news.notify_all()

    def end(self) -> None:
        """Lets nobody pass any more."""
        with self._news:
            self._ended = True
            self._news.notify_all()


class Owner:
    """Has a plan performed in a workspace."""

    def __init__(self, studio: Studio, journal: Journal, wanted: Plan, acknowledged: set[int]) -> None:
        self._studio = studio
        self._journal = journal
        self._plan = wanted
        self._acknowledged = acknowledged
        self._gate = Gate()
        self._errors: list[BaseException] = []
        self._lock = threading.Lock()
        self._desk = (
            studio._desk
        )  # the facade has no word for a description, or for not waiting for a picture
        self._nodes = [self._desk.store.read(lambda graph, n=n: find(graph, Node, n)) for n in LABELS]
        self._has_whole_budget = False
        self._retries: dict[str, int] = {}

    def run(self, go_on: Path) -> None:
        """Asks for what is missing, and returns when everything is done."""
        held_back = int(len(self._plan.wanted) * (1 - _HELD_BACK))
        self._ask_for(self._missing(until=held_back))
        while not go_on.exists():
            self._check()
            time.sleep(_LOOK)
        self._ask_for(self._missing(until=len(self._plan.wanted)))
        while True:
            while self._studio.jobs.overview(limit=1).open:
                time.sleep(_LOOK)
            if not (failed := self._failed()):
                return
            self._retry(failed)

    def _missing(self, *, until: int) -> list[Wanted]:
        return [w for w in self._plan.wanted[:until] if w.index not in self._acknowledged]

    def _ask_for(self, wanted: list[Wanted]) -> None:
        chunks = _chunks(wanted)
        threads = [
            threading.Thread(target=self._submit, args=(chunks,), name=f"submits-{n}", daemon=True)
            for n in range(_THREADS)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self._check()
            time.sleep(_LOOK)
        self._check()

    def _check(self) -> None:
        """Looks at the queue, makes room, and lifts the budget once half of everything was asked for."""
        if self._errors:
            self._gate.end()
            raise self._errors[0]
        counts = self._studio.jobs.overview(limit=1).counts
        self._gate.set_room(_MOST_OPEN - sum(counts.get(state, 0) for state in OPEN))
        if not self._has_whole_budget and len(self._acknowledged) >= len(self._plan.wanted) // 2:
            self._studio.jobs.set_budget(self._plan.budgets[1])
            self._retry([job for job in self._failed() if _reason(job) == "OverBudget"])
            self._has_whole_budget = True

    def _failed(self) -> list[Job]:
        rows = select(JOB).where(JOB.c.state == "failed").order_by(JOB.c.position)
        return self._desk.queue.transact(
            "read the queue", lambda turn: [job_of(row) for row in turn.connection.execute(rows)]
        )

    def _retry(self, failed: list[Job]) -> None:
        for job in failed:
            assert job.failure is not None
            self._retries[job.id] = self._retries.get(job.id, 0) + 1
            if self._retries[job.id] > _MOST_RETRIES:
                raise RuntimeError(f"{job.request.title} fails again and again: {job.failure['message']}")
        if failed:
            messages = {job.id: [_reason(job), job.failure["message"]] for job in failed if job.failure}
            self._journal.write(retried=messages)
            self._studio.jobs.retry(*messages)

    def _submit(self, chunks: Iterator[list[Wanted]]) -> None:
        try:
            while True:
                with self._lock:
                    chunk = next(chunks, None)
                if chunk is None or not self._gate.pass_through(sum(wanted.jobs for wanted in chunk)):
                    return
                self._submit_one(chunk[0]) if len(chunk) == 1 else self._submit_batch(chunk)
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the threads
            self._errors.append(error)

    def _submit_batch(self, chunk: list[Wanted]) -> None:
        requests = self._desk.store.read(lambda graph: [self._request(graph, w) for w in chunk])
        jobs = self._desk.queue.submit(*requests)
        for wanted, job in zip(chunk, jobs, strict=True):
            self._acknowledge(wanted, job.id)

    def _submit_one(self, wanted: Wanted) -> None:
        match wanted.what:
            case "edge":
                self._connect(wanted)
            case "pair":
                parent, children = self._desk.store.read(lambda graph: self._family(graph, wanted))
                self._acknowledge(wanted, self._desk.queue.submit_family(parent, children).id)
            case _:
                self._submit_batch([wanted])
        if wanted.what == "paid":
            budget = self._studio.jobs.budget()
            if budget.reserved + budget.spent > budget.total + 1e-9:
                self._journal.write(over_budget=budget.reserved + budget.spent, total=budget.total)

    def _connect(self, wanted: Wanted) -> None:
        label = f"edge {wanted.index}"
        try:
            edge = self._studio.edge(label).id
        except NotFound:
            edge = self._studio.connect(
                LABELS[wanted.a],
                LABELS[wanted.b],
                seconds=0.25,
                engine="fake",
                parameters={"seed": wanted.seed, "step": wanted.seconds / 10},
                label=label,
            ).id
        else:  # by a call that was killed before it returned: perhaps before it showed a rendering that was there
            self._studio.wait(edge)
        self._acknowledge(wanted, None, edge=edge)

    def _request(self, graph: Graph, wanted: Wanted) -> Request:
        engine, parameters = "fake", {"seed": wanted.seed, "step": wanted.seconds / 10}
        if wanted.what == "paid":
            engine, parameters = (
                "fake-paid",
                {"seed": wanted.seed, "trouble": wanted.trouble, "wait": wanted.seconds},
            )
        operation = "describe" if wanted.what == "describe" else "vary"
        recipe = recipe_of(
            graph, Wish(engine, operation, (Input("image", self._nodes[wanted.b].framed),), parameters)
        )
        return rendering_request(
            graph, recipe, title=f"{wanted.what} {wanted.index}", subject=self._nodes[wanted.a].id
        )

    def _family(self, graph: Graph, wanted: Wanted) -> tuple[Request, list[Request]]:
        """Two pictures that become nodes together, as `Studio.vary` asks for them."""
        inputs = (Input("image", self._nodes[wanted.b].framed),)
        title, near = f"pair {wanted.index}", self._nodes[wanted.a].id
        recipes = [
            recipe_of(graph, Wish("fake", "vary", inputs, {"seed": 1_000_000 + 2 * wanted.seed + n}))
            for n in (0, 1)
        ]
        body = {"near": near, "label": title, "recipes": to_json(tuple(recipes))}
        children = [rendering_request(graph, recipe, title=title, subject=near) for recipe in recipes]
        return Request(PICTURES, title, near, body, lane="owner"), children

    def _acknowledge(self, wanted: Wanted, job: str | None, *, edge: str | None = None) -> None:
        self._journal.write(index=wanted.index, job=job, edge=edge)
        self._acknowledged.add(wanted.index)


def _chunks(wanted: list[Wanted]) -> Iterator[list[Wanted]]:
    """Batches of what can be asked for together, and the rest one by one; one after the other in order."""
    most = max(1, min(_BATCH, len(wanted) // 50))
    batch: list[Wanted] = []
    for one in wanted:
        if one.what in ("describe", "vary"):
            batch.append(one)
        else:
            yield [one]
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch


def _reason(job: Job) -> str:
    return job.failure["kind"] if job.failure else ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("workspace", "journal", "go_on"):
        parser.add_argument(name, type=Path)
    for name in ("--jobs", "--paid", "--seed"):
        parser.add_argument(name, type=int, required=True)
    given = parser.parse_args()
    acknowledged = {cast("int", line["index"]) for line in Journal.read(given.journal) if "index" in line}
    studio = Studio.open(given.workspace)
    owner = Owner(
        studio,
        Journal(given.journal),
        plan(jobs=given.jobs, paid=given.paid, seed=given.seed),
        acknowledged,
    )
    owner.run(given.go_on)
    studio.close()


if __name__ == "__main__":
    main()
