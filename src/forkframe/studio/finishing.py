"""Finish: finals for a whole path, rendered in the order in which they depend on each other, for one price.

Drafts are made in any order; finals are not. An edge that was branched is rendered uncut, its branch nodes are cut
again from that, pictures on the path that were made from those nodes are made again, and only then what starts or ends
there is rendered. Each look at the graph says what can be done now; when there is nothing left, the path is finished.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import cast

from forkframe.engines.registry import load_engine
from forkframe.errors import ForkframeError, Gone, OverBudget, RenderFailed
from forkframe.jobs import wire
from forkframe.jobs.job import WANTED, Delivery, Job, Request
from forkframe.jobs.money import said
from forkframe.jobs.pool import Answer
from forkframe.jobs.runner import Attempt, Others
from forkframe.model.changes import Change, SetVideo, ShowFinals
from forkframe.model.codec import from_json, to_json
from forkframe.model.entities import Edge, Node, Rendering, Take
from forkframe.model.entities import Sequence as SavedSequence
from forkframe.model.frame import Crop
from forkframe.model.graph import Graph
from forkframe.model.ids import EdgeId, NodeId, PixelHash, RenderingId, SequenceId, new_take_id
from forkframe.model.paths import check_continuous
from forkframe.model.recipe import Input, Recipe
from forkframe.studio.desk import Desk, check_done
from forkframe.studio.edges import inputs_of, source_of, title_of
from forkframe.studio.renders import Wish, recipe_of, rendering_request

FINISH = "finish"
"""The kind of jobs that finish a path."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What finishing a path would take.

    Attributes:
        edges: how many edges have to be rendered.
        pictures: how many pictures on the path have to be made again first.
        seconds: of work, all together, as the engines estimate.
        dollars: as the engines estimate.
    """

    engine: str
    edges: int
    pictures: int
    seconds: float
    dollars: float


@dataclass(frozen=True, slots=True)
class FinishView:
    """A finished path: how many finals and pictures were made for it, and what they cost."""

    sequence: str
    edges: int
    pictures: int
    dollars: float


@dataclass(frozen=True, slots=True)
class Unit:
    """An uncut edge, and the edges and branch nodes that were cut from it: they show one rendering.

    Attributes:
        root: the uncut edge.
        pieces: the range of the rendering's frames that each edge shows, the root's own included.
        cuts: the frame of the rendering at which each branch node was cut.
        chain: the uncut edges that are rendered together with the root, one after the other, itself among them.
    """

    root: Edge
    pieces: Mapping[EdgeId, tuple[int, int]]
    cuts: Mapping[NodeId, int]
    chain: tuple[Edge, ...]

    def after(self, frames: int, chain: Sequence[Edge]) -> Unit:
        """The same in a rendering of a whole chain, in which its first frame is number `frames`."""
        pieces = {key: (first + frames, last + frames) for key, (first, last) in self.pieces.items()}
        cuts = {key: frame + frames for key, frame in self.cuts.items()}
        return Unit(self.root, pieces, cuts, tuple(chain))


class Finishing:
    """What is left to do until a path is finished, as the graph is now. Pure: it only looks.

    Args:
        graph: does not change while this is used.
        sequence: whose edges are to get finals; steps that pin a take keep it.
        engine: who renders them.
        parameters: of the engine; edges that it rendered before keep their own where nothing else is said.
    """

    def __init__(
        self, graph: Graph, sequence: SavedSequence, *, engine: str, parameters: Mapping[str, object]
    ) -> None:
        check_continuous(graph, sequence.steps)
        self._graph = graph
        self._sequence = sequence
        self._engine = engine
        self._parameters = parameters
        self._cut_at = {half: node for node in graph.nodes.values() if node.cut for half in node.cut.halves}
        walked = dict.fromkeys(step.edge for step in sequence.steps if step.take is None)
        roots = dict.fromkeys(self._root(graph.edges[key]).id for key in walked)
        self.units = self._chained([self._unit(graph.edges[key]) for key in roots])
        self._nodes = dict.fromkeys(
            end for key in walked for end in (graph.edges[key].source, graph.edges[key].target)
        )

    def final(self, unit: Unit) -> Take | None:
        """The take of the root that is the final that is wanted; of a chain, the one that its rendering makes."""
        key = self.recipe(unit).content_key
        if len(unit.chain) > 1:
            whole = self._graph.rendering_for(key)
            first, last = unit.pieces[unit.root.id]
            take = Take(new_take_id(), unit.root.id, whole.id, first=first, last=last) if whole else None
            return replace(take, tier="final") if take else None
        for take in self._graph.takes_of(unit.root.id):
            rendering = self._graph.renderings.get(take.rendering) if take.rendering else None
            if take.tier == "final" and rendering and rendering.recipe.content_key == key:
                return take
        return None

    def is_shown(self, unit: Unit, final: Take) -> bool:
        """Whether all that was cut from the unit shows its final."""
        return not self.takes_of_cut(unit, final, {})

    @cached_property
    def unfinished(self) -> list[Unit]:
        """The units that do not show their final everywhere yet."""
        return [u for u in self.units if not ((final := self.final(u)) and self.is_shown(u, final))]

    def to_cut(self) -> tuple[Unit, Take] | None:
        """A unit that has its final, and has to be cut again."""
        for unit in self.unfinished:
            if self._is_settled_unit(unit) and (final := self.final(unit)):
                return unit, final
        return None

    def to_remake(self) -> list[tuple[Node, Recipe]]:
        """Pictures on the path that were made from what was cut again since, with the recipes that make them again."""
        return [
            (node, recipe)
            for node in map(self._graph.nodes.__getitem__, self._nodes)
            if (recipe := self._renewed(node)) and not self._waits_for_input(node)
        ]

    def requests(self, *, whole: bool = False) -> list[Request]:
        """What can be asked for now; with `whole` everything that is left, as if nothing depended on anything."""
        out: list[Request] = []
        chains: set[str] = set()
        for node, recipe in self._all_remakes() if whole else self.to_remake():
            if self._graph.rendering_for(recipe.content_key) is None:
                title = f"{recipe.operation} {node.label or node.id} again"
                out.append(self._request(recipe, title, node.id, None))
        for unit in self.unfinished:
            recipe = self.recipe(unit)
            if recipe.content_key in chains or not (whole or self._is_settled_chain(unit)):
                continue
            if self.final(unit) is None:
                alone = len(unit.chain) == 1
                title = (
                    f"final of {title_of(self._graph, unit.root)}"
                    if alone
                    else f"final of {len(unit.chain)} edges"
                )
                out.append(self._request(recipe, title, unit.root.id, unit.root.id if alone else None))
                chains.add(recipe.content_key)
        return out

    def recipe(self, unit: Unit) -> Recipe:
        """The recipe of a unit's final, or of its whole chain's: its pictures are passed at their moments."""
        root = unit.chain[0]
        inputs = inputs_of(self._graph, root, self._engine)
        frames = _length(unit.chain)
        if len(unit.chain) > 1:
            at = 0
            passed: list[Input] = []
            for edge in unit.chain:
                at += edge.frames - 1
                passed.append(Input("key", self._graph.nodes[edge.target].framed, at / (frames - 1)))
            inputs = (inputs[0], *passed[:-1], replace(passed[-1], role="last", weight=1.0))
        wish = Wish(self._engine, "transition", inputs, {**self._own(root), **self._parameters}, frames)
        return recipe_of(self._graph, wish, roll=root.roll)

    def _own(self, root: Edge) -> Mapping[str, object]:
        """What the engine was asked for when it rendered the edge before."""
        return root.parameters if root.engine == self._engine else {}

    def takes_of_cut(self, unit: Unit, final: Take, framed: Mapping[NodeId, PixelHash]) -> tuple[Take, ...]:
        """The takes that show the ranges of a final, with the branch nodes' new pixels at their ends, where they are missing."""

        def pixels(node: NodeId) -> PixelHash:
            return framed.get(node) or self._graph.nodes[node].framed

        out: list[Take] = []
        for key, (first, last) in unit.pieces.items():
            edge = self._graph.edges[key]
            shown = self._graph.takes.get(edge.active) if edge.active else None
            take = Take(
                shown.id if shown else new_take_id(),
                edge.id,
                final.rendering,
                first=first,
                last=last,
                ends=(pixels(edge.source), pixels(edge.target)),
                tier="final",
            )
            if take != shown:
                out.append(replace(take, id=new_take_id()))
        return tuple(out)

    def _request(self, recipe: Recipe, title: str, subject: str, edge: EdgeId | None) -> Request:
        return rendering_request(
            self._graph,
            recipe,
            title=title,
            subject=subject,
            edge=edge,
            tier="final",
            sequence=self._sequence.id,
            priority=WANTED,
        )

    def _root(self, edge: Edge) -> Edge:
        """The uncut edge whose rendering an edge shows a range of: itself, if it was never cut or has its own since."""
        node = self._cut_at.get(edge.id)
        parent = self._graph.edges.get(node.cut.edge) if node and node.cut else None
        take = self._graph.takes.get(edge.active) if edge.active else None
        if parent is None or take is None:
            return edge
        shared = {t.rendering for t in self._graph.takes_of(parent.id)}
        return self._root(parent) if take.rendering in shared else edge

    def _unit(self, root: Edge) -> Unit:
        pieces: dict[EdgeId, tuple[int, int]] = {}
        cuts: dict[NodeId, int] = {}
        cut_of = {node.cut.edge: node for node in self._graph.nodes.values() if node.cut}

        def add(edge: Edge, first: int, last: int) -> None:
            pieces[edge.id] = (first, last)
            node = cut_of.get(edge.id)
            if node is None or node.cut is None or not edge.hidden:
                return
            middle = first + node.cut.frame
            if not first < middle < last:
                raise RenderFailed(
                    f"edge {edge.id} was cut at a frame that it does not have any more",
                    hint="heal it and branch it again",
                )
            cuts[node.id] = middle
            for half, span in zip(node.cut.halves, ((first, middle), (middle, last)), strict=True):
                found = self._graph.edges.get(half)
                if found and self._root(found).id == root.id:
                    add(found, *span)

        add(root, 0, root.frames - 1)
        return Unit(root, pieces, cuts, (root,))

    def _chained(self, units: Sequence[Unit]) -> list[Unit]:
        """The units, those that follow each other in one rendering where the engine passes pictures on the way.

        Who has a final of its own keeps it. What is chained depends on nothing that finishing changes.
        """
        card = load_engine(self._engine).card().operation("transition")
        most = card.inputs.get("key", (0, 0))[1] + 1
        frame, lengths = self._graph.settings.frame, card.cost.lengths
        longest = (
            lengths[-1] if lengths else math.inf
        )  # one that is longer would be stretched, and the path with it
        runs: list[list[Unit]] = []
        for unit in units:
            run = runs[-1] if runs else []
            follows = run and run[-1].root.target == unit.root.source and len(run) < most
            length = _length([*(u.root for u in run), unit.root])
            fits = length <= card.frames and (frame is None or frame.seconds_of(length) <= longest)
            alike = run and self._own(run[0].root) == self._own(unit.root)
            if follows and fits and alike and self.final(unit) is None and self.final(run[-1]) is None:
                run.append(unit)
            else:
                runs.append([unit])
        return [
            unit.after(sum(u.root.frames - 1 for u in run[:place]), [u.root for u in run])
            for run in runs
            for place, unit in enumerate(run)
        ]

    def _is_settled_chain(self, unit: Unit) -> bool:
        return all(self._is_settled_unit(one) for one in self.units if one.root in unit.chain)

    def _is_settled_unit(self, unit: Unit) -> bool:
        ends = (unit.root.source, unit.root.target)
        return all(self._is_settled(self._graph.nodes[end], but=unit) for end in ends)

    def _is_settled(self, node: Node, *, but: Unit | None = None) -> bool:
        """Whether a node's picture is what it will be when the path is finished."""
        if any(node.id in unit.cuts for unit in self.unfinished if unit is not but):
            return False
        if self._renewed(node) is not None:
            return False
        return not self._waits_for_input(node)

    def _waits_for_input(self, node: Node) -> bool:
        recipe = self._recipe_of(node)
        if recipe is None or node.id not in self._nodes:
            return False
        used = {i.pixels for i in recipe.inputs}
        sources = [n for n in self._graph.nodes.values() if n.id != node.id and {n.framed, *n.was} & used]
        return any(not self._is_settled(source) for source in sources)

    def _renewed(self, node: Node) -> Recipe | None:
        """The recipe of a picture on the path with the pixels that its pictures have now, if they were replaced."""
        recipe = self._recipe_of(node)
        if recipe is None or node.id not in self._nodes:
            return None
        now = {was: n.framed for n in self._graph.nodes.values() for was in n.was}
        inputs = tuple(replace(i, pixels=now.get(i.pixels, i.pixels)) for i in recipe.inputs)
        return replace(recipe, inputs=inputs) if inputs != recipe.inputs else None

    def _all_remakes(self) -> list[tuple[Node, Recipe]]:
        """What will have to be made again, by the pictures that will be replaced."""
        replaced = {self._graph.nodes[key].framed for unit in self.unfinished for key in unit.cuts}
        out: list[tuple[Node, Recipe]] = []
        for key in self._nodes:
            node = self._graph.nodes[key]
            recipe = self._renewed(node) or self._recipe_of(node)
            if recipe and (self._renewed(node) or replaced & {i.pixels for i in recipe.inputs}):
                replaced.add(node.framed)
                # Not made of these pixels in the end: the roll keeps the price from being that of a known rendering.
                out.append((node, replace(recipe, roll=recipe.roll + 1)))
        return out

    def _recipe_of(self, node: Node) -> Recipe | None:
        """What made the picture that a node shows; None for pictures that were brought, cut, or cropped since."""
        take = self._graph.takes.get(node.active) if node.active else None
        if take is None or take.rendering is None or node.crop != Crop():
            return None
        return self._graph.renderings[take.rendering].recipe


