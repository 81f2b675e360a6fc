"""A node becomes a loop: a film that ends where it began and does not say where."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import forkframe as ff
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import Field
from forkframe.errors import BadInput, BadParameter, NotFound
from forkframe.media.decode import read_frames
from forkframe.media.png import read_png
from tests.pictures import PHOTOGRAPHS


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(256, 144), fps=12) as ws:
        yield ws


@pytest.fixture
def node(ws: ff.Workspace) -> ff.Node:
    return ws.add(PHOTOGRAPHS / "coffee.jpg")


def drawn_round(ws: ff.Workspace, loop: ff.Sequence) -> list[np.ndarray]:
    """All frames of one round, the first one again at the end."""
    store = ws._studio._desk.store
    frames: list[np.ndarray] = []
    for step in loop.view().steps:
        (take,) = ws._studio.wait(step, timeout=120).takes
        rendering = store.graph.renderings[take.rendering]  # type: ignore[index]
        assert rendering.field
        assert rendering.ends
        ends = [read_png(store.blobs.pixels(pixels)) for pixels in rendering.ends]
        drawer = Drawer(*ends, Field.from_bytes(store.blobs.path(rendering.field).read_bytes()))
        frames += [drawer.frame_at(n, rendering.frames) for n in range(len(frames) > 0, rendering.frames)]
    return frames


def test_a_loop_is_a_variation_two_edges_and_a_sequence_in_one_step_that_can_be_taken_back(
    ws: ff.Workspace, node: ff.Node
) -> None:
    loop = ws.loop(node, strength=0.3, seconds=2, seed=7, engine="fake")
    view = loop.view()
    _, varied = ws.nodes
    ws.wait(60)
    assert view.name == "coffee, loop"
    assert view.nodes == (node.id, varied.id, node.id)
    assert (view.seconds, view.frames) == (25 / 12, 25)
    assert (varied.view().made_by, varied.view().seed) == ("fake.vary@1", 7)
    assert [(e.view().source, e.view().target, e.view().seconds) for e in ws.edges] == [
        (node.id, varied.id, 1.0),
        (varied.id, node.id, 1.0),
    ]
    ws.undo()
    assert [len(ws.nodes), len(ws.edges), len(ws.sequences)] == [1, 0, 0]
    ws.redo()
    assert [len(ws.nodes), len(ws.edges), len(ws.sequences)] == [2, 2, 1]
    assert all(edge.wait(60).view().state == "ready" for edge in ws.edges)


def test_each_loop_of_a_node_has_a_name_and_a_variation_of_its_own(ws: ff.Workspace, node: ff.Node) -> None:
    names = [ws.loop(node, seconds=1, engine="fake").view().name for _ in range(3)]
    assert names == ["coffee, loop", "coffee, loop 2", "coffee, loop 3"]
    assert len({n.view().picture for n in ws.nodes}) == 4


@pytest.mark.parametrize("strength", [0.3, 0.9])
def test_a_round_ends_on_the_frame_it_began_with_and_nowhere_stands_still_or_jumps(
    ws: ff.Workspace, node: ff.Node, strength: float
) -> None:
    frames = drawn_round(ws, ws.loop(node, strength=strength, seconds=3, seed=1))
    assert len(frames) == 3 * 12 + 1
    assert np.array_equal(frames[0], frames[-1])
    steps = np.array([np.abs(b.astype(float) - a).mean() for a, b in pairwise(frames)])
    usual = np.median(steps)
    assert usual > 0.3, "something moves"
    # Around the wrap and around the variation as much changes as anywhere else.
    half = len(steps) // 2
    for at in (0, 1, half - 2, half - 1, half, half + 1, -2, -1):
        assert 0.7 < steps[at] / usual < 1.4, at
    assert steps.max() < 1.6 * usual
    assert steps.min() > 0.6 * usual


def test_the_film_of_a_loop_begins_and_ends_with_the_same_picture(
    ws: ff.Workspace, node: ff.Node, tmp_path: Path
) -> None:
    film = ws.loop(node, strength=0.4, seconds=2, seed=3).export(tmp_path / "loop.mp4")
    frames = list(read_frames(Path(film.path)))
    assert len(frames) == film.frames == 25
    steps = [np.abs(b.astype(float) - a).mean() for a, b in pairwise(frames)]
    apart = np.abs(frames[0].astype(float) - frames[-1]).mean()
    assert apart < 0.6 * np.median(steps), "only what encoding makes of it"
    assert apart < 3


def test_a_loop_that_makes_no_sense_is_refused_in_one_line_and_adds_nothing(
    ws: ff.Workspace, node: ff.Node
) -> None:
    for wrong in (
        lambda: ws.loop(node, seconds=0.1),
        lambda: ws.loop(node, seconds=float("nan")),
        lambda: ws.loop(node, strength=2),
        lambda: ws.loop(node, colour="red"),
        lambda: ws.loop(node, seed=-1),
    ):
        with pytest.raises((BadInput, BadParameter)):
            wrong()
    with pytest.raises(NotFound):
        ws.loop("nobody")
    assert [len(ws.nodes), len(ws.edges), len(ws.sequences)] == [1, 0, 0]
