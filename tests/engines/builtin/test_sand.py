import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.builtin.blowing import blown
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.engine import BuiltinEngine
from forkframe.engines.builtin.field import MAX_BYTES, PACE_STEPS, Field, Grains
from forkframe.engines.builtin.sand import LAYERS, drifts, hashed, lattice
from forkframe.engines.builtin.transition import prepare
from forkframe.errors import BadInput
from tests.pictures import photograph

Picture = NDArray[np.uint8]
SIZE = (320, 180)


@pytest.fixture(scope="module")
def pair() -> tuple[Picture, Picture]:
    return photograph("astronaut", SIZE), photograph("cat", SIZE)


@pytest.fixture(scope="module")
def field(pair: tuple[Picture, Picture]) -> Field:
    return prepare(*pair, seed=4, style="sand")


def flat(level: int) -> Picture:
    return np.full((180, 320, 3), level, np.uint8)


def a_still_field(*, grains: Grains, tau: float = 0.5) -> Field:
    pace = np.linspace(0, 1, PACE_STEPS, dtype=np.float32)
    return Field(
        np.zeros((45, 80, 2), np.float32), tau=np.full((45, 80), tau, np.float32), pace=pace, grains=grains
    )


def test_sand_begins_and_ends_with_the_pictures_and_comes_to_them_smoothly(
    pair: tuple[Picture, Picture], field: Field
) -> None:
    drawer = Drawer(*pair, field)
    assert (drawer.frame(0) == pair[0]).all()
    assert (drawer.frame(1) == pair[1]).all()
    frames = [drawer.frame_at(i, 49).astype(np.float32) for i in range(49)]
    steps = np.array([np.abs(after - before).mean() for before, after in pairwise(frames)])
    assert steps[[0, -1]].max() < steps.mean()
    assert steps.max() < 1.6 * steps.mean()


def test_in_flight_a_frame_is_grainy_and_no_grain_is_black_or_a_hole(field: Field) -> None:
    calm = replace(field, palettes=None)
    bare = replace(calm, grains=None)
    frame, under = (Drawer(flat(90), flat(160), each).frame(0.5).astype(int) for each in (calm, bare))
    grain = np.abs(np.diff(frame[..., 0], axis=1)).mean()
    assert grain > 4 * np.abs(np.diff(under[..., 0], axis=1)).mean() + 1
    assert frame.min() > 60
    assert frame.max() < 200


def test_the_same_seed_gives_the_same_sand_on_any_number_of_threads(
    pair: tuple[Picture, Picture], field: Field
) -> None:
    script = (
        "import hashlib;"
        "from tests.pictures import photograph;"
        "from forkframe.engines.builtin.drawing import Drawer;"
        "from forkframe.engines.builtin.transition import prepare;"
        f"a, b = photograph('astronaut', {SIZE}), photograph('cat', {SIZE});"
        "field = prepare(a, b, seed=4, style='sand');"
        "drawn = hashlib.sha256(b''.join(Drawer(a, b, field).frame(t).tobytes() for t in (.3, .6)));"
        "print(hashlib.sha256(field.to_bytes()).hexdigest(), drawn.hexdigest())"
    )
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | dict.fromkeys(threads, count),
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for count in ("1", "2")
    }
    assert len(said) == 1
    drawer = Drawer(*pair, field)
    with ThreadPoolExecutor(2) as both:
        together = list(both.map(drawer.frame, (0.3, 0.6)))
    assert all((drawer.frame(t) == frame).all() for t, frame in zip((0.3, 0.6), together, strict=True))


def test_another_seed_is_another_sand(pair: tuple[Picture, Picture], field: Field) -> None:
    other = prepare(*pair, seed=5, style="sand")
    assert other.grains is not None
    assert field.grains is not None
    assert other.grains.seed != field.grains.seed
    assert other.grains.wind != field.grains.wind


@pytest.mark.parametrize("start", [(0.1, 0.8), (0.85, 0.2), (0.5, 0.5)])
def test_sand_starts_where_somebody_points(pair: tuple[Picture, Picture], start: tuple[float, float]) -> None:
    field = prepare(*pair, seed=4, style="sand", start=start)
    assert field.tau is not None
    assert field.grains is not None
    rows, columns = field.tau.shape
    y, x = divmod(int(field.tau.argmin()), columns)
    first = np.array([(x + 0.5) / columns, (y + 0.5) / rows]) - field.v[y, x]
    assert np.abs(first - start).max() < 0.12
    if start != (0.5, 0.5):  # the wind blows out of the picture there
        assert np.dot(field.grains.wind, np.array(start) - 0.5) > 0


def test_all_grains_lie_on_their_picture_when_their_place_is_not_due(field: Field) -> None:
    assert field.tau is not None
    for layer in range(LAYERS):
        for t, at_rest in ((0.0, 0.0), (1.0, 1.0)):
            drift, way = drifts(field, layer, t)
            assert (way == at_rest).all()
            if layer % 2 != t:  # the ones that have come, and those that have not left
                np.testing.assert_allclose(drift, np.float32(2 * t - 1) * field.v, atol=1e-6)


