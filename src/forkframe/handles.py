"""The Python API: handles that know their workspace. Every argument that names a node takes a handle, an id or a label."""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, overload

from forkframe.errors import BadInput, ForkframeError
from forkframe.progress import shown
from forkframe.studio import (
    Budget,
    EdgeView,
    FilmView,
    FinishView,
    JobView,
    NodeView,
    QueueView,
    Quote,
    SequenceView,
    Studio,
    WorkspaceView,
)
from forkframe.studio.desk import Listener
from forkframe.studio.remote import open_studio
from forkframe.studio.views import TakeView

if TYPE_CHECKING:
    from forkframe.engines.builtin.code import Code

_open: weakref.WeakSet[Workspace] = weakref.WeakSet()


class _Handle:
    """Names something in an open workspace; two handles of the same thing are equal."""

    def __init__(self, studio: Studio, key: str) -> None:
        self._studio = studio
        self.id = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Handle) and (self._studio, self.id) == (other._studio, other.id)

    def __hash__(self) -> int:
        return hash(self.id)


class Node(_Handle):
    """A node of a workspace. `id` names it; everything else is as it is now."""

    def __repr__(self) -> str:
        try:
            return f"<Node {self.view().label or self.id}>"
        except ForkframeError:
            return f"<Node {self.id}: deleted>"

    def view(self) -> NodeView:
        """All facts about the node."""
        return self._studio.node(self.id)

    @property
    def label(self) -> str:
        """Its label; settable."""
        return self.view().label

    @label.setter
    def label(self, label: str) -> None:
        self._studio.set_fields(self.id, {"label": label})

    @property
    def notes(self) -> tuple[str, ...]:
        """What the engine that made it had to say."""
        return self.view().notes

    def png(self) -> bytes:
        """Its picture as it sits in the frame."""
        return self._studio.picture(self.id)

    def code(self) -> Code:
        """Its place in the latent space: `composition` `(16, 16, 3)` and `style` `(21,)`, NumPy arrays of float32.

        What they mean, what is lost, `between`, `decode` and the distances stand in `forkframe.engines.builtin.code`.
        """
        import numpy as np

        from forkframe.engines.builtin.code import CELLS, Code

        found = self._studio.encode(self.id)
        composition = np.array(found.composition, np.float32).reshape(CELLS, CELLS, 3)
        return Code(composition, np.array(found.style, np.float32))

    def _repr_png_(self) -> bytes:
        return self.png()


class Edge(_Handle):
    """An edge of a workspace."""

    def __repr__(self) -> str:
        try:
            view = self.view()
        except ForkframeError:
            return f"<Edge {self.id}: cut or deleted>"
        return f"<Edge {self.id}: {view.source} → {view.target}, {view.seconds:g} s, {view.state}>"

    def view(self) -> EdgeView:
        """All facts about the edge."""
        return self._studio.edge(self.id)

    @property
    def takes(self) -> tuple[TakeView, ...]:
        """Its takes, failed ones included, in the order they came."""
        return self.view().takes

    def wait(self, timeout: float | None = None) -> Edge:
        """Returns when the edge has a draft that fits it, and shows progress meanwhile.

        Raises:
            TimeoutError: it has none after `timeout` seconds.
            ForkframeError: its draft failed.
        """
        with shown(self._studio):
            self._studio.wait(self.id, timeout=timeout)
        return self

    def strip(self, *, frames: int = 7, side: int = 160) -> list[bytes]:
        """Evenly spread frames as PNGs whose longer side has `side` pixels."""
        return self._studio.strip(self.id, frames=frames, side=side)


class Job(_Handle):
    """A job in a workspace's queue: a request to an engine or exporter, from submitted to its end."""

    def __repr__(self) -> str:
        view = self.view()
        why = f": {view.failure}" if view.failure else ""
        return f"<Job {self.id}: {view.title}, {view.state}{why}>"

    def view(self) -> JobView:
        """All facts about the job."""
        return self._studio.jobs.named(self.id)[0]

    @property
    def state(self) -> str:
        """`queued`, `waiting`, `paused`, `running`, `cancelling`, `done`, `failed` or `cancelled`."""
        return self.view().state

    @property
    def story(self) -> tuple[str, ...]:
        """What happened to it, one line each."""
        return self.view().story

    def wait(self, timeout: float | None = None) -> Job:
        """Returns when it is done, and shows progress meanwhile.

        Raises:
            TimeoutError: it is not after `timeout` seconds.
            ForkframeError: it failed.
        """
        with shown(self._studio):
            self._studio.jobs.wait(self.id, timeout=timeout)
        return self

    def cancel(self) -> None:
        """Cancels it; if it runs, it stops at its next step."""
        self._studio.jobs.cancel(self.id)

    def retry(self) -> None:
        """Asks for it again, unchanged, after it failed or was cancelled."""
        self._studio.jobs.retry(self.id)

    def preview(self) -> bytes | None:
        """A small PNG of what it is making, while it runs, where its engine gives one."""
        return self._studio.jobs.preview(self.id)


