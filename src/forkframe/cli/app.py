"""The commands. Each is a few lines: arguments in, one call of the facade, the answer out."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forkframe.cli.engines import engines_app
from forkframe.cli.output import FAILED, Json, print_json, print_table, spoken, studio_on
from forkframe.cli.studio import open_in_browser
from forkframe.errors import BadInput

if TYPE_CHECKING:
    from forkframe.studio import Quote

app = typer.Typer(
    name="forkframe",
    help="Creative exploration as search: images are nodes, videos are edges, a film is a path.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("studio")(open_in_browser)
app.add_typer(engines_app)


@app.callback(invoke_without_command=True)
def without_command(context: typer.Context) -> None:
    """Creative exploration as search: images are nodes, videos are edges, a film is a path."""
    if context.invoked_subcommand is None:
        open_in_browser()


Workspace = Annotated[Path, typer.Argument(metavar="WS", help="The workspace's folder.")]
Engine = Annotated[str, typer.Option(help="Who renders; `forkframe engines` lists them.")]
Param = Annotated[list[str] | None, typer.Option(metavar="K=V", help="A parameter of the engine.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="The same seed gives the same picture.")]


@app.command()
def new(
    ws: Workspace,
    size: Annotated[
        str, typer.Option(metavar="WxH", help="Frame size; else the first picture proposes one.")
    ] = "",
    fps: Annotated[str, typer.Option(help="Frames per second, such as 24 or 30000/1001.")] = "24",
    as_json: Json = False,
) -> None:
    """Make a workspace."""
    with spoken(as_json=as_json):
        from forkframe.handles import frame_rate
        from forkframe.studio import Studio

        Studio.create(ws, size=_size(size) if size else None, fps=frame_rate(fps)).close()
        print_json({"path": str(ws)}) if as_json else print(ws)


@app.command()
def add(
    ws: Workspace,
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Picture files.")],
    as_json: Json = False,
) -> None:
    """Add pictures as nodes: all of them, or none if one can't be read."""
    from forkframe.studio import as_json as fields

    with studio_on(ws, as_json=as_json) as studio:
        nodes = studio.add(images)
        if as_json:
            print_json([fields(node) for node in nodes])
        else:
            for node in nodes:
                print(node.id, node.label)


@app.command()
def connect(
    ws: Workspace,
    a: Annotated[str, typer.Argument(metavar="A", help="The node it starts from.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The node it leads to.")],
    seconds: Annotated[float, typer.Option(help="How long it lasts.")] = 3.0,
    engine: Engine = "builtin",
    param: Param = None,
    as_json: Json = False,
) -> None:
    """Connect two nodes with a video and render its draft."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        parameters = typed_parameters(engine, "transition", _pairs(param or []))
        edge = studio.connect(a, b, seconds=seconds, engine=engine, parameters=parameters)
        edge = studio.wait(edge.id)
        print_json(fields(edge)) if as_json else print(edge.id, f"{edge.seconds:g} s", edge.state)


@app.command()
def generate(
    ws: Workspace,
    prompt: Annotated[str, typer.Option(help="What is to be seen.")] = "",
    n: Annotated[int, typer.Option("-n", help="How many.")] = 4,
    seed: Seed = None,
    engine: Annotated[str, typer.Option(help="Who renders; the first that can, if none is named.")] = "",
    param: Param = None,
    as_json: Json = False,
) -> None:
    """Make pictures from words, by an engine that can."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import engine_for, typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        name = engine or engine_for("generate")
        parameters = typed_parameters(name, "generate", _pairs(param or []))
        nodes = studio.generate(prompt=prompt, count=n, seed=seed, engine=name, parameters=parameters)
        if as_json:
            print_json([fields(made) for made in nodes])
        else:
            for made in nodes:
                print(made.id, f"seed {made.seed}")


