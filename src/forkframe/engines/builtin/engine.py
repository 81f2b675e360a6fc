"""The built-in engine: no weights, any picture, one core. What the other files of this folder can do, declared."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar, cast

from forkframe.engines.builtin import words
from forkframe.engines.builtin.catalogue import CATALOGUE, looks_by_family
from forkframe.engines.protocol import (
    Card,
    Context,
    Cost,
    Descriptor,
    OperationCard,
    Pixels,
    Progress,
    Result,
)
from forkframe.errors import BadInput, Cancelled
from forkframe.model.recipe import Operation, Recipe
from forkframe.params import Choice, Line, Number, Point, Schema, Text, Whole

T = TypeVar("T")
Report = Callable[[float], None]

_STRENGTH = Number(name="strength", title="How far from the original", default=0.5, ui="slider")
_FAMILIES = {family: tuple(entry.name for entry in entries) for family, entries in looks_by_family().items()}
_MOVES = ("push in", "pan left", "pan right", "tilt up", "tilt down", "roll left", "roll right")
_ALONG = "along a line"
_OPERATIONS: dict[Operation, OperationCard] = {
    "transition": OperationCard(
        "builtin.transition@3",
        Schema(
            3,
            (
                Choice(
                    name="style", title="How it changes", options=("auto", "metamorphosis", "flow", "sand")
                ),
                Choice(name="palette", title="Carries the colours over", options=("auto", "on", "off")),
                Point(name="start", title="Where the change starts"),
            ),
            {1: dict, 2: dict},
        ),
        {"first": (1, 1), "last": (1, 1), "motion": (0, 2)},
        cost=Cost(seconds=0.08, preparation=1.0),
    ),
    "vary": OperationCard(
        "builtin.vary@3",
        Schema(1, (_STRENGTH,)),
        {"image": (1, 1)},
        cost=Cost(seconds=1.0),
    ),
    "restyle": OperationCard(
        "builtin.restyle@3",
        Schema(
            1,
            (
                Text(
                    name="prompt",
                    title="The look, in words",
                    ui="prompt",
                    examples=tuple(CATALOGUE),
                    families=_FAMILIES,
                ),
                Number(name="strength", title="How much of it", default=0.9, ui="slider"),
                Number(
                    name="texture", title="How much of the references' brushwork", default=0.0, ui="slider"
                ),
            ),
        ),
        {"image": (1, 1), "style": (0, 32)},
        cost=Cost(seconds=1.0),
    ),
    "animate": OperationCard(
        "builtin.animate@1",
        Schema(
            2,
            (
                Choice(name="camera", title="What the camera does", options=(*_MOVES, _ALONG)),
                Number(
                    name="amount",
                    title="How far it goes",
                    default=0.5,
                    ui="slider",
                    when={"camera": _MOVES},
                ),
                Point(
                    name="towards",
                    title="Towards",
                    when={"camera": ("push in", "roll left", "roll right")},
                ),
                Line(
                    name="path",
                    title="Draw the way of the camera",
                    camera={"zoom": "zoom", "roll": "roll"},
                    when={"camera": (_ALONG,)},
                    needed=True,
                ),
                Number(
                    name="zoom",
                    title="How near it comes",
                    default=2.0,
                    minimum=1.1,
                    maximum=6.0,
                    unit="×",
                    ui="slider",
                    when={"camera": (_ALONG,)},
                ),
                Number(
                    name="roll",
                    title="How far it rolls",
                    default=0.0,
                    minimum=-45.0,
                    maximum=45.0,
                    unit="°",
                    ui="slider",
                    when={"camera": (_ALONG,)},
                ),
            ),
            {1: dict},
        ),
        {"first": (1, 1)},
        cost=Cost(seconds=0.1),
    ),
    "mix": OperationCard(
        "builtin.mix@3",
        Schema(
            1,
            (
                Whole(
                    name="composition",
                    title="Whose composition: 0 the first, −1 all",
                    default=-1,
                    minimum=-1,
                    maximum=3,
                ),
                Whole(
                    name="style", title="Whose style: 0 the first, −1 all", default=-1, minimum=-1, maximum=3
                ),
            ),
        ),
        {"image": (2, 4)},
        cost=Cost(seconds=1.5),
    ),
    "describe": OperationCard(
        "builtin.describe@1",
        Schema(
            2,
            (Choice(name="how", title="What for", options=("to compare", "latent code")),),
            {1: dict},
        ),
        {"image": (1, 1)},
        cost=Cost(seconds=0.1),
    ),
}


class BuiltinEngine:
    """Morphs, variations and looks, computed on the CPU; the same request gives the same bytes."""

    def card(self) -> Card:
        """Six operations, always available."""
        restyle = _OPERATIONS["restyle"]
        operations = dict(_OPERATIONS)
        operations["restyle"] = replace(restyle, algorithm=words.version(restyle.algorithm))
        return Card("builtin", "Built-in", "Drafts at once, offline, without weights", operations)

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Performs one of the six operations."""
        pictures = [context.image(i.pixels) for i in request.inputs]
        if request.operation == "animate" and request.parameters["camera"] == _ALONG:
            return (yield from _along(request, pictures[0], context))

        def work(report: Report) -> Result:
            return _perform(request, pictures, report)

        return (yield from _reported(work, context))