class SavedSequence(_Handle):
    """A saved path of a workspace."""

    def __init__(self, studio: Studio, view: SequenceView) -> None:
        super().__init__(studio, view.id)
        self.inserted = view.inserted
        self.notes = view.notes

    def __repr__(self) -> str:
        view = self.view()
        return f"<Sequence {view.name!r}: {len(view.steps)} steps, {view.seconds:g} s>"

    def view(self) -> SequenceView:
        """All facts about the sequence."""
        return self._studio.sequence(self.id)

    def export(self, path: str | os.PathLike[str]) -> FilmView:
        """Writes it as a film; the format follows the suffix (.mp4)."""
        with shown(self._studio):
            return self._studio.export(self.id, Path(path))

    def quote(self, *, engine: str, parameters: Mapping[str, object] | None = None) -> Quote:
        """What it would take to render finals of all its edges by an engine."""
        return self._studio.quote(self.id, engine=engine, parameters=parameters)

    def finish(
        self, *, engine: str, parameters: Mapping[str, object] | None = None, most: float | None = None
    ) -> FinishView:
        """Renders finals of all its edges by an engine, in the order in which they depend on each other.

        Args:
            engine: who renders.
            parameters: of the engine.
            most: US dollars that it may cost; what it would cost says `quote`.

        Raises:
            OverBudget: it costs more than that, or than the workspace's budget has left.
        """
        with shown(self._studio):
            return self._studio.finish(self.id, engine=engine, parameters=parameters, most=most)


NodeName = Node | str
EdgeName = Edge | str


