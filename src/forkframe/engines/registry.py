"""The engines there are: our own, and packages with an entry point in the group `forkframe.engines`.

An engine from another package runs its author's code; it stays off until the user has allowed it, or its name is in
`FORKFRAME_ENGINES` (a comma-separated list).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from forkframe.engines.protocol import Card, Engine
from forkframe.engines.settings import keep_setting, setting
from forkframe.errors import EngineUnavailable

GROUP = "forkframe.engines"
ALLOWED_VARIABLE = "FORKFRAME_ENGINES"
_SETTING = "allowed"
_PACKAGE = "forkframe."


def engine_names() -> tuple[str, ...]:
    """The names of all installed engines, our own first, allowed or not."""
    points = _points()
    return tuple(p.name for p in sorted(points, key=lambda p: (not _is_ours(p), p.name != "builtin", p.name)))


def load_engine(name: str) -> Engine:
    """The engine of that name, ready to run.

    Raises:
        EngineUnavailable: it is not installed, not allowed, or does not load.
    """
    point = _point(name)
    if not _is_ours(point) and name not in _allowed():
        raise EngineUnavailable(
            f"the engine {name} comes from another package and is off",
            hint=f"if you trust {point.value.split(':')[0]}, run forkframe engines allow {name}",
        )
    try:
        make = cast("Callable[[], Engine]", point.load())
        return make()
    except Exception as error:
        raise EngineUnavailable(
            f"the engine {name} does not load: {error}", hint="reinstall its package"
        ) from error


def allow(name: str, *, allowed: bool = True) -> None:
    """Lets an engine from another package run, from now on, or no longer.

    Raises:
        EngineUnavailable: there is no such engine.
    """
    _point(name)
    names = _kept() - {name} | ({name} if allowed else set())
    keep_setting(_SETTING, ",".join(sorted(names)))


def cards() -> tuple[Card, ...]:
    """The cards of all installed engines; one that can't be used says why in `missing`."""
    out: list[Card] = []
    for name in engine_names():
        try:
            card = load_engine(name).card()
            if not (card.for_tests and card.missing):
                out.append(card)
        except EngineUnavailable as error:
            off = not _is_ours(_point(name)) and name not in _allowed()
            out.append(Card(name, name, "", {}, missing=(f"{error.message}: {error.hint}",), off=off))
    return tuple(out)


def _point(name: str) -> EntryPoint:
    found = [point for point in _points() if point.name == name]
    if not found:
        near = get_close_matches(name, engine_names(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(engine_names())}"
        raise EngineUnavailable(f"there is no engine {name!r}", hint=hint)
    return found[0]


def _allowed() -> set[str]:
    return _kept() | _names(os.environ.get(ALLOWED_VARIABLE, ""))


def _kept() -> set[str]:
    return _names(setting(_SETTING, ""))


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",")} - {""}


@cache
def _points() -> tuple[EntryPoint, ...]:
    """Read once: looking through all installed packages takes milliseconds, and every job needs its engine."""
    return tuple(entry_points(group=GROUP))


def _is_ours(point: EntryPoint) -> bool:
    return point.value.startswith(_PACKAGE)
