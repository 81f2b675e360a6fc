import cv2
import numpy as np
import pytest

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