class Workspace:
    """An open workspace. Close it, or use it in a `with` block; leaving the program closes it too."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._closed = False
        _open.add(self)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(finish=error is None)

    def __repr__(self) -> str:
        view = self.show()
        return f"<Workspace {view.path}: {len(view.nodes)} nodes, {len(view.edges)} edges>"

    def close(self, *, finish: bool = True) -> None:
        """Closes it. What was asked for here is finished first, or stays queued until it is opened again."""
        if not self._closed:
            self._closed = True
            self._studio.close(finish=finish)

    def show(self) -> WorkspaceView:
        """Everything that is in it."""
        return self._studio.show()

    def watch(self, listener: Listener) -> None:
        """Calls `listener` with all progress from now on, from any thread."""
        self._studio.watch(listener)

    @property
    def nodes(self) -> list[Node]:
        """Its nodes, in the order they came."""
        return [Node(self._studio, view.id) for view in self.show().nodes]

    @property
    def edges(self) -> list[Edge]:
        """Its edges, in the order they came."""
        return [Edge(self._studio, view.id) for view in self.show().edges]

    @property
    def sequences(self) -> list[SavedSequence]:
        """Its sequences, in the order they came."""
        return [SavedSequence(self._studio, view) for view in self.show().sequences]

    @property
    def jobs(self) -> list[Job]:
        """Its jobs: what runs, what is next in its order, and what ended, the last first."""
        return [Job(self._studio, view.id) for view in self.queue().jobs]

    def queue(self) -> QueueView:
        """Its queue at a glance."""
        return self._studio.jobs.overview()

    def job(self, thing: Edge | str) -> Job:
        """The job for an edge, or the one that goes by an id or title; an open one, else the latest."""
        return Job(self._studio, self._studio.jobs.named(_name(thing))[0].id)

    def wait(self, timeout: float | None = None) -> Workspace:
        """Returns when everything in the queue has ended, well or badly, and shows progress meanwhile.

        That includes what an earlier program asked for and did not live to see.

        Raises:
            TimeoutError: something has not after `timeout` seconds.
        """
        with shown(self._studio):
            self._studio.jobs.adopt()
            self._studio.jobs.wait_for_all(timeout=timeout)
        return self

    def pause(self) -> None:
        """Holds back all jobs that have not begun, also those to come."""
        self._studio.jobs.pause()

    def resume(self) -> None:
        """Takes back `pause`."""
        self._studio.jobs.resume()

    def cancel_all(self) -> None:
        """Cancels everything that has not ended."""
        self._studio.jobs.cancel_all()

    def retry_failed(self) -> None:
        """Asks for everything that failed again, unchanged."""
        self._studio.jobs.retry()

    @property
    def budget(self) -> Budget:
        """What may be spent, in US dollars, and what is."""
        return self._studio.jobs.budget()

    def set_budget(self, total: float, *, per_request: float | None = None) -> None:
        """Sets how many US dollars all jobs together may cost, and one request. Without, nothing that costs money runs."""
        self._studio.jobs.set_budget(total, per_request=per_request)

    @overload
    def add(self, path: str | os.PathLike[str], /, *, label: str = "") -> Node: ...
    @overload
    def add(
        self, path: str | os.PathLike[str], second: str | os.PathLike[str], /, *more: str | os.PathLike[str]
    ) -> list[Node]: ...
    def add(self, *paths: str | os.PathLike[str], label: str = "") -> Node | list[Node]:
        """Picture files become nodes: one node for one file, a list for several; all of them or none."""
        if label and len(paths) > 1:
            raise BadInput("one label does not fit several pictures", hint="set each node's label afterwards")
        labels = [label] if label else []
        nodes = self._nodes(self._studio.add([Path(path) for path in paths], labels=labels))
        return nodes[0] if len(nodes) == 1 else nodes

    def connect(
        self,
        source: NodeName,
        target: NodeName,
        *,
        seconds: float = 3.0,
        engine: str = "builtin",
        label: str = "",
        **parameters: object,
    ) -> Edge:
        """A new edge; its draft starts at once and lands by itself (`edge.wait()` waits for it)."""
        view = self._studio.connect(
            _name(source), _name(target), seconds=seconds, engine=engine, parameters=parameters, label=label
        )
        return Edge(self._studio, view.id)

    def generate(
        self,
        prompt: str = "",
        *,
        n: int = 4,
        seed: int | None = None,
        engine: str = "",
        **parameters: object,
    ) -> list[Node]:
        """`n` pictures from words, by the first engine that can, if none is named; `parameters` are that engine's."""
        with shown(self._studio):
            views = self._studio.generate(
                prompt=prompt, count=n, seed=seed, engine=engine, parameters=parameters
            )
        return self._nodes(views)

    def vary(
        self,
        node: NodeName,
        *,
        n: int = 4,
        strength: float | None = None,
        seed: int | None = None,
        engine: str = "builtin",
        **parameters: object,
    ) -> list[Node]:
        """`n` new compositions in the hand of a node's picture; `parameters` are the engine's."""
        with shown(self._studio):
            views = self._studio.vary(
                _name(node), count=n, strength=strength, seed=seed, engine=engine, parameters=parameters
            )
        return self._nodes(views)

    def restyle(
        self,
        node: NodeName,
        *,
        prompt: str = "",
        like: NodeName = "",
        strength: float | None = None,
        seed: int | None = None,
        engine: str = "builtin",
        **parameters: object,
    ) -> Node:
        """A node's picture in another style: by words, or like another node or a board. `notes` says what was understood."""
        view = self._studio.restyle(
            _name(node),
            prompt=prompt,
            like=_name(like),
            strength=strength,
            seed=seed,
            engine=engine,
            parameters=parameters,
        )
        return Node(self._studio, view.id)

    def restyle_edge(
        self,
        edge: EdgeName,
        *,
        prompt: str = "",
        like: NodeName = "",
        seed: int | None = None,
        engine: str = "builtin",
        **parameters: object,
    ) -> Edge:
        """An edge's twin in another style: both pictures restyled as new nodes, and an edge that moves as that one does."""
        with shown(self._studio):
            view = self._studio.restyle_edge(
                _name(edge), prompt=prompt, like=_name(like), seed=seed, engine=engine, parameters=parameters
            )
        return Edge(self._studio, view.id)

    def mix(
        self,
        *weighted: NodeName | tuple[NodeName, float],
        composition: NodeName = "",
        style: NodeName = "",
        seed: int | None = None,
        engine: str = "builtin",
    ) -> Node:
        """A blend of two to four nodes, each with its weight (1 where none is given), or one's composition in another's style."""
        pairs = [item if isinstance(item, tuple) else (item, 1.0) for item in weighted]
        view = self._studio.mix(
            [(_name(node), weight) for node, weight in pairs],
            composition=_name(composition),
            style=_name(style),
            seed=seed,
            engine=engine,
        )
        return Node(self._studio, view.id)

    def animate(
        self,
        node: NodeName,
        *,
        seconds: float = 3.0,
        seed: int | None = None,
        engine: str = "builtin",
        **parameters: object,
    ) -> Edge:
        """A video that begins with a node's picture, such as `ws.animate(node, camera="pan left", amount=0.4)`.

        Its last frame is a new node, the edge's target.
        """
        with shown(self._studio):
            view = self._studio.animate(
                _name(node), seconds=seconds, seed=seed, engine=engine, parameters=parameters
            )
        return Edge(self._studio, view.id)

    def loop(
        self,
        node: NodeName,
        *,
        strength: float | None = None,
        seconds: float = 6.0,
        seed: int | None = None,
        engine: str = "builtin",
        **parameters: object,
    ) -> SavedSequence:
        """A film that begins and ends with a node's picture, such as `ws.loop(node, strength=0.4).export("loop.mp4")`.

        It goes to a variation of the picture, a new node, and back, and lasts `seconds` a round.
        """
        with shown(self._studio):
            view = self._studio.loop(
                _name(node),
                strength=strength,
                seconds=seconds,
                seed=seed,
                engine=engine,
                parameters=parameters,
            )
        return SavedSequence(self._studio, view)

    def branch(self, edge: EdgeName, *, at: float | str = 0.5, label: str = "") -> Node:
        """Cuts an edge: the frame at `at` (0–1, or seconds such as "1.5s") becomes a node, the edge two edges."""
        return Node(self._studio, self._studio.branch(_name(edge), at=at, label=label).id)

    def board(self, name: str, nodes: Sequence[NodeName]) -> str:
        """Makes the region around nodes a board, a style reference, and gives its id."""
        return self._studio.board(name, [_name(node) for node in nodes])

    def sequence(
        self,
        name: str,
        nodes: Sequence[NodeName],
        *,
        via: Sequence[EdgeName] = (),
        loop: bool = False,
        reverse: bool = False,
    ) -> SavedSequence:
        """Saves the shortest continuous path through nodes; `inserted` says which nodes it goes through besides."""
        view = self._studio.save_sequence(
            name, [_name(n) for n in nodes], via=[_name(e) for e in via], loop=loop, reverse=reverse
        )
        return SavedSequence(self._studio, view)

    def reframe(
        self,
        node: NodeName,
        *,
        focus: tuple[float, float] = (0.5, 0.5),
        zoom: float = 1.0,
        contain: bool = False,
    ) -> None:
        """Crops a node's picture around the point `focus` (0–1 from its top left), or shows all of it with `contain`."""
        self._studio.reframe(_name(node), focus=focus, zoom=zoom, contain=contain)

    def move(self, places: Mapping[Node, tuple[float, float]] | Mapping[str, tuple[float, float]]) -> None:
        """Moves nodes to places on the canvas."""
        self._studio.move({_name(node): place for node, place in places.items()})

    def delete(self, *things: Node | Edge | SavedSequence | str, heal: bool = False) -> None:
        """Deletes nodes with their edges, edges, boards or sequences; with `heal` a branch node, its edge whole again."""
        self._studio.delete([_name(thing) for thing in things], heal=heal)

    def undo(self) -> None:
        """Takes back the last change."""
        self._studio.undo()

    def redo(self) -> None:
        """Does again what was taken back last."""
        self._studio.redo()

    def _nodes(self, views: Sequence[NodeView]) -> list[Node]:
        return [Node(self._studio, view.id) for view in views]


