"""Workflows on a ComfyUI as a user meets them: through the real queue, with everything killed that can be killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import forkframe as ff
from forkframe.engines.comfyui import facts
from forkframe.errors import BadInput, Cancelled, EngineBusy, RenderFailed
from forkframe.media.decode import read_frames
from tests.comfyui_server import FakeComfyUI
from tests.pictures import save_blobs
from tests.studio.test_jobs import until, workers_of


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as server:
        monkeypatch.setenv("FORKFRAME_COMFYUI", server.url)
        monkeypatch.setattr(facts, "_PATIENCE", 30.0)  # it does answer
        facts.forget()
        yield server


@pytest.fixture
def ws(server: FakeComfyUI, tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
        yield ws
        server.gate.set()
        ws.cancel_all()


def frames_of(ws: ff.Workspace, edge: ff.Edge) -> list[np.ndarray]:
    """The frames of an edge's active take."""
    graph = ws._studio._desk.graph
    (take,) = [take for take in edge.takes if take.active]
    rendering = graph.renderings[graph.takes[take.id].rendering]  # type: ignore[index]
    assert rendering.video
    assert rendering.original, "the file that came is kept"
    return list(read_frames(ws._studio._desk.store.blobs.path(rendering.video)))


def test_a_crossfade_by_a_server_without_weights_becomes_a_take(
    ws: ff.Workspace, server: FakeComfyUI
) -> None:
    a, b = ws.nodes
    edge = ws.connect(a, b, seconds=2, engine="comfyui:crossfade").wait(60)
    frames = frames_of(ws, edge)
    assert len(frames) == 25
    first, middle, last = (frames[n].astype(float) for n in (0, 12, 24))
    assert np.abs(middle - (first + last) / 2).mean() < 3
    assert np.abs(first - last).mean() > 20
    assert len(server.submissions) == sum(server.performed.values()) == 1


def test_the_family_s_name_is_whichever_is_ready_and_the_recipe_says_which(
    ws: ff.Workspace, server: FakeComfyUI
) -> None:
    a, b = ws.nodes
    edge = ws.connect(a, b, seconds=1, engine="comfyui").wait(60)
    graph = ws._studio._desk.graph
    (take,) = edge.takes
    recipe = graph.renderings[graph.takes[take.id].rendering].recipe  # type: ignore[index]
    assert (recipe.algorithm, recipe.parameters["resolution"]) == ("comfyui:wan.transition@1", "480p")
    assert take.tier == "final"
    dusk = ws.restyle(a, prompt="evening", engine="comfyui:flux2-klein")
    assert "evening" in server.submissions[-1].graph["4"]["inputs"]["text"]
    assert dusk.id in [node.id for node in ws.nodes]


def test_a_worker_that_is_killed_costs_nothing_at_the_server(ws: ff.Workspace, server: FakeComfyUI) -> None:
    server.gate.clear()
    a, b = ws.nodes
    edge = ws.connect(a, b, seconds=1, engine="comfyui:wan")
    for _ in range(2):
        server.until(lambda s: s.running)
        before = len(server.heard)
        server.until(lambda s, before=before: len(s.heard) > before + 2)  # somebody follows it
        for pid in workers_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)
    server.gate.set()
    assert edge.wait(90).view().state == "ready"
    assert len(server.submissions) == sum(server.performed.values()) == 1


PROGRAM = """
import sys
import forkframe as ff
ws = ff.open(sys.argv[1])
a, b = ws.nodes
for n in range(4):
    ws.connect(a, b, seconds=1, engine="comfyui:wan", seed=n)
print("asked", flush=True)
ws.wait()
"""


