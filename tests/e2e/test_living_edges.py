"""Living edges: what a browser draws of a transition is what the engine draws."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page
from skimage.color import deltaE_ciede2000

from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import Field
from forkframe.engines.builtin.transition import Palette, Style, prepare
from forkframe.media.fitting import fit_picture
from forkframe.model.frame import Crop
from tests.e2e.tab import PATIENCE
from tests.pictures import PHOTOGRAPHS

FRONTEND = Path(__file__).parents[2] / "frontend"
MOMENTS = (0.1, 0.3, 0.5, 0.7, 0.9)
MEAN, NEARLY_ALL = 2.0, 8.0
"""What ΔE (CIE 1976) may be on average, and at the 99th percentile."""

Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Pair:
    """Two photographs of the demo and what kind of field they are to have."""

    first: str
    last: str
    palette: Palette = "auto"
    style: Style = "auto"
    size: tuple[int, int] = (640, 360)
    timed: bool = True
    coloured: bool = False

    @property
    def name(self) -> str:
        return f"{self.first}-{self.last}-{self.size[0]}-{self.palette}" + (
            f"-{self.style}" if self.style != "auto" else ""
        )

    def pictures(self) -> tuple[Frame, Frame]:
        return _framed(self.first, self.size), _framed(self.last, self.size)


PAIRS = [
    Pair("cat", "coffee", coloured=True),
    Pair("coffee", "galaxies", palette="on", coloured=True),
    Pair("astronaut", "rocket"),
    Pair("galaxies", "retina"),
    Pair("retina", "cat", size=(403, 301), palette="off"),  # odd sides: no level of the pyramid halves evenly
    Pair("rocket", "rocket, nearer", timed=False),
    Pair("astronaut", "astronaut, far nearer", timed=False),  # the first picture saw more than the last
    Pair("astronaut", "cat", style="sand", palette="off"),
    Pair("rocket", "coffee", style="sand", palette="on", size=(403, 301), coloured=True),
]
SAND = PAIRS[-2]
IDS = [pair.name for pair in PAIRS]


def _framed(name: str, size: tuple[int, int]) -> Frame:
    file, _, nearer = name.partition(", ")
    with Image.open(PHOTOGRAPHS / f"{file}.jpg") as image:
        picture = fit_picture(np.asarray(image.convert("RGB")), Crop(), size=size)
    if nearer:
        height, width = picture.shape[:2]
        share = {"nearer": 40, "far nearer": 6}[nearer]
        picture = picture[height // share : -height // share, width // share : -width // share]
        picture = fit_picture(picture, Crop(), size=size)
    return picture


@dataclass(frozen=True)
class Site:
    """The served page, and what lies beside it."""

    address: str
    fields: dict[str, Field]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("page")
    vite = FRONTEND / "node_modules/.bin/vite"
    if not vite.exists():
        pytest.fail("these tests need the frontend's packages: cd frontend && npm ci", pytrace=False)
    command = [
        str(vite),
        "build",
        "-c",
        "vite.harness.config.ts",
        "--outDir",
        str(root),
        "--logLevel",
        "warn",
    ]
    # Where there was no Node, it was installed beside Python.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    subprocess.run(command, cwd=FRONTEND, env=os.environ | {"PATH": path}, check=True)
    shutil.copy(Path(__file__).parent / "morph_page/index.html", root)
    fields = {}
    for pair in PAIRS:
        pictures = pair.pictures()
        fields[pair.name] = prepare(*pictures, seed=1, palette=pair.palette, style=pair.style)
        for end, picture in zip(("first", "last"), pictures, strict=True):
            Image.fromarray(picture).save(root / f"{pair.name}-{end}.png", compress_level=1)
        (root / f"{pair.name}.field").write_bytes(fields[pair.name].to_bytes())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root))) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield Site(f"http://127.0.0.1:{server.server_port}", fields)
        server.shutdown()
        serving.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class says so
        pass


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.address)
    page.evaluate("() => { window.stage = openStage(true); window.plain = openStage(false); }")
    yield page
    page.close()
    # Each readPixels waits for the GPU, and Chromium says so.
    assert [complaint for complaint in complaints if "GPU stall due to ReadPixels" not in complaint] == []


def _prepared(page: Page, pair: Pair, stage: str = "stage", size: tuple[int, int] | None = None) -> None:
    width, height = size or pair.size
    page.evaluate(
        "([stage, name, size]) => window[stage].prepare(name, size)",
        [stage, pair.name, {"width": width, "height": height}],
    )


def _moment(
    page: Page,
    pair: Pair,
    t: float,
    *,
    how: str = "drawn",
    stage: str = "stage",
    size: tuple[int, int] | None = None,
) -> Frame:
    """`(H, W, 3)` as the browser shows it."""
    data = page.evaluate("([stage, how, name, t]) => window[stage][how](name, t)", [stage, how, pair.name, t])
    assert page.evaluate("stage => window[stage].error()", stage) == 0
    pixels = _unpacked(data, size or pair.size)
    assert (pixels[..., 3] == 255).all()
    return pixels[:: -1 if how == "drawn" else 1, :, :3]


def _unpacked(data: str, size: tuple[int, int]) -> Frame:
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(size[1], size[0], 4)


def _difference(one: Frame, other: Frame) -> NDArray[np.float32]:
    """ΔE (CIE 1976) of every pixel."""
    gap = to_lab(np.ascontiguousarray(one)) - to_lab(np.ascontiguousarray(other))
    return 100 * np.sqrt((gap**2).sum(axis=-1))


def _difference_2000(one: Frame, other: Frame) -> NDArray[np.float64]:
    """ΔE (CIE 2000) of every fifth pixel each way."""
    return deltaE_ciede2000(*(100 * to_lab(np.ascontiguousarray(image[::5, ::5])) for image in (one, other)))


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_a_moment_in_the_browser_is_the_moment_of_the_engine(page: Page, site: Site, pair: Pair) -> None:
    field = site.fields[pair.name]
    assert (field.tau is not None, field.palettes is not None) == (pair.timed, pair.coloured)
    drawer = Drawer(*pair.pictures(), field)
    _prepared(page, pair)
    for t in MOMENTS:
        expected, shown = drawer.frame(t), _moment(page, pair, t)
        gap, gap_2000 = _difference(expected, shown), _difference_2000(expected, shown)
        print(
            f"{pair.name:34} t {t}  ΔE76 mean {gap.mean():.3f} p99 {np.percentile(gap, 99):.2f} max {gap.max():5.1f}"
            f"   ΔE2000 mean {gap_2000.mean():.3f} p99 {np.percentile(gap_2000, 99):.2f}"
        )
        assert expected.std() > 5
        assert gap.mean() <= MEAN
        assert np.percentile(gap, 99) <= NEARLY_ALL


def test_the_ends_are_the_pictures_themselves(page: Page) -> None:
    for pair in PAIRS:
        _prepared(page, pair)
        for t, picture in zip((0, 1), pair.pictures(), strict=True):
            np.testing.assert_array_equal(_moment(page, pair, t), picture)


def test_the_texture_of_a_moment_has_the_top_of_the_picture_in_its_first_row(page: Page) -> None:
    _prepared(page, PAIRS[0])
    for t in (0, 0.4, 1):
        np.testing.assert_array_equal(_moment(page, PAIRS[0], t, how="rendered"), _moment(page, PAIRS[0], t))


def test_pictures_of_another_size_are_averaged(page: Page, site: Site) -> None:
    pair, size = PAIRS[2], (320, 180)
    _prepared(page, pair, size=size)
    halved = [
        np.rint(p.reshape(180, 2, 320, 2, 3).mean(axis=(1, 3))).astype(np.uint8) for p in pair.pictures()
    ]
    drawer = Drawer(halved[0], halved[1], site.fields[pair.name])
    for t in (0, 0.25, 0.5, 0.75, 1):
        gap = _difference(drawer.frame(t), _moment(page, pair, t, size=size))
        assert gap.mean() <= MEAN
        assert np.percentile(gap, 99) <= NEARLY_ALL


@pytest.mark.parametrize("pair", [PAIRS[0], PAIRS[-3], SAND], ids=[IDS[0], IDS[-3], IDS[-2]])
def test_a_browser_that_cannot_draw_to_floats_draws_the_same(page: Page, site: Site, pair: Pair) -> None:
    _prepared(page, pair, "plain")
    gap = _difference(
        Drawer(*pair.pictures(), site.fields[pair.name]).frame(0.5), _moment(page, pair, 0.5, stage="plain")
    )
    assert gap.mean() <= MEAN
    assert np.percentile(gap, 99) <= NEARLY_ALL


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_without_webgl_a_moment_is_much_nearer_to_the_engines_than_a_cross_fade(
    page: Page, site: Site, pair: Pair
) -> None:
    size = (192, round(192 * pair.size[1] / pair.size[0]))
    first, last = (fit_picture(picture, Crop(), size=size) for picture in pair.pictures())
    drawer = Drawer(first, last, site.fields[pair.name])
    answer = page.evaluate(
        "([name, size, moments]) => without(name, size, moments)",
        [pair.name, {"width": size[0], "height": size[1]}, [0, *MOMENTS, 1]],
    )
    start, *frames, end = (_unpacked(data, size)[..., :3] for data in answer["frames"])
    ours, fades = [], []
    for t, frame in zip(MOMENTS, frames, strict=True):
        expected = drawer.frame(t)
        fade = np.rint(first * (1 - t) + last * t).astype(np.uint8)
        ours.append(_difference(expected, frame).mean())
        fades.append(_difference(expected, fade).mean())
    print(
        f"{pair.name:34} ΔE76 mean {np.mean(ours):.2f}, of a cross-fade {np.mean(fades):.2f}; {answer['ms']:.0f} ms"
    )
    assert np.mean(ours) < 0.6 * np.mean(fades)
    assert max(_difference(first, start).mean(), _difference(last, end).mean()) < 2  # two ways of shrinking


def test_drawing_depends_on_no_state_and_leaves_what_it_promises(page: Page) -> None:
    for pair in (PAIRS[0], PAIRS[-3], SAND):
        _prepared(page, pair)
        undisturbed = _moment(page, pair, 0.5)
        page.evaluate("stage.disturb()")
        _prepared(page, pair)
        assert page.evaluate("stage.disorder()") == []
        page.evaluate("stage.disturb()")
        np.testing.assert_array_equal(_moment(page, pair, 0.5), undisturbed)
        assert page.evaluate("stage.disorder()") == ["PIXEL_UNPACK_BUFFER_BINDING"]  # drawing uploads nothing


def test_a_lost_context_is_survived(page: Page) -> None:
    pair = PAIRS[0]
    page.evaluate("window.fragile = openStage(true)")
    _prepared(page, pair, "fragile")
    before = _moment(page, pair, 0.5, stage="fragile")
    page.evaluate("name => fragile.loseAndRestore(name, 0.3)", pair.name)
    np.testing.assert_array_equal(_moment(page, pair, 0.5, stage="fragile"), before)


def test_a_disposed_edge_leaves_nothing_and_its_neighbours_alone(page: Page) -> None:
    one, other = PAIRS[0], PAIRS[2]
    for pair in (one, other):
        _prepared(page, pair)
    before = _moment(page, other, 0.5)
    assert page.evaluate("name => stage.outlives(name)", one.name) is False
    _moment(page, other, 0.2)
    np.testing.assert_array_equal(_moment(page, other, 0.5), before)


def test_drawing_takes_few_calls(page: Page) -> None:
    for pair in (PAIRS[0], PAIRS[2], PAIRS[-3], SAND):
        for size in ((512, 288), (256, 144)):
            _prepared(page, pair, size=size)
            cost = page.evaluate("name => stage.timed(name, 6)", pair.name)
            print(
                f"{pair.name:34} {size[0]}×{size[1]}: {cost['ms']:.1f} ms, {cost['drawCalls']:.0f} draw calls"
            )
            assert cost["drawCalls"] <= (19 if pair is SAND else 15)
