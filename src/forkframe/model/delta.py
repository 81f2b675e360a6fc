"""Deltas: what a change does to rows. Everything a workspace does to itself, undo included, is one of these."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from forkframe.model.entities import Entity


@dataclass(frozen=True, slots=True)
class Edit:
    """One row before and after: None before means created, None after means deleted."""

    before: Entity | None
    after: Entity | None

    @property
    def kind(self) -> type[Entity]:
        """The row's type."""
        return type(self._row)

    @property
    def id(self) -> str:
        """The row's id."""
        return self._row.id

    @property
    def _row(self) -> Entity:
        row = self.after if self.after is not None else self.before
        assert row is not None
        return row

    def fields(self) -> tuple[str, ...]:
        """The names of the fields that a modification changes; () for creation and deletion."""
        if self.before is None or self.after is None:
            return ()
        return tuple(
            f.name
            for f in dataclasses.fields(self.after)
            if getattr(self.before, f.name) != getattr(self.after, f.name)
        )


@dataclass(frozen=True, slots=True)
class Delta:
    """The edits of one change, at most one per row, in an order in which they can be applied."""

    edits: tuple[Edit, ...]

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.edits)

    def inverse(self) -> Delta:
        """The delta that takes this one back."""
        return Delta(tuple(Edit(e.after, e.before) for e in reversed(self.edits)))