def test_after_forkframe_was_killed_nothing_is_lost_and_nothing_is_made_twice(
    server: FakeComfyUI, tmp_path: Path
) -> None:
    path = tmp_path / "ws.forkframe"
    with ff.open(path, size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    server.gate.clear()
    owner = subprocess.Popen([sys.executable, "-c", PROGRAM, path], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout
        assert owner.stdout.readline() == "asked\n"
        server.until(lambda s: len(s.submissions) == 4)
        os.kill(owner.pid, signal.SIGKILL)
    server.gate.set()
    with ff.open(path) as ws:
        assert [edge.wait(90).view().state for edge in ws.edges] == ["ready"] * 4
    assert len(server.submissions) == sum(server.performed.values()) == 4


def test_a_server_that_is_killed_and_comes_back_performs_what_it_lost(
    ws: ff.Workspace, server: FakeComfyUI
) -> None:
    server.gate.clear()
    a, b = ws.nodes
    edges = [ws.connect(a, b, seconds=1, engine="comfyui:wan", seed=n) for n in range(3)]
    server.until(lambda s: len(s.submissions) == 3)
    server.stop()
    until(lambda: all(ws.job(edge).state in ("running", "queued") for edge in edges))
    server.start()
    server.gate.set()
    assert [edge.wait(90).view().state for edge in edges] == ["ready"] * 3
    assert sum(server.performed.values()) == 3
    assert len({prompt.id for prompt in server.submissions}) == 3, "under the same ids"


def test_a_server_that_stays_away_fails_the_job_in_clear_words_and_a_retry_takes_it_up(
    ws: ff.Workspace, server: FakeComfyUI
) -> None:
    server.gate.clear()
    a, b = ws.nodes
    edge = ws.connect(a, b, seconds=1, engine="comfyui:crossfade")
    server.until(lambda s: s.running)
    known = server.submissions[0].id
    server.stop()
    with pytest.raises(EngineBusy, match=f"nobody answers at {server.url}"):
        ws.job(edge).wait(120)
    view = ws.job(edge).view()
    assert (view.state, view.attempts, view.remote) == ("failed", 3, known)
    assert "start ComfyUI" in view.hint
    server.start()
    server.gate.set()
    facts.forget()
    ws.job(edge).retry()
    assert edge.wait(90).view().state == "ready"
    assert {prompt.id for prompt in server.submissions} == {known}


def test_cancelling_stops_the_server_too(ws: ff.Workspace, server: FakeComfyUI) -> None:
    server.gate.clear()
    a, b = ws.nodes
    running, waiting = (ws.connect(a, b, seconds=1, engine="comfyui:crossfade", seed=n) for n in range(2))
    server.until(lambda s: s.running and s.pending)
    for edge in (waiting, running):
        ws.job(edge).cancel()
        with pytest.raises(Cancelled):
            ws.job(edge).wait(60)
    server.until(lambda s: not s.running and not s.pending)
    assert sum(server.performed.values()) == 0


def test_a_job_that_waits_for_its_next_attempt_is_cancelled_at_the_server_too(
    ws: ff.Workspace, server: FakeComfyUI
) -> None:
    server.gate.clear()
    a, b = ws.nodes
    edge = ws.connect(a, b, seconds=1, engine="comfyui:crossfade")
    server.until(lambda s: s.running)
    ws.pause()
    for pid in workers_of(os.getpid()):
        os.kill(pid, signal.SIGKILL)
    until(lambda: ws.job(edge).view().attempts)
    ws.job(edge).cancel()
    with pytest.raises(Cancelled):
        ws.job(edge).wait(60)
    server.until(lambda s: not s.running and not s.pending)
    assert sum(server.performed.values()) == 0


def test_what_a_workflow_fails_of_is_one_line_with_the_edge(ws: ff.Workspace, server: FakeComfyUI) -> None:
    server.mishap = "out of memory"
    a, b = ws.nodes
    edge = ws.connect(a, b, seconds=1, engine="comfyui:wan")
    with pytest.raises(RenderFailed, match="ComfyUI failed at Sampler for strong noise"):
        edge.wait(60)
    assert ws.job(edge).view().attempts == 1
    assert "secret" not in str(ws.job(edge).view())


def test_an_edge_that_is_too_long_is_refused_before_anything_is_asked_for(
    ws: ff.Workspace, server: FakeComfyUI
) -> None:
    a, b = ws.nodes
    with pytest.raises(BadInput, match=r"comfyui:wan can't make 6\.0 seconds"):
        ws.connect(a, b, seconds=6, engine="comfyui:wan")
    assert (len(ws.edges), server.submissions) == (0, [])


def test_closing_leaves_the_server_at_work_and_the_next_program_fetches_what_came_of_it(
    server: FakeComfyUI, tmp_path: Path
) -> None:
    path = tmp_path / "ws.forkframe"
    server.gate.clear()
    ws = ff.open(path, size=(160, 96), fps=12)
    a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    ws.connect(a, b, seconds=1, engine="comfyui:wan")
    server.until(lambda s: s.running)
    ws.close(finish=False)
    server.gate.set()
    with ff.open(path) as ws:
        assert ws.edges[0].wait(60).view().state == "ready"
    assert (len(server.submissions), sum(server.performed.values()), server.interrupts) == (1, 1, [])


def test_whatever_is_killed_at_random_everything_comes_and_nothing_comes_twice(
    ws: ff.Workspace, server: FakeComfyUI
) -> None:
    chance = random.Random(1)
    a, b = ws.nodes
    edges = [ws.connect(a, b, seconds=1, engine="comfyui:wan", seed=n) for n in range(12)]
    for kill in range(12):
        server.until(lambda s, kill=kill: sum(s.performed.values()) >= kill // 2)
        match chance.choice(("worker", "server", "sockets")):
            case "worker" if found := workers_of(os.getpid()):
                os.kill(chance.choice(found), signal.SIGKILL)
            case "server":
                server.restart()
            case _:
                server.drop_sockets()
    assert [edge.wait(120).view().state for edge in edges] == ["ready"] * 12
    assert [len(edge.takes) for edge in edges] == [1] * 12
    assert len({prompt.id for prompt in server.submissions}) == 12, "each under one id, whatever happened"
