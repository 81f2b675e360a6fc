"""Runway: Veo 3.1 between two pictures, Gen-4 from one, and pictures after references. Its SDK is `runwayml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from forkframe.engines.hosted.asking import (
    ALIVE,
    BETWEEN,
    LOOKS,
    SEEN,
    STRENGTH,
    described,
    model,
    pictures_of,
    prompt,
    resolution,
    restyled,
    text_of,
    varied,
)
from forkframe.engines.hosted.order import Hosted
from forkframe.engines.hosted.pictures import encoded, nearest_shape, reshaped
from forkframe.engines.hosted.service import Body, Provider, Service, Standing
from forkframe.engines.hosted.words import shortened
from forkframe.engines.protocol import Context, Cost, OperationCard, Pixels
from forkframe.model.recipe import Operation, Recipe
from forkframe.params import Schema

if TYPE_CHECKING:
    import httpx

_CREDIT = 0.01  # US dollars
_MOST = 4_900_000
"""Characters of a picture's data URI; Runway takes 5 MB."""
_PROMPT = 1000  # UTF-16 units that Runway takes

Shape = tuple[int, int]
_BETWEEN: Mapping[str, tuple[Shape, ...]] = {
    "720p": ((1280, 720), (720, 1280)),
    "1080p": ((1920, 1080), (1080, 1920)),
}
_MOVING: tuple[Shape, ...] = ((1280, 720), (720, 1280), (1104, 832), (960, 960), (832, 1104), (1584, 672))
_STILL: Mapping[str, tuple[Shape, ...]] = {
    "720p": ((1280, 720), (720, 1280), (720, 720), (960, 720), (720, 960), (1680, 720)),
    "1080p": ((1920, 1080), (1080, 1920), (1080, 1080), (1440, 1080), (1080, 1440), (2112, 912)),
}
_LICENCE = "Runway's terms of use"
_WORDS = _PROMPT - 250
"""Characters of a user's words where others are put around them."""
_IMAGE_COST = Cost(
    money=5 * _CREDIT,
    factors={
        "model": {"gen4_image": 1.0, "gen4_image_turbo": 2 / 5},
        "resolution": {"720p": 1.0, "1080p": 8 / 5},
    },
)

_OPERATIONS: dict[Operation, OperationCard] = {
    "transition": OperationCard(
        "runway.transition@1",
        Schema(
            1,
            (
                prompt("What happens on the way", BETWEEN, longest=_PROMPT),
                model("veo3.1", "veo3.1_fast"),
                resolution("720p", "1080p"),
            ),
        ),
        {"first": (1, 1), "last": (1, 1)},
        licence=_LICENCE,
        cost=Cost(
            money=20 * _CREDIT,
            factors={"model": {"veo3.1": 1.0, "veo3.1_fast": 0.5}},
            lengths=(4.0, 6.0, 8.0),
        ),
    ),
    "animate": OperationCard(
        "runway.animate@1",
        Schema(1, (prompt("What happens", ALIVE, longest=_PROMPT), model("gen4.5", "gen4_turbo"))),
        {"first": (1, 1)},
        licence=_LICENCE,
        cost=Cost(
            money=12 * _CREDIT,
            factors={"model": {"gen4.5": 1.0, "gen4_turbo": 5 / 12}},
            lengths=tuple(float(seconds) for seconds in range(2, 11)),
        ),
    ),
    "generate": OperationCard(
        "runway.generate@1",
        Schema(
            1, (prompt("What it shows", longest=_PROMPT), model("gen4_image"), resolution("720p", "1080p"))
        ),
        {},
        licence=_LICENCE,
        cost=_IMAGE_COST,
    ),
    "vary": OperationCard(
        "runway.vary@1",
        Schema(
            1,
            (
                STRENGTH,
                prompt("What else", longest=_WORDS),
                model("gen4_image", "gen4_image_turbo"),
                resolution("720p", "1080p"),
            ),
        ),
        {"image": (1, 1)},
        licence=_LICENCE,
        cost=_IMAGE_COST,
    ),
    "restyle": OperationCard(
        "runway.restyle@1",
        Schema(
            1,
            (
                prompt("The look, in words", longest=_WORDS, examples=LOOKS),
                model("gen4_image", "gen4_image_turbo"),
                resolution("720p", "1080p"),
            ),
        ),
        {"image": (1, 1), "style": (0, 2)},
        licence=_LICENCE,
        cost=_IMAGE_COST,
    ),
}

RUNWAY = Service(
    name="runway",
    title="Runway",
    summary=f"Veo 3.1 between two pictures, Gen-4 from one; by the second, prices of {SEEN}",
    module="runwayml",
    extra="runway",
    key="RUNWAYML_API_SECRET",
    address="RUNWAYML_BASE_URL",
    homepage="https://dev.runwayml.com",
    poll=5.0,  # it asks for no more than one each five seconds
    usual=90.0,
    # “Shedding load”, says its page on errors, and that these may be asked again.
    not_taken=frozenset({502, 503, 504}),
    operations=_OPERATIONS,
)


