"""Hosted engines as a user meets them: whoever is killed at whatever moment, nothing is lost and nothing is billed twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

import forkframe as ff
from bench.hosted import torture
from forkframe.engines.hosted.order import POLL_VARIABLE
from forkframe.errors import Cancelled, EngineUnavailable, OverBudget, RenderFailed
from tests.hosted.asked import KINDS, opened
from tests.hosted.provider import PretendedProvider
from tests.pictures import save_blobs
from tests.studio.test_jobs import until, workers_of


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def provider(engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendedProvider]:
    monkeypatch.setenv(POLL_VARIABLE, "0.05")
    with opened(KINDS[engine], monkeypatch) as provider:
        yield provider


@pytest.fixture
def ws(tmp_path: Path, provider: PretendedProvider) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
        ws.set_budget(100)
        yield ws
        ws.cancel_all()


def kill_workers() -> int:
    """Ends all workers of this process as if the machine had run out of memory; how many there were."""
    found = workers_of(os.getpid())
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return len(found)


def test_an_edge_is_rendered_within_the_budget_and_billed_once(
    ws: ff.Workspace, provider: PretendedProvider, engine: str
) -> None:
    a, b = ws.nodes
    ws.set_budget(0.01)
    edge = ws.connect(a, b, seconds=1, engine=engine)
    with pytest.raises(OverBudget, match=r"costs about \$"):
        ws.job(edge).wait(60)
    assert provider.submissions == 0
    ws.set_budget(10)
    ws.job(edge).retry()
    assert edge.wait(120).view().state == "ready"
    assert [take.tier for take in edge.takes if not take.failure] == ["final"]
    assert (provider.submissions, len(provider.bills)) == (1, 1)
    assert ws.budget.spent == pytest.approx(sum(provider.bills.values()))
    assert ws.budget.reserved == 0
    rendering = next(iter(ws._studio._desk.graph.renderings.values()))
    assert rendering.original is not None


@pytest.mark.parametrize("moment", ["while it is made", "while it is fetched"])
def test_what_was_submitted_is_taken_up_again_after_its_worker_was_killed(
    ws: ff.Workspace, provider: PretendedProvider, engine: str, moment: str
) -> None:
    a, b = ws.nodes
    if moment == "while it is made":
        provider.held = True
    else:
        provider.stumble("file", "hangs")
    edge = ws.connect(a, b, seconds=1, engine=engine)
    provider.until(lambda p: p.count("poll" if provider.held else "file"))
    assert kill_workers()
    provider.held = False
    assert edge.wait(120).view().state == "ready"
    assert (provider.submissions, len(provider.bills)) == (1, 1)
    assert ws.budget.spent == pytest.approx(sum(provider.bills.values()))


@pytest.mark.parametrize("trouble", ["mute", "hangs"])
def test_what_was_cut_off_while_it_was_submitted_is_left_to_the_user(
    ws: ff.Workspace, provider: PretendedProvider, engine: str, trouble: str
) -> None:
    a, b = ws.nodes
    provider.stumble("submit", trouble)
    edge = ws.connect(a, b, seconds=1, engine=engine)
    provider.until(lambda p: p.bills if trouble == "mute" else p.count("submit"))
    assert kill_workers()
    with pytest.raises(RenderFailed, match="may have been billed"):
        edge.wait(120)
    assert provider.submissions == 1
    assert ws.budget.reserved > 0  # until somebody has looked
    if not provider.bills:
        ws.job(edge).retry()
        assert edge.wait(120).view().state == "ready"
    assert len(provider.bills) == 1


PROGRAM = """
import sys
import forkframe as ff
ws = ff.open(sys.argv[1])
a, b = ws.nodes
for n in range(5):
    ws.connect(a, b, seconds=1, engine=sys.argv[2], prompt=f"way {n}")
