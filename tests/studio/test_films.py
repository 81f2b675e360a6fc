"""Films at any pace: faster, slower and held steps show the right moments, and the others are copied as ever."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

import forkframe as ff
from forkframe.engines.builtin.drawing import Drawer
from forkframe.engines.builtin.field import Field
from forkframe.media.decode import read_frames
from forkframe.media.png import read_png
from forkframe.media.profile import KEYINT
from forkframe.model.changes import SetFields
from forkframe.model.entities import Step
from forkframe.model.ids import EdgeId
from forkframe.studio.desk import Progress
from tests.media.footage import psnr
from tests.pictures import save_blobs

Frame = NDArray[np.uint8]


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[ff.Workspace]:
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        yield ws


@pytest.fixture
def abc(ws: ff.Workspace, tmp_path: Path) -> list[ff.Node]:
    """Three nodes called a, b and c."""
    return ws.add(*(save_blobs(tmp_path / f"{name}.png", seed=seed) for seed, name in enumerate("abc")))


def film_of(ws: ff.Workspace, path: ff.Sequence, *steps: Step, out: Path) -> tuple[list[Frame], ff.FilmView]:
    """The frames of a path with these steps, as plain FFmpeg counts and times them, and what its export says."""
    ws._studio._desk.commit(SetFields(path.id, {"steps": steps}))
    view = path.export(out)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        times = [frame.pts * stream.time_base * 12 for frame in container.decode(stream)]
    assert times == list(range(view.frames)), "evenly timed from 0 on"
    assert path.view().frames == view.frames
    return list(read_frames(out)), view


def drawer_of(ws: ff.Workspace, edge: ff.Edge) -> Drawer:
    """Draws the moments of an edge's field."""
    desk = ws._studio._desk
    take = next(take for take in edge.takes if take.active)
    rendering = desk.graph.renderings[take.rendering]
    ends = [read_png(desk.store.blobs.pixels(i.pixels)) for i in rendering.recipe.inputs]
    assert rendering.field
    return Drawer(*ends, Field.from_bytes(desk.store.blobs.path(rendering.field).read_bytes()))


def step(edge: ff.Edge, *, reverse: bool = False, speed: float = 1.0, hold: int = 0) -> Step:
    return Step(EdgeId(edge.id), reverse, speed=speed, hold=hold)


def test_a_fast_a_held_and_a_plain_step_show_exactly_what_they_should(
    ws: ff.Workspace, abc: list[ff.Node], tmp_path: Path
) -> None:
    a, b, c = abc
    fast, plain = ws.connect(a, b, seconds=2).wait(), ws.connect(b, c, seconds=2).wait()
    path = ws.sequence("film", abc)
    ws.sequence("plain", [b, c]).export(tmp_path / "plain.mp4")
    copied = list(read_frames(tmp_path / "plain.mp4"))

    frames, film = film_of(
        ws, path, step(fast, speed=2, hold=20), step(plain, hold=3), out=tmp_path / "f.mp4"
    )

    assert film.frames == len(frames) == 12 + 20 + 24 + 3 + 1
    assert film.encoded == 0, "pieces are encoded by themselves, then copied like the rest"
    drawer = drawer_of(ws, fast)
    assert min(psnr(frames[n], drawer.frame(n / 12)) for n in range(13)) > 34
    assert psnr(frames[6], drawer.frame(7 / 12)) < psnr(frames[6], drawer.frame(6 / 12)) - 2
    held = frames[12:33]
    assert min(psnr(one, other) for one, other in pairwise(held)) > 40
    assert all(np.array_equal(one, other) for one, other in zip(frames[32:57], copied, strict=True))
    assert min(psnr(frame, copied[-1]) for frame in frames[57:]) > 40

    again = path.export(tmp_path / "again.mp4")
    assert again.prepared == 0, "pieces are kept"
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "f.mp4").read_bytes()


