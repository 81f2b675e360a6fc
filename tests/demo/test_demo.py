"""The demo: the main job on real photographs, as `make demo` runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import forkframe as ff
from forkframe.demo import run_demo
from forkframe.media import pixel_hash, probe, read_frames
from forkframe.studio import EdgeView, WorkspaceView


def test_the_demo_leaves_a_film_of_20_seconds_a_graph_and_a_workspace(tmp_path: Path) -> None:
    said: list[str] = []
    report = run_demo(tmp_path, say=said.append)
    facts = probe(tmp_path / "film.mp4")
    assert (facts.size, facts.frames) == ((1280, 720), report["frames"])
    assert facts.seconds >= 20
    with Image.open(tmp_path / "graph.png") as graph:
        assert min(graph.size) > 600
    with ff.open(tmp_path / "demo.forkframe") as ws:
        view = ws.show()
        assert len(view.nodes) >= 8
        assert len(view.edges) >= 9
        assert {edge.state for edge in view.edges} == {"ready"}
        assert min(edge.seconds for edge in view.edges if not _is_half(view, edge)) >= 2
        made_by = [node.made_by.split("@")[0] for node in view.nodes]
        assert made_by.count("builtin.vary") >= 2
        assert made_by.count("builtin.restyle") >= 2
        assert any(made.startswith("frame ") for made in made_by)
        assert view.sequences[0].nodes[0] == view.sequences[0].nodes[-1], "it is a loop"
    assert any("s in all" in line for line in said)
    frames = read_frames(tmp_path / "film.mp4", 0, facts.frames - 1)
    first = next(frames)
    last = first
    for last in frames:  # noqa: B007 - the last one is wanted
        pass
    assert np.abs(first.astype(int) - last).mean() < 3, "it ends where it began"
    assert pixel_hash(first) != pixel_hash(next(read_frames(tmp_path / "film.mp4", 100, 100)))


def _is_half(view: WorkspaceView, edge: EdgeView) -> bool:
    cut = {node.id for node in view.nodes if node.made_by.startswith("frame ")}
    return bool({edge.source, edge.target} & cut)
