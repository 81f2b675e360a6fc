"""The shapes of what goes over the wire, as `/api/openapi.json` describes them; `wire.py` makes them."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

Table = Literal[
    "settings", "nodes", "edges", "renderings", "takes", "boards", "sequences", "candidates", "notes"
]


class Problem(TypedDict):
    """What went wrong, in one line, what to try, and the name of the error."""

    error: str
    hint: str
    kind: str


class FrameJson(TypedDict):
    """A picture format; `fps` is an exact fraction such as 30000/1001."""

    width: int
    height: int
    fps: str


class CropJson(TypedDict):
    """How a picture sits in the frame."""

    fit: Literal["cover", "contain"]
    focus: tuple[float, float]
    zoom: float


class CutJson(TypedDict):
    """Where a branch node was cut."""

    edge: str
    frame: int
    halves: tuple[str, str]


class SettingsJson(TypedDict):
    """What holds for the whole workspace."""

    id: str
    frame: FrameJson | None
    fps: str
    background: tuple[int, int, int]


class NodeJson(TypedDict):
    """An image; x and y are its centre in canvas units."""

    id: str
    picture: str
    size: tuple[int, int]
    framed: str
    x: float
    y: float
    crop: CropJson
    label: str
    rating: int
    active: str | None
    cut: CutJson | None
    was: list[str]


class EdgeJson(TypedDict):
    """A directed video from one node to another."""

    id: str
    source: str
    target: str
    frames: int
    engine: str
    parameters: dict[str, object]
    label: str
    roll: int
    motion: list[str]
    active: str | None
    hidden: bool


class RenderingJson(TypedDict):
    """What an engine made; `frame` is width, height and fps. The full recipe is asked for by itself."""

    id: str
    algorithm: str
    frames: int
    picture: str | None
    pixels: str | None
    field: str | None
    video: str | None
    frame: tuple[int, int, str]
    seed: int
    notes: list[str]


class TakeJson(TypedDict):
    """One rendering of an edge, or of a node's recipe."""

    id: str
    owner: str
    rendering: str | None
    first: int
    last: int
    ends: list[str]
    tier: Literal["draft", "final"]
    failure: str


class BoardJson(TypedDict):
    """A named region; x and y are its top left corner."""

    id: str
    name: str
    x: float
    y: float
    width: float
    height: float
    colour: str


class StepJson(TypedDict):
    """One edge of a path."""

    edge: str
    reverse: bool
    take: str | None
    speed: float
    hold: int


class SequenceJson(TypedDict):
    """A saved path."""

    id: str
    name: str
    steps: list[StepJson]


class CandidateJson(TypedDict):
    """A result that is not a node yet."""

    id: str
    node: str
    rendering: str
    label: str


class NoteJson(TypedDict):
    """Words on the canvas."""

    id: str
    text: str
    x: float
    y: float
    width: float
    colour: str


class TablesJson(TypedDict):
    """All rows of a workspace."""

    settings: list[SettingsJson]
    nodes: list[NodeJson]
    edges: list[EdgeJson]
    renderings: list[RenderingJson]
    takes: list[TakeJson]
    boards: list[BoardJson]
    sequences: list[SequenceJson]
    candidates: list[CandidateJson]
    notes: list[NoteJson]


class JobJson(TypedDict):
    """A job; `preview` says whether there is a picture of what it is making just now."""

    id: str
    kind: str
    title: str
    subject: str
    engine: str
    state: Literal["queued", "waiting", "paused", "running", "cancelling", "done", "failed", "cancelled"]
    share: float
    doing: str
    preview: bool
    attempts: int
    seconds: float
    dollars: float
    failure: str
    hint: str
    remote: str
    parent: str
    created: str
    took: float
    story: list[str]
    result: dict[str, object]


class WorkspaceJson(TypedDict):
    """A whole workspace as of change number `seq`."""

    id: str
    name: str
    path: str
    seq: int
    version: str
    tables: TablesJson
    jobs: list[JobJson]
    paused: bool


class EditJson(TypedDict):
    """One row after a change; null where it was deleted."""

    table: Table
    id: str
    row: dict[str, object] | None
