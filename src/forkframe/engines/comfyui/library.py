"""The templates that there are: those that come with Forkframe, and those in the user's own folder."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from forkframe.engines.comfyui.manifest import read_template
from forkframe.engines.comfyui.template import Template
from forkframe.engines.settings import folder
from forkframe.errors import BadInput, OutputFailed

SHIPPED = ("wan", "ltx", "flux2-klein", "crossfade")
"""In the order in which they are preferred."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Broken:
    """A file in the user's folder that is no template (any more), and why."""

    name: str
    reason: str


def templates() -> tuple[Template | Broken, ...]:
    """All of them, ours first."""
    return (*map(_shipped, SHIPPED), *(_kept(path) for path in sorted(own_folder().glob("*.json"))))


def template(name: str) -> Template | Broken | None:
    """The template of that name."""
    if name in SHIPPED:
        return _shipped(name)
    path = own_folder() / f"{name}.json"
    return _kept(path) if _NAME.fullmatch(name) and path.exists() else None


def own_folder() -> Path:
    """Where the user's own templates lie."""
    return folder() / "comfyui"


def install_template(data: bytes, *, name: str) -> Template:
    """Checks a user's workflow and keeps it; from then on it is the engine `comfyui:NAME`.

    A workflow that replaces another one of the same name, and does something else, gets a higher version, so that what
    the old one made stays apart from what this one makes.

    Args:
        data: a JSON file: a template, or a workflow in API format whose nodes are titled (see `manifest_from_titles`).
        name: of the file.

    Raises:
        BadInput: it is none, or its name belongs to one of ours.
        OutputFailed: it can't be written.
    """
    short = re.sub(r"[^a-z0-9]+", "-", Path(name).stem.lower()).strip("-")[:40]
    if not _NAME.fullmatch(short):
        raise BadInput(
            f"{name!r} can't become an engine's name", hint="rename the file, with letters or digits"
        )
    if short in SHIPPED:
        raise BadInput(f"{short} is one of the workflows that come with Forkframe", hint="rename the file")
    made = read_template(data, name=short, file=name)
    path = own_folder() / f"{short}.json"
    before = _kept(path) if path.exists() else None
    if isinstance(before, Template) and path.read_bytes() != data and made.version <= before.version:
        data = _with_version(data, before.version + 1, file=name)
        made = read_template(data, name=short, file=name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise OutputFailed(
            f"{path} can't be written: {error.strerror or error}",
            hint="free some space, or set FORKFRAME_CONFIG",
        ) from error
    return made


def _with_version(data: bytes, version: int, *, file: str) -> bytes:
    """The template with another version; a workflow that came without a manifest becomes one with it."""
    from forkframe.engines.comfyui.titles import manifest_from_titles

    whole = cast("dict[str, object]", json.loads(data))
    if "forkframe" not in whole:
        graph = cast("dict[str, dict[str, object]]", whole.get("prompt", whole))
        whole = {"forkframe": manifest_from_titles(graph, file=file), "prompt": graph}
    manifest = cast("dict[str, object]", whole["forkframe"])
    return json.dumps({**whole, "forkframe": {**manifest, "version": version}}, indent=1).encode()


@lru_cache
def _shipped(name: str) -> Template:
    source = files("forkframe.engines.comfyui") / "templates" / f"{name}.json"
    return read_template(source.read_bytes(), name=name, file=f"{name}.json")


def _kept(path: Path) -> Template | Broken:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        return Broken(path.stem, f"{path} can't be read: {error.strerror or error}")


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> Template | Broken:
    if not _NAME.fullmatch(path.stem):
        return Broken("", f"{path} needs a name of lower-case letters, digits and hyphens")
    try:
        return read_template(path.read_bytes(), name=path.stem, file=str(path))
    except BadInput as error:
        return Broken(path.stem, f"{error.message}: {error.hint}")
