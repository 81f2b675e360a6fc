"""From the steps of a path to clips: which frames of which renderings play, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forkframe.errors import BrokenPath
from forkframe.model.entities import Step, Take
from forkframe.model.graph import Graph
from forkframe.model.ids import RenderingId
from forkframe.model.paths import check_continuous


@dataclass(frozen=True, slots=True)
class Clip:
    """The frames `first` … `last` of a rendering, both included, played backwards if `reverse`."""

    rendering: RenderingId
    first: int
    last: int
    reverse: bool = False

    def joined(self, after: Clip) -> Clip | None:
        """This clip and the one after it as one, where they are adjacent ranges of one rendering."""
        if (self.rendering, self.reverse) != (after.rendering, after.reverse):
            return None
        if not self.reverse and self.last == after.first:
            return Clip(self.rendering, self.first, after.last)
        if self.reverse and self.first == after.last:
            return Clip(self.rendering, after.first, self.last, reverse=True)
        return None


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
        if take is None or take.rendering is None:
            raise BrokenPath(f"edge {step.edge} has no finished take yet", hint="render it first")
        clip = Clip(take.rendering, take.first, take.last, step.reverse)
        joined = clips[-1].joined(clip) if clips else None
        if joined:
            clips[-1] = joined
        else:
            clips.append(clip)
    return tuple(clips)


def frames_of(clips: Sequence[Clip]) -> int:
    """How many frames a path has: the sum of (F−1) over its clips, plus 1."""
    return sum(clip.last - clip.first for clip in clips) + 1