@app.command()
def vary(
    ws: Workspace,
    node: Annotated[str, typer.Argument(metavar="NODE")],
    n: Annotated[int, typer.Option("-n", help="How many.")] = 4,
    strength: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="0 almost the same picture, 1 a new layout in the same hand."),
    ] = None,
    seed: Seed = None,
    engine: Engine = "builtin",
    param: Param = None,
    as_json: Json = False,
) -> None:
    """Make variations of a node: another composition, the same style."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        parameters = typed_parameters(engine, "vary", _pairs(param or []))
        nodes = studio.vary(node, count=n, strength=strength, seed=seed, engine=engine, parameters=parameters)
        if as_json:
            print_json([fields(made) for made in nodes])
        else:
            for made in nodes:
                print(made.id, f"seed {made.seed}")


@app.command()
def restyle(
    ws: Workspace,
    name: Annotated[str, typer.Argument(metavar="NODE|EDGE")],
    prompt: Annotated[str, typer.Option(help="The look, in words.")] = "",
    like: Annotated[str, typer.Option(metavar="NODE|BOARD", help="A style reference.")] = "",
    strength: Annotated[float | None, typer.Option(help="How much, 0 to 1.")] = None,
    seed: Seed = None,
    engine: Engine = "builtin",
    param: Param = None,
    as_json: Json = False,
) -> None:
    """Make a node in another style: the same composition, by words or like another node; or an edge, with its nodes."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        parameters = typed_parameters(engine, "restyle", _pairs(param or []))
        if name in {known for edge in studio.show().edges for known in (edge.id, edge.label)}:
            how = {**parameters, **({} if strength is None else {"strength": strength})}
            twin = studio.restyle_edge(
                name, prompt=prompt, like=like, parameters=how, seed=seed, engine=engine
            )
            twin = studio.wait(twin.id)
            print_json(fields(twin)) if as_json else print(twin.id, f"{twin.seconds:g} s", twin.state)
            return
        made = studio.restyle(
            name,
            prompt=prompt,
            like=like,
            strength=strength,
            seed=seed,
            engine=engine,
            parameters=parameters,
        )
        if as_json:
            print_json(fields(made))
        else:
            print(made.id, *made.notes, sep="\n  ")


@app.command()
def animate(
    ws: Workspace,
    node: Annotated[str, typer.Argument(metavar="NODE")],
    camera: Annotated[str, typer.Option(help="What the camera does, such as push-in.")] = "",
    path: Annotated[
        str,
        typer.Option(metavar="X,Y...", help="The line it follows, such as “0.2,0.5 0.5,0.4 0.8,0.6”."),
    ] = "",
    seconds: Annotated[float, typer.Option(help="How long it lasts.")] = 3.0,
    seed: Seed = None,
    engine: Engine = "builtin",
    param: Param = None,
    as_json: Json = False,
) -> None:
    """Make a node move: a video that begins with it, and whose last frame is a new node."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        said = [f"{k}={v}" for k, v in (("camera", camera), ("path", path)) if v] + (param or [])
        parameters = typed_parameters(engine, "animate", _pairs(said))
        edge = studio.animate(node, seconds=seconds, seed=seed, engine=engine, parameters=parameters)
        print_json(fields(edge)) if as_json else print(edge.id, f"{edge.seconds:g} s", edge.state)


@app.command()
def loop(
    ws: Workspace,
    node: Annotated[str, typer.Argument(metavar="NODE")],
    strength: Annotated[
        float | None, typer.Option(help="How far from the picture it goes: 0 hardly, 1 to a new layout.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long one round lasts.")] = 6.0,
    seed: Seed = None,
    engine: Engine = "builtin",
    param: Param = None,
    as_json: Json = False,
) -> None:
    """Make a node a loop: to a variation of it and back, as a sequence that plays without a seam."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        parameters = typed_parameters(engine, "vary", _pairs(param or []))
        saved = studio.loop(
            node, strength=strength, seconds=seconds, seed=seed, engine=engine, parameters=parameters
        )
        for step in saved.steps:
            studio.wait(step)
        print_json(fields(saved)) if as_json else print(saved.id, f"{saved.name}, {saved.seconds:.2f} s")


