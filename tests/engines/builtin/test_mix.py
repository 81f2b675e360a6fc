from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest

from forkframe.engines.builtin.code import composition_distance, encode, style_distance
from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.mix import mix
from forkframe.errors import BadParameter, Cancelled
from tests.pictures import photograph

SIZE = (192, 128)
CAT, COFFEE, ROCKET, RETINA = (photograph(name, SIZE) for name in ("cat", "coffee", "rocket", "retina"))


def sharpness(image):
    return float(np.abs(cv2.Laplacian(to_lab(image)[..., 0], cv2.CV_32F)).mean())


def correlation(a, b):
    return float(np.corrcoef(to_lab(a)[..., 0].ravel(), to_lab(b)[..., 0].ravel())[0, 1])


def test_a_mix_has_more_detail_than_a_crossfade():
    mixed = mix([(CAT, 1.0), (COFFEE, 1.0)], seed=1)
    crossfade = cv2.addWeighted(CAT, 0.5, COFFEE, 0.5, 0)
    assert sharpness(mixed) > 1.15 * sharpness(crossfade)


def test_the_heavier_picture_shows_more():
    mostly_cat, mostly_coffee = (mix([(CAT, w), (COFFEE, 1 - w)], seed=1) for w in (0.85, 0.15))
    assert correlation(mostly_cat, CAT) > correlation(mostly_coffee, CAT)
    assert correlation(mostly_coffee, COFFEE) > correlation(mostly_cat, COFFEE)


def test_all_the_weight_on_one_picture_gives_that_picture():
    assert np.array_equal(mix([(CAT, 0.0), (COFFEE, 2.0), (ROCKET, 0.0)], seed=1), COFFEE)


def test_four_pictures_can_be_mixed():
    mixed = mix([(CAT, 1.0), (COFFEE, 1.0), (ROCKET, 1.0), (RETINA, 1.0)], seed=1)
    assert mixed.shape == CAT.shape
    means = [to_lab(i)[..., 2].mean() for i in (CAT, COFFEE, ROCKET, RETINA)]
    assert min(means) < to_lab(mixed)[..., 2].mean() < max(means)


def test_composition_of_one_in_the_style_of_another():
    mixed = mix([(CAT, 1.0), (ROCKET, 1.0)], composition=0, style=1, seed=1)
    assert correlation(mixed, CAT) > 0.6
    assert abs(to_lab(mixed)[..., 2].mean() - to_lab(ROCKET)[..., 2].mean()) < 0.05


def test_only_a_style_is_given_to_the_mix_of_the_others():
    pictures = [(CAT, 1.0), (COFFEE, 1.0), (ROCKET, 1.0)]
    shares = []
    mixed = mix(pictures, style=2, seed=1, on_progress=shares.append)
    assert abs(to_lab(mixed)[..., 2].mean() - to_lab(ROCKET)[..., 2].mean()) < 0.06
    assert shares == sorted(shares)


def test_a_style_may_have_another_size():
    assert mix([(CAT, 1.0), (ROCKET[:100, :90], 1.0)], composition=0, style=1, seed=1).shape == CAT.shape


MIXED = (CAT, COFFEE, ROCKET, RETINA)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@pytest.mark.parametrize(("one", "other"), list(combinations(range(4), 2)))
def test_the_heavier_a_picture_weighs_the_nearer_is_the_mix_to_it_in_composition_and_in_style(one, other):
    a, b = MIXED[one], MIXED[other]
    codes = [encode(mix([(a, 1 - share), (b, share)], seed=1)) for share in SHARES]
    for distance in (composition_distance, style_distance):
        from_a = np.array([distance(code, encode(a)) for code in codes])
        from_b = np.array([distance(code, encode(b)) for code in codes])
        assert from_a[0] == from_b[-1] == 0
        assert (np.diff(from_a / (from_a + from_b)) > 0.02).all()
        # Of two that have nothing in common, what is neither may be a little farther from both than they are.
        slack = 0.05 * from_a[-1]
        assert (np.diff(from_a) > -slack).all()
        assert (np.diff(from_b) < slack).all()


def test_of_three_the_one_that_gains_weight_comes_nearer():
    pictures = (CAT, COFFEE, RETINA)
    codes = [encode(mix([(p, w if p is RETINA else 1.0) for p in pictures], seed=1)) for w in (0.2, 1.0, 5.0)]
    for distance in (composition_distance, style_distance):
        apart = [distance(code, encode(RETINA)) for code in codes]
        assert all(before > after for before, after in pairwise(apart))


@pytest.mark.parametrize(("one", "other"), [(0, 2), (1, 3), (2, 1), (3, 0)])
def test_a_composition_in_another_style_is_nearer_to_each_in_what_it_has_of_it(one, other):
    own, lent = encode(MIXED[one]), encode(MIXED[other])
    mixed = encode(mix([(MIXED[one], 1.0), (MIXED[other], 1.0)], composition=0, style=1, seed=1))
    assert composition_distance(mixed, own) < 0.7 * composition_distance(mixed, lent)
    assert style_distance(mixed, lent) < style_distance(mixed, own)


def test_the_same_mix_gives_the_same_bytes():
    first, again = (mix([(CAT, 1.0), (RETINA, 2.0)], seed=3) for _ in range(2))
    assert np.array_equal(first, again)


def test_progress_can_cancel():
    def cancel(_):
        raise Cancelled

    with pytest.raises(Cancelled):
        mix([(CAT, 1.0), (COFFEE, 1.0)], seed=1, on_progress=cancel)


@pytest.mark.parametrize(
    "arguments",
    [
        {"images": [(CAT, 1.0)]},
        {"images": [(CAT, 1.0)] * 5},
        {"images": [(CAT, 1.0), (COFFEE[:64], 1.0)]},
        {"images": [(CAT, 0.0), (COFFEE, 0.0)]},
        {"images": [(CAT, -1.0), (COFFEE, 2.0)]},
        {"images": [(CAT, float("nan")), (COFFEE, 2.0)]},
        {"images": [(CAT, 1.0), (COFFEE, 1.0)], "composition": 2},
        {"images": [(CAT, 1.0), (COFFEE, 1.0)], "composition": 1, "style": 1},
    ],
)
def test_what_cannot_be_mixed_is_refused_with_a_reason(arguments):
    with pytest.raises(BadParameter) as caught:
        mix(**arguments, seed=1)
    assert caught.value.hint
