"""What a user has set for engines once and for all workspaces, such as a server's address, and which strangers may run.

An environment variable wins over the file, so that a script can say something else for itself.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import cast

from forkframe.errors import BadInput, OutputFailed

FOLDER_VARIABLE = "FORKFRAME_CONFIG"


def folder() -> Path:
    """Where a user's own settings and templates lie; it need not be there yet."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "forkframe"


def setting(name: str, variable: str, default: str = "") -> str:
    """A setting: that of the environment variable (if one is named), else the user's own, else `default`."""
    return (os.environ.get(variable, "").strip() if variable else "") or _read().get(name, default)


def keep_setting(name: str, value: str) -> None:
    """Keeps a user's setting; an empty one is forgotten.

    Raises:
        BadInput: the name or the value is none.
        OutputFailed: the file can't be written.
    """
    if not name.replace("-", "").isalnum() or len(value) > 2000 or not value.isprintable():
        raise BadInput(f"{name} can't be set to that", hint="use a short name and one line of text")
    kept = {**_read(), name: value}
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({k: v for k, v in kept.items() if v}, indent=2, sort_keys=True) + "\n")
        part.replace(path)
    except OSError as error:
        raise OutputFailed(
            f"{path} can't be written: {error.strerror or error}",
            hint=f"set {FOLDER_VARIABLE} to another folder",
        ) from error


def _read() -> dict[str, str]:
    try:
        said: object = json.loads(_path().read_text())
    except (OSError, ValueError):
        return {}
    pairs = cast("dict[object, object]", said) if isinstance(said, dict) else {}
    return {str(name): value for name, value in pairs.items() if isinstance(value, str)}


def _path() -> Path:
    return folder() / "engines.json"
