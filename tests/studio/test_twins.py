"""A restyled edge moves as the edge that it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import forkframe as ff
from forkframe.engines.builtin.field import Field
from forkframe.errors import BadInput, NotFound
from forkframe.model.entities import Rendering
from tests.pictures import PHOTOGRAPHS


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(192, 112), fps=12) as ws:
        yield ws


@pytest.fixture
def edge(ws: ff.Workspace) -> ff.Edge:
    a, b = ws.add(PHOTOGRAPHS / "cat.jpg", PHOTOGRAPHS / "coffee.jpg")
    return ws.connect(a, b, seconds=1).wait(60)


def shown(ws: ff.Workspace, edge: ff.Edge) -> Rendering:
    (take,) = edge.takes
    rendering = next(key for key in ws._studio._desk.graph.renderings if key == take.rendering)
    return ws._studio._desk.graph.renderings[rendering]


def field_of(ws: ff.Workspace, edge: ff.Edge) -> Field:
    rendering = shown(ws, edge)
    assert rendering.field
    return Field.from_bytes(ws._studio._desk.store.blobs.path(rendering.field).read_bytes())


def test_a_twin_has_the_motion_of_its_original_and_so_has_the_twins_twin(
    ws: ff.Workspace, edge: ff.Edge
) -> None:
    own = field_of(ws, edge)
    twin = ws.restyle_edge(edge, prompt="dusk", engine="fake").wait(60)
    second = ws.restyle_edge(twin, prompt="dawn", engine="fake").wait(60)
    for made in (twin, second):
        field = field_of(ws, made)
        assert np.array_equal(field.v, own.v)
        assert field.tau is not None
        assert own.tau is not None
        assert np.array_equal(field.tau, own.tau)
    assert [i.role for i in shown(ws, twin).recipe.inputs] == ["first", "last", "motion", "motion"]


def test_a_video_whose_motion_nothing_can_follow_is_refused_with_what_to_do(
    ws: ff.Workspace, edge: ff.Edge
) -> None:
    a, b = ws.nodes[:2]
    filmed = ws.connect(a, b, seconds=1, engine="fake").wait(60)
    with pytest.raises(BadInput, match="a video of fake"):
        ws.restyle_edge(filmed, prompt="dusk", engine="fake")


def test_a_branch_shows_a_part_of_a_field_and_its_twin_finds_its_own_way(
    ws: ff.Workspace, edge: ff.Edge
) -> None:
    ws.branch(edge)
    half = ws.edges[0]
    twin = ws.restyle_edge(half, prompt="dusk", engine="fake").wait(60)
    assert twin.view().state == "ready"
    assert [i.role for i in shown(ws, twin).recipe.inputs] == ["first", "last"]


def test_restyling_an_edge_that_is_gone_says_so(ws: ff.Workspace, edge: ff.Edge) -> None:
    ws.delete(edge)
    with pytest.raises(NotFound):
        ws.restyle_edge(edge.id, prompt="dusk", engine="fake")
