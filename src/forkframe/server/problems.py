"""Errors as answers: one status for each branch of the tree in `forkframe.errors`, and one line of what to try."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from forkframe import errors
from forkframe.server.security import Refusal, failure
from forkframe.server.wire import Json

_log = logging.getLogger(__name__)

_STATUS: Mapping[type[Exception], int] = {
    errors.BadInput: 422,
    errors.NotFound: 404,
    errors.ChangeRefused: 409,
    errors.WorkspaceError: 503,
    errors.WorkspaceBusy: 409,
    errors.OutputFailed: 507,
    errors.OverBudget: 402,
    errors.EngineError: 502,
    errors.EngineUnavailable: 409,
    errors.EngineBusy: 503,
    errors.Cancelled: 409,
    TimeoutError: 504,
}
"""An error that is not here has the status of its nearest ancestor that is."""


def problem(error: Exception, *, status: int | None = None) -> Response:
    """What a client is told of an error of the tree, of cancelling, or of patience that ran out."""
    found = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    message, hint = str(error), ""
    if isinstance(error, errors.ForkframeError):
        message, hint = error.message, error.hint
    message = message or ("it was cancelled" if isinstance(error, errors.Cancelled) else "it takes longer")
    return Json({"error": message, "hint": hint, "kind": type(error).__name__}, status or found)


def answer_errors(app: FastAPI) -> None:
    """Has all errors answered as JSON, and no traceback leave the house."""

    @app.exception_handler(errors.ForkframeError)
    @app.exception_handler(errors.Cancelled)
    async def known(_: Request, error: Exception) -> Response:
        return problem(error)

    @app.exception_handler(Refusal)
    async def refused(_: Request, error: Refusal) -> Response:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
        return Json(
            {
                "error": f"{where or 'the body'}: {first['msg']}",
                "hint": "see /api/openapi.json",
                "kind": "BadInput",
            },
            422,
        )

    @app.exception_handler(HTTPException)
    async def unfit(_: Request, error: HTTPException) -> Response:
        return Json(
            {"error": str(error.detail), "hint": "", "kind": "Refusal"},
            error.status_code,
            headers=error.headers,
        )

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return failure()

    # Decorators keep them; nobody calls them by name.
    del known, refused, malformed, unfit, unexpected
