import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.palette import apply_palette, palette_table


def cloud(seed: int, centre: tuple[float, float, float]) -> NDArray[np.float32]:
    """A Lab picture of colours scattered around `centre`."""
    spread = np.random.default_rng(seed).standard_normal((64, 64, 3)) * 0.05
    return (spread + centre).astype(np.float32)


def test_every_srgb_colour_survives_lab_to_within_one_level() -> None:
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    every = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
    assert np.abs(to_srgb(to_lab(every)).astype(int) - every).max() <= 1


def test_lab_is_divided_by_a_hundred() -> None:
    white, red = to_lab(np.array([[[255, 255, 255], [255, 0, 0]]], np.uint8))[0]
    np.testing.assert_allclose(white, (1, 0, 0), atol=1e-3)
    np.testing.assert_allclose(red, (0.532, 0.801, 0.672), atol=2e-3)  # CIE Lab of the sRGB primary, D65


def test_a_palette_carries_one_cloud_of_colours_onto_another() -> None:
    a, b = cloud(1, (0.4, 0.3, 0.2)), cloud(2, (0.6, -0.2, 0.1))
    moved = apply_palette(a, palette_table(a, b, seed=0))
    np.testing.assert_allclose(moved.mean((0, 1)), b.mean((0, 1)), atol=0.02)


@pytest.mark.parametrize("amount", [0.0, 0.5])
def test_the_amount_is_the_share_of_the_way(amount: float) -> None:
    a, b = cloud(1, (0.4, 0.3, 0.2)), cloud(2, (0.6, -0.2, 0.1))
    table = palette_table(a, b, seed=0)
    expected = a + amount * (apply_palette(a, table) - a)
    np.testing.assert_allclose(apply_palette(a, table, amount), expected, atol=1e-6)


def test_a_palette_of_its_own_leaves_a_picture_nearly_alone() -> None:
    a = cloud(1, (0.5, 0.1, 0.1))
    assert np.abs(apply_palette(a, palette_table(a, a, seed=0)) - a).mean() < 0.01


def test_a_table_depends_on_its_pictures_and_seed_alone() -> None:
    a, b = cloud(1, (0.4, 0.3, 0.2)), cloud(2, (0.6, -0.2, 0.1))
    table = palette_table(a, b, seed=5)
    assert (table == palette_table(a, b, seed=5)).all()
    assert (table != palette_table(a, b, seed=6)).any()
    assert table.shape == (17, 17, 17, 3)
    assert table.dtype == np.float32
