import cv2
import numpy as np
import pytest

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.looks import LOOKS, MOST, Subject
from forkframe.engines.builtin.looks.grade import Grade, graded
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


@EVERY_LOOK
def test_a_look_of_noise_is_no_single_colour(name):
    static = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    with np.errstate(invalid="raise", divide="raise", over="raise"):
        drawn = LOOKS[name].draw(static, 1, 1.0)
    assert drawn.std() > 5


@pytest.mark.parametrize("picture", ["cat", "coffee", "galaxies", "retina", "rocket"])
@pytest.mark.parametrize(
    "name", ["morning", "evening", "dusk", "night", "storm", "candlelight", "ink", "charcoal"]
)
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


@pytest.mark.parametrize("name", ["noir", "pencil", "charcoal", "linocut", "engraving"])
def test_looks_in_one_ink_have_next_to_no_colour(name):
    lab = to_lab(LOOKS[name].draw(COFFEE, 1, 1.0))
    assert np.abs(lab[..., 1:]).max() < 0.12


@pytest.mark.parametrize("name", ["morning", "evening", "night", "candlelight", "backlight"])
def test_light_comes_from_one_side_and_another_seed_may_change_it(name):
    wall = np.full((128, 160, 3), 150, np.uint8)

    def balance(seed):
        light = cv2.cvtColor(LOOKS[name].draw(wall, seed, 1.0), cv2.COLOR_RGB2LAB).astype(float)
        return (light[:, :40] - light[:, -40:]).mean((0, 1))

    balances = [balance(seed) for seed in range(8)]
    strongest = int(np.argmax(np.abs(balances[0])))
    assert all(abs(b[strongest]) > 1.5 for b in balances), "a difference that is seen"
    assert len({b[strongest] > 0 for b in balances}) == 2


@pytest.mark.parametrize("name", ["morning", "evening", "night"])
def test_without_a_sky_the_hours_come_through_a_window(name):
    wall = np.full((128, 160, 3), 150, np.uint8)
    light = to_lab(LOOKS[name].draw(wall, 1, 1.0))[16:-16, 16:-16, 0]
    lit, shaded = np.percentile(light, (90, 10))
    assert lit > 1.25 * shaded
    steps = np.abs(np.diff(light, axis=1))
    assert steps.max() > 8 * np.median(steps), "the frame of the window has edges"


def test_snow_lies_on_top_of_things_be_they_bright_or_dark():
    for ground, thing in ((70, 170), (170, 70)):
        image = np.full((480, 640, 3), ground, np.uint8)
        cv2.circle(image, (320, 200), 100, (thing,) * 3, -1)
        light = to_lab(LOOKS["snow"].draw(image, 1, 1.0))[..., 0]
        whiter = [
            np.median(light[rows, 280:360]) - np.median(light[rows, :160])
            for rows in (np.s_[90:98], np.s_[302:310])
        ]
        assert whiter[0] > whiter[1] + 0.02, "the upper rim, not the lower one"


def test_what_stands_in_front_of_a_night_sky_has_no_halo():
    y = np.linspace(0, 1, 180, dtype=np.float32)[:, None, None]
    image = np.repeat(np.repeat(185 + 60 * y, 240, 1), 3, 2).astype(np.uint8)
    image[130:] = np.random.default_rng(0).integers(40, 120, (50, 240, 1), np.uint8)
    image[40:140, 100:140] = 12
    lightness = to_lab(LOOKS["dusk"].draw(image, 1, 1.0))[50:110, :, 0]
    beside, away = lightness[:, 84:96].mean(), lightness[:, 40:52].mean()
    assert abs(beside - away) < 0.06


@pytest.mark.parametrize("name", ["morning", "evening", "dusk"])
def test_the_hours_paint_a_sky_of_their_own(name):
    image = photograph("rocket", (384, 216))
    sky = sky_of(image)[..., 0] > 0.9
    lab = to_lab(LOOKS[name].draw(image, 1, 1.0))
    rows = [lab[y : y + 20][sky[y : y + 20]].mean(0) for y in (0, 150)]
    assert rows[1][0] > rows[0][0] + 0.1, "lighter at the horizon"
    assert rows[1][2] > rows[0][2] + 0.1, "and warmer"


