"""What a look is, and the picture it is given to work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.catalogue import Entry, Family
from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.looks.filters import Floats
from forkframe.engines.builtin.looks.sky import sky_mask

__all__ = ["Family", "Look", "Painter", "Subject"]


@dataclass(frozen=True, eq=False)
class Subject:
    """The picture a look is painted from.

    Attributes:
        image: `(H, W, 3)` uint8 sRGB.
        seed: decides where flakes fall and strokes run.
        scene: what was photographed, of the same size, when `image` already wears other looks: a sky that an evening
            has turned orange is found there. None when `image` is it.
    """

    image: NDArray[np.uint8]
    seed: int
    scene: Subject | None = None

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

    @cached_property
    def lightness(self) -> NDArray[np.float32]:
        """The first plane of `lab`, `(H, W)`, on its own."""
        return np.ascontiguousarray(self.lab[..., 0])

    @cached_property
    def sky(self) -> NDArray[np.float32]:
        """How much each place is sky, `(H, W, 1)` float32, 0–1."""
        return self.scene.sky if self.scene else sky_mask(self.lab)

    def stream(self, number: int) -> np.random.Generator:
        """The subject's random numbers, number by number independent."""
        return np.random.default_rng([self.seed, 0x10005, number])


Painter = Callable[[Subject], Floats]
"""Gives `(H, W, 3)` sRGB, 0–1, from a subject; what lies outside is clipped."""


@dataclass(frozen=True, slots=True)
class Look:
    """A named way to paint a picture anew.

    Attributes:
        entry: what it is called.
        painter: paints the full effect.
    """

    entry: Entry
    painter: Painter

    def draw(
        self, image: NDArray[np.uint8], seed: int, amount: float, *, scene: Subject | None = None
    ) -> NDArray[np.uint8]:
        """The picture in this look.

        Args:
            image: `(H, W, 3)` uint8 sRGB.
            seed: decides what is left to chance.
            amount: 0 leaves the picture as it is, 1 is the full effect; at most `catalogue.MOST`.
            scene: the picture before it wore any look, when it wears some; see `Subject`.

        Returns:
            `(H, W, 3)` uint8 sRGB.
        """
        if amount <= 0:
            return image.copy()
        subject = Subject(image, seed, scene)
        painted = subject.rgb + np.float32(amount) * (self.painter(subject) - subject.rgb)
        return np.clip(np.rint(painted * 255), 0, 255).astype(np.uint8)
