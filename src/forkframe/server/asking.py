"""What every request brings along: whose it is, and a body that is really JSON."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import unquote

from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from forkframe.errors import BadInput, NotFound
from forkframe.model.changes import ENGINE
from forkframe.model.entities import Entity
from forkframe.server import wire
from forkframe.server.security import Refusal
from forkframe.studio import Studio

T = TypeVar("T")

ACTOR = "x-forkframe-actor"
_DEFAULT_ACTOR = "you"
_MOST_ACTOR = 64
_PATIENCE = CapacityLimiter(100)
"""Calls at a time that may take minutes."""


class Body(BaseModel):
    """A JSON body: fields that are not known are refused, and so are numbers that are none."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _StrictRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = json.loads(await self.body(), parse_constant=_no_number)
            except (ValueError, RecursionError) as error:
                raise HTTPException(422, f"the body is not JSON: {error}") from None
        return self._json


class _StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(_StrictRequest(request.scope, request.receive))

        return handle


def router() -> APIRouter:
    """Routes under `/api` that read JSON strictly."""
    return APIRouter(prefix="/api", route_class=_StrictRoute)


async def _actor(request: Request) -> str:
    said = unquote(request.headers.get(ACTOR, ""))
    actor = "".join(c for c in said if c.isprintable()).strip()[:_MOST_ACTOR] or _DEFAULT_ACTOR
    if actor == ENGINE:
        raise BadInput(f"nobody is called {ENGINE}", hint="results of jobs go by that name")
    return actor


Actor = Annotated[str, Depends(_actor)]
"""Who asks."""


async def _here(request: Request, actor: Actor) -> Studio:
    return cast("Studio", request.app.state.studio).acting_as(actor)


Here = Annotated[Studio, Depends(_here)]
"""The studio, for the person who asks."""


async def patiently(work: Callable[[], T]) -> T:
    """What `work` returns, which may take minutes.

    It gets a thread of its own: pictures are served from a few that others share, and when the studio ends, nobody waits
    for this one.

    Raises:
        Refusal: the studio ended first.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(settler: Callable[[Any], None], value: object) -> None:
        if not done.cancelled():
            settler(value)

    def run() -> None:
        try:
            outcome = (done.set_result, work())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            outcome = (done.set_exception, error)
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(settle, *outcome)

    async with _PATIENCE:
        threading.Thread(target=run, name="forkframe-patient", daemon=True).start()
        try:
            return await done
        except asyncio.CancelledError:
            raise Refusal(503, "the studio is closing", "ask again when it is open") from None


def rows_of(studio: Studio, *keys: str) -> list[wire.Row]:
    """The rows with these ids, in that order.

    Raises:
        NotFound: one was deleted meanwhile.
    """
    wanted: dict[str, Entity | None] = dict.fromkeys(keys)
    for row in studio.snapshot().rows:
        if row.id in wanted:
            wanted[row.id] = row
    missing = [key for key, row in wanted.items() if row is None]
    if missing:
        raise NotFound(f"{missing[0]} is not there any more", hint="undo brings it back")
    return [wire.row(row) for row in wanted.values() if row is not None]


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number")
