"""The order of things, the same for all providers, in which nothing is lost and nothing is paid twice.

```
prepared ─► submitting noted ─► submitted once ─► id noted ─► polled ─► fetched ─► handed over
                                   │                            ▲
                                   └ in doubt: nobody asks twice │ a later attempt, or program, begins here
```

The SDKs never ask twice by themselves. What is asked again is decided here: polls and fetching as often as it takes, for
they cost nothing; a submission only after an answer that says that nothing was taken.
"""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from importlib.util import find_spec
from typing import ClassVar, TypeVar

from forkframe.engines.hosted.fetching import Expired, download, is_address, is_near
from forkframe.engines.hosted.service import Provider, Service, Standing, State
from forkframe.engines.hosted.words import NOBODY, Heard, doubt, heard, moderated, trouble
from forkframe.engines.protocol import Card, Context, Progress, Result
from forkframe.engines.secrets import key_of
from forkframe.engines.settings import setting
from forkframe.errors import Cancelled, EngineUnavailable, ForkframeError, RenderFailed
from forkframe.model.recipe import Recipe

T = TypeVar("T")

POLL_VARIABLE = "FORKFRAME_HOSTED_POLL"
"""Seconds between two polls, in place of what each provider asks for: for tests against providers that are pretended."""
_LOOK = 0.1
"""Seconds between two looks at whether it is still wanted."""
_TRIES = 6
"""Polls in a row that may fail before an attempt ends."""
_CALM = 3
"""Submissions that may be answered with “too many requests” before an attempt ends."""
_LONGEST_CALM = 90.0
"""Seconds that an attempt waits at most where a provider wants peace; the card's patience is longer."""
_LAST_WORD = 5.0
"""Seconds for telling a provider that a request is cancelled: a cancelled worker is ended after fifteen."""
_STRANGER = frozenset({401, 402, 403})
"""What a provider answers that does not want to hear anything of whoever asks."""
_DELIVERING = 0.9
"""The share at which a request is done and its result is on its way."""


