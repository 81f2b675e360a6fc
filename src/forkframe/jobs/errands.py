"""Errands: what a second process asks of the one that has the workspace open, such as to cancel a job.

Only the owner writes to the database. Somebody else leaves a file in the workspace's `errands/`; the owner, who looks
there a few times each second, acts on it and leaves an answer. Errands are safe to run twice.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypedDict, cast

from forkframe.errors import ForkframeError, OutputFailed, WorkspaceBusy
from forkframe.jobs import wire

FOLDER = "errands"
_STALE = 30.0
"""Seconds after which whoever left an errand has stopped waiting, and nobody may act on it any more."""
_MOST_BYTES = 1 << 20
_POLL = 0.02


class Errand(TypedDict):
    """What is asked: an action and the names of what it is about."""

    action: str
    names: list[str]


def send(workspace: Path, errand: Errand, *, timeout: float = 10.0) -> Mapping[str, object]:
    """What the owner of a workspace answers to an errand.

    Raises:
        WorkspaceBusy: it does not answer; nothing was done.
        OutputFailed: the errand could not be left.
        ForkframeError: what the owner objects.
    """
    folder = workspace / FOLDER
    key = secrets.token_hex(8)
    asked, answered = folder / f"{key}.ask", folder / f"{key}.answer"
    try:
        folder.mkdir(exist_ok=True)
        _write(asked, errand)
        deadline = time.monotonic() + timeout
        while not answered.exists():
            if time.monotonic() > deadline:
                raise WorkspaceBusy(
                    f"another program has {workspace} open and does not answer",
                    hint="wait until it has finished, or end it",
                )
            time.sleep(_POLL)
        reply = cast("dict[str, object]", json.loads(answered.read_bytes()))
    except OSError as error:
        raise OutputFailed(
            f"could not leave an errand in {folder}: {error.strerror}", hint="check that you may write there"
        ) from error
    finally:
        for file in (asked, answered):
            with suppress(OSError):
                file.unlink(missing_ok=True)
    if "error" in reply:
        raise wire.error_of(cast("wire.Failure", reply["error"]))
    return cast("Mapping[str, object]", reply["value"])


def run(workspace: Path, perform: Callable[[Errand], Mapping[str, object]]) -> None:
    """Performs and answers the errands that others have left."""
    folder = workspace / FOLDER
    try:
        entries = list(os.scandir(folder))
    except OSError:  # nobody has ever left one
        return
    for entry in entries:
        with suppress(OSError):
            is_stale = time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE
            if is_stale or not entry.is_file(follow_symlinks=False):
                Path(entry.path).unlink()
            elif entry.name.endswith(".ask") and entry.stat().st_size <= _MOST_BYTES:
                asked = Path(entry.path)
                _write(asked.with_suffix(".answer"), _answer(asked.read_bytes(), perform))
                asked.unlink()


def _answer(content: bytes, perform: Callable[[Errand], Mapping[str, object]]) -> Mapping[str, object]:
    try:
        errand = json.loads(content)
        names = errand["names"]
        if not (isinstance(errand["action"], str) and isinstance(names, list)):
            raise TypeError("an action and a list of names are wanted")
        if not all(isinstance(name, str) for name in cast("list[object]", names)):
            raise TypeError("a name is no text")
        return {"value": dict(perform(errand))}
    except ForkframeError as error:
        return {"error": wire.failure_of(error)}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return {"error": wire.failure_of(ForkframeError(f"that errand makes no sense: {error}"))}


def _write(file: Path, content: object) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(file)
