"""The facade over HTTP: a workspace that a running studio has open, for the command line and notebooks beside it.

Every public method of `Studio` and `Jobs` that is listed in `OVER_HTTP` is sent as `POST /api/facade/NAME` with its
arguments, and the answer is read back as the type that the method says it returns: there is nothing to keep in step.
"""

from __future__ import annotations

import base64
import functools
import inspect
import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast, get_type_hints

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from forkframe.errors import BadInput, ForkframeError, WorkspaceBusy
from forkframe.jobs import wire
from forkframe.model.codec import from_json, to_json
from forkframe.model.delta import Delta
from forkframe.store import Committed, Holder, holder_of
from forkframe.store.reading import LOCK
from forkframe.studio.desk import Listener, Progress
from forkframe.studio.jobs import Jobs, JobView
from forkframe.studio.local import Studio

_log = logging.getLogger(__name__)

OVER_HTTP: Mapping[str, frozenset[str]] = {
    "": frozenset(
        {
            "show",
            "node",
            "edge",
            "sequence",
            "picture",
            "encode",
            "strip",
            "add",
            "connect",
            "wait",
            "generate",
            "vary",
            "restyle",
            "mix",
            "animate",
            "loop",
            "restyle_edge",
            "branch",
            "save_sequence",
            "board",
            "export",
            "quote",
            "finish",
            "reframe",
            "move",
            "set_fields",
            "show_take",
            "delete",
            "undo",
            "redo",
        }
    ),
    "jobs.": frozenset(
        {
            "overview",
            "named",
            "wait",
            "cancel",
            "cancel_all",
            "retry",
            "pause",
            "resume",
            "first",
            "before",
            "preview",
            "budget",
            "set_budget",
            "ledger",
        }
    ),
}
"""The methods that a running studio answers, by what stands before their name."""


class Link:
    """Speaks to one running studio."""

    def __init__(self, holder: Holder) -> None:
        assert holder.address
        assert holder.token
        self._address = holder.address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {holder.token}", "Content-Type": "application/json"}
        self._live: ClientConnection | None = None
        self._ear: threading.Thread | None = None
        self.on_progress: list[Listener] = []
        self.on_job: list[Callable[[JobView], None]] = []

    def ask(self, name: str, arguments: Mapping[str, object]) -> object:
        """What the studio answers to a method of the facade.

        Raises:
            ForkframeError: what it answers with.
            WorkspaceBusy: it does not answer.
        """
        try:
            body = json.dumps({"args": arguments}, allow_nan=False).encode()
        except ValueError:
            raise BadInput("a number has to be finite", hint="use another one than NaN or infinity") from None
        request = urllib.request.Request(  # noqa: S310 - the address stands in the workspace's own lock
            f"{self._address}/api/facade/{name}", data=body, headers=self._headers
        )
        try:
            with _OPENER.open(request) as answer:
                return cast("dict[str, object]", json.load(answer))["value"]
        except urllib.error.HTTPError as refusal:
            raise _error_of(refusal) from None
        except OSError as error:
            raise WorkspaceBusy(
                f"the studio at {self._address} does not answer: {getattr(error, 'reason', error)}",
                hint="close it, or start it again",
            ) from None

    def listen(self) -> None:
        """Begins to pass on progress and jobs, once."""
        if self._ear is None:
            self._ear = threading.Thread(target=self._hear, daemon=True)
            self._ear.start()

    def close(self) -> None:
        """Hangs up."""
        if self._live is not None:
            self._live.close()

    def _hear(self) -> None:
        url = self._address.replace("http", "ws", 1) + "/api/live"
        headers = {"Authorization": self._headers["Authorization"]}
        with (
            suppress(OSError, WebSocketException),
            connect(url, additional_headers=headers, proxy=None) as live,
        ):
            self._live = live
            self._pass_on(live)

    def _pass_on(self, live: ClientConnection) -> None:
        titles: dict[str, str] = {}
        for text in live:
            message = cast("dict[str, object]", json.loads(text))
            if message["type"] == "job":
                job = from_json(JobView, _without_preview(cast("dict[str, object]", message["job"])))
                titles[job.id] = job.title
                for told in list(self.on_job):
                    told(job)
                if job.state in ("done", "failed", "cancelled"):
                    self._tell(Progress(job.title, "", 1.0, job.id))
            elif message["type"] == "progress":
                key = str(message["id"])
                share = cast("float", message["share"])
                self._tell(Progress(titles.get(key, key), str(message["doing"]), share, key))

    def _tell(self, progress: Progress) -> None:
        for listener in list(self.on_progress):
            try:
                listener(progress)
            except Exception:  # noqa: BLE001 - somebody else's code
                _log.exception("a listener failed at %s", progress)


