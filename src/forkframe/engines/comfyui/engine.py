"""One template as an engine: its card says what the server lacks, and a run survives lost connections and restarts."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from forkframe.engines.comfyui.facts import Facts, facts_of
from forkframe.engines.comfyui.order import Order
from forkframe.engines.comfyui.server import EXAMPLE, VARIABLE, address, is_address
from forkframe.engines.comfyui.template import Procedure, Template
from forkframe.engines.protocol import Card, Context, OperationCard, Progress, Result
from forkframe.errors import BadInput, Cancelled, EngineBusy
from forkframe.model.recipe import Operation, Recipe

FAMILY = "comfyui"
UNSET = f"start ComfyUI and give its address: forkframe engines set {FAMILY} {EXAMPLE}, or {VARIABLE}"
HOMEPAGE = "https://www.comfy.org"
_PATIENCE = 120.0
"""Seconds without a word; a run says something twice a second as long as the server answers."""
_HIGHEST_RATE = 60
"""Frames each second of the fastest workspace: limits are in seconds, and cards say them in frames."""


@dataclass(frozen=True, slots=True)
class WorkflowCard(Card):
    """The card of an engine on a server.

    Attributes:
        away: why the server can't be asked at the moment; whoever waits may be served.
        procedures: how it performs each operation.
    """

    away: str = ""
    procedures: dict[Operation, Procedure] = field(default_factory=dict[Operation, Procedure])

    def operation(self, operation: Operation) -> OperationCard:
        """As every card's; of a server that is away, an error that says so.

        Raises:
            EngineUnavailable: the engine can't do it.
            EngineBusy: the server does not answer.
        """
        if self.away:
            message, _, hint = self.away.partition(": ")
            raise EngineBusy(message, hint=hint or f"start ComfyUI, or set {VARIABLE} to its address")
        return super(WorkflowCard, self).operation(operation)

    def check(self, recipe: Recipe) -> None:
        """As every card's; an edge may not last longer than the model can.

        What is checked once it runs was asked for when the server was there; the run itself waits for it.

        Raises:
            EngineUnavailable, BadInput, BadParameter: as every card's.
        """
        if self.away:
            return
        super(WorkflowCard, self).check(recipe)
        lengths = self.procedures[recipe.operation].lengths
        seconds = recipe.frame.seconds_of(recipe.frames)
        if lengths and recipe.frames > 1 and seconds > lengths.seconds + 1 / lengths.fps:
            raise BadInput(
                f"{self.name} can't make {seconds:.1f} seconds",
                hint=f"use at most {lengths.seconds:.1f} seconds",
            )


class WorkflowEngine:
    """Has ComfyUI run a template's workflows."""

    def __init__(self, template: Template, *, classes: frozenset[str] | None = None) -> None:
        """An engine for a template; `classes` are all that anybody will ask the server about."""
        self._template = template
        self._classes = template.classes | (classes or frozenset())

    def card(self) -> WorkflowCard:
        """What the template does; `missing` says what the server lacks for it."""
        template, url = self._template, address()
        facts = facts_of(url, self._classes) if url else Facts(problem=UNSET)
        missing = (facts.problem,) if facts.problem else facts.lacks(template)
        return WorkflowCard(
            engine_name(template.name),
            template.title,
            template.summary,
            {name: _operation(template, name, how) for name, how in template.operations.items()},
            tier=template.tier,
            runs_on="remote",
            patience=_PATIENCE,
            missing=missing,
            homepage=template.homepage or HOMEPAGE,
            away=facts.problem if is_address(url) else "",
            procedures=dict(template.operations),
        )

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Has the server perform a request, or takes up what an earlier attempt submitted.

        Raises:
            EngineBusy: the server went away, or its answer was cut short.
            RenderFailed: it refused the workflow, or the workflow failed.
        """
        procedure = self._template.operations[request.operation]
        order = Order(address(), self._template, procedure, request, context)
        try:
            path = yield from order.delivered()
        except (Cancelled, GeneratorExit):  # its caller may notice first, and leave at a yield
            if context.cancelled:
                order.withdraw()
            raise
        if request.frames > 1:
            context.video_from(path)
            return Result(frames=True)
        return Result(picture=context.picture_from(path))


def engine_name(template: str) -> str:
    """What the engine of a template is called."""
    return f"{FAMILY}:{template}"


def _operation(template: Template, name: Operation, how: Procedure) -> OperationCard:
    longest = {"frames": round(how.lengths.seconds * _HIGHEST_RATE) + 1} if how.lengths else {}
    return OperationCard(
        f"{engine_name(template.name)}.{name}@{template.version}",
        how.schema,
        how.inputs,
        licence=template.licence,
        cost=template.cost,
        **longest,
    )
