"""Fetching what a provider made, from wherever it keeps it, before it is gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from forkframe.engines.hosted.service import Service
from forkframe.errors import EngineBusy, RenderFailed

_MOST = 4 * 2**30
"""Bytes of a result. The longest clip that any provider makes, as ProRes in 4K, is smaller."""
_TELL = 0.2
"""Seconds between two reports of how much is there."""
_GONE = frozenset({401, 403, 404, 410})
"""What storage answers once an address has expired."""
_NOT_AGAIN = "retry: it is fetched again, and not billed again"


class Expired(Exception):
    """The address is not good any more; the provider may know a fresh one."""


def download(url: str, path: Path, *, service: Service, within: float, near: bool) -> Iterator[float]:
    """Fetches a file, telling how much of it is there (0–1).

    Args:
        url: where it is. Nothing of the user's, such as the key, is sent there.
        path: where it goes.
        service: whose it is.
        within: seconds for each answer and each piece.
        near: the provider is on this machine, so that what it names may be too.

    Raises:
        Expired: it is not there any more.
        EngineBusy: it can't be reached now, or less came than was promised. It can be fetched again.
        RenderFailed: it is too large, or nothing that can be fetched.
    """
    import httpx

    name = service.title

    def check(request: httpx.Request) -> None:  # of every redirect too
        if request.url.scheme != "https" and not (near and is_near(str(request.url))):
            raise RenderFailed(
                f"{name} says that its result is where nobody should fetch it", hint=_NOT_AGAIN
            )

    written, total = 0, 0
    try:
        with (
            httpx.Client(
                timeout=within, follow_redirects=True, max_redirects=5, event_hooks={"request": [check]}
            ) as client,
            client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response,
            path.open("wb") as file,
        ):
            if response.status_code in _GONE:
                raise Expired
            if response.status_code != 200:
                raise EngineBusy(
                    f"{name}'s storage has a fault ({response.status_code}): the result can't be fetched",
                    hint=_NOT_AGAIN,
                )
            total = int(response.headers.get("content-length") or 0)
            told = time.monotonic()
            for chunk in response.iter_bytes():
                written += file.write(chunk)
                if max(written, total) > _MOST:
                    raise RenderFailed(
                        f"{name}'s result is larger than {_MOST >> 30} GB", hint="ask for less"
                    )
                if time.monotonic() - told > _TELL:
                    told = time.monotonic()
                    yield written / total if total else 0.0
    except httpx.HTTPError as error:
        if isinstance(error, httpx.RemoteProtocolError) and total:
            why = f"ended after {written} of {total} bytes"
        elif isinstance(error, httpx.TimeoutException):
            why = "did not go on in time"
        else:
            why = "was cut off" if written else "can't be reached"
        raise EngineBusy(f"{name}'s result {why}", hint=_NOT_AGAIN) from error
    if not written:
        raise EngineBusy(f"{name}'s result is empty", hint=_NOT_AGAIN)
    yield 1.0


def is_address(url: str) -> bool:
    """Whether it names a server that speaks HTTP."""
    parts = _parts(url)
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)


def is_near(url: str) -> bool:
    """Whether an address is on this machine."""
    parts = _parts(url)
    return parts is not None and parts.hostname in ("127.0.0.1", "::1", "localhost")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port  # these too may turn out to be none
    except ValueError:
        return None
    return parts
