"""ComfyUI as a family of engines: each template is one, and the family's own name means whichever is ready."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import reduce

from forkframe.engines.comfyui.engine import (
    FAMILY,
    HOMEPAGE,
    UNSET,
    WorkflowCard,
    WorkflowEngine,
    engine_name,
)
from forkframe.engines.comfyui.facts import facts_of
from forkframe.engines.comfyui.library import Broken, install_template, template, templates
from forkframe.engines.comfyui.server import address
from forkframe.engines.comfyui.template import Procedure, Template
from forkframe.engines.protocol import Card, Context, Engine, OperationCard, Progress, Result
from forkframe.errors import EngineUnavailable
from forkframe.model.recipe import Operation, Recipe


class ComfyUI:
    """The templates that a server can run, or what has to be done before there is one."""

    def names(self) -> tuple[str, ...]:
        """The family's own, and every template as soon as a server answers."""
        url = address()
        if not url or facts_of(url, _classes(_usable())).problem:
            return (FAMILY,)
        return (FAMILY, *(engine_name(found.name) for found in templates() if found.name))

    def engine(self, name: str) -> Engine:
        """The engine of a template, or the one that takes what is ready.

        Raises:
            EngineUnavailable: there is no such template.
        """
        _, _, wanted = name.partition(":")
        if not wanted:
            return _Ready()
        found = template(wanted)
        if isinstance(found, Broken):
            raise EngineUnavailable(f"{name} can't be used", hint=found.reason)
        if found is None:
            there = ", ".join(engine_name(each.name) for each in templates() if each.name)
            raise EngineUnavailable(f"there is no workflow {name!r}", hint=f"there is {there}")
        return WorkflowEngine(found, classes=_classes(_usable()))


class _Ready:
    """Whichever template comes first among those that the server can run; also takes in new ones, and the address."""

    def card(self) -> Card:
        """For each operation, the card of the template that performs it; recipes name that template."""
        cards = [WorkflowEngine(found, classes=_classes(_usable())).card() for found in _usable()]
        ready = [card for card in cards if not card.missing]
        operations: dict[Operation, OperationCard] = {}
        procedures: dict[Operation, Procedure] = {}
        for card in ready or cards:
            for name, operation in card.operations.items():
                if name not in operations:
                    operations[name], procedures[name] = operation, card.procedures[name]
        away = next((card.away for card in cards if card.away), "")
        lacking = tuple(dict.fromkeys(line for card in cards for line in card.missing))
        return WorkflowCard(
            FAMILY,
            "ComfyUI",
            "Whichever workflow is ready on your own ComfyUI: Wan, LTX, FLUX.2, and those that you bring",
            operations,
            tier="final",
            runs_on="remote",
            missing=() if ready else lacking or (UNSET,),
            settings={FAMILY: "Address of your ComfyUI"},
            homepage=HOMEPAGE,
            away=away,
            procedures=procedures,
        )

    def learn(self, name: str, content: bytes) -> str:
        """Takes in a workflow that the user brings.

        Raises:
            BadInput: it is none; the error says what to do.
            OutputFailed: it can't be kept.
        """
        made = install_template(content, name=name)
        return f"{made.title} can {' and '.join(made.operations)} now: the engine {engine_name(made.name)}"

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Performed by the engine that the recipe names."""
        return ComfyUI().engine(request.engine).run(request, context)


def _usable() -> list[Template]:
    return [found for found in templates() if isinstance(found, Template)]


def _classes(found: Sequence[Template]) -> frozenset[str]:
    """All classes of nodes that anybody may ask about: so the server is asked once."""
    return reduce(frozenset[str].union, (each.classes for each in found), frozenset())
