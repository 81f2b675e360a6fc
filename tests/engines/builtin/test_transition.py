import os
import subprocess
import sys
from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import MAX_BYTES, Field
from forkframe.engines.builtin.flow import halfway_flow
from forkframe.engines.builtin.likeness import shared_layout
from forkframe.engines.builtin.matching import match
from forkframe.engines.builtin.restyle import restyle_by_prompt
from forkframe.engines.builtin.sampling import warp
from forkframe.engines.builtin.transition import prepare
from tests.pictures import photograph

Picture = NDArray[np.uint8]


def blobs(seed: int, *, height: int = 96, width: int = 128, sigma: float = 5.0) -> Picture:
    """A picture of soft coloured blobs with full contrast."""
    noise = np.random.default_rng(seed).standard_normal((height, width, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), sigma)
    soft = (soft - soft.min()) / (soft.max() - soft.min())
    return np.rint(255 * soft).astype(np.uint8)


def flat(level: int, *, height: int = 64, width: int = 96) -> Picture:
    return np.full((height, width, 3), level, np.uint8)


def noise(seed: int) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (64, 96, 3), dtype=np.uint8)


def disc(x: float, *, side: int = 128) -> Picture:
    """A bright disc on dark ground, its centre at (x, .5) of the frame."""
    image = np.full((side, side, 3), 30, np.uint8)
    cv2.circle(image, (round(x * side), side // 2), side // 7, (235, 225, 210), -1, cv2.LINE_AA)
    return image


def bright_centre(image: Picture) -> float:
    """Where the bright part's centre lies, in shares of the width."""
    bright = (image.mean(-1) > 130).sum(0)
    return float((bright * (np.arange(len(bright)) + 0.5)).sum() / bright.sum() / len(bright))


def steps_of(drawer: Drawer, count: int) -> NDArray[np.float64]:
    frames = [drawer.frame_at(i, count).astype(np.float32) for i in range(count)]
    return np.array([np.abs(b - a).mean() for a, b in pairwise(frames)], np.float64)


def test_a_transition_begins_and_ends_with_the_pictures_themselves() -> None:
    a, b = blobs(1), blobs(2)
    drawer = Drawer(a, b, prepare(a, b, seed=0))
    assert (drawer.frame(0) == a).all()
    assert (drawer.frame(1) == b).all()
    assert (drawer.frame_at(0, 49) == a).all()
    assert (drawer.frame_at(48, 49) == b).all()


def test_unrelated_pictures_get_a_timed_field_and_frames_of_one_scene_a_linear_one() -> None:
    scene = blobs(1, height=160, width=200)
    assert prepare(scene[:, :-8].copy(), scene[:, 8:].copy(), seed=0).tau is None
    assert prepare(blobs(1), blobs(2), seed=0).tau is not None


def test_the_middle_of_a_camera_move_is_the_true_frame_between() -> None:
    scene = blobs(3, height=160, width=216, sigma=3)
    first, middle, last = (np.ascontiguousarray(scene[:, x : x + 200]) for x in (0, 8, 16))
    drawn = Drawer(first, last, prepare(first, last, seed=0)).frame(0.5)
    crossfade = cv2.addWeighted(first, 0.5, last, 0.5, 0)
    inside = np.s_[12:-12, 24:-24]
    assert cv2.PSNR(drawn[inside], middle[inside]) > cv2.PSNR(crossfade[inside], middle[inside]) + 10


def test_swapping_related_frames_only_flips_the_flow() -> None:
    scene = blobs(4, height=128, width=140, sigma=3)
    a, b = scene[:, :-6].copy(), scene[:, 6:].copy()
    there, residual = halfway_flow(a, b)
    back, _ = halfway_flow(b, a)
    assert residual < 0.02
    np.testing.assert_allclose(there, -back, atol=1e-3)


def test_an_object_travels_instead_of_fading_out_here_and_in_there() -> None:
    a, b = disc(0.38), disc(0.62)
    drawer = Drawer(a, b, prepare(a, b, seed=0, palette="off"))
    assert bright_centre(drawer.frame(0.5)) == pytest.approx(0.5, abs=0.04)
    widest = max(int((drawer.frame(t).mean(-1) > 130).sum()) for t in (0.3, 0.5, 0.7))
    assert widest < 1.5 * int((a.mean(-1) > 130).sum()), "two discs are seen at once"


def test_a_match_lays_a_picture_over_its_warp_in_other_colours() -> None:
    a = np.repeat(blobs(5, height=192, width=192)[..., :1], 3, axis=2)
    waves = np.random.default_rng(0).uniform(-1, 1, (5, 5, 2)).astype(np.float32)
    waves[[0, -1], :, 1] = waves[:, [0, -1], 0] = 0
    true = cv2.resize(waves, (192, 192), interpolation=cv2.INTER_CUBIC).astype(np.float32) * 14
    tint = np.array([0.9, 0.6, 0.4])
    b = np.rint(255 * (warp(a, true) / 255) ** 1.5 * tint).astype(np.uint8)
    v = match(to_lab(a), to_lab(b), grid=(64, 64))
    found = -2 * cv2.resize(v, (192, 192), interpolation=cv2.INTER_CUBIC) * 192
    # Both are read at the same pixel, not half-way: enough to tell a match from none.
    inside = np.s_[24:-24, 24:-24]
    error = np.linalg.norm(found - true, axis=-1)[inside].mean()
    assert error < 0.6 * np.linalg.norm(true, axis=-1)[inside].mean()


def test_a_match_never_folds() -> None:
    v = match(to_lab(noise(1)), to_lab(noise(2)), grid=(40, 60)) * np.array([60, 40], np.float32)
    for sign in (-1, 1):
        (xy, xx), (yy, yx) = (np.gradient(v[..., c]) for c in (0, 1))
        assert ((1 + sign * xx) * (1 + sign * yy) - xy * yx).min() > 0


@pytest.mark.parametrize("palette", ["on", "off"])
def test_visible_change_is_even(palette: str) -> None:
    a, b = blobs(6), blobs(7, sigma=3)
    steps = steps_of(Drawer(a, b, prepare(a, b, seed=0, palette=palette)), 25)  # pyright: ignore[reportArgumentType] - both are Palettes
    assert steps.max() / steps.mean() < 1.3


def test_a_palette_that_would_grey_the_middle_is_left_out() -> None:
    red, green = np.zeros((2, 96, 96, 3), np.uint8)
    red[...] = blobs(1, height=96, width=96) // 8
    green[...] = blobs(2, height=96, width=96) // 8
    red[..., 0] += 200
    green[..., 1] += 200
    assert prepare(red, green, seed=0).palettes is None
    assert prepare(red, green, seed=0, palette="on").palettes is not None
    similar = blobs(2, height=96, width=96) // 8
    similar[..., 0] += 200
    assert prepare(red, similar, seed=0, palette="off").palettes is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(flat(0), flat(255), id="black and white"),
        pytest.param(flat(9), flat(9), id="one flat colour"),
        pytest.param(noise(1), noise(1), id="identical noise"),
        pytest.param(noise(1), noise(2), id="two noises"),
        pytest.param(noise(1), flat(128), id="noise and flat"),
        pytest.param(blobs(1, height=64, width=512), blobs(2, height=64, width=512), id="a banner"),
        pytest.param(blobs(1, height=360, width=64), blobs(2, height=360, width=64), id="a narrow portrait"),
    ],
)
def test_any_two_pictures_of_one_size_work(a: Picture, b: Picture) -> None:
    field = prepare(a, b, seed=3)
    assert all(np.isfinite(part).all() for part in (field.v, field.tau, field.pace) if part is not None)
    drawer = Drawer(a, b, field)
    steps = steps_of(drawer, 9)
    assert steps.max() <= 1.5 * steps.mean() + 1e-6
    assert drawer.frame(0.5).shape == a.shape