def test_a_second_look_finds_the_sky_that_the_first_has_painted_over():
    image = photograph("rocket", (384, 216))
    scene = Subject(image, 1)
    evening = LOOKS["evening"].draw(image, 1, 1.0, scene=scene)
    with_scene = LOOKS["snow"].draw(evening, 1, 1.0, scene=scene)
    assert difference(with_scene[:60], LOOKS["snow"].draw(evening, 1, 1.0)[:60]) > 3


def test_painters_keep_the_small_features_of_a_face():
    face = photograph("astronaut", (256, 256))
    region = np.s_[10:110, 80:180]
    original = to_lab(face)[region][..., 0]
    for name in ("watercolour", "oil", "storybook", "chalk"):
        painted = to_lab(LOOKS[name].draw(face, 1, 1.0))[region][..., 0]
        fine = [plane - cv2.GaussianBlur(plane, (0, 0), 4) for plane in (original, painted)]
        assert np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1] > 0.7


def test_the_sky_is_found_behind_towers_and_not_in_a_cup_or_a_cats_face():
    assert sky_of(photograph("rocket", (384, 216)))[:80].mean() > 0.5
    for picture in ("coffee", "cat", "retina"):
        assert sky_of(photograph(picture, (384, 216))).mean() < 0.1


def sky_of(image):
    return sky_mask(to_lab(image))


def portrait(backdrop):
    """Shoulders and a head in front of a backdrop (H, W, 3)."""
    image = backdrop.copy()
    cv2.ellipse(image, (120, 190), (70, 60), 0, 0, 360, (40, 44, 60), -1)
    cv2.circle(image, (120, 100), 34, (190, 150, 130), -1)
    return image


def test_a_studios_backdrop_is_no_sky():
    y, x = np.mgrid[:180, :240].astype(np.float32)
    white = np.full((180, 240, 3), 246, np.uint8)
    falloff = np.clip(225 - 0.0035 * ((x - 120) ** 2 + (y - 40) ** 2), 0, 255)
    lit = np.repeat(falloff[..., None], 3, -1).astype(np.uint8)
    mottled = photograph("astronaut", (384, 288))
    for image in (portrait(white), portrait(lit), mottled):
        assert sky_of(image).mean() < 0.02


def test_an_overcast_sky_in_black_and_white_is_sky():
    y = np.linspace(0, 1, 180, dtype=np.float32)[:, None, None]
    image = np.repeat(np.repeat(185 + 60 * y, 240, 1), 3, 2).astype(np.uint8)
    image[100:] = np.random.default_rng(0).integers(40, 120, (80, 240, 1), np.uint8)
    assert sky_of(image)[:90].mean() > 0.8
    assert sky_of(image)[110:].mean() < 0.05


GRADES = [
    (Grade(warmth=0.5), 2, 1),
    (Grade(warmth=-0.5), 2, -1),
    (Grade(brightness=0.5), 0, 1),
    (Grade(brightness=-0.5), 0, -1),
]


@pytest.mark.parametrize(("grade", "plane", "sign"), GRADES)
def test_grades_move_a_picture_the_way_they_say(grade, plane, sign):
    moved = to_lab(graded(COFFEE, grade)).mean((0, 1)) - to_lab(COFFEE).mean((0, 1))
    assert sign * moved[plane] > 0.03
    assert int(np.argmax(np.abs(moved))) == plane


@pytest.mark.parametrize("axis", ["contrast", "colour", "sharpness"])
def test_grades_of_contrast_colour_and_sharpness_add_and_take_away(axis):
    def measured(image):
        lab = to_lab(image)
        fine = lab[..., 0] - cv2.GaussianBlur(lab[..., 0], (0, 0), 1.5)
        return {
            "contrast": lab[..., 0].std(),
            "colour": np.hypot(lab[..., 1], lab[..., 2]).mean(),
            "sharpness": np.abs(fine).mean(),
        }[axis]

    less, same, more = (measured(graded(ROCKET, Grade(**{axis: value}))) for value in (-0.6, 0, 0.6))
    assert less < 0.9 * same < same < more / 1.05


def test_no_grade_changes_nothing():
    assert np.array_equal(graded(COFFEE, Grade()), COFFEE)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("grade", [Grade(1, 1, 1, 1, 1), Grade(-1, -1, -1, -1, -1)])
def test_black_stays_black_and_white_white_however_they_are_graded(grade, value):
    flat = np.full((64, 64, 3), value, np.uint8)
    assert difference(graded(flat, grade), flat) < 40
