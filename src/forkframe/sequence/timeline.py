"""From the steps of a path to clips: which frames of which renderings play, one after the other, and how fast."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from forkframe.errors import BrokenPath
from forkframe.model.entities import Edge, Step, Take
from forkframe.model.graph import Graph
from forkframe.model.ids import RenderingId
from forkframe.model.paths import check_continuous


@dataclass(frozen=True, slots=True)
class Clip:
    """The frames `first` … `last` of a rendering, both included, played backwards if `reverse`.

    Attributes:
        speed: how many frames of the rendering pass in one frame of the film, about: `intervals` is a whole number.
        hold: for how many more frames the picture at its end stands still.
    """

    rendering: RenderingId
    first: int
    last: int
    reverse: bool = False
    speed: float = 1.0
    hold: int = 0

    @property
    def intervals(self) -> int:
        """How many frames after its first one its end is reached, at least 1; halves are rounded up."""
        return max(1, math.floor((self.last - self.first) / self.speed + 0.5))

    @property
    def is_retimed(self) -> bool:
        """Whether other moments are shown than the rendering's own frames."""
        return self.intervals != self.last - self.first

    @property
    def ends(self) -> tuple[int, int]:
        """The frames it starts and ends on, in the order they are played."""
        return (self.last, self.first) if self.reverse else (self.first, self.last)

    def joined(self, after: Clip) -> Clip | None:
        """This clip and the one after it as one, where they are adjacent ranges of one rendering at one pace."""
        pace = (self.rendering, self.reverse, self.speed)
        if self.hold or pace != (after.rendering, after.reverse, after.speed):
            return None
        if self.ends[1] != after.ends[0]:
            return None
        first, last = min(self.first, after.first), max(self.last, after.last)
        return replace(after, first=first, last=last)


def shown_take(graph: Graph, step: Step) -> Take | None:
    """The take that a step plays: the pinned one, else the edge's active one; None if there is none yet."""
    key = step.take or graph.edges[step.edge].active
    take = graph.takes.get(key) if key else None
    return take if take and take.rendering else None


def clips_of(graph: Graph, steps: Sequence[Step]) -> tuple[Clip, ...]:
    """The clips of a path, adjacent ranges of one rendering merged: A→M→B plays as the uncut A→B.

    Raises:
        BrokenPath: a joint does not hold, or a step has no finished take.
    """
    check_continuous(graph, steps)
    clips: list[Clip] = []
    for step in steps:
        take = shown_take(graph, step)
        if take is None:
            raise BrokenPath(f"edge {step.edge} has no finished take yet", hint="render it first")
        clips.append(_clip(step, take))
    return _merged(clips)


def frames_of(clips: Sequence[Clip]) -> int:
    """How many frames a path has: the sum of its clips' intervals and holds, plus 1."""
    return sum(clip.intervals + clip.hold for clip in clips) + 1


def frames_ahead(graph: Graph, steps: Sequence[Step]) -> int:
    """How many frames a path has once all its edges have takes that fit; steps over deleted edges count none."""
    there = [(step, edge) for step in steps if (edge := graph.edges.get(step.edge))]
    return frames_of(_merged(_clip(step, shown_take(graph, step) or edge) for step, edge in there))


def _clip(step: Step, shown: Take | Edge) -> Clip:
    """What a step plays: a take, or an edge that has none yet, which stands for a rendering of its own."""
    if isinstance(shown, Edge):
        rendering, first, last = RenderingId(shown.id), 0, shown.frames - 1
    else:
        assert shown.rendering is not None
        rendering, first, last = shown.rendering, shown.first, shown.last
    return Clip(rendering, first, last, step.reverse, step.speed, step.hold)


def _merged(clips: Iterable[Clip]) -> tuple[Clip, ...]:
    merged: list[Clip] = []
    for clip in clips:
        joined = merged[-1].joined(clip) if merged else None
        if joined:
            merged[-1] = joined
        else:
            merged.append(clip)
    return tuple(merged)
