"""The engines there are: our own, and packages with an entry point in the group `forkframe.engines`.

An entry point in the group `forkframe.engine_families` leads to a `Family`: engines that are known only when somebody
looks, such as the workflows of a server. They are called `FAMILY:MEMBER`.

An engine from another package runs its author's code; it stays off until the user has allowed it, or its name is in
`FORKFRAME_ENGINES` (a comma-separated list).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast

from forkframe.engines.protocol import Card, Engine
from forkframe.engines.settings import keep_setting, setting
from forkframe.errors import EngineUnavailable

GROUP = "forkframe.engines"
FAMILIES = "forkframe.engine_families"
ALLOWED_VARIABLE = "FORKFRAME_ENGINES"
_SETTING = "allowed"
_PACKAGE = "forkframe."


class Family(Protocol):
    """Engines of one kind, as many as there are when somebody looks. It is made anew each time: keep nothing in it."""

    def names(self) -> tuple[str, ...]:
        """The names of those worth listing now; the family's own name leads to whichever does it best. Cheap."""
        ...

    def engine(self, name: str) -> Engine:
        """The engine of that name, listed or not.

        Raises:
            EngineUnavailable: there is none.
        """
        ...


def engine_names() -> tuple[str, ...]:
    """The names of all installed engines, our own first, allowed or not."""
    points = sorted(
        (*_points(GROUP), *_points(FAMILIES)), key=lambda p: (not _is_ours(p), p.name != "builtin", p.name)
    )
    return tuple(name for point in points for name in _names_of(point))


def load_engine(name: str) -> Engine:
    """The engine of that name, ready to run.

    Raises:
        EngineUnavailable: it is not installed, not allowed, or does not load.
    """
    point = _point(name)
    made = _made(point)
    return made if point.group == GROUP else cast("Family", made).engine(name)


def allow(name: str, *, allowed: bool = True) -> None:
    """Lets an engine from another package run, from now on, or no longer.

    Raises:
        EngineUnavailable: there is no such engine.
    """
    name = _point(name).name
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
            off = not _may_run(_point(name))
            out.append(Card(name, name, "", {}, missing=(f"{error.message}: {error.hint}",), off=off))
    return tuple(out)


def _names_of(point: EntryPoint) -> tuple[str, ...]:
    if point.group == GROUP:
        return (point.name,)
    try:
        return cast("Family", _made(point)).names()
    except EngineUnavailable:  # it says why when it is asked for
        return (point.name,)


def _made(point: EntryPoint) -> Engine:
    """What an entry point leads to; a `Family` if it is in their group.

    Raises:
        EngineUnavailable: it is not allowed, or does not load.
    """
    name = point.name
    if not _may_run(point):
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


def _point(name: str) -> EntryPoint:
    family = name.partition(":")[0]
    found = [point for point in _points(GROUP) if point.name == name]
    found += [point for point in _points(FAMILIES) if point.name == family]
    if not found:
        near = get_close_matches(name, engine_names(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(engine_names())}"
        raise EngineUnavailable(f"there is no engine {name!r}", hint=hint)
    return found[0]


def _may_run(point: EntryPoint) -> bool:
    return _is_ours(point) or point.name in _allowed()


def _allowed() -> set[str]:
    return _kept() | _names(os.environ.get(ALLOWED_VARIABLE, ""))


def _kept() -> set[str]:
    return _names(setting(_SETTING, ""))


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",")} - {""}


@cache
def _points(group: str) -> tuple[EntryPoint, ...]:
    """Read once: looking through all installed packages takes milliseconds, and every job needs its engine."""
    return tuple(entry_points(group=group))


def _is_ours(point: EntryPoint) -> bool:
    return point.value.startswith(_PACKAGE)
