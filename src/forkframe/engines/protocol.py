"""What an engine is: a card that declares everything it can do, and `run`, which does it.

An engine gets pictures and gives results through its `Context` and knows nothing of workspaces, files in `media/` or
databases. What it declares is all that anybody knows of it: command line, canvas, prices and checks come from the card.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from forkframe.errors import BadInput, EngineUnavailable
from forkframe.model.entities import Tier
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import ROLES, Operation, Recipe, Role
from forkframe.params import Schema

Pixels = NDArray[np.uint8]
"""A picture: shape (H, W, 3), uint8, sRGB 0–255, row 0 at the top."""


Fit = Literal["stretch", "cover"]
"""How a picture of another shape comes into the frame."""

RunsOn = Literal["cpu", "gpu", "remote"]
"""What an engine keeps busy: a processor core, the graphics card, or only somebody else's machine."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation takes.

    Attributes:
        seconds: on one core or one card, for each frame of a megapixel, after `preparation`.
        preparation: seconds for each request, whatever its size.
        money: US dollars for each second of video, or for each picture.
        factors: what the options of a parameter multiply the money by, where they do: parameter → option → factor.
        lengths: the seconds of video that a provider makes, and bills, ascending: the first that is long enough is
            taken; () if it is any.
    """

    seconds: float = 0.0
    preparation: float = 0.0
    money: float = 0.0
    factors: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    lengths: tuple[float, ...] = ()

    def estimate(self, recipe: Recipe) -> tuple[float, float]:
        """(seconds, US dollars) that a recipe will take."""
        frame = recipe.frame
        megapixels = frame.width * frame.height / 1e6
        money = self.money * (self.length(recipe) if recipe.frames > 1 else 1.0)
        for name, options in self.factors.items():
            money *= options.get(str(recipe.parameters.get(name)), 1.0)
        return (self.preparation + self.seconds * megapixels * recipe.frames, money)

    def length(self, recipe: Recipe) -> float:
        """The seconds of video that a recipe for one has a provider make."""
        wanted = recipe.frame.seconds_of(recipe.frames)
        if not self.lengths:
            return wanted
        return next((length for length in self.lengths if length >= wanted), self.lengths[-1])


@dataclass(frozen=True, slots=True)
class OperationCard:
    """What an engine declares about one operation.

    Attributes:
        algorithm: `ENGINE.OPERATION@VERSION`; the version changes when the same recipe gives other pixels.
        schema: its parameters.
        inputs: for each role that it takes, the fewest and the most pictures.
        pixels: the most pixels of a frame that it can do.
        frames: the most frames of an edge that it can do.
        licence: of what it runs, as an SPDX name where there is one.
        cost: what it takes.
    """

    algorithm: str
    schema: Schema
    inputs: Mapping[Role, tuple[int, int]]
    pixels: int = 4096 * 4096
    frames: int = 24 * 600 + 1
    licence: str = "Apache-2.0"
    cost: Cost = field(default=Cost())


@dataclass(frozen=True, slots=True)
class Card:
    """What an engine declares about itself.

    Attributes:
        name: as recipes and the command line write it.
        title: for people.
        summary: one line on what it is good for.
        tier: which takes it makes.
        runs_on: what it keeps busy, which decides how many of its requests run at a time.
        patience: seconds without any progress after which it counts as hung and its process is ended.
        missing: what has to be installed or set before it can run, one line each; () when it can.
        key: the environment variable that holds the user's key for it (see `engines.secrets`); "" if it needs none.
        settings: titles of the settings that it reads (see `engines.settings`), by name.
        homepage: where a user gets the key, the server or the weights.
        for_tests: nobody is told of it as long as something is missing.
        off: it comes from another package and waits for the user's word.
    """

    name: str
    title: str
    summary: str
    operations: Mapping[Operation, OperationCard]
    tier: Tier = "draft"
    runs_on: RunsOn = "cpu"
    patience: float = 120.0
    missing: tuple[str, ...] = ()
    key: str = ""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    homepage: str = ""
    for_tests: bool = False
    off: bool = False

    def operation(self, operation: Operation) -> OperationCard:
        """The card of one operation.

        Raises:
            EngineUnavailable: the engine can't do it, or can't run at all.
        """
        if self.missing:
            raise EngineUnavailable(f"the engine {self.name} can't run here", hint="; ".join(self.missing))
        if operation not in self.operations:
            raise EngineUnavailable(
                f"the engine {self.name} can't {operation}",
                hint=f"it can {', '.join(sorted(self.operations))}",
            )
        return self.operations[operation]

    def check(self, recipe: Recipe) -> None:
        """Returns if the engine can do what the recipe asks for.

        Raises:
            EngineUnavailable: the operation is not declared.
            BadInput: too many, too few or wrong pictures, or a frame or length beyond the limits.
            BadParameter: a parameter outside its schema.
        """
        card = self.operation(recipe.operation)
        card.schema.upgraded(recipe.parameters, version=recipe.schema)
        for role in ROLES:
            fewest, most = card.inputs.get(role, (0, 0))
            count = sum(i.role == role for i in recipe.inputs)
            if not fewest <= count <= most:
                wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
                raise BadInput(
                    f"{recipe.operation} by {self.name} takes {wanted} pictures as {role}, not {count}",
                    hint="name as many nodes as it takes",
                )
        size = recipe.frame.width * recipe.frame.height
        if size > card.pixels:
            raise BadInput(
                f"{self.name} can't {recipe.operation} at {recipe.frame.width}×{recipe.frame.height}",
                hint=f"its frames have at most {card.pixels / 1e6:.1f} megapixels",
            )
        if recipe.frames > card.frames:
            longest = recipe.frame.seconds_of(card.frames)
            raise BadInput(
                f"{self.name} can't make {recipe.frames} frames", hint=f"use at most {longest:.1f} seconds"
            )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: 0–1, and a preview (any size) where the engine has one."""

    share: float
    preview: Pixels | None = None


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A picture in numbers: two float32 vectors, one for how it is composed, one for its style."""

    composition: NDArray[np.float32]
    style: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gives back: one of the first four, and lines for people to read.

    Attributes:
        picture: in the frame's size.
        field: a built-in transition's field, serialised.
        frames: all frames were written to `context.frames_out()`, or `context.video_from()` took a video.
        descriptor: what `describe` found.
        notes: what the user should know, such as words of a prompt that mean nothing to the engine.
        dollars: what it cost, where the provider says so; None for what was estimated.
    """

    picture: Pixels | None = None
    field: bytes | None = None
    frames: bool = False
    descriptor: Descriptor | None = None
    notes: tuple[str, ...] = ()
    dollars: float | None = None


