"""Builds `docs/try`, the page that shows the canvas with nothing installed: `python -m docs.make_try`.

Six photographs, the fields between all thirty ordered pairs of them, and a first workspace; the same sources give the
same bytes.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from forkframe.demo.story import PHOTOGRAPHS
from forkframe.engines.builtin.transition import prepare
from forkframe.media.fitting import fit_picture
from forkframe.media.focus import salient_focus
from forkframe.model.frame import Crop

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "try"
_PLACES = {
    "astronaut": (0, 0),
    "cat": (540, -56),
    "retina": (1080, 0),
    "galaxies": (1080, 420),
    "rocket": (540, 476),
    "coffee": (0, 420),
}
"""Where the photographs lie at first, in canvas units; the page turns them for an upright screen."""
_EDGES = [("astronaut", "cat"), ("cat", "retina"), ("retina", "galaxies"), ("galaxies", "rocket")]
"""The threads that are there at first; the others are left to the visitor."""
_FRAME, _FIELD, _SMALL = (960, 540), (256, 144), (256, 144)
"""Width and height in pixels of the photographs, of the copies that fields are made from, and of the small copies."""
_FPS, _FRAMES = 24, 73
_WEIGHT, _SCRIPT = 3_000_000, 80_000
"""Bytes that everything may weigh, and the scripts when gzipped."""

Pixels = NDArray[np.uint8]


def main() -> None:
    """Builds the page, writes what it shows, and says what everything weighs."""
    _build_page()
    data = OUT / "data"
    data.mkdir(exist_ok=True)
    pictures = {name: _framed(name) for name in _PLACES}
    for name, picture in pictures.items():
        _save(picture, data / f"{name}.webp", quality=80)
        _save(_small(picture, _SMALL), data / f"{name}-small.webp", quality=78)
    copies = {name: _small(picture, _FIELD) for name, picture in pictures.items()}
    for a, b in permutations(_PLACES, 2):
        (data / f"{a}-{b}.field").write_bytes(prepare(copies[a], copies[b], seed=0).to_bytes())
        print(f"\r{a} to {b}".ljust(40), end="", flush=True)
    (data / "workspace.json").write_text(json.dumps(_workspace(), indent=1) + "\n")
    _weigh()


def _build_page() -> None:
    """Runs Vite, which empties the folder first."""
    sys.path.insert(0, str(ROOT / "frontend"))
    import build  # pyright: ignore[reportMissingImports] - frontend/build.py, which finds a Node

    path = build._path_with_node()
    if not (build.FRONTEND / "node_modules" / ".bin" / "vite").exists():
        build._run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", path=path)
    vite = [
        "node",
        "node_modules/vite/bin/vite.js",
        "build",
        "-c",
        "vite.try.config.ts",
        "--logLevel",
        "warn",
    ]
    subprocess.run(vite, cwd=build.FRONTEND, env={**os.environ, "PATH": path}, check=True)


def _framed(name: str) -> Pixels:
    with Image.open(PHOTOGRAPHS / f"{name}.jpg") as image:
        pixels = np.asarray(image.convert("RGB"))
    return fit_picture(pixels, Crop(focus=salient_focus(pixels, _FRAME[0] / _FRAME[1])), size=_FRAME)


def _small(picture: Pixels, size: tuple[int, int]) -> Pixels:
    return np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _save(picture: Pixels, path: Path, *, quality: int) -> None:
    Image.fromarray(picture).save(path, quality=quality, method=6)


def _workspace() -> dict[str, list[dict[str, object]]]:
    """Rows as the studio sends them; a picture's hash is its name, a field's the names of its ends."""
    frame = {"width": _FRAME[0], "height": _FRAME[1], "fps": str(_FPS)}
    nodes = [
        {
            "id": f"n-{name}",
            "picture": name,
            "size": list(_FRAME),
            "framed": name,
            "x": x,
            "y": y,
            "crop": {"fit": "cover", "focus": [0.5, 0.5], "zoom": 1},
            "label": name,
            "rating": 0,
            "active": None,
            "cut": None,
            "was": [],
        }
        for name, (x, y) in _PLACES.items()
    ]
    edges = [{"source": f"n-{a}", "target": f"n-{b}"} for a, b in _EDGES]
    background = [16, 17, 20]
    settings = {"id": "workspace", "frame": frame, "fps": str(_FPS), "background": background}
    return {"settings": [settings], "nodes": nodes, "edges": edges}


def _weigh() -> None:
    """Says what the page weighs.

    Raises:
        SystemExit: it is too heavy for a first look.
    """
    sizes = {path: path.stat().st_size for path in sorted(OUT.rglob("*")) if path.is_file()}
    scripts = sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in sizes if path.suffix == ".js")
    fields = sum(size for path, size in sizes.items() if path.suffix == ".field")
    pictures = sum(size for path, size in sizes.items() if path.suffix == ".webp")
    whole = sum(sizes.values())
    print(
        f"\rscripts {scripts >> 10} KB gzipped, fields {fields >> 10} KB, pictures {pictures >> 10} KB, ",
        end="",
    )
    print(f"all {whole >> 10} KB in {len(sizes)} files")
    if whole > _WEIGHT or scripts > _SCRIPT:
        raise SystemExit(f"docs/try is too heavy: at most {_WEIGHT} bytes, and {_SCRIPT} of gzipped scripts")


if __name__ == "__main__":
    main()
