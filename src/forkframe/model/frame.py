"""The workspace's picture format, how a picture is cropped into it, and how seconds become frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from forkframe.errors import BadInput

ASPECTS: tuple[tuple[int, int], ...] = ((16, 9), (3, 2), (4, 3), (1, 1), (3, 4), (2, 3), (9, 16))
"""The aspects a first picture can propose."""

_DIVISOR = 16
_MIN_SIDE = 64
_MAX_SIDE = 4096
_DEFAULT_AREA = 1280 * 720


@dataclass(frozen=True, slots=True)
class Frame:
    """The workspace's picture format: `width` × `height` pixels (both divisible by 16) at `fps` frames per second."""

    width: int = 1280
    height: int = 720
    fps: Fraction = Fraction(24)

    def __post_init__(self) -> None:
        for name, side in (("width", self.width), ("height", self.height)):
            if side % _DIVISOR or not _MIN_SIDE <= side <= _MAX_SIDE:
                raise BadInput(
                    f"a frame's {name} of {side} px does not work",
                    hint=f"use a multiple of {_DIVISOR} from {_MIN_SIDE} to {_MAX_SIDE}, such as 1280x720",
                )
        check_fps(self.fps)

    @property
    def size(self) -> tuple[int, int]:
        """`(width, height)` in pixels."""
        return (self.width, self.height)

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def frames_in(self, seconds: float) -> int:
        """F = round(seconds · fps) + 1, the frames of an edge that lasts `seconds`, both ends included.

        Raises:
            BadInput: the edge would have fewer than three frames or last over ten minutes.
        """
        if not isinstance(seconds, int | float):  # pyright: ignore[reportUnnecessaryIsInstance] - a notebook says anything
            raise BadInput(f"an edge can't last {seconds!r}", hint="use a number of seconds")
        if not seconds > 0 or seconds > 600:
            raise BadInput(
                f"an edge can't last {seconds:g} s", hint="use more than 0 and at most 600 seconds"
            )
        frames = round(Fraction(seconds).limit_denominator(1_000_000) * self.fps) + 1
        if frames < 3:
            raise BadInput(
                f"an edge of {seconds:g} s has no frame between its ends at {self.fps} frames per second",
                hint=f"use at least {float(2 / self.fps):.3g} seconds",
            )
        return frames

    def seconds_of(self, frames: int) -> float:
        """How long an edge of `frames` frames lasts, in seconds: its last frame belongs to the next edge."""
        return float((frames - 1) / self.fps)


def check_fps(fps: Fraction) -> None:
    """Returns if a frame can have this many frames per second.

    Raises:
        BadInput: it can't.
    """
    if not 1 <= fps <= 240:
        raise BadInput(f"{fps} frames per second do not work", hint="use 1 to 240, such as 24 or 30000/1001")


def frame_for_picture(width: int, height: int, *, fps: Fraction = Fraction(24)) -> Frame:
    """The frame a first picture of `width` × `height` pixels proposes.

    The aspect is snapped to the nearest of `ASPECTS` (in log ratio, so 3:2 and 2:3 are treated alike), the area
    is close to 1280×720, and both sides are divisible by 16.

    >>> frame_for_picture(6000, 4000).size
    (1200, 800)
    """
    import math

    ratio = math.log(width / height)
    w, h = min(ASPECTS, key=lambda a: abs(math.log(a[0] / a[1]) - ratio))
    # The unit is the largest multiple of 16·(w, h)/gcd whose area does not exceed 1280×720 by over 5 %.
    unit = max(k for k in range(1, 64) if (16 * k * w) * (16 * k * h) <= _DEFAULT_AREA * 1.05)
    return Frame(16 * unit * w, 16 * unit * h, fps)


@dataclass(frozen=True, slots=True)
class Crop:
    """How a picture sits in the frame.

    Attributes:
        fit: `cover` fills the frame and cuts what sticks out; `contain` shows the whole picture on the
            workspace's background colour.
        focus: the point (x, y) of the upright picture, 0–1 from its top left, that `cover` keeps as near to the
            frame's centre as the picture's borders allow.
        zoom: 1 is the largest window that fits into the picture, 2 half as wide; 1–16. `contain` ignores it.
    """

    fit: Literal["cover", "contain"] = "cover"
    focus: tuple[float, float] = (0.5, 0.5)
    zoom: float = 1.0

    def __post_init__(self) -> None:
        if self.fit not in ("cover", "contain"):
            raise BadInput(f"a crop can't be {self.fit!r}", hint="use cover or contain")
        if not all(0 <= f <= 1 for f in self.focus):
            raise BadInput(
                f"a crop's focus of {self.focus} is outside the picture", hint="both go from 0 to 1"
            )
        if not 1 <= self.zoom <= 16:
            raise BadInput(f"a crop's zoom of {self.zoom:g} does not work", hint="use 1 to 16")

    def window(self, picture: tuple[int, int], aspect: float) -> tuple[float, float, float, float]:
        """The window of a picture of `(width, height)` pixels that `cover` shows in a frame of `aspect`.

        Returns:
            (x, y, width, height) in the picture's pixels, inside the picture.
        """
        pw, ph = picture
        width = min(pw, ph * aspect) / self.zoom
        height = width / aspect
        x = min(max(self.focus[0] * pw - width / 2, 0), pw - width)
        y = min(max(self.focus[1] * ph - height / 2, 0), ph - height)
        return (x, y, width, height)
