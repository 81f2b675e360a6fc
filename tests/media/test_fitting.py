"""Promises of bringing pictures into the frame, and of our own PNGs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkframe.errors import OutputFailed, UnreadablePicture
from forkframe.media import (
    fit_picture,
    pixel_hash,
    png_text,
    read_picture,
    read_png,
    salient_focus,
    thumbnail,
    write_png,
)
from forkframe.model.frame import Crop
from tests.pictures import PHOTOGRAPHS, photograph

GREY = (40, 40, 40)


def test_cover_shows_the_window_of_the_crop() -> None:
    picture = np.zeros((60, 200, 3), np.uint8)
    picture[:, 100:] = 255

    left = fit_picture(picture, Crop(focus=(0.0, 0.5)), size=(48, 48))
    right = fit_picture(picture, Crop(focus=(1.0, 0.5)), size=(48, 48))
    zoomed = fit_picture(picture, Crop(focus=(0.5, 0.5), zoom=4), size=(48, 48))

    assert (left == 0).all()
    assert (right == 255).all()
    assert (zoomed[:, :14] == 0).all()
    assert (zoomed[:, 34:] == 255).all()


def test_contain_shows_all_of_the_picture_on_the_background() -> None:
    framed = fit_picture(
        np.full((50, 100, 3), 200, np.uint8), Crop("contain"), size=(64, 64), background=(1, 2, 3)
    )

    assert (framed[16:48] == 200).all()
    assert (framed[:16] == (1, 2, 3)).all()
    assert (framed[48:] == (1, 2, 3)).all()


def test_alpha_is_flattened_without_a_fringe() -> None:
    picture = np.zeros((90, 90, 4), np.uint8)
    picture[..., 1] = 255  # green hides under the transparent part
    picture[30:60, 30:60] = (200, 50, 50, 255)

    framed = fit_picture(picture, Crop(), size=(64, 64), background=GREY)

    assert (framed[0, 0] == GREY).all()
    assert (framed[32, 32] == (200, 50, 50)).all()
    assert (
        framed[..., 1].max() <= 60
    )  # Lanczos overshoots a little; a fringe of the hidden green would reach far higher


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    frame=st.sampled_from([(64, 64), (128, 64), (64, 112)]),
    crop=st.builds(
        Crop,
        st.sampled_from(["cover", "contain"]),
        st.tuples(st.floats(0, 1), st.floats(0, 1)),
        st.floats(1, 16),
    ),
    channels=st.sampled_from([3, 4]),
)
def test_any_picture_fits_any_frame_and_an_even_one_stays_even(
    size: tuple[int, int], frame: tuple[int, int], crop: Crop, channels: int
) -> None:
    picture = np.full((size[1], size[0], channels), 77, np.uint8)
    picture[..., 3:] = 255

    framed = fit_picture(picture, crop, size=frame, background=(77, 77, 77))

    assert framed.shape == (frame[1], frame[0], 3)
    assert (framed == 77).all()


def test_the_focus_keeps_the_subject_in_the_frame() -> None:
    picture = np.full((90, 300, 3), 90, np.uint8)
    picture[30:60, 240:270] = (220, 40, 40)

    x, y = salient_focus(picture, 1.0)
    crop_x, _, width, _ = Crop(focus=(x, y)).window((300, 90), 1.0)

    assert crop_x <= 240
    assert crop_x + width >= 270
    assert 0.4 <= y <= 0.6


def test_the_focus_of_a_tall_picture_moves_up_and_down() -> None:
    picture = np.full((400, 100, 3), 90, np.uint8)
    picture[20:60, 40:60] = (250, 250, 40)

    _, y = salient_focus(picture, 16 / 9)
    _, top, _, height = Crop(focus=(0.5, y)).window((100, 400), 16 / 9)

    assert top <= 20
    assert top + height >= 60


def test_the_focus_keeps_the_face_of_a_portrait_cut_to_a_wide_frame() -> None:
    x, y = salient_focus(photograph("astronaut", (512, 512)), 16 / 9)

    _, top, _, _ = Crop(focus=(x, y)).window((512, 512), 16 / 9)

    assert top < 90  # eyes at 115, chin at 175


def test_an_even_or_empty_picture_is_focused_in_the_middle() -> None:
    assert salient_focus(np.full((90, 200, 3), 90, np.uint8), 1.0) == (0.5, 0.5)
    assert salient_focus(np.zeros((90, 200, 4), np.uint8), 1.0) == (0.5, 0.5)
    assert salient_focus(np.zeros((1, 1, 3), np.uint8), 1.0) == (0.5, 0.5)


def test_thumbnails_keep_aspect_and_channels_and_never_grow() -> None:
    assert thumbnail(np.zeros((300, 600, 3), np.uint8), 120).shape == (60, 120, 3)
    assert thumbnail(np.zeros((300, 10, 4), np.uint8), 30).shape == (30, 1, 4)
    assert thumbnail(np.zeros((20, 10, 3), np.uint8), 30).shape == (20, 10, 3)


@pytest.mark.parametrize("channels", [3, 4])
def test_a_png_keeps_every_value_and_its_texts(tmp_path: Path, channels: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30, channels), dtype=np.uint8)
    told = {"forkframe.recipe": '{"prompt": "Dämmerung 夕暮れ"}', "Software": "Forkframe"}

    write_png(pixels, tmp_path / "p.png", text=told)
    write_png(pixels, tmp_path / "q.png", text=told)

    assert (read_png(tmp_path / "p.png") == pixels).all()
    assert png_text(tmp_path / "p.png") == told
    assert (tmp_path / "p.png").read_bytes() == (tmp_path / "q.png").read_bytes()


def test_a_png_in_a_folders_place_or_a_damaged_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match="there is a folder of that name"):
        write_png(np.zeros((2, 2, 3), np.uint8), tmp_path)
    (tmp_path / "p.png").write_bytes(b"no")
    with pytest.raises(UnreadablePicture, match=r"p\.png can't be read"):
        read_png(tmp_path / "p.png")
    with pytest.raises(UnreadablePicture, match=r"gone\.png can't be read"):
        png_text(tmp_path / "gone.png")


def test_the_pixel_hash_is_of_values_and_shape_and_stays_what_it_is() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)

    assert pixel_hash(pixels) == pixel_hash(np.asfortranarray(pixels)) == pixel_hash(pixels.copy())
    assert pixel_hash(pixels) != pixel_hash(pixels.reshape(4, 2, 3))
    # Stored in recipes: if this changes, everything ever rendered is rendered again.
    assert pixel_hash(pixels) == "e860ca64529aad9a88d59452ad5498f8f034cfb2a714da61e691389397e175bd"


def test_a_portrait_keeps_its_head_in_a_wide_frame() -> None:
    pixels = read_picture(PHOTOGRAPHS / "astronaut.jpg").pixels
    x, y, width, height = Crop(focus=salient_focus(pixels, 16 / 9)).window((512, 512), 16 / 9)
    assert y < 0.1 * 512, "the face reaches from .13 to .32 of the height"
    assert (x, width) == (0, 512)
    assert y + height > 0.35 * 512
