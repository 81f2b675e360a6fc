"""How fast changes are committed, and workspaces opened. Run as `python -m bench.store`.

Disks differ and machines are busy, so a commit is measured against a floor taken in turn with it: one INSERT per
transaction through the bare driver, with the same journal and `synchronous=FULL`.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from forkframe.model.changes import AddNodes, Envelope, MoveNodes
from forkframe.model.delta import Delta, Edit
from forkframe.model.entities import Edge, Entity, Node
from forkframe.model.ids import BlobHash, NodeId, PixelHash, new_edge_id, new_node_id, new_op_id
from forkframe.store import Store, read_graph, sqlite_facts
from forkframe.store.rows import encoded, write_rows
from forkframe.store.sqlite import DATABASE, driver
from forkframe.store.writer import Writer

_ROUNDS, _BATCH = 20, 50
_NODES, _EDGES = 10_000, 15_000


def run() -> dict[str, float]:
    """The figures by name."""
    with tempfile.TemporaryDirectory() as folder:
        return {**_commits(Path(folder)), **_opening(Path(folder))}


def _commits(folder: Path) -> dict[str, float]:
    floor = driver().connect(folder / "floor.db", isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (body TEXT)"):
        floor.execute(statement)

    def insert() -> None:
        floor.execute("BEGIN IMMEDIATE")
        floor.execute("INSERT INTO t VALUES (?)", ("x" * 300,))
        floor.execute("COMMIT")

    with Store.create(folder / "commits.forkframe") as store:
        node = _node()
        store.commit(Envelope(new_op_id(), "bench", 0, AddNodes((node,))))

        def move() -> None:
            place = (random.random(), 0.0)
            store.commit(Envelope(new_op_id(), "bench", store.seq, MoveNodes({node.id: place})))

        pairs = [(_seconds(insert, times=_BATCH), _seconds(move, times=_BATCH)) for _ in range(_ROUNDS)]
    floor.close()
    floors, ours = ([pair[n] / _BATCH for pair in pairs] for n in (0, 1))
    return {
        "commits per second": 1 / statistics.median(ours),
        "floor per second": 1 / statistics.median(floors),
        "commits / floor": statistics.median(a / b for a, b in zip(floors, ours, strict=True)),
    }


def _opening(folder: Path) -> dict[str, float]:
    path = folder / "large.forkframe"
    nodes = [_node() for _ in range(_NODES)]
    ids = [node.id for node in nodes]
    edges = [_edge(ids) for _ in range(_EDGES)]
    with Store.create(path):
        pass
    _fill(path, [*nodes, *edges])
    opened = [_seconds(lambda: Store.open(path).close()) for _ in range(5)]
    read = [_seconds(lambda: read_graph(path)) for _ in range(5)]
    return {
        f"open {_NODES} nodes, {_EDGES} edges (s)": statistics.median(opened),
        "read the same without the lock (s)": statistics.median(read),
    }


def _fill(path: Path, rows: list[Entity]) -> None:
    """Writes rows at once: making a large workspace is not what is measured."""
    writer = Writer(path / DATABASE)

    def work() -> None:
        with writer.transaction("fill") as connection:
            workspace_id = connection.exec_driver_sql("SELECT workspace_id FROM workspace").scalar_one()
            edits = encoded(Delta(tuple(Edit(None, row) for row in rows)))
            write_rows(connection, workspace_id, edits, ordinal=1, was_used=lambda key: False)

    writer.call(work)
    writer.close()


def _node() -> Node:
    number = random.getrandbits(256)
    return Node(
        new_node_id(),
        BlobHash(f"{number:064x}"),
        (4000, 3000),
        PixelHash(f"{number:064x}"),
        x=random.random() * 1e5,
        y=random.random() * 1e5,
    )


def _edge(ids: list[NodeId]) -> Edge:
    return Edge(new_edge_id(), random.choice(ids), random.choice(ids), 49)


def _seconds(work: Callable[[], object], *, times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(sqlite_facts())
    for name, figure in run().items():
        print(f"{name:45} {figure:12.3f}")
