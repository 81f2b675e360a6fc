"""Kills workers and owners at random under thousands of jobs, and counts what is lost or comes twice.

    python -m bench.torture [--jobs 10000] [--kills 200] [--paid 300] [--seed 0]

An owner process (`bench.torture_owner`) asks for descriptions, pictures, pictures that cost money, edges, and pairs of
nodes, and is told of each that it is on the disk. SIGKILL hits its workers (three of four times) and the owner itself,
which is started again and takes up where the database says. A provider in a third process bills and is never killed; it
drops connections, answers with faults, is busy and cuts results short. Up to the middle the budget covers less than what
is asked for. At the end everything that was acknowledged is looked for in a fresh read of the workspace.

Exits with 1 if anything is not as promised.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import cv2
from sqlalchemy import Row, func, select

from bench.pictures import photograph
from bench.torture_owner import LABELS, Journal, Plan, plan
from forkframe.engines.fakepaid import PROVIDER_VARIABLE
from forkframe.model.graph import Graph
from forkframe.model.ids import BlobHash
from forkframe.store import read_graph
from forkframe.store.blobs import Blobs
from forkframe.store.reading import MEDIA, read_only
from forkframe.store.schema import JOB
from forkframe.studio import Budget, Studio, show_books
from forkframe.studio.pictures import PICTURES
from forkframe.studio.renders import RENDERING

_ROOT = Path(__file__).parent.parent
_SIZE = (64, 64)
_OWNER_SHARE = 0.25
_AGAIN_SHARE = 0.15
"""Of the owners that are killed, those whose successor is killed too, while it starts."""
_MOST_RESUME = 10.0
"""Seconds from an owner's start until what ran is taken up again and jobs get done."""
_ORPHAN_SECONDS = 5.0
_LOOK = 0.02
_STUCK = 60.0
"""Seconds without any job done after which something hangs."""
_MARK = "FORKFRAME_TORTURE"
_EXPECTED = {"WorkerDied", "EngineBusy", "OverBudget"}
"""What a job may fail with, given what is done to it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was done, and what came of it.

    Attributes:
        jobs: how many there were in the end.
        lost: acknowledged jobs, edges and results that are not there, or not done.
        twice: renderings of one recipe, finished takes of one edge and nodes of one job beyond the first.
        billed_twice: bills beyond the first for one recipe.
        over_budget: how often more was reserved and spent than the budget allowed.
        orphans: workers that outlived their owner.
        dead_letters: jobs that were given up after three attempts, and retried.
        refused: jobs that the budget did not cover, and retried.
        strange: jobs that failed for something else than a kill, the provider or the budget.
        slowest_resume: seconds.
        patience: how many times longer than on an idle machine everything may take.
        billed, spent, reserved: US dollars, by the provider's books and ours.
        notes: what went wrong, in words.
    """

    jobs: int = 0
    worker_kills: int = 0
    owner_kills: int = 0
    lost: int = 0
    twice: int = 0
    billed_twice: int = 0
    over_budget: int = 0
    orphans: int = 0
    dead_letters: int = 0
    refused: int = 0
    strange: int = 0
    slowest_resume: float = 0.0
    billed: float = 0.0
    spent: float = 0.0
    reserved: float = 0.0
    seconds: float = 0.0
    patience: float = 1.0
    notes: tuple[str, ...] = ()

    @property
    def jobs_per_second(self) -> float:
        """Everything counted: kills, starts, submission."""
        return self.jobs / self.seconds

    @property
    def is_sound(self) -> bool:
        """Whether everything is as promised."""
        wrong = (self.lost, self.twice, self.billed_twice, self.over_budget, self.orphans, self.strange)
        unexplained = abs(self.billed - self.spent) > 1e-6 or self.reserved > 1e-6
        in_time = self.slowest_resume <= _MOST_RESUME * self.patience
        return not any(wrong) and not unexplained and in_time and not self.notes


@dataclass(slots=True)
class _Seen:
    """A moment of the workspace: jobs by state, which runners have running ones, and the money."""

    counts: Mapping[str, int]
    runners: set[str]
    budget: Budget

    @property
    def done(self) -> int:
        return self.counts.get("done", 0)

    @property
    def ended(self) -> int:
        return self.done + self.counts.get("failed", 0) + self.counts.get("cancelled", 0)

    @property
    def open(self) -> int:
        return sum(self.counts.values()) - self.ended


@dataclass(frozen=True, slots=True)
class _Strike:
    """A kill: once so many jobs have ended, so many seconds later. `again`: counted from the owner's start."""

    ended: float
    owner: bool
    delay: float
    again: bool = False


@dataclass(slots=True)
class _Tally:
    worker_kills: int = 0
    owner_kills: int = 0
    over_budget: int = 0
    orphans: int = 0
    slowest_resume: float = 0.0
    notes: list[str] = field(default_factory=list[str])