class RunwayEngine(Hosted):
    """Asks Runway."""

    service = RUNWAY

    def connect(self, key: str, *, address: str, take_within: float, answer_within: float) -> Provider:
        """Its SDK, which never asks twice by itself."""
        return _Runway(key, address=address, take_within=take_within, answer_within=answer_within)


class _Runway:
    def __init__(self, key: str, *, address: str, take_within: float, answer_within: float) -> None:
        from runwayml import RunwayML

        self._sdk = RunwayML(
            api_key=key, base_url=address or None, max_retries=0, timeout=_limits(answer_within)
        )
        self._take_within = take_within

    def prepared(self, request: Recipe, context: Context) -> Body:
        chosen = text_of(request, "model")
        body: dict[str, object] = {"model": chosen, "seed": request.seed}
        size = request.frame.size
        match request.operation:
            case "transition":
                shape = nearest_shape(size, _BETWEEN[text_of(request, "resolution")])
                first, last = (_uri(p, shape) for p in pictures_of(request, context, "first", "last"))
                return body | {
                    "prompt_image": [{"uri": first, "position": "first"}, {"uri": last, "position": "last"}],
                    "prompt_text": text_of(request, "prompt") or BETWEEN,
                    "duration": int(_billed(request)),
                    "ratio": _ratio(shape),
                    "audio": False,
                }
            case "animate":
                shape = nearest_shape(size, _MOVING)
                (first,) = (_uri(p, shape) for p in pictures_of(request, context, "first"))
                return body | {
                    "prompt_image": [{"uri": first, "position": "first"}],
                    "prompt_text": text_of(request, "prompt") or ALIVE,
                    "duration": int(_billed(request)),
                    "ratio": _ratio(shape),
                }
            case _:
                shape = nearest_shape(size, _STILL[text_of(request, "resolution")])
                pictures = [_uri(p, shape) for p in pictures_of(request, context, "image", "style")]
                tags = ["picture", *(f"style{n}" for n in range(1, len(pictures)))][: len(pictures)]
                references = [{"uri": uri, "tag": tag} for uri, tag in zip(pictures, tags, strict=True)]
                styles = " and ".join(f"@{tag}" for tag in tags[1:])
                words = (
                    described(request)
                    if request.operation == "generate"
                    else varied(request, picture="@picture")
                    if request.operation == "vary"
                    else restyled(request, picture="@picture", styles=styles)
                )
                named = {"reference_images": references} if references else {}
                return body | {"prompt_text": words, "ratio": _ratio(shape)} | named

    def submit(self, body: Body) -> str:
        # The SDK's overloads know each model's own parameters; ours are checked by the card.
        video = "prompt_image" in body
        create = cast("Any", self._sdk.image_to_video.create if video else self._sdk.text_to_image.create)
        return str(create(**body, timeout=_limits(self._take_within)).id)

    def standing(self, key: str) -> Standing:
        # Not the SDK's own waiting, which goes on for ever when a task is cancelled.
        task = self._sdk.tasks.retrieve(key)
        match task.status:
            case "SUCCEEDED":
                return Standing(
                    "done", 1.0, task.output[0] if task.output else "", task.cost.credits * _CREDIT
                )
            case "FAILED":
                code = task.failure_code or ""
                return Standing(
                    "failed",
                    dollars=task.cost.credits * _CREDIT,
                    reason=shortened(task.failure),
                    moderated=code.startswith("SAFETY"),
                )
            case "CANCELLED":
                return Standing("cancelled", dollars=task.cost.credits * _CREDIT)
            case "RUNNING":
                return Standing("running", task.progress)
            case "PENDING" | "THROTTLED":
                return Standing("running", 0.0)
            case _:  # pyright: ignore[reportUnnecessaryComparison] - a state of later versions: not an end that we know
                return Standing("running")

    def cancel(self, key: str, *, within: float) -> None:
        self._sdk.tasks.delete(key, timeout=within)

    def close(self) -> None:
        self._sdk.close()


def _limits(seconds: float) -> httpx.Timeout:
    import httpx

    return httpx.Timeout(seconds, connect=min(seconds, 5.0))


def _uri(picture: Pixels, shape: Shape) -> str:
    return encoded(reshaped(picture, shape), longest=max(shape), most=_MOST).uri


def _ratio(shape: Shape) -> str:
    return f"{shape[0]}:{shape[1]}"


def _billed(request: Recipe) -> float:
    return _OPERATIONS[request.operation].cost.length(request)
