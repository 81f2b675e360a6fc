"""What a provider's answers mean, in the user's words and with the next step.

The three SDKs raise errors of their own, but all speak HTTP through httpx: what went wrong is read from that, once for all.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from forkframe.engines.hosted.service import Service
from forkframe.errors import EngineBusy, EngineError, EngineUnavailable, RenderFailed

if TYPE_CHECKING:
    import httpx

NOBODY, LATE, DROPPED, NONSENSE = 0, -1, -2, -3
"""In place of an HTTP status: no connection came about, so nothing was taken; no answer in time; no whole answer; an answer
that is not what was asked for."""

AGAIN = "it is asked again by itself; if it stays so, look at {homepage}"
_LONGEST = 300
"""Characters of a provider's words that are shown."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back instead of what was asked for.

    Attributes:
        status: the HTTP status, or `NOBODY`, `LATE`, `DROPPED` or `NONSENSE`.
        words: the provider's own.
        wait: seconds that it asks to wait.
    """

    status: int
    words: str = ""
    wait: float | None = None

    @property
    def is_passing(self) -> bool:
        """Whether the same may go well later without anybody doing something."""
        return self.status in (408, 425, 429) or self.status >= 500 or self.status <= 0


def heard(error: Exception, *, key: str) -> Heard | None:
    """What an error of an SDK says; None if it is none that a provider or the way to it can cause.

    Args:
        error: what was raised.
        key: the user's, which is taken out of the provider's words.
    """
    import httpx

    response = getattr(error, "response", None)
    if isinstance(response, httpx.Response):
        words = _words(response).replace(key, "…") if key else _words(response)
        return Heard(response.status_code, words, _wait(response.headers))
    unsent = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.ProxyError,
        httpx.PoolTimeout,
        httpx.UnsupportedProtocol,
        httpx.LocalProtocolError,
    )
    for reason in _causes(error):
        if isinstance(reason, unsent):
            return Heard(NOBODY)
        if isinstance(reason, httpx.TimeoutException):
            return Heard(LATE)
        if isinstance(reason, httpx.TransportError | httpx.DecodingError):
            return Heard(DROPPED)
    if isinstance(
        error, ValueError | KeyError | TypeError | AttributeError
    ):  # what an SDK makes of an odd answer
        return Heard(NONSENSE)
    return None


def trouble(service: Service, said: Heard, *, model: str = "") -> EngineError:
    """The one line that a user reads; `EngineBusy` if it is worth asking again without doing anything."""
    name, words = service.title, f": {said.words}" if said.words else ""
    again = AGAIN.format(homepage=service.homepage)
    match said.status:
        case 401:
            return EngineUnavailable(
                f"{name} does not accept the key in {service.key}",
                hint=f"get one at {service.homepage}, set it, and retry",
            )
        case 402:
            return EngineUnavailable(
                f"your account at {name} has no credit left{words}",
                hint=f"add credit at {service.homepage} and retry",
            )
        case 403:
            return EngineUnavailable(
                f"{name} refuses the key in {service.key}{words}",
                hint=f"it may have been revoked, or not allow this: look at {service.homepage}, and retry",
            )
        case 404 if model:
            return RenderFailed(f"{name} does not know {model}{words}", hint="choose another model")
        case 413:
            return RenderFailed(
                f"{name} finds the pictures too large{words}",
                hint="ask for a lower resolution, or retry with fewer pictures",
            )
        case 429:
            when = f" and wants {said.wait:.0f} seconds of peace" if said.wait else ""
            return EngineBusy(f"{name} has too many requests of yours (429){when}", hint=again)
        case s if s == NOBODY:
            return EngineBusy(f"{name} can't be reached", hint=f"is the network there? {again}")
        case s if s == LATE:
            return EngineBusy(f"{name} did not answer in time", hint=again)
        case s if s == DROPPED:
            return EngineBusy(f"{name} broke off in the middle of its answer", hint=again)
        case s if s == NONSENSE:
            return EngineBusy(f"{name} answered with something else than asked for", hint=again)
        case s if said.is_passing:
            return EngineBusy(f"{name} has a fault ({s}){words}", hint=again)
        case s:
            return RenderFailed(
                f"{name} did not take the request ({s}){words}",
                hint="change what it objects to, and ask again",
            )


def doubt(service: Service, said: Heard) -> RenderFailed:
    """The line for a submission of which nobody knows whether it was taken."""
    what = {LATE: "did not answer", DROPPED: "broke off", NONSENSE: "answered nonsense"}.get(
        said.status, f"had a fault ({said.status})"
    )
    return RenderFailed(
        f"{service.title} {what} just when it was asked: the request may have been taken, and billed",
        hint=f"look at your requests at {service.homepage}; if it is not there, retry",
    )


def moderated(service: Service, reason: str) -> RenderFailed:
    """The line for what a provider does not want to make."""
    return RenderFailed(
        f"{service.title} refused it on grounds of its content{f': {reason}' if reason else ''}",
        hint="use other pictures or other words; asking for the same again changes nothing",
    )


def shortened(text: str) -> str:
    """A provider's words in one line of bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _causes(error: BaseException) -> list[BaseException]:
    out: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in out:
        out.append(at)
        at = at.__cause__
    return out


def _words(response: httpx.Response) -> str:
    """What the answer says for people: in `error`, `detail`, `message` or a list of what is wrong with which field."""
    try:
        said: object = response.json()
    except (ValueError, RuntimeError):  # not JSON; or a body that nobody read
        return ""
    if isinstance(said, Mapping):
        body = cast("Mapping[str, object]", said)
        said = next((body[name] for name in ("error", "detail", "message") if body.get(name)), "")
    return shortened(_line(said))


def _line(said: object) -> str:
    if isinstance(said, str):
        return said
    if isinstance(said, Mapping):
        body = cast("Mapping[str, object]", said)
        return _line(body.get("message") or body.get("msg") or "")
    if isinstance(said, list):
        return "; ".join(filter(None, (_line(one) for one in cast("list[object]", said))))
    return ""


def _wait(headers: httpx.Headers) -> float | None:
    """Seconds of `Retry-After`, which is a number or a date."""
    text = headers.get("retry-after", "")
    try:
        return max(float(text), 0.0)
    except ValueError:
        when = email.utils.parsedate_tz(text)
        return max(email.utils.mktime_tz(when) - time.time(), 0.0) if when else None
