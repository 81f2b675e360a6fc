"""What engines bring from elsewhere, as a user meets it: a take like any other, or one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

import forkframe as ff
from forkframe.errors import RenderFailed
from forkframe.media.decode import probe, read_frames
from forkframe.media.png import read_png
from tests.pictures import save_blobs


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        yield ws
        ws.cancel_all()


@pytest.fixture
def pair(ws: ff.Workspace, tmp_path: Path) -> tuple[ff.Node, ff.Node]:
    a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
    return a, b


@pytest.mark.parametrize("delivery", ["a file", "other frames"])
def test_what_comes_in_other_frames_becomes_a_take_of_the_edge_between_its_pictures(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node], delivery: str
) -> None:
    edge = ws.connect(*pair, seconds=1, engine="fake", delivery=delivery).wait(60)
    graph = ws._studio._desk.graph
    rendering = graph.renderings[graph.takes[graph.edges[edge.id].active].rendering]
    blobs = ws._studio._desk.store.blobs
    video = blobs.path(rendering.video)
    facts = probe(video)
    assert (facts.frames, facts.size, facts.fps) == (13, (160, 96), 12)
    frames = list(read_frames(video))
    for frame, node in ((frames[0], pair[0]), (frames[-1], pair[1])):
        wanted = read_png(blobs.pixels(graph.nodes[node.id].framed))
        assert cv2.PSNR(frame, wanted) > 36  # what is missing is the encoding's own loss
    if delivery == "a file":
        assert probe(blobs.path(rendering.original)).frames == 7
    else:
        assert rendering.original is None


def test_a_damaged_file_from_elsewhere_is_one_clear_line_and_nothing_is_lost(
    ws: ff.Workspace, pair: tuple[ff.Node, ff.Node]
) -> None:
    edge = ws.connect(*pair, seconds=1, engine="fake", delivery="a damaged file")
    with pytest.raises(RenderFailed, match="what fake delivered can't be used"):
        edge.wait(60)
    assert ws.job(edge).view().hint == "retry it; if it stays, ask whoever runs the engine"
    assert len(ws.nodes) == 2
