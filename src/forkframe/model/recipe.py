"""Recipes: everything that made a result, so that the same thing is never computed twice and can always be made again."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from forkframe.errors import BadInput
from forkframe.model.codec import Json, to_json
from forkframe.model.frame import Frame
from forkframe.model.ids import PixelHash

Operation = Literal["generate", "vary", "restyle", "transition", "animate", "mix", "describe"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)

Role = Literal["first", "key", "last", "image", "style", "motion"]
"""What an input picture is for: the ends of a transition and what it passes on the way, the picture worked on, a style
reference, or the ends of another transition that is to be moved like."""
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Input:
    """A picture as fed to an engine: its pixels' hash, what it is for, and how much it counts (> 0).

    Of a picture that a transition passes (`key`) the weight is the moment, a share of the whole time.
    """

    role: Role
    pixels: PixelHash
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.weight < math.inf:
            raise BadInput(
                f"a picture can't weigh {self.weight}", hint="use weights above 0, such as 0.7 and 0.3"
            )
        object.__setattr__(self, "weight", float(self.weight))  # 2 and 2.0 are one recipe


@dataclass(frozen=True)
class Recipe:
    """One request to an engine, complete.

    Attributes:
        operation: what was asked for.
        algorithm: engine, operation and the version of the method, `builtin.vary@3`.
        schema: version of the parameters' schema.
        parameters: every parameter with its value, defaults filled in.
        inputs: the pictures as fed, in order.
        frame: the format of the result.
        frames: how many frames; 1 for a picture.
        seed: always recorded, also where it was a default.
        roll: 0, 1, 2 … tells re-rolls apart where everything else is equal.
    """

    operation: Operation
    algorithm: str
    schema: int
    parameters: Mapping[str, object]
    inputs: tuple[Input, ...]
    frame: Frame
    frames: int
    seed: int
    roll: int = 0

    @property
    def engine(self) -> str:
        """The name of the engine."""
        return self.algorithm.split(".", 1)[0]

    @cached_property
    def content_key(self) -> str:
        """SHA-256 of the canonical JSON of the whole recipe, 64 hexadecimal digits."""
        return _digest(to_json(self))


def default_seed(inputs: tuple[Input, ...], roll: int) -> int:
    """The seed (0 … 2³¹−1) of a request that names none: a function of its pictures, and one more with each roll.

    Engines may lay out results of consecutive seeds far apart.
    """
    return (int(_digest([to_json(inputs), 0])[:8], 16) + roll) & 0x7FFF_FFFF


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