def test_a_field_draws_at_any_size() -> None:
    a, b = blobs(1, height=192, width=256), blobs(2, height=192, width=256)
    field = prepare(a, b, seed=0)
    small_a, small_b = (
        cv2.resize(x, (128, 96), interpolation=cv2.INTER_AREA).astype(np.uint8) for x in (a, b)
    )
    large = Drawer(a, b, field).frame(0.5)
    small = Drawer(small_a, small_b, field).frame(0.5)
    shrunk = cv2.resize(large, (128, 96), interpolation=cv2.INTER_AREA)
    assert cv2.PSNR(small, shrunk.astype(np.uint8)) > 28


def test_a_reloaded_field_draws_the_same_bytes() -> None:
    a, b = blobs(1), blobs(2)
    field = prepare(a, b, seed=0, palette="on")
    data = field.to_bytes()
    assert len(data) <= MAX_BYTES
    again = Field.from_bytes(data)
    assert again.to_bytes() == data
    assert (Drawer(a, b, again).frame(0.4) == Drawer(a, b, field).frame(0.4)).all()


def test_the_seed_decides_where_the_fronts_run() -> None:
    a, b = blobs(1), blobs(2)
    data = {seed: prepare(a, b, seed=seed).to_bytes() for seed in (0, 1)}
    assert data[0] != data[1]
    assert data[0] == prepare(a, b, seed=0).to_bytes()


