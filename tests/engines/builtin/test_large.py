"""Large pictures: everything still works on them, in a gigabyte, and at ordinary sizes nothing knows of that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import forkframe
from forkframe.engines.builtin import layout, synthesis
from forkframe.engines.builtin.large import copied, enlarged
from forkframe.engines.builtin.vary import vary

_FOLDER = Path(forkframe.__path__[0]) / "demo" / "photographs"
_PHOTOGRAPHS = [_FOLDER / f"{name}.jpg" for name in ("astronaut", "coffee")]
_MOST_MEMORY = 1000
"""Megabytes of a whole process, its two pictures of 4096×2304 included."""

_PROGRAM = """
import resource, sys
import cv2
cv2.setNumThreads(1)
names = sys.argv[3:]
a, b = (cv2.resize(cv2.imread(str(n))[..., ::-1].copy(), (4096, 2304), interpolation=cv2.INTER_CUBIC) for n in names)
what, prompt = sys.argv[1], sys.argv[2]
if what == "transition":
    from forkframe.engines.builtin.drawing import Drawer
    from forkframe.engines.builtin.transition import prepare
    result = Drawer(a, b, prepare(a, b, seed=0, palette="on")).frame(0.5)
elif what == "vary":
    from forkframe.engines.builtin.vary import vary
    result = vary(a, strength=0.5, seed=0)
elif what == "restyle":
    from forkframe.engines.builtin.restyle import restyle_by_prompt
    result = restyle_by_prompt(a, prompt=prompt, strength=1.0, seed=0).image
elif what == "restyle like":
    from forkframe.engines.builtin.restyle import restyle_like
    result = restyle_like(a, [(b, 1.0)], strength=1.0, texture=0.4, seed=0)
elif what == "mix":
    from forkframe.engines.builtin.mix import mix
    result = mix([(a, 1), (b, 1)], seed=0)
else:
    from forkframe.engines.builtin.animate import arrive
    result = arrive(a, move="push in", amount=0.5)
assert result.shape == a.shape and not (result == a).all(), result.shape
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize(
    ("what", "prompt"),
    [
        ("transition", ""),
        ("vary", ""),
        ("restyle", "evening, watercolour, much colder"),
        ("restyle", "ink"),
        ("restyle", "snow"),
        ("restyle like", ""),
        ("mix", ""),
        ("animate", ""),
    ],
)
def test_a_picture_of_4096_pixels_takes_less_than_a_gigabyte(what: str, prompt: str) -> None:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, what, prompt, *map(str, _PHOTOGRAPHS)],
        env=os.environ | one_thread,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < _MOST_MEMORY


def _photograph(height: int, width: int) -> NDArray[np.uint8]:
    image = cv2.imread(str(_PHOTOGRAPHS[0]))
    assert image is not None
    return cv2.resize(image[..., ::-1].copy(), (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def test_pictures_of_ordinary_sizes_are_painted_themselves() -> None:
    image = _photograph(300, 400)
    assert copied(image) is image
    assert enlarged(image, image, image) is image


def test_a_look_that_changes_nothing_leaves_a_large_picture_its_detail() -> None:
    image = _photograph(600, 800)
    copy = cv2.resize(image, (400, 300), interpolation=cv2.INTER_AREA).astype(np.uint8)
    soft = cv2.resize(copy, (800, 600), interpolation=cv2.INTER_CUBIC)
    assert cv2.PSNR(enlarged(copy, copy, image), image) > cv2.PSNR(soft, image) + 6


def test_a_negative_of_a_large_picture_has_negative_detail() -> None:
    image = _photograph(600, 800)
    copy = cv2.resize(image, (400, 300), interpolation=cv2.INTER_AREA).astype(np.uint8)
    soft = cv2.resize(255 - copy, (800, 600), interpolation=cv2.INTER_CUBIC)
    negative = enlarged((255 - copy).astype(np.uint8), copy, image)
    assert cv2.PSNR(negative, 255 - image) > cv2.PSNR(soft, 255 - image) + 6


def test_a_variation_is_the_same_in_however_many_bands_it_is_laid(monkeypatch: pytest.MonkeyPatch) -> None:
    image = _photograph(300, 330)
    whole = vary(image, strength=0.6, seed=4)
    monkeypatch.setattr(layout, "_BAND", 37)
    monkeypatch.setattr(synthesis, "_ROWS", 41)
    assert (vary(image, strength=0.6, seed=4) == whole).all()
