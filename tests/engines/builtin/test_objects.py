import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.matching import least_jacobian
from forkframe.engines.builtin.objects import lone_thing, overlap, thing_move
from forkframe.engines.builtin.transition import prepare
from tests.pictures import photograph

Picture = NDArray[np.uint8]


def disc(x: float, y: float, radius: float, *, ground: int = 30, side: int = 160) -> Picture:
    """A bright disc on flat ground; place and size in shares of the frame."""
    image = np.full((side, side, 3), ground, np.uint8)
    centre = (round(x * side), round(y * side))
    cv2.circle(image, centre, round(radius * side), (235, 225, 210), -1, cv2.LINE_AA)
    return image


def bright_pieces(frame: Picture) -> list[tuple[float, float, float]]:
    """(x, y, radius) of every bright piece of more than a few pixels, in shares of the frame."""
    side = frame.shape[0]
    _, _, figures, centres = cv2.connectedComponentsWithStats((frame.mean(-1) > 130).astype(np.uint8))
    return [
        (centre[0] / side, centre[1] / side, float(np.sqrt(area / np.pi)) / side)
        for centre, area in zip(centres[1:], figures[1:, cv2.CC_STAT_AREA], strict=True)
        if area > 8
    ]


def test_one_thing_on_flat_ground_is_found_with_its_place_and_size() -> None:
    thing = lone_thing(to_lab(disc(0.3, 0.6, 0.15)))
    assert thing is not None
    np.testing.assert_allclose(thing.middle, (0.3, 0.6), atol=0.01)
    np.testing.assert_allclose(thing.spread, 0.15 / 2, atol=0.01)


@pytest.mark.parametrize("name", ["astronaut", "cat", "coffee", "galaxies"])
def test_a_photograph_of_more_is_no_lone_thing(name: str) -> None:
    assert lone_thing(to_lab(photograph(name, (256, 144)))) is None


def test_two_things_empty_ground_and_a_full_frame_are_no_lone_thing() -> None:
    two = np.maximum(disc(0.25, 0.5, 0.12), disc(0.75, 0.5, 0.12))
    for picture in (two, disc(0.5, 0.5, 0), disc(0.5, 0.5, 0.9)):
        assert lone_thing(to_lab(picture)) is None


def test_a_thing_lies_on_the_other_half_way_and_nothing_folds_or_leaves_the_frame() -> None:
    a, b = (lone_thing(to_lab(d)) for d in (disc(0.25, 0.35, 0.1), disc(0.7, 0.6, 0.22)))
    assert a is not None
    assert b is not None
    v = thing_move(a, b, (60, 60))
    assert overlap(a, b, v) > 0.85 > 0.1 > overlap(a, b, np.zeros_like(v))
    assert least_jacobian(v * np.float32(60)) > 0
    assert max(np.abs(v[:, [0, -1], 0]).max(), np.abs(v[[0, -1], :, 1]).max()) < 0.01


def test_a_small_disc_far_away_becomes_a_large_one_by_moving_and_growing() -> None:
    a, b = disc(0.3, 0.4, 0.12), disc(0.7, 0.6, 0.24, ground=40)
    drawer = Drawer(a, b, prepare(a, b, seed=0))
    for t in (0.25, 0.5, 0.75):
        pieces = bright_pieces(drawer.frame(t))
        assert len(pieces) == 1, "both discs are seen at once"
    x, y, radius = bright_pieces(drawer.frame(0.5))[0]
    # Where it is depends on the pace; it is on the straight way and as large as it should be there.
    share = (x - 0.3) / 0.4
    assert 0.3 < share < 0.7
    assert y == pytest.approx(0.4 + share * 0.2, abs=0.03)
    assert radius == pytest.approx(0.12 + share * 0.12, abs=0.03)
