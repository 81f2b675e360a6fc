"""Recipes' content keys, ids, and the arithmetic of frames."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.errors import BadInput
from forkframe.model import ids
from forkframe.model.codec import from_json, to_json
from forkframe.model.frame import ASPECTS, Crop, Frame, frame_for_picture
from forkframe.model.recipe import Input, Recipe, default_seed
from tests.model.build import pixels, recipe

NEW = {
    "n": ids.new_node_id,
    "e": ids.new_edge_id,
    "t": ids.new_take_id,
    "r": ids.new_rendering_id,
    "b": ids.new_board_id,
    "s": ids.new_sequence_id,
    "o": ids.new_op_id,
}


def test_the_content_key_of_a_known_recipe_never_changes() -> None:
    """Or results computed by earlier versions would be computed, and paid for, again."""
    assert recipe().content_key == "07fe0cb26baf9acd75bb91149b6269cc3c4c30437b969c7a2fa4470c4c98a66e"


def test_every_part_of_a_recipe_counts_for_its_content_key() -> None:
    base = recipe()
    others = [
        dataclasses.replace(base, operation="mix"),
        dataclasses.replace(base, algorithm="fake.transition@2"),
        dataclasses.replace(base, schema=2),
        dataclasses.replace(base, parameters={}),
        dataclasses.replace(base, inputs=base.inputs[::-1]),
        dataclasses.replace(base, frame=Frame(fps=Fraction(25))),
        dataclasses.replace(base, frames=26),
        dataclasses.replace(base, seed=1),
        dataclasses.replace(base, roll=1),
    ]
    assert len({r.content_key for r in [base, *others]}) == 1 + len(others)


def test_the_content_key_does_not_depend_on_the_order_of_parameters_or_on_how_they_were_stored() -> None:
    base = recipe()
    turned = dataclasses.replace(base, parameters=dict(list(base.parameters.items())[::-1]))
    assert turned.content_key == base.content_key
    assert from_json(Recipe, to_json(base)).content_key == base.content_key


def test_a_prompt_with_half_a_character_has_a_content_key_too() -> None:
    assert dataclasses.replace(recipe(), parameters={"prompt": "\ud83c"}).content_key


def test_a_default_seed_follows_from_pictures_and_roll_and_fits_31_bits() -> None:
    inputs = (Input("image", pixels(1)),)
    seeds = [default_seed(inputs, roll) for roll in range(50)]
    assert seeds == [default_seed(inputs, roll) for roll in range(50)]
    assert len(set(seeds)) == 50
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert default_seed((Input("image", pixels(2)),), 0) != seeds[0]


@pytest.mark.parametrize("letter", NEW)
def test_an_id_is_its_letter_and_ten_crockford_characters(letter: str) -> None:
    made = {NEW[letter]() for _ in range(200)}
    assert len(made) == 200
    for key in made:
        assert re.fullmatch(letter + "[0-9a-hjkmnp-tv-z]{10}", key)
        assert ids.is_id(key, letter)
        assert not ids.is_id(key, "x")
        assert not ids.is_id(key[:-1], letter)
        assert not ids.is_id(key[:-1] + "u", letter)


@given(
    aspect=st.sampled_from(ASPECTS),
    scale=st.integers(100, 4000),
    skew=st.floats(0.98, 1.02),
)
def test_a_first_picture_proposes_the_aspect_it_is_nearest_to(
    aspect: tuple[int, int], scale: int, skew: float
) -> None:
    frame = frame_for_picture(round(aspect[0] * scale * skew), aspect[1] * scale)
    assert frame.width * aspect[1] == frame.height * aspect[0]
    assert frame.width % 16 == frame.height % 16 == 0
    assert 0.6 * 1280 * 720 <= frame.width * frame.height <= 1.05 * 1280 * 720


@given(width=st.integers(1, 20_000), height=st.integers(1, 20_000))
def test_any_picture_proposes_a_frame_and_its_portrait_the_same_turned(width: int, height: int) -> None:
    frame, turned = frame_for_picture(width, height), frame_for_picture(height, width)
    assert turned.size == frame.size[::-1]


def test_the_default_frame_is_what_a_widescreen_picture_proposes() -> None:
    assert frame_for_picture(1920, 1080) == Frame() == Frame(1280, 720, Fraction(24))


@given(seconds=st.floats(0.5, 590), fps=st.fractions(5, 240, max_denominator=1001))
def test_an_edge_has_one_frame_more_than_its_seconds_and_lasts_as_asked(
    seconds: float, fps: Fraction
) -> None:
    frame = Frame(fps=fps)
    frames = frame.frames_in(seconds)
    assert frame.seconds_of(frames) == pytest.approx(seconds, abs=float(1 / fps))
    assert frame.frames_in(frame.seconds_of(frames)) == frames


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"), [(2, 24, 49), (1, Fraction(30000, 1001), 31), (0.1, 24, 3)]
)
def test_seconds_become_frames(seconds: float, fps: int | Fraction, frames: int) -> None:
    assert Frame(fps=Fraction(fps)).frames_in(seconds) == frames


@pytest.mark.parametrize("seconds", [0, -1, 0.04, 601, float("nan"), float("inf")])
def test_an_edge_of_impossible_length_is_refused_with_a_hint(seconds: float) -> None:
    with pytest.raises(BadInput) as refusal:
        Frame().frames_in(seconds)
    assert refusal.value.hint


@pytest.mark.parametrize("size", [(0, 720), (1281, 720), (1280, 8192), (-16, 64), (48, 64)])
def test_a_frame_of_impossible_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match="px does not work"):
        Frame(*size)


@given(
    picture=st.tuples(st.integers(1, 9000), st.integers(1, 9000)),
    focus=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    zoom=st.floats(1, 16),
    aspect=st.floats(0.25, 4),
)
def test_a_crop_shows_a_window_of_the_frames_aspect_inside_the_picture(
    picture: tuple[int, int], focus: tuple[float, float], zoom: float, aspect: float
) -> None:
    x, y, width, height = Crop(focus=focus, zoom=zoom).window(picture, aspect)
    assert width / height == pytest.approx(aspect)
    assert -1e-6 <= x <= picture[0] - width + 1e-6
    assert -1e-6 <= y <= picture[1] - height + 1e-6
    wide, high = Crop().window(picture, aspect)[2:]
    assert (width * zoom, height * zoom) == pytest.approx((wide, high))
    assert wide == pytest.approx(picture[0]) or high == pytest.approx(picture[1])


def test_a_crop_keeps_its_focus_in_the_middle_where_the_picture_allows() -> None:
    assert Crop(focus=(0.5, 0.25), zoom=4.0).window((400, 400), 1.0) == (150.0, 50.0, 100.0, 100.0)
    assert Crop(focus=(0.0, 1.0), zoom=4.0).window((400, 400), 1.0) == (0.0, 300.0, 100.0, 100.0)