print("asked", flush=True)
sys.stdin.read()
"""


def test_a_program_that_was_killed_takes_up_everything_when_it_starts_again(
    tmp_path: Path, provider: PretendedProvider, engine: str
) -> None:
    path = tmp_path / "ws.forkframe"
    with ff.open(path, size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
        ws.set_budget(100)
    provider.held = True
    command = [sys.executable, "-c", PROGRAM, path, engine]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == "asked\n"
        provider.until(lambda p: all(t.looks for t in p.taken) and len(p.taken) == 5, timeout=120)
        os.kill(owner.pid, signal.SIGKILL)
    provider.held = False
    with ff.open(path) as ws:
        for edge in ws.edges:
            assert edge.wait(180).view().state == "ready"
            assert [take.failure for take in edge.takes] == [""]
        assert ws.budget.spent == pytest.approx(sum(provider.bills.values()))
    assert (provider.submissions, len(provider.bills), provider.billed_twice) == (5, 5, 0)


def test_workers_killed_at_random_lose_nothing_and_have_nothing_billed_twice(engine: str) -> None:
    report = torture(engine, jobs=8, kills=5, seed=1)
    assert (report.lost, report.billed_twice) == (0, 0), report
    assert report.kills >= 5
    assert report.bills == 8


def test_cancelling_a_job_reaches_the_provider_and_asking_again_asks_anew(
    ws: ff.Workspace, provider: PretendedProvider, engine: str
) -> None:
    a, b = ws.nodes
    provider.held = True
    edge = ws.connect(a, b, seconds=1, engine=engine)
    provider.until(lambda p: p.count("poll"))
    ws.job(edge).cancel()
    with pytest.raises(Cancelled):
        ws.job(edge).wait(60)
    assert len(provider.cancelled) == (engine != "luma")
    assert ws.budget.spent > 0  # nobody knows that it is not billed
    provider.held = False
    ws.job(edge).retry()
    assert edge.wait(120).view().state == "ready"
    assert provider.submissions == 2


def test_a_job_that_waits_for_its_next_attempt_is_cancelled_at_its_provider_too(
    ws: ff.Workspace, provider: PretendedProvider, engine: str
) -> None:
    a, b = ws.nodes
    provider.held = True
    edge = ws.connect(a, b, seconds=1, engine=engine)
    provider.until(lambda p: p.count("poll"))
    ws.pause()
    kill_workers()
    until(lambda: ws.job(edge).view().attempts)
    ws.job(edge).cancel()
    with pytest.raises(Cancelled):
        ws.job(edge).wait(60)
    assert provider.cancelled == ({t.id for t in provider.taken} if engine != "luma" else set())
    assert ws.budget.spent > 0
    assert ws.budget.reserved == 0


def test_a_revoked_key_is_one_line_and_the_job_goes_on_unchanged_with_a_new_one(
    ws: ff.Workspace, provider: PretendedProvider, engine: str, tmp_path: Path
) -> None:
    a, b = ws.nodes
    provider.held = True
    edge = ws.connect(a, b, seconds=1, engine=engine)
    provider.until(lambda p: p.count("poll"))
    provider.revoked = True
    with pytest.raises(EngineUnavailable, match=f"refuses the key in {provider.key_variable}"):
        edge.wait(120)
    job = ws.job(edge).view()
    assert "look at https://" in job.hint
    assert provider.key not in f"{job}"
    kept = [path for path in (tmp_path / "ws.forkframe").rglob("*") if path.is_file()]
    assert len(kept) > 4
    assert not [path for path in kept if provider.key.encode() in path.read_bytes()]
    provider.revoked = provider.held = False
    ws.job(edge).retry()
    assert edge.wait(120).view().state == "ready"
    assert (provider.submissions, len(provider.bills)) == (1, 1)


def test_pictures_and_moving_pictures_come_from_it_too(
    ws: ff.Workspace, provider: PretendedProvider, engine: str
) -> None:
    a, b = ws.nodes
    looked = ws.restyle(a, prompt="pencil", engine=engine)
    varied = ws.vary(b, n=1, engine=engine)[0]
    moved = ws.animate(a, seconds=1, engine=engine)
    for made in (looked, varied):
        assert cv2.imdecode(np.frombuffer(made.png(), np.uint8), cv2.IMREAD_COLOR).shape == (96, 160, 3)
    assert moved.wait(120).view().state == "ready"
    assert len(provider.bills) == 3
    assert ws.budget.spent == pytest.approx(sum(provider.bills.values()))


def test_luma_is_asked_for_as_much_of_a_path_at_once_as_one_of_its_clips_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POLL_VARIABLE, "0.05")
    with (
        opened(KINDS["luma"], monkeypatch) as provider,
        ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws,
    ):
        nodes = ws.add(*(save_blobs(tmp_path / f"{n}.png", seed=n) for n in range(4)))
        for a, b in pairwise(nodes):
            ws.connect(a, b, seconds=4).wait(120)
        path = ws.sequence("path", nodes)
        price = path.quote(engine="luma").dollars
        assert price == pytest.approx(2.0 + 1.0)  # ten seconds with a picture on the way, and five
        ws.set_budget(price)
        path.finish(engine="luma")
        videos = sorted((t.body["video"] for t in provider.taken), key=lambda v: len(v["keyframes"]))
        assert [v["keyframe_indexes"] for v in videos] == [[0, 120], [0, 120, 240]]
        assert [v["duration"] for v in videos] == ["5s", "10s"]
        assert sum(provider.bills.values()) == pytest.approx(price)
        for edge in ws.edges:
            shown = next(take for take in edge.takes if take.active)
            assert (shown.tier, shown.stale) == ("final", False)
