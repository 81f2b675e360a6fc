from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.looks import LOOKS, Subject
from forkframe.engines.builtin.restyle import restyle_by_prompt, restyle_like
from forkframe.engines.builtin.transition import prepare
from forkframe.errors import BadParameter
from tests.pictures import photograph

CAT = photograph("cat", (160, 96))
COFFEE = photograph("coffee", (200, 120))
ROCKET = photograph("rocket", (160, 96))


def colour_distance(a, b):
    """How far apart two pictures' palettes are: mean and deviation in Lab."""
    means, spreads = ([getattr(to_lab(i), m)((0, 1)) for i in (a, b)] for m in ("mean", "std"))
    return float(np.abs(means[0] - means[1]).sum() + np.abs(spreads[0] - spreads[1]).sum())


def test_notes_say_what_was_used_and_what_was_not_understood():
    result = restyle_by_prompt(CAT, prompt="slightly foggy evening with dragons", strength=0.8, seed=1)
    assert result.notes == (
        "looks used: evening 80 %, fog 40 %",
        "not understood, so without effect: dragons",
    )
    assert result.image.shape == CAT.shape


def test_restyling_by_prompt_at_strength_0_leaves_the_picture_alone():
    result = restyle_by_prompt(CAT, prompt="night, much colder", strength=0, seed=1)
    assert np.array_equal(result.image, CAT)
    assert result.notes == ("strength 0: the picture was left as it is",)


def test_words_of_grading_alone_restyle():
    result = restyle_by_prompt(CAT, prompt="much colder", strength=1, seed=1)
    assert to_lab(result.image)[..., 2].mean() < to_lab(CAT)[..., 2].mean() - 0.05
    assert result.notes == ("graded: colder 100 %",)


def test_looks_are_applied_one_on_the_other():
    both = restyle_by_prompt(CAT, prompt="night pencil", strength=1, seed=1).image
    night = LOOKS["night"].draw(CAT, 1, 1.0)
    assert np.array_equal(both, LOOKS["pencil"].draw(night, 1, 1.0, scene=Subject(CAT, 1)))


def test_restyling_like_a_picture_takes_on_its_palette():
    restyled = restyle_like(CAT, [(COFFEE, 1.0)], strength=1.0, seed=1)
    assert colour_distance(restyled, COFFEE) < 0.4 * colour_distance(CAT, COFFEE)
    assert np.corrcoef(to_lab(restyled)[..., 0].ravel(), to_lab(CAT)[..., 0].ravel())[0, 1] > 0.85


def test_strength_0_keeps_the_colours():
    assert np.abs(restyle_like(CAT, [(COFFEE, 1.0)], strength=0, seed=1).astype(int) - CAT).max() <= 1


def test_the_heavier_reference_has_more_to_say():
    mostly_rocket = restyle_like(CAT, [(COFFEE, 0.1), (ROCKET, 1.0)], strength=1.0, seed=1)
    mostly_coffee = restyle_like(CAT, [(COFFEE, 1.0), (ROCKET, 0.1)], strength=1.0, seed=1)
    assert colour_distance(mostly_rocket, ROCKET) < colour_distance(mostly_coffee, ROCKET)
    assert colour_distance(mostly_coffee, COFFEE) < colour_distance(mostly_rocket, COFFEE)


def test_texture_leaves_the_content_step_by_step():
    def content_kept(texture):
        result = restyle_like(CAT, [(COFFEE, 1.0), (ROCKET, 0.5)], strength=1.0, texture=texture, seed=1)
        return float(np.corrcoef(to_lab(result)[..., 0].ravel(), to_lab(CAT)[..., 0].ravel())[0, 1])

    some, much = content_kept(0.3), content_kept(1.0)
    assert 0.4 < much < some


def test_texture_keeps_the_small_features_of_a_face():
    face = photograph("astronaut", (256, 256))
    region = np.s_[10:110, 80:180]
    coloured, painted = (
        to_lab(restyle_like(face, [(photograph("coffee", (256, 256)), 1.0)], strength=1, texture=t, seed=1))
        for t in (0, 0.6)
    )
    fine = [
        cv2.GaussianBlur(p[..., 0], (0, 0), 1) - cv2.GaussianBlur(p[..., 0], (0, 0), 5)
        for p in (coloured, painted)
    ]
    assert np.corrcoef(fine[0][region].ravel(), fine[1][region].ravel())[0, 1] > 0.75
    assert np.abs(painted - coloured).mean() > 0.01, "patches took the rest"


def test_the_same_request_gives_the_same_bytes():
    first, again = (restyle_like(CAT, [(ROCKET, 1.0)], strength=0.8, texture=0.5, seed=4) for _ in range(2))
    assert np.array_equal(first, again)


def test_references_without_weight_are_refused():
    with pytest.raises(BadParameter):
        restyle_like(CAT, [(COFFEE, 0.0)], strength=1, seed=1)


@pytest.mark.parametrize("palette", ["on", "off"])
@pytest.mark.parametrize("prompt", ["evening", "pencil", "film noir"])
def test_a_restyled_edge_moves_as_its_source_does_and_ends_in_its_restyled_ends(prompt, palette):
    ends = [photograph(name, (160, 96)) for name in ("cat", "coffee")]
    styled = [restyle_by_prompt(end, prompt=prompt, strength=1, seed=1).image for end in ends]
    field = prepare(*ends, seed=1, palette=palette)
    carried = prepare(*styled, seed=1, palette=palette, motion=(ends[0], ends[1]))
    for plane in ("v", "tau"):
        assert np.array_equal(getattr(carried, plane), getattr(field, plane))
    assert (carried.palettes is None) == (palette == "off")
    drawer = Drawer(*styled, carried)
    assert all(np.array_equal(drawer.frame(t), end) for t, end in zip((0, 1), styled, strict=True))
    assert type(carried).from_bytes(carried.to_bytes()).to_bytes() == carried.to_bytes()


def test_a_restyled_edge_is_as_steady_as_its_source():
    ends = [photograph(name, (160, 96)) for name in ("cat", "coffee")]
    styled = [restyle_by_prompt(end, prompt="grain", strength=1, seed=1).image for end in ends]
    field, carried = prepare(*ends, seed=1), prepare(*styled, seed=1, motion=(ends[0], ends[1]))

    def wavering(pair, pair_field):
        """How much longer a way the colours of a place go than they have to, while the field stands still."""
        drawer = Drawer(*pair, pair_field)
        frames = [drawer.frame_at(index, 17).astype(float) for index in range(17)]
        way = sum(difference(a, b) for a, b in pairwise(frames))
        return way / difference(frames[0], frames[-1])

    def still(of):
        return replace(of, v=np.zeros_like(of.v))

    ratio = wavering(styled, still(carried)) / wavering(ends, still(field))
    assert ratio < 1.15


def difference(a, b):
    return float(np.abs(a - b).mean())
