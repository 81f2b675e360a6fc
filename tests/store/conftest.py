"""An open workspace, and how to change it in one line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from forkframe.model.changes import Change, Envelope
from forkframe.model.ids import new_op_id
from forkframe.store import Committed, Store

Do = Callable[..., Committed]


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as created, closed; copy it."""
    path = tmp_path_factory.mktemp("fresh") / "fresh.forkframe"
    Store.create(path).close()
    return path


@pytest.fixture
def path(fresh: Path, tmp_path: Path) -> Path:
    """A workspace of the test's own, closed."""
    return Path(shutil.copytree(fresh, tmp_path / "trip.forkframe"))


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """That workspace, open."""
    with Store.open(path, wait=0) as opened:
        yield opened


def commit(store: Store, change: Change, *, actor: str = "anna") -> Committed:
    """What a change did."""
    return store.commit(Envelope(new_op_id(), actor, store.seq, change))