def torture(
    *, jobs: int = 10_000, kills: int = 200, paid: int = 300, seed: int = 0, patience: float = 1.0
) -> Report:
    """Asks for `jobs` things, of which `paid` cost money, and kills `kills` times meanwhile.

    `patience`: how many times longer than on an idle machine everything may take.
    """
    wanted = plan(jobs=jobs, paid=paid, seed=seed)
    with tempfile.TemporaryDirectory() as name, _provider() as url:
        folder = Path(name)
        workspace = folder / "torture.forkframe"
        _prepare(workspace, folder, budget=wanted.budgets[0])
        begun = time.monotonic()
        dice = random.Random(seed)
        options = (jobs, paid, seed)
        run = _Run(folder, workspace, url, wanted, options=options, dice=dice, patience=patience)
        run.until_done(_schedule(wanted, kills, dice))
        seconds = time.monotonic() - begun
        with urllib.request.urlopen(f"{url}/bills") as answer:
            bills: dict[str, float] = json.load(answer)
        report = _verified(workspace, Journal.read(run.journal), wanted, bills, run.tally, seconds=seconds)
        return replace(report, patience=patience)


def table(report: Report) -> str:
    """The report as text."""
    kills = report.worker_kills + report.owner_kills
    rows: list[tuple[str, object]] = [
        ("jobs", f"{report.jobs:,}"),
        ("kills", f"{kills} ({report.worker_kills} workers, {report.owner_kills} owners)"),
        ("lost", report.lost),
        ("committed twice", report.twice),
        ("billed twice", report.billed_twice),
        ("over budget", report.over_budget),
        ("orphaned workers", report.orphans),
        ("failed for another reason", report.strange),
        ("dead letters, retried", report.dead_letters),
        ("refused by the budget, retried", report.refused),
        (
            "billed / booked / still reserved ($)",
            f"{report.billed:.2f} / {report.spent:.2f} / {report.reserved:.2f}",
        ),
        ("slowest resume (s)", f"{report.slowest_resume:.2f} (at most {_MOST_RESUME:g})"),
        ("jobs per second, kills included", f"{report.jobs_per_second:.0f}"),
    ]
    lines = [f"{name:38} {figure}" for name, figure in rows]
    return "\n".join([*lines, *report.notes])


class _Run:
    """One owner after the other on one workspace."""

    def __init__(
        self,
        folder: Path,
        workspace: Path,
        url: str,
        wanted: Plan,
        *,
        options: tuple[int, int, int],
        dice: random.Random,
        patience: float,
    ) -> None:
        self.journal = folder / "journal"
        self.tally = _Tally()
        self._workspace = workspace
        self._go_on = folder / "go on"
        self._said = folder / "owner.txt"
        self._url = url
        self._plan = wanted
        self._options = options
        self._dice = dice
        self._patience = patience
        self._owner: subprocess.Popen[bytes] | None = None
        self._number = 0
        self._started = 0.0
        self._killed: _Seen | None = None  # until what the last owner left is taken up
        self._orphans: dict[
            str, float
        ] = {}  # marks of owners that are gone, and until when their workers may live

    def until_done(self, strikes: Sequence[_Strike]) -> None:
        """Strikes while the owner works, and returns when it has ended by itself."""
        todo = list(strikes)
        due: float | None = None
        best, changed = -1, time.monotonic()
        self._start()
        try:
            while (code := self._ended_with()) is None:
                seen = self._look()
                now = time.monotonic()
                if seen.ended != best:
                    best, changed = seen.ended, now
                elif now - changed > _STUCK * self._patience:
                    self._note(f"nothing happened for {now - changed:.0f} s; {dict(seen.counts)}")
                    return
                if todo and due is None and seen.ended >= todo[0].ended:
                    due = (self._started if todo[0].again else now) + todo[0].delay
                if due is not None and now >= due and self._strike(seen, owner=todo[0].owner, late=now - due):
                    todo, due = todo[1:], None
                if not todo:
                    self._go_on.touch()
                time.sleep(_LOOK)
            if code != 0:
                self._note(f"the owner ended with {code}")
        finally:
            self._end()

    def _start(self) -> None:
        self._number += 1
        jobs, paid, seed = (str(number) for number in self._options)
        command = [sys.executable, "-m", "bench.torture_owner", self._workspace, self.journal, self._go_on]
        environment = {**os.environ, PROVIDER_VARIABLE: self._url, _MARK: self._mark}
        self._started = time.monotonic()
        with self._said.open("ab") as said:
            self._owner = subprocess.Popen(
                [*command, "--jobs", jobs, "--paid", paid, "--seed", seed],
                cwd=_ROOT,
                env=environment,
                stdout=said,
                stderr=said,
            )

    @property
    def _mark(self) -> str:
        """What the environment of the present owner and its workers carries."""
        return f"{self._workspace}#{self._number}"

    def _ended_with(self) -> int | None:
        assert self._owner is not None
        return self._owner.poll()

    def _look(self) -> _Seen:
        """The workspace now; counts a budget that does not hold, workers that should be gone, and what is resumed."""
        seen = _seen(self._workspace)
        if seen.budget.reserved + seen.budget.spent > seen.budget.total + 1e-9:
            self.tally.over_budget += 1
        now = time.monotonic()
        if (
            (left := self._killed)
            and not seen.runners & left.runners
            and (seen.done > left.done or not left.open)
        ):
            self.tally.slowest_resume = max(self.tally.slowest_resume, now - self._started)
            self._killed = None
        if self._orphans:
            alive = _processes(set(self._orphans))
            for mark, until in list(self._orphans.items()):
                pids = [pid for pid, (of, _) in alive.items() if of == mark]
                if pids and now < until:
                    continue
                del self._orphans[mark]
                self.tally.orphans += len(pids)
                for pid in pids:
                    _kill(pid)
        return seen

    def _strike(self, seen: _Seen, *, owner: bool, late: float) -> bool:
        """Whether there was somebody to kill."""
        if not owner and late < _ORPHAN_SECONDS * self._patience:
            workers = [pid for pid, (_, is_worker) in _processes({self._mark}).items() if is_worker]
            if workers and _kill(self._dice.choice(workers)):
                self.tally.worker_kills += 1
                return True
            return False
        assert self._owner is not None
        self._owner.kill()
        self._owner.wait()
        self.tally.owner_kills += 1
        self._orphans[self._mark] = time.monotonic() + _ORPHAN_SECONDS * self._patience
        self._killed = _seen(self._workspace)
        self._start()
        return True

    def _note(self, what: str) -> None:
        self.tally.notes.append(what)
        self.tally.notes += self._said.read_text(errors="replace").splitlines()[-30:]

    def _end(self) -> None:
        assert self._owner is not None
        self._owner.kill()
        self._owner.wait()


