import cv2
import numpy as np
import pytest

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.looks import LOOKS, MOST, Subject
from forkframe.engines.builtin.looks.sky import sky_mask
from tests.pictures import photograph

ROCKET = photograph("rocket", (192, 112))
COFFEE = photograph("coffee", (192, 112))
EVERY_LOOK = pytest.mark.parametrize("name", LOOKS)


def difference(a, b):
    return float(np.abs(a.astype(float) - b).mean())


@EVERY_LOOK
def test_a_look_changes_the_picture_and_amount_0_does_not(name):
    assert difference(LOOKS[name].draw(ROCKET, 1, 1.0), ROCKET) > 4
    assert np.array_equal(LOOKS[name].draw(ROCKET, 1, 0.0), ROCKET)


@EVERY_LOOK
def test_more_of_a_look_is_further_from_the_picture(name):
    amounts = (0.25, 0.5, 1.0, MOST)
    distances = [difference(LOOKS[name].draw(COFFEE, 1, amount), COFFEE) for amount in amounts]
    assert distances == sorted(set(distances))


@EVERY_LOOK
def test_the_number_of_threads_changes_nothing(name):
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        single = LOOKS[name].draw(COFFEE, 5, 1.0)
        cv2.setNumThreads(4)
        assert np.array_equal(LOOKS[name].draw(COFFEE, 5, 1.0), single)
    finally:
        cv2.setNumThreads(before)


@EVERY_LOOK
def test_a_look_does_not_depend_on_the_pictures_size(name):
    large = photograph("coffee", (768, 448))
    half = cv2.resize(large, (384, 224), interpolation=cv2.INTER_AREA)
    drawn = [LOOKS[name].draw(image, 1, 1.0) for image in (large, half)]
    # Compared without what is left to chance: means over sixteenths of the frame.
    means = [cv2.resize(d, (4, 4), interpolation=cv2.INTER_AREA) for d in drawn]
    assert difference(*means) < 9


@EVERY_LOOK
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_look_can_be_drawn_of_a_picture_of_one_colour_and_of_64_pixels(name, value):
    flat = np.full((64, 64, 3), value, np.uint8)
    assert LOOKS[name].draw(flat, 1, 1.0).shape == flat.shape


@pytest.mark.parametrize("picture", ["cat", "coffee", "galaxies", "retina", "rocket"])
@pytest.mark.parametrize("name", ["evening", "night", "ink"])
def test_dark_looks_do_not_drown_the_picture(name, picture):
    image = photograph(picture, (192, 112))
    before, after = (to_lab(i)[..., 0].mean() for i in (image, LOOKS[name].draw(image, 1, 1.0)))
    assert after > min(0.17, 0.9 * before)


def test_night_is_darker_and_bluer_than_day():
    cat = photograph("cat", (192, 112))
    day, night = to_lab(cat).mean((0, 1)), to_lab(LOOKS["night"].draw(cat, 1, 1.0)).mean((0, 1))
    assert night[0] < 0.7 * day[0]
    assert night[2] < day[2] - 0.1


def test_ink_keeps_its_share_of_black_in_dark_pictures():
    dark = (ROCKET * 0.4).astype(np.uint8)
    black = (to_lab(LOOKS["ink"].draw(dark, 1, 1.0))[..., 0] < 0.2).mean()
    assert 0.03 < black < 0.35


def test_noir_and_pencil_have_no_colour():
    for name in ("noir", "pencil"):
        lab = to_lab(LOOKS[name].draw(COFFEE, 1, 1.0))
        assert np.abs(lab[..., 1:]).max() < 0.08


def test_painters_keep_the_small_features_of_a_face():
    face = photograph("astronaut", (256, 256))
    region = np.s_[10:110, 80:180]
    original = to_lab(face)[region][..., 0]
    for name in ("watercolour", "oil"):
        painted = to_lab(LOOKS[name].draw(face, 1, 1.0))[region][..., 0]
        fine = [plane - cv2.GaussianBlur(plane, (0, 0), 4) for plane in (original, painted)]
        assert np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1] > 0.7


def test_the_sky_is_found_behind_towers_and_not_in_a_cup_or_a_cats_face():
    assert sky_mask(Subject(photograph("rocket", (384, 216)), 0))[:80].mean() > 0.5
    for picture in ("coffee", "cat", "retina"):
        assert sky_mask(Subject(photograph(picture, (384, 216)), 0)).mean() < 0.1
