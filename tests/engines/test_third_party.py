"""An engine from another package: the one that `docs/write-an-engine.md` shows, built and installed as a stranger would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

from forkframe.media.decode import read_frames
from tests.engines.contract import EngineContract
from tests.pictures import save_blobs

PAGE = Path(__file__).parents[2] / "docs" / "write-an-engine.md"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def shown() -> dict[str, str]:
    """The files that the page shows, by name."""
    return dict(re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package lies, installed by pip."""
    source, site = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("site")
    for name, text in shown().items():
        (source / name).write_text(text)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--target", site, source], check=True)
    return site


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """The command line of somebody who has the package, and settings of their own."""

    def forkframe(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        place = {"PYTHONPATH": str(site), "FORKFRAME_CONFIG": str(tmp_path / "config")}
        done = subprocess.run(
            [sys.executable, "-m", "forkframe", *arguments],
            env={**os.environ, **place},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    return forkframe


def test_the_whole_package_has_fewer_than_60_lines() -> None:
    files = shown()
    assert set(files) == {"pyproject.toml", "blind.py"}
    assert sum(len(text.splitlines()) for text in files.values()) < 60


def test_it_is_off_until_it_is_allowed_and_renders_then(run: Run, tmp_path: Path) -> None:
    ws = tmp_path / "ws.forkframe"
    run("new", ws, "--size", "320x192", "--fps", "12")
    nodes = [save_blobs(tmp_path / f"{n}.png", seed=n, size=(320, 192)) for n in (1, 2)]
    run("add", ws, *nodes)
    facts = {fact["name"]: fact for fact in json.loads(run("engines", "--json").stdout)}
    assert facts["blind"]["off"]
    assert facts["blind"]["operations"] == {}, "its code has not run"
    refused = run("connect", ws, "1", "2", "--engine", "blind", code=1)
    assert "comes from another package and is off" in refused.stderr
    assert "forkframe engines allow blind" in refused.stderr

    run("engines", "allow", "blind")
    made = json.loads(
        run(
            "connect",
            ws,
            "1",
            "2",
            "--engine",
            "blind",
            "--param",
            "softness=0.2",
            "--seconds",
            "1",
            "--json",
        ).stdout
    )
    assert made["state"] == "ready"
    film = tmp_path / "film.mp4"
    run("sequence", ws, "film", "1", "2")
    run("export", ws, "film", "-o", film)
    frames = list(read_frames(film))
    first, last = (cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in nodes)
    assert len(frames) == 13
    middle = frames[6]
    assert np.abs(middle[:60].astype(int) - last[:60]).mean() < 6, "the upper rows have changed"
    assert np.abs(middle[-60:].astype(int) - first[-60:]).mean() < 6, "the lower ones have not"

    wrong = run("connect", ws, "1", "2", "--engine", "blind", "--param", "softness=7", code=1)
    assert "softness can't be '7'" in wrong.stderr or "softness can't be 7" in wrong.stderr
    run("engines", "allow", "blind", "--off")
    assert "is off" in run("connect", ws, "1", "2", "--engine", "blind", code=1).stderr


class TestBlindEngine(EngineContract):
    @pytest.fixture
    def engine(self, site: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.syspath_prepend(str(site))
        return import_module("blind").BlindEngine()