def _schedule(wanted: Plan, kills: int, dice: random.Random) -> list[_Strike]:
    """Kills spread over the work, in order: jobs end between any two, except where an owner is killed while it starts."""
    strikes: list[_Strike] = []
    owners = round(kills * _OWNER_SHARE)
    kinds = [True] * owners + [False] * (kills - owners)
    dice.shuffle(kinds)
    for number, owner in enumerate(kinds):
        ended = wanted.jobs * 0.9 * (number + dice.random()) / kills
        if owner and strikes and strikes[-1].owner and dice.random() < _AGAIN_SHARE / _OWNER_SHARE:
            strikes.append(_Strike(strikes[-1].ended, True, dice.uniform(0, 1.5), again=True))
        else:
            strikes.append(_Strike(ended, owner, dice.uniform(0, 0.1)))
    return strikes


def _prepare(workspace: Path, folder: Path, *, budget: float) -> None:
    """A workspace with a few small pictures and a budget."""
    files: list[Path] = []
    for label in LABELS:
        files.append(folder / f"{label}.png")
        pixels = photograph(label, width=_SIZE[0], height=_SIZE[1])
        cv2.imwrite(str(files[-1]), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    studio = Studio.create(workspace, size=_SIZE)
    studio.add(files)
    studio.jobs.set_budget(budget)
    studio.close()


@contextmanager
def _provider() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.provider"]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _seen(workspace: Path) -> _Seen:
    counting = select(JOB.c.state, func.count()).group_by(JOB.c.state)
    running = select(JOB.c.runner).where(JOB.c.state == "running")
    with read_only(workspace) as (connection, _):
        counts = {str(state): int(count) for state, count in connection.execute(counting)}
        runners = set(connection.scalars(running))
    return _Seen(counts, runners, show_books(workspace)[0])


def _processes(marks: set[str]) -> dict[int, tuple[str, bool]]:
    """The mark of each process that carries one of `marks`, and whether it is a worker, by process id."""
    wanted = {f"{_MARK}={mark}".encode(): mark for mark in marks}
    found: dict[int, tuple[str, bool]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it ended this moment, or is somebody else's
                for variable in set((entry / "environ").read_bytes().split(b"\0")) & wanted.keys():
                    is_worker = b"forkframe.jobs.worker" in (entry / "cmdline").read_bytes()
                    found[int(entry.name)] = (wanted[variable], is_worker)
    return found


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _verified(
    workspace: Path,
    journal: Sequence[Mapping[str, object]],
    wanted: Plan,
    bills: Mapping[str, float],
    tally: _Tally,
    *,
    seconds: float,
) -> Report:
    """What a fresh read says of everything that was acknowledged."""
    graph = read_graph(workspace)
    with read_only(workspace) as (connection, _):
        rows = {str(row.id): row for row in connection.execute(select(JOB))}
    budget, _ = show_books(workspace)
    acknowledged = [line for line in journal if "index" in line]
    retried = [cast("dict[str, tuple[str, str]]", line["retried"]) for line in journal if "retried" in line]
    failed = {(key, kind): message for jobs in retried for key, (kind, message) in jobs.items()}
    strange = [message for (_, kind), message in failed.items() if kind not in _EXPECTED]
    refused = sum(kind == "OverBudget" for _, kind in failed)
    lost = _lost(graph, rows, acknowledged, wanted, Blobs(workspace / MEDIA))
    twice = _twice(graph, rows)
    paid = {row.content_key for row in rows.values() if row.engine == "fake-paid" and row.state == "done"}
    return Report(
        jobs=len(rows),
        worker_kills=tally.worker_kills,
        owner_kills=tally.owner_kills,
        lost=len(lost),
        twice=len(twice),
        billed_twice=round(bills["bills"]) - len(paid),
        over_budget=tally.over_budget + sum("over_budget" in line for line in journal),
        orphans=tally.orphans,
        dead_letters=len(failed) - refused,
        refused=refused,
        strange=len(strange),
        slowest_resume=tally.slowest_resume,
        billed=bills["dollars"],
        spent=budget.spent,
        reserved=budget.reserved,
        seconds=seconds,
        notes=(*tally.notes, *lost[:10], *twice[:10], *strange[:10]),
    )


def _lost(
    graph: Graph,
    rows: Mapping[str, Row[Any]],
    acknowledged: Sequence[Mapping[str, object]],
    wanted: Plan,
    blobs: Blobs,
) -> list[str]:
    """A line for everything that should be there."""
    lost = [f"job {row.title} is {row.state}: {row.failure}" for row in rows.values() if row.state != "done"]
    known = {cast("int", line["index"]) for line in acknowledged}
    lost += [f"{w.what} {w.index} was never acknowledged" for w in wanted.wanted if w.index not in known]
    named = Counter(str(line["job"]) for line in acknowledged if line["job"])
    lost += [f"job {key} was acknowledged for {count} things" for key, count in named.items() if count > 1]
    lost += [f"job {key} is not there" for key in named.keys() - rows.keys()]
    edges = {str(line["edge"]) for line in acknowledged if line["edge"]}
    shown = {str(edge.id) for edge in graph.edges.values() if edge.active}
    lost += [f"edge {key} has no take" for key in edges - shown]
    for row in rows.values():
        if row.state == "done" and row.kind == RENDERING and not graph.rendering_for(row.content_key):
            lost.append(f"the rendering of {row.title} is not there")
        if row.state == "done" and row.kind == PICTURES:
            lost += [
                f"a node of {row.title} is not there" for key in _nodes_of(row) if key not in graph.nodes
            ]
    files = {blob for r in graph.renderings.values() for blob in (r.picture, r.video, r.field) if blob}
    files |= {node.picture for node in graph.nodes.values()}
    return lost + [f"the file {blob} is not there" for blob in files if not blobs.has(BlobHash(blob))]


def _twice(graph: Graph, rows: Mapping[str, Row[Any]]) -> list[str]:
    """A line for everything that is there more often than once."""
    renderings = Counter(rendering.recipe.content_key for rendering in graph.renderings.values())
    takes = Counter(take.owner for take in graph.takes.values() if take.rendering)
    twice = [f"recipe {key} was rendered {n} times" for key, n in renderings.items() for _ in range(1, n)]
    twice += [f"{owner} has {n} finished takes" for owner, n in takes.items() for _ in range(1, n)]
    made = {
        key for row in rows.values() if row.state == "done" and row.kind == PICTURES for key in _nodes_of(row)
    }
    extra = [node for key, node in graph.nodes.items() if key not in made and node.label not in LABELS]
    return twice + [f"no job says that it made node {node.label}" for node in extra]


def _nodes_of(row: Row[Any]) -> list[str]:
    return cast("dict[str, list[str]]", json.loads(row.result))["nodes"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--jobs", type=int, default=10_000, help="how many things are asked for (default 10000)"
    )
    parser.add_argument("--kills", type=int, default=200, help="how often something is killed (default 200)")
    parser.add_argument("--paid", type=int, default=300, help="how many of them cost money (default 300)")
    parser.add_argument(
        "--seed", type=int, default=0, help="another one, another order of things (default 0)"
    )
    given = parser.parse_args()
    report = torture(jobs=given.jobs, kills=given.kills, paid=given.paid, seed=given.seed)
    print(table(report))
    sys.exit(not report.is_sound)


if __name__ == "__main__":
    main()
