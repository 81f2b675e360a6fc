"""Looks by name, drawn: `LOOKS` has one for every entry of the catalogue.

All lengths scale with the picture's short side, and every look is drawn from what is in the picture (its sky, its
edges, its lightness), never from a fixed grade alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forkframe.engines.builtin.catalogue import CATALOGUE, MOST, Family
from forkframe.engines.builtin.looks import drawn, film, hours, light, paint, printed, season, tinted, weather
from forkframe.engines.builtin.looks.look import Look, Painter, Subject

__all__ = ["LOOKS", "MOST", "Family", "Look", "Subject"]

_PAINTERS: dict[str, Painter] = {
    name: painter
    for module in (season, hours, light, weather, film, tinted, paint, drawn, printed)
    for name, painter in module.PAINTERS.items()
}

LOOKS: Mapping[str, Look] = MappingProxyType(
    {name: Look(entry, _PAINTERS[name]) for name, entry in CATALOGUE.items()}
)
"""Every look by its name, in the order in which several are applied."""
