"""What tests of hosted engines share: which provider belongs to which, a context, recipes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.engines.hosted import FalEngine, LumaEngine, RunwayEngine
from forkframe.engines.hosted.order import Hosted
from forkframe.engines.protocol import Progress
from forkframe.media.png import pixel_hash
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Operation, Recipe
from tests.engines.contract import FRAME, PICTURES, TestContext
from tests.engines.test_fakepaid import MemoryRemote
from tests.hosted.fal import PretendedFal
from tests.hosted.luma import PretendedLuma
from tests.hosted.provider import PretendedProvider
from tests.hosted.runway import PretendedRunway

Kind = tuple[type[PretendedProvider], type[Hosted]]
KINDS: dict[str, Kind] = {
    "runway": (PretendedRunway, RunwayEngine),
    "luma": (PretendedLuma, LumaEngine),
    "fal": (PretendedFal, FalEngine),
}
NEEDED: dict[Operation, dict[str, object]] = {
    "generate": {"prompt": "a lighthouse"},
    "restyle": {"prompt": "pencil"},
}


@dataclass
class HostedContext(TestContext):
    __test__ = False

    remote: MemoryRemote = field(default_factory=MemoryRemote)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        return self.stopped.is_set() or super().cancelled


def opened(kind: Kind, patch: pytest.MonkeyPatch) -> PretendedProvider:
    """A provider that the engine's SDK will find."""
    provider = kind[0]()
    patch.setenv(provider.variable, provider.address)
    patch.setenv(provider.key_variable, provider.key)
    return provider


def recipe(engine: Hosted, operation: Operation = "transition", **parameters: object) -> Recipe:
    """A recipe of the engine's, with its default parameters where none are given."""
    card = engine.service.operations[operation]
    hashes = iter(PixelHash(pixel_hash(p)) for p in PICTURES)
    inputs = tuple(
        Input(role, next(hashes)) for role, (fewest, _) in card.inputs.items() for _ in range(fewest)
    )
    values = card.schema.resolve({**NEEDED.get(operation, {}), **parameters})
    frames = 9 if operation in ("transition", "animate") else 1
    return Recipe(operation, card.algorithm, card.schema.version, values, inputs, FRAME, frames, 5)


def rest(steps: Iterator[Progress]) -> None:
    """Has an engine do what is left to do."""
    for _ in steps:
        pass


def likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """In dB."""
    error = np.mean(np.square(one.astype(np.float64) - other))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
