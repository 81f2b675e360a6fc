import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import PACE_STEPS, Field
from forkframe.engines.builtin.sampling import pixel_grid, sampled

Picture = NDArray[np.uint8]


def noise(seed: int, *, height: int = 61, width: int = 83) -> Picture:
    """The hardest picture: every pixel black or white in every channel."""
    return (255 * np.random.default_rng(seed).integers(0, 2, (height, width, 3))).astype(np.uint8)


def still(*, timed: bool, tau: float = 0.5) -> Field:
    v = np.zeros((9, 12, 2), np.float32)
    if not timed:
        return Field(v)
    pace = np.linspace(0, 1, PACE_STEPS, dtype=np.float32)
    return Field(v, tau=np.full((9, 12), tau, np.float32), pace=pace)


@pytest.mark.parametrize("timed", [False, True])
def test_a_picture_that_becomes_itself_never_changes(timed: bool) -> None:
    picture = noise(1)
    drawer = Drawer(picture, picture, still(timed=timed))
    for t in (0.01, 0.3, 0.5, 0.77, 0.99):
        np.testing.assert_array_equal(drawer.frame(t), picture)


@pytest.mark.parametrize("shift", [(0.013, -0.021), (0.3, 0.2), (-0.49, 0.37)])
def test_sampling_is_the_cubic_one_of_opencv_even_beyond_the_border(shift: tuple[float, float]) -> None:
    a = noise(2)
    height, width = a.shape[:2]
    v = np.tile(np.array(shift, np.float32), (9, 12, 1))
    drawn = Drawer(a, a, Field(v, tau=np.ones((9, 12), np.float32), pace=still(timed=True).pace)).frame(0.25)
    places = pixel_grid(height, width) - np.float32(0.5) * np.array(shift, np.float32) * [width, height]
    expected = sampled(a.astype(np.float32), places.astype(np.float32), cv2.INTER_CUBIC).clip(0, 255)
    # OpenCV tells 32 places apart between two pixels, and here one is all the way from black to white.
    assert np.abs(drawn - expected).max() < 8
    assert np.abs(drawn - expected).mean() < 2


def test_an_even_mix_is_the_mean_of_both() -> None:
    a, b = noise(3), noise(4)
    expected = (a.astype(np.float32) + b) / 2
    assert np.abs(Drawer(a, b, still(timed=False)).frame(0.5) - expected).max() <= 1


def test_every_place_has_switched_when_its_time_has_passed() -> None:
    a, b = noise(5), noise(6)
    drawer = Drawer(a, b, still(timed=True, tau=0.0))
    assert np.abs(drawer.frame(0.7).astype(int) - b).max() <= 1
    drawer = Drawer(a, b, still(timed=True, tau=1.0))
    assert np.abs(drawer.frame(0.3).astype(int) - a).max() <= 1


def test_of_what_only_one_picture_sees_the_other_shows_nothing() -> None:
    white, black = np.full((60, 80, 3), 255, np.uint8), np.zeros((60, 80, 3), np.uint8)
    v = np.zeros((9, 12, 2), np.float32)
    v[..., 0] = 0.2  # the camera pans: what the frame shows on the left, only the second picture saw
    frame = Drawer(white, black, Field(v)).frame(0.5)
    assert frame[:, :12].max() < 10
    assert frame[:, -12:].min() > 245
    assert np.abs(frame[:, 30:50].astype(int) - 128).max() <= 1