@pytest.mark.parametrize("speed", [0.4, 1.7, 10])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_video_without_a_field_shows_its_nearest_frames(
    ws: ff.Workspace, abc: list[ff.Node], tmp_path: Path, speed: float, reverse: bool
) -> None:
    edge = ws.connect(*abc[:2], seconds=3, engine="fake").wait()
    nodes = abc[1::-1] if reverse else abc[:2]
    path = ws.sequence("film", nodes, reverse=True)
    path.export(tmp_path / "whole.mp4")
    whole = list(read_frames(tmp_path / "whole.mp4"))

    frames, film = film_of(ws, path, step(edge, reverse=reverse, speed=speed, hold=2), out=tmp_path / "f.mp4")

    intervals = max(1, int(36 / speed + 0.5))
    assert film.frames == intervals + 2 + 1
    for number, frame in enumerate(frames):
        nearest = min(36, int(36 * number / intervals + 0.5))
        likenesses = {n: psnr(frame, whole[n]) for n in (nearest - 1, nearest, nearest + 1) if 0 <= n <= 36}
        assert likenesses[nearest] > 36
        assert max(likenesses.values()) < likenesses[nearest] + 1.5


def test_a_slow_step_backwards_shows_moments_between_the_frames_of_its_field(
    ws: ff.Workspace, abc: list[ff.Node], tmp_path: Path
) -> None:
    edge = ws.connect(*abc[:2], seconds=1).wait()
    path = ws.sequence("film", abc[1::-1], reverse=True)

    frames, film = film_of(ws, path, step(edge, reverse=True, speed=0.5), out=tmp_path / "f.mp4")

    drawer = drawer_of(ws, edge)
    assert film.frames == 25
    assert film.prepared == 25, "the field is not encoded at its own pace for this"
    assert min(psnr(frame, drawer.frame(1 - n / 24)) for n, frame in enumerate(frames)) > 34


def test_the_halves_of_a_branched_edge_at_one_pace_play_as_the_whole_and_a_hold_costs_only_the_cut_group(
    ws: ff.Workspace, abc: list[ff.Node], tmp_path: Path
) -> None:
    a, b, _ = abc
    edge = ws.connect(a, b, seconds=4, engine="fake").wait()
    path = ws.sequence("film", [a, b])
    whole, _ = film_of(ws, path, step(edge, speed=1.5), out=tmp_path / "whole.mp4")
    plain, _ = film_of(ws, path, step(edge), out=tmp_path / "plain.mp4")
    ws.branch(edge, at=20 / 48)
    halves = ws._studio._desk.graph.sequences[path.id].steps  # type: ignore[index]
    one, other = (ff.Edge(ws._studio, half.edge) for half in halves)

    fast, film = film_of(ws, path, step(one, speed=1.5), step(other, speed=1.5), out=tmp_path / "fast.mp4")
    assert film.prepared == 0, "it is the piece of the whole"
    assert np.array_equal(fast, whole)

    held, film = film_of(ws, path, step(one, hold=5), step(other), out=tmp_path / "held.mp4")
    assert film.encoded == 20 % KEYINT + 24 - 20
    assert np.array_equal(held[:12], plain[:12])
    assert np.array_equal(held[29:], plain[24:])
    assert min(psnr(frame, plain[20]) for frame in held[20:26]) > 36


def test_an_export_whose_worker_is_killed_in_the_middle_of_a_piece_goes_on(
    ws: ff.Workspace, abc: list[ff.Node], tmp_path: Path
) -> None:
    edge = ws.connect(*abc[:2], seconds=2).wait()
    path = ws.sequence("film", abc[:2])
    shares: list[float] = []

    def kill_once(progress: Progress) -> None:
        if progress.doing == "retiming" and progress.share:
            if not shares:
                for pid in ws._studio._desk.pool.pids:
                    os.kill(pid, signal.SIGKILL)
            shares.append(progress.share)

    ws.watch(kill_once)
    frames, film = film_of(ws, path, step(edge, speed=0.1), out=tmp_path / "f.mp4")

    assert (len(frames), film.prepared) == (241, 241)
    assert max(shares) == pytest.approx(0.8), "of the job, when its piece is there"
    assert ws.job(path).view().state == "done"
