"""The facade over a workspace in a folder of this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

from forkframe.errors import BadInput
from forkframe.jobs.control import Control
from forkframe.jobs.pool import Pool
from forkframe.jobs.queue import Queue
from forkframe.jobs.runner import Runner
from forkframe.model.changes import (
    AddBoard,
    AddSequence,
    Delete,
    MoveNodes,
    SetActiveTake,
    SetFields,
)
from forkframe.model.entities import Board, Edge, Node
from forkframe.model.entities import Sequence as SavedSequence
from forkframe.model.frame import Crop, Frame
from forkframe.model.ids import (
    EdgeId,
    OpId,
    PixelHash,
    TakeId,
    new_board_id,
    new_edge_id,
    new_op_id,
    new_sequence_id,
)
from forkframe.model.names import find, find_any
from forkframe.model.paths import shortest_path
from forkframe.model.recipe import Input
from forkframe.store import Committed, Store, read_graph
from forkframe.studio.candidates import references_of
from forkframe.studio.desk import Desk, Listener
from forkframe.studio.edges import Drafts, branch_edge, draw_frames, failure_of, frame_number
from forkframe.studio.engines import engine_for
from forkframe.studio.films import EXPORT, ExportKind, export_film
from forkframe.studio.finishing import FINISH, FinishKind, FinishView, Quote, finish_path, quote_path
from forkframe.studio.intake import add_pictures, reframe
from forkframe.studio.interactive import Interactive
from forkframe.studio.jobs import Jobs
from forkframe.studio.loops import LOOP, LoopKind, loop_request
from forkframe.studio.pictures import PICTURES, PicturesKind, make_pictures
from forkframe.studio.renders import RENDERING, RenderingKind, Wish, frame_of, recipe_of
from forkframe.studio.thumbs import Thumbs
from forkframe.studio.twins import TWIN, TwinKind, twin_request
from forkframe.studio.views import (
    CodeView,
    EdgeView,
    FilmView,
    NodeView,
    SequenceView,
    WorkspaceView,
    edge_view,
    node_view,
    sequence_view,
    workspace_view,
)

DEFAULT_ACTOR = "you"
DEFAULT_SECONDS = 3.0
_LABEL = 60
"""Characters of a prompt that a label keeps."""


class Studio(Interactive):
    """Everything that can be done with a workspace. Server, command line and Python API all call this.

    Attributes:
        jobs: its queue.
        thumbs: small pictures of everything.

    Takes and returns plain values. Wherever a node, edge, board or sequence is named, its id, its label or name, or
    the unique start of its id will do. What fails raises a `ForkframeError` and has changed nothing, except that an
    edge keeps the reason for which its draft failed.
    """

    def __init__(
        self, store: Store, *, actor: str = DEFAULT_ACTOR, workers: int | None = None, resume: bool = True
    ) -> None:
        queue = Queue(store, resume=resume)
        desk = Desk(store, Pool(workers), queue, Control(queue, store.workspace_id), actor)
        self._desk = desk
        self._drafts = Drafts(desk)
        self.jobs = Jobs(desk)
        self.thumbs = Thumbs(desk)
        self._runner = Runner(
            queue,
            desk.pool,
            {
                RENDERING: RenderingKind(desk),
                PICTURES: PicturesKind(desk),
                TWIN: TwinKind(desk),
                LOOP: LoopKind(desk),
                EXPORT: ExportKind(desk, self._drafts),
                FINISH: FinishKind(desk),
            },
            new_folder=store.blobs.scratch,
            report=self.jobs.report,
            on_tick=self.jobs.run_errands,
        )

    @staticmethod
    def create(
        path: Path,
        *,
        size: tuple[int, int] | None = None,
        fps: Fraction = Fraction(24),
        actor: str = DEFAULT_ACTOR,
    ) -> Studio:
        """A studio on a new workspace; without `size` (width, height) the first picture proposes one."""
        return Studio(Store.create(path, frame=Frame(*size, fps) if size else None, fps=fps), actor=actor)

    @staticmethod
    def open(
        path: Path,
        *,
        actor: str = DEFAULT_ACTOR,
        wait: float = 10.0,
        on_wait: Callable[[str], None] | None = None,
        resume: bool = True,
    ) -> Studio:
        """A studio on the workspace at `path`; waits up to `wait` seconds for another process that has it.

        Jobs that are queued there already go on, unless `resume` is off.
        """
        return Studio(Store.open(path, wait=wait, on_wait=on_wait), actor=actor, resume=resume)

    def close(self, *, finish: bool = True) -> None:
        """Closes the workspace. What was asked for here is finished first, or stays queued until it is opened again."""
        try:
            if finish:
                self._desk.queue.wait_for_session()
        finally:  # also when somebody loses patience
            self._runner.close()
            self._desk.pool.close()
            self._desk.store.close()

    def watch(self, listener: Listener) -> None:
        """Calls `listener` with all progress from now on, from any thread."""
        self._desk.listeners.append(listener)

    def unwatch(self, listener: Listener) -> None:
        """Takes back `watch`."""
        self._desk.listeners.remove(listener)

    # Looking

    def show(self) -> WorkspaceView:
        """The whole workspace."""
        return self._desk.store.read(lambda graph: workspace_view(graph, str(self._desk.store.path)))

    def node(self, name: str) -> NodeView:
        """One node."""
        return self._desk.store.read(lambda graph: node_view(graph, find(graph, Node, name)))

    def edge(self, name: str) -> EdgeView:
        """One edge."""
        return self._desk.store.read(lambda graph: edge_view(graph, find(graph, Edge, name)))

    def sequence(self, name: str) -> SequenceView:
        """One sequence."""
        return self._desk.store.read(lambda graph: sequence_view(graph, find(graph, SavedSequence, name)))

    def picture(self, node: str) -> bytes:
        """A node's picture as it sits in the frame, a PNG."""
        return self._desk.store.blobs.pixels(self._node(node).framed).read_bytes()

    def encode(self, node: str) -> CodeView:
        """A node's picture as it sits in the frame in the latent space: its composition and its style."""
        from forkframe.studio.mapping import code_of  # its libraries take a while to load

        code = code_of(self._desk, self._node(node).framed)
        return CodeView(tuple(map(float, code.composition)), tuple(map(float, code.style)))

    def strip(self, edge: str, *, frames: int = 7, side: int = 160) -> list[bytes]:
        """Evenly spread frames of an edge as PNGs whose longer side has `side` pixels; renders its draft if need be."""
        if frames < 2:
            raise BadInput(f"a strip can't have {frames} frames", hint="ask for 2 or more")
        take = self._drafts.wait(self._edge(edge).id)
        assert take.rendering is not None
        rendering = self._desk.graph.renderings[take.rendering]
        length = take.last - take.first
        indices = [take.first + round(length * n / (frames - 1)) for n in range(frames)]
        return [png for png, _ in draw_frames(self._desk, rendering, indices, side=side, subject=edge)]

    # Making

    def add(
        self,
        paths: Sequence[Path],
        *,
        labels: Sequence[str] = (),
        crop: Crop | None = None,
        at: tuple[float, float] | None = None,
    ) -> list[NodeView]:
        """Picture files become nodes, all of them or none; in a row from `at`, or beside what is there."""
        labels = labels or [path.stem for path in paths]
        return self._views(add_pictures(self._desk, paths, labels=labels, crop=crop, at=at))

    def connect(
        self,
        source: str,
        target: str,
        *,
        seconds: float = DEFAULT_SECONDS,
        engine: str = "builtin",
        parameters: Mapping[str, object] | None = None,
        label: str = "",
    ) -> EdgeView:
        """A new edge; its draft is started and lands by itself (see `wait`). Unless named, it is called `A to B`."""
        a, b = self._node(source), self._node(target)
        if not label and a.label and b.label:
            label = f"{a.label} to {b.label}"
        frame = frame_of(self._desk.graph)
        edge = Edge(
            new_edge_id(),
            a.id,
            b.id,
            frame.frames_in(seconds),
            engine=engine,
            parameters=dict(parameters or {}),
            label=label,
        )
        self._desk.images(a.framed, b.framed)  # nothing is added if they are missing
        self._drafts.add(edge)
        return self.edge(edge.id)

    def wait(self, edge: str, *, timeout: float | None = None) -> EdgeView:
        """The edge once it has a draft that fits it, rendered if need be."""
        key = self._edge(edge).id
        self._drafts.wait(key, timeout)
        return self.edge(key)

    def generate(
        self,
        *,
        prompt: str = "",
        count: int = 4,
        seed: int | None = None,
        engine: str = "",
        parameters: Mapping[str, object] | None = None,
        places: Sequence[tuple[float, float]] = (),
    ) -> list[NodeView]:
        """Pictures from words, at `places` or beside all others; by the first engine that can, if none is named."""
        words = {"prompt": prompt.strip()} if prompt.strip() else {}
        name = engine or engine_for("generate")
        wish = Wish(name, "generate", (), {**(parameters or {}), **words, **_seed(seed)})
        if places and len(places) != count:
            raise BadInput(f"{count} pictures need {count} places", hint="name one for each, or none")
        label = prompt.strip()[:_LABEL]
        made = make_pictures(self._desk, wish, near=None, count=count, label=label, places=places)
        return [self.node(key) for key in made.nodes]

    def vary(
        self,
        node: str,
        *,
        count: int = 4,
        strength: float | None = None,
        seed: int | None = None,
        engine: str = "builtin",
        parameters: Mapping[str, object] | None = None,
    ) -> list[NodeView]:
        """New compositions in the hand of a node's picture."""
        near = self._node(node)
        wanted = {} if strength is None else {"strength": strength}
        wish = Wish(
            engine,
            "vary",
            (Input("image", near.framed),),
            {**(parameters or {}), **wanted, **_seed(seed)},
        )
        label = f"{near.label}, varied" if near.label else ""
        return [
            self.node(key)
            for key in make_pictures(self._desk, wish, near=near, count=count, label=label).nodes
        ]

    def restyle(
        self,
        node: str,
        *,
        prompt: str = "",
        like: str = "",
        strength: float | None = None,
        seed: int | None = None,
        engine: str = "builtin",
        parameters: Mapping[str, object] | None = None,
    ) -> NodeView:
        """A node's picture in another style: by words, or like another node or a board."""
        near = self._node(node)
        references, words = self._styled(prompt, like)
        inputs = (Input("image", near.framed), *(Input("style", pixels) for pixels in references))
        wanted = {} if strength is None else {"strength": strength}
        wish = Wish(engine, "restyle", inputs, {**(parameters or {}), **words, **wanted, **_seed(seed)})
        label = f"{near.label}, " * bool(near.label) + (prompt.strip() or f"like {like}")
        made = make_pictures(self._desk, wish, near=near, label=label)
        return self.node(made.nodes[0])

    def mix(
        self,
        weights: Sequence[tuple[str, float]],
        *,
        composition: str = "",
        style: str = "",
        seed: int | None = None,
        engine: str = "builtin",
        parameters: Mapping[str, object] | None = None,
    ) -> NodeView:
        """A blend of two to four nodes by weight, or the composition of one in the style of another."""
        if bool(composition) != bool(style):
            raise BadInput(
                "a composition needs a style and a style a composition", hint="name both or neither"
            )
        if composition and weights:
            raise BadInput(
                "mixing takes either weighted nodes or a composition and a style", hint="leave one out"
            )
        if composition:
            image, look = self._node(composition), self._node(style)
            inputs = (Input("image", image.framed), Input("image", look.framed))
            whose = {"composition": 0, "style": 1}
            label = f"{image.label} in the style of {look.label}" if image.label and look.label else ""
        else:
            found = [(self._node(name), weight) for name, weight in weights]
            if len({n.id for n, _ in found}) != len(found) or not found:
                what = "a node with itself" if found else "nothing"
                raise BadInput(
                    f"can't mix {what}", hint="name two to four nodes with weights, such as a:0.7 b:0.3"
                )
            image = found[0][0]
            inputs = tuple(Input("image", n.framed, weight) for n, weight in found)
            whose = {}
            label = " + ".join(n.label for n, _ in found if n.label)
        wish = Wish(engine, "mix", inputs, {**(parameters or {}), **whose, **_seed(seed)})
        made = make_pictures(self._desk, wish, near=image, label=label)
        return self.node(made.nodes[0])

    def restyle_edge(
        self,
        edge: str,
        *,
        prompt: str = "",
        like: str = "",
        parameters: Mapping[str, object] | None = None,
        seed: int | None = None,
        engine: str = "builtin",
    ) -> EdgeView:
        """An edge's twin in another style: new nodes, and an edge between them that moves as that one does."""
        found = self._edge(edge)
        references, wanted = self._styled(prompt, like)
        request, missing = twin_request(
            self._desk,
            found,
            engine=engine,
            parameters={**(parameters or {}), **wanted, **_seed(seed)},
            references=references,
            label=prompt.strip() or f"like {like}",
        )
        job = self._desk.done_or_cancelled(self._desk.queue.submit_family(request, missing))
        (key,) = cast("list[EdgeId]", job.result["edges"])
        self._drafts.start(key)
        return self.edge(key)

    def _styled(self, prompt: str, like: str) -> tuple[Sequence[PixelHash], Mapping[str, object]]:
        """The references and the words of a style."""
        if bool(prompt.strip()) == bool(like):
            raise BadInput(
                "restyling takes either words or a reference", hint="give a prompt, or a node or board"
            )
        references = self._desk.store.read(lambda graph: references_of(graph, like)) if like else ()
        return references, {"prompt": prompt.strip()}

    def animate(
        self,
        node: str,
        *,
        seconds: float = DEFAULT_SECONDS,
        seed: int | None = None,
        engine: str = "builtin",
        parameters: Mapping[str, object] | None = None,
    ) -> EdgeView:
        """A video that begins with a node's picture, as an edge; its last frame is a new node."""
        near = self._node(node)
        frames = frame_of(self._desk.graph).frames_in(seconds)
        wish = Wish(
            engine, "animate", (Input("first", near.framed),), {**(parameters or {}), **_seed(seed)}, frames
        )
        recipe = self._desk.store.read(lambda graph: recipe_of(graph, wish))
        what = str(recipe.parameters.get("camera") or "animated")
        label = f"{near.label}, {what}" if near.label else ""
        made = make_pictures(self._desk, wish, near=near, label=label)
        return self.edge(made.edges[0])

    def loop(
        self,
        node: str,
        *,
        strength: float | None = None,
        seconds: float = 2 * DEFAULT_SECONDS,
        seed: int | None = None,
        engine: str = "builtin",
        parameters: Mapping[str, object] | None = None,
    ) -> SequenceView:
        """A loop of `seconds` from a node through a variation of it and back, saved as a sequence named after the node.

        The variation is a new node, with an edge to it and one back; `parameters` are those of varying.
        """
        near = self._node(node)
        wanted = {} if strength is None else {"strength": strength}
        request, missing = loop_request(
            self._desk,
            near,
            engine=engine,
            parameters={**(parameters or {}), **wanted, **_seed(seed)},
            seconds=seconds,
        )
        job = self._desk.done_or_cancelled(self._desk.queue.submit_family(request, missing))
        for key in cast("list[EdgeId]", job.result["edges"]):
            self._drafts.start(key)
        (sequence,) = cast("list[str]", job.result["sequences"])
        return self.sequence(sequence)

    def branch(self, edge: str, *, at: float | str = 0.5, label: str = "") -> NodeView:
        """Cuts an edge: the frame at `at` (0–1, or seconds such as `1.5s`) becomes a node, the edge two edges.

        What is shown is cut, so nothing is rendered, unless the edge has no take yet.
        """
        found = self._edge(edge)
        failed = self._desk.store.read(lambda graph: failure_of(found, graph.takes_of(found.id)))
        if failed:
            raise failed
        shown = self._desk.graph.takes.get(found.active) if found.active else None
        frame = frame_of(self._desk.graph)
        take = shown or self._drafts.wait(found.id)
        number = frame_number(found, take, at, lambda seconds: round(seconds * frame.fps))
        return node_view(self._desk.graph, branch_edge(self._desk, take, number, label=label))

    def save_sequence(
        self,
        name: str,
        nodes: Sequence[str],
        *,
        via: Sequence[str] = (),
        loop: bool = False,
        reverse: bool = False,
    ) -> SequenceView:
        """Saves the shortest continuous path through nodes, in order; says which nodes it had to insert."""
        if not name.strip():
            raise BadInput("a sequence needs a name", hint="such as: to dusk")
        waypoints = [self._node(n).id for n in nodes]
        edges = [self._edge(e).id for e in via]
        found = self._desk.store.read(
            lambda graph: shortest_path(graph, waypoints, via=edges, reverse=reverse, loop=loop)
        )
        sequence = SavedSequence(new_sequence_id(), name, found.steps)
        self._desk.commit(AddSequence(sequence))
        notes = tuple(
            f"{taken} was taken; {', '.join(others)} would do as well" for taken, others in found.parallel
        )
        return sequence_view(self._desk.graph, sequence, inserted=found.inserted, notes=notes)

    def board(self, name: str, nodes: Sequence[str], *, margin: float = 200.0) -> str:
        """Makes the region around nodes a board, and gives its id; what else lies there belongs to it too."""
        found = [self._node(n) for n in nodes]
        if not found:
            raise BadInput("a board needs at least one node", hint="name the nodes it goes around")
        left, top = min(n.x for n in found) - margin, min(n.y for n in found) - margin
        right, bottom = max(n.x for n in found) + margin, max(n.y for n in found) + margin
        board = Board(new_board_id(), name, left, top, right - left, bottom - top)
        self._desk.commit(AddBoard(board))
        return board.id

    def export(self, sequence: str, path: Path) -> FilmView:
        """Writes a sequence as a film; the format follows the suffix."""
        saved = self._desk.store.read(lambda graph: find(graph, SavedSequence, sequence))
        return export_film(self._desk, saved, path)

    def quote(self, sequence: str, *, engine: str, parameters: Mapping[str, object] | None = None) -> Quote:
        """What it would take to render finals of all a sequence's edges by an engine."""
        return self._desk.store.read(
            lambda graph: quote_path(
                graph, find(graph, SavedSequence, sequence), engine=engine, parameters=parameters or {}
            )
        )

    def finish(
        self,
        sequence: str,
        *,
        engine: str,
        parameters: Mapping[str, object] | None = None,
        most: float | None = None,
    ) -> FinishView:
        """Renders finals of all a sequence's edges, for at most `most` US dollars."""
        saved = self._desk.store.read(lambda graph: find(graph, SavedSequence, sequence))
        return finish_path(self._desk, saved, engine=engine, parameters=parameters or {}, most=most)

    # Changing one's mind

    def reframe(
        self, node: str, *, focus: tuple[float, float] = (0.5, 0.5), zoom: float = 1.0, contain: bool = False
    ) -> NodeView:
        """Crops a node's picture around another point; drafts of its edges renew themselves."""
        crop = Crop("contain" if contain else "cover", focus, zoom)
        key = self._node(node)
        self._drafts.renew(reframe(self._desk, key, crop).delta)
        return self.node(key.id)

    def move(self, places: Mapping[str, tuple[float, float]]) -> None:
        """Moves nodes."""
        self._desk.commit(MoveNodes({self._node(name).id: place for name, place in places.items()}))

    def set_fields(self, name: str, values: Mapping[str, object]) -> None:
        """Sets plain fields, such as a label or a rating, of a node, edge, board or sequence."""
        self._desk.commit(SetFields(self._any(name), values))

    def show_take(self, edge: str, take: str) -> EdgeView:
        """Shows another of an edge's takes."""
        key = self._edge(edge).id
        self._desk.commit(SetActiveTake(key, TakeId(take)))
        return self.edge(key)

    def delete(self, names: Sequence[str], *, heal: bool = False) -> None:
        """Deletes nodes with their edges, edges, boards or sequences; with `heal` a branch node, its edge whole again."""
        self._desk.commit(Delete(tuple(self._any(name) for name in names), heal=heal))
        self._drafts.drop_orphans()

    def undo(self, op_id: str | None = None) -> Committed:
        """Takes back this actor's last change; what was being rendered for it is cancelled."""
        committed = self._desk.store.undo(self._desk.actor, OpId(op_id or new_op_id()))
        self._drafts.drop_orphans()
        self._drafts.renew(committed.delta)
        return committed

    def redo(self, op_id: str | None = None) -> Committed:
        """Does again what was taken back last."""
        committed = self._desk.store.redo(self._desk.actor, OpId(op_id or new_op_id()))
        self._drafts.drop_orphans()
        self._drafts.renew(committed.delta)
        return committed

    def _node(self, name: str) -> Node:
        return self._desk.store.read(lambda graph: find(graph, Node, name))

    def _edge(self, name: str) -> Edge:
        return self._desk.store.read(lambda graph: find(graph, Edge, name))

    def _any(self, name: str) -> str:
        """The id of whatever goes by a name."""
        return self._desk.store.read(lambda graph: find_any(graph, name).id)

    def _views(self, nodes: Sequence[Node]) -> list[NodeView]:
        return [node_view(self._desk.graph, node) for node in nodes]


def show_workspace(path: Path) -> WorkspaceView:
    """A workspace as it was last written, read without its lock."""
    return workspace_view(read_graph(path), str(path))


def _seed(seed: int | None) -> dict[str, object]:
    return {} if seed is None else {"seed": seed}
