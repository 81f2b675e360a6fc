"""Jobs as a user meets them: whatever happens to an engine, a worker or the program, each ends in one clear way."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

import forkframe as ff
from forkframe.errors import Cancelled, OverBudget, RenderFailed, WorkspaceDamaged
from forkframe.jobs import runner
from forkframe.media.decode import read_frames
from forkframe.store.schema import JOB
from forkframe.studio import Studio
from tests.pictures import save_blobs
from tests.provider import FakeProvider


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        yield ws
        ws.cancel_all()


@pytest.fixture
def pair(ws: ff.Workspace, tmp_path: Path) -> tuple[ff.Node, ff.Node]:
    a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    return a, b


def until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Returns when the condition holds; fails if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        os.sched_yield()


def workers_of(parent: int) -> list[int]:
    """The pids of a process's workers, as they are now: asking another program would take longer than most jobs."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            ppid = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if ppid == parent and b"forkframe.jobs.worker" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


@pytest.mark.parametrize(
    ("mishap", "reason", "attempts"),
    [
        ("fail", "asked to fail", 1),
        ("crash", r"crashed \(exit code 139\)", 3),
        ("nothing", "gave no field or video", 1),
        ("wrong size", "gave a picture of", 1),
        ("too few frames", "of the 13 frames", 1),
        ("not a number", "not a number", 1),
        ("out of memory", "ran out of memory", 1),
        ("garbage", "is no message", 3),
    ],
)
def test_what_goes_wrong_in_an_engine_is_a_failed_job_with_one_clear_line_that_can_be_retried(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], mishap: str, reason: str, attempts: int
) -> None:
    edge = ws.connect(*pair, seconds=1, engine="fake", mishap=mishap)
    with pytest.raises(RenderFailed, match=reason):
        edge.wait(60)
    job = ws.job(edge)
    view = job.view()
    assert (view.state, view.attempts) == ("failed", attempts)
    assert "\n" not in view.failure
    assert view.hint
    assert [take.failure for take in edge.takes] == [view.failure]
    job.retry()
    with pytest.raises(RenderFailed, match=reason):
        job.wait(60)
    assert len(ws.jobs) == 1, "the same job, not another one"


