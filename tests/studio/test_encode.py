"""A node's latent code, from Python and over HTTP."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import forkframe as ff
from forkframe.engines.builtin.code import composition_distance, decode, encode
from forkframe.errors import NotFound
from forkframe.media.png import read_png
from forkframe.server.pages import UI
from forkframe.studio import Studio
from tests.pictures import PHOTOGRAPHS
from tests.served import served


def test_the_code_of_a_node_is_that_of_its_framed_picture_and_is_computed_once(tmp_path: Path) -> None:
    with ff.open(tmp_path / "ws.forkframe", size=(256, 144)) as ws:
        cat, coffee = ws.add(PHOTOGRAPHS / "cat.jpg", PHOTOGRAPHS / "coffee.jpg")
        store = ws._studio._desk.store
        framed = read_png(store.blobs.pixels(ws._studio._node(cat.id).framed))
        code, true = cat.code(), encode(framed)
        np.testing.assert_allclose(code.composition, true.composition, atol=1e-5)
        np.testing.assert_allclose(code.style, true.style, atol=1e-5)
        assert (code.composition.shape, code.style.shape) == ((16, 16, 3), (21,))
        assert composition_distance(code, coffee.code()) > 0.8
        assert decode(code, size=(72, 128)).shape == (72, 128, 3)
        # Asked again it comes from the cache; what search compares is something else and stays so.
        assert np.array_equal(cat.code().composition, code.composition)
        assert len(ws._studio.map_places("composition")) == 2
        with pytest.raises(NotFound):
            ws._studio.encode("nobody")


def test_a_running_studio_answers_with_the_same_code(tmp_path: Path) -> None:
    path = tmp_path / "ws.forkframe"
    studio = Studio.create(path, size=(256, 144))
    try:
        (node,) = studio.add([PHOTOGRAPHS / "cat.jpg"])
        own = studio.encode(node.id)
        with served(studio, ui=UI), ff.open(path) as ws:
            assert ws._studio is not studio
            assert ws.nodes[0].code().style.tolist() == pytest.approx(own.style)
    finally:
        studio.close()
