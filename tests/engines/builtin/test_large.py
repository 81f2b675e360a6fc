"""Large pictures: everything still works on them, in a gigabyte, and at ordinary sizes nothing knows of that."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import forkframe
from bench.cold import LARGE, MOST_MEMORY, measured
from forkframe.engines.builtin import layout, synthesis
from forkframe.engines.builtin.large import copied, enlarged
from forkframe.engines.builtin.vary import vary

_ASTRONAUT = Path(forkframe.__path__[0]) / "demo" / "photographs" / "astronaut.jpg"


@pytest.mark.parametrize(
    ("operation", "how"),
    [
        ("transition", "on"),
        ("vary", ""),
        ("restyle by words", "evening, watercolour, much colder"),
        ("restyle by words", "ink"),
        ("restyle by words", "snow"),
        ("restyle like another", ""),
        ("mix", ""),
        ("animate", ""),
    ],
)
def test_a_picture_of_4096_pixels_takes_less_than_a_gigabyte(operation: str, how: str) -> None:
    assert measured(operation, 1, LARGE, how).peak < MOST_MEMORY


def _photograph(height: int, width: int) -> NDArray[np.uint8]:
    image = cv2.imread(str(_ASTRONAUT))
    assert image is not None
    return cv2.resize(image[..., ::-1].copy(), (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def test_pictures_of_ordinary_sizes_are_painted_themselves() -> None:
    image = _photograph(300, 400)
    assert copied(image) is image
    assert enlarged(image, image, image) is image


def test_a_look_that_changes_nothing_leaves_a_large_picture_its_detail() -> None:
    image = _photograph(600, 800)
    copy = cv2.resize(image, (400, 300), interpolation=cv2.INTER_AREA).astype(np.uint8)
    soft = cv2.resize(copy, (800, 600), interpolation=cv2.INTER_CUBIC)
    assert cv2.PSNR(enlarged(copy, copy, image), image) > cv2.PSNR(soft, image) + 6


def test_a_negative_of_a_large_picture_has_negative_detail() -> None:
    image = _photograph(600, 800)
    copy = cv2.resize(image, (400, 300), interpolation=cv2.INTER_AREA).astype(np.uint8)
    soft = cv2.resize(255 - copy, (800, 600), interpolation=cv2.INTER_CUBIC)
    negative = enlarged((255 - copy).astype(np.uint8), copy, image)
    assert cv2.PSNR(negative, 255 - image) > cv2.PSNR(soft, 255 - image) + 6


def test_a_variation_is_the_same_in_however_many_bands_it_is_laid(monkeypatch: pytest.MonkeyPatch) -> None:
    image = _photograph(300, 330)
    whole = vary(image, strength=0.6, seed=4)
    monkeypatch.setattr(layout, "_BAND", 37)
    monkeypatch.setattr(synthesis, "_ROWS", 41)
    assert (vary(image, strength=0.6, seed=4) == whole).all()