def _reported(work: Callable[[Report], T], context: Context) -> Generator[Progress, None, T]:
    """Runs `work`, which reports by calling back, as a generator that yields what it reports."""
    reports: SimpleQueue[float | None] = SimpleQueue()
    outcome: list[T | BaseException] = []

    def report(share: float) -> None:
        if context.cancelled:
            raise Cancelled
        reports.put(share)

    def run() -> None:
        try:
            outcome.append(work(report))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            outcome.append(error)
        reports.put(None)

    thread = Thread(target=run, daemon=True)
    thread.start()
    while (share := reports.get()) is not None:
        yield Progress(share)
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _perform(request: Recipe, pictures: list[Pixels], report: Report) -> Result:
    match request.operation:
        case "transition":
            return _transition(request, pictures, report)
        case "vary":
            return _vary(request, pictures, report)
        case "restyle":
            return _restyle(request, pictures, report)
        case "animate":
            return _animate(request, pictures[0], report)
        case "mix":
            return _mix(request, pictures, report)
        case _:
            return _describe(request, pictures[0])


def _transition(request: Recipe, pictures: list[Pixels], report: Report) -> Result:
    from forkframe.engines.builtin.transition import Palette, Style, prepare

    first, last, *motion = pictures
    if len(motion) == 1:
        raise BadInput("a transition moves as two pictures do, not as one", hint="name both ends of an edge")
    field = prepare(
        first,
        last,
        seed=request.seed,
        style=cast("Style", request.parameters["style"]),
        palette=cast("Palette", request.parameters["palette"]),
        start=_point(request, "start"),
        motion=(motion[0], motion[1]) if motion else None,
        on_progress=report,
    )
    return Result(field=field.to_bytes())


def _point(request: Recipe, name: str) -> tuple[float, float] | None:
    """A place in the picture, where one is set."""
    value = cast("list[float] | None", request.parameters[name])
    return None if value is None else (value[0], value[1])


def _vary(request: Recipe, pictures: list[Pixels], report: Report) -> Result:
    from forkframe.engines.builtin.vary import vary

    strength = cast("float", request.parameters["strength"])
    return Result(picture=vary(pictures[0], strength=strength, seed=request.seed, on_progress=report))


def _restyle(request: Recipe, pictures: list[Pixels], report: Report) -> Result:
    from forkframe.engines.builtin.prompt import misspelt
    from forkframe.engines.builtin.restyle import restyle_by_prompt, restyle_like

    prompt = cast("str", request.parameters["prompt"])
    strength = cast("float", request.parameters["strength"])
    if len(pictures) == 1:
        styled = restyle_by_prompt(
            pictures[0],
            prompt=prompt,
            strength=strength,
            seed=request.seed,
            nearest=words.reader(request.algorithm, misspelt),
            on_progress=report,
        )
        return Result(picture=styled.image, notes=styled.notes)
    weights = [i.weight for i in request.inputs if i.role == "style"]
    picture = restyle_like(
        pictures[0],
        list(zip(pictures[1:], weights, strict=True)),
        strength=strength,
        texture=cast("float", request.parameters["texture"]),
        seed=request.seed,
        on_progress=report,
    )
    return Result(picture=picture)


def _animate(request: Recipe, picture: Pixels, report: Report) -> Result:
    from forkframe.engines.builtin.animate import arrive, camera_field

    move, amount = cast("str", request.parameters["camera"]), cast("float", request.parameters["amount"])
    point = _point(request, "towards")
    last = arrive(picture, move=move, amount=amount, towards=point)
    report(0.5)
    field = camera_field(*picture.shape[:2], move=move, amount=amount, towards=point)
    return Result(picture=last, field=field.to_bytes())


def _along(request: Recipe, picture: Pixels, context: Context) -> Generator[Progress, None, Result]:
    """Frame by frame: a way that bends has no field."""
    from forkframe.engines.builtin.along import views
    from forkframe.engines.builtin.animate import seen

    height, width = picture.shape[:2]
    found, notes = views(
        cast("list[list[float]]", request.parameters["path"]),
        frames=request.frames,
        zoom=cast("float", request.parameters["zoom"]),
        roll=cast("float", request.parameters["roll"]),
        aspect=width / height,
    )
    sink = context.frames_out()
    frame = picture
    for number, view in enumerate(found, start=1):
        if context.cancelled:
            raise Cancelled
        frame = seen(picture, view) if number > 1 else picture
        sink.write(frame)
        yield Progress(number / len(found), preview=frame)
    return Result(picture=frame, frames=True, notes=notes)


def _describe(request: Recipe, picture: Pixels) -> Result:
    """Numbers that search compares, or the code that `code.decode` makes a picture of, its composition row by row."""
    if request.parameters["how"] == "to compare":
        from forkframe.engines.builtin.describe import describe

        return Result(descriptor=describe(picture))
    from forkframe.engines.builtin.code import encode

    code = encode(picture)
    return Result(descriptor=Descriptor(code.composition.ravel(), code.style))


def _mix(request: Recipe, pictures: list[Pixels], report: Report) -> Result:
    from forkframe.engines.builtin.mix import mix

    def which(name: str) -> int | None:
        index = cast("int", request.parameters[name])
        return None if index < 0 else index

    picture = mix(
        [(p, i.weight) for p, i in zip(pictures, request.inputs, strict=True)],
        composition=which("composition"),
        style=which("style"),
        seed=request.seed,
        on_progress=report,
    )
    return Result(picture=picture)
