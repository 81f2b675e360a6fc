"""The fake engine that costs money: a stand-in for a hosted one, with a provider that bills, hesitates and fails on request.

The provider is whatever listens at `FORKFRAME_FAKE_PROVIDER` and speaks plain HTTP; `tests/provider.py` is one. Its
pictures are no better than the fake engine's, and its dollars are not real. What is real is the order of things: what
is noted before and after the provider is asked, and what each of its answers says about the bill.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from forkframe.engines.protocol import (
    Card,
    Context,
    Cost,
    OperationCard,
    Pixels,
    Progress,
    Remote,
    Result,
)
from forkframe.errors import Cancelled, EngineBusy, EngineUnavailable, RenderFailed
from forkframe.model.recipe import Operation, Recipe, Role
from forkframe.params import Choice, Number, Schema, Toggle

if TYPE_CHECKING:
    from http.client import HTTPResponse

PROVIDER_VARIABLE = "FORKFRAME_FAKE_PROVIDER"
KEY_VARIABLE = "FORKFRAME_FAKE_KEY"
"""Its provider asks for no key; the variable is there for what is done with keys before."""

_SCHEMA = Schema(
    1,
    (
        Number(name="strength", title="How far from the original", default=0.5),
        Number(name="wait", title="Seconds that the provider takes", maximum=60, unit="s"),
        Choice(
            name="trouble",
            title="What goes wrong at the provider",
            options=("none", "busy", "error", "refuses", "drops", "hangs", "truncated"),
        ),
        Toggle(name="repeatable", title="The provider bills a repeated request once", default=True),
    ),
)
_INPUTS: dict[Operation, dict[Role, tuple[int, int]]] = {
    "vary": {"image": (1, 1)},
    "transition": {"first": (1, 1), "last": (1, 1)},
}
_COST = Cost(money=0.25)
_POLL = 0.05
"""Seconds between two polls."""
_LAST_WORD = 1.0
"""Seconds for telling the provider that a request is cancelled: a cancelled worker is killed after two."""
_NOBODY = 0
"""In place of an HTTP status: no connection came about, so nothing can have been taken."""
_AGAIN = "it is asked again by itself; if it stays so, ask the provider"


class FakePaidEngine:
    """Tints and blends, for pretended money, at a pretended provider."""

    def __init__(self, *, answer_within: float = 10.0) -> None:
        """An engine whose provider has `answer_within` seconds for each answer; fewer than the card's patience."""
        self._answer_within = answer_within

    def card(self) -> Card:
        """Pictures and transitions at 25 cents for each picture or second."""
        operations: dict[Operation, OperationCard] = {
            name: OperationCard(f"fake-paid.{name}@1", _SCHEMA, inputs, cost=_COST)
            for name, inputs in _INPUTS.items()
        }
        missing = (
            ()
            if _address()
            else (f"set {PROVIDER_VARIABLE} to the provider's URL, such as http://127.0.0.1:8000",)
        )
        return Card(
            "fake-paid",
            "Fake, paid",
            "Asks a pretended provider, for tests: not for work",
            operations,
            tier="final",
            runs_on="remote",
            patience=30.0,
            missing=missing,
            key=KEY_VARIABLE,
            for_tests=True,
        )

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Has the provider perform a request, or takes up what an earlier attempt asked it for.

        Raises:
            EngineBusy: the provider took nothing, did not answer, or its answer was cut short; or it could not be told that
                nobody wants the request any more.
            RenderFailed: it refused, or does not know the request any more.
        """
        order = _Order(_address(), context.remote, limit=self._answer_within)
        try:
            dollars = yield from _finished(order, request, context)
        except (Cancelled, GeneratorExit):  # its caller may notice first, and leave at a yield
            if context.cancelled:
                order.withdraw()
            raise
        colour = order.result()
        if request.frames > 1:
            _write_frames(request, context)
            return Result(frames=True, dollars=dollars)
        return Result(picture=_blend(context.image(request.inputs[0].pixels), colour, 0.5), dollars=dollars)


def _address() -> str:
    url = os.environ.get(PROVIDER_VARIABLE, "").rstrip("/")
    return url if url.startswith("http://") else ""


@dataclass(frozen=True, slots=True)
class _Status:
    """Where a request stands: its state, 0–1, the US dollars billed for it so far, and why it was refused."""

    state: str
    share: float
    billed: float
    reason: str


def _finished(order: _Order, request: Recipe, context: Context) -> Generator[Progress, None, float]:
    """The US dollars that the provider billed, once it is done."""
    taken_up = bool(context.remote.id)
    if not taken_up:
        _stop_if_cancelled(context)
        order.submit(request)
    while True:
        _stop_if_cancelled(context)
        status = order.status()
        if status.state == "cancelled" and taken_up:
            taken_up = False  # an earlier attempt cancelled it; whoever asks again wants a new one
            context.remote.refused()
            order.submit(request)
            continue
        if status.state in ("refused", "cancelled"):
            context.remote.refused()
            raise RenderFailed(
                f"the provider {status.state} the request{': ' if status.reason else ''}{status.reason}",
                hint="ask for something else" if status.state == "refused" else "ask for it again",
            )
        yield Progress(min(max(status.share, 0.0), 1.0))
        if status.state == "done":
            return status.billed
        time.sleep(_POLL)


def _stop_if_cancelled(context: Context) -> None:
    if context.cancelled:
        raise Cancelled


class _Order:
    """One request at the provider, whichever attempt submitted it."""

    def __init__(self, url: str, remote: Remote, *, limit: float) -> None:
        if not url:
            raise EngineUnavailable(
                "the engine fake-paid has no provider", hint=f"set {PROVIDER_VARIABLE} to its URL"
            )
        self._url = url
        self._remote = remote
        self._limit = limit

    def submit(self, request: Recipe) -> None:
        """Has the provider take the request, and notes its id.

        Raises:
            EngineBusy: it took nothing, or nobody knows whether it did.
            RenderFailed: it did not want it, or an earlier attempt may have been billed.
        """
        repeatable = bool(request.parameters["repeatable"])
        body = {
            "key": self._remote.key,
            "price": _COST.estimate(request)[1],
            "seed": request.seed,
            "wait": request.parameters["wait"],
            "trouble": request.parameters["trouble"],
            "repeatable": repeatable,
        }
        self._remote.submitting(repeatable=repeatable)
        status, said = self._exchange("", body=json.dumps(body).encode())
        if status in (_NOBODY, 429, 503):
            self._remote.refused()  # nothing was taken: even a provider that bills repeats can be asked again
            raise self._busy(status)
        if 400 <= status < 500:
            self._remote.refused()
            raise RenderFailed(
                f"the provider did not take the request ({status}): {_words(said)}",
                hint="ask for something else",
            )
        if status >= 500:
            raise self._busy(status)
        if not (key := str(self._read(said).get("id", ""))):
            raise self._nonsense()
        self._remote.submitted(key)

    def status(self) -> _Status:
        """Where the request stands."""
        return self._status(self._answer(""))

    def result(self) -> Pixels:
        """The colour that was paid for: shape (3,), uint8, sRGB.

        Raises:
            EngineBusy: less came than was promised. It can be fetched again.
        """
        body = self._answer("/result")
        if len(body) != 3:
            raise self._nonsense()
        return np.frombuffer(body, np.uint8)

    def withdraw(self) -> None:
        """Tells the provider that nobody wants the request any more.

        Raises:
            EngineBusy: it did not hear.
        """
        if not self._remote.id:
            return
        try:
            status = self._status(self._answer("/cancel", body=b"{}", limit=min(_LAST_WORD, self._limit)))
        except RenderFailed:  # it heard, and does not know of it or does not care
            if self._remote.id:
                self._remote.withdrawn()
            return
        if status.state == "cancelled" and status.billed == 0:
            self._remote.refused()
        else:
            self._remote.withdrawn()

    def _answer(self, path: str, *, body: bytes | None = None, limit: float | None = None) -> bytes:
        """What the provider says of the request that it once took."""
        from urllib.parse import quote

        key = self._remote.id
        status, answer = self._exchange(f"/{quote(key, safe='')}{path}", body=body, limit=limit)
        if status == 404:
            self._remote.refused()
            raise RenderFailed(
                f"the provider at {self._url} does not know the request {key} any more",
                hint="ask for it again; it is submitted, and billed, anew",
            )
        if status in (_NOBODY, 429) or status >= 500:
            raise self._busy(status)
        if status >= 400:
            raise RenderFailed(
                f"the provider refused to say ({status}): {_words(answer)}", hint="ask the provider"
            )
        return answer

    def _exchange(
        self, path: str, *, body: bytes | None = None, limit: float | None = None
    ) -> tuple[int, bytes]:
        """An HTTP status, or `_NOBODY`, and what came with it.

        Raises:
            EngineBusy: no whole answer came, and the provider may have understood all the same.
        """
        import socket
        from http.client import HTTPException, IncompleteRead
        from urllib.error import URLError
        from urllib.request import HTTPHandler, OpenerDirector, Request

        headers = {"Idempotency-Key": self._remote.key, "Content-Type": "application/json"}
        request = Request(f"{self._url}/requests{path}", data=body, headers=headers)  # noqa: S310 - http only, see _address
        # Nothing but HTTP: no proxies, no redirects, and any status is an answer.
        opener = OpenerDirector()
        opener.add_handler(HTTPHandler())
        try:
            with cast("HTTPResponse", opener.open(request, timeout=limit or self._limit)) as response:
                return response.status, response.read()
        except IncompleteRead as error:
            got = len(error.partial)
            raise EngineBusy(
                f"the provider's answer ended after {got} of {got + (error.expected or 0)} bytes", hint=_AGAIN
            ) from error
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, ConnectionRefusedError | socket.gaierror):
                return _NOBODY, b""
            late = isinstance(reason, TimeoutError)
            why = "it took too long" if late else str(reason) or type(reason).__name__
            raise EngineBusy(f"the provider at {self._url} did not answer: {why}", hint=_AGAIN) from error

    def _status(self, answer: bytes) -> _Status:
        said = self._read(answer)
        try:
            return _Status(
                state=str(said["state"]),
                share=float(cast("float", said["share"])),
                billed=float(cast("float", said["billed"])),
                reason=str(said.get("reason", "")),
            )
        except (KeyError, TypeError, ValueError):
            raise self._nonsense() from None

    def _read(self, answer: bytes) -> Mapping[str, object]:
        try:
            said: object = json.loads(answer)
        except ValueError:
            raise self._nonsense() from None
        if not isinstance(said, dict):
            raise self._nonsense()
        return cast("dict[str, object]", said)

    def _busy(self, status: int) -> EngineBusy:
        if status == _NOBODY:
            return EngineBusy(
                f"nobody answers at {self._url}", hint=f"is {PROVIDER_VARIABLE} right? {_AGAIN}"
            )
        what = "has too much to do" if status in (429, 503) else "has a fault"
        return EngineBusy(f"the provider at {self._url} {what} ({status})", hint=_AGAIN)

    def _nonsense(self) -> EngineBusy:
        return EngineBusy(
            f"the provider at {self._url} answered with something else than asked for", hint=_AGAIN
        )


def _words(answer: bytes) -> str:
    return answer[:200].decode(errors="replace").strip() or "without a word"


def _write_frames(request: Recipe, context: Context) -> None:
    ends = {i.role: context.image(i.pixels) for i in request.inputs}
    sink = context.frames_out()
    for index in range(request.frames):
        _stop_if_cancelled(context)
        sink.write(_blend(ends["first"], ends["last"], index / (request.frames - 1)))


def _blend(a: Pixels, b: Pixels, share: float) -> Pixels:
    return np.rint(a * (1 - np.float32(share)) + b * np.float32(share)).clip(0, 255).astype(np.uint8)
