"""The engines that are installed: what they declare, and what a user says of them once for all workspaces."""

from __future__ import annotations

from collections.abc import Mapping

from forkframe.engines.protocol import Teachable
from forkframe.engines.registry import allow, cards, engine_names, load_engine
from forkframe.engines.secrets import keep_key
from forkframe.engines.settings import keep_setting
from forkframe.errors import BadInput, EngineUnavailable
from forkframe.model.recipe import Operation


def engine_facts() -> list[dict[str, object]]:
    """What each installed engine declares."""
    return [
        {
            "name": card.name,
            "title": card.title,
            "summary": card.summary,
            "operations": {
                name: {
                    "algorithm": op.algorithm,
                    "parameters": op.schema.json_schema(),
                    "inputs": {role: list(counts) for role, counts in op.inputs.items()},
                }
                for name, op in card.operations.items()
            },
            "licence": ", ".join(sorted({op.licence for op in card.operations.values()})),
            "limits": {n: {"pixels": op.pixels, "frames": op.frames} for n, op in card.operations.items()},
            "available": not card.missing,
            "missing": list(card.missing),
            "off": card.off,
            "key": card.key,
            "homepage": card.homepage,
        }
        for card in cards()
    ]


def engine_for(operation: Operation) -> str:
    """The first engine that can do an operation here and now, our own before others.

    Raises:
        EngineUnavailable: there is none; it says which could, and what they lack.
    """
    able = [card for card in cards() if operation in card.operations and not card.for_tests]
    usable = [card for card in able if not card.missing]
    if usable:
        return usable[0].name
    lacking = "; ".join(f"{card.name}: {', '.join(card.missing)}" for card in able)
    raise EngineUnavailable(
        f"no engine here can {operation}", hint=lacking or "forkframe engines lists what there is"
    )


def typed_parameters(engine: str, operation: str, texts: Mapping[str, str]) -> dict[str, object]:
    """Parameters that were typed as `name=text`, by the engine's schema; `seed` goes with every engine.

    Raises:
        BadParameter, EngineUnavailable: the engine does not take them.
    """
    given = dict(texts)
    seed = given.pop("seed", None)
    card = load_engine(engine).card()
    matching = [op for name, op in card.operations.items() if name == operation]
    values = matching[0].schema.read(given) if matching else {}
    if seed is None:
        return values
    if not seed.isdecimal():
        raise BadInput(f"the seed can't be {seed!r}", hint="use a whole number from 0 to 2147483647")
    return {**values, "seed": int(seed)}


def allow_engine(name: str, *, allowed: bool = True) -> None:
    """Lets an engine from another package run here, from now on, or no longer.

    Raises:
        EngineUnavailable: there is no such engine.
    """
    allow(name, allowed=allowed)


def keep_engine_key(name: str, key: str) -> None:
    """Keeps the user's key for an engine in the system's keyring; an empty one is forgotten.

    Raises:
        BadInput: the engine needs no key, or it is none.
        EngineUnavailable: there is no such engine, or no keyring.
    """
    card = load_engine(name).card()
    if not card.key:
        raise BadInput(f"the engine {name} needs no key", hint="forkframe engines says what is missing")
    keep_key(card.key, key)


def keep_engine_setting(name: str, value: str) -> None:
    """Keeps a setting of engines, such as a server's address; an empty one is forgotten.

    Raises:
        BadInput: it is none.
    """
    keep_setting(name, value)


def teach_engines(name: str, content: bytes) -> str:
    """Gives a user's file, such as a template, to the engine that understands it; says in a line what that brings.

    Raises:
        BadInput: none does.
    """
    refusals: list[BadInput] = []
    for engine_name in engine_names():
        try:
            engine = load_engine(engine_name)
            if isinstance(engine, Teachable):
                return engine.learn(name, content)
        except EngineUnavailable:
            continue
        except BadInput as error:
            refusals.append(error)
    raise (
        refusals[0]
        if refusals
        else BadInput(
            f"no engine here knows what to do with {name}", hint="forkframe engines lists what there is"
        )
    )
