"""What goes to a provider and what it says, in small: shapes and sizes of pictures, places in a clip, words and waits."""

from __future__ import annotations

import base64
import email.utils
import io
import itertools
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from forkframe.engines.hosted import FalEngine, LumaEngine, RunwayEngine
from forkframe.engines.hosted.asking import SEEN
from forkframe.engines.hosted.luma import indexes
from forkframe.engines.hosted.pictures import encoded, nearest_shape, reshaped
from forkframe.engines.hosted.words import DROPPED, LATE, NOBODY, heard
from forkframe.params import Choice
from tests.pictures import photograph

SHAPES = ((1280, 720), (720, 1280), (960, 960), (1584, 672))


@given(st.tuples(st.integers(4, 90), st.integers(4, 90)), st.sampled_from(SHAPES))
def test_a_picture_stands_whole_in_the_middle_of_the_shape_that_a_provider_makes(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    rows, columns = size
    picture = np.random.default_rng(rows * columns).integers(0, 256, (rows, columns, 3), np.uint8)
    canvas = reshaped(picture, shape)
    height, width = canvas.shape[:2]
    assert abs(width * shape[1] - height * shape[0]) <= max(shape)  # within a pixel
    top, left = (height - rows) // 2, (width - columns) // 2
    assert np.array_equal(canvas[top : top + rows, left : left + columns], picture)


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1920, 1080), (1280, 720)),
        ((960, 1280), (960, 960)),
        ((736, 1280), (720, 1280)),
        ((2048, 896), (1584, 672)),
    ],
)
def test_a_frame_is_asked_for_in_the_shape_that_is_nearest(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    assert nearest_shape(size, SHAPES) == shape


def test_a_picture_goes_without_loss_where_it_is_small_enough() -> None:
    picture = photograph("cat", (320, 192))
    sent = encoded(picture, longest=1280, most=1_000_000)
    assert sent.media == "image/png"
    assert np.array_equal(opened(sent.text), picture)


def test_a_picture_that_is_too_large_is_scaled_to_what_the_provider_makes_anyway() -> None:
    sent = encoded(photograph("cat", (2048, 1152)), longest=1280, most=10_000_000)
    assert opened(sent.text).shape == (720, 1280, 3)


@pytest.mark.parametrize("most", [2_000_000, 300_000, 40_000])
def test_even_noise_comes_below_the_limit_of_an_upload(most: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    sent = encoded(noise, longest=1280, most=most)
    assert sent.uri.startswith("data:image/jpeg;base64,")
    assert len(sent.text) <= most
    assert opened(sent.text).shape[1] >= 100


@given(
    st.lists(st.floats(0, 1, exclude_min=True), max_size=62).map(sorted),
    st.sampled_from([120, 240]),
)
def test_pictures_on_the_way_are_pinned_at_different_moments_in_order_and_as_near_as_can_be(
    places: list[float], last: int
) -> None:
    pinned = indexes(places, last=last)
    assert (pinned[0], pinned[-1], len(pinned)) == (0, last, len(places) + 2)
    assert all(a < b for a, b in itertools.pairwise(pinned))
    far_apart = all(b - a > 1 / last * 1.01 for a, b in zip([0, *places], [*places, 1], strict=True))
    if far_apart:
        assert all(abs(n - place * last) <= 1 for n, place in zip(pinned[1:-1], places, strict=True))


def test_a_wait_is_read_as_seconds_or_as_a_date() -> None:
    def wait(text: str) -> float | None:
        request = httpx.Request("POST", "https://example.com")
        response = httpx.Response(
            429, headers={"Retry-After": text} if text else {}, json={}, request=request
        )
        said = heard(httpx.HTTPStatusError("so sorry", request=request, response=response), key="")
        assert said is not None
        return said.wait

    assert (wait("2.5"), wait(""), wait("soon")) == (2.5, None, None)
    later = wait(email.utils.formatdate(time.time() + 60, usegmt=True))
    assert later is not None
    assert 50 < later <= 60


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"error": "no such ratio"}, "no such ratio"),
        ({"detail": "Unknown  model\n x"}, "Unknown model x"),
        (
            {"detail": [{"loc": ["body"], "msg": "too long", "type": "t"}, {"msg": "too wide"}]},
            "too long; too wide",
        ),
        ({"error": {"message": "deep"}}, "deep"),
        ({"detail": "your key canary is wrong"}, "your key … is wrong"),
        ({"detail": "x" * 1000}, "x" * 299 + "…"),
        (["odd"], "odd"),
        (17, ""),
    ],
)
def test_a_providers_words_are_one_line_without_the_key(said: object, words: str) -> None:
    request = httpx.Request("POST", "https://example.com")
    response = httpx.Response(400, json=said, request=request)
    found = heard(httpx.HTTPStatusError("so sorry", request=request, response=response), key="canary")
    assert found is not None
    assert found.words == words


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (httpx.ConnectError("no"), NOBODY),
        (httpx.ConnectTimeout("no"), NOBODY),
        (httpx.UnsupportedProtocol("no"), NOBODY),
        (httpx.ReadTimeout("no"), LATE),
        (httpx.ReadError("no"), DROPPED),
        (httpx.RemoteProtocolError("no"), DROPPED),
    ],
)
def test_what_came_of_a_connection_is_told_apart_also_below_an_sdks_own_error(
    error: httpx.TransportError, status: int
) -> None:
    class OfAnSdk(Exception):
        pass

    outer = OfAnSdk()
    outer.__cause__ = error
    for raised in (error, outer):
        found = heard(raised, key="")
        assert found is not None
        assert found.status == status
    assert heard(OfAnSdk(), key="") is None


def opened(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


def test_the_page_shows_the_prices_lengths_and_names_of_the_cards() -> None:
    page = (Path(__file__).parents[3] / "docs/engines-hosted.md").read_text()
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in page.splitlines()
        if line.startswith("| `")
    ]
    setup = {row[0]: row for row in rows if "pip install" in row[1]}
    prices = [row for row in rows if "pip install" not in row[1]]
    shown = {
        (row[0].strip("`"), operation, row[2].strip("`")): row[3]
        for row in prices
        for operation in row[1].split(", ")
    }
    found: set[tuple[str, str, str]] = set()
    for engine in (RunwayEngine(), LumaEngine(), FalEngine()):
        service = engine.service
        assert setup[f"`{service.name}`"] == [
            f"`{service.name}`",
            f"`pip install 'forkframe[{service.extra}]'`",
            f"<{service.homepage}>",
            f"`{service.key}`",
        ]
        assert service.address in page
        assert SEEN in page
        for operation, card in service.operations.items():
            (models,) = [
                p.options for p in card.schema.parameters if isinstance(p, Choice) and p.name == "model"
            ]
            for model in models:
                unit = 5 if service.name == "luma" and card.cost.lengths else 1
                price = card.cost.money * card.cost.factors.get("model", {}).get(model, 1.0) * unit
                key = (service.name, operation, model)
                assert float(shown[key].split()[0].rstrip(",")) == pytest.approx(price), key
                found.add(key)
    assert found == set(shown)
