"""Looks by name: evening, night, fog, snow, noir, vintage, grain, watercolour, oil, pencil, ink and neon.

All lengths scale with the picture's short side, and every look is drawn from what is in the picture (its sky, its
edges, its lightness), never from a fixed grade alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forkframe.engines.builtin.looks import film, light, line, paint, weather
from forkframe.engines.builtin.looks.look import MOST, Family, Look, Subject

__all__ = ["LOOKS", "MOST", "Family", "Look", "Subject"]

LOOKS: Mapping[str, Look] = MappingProxyType(
    {look.name: look for module in (light, weather, film, paint, line) for look in module.LOOKS}
)
"""Every look by its name, in the order in which several are applied."""
