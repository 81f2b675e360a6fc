"""Pictures coming in, one a request, streamed to the disk: a large one never lies in memory."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from forkframe.errors import BadInput, ForkframeError, OutputFailed
from forkframe.server import security, shapes, wire
from forkframe.server.asking import Here, router, rows_of
from forkframe.studio import Studio

uploads: APIRouter = router()

_FAR = 1e9  # canvas units
_MOST_LABEL = 120
_AT_ONCE = 1 << 20  # bytes that are gathered before they are written

Place = Annotated[float | None, Query(ge=-_FAR, le=_FAR, allow_inf_nan=False)]


@uploads.post(
    "/uploads",
    response_model=list[shapes.NodeJson],
    openapi_extra={
        "requestBody": {"required": True, "content": {"image/*": {}, "application/octet-stream": {}}}
    },
)
async def post_upload(
    here: Here,
    request: Request,
    name: Annotated[str, Query(max_length=4096)] = "",
    x: Place = None,
    y: Place = None,
) -> Response:
    """A picture becomes a node with its centre at x, y, or beside what is there. The body is the file."""
    at = None if x is None or y is None else (x, y)
    try:
        cache = Path(request.app.state.folder) / "cache"
        cache.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="upload-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "incoming.file"
            await _receive(request, file)
            return await to_thread.run_sync(_added, here, file, label_of(name), at)
    except OSError as error:
        raise OutputFailed(
            f"could not keep the upload: {error.strerror}", hint="make space on the disk"
        ) from error


def label_of(name: str) -> str:
    """What a picture is called after its file: no folders, no suffix, nothing that can't be printed."""
    base = re.split(r"[/\\]", name)[-1]
    stem = base.rsplit(".", 1)[0] if "." in base.lstrip(".") else base
    return "".join(c for c in stem if c.isprintable()).strip()[:_MOST_LABEL]


async def _receive(request: Request, file: Path) -> None:
    """Writes the body into `file`.

    Raises:
        Refusal: it is too large.
        BadInput: it is empty.
        ClientDisconnect: whoever sends it left.
    """
    size = 0
    with file.open("wb", buffering=0) as out:
        waiting = bytearray()
        async for chunk in request.stream():
            size += len(chunk)
            if size > security.MOST_UPLOAD:
                raise security.too_large(security.MOST_UPLOAD)
            waiting += chunk
            if len(waiting) >= _AT_ONCE:
                await to_thread.run_sync(out.write, bytes(waiting))
                waiting.clear()
        await to_thread.run_sync(out.write, bytes(waiting))
    if size == 0:
        raise BadInput("there is nothing in it", hint="send the picture's bytes as the body")


def _added(here: Studio, file: Path, label: str, at: tuple[float, float] | None) -> Response:
    try:
        nodes = here.add([file], labels=[label], at=at)
    except ForkframeError as error:  # it names a file that nobody knows
        for name in (str(file), file.name):
            error.message = error.message.replace(name, label or "the file")
        raise
    return wire.Json(rows_of(here, *(node.id for node in nodes)))
