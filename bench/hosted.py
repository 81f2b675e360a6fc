"""Kills workers at random while hosted engines make videos, and counts what is lost or billed twice.

    python -m bench.hosted [--jobs 30] [--kills 15] [--seed 0]

For each of Runway, Luma and fal, `jobs` edges of one workspace are asked for from a provider that is pretended, through the
provider's own SDK. It bills, drops connections, answers with faults, is busy, lets addresses expire and cuts results short.
Meanwhile all workers are killed, `kills` times, at moments that the provider sees: while a request is submitted, made or
fetched. Where nobody can know whether a request was taken, its job says so; then somebody looks at the provider's list, as
its user would, and retries only what is not there.

Exits with 1 if anything is lost or billed twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import forkframe as ff
from forkframe.engines.hosted.order import POLL_VARIABLE
from forkframe.errors import EngineError
from forkframe.handles import Job as JobHandle
from tests.hosted.asked import KINDS
from tests.hosted.provider import PretendedProvider
from tests.pictures import save_blobs

_STUCK = 180.0
"""Seconds after which something hangs."""
_MOST_RETRIES = 12


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it.

    Attributes:
        kills: workers that were killed.
        lost: edges without a video that the provider knows nothing of.
        billed_twice: bills beyond the first for the same request.
        doubtful: how often nobody knew whether a request was taken.
        known: of these, requests that the provider had taken, as its list says.
    """

    engine: str
    jobs: int
    kills: int
    submissions: int
    bills: int
    lost: int
    billed_twice: int
    doubtful: int
    known: int
    seconds: float


def torture(name: str, *, jobs: int, kills: int, seed: int) -> Report:
    """Has one provider make `jobs` videos, and kills all workers `kills` times meanwhile."""
    dice = random.Random(f"{name} {seed}")
    begun = time.monotonic()
    provider = KINDS[name][0]()
    set_for_workers = {
        POLL_VARIABLE: "0.05",
        provider.variable: provider.address,
        provider.key_variable: provider.key,
    }
    provider.polls = 4
    provider.stumble("submit", *dice.choices([200, 429, "mute", 500], [6, 1, 1, 1], k=jobs))
    provider.stumble("poll", *dice.choices([200, 500, "deaf"], [8, 1, 1], k=4 * jobs))
    provider.stumble("file", *dice.choices([200, "cut", "expired"], [4, 1, 1], k=jobs))
    with (
        mock.patch.dict(os.environ, set_for_workers),
        tempfile.TemporaryDirectory() as folder,
        provider,
        ff.open(Path(folder) / "torture.forkframe", size=(160, 96), fps=12) as ws,
    ):
        a, b = ws.add(*(save_blobs(Path(folder) / f"{n}.png", seed=n) for n in (0, 1)))
        ws.set_budget(1000)
        edges = [ws.connect(a, b, seconds=1, engine=name, prompt=_prompt(n)) for n in range(jobs)]
        killed = sum(_strike(ws, provider, dice) for _ in range(kills))
        lost, doubtful, known = 0, 0, 0
        for n, edge in enumerate(edges):
            made, doubts = _seen_through(ws.job(edge), lambda n=n: _is_known(provider, n))
            doubtful += doubts
            known += not made and _is_known(provider, n)
            lost += not made and not _is_known(provider, n)
        seconds = time.monotonic() - begun
        return Report(
            name,
            jobs,
            killed,
            provider.submissions,
            len(provider.bills),
            lost,
            provider.billed_twice,
            doubtful,
            known,
            seconds,
        )


def _strike(ws: ff.Workspace, provider: PretendedProvider, dice: random.Random) -> int:
    """Kills all workers once the provider was asked a few times more; how many there were."""
    place = dice.choice(("poll", "poll", "submit", "file"))
    goal = provider.count(place) + dice.randint(1, 4)
    deadline = time.monotonic() + _STUCK
    while provider.count(place) < goal and ws.queue().counts.get("running"):
        assert time.monotonic() < deadline, "it hangs"
        time.sleep(0.005)
    found = [int(pid.name) for pid in Path("/proc").iterdir() if pid.name.isdecimal() and _is_worker(pid)]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return len(found)


def _is_worker(process: Path) -> bool:
    try:
        parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        return parent == os.getpid() and b"forkframe.jobs.worker" in (process / "cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return False


def _seen_through(job: JobHandle, is_known: Callable[[], bool]) -> tuple[bool, int]:
    """Whether a job was done in the end, and how often nobody knew whether the provider was asked."""
    doubts = 0
    for _ in range(_MOST_RETRIES):
        try:
            job.wait(_STUCK)
        except EngineError as error:
            if "may have been" in error.message:
                doubts += 1
                if is_known():
                    return False, doubts
            job.retry()
        else:
            return True, doubts
    return False, doubts


def _prompt(number: int) -> str:
    return f"way {number}."


def _is_known(provider: PretendedProvider, number: int) -> bool:
    return any(
        _prompt(number) in str(taken.body.get("promptText") or taken.body["prompt"])
        for taken in provider.taken
    )


def main() -> None:
    """Prints a line for each provider."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("--jobs", 30), ("--kills", 15), ("--seed", 0)):
        parser.add_argument(name, type=int, default=default)
    given = parser.parse_args()
    wrong = 0
    for name in KINDS:
        r = torture(name, jobs=given.jobs, kills=given.kills, seed=given.seed)
        print(
            f"{name:7} {r.jobs} jobs, {r.kills} workers killed, {r.submissions} submissions, {r.bills} bills: "
            f"{r.lost} lost, {r.billed_twice} billed twice; {r.doubtful} in doubt, {r.known} of them at the provider; "
            f"{r.seconds:.0f} s",
            flush=True,
        )
        wrong += r.lost + r.billed_twice
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
