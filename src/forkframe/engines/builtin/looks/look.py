"""What a look is, and the picture it is given to work on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.looks.filters import Floats

Family = Literal["light", "weather", "film", "paint", "line"]
MOST = 1.25
"""The largest amount of a look: beyond its full effect by a quarter of the way there."""


@dataclass(frozen=True, eq=False)
class Subject:
    """The picture a look is painted from.

    Attributes:
        image: `(H, W, 3)` uint8 sRGB.
        seed: decides where flakes fall and strokes run.
    """

    image: NDArray[np.uint8]
    seed: int

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.image.shape[0], self.image.shape[1]

    @property
    def scale(self) -> float:
        """Pixels per unit of length: all lengths in looks are for a short side of 512."""
        return min(self.size) / 512

    @cached_property
    def rgb(self) -> NDArray[np.float32]:
        """`(H, W, 3)` float32 sRGB, 0–1."""
        return np.multiply(self.image, np.float32(1 / 255), dtype=np.float32)

    @cached_property
    def lab(self) -> NDArray[np.float32]:
        """`(H, W, 3)` float32 Lab divided by 100."""
        return to_lab(self.image)

    def stream(self, number: int) -> np.random.Generator:
        """The subject's random numbers, number by number independent."""
        return np.random.default_rng([self.seed, 0x10005, number])


Painter = Callable[[Subject], Floats]
"""Gives `(H, W, 3)` sRGB, 0–1, from a subject; what lies outside is clipped."""


@dataclass(frozen=True, slots=True)
class Look:
    """A named way to paint a picture anew.

    Attributes:
        name: as prompts and people write it.
        family: looks are applied in the families' order.
        words: other words that ask for it, in lower case; several words joined by blanks are one.
        painter: paints the full effect.
        brings: looks that come along unless the prompt forbids them, with their amounts.
    """

    name: str
    family: Family
    words: tuple[str, ...]
    painter: Painter
    brings: Mapping[str, float] = field(default_factory=dict[str, float])

    def draw(self, image: NDArray[np.uint8], seed: int, amount: float) -> NDArray[np.uint8]:
        """The picture in this look.

        Args:
            image: `(H, W, 3)` uint8 sRGB.
            seed: decides what is left to chance.
            amount: 0 leaves the picture as it is, 1 is the full effect; at most `MOST`.

        Returns:
            `(H, W, 3)` uint8 sRGB.
        """
        subject = Subject(image, seed)
        painted = subject.rgb + np.float32(amount) * (self.painter(subject) - subject.rgb)
        return np.clip(np.rint(painted * 255), 0, 255).astype(np.uint8)
