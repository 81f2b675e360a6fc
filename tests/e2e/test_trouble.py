"""Odd pictures, too many pictures, and browsers that can't do what others can: it looks right or says why not."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser

from tests.e2e.conftest import FLAGS, Place
from tests.e2e.tab import PATIENCE, Point, Tab
from tests.pictures import PHOTOGRAPHS

OpenTab = Callable[..., Tab]
MIDDLE: Point = (640, 420)
RED, GREEN, BLUE = (200, 30, 30), (30, 160, 30), (30, 30, 200)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a picture's file."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def quarters(width: int, height: int) -> Image.Image:
    """Red above green, each the whole width."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (0, height // 2, width, height))
    return image


def bring(tab: Tab, *files: tuple[str, str, bytes], at: Point = MIDDLE) -> None:
    """Drops files, with the types that a browser would give them, on the canvas."""
    tab.ask(
        """([files, x, y]) => {
          const transfer = new DataTransfer();
          for (const [name, type, text] of files) {
            transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type }));
          }
          const init = { bubbles: true, cancelable: true, clientX: x, clientY: y, dataTransfer: transfer };
          document.getElementById("field").dispatchEvent(new DragEvent("drop", init));
        }""",
        [[[name, kind, base64.b64encode(content).decode()] for name, kind, content in files], *at],
    )


def shown(tab: Tab, node: str) -> NDArray[np.uint8]:
    """What a node looks like, without its border."""
    tab.drawn()
    return tab.pixels_of(node)[10:-10, 10:-10]


