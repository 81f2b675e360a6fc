"""fal: other people's models, each under its own names; the table below says how each is asked. Its SDK is `fal-client`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

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
from forkframe.engines.hosted.words import heard, shortened
from forkframe.engines.protocol import Context, Cost, OperationCard, Pixels
from forkframe.model.recipe import Operation, Recipe
from forkframe.params import Schema

if TYPE_CHECKING:
    from forkframe.engines.hosted.falwire import Client

Shape = tuple[int, int]
_MOST = 6_000_000
"""Characters of a picture's data URI."""
_PROMPT = 2000
_LENGTHS = (4.0, 6.0, 8.0)
"""Seconds of a clip that all of these models make."""
_SIDES = {"720p": 1280, "1080p": 1920}
_WIDE: tuple[Shape, ...] = ((16, 9), (9, 16))
_MEGAPIXELS = {"1 megapixel": 1.0, "2 megapixels": 2.0}


@dataclass(frozen=True, slots=True)
class _Film:
    """How a model that makes videos is asked.

    Attributes:
        between: the application that takes two pictures; `moving`: the one that takes the first only.
        first, last: what it calls the pictures; `start`: what the first is called where it is alone.
        unit: what follows the number of seconds.
        shapes: the aspects that it makes; () if it makes whatever the pictures have.
        chooses: it takes a resolution.
        seeded: it takes a seed.
        price: US dollars for each second without sound.
    """

    between: str
    moving: str
    first: str
    last: str
    start: str
    unit: str
    shapes: tuple[Shape, ...]
    chooses: bool
    seeded: bool
    price: float


_FILMS: Mapping[str, _Film] = {
    "veo3.1-fast": _Film(
        "fal-ai/veo3.1/fast/first-last-frame-to-video",
        "fal-ai/veo3.1/fast/image-to-video",
        first="first_frame_url",
        last="last_frame_url",
        start="image_url",
        unit="s",
        shapes=_WIDE,
        chooses=True,
        seeded=True,
        price=0.10,
    ),
    "veo3.1": _Film(
        "fal-ai/veo3.1/first-last-frame-to-video",
        "fal-ai/veo3.1/image-to-video",
        first="first_frame_url",
        last="last_frame_url",
        start="image_url",
        unit="s",
        shapes=_WIDE,
        chooses=True,
        seeded=True,
        price=0.20,
    ),
    "kling-o3": _Film(
        "fal-ai/kling-video/o3/standard/image-to-video",
        "fal-ai/kling-video/o3/standard/image-to-video",
        first="image_url",
        last="end_image_url",
        start="image_url",
        unit="",
        shapes=(),
        chooses=False,
        seeded=False,
        price=0.084,
    ),
    "kling-v3-pro": _Film(
        "fal-ai/kling-video/v3/pro/image-to-video",
        "fal-ai/kling-video/v3/pro/image-to-video",
        first="start_image_url",
        last="end_image_url",
        start="start_image_url",
        unit="",
        shapes=(),
        chooses=False,
        seeded=False,
        price=0.112,
    ),
}
_KLEIN, _KLEIN_EDIT = "fal-ai/flux-2/klein/4b", "fal-ai/flux-2/klein/4b/edit"
_FIRST_PRICE = next(iter(_FILMS.values())).price
_FILM_COST = Cost(
    money=_FIRST_PRICE,
    factors={"model": {name: film.price / _FIRST_PRICE for name, film in _FILMS.items()}},
    lengths=_LENGTHS,
)
# By the megapixel: half a cent for a picture made from words; one cent each for what goes in and what comes out.
_KLEIN_COST = Cost(money=0.005, factors={"resolution": {"1 megapixel": 1.0, "2 megapixels": 2.0}})
_EDIT_COST = Cost(money=0.02, factors={"resolution": {"1 megapixel": 1.0, "2 megapixels": 1.5}})
_FILM_LICENCE, _KLEIN_LICENCE = (
    "fal's terms of service",
    "Apache-2.0 (FLUX.2 klein 4B), fal's terms of service",
)
_FILM_MODEL, _KLEIN_MODEL = model(*_FILMS), model("flux-2-klein-4b")
_FILM_SIZE, _KLEIN_SIZE = resolution("720p", "1080p"), resolution(*_MEGAPIXELS)

