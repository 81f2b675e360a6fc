"""What a variation keeps whole, and how variations differ."""

import itertools

import cv2
import numpy as np
import pytest

from forkframe.engines.builtin import code
from forkframe.engines.builtin import vary as module
from forkframe.engines.builtin.colour import to_lab
from forkframe.engines.builtin.intact import Box, Moved, faces, whole
from forkframe.engines.builtin.layout import Wish, arranged
from forkframe.engines.builtin.scene import cut_of, scene_of, turned
from forkframe.engines.builtin.vary import vary
from forkframe.errors import BadInput
from tests.pictures import photograph

ASTRONAUT = photograph("astronaut", (256, 256))
FACE = Box(0.36, 0.14, 0.16, 0.2)


def landscape():
    """A sun in an even sky over an even ground: `(128, 192, 3)`."""
    picture = np.full((128, 192, 3), (170, 200, 235), np.uint8)
    picture[90:] = (70, 110, 60)
    cv2.circle(picture, (50, 40), 12, (250, 120, 40), -1, cv2.LINE_AA)
    return picture


def suns(picture):
    """(width, height, area) of everything orange."""
    red = (picture[..., 0] > 205) & (picture[..., 2] < 120)
    _, _, stats, _ = cv2.connectedComponentsWithStats(red.astype(np.uint8))
    return [tuple(int(v) for v in row[2:]) for row in stats[1:] if row[4] > 20]


def drawn(picture, *, strength, seed):
    scene = scene_of(picture, to_lab(picture))
    return arranged(scene, Wish.of(seed), strength=strength, rng=np.random.default_rng(seed))


def test_the_face_of_a_portrait_is_found():
    found = faces(ASTRONAUT)
    assert any(abs(b.x - 0.34) < 0.1 and abs(b.y - 0.13) < 0.1 for b in found)


