"""Asking engines: candidates of a node, takes of an edge, previews, and what they would cost."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BeforeValidator, Field
from starlette.responses import Response
from typing_extensions import TypedDict

from forkframe.errors import BadInput, EngineUnavailable
from forkframe.model.recipe import Operation
from forkframe.server import shapes, wire
from forkframe.server.asking import Body, Here, patiently, router, rows_of
from forkframe.studio import JobView

making: APIRouter = router()

Parameters = dict[str, Any]
Count = Annotated[int, Field(ge=1, le=24)]
Seed = Annotated[int | None, Field(ge=0, le=0x7FFF_FFFF)]


class Asked(TypedDict):
    """The jobs that were asked for, or that had been and bring the same."""

    jobs: list[shapes.JobJson]


class Looped(TypedDict):
    """A loop: its sequence, the variation it goes through, and the edges there and back."""

    sequence: shapes.SequenceJson
    node: shapes.NodeJson
    edges: list[shapes.EdgeJson]


class Estimate(TypedDict):
    """What something would take: seconds, and US dollars."""

    seconds: float
    dollars: float


class Vary(Body):
    """Variations of a node's picture."""

    count: Count = 4
    engine: str = "builtin"
    parameters: Parameters = Field(default_factory=dict)
    seed: Seed = None


class Generate(Body):
    """Pictures from words."""

    prompt: Annotated[str, Field(max_length=5000)] = ""
    count: Count = 4
    engine: str = ""
    parameters: Parameters = Field(default_factory=dict)
    seed: Seed = None
    places: Annotated[list[tuple[float, float]], Field(max_length=24)] = Field(default_factory=list)


class Generated(TypedDict):
    """The new nodes."""

    nodes: list[shapes.NodeJson]


class Animate(Body):
    """A video that begins with a node's picture."""

    seconds: Annotated[float, Field(gt=0, le=600)] = 3.0
    engine: str = "builtin"
    parameters: Parameters = Field(default_factory=dict)
    seed: Seed = None


class Loop(Body):
    """A variation of a node's picture, and the way there and back."""

    seconds: Annotated[float, Field(gt=0, le=600)] = 6.0
    engine: str = "builtin"
    parameters: Parameters = Field(default_factory=dict)
    seed: Seed = None


class Restyle(Vary):
    """The picture in another style: by words, or like a node or board."""

    prompt: str = ""
    like: Annotated[str, BeforeValidator(lambda said: said or "")] = ""


class RestyleEdge(Body):
    """Both pictures of an edge in another style, and an edge between them that moves alike."""

    engine: str = "builtin"
    parameters: Parameters = Field(default_factory=dict)
    seed: Seed = None
    prompt: str = ""
    like: Annotated[str, BeforeValidator(lambda said: said or "")] = ""


class Share(Body):
    """How much a node counts."""

    node: str
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0


class Mix(Body):
    """A blend of two to four nodes by weight, or one's composition in another's style."""

    weights: Annotated[list[Share], Field(max_length=4)] = Field(default_factory=list)
    composition: str = ""
    style: str = ""
    engine: str = "builtin"
    seed: Seed = None


class CropAsked(Body):
    """A crop of a node's picture into the frame; `focus` 0–1, `zoom` from 1."""

    fit: Literal["cover", "contain"] = "cover"
    focus: tuple[float, float] = (0.5, 0.5)
    zoom: float = 1.0


class Reframe(Body):
    """How a node's picture is to sit in the frame."""

    crop: CropAsked


class BranchAt(Body):
    """Where to cut: a frame of the take that is shown, neither its first nor its last."""

    frame: int
    label: str = ""


class AnotherTake(Body):
    """One more take of an edge; with nothing changed it is rolled again."""

    engine: str = ""
    parameters: Parameters | None = None
    seed: Seed = None


class Preview(Body):
    """A transition that nobody asked to keep."""

    source: str
    target: str
    engine: str = "builtin"
    parameters: Parameters = Field(default_factory=dict)


class ToEstimate(Body):
    """An operation on a node (or candidate), on an edge, or (`generate`) on nothing; `seconds` of what will move."""

    operation: Operation
    node: str | None = None
    edge: str | None = None
    engine: str = "builtin"
    parameters: Parameters = Field(default_factory=dict)
    seed: Seed = None
    seconds: Annotated[float | None, Field(gt=0, le=600)] = None


class Nothing(Body):
    """An empty object."""


@making.post("/generate", response_model=Generated)
async def post_generate(here: Here, body: Generate) -> Response:
    """Makes pictures from words; the answer is the new nodes."""

    def generated() -> Response:
        keys = [view.id for view in here.generate(**body.model_dump())]
        return wire.Json({"nodes": rows_of(here, *keys)})

    return await patiently(generated)


@making.post("/nodes/{node}/vary", response_model=Asked)
def post_vary(here: Here, node: str, body: Vary) -> Response:
    """Asks for variations; they come as candidates."""
    return _asked(here.propose(node, "vary", **body.model_dump()))


