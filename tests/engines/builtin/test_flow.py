from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.builtin.camera import camera_move
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.flow import halfway_flow
from forkframe.engines.builtin.likeness import shared_colours
from forkframe.engines.builtin.transition import prepare
from forkframe.errors import BadInput
from tests.pictures import photograph

Picture = NDArray[np.uint8]
SIZE = (320, 180)


def camera(share: float, *, zoom: float, roll: float, pan: float) -> Picture:
    """A frame of a camera, `share` of the way along a straight move over a large photograph."""
    image = photograph("astronaut", (1280, 720))
    whole = np.array([[0.25, 0, 0], [0, 0.25, 0]])
    turned = cv2.getRotationMatrix2D((160 - 320 * pan, 90), roll, zoom)
    end = np.array(turned) @ np.vstack([whole, [0, 0, 1]])
    end[0, 2] += 320 * pan
    view = (1 - share) * whole + share * end
    grown = cv2.warpAffine(
        image, view * 4, (1280, 720), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return cv2.resize(grown, SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8)


@pytest.mark.parametrize(
    "move",
    [
        pytest.param({"zoom": 1.8, "roll": 0, "pan": 0}, id="a zoom"),
        pytest.param({"zoom": 1.4, "roll": 18, "pan": 0}, id="a roll"),
        pytest.param({"zoom": 1.5, "roll": -8, "pan": -0.08}, id="all at once"),
    ],
)
def test_a_large_camera_move_is_followed_where_plain_flow_gets_lost(move: dict[str, float]) -> None:
    first, middle, last = (camera(share, **move) for share in (0, 0.5, 1))
    start = camera_move(first, last)
    assert start is not None
    assert halfway_flow(first, last, start=start)[1] < 0.5 * halfway_flow(first, last)[1]
    field = prepare(first, last, seed=0)
    assert field.tau is None
    drawn = Drawer(first, last, field).frame(0.5)
    inside = np.s_[20:-20, 20:-20]
    crossfade = cv2.addWeighted(first, 0.5, last, 0.5, 0)
    assert cv2.PSNR(drawn[inside], middle[inside]) > cv2.PSNR(crossfade[inside], middle[inside]) + 6


def test_unrelated_photographs_share_no_camera() -> None:
    names = ("astronaut", "cat", "coffee", "rocket", "galaxies", "retina")
    pictures = [photograph(name, SIZE) for name in names]
    for a, b in pairwise(pictures):
        assert camera_move(a, b) is None


def test_pictures_without_any_points_share_no_camera() -> None:
    flat = np.full((180, 320, 3), 90, np.uint8)
    assert camera_move(flat, flat) is None
    assert camera_move(flat, photograph("cat", SIZE)) is None


def test_a_camera_that_moves_keeps_its_colours_in_sight() -> None:
    first, last = (camera(share, zoom=1.8, roll=10, pan=0) for share in (0, 1))
    assert shared_colours(first, last) > 0.5 > shared_colours(first, photograph("galaxies", SIZE))
    assert shared_colours(first, first) == pytest.approx(1)


def test_the_style_asked_for_is_the_style_one_gets() -> None:
    first, last = (camera(share, zoom=1.1, roll=0, pan=0) for share in (0, 1))
    other = photograph("coffee", SIZE)
    assert prepare(first, last, seed=0).tau is None
    assert prepare(first, last, seed=0, style="metamorphosis").tau is not None
    assert prepare(first, other, seed=0).tau is not None
    assert prepare(first, other, seed=0, style="flow").tau is None


@pytest.mark.parametrize("start", [(0.15, 0.2), (0.8, 0.75)])
def test_the_change_starts_at_the_point_asked_for(start: tuple[float, float]) -> None:
    a, b = photograph("astronaut", SIZE), photograph("coffee", SIZE)
    field = prepare(a, b, seed=0, palette="off", start=start)
    assert field.tau is not None
    y, x = np.unravel_index(field.tau.argmin(), field.tau.shape)
    rows, columns = field.tau.shape
    earliest = np.array([(x + 0.5) / columns, (y + 0.5) / rows]) - field.v[y, x]
    np.testing.assert_allclose(earliest, start, atol=0.08)
    ys, xs = np.mgrid[0:rows, 0:columns]
    away = np.hypot((xs - x) / columns, (ys - y) / rows)
    assert np.corrcoef(away.ravel(), field.tau.ravel())[0, 1] > 0.6, "the change spreads from there"


def test_a_start_outside_the_picture_is_refused() -> None:
    a, b = photograph("astronaut", SIZE), photograph("coffee", SIZE)
    with pytest.raises(BadInput, match="outside") as refusal:
        prepare(a, b, seed=0, start=(1.2, 0.5))
    assert refusal.value.hint
