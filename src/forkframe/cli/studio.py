"""`forkframe studio`, and `forkframe` alone: the workspace in the browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forkframe.cli.output import spoken
from forkframe.errors import BadInput

if TYPE_CHECKING:
    from forkframe.studio import Studio

PORT = 7433
DEMO = "demo.forkframe"


def open_in_browser(
    ws: Annotated[
        Path | None,
        typer.Argument(metavar="[WS]", help="The workspace's folder; made if there is nothing there."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The next free one is taken if it is not free.")
    ] = PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    beyond: Annotated[
        bool, typer.Option("--allow-remote", help="Listen on an address that other machines can reach.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
) -> None:
    """Open the studio in the browser; without WS on the workspace in this folder, or on a demo."""
    with spoken(as_json=False):
        from forkframe.server import serve
        from forkframe.store import holder_of
        from forkframe.store.reading import LOCK

        path = ws or the_workspace_here(Path.cwd())
        holder = holder_of(path / LOCK)
        if holder and holder.address and holder.token:
            address = f"{holder.address}/?token={holder.token}"
            print(address, flush=True)
            print("forkframe: it is open already", file=sys.stderr)
            if browser:
                typer.launch(address)
            return
        studio = _opened(path, demo=ws is None)
        try:
            serve(studio, host=host, port=port, allow_remote=beyond, open_browser=browser)
        finally:
            studio.close(finish=False)  # what is queued goes on when it is opened again


def the_workspace_here(folder: Path) -> Path:
    """The one workspace in a folder, or where a demo would be.

    Raises:
        BadInput: there are several.
    """
    found = sorted(path.parent for path in folder.glob("*.forkframe/workspace.db"))
    if len(found) > 1:
        raise BadInput(
            f"there are {len(found)} workspaces here", hint=f"name one: forkframe studio {found[0].name}"
        )
    return found[0] if found else folder / DEMO


def _opened(path: Path, *, demo: bool) -> Studio:
    from forkframe.demo.opening import create_demo
    from forkframe.studio import Studio

    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        return Studio.open(path, on_wait=lambda line: print(f"forkframe: {line}", file=sys.stderr))
    if demo:
        print(f"forkframe: making a demo of six photographs in {path.name}", file=sys.stderr)
        return create_demo(path)
    return Studio.create(path)
