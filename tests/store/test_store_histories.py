"""Whatever happens to a workspace, the graph in memory is the graph on the disk, also after reopening."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import invariant, rule

from forkframe.model.changes import Change
from forkframe.model.graph import Graph
from forkframe.model.ids import new_op_id
from forkframe.model.undo import Overtaken
from forkframe.store import Committed, Store, read_graph
from tests.model.build import rows_of
from tests.model.histories import REFUSALS, Histories
from tests.store.conftest import commit


class StoreHistories(Histories):
    """Random histories of a workspace that is reopened now and then."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        self._store = Store.create(self._folder / "trip.forkframe")

    @property
    def graph(self) -> Graph:
        return self._store.graph

    def do(self, actor: str, change: Change) -> None:
        self._unless_refused(lambda: commit(self._store, change, actor=actor))

    def take_back(self, actor: str, *, redo: bool) -> None:
        back = self._store.redo if redo else self._store.undo
        self._unless_refused(lambda: back(actor, new_op_id()))

    def _unless_refused(self, step: Callable[[], Committed]) -> None:
        before, seq = rows_of(self.graph), self._store.seq
        try:
            step()
        except Overtaken:  # refused, and passed over from now on
            assert (rows_of(self.graph), self._store.seq) == (before, seq + 1)
        except REFUSALS:
            assert (rows_of(self.graph), self._store.seq) == (before, seq)
        else:
            assert self._store.seq == seq + 1

    @rule()
    def reopen(self) -> None:
        before, log = list(rows_of(self.graph).items()), self._store.log()
        self._store.close()
        self._store = Store.open(self._store.path, wait=0)
        assert list(rows_of(self.graph).items()) == before
        assert self._store.log() == log
        assert self._store.seq == len(log)

    @invariant()
    def memory_is_what_is_on_the_disk(self) -> None:
        anew = read_graph(self._store.path)
        assert list(rows_of(anew).items()) == list(rows_of(self.graph).items())
        for node in anew.nodes:
            assert anew.takes_of(node) == self.graph.takes_of(node)
        for edge in anew.edges:
            assert anew.takes_of(edge) == self.graph.takes_of(edge)

    def teardown(self) -> None:
        self._store.close()
        shutil.rmtree(self._folder)


StoreHistories.TestCase.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)


class TestAnyHistory(StoreHistories.TestCase):
    """Memory and disk agree after every step."""