@pytest.mark.parametrize("layer", range(LAYERS))
def test_the_wind_never_turns_back(layer: int) -> None:
    grains = Grains(0.005, (0.1, 0.0), 0.5, 7)
    field = a_still_field(grains=grains)
    along = np.array([drifts(field, layer, t)[0][..., 0] for t in np.linspace(0, 1, 21)])
    assert (np.diff(along, axis=0) >= -1e-6).all()
    assert (along[-1] - along[0]).min() > 0


def test_grains_fly_side_by_side_without_seams(field: Field) -> None:
    """Where a layer's map folds, a shader that undoes it could not find the grains."""
    folded = []
    for t in (0.2, 0.35, 0.5, 0.65, 0.8):
        for layer in range(LAYERS):
            drift, way = drifts(field, layer, t)
            dx, dy = (np.gradient(drift[..., axis] * drift.shape[1 - axis]) for axis in (0, 1))
            area = (1 + dx[1]) * (1 + dy[0]) - dx[0] * dy[1]
            folded.append(((area <= 0) & (way > 0) & (way < 1)).mean())
    assert max(folded) < 2e-3


def test_grains_are_as_large_in_the_frame_whatever_its_size_but_never_too_small_to_see() -> None:
    small, large = lattice(0.005, 720, 1280), lattice(0.005, 2160, 3840)
    assert (small.rows, small.columns) == (large.rows, large.columns)
    assert large.cell == pytest.approx(3 * small.cell)
    assert lattice(0.005, 90, 160).cell == 3.0


def test_the_hash_is_the_one_that_shaders_compute() -> None:
    def by_hand(i: int, j: int, salt: int) -> int:
        h = (i * 0x9E3779B1 + j * 0x85EBCA77 + salt) % 2**32
        h ^= h >> 16
        h = h * 0x7FEB352D % 2**32
        h ^= h >> 15
        h = h * 0x846CA68B % 2**32
        return h ^ (h >> 16)

    for i, j, salt in ((0, 0, 0), (1, 2, 3), (4095, 17, 2**32 - 1)):
        assert int(hashed(np.uint64(i), np.uint64(j), np.uint64(salt))) == by_hand(i, j, salt)


def test_a_field_in_sand_is_stored_small_and_read_back(field: Field) -> None:
    data = field.to_bytes()
    assert data[4:6] == b"\x02\x00"
    assert len(data) <= MAX_BYTES
    again = Field.from_bytes(data)
    assert again.grains == field.grains
    assert again.to_bytes() == data


def test_fields_of_other_styles_are_stored_as_before(pair: tuple[Picture, Picture]) -> None:
    plain = prepare(*pair, seed=4, style="metamorphosis", hasty=True)
    assert plain.grains is None
    assert plain.to_bytes()[4:6] == b"\x01\x00"


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda data: data[:6] + b"\0" + data[7:], "contradicts itself"),  # sand without time
        (lambda data: data[:12] + b"\0\0" + data[14:], "contradicts itself"),  # grains without size
        (lambda data: data[:18] + b"\0\0" + data[20:], "contradicts itself"),  # or without flight
        (lambda data: data[:20], "cut off"),
        (lambda data: data[:4] + b"\x03" + data[5:], "version 3"),
    ],
)
def test_damaged_sand_is_refused_and_says_why(field: Field, damage: object, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        Field.from_bytes(damage(field.to_bytes()))  # type: ignore[operator]


def test_even_pictures_without_anything_to_match_become_sand() -> None:
    field = prepare(flat(0)[:64, :64].copy(), flat(255)[:64, :64].copy(), seed=0, style="sand")
    frame = Drawer(flat(0), flat(255), field).frame(0.5)
    assert frame.min() < 40
    assert frame.max() > 215


def test_a_wind_that_would_pile_grains_up_calms_down() -> None:
    rows, columns = np.mgrid[0:45, 0:80].astype(np.float32)
    steep = np.where(columns > 40, 1.0, 0.0).astype(np.float32) + 0 * rows
    field = replace(a_still_field(grains=Grains(0.005, (0, 0), 0.5, 0)), tau=steep, grains=None)
    grains = blown(field, seed=1, start=(0.9, 0.5), aspect=80 / 45).grains
    assert grains is not None
    assert 0.02 < float(np.hypot(*grains.wind)) < 0.2


def test_the_card_offers_sand_and_older_parameters_still_count() -> None:
    schema = BuiltinEngine().card().operation("transition").schema
    assert schema.resolve({"style": "sand"})["style"] == "sand"
    for version in (1, 2):
        assert schema.upgraded({"style": "flow"}, version=version)["style"] == "flow"
