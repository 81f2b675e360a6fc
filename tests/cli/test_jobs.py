"""`forkframe jobs` and `forkframe finish` as a user runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import forkframe as ff
from tests.cli.conftest import Run
from tests.pictures import save_blobs
from tests.provider import FakeProvider


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace with two nodes, a and b."""
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    return tmp_path / "ws.forkframe"


def test_the_queue_tells_what_was_done_what_failed_and_why(run: Run, path: Path) -> None:
    assert run("jobs", path).out == "no jobs yet\n"
    assert run("connect", path, "a", "b", "--seconds", "1", "--engine", "fake").code == 0
    failed = run("connect", path, "a", "b", "--engine", "fake", "--param", "mishap=fail")
    assert (failed.code, failed.err.count("\n")) == (1, 2)
    listed = run("jobs", path)
    assert listed.out.startswith("1 failed, 1 done\n")
    assert "the fake engine was asked to fail" in listed.out
    bad, good = run("jobs", path, "--json").json["jobs"]
    assert (bad["state"], good["state"], good["title"]) == ("failed", "done", "a to b")
    story = run("jobs", path, "why", bad["id"][:6]).out
    for line in ("asked for", "started", "why: the fake engine was asked to fail", f"retry {bad['id']}"):
        assert line in story
    assert bad["id"] in run("jobs", path, "retry").out
    assert run("jobs", path).out.startswith("1 queued, 1 done\n"), "a short command leaves it to others"
    assert "1 failed, 1 done" in run("jobs", path, "run").out
    assert run("jobs", path, "cancel", "all").out == "there is nothing to cancel\n"


def test_run_finishes_what_a_killed_program_left(run: Run, path: Path) -> None:
    program = (
        "import sys, forkframe as ff\n"
        "ws = ff.open(sys.argv[1])\n"
        "for n in range(4): ws.connect('a', 'b', seconds=1, engine='fake', step=0.1, seed=n)\n"
        "print('asked', flush=True); ws.wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        owner.stdout.readline()
        os.kill(owner.pid, signal.SIGKILL)
    log = run("jobs", path, "run").out.splitlines()
    assert log[-1] == "4 done"
    assert sum("  done  " in line for line in log) == 4
    assert {edge["state"] for edge in run("show", path, "--json").json["edges"]} == {"ready"}


def test_watching_ends_when_there_is_nothing_left_to_do(path: Path) -> None:
    program = (
        "import sys, forkframe as ff\n"
        "with ff.open(sys.argv[1]) as ws:\n"
        "    long = ws.connect('a', 'b', seconds=1, engine='fake', step=10)\n"
        "    print('asked', flush=True)\n"
        "    sys.stdin.readline()\n"
        "    for n in range(3): ws.connect('a', 'b', seconds=1, engine='fake', step=0.1, seed=n)\n"
        "    ws.job(long).cancel()\n"
    )
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    watch = [sys.executable, "-u", "-m", "forkframe", "jobs", path, "watch"]
    with subprocess.Popen([sys.executable, "-c", program, path], **pipes) as owner:
        assert owner.stdout
        owner.stdout.readline()
        with subprocess.Popen(watch, **pipes) as watching:
            assert watching.stdout
            assert watching.stdout.readline() in ("1 running\n", "1 queued\n")
            owner.communicate("go on\n", timeout=120)
            watched = watching.communicate(timeout=120)[0].splitlines()
    assert watched[-1] == "1 cancelled, 3 done"
    assert sum("  done  a to b" in line for line in watched) == 3


def test_ctrl_c_cancels_what_the_command_asked_for(path: Path) -> None:
    command = [sys.executable, "-m", "forkframe", "restyle", path, "a", "--prompt", "x", "--engine", "fake"]
    with ff.open(path) as ws:  # the command waits for it, and then for a queue that is paused
        ws.pause()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        deadline = time.monotonic() + 60
        listing = [sys.executable, "-m", "forkframe", "jobs", path]
        while "restyle a" not in subprocess.run(listing, capture_output=True, text=True, check=True).stdout:
            assert time.monotonic() < deadline
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert (child.returncode, "stopped" in said) == (130, True)
    counts = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    assert counts == "the queue is paused; 2 cancelled"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["why"], "why what"),
        (["why", "nothing"], "no job 'nothing'"),
        (["cancel"], "needs the name of a job"),
        (["cancel", "jzzzzzzzzzz"], "no job"),
        (["first"], "needs the name of a job"),
        (["budget", "lots"], "is no amount"),
        (["budget", "-1"], "no budget"),
        (["budget"], "can't be done"),
    ],
)
def test_a_wrong_word_gets_one_clear_line(run: Run, path: Path, arguments: list[str], says: str) -> None:
    ran = run("jobs", path, "--", *arguments)
    assert (ran.code, says in ran.err, "Traceback" in ran.err) == (1, True, False), ran.err
    assert "→" in ran.err


def test_finishing_asks_before_it_costs_money_and_the_books_are_kept(
    run: Run, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("connect", path, "a", "b", "--seconds", "1").code == 0
    assert run("sequence", path, "there", "a", "b").code == 0
    free = run("finish", path, "there")
    assert (free.code, free.out.splitlines()[-1]) == (0, "1 edge and 0 pictures finished")
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        asked = run("finish", path, "there", "--engine", "fake-paid")
        assert (asked.code, "about $0.25" in asked.out, "--yes" in asked.err) == (1, True, True)
        over = run("finish", path, "there", "--engine", "fake-paid", "--yes")
        assert (over.code, "of the workspace's budget of $0.00 is left" in over.err) == (1, True)
        assert provider.submissions == 0
        assert run("jobs", path, "budget", "2", "--per-request", "0.5").out == (
            "$2.00 may be spent, $0.50 for one request\n"
        )
        paid = run("finish", path, "there", "--engine", "fake-paid", "--yes")
        assert paid.out.splitlines()[-1] == "1 edge and 0 pictures finished, $0.25"
        assert len(provider.bills) == 1
    books = run("jobs", path, "costs")
    assert "spent $0.25 and reserved $0.00 of $2.00, at most $0.50 for one request" in books.out
    (line,) = [line for line in run("jobs", path, "costs", "--json").json["lines"] if line["spent"]]
    assert (line["engine"], line["jobs"]) == ("fake-paid", 1)


def test_what_costs_money_says_its_price_first_also_for_several_pictures(
    run: Run, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("FORKFRAME_FAKE_PROVIDER", provider.url)
        refused = run("vary", path, "a", "-n", "2", "--engine", "fake-paid")
        assert (refused.code, provider.submissions) == (1, 0)
        assert "costs about $0.50" in refused.err
        run("jobs", path, "budget", "1")
        made = run("vary", path, "a", "-n", "2", "--engine", "fake-paid")
        assert (made.code, len(provider.bills)) == (0, 2)
        assert made.err.startswith("forkframe: vary a ×2 by fake-paid costs about $0.50\n")
        assert run("jobs", path, "costs", "--json").json["budget"]["spent"] == 0.5
