"""What only somebody at a canvas asks of the facade: everything at once, every change as it comes, and results one by one."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from forkframe.engines.registry import load_engine
from forkframe.errors import BadInput, ForkframeError
from forkframe.jobs.job import Job
from forkframe.jobs.pool import Answer
from forkframe.model.changes import (
    AddBoard,
    AddEdge,
    AddNote,
    AddSequence,
    Change,
    Delete,
    Envelope,
    KeepCandidates,
    MoveNodes,
    SetActiveTake,
    SetFields,
)
from forkframe.model.entities import Edge, Entity, Node
from forkframe.model.entities import Sequence as SavedSequence
from forkframe.model.graph import Graph
from forkframe.model.ids import BlobHash, PixelHash
from forkframe.model.names import find
from forkframe.model.recipe import Input, Operation
from forkframe.store import Committed, Holder, Logged
from forkframe.studio.candidates import (
    contact_sheet,
    label_for,
    more_like,
    origin_of,
    propose,
    references_of,
    wish_of,
)
from forkframe.studio.desk import Desk
from forkframe.studio.edges import Drafts, branch_edge, edge_request, inputs_of
from forkframe.studio.films import ask_export
from forkframe.studio.jobs import Jobs, JobView
from forkframe.studio.renders import Wish, frame_of, recipe_of
from forkframe.studio.story import LogLine, RecipeView, log_line, recipe_view
from forkframe.studio.thumbs import Thumbs
from forkframe.studio.views import NodeView, node_view

PLAIN = (
    MoveNodes,
    SetFields,
    AddEdge,
    AddBoard,
    AddNote,
    AddSequence,
    KeepCandidates,
    Delete,
    SetActiveTake,
)
"""The changes that a client may send as they are; all others need something to be made first."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows as of change number `seq`."""

    seq: int
    rows: tuple[Entity, ...]
    workspace_id: str
    path: str


