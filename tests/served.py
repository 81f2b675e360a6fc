"""A studio that serves a workspace over real HTTP, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from forkframe.server import make_app
from forkframe.server.run import Server, listen
from forkframe.server.security import host_names
from forkframe.studio import Studio

TOKEN = "a-token-for-tests"


@contextmanager
def served(studio: Studio, *, ui: Path | None = None) -> Generator[str]:
    """The address of a studio that answers; it announces itself in the workspace's lock."""
    started = threading.Event()
    with listen("127.0.0.1", 0) as listening:
        port = int(listening.getsockname()[1])
        app = make_app(studio, token=TOKEN, hosts=host_names({"127.0.0.1", "localhost"}, port), ui=ui)
        server = Server(app, on_started=started.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert started.wait(60)
            address = f"http://127.0.0.1:{port}"
            studio.announce(address, TOKEN)
            yield address
        finally:
            server.should_exit = True
            thread.join()
