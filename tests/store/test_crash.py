"""A process that is killed at any moment loses nothing that it was told is done."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from forkframe.model.ids import BlobHash, NodeId
from forkframe.store import Store

_COMMIT = """
import sys
from dataclasses import replace
from pathlib import Path
from forkframe.model.changes import AddNodes
from forkframe.model.ids import new_node_id
from forkframe.store import Store
from tests.model.build import node
from tests.store.conftest import commit

with Store.open(Path(sys.argv[1])) as store:
    print("open", flush=True)
    while True:
        key = new_node_id()
        (store.blobs.scratch() / "half done").write_bytes(b"half")
        picture = store.blobs.put(key.encode() * 1000)
        done = commit(store, AddNodes((replace(node(key), picture=picture),)))
        print(done.seq, key, flush=True)
"""


def test_killing_a_process_in_the_middle_of_its_work_loses_no_acknowledged_change(path: Path) -> None:
    dice = random.Random(3)
    known: dict[str, int] = {}
    for kills in (1, 2, 3):
        with subprocess.Popen(
            [sys.executable, "-c", _COMMIT, path], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            for _ in range(dice.randrange(1, 60)):
                seq, key = process.stdout.readline().split()
                known[key] = int(seq)
            process.send_signal(signal.SIGKILL)
            for line in process.stdout:  # said before the signal arrived
                if line.endswith("\n"):
                    seq, key = line.split()
                    known[key] = int(seq)
        assert any((path / "media" / "tmp").iterdir())
        with Store.open(path, wait=0) as store:
            assert known.keys() <= store.graph.nodes.keys()
            assert len(store.graph.nodes) <= len(known) + kills, (
                "at most one change more than acknowledged per kill"
            )
            assert store.seq == len(store.graph.nodes)
            for key in store.graph.nodes:
                picture = store.graph.nodes[NodeId(key)].picture
                assert sha256(store.blobs.path(BlobHash(picture)).read_bytes()).hexdigest() == picture
            assert not any((path / "media" / "tmp").iterdir())