class Interactive:
    """The part of the facade that a canvas needs beside `Studio`'s."""

    _desk: Desk
    _drafts: Drafts
    jobs: Jobs
    thumbs: Thumbs

    def acting_as(self, actor: str) -> Self:
        """The same studio for another person: everything is shared, but changes and undo are theirs."""
        other = copy.copy(self)
        other._desk = replace(self._desk, actor=actor)
        other._drafts = Drafts(other._desk)
        return other

    def announce(self, address: str, token: str) -> None:
        """Writes into the lock where this studio can be asked, for other programs of the same user."""
        self._desk.store.lock.announce(Holder(os.getpid(), address, token))

    def warm_up(self) -> None:
        """Has workers load what a first preview needs, in the background, so that it takes no longer than later ones."""
        for _ in range(self._desk.pool.size):
            self._desk.pool.submit("warming up", {}, lambda answer: answer())

    # Looking

    def snapshot(self) -> Snapshot:
        """Everything at one moment."""
        store = self._desk.store
        return store.read(
            lambda graph: Snapshot(store.seq, tuple(graph.rows()), store.workspace_id, str(store.path))
        )

    def watch_changes(self, listener: Callable[[Logged], None]) -> Callable[[], None]:
        """Calls `listener` with every change from now on, in order; returns how to stop it. It must not block."""
        return self._desk.store.watch(listener)

    def changes_since(self, seq: int, *, limit: int = 5000) -> tuple[Logged, ...] | None:
        """All changes after number `seq`; None if there are more than `limit`."""
        return self._desk.store.logged_since(seq, limit=limit)

    def log_lines(self, *, limit: int = 200) -> list[LogLine]:
        """The last changes in words, the newest first."""
        return [log_line(entry, delta) for entry, delta in self._desk.store.latest(limit)]

    def recipe_of(self, key: str) -> RecipeView:
        """How a node, candidate, edge, take or rendering was made, by its id."""
        path = str(self._desk.store.path)
        return self._desk.store.read(lambda graph: recipe_view(graph, key, path))

    def map_places(self, by: Literal["composition", "style"]) -> dict[str, tuple[float, float]]:
        """A place for every node at which neighbours are alike; nothing moves."""
        from forkframe.studio.mapping import map_places  # its libraries take a while to load

        return map_places(self._desk, by)

    def media_path(self, blob: str) -> Path | None:
        """A file of `media/` by its SHA-256; None if it is not there."""
        return self._there(self._desk.store.blobs.path, BlobHash(blob))

    def pixels_path(self, pixels: str) -> Path | None:
        """The PNG of framed pixels by their hash; None if it is not there."""
        return self._there(self._desk.store.blobs.pixels, PixelHash(pixels))

    def _there(
        self, place: Callable[[BlobHash], Path] | Callable[[PixelHash], Path], key: str
    ) -> Path | None:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            return None
        try:
            return place(key)  # type: ignore[arg-type]
        except ForkframeError:
            return None

    # Plain changes

    def apply(self, envelope: Envelope) -> Committed:
        """Applies a client's change; an edge comes with the job for its draft.

        Raises:
            BadInput: it is not one of `PLAIN`, or makes no sense.
            Gone: it touches something that was deleted.
        """
        change: Change = envelope.change
        if not isinstance(change, PLAIN):
            raise BadInput(
                f"{type(change).__name__} can't be sent as it is", hint="use the request that makes it"
            )
        if isinstance(change, AddEdge):
            return self._drafts.add_as(envelope, change.edge)
        committed = self._desk.store.commit(envelope)
        if isinstance(change, Delete):
            self._drafts.drop_orphans()
        if isinstance(change, SetFields | Delete) and not committed.repeated:
            self._drafts.renew(committed.delta)
        return committed

    def branch_at(self, edge: str, frame: int, *, label: str = "") -> NodeView:
        """Cuts the take that an edge shows at one of its frames."""
        found = self._desk.store.read(lambda graph: find(graph, Edge, edge))
        shown = self._desk.graph.takes.get(found.active) if found.active else None
        take = shown or self._drafts.wait(found.id)
        return node_view(self._desk.graph, branch_edge(self._desk, take, frame, label=label))

    # Asking for results

    def propose(
        self,
        node: str,
        operation: Literal["vary", "restyle"],
        *,
        count: int = 4,
        engine: str = "builtin",
        parameters: Mapping[str, object] | None = None,
        seed: int | None = None,
        prompt: str = "",
        like: str = "",
    ) -> list[JobView]:
        """Asks for candidates of a node, or of a candidate's picture; they come into the node's tray one by one."""
        origin = self._desk.store.read(lambda graph: origin_of(graph, node))
        references = self._desk.store.read(lambda graph: references_of(graph, like)) if like else ()
        wanted = dict(parameters or {})
        if operation == "restyle":
            wanted["prompt"] = prompt.strip() or wanted.get("prompt", "")
            if bool(wanted["prompt"]) == bool(references):
                raise BadInput(
                    "restyling takes either words or a reference", hint="give a prompt, or a node or board"
                )
        if seed is not None:
            wanted["seed"] = seed
        wish = self._desk.store.read(
            lambda graph: wish_of(
                graph, operation, origin, engine=engine, parameters=wanted, references=references
            )
        )
        what = "varied" if operation == "vary" else str(wanted["prompt"]) or f"like {like}"
        jobs = propose(self._desk, wish, origin, count=count, label=label_for(origin, what))
        return self._seen(jobs)

    def spread(self, name: str, *, engine: str = "builtin") -> list[JobView]:
        """Asks for a contact sheet of drafts around a node or candidate."""
        origin = self._desk.store.read(lambda graph: origin_of(graph, name))
        return self._seen(contact_sheet(self._desk, origin, engine=engine))

    def more(self, candidate: str) -> list[JobView]:
        """Asks for candidates near another one."""
        return self._seen(more_like(self._desk, candidate))

    def another_take(
        self,
        edge: str,
        *,
        engine: str = "",
        parameters: Mapping[str, object] | None = None,
        seed: int | None = None,
    ) -> list[JobView]:
        """Asks for one more take of an edge; where everything is as before, it is rolled again."""
        found = self._desk.store.read(lambda graph: find(graph, Edge, edge))
        wanted = dict(found.parameters if parameters is None else parameters)
        if seed is not None:
            wanted["seed"] = seed
        request = self._desk.store.read(
            lambda graph: edge_request(graph, found, engine=engine or found.engine, parameters=wanted)
        )
        return self._seen(self._desk.queue.submit(replace(request, actor=self._desk.actor)))

    def preview_field(
        self, source: str, target: str, *, parameters: Mapping[str, object] | None = None
    ) -> bytes:
        """A first field from one node to another at once, from small copies; it is not kept.

        `parameters` are those of the built-in transition. Colours stay their own in it, whatever they say.
        """
        a, b = (
            self._desk.store.read(lambda graph, n=name: find(graph, Node, n)) for name in (source, target)
        )
        paths = self._desk.images(a.framed, b.framed)
        inputs = (Input("first", a.framed), Input("last", b.framed))

        def finish(answer: Callable[[], Answer]) -> bytes:
            return Path(str(answer()["field"])).read_bytes()

        wish = Wish("builtin", "transition", inputs, parameters or {})
        recipe = self._desk.store.read(lambda graph: recipe_of(graph, wish))
        arguments = {
            "first": paths[a.framed],
            "last": paths[b.framed],
            "seed": recipe.seed,
            "style": recipe.parameters["style"],
            "start": recipe.parameters["start"],
        }
        return self._desk.start("previewing", a.id, arguments, finish).result()

    def estimate(
        self,
        operation: Operation,
        subject: str,
        *,
        engine: str,
        parameters: Mapping[str, object] | None = None,
        seconds: float | None = None,
    ) -> tuple[float, float]:
        """(seconds, US dollars) that an operation on a node, candidate or edge would take; to `generate` needs no subject.

        What is not an edge yet lasts `seconds`.
        """

        def ask(graph: Graph) -> tuple[float, float]:
            wanted = dict(parameters or {})
            if operation == "transition":
                edge = find(graph, Edge, subject)
                wish = Wish(engine, operation, inputs_of(graph, edge, engine), wanted, edge.frames)
            elif operation == "generate":
                wish = Wish(engine, operation, (), wanted)
            else:
                moves = operation == "animate"
                given = Input("first" if moves else "image", origin_of(graph, subject).pixels)
                frames = frame_of(graph).frames_in(seconds) if moves and seconds else 1
                wish = Wish(engine, operation, (given,), wanted, frames)
            recipe = recipe_of(graph, wish)
            return load_engine(engine).card().operation(operation).cost.estimate(recipe)

        return self._desk.store.read(ask)

    def start_export(self, sequence: str, path: Path) -> JobView:
        """Asks for a sequence as a film; the job's result says where it is."""
        saved = self._desk.store.read(lambda graph: find(graph, SavedSequence, sequence))
        return self._seen([ask_export(self._desk, saved, path)])[0]

    def _seen(self, jobs: list[Job]) -> list[JobView]:
        return self.jobs.views(jobs)
