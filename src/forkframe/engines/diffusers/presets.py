"""Presets: how a model is laid out on a graphics card of 8, 12, 24 or 48 GB, and which one a machine gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

Preset = Literal["8", "12", "24", "48"]
PRESETS: tuple[Preset, ...] = ("8", "12", "24", "48")
"""Gigabytes of a card, the cheapest first."""

Offload = Literal["none", "model", "leaf"]
Quantise = Literal["none", "fp8", "int8", "int4"]
Cache = Literal["none", "first-block", "taylorseer"]

_FREE: Mapping[Preset, float] = {"48": 42.0, "24": 20.5, "12": 10.0}
"""GB that have to be free: a card's nominal size less what the system and a screen take of it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a model is laid out.

    Attributes:
        offload: what waits in main memory. `none`: nothing. `model`: whole parts of the pipeline, while others work.
            `leaf`: every layer, until it is needed; the least memory, and the slowest.
        quantise: how the weights are kept. `fp8`: as 8-bit floats, computed with as 16-bit ones. `int8`, `int4`: by
            bitsandbytes, which has to be installed.
        pixels: the most pixels of a picture or frame that it makes.
        gigabytes: of the card that this takes, weights and work together; estimated from the sizes of the weights.
        compiled: whether the repeated blocks are compiled: minutes once, then faster steps.
        cache: what is taken over from one step to the next instead of being computed.
        attention: the kernels of the attention, as diffusers names them; "" for PyTorch's own.
    """

    offload: Offload
    quantise: Quantise
    pixels: int
    gigabytes: float
    compiled: bool = False
    cache: Cache = "none"
    attention: str = ""

    def altered(self, parameters: Mapping[str, object]) -> Setup:
        """This one with what a request sets itself; `auto` leaves it as it is."""
        said = {
            name: str(parameters.get(name, "auto")) for name in ("offload", "quantise", "cache", "attention")
        }
        return replace(
            self,
            offload=cast("Offload", said["offload"]) if said["offload"] != "auto" else self.offload,
            quantise=cast("Quantise", said["quantise"]) if said["quantise"] != "auto" else self.quantise,
            cache=cast("Cache", said["cache"]) if said["cache"] != "auto" else self.cache,
            attention=said["attention"] if said["attention"] != "auto" else self.attention,
            compiled=bool(parameters["compile"]),
        )


def preset_for(gigabytes: float) -> Preset:
    """The largest preset that fits into so much free memory; the cheapest if none does."""
    for preset, free in _FREE.items():
        if gigabytes >= free:
            return preset
    return PRESETS[0]


def cheaper(preset: Preset) -> Preset | None:
    """The next cheaper preset; None below the cheapest."""
    place = PRESETS.index(preset)
    return PRESETS[place - 1] if place else None
