"""What a worker and its owner say to each other: one JSON object a line, over the worker's own pipe.

Owner to worker: `{"run": NUMBER, "task": NAME, "args": {…}}`, `{"cancel": NUMBER}`, `{"reply": {"value" or "error"}}`.
Worker to owner: `{"progress": SHARE, "preview": PATH}` (the preview only where there is a new one) and `{"ask": NAME,
"args": {…}}`, which waits for a reply, any number of times; then one of `{"done": {…}}`, `{"cancelled": true}`,
`{"error": {"kind", "message", "hint", "detail"}}`. `detail` is for the log, never for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypedDict, cast

from forkframe import errors
from forkframe.errors import ForkframeError, RenderFailed


class Failure(TypedDict):
    """An error on its way from a worker."""

    kind: str
    message: str
    hint: str
    detail: str


def encode(message: Mapping[str, object]) -> bytes:
    """One line."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def decode(line: bytes) -> dict[str, object] | None:
    """The object of one line, or None for what is not a message."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, object]", message) if isinstance(message, dict) else None


def failure_of(error: ForkframeError, *, detail: str = "") -> Failure:
    """An error as it is sent."""
    return Failure(kind=type(error).__name__, message=error.message, hint=error.hint, detail=detail)


def error_of(failure: Failure) -> ForkframeError:
    """The error that was sent, of its own class."""
    kind = getattr(errors, failure["kind"], None)
    if not (isinstance(kind, type) and issubclass(kind, ForkframeError)):
        kind = RenderFailed
    return kind(failure["message"], hint=failure["hint"])
