"""What the order of things needs to know of a provider: what is declared of it, and what an adapter to its SDK can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from forkframe.engines.protocol import Context, OperationCard
from forkframe.model.recipe import Operation, Recipe

Body = Mapping[str, object]
"""A request in the words of one provider, complete: only its adapter reads it."""


@dataclass(frozen=True, slots=True)
class Service:
    """What is declared of a provider.

    Attributes:
        name: of the engine.
        title: for people.
        summary: one line on what it is good for.
        module: its SDK, as Python imports it; `extra`: of ours that installs it.
        key: the environment variable that holds the user's key.
        address: the environment variable that names another address for its API.
        homepage: where a user gets a key, adds credit and sees requests.
        poll: seconds between two polls, at least what the provider asks for.
        usual: seconds that a request usually takes, for progress where the provider tells none.
        not_taken: answers (HTTP status) to a submission after which nothing can be billed. Those of 400–499 never are.
        operations: what it can do.
    """

    name: str
    title: str
    summary: str
    module: str
    extra: str
    key: str
    address: str
    homepage: str
    poll: float
    usual: float
    not_taken: frozenset[int]
    operations: Mapping[Operation, OperationCard]


State = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands at its provider.

    Attributes:
        state: `failed` and `cancelled` deliver nothing any more.
        share: how far it is, 0–1; None where the provider does not say.
        url: of the result, for as long as the provider keeps it there.
        dollars: what it cost; None where the provider does not say.
        reason: why it failed, in the provider's words.
        moderated: it failed because the provider does not want to make or show it.
    """

    state: State
    share: float | None = None
    url: str = ""
    dollars: float | None = None
    reason: str = ""
    moderated: bool = False


class Provider(Protocol):
    """An adapter: one provider's SDK, opened with a key. What its methods raise is read by `words.heard`.

    No method asks twice by itself: what is asked again, and when, is decided in one place for all providers.
    """

    def prepared(self, request: Recipe, context: Context) -> Body:
        """The request in the provider's words, with its pictures; nothing is sent.

        Raises:
            BadInput: it can't be asked for like this.
        """
        ...

    def submit(self, body: Body) -> str:
        """Has the provider take the request, once; its id, with which alone it is found again later."""
        ...

    def standing(self, key: str) -> Standing:
        """Where a request stands."""
        ...

    def cancel(self, key: str, *, within: float) -> None:
        """Tells the provider that nobody wants the request any more, where it listens, in so many seconds."""
        ...

    def close(self) -> None:
        """Ends its connections."""
        ...
