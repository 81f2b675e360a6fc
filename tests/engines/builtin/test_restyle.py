import numpy as np
import pytest

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.looks import LOOKS, MOST
from forkframe.engines.builtin.prompt import Prompt, parse_prompt
from forkframe.engines.builtin.restyle import restyle_by_prompt, restyle_like
from forkframe.errors import BadParameter
from tests.pictures import photograph

CAT = photograph("cat", (160, 96))
COFFEE = photograph("coffee", (200, 120))
ROCKET = photograph("rocket", (160, 96))


def colour_distance(a, b):
    """How far apart two pictures' palettes are: mean and deviation in Lab."""
    means, spreads = ([getattr(to_lab(i), m)((0, 1)) for i in (a, b)] for m in ("mean", "std"))
    return float(np.abs(means[0] - means[1]).sum() + np.abs(spreads[0] - spreads[1]).sum())


@pytest.mark.parametrize(
    ("text", "looks", "unknown"),
    [
        ("evening", (("evening", 1.0),), ()),
        ("at golden hour, in the style of a watercolor", (("evening", 1.0), ("watercolour", 1.0)), ()),
        ("slightly foggy evening", (("evening", 1.0), ("fog", 0.5)), ()),
        ("Very snowy NIGHT!", (("night", 1.0), ("snow", MOST)), ()),
        ("fog, just a little", (("fog", 0.5),), ()),
        ("fog just a little", (("fog", 0.5),), ()),
        ("golden evening light", (("evening", 1.0),), ("light",)),
        ("light snow", (("snow", 0.5),), ()),
        ("film noir", (("noir", 1.0), ("grain", 0.45)), ()),
        ("black and white, no grain", (("noir", 1.0),), ()),
        ("vintage without grain but with snow", (("snow", 1.0), ("vintage", 1.0)), ()),
        ("oil painting of dragons in Venice", (("oil", 1.0),), ("dragons", "venice")),
    ],
)
def test_prompts_are_read(text, looks, unknown):
    assert parse_prompt(text) == Prompt(looks, unknown)


def test_every_word_of_every_look_asks_for_it():
    for name, look in LOOKS.items():
        for word in (name, *look.words):
            assert name in dict(parse_prompt(word).looks), word


@pytest.mark.parametrize("text", ["", "cubist dragons", "no fog"])
def test_a_prompt_that_asks_for_no_look_is_refused_and_told_which_there_are(text):
    with pytest.raises(BadParameter) as caught:
        parse_prompt(text)
    assert all(name in caught.value.hint for name in LOOKS)


def test_notes_say_what_was_used_and_what_was_not_understood():
    result = restyle_by_prompt(CAT, prompt="slightly foggy evening with dragons", strength=0.8, seed=1)
    assert result.notes == (
        "looks used: evening 100 %, fog 50 %",
        "not understood, so without effect: dragons",
    )
    assert result.image.shape == CAT.shape


def test_restyling_by_prompt_at_strength_0_leaves_the_picture_alone():
    assert np.array_equal(restyle_by_prompt(CAT, prompt="night", strength=0, seed=1).image, CAT)


def test_looks_are_applied_one_on_the_other():
    both = restyle_by_prompt(CAT, prompt="night pencil", strength=1, seed=1).image
    night = LOOKS["night"].draw(CAT, 1, 1.0)
    assert np.array_equal(both, LOOKS["pencil"].draw(night, 1, 1.0))


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


def test_the_same_request_gives_the_same_bytes():
    first, again = (restyle_like(CAT, [(ROCKET, 1.0)], strength=0.8, texture=0.5, seed=4) for _ in range(2))
    assert np.array_equal(first, again)


def test_references_without_weight_are_refused():
    with pytest.raises(BadParameter):
        restyle_like(CAT, [(COFFEE, 0.0)], strength=1, seed=1)
