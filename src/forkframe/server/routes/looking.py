"""Pictures, filmstrips and files of the workspace, and how things were made."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from forkframe.errors import NotFound
from forkframe.server import wire
from forkframe.server.asking import Body, Here, patiently, router
from forkframe.server.media import drawn, stored

looking: APIRouter = router()


class RecipeInput(TypedDict):
    """A picture that went into a result, and the node that shows it now."""

    role: str
    pixels: str
    weight: float
    node: str | None
    label: str


class Recipe(TypedDict):
    """How something was made; `command` does it again in a terminal."""

    operation: str
    algorithm: str
    engine: str
    parameters: dict[str, Any]
    seed: int
    roll: int
    frames: int
    inputs: list[RecipeInput]
    command: str
    notes: list[str]


class Atlas(TypedDict):
    """Small pictures of all nodes in square pages; `cells` counts row by row. While `pending`, asking again draws more."""

    cell: tuple[int, int]
    page: int
    pages: list[str]
    cells: dict[str, int]
    pending: int


class ToMap(Body):
    """What neighbours on the map are to have in common."""

    by: Literal["composition", "style"]


class Places(TypedDict):
    """For each node its place on the map, in canvas units."""

    places: dict[str, tuple[float, float]]


def _pictures(*kinds: str) -> dict[str, Any]:
    return {
        "response_class": Response,
        "responses": {200: {"content": {kind: {} for kind in kinds}, "description": "the file"}},
    }


@looking.get("/recipe/{key}", response_model=Recipe)
def get_recipe(here: Here, key: str) -> Response:
    """How a node, candidate, edge, take or rendering was made."""
    return wire.Json(wire.plain(here.recipe_of(key)))


@looking.post("/map", response_model=Places)
async def post_map(here: Here, body: ToMap) -> Response:
    """A place for every node at which neighbours are alike; nothing moves."""
    return wire.Json({"places": await patiently(lambda: here.map_places(body.by))})


@looking.api_route(
    "/media/{blob}", methods=["GET"], **_pictures("image/*", "video/mp4", "application/octet-stream")
)
def get_media(here: Here, request: Request, blob: str) -> Response:
    """A file as it is kept, by its SHA-256; with ranges."""
    path = here.media_path(blob)
    if path is None:
        raise NotFound(f"there is no file {blob[:64]}")
    return stored(request, path, etag=blob)


@looking.get("/pixels/{pixels}", **_pictures("image/webp", "image/png"))
def get_pixels(here: Here, request: Request, pixels: str, side: int | None = None) -> Response:
    """Framed pixels as a WebP whose longer side is 256, 512 or 1280 pixels at most; without `side` the whole PNG."""
    path = here.pixels_path(pixels)
    if path is None:
        raise NotFound(f"there is no picture {pixels[:64]}")
    if side is None:
        return stored(request, path, etag=pixels)
    return drawn(request, here.thumbs.pixels(pixels, side).read_bytes(), etag=f"{pixels}-{side}")


@looking.get("/atlas", response_model=Atlas)
def get_atlas(here: Here) -> Response:
    """Small pictures of all nodes and candidates."""
    found = here.thumbs.atlas()
    pages = [f"/api/atlas/{number}?v={version}" for number, version in enumerate(found.pages)]
    return wire.Json(
        {
            "cell": found.cell,
            "page": found.page,
            "pages": pages,
            "cells": dict(found.cells),
            "pending": found.pending,
        }
    )


@looking.get("/atlas/{page}", **_pictures("image/webp"))
def get_atlas_page(here: Here, request: Request, page: int, v: str = "") -> Response:
    """A page of the atlas; what is in it by version `v` stays where it is."""
    content = here.thumbs.page(page).read_bytes()
    return drawn(request, content, etag=hashlib.sha256(content).hexdigest()[:32])


@looking.get("/strips/{take}", **_pictures("image/webp"))
def get_strip(
    here: Here,
    request: Request,
    take: str,
    count: Annotated[int, Query(ge=2, le=60)] = 8,
    side: Annotated[int, Query(ge=16, le=640)] = 160,
) -> Response:
    """Evenly spread frames of a take, side by side, each `side` pixels wide."""
    strip = here.thumbs.strip(take, count=count, side=side)
    return drawn(request, strip.read_bytes(), etag=f"{take}-{count}x{side}")
