"""From paths to frames: N edges of F frames play N·(F−1)+1 of them, and halves play as the whole they were cut from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.errors import BrokenPath
from forkframe.model.changes import AddEdge, AddNodes, AddRendering, Branch, plan
from forkframe.model.entities import Cut, Edge, Node, Rendering, Step, Take
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import (
    BlobHash,
    PixelHash,
    new_edge_id,
    new_node_id,
    new_rendering_id,
    new_take_id,
)
from forkframe.model.recipe import Input, Recipe
from forkframe.sequence.export import pieces_of, segments_of
from forkframe.sequence.timeline import Clip, clips_of, frames_ahead, frames_of

FRAMES = 25


def node(number: int, **more: object) -> Node:
    return Node(new_node_id(), BlobHash("0" * 64), (64, 64), PixelHash(f"{number:064x}"), **more)  # type: ignore[arg-type]


class Walk:
    """A graph of nodes in a row, each connected to the next by an edge with a take."""

    def __init__(self, edges: int) -> None:
        self.graph = Graph()
        self.nodes = [node(n) for n in range(edges + 1)]
        self.do(AddNodes(tuple(self.nodes), frame=Frame(64, 64)))
        self.edges = [self.connect(n, n + 1) for n in range(edges)]

    def do(self, change: object) -> None:
        self.graph.apply(plan(self.graph, change))  # type: ignore[arg-type]

    def connect(self, a: int, b: int, *, render: bool = True) -> Edge:
        edge = Edge(new_edge_id(), self.nodes[a].id, self.nodes[b].id, FRAMES)
        self.do(AddEdge(edge))
        if render:
            ends = (self.nodes[a].framed, self.nodes[b].framed)
            inputs = (Input("first", ends[0]), Input("last", ends[1]))
            recipe = Recipe("transition", "fake.transition@1", 1, {}, inputs, Frame(64, 64), FRAMES, 0)
            rendering = Rendering(new_rendering_id(), recipe, video=BlobHash("1" * 64))
            self.do(AddRendering(rendering, Take(new_take_id(), edge.id, rendering.id, 0, FRAMES - 1, ends)))
        return edge

    def branch(self, edge: Edge, at: int) -> tuple[Step, Step]:
        cut = Cut(edge.id, at, (new_edge_id(), new_edge_id()))
        take = self.graph.edges[edge.id].active
        assert take
        self.do(Branch(take, node(99, cut=cut), (new_take_id(), new_take_id())))
        return Step(cut.halves[0]), Step(cut.halves[1])


def frames_played(walk: Walk, clips: Sequence[Clip]) -> int:
    """How many frames the segments of clips have, each of which must lie inside the video it is taken from."""
    frames = {str(Path(key)): rendering.frames for key, rendering in walk.graph.renderings.items()}
    frames |= {str(piece): piece.frames for piece in pieces_of(clips)}
    played = segments_of(walk.graph, clips, lambda key, _: Path(key), lambda piece: Path(str(piece)))
    assert all(0 <= first <= last < frames[video] for video, first, last in played)
    return sum(last - first + 1 for _, first, last in played)


PACES = st.tuples(st.sampled_from([1.0, 2.0, 0.5]) | st.floats(0.1, 10), st.integers(0, 40))


@given(st.integers(1, 6), st.booleans())
def test_a_path_of_n_edges_has_n_times_f_minus_1_plus_1_frames(edges: int, backwards: bool) -> None:
    walk = Walk(edges)
    steps = [Step(edge.id, reverse=backwards) for edge in walk.edges]
    clips = clips_of(walk.graph, steps[::-1] if backwards else steps)
    assert frames_of(clips) == edges * (FRAMES - 1) + 1
    assert frames_played(walk, clips) == frames_of(clips)


@given(st.lists(PACES, min_size=1, max_size=5), st.booleans())
def test_at_any_pace_a_path_has_its_intervals_its_holds_and_one_more_frame(
    paces: list[tuple[float, int]], backwards: bool
) -> None:
    walk = Walk(len(paces))
    steps = [
        Step(edge.id, backwards, speed=speed, hold=hold)
        for edge, (speed, hold) in zip(walk.edges, paces, strict=True)
    ]
    steps = steps[::-1] if backwards else steps
    clips = clips_of(walk.graph, steps)
    shown = [max(1, int((FRAMES - 1) / speed + 0.5)) + hold for speed, hold in paces]
    assert frames_played(walk, clips) == frames_of(clips) == frames_ahead(walk.graph, steps) == sum(shown) + 1


@given(PACES, st.integers(1, FRAMES - 2), st.booleans())
def test_both_halves_at_one_pace_play_as_the_whole_and_a_hold_between_them_parts_them(
    pace: tuple[float, int], at: int, backwards: bool
) -> None:
    speed, hold = pace
    walk = Walk(1)
    step = Step(walk.edges[0].id, backwards, speed=speed, hold=hold)
    whole = clips_of(walk.graph, [step])
    halves = [replace(step, edge=half.edge, hold=0) for half in walk.branch(walk.edges[0], at)]
    halves = halves[::-1] if backwards else halves
    assert clips_of(walk.graph, [halves[0], replace(halves[1], hold=hold)]) == whole
    parted = clips_of(walk.graph, [replace(halves[0], hold=3), halves[1]])
    assert [clip.hold for clip in parted] == [3, 0]
    assert frames_played(walk, parted) == frames_of(parted)


def test_a_step_at_its_own_pace_needs_no_piece_and_a_hold_of_any_length_the_same_few_frames() -> None:
    walk = Walk(1)
    (plain,) = clips_of(walk.graph, [Step(walk.edges[0].id)])
    assert pieces_of([plain]) == ()
    assert [
        piece.frames for hold in (1, 12, 13, 10_000) for piece in pieces_of([replace(plain, hold=hold)])
    ] == [
        13,
        24,
        13,
        16,
    ]


def test_an_edge_without_a_take_counts_the_frames_that_it_will_have_and_a_deleted_one_none() -> None:
    walk = Walk(2)
    bare = walk.connect(1, 0, render=False)
    steps = [Step(walk.edges[0].id, speed=2), Step(bare.id, hold=5), Step(new_edge_id())]
    assert frames_ahead(walk.graph, steps) == 12 + 24 + 5 + 1


@given(st.integers(1, FRAMES - 2), st.booleans())
def test_both_halves_of_a_branched_edge_play_as_the_uncut_edge(at: int, backwards: bool) -> None:
    walk = Walk(1)
    whole = clips_of(walk.graph, [Step(walk.edges[0].id, backwards)])
    halves = [Step(half.edge, backwards) for half in walk.branch(walk.edges[0], at)]
    assert clips_of(walk.graph, halves[::-1] if backwards else halves) == whole


@given(st.integers(2, FRAMES - 2), st.data())
def test_a_half_can_be_cut_again_and_all_parts_still_play_as_the_whole(at: int, data: st.DataObject) -> None:
    walk = Walk(1)
    whole = clips_of(walk.graph, [Step(walk.edges[0].id)])
    first, second = walk.branch(walk.edges[0], at)
    again = walk.branch(walk.graph.edges[first.edge], data.draw(st.integers(1, at - 1)))
    assert clips_of(walk.graph, [*again, second]) == whole


def test_a_path_that_leaves_at_the_cut_plays_only_the_first_range() -> None:
    walk = Walk(2)
    first, _ = walk.branch(walk.edges[0], 10)
    take = walk.graph.takes_of(first.edge)[0]
    assert clips_of(walk.graph, [first]) == (Clip(take.rendering, 0, 10),)  # type: ignore[arg-type]


def test_the_same_edge_walked_twice_is_not_merged() -> None:
    walk = Walk(1)
    there_and_back = [Step(walk.edges[0].id), Step(walk.edges[0].id, reverse=True)]
    clips = clips_of(walk.graph, there_and_back)
    assert [clip.reverse for clip in clips] == [False, True]
    assert frames_of(clips) == 2 * (FRAMES - 1) + 1


def test_a_gap_is_named_by_its_joint() -> None:
    walk = Walk(3)
    with pytest.raises(BrokenPath, match="gap at joint 1"):
        clips_of(walk.graph, [Step(walk.edges[0].id), Step(walk.edges[2].id)])


def test_an_edge_without_a_take_is_named() -> None:
    walk = Walk(1)
    bare = walk.connect(1, 0, render=False)
    with pytest.raises(BrokenPath, match=f"edge {bare.id} has no finished take"):
        clips_of(walk.graph, [Step(bare.id)])
