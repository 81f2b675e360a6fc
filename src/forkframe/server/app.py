"""The studio as a web application: the API, the socket, and the page that uses them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query, WebSocket
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp
from typing_extensions import TypedDict

import forkframe
from forkframe.server.facade import facade
from forkframe.server.live import Hub
from forkframe.server.pages import UI, pages
from forkframe.server.problems import answer_errors
from forkframe.server.routes.engines import engines
from forkframe.server.routes.films import films
from forkframe.server.routes.looking import looking
from forkframe.server.routes.making import making
from forkframe.server.routes.queue import queue
from forkframe.server.routes.uploads import uploads
from forkframe.server.routes.workspace import workspace
from forkframe.server.security import Guard
from forkframe.server.shapes import Problem
from forkframe.studio import Studio

_QUIET: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""Nothing about anybody's work is sent anywhere, whatever the environment says."""


class Health(TypedDict):
    """It answers."""

    ok: bool


def make_app(studio: Studio, *, token: str, hosts: Collection[str], ui: Path | None = UI) -> ASGIApp:
    """The web application of one open workspace.

    Args:
        studio: the workspace; whoever opened it closes it.
        token: what everybody who may use it knows.
        hosts: the `Host` headers that lead here, such as `127.0.0.1:7433` (see `security.host_names`).
        ui: the folder with the built front end.
    """
    hub = Hub(studio)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        hub.start()
        yield
        hub.stop()

    app = FastAPI(
        title="Forkframe",
        summary="A workspace in which images are nodes, videos are edges, and a film is a path.",
        version=forkframe.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_name,
        responses={"4XX": {"model": Problem, "description": "It was refused, and the body says why."}},
        telemetry=_QUIET,
        redirect_slashes=False,
    )
    app.state.studio = studio
    app.state.folder = studio.snapshot().path
    answer_errors(app)

    @app.get("/health")
    async def get_health() -> Health:
        """Whether it answers; tells nothing else."""
        return {"ok": True}

    @app.websocket("/api/live")
    async def live(
        socket: WebSocket,
        since: Annotated[int | None, Query(ge=-1, le=1 << 53)] = None,
        name: Annotated[str, Query(max_length=200)] = "",
    ) -> None:
        await hub.serve(socket, since=since, name=name)

    for routes in (workspace, uploads, making, films, looking, engines, queue, facade, pages(ui)):
        app.include_router(routes)
    del get_health, live
    port = next((port for *_, port in (host.rpartition(":") for host in hosts) if port.isdecimal()), "")
    return Guard(app, token=token, hosts=hosts, cookie=f"forkframe-{port}")


def _name(route: APIRoute) -> str:
    return route.name
