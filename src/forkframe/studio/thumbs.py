"""Small pictures of everything, made once and kept in the workspace's cache."""

from __future__ import annotations

import io
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from forkframe.errors import BadInput, NotFound, OutputFailed, WorkspaceError
from forkframe.media import read_png, thumbnail
from forkframe.model.entities import Rendering, Take
from forkframe.model.frame import Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import PixelHash, TakeId
from forkframe.studio.cells import PAGE, Cells
from forkframe.studio.desk import Desk
from forkframe.studio.edges import draw_frames

SIDES = (256, 512, 1280)
"""How long the longer side of a small picture can be."""
_CELL = 32  # pixels: 10,000 cells take 41 MB of a graphics card
_QUALITY = 85
_AT_ONCE = 1.0  # seconds of drawing before an atlas answers with what it has
_BATCH = 16
"""Pictures that are drawn between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class AtlasView:
    """Small pictures of all nodes and candidates, packed into square pages.

    Attributes:
        cell: width and height of a cell in pixels.
        page: width and height of a page in pixels.
        pages: the version of each page.
        cells: for each hash of pixels the number of its cell, counted row by row over all pages.
        pending: how many are still to be drawn; asking again draws more.
    """

    cell: tuple[int, int]
    page: int
    pages: tuple[str, ...]
    cells: Mapping[str, int]
    pending: int


class Thumbs:
    """Small pictures of what is in an open workspace. Methods may be called from any thread, and take a while."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cells: Cells | None = None
        self._drawn: dict[int, str] = {}  # page: the version that its file in the cache shows
        self._unreadable: set[str] = set()
        self._lock = threading.Lock()

    def pixels(self, pixels: str, side: int) -> Path:
        """Framed pixels as a WebP whose longer side has at most `side` pixels, one of `SIDES`.

        Raises:
            NotFound: there are no pixels with that hash.
        """
        if side not in SIDES:
            raise BadInput(
                f"there are no pictures of {side} pixels", hint=f"use {', '.join(map(str, SIDES))}"
            )
        return self._kept(
            _small(pixels, side), lambda: _webp(thumbnail(read_png(self._png(pixels)), side), method=2)
        )

    def atlas(self) -> AtlasView:
        """The atlas as it is after a second of drawing what was new in it."""
        size, wanted = self._desk.store.read(_shown)
        with self._lock:
            cells = self._opened(size)
            missing = [p for p in wanted if p not in cells and p not in self._unreadable]
            left = self._draw(cells, missing)
            return AtlasView(size, PAGE, cells.versions(), cells.numbers(wanted), left)

    def page(self, number: int) -> Path:
        """A page of the atlas, a WebP.

        Raises:
            NotFound: it has fewer.
        """
        size, _ = self._desk.store.read(_shown)
        with self._lock:
            cells = self._opened(size)
            versions = cells.versions()
            if not 0 <= number < len(versions):
                raise NotFound(f"the atlas has no page {number}", hint="ask for the atlas again")
            key = f"atlas-page/{cells.name}/{number}"
            file = self._desk.store.cache.get(key)
            if file is None or self._drawn.get(number) != versions[number]:
                file = self._keep(key, _webp(cells.page(number), method=0))
                self._drawn[number] = versions[number]
            return file

    def strip(self, take: str, *, count: int, side: int) -> Path:
        """`count` evenly spread frames of an edge's take side by side in one WebP, each `side` pixels wide.

        Raises:
            NotFound: there is no such take, or nothing to see in it.
        """
        if not (2 <= count <= 60 and 16 <= side <= 640 and count * side <= 16383):  # WebP's limit
            raise BadInput(
                f"a strip can't have {count} frames of {side} pixels", hint="use 8 frames of 160 pixels"
            )
        shown, rendering = self._desk.store.read(lambda graph: _filmed(graph, take))
        key = f"strip/{rendering.id}/{shown.first}-{shown.last}/{count}x{side}"

        def draw() -> bytes:
            length = shown.last - shown.first
            indices = [shown.first + round(length * n / (count - 1)) for n in range(count)]
            frame = rendering.recipe.frame
            height = max(round(side / frame.aspect), 1)
            once = sorted(set(indices))
            drawn = draw_frames(self._desk, rendering, once, side=max(side, height), subject=shown.owner)
            frames = {n: _sized(png, (side, height)) for n, (png, _) in zip(once, drawn, strict=True)}
            return _webp(np.hstack([frames[n] for n in indices]), method=2)

        return self._kept(key, draw)

    def _opened(self, size: tuple[int, int]) -> Cells:
        """The cells of the atlas, none if the cache lost them."""
        key = f"atlas/{size[0]}x{size[1]}"
        file = self._desk.store.cache.get(key)
        if self._cells is None or file is None or self._cells.size != size:
            self._cells = Cells(file or self._adopted(key, Cells.start), size)
            self._drawn.clear()
        return self._cells

    def _draw(self, cells: Cells, missing: Sequence[str]) -> int:
        """Draws missing cells for a while, and tells how many it left."""
        deadline = time.monotonic() + _AT_ONCE
        left = len(missing)
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
            for start in range(0, len(missing), _BATCH):
                batch = missing[start : start + _BATCH]
                drawn = list(pool.map(lambda pixels: self._cell(pixels, cells.size), batch))
                cells.append([(p, cell) for p, cell in zip(batch, drawn, strict=True) if cell is not None])
                self._unreadable |= {p for p, cell in zip(batch, drawn, strict=True) if cell is None}
                left -= len(batch)
                if time.monotonic() > deadline:
                    break
        return left

    def _cell(self, pixels: str, size: tuple[int, int]) -> NDArray[np.uint8] | None:
        """A cell, from a larger small picture if there is one: reading that takes a tenth of the time."""
        small = self._desk.store.cache.get(_small(pixels, SIDES[0]))
        try:
            found = cv2.imread(str(small or self._png(pixels)), cv2.IMREAD_COLOR_RGB)
        except NotFound:
            return None
        return (
            None if found is None else cv2.resize(found, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        )

    def _png(self, pixels: str) -> Path:
        try:
            return self._desk.store.blobs.pixels(PixelHash(pixels))
        except WorkspaceError as error:
            raise NotFound(f"there is no picture {pixels}") from error

    def _kept(self, key: str, make: Callable[[], bytes]) -> Path:
        return self._desk.store.cache.get(key) or self._keep(key, make())

    def _keep(self, key: str, content: bytes) -> Path:
        return self._adopted(key, lambda file: file.write_bytes(content))

    def _adopted(self, key: str, write: Callable[[Path], object]) -> Path:
        folder = self._desk.store.blobs.scratch()
        try:
            write(folder / "new")
            return self._desk.store.cache.adopt(folder / "new", key)
        except OSError as error:
            raise OutputFailed(
                f"could not write {folder}: {error.strerror}", hint="make space on the disk"
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _small(pixels: str, side: int) -> str:
    return f"pixels/{pixels}/{side}"


def _shown(graph: Graph) -> tuple[tuple[int, int], list[str]]:
    """The size of a cell, and the hashes of what nodes and candidates show."""
    height = round(_CELL / (graph.settings.frame or Frame()).aspect)
    candidates = (graph.renderings[c.rendering].pixels for c in graph.candidates.values())
    hashes = dict.fromkeys([*(node.framed for node in graph.nodes.values()), *candidates])
    return (_CELL, min(max(height, 4), 4 * _CELL)), [pixels for pixels in hashes if pixels]


def _filmed(graph: Graph, key: str) -> tuple[Take, Rendering]:
    take = graph.takes.get(TakeId(key))
    rendering = graph.renderings[take.rendering] if take and take.rendering else None
    if take is None or rendering is None or rendering.frames < 2:
        raise NotFound(f"there is no film in take {key}", hint="name a finished take of an edge")
    return take, rendering


def _sized(png: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        return np.asarray(image.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def _webp(pixels: NDArray[np.uint8], *, method: int) -> bytes:
    """`(H, W, 3)` uint8 sRGB as a WebP; a higher `method` (0–6) makes it slower and smaller."""
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, "WEBP", quality=_QUALITY, method=method)
        return file.getvalue()