class RemoteJobs(Jobs):
    """The queue of a workspace that a studio has open."""

    def __init__(self, link: Link) -> None:
        self.link = link

    def watch(self, listener: Callable[[JobView], None]) -> None:
        """Calls `listener` with every job that changes its state, from another thread."""
        self.link.on_job.append(listener)
        self.link.listen()

    def adopt(self) -> None:
        """Nothing: the studio looks after what is open there."""

    def asked(self) -> tuple[int, int]:
        """How many jobs have ended there, and how many there are."""
        view = self.overview()
        return sum(view.counts.values()) - view.open, sum(view.counts.values())

    def wait_for_all(self, *, timeout: float | None = None) -> None:
        """Returns when every job that is open there now has ended.

        Raises:
            TimeoutError: some have not after `timeout` seconds, each.
        """
        for job in self.overview().jobs:
            if job.state in ("queued", "waiting", "running", "cancelling"):
                with suppress(ForkframeError):
                    self.wait(job.id, timeout=timeout)


class RemoteStudio(Studio):
    """A workspace that a studio has open, asked over HTTP. What `undo` and `redo` did is not told in detail."""

    def __init__(self, holder: Holder) -> None:
        self.link = Link(holder)
        self.jobs = RemoteJobs(self.link)

    def close(self, *, finish: bool = True) -> None:
        """Hangs up. What was asked for goes on in the studio."""
        self.link.close()

    def watch(self, listener: Listener) -> None:
        """Calls `listener` with all progress from now on, from another thread."""
        self.link.on_progress.append(listener)
        self.link.listen()

    def unwatch(self, listener: Listener) -> None:
        """Takes back `watch`."""
        self.link.on_progress.remove(listener)


def open_studio(
    path: Path, *, wait: float = 10.0, on_wait: Callable[[str], None] | None = None, resume: bool = True
) -> Studio:
    """A studio on the workspace at `path`: its own, or the one that is running there already.

    Raises:
        WorkspaceError: as `Studio.open`.
    """
    running = _running(path)
    if running is not None:
        return running
    try:
        return Studio.open(path, wait=wait, on_wait=on_wait, resume=resume)
    except WorkspaceBusy:
        running = _running(path)  # it may have been just starting
        if running is None:
            raise
        return running


def _running(path: Path) -> RemoteStudio | None:
    holder = holder_of(path / LOCK)
    return RemoteStudio(holder) if holder and holder.address and holder.token else None


def _sent(method: Callable[..., object], *, prefix: str) -> Callable[..., object]:
    """`method` as a request to the studio."""
    name = f"{prefix}{method.__name__}"
    signature = inspect.signature(method)

    @functools.wraps(method)
    def send(self: RemoteStudio | RemoteJobs, *args: object, **kwargs: object) -> object:
        given = signature.bind(self, *args, **kwargs).arguments
        given.pop("self")
        value = self.link.ask(name, {key: _as_json(argument) for key, argument in given.items()})
        return _read(get_type_hints(method)["return"], value)

    return send


def _as_json(argument: object) -> object:
    if isinstance(argument, Path):
        return str(argument.absolute())
    if isinstance(argument, list | tuple):
        return [_as_json(one) for one in cast("list[object]", argument)]
    return to_json(argument)


def _read(kind: type, value: object) -> object:
    """An answer as the type that the method returns; bytes come as base64."""
    if isinstance(value, Mapping) and set(cast("Mapping[str, object]", value)) == {"base64"}:
        return base64.b64decode(str(cast("Mapping[str, object]", value)["base64"]))
    if kind is Committed:
        answer = cast("Mapping[str, object]", value)
        return Committed(from_json(int, answer["seq"]), Delta(()), from_json(bool, answer["repeated"]))
    if kind == list[bytes]:
        return [_read(bytes, one) for one in cast("list[object]", value)]
    return from_json(kind, value)


def _without_preview(job: dict[str, object]) -> dict[str, object]:
    """A job as it comes over the socket, which says only whether there is a preview."""
    return {**job, "preview": None}


def _error_of(refusal: urllib.error.HTTPError) -> ForkframeError:
    try:
        said = json.load(refusal)
        failure = wire.Failure(
            kind=str(said.get("kind") or "BadInput"),
            message=str(said["error"]),
            hint=str(said.get("hint", "")),
            detail="",
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ForkframeError(f"the studio answered {refusal.code} {refusal.reason}")
    return wire.error_of(failure)


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for _kind, _base, _prefix in ((RemoteStudio, Studio, ""), (RemoteJobs, Jobs, "jobs.")):
    for _name in OVER_HTTP[_prefix]:
        setattr(_kind, _name, _sent(getattr(_base, _name), prefix=_prefix))
