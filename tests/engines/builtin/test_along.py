"""A camera that follows a drawn line."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.builtin.along import states, views
from forkframe.engines.builtin.animate import seen
from tests.pictures import photograph

CASES = Path(__file__).parents[3] / "frontend" / "src" / "model" / "along.cases.json"
"""What the page's own camera is compared with; `python -m tests.engines.builtin.test_along` writes it."""

CORNERS = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
ROUND = [[0.5 + 0.2 * math.cos(a), 0.5 + 0.2 * math.sin(a)] for a in np.linspace(0, 6, 40)]
LINES = {
    "a bend": [[0.3, 0.5], [0.5, 0.35], [0.7, 0.6]],
    "round": ROUND,
    "there and back": [[0.3, 0.5], [0.7, 0.5], [0.3, 0.5]],
    "along the border": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]],
    "a point": [[0.6, 0.4], [0.6, 0.4]],
}
HOW = [(2.0, 0.0), (1.1, 0.0), (4.0, 30.0), (1.5, -45.0)]


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize(("zoom", "roll"), HOW)
@pytest.mark.parametrize("aspect", [16 / 9, 1.0, 0.5])
def test_it_begins_with_the_whole_picture_and_never_looks_beyond_it(
    line: list[list[float]], zoom: float, roll: float, aspect: float
) -> None:
    found, _ = views(line, frames=25, zoom=zoom, roll=roll, aspect=aspect)
    assert len(found) == 25
    assert np.allclose(found[0], [[1, 0, 0], [0, 1, 0]])
    for view in found:
        corners = CORNERS @ view[:, :2].T + view[:, 2]
        assert corners.min() >= -1e-9
        assert corners.max() <= 1 + 1e-9
        square = view[:, :2] * np.array([[1, aspect], [1 / aspect, 1]])
        assert np.allclose(square @ square.T, np.eye(2) * abs(np.linalg.det(square))), "nothing is squeezed"
    turned = math.degrees(math.atan2(found[-1][1, 0] / aspect, found[-1][0, 0]))
    assert turned == pytest.approx(roll, abs=1e-6)


@pytest.mark.parametrize("name", ["a bend", "round"])
def test_it_passes_all_points_of_the_line_in_their_order_and_ends_on_the_last_one(name: str) -> None:
    line = LINES[name]
    found = states(line, frames=240, zoom=2.5, roll=0, aspect=1.5)
    reached = [int(np.argmin(np.hypot(*(found[:, :2] - point).T))) for point in line]
    near = [float(np.hypot(*(found[at, :2] - point))) for at, point in zip(reached, line, strict=True)]
    assert max(near) < 0.05, "corners are rounded, and no more"
    assert reached == sorted(reached)
    assert found[-1, :2] == pytest.approx(line[-1])
    assert math.exp(-found[-1, 2]) == pytest.approx(2.5)


@pytest.mark.parametrize("name", ["a bend", "round"])
@pytest.mark.parametrize(("zoom", "roll"), [(2.0, 0.0), (3.0, 25.0)])
def test_it_keeps_one_speed_as_the_eye_sees_it(name: str, zoom: float, roll: float) -> None:
    found, _ = views(LINES[name], frames=73, zoom=zoom, roll=roll, aspect=1.5)
    moved = np.array([_moved(a, b) for a, b in pairwise(found)])
    assert moved.max() < 1.4 * np.median(moved)
    assert moved.min() > 0.5 * np.median(moved), "slower only in a corner"


def _moved(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """How far places move from one frame to the next, on average, in shares of the frame's width."""
    grid = np.stack(np.meshgrid(*2 * [np.linspace(0.1, 0.9, 5)]), -1).reshape(-1, 2)
    later = (grid @ a[:, :2].T + a[:, 2] - b[:, 2]) @ np.linalg.inv(b[:, :2]).T
    return float(np.hypot(*((later - grid) / [1, 1.5]).T).mean())


def test_a_line_that_no_camera_can_follow_to_the_border_is_followed_as_far_as_it_goes_and_that_is_said() -> (
    None
):
    found, notes = views(LINES["along the border"], frames=25, zoom=2, roll=0, aspect=1.5)
    assert "as far as the picture goes" in " ".join(notes)
    assert found[-1] @ [0.5, 0.5, 1] == pytest.approx([0.75, 0.75])
    assert views(LINES["a bend"], frames=25, zoom=2.5, roll=0, aspect=1.5)[1] == ()


def test_what_is_seen_at_the_end_is_that_window_of_the_picture() -> None:
    image = photograph("cat", (192, 128))
    found, _ = views([[0.5, 0.5], [0.25, 0.75]], frames=9, zoom=2, roll=0, aspect=1.5)
    assert np.array_equal(seen(image, found[0]), image)
    small = seen(image, found[-1]).reshape(64, 2, 96, 2, 3).mean((1, 3))
    assert np.abs(small - image[64:, :96]).mean() < 4


def cases() -> list[dict[str, object]]:
    """Lines with the views of five moments, to four decimals."""
    return [
        {
            "name": name,
            "line": [[round(x, 4), round(y, 4)] for x, y in line],
            "zoom": zoom,
            "roll": roll,
            "aspect": aspect,
            "states": states(
                [[round(x, 4), round(y, 4)] for x, y in line], frames=5, zoom=zoom, roll=roll, aspect=aspect
            )
            .round(4)
            .tolist(),
        }
        for name, line in LINES.items()
        for zoom, roll, aspect in ((2.0, 0.0, 1.5), (3.0, 25.0, 0.75))
    ]


def test_the_page_is_compared_with_the_camera_there_is() -> None:
    kept = json.loads(CASES.read_text())
    for one, now in zip(kept, cases(), strict=True):
        assert one.keys() == now.keys()
        assert np.allclose(one.pop("states"), now.pop("states"), atol=2e-4)
        assert one == now


if __name__ == "__main__":
    CASES.write_text(json.dumps(cases()) + "\n")
