"""Running the server: a free port, one line that says where it is, and a quiet end."""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import uvicorn

from forkframe.errors import BadInput
from forkframe.server.app import make_app
from forkframe.server.pages import UI
from forkframe.server.security import host_names
from forkframe.server.tokens import token_of
from forkframe.studio import Studio

PORT = 7433
_TRIED = 50  # ports
_OWN_NAMES = ("127.0.0.1", "localhost", "::1")
_MOST_MESSAGE = 256 << 10  # bytes from a client over the socket
_PATIENCE = 3  # seconds that open requests get when it ends


def serve(
    studio: Studio,
    *,
    host: str = "127.0.0.1",
    port: int = PORT,
    open_browser: bool = True,
    announce: Callable[[str], None] | None = None,
    allow_remote: bool = False,
    names: Sequence[str] = (),
    ui: Path | None = UI,
) -> None:
    """Serves an open workspace until SIGINT or SIGTERM; it is not closed then.

    Args:
        studio: the workspace.
        host: the address to listen at.
        port: the port, or the first free one after it; 0 for any.
        open_browser: shows the page in the user's browser.
        announce: gets one line, the address with the token, as soon as the studio answers; printed unless given.
        allow_remote: lets `host` be reached from other machines.
        names: by which other names people will ask for it then.
        ui: the folder with the built front end.

    Raises:
        BadInput: `host` is no loopback address and `allow_remote` is off, or nothing can listen there.
    """
    listening = listen(host, port, allow_remote=allow_remote)
    with listening:
        bound = int(listening.getsockname()[1])
        token = token_of(studio.snapshot().workspace_id)
        address = f"http://{'[' + host + ']' if ':' in host else host}:{bound}"

        def answers() -> None:
            studio.announce(address, token)
            studio.warm_up()
            link = f"{address}/?token={token}"
            (announce or _print)(link)
            if open_browser:
                threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()

        hosts = host_names({*_OWN_NAMES, *_names_of(host), *names}, bound)
        app = make_app(studio, token=token, hosts=hosts, ui=ui)
        Server(app, on_started=answers).run(sockets=[listening])


class Server(uvicorn.Server):
    """A server that tells when it answers, and gives the program back to whoever started it when it is told to end."""

    def __init__(self, app: object, *, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,  # pyright: ignore[reportArgumentType]
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,  # it would hold the token
                server_header=False,
                proxy_headers=False,
                ws="websockets-sansio",
                ws_max_size=_MOST_MESSAGE,
                ws_per_message_deflate=False,  # mostly one machine: it would cost more than it saves
                timeout_graceful_shutdown=_PATIENCE,
            )
        )
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to answer."""
        await super().startup(sockets)
        if self.started:
            self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends the server, not the program: the workspace is still to be closed."""
        self.force_exit = self.should_exit
        self.should_exit = True


def listen(host: str, port: int, *, allow_remote: bool = False) -> socket.socket:
    """A socket at `host`, on `port` or the first free one after it.

    Raises:
        BadInput: other machines would reach it and nobody said that they may, or nothing can listen there.
    """
    if not _is_loopback(host) and not allow_remote:
        raise BadInput(
            f"{host} can be reached from other machines",
            hint="leave it out to use 127.0.0.1, or add --allow-remote if that is what you want",
        )
    last: OSError | None = None
    for number in range(port, min(port + _TRIED, 65536)) if port else [0]:
        try:
            return _bound(host, number)
        except OSError as error:
            last = error
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                break
    raise BadInput(
        f"nothing can listen at {host}, port {port}: {last.strerror if last else 'there is no such port'}",
        hint="try another port, such as --port 8000",
    )


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # a port that was left a moment ago is free
        listening.bind(address)
        listening.listen(256)
    except BaseException:
        listening.close()
        raise
    return listening


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _names_of(host: str) -> set[str]:
    """What people may call an address; for all addresses of this machine its name."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - only compared
        name = socket.gethostname()
        return {name, f"{name}.local"}
    return {host}


def _print(line: str) -> None:
    print(line, flush=True)