def test_a_worker_that_freezes_is_noticed_and_its_job_tried_again(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    ws.pause()
    ws.connect(*pair, seconds=1, engine="fake", mishap="freeze", step=0.01)
    queue = ws._studio._desk.queue
    ((job),) = ws.jobs
    impatient = queue.job(job.id).request
    ws.cancel_all()
    ws.resume()
    (patience,) = queue.submit(replace(impatient, subject="x", body={**impatient.body, "patience": 0.3}))
    ended = queue.wait(patience.id, 60)
    assert ended.state == "failed"
    assert ended.attempts == 3
    assert ended.failure
    assert "gave no sign of life for 0.3 seconds" in ended.failure["message"]


def test_a_job_whose_picture_is_gone_says_so_and_can_be_retried_when_it_is_back(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    ws.pause()
    edge = ws.connect(*pair, seconds=1, engine="fake")
    pixels = Path(ws.show().path) / "media" / "pixels"
    pixels.rename(pixels.with_name("elsewhere"))
    ws.resume()
    with pytest.raises(WorkspaceDamaged, match="is missing"):
        ws.job(edge).wait(60)
    pixels.with_name("elsewhere").rename(pixels)
    ws.job(edge).retry()
    assert edge.wait(60).view().state == "ready"


def test_a_job_for_an_engine_that_is_not_there_any_more_fails_and_can_be_retried(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.pause()
    edge = ws.connect(*pair, seconds=1, engine="fake")
    queue = ws._studio._desk.queue
    request = queue.job(ws.job(edge).id).request
    recipe = {**request.body["recipe"], "algorithm": "vanished.transition@1"}  # type: ignore[dict-item]
    (job,) = queue.submit(replace(request, content_key="other", body={**request.body, "recipe": recipe}))
    ws.resume()
    ended = queue.wait(job.id, 60)
    assert ended.failure
    assert "no engine 'vanished'" in ended.failure["message"]


def test_a_worker_killed_in_the_middle_costs_one_attempt(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    edge = ws.connect(*pair, seconds=1, engine="fake", step=0.3)
    until(lambda: ws.job(edge).view().share > 0)
    for pid in workers_of(os.getpid()):
        os.kill(pid, signal.SIGKILL)
    assert edge.wait(60).view().state == "ready"
    view = ws.job(edge).view()
    assert view.attempts == 1
    assert "killed from outside" in " ".join(view.story)


def test_cancelling_stops_at_the_next_step_and_a_hang_within_five_seconds(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    for parameters in ({"step": 0.5}, {"mishap": "hang", "step": 0.01}):
        edge = ws.connect(*pair, seconds=1, engine="fake", **parameters)
        until(lambda edge=edge: ws.job(edge).view().share > 0)
        ws.job(edge).cancel()
        with pytest.raises(Cancelled):
            ws.job(edge).wait(60)  # it hangs for an hour
        assert edge.view().state == "none"
    assert runner._GRACES["cpu"] < 5


def test_a_running_job_shows_how_far_it_is_and_a_preview(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    edge = ws.connect(*pair, seconds=1, engine="fake", step=0.3)
    job = ws.job(edge)
    until(lambda: (job.preview() or b"").startswith(b"\x89PNG"))
    assert 0 < job.view().share < 1
    assert edge.wait(60).view().state == "ready"
    assert job.preview() is None


def test_what_is_asked_for_in_the_moment_in_which_it_is_done_is_not_there_twice(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    edge = ws.connect(*pair, seconds=1, engine="fake").wait(60)
    queue = ws._studio._desk.queue
    (again,) = queue.submit(queue.job(ws.job(edge).id).request)
    assert queue.wait(again.id, 60).state == "done"
    (take,) = edge.takes
    assert take.active


PROGRAM = """
import sys
import forkframe as ff
from forkframe.jobs import queue
queue.LEASE = 3600.0  # who comes after it does not wait until it is over
ws = ff.open(sys.argv[1])
a, b = ws.nodes
for n in range(6):
    ws.connect(a, b, seconds=1, engine="fake", step=0.1, seed=n)
print("asked", flush=True)
ws.wait()
"""


def test_what_was_asked_for_is_done_after_the_program_was_killed_in_the_order_it_was_asked_for(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ws.forkframe"
    with ff.open(path, size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    owner = subprocess.Popen([sys.executable, "-c", PROGRAM, path], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout
        assert owner.stdout.readline() == "asked\n"
        until(lambda: workers_of(owner.pid))
        os.kill(owner.pid, signal.SIGKILL)
    with ff.open(path) as ws:
        until(lambda: ws.queue().counts.get("running"))
        for edge in ws.edges:
            assert edge.wait(60).view().state == "ready"
            assert [take.failure for take in edge.takes] == [""]
        started = [job.view() for job in sorted(ws.jobs, key=lambda job: job.view().created)]
        assert len(started) == 6


def test_closing_puts_back_what_runs_and_the_next_one_finishes_it(tmp_path: Path) -> None:
    path = tmp_path / "ws.forkframe"
    ws = ff.open(path, size=(160, 96), fps=12)
    a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    edge = ws.connect(a, b, seconds=1, engine="fake", step=0.3)
    until(lambda: ws.job(edge).state == "running")
    ws.close(finish=False)
    studio = Studio.open(path, resume=False)
    (left,) = studio.jobs.overview().jobs
    studio.close()
    assert (left.state, left.attempts) == ("queued", 0), "a short command leaves it alone"
    with ff.open(path) as ws:
        assert ws.edges[0].wait(60).view().state == "ready"


def test_variations_appear_after_the_program_that_asked_for_them_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "ws.forkframe"
    with ff.open(path, size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"))
        studio = ws._studio
        ws.pause()
        node = studio._node("a")
        from forkframe.model.recipe import Input
        from forkframe.studio.pictures import pictures_request
        from forkframe.studio.renders import Wish

        wish = Wish("fake", "vary", (Input("image", node.framed),), {})
        parent, children = pictures_request(studio._desk, wish, near=node, count=3, label="a, varied")
        studio._desk.queue.submit_family(parent, children)
    with ff.open(path) as ws:
        ws.resume()
        until(lambda: len(ws.nodes) == 4)
        assert [n.label for n in ws.nodes] == ["a", "a, varied 1", "a, varied 2", "a, varied 3"]
        ws.undo()
        assert len(ws.nodes) == 1


def test_a_paid_engine_runs_only_within_the_budget_and_is_billed_once(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        edge = ws.connect(*pair, seconds=1, engine="fake-paid")
        with pytest.raises(OverBudget, match=r"costs about \$0\.2"):
            ws.job(edge).wait(60)
        assert provider.bills == {}
        ws.set_budget(1)
        ws.job(edge).retry()
        assert edge.wait(60).view().state == "ready"
        assert [take.tier for take in edge.takes if not take.failure] == ["final"]
        assert len(provider.bills) == 1
        assert ws.budget.spent == pytest.approx(sum(provider.bills.values()))
        assert ws.budget.reserved == 0


def test_a_paid_request_is_taken_up_again_after_its_worker_was_killed(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        ws.set_budget(1)
        edge = ws.connect(*pair, seconds=1, engine="fake-paid", wait=1.0)
        until(lambda: ws.job(edge).view().remote)
        for pid in workers_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        assert edge.wait(60).view().state == "ready"
        assert (len(provider.bills), provider.submissions) == (1, 1)


def test_an_attempt_whose_lease_is_lost_does_not_cancel_what_the_next_one_waits_for(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        ws.set_budget(1)
        edge = ws.connect(*pair, seconds=1, engine="fake-paid", wait=4.0)
        until(lambda: ws.job(edge).view().remote)
        late = update(JOB).values(lease_until=0.0)
        queue = ws._studio._desk.queue
        until(
            lambda: (
                queue.transact("be late", lambda turn: turn.connection.execute(late))
                and "fell silent" in " ".join(ws.job(edge).view().story)
            )
        )
        assert edge.wait(60).view().state == "ready"
        assert (len(provider.bills), provider.submissions, provider.cancelled) == (1, 1, set())


def test_a_paid_request_that_is_cancelled_between_two_attempts_is_cancelled_at_its_provider(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        edge = between_two_attempts(ws, pair)
        ws.job(edge).cancel()
        with pytest.raises(Cancelled):
            ws.job(edge).wait(60)
        assert provider.cancelled == set(provider.bills)
        assert (ws.budget.reserved, ws.budget.spent) == (0, pytest.approx(sum(provider.bills.values())))
        assert provider.submissions == 1


def test_a_provider_that_did_not_hear_of_the_cancelling_is_told_by_the_next_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ws.forkframe"
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        ws = ff.open(path, size=(160, 96), fps=12)
        a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
        job = ws.job(between_two_attempts(ws, (a, b)))
        provider.overloaded = True
        job.cancel()
        until(lambda: "could not be told" in " ".join(job.view().story))
        assert (job.state, provider.cancelled) == ("cancelling", set())
        ws.close(finish=False)
        provider.overloaded = False
        with ff.open(path) as ws:
            (job,) = ws.jobs
            with pytest.raises(Cancelled):
                job.wait(60)
            assert provider.cancelled == set(provider.bills)
            assert ws.budget.spent == pytest.approx(sum(provider.bills.values()))
        assert provider.submissions == 1


def between_two_attempts(ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]) -> ff.Edge:
    """An edge that a provider is at work on, while its job waits; the queue is paused, so that it goes on waiting."""
    ws.set_budget(1)
    edge = ws.connect(*pair, seconds=1, engine="fake-paid", wait=60)
    until(lambda: ws.job(edge).view().remote)
    ws.pause()
    for pid in workers_of(os.getpid()):
        os.kill(pid, signal.SIGKILL)
    until(lambda: ws.job(edge).view().attempts)
    return edge


def test_what_is_undone_and_redone_at_once_is_rendered(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    edge = ws.connect(*pair, seconds=1, engine="fake", step=0.2)
    until(lambda: ws.job(edge).view().share > 0)
    with ThreadPoolExecutor(1) as threads:
        waits = threads.submit(edge.wait, 60)
        until(lambda: ws._studio._desk.queue.news._ends)
        ws.undo()
        ws.redo()
        assert edge.wait(60).view().state == "ready"
        assert waits.result(60).view().state == "ready", "whoever waited since before gets it too"
    assert [take.failure for take in edge.takes] == [""]


def test_finishing_renders_the_uncut_edge_first_and_what_hangs_on_its_branch_after(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], tmp_path: Path
) -> None:
    a, b = pair
    whole = ws.connect(a, b, seconds=2).wait(60)
    middle = ws.branch(whole, at=0.5)
    dusk = ws.restyle(middle, prompt="evening")
    ws.connect(middle, dusk, seconds=1).wait(60)
    path = ws.sequence("to dusk", [a, middle, dusk])
    before = (middle.png(), dusk.png())
    quote = path.quote(engine="fake")
    assert (quote.edges, quote.pictures, quote.dollars) == (2, 1, 0)
    made = path.finish(engine="fake")
    assert (made.edges, made.pictures) == (2, 1)
    assert middle.png() != before[0]
    assert dusk.png() != before[1]
    for edge in ws.edges:
        shown = next(take for take in edge.takes if take.active)
        assert (shown.tier, shown.stale) == ("final", False)
    film = path.export(tmp_path / "film.mp4")
    assert (film.frames, film.prepared, film.encoded) == (25, 0, 0)
    again = path.quote(engine="fake")
    assert (again.edges, again.pictures) == (0, 0)
    assert path.finish(engine="fake").edges == 0


def test_an_engine_that_passes_pictures_on_the_way_renders_a_path_in_one_request(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORKFRAME_FAKE_KEYS", "8")
    a, b = pair
    c = ws.add(save_blobs(tmp_path / "c.png", seed=2))
    lengths = {(a, b): 1.0, (b, c): 2.0, (c, a): 0.5}
    edges = [ws.connect(x, y, seconds=s).wait(60) for (x, y), s in lengths.items()]
    middle = ws.branch(edges[1], at=0.5)
    path = ws.sequence("round", [a, b, middle, c, a])
    quote = path.quote(engine="fake")
    assert (quote.edges, quote.pictures) == (3, 0)
    made = path.finish(engine="fake")
    assert (made.edges, made.pictures) == (3, 0)
    takes = [next(take for take in edge.takes if take.active) for edge in path_edges(ws, path)]
    assert len({take.rendering for take in takes}) == 1
    assert [(take.first, take.last) for take in takes] == [(0, 12), (12, 24), (24, 36), (36, 42)]
    assert {(take.tier, take.stale) for take in takes} == {("final", False)}
    film = path.export(tmp_path / "film.mp4")
    assert (film.frames, film.encoded) == (43, 0)
    frames = list(read_frames(tmp_path / "film.mp4"))
    for number, node in ((0, a), (12, b), (24, middle), (36, c), (42, a)):
        wanted = np.asarray(Image.open(io.BytesIO(node.png())).convert("RGB"))
        assert cv2.PSNR(frames[number], wanted) > 34, number
    assert (path.quote(engine="fake").edges, path.finish(engine="fake").edges) == (0, 0)


def path_edges(ws: ff.Workspace, path: ff.Sequence) -> list[ff.Edge]:
    known = {edge.id: edge for edge in ws.edges}
    return [known[step] for step in path.view().steps]


def test_finishing_costs_one_price_and_nothing_is_asked_for_if_that_is_too_much(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        a, b = pair
        ws.connect(a, b, seconds=1).wait(60)
        ws.connect(b, a, seconds=1).wait(60)
        path = ws.sequence("round", [a, b], loop=True)
        price = path.quote(engine="fake-paid").dollars
        assert price == pytest.approx(2 * 0.25 * 13 / 12, rel=0.1)
        ws.set_budget(price * 0.75)
        with pytest.raises(OverBudget):
            path.finish(engine="fake-paid")
        assert provider.submissions == 0
        ws.set_budget(price)
        with pytest.raises(OverBudget, match="more than"):
            path.finish(engine="fake-paid", most=price / 2)
        assert path.finish(engine="fake-paid").dollars == pytest.approx(price)
        assert len(provider.bills) == 2
        (line,) = [line for line in ws._studio.jobs.ledger() if line.spent]
        assert (line.engine, line.sequence) == ("fake-paid", path.id)


def test_a_second_program_lists_and_changes_the_queue_of_the_first(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    ws.pause()
    edges = [ws.connect(*pair, seconds=1, engine="fake", seed=n) for n in range(3)]

    def forkframe(*arguments: str) -> str:
        command = [sys.executable, "-m", "forkframe", "jobs", ws.show().path, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    assert forkframe().startswith("the queue is paused; 3 queued")
    assert "cancelled" in forkframe("cancel", ws.job(edges[1]).id)
    forkframe("first", edges[2].id)
    assert [job.view().subject for job in ws.jobs][:2] == [edges[2].id, edges[0].id]
    forkframe("resume")
    ws.wait(60)
    assert [edge.view().state for edge in edges] == ["ready", "none", "ready"]
    assert "cancelled" in forkframe("why", edges[1].id)


FULL = """
import resource, sys, threading
import forkframe as ff
from forkframe.errors import OutputFailed

def limit(pid, size):
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

ws = ff.open(sys.argv[1])
a, b = ws.nodes
ws.connect(a, b, seconds=1, engine="fake").wait(60)
workers = ws._studio._desk.pool.pids
for pid in workers:
    limit(pid, 1000)
edge = ws.connect(a, b, seconds=1, engine="fake", seed=1)
try:
    edge.wait(60)
except OutputFailed as error:
    print(error.message, "|", error.hint)
for pid in workers:
    limit(pid, resource.RLIM_INFINITY)
ws.job(edge).retry()
print(edge.wait(60).view().state)

stepping = threading.Event()
ws.watch(lambda progress: progress.share and stepping.set())
late = ws.connect(a, b, seconds=1, engine="fake", seed=2, step=0.1)
stepping.wait(60)
limit(0, 1000)  # from now on the database can't be written
threading.Timer(4, limit, (0, resource.RLIM_INFINITY)).start()
try:
    ws._studio.jobs.wait(late.id, timeout=60)
except OutputFailed as error:
    print(error.hint)
limit(0, resource.RLIM_INFINITY)
print(late.wait(60).view().state)
"""


def test_a_disk_that_is_full_in_the_middle_costs_nothing_but_a_retry(tmp_path: Path) -> None:
    path = tmp_path / "ws.forkframe"
    with ff.open(path, size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    done = subprocess.run(
        [sys.executable, "-c", FULL, path], capture_output=True, text=True, timeout=120, check=False
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert "could not be written" in lines[0]
    assert (lines[1], lines[-1]) == ("ready", "ready")
    with ff.open(path) as ws:
        assert [edge.view().state for edge in ws.edges] == ["ready"] * 3
        assert set(ws.queue().counts) == {"done"}


def test_waiting_includes_what_an_earlier_program_left(tmp_path: Path) -> None:
    path = tmp_path / "ws.forkframe"
    with ff.open(path, size=(160, 96), fps=12) as ws:
        a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
        ws.pause()
        ws.connect(a, b, seconds=1, engine="fake")
    with ff.open(path) as ws:
        ws.resume()
        assert [edge.view().state for edge in ws.wait(60).edges] == ["ready"]
