import cv2
import numpy as np
import pytest

from forkframe.engines.builtin.code import (
    CELLS,
    STYLE_LENGTH,
    between,
    composition_distance,
    decode,
    encode,
    layout,
    style_distance,
)
from forkframe.engines.builtin.colour import to_lab
from tests.pictures import photograph

CAT, COFFEE = (photograph(name, (160, 112)) for name in ("cat", "coffee"))


def cells(image):
    square = cv2.resize(to_lab(image), (128, 128), interpolation=cv2.INTER_AREA)
    return cv2.resize(square, (CELLS, CELLS), interpolation=cv2.INTER_AREA)


def test_a_code_has_the_shapes_that_are_documented():
    code = encode(CAT)
    assert code.composition.shape == (16, 16, 3)
    assert code.style.shape == (STYLE_LENGTH,)
    assert code.composition.dtype == code.style.dtype == np.float32


def test_the_composition_is_white_whatever_the_colours():
    flat = encode(COFFEE).composition.reshape(-1, 3).astype(float)
    assert np.allclose(flat.mean(0), 0, atol=1e-4)
    assert np.allclose(np.cov(flat.T, bias=True), np.eye(3), atol=1e-3)


def test_what_is_coarse_comes_back_exactly_and_what_is_fine_is_lost():
    assert np.abs(layout(encode(CAT)) - cells(CAT)).max() < 1e-4
    soft = decode(encode(CAT), size=CAT.shape[:2])
    assert np.abs(cells(soft) - cells(CAT)).mean() < 0.02
    assert cv2.PSNR(soft, CAT) > 17
    assert cv2.Laplacian(soft, cv2.CV_32F).std() < 0.3 * cv2.Laplacian(CAT, cv2.CV_32F).std()


def test_with_patches_to_take_a_code_is_decoded_sharp_and_in_its_composition():
    code = encode(CAT)
    sharp = decode(code, size=CAT.shape[:2], patches=CAT, seed=1)
    assert cv2.Laplacian(sharp, cv2.CV_32F).std() > 0.6 * cv2.Laplacian(CAT, cv2.CV_32F).std()
    assert composition_distance(encode(sharp), code) < 0.7 * composition_distance(encode(COFFEE), code)
    assert np.array_equal(sharp, decode(code, size=CAT.shape[:2], patches=CAT, seed=1))


@pytest.mark.parametrize("size", [(64, 200), (200, 64), (96, 96)])
def test_a_code_is_decoded_at_any_size(size):
    assert decode(encode(CAT), size=size).shape == (*size, 3)
    assert decode(encode(CAT), size=size, patches=COFFEE).shape == (*size, 3)


def test_a_picture_in_other_colours_keeps_its_composition_and_changes_its_style():
    own, dimmed = encode(CAT), encode((CAT * 0.6 + 20).astype(np.uint8))
    assert composition_distance(own, dimmed) < 0.2
    assert style_distance(own, dimmed) > 0.1
    assert composition_distance(own, encode(CAT[:, ::-1].copy())) > 0.5


def test_distances_are_0_to_itself_and_the_same_both_ways():
    a, b = encode(CAT), encode(COFFEE)
    assert composition_distance(a, a) == style_distance(a, a) == 0
    assert composition_distance(a, b) == pytest.approx(composition_distance(b, a))
    assert composition_distance(a, b) > 0.8
    assert style_distance(a, b) > 0.3


def test_the_mean_of_two_codes_lies_between_them():
    a, b = encode(CAT), encode(COFFEE)
    middle = between([(a, 1.0), (b, 1.0)])
    assert np.allclose(middle.style, (a.style + b.style) / 2, atol=1e-5)
    whole = composition_distance(a, b)
    assert composition_distance(a, middle) < whole
    assert composition_distance(middle, b) < whole
    assert np.array_equal(between([(a, 2.0), (b, 0.0)]).composition, a.composition)


def test_flat_and_grey_pictures_have_codes_without_noise():
    flat = encode(np.full((64, 64, 3), 90, np.uint8))
    assert np.array_equal(flat.composition, np.zeros((16, 16, 3), np.float32))
    ramp = np.repeat(np.linspace(0, 255, 96).astype(np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    grey = encode(ramp)
    assert np.isfinite(grey.style).all()
    assert composition_distance(flat, grey) < 1.5
    assert np.abs(layout(grey) - cells(ramp)).max() < 0.01
