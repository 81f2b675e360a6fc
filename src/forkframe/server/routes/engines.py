"""The engines: what they declare, and what their user says of them, which holds for all workspaces."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from forkframe.engines.registry import cards
from forkframe.server import wire
from forkframe.server.asking import Body, patiently, router
from forkframe.studio import allow_engine, keep_engine_key, keep_engine_setting, teach_engines

engines: APIRouter = router()


class OperationJson(TypedDict):
    """What an engine does; `parameters` is a JSON Schema with `x-ui` and `x-order`."""

    algorithm: str
    licence: str
    parameters: dict[str, Any]


class Engine(TypedDict):
    """What an engine declares.

    `key` is the environment variable of the user's key, "" if it needs none; `settings` are titles by name; `off`: it
    comes from another package and waits for the user's word.
    """

    name: str
    title: str
    summary: str
    tier: Literal["draft", "final"]
    runs_on: Literal["cpu", "gpu", "remote"]
    operations: dict[str, OperationJson]
    available: bool
    missing: list[str]
    key: str
    settings: dict[str, str]
    homepage: str
    off: bool


class Said(TypedDict):
    """One line for people."""

    said: str


class Allowed(Body):
    """Whether an engine from another package may run its author's code."""

    allowed: bool


class Key(Body):
    """The user's key; "" takes it out of the keyring. It is never answered."""

    key: Annotated[str, Field(max_length=4096)]


class Setting(Body):
    """A setting such as a server's address; "" forgets it."""

    value: Annotated[str, Field(max_length=2000)]


class Lesson(Body):
    """A user's file, such as a template."""

    name: Annotated[str, Field(max_length=255)]
    text: Annotated[str, Field(max_length=4_000_000)]


@engines.get("/engines", response_model=list[Engine])
async def get_engines() -> Response:
    """What each installed engine declares."""
    return await patiently(_listed)


@engines.put("/engines/{name}/allowed", response_model=list[Engine])
async def put_allowed(name: str, body: Allowed) -> Response:
    """Lets an engine from another package run, or no longer; answers with all engines as they are then."""

    def allow() -> Response:
        allow_engine(name, allowed=body.allowed)
        return _listed()

    return await patiently(allow)


@engines.put("/engines/{name}/key", response_model=list[Engine])
async def put_key(name: str, body: Key) -> Response:
    """Keeps the user's key for an engine in the system's keyring."""

    def keep() -> Response:
        keep_engine_key(name, body.key)
        return _listed()

    return await patiently(keep)


@engines.put("/engine-settings/{name}", response_model=list[Engine])
async def put_setting(name: str, body: Setting) -> Response:
    """Keeps a setting."""

    def keep() -> Response:
        keep_engine_setting(name, body.value)
        return _listed()

    return await patiently(keep)


@engines.post("/engine-files", response_model=Said)
async def post_lesson(body: Lesson) -> Response:
    """Gives a file to the engine that understands it."""
    return await patiently(lambda: wire.Json({"said": teach_engines(body.name, body.text.encode())}))


def _listed() -> Response:
    return wire.Json(
        [
            {
                "name": card.name,
                "title": card.title,
                "summary": card.summary,
                "tier": card.tier,
                "runs_on": card.runs_on,
                "operations": {
                    name: {
                        "algorithm": operation.algorithm,
                        "licence": operation.licence,
                        "parameters": operation.schema.json_schema(),
                    }
                    for name, operation in card.operations.items()
                },
                "available": not card.missing,
                "missing": list(card.missing),
                "key": card.key,
                "settings": dict(card.settings),
                "homepage": card.homepage,
                "off": card.off,
            }
            for card in cards()
            if not card.for_tests
        ]
    )