_OPERATIONS: dict[Operation, OperationCard] = {
    "transition": OperationCard(
        "fal.transition@1",
        Schema(1, (prompt("What happens on the way", BETWEEN, longest=_PROMPT), _FILM_MODEL, _FILM_SIZE)),
        {"first": (1, 1), "last": (1, 1)},
        licence=_FILM_LICENCE,
        cost=_FILM_COST,
    ),
    "animate": OperationCard(
        "fal.animate@1",
        Schema(1, (prompt("What happens", ALIVE, longest=_PROMPT), _FILM_MODEL, _FILM_SIZE)),
        {"first": (1, 1)},
        licence=_FILM_LICENCE,
        cost=_FILM_COST,
    ),
    "generate": OperationCard(
        "fal.generate@1",
        Schema(1, (prompt("What it shows", longest=_PROMPT), _KLEIN_MODEL, _KLEIN_SIZE)),
        {},
        licence=_KLEIN_LICENCE,
        cost=_KLEIN_COST,
    ),
    "vary": OperationCard(
        "fal.vary@1",
        Schema(1, (STRENGTH, prompt("What else", longest=_PROMPT), _KLEIN_MODEL, _KLEIN_SIZE)),
        {"image": (1, 1)},
        licence=_KLEIN_LICENCE,
        cost=_EDIT_COST,
    ),
    "restyle": OperationCard(
        "fal.restyle@1",
        Schema(1, (prompt("The look, in words", longest=_PROMPT, examples=LOOKS), _KLEIN_MODEL, _KLEIN_SIZE)),
        {"image": (1, 1), "style": (0, 3)},
        licence=_KLEIN_LICENCE,
        cost=_EDIT_COST,
    ),
}

FAL = Service(
    name="fal",
    title="fal",
    summary=f"Veo 3.1 and Kling between two pictures, FLUX.2 klein for pictures; by the second, prices of {SEEN}",
    module="fal_client",
    extra="fal",
    key="FAL_KEY",
    address="FORKFRAME_FAL_URL",
    homepage="https://fal.ai/dashboard",
    poll=2.0,
    usual=60.0,
    not_taken=frozenset(),  # its pages do not say that any fault is safe
    operations=_OPERATIONS,
)


class FalEngine(Hosted):
    """Asks fal."""

    service = FAL

    def connect(self, key: str, *, address: str, take_within: float, answer_within: float) -> Provider:
        """Its SDK, kept from asking twice by itself."""
        from forkframe.engines.hosted.falwire import opened

        sdk = opened(key, address=address, take_within=take_within, answer_within=answer_within)
        return _Fal(sdk, key)


