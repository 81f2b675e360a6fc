"""Luma: Ray 3.2 through any number of pictures in one clip, and pictures by Uni-1. Its SDK is `luma-agents`."""

from __future__ import annotations

from collections.abc import Sequence
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

_MOST_PICTURE, _MOST_ALL = 6_000_000, 40_000_000
"""Characters of one picture, and of all pictures of a request: Luma takes 50 MB."""
_PROMPT = 6000  # characters that Luma takes
_GRID = 24
"""Places for pictures in each second of a clip, whatever its frame rate: `keyframe_indexes` count on this grid."""
_MOST_KEYS = 62  # with the two ends, Luma takes 64

Shape = tuple[int, int]
_MOVING: tuple[Shape, ...] = ((16, 9), (4, 3), (1, 1), (3, 4), (9, 16), (21, 9))
_STILL: tuple[Shape, ...] = (*_MOVING[:5], (3, 2), (2, 3), (2, 1), (1, 2), (3, 1), (1, 3), (21, 9))
_SIDES = {"360p": 640, "540p": 960, "720p": 1280, "1080p": 1920}
_STILL_SIDE = 2048
_LICENCE = "Luma's terms of service"

# 360p: what Luma asks for at least. The others: what two resellers of the same model ask, which Luma's list, by
# resolution and length, is at most; a clip of ten seconds costs two of five.
_VIDEO_COST = Cost(
    money=0.06 / 5,
    factors={"resolution": {"360p": 1.0, "540p": 0.50 / 0.06, "720p": 1.0 / 0.06, "1080p": 2.0 / 0.06}},
    lengths=(5.0, 10.0),
)
_RESOLUTION = resolution("360p", "540p", "720p", "1080p", default="720p")
_MODEL = model("uni-1", "uni-1-max")

_OPERATIONS: dict[Operation, OperationCard] = {
    "transition": OperationCard(
        "luma.transition@1",
        Schema(
            1, (prompt("What happens on the way", BETWEEN, longest=_PROMPT), model("ray-3.2"), _RESOLUTION)
        ),
        {"first": (1, 1), "last": (1, 1), "key": (0, _MOST_KEYS)},
        licence=_LICENCE,
        cost=_VIDEO_COST,
    ),
    "animate": OperationCard(
        "luma.animate@1",
        Schema(1, (prompt("What happens", ALIVE, longest=_PROMPT), model("ray-3.2"), _RESOLUTION)),
        {"first": (1, 1)},
        licence=_LICENCE,
        cost=_VIDEO_COST,
    ),
    "generate": OperationCard(
        "luma.generate@1",
        Schema(1, (prompt("What it shows", longest=_PROMPT), _MODEL)),
        {},
        licence=_LICENCE,
        cost=Cost(money=0.0404, factors={"model": {"uni-1": 1.0, "uni-1-max": 0.1 / 0.0404}}),
    ),
    "vary": OperationCard(
        "luma.vary@1",
        Schema(1, (STRENGTH, prompt("What else", longest=_PROMPT - 500), _MODEL)),
        {"image": (1, 1)},
        licence=_LICENCE,
        cost=Cost(money=0.0434, factors={"model": {"uni-1": 1.0, "uni-1-max": 0.103 / 0.0434}}),
    ),
    "restyle": OperationCard(
        "luma.restyle@1",
        Schema(1, (prompt("The look, in words", longest=_PROMPT - 500, examples=LOOKS), _MODEL)),
        {"image": (1, 1), "style": (0, 7)},
        licence=_LICENCE,
        cost=Cost(money=0.0434, factors={"model": {"uni-1": 1.0, "uni-1-max": 0.103 / 0.0434}}),
    ),
}

LUMA = Service(
    name="luma",
    title="Luma",
    summary=f"Ray 3.2 through two or many pictures in one clip, Uni-1 for pictures; by the clip, prices of {SEEN}",
    module="luma_agents",
    extra="luma",
    key="LUMA_AGENTS_API_KEY",
    address="LUMA_BASE_URL",
    homepage="https://platform.lumalabs.ai",
    poll=3.0,
    usual=90.0,
    # “Upstream unavailable” and “ingestion unavailable”, says its page on errors, and that these may be asked again.
    not_taken=frozenset({502, 503}),
    operations=_OPERATIONS,
)


class LumaEngine(Hosted):
    """Asks Luma."""

    service = LUMA

    def connect(self, key: str, *, address: str, take_within: float, answer_within: float) -> Provider:
        """Its SDK, which never asks twice by itself."""
        return _Luma(key, address=address, take_within=take_within, answer_within=answer_within)