def test_the_same_request_gives_the_same_bytes_on_any_number_of_threads() -> None:
    program = """
import hashlib, sys
import cv2
cv2.setNumThreads(int(sys.argv[1]))
from tests.engines.builtin.test_transition import Drawer, blobs, photograph, prepare
a, b = blobs(1, height=200, width=240), blobs(2, height=200, width=240)
field = prepare(a, b, seed=7)
scene = photograph("astronaut", (320, 180))
nearer = cv2.resize(scene[40:140, 70:247], (320, 180), interpolation=cv2.INTER_CUBIC)
camera = prepare(scene, nearer, seed=7)
assert camera.tau is None
fields = [field, prepare(a[:, 6:].copy(), a[:, :-6].copy(), seed=7), camera]
frames = [Drawer(a, b, field).frame(.3), Drawer(scene, nearer, camera).frame(.3)]
data = [each.to_bytes() for each in fields] + [each.tobytes() for each in frames]
print(hashlib.sha256(b"".join(data)).hexdigest())
"""
    prints = {
        subprocess.run(
            [sys.executable, "-c", program, threads],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for threads in ("1", "3")
    }
    assert len(prints) == 1


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    prepare(blobs(1), blobs(2), seed=0, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len(seen) > 4


def test_a_drawer_refuses_pictures_of_two_sizes() -> None:
    field = prepare(blobs(1), blobs(2), seed=0)
    with pytest.raises(ValueError, match="one size"):
        Drawer(blobs(1), blobs(2)[:-1], field)


@pytest.mark.parametrize("look", ["evening", "noir", "pencil", "oil"])
def test_a_picture_and_its_restyled_version_stay_in_place_while_the_look_changes(look: str) -> None:
    picture = photograph("rocket", (256, 144))
    styled = restyle_by_prompt(picture, prompt=look, strength=0.9, seed=1).image
    field = prepare(picture, styled, seed=1)
    assert field.tau is None
    assert np.abs(field.v).max() < 0.02, "a share of the frame"


def test_unrelated_pictures_share_no_layout() -> None:
    names = ("astronaut", "cat", "coffee", "rocket", "galaxies", "retina")
    pictures = [photograph(name, (256, 144)) for name in names]
    assert max(shared_layout(a, b) for a, b in combinations(pictures, 2)) < 0.1
    assert shared_layout(pictures[0], np.full_like(pictures[0], 90)) == pytest.approx(0, abs=0.01)
