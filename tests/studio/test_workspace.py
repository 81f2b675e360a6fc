"""The Python API on real workspaces: what a notebook does, with the built-in engine and the fake one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageChops

import forkframe as ff
from forkframe.errors import (
    BadInput,
    BadParameter,
    Conflict,
    NotFound,
    RenderFailed,
    UnreadablePicture,
    WorkspaceDamaged,
)
from forkframe.handles import frame_rate
from forkframe.media.decode import read_frames
from forkframe.studio import Studio
from tests.pictures import PHOTOGRAPHS, save_blobs
from tests.served import served


@pytest.fixture(params=["here", "over HTTP"])
def ws(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ff.Workspace]:
    """A workspace, and the same one through a studio that has it open."""
    path = tmp_path / "ws.forkframe"
    if request.param == "here":
        with ff.open(path, size=(160, 96), fps=12) as ws:
            yield ws
        return
    studio = Studio.create(path, size=(160, 96), fps=Fraction(12))
    try:
        with served(studio), ff.open(path) as ws:
            yield ws
    finally:
        studio.close(finish=False)


@pytest.fixture
def abc(ws: ff.Workspace, tmp_path: Path) -> list[ff.Node]:
    """Three nodes called a, b and c."""
    return ws.add(*(save_blobs(tmp_path / f"{name}.png", seed=seed) for seed, name in enumerate("abc")))


def frames_of(path: Path) -> list[bytes]:
    return [frame.tobytes() for frame in read_frames(path)]


def test_the_example_of_the_package_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ff.__doc__
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate("ab"):
        save_blobs(tmp_path / f"{name}.jpg", seed=seed, size=(160, 90))
    example = ff.__doc__.split("```python\n")[1].split("```")[0]
    names: dict[str, ff.Workspace] = {}
    exec(example, names)
    names["ws"].close()
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 36 + 72 + 1


def test_a_script_that_closes_nothing_still_ends_with_its_drafts_done_and_in_silence(tmp_path: Path) -> None:
    save_blobs(tmp_path / "a.png")
    save_blobs(tmp_path / "b.png", seed=1)
    script = (
        "import forkframe as ff\n"
        "ws = ff.open('ws.forkframe', size=(160, 96), fps=12)\n"
        "a, b = ws.add('a.png', 'b.png')\n"
        "for n in range(3): ws.connect(a, b, seconds=1, engine='fake', step=0.02, seed=n)\n"
    )
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with ff.open(tmp_path / "ws.forkframe") as ws:
        assert [e.view().state for e in ws.edges] == ["ready"] * 3


def test_a_draft_for_a_picture_that_changed_meanwhile_is_made_again(ws: ff.Workspace, tmp_path: Path) -> None:
    a = ws.add(save_blobs(tmp_path / "a.png", size=(400, 100)))
    b = ws.add(save_blobs(tmp_path / "b.png", seed=1))
    edge = ws.connect(a, b, seconds=1, engine="fake", step=0.2)
    ws.reframe(a, focus=(0.1, 0.5))
    assert edge.view().state == "none", "the first draft is still on its way"
    assert edge.wait().view().state == "ready"


def test_undoing_a_connection_cancels_its_draft(ws: ff.Workspace, abc: list[ff.Node]) -> None:
    edge = ws.connect(abc[0], abc[1], seconds=1, engine="fake", mishap="hang")
    ws.undo()
    ws.close()  # returns although the engine hangs
    assert edge == ff.Edge(edge._studio, edge.id)


def test_a_listener_that_fails_disturbs_nothing(ws: ff.Workspace, abc: list[ff.Node]) -> None:
    def fails(_: object) -> None:
        raise ValueError("no terminal")

    ws.watch(fails)
    one, other = ws.vary(abc[0], n=1, seed=1, engine="fake"), ws.vary(abc[0], n=1, seed=2, engine="fake")
    assert one[0].view().picture != other[0].view().picture


def test_an_edge_whose_picture_is_missing_fails_at_once_with_the_file(
    ws: ff.Workspace, abc: list[ff.Node]
) -> None:
    a, b, _ = abc
    for png in (Path(ws.show().path) / "media" / "pixels").iterdir():
        png.unlink()
    with pytest.raises(WorkspaceDamaged, match="is missing"):
        ws.connect(a, b, seconds=1, engine="fake")
    assert ws.edges == []


def test_a_video_that_can_be_made_again_is_made_again(
    ws: ff.Workspace, abc: list[ff.Node], tmp_path: Path
) -> None:
    ws.connect(abc[0], abc[1], seconds=1).wait()
    saved = ws.sequence("there", abc[:2])
    first = saved.export(tmp_path / "film.mp4")
    before = frames_of(tmp_path / "film.mp4")
    assert first.prepared == 13
    assert saved.export(tmp_path / "film.mp4").prepared == 0
    for blob in (Path(ws.show().path) / "media").glob("??/*"):
        if b"ftyp" in blob.read_bytes()[:16]:
            blob.unlink()
    assert saved.export(tmp_path / "film.mp4") == first
    assert frames_of(tmp_path / "film.mp4") == before


def test_a_draft_lands_by_itself_and_closing_waits_for_it(tmp_path: Path) -> None:
    with ff.open(tmp_path / "ws.forkframe", size=(160, 96), fps=12) as ws:
        a, b = ws.add(save_blobs(tmp_path / "a.png"), save_blobs(tmp_path / "b.png", seed=1))
        edge = ws.connect(a, b, seconds=1, engine="fake", step=0.2)
        assert edge.view().state == "none"
    with ff.open(tmp_path / "ws.forkframe") as ws:
        assert [e.view().state for e in ws.edges] == ["ready"]


def test_a_path_through_the_cut_is_the_uncut_edge_and_one_that_leaves_there_encodes_one_group_at_most(
    ws: ff.Workspace, abc: list[ff.Node], tmp_path: Path
) -> None:
    a, b, c = abc
    edge = ws.connect(a, b, seconds=4, engine="fake").wait()
    ws.sequence("whole", [a, b]).export(tmp_path / "whole.mp4")
    middle = ws.branch(edge, at=20 / 48)
    halves = ws.sequence("halves", [a, middle, b]).export(tmp_path / "halves.mp4")
    assert (halves.prepared, halves.copied, halves.encoded) == (0, 49, 0)
    whole = frames_of(tmp_path / "whole.mp4")
    assert frames_of(tmp_path / "halves.mp4") == whole
    ws.connect(middle, c, seconds=1, engine="fake").wait()
    away = ws.sequence("away", [a, middle, c]).export(tmp_path / "away.mp4")
    assert away.frames == 20 + 13
    assert away.encoded == 20 % 12, "frames 12–19 share a group with the cut"
    assert frames_of(tmp_path / "away.mp4")[:12] == whole[:12]


def test_branching_rewrites_saved_sequences_and_healing_puts_them_back(
    ws: ff.Workspace, abc: list[ff.Node]
) -> None:
    a, b, _ = abc
    edge = ws.connect(a, b, seconds=1, engine="fake").wait()
    saved = ws.sequence("there", [a, b])
    middle = ws.branch(edge)
    assert saved.view().nodes == (a.id, middle.id, b.id)
    assert "cut" in repr(edge)
    ws.delete(middle, heal=True)
    assert "deleted" in repr(middle)
    assert (saved.view().steps, [e.id for e in ws.edges]) == ((edge.id,), [edge.id])
    ws.undo()
    assert saved.view().nodes == (a.id, middle.id, b.id)


def test_undo_and_redo_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "ws.forkframe"
    with ff.open(path, size=(160, 96), fps=12) as ws:
        node = ws.add(save_blobs(tmp_path / "a.png"))
        node.label = "sunset"
    with ff.open(path) as ws:
        ws.undo()
        assert [n.label for n in ws.nodes] == ["a"]
        ws.undo()
        assert ws.nodes == []
    with ff.open(path) as ws:
        ws.redo()
        ws.redo()
        assert [n.label for n in ws.nodes] == ["sunset"]
        with pytest.raises((BadInput, Conflict)):
            ws.redo()


def test_a_reframed_picture_makes_its_edges_stale_until_their_drafts_have_renewed_themselves(
    ws: ff.Workspace, tmp_path: Path
) -> None:
    a = ws.add(save_blobs(tmp_path / "a.png", size=(400, 100)))
    b = ws.add(save_blobs(tmp_path / "b.png", seed=1))
    edge = ws.connect(a, b, seconds=1, engine="fake").wait()
    ws.pause()
    ws.reframe(a, focus=(0.1, 0.5))
    assert edge.view().state == "stale"
    ws.resume()
    ws.sequence("there", [a, b]).export(tmp_path / "film.mp4")
    assert (edge.view().state, len(edge.takes)) == ("ready", 2)
    ws.undo()  # the sequence
    ws.undo()  # the crop
    assert [(t.active, t.stale) for t in edge.takes] == [(True, False), (False, True)]


def test_the_same_recipe_is_never_computed_twice(ws: ff.Workspace, abc: list[ff.Node]) -> None:
    a, b, _ = abc
    first = ws.connect(a, b, seconds=1).wait()
    again = ws.connect(a, b, seconds=1).wait()
    assert first.takes[0].rendering == again.takes[0].rendering


def test_variations_without_a_seed_are_new_each_time(ws: ff.Workspace, abc: list[ff.Node]) -> None:
    pictures = [n.view().picture for _ in range(2) for n in ws.vary(abc[0], n=2, engine="fake")]
    assert len(set(pictures)) == 4


def test_a_board_is_a_style_reference(ws: ff.Workspace, abc: list[ff.Node]) -> None:
    a, b, c = abc
    ws.move({b: (5000, 0), c: (5300, 0)})
    board = ws.board("warm", [b, c])
    assert ws.restyle(a, like=board).view().made_by == "builtin.restyle@3"
    with pytest.raises(NotFound):
        ws.restyle(a, like="cold")


@pytest.mark.parametrize("engine", ["builtin", "fake"])
def test_a_picture_that_moves_is_an_edge_whose_last_frame_is_a_node(
    ws: ff.Workspace, abc: list[ff.Node], engine: str
) -> None:
    parameters: dict[str, object] = {"camera": "roll left", "amount": 0.3} if engine == "builtin" else {}
    edge = ws.animate(abc[0], seconds=1, engine=engine, **parameters)
    view = edge.view()
    assert (view.source, view.frames, view.state) == (abc[0].id, 13, "ready")
    last = next(node for node in ws.nodes if node.id == view.target)
    assert last.view().made_by == f"{engine}.animate@1"
    first, *_, end = (Image.open(BytesIO(png)) for png in edge.strip(frames=3, side=160))
    for drawn, node in ((first, abc[0]), (end, last)):
        difference = ImageChops.difference(
            drawn.convert("RGB"), Image.open(BytesIO(node.png())).convert("RGB")
        )
        assert np.asarray(difference).mean() < 3
    ws.undo()
    assert [len(ws.nodes), len(ws.edges)] == [3, 0]


def test_an_edge_is_restyled_as_a_twin_and_its_neighbours_are_left_alone(
    ws: ff.Workspace, abc: list[ff.Node]
) -> None:
    a, b, c = abc
    edge, neighbour = ws.connect(a, b, seconds=1).wait(60), ws.connect(b, c, seconds=1).wait(60)
    before = [edge.view(), neighbour.view(), *(node.view() for node in abc)]
    twin = ws.restyle_edge(edge, prompt="dusk", engine="fake").wait(60)
    assert [edge.view(), neighbour.view(), *(node.view() for node in abc)] == before
    made = {node.id: node.view() for node in ws.nodes[3:]}
    assert {twin.view().source, twin.view().target} == made.keys()
    assert [view.made_by for view in made.values()] == ["fake.restyle@1"] * 2
    assert len({view.seed for view in made.values()}) == 1, "one hand draws both"
    with pytest.raises(BadInput, match="either words or a reference"):
        ws.restyle_edge(edge)
    ws.undo()
    assert [len(ws.nodes), len(ws.edges)] == [3, 2]


def test_a_prompt_reports_words_it_does_not_know_and_one_it_knows_none_of_is_refused(
    ws: ff.Workspace, abc: list[ff.Node]
) -> None:
    assert "blorf" in " ".join(ws.restyle(abc[0], prompt="foggy blorf").notes)
    with pytest.raises((BadParameter, RenderFailed), match="blorf"):
        ws.restyle(abc[0], prompt="blorf")
    with pytest.raises(BadInput):
        ws.restyle(abc[0])


def test_what_is_asked_of_an_engine_is_checked_before_anything_is_added(
    ws: ff.Workspace, abc: list[ff.Node]
) -> None:
    a, b, _ = abc
    for wrong in (
        lambda: ws.connect(a, b, colour="red"),
        lambda: ws.connect(a, b, seconds=0),
        lambda: ws.connect(a, b, seconds=float("nan")),
        lambda: ws.connect(a, b, seed=-1),
        lambda: ws.vary(a, n=0),
        lambda: ws.vary(a, strength=2),
        lambda: ws.mix((a, 0.5), (b, -1)),
        lambda: ws.mix((a, 1), (b, float("inf"))),
        lambda: ws.mix(a, a),
        lambda: ws.mix(a, b, composition=a, style=b),
        lambda: ws.connect(a, b, seconds="3"),
        lambda: ws.add("a\0.png"),
        lambda: ws.add("x.png", "y.png", label="both"),
        lambda: ws.sequence("there", [a]),
        lambda: ws.delete("nowhere"),
        lambda: ws.mix(a, composition=a),
        lambda: ws.board("empty", []),
        lambda: ws.sequence(" ", [a, b]),
    ):
        with pytest.raises(BadInput) as refused:
            wrong()
        assert refused.value.hint
    view = ws.show()
    assert (len(view.nodes), len(view.edges)) == (3, 0)


def test_a_first_photograph_proposes_the_frame(tmp_path: Path) -> None:
    with ff.open(tmp_path / "ws.forkframe") as ws:
        ws.add(PHOTOGRAPHS / "cat.jpg")
        assert (ws.show().size, ws.show().fps) == ((1200, 800), "24")
        with pytest.raises(UnreadablePicture):
            ws.add(tmp_path / "missing.jpg")


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        (24, 24),
        ("24", 24),
        (29.97, Fraction(30000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_a_frame_rate_is_kept_exact(given: float | str, exact: Fraction) -> None:
    assert frame_rate(given) == exact


def test_the_public_names_are_these() -> None:
    assert sorted(ff.__all__) == [
        "Edge",
        "ForkframeError",
        "Node",
        "Sequence",
        "Workspace",
        "__version__",
        "open",
    ]
    assert all(getattr(ff, name) for name in ff.__all__)
