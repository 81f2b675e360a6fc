"""The demo's story: six photographs become a branching workspace, and a path through it a film.

It uses nothing but the public Python API, so that it is an example too.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import forkframe as ff
from forkframe.demo.picture import draw_graph
from forkframe.errors import OutputFailed

PHOTOGRAPHS = Path(__file__).parent / "photographs"
SECONDS = 3.0
"""How long each edge lasts."""

Say = Callable[[str], None]


def run_demo(out: Path, *, say: Say = print) -> dict[str, object]:
    """Makes `film.mp4`, `graph.png` and the workspace `demo.forkframe` in the folder `out`, replacing former ones.

    Returns:
        Where they are, what is in them, and the seconds that each step took.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(
            f"the demo can't write to {out}: {error.strerror}", hint="name another folder"
        ) from error
    shutil.rmtree(out / "demo.forkframe", ignore_errors=True)
    clock = _Clock(say)
    with ff.open(out / "demo.forkframe", size=(1280, 720), fps=24) as ws:
        with clock("six photographs added"):
            names = ("astronaut", "cat", "retina", "galaxies", "rocket", "coffee")
            astronaut, cat, retina, galaxies, rocket, coffee = ws.add(
                *(PHOTOGRAPHS / f"{name}.jpg" for name in names)
            )
        with clock("two variations of the cat, “Image Variations”"):
            sideways, other = ws.vary(cat, n=2, strength=0.5, seed=4)
            sideways.label, other.label = "another cat", "yet another cat"
        with clock("two restyles, “Image to Image”"):
            evening = ws.restyle(rocket, prompt="what would this look like in the evening")
            warm = ws.restyle(cat, like=coffee)
            evening.label, warm.label = "rocket, evening", "cat like coffee"
        with clock("nine transitions"):
            ring = [astronaut, cat, retina, galaxies, rocket, evening, coffee]
            edges = [
                ws.connect(a, b, seconds=SECONDS) for a, b in zip(ring, [*ring[1:], astronaut], strict=True)
            ]
            edges += [ws.connect(cat, sideways, seconds=SECONDS), ws.connect(cat, warm, seconds=SECONDS)]
            for edge in edges:
                edge.wait()
        with clock("a branch in the middle of retina → galaxies, and a thread of its own from there"):
            middle = ws.branch(edges[2], at=0.5, label="between")
            thread = [ws.connect(middle, other, seconds=SECONDS), ws.connect(other, cat, seconds=SECONDS)]
            for edge in thread:
                edge.wait()
        ws.move(
            _rows([astronaut, cat, retina, middle], y=0)
            | _rows([coffee, evening, rocket, galaxies], y=1120)
            | {sideways: (350.0, 560.0), warm: (870.0, 560.0), other: (1500.0, 560.0)}
        )
        with clock("a path all the way round through the branch, and one that leaves there"):
            loop = ws.sequence("round", [astronaut, retina, middle, galaxies, coffee], loop=True)
            fork = ws.sequence("fork", [astronaut, retina, middle, other, warm])
        with clock("film exported"):
            film = loop.export(out / "film.mp4")
            other_film = fork.export(out / "fork.mp4")
        with clock("graph drawn"):
            draw_graph(ws, out / "graph.png")
        view = ws.show()
    say("")
    say(f"{len(view.nodes)} nodes, {len(view.edges)} edges, {clock.total:.0f} s in all")
    for path, what in (
        (
            film.path,
            f"the film, {film.seconds:.1f} s; its edges encoded once, then {film.copied} of {film.frames} frames joined by copying",
        ),
        (other_film.path, f"the other way from the branch, {other_film.seconds:.1f} s"),
        (str(out / "graph.png"), "a picture of the graph"),
        (view.path, "the workspace: forkframe show"),
    ):
        say(f"  {path}  {what}")
    return {
        "film": film.path,
        "seconds": film.seconds,
        "frames": film.frames,
        "graph": str(out / "graph.png"),
        "workspace": view.path,
        "nodes": len(view.nodes),
        "edges": len(view.edges),
        "took": clock.took,
    }


class _Clock:
    """Says what was done and how long it took."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.took: dict[str, float] = {}

    @property
    def total(self) -> float:
        """Seconds for everything so far."""
        return sum(self.took.values())

    @contextmanager
    def __call__(self, what: str) -> Generator[None]:
        start = time.perf_counter()
        yield
        self.took[what] = round(time.perf_counter() - start, 2)
        self._say(f"{self.took[what]:6.1f} s  {what}")


def _rows(nodes: list[ff.Node], *, y: float) -> dict[ff.Node, tuple[float, float]]:
    return {node: (700.0 * place, y) for place, node in enumerate(nodes)}