class Hosted(ABC):
    """An engine whose work is done by a provider, for money.

    Args:
        poll: seconds between two polls; what the provider asks for if none are given.
        answer_within: seconds that the provider has for each answer but that to a submission.
        take_within: seconds that it has for taking a request with its pictures.
    """

    service: ClassVar[Service]

    def __init__(
        self, *, poll: float | None = None, answer_within: float = 10.0, take_within: float = 60.0
    ) -> None:
        self._poll = poll
        self._answer_within = answer_within
        self._take_within = take_within

    @abstractmethod
    def connect(self, key: str, *, address: str, take_within: float, answer_within: float) -> Provider:
        """The provider's SDK, opened with a key; at another address than its own if one is given."""

    def card(self) -> Card:
        """What the provider can do, and what has to be installed or set before."""
        service = self.service
        missing: list[str] = []
        if find_spec(service.module) is None:
            missing.append(f"pip install 'forkframe[{service.extra}]'")
        if not key_of(service.key):
            missing.append(
                f"get a key at {service.homepage}, then forkframe engines key {service.name}, or set {service.key} to it"
            )
        return Card(
            service.name,
            service.title,
            service.summary,
            service.operations,
            tier="final",
            runs_on="remote",
            patience=max(self._take_within, _LONGEST_CALM) + 90,
            missing=tuple(missing),
            key=service.key,
            settings={f"{service.name}-address": "Another address for it, such as a gateway's"},
            homepage=service.homepage,
        )

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Has the provider perform a request, or takes up what an earlier attempt asked it for.

        Raises:
            EngineBusy: it can't be reached, has too much to do, or its answer was cut short; or it could not be told that
                nobody wants the request any more.
            EngineUnavailable: there is no key, or it does not accept it.
            RenderFailed: it refused or failed, or nobody knows whether it took the request.
            BadInput: it can't be asked for like this.
        """
        self.card().operation(request.operation)
        key, address = self._key(), self._address()
        provider = self.connect(
            key, address=address, take_within=self._take_within, answer_within=self._answer_within
        )
        order = _Order(self.service, provider, request, context, key=key, poll=self._interval())
        try:
            standing = yield from order.finished()
            return (yield from self._delivered(order, standing, request, context, near=is_near(address)))
        except (Cancelled, GeneratorExit):  # its caller may notice first, and leave at a yield
            if context.cancelled:
                order.withdraw()
            raise
        finally:
            provider.close()

    def _delivered(
        self, order: _Order, standing: Standing, request: Recipe, context: Context, *, near: bool
    ) -> Generator[Progress, None, Result]:
        """What was paid for, once it is here. An address that has expired is asked for anew, once."""
        path = context.scratch() / "result"
        for chance in (1, 2):
            try:
                for share in download(
                    standing.url, path, service=self.service, within=self._answer_within, near=near
                ):
                    stop_if_cancelled(context)
                    yield Progress(_DELIVERING + (1 - _DELIVERING) * share)
                break
            except Expired:
                if chance == 2:
                    raise RenderFailed(
                        f"{self.service.title} does not give out what it made, not even at a fresh address",
                        hint="retry: it is fetched again, and not billed again",
                    ) from None
                standing = yield from order.looked_at_again()
        stop_if_cancelled(context)
        if request.frames > 1:
            context.video_from(path, fit="cover")
            return Result(frames=True, dollars=standing.dollars)
        return Result(picture=context.picture_from(path, fit="cover"), dollars=standing.dollars)

    def _key(self) -> str:
        """The user's key.

        Raises:
            EngineUnavailable: it is nothing that can be sent.
        """
        key = key_of(self.service.key)
        if not key.isascii() or not key.isprintable() or " " in key:
            raise EngineUnavailable(
                f"what is in {self.service.key} is no key",
                hint="copy it once more, whole and without anything around it",
            )
        return key

    def _address(self) -> str:
        """Another address for the provider's API, or "".

        Raises:
            EngineUnavailable: it is none, or the key would go there in the clear.
        """
        service = self.service
        address = setting(f"{service.name}-address", service.address)
        if address and not is_address(address):
            raise EngineUnavailable(
                f"what is set as {service.title}'s address is not the address of a server",
                hint=f"it comes from {service.address} or the setting {service.name}-address; unset it to ask {service.title} itself",
            )
        if address and not (address.startswith("https://") or is_near(address)):
            raise EngineUnavailable(
                f"what is set as {service.title}'s address would get your key unencrypted",
                hint=f"use one that starts with https:// in {service.address} or the setting {service.name}-address",
            )
        return address

    def _interval(self) -> float:
        if self._poll is not None:
            return self._poll
        try:
            return float(os.environ[POLL_VARIABLE])
        except (KeyError, ValueError):
            return self.service.poll


class _Order:
    """One request at its provider, whichever attempt submitted it."""

    def __init__(
        self,
        service: Service,
        provider: Provider,
        request: Recipe,
        context: Context,
        *,
        key: str,
        poll: float,
    ) -> None:
        self._service = service
        self._provider = provider
        self._request = request
        self._context = context
        self._key = key
        self._poll = poll
        self._share = 0.0
        self._since = time.monotonic()
        self._state: State | None = None
        """Where the request was when this attempt looked last; None if it never did."""

    def finished(self) -> Generator[Progress, None, Standing]:
        """How the request stands once its result is there."""
        remote = self._context.remote
        taken_up = bool(remote.id)
        if not taken_up:
            stop_if_cancelled(self._context)
            yield from self._submitted()
        while True:
            stop_if_cancelled(self._context)
            standing = yield from self._asked(lambda: self._provider.standing(remote.id))
            self._state = standing.state
            if standing.state == "cancelled" and taken_up:
                taken_up = False  # an earlier attempt cancelled it; whoever asks again wants a new one
                remote.refused()
                yield from self._submitted()
                continue
            if standing.state in ("failed", "cancelled"):
                remote.refused()
                raise self._failure(standing)
            yield self._progress(standing)
            if standing.state == "done":
                if not standing.url:
                    raise RenderFailed(
                        f"{self._service.title} says that it is done, and shows nothing",
                        hint="ask the provider",
                    )
                return standing
            yield from self._pause(self._poll)

    def looked_at_again(self) -> Generator[Progress, None, Standing]:
        """How a request that was done stands now; nothing is submitted, whatever became of it."""
        standing = yield from self._asked(lambda: self._provider.standing(self._context.remote.id))
        if standing.state != "done":
            raise self._failure(standing)
        return standing

    def withdraw(self) -> None:
        """Tells the provider that nobody wants the request any more. What is done already stays with it.

        Raises:
            EngineBusy: it did not hear, and may if it is told later.
            EngineUnavailable: it does not listen to this key.
        """
        remote = self._context.remote
        if not remote.id:
            return
        try:
            state = self._state or self._provider.standing(remote.id).state
            if state == "running":
                self._provider.cancel(remote.id, within=_LAST_WORD)
        except Exception as error:
            said = heard(error, key=self._key)
            if said is None:
                raise
            if said.is_passing or said.status in _STRANGER:
                raise trouble(self._service, said) from error
            state = "running"  # it heard, and has its reasons
        if state == "failed":
            remote.refused()
        else:
            remote.withdrawn()

    def _submitted(self) -> Generator[Progress, None, None]:
        """Has the provider take the request, and notes its id.

        Raises:
            EngineBusy: it took nothing, but may later.
            RenderFailed: it does not want it, or nobody knows whether it took it.
        """
        remote = self._context.remote
        body = self._provider.prepared(self._request, self._context)
        for chance in range(1, _CALM + 1):
            stop_if_cancelled(self._context)
            # No provider here bills a repeated request only once.
            remote.submitting(repeatable=False)
            try:
                key = self._provider.submit(body)
            except Exception as error:
                said = heard(error, key=self._key)
                if said is None:
                    raise
                if not self._took_nothing(said):
                    raise doubt(self._service, said) from error
                remote.refused()
                if said.status != 429 or chance == _CALM:
                    raise trouble(self._service, said, model=self._model) from error
                wait = self._calm(said, chance)
            else:
                if not key:
                    raise doubt(self._service, Heard(-3))
                remote.submitted(key)
                self._state = "running"
                return
            yield from self._pause(wait)

    def _asked(self, ask: Callable[[], T]) -> Generator[Progress, None, T]:
        """What the provider answers, asked again while what goes wrong may pass."""
        for chance in range(1, _TRIES + 1):
            try:
                return ask()
            except Exception as error:
                said = heard(error, key=self._key)
                if said is None:
                    raise
                if said.status == 404:
                    self._context.remote.refused()
                    raise RenderFailed(
                        f"{self._service.title} does not know the request {self._context.remote.id} any more",
                        hint="ask for it again; it is submitted, and billed, anew",
                    ) from error
                if not said.is_passing or chance == _TRIES:
                    raise trouble(self._service, said) from error
                wait = self._calm(said, chance)
            yield from self._pause(wait)
        raise AssertionError("unreachable: the last chance returns or raises")

    def _took_nothing(self, said: Heard) -> bool:
        return said.status == NOBODY or 400 <= said.status < 500 or said.status in self._service.not_taken

    def _calm(self, said: Heard, chance: int) -> float:
        """Seconds to wait before asking again: what the provider wants, or longer each time."""
        return min(said.wait if said.wait is not None else self._poll * 2 ** (chance - 1), _LONGEST_CALM)

    def _pause(self, seconds: float) -> Generator[Progress, None, None]:
        """Waits, and looks now and then whether it is still wanted; shows a sign of life in the end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            stop_if_cancelled(self._context)
            time.sleep(min(left, _LOOK))
        yield Progress(self._share)

    def _progress(self, standing: Standing) -> Progress:
        waited = time.monotonic() - self._since
        share = standing.share if standing.share is not None else waited / (waited + self._service.usual)
        done = 1.0 if standing.state == "done" else min(max(share, 0.0), 1.0)
        self._share = max(self._share, _DELIVERING * done)
        return Progress(self._share)

    def _failure(self, standing: Standing) -> ForkframeError:
        name, reason = self._service.title, f": {standing.reason}" if standing.reason else ""
        cost = f" (it cost ${standing.dollars:.2f} all the same)" if standing.dollars else ""
        if standing.moderated:
            return moderated(self._service, f"{standing.reason}{cost}")
        what = "cancelled the request" if standing.state == "cancelled" else "could not make it"
        return RenderFailed(f"{name} {what}{reason}{cost}", hint="retry: it is asked for anew")

    @property
    def _model(self) -> str:
        return str(self._request.parameters.get("model", ""))


def stop_if_cancelled(context: Context) -> None:
    """Returns as long as the work is wanted."""
    if context.cancelled:
        raise Cancelled
