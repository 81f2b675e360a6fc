"""The map of a workspace: every node has a place, what was described is kept, and the user's layout stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import forkframe as ff
from forkframe.engines.builtin.describe import describe
from forkframe.errors import Cancelled, WorkspaceDamaged
from forkframe.media.png import read_png
from forkframe.studio.desk import Desk, Progress
from forkframe.studio.mapping import describe_all, map_places
from tests.pictures import PHOTOGRAPHS, save_blobs


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        yield ws


def desk_of(ws: ff.Workspace) -> Desk:
    return ws._studio._desk  # type: ignore[no-any-return]


def blobs(tmp_path: Path, count: int) -> list[Path]:
    return [save_blobs(tmp_path / f"{seed}.png", seed=seed) for seed in range(count)]


def tasks_of(desk: Desk) -> list[str]:
    """What workers are asked for from now on."""
    asked: list[str] = []

    def note(progress: Progress) -> None:
        if progress.share == 0:
            asked.append(progress.doing)

    desk.listeners.append(note)
    return asked


def test_pictures_are_described_once_as_the_engine_describes_them(ws: ff.Workspace, tmp_path: Path) -> None:
    ws.add(*blobs(tmp_path, 20))
    desk = desk_of(ws)
    hashes = [node.framed for node in desk.graph.nodes.values()]
    asked = tasks_of(desk)
    found = describe_all(desk, [*hashes, hashes[0]])
    assert list(found) == hashes
    for pixels in hashes:
        wanted = describe(read_png(desk.store.blobs.pixels(pixels)))
        assert np.array_equal(found[pixels].composition, wanted.composition)
        assert np.array_equal(found[pixels].style, wanted.style)
    assert asked == ["describing"] * 2, "many pictures for each task"
    again = describe_all(desk, hashes)
    assert len(asked) == 2, "what is known is not asked for"
    assert all(np.array_equal(again[p].style, found[p].style) for p in hashes)
    assert describe_all(desk, []) == {}


def test_a_cache_that_was_cut_short_or_emptied_is_filled_again(ws: ff.Workspace, tmp_path: Path) -> None:
    ws.add(*blobs(tmp_path, 5))
    desk = desk_of(ws)
    before = map_places(desk, "style")
    files = [f for f in (Path(ws.show().path) / "cache").rglob("*") if f.is_file()]
    for number, file in enumerate(files):
        file.chmod(0o644)
        file.write_text("[") if number % 2 else file.unlink()
    assert map_places(desk, "style") == before


def test_every_node_has_a_place_of_its_own_around_the_middle_of_the_layout_which_stays(
    ws: ff.Workspace, tmp_path: Path
) -> None:
    desk = desk_of(ws)
    assert map_places(desk, "composition") == {}
    nodes = ws.add(*blobs(tmp_path, 9))
    ws.add(tmp_path / "0.png", label="the same picture again")
    ws.move({nodes[0]: (9000, -500)})
    layout = {node.id: (node.x, node.y) for node in desk.graph.nodes.values()}
    for by in ("composition", "style"):
        places = map_places(desk, by)
        assert list(places) == list(layout)
        at = np.array(list(places.values()))
        assert np.allclose(at.mean(axis=0), np.mean(list(layout.values()), axis=0))
        apart = np.abs(at[:, None] - at[None])[np.triu_indices(len(at), 1)]
        assert ((apart[:, 0] >= 240 + 39) | (apart[:, 1] >= 240 * 96 / 160 + 39)).all()
    assert {node.id: (node.x, node.y) for node in desk.graph.nodes.values()} == layout


def test_the_map_stays_until_a_picture_comes_and_then_nearly(ws: ff.Workspace, tmp_path: Path) -> None:
    files = blobs(tmp_path, 13)
    ws.add(*files[:12])
    desk = desk_of(ws)
    first = map_places(desk, "composition")
    asked = tasks_of(desk)
    assert map_places(desk, "composition") == first
    ws.add(files[12])
    asked.clear()
    second = map_places(desk, "composition")
    assert asked == ["describing"], "of the new one alone"
    before, after = (np.array([places[key] for key in first]) for places in (first, second))
    moved = np.abs((after - before) - np.median(after - before, axis=0)) / (280, 184)
    assert np.median(moved.max(axis=1)) <= 1


def test_restyled_versions_of_a_photograph_lie_beside_it_by_composition(
    ws: ff.Workspace, tmp_path: Path
) -> None:
    owner: dict[str, str] = {}
    for photograph in sorted(PHOTOGRAPHS.glob("*.jpg")):
        node = ws.add(photograph)
        owner[node.id] = node.id
        owner |= {ws.restyle(node, prompt=look).id: node.id for look in ("noir", "foggy", "watercolour")}
    places = map_places(desk_of(ws), "composition")
    beside = 0
    for key, (x, y) in places.items():
        ways = {other: np.hypot(x - u, y - v) for other, (u, v) in places.items() if other != key}
        beside += owner[min(ways, key=lambda other: ways[other])] == owner[key]
    assert len(places) == 24
    assert beside >= 15, "by chance it would be 3"


def test_a_missing_picture_is_named(ws: ff.Workspace, tmp_path: Path) -> None:
    ws.add(*blobs(tmp_path, 2))
    desk = desk_of(ws)
    next(iter((Path(ws.show().path) / "media" / "pixels").iterdir())).unlink()
    with pytest.raises(WorkspaceDamaged, match="is missing"):
        map_places(desk, "style")


def test_closing_in_the_middle_ends_it(ws: ff.Workspace, tmp_path: Path) -> None:
    ws.add(*blobs(tmp_path, 3))
    desk = desk_of(ws)
    desk.pool.kill()
    with pytest.raises((Cancelled, ff.ForkframeError)):
        map_places(desk, "style")
