"""`forkframe engines`: what there is, and what is said of engines once for all workspaces."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from forkframe.cli.output import Json, print_json, print_table, spoken
from forkframe.errors import BadInput

engines_app = typer.Typer(name="engines", help="List engines, allow them, give them keys and settings.")

Name = Annotated[str, typer.Argument(metavar="ENGINE", help="`forkframe engines` lists them.")]


@engines_app.callback(invoke_without_command=True)
def engines(context: typer.Context, as_json: Json = False) -> None:
    """List engines: what they can do, on which terms, and what is missing."""
    if context.invoked_subcommand is not None:
        return
    with spoken(as_json=as_json):
        from forkframe.studio import engine_facts

        facts = engine_facts()
        if as_json:
            print_json(facts)
            return
        rows = [
            (
                str(fact["name"]),
                "yes" if fact["available"] else "no",
                ", ".join(fact["operations"]),  # type: ignore[arg-type]
                str(fact["licence"]),
                "; ".join(fact["missing"]) or str(fact["summary"]),  # type: ignore[arg-type]
            )
            for fact in facts
        ]
        print_table("Engines", ("name", "usable", "operations", "licence", ""), rows)


@engines_app.command()
def allow(name: Name, off: Annotated[bool, typer.Option("--off", help="No longer.")] = False) -> None:
    """Let an engine from another package run its author's code here."""
    with spoken(as_json=False):
        from forkframe.studio import allow_engine

        allow_engine(name, allowed=not off)
        print(f"{name} is {'off' if off else 'allowed'}")


@engines_app.command()
def key(
    name: Name, forget: Annotated[bool, typer.Option("--forget", help="Take it out again.")] = False
) -> None:
    """Keep your key for an engine in the system's keyring; it is asked for, or read from standard input."""
    with spoken(as_json=False):
        from forkframe.studio import keep_engine_key

        given = "" if forget else _secret(name)
        if not given and not forget:
            raise BadInput("no key was given", hint="paste it, or pipe it in; --forget takes one out")
        keep_engine_key(name, given)
        print(f"the key for {name} is {'forgotten' if forget else 'kept'}")


@engines_app.command("set")
def keep(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as comfyui.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Empty: forget it.")],
) -> None:
    """Keep a setting of engines, such as a server's address."""
    with spoken(as_json=False):
        from forkframe.studio import keep_engine_setting

        keep_engine_setting(name, value)
        print(f"{name} is {'set' if value else 'forgotten'}")


@engines_app.command()
def learn(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Such as a template.")],
) -> None:
    """Give a file, such as a template, to the engine that understands it."""
    with spoken(as_json=False):
        from forkframe.studio import teach_engines

        try:
            content = file.read_bytes()
        except OSError as error:
            raise BadInput(f"{file} can't be read: {error.strerror}", hint="check the name") from error
        print(teach_engines(file.name, content))


def _secret(name: str) -> str:
    """What is typed without being shown, or piped in."""
    if sys.stdin.isatty():
        return str(typer.prompt(f"key for {name}", hide_input=True, err=True))
    return sys.stdin.readline().strip()