class _Luma:
    def __init__(self, key: str, *, address: str, take_within: float, answer_within: float) -> None:
        from luma_agents import Luma

        self._sdk = Luma(
            auth_token=key, base_url=address or None, max_retries=0, timeout=_limits(answer_within)
        )
        self._take_within = take_within

    def prepared(self, request: Recipe, context: Context) -> Body:
        if request.operation in ("transition", "animate"):
            return _clip(request, context)
        body: dict[str, object] = {"model": text_of(request, "model"), "output_format": "png"}
        shape = nearest_shape(request.frame.size, _STILL)
        pictures = pictures_of(request, context, "image", "style")
        references = _references(pictures, shape, longest=_STILL_SIDE)
        match request.operation:
            case "generate":
                return body | {"type": "image", "prompt": described(request), "aspect_ratio": _ratio(shape)}
            case "vary":
                words = varied(request, picture="the reference picture")
                return body | {
                    "type": "image",
                    "prompt": words,
                    "image_ref": references,
                    "aspect_ratio": _ratio(shape),
                }
            case _:
                words = restyled(
                    request, picture="the picture", styles="the reference pictures" if references[1:] else ""
                )
                styles = {"image_ref": references[1:]} if references[1:] else {}
                return body | {"type": "image_edit", "prompt": words, "source": references[0]} | styles

    def submit(self, body: Body) -> str:
        create = cast("Any", self._sdk.generations.create)  # the body is one of several kinds
        return str(create(**body, timeout=_limits(self._take_within)).id)

    def standing(self, key: str) -> Standing:
        made = self._sdk.generations.get(key)
        match made.state:
            case "completed":
                return Standing("done", 1.0, made.output[0].url if made.output else "")
            case "failed":
                code = made.failure_code or ""
                words = {
                    "budget_exhausted": "your credit there ran out meanwhile",
                    "image_too_large": "a picture is too large for it",
                }.get(code, made.failure_reason or code.replace("_", " "))
                return Standing("failed", reason=shortened(words), moderated=code == "content_moderated")
            case _:  # queued, processing
                return Standing("running")

    def cancel(self, key: str, *, within: float) -> None:
        """Nothing: Luma has no way to be told."""

    def close(self) -> None:
        self._sdk.close()


def _clip(request: Recipe, context: Context) -> Body:
    """A clip through pictures, each at its place in time."""
    seconds = round(_OPERATIONS[request.operation].cost.length(request))
    keys = sorted((i for i in request.inputs if i.role == "key"), key=lambda i: i.weight)
    pictures = [
        *pictures_of(request, context, "first"),
        *(context.image(i.pixels) for i in keys),
        *pictures_of(request, context, "last"),
    ]
    resolution = text_of(request, "resolution")
    shape = nearest_shape(request.frame.size, _MOVING)
    places = (
        indexes([i.weight for i in keys], last=seconds * _GRID) if request.operation == "transition" else [0]
    )
    return {
        "model": text_of(request, "model"),
        "type": "video",
        "prompt": text_of(request, "prompt") or (BETWEEN if request.operation == "transition" else ALIVE),
        "aspect_ratio": _ratio(shape),
        "video": {
            "resolution": resolution,
            "duration": f"{seconds}s",
            "keyframes": _references(pictures, shape, longest=_SIDES[resolution]),
            "keyframe_indexes": places,
        },
    }


def indexes(places: Sequence[float], *, last: int) -> list[int]:
    """Where pictures are pinned: 0, one for each place (0–1, ascending), and `last`; all different, in order.

    Two places that are nearer than the grid is fine move apart, by as little as it takes.
    """
    wanted = [0, *(round(place * last) for place in places), last]
    for n in range(1, len(wanted)):  # none before its neighbour …
        wanted[n] = max(wanted[n], wanted[n - 1] + 1)
    wanted[-1] = last
    for n in range(len(wanted) - 2, 0, -1):  # … and none so late that the rest finds no room
        wanted[n] = min(wanted[n], wanted[n + 1] - 1)
    return wanted


def _references(pictures: Sequence[Pixels], shape: Shape, *, longest: int) -> list[dict[str, str]]:
    most = min(_MOST_PICTURE, _MOST_ALL // max(len(pictures), 1))
    out: list[dict[str, str]] = []
    for picture in pictures:
        text = encoded(reshaped(picture, shape), longest=longest, most=most)
        out.append({"data": text.text, "media_type": text.media})
    return out


def _limits(seconds: float) -> httpx.Timeout:
    import httpx

    return httpx.Timeout(seconds, connect=min(seconds, 5.0))


def _ratio(shape: Shape) -> str:
    return f"{shape[0]}:{shape[1]}"