def is_coloured(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    """Whether pixels have a colour, more or less."""
    return bool(np.abs(pixels.reshape(-1, 3).mean(axis=0) - colour).max() < 30)


def test_a_picture_of_one_pixel_is_a_plain_card(open_tab: OpenTab, place: Place) -> None:
    place.add("cat")
    tab = open_tab()
    bring(tab, ("dot.png", "image/png", encoded(Image.new("RGB", (1, 1), RED), "PNG")), at=(1000, 420))
    *_, node = tab.wait_for_rows("nodes", 2)
    assert is_coloured(shown(tab, node["id"]), RED)


def test_a_very_wide_picture_is_cut_to_the_frame(open_tab: OpenTab, place: Place) -> None:
    place.add("cat")
    tab = open_tab()
    panorama = Image.new("RGB", (12_000, 800), RED)
    panorama.paste(BLUE, (4_000, 0, 8_000, 800))
    bring(tab, ("panorama.jpg", "image/jpeg", encoded(panorama, "JPEG")), at=(1000, 420))
    *_, node = tab.wait_for_rows("nodes", 2)
    assert node["size"] == [12_000, 800]
    assert is_coloured(shown(tab, node["id"]), BLUE)


def test_a_portrait_stands_upright_as_its_camera_says(open_tab: OpenTab, place: Place) -> None:
    place.add("cat")
    tab = open_tab()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90° clockwise for showing
    lying = quarters(600, 800).rotate(90, expand=True)
    bring(tab, ("portrait.jpg", "image/jpeg", encoded(lying, "JPEG", exif=exif)), at=(1000, 420))
    *_, node = tab.wait_for_rows("nodes", 2)
    assert node["size"] == [600, 800]
    pixels = shown(tab, node["id"])
    assert is_coloured(pixels[: len(pixels) // 3], RED)
    assert is_coloured(pixels[-len(pixels) // 3 :], GREEN)


def test_what_is_see_through_shows_the_workspaces_background(open_tab: OpenTab, place: Place) -> None:
    place.add("cat")
    tab = open_tab()
    image = Image.new("RGBA", (320, 192), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 96, 320, 192))
    bring(tab, ("glass.png", "image/png", encoded(image, "PNG")), at=(1000, 420))
    *_, node = tab.wait_for_rows("nodes", 2)
    pixels = shown(tab, node["id"])
    background = place.studio.snapshot().rows
    colour = next(row.background for row in background if hasattr(row, "background"))
    assert is_coloured(pixels[: len(pixels) // 3], colour)
    assert is_coloured(pixels[-len(pixels) // 3 :], RED)


def test_of_a_moving_picture_the_first_moment_comes_in(open_tab: OpenTab, place: Place) -> None:
    place.add("cat")
    tab = open_tab()
    frames = [Image.new("RGB", (320, 192), colour) for colour in (RED, GREEN, BLUE)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40, loop=0)
    bring(tab, ("dance.gif", "image/gif", moving), at=(1000, 420))
    *_, node = tab.wait_for_rows("nodes", 2)
    assert is_coloured(shown(tab, node["id"]), RED)


def test_a_torn_picture_ends_in_one_message_that_names_it(open_tab: OpenTab, place: Place) -> None:
    tab = open_tab()
    whole = (PHOTOGRAPHS / "cat.jpg").read_bytes()
    bring(tab, ("torn.jpg", "image/jpeg", whole[: len(whole) // 3]))
    tab.page.get_by_role("alert").wait_for()
    (toast,) = tab.ui()["toasts"]
    assert toast.startswith("torn.jpg is damaged or cut off")
    assert toast.count("torn") == 1
    tab.forgive("status of 4")
    tab.wait("() => window.forkframe.app.arrivals().every((one) => one.failure)")
    assert place.studio.show().nodes == ()


def test_forty_megabytes_of_noise_end_in_one_message(open_tab: OpenTab, place: Place) -> None:
    tab = open_tab()
    tab.ask(
        """() => {
          const noise = new Uint8Array(40 << 20);
          for (let at = 0; at < noise.length; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
          noise.set([0xff, 0xd8, 0xff, 0xe0]);
          void window.forkframe.app.actions.bring([new File([noise], "noise.jpg", { type: "image/jpeg" })], null);
        }"""
    )
    tab.wait("() => window.forkframe.app.arrivals().length === 1")
    tab.page.get_by_role("alert").wait_for()
    (toast,) = tab.ui()["toasts"]
    assert toast.startswith("noise.jpg is damaged or cut off")
    assert toast.count("noise") == 1
    tab.forgive("status of 4")
    assert place.studio.show().nodes == ()


def test_fifty_pictures_at_once_lie_in_a_tidy_grid_and_go_with_one_undo(
    open_tab: OpenTab, place: Place
) -> None:
    tab = open_tab()
    rng = np.random.default_rng(1)
    files = [
        (f"{number:02}.png", "image/png", encoded(Image.new("RGB", (160, 96), tuple(colour)), "PNG"))
        for number, colour in enumerate(rng.integers(30, 220, (50, 3)).tolist())
    ]
    tab.ask(
        """() => {
          const { app } = window.forkframe;
          window.most = 0;
          window.shares = new Set();
          app.subscribe(() => {
            window.most = Math.max(window.most, app.arrivals().length);
            for (const { share } of app.arrivals()) window.shares.add(share);
          });
        }"""
    )
    bring(tab, *files)
    assert tab.ask("() => window.most") == 50  # at once: in the same turn as the drop
    tab.page.wait_for_function("() => window.forkframe.app.doc.nodes.size === 50", timeout=PATIENCE)
    tab.wait("() => window.forkframe.app.arrivals().length === 0")
    assert tab.ask("() => [...window.shares].some((share) => share > 0)")
    nodes = tab.rows("nodes")
    columns, lines = ({row[axis] for row in nodes} for axis in ("x", "y"))
    assert len({(row["x"], row["y"]) for row in nodes}) == 50
    assert len(columns) * len(lines) < 50 + len(columns)
    wide, high = min(np.diff(sorted(columns))), min(np.diff(sorted(lines)))
    assert wide > 240
    assert high > 240 * 96 / 160
    in_order = sorted(nodes, key=lambda row: (row["y"], row["x"]))
    assert [row["label"] for row in in_order] == [f"{number:02}" for number in range(50)]
    assert tab.ui()["toasts"] == []
    tab.key("Control+z")
    tab.wait_for_rows("nodes", 0)
    assert place.studio.show().nodes == ()


def test_without_webgl_nodes_and_edges_are_drawn_all_the_same_and_a_line_says_so(
    browser: Browser, place: Place
) -> None:
    a, b = place.add("cat", "coffee", gap=400)
    edge = place.connect(a, b)
    flags = [flag for flag in FLAGS if "angle" not in flag and "swiftshader" not in flag]
    plain = browser.browser_type.launch(
        executable_path=_chromium(), args=[*flags, "--disable-gpu", "--disable-3d-apis"], timeout=PATIENCE
    )
    tab = Tab.open(plain, place.address)
    assert tab.ask("() => document.createElement('canvas').getContext('webgl2')") is None
    tab.page.get_by_text("no WebGL").wait_for()
    assert tab.ask("() => window.forkframe.canvas.stats().renderer") == "canvas2d"
    looks_right(place, tab, a, b, edge)
    tab.move(tab.edge_at(edge))
    tab.wait("edge => window.forkframe.canvas.debug().playing === edge", edge)
    tab.faults.clear()  # Chromium says itself that there is no WebGL
    tab.close()
    plain.close()


def test_a_lost_graphics_context_comes_back_with_all_that_was_drawn(place: Place, open_tab: OpenTab) -> None:
    a, b = place.add("cat", "coffee", gap=400)
    edge = place.connect(a, b)
    tab = open_tab()
    assert tab.ask("() => window.forkframe.canvas.stats().renderer") == "webgl2"
    looks_right(place, tab, a, b, edge)
    tab.ask(
        """() => new Promise((done) => {
          const canvas = document.querySelector(".field-canvas");
          window.lost = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
          canvas.addEventListener("webglcontextlost", () => done());
          window.lost.loseContext();
        })"""
    )
    x, y = tab.middle(a)
    tab.drag((x, y), (x, y + 40))  # it can be worked with meanwhile, blindly
    tab.wait("key => window.forkframe.app.doc.nodes.get(key).y > 30", a)
    tab.ask(
        """() => new Promise((done) => {
          document.querySelector(".field-canvas").addEventListener("webglcontextrestored", () => done());
          window.lost.restoreContext();
        })"""
    )
    tab.key("Escape")
    looks_right(place, tab, a, b, edge)
    assert tab.ask("() => window.forkframe.canvas.stats().renderer") == "webgl2"


def looks_right(place: Place, tab: Tab, a: str, b: str, edge: str) -> None:
    """Both pictures stand where they should, and between them is a line with a tile on it."""
    tab.move((640, 700))
    tab.wait("edge => window.forkframe.canvas.debug().tileBox(edge)", edge)
    for node in (a, b):
        pixels = shown(tab, node)
        row = next(row for row in tab.rows("nodes") if row["id"] == node)
        path = place.studio.pixels_path(row["framed"])
        assert path
        with Image.open(path) as framed:
            wanted = framed.convert("RGB").resize((pixels.shape[1] + 20, pixels.shape[0] + 20))
        difference = np.abs(pixels.astype(int) - np.asarray(wanted)[10:-10, 10:-10])
        assert difference.mean() < 8
    screen = tab.screen().astype(int)
    ground = screen[700, 500]
    box = tab.box(edge)
    x, y = round(box["x"]), round(box["y"] + box["height"] / 2)
    tile = screen[y - 12 : y + 12, x + 8 : x + round(box["width"]) - 8]
    assert tile.std() > 10
    left = tab.box(a)
    gap = screen[:, round((left["x"] + left["width"] + x) / 2)]
    top = round(min(left["y"], box["y"]))
    line = np.abs(gap[top : top + 200] - ground).max(axis=1) > 25
    assert 1 <= line.sum() <= 8


def _chromium() -> str:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
