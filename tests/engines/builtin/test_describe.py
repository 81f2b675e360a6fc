from itertools import combinations

import cv2
import numpy as np
import pytest

from forkframe.engines.builtin.describe import COMPOSITION_LENGTH, STYLE_LENGTH, describe
from tests.pictures import photograph

NAMES = ("astronaut", "cat", "coffee", "galaxies", "retina", "rocket")
PICTURES = {name: photograph(name, (640, 360)) for name in NAMES}
DESCRIPTORS = {name: describe(picture) for name, picture in PICTURES.items()}


def distances(a, b):
    return (
        float(np.linalg.norm(a.composition - b.composition)),
        float(np.linalg.norm(a.style - b.style)),
    )


CLOSEST = np.min([distances(DESCRIPTORS[a], DESCRIPTORS[b]) for a, b in combinations(NAMES, 2)], axis=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_picture_at_half_the_size_has_nearly_the_same_descriptor(name):
    half = cv2.resize(PICTURES[name], (320, 180), interpolation=cv2.INTER_AREA)
    composition, style = distances(describe(half), DESCRIPTORS[name])
    assert composition < 0.05 * CLOSEST[0]
    assert style < 0.05 * CLOSEST[1]


@pytest.mark.parametrize("size", [(64, 64), (200, 64), (64, 300), (640, 360)])
def test_descriptors_have_fixed_lengths_and_finite_values(size):
    for picture in (photograph("cat", size), np.zeros((*size[::-1], 3), np.uint8)):
        described = describe(picture)
        assert described.composition.shape == (COMPOSITION_LENGTH,)
        assert described.style.shape == (STYLE_LENGTH,)
        assert described.composition.dtype == described.style.dtype == np.float32
        assert np.isfinite(described.composition).all()
        assert np.isfinite(described.style).all()


def test_mirroring_changes_the_composition_and_hardly_the_style():
    composition, style = distances(describe(PICTURES["cat"][:, ::-1]), DESCRIPTORS["cat"])
    assert composition > 0.5 * CLOSEST[0]
    assert style < 0.15 * CLOSEST[1]


def test_recolouring_changes_the_style_more_than_the_composition():
    composition, style = distances(describe(PICTURES["coffee"][..., ::-1]), DESCRIPTORS["coffee"])
    assert style > 0.5 * CLOSEST[1]
    assert composition / CLOSEST[0] < style / CLOSEST[1]
