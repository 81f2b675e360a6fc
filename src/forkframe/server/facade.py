"""The facade over HTTP, method by method, for the command line and notebooks beside an open studio."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args, get_origin, get_type_hints

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from forkframe.errors import BadInput, Cancelled, ForkframeError, NotFound
from forkframe.model.codec import from_json
from forkframe.server import wire
from forkframe.server.asking import Body, Here, patiently, router
from forkframe.server.problems import problem
from forkframe.studio import Studio
from forkframe.studio.jobs import Jobs
from forkframe.studio.remote import OVER_HTTP

facade: APIRouter = router()

METHODS: Mapping[str, Callable[..., object]] = {
    f"{prefix}{name}": getattr(owner, name)
    for prefix, owner in (("", Studio), ("jobs.", Jobs))
    for name in sorted(OVER_HTTP[prefix])
}


class Call(Body):
    """The method's arguments by name; all of a variable number of names as a list under its one name."""

    args: dict[str, Any] = Field(default_factory=dict)


class Answer(TypedDict):
    """What the method answered; bytes as `{"base64": …}`."""

    value: Any


@facade.post("/facade/{method}", response_model=Answer)
async def post_call(here: Here, method: str, body: Call) -> Response:
    """Calls a method of the facade. Paths are on the studio's machine, and absolute."""
    return await patiently(lambda: _called(here, method, body.args))


def _called(here: Studio, method: str, given: Mapping[str, object]) -> Response:
    function = METHODS.get(method)
    if function is None:
        raise NotFound(f"the facade has no {method[:40]}", hint=f"use one of {', '.join(METHODS)}")
    names, arguments = _arguments(function, given)
    owner = here.jobs if method.startswith("jobs.") else here
    try:
        return wire.Json({"value": wire.plain(function(owner, *names, **arguments))})
    except (ForkframeError, Cancelled, TimeoutError) as error:
        return problem(error)


def _arguments(
    function: Callable[..., object], given: Mapping[str, object]
) -> tuple[Sequence[object], dict[str, object]]:
    """Variable and named arguments, decoded by the types that the method declares.

    Raises:
        BadInput: they do not fit.
    """
    hints, parameters = _declared(function)
    names: Sequence[object] = ()
    arguments: dict[str, object] = {}
    for name, value in given.items():
        if name not in parameters:
            raise BadInput(f"it takes no {name[:40]}", hint=f"it takes {', '.join(parameters) or 'nothing'}")
        try:
            if parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
                names = cast("Sequence[object]", _decoded(Sequence[hints[name]], value))
            else:
                arguments[name] = _decoded(hints[name], value)
        except ValueError as error:
            raise BadInput(f"{name} does not fit: {error}", hint="see the guide for what it takes") from error
    missing = [
        name
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty
        and parameter.kind is not inspect.Parameter.VAR_POSITIONAL
        and name not in arguments
    ]
    if missing:
        raise BadInput(f"{', '.join(missing)} is missing")
    return names, arguments


@cache
def _declared(function: Callable[..., object]) -> tuple[dict[str, Any], dict[str, inspect.Parameter]]:
    parameters = dict(inspect.signature(function).parameters)
    parameters.pop("self")
    return get_type_hints(function), parameters


def _decoded(kind: Any, value: object) -> object:
    """A value of a type that the facade takes; `from_json` knows all of them but lists and paths."""
    if kind is Path:
        path = Path(from_json(str, value))
        if not path.is_absolute() or "\0" in str(path):
            raise ValueError(f"{str(path)!r} is not an absolute path")
        return path
    if isinstance(get_origin(kind), type) and issubclass(cast("type", get_origin(kind)), Sequence):
        parts = get_args(kind)
        if get_origin(kind) is not tuple:
            if not isinstance(value, list):
                raise ValueError(f"{value!r} is no list")
            return [_decoded(parts[0], item) for item in cast("list[object]", value)]
    return from_json(kind, value)
