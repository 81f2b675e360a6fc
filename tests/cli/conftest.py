"""The command line as a user runs it: a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pictures import save_blobs


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs `forkframe` with arguments."""

    def run(*arguments: object, cwd: Path | None = None) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "forkframe", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=300,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@dataclass(frozen=True)
class Small:
    """A workspace with two connected nodes."""

    path: Path
    a: str
    b: str
    edge: str


@pytest.fixture(scope="module")
def small(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A workspace of 160×96 at 12 frames/s with two nodes and an edge of a second between them."""
    folder = tmp_path_factory.mktemp("small")
    ws = folder / "small.forkframe"
    assert run("new", ws, "--size", "160x96", "--fps", "12").code == 0
    pictures = [save_blobs(folder / f"{name}.png", seed=seed) for seed, name in enumerate("ab")]
    a, b = (node["id"] for node in run("add", ws, *pictures, "--json").json)
    edge = run("connect", ws, "a", "b", "--seconds", "1", "--json").json["id"]
    return Small(ws, a, b, edge)
