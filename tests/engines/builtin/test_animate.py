"""A camera that moves over a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from forkframe.engines.builtin.animate import MOVES, arrive, camera_field, window
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.engine import BuiltinEngine
from forkframe.engines.builtin.field import Field
from tests.pictures import photograph

CAT = photograph("cat", (192, 112))
CORNERS = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("amount", [0.1, 0.4, 1.0])
@pytest.mark.parametrize("aspect", [16 / 9, 1.0, 0.5])
@pytest.mark.parametrize("towards", [None, (0.0, 1.0), (0.9, 0.2)])
def test_a_camera_never_looks_beyond_the_picture(
    move: str, amount: float, aspect: float, towards: tuple[float, float] | None
) -> None:
    view = window(move, aspect=aspect, amount=amount, towards=towards)
    corners = CORNERS @ view[:, :2].T + view[:, 2]
    assert corners.min() >= -1e-9
    assert corners.max() <= 1 + 1e-9
    # Nothing is squeezed: the same scale in both directions, in pixels.
    square = view[:, :2] * np.array([[1, aspect], [1 / aspect, 1]])
    assert np.allclose(square @ square.T, np.eye(2) * abs(np.linalg.det(square)))


@pytest.mark.parametrize("move", MOVES)
def test_a_move_of_nothing_stays_where_it_is(move: str) -> None:
    assert np.array_equal(arrive(CAT, move=move, amount=0), CAT)


def test_a_pan_arrives_at_the_edge_it_goes_to_and_a_push_where_it_was_pointed() -> None:
    left = window("pan left", aspect=1.5, amount=0.5)
    assert left[0, 2] == pytest.approx(0)
    assert (left @ [0.5, 0.5, 1])[1] == pytest.approx(0.5)
    push = window("push in", aspect=1.5, amount=0.5, towards=(0.6, 0.4))
    assert push @ [0.5, 0.5, 1] == pytest.approx([0.6, 0.4])
    assert np.linalg.det(push[:, :2]) == pytest.approx(0.7**2)


def test_what_is_seen_is_that_window_of_the_picture() -> None:
    height, width = CAT.shape[:2]
    seen = arrive(CAT, move="push in", amount=0.5 / 0.6)
    inner = CAT[height // 4 : -(height // 4), width // 4 : -(width // 4)]
    small = seen.reshape(height // 2, 2, width // 2, 2, 3).mean((1, 3))
    assert np.abs(small - inner).mean() < 4


@pytest.mark.parametrize("move", MOVES)
def test_every_moment_of_the_way_is_a_sharp_view_of_the_picture(move: str) -> None:
    image = photograph("coffee", (384, 216))
    how: dict[str, object] = {"move": move, "amount": 0.5}
    last = arrive(image, **how)  # type: ignore[arg-type]
    field = Field.from_bytes(camera_field(216, 384, **how).to_bytes())  # type: ignore[arg-type]
    drawn = Drawer(image, last, field).frame(0.5)
    # Half-way, each place has come half of its way; the middle of the frame has too.
    view = window(move, aspect=384 / 216, amount=0.5)
    half_way = np.linalg.inv(np.eye(2) + view[:, :2]) * 2
    linear = view[:, :2] @ half_way
    places = np.column_stack([linear, view[:, 2] - linear @ (view[:, 2] / 2)])
    unit = np.array([[1 / 384, 0, 0.5 / 384], [0, 1 / 216, 0.5 / 216], [0, 0, 1]])
    affine = (np.linalg.inv(unit) @ np.vstack([places, [0, 0, 1]]) @ unit)[:2]
    true = cv2.warpAffine(image, affine, (384, 216), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    error = np.abs(drawn[8:-8, 8:-8].astype(float) - true[8:-8, 8:-8])
    assert error.mean() < 2.5


def test_the_moves_that_the_card_offers_are_those_there_are() -> None:
    properties = BuiltinEngine().card().operation("animate").schema.json_schema()["properties"]
    assert tuple(properties["camera"]["enum"]) == (*MOVES, "along a line")  # type: ignore[index]
