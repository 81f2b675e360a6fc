"""Engines on other people's machines, for money: Runway, Luma and fal, through their own SDKs.

What is the same for all stands in `order`; each of `runway`, `luma` and `fal` says what its provider can do and how it is
asked. An SDK is imported only once it is asked.
"""

from forkframe.engines.hosted.fal import FalEngine
from forkframe.engines.hosted.luma import LumaEngine
from forkframe.engines.hosted.runway import RunwayEngine

__all__ = ["FalEngine", "LumaEngine", "RunwayEngine"]
