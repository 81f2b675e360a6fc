"""A studio that answers on a free port of this machine, and clients that know its token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from forkframe.model.ids import new_op_id
from forkframe.server.app import make_app
from forkframe.server.run import Server, listen
from forkframe.server.security import host_names
from forkframe.studio import Studio
from tests.pictures import save_blobs

TOKEN = "a-token-for-tests-that-is-long-enough"


@dataclass
class Running:
    """A studio that is being served."""

    studio: Studio
    port: int
    folder: Path
    stop: Callable[[], None]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, *, token: str | None = TOKEN, **headers: str) -> httpx.Client:
        known = {"authorization": f"Bearer {token}"} if token else {}
        # Without certificates, which nobody needs here: reading them takes longer than most tests.
        return httpx.Client(base_url=self.address, headers={**known, **headers}, timeout=60, verify=False)

    def socket(self, since: int | None = None, *, name: str = "", **headers: str) -> ClientConnection:
        query = "&".join([f"name={name}"] + [f"since={since}"] * (since is not None))
        known = {"Authorization": f"Bearer {TOKEN}", **headers}
        return connect(
            f"ws://127.0.0.1:{self.port}/api/live?{query}",
            additional_headers=known,
            compression=None,
            max_size=None,
            proxy=None,
            open_timeout=60,
            close_timeout=2,
        )


@contextmanager
def serving(studio: Studio, folder: Path, *, ui: Path | None = None) -> Generator[Running]:
    """Serves a studio for as long as the block lasts."""
    answers = threading.Event()
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        app = make_app(studio, token=TOKEN, hosts=host_names(["127.0.0.1", "localhost", "::1"], port), ui=ui)
        server = Server(app, on_started=answers.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})

        def stop() -> None:
            server.should_exit = True
            thread.join(60)

        thread.start()
        try:
            assert answers.wait(60)
            yield Running(studio, port, folder, stop)
        finally:
            stop()
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A served workspace, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("served")
    ui = folder / "ui"
    (ui / "assets").mkdir(parents=True)
    (ui / "index.html").write_text("<!doctype html><title>the page</title>")
    (ui / "assets" / "app-1a2b.js").write_text("export const answer = 42;")
    studio = Studio.create(folder / "ws.forkframe", size=(160, 96))
    try:
        with serving(studio, folder, ui=ui) as running:
            yield running
    finally:
        studio.close(finish=False)


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    with running.client() as client:
        yield client


@pytest.fixture(scope="module")
def two_nodes(running: Running) -> tuple[str, str]:
    """The ids of two nodes, a and b."""
    paths = [save_blobs(running.folder / f"{name}.png", seed=seed) for seed, name in enumerate("ab")]
    a, b = running.studio.add(paths)
    return a.id, b.id


def moved(node: str, x: float, y: float, **fields: object) -> dict[str, object]:
    """The envelope of a move."""
    return {"op_id": new_op_id(), "base_seq": 0, "type": "MoveNodes", "places": {node: [x, y]}, **fields}