@making.post("/nodes/{node}/restyle", response_model=Asked)
def post_restyle(here: Here, node: str, body: Restyle) -> Response:
    """Asks for the picture in another style; results come as candidates."""
    return _asked(here.propose(node, "restyle", **body.model_dump()))


@making.post("/nodes/{node}/animate", response_model=shapes.EdgeJson)
async def post_animate(here: Here, node: str, body: Animate) -> Response:
    """Makes a video that begins with the picture; the answer is the edge, which leads to a new node."""
    return await patiently(lambda: wire.Json(rows_of(here, here.animate(node, **body.model_dump()).id)[0]))


@making.post("/nodes/{node}/loop", response_model=Looped)
async def post_loop(here: Here, node: str, body: Loop) -> Response:
    """Makes a node a loop: a new node, an edge to it, one back, and the sequence that walks both."""

    def looped() -> Response:
        made = here.loop(node, **body.model_dump())
        sequence, varied, *edges = rows_of(here, made.id, made.nodes[1], *made.steps)
        return wire.Json({"sequence": sequence, "node": varied, "edges": edges})

    return await patiently(looped)


@making.post("/nodes/{node}/spread", response_model=Asked)
def post_spread(here: Here, node: str, body: Nothing) -> Response:
    """Asks for a contact sheet of 24 drafts."""
    return _asked(here.spread(node))


@making.post("/candidates/{candidate}/more", response_model=Asked)
def post_more(here: Here, candidate: str, body: Nothing) -> Response:
    """Asks for four candidates near this one."""
    return _asked(here.more(candidate))


@making.post("/nodes/{node}/crop", response_model=shapes.NodeJson)
def post_crop(here: Here, node: str, body: Reframe) -> Response:
    """Makes a picture sit differently in the frame."""
    crop = body.crop
    view = here.reframe(node, focus=crop.focus, zoom=crop.zoom, contain=crop.fit == "contain")
    return wire.Json(rows_of(here, view.id)[0])


@making.post("/edges/{edge}/branch", response_model=shapes.NodeJson)
async def post_branch(here: Here, edge: str, body: BranchAt) -> Response:
    """Cuts an edge: the frame becomes a node. Nothing is rendered, unless the edge has no take yet."""

    def cut() -> Response:
        return wire.Json(rows_of(here, here.branch_at(edge, body.frame, label=body.label).id)[0])

    return await patiently(cut)


@making.post("/mix", response_model=shapes.NodeJson)
async def post_mix(here: Here, body: Mix) -> Response:
    """Makes one picture of several; the answer is the new node."""
    weights = [(share.node, share.weight) for share in body.weights]

    def mixed() -> Response:
        made = here.mix(
            weights, composition=body.composition, style=body.style, seed=body.seed, engine=body.engine
        )
        return wire.Json(rows_of(here, made.id)[0])

    return await patiently(mixed)


@making.post("/edges/{edge}/restyle", response_model=shapes.EdgeJson)
async def post_restyle_edge(here: Here, edge: str, body: RestyleEdge) -> Response:
    """Makes an edge's twin in another style, between new nodes."""
    return await patiently(
        lambda: wire.Json(rows_of(here, here.restyle_edge(edge, **body.model_dump()).id)[0])
    )


@making.post("/edges/{edge}/takes", response_model=Asked)
def post_take(here: Here, edge: str, body: AnotherTake) -> Response:
    """Asks for another take."""
    return _asked(here.another_take(edge, engine=body.engine, parameters=body.parameters, seed=body.seed))


@making.post(
    "/preview",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "a field (FKFD)"}},
)
def post_preview(here: Here, body: Preview) -> Response:
    """The field of a transition, from 256-pixel copies; it is not kept."""
    if body.engine != "builtin":
        raise EngineUnavailable(
            f"{body.engine} has no field to preview", hint="connect the nodes to have it render"
        )
    field = here.preview_field(body.source, body.target, parameters=body.parameters)
    return Response(field, media_type="application/octet-stream", headers={"cache-control": "no-store"})


@making.post("/estimate", response_model=Estimate)
def post_estimate(here: Here, body: ToEstimate) -> Response:
    """What an operation would take."""
    subject = (body.edge if body.operation == "transition" else body.node) or ""
    if not subject and body.operation != "generate":
        raise BadInput(
            f"there is nothing to {body.operation}", hint="name a node, or for a transition an edge"
        )
    wanted = body.parameters if body.seed is None else {**body.parameters, "seed": body.seed}
    seconds, dollars = here.estimate(
        body.operation, subject, engine=body.engine, parameters=wanted, seconds=body.seconds
    )
    return wire.Json({"seconds": seconds, "dollars": dollars})


def _asked(jobs: list[JobView]) -> Response:
    return wire.Json({"jobs": [wire.job(job) for job in jobs]})
