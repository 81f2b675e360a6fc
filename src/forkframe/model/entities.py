"""What a workspace holds: frozen rows that name each other by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from forkframe.errors import BadInput
from forkframe.model.frame import Crop, Frame, check_fps
from forkframe.model.ids import (
    BlobHash,
    BoardId,
    CandidateId,
    EdgeId,
    NodeId,
    NoteId,
    PixelHash,
    RenderingId,
    SequenceId,
    TakeId,
)
from forkframe.model.recipe import Recipe

MOST_FRAMES = 600 * 240 + 1
"""Ten minutes at the highest frame rate."""
SETTINGS_ID = "workspace"
"""The id of the one `Settings` row."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole workspace.

    Attributes:
        frame: the picture format; None until the first picture proposes one.
        fps: frames per second that a proposed frame gets.
        background: sRGB 0–255; what shows through alpha and beside a picture that is contained.
    """

    id: str = SETTINGS_ID
    frame: Frame | None = None
    fps: Fraction = Fraction(24)
    background: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        check_fps(self.fps)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a branch node was cut: frame number `frame` of `edge`, which stays as the hidden parent of its halves."""

    edge: EdgeId
    frame: int
    halves: tuple[EdgeId, EdgeId]


@dataclass(frozen=True, slots=True)
class Node:
    """An image on the canvas.

    Attributes:
        x, y: its place on the canvas, in canvas units (1 unit = 1 CSS pixel at zoom 1); y grows downwards.
        picture: the original file.
        size: the upright picture's width and height in pixels.
        crop: how the picture sits in the frame.
        framed: the picture's pixels after crop, frame and flattening: what engines are fed.
        rating: 0 (none) to 5 stars.
        active: the take of its recipe that is shown; None for a picture that was brought in or cut.
        cut: set for a branch node.
        was: the framed pixels that it had before a final replaced them: what was made from those can be made again.
    """

    id: NodeId
    picture: BlobHash
    size: tuple[int, int]
    framed: PixelHash
    x: float = 0.0
    y: float = 0.0
    crop: Crop = field(default=Crop())
    label: str = ""
    rating: int = 0
    active: TakeId | None = None
    cut: Cut | None = None
    was: tuple[PixelHash, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.rating <= 5:
            raise BadInput(f"a rating can't be {self.rating}", hint="use 0 (none) to 5")


@dataclass(frozen=True, slots=True)
class Edge:
    """A directed video from one node to another.

    Attributes:
        frames: F, both ends included.
        engine: who renders its drafts.
        parameters: what the engine was asked for, as the user gave it (defaults left out).
        roll: which roll of the recipe its next draft is.
        motion: the pictures between which its drafts move; () for those of its own nodes.
        active: the take that is shown; None until there is one.
        hidden: an uncut edge that was branched; it keeps its takes and stands behind its halves.
    """

    id: EdgeId
    source: NodeId
    target: NodeId
    frames: int
    engine: str = "builtin"
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    label: str = ""
    roll: int = 0
    motion: tuple[PixelHash, ...] = ()
    active: TakeId | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        if not 2 <= self.frames <= MOST_FRAMES:
            raise BadInput(f"an edge can't have {self.frames} frames", hint=f"use 2 to {MOST_FRAMES}")


@dataclass(frozen=True, slots=True)
class Rendering:
    """What an engine made once; never changed, and never deleted with the takes that show it.

    Attributes:
        picture: the result of an operation on pictures; `pixels` is the hash of what it shows.
        field: a built-in transition before it is pixels.
        video: in the house profile; where there is a field, an encoding of it that can be made again, else None only
            for pictures.
        original: the file as the engine gave it, when that was not in the house profile.
        notes: what the engine had to say to the user.
    """

    id: RenderingId
    recipe: Recipe
    picture: BlobHash | None = None
    pixels: PixelHash | None = None
    field: BlobHash | None = None
    video: BlobHash | None = None
    original: BlobHash | None = None
    notes: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """How many frames it has; 1 for a picture."""
        return self.recipe.frames

    @property
    def ends(self) -> tuple[PixelHash, PixelHash] | None:
        """The pictures it begins and ends with, where it moves: what went in, or the last frame that came of it."""
        given = {i.role: i.pixels for i in self.recipe.inputs}
        first, last = given.get("first"), given.get("last", self.pixels)
        return (first, last) if first and last else None


Tier = Literal["draft", "final"]


@dataclass(frozen=True, slots=True)
class Take:
    """One rendering of an edge, or of a node's recipe; for an edge a range of the rendering's frames.

    Attributes:
        owner: the edge or node.
        rendering: None when the attempt failed.
        first, last: the range, both included; 0, 0 for a picture.
        ends: the pixels that the range was made to start and end on (of an edge's nodes); () for a node's take.
        failure: why the attempt failed, in one line; empty when it did not.
    """

    id: TakeId
    owner: EdgeId | NodeId
    rendering: RenderingId | None
    first: int = 0
    last: int = 0
    ends: tuple[PixelHash, ...] = ()
    tier: Tier = "draft"
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A named region of the canvas; the nodes whose place is inside it are used together as a style reference."""

    id: BoardId
    name: str
    x: float
    y: float
    width: float
    height: float
    colour: str = "#8a8f98"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result that is not yet a node: folded into the tray of the node it was made from, until it is kept.

    Attributes:
        node: whose tray it lies in.
        rendering: what it shows; a picture.
        label: what it is called once it is kept.
    """

    id: CandidateId
    node: NodeId
    rendering: RenderingId
    label: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Words on the canvas, their top left corner at x, y; `width` in canvas units, lines wrap there."""

    id: NoteId
    text: str
    x: float
    y: float
    width: float = 240.0
    colour: str = "#d8c98f"


SLOWEST, FASTEST = 0.1, 10.0
"""How many times its own speed a step may be walked at."""
LONGEST_HOLD = 240 * 60
"""Frames."""


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a path.

    Attributes:
        reverse: walked backwards.
        take: pinned, or None to follow the active one.
        speed: 1 for the edge's own pace, 2 for twice as fast.
        hold: for how many more frames the picture at its end stands still.
    """

    edge: EdgeId
    reverse: bool = False
    take: TakeId | None = None
    speed: float = 1.0
    hold: int = 0

    def __post_init__(self) -> None:
        if not SLOWEST <= self.speed <= FASTEST:
            raise BadInput(
                f"a step can't be walked at {self.speed:g} times its speed",
                hint=f"use {SLOWEST:g} to {FASTEST:g}",
            )
        if not 0 <= self.hold <= LONGEST_HOLD:
            raise BadInput(f"a step can't be held for {self.hold} frames", hint=f"use 0 to {LONGEST_HOLD}")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A saved, named path."""

    id: SequenceId
    name: str
    steps: tuple[Step, ...]


Entity = Settings | Node | Edge | Rendering | Take | Board | Sequence | Candidate | Note
ENTITIES: tuple[type[Entity], ...] = (
    Settings,
    Node,
    Edge,
    Rendering,
    Take,
    Board,
    Sequence,
    Candidate,
    Note,
)
