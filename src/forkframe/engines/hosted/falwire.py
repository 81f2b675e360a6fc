"""fal's SDK, kept from asking twice: by itself it submits a request up to ten times when an answer fails to come.

Its client decides by the kind of error whether it asks again, and lets pass what it does not know. So everything that would
make it try again leaves the transport below it as an error of ours. Imported only where fal is asked.
"""

from __future__ import annotations

from functools import cached_property
from typing import cast

import httpx
from fal_client import SyncClient
from fal_client.auth import FAL_QUEUE_RUN_HOST
from fal_client.client import BackupDomainTransport

from forkframe.errors import EngineUnavailable


class Answered(Exception):
    """fal answered, with an error."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"fal answered {response.status_code}")
        self.response = response


class Unanswered(Exception):
    """No whole answer came; the cause says why."""


class OneAttempt(httpx.BaseTransport):
    """Sends each request once, to fal or to another address in its place, and reads the whole answer.

    What only looks has `answer_within` seconds for it: where the SDK's client is not asked how long, it waits two minutes.
    """

    def __init__(self, *, address: str, answer_within: float) -> None:
        self._inner = BackupDomainTransport()
        self._answer_within = answer_within
        self._address = httpx.URL(address) if address else None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, if it is a good one."""
        address = self._address
        if address and request.url.host == FAL_QUEUE_RUN_HOST:
            request.url = request.url.copy_with(scheme=address.scheme, host=address.host, port=address.port)
            request.headers["Host"] = request.url.netloc.decode()
        if request.method == "GET":
            request.extensions["timeout"] = httpx.Timeout(self._answer_within).as_dict()
        try:
            response = self._inner.handle_request(request)
            response.read()
        except httpx.HTTPError as error:
            raise Unanswered from error
        if response.status_code >= 400:
            raise Answered(response)
        return response

    def close(self) -> None:
        """Ends its connections."""
        self._inner.close()


class Client(SyncClient):
    """fal's own client on such a transport."""

    _address: str
    _answer_within: float

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=OneAttempt(address=self._address, answer_within=self._answer_within),
            headers={"Authorization": self._auth.header_value, "User-Agent": "forkframe"},
            timeout=self._answer_within,
            follow_redirects=True,
        )


def opened(key: str, *, address: str, take_within: float, answer_within: float) -> Client:
    """The client of fal that asks once.

    Raises:
        EngineUnavailable: the SDK is of a kind that could not be kept from asking again.
    """
    if not isinstance(cast("object", vars(SyncClient).get("_client")), cached_property):
        raise EngineUnavailable(
            "this version of fal-client might submit, and be billed for, a request twice",
            hint="pip install 'forkframe[fal]' for one that does not",
        )
    client = Client(key=key, default_timeout=take_within)
    vars(client).update(_address=address, _answer_within=answer_within)  # it is a frozen dataclass
    return client
