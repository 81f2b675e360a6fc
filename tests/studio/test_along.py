"""An edge whose camera follows a drawn line is a video and no field: everything works with it as with any other."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import forkframe as ff
from forkframe.engines.builtin.along import views
from forkframe.engines.builtin.animate import seen
from forkframe.errors import BadInput, BadParameter
from forkframe.media.decode import read_frames
from tests.pictures import PHOTOGRAPHS

LINE = [[0.3, 0.6], [0.5, 0.35], [0.7, 0.6]]
SIZE = (256, 144)


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=SIZE, fps=12) as ws:
        yield ws


@pytest.fixture
def node(ws: ff.Workspace) -> ff.Node:
    return ws.add(PHOTOGRAPHS / "coffee.jpg")


@pytest.fixture
def edge(ws: ff.Workspace, node: ff.Node) -> ff.Edge:
    return ws.animate(node, path=LINE, zoom=2.5, seconds=2)


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def expected(node: ff.Node) -> list[NDArray[np.uint8]]:
    """The frames as a camera sees them, before they are a video."""
    found, _ = views(LINE, frames=25, zoom=2.5, roll=0, aspect=SIZE[0] / SIZE[1])
    return [seen(pixels(node.png()), view) for view in found]


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def target(ws: ff.Workspace, edge: ff.Edge) -> ff.Node:
    return next(node for node in ws.nodes if node.id == edge.view().target)


def test_its_frames_follow_the_line_and_the_last_one_is_a_node(
    ws: ff.Workspace, node: ff.Node, edge: ff.Edge
) -> None:
    assert (edge.view().state, edge.view().frames) == ("ready", 25)
    assert edge.view().label == "coffee, along a line"
    frames = expected(node)
    assert np.array_equal(pixels(target(ws, edge).png()), frames[-1]), "kept without loss"
    for drawn, true in zip((pixels(p) for p in edge.strip(frames=5, side=256)), frames[::6], strict=True):
        assert apart(drawn, true) < 4
        assert apart(drawn, true) < 0.3 * apart(drawn, frames[0]) or true is frames[0]
    ws.undo()
    assert [len(ws.nodes), len(ws.edges)] == [1, 0]


def test_it_is_cut_anywhere_and_its_halves_join_again_without_encoding(
    ws: ff.Workspace, node: ff.Node, edge: ff.Edge, tmp_path: Path
) -> None:
    middle = ws.branch(edge, at=0.36)
    assert apart(pixels(middle.png()), expected(node)[9]) < 4
    assert [e.view().state for e in ws.edges] == ["ready", "ready"]
    last = ws.nodes[1] if ws.nodes[1] != middle else ws.nodes[2]
    film = ws.sequence("whole", [node, middle, last]).export(tmp_path / "whole.mp4")
    assert (film.frames, film.copied, film.encoded, film.prepared) == (25, 25, 0, 0)
    for frame, true in zip(read_frames(Path(film.path)), expected(node), strict=True):
        assert apart(frame, true) < 4


def test_a_film_goes_from_a_morph_into_it_and_back_out_of_it_and_leaves_it_where_it_was_cut(
    ws: ff.Workspace, node: ff.Node, edge: ff.Edge, tmp_path: Path
) -> None:
    cat = ws.add(PHOTOGRAPHS / "cat.jpg")
    ws.connect(cat, node, seconds=1).wait(60)
    middle = ws.branch(edge, at=0.5)
    ws.connect(middle, cat, seconds=1).wait(60)
    film = ws.sequence("round", [cat, node, middle, cat]).export(tmp_path / "round.mp4")
    assert film.frames == 12 + 12 + 12 + 1
    frames = list(read_frames(Path(film.path)))
    for at, picture in ((0, cat), (12, node), (24, middle), (36, cat)):
        assert apart(frames[at], pixels(picture.png())) < 4


def test_it_is_walked_backwards(ws: ff.Workspace, node: ff.Node, edge: ff.Edge, tmp_path: Path) -> None:
    film = ws.sequence("back", [target(ws, edge), node], reverse=True).export(tmp_path / "back.mp4")
    frames = list(read_frames(Path(film.path)))
    assert film.frames == len(frames) == 25
    for frame, true in zip(frames[::8], expected(node)[::-8], strict=True):
        assert apart(frame, true) < 5


def test_it_is_walked_at_another_speed(
    ws: ff.Workspace, node: ff.Node, edge: ff.Edge, tmp_path: Path
) -> None:
    saved = ws.sequence("slow", [node, target(ws, edge)])
    step = {"edge": edge.id, "speed": 0.5}
    ws._studio.set_fields(saved.id, {"steps": [step]})
    film = saved.export(tmp_path / "slow.mp4")
    assert film.frames == 2 * 24 + 1
    frames = list(read_frames(Path(film.path)))
    assert apart(frames[24], expected(node)[12]) < 5


def test_it_is_finished_as_it_is(ws: ff.Workspace, node: ff.Node, edge: ff.Edge) -> None:
    saved = ws.sequence("walk", [node, target(ws, edge)])
    made = saved.finish(engine="builtin")
    assert made.dollars == 0
    assert edge.view().state == "ready"


def test_what_nothing_can_do_with_a_video_is_refused_with_what_to_do(ws: ff.Workspace, edge: ff.Edge) -> None:
    with pytest.raises(BadInput, match="whose motion nothing can follow"):
        ws.restyle_edge(edge, prompt="dusk", engine="fake")


def test_a_line_near_the_border_is_followed_as_far_as_it_goes_and_the_node_says_so(
    ws: ff.Workspace, node: ff.Node
) -> None:
    edge = ws.animate(node, path=[[0, 0], [1, 1]], seconds=1)
    assert "as far as the picture goes" in " ".join(target(ws, edge).notes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": [[0.2, 0.5], [1.4, 0.5]]},
        {"path": [[0.2, 0.5]]},
        {"path": [[0.2, float("nan")], [0.5, 0.5]]},
        {"path": "0.2,0.5"},
        {"path": LINE, "camera": "pan left"},
        {"path": LINE, "amount": 0.7},
        {"path": LINE, "zoom": 0.5},
        {"camera": "along a line"},
        {"camera": "pan left", "roll": 20.0},
    ],
    ids=str,
)
def test_a_camera_that_cannot_be_is_refused_in_one_line_and_adds_nothing(
    ws: ff.Workspace, node: ff.Node, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadParameter) as refused:
        ws.animate(node, seconds=1, **wrong)
    assert refused.value.hint
    assert len(ws.nodes) == 1


def test_its_recipe_as_a_command_makes_it_again(ws: ff.Workspace, edge: ff.Edge) -> None:
    command = ws._studio.recipe_of(edge.id).command
    assert "--param 'path=0.3,0.6 0.5,0.35 0.7,0.6'" in command
    assert "--param zoom=2.5" in command
    assert "--seconds 2" in command