class _Fal:
    """A request's id is noted as `APPLICATION/requests/ID`: it is found again under its application only."""

    def __init__(self, sdk: Client, key: str) -> None:
        self._sdk = sdk
        self._key = key

    def prepared(self, request: Recipe, context: Context) -> Body:
        if request.operation in ("transition", "animate"):
            return _film(request, context)
        pictures = pictures_of(request, context, "image", "style")
        width, height = request.frame.size
        scale = (_MEGAPIXELS[text_of(request, "resolution")] * 1e6 / (width * height)) ** 0.5
        size = {"width": _by_16(width * scale), "height": _by_16(height * scale)}
        arguments: dict[str, object] = {
            "seed": request.seed,
            "image_size": size,
            "output_format": "png",
            "num_images": 1,
        }
        if request.operation == "generate":
            return {"application": _KLEIN, "arguments": arguments | {"prompt": described(request)}}
        words = (
            varied(request, picture="this picture")
            if request.operation == "vary"
            else restyled(
                request, picture="the first picture", styles="the other pictures" if pictures[1:] else ""
            )
        )
        urls = [encoded(p, longest=max(size.values()), most=_MOST).uri for p in pictures]
        return {"application": _KLEIN_EDIT, "arguments": arguments | {"prompt": words, "image_urls": urls}}

    def submit(self, body: Body) -> str:
        application = cast("str", body["application"])
        handle = self._sdk.submit(application, cast("dict[str, object]", body["arguments"]))
        return f"{application}/requests/{handle.request_id}" if handle.request_id else ""

    def standing(self, key: str) -> Standing:
        from fal_client import Completed

        handle = self._sdk.get_handle(*_application_and_id(key))
        status = handle.status()
        if not isinstance(status, Completed):
            return Standing("running")
        if status.error:
            return Standing(
                "failed", reason=shortened(status.error), moderated=_is_moderation(status.error_type)
            )
        try:
            made = handle.get()
        except Exception as error:  # a request that failed answers with its own error in place of a result
            said = heard(error, key=self._key)
            if said is None or said.is_passing or said.status in (401, 403, 404):
                raise
            return Standing("failed", reason=said.words, moderated=_is_moderation(_kind(error)))
        return Standing("done", 1.0, _url(made))

    def cancel(self, key: str, *, within: float) -> None:
        # Its own way has no limit but that of polls, two minutes.
        handle = self._sdk.get_handle(*_application_and_id(key))
        self._sdk._client.put(handle.cancel_url, timeout=within)  # pyright: ignore[reportPrivateUsage]

    def close(self) -> None:
        self._sdk._client.close()  # pyright: ignore[reportPrivateUsage]


def _film(request: Recipe, context: Context) -> Body:
    film = _FILMS[text_of(request, "model")]
    resolution = text_of(request, "resolution")
    pictures = pictures_of(request, context, "first", "last")
    arguments: dict[str, object] = {
        "prompt": text_of(request, "prompt") or (BETWEEN if pictures[1:] else ALIVE),
        "duration": f"{_OPERATIONS[request.operation].cost.length(request):g}{film.unit}",
        "generate_audio": False,
    }
    if film.shapes:
        shape = nearest_shape(request.frame.size, film.shapes)
        pictures = [reshaped(p, shape) for p in pictures]
        arguments["aspect_ratio"] = f"{shape[0]}:{shape[1]}"
    if film.chooses:
        arguments["resolution"] = resolution
    if film.seeded:
        arguments["seed"] = request.seed
    uris = [_uri(p, resolution) for p in pictures]
    names = (film.first, film.last) if pictures[1:] else (film.start,)
    application = film.between if pictures[1:] else film.moving
    return {"application": application, "arguments": arguments | dict(zip(names, uris, strict=True))}


def _uri(picture: Pixels, resolution: str) -> str:
    return encoded(picture, longest=_SIDES[resolution], most=_MOST).uri


def _by_16(side: float) -> int:
    return max(int(side) // 16 * 16, 64)


def _application_and_id(key: str) -> tuple[str, str]:
    application, _, number = key.rpartition("/requests/")
    return application, number


def _url(made: Mapping[str, object]) -> str:
    """Where the result is: `video` or the first of `images`, each `{url}`."""
    images = made.get("images")
    file = made.get("video") or (
        cast("list[object]", images)[0] if isinstance(images, list) and images else None
    )
    return str(cast("Mapping[str, object]", file).get("url", "")) if isinstance(file, Mapping) else ""


def _is_moderation(kind: str | None) -> bool:
    return "content_policy" in (kind or "") or "moderat" in (kind or "") or "safety" in (kind or "")


def _kind(error: Exception) -> str:
    """The `type` of what fal found wrong, which it answers for machines."""
    response = getattr(error, "response", None)
    try:
        detail: object = response.json()["detail"] if response is not None else ""
    except (ValueError, KeyError, TypeError):
        return ""
    first: object = cast("list[object]", detail)[0] if isinstance(detail, list) and detail else detail
    return str(cast("Mapping[str, object]", first).get("type", "")) if isinstance(first, Mapping) else ""
