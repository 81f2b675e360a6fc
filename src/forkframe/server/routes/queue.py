"""The queue: what is asked for, changing one's mind, and what may be spent."""

from __future__ import annotations

from typing import Literal, cast

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from forkframe.errors import BadInput, NotFound
from forkframe.server import shapes, wire
from forkframe.server.asking import Body, Here, router
from forkframe.studio import act

queue: APIRouter = router()


class Queue(TypedDict):
    """All jobs in the order of interest, how many are in each state, and whether the queue is paused."""

    jobs: list[shapes.JobJson]
    counts: dict[str, int]
    paused: bool


class BudgetJson(TypedDict):
    """What may be spent, in US dollars; `per_request` null for whatever is left."""

    total: float
    per_request: float | None
    reserved: float
    spent: float


class Acted(TypedDict):
    """The jobs that were changed, and the budget."""

    jobs: list[shapes.JobJson]
    budget: BudgetJson


class Action(Body):
    """Something to be done to jobs, by their ids or those of what they are for; `budget` takes one or two amounts."""

    action: Literal["cancel", "retry", "pause", "resume", "first", "budget"]
    names: list[str] = Field(default_factory=list)


class Look(Body):
    """Ids of what is on screen."""

    subjects: list[str]


class Done(TypedDict):
    """It was done."""

    ok: bool


@queue.get("/jobs", response_model=Queue)
def get_jobs(here: Here) -> Response:
    """The queue at a glance."""
    found = here.jobs.overview()
    jobs = [wire.job(job) for job in found.jobs]
    return wire.Json({"jobs": jobs, "counts": dict(found.counts), "paused": found.paused})


@queue.post("/jobs", response_model=Acted)
def post_jobs(here: Here, body: Action) -> Response:
    """Cancels, retries, holds back, goes on with or moves up jobs, or sets the budget."""
    did = act(here.jobs, body.action, body.names)
    changed = cast("list[dict[str, object]]", did["jobs"])
    jobs = [{**job, "preview": job["preview"] is not None} for job in changed]
    return wire.Json({"jobs": jobs, "budget": did["budget"]})


@queue.post("/jobs/look", response_model=Done)
def post_look(here: Here, body: Look) -> Response:
    """Has what is on screen run first. The last call counts."""
    here.jobs.look_at(*body.subjects)
    return wire.Json({"ok": True})


@queue.get(
    "/jobs/{job}/preview",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "a small picture"}},
)
def get_preview(here: Here, job: str) -> Response:
    """A small picture of what a job is making."""
    try:
        picture = here.jobs.preview(job)
    except BadInput:  # there is no such job
        picture = None
    if picture is None:
        raise NotFound(f"there is no picture of job {job} just now")
    return Response(picture, media_type="image/png", headers={"cache-control": "no-store"})


@queue.get("/budget", response_model=BudgetJson)
def get_budget(here: Here) -> Response:
    """What may be spent, and what is."""
    return wire.Json(wire.plain(here.jobs.budget()))
