"""Makes `docs/gallery.md` and its sheets: what the built-in engine can do, drawn now. `python -m docs.make_gallery`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.pictures import DRAWINGS, drawing, photograph
from forkframe.engines.builtin.animate import MOVES, arrive, camera_field
from forkframe.engines.builtin.catalogue import looks_by_family
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.mix import mix
from forkframe.engines.builtin.restyle import restyle_by_prompt, restyle_like
from forkframe.engines.builtin.transition import prepare
from forkframe.engines.builtin.vary import vary

Picture = NDArray[np.uint8]
Row = tuple[str, Sequence[Picture]]

OUT = Path(__file__).parent / "pictures"
PAGE = Path(__file__).parent / "gallery.md"
SIZE = (512, 288)
_CELL = (240, 135)
_GAP, _MARGIN, _WORDS = 6, 14, 22
_GROUND, _INK = (17, 18, 21), (222, 224, 229)
_MOMENTS = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
_STRENGTHS = (0.1, 0.25, 0.5, 0.75, 1.0)
_PAIRS = (
    ("astronaut", "cat"),
    ("cat", "coffee"),
    ("galaxies", "rocket"),
    ("retina", "coffee"),
    ("horse", "village"),
)
_SHOWN = ("rocket", "cat", "coffee", "astronaut", "motorcycle")
_PROMPTS = (
    "a slightly foggy evening, watercolour",
    "night, much colder",
    "vintage, no grain",
    "pencil, brighter",
    "neon, a little fog",
)


def main() -> None:
    """Draws every sheet and writes the page."""
    OUT.mkdir(exist_ok=True)
    page = [
        "# Gallery",
        "What the built-in engine makes of twelve photographs and four drawings, without weights, on one core. Drawn by"
        " `python -m docs.make_gallery`; nothing is retouched or picked.",
    ]
    for title, words, rows in _sections():
        name = f"gallery-{title.lower().replace(' ', '-')}.webp"
        _sheet(list(rows)).save(OUT / name, quality=80, method=6)
        page.append(f"## {title}\n\n{words}\n\n![{title}](pictures/{name})")
        print(f"{OUT / name}  {(OUT / name).stat().st_size >> 10} KB", flush=True)
    PAGE.write_text("\n\n".join(page) + "\n")


def _sections() -> Iterable[tuple[str, str, Iterable[Row]]]:
    yield (
        "Transitions",
        "Seven moments of a draft; the first and the last are the pictures themselves.",
        _transitions(),
    )
    yield (
        "Sand",
        "A style of transitions: the wind carries the first picture off grain by grain, and the second comes with it."
        " Drawn at 1280×720; under each row a window of it, nearer.",
        _sand(),
    )
    yield "Animate", "Seven moments of each camera move.", _moves()
    yield "Variations", "The original, and strength 0.1, 0.25, 0.5, 0.75 and 1.", _variations()
    for family, entries in looks_by_family().items():
        named = [entry.name for entry in entries]
        yield f"Looks of {family}", f"{', '.join(named)}; above them the originals.", _looks(named)
    yield "Words", "Looks mixed and graded in ordinary words; above them the originals.", _looks(_PROMPTS)
    yield "References", "A picture in the colours of another one, then in its texture too.", _references()
    yield "Mix", "From one picture to the other by weight: 1:0, 3:1, 1:1, 1:3, 0:1.", _mixes()
    yield "An edge restyled", "An edge, and its twins: the same motion between restyled pictures.", _twins()


def _picture(name: str) -> Picture:
    make: Callable[..., Picture] = drawing if name in DRAWINGS else photograph
    return make(name, width=SIZE[0], height=SIZE[1])


def _transitions() -> Iterable[Row]:
    for first, last in _PAIRS:
        a, b = _picture(first), _picture(last)
        drawer = Drawer(a, b, prepare(a, b, seed=0))
        yield f"{first} to {last}", [drawer.frame(t) for t in _MOMENTS]


def _sand() -> Iterable[Row]:
    width, height = 1280, 720
    for first, last in (*_PAIRS[:1], *_PAIRS[2:3], *_PAIRS[4:], ("motorcycle", "moon")):
        a, b = (
            (drawing if name in DRAWINGS else photograph)(name, width=width, height=height)
            for name in (first, last)
        )
        drawer = Drawer(a, b, prepare(a, b, seed=0, style="sand"))
        frames = [drawer.frame(t) for t in _MOMENTS]
        yield f"{first} to {last}", frames
        near = np.s_[height * 3 // 8 : height * 5 // 8, width * 3 // 8 : width * 5 // 8]
        yield "", [np.ascontiguousarray(frame[near]) for frame in frames]


def _moves() -> Iterable[Row]:
    image = _picture("rocket")
    for move in MOVES:
        field = camera_field(*image.shape[:2], move=move, amount=0.5)
        drawer = Drawer(image, arrive(image, move=move, amount=0.5), field)
        yield move, [drawer.frame(t) for t in _MOMENTS]


def _variations() -> Iterable[Row]:
    for name in (*_SHOWN, "galaxies", "village"):
        image = _picture(name)
        yield name, [image, *(vary(image, strength=strength, seed=3) for strength in _STRENGTHS)]


def _looks(prompts: Sequence[str]) -> Iterable[Row]:
    pictures = [_picture(name) for name in _SHOWN]
    yield "", pictures
    for prompt in prompts:
        yield prompt, [restyle_by_prompt(p, prompt=prompt, strength=1.0, seed=0).image for p in pictures]


def _references() -> Iterable[Row]:
    for content, style in (
        ("rocket", "coffee"),
        ("astronaut", "galaxies"),
        ("cat", "village"),
        ("coffee", "tissue"),
    ):
        image, reference = _picture(content), _picture(style)
        steps = ((0.5, 0.0), (1.0, 0.0), (1.0, 0.3), (1.0, 0.6))
        restyled = [
            restyle_like(image, [(reference, 1.0)], strength=colour, texture=texture, seed=0)
            for colour, texture in steps
        ]
        yield f"{content} like {style}", [image, reference, *restyled]


def _mixes() -> Iterable[Row]:
    for first, second in (("cat", "astronaut"), ("coffee", "retina"), ("rocket", "galaxies")):
        a, b = _picture(first), _picture(second)
        weights = ((1, 0), (3, 1), (1, 1), (1, 3), (0, 1))
        yield f"{first} and {second}", [mix([(a, one), (b, other)], seed=0) for one, other in weights]


def _twins() -> Iterable[Row]:
    a, b = _picture("cat"), _picture("rocket")
    drawer = Drawer(a, b, prepare(a, b, seed=0))
    yield "the edge", [drawer.frame(t) for t in _MOMENTS]
    for prompt in ("watercolour", "night", "noir"):
        first, last = (restyle_by_prompt(p, prompt=prompt, strength=1.0, seed=0).image for p in (a, b))
        drawer = Drawer(first, last, prepare(first, last, seed=0, motion=(a, b)))
        yield prompt, [drawer.frame(t) for t in _MOMENTS]


def _sheet(rows: Sequence[Row]) -> Image.Image:
    """The pictures in rows, each under its words."""
    columns = max(len(pictures) for _, pictures in rows)
    heights = [_CELL[1] + _GAP + (_WORDS if words else 0) for words, _ in rows]
    width = 2 * _MARGIN + columns * (_CELL[0] + _GAP) - _GAP
    sheet = Image.new("RGB", (width, 2 * _MARGIN + sum(heights)), _GROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    top = _MARGIN
    for (words, pictures), height in zip(rows, heights, strict=True):
        if words:
            draw.text((_MARGIN, top + 3), words, fill=_INK, font=font)
        for column, pixels in enumerate(pictures):
            small = Image.fromarray(pixels).resize(_CELL, Image.Resampling.LANCZOS)
            sheet.paste(small, (_MARGIN + column * (_CELL[0] + _GAP), top + height - _CELL[1] - _GAP))
        top += height
    return sheet


if __name__ == "__main__":
    main()