class FrameSink(Protocol):
    """Takes the frames of a video one by one, in order."""

    def write(self, frame: Pixels) -> None:
        """Takes the next frame, in the size of the recipe's frame.

        Raises:
            RenderFailed: it has another size or type, or there are more than were announced.
        """
        ...


class Remote(Protocol):
    """A provider's side of a request that costs money, kept through crashes of every process on ours.

    An engine that submits a request to a provider says so before and after, and on a later attempt takes up what it
    finds here instead of submitting again:

    ```python
    if not context.remote.id:
        context.remote.submitting(repeatable=True)
        context.remote.submitted(post(request, idempotency_key=context.remote.key))
    poll(context.remote.id)
    ```
    """

    @property
    def key(self) -> str:
        """The same for every attempt at this request, and for no other: an idempotency key."""
        ...

    @property
    def id(self) -> str:
        """The provider's id of the request; empty as long as none is known."""
        ...

    def submitting(self, *, repeatable: bool) -> None:
        """Notes, on the disk, that the provider is about to be asked; call it right before.

        Args:
            repeatable: whether the provider bills a request with the same `key` only once. If not, an earlier attempt
                that was cut off right here may have been billed, and nobody knows its id.

        Raises:
            RenderFailed: there was such an attempt, and this one is not `repeatable`.
        """
        ...

    def submitted(self, id: str) -> None:  # noqa: A002 - the provider's word for it
        """Notes, on the disk, the provider's id; call it before the first poll."""
        ...

    def refused(self) -> None:
        """Notes that the provider will neither deliver nor bill what was submitted: the next attempt submits anew."""
        ...

    def withdrawn(self) -> None:
        """Notes that the provider works no longer on what was submitted, or can't be stopped, as nobody wants it any more.

        What it bills for that nobody knows. Until an engine says so, it is run again to be cancelled again.
        """
        ...


class Context(Protocol):
    """What an engine may touch while it runs."""

    @property
    def cancelled(self) -> bool:
        """Whether whoever asked for the work no longer wants it; looked at between steps."""
        ...

    def image(self, pixels: PixelHash) -> Pixels:
        """One of the recipe's pictures, in the frame's size."""
        ...

    def picture_file(self, pixels: PixelHash) -> Path:
        """The PNG of one of the recipe's pictures, in the frame's size; only to be read."""
        ...

    def picture_from(self, path: Path, *, fit: Fit = "stretch") -> Pixels:
        """The picture in a file from elsewhere, in the frame's size; decoded in a process apart.

        Args:
            path: PNG, JPEG, WebP or another usual format.
            fit: `stretch` scales each side by its own factor: for what was made of pictures that had been stretched to
                a model's size, so that it lies exactly over them. `cover` cuts off what sticks out.

        Raises:
            RenderFailed: it is damaged, or no picture.
        """
        ...

    def video_from(self, path: Path, *, fit: Fit = "stretch") -> None:
        """Makes a video file from elsewhere the take: brought to the recipe's frames and size, its ends pinned.

        It is decoded in a process apart, and the file itself is kept beside the take. The engine then returns
        `Result(frames=True)`.

        Args:
            path: MP4, MOV, WebM, MKV or GIF; its frames are taken to be at even time.
            fit: as in `picture_from`.

        Raises:
            RenderFailed: it is damaged, or no video.
        """
        ...

    def frames_out(self, count: int | None = None) -> FrameSink:
        """Where the frames of a video go; the ends of a transition are pinned to the nodes' pictures there.

        Args:
            count: how many frames the engine writes, if these are not the recipe's: they are brought to its number, and
                what lies between two of them is drawn along the motion.
        """
        ...

    def scratch(self) -> Path:
        """A folder for the engine's own files, deleted afterwards."""
        ...

    @property
    def remote(self) -> Remote:
        """For engines that cost money: what is known of the request at its provider."""
        ...


class Engine(Protocol):
    """Something that performs operations."""

    def card(self) -> Card:
        """What it can do, here and now. Cheap: no model is loaded for it."""
        ...

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Performs a request that its card allows, yielding progress, and returns the result.

        One that submitted something to a provider tells it when the work is cancelled; it may be run for that alone, cancelled
        from the start and without pictures, with the id of what an earlier attempt submitted.

        Raises:
            Cancelled: `context.cancelled` was seen between steps.
            EngineBusy: it was, and the provider could not be told; the engine is run again for that.
            ForkframeError: nothing else may leave it for what can be foreseen.
        """
        ...


@runtime_checkable
class Teachable(Protocol):
    """An engine that takes files from its user, such as templates of what it is to do."""

    def learn(self, name: str, content: bytes) -> str:
        """Takes in a file called `name` and says in a line what can be done now.

        Raises:
            BadInput: it is none of its kind, or lacks something.
        """
        ...
