"""The map: alike pictures lie together, none overlap, and it is the same tomorrow."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forkframe.engines.builtin.describe import COMPOSITION_LENGTH, STYLE_LENGTH, describe
from forkframe.engines.builtin.restyle import restyle_by_prompt
from forkframe.search import CARD_WIDTH, COMPOSITION_BLOCKS, STYLE_BLOCKS, equalised, map_places
from forkframe.search.layout import Grid, fitted, snapped
from forkframe.search.map import nearest
from forkframe.search.repulsion import Repulsion
from tests.pictures import photograph

Rows = NDArray[np.floating]
ASPECT, SPACING = 1.5, 40.0
PITCH = np.array([CARD_WIDTH + SPACING, CARD_WIDTH / ASPECT + SPACING])
PICTURES = ("astronaut", "cat", "coffee", "galaxies", "retina", "rocket")
LOOKS = ("", "evening", "watercolour", "noir", "foggy")


def groups(total: int, *, count: int, seed: int = 0) -> tuple[Rows, NDArray[np.intp]]:
    """Descriptors `(total, 126)` in so many groups, each four-dimensional inside, and the group of each."""
    rng = np.random.default_rng(seed)
    middles, group = rng.normal(size=(count, 126)), rng.integers(0, count, total)
    inside = rng.normal(size=(total, 4)) @ rng.normal(size=(4, 126)) * 0.35
    return middles[group] + inside + rng.normal(size=(total, 126)) * 0.1, group


def mapped(rows: Rows, start: Rows | None = None) -> Rows:
    return map_places(rows, aspect=ASPECT, spacing=SPACING, start=start)


def trustworthiness(rows: Rows, places: Rows, k: int = 5) -> float:
    """How far the k nearest on the map are near by descriptor too, 0–1 (Venna and Kaski, 2001)."""
    total = len(rows)
    order = nearest(rows, total - 1)[0]
    ranks = np.empty((total, total), np.intp)
    np.put_along_axis(ranks, order, np.arange(1, total)[None], axis=1)
    found = np.take_along_axis(ranks, nearest(places, k)[0], axis=1)
    worst = total * k * (2 * total - 3 * k - 1) / 2
    return 1 - float(np.maximum(found - k, 0).sum()) / worst


def share_alike(rows: Rows, labels: NDArray[np.generic], k: int) -> float:
    """Of the k nearest ones of each, how many have its label."""
    return float((labels[nearest(rows, k)[0]] == labels[:, None]).mean())


def check_apart(places: Rows) -> None:
    """Returns if every picture has a cell of the grid to itself."""
    cells = places / PITCH
    assert np.allclose(cells, np.rint(cells), atol=1e-6)
    assert len({tuple(cell) for cell in np.rint(cells).astype(int)}) == len(places)


@given(st.integers(0, 40), st.integers(1, 3), st.booleans())
@settings(max_examples=30, deadline=None)
def test_any_pictures_get_places_that_do_not_overlap(total: int, kinds: int, same: bool) -> None:
    rows = groups(total, count=kinds)[0] if total else np.zeros((0, 126))
    places = mapped(np.zeros_like(rows) if same else rows)
    assert places.shape == (total, 2)
    check_apart(places)


@pytest.mark.parametrize(("total", "count", "least"), [(60, 8, 0.93), (300, 12, 0.97), (1500, 20, 0.98)])
def test_neighbours_on_the_map_are_neighbours_by_descriptor(total: int, count: int, least: float) -> None:
    rows, group = groups(total, count=count)
    places = mapped(rows)
    check_apart(places)
    assert trustworthiness(rows, places) > least
    assert share_alike(places, group, 3) > 0.95
    flat = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    assert trustworthiness(rows, (flat[0] * flat[1])[:, :2]) < 0.85, "it is not that easy"


def test_the_same_pictures_give_the_same_map() -> None:
    rows, _ = groups(200, count=8)
    assert np.array_equal(mapped(rows), mapped(rows.copy()))


@pytest.mark.parametrize("total", [30, 150, 600])
def test_a_new_picture_lands_among_its_like_and_hardly_moves_the_others(total: int) -> None:
    rows, group = groups(total + 1, count=6)
    before = mapped(rows[:-1])
    after = mapped(rows, start=np.vstack([before, [[np.nan, np.nan]]]))
    check_apart(after)
    moved = np.abs((after[:-1] - before) / PITCH).max(axis=1)
    assert np.median(moved) <= 1
    assert np.percentile(moved, 90) <= 3
    assert share_alike(after, group, 3) > 0.85
    assert group[nearest(after, 3)[0][-1]].tolist().count(group[-1]) >= 2


def test_a_map_of_two_thousand_pictures_takes_seconds() -> None:
    rows, _ = groups(2000, count=20)
    began = time.process_time()
    check_apart(mapped(rows))
    assert time.process_time() - began < 9, "3 on an idle machine"


@given(st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 2), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_points_become_cells_of_their_own_near_to_where_they_were(at: list[tuple[float, float]]) -> None:
    points, grid = np.array(at), Grid(*PITCH)
    places = snapped(points, grid)
    check_apart(places)
    crowded = np.sqrt(len(points))
    assert np.abs((places - points) / PITCH).max() <= crowded + 1


def test_large_maps_keep_their_order() -> None:
    points = np.random.default_rng(0).normal(size=(3000, 2))
    grid = Grid(*PITCH)
    wanted = fitted(points, grid)
    places = snapped(wanted, grid)
    check_apart(places)
    ways = np.abs((places - wanted) / PITCH).max(axis=1)
    assert np.median(ways) < 6, "of a bell's crowded middle"
    for axis in (0, 1):
        assert np.corrcoef(points[:, axis], places[:, axis])[0, 1] > 0.98


def test_the_repulsion_is_that_of_all_pairs() -> None:
    points = np.random.default_rng(0).normal(size=(80, 2)) * 12
    ways = points[:, None] - points[None]
    near = 1 / (1 + (ways**2).sum(axis=-1))
    norm = near.sum() - len(points)
    wanted = (ways * (near**2)[..., None]).sum(axis=1) / norm
    forces, found = Repulsion()(points)
    assert found == pytest.approx(norm, rel=0.05)
    assert np.abs(forces - wanted).max() < 0.2 * np.abs(wanted).max()
    assert np.corrcoef(forces.ravel(), wanted.ravel())[0, 1] > 0.98
    assert np.abs(forces.sum(axis=0)).max() < 1e-9, "nothing pushes the whole"


def test_blocks_weigh_the_same_whatever_their_units() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 126))
    rows[:, 80:112] *= 1000
    even = equalised(rows, blocks=COMPOSITION_BLOCKS)
    for begin, end in ((0, 16), (80, 112)):
        part = even[:, begin:end]
        ways = np.linalg.norm(part[:, None] - part[None], axis=-1)[np.triu_indices(60, 1)]
        assert np.median(ways) == pytest.approx(1, abs=1e-3)
    assert np.isfinite(equalised(np.ones((3, 57)), blocks=STYLE_BLOCKS)).all()
    assert max(COMPOSITION_BLOCKS) < COMPOSITION_LENGTH
    assert max(STYLE_BLOCKS) < STYLE_LENGTH


@cache
def demo() -> tuple[Rows, Rows, NDArray[np.str_], NDArray[np.str_]]:
    """Composition and style of the demo's photographs in five looks, and which picture in which look each is."""
    made: list[tuple[Rows, Rows, str, str]] = []
    for picture in PICTURES:
        pixels = photograph(picture, (240, 160))
        for look in LOOKS:
            shown = restyle_by_prompt(pixels, prompt=look, strength=0.9, seed=1).image if look else pixels
            found = describe(shown)
            made.append((found.composition, found.style, picture, look))
    composition, style, pictures, looks = zip(*made, strict=True)
    return (
        equalised(np.stack(composition), blocks=COMPOSITION_BLOCKS),
        equalised(np.stack(style), blocks=STYLE_BLOCKS),
        np.array(pictures),
        np.array(looks),
    )


def test_a_photograph_and_its_restyled_versions_are_neighbours_by_composition() -> None:
    composition, _, pictures, _ = demo()
    places = mapped(composition)
    by_chance = (len(LOOKS) - 1) / (len(pictures) - 1)
    assert share_alike(composition, pictures, 3) > 0.7
    assert share_alike(places, pictures, 3) > 0.6 > 4 * by_chance
    assert trustworthiness(composition, places) > 0.88


def test_pictures_of_a_strong_look_are_neighbours_by_style() -> None:
    """Looks that change little, such as evening, are not: there the photograph's own colours and grain win."""
    _, style, _, looks = demo()
    near = nearest(style, 3)[0]
    by_chance = (len(PICTURES) - 1) / (len(looks) - 1)
    for look in ("noir", "foggy"):
        share = (looks[near[looks == look]] == look).mean()
        assert share > 2 * by_chance
