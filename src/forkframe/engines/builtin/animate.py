"""Animate: where a camera that moves over a picture comes to rest.

A picture has no depth, so a camera can only come closer, glide and roll: what it sees in the end is a window of the
picture, and what lies on the way to it is a transition between frames of one scene.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.field import MAX_CELLS_TIMED, PACE_STEPS, Field
from forkframe.engines.builtin.sampling import pixel_grid

MOVES = ("push in", "pan left", "pan right", "tilt up", "tilt down", "roll left", "roll right")
_CLOSEST = 0.6
"""At `amount` 1 the window has lost this share of the picture's width."""
_WIDEST_ROLL = 40.0
"""Degrees at `amount` 1."""
_TOWARDS = {"pan left": (-1, 0), "pan right": (1, 0), "tilt up": (0, -1), "tilt down": (0, 1)}


def arrive(
    image: NDArray[np.uint8], *, move: str, amount: float, towards: tuple[float, float] | None = None
) -> NDArray[np.uint8]:
    """What a camera that starts on the whole picture sees at the end of a move.

    Args:
        image: `(H, W, 3)` uint8 sRGB.
        move: one of `MOVES`. Pans and tilts come closer as they go: the camera never looks beyond the picture.
        amount: 0 stays where it is, 1 goes as far as it can.
        towards: (x, y), 0–1 of width and height, what a push or a roll moves towards; None for the middle.

    Returns:
        `(H, W, 3)` uint8 sRGB.
    """
    height, width = image.shape[:2]
    return seen(image, window(move, aspect=width / height, amount=amount, towards=towards))


def seen(image: NDArray[np.uint8], view: NDArray[np.float64]) -> NDArray[np.uint8]:
    """What a camera sees of a picture `(H, W, 3)` uint8 sRGB through a `window`, in the picture's size."""
    height, width = image.shape[:2]
    # From pixels of the result to those of the picture; centres lie half a pixel in.
    unit = np.array([[1 / width, 0, 0.5 / width], [0, 1 / height, 0.5 / height], [0, 0, 1]])
    places = (np.linalg.inv(unit) @ np.vstack([view, [0, 0, 1]]) @ unit)[:2]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(image, places, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return shown.astype(np.uint8, copy=False)


def camera_field(
    height: int, width: int, *, move: str, amount: float, towards: tuple[float, float] | None = None
) -> Field:
    """The field of the way there: exact, for it is known and not measured. Arguments as in `arrive`.

    The last frame shows less than those before it, so everything switches to it as late as it can.
    """
    view = window(move, aspect=width / height, amount=amount, towards=towards)
    scale = min(1.0, math.sqrt(MAX_CELLS_TIMED / (height * width)))
    rows, columns = max(2, int(height * scale)), max(2, int(width * scale))
    half_way = (pixel_grid(rows, columns) + 0.5) / [columns, rows]
    # Half-way between its places in both pictures, x and M x + m, lies p: the place in the last is found from it.
    linear, shift = view[:, :2], view[:, 2]
    last = (half_way - shift / 2) @ np.linalg.inv((np.eye(2) + linear) / 2).T
    return Field(
        (last - half_way).astype(np.float32),
        tau=np.ones((rows, columns), np.float32),
        pace=np.linspace(0, 1, PACE_STEPS, dtype=np.float32),
    )


def window(
    move: str, *, aspect: float, amount: float, towards: tuple[float, float] | None = None
) -> NDArray[np.float64]:
    """The affine map `(2, 3)` from places in the last frame to places in the picture, all 0–1 of width and height.

    Every place of the frame lies in the picture. `aspect` is width by height.
    """
    turn = math.radians(_WIDEST_ROLL * amount) * {"roll left": -1, "roll right": 1}.get(move, 0)
    scale = largest(turn, aspect) if turn else 1 - _CLOSEST * amount
    way = _TOWARDS.get(move)
    room_x, room_y = room(scale, turn, aspect)
    x, y = (way[0] * room_x, way[1] * room_y) if way else (t - 0.5 for t in towards or (0.5, 0.5))
    return view_of(
        (0.5 + np.clip(x, -room_x, room_x), 0.5 + np.clip(y, -room_y, room_y)), scale, turn, aspect
    )


def view_of(middle: tuple[float, float], scale: float, turn: float, aspect: float) -> NDArray[np.float64]:
    """The `window` whose middle is `middle`, `scale` of the picture wide, turned by `turn` radians."""
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    linear = np.array([[cos, -sin / aspect], [sin * aspect, cos]])
    return np.column_stack([linear, np.array(middle) - linear @ [0.5, 0.5]])


def room(scale: float, turn: float, aspect: float) -> tuple[float, float]:
    """How far (x, y) the middle of a window may be from that of the picture."""
    across, down = abs(math.cos(turn)), abs(math.sin(turn))
    return 0.5 - scale * (across + down / aspect) / 2, 0.5 - scale * (across + down * aspect) / 2


def largest(turn: float, aspect: float) -> float:
    """The scale of the largest turned window that lies in the picture."""
    across, down = abs(math.cos(turn)), abs(math.sin(turn))
    return min(1 / (across + down / aspect), 1 / (across + down * aspect))