@pytest.mark.parametrize("seed", range(3))
def test_a_face_arrives_once_and_as_it_was(seed):
    varied = vary(ASTRONAUT, strength=0.5, seed=seed)
    face = ASTRONAUT[36:87, 92:133]

    def best(image):
        grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
        template = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
        scores = []
        for scale in np.geomspace(0.75, 1.4, 12):
            scaled = cv2.resize(template, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            scores.append(float(cv2.matchTemplate(grey, scaled, cv2.TM_CCOEFF_NORMED).max()))
        return max(scores)

    assert max(best(varied), best(varied[:, ::-1])) > 0.9


def test_a_loose_thing_keeps_its_number_and_its_shape_wherever_it_goes():
    picture = landscape()
    assert [w for w, _, _ in suns(picture)] == [25]
    places = set()
    for seed in range(4):
        varied = vary(picture, strength=0.7, seed=seed)
        ((width, height, area),) = suns(varied)
        assert abs(width / height - 1) < 0.15
        assert abs(area / (width * height) - np.pi / 4) < 0.08
        ys, xs = np.nonzero((varied[..., 0] > 205) & (varied[..., 2] < 120))
        places.add((round(xs.mean() / 10), round(ys.mean() / 10)))
    assert len(places) > 2


def test_what_is_broken_is_noticed_and_what_is_whole_is_not():
    head = Moved(FACE, FACE, alone=True)
    assert whole(ASTRONAUT, ASTRONAUT, [head])
    melted = ASTRONAUT.copy()
    melted[36:87, 92:133] = cv2.flip(melted[36:87, 92:133], 0)
    assert not whole(ASTRONAUT, melted, [head])
    twice = ASTRONAUT.copy()
    twice[180:231, 10:51] = ASTRONAUT[36:87, 92:133]
    assert not whole(ASTRONAUT, twice, [head])
    assert whole(ASTRONAUT, twice, [Moved(FACE, FACE, alone=False)])


def test_a_variation_that_breaks_something_is_drawn_again_before_it_is_shown(monkeypatch):
    verdicts = iter([False, False, True])
    asked = []

    def judged(_source, varied, _things):
        asked.append(varied)
        return next(verdicts)

    monkeypatch.setattr(module, "whole", judged)
    shares = []
    shown = vary(ASTRONAUT, strength=0.8, seed=3, on_progress=shares.append)
    assert len(asked) == 3
    assert np.array_equal(shown, asked[-1]) or np.array_equal(shown, asked[-1][:, ::-1])
    assert not np.array_equal(asked[0], asked[1])
    assert shares == sorted(shares)


def test_a_layout_never_folds_and_never_looks_beyond_the_picture():
    for seed in range(12):
        layout = drawn(ASTRONAUT, strength=1.0, seed=seed)
        for line in (layout.columns, layout.rows):
            assert (np.diff(line) >= 0).all()
            assert line[0] >= 0
            assert line[-1] <= 1


def test_faces_are_moved_and_scaled_but_not_stretched():
    for seed in range(8):
        for moved in drawn(ASTRONAUT, strength=1.0, seed=seed).moved():
            across = moved.target.width / moved.source.width
            down = moved.target.height / moved.source.height
            assert abs(across / down - 1) < 0.06


def test_strength_0_leaves_everything_in_its_place():
    layout = drawn(ASTRONAUT, strength=0.0, seed=5)
    assert layout.zoom == 1
    assert not layout.mirrored
    assert np.allclose(layout.columns, np.linspace(0, 1, 129), atol=1e-6)


def test_the_layouts_of_neighbouring_seeds_lie_further_apart_than_those_of_random_ones():
    def least(seeds):
        points = np.array([(w.swap, (w.zoom + 1) / 2, *w.window) for w in map(Wish.of, seeds)])
        apart = np.abs(points[:, None] - points)
        return np.linalg.norm(np.minimum(apart, 1 - apart), axis=-1)[np.triu_indices(len(points), 1)].min()

    rng = np.random.default_rng(0)
    starts = rng.integers(0, 2**31, 40).tolist()
    consecutive = np.mean([least(range(start, start + 4)) for start in starts])
    scattered = np.mean([least(rng.integers(0, 2**31, 4).tolist()) for _ in starts])
    assert consecutive > 1.2 * scattered


def test_a_picture_is_cut_only_where_nothing_is_cut_in_two():
    assert cut_of(scene_of(ASTRONAUT, to_lab(ASTRONAUT))) is None
    picture = landscape()
    scene = scene_of(picture, to_lab(picture))
    cut = cut_of(scene)
    assert cut is not None
    assert not 36 / 192 < cut < 64 / 192
    swapped = turned(scene, cut)
    assert np.array_equal(np.sort(swapped.busy, axis=None), np.sort(scene.busy, axis=None))
    assert swapped.joint == 1 - cut


def test_style_holds_still_while_the_composition_moves():
    coffee = photograph("coffee", (192, 128))
    own = code.encode(coffee)
    other = code.encode(photograph("galaxies", (192, 128)))
    varied = code.encode(vary(coffee, strength=0.75, seed=2))
    assert code.style_distance(own, varied) < 0.2 * code.style_distance(own, other)
    assert code.composition_distance(own, varied) > 0.3


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_noise_halves_and_thin_strips_give_a_picture(strength):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (72, 96, 3), dtype=np.uint8)
    halves = np.tile(noise[:, :48], (1, 2, 1))
    strip = np.tile(np.linspace(0, 255, 300).astype(np.uint8)[:, None, None], (1, 64, 3))
    for picture in (noise, halves, strip):
        assert vary(picture, strength=strength, seed=1).shape == picture.shape


def test_a_picture_of_a_few_pixels_is_refused_in_one_line():
    with pytest.raises(BadInput, match="64×4 can't be varied"):
        vary(np.zeros((4, 64, 3), np.uint8), strength=0.5, seed=1)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket"])
def test_every_step_of_strength_takes_the_layout_further(name):
    picture = photograph(name, (160, 120))
    scene = scene_of(picture, to_lab(picture))

    def change(strength):
        layouts = [
            module._laid_out(scene, Wish.of(seed), strength=strength, seed=seed, attempt=0)
            for seed in range(4)
        ]
        return np.mean([module._change(scene, layout) for layout in layouts])

    steps = [change(strength) for strength in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)]
    assert steps[0] < 0.01
    assert all(before < after for before, after in itertools.pairwise(steps))