@app.command()
def mix(
    ws: Workspace,
    nodes: Annotated[
        list[str] | None, typer.Argument(metavar="NODE:WEIGHT...", help="Two to four nodes.")
    ] = None,
    composition: Annotated[str, typer.Option(metavar="NODE", help="Whose composition.")] = "",
    style: Annotated[str, typer.Option(metavar="NODE", help="Whose style.")] = "",
    seed: Seed = None,
    engine: Engine = "builtin",
    param: Param = None,
    as_json: Json = False,
) -> None:
    """Blend nodes by weight, or put the composition of one into the style of another."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        weights = [_weighted(text) for text in nodes or []]
        parameters = typed_parameters(engine, "mix", _pairs(param or []))
        made = studio.mix(
            weights,
            composition=composition,
            style=style,
            seed=seed,
            engine=engine,
            parameters=parameters,
        )
        print_json(fields(made)) if as_json else print(made.id)


@app.command()
def branch(
    ws: Workspace,
    edge: Annotated[str, typer.Argument(metavar="EDGE")],
    at: Annotated[str, typer.Option(metavar="T", help="0 to 1, or a time such as 1.5s.")],
    as_json: Json = False,
) -> None:
    """Cut an edge: the frame there becomes a node, the edge two edges. Nothing is rendered."""
    from forkframe.studio import as_json as fields

    with studio_on(ws, as_json=as_json) as studio:
        node = studio.branch(edge, at=at)
        print_json(fields(node)) if as_json else print(node.id)


@app.command()
def sequence(
    ws: Workspace,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    nodes: Annotated[list[str], typer.Argument(metavar="NODE...")],
    via: Annotated[list[str] | None, typer.Option(metavar="EDGE", help="An edge it must walk.")] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Return to the first node.")] = False,
    reverse: Annotated[bool, typer.Option("--reverse", help="Edges may be walked backwards too.")] = False,
    as_json: Json = False,
) -> None:
    """Save the shortest continuous path through nodes, in this order."""
    from forkframe.studio import as_json as fields

    with studio_on(ws, as_json=as_json) as studio:
        saved = studio.save_sequence(name, nodes, via=via or [], loop=loop, reverse=reverse)
        if as_json:
            print_json(fields(saved))
            return
        print(saved.id, f"{len(saved.steps)} edge{'s' * (len(saved.steps) != 1)}, {saved.seconds:.2f} s")
        if saved.inserted:
            print("  goes through", ", ".join(saved.inserted), "too")
        for note in saved.notes:
            print(" ", note)


@app.command()
def export(
    ws: Workspace,
    name: Annotated[str, typer.Argument(metavar="SEQUENCE")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="The format follows the suffix: .mp4")
    ],
    as_json: Json = False,
) -> None:
    """Write a sequence as a film; what matches is copied, not encoded again."""
    from forkframe.studio import as_json as fields

    with studio_on(ws, as_json=as_json) as studio:
        film = studio.export(name, out)
        if as_json:
            print_json(fields(film))
        else:
            first = f"{film.prepared} frames of edges encoded first, " if film.prepared else ""
            print(
                film.path,
                f"{film.seconds:.2f} s, {first}{film.copied} joined by copying, {film.encoded} encoded again",
            )


@app.command()
def finish(
    ws: Workspace,
    name: Annotated[str, typer.Argument(metavar="SEQUENCE")],
    engine: Engine = "builtin",
    param: Param = None,
    yes: Annotated[bool, typer.Option("--yes", help="Spend what it costs without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Render finals of a whole path, in the order in which they depend on each other, for one price shown before."""
    from forkframe.studio import as_json as fields
    from forkframe.studio import typed_parameters

    with studio_on(ws, as_json=as_json) as studio:
        parameters = typed_parameters(engine, "transition", _pairs(param or []))
        quote = studio.quote(name, engine=engine, parameters=parameters)
        if not as_json:
            print(_priced(quote))
        if quote.dollars and not yes and not (sys.stdin.isatty() and typer.confirm("go on?", err=True)):
            raise BadInput(
                f"that costs about ${quote.dollars:.2f}; nothing was asked for", hint="add --yes to spend it"
            )
        made = studio.finish(name, engine=engine, parameters=parameters, most=quote.dollars)
        if as_json:
            print_json(fields(made))
        else:
            cost = f", ${made.dollars:.2f}" if made.dollars else ""
            print(f"{_counted(made.edges, 'edge')} and {_counted(made.pictures, 'picture')} finished{cost}")