def open_workspace(
    path: str | os.PathLike[str], *, size: tuple[int, int] | None = None, fps: float | str | Fraction = 24
) -> Workspace:
    """The workspace in the folder `path`, created if there is nothing there.

    Args:
        path: a folder, by convention `NAME.forkframe`.
        size: width and height of its frame in pixels, divisible by 16; None lets the first picture propose one. Only
            for a new workspace.
        fps: frames per second; exact fractions such as "30000/1001" are kept. Only for a new workspace.

    Raises:
        WorkspaceError: it can't be opened.
    """
    folder = Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return Workspace(open_studio(folder))
    return Workspace(Studio.create(folder, size=size, fps=frame_rate(fps)))


def frame_rate(fps: float | str | Fraction) -> Fraction:
    """Frames per second as an exact fraction; 29.97 and its kin become their true value over 1001.

    Raises:
        BadInput: it is no number.
    """
    try:
        exact = Fraction(fps).limit_denominator(100_000)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise BadInput(
            f"{fps!r} is no frame rate", hint="use a number such as 24, 25 or 30000/1001"
        ) from None
    drop = Fraction(round(exact) * 1000, 1001)
    return drop if exact.denominator > 1 and abs(exact - drop) < Fraction(1, 200) else exact


def _name(thing: _Handle | str) -> str:
    return thing if isinstance(thing, str) else thing.id


@atexit.register
def _close_all() -> None:
    for workspace in list(_open):
        workspace.close()
