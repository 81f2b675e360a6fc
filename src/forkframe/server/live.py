"""One socket per client: the workspace's changes in order, what jobs do, and who else is looking.

Changes come from the writer's thread and are put to each client's queue on the event loop, so that everybody gets them in
the order of their numbers. A client says which number it has seen; it is put on the list first and what it missed is read
after that, so that nothing falls between, and whatever comes twice is recognised by its number.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import cast

import anyio
from anyio import to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected, WebSocketState

from forkframe.server import wire
from forkframe.store import Logged
from forkframe.studio import JobView, Progress, Studio

MOST_WAITING = 256
"""Changes that may wait for a client; beyond, it is told to come back and ask for what it missed."""
MOST_MISSED = 5000
"""Changes that are sent again; beyond, a client had better fetch everything anew."""
OVERFLOW, MALFORMED = 4008, 1003
_PAUSE = 0.05  # seconds between two messages of the kinds of which only the latest counts
_COLOURS = ("#e8a33d", "#4fb3bf", "#c678dd", "#7fb069", "#e06c75", "#6f9ceb", "#d19a66", "#b8c04a")
_MOST_SELECTED = 500
_FAR = 1e12  # canvas units; also keeps out what is no number
_MOST_SUBJECTS = 2000
_ENDED = ("done", "failed", "cancelled")


class _Client:
    """What waits to be sent to one socket. Only the event loop touches it."""

    def __init__(self, name: str, colour: str) -> None:
        self.id = f"k{secrets.token_hex(5)}"
        self.presence: dict[str, object] = {
            "client": self.id,
            "name": name,
            "colour": colour,
            "cursor": None,
            "selection": [],
        }
        self.seen = -1
        self.overflowed = False
        self.changes: deque[tuple[int, str]] = deque()
        self.jobs: dict[str, str] = {}
        self.progress: dict[str, str] = {}
        self.others_changed = False
        self.wake = asyncio.Event()

    def put_change(self, seq: int, text: str) -> None:
        if len(self.changes) >= MOST_WAITING:
            self.overflowed = True
            self.changes.clear()
        if not self.overflowed:
            self.changes.append((seq, text))
        self.wake.set()

    def put_job(self, key: str, text: str, *, ended: bool) -> None:
        self.jobs[key] = text
        if ended:
            self.progress.pop(key, None)
        self.wake.set()

    def put_progress(self, key: str, text: str) -> None:
        self.progress[key] = text
        self.wake.set()

    def put_presence(self) -> None:
        self.others_changed = True
        self.wake.set()


class Hub:
    """All clients of one studio."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._clients: dict[str, _Client] = {}
        self._seq = 0
        self._stops: list[Callable[[], None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watches_jobs = False

    def start(self) -> None:
        """Begins to listen to the studio; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        studio = self._studio
        self._stops = [studio.watch_changes(lambda logged: self._call(self._on_change, logged))]
        studio.watch(self._on_progress)
        self._stops.append(lambda: studio.unwatch(self._on_progress))
        if not self._watches_jobs:  # there is no taking that back
            self._watches_jobs = True
            studio.jobs.watch(lambda view: self._call(self._on_job, view))
        self._seq = studio.snapshot().seq

    def stop(self) -> None:
        """Ends listening."""
        self._loop = None
        for stop in self._stops:
            stop()
        self._stops = []

    async def serve(self, socket: WebSocket, *, since: int | None, name: str) -> None:
        """Serves one client until it leaves."""
        await socket.accept()
        used = [client.presence["colour"] for client in self._clients.values()]
        client = _Client(_name(name), min(_COLOURS, key=used.count))
        self._clients[client.id] = client  # from here on nothing is missed
        try:
            await self._catch_up(socket, client, since)
            self._tell_presence(client)
            client.put_presence()
            async with anyio.create_task_group() as tasks:

                async def send() -> None:
                    with suppress(WebSocketDisconnect, WebSocketDisconnected):
                        await self._send(socket, client)
                    tasks.cancel_scope.cancel()

                tasks.start_soon(send)
                await self._receive(socket, client)
                tasks.cancel_scope.cancel()
        finally:
            del self._clients[client.id]
            self._tell_presence(client)

    # What comes from the studio's threads

    def _call(self, method: Callable[..., None], *arguments: object) -> None:
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it was closed this moment
                loop.call_soon_threadsafe(method, *arguments)

    def _on_progress(self, progress: Progress) -> None:
        if progress.job:
            self._call(self._put_progress, progress)

    def _put_progress(self, progress: Progress) -> None:
        if self._clients and progress.doing:
            text = wire.dumps(
                {
                    "type": "progress",
                    "id": progress.job,
                    "doing": progress.doing,
                    "share": progress.share,
                    "preview": progress.preview is not None,
                }
            )
            for client in self._clients.values():
                client.put_progress(progress.job, text)

    def _on_change(self, logged: Logged) -> None:
        self._seq = max(self._seq, logged.seq)
        if self._clients:
            text = wire.dumps(wire.change(logged))
            for client in self._clients.values():
                client.put_change(logged.seq, text)

    def _on_job(self, view: JobView) -> None:
        if self._clients:
            text = wire.dumps({"type": "job", "job": wire.job(view)})
            for client in self._clients.values():
                client.put_job(view.id, text, ended=view.state in _ENDED)

    def _tell_presence(self, about: _Client) -> None:
        for client in self._clients.values():
            if client is not about:
                client.put_presence()

    # One client

    async def _catch_up(self, socket: WebSocket, client: _Client, since: int | None) -> None:
        missed = await to_thread.run_sync(self._missed, since)
        hello = {"type": "hello", "client": client.id, "reset": missed is None}
        if missed is None or since is None:
            client.seen = self._seq
            await socket.send_text(wire.dumps({**hello, "seq": self._seq}))
            return
        client.seen = missed[-1].seq if missed else since
        await socket.send_text(wire.dumps({**hello, "seq": client.seen}))
        for logged in missed:
            await socket.send_text(wire.dumps(wire.change(logged)))

    def _missed(self, since: int | None) -> tuple[Logged, ...] | None:
        """What was changed after number `since`; None if the client had better start over."""
        if since is None or since < 0:
            return None
        # The change that it saw last must be there too: else it saw another history, such as one before a backup.
        found = self._studio.changes_since(max(since - 1, 0), limit=MOST_MISSED + 1)
        if found is None or since == 0:
            return found
        return found[1:] if found and found[0].seq == since else None

    async def _send(self, socket: WebSocket, client: _Client) -> None:
        """Sends changes at once, then jobs, then at most every 50 ms what only counts in its latest state."""
        loop = asyncio.get_running_loop()
        resting_until = 0.0
        while True:
            await client.wake.wait()
            client.wake.clear()
            while (client.changes or client.jobs) and not client.overflowed:
                await self._send_next(socket, client)
            if client.overflowed:
                await socket.close(OVERFLOW, "too much at once: come back for what you missed")
                return
            wait = resting_until - loop.time()
            if not (client.progress or client.others_changed):
                continue
            if wait > 0:
                loop.call_later(wait, client.wake.set)
                continue
            resting_until = loop.time() + _PAUSE
            progress, client.progress = client.progress, {}
            for text in progress.values():
                await socket.send_text(text)
            if client.others_changed:
                client.others_changed = False
                others = [other.presence for other in self._clients.values() if other is not client]
                await socket.send_text(wire.dumps({"type": "presence", "clients": others}))

    async def _send_next(self, socket: WebSocket, client: _Client) -> None:
        """A change, or else a job: so what a job brought is there before the word that it is done."""
        if client.changes:
            seq, text = client.changes.popleft()
            if seq <= client.seen:
                return
            client.seen = seq
        else:
            text = client.jobs.pop(next(iter(client.jobs)))
        await socket.send_text(text)

    async def _receive(self, socket: WebSocket, client: _Client) -> None:
        while socket.client_state is WebSocketState.CONNECTED:
            try:
                message = json.loads(await socket.receive_text())
                kind = message["type"]
            except WebSocketDisconnect:
                return
            except (ValueError, KeyError, TypeError, RecursionError):
                await socket.close(MALFORMED, "that is no message of this studio")
                return
            if kind == "presence":
                client.presence |= _presence(message)
                self._tell_presence(client)
            elif kind == "look":
                subjects = _ids(message.get("subjects"), _MOST_SUBJECTS)
                await to_thread.run_sync(self._studio.jobs.look_at, *subjects)


def _presence(message: Mapping[str, object]) -> dict[str, object]:
    """What a client says of itself, as others may be told; what makes no sense is left out."""
    said: dict[str, object] = {}
    if isinstance(message.get("name"), str):
        said["name"] = _name(str(message["name"]))
    if "cursor" in message:
        said["cursor"] = _point(message["cursor"])
    if "selection" in message:
        said["selection"] = _ids(message["selection"], _MOST_SELECTED)
    return said


def _point(said: object) -> dict[str, float] | None:
    numbers = cast("list[object]", said) if isinstance(said, list) else []
    found = [float(n) for n in numbers if isinstance(n, int | float) and abs(n) < _FAR]
    return {"x": found[0], "y": found[1]} if len(found) == len(numbers) == 2 else None


def _ids(said: object, most: int) -> list[str]:
    items = cast("list[object]", said) if isinstance(said, list) else []
    return [item for item in items[:most] if isinstance(item, str) and item.isalnum() and len(item) <= 16]


def _name(said: str) -> str:
    return "".join(c for c in said if c.isprintable()).strip()[:64] or "somebody"
