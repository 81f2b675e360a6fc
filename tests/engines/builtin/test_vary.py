from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from forkframe.engines.builtin import patchmatch, scene
from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.vary import vary
from forkframe.errors import Cancelled
from tests.pictures import photograph

CAT = photograph("cat", (192, 112))


def difference(a, b):
    return float(np.abs(a.astype(float) - b).mean())


def test_strength_0_gives_nearly_the_same_picture():
    for seed in range(3):
        assert difference(vary(CAT, strength=0.0, seed=seed), CAT) < 1.0


def test_the_higher_the_strength_the_further_from_the_picture():
    def distance(strength):
        results = [vary(CAT, strength=strength, seed=seed) for seed in range(4)]
        # Mirrored results are turned back, so that only the layout counts.
        return np.mean([min(difference(r, CAT), difference(r[:, ::-1], CAT)) for r in results])

    slight, medium = distance(0.1), distance(0.5)
    assert slight < medium
    assert medium > 10


def test_seeds_give_different_variations_and_the_same_seed_the_same_bytes():
    first, again, other = (vary(CAT, strength=0.5, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert difference(first, other) > 5


def test_the_number_of_threads_changes_nothing():
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        single = vary(CAT, strength=0.7, seed=3)
        cv2.setNumThreads(4)
        assert np.array_equal(vary(CAT, strength=0.7, seed=3), single)
    finally:
        cv2.setNumThreads(before)


def test_some_seeds_mirror_the_picture_and_others_do_not():
    def mirrored(seed):
        result = vary(CAT, strength=0.5, seed=seed)
        return difference(result[:, ::-1], CAT) < difference(result, CAT)

    assert {mirrored(seed) for seed in range(8)} == {True, False}


def test_a_variation_keeps_most_of_its_sources_sharpness():
    def sharpness(image):
        return float(np.abs(cv2.Laplacian(to_lab(image)[..., 0], cv2.CV_32F)).mean())

    # The cat has detail everywhere, so that it does not matter what leaves the frame; zooming softens it a little.
    source = photograph("cat", (640, 448))
    for seed in (1, 2):
        assert sharpness(vary(source, strength=0.2, seed=seed)) > 0.75 * sharpness(source)


def test_a_variation_consists_of_the_sources_colours():
    retina = photograph("retina", (128, 128))
    varied = vary(retina, strength=1.0, seed=2)
    histograms = [
        np.histogram(to_lab(i)[..., 2], bins=16, range=(-0.5, 0.8))[0] / 128**2 for i in (retina, varied)
    ]
    assert np.abs(histograms[0] - histograms[1]).sum() < 0.5


@pytest.mark.parametrize("size", [(64, 64), (64, 400), (321, 97)])
def test_any_aspect_keeps_its_size(size):
    picture = photograph("coffee", size)
    assert vary(picture, strength=0.5, seed=1).shape == picture.shape


def test_a_picture_of_one_colour_stays_as_it_is():
    flat = np.full((80, 96, 3), (200, 30, 60), np.uint8)
    assert difference(vary(flat, strength=1.0, seed=1), flat) < 1


def test_progress_rises_to_1_and_can_cancel():
    shares = []
    vary(CAT, strength=0.5, seed=1, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def cancel(_):
        raise Cancelled

    with pytest.raises(Cancelled):
        vary(CAT, strength=0.5, seed=1, on_progress=cancel)


def test_patchmatch_finds_nearly_what_an_exhaustive_search_finds():
    lab = [to_lab(photograph(name, (64, 48))) for name in ("cat", "coffee")]
    query, keys = (patchmatch.descriptors(picture) for picture in lab)
    start = np.random.default_rng(0).integers(0, 48, (48, 64, 2)).astype(np.int32)
    found = patchmatch.search(query, keys, start, rounds=8, tries=6, radius=64, seed=1)
    flat_query, flat_keys = query.reshape(-1, 16), keys.reshape(-1, 16)
    best = np.array([((flat_keys - q) ** 2).sum(axis=1).min() for q in flat_query])
    assert found.cost.mean() < 1.25 * best.mean()


def test_exact_matching_of_a_picture_with_itself_is_the_identity():
    descriptors = patchmatch.descriptors(to_lab(photograph("cat", (40, 24))))
    field = patchmatch.exact_matches(descriptors, descriptors, openness=1e-3)
    assert np.array_equal(field, np.stack(np.mgrid[:24, :40], axis=-1))


def test_an_identity_field_stays_one_when_it_is_enlarged():
    small = np.stack(np.mgrid[:24, :40], axis=-1).astype(np.int32)
    large = patchmatch.scaled_field(small, size=(60, 100), source=(24, 40), source_size=(60, 100))
    assert np.array_equal(large, np.stack(np.mgrid[:60, :100], axis=-1))


def test_variations_of_one_picture_look_for_its_scene_once(monkeypatch):
    found = 0
    real = scene.faces

    def counted(image):
        nonlocal found
        found += 1
        return real(image)

    monkeypatch.setattr(scene, "faces", counted)
    image = np.random.default_rng(0).integers(0, 256, (72, 96, 3), np.uint8)
    scene.forget_scene()
    alone = [_forgetful(image, seed) for seed in range(4)]
    assert found == 4
    scene.forget_scene()
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda seed: vary(image, strength=0.4, seed=seed), range(4)))
    assert found == 5
    assert all((one == other).all() for one, other in zip(alone, together, strict=True))


def test_a_scene_that_could_not_be_found_is_looked_for_again(monkeypatch):
    image = np.random.default_rng(1).integers(0, 256, (72, 96, 3), np.uint8)

    def failing(_):
        raise MemoryError

    scene.forget_scene()
    with monkeypatch.context() as broken:
        broken.setattr(scene, "faces", failing)
        with pytest.raises(MemoryError):
            vary(image, strength=0.4, seed=0)
    assert vary(image, strength=0.4, seed=0).shape == image.shape


def _forgetful(image, seed):
    scene.forget_scene()
    return vary(image, strength=0.4, seed=seed)