def quote_path(
    graph: Graph, sequence: SavedSequence, *, engine: str, parameters: Mapping[str, object]
) -> Quote:
    """What it would take to finish a path.

    Raises:
        BadInput, EngineError: the engine can't do it.
        BrokenPath: the path has a gap.
    """
    left = Finishing(graph, sequence, engine=engine, parameters=parameters)
    requests = left.requests(whole=True)
    edges = sum(map(_edges_in, requests))
    pictures = sum(not _edges_in(request) for request in requests)
    return Quote(
        engine,
        edges,
        pictures,
        sum(r.seconds for r in requests),
        sum(r.dollars for r in requests),
    )


def finish_path(
    desk: Desk,
    sequence: SavedSequence,
    *,
    engine: str,
    parameters: Mapping[str, object],
    most: float | None,
) -> FinishView:
    """Renders the finals of a path, and returns when it is finished.

    Raises:
        OverBudget: it costs more than `most` US dollars, or than the workspace may spend; nothing was asked for.
        BadInput, EngineError: the engine can't do it, or failed; what is done is kept.
    """
    quote = desk.store.read(lambda graph: quote_path(graph, sequence, engine=engine, parameters=parameters))
    if most is not None and quote.dollars > most:
        raise OverBudget(
            f"finishing {sequence.name} by {engine} costs about {said(quote.dollars)}, more than {said(most)}",
            hint="allow more, or choose another engine",
        )
    request = Request(
        FINISH,
        f"finish {sequence.name}",
        sequence.id,
        {
            "sequence": sequence.id,
            "name": sequence.name,
            "engine": engine,
            "parameters": to_json(dict(parameters)),
        },
        lane="owner",
        engine=engine if quote.dollars else "",
        sequence=sequence.id,
        actor=desk.actor,
        priority=WANTED,
        seconds=quote.seconds,
        dollars=quote.dollars,
    )
    result = desk.done_or_cancelled(desk.queue.submit(request)[0]).result
    return FinishView(
        sequence.id,
        cast("int", result["edges"]),
        cast("int", result["pictures"]),
        cast("float", result["dollars"]),
    )