@app.command()
def show(ws: Workspace, as_json: Json = False) -> None:
    """List nodes, edges and sequences; works while another process writes."""
    with spoken(as_json=as_json):
        from forkframe.studio import as_json as fields
        from forkframe.studio import show_workspace

        view = show_workspace(ws)
        if as_json:
            print_json(fields(view))
            return
        size = f"{view.size[0]}×{view.size[1]}" if view.size else "no frame yet"
        print(f"{view.path}  {size} at {view.fps} frames/s")
        names = {node.id: node.label or node.id for node in view.nodes}
        print_table(
            "Nodes",
            ("id", "label", "picture", "made by"),
            [(n.id, n.label, f"{n.size[0]}×{n.size[1]}", n.made_by) for n in view.nodes],
        )
        print_table(
            "Edges",
            ("id", "from", "to", "seconds", "engine", "takes", "state"),
            [
                (
                    e.id,
                    names[e.source],
                    names[e.target],
                    f"{e.seconds:.2f}",
                    e.engine,
                    str(len(e.takes)),
                    e.state,
                )
                for e in view.edges
            ],
        )
        print_table(
            "Sequences",
            ("id", "name", "edges", "seconds"),
            [(s.id, s.name, str(len(s.steps)), f"{s.seconds:.2f}") for s in view.sequences],
        )


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, usable and missing."""
    with spoken(as_json=as_json):
        from forkframe.studio.doctor import examine

        findings = examine()
        if as_json:
            print_json([{"name": f.name, "ok": f.ok, "found": f.found, "advice": f.advice} for f in findings])
        else:
            rows = [("✓" if f.ok else "✗", f.name, f.found, f.advice) for f in findings]
            print_table("", ("", "part", "found", "what to do"), rows)
        if not all(f.ok or f.optional for f in findings):
            raise typer.Exit(FAILED)


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the film, the picture and the workspace go.")
    ] = Path("demo-out"),
    as_json: Json = False,
) -> None:
    """Do the main job on real photographs, end to end, and leave a film to watch."""
    with spoken(as_json=as_json):
        from forkframe.demo import run_demo

        report = run_demo(out, say=(lambda _: None) if as_json else print)
        if as_json:
            print_json(report)


def _priced(quote: Quote) -> str:
    pictures = f" and {_counted(quote.pictures, 'picture')}" if quote.pictures else ""
    price = f"about ${quote.dollars:.2f}" if quote.dollars else "free"
    return f"{_counted(quote.edges, 'edge')}{pictures} to render by {quote.engine}: {price}, about {quote.seconds:.0f} s of work"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text.lower())
    if not match:
        raise BadInput(f"{text!r} is no size", hint="write it as 1280x720")
    return int(match[1]), int(match[2])


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise BadInput(f"{name!r} is no parameter with a value", hint="write it as --param name=value")
    return {name: value for name, _, value in pairs}


def _weighted(text: str) -> tuple[str, float]:
    name, colon, weight = text.rpartition(":")
    if not colon:
        return text, 1.0
    try:
        return name, float(Fraction(weight))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise BadInput(f"{weight!r} is no weight", hint="write it as NODE:0.7") from None