class FinishKind:
    """Finishes paths."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def perform(self, attempt: Attempt) -> Delivery | Others:
        """Does what can be done now; asks for what has to be rendered first."""
        while True:
            left = self._desk.store.read(lambda graph: self._left(graph, attempt.job.request))
            if found := left.to_cut():
                self._cut_again(attempt, left, *found)
            elif not self._show_remade(left):
                break
        requests = left.requests()
        needs = attempt.needs()
        if requests:
            wanted = {request.content_key for request in requests}
            failed = [job for job in needs if job.request.content_key in wanted]
            _check_ended(failed)
            return Others(tuple(requests))
        if left.unfinished:
            raise RenderFailed(
                f"{attempt.job.request.body['name']} can't be finished: an edge of it depends on itself",
                hint="pin a take of one of its edges",
            )
        done = [job for job in needs if job.state == "done"]
        self._encode(attempt, done)
        edges = sum(_edges_in(job.request) for job in done)
        pictures = sum(not _edges_in(job.request) for job in done)
        cost = self._desk.queue.transact(
            "read the books",
            lambda turn: self._desk.queue.ledger.spent_on(turn.connection, [job.id for job in done]),
        )
        result = {"edges": edges, "pictures": pictures, "dollars": cost}
        return Delivery(result=result, dollars=0.0)

    def failed(self, job: Job, error: ForkframeError) -> Change | None:
        """Nothing: what was rendered is kept."""
        return None

    def _left(self, graph: Graph, request: Request) -> Finishing:
        sequence = graph.sequences.get(SequenceId(str(request.body["sequence"])))
        if sequence is None:
            raise Gone(f"sequence {request.body['name']!r} was deleted", hint="undo brings it back")
        parameters = cast("dict[str, object]", request.body["parameters"])
        return Finishing(graph, sequence, engine=str(request.body["engine"]), parameters=parameters)

    def _cut_again(self, attempt: Attempt, left: Finishing, unit: Unit, final: Take) -> None:
        """Gives a unit's branch nodes the frames of its final, and shows ranges of it in all that was cut from it."""
        assert final.rendering is not None
        blobs = self._desk.store.blobs
        rendering = self._desk.graph.renderings[final.rendering]
        drawn = self._drawn(attempt, rendering, unit.cuts.values())
        pictures = {
            node: (blobs.adopt_picture(Path(d["path"]), PixelHash(d["pixels"])), PixelHash(d["pixels"]))
            for node, d in zip(unit.cuts, drawn, strict=True)
        }
        takes = left.takes_of_cut(unit, final, {node: pixels for node, (_, pixels) in pictures.items()})
        self._desk.commit(ShowFinals(pictures, takes), by_engine=True)

    def _drawn(self, attempt: Attempt, rendering: Rendering, frames: Iterable[int]) -> list[dict[str, str]]:
        indices = list(frames)
        if not indices:
            return []
        arguments = {
            "source": source_of(self._desk, rendering),
            "frames": rendering.frames,
            "indices": indices,
            "side": None,
        }
        return cast("list[dict[str, str]]", attempt.run("drawing", arguments)["drawn"])

    def _show_remade(self, left: Finishing) -> bool:
        """Shows a picture that was made again, if there is one."""
        for node, recipe in left.to_remake():
            rendering = self._desk.graph.rendering_for(recipe.content_key)
            if rendering and rendering.picture and rendering.pixels:
                take = Take(new_take_id(), node.id, rendering.id, tier="final")
                pictures = {node.id: (rendering.picture, rendering.pixels)}
                self._desk.commit(ShowFinals(pictures, (take,)), by_engine=True)
                return True
        return False

    def _encode(self, attempt: Attempt, done: list[Job]) -> None:
        """Encodes the fields among the finals as finals: their drafts' encodings are smaller."""
        renderings = self._desk.graph.renderings
        keys = [RenderingId(str(job.result["rendering"])) for job in done if _edges_in(job.request)]
        fields = [key for key in keys if renderings[key].field]

        def keep(number: int, answer: Answer) -> None:
            video = self._desk.store.blobs.adopt(Path(str(answer["video"])))
            self._desk.commit(SetVideo(fields[number], video), by_engine=True)

        calls = [("encoding", encoding(self._desk, renderings[key], tier="final")) for key in fields]
        attempt.run_all(calls, keep=keep, share=(0.0, 1.0))


def encoding(desk: Desk, rendering: Rendering, *, tier: str) -> dict[str, object]:
    """What the task `encoding` needs to make a video of a field."""
    return {
        "source": source_of(desk, rendering),
        "frames": rendering.frames,
        "frame": to_json(rendering.recipe.frame),
        "tier": tier,
    }


def _edges_in(request: Request) -> int:
    """How many edges' finals a request renders; 0 of a picture."""
    recipe = from_json(Recipe, request.body["recipe"])
    return sum(given.role in ("key", "last") for given in recipe.inputs)


def _length(edges: Sequence[Edge]) -> int:
    """The frames of edges one after the other: where two meet, they share one."""
    return sum(edge.frames - 1 for edge in edges) + 1


def _check_ended(jobs: list[Job]) -> None:
    for job in jobs:
        if job.failure and job.state == "failed":
            failed = wire.error_of(job.failure)
            raise type(failed)(f"{job.request.title}: {failed.message}", hint=failed.hint)
    check_done([job for job in jobs if job.state == "cancelled"])
