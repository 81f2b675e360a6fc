"""Workers: whatever happens to one is an error of its task, and the next task finds a worker again."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from forkframe.engines.fake import FakeEngine
from forkframe.errors import BadParameter, Cancelled, RenderFailed, UnreadablePicture
from forkframe.jobs.pool import ANYHOW, Answer, Pool, Terms, Work
from forkframe.media.png import pixel_hash, write_png
from forkframe.model.codec import to_json
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Recipe
from tests.engines.contract import FRAME, PICTURES


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(2)
    yield pool
    pool.close()


class Fakes:
    """Requests to the fake engine, in workers."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self.pool = pool
        self.folder = folder
        self.shares: list[float] = []
        self.stepped = threading.Event()

    def start(
        self, *, limit: float | None = None, patience: float | None = None, **parameters: object
    ) -> Work[Answer]:
        """A video of nine frames of two pictures."""
        out = self.folder / f"out{len(list(self.folder.iterdir()))}"
        out.mkdir()
        images: dict[str, str] = {}
        for number, picture in enumerate(PICTURES[:2]):
            write_png(picture, out / f"{number}.png")
            images[pixel_hash(picture)] = str(out / f"{number}.png")
        first, last = (PixelHash(key) for key in images)
        card = FakeEngine().card().operations["transition"]
        recipe = Recipe(
            "transition",
            card.algorithm,
            1,
            card.schema.resolve({}) | parameters,
            (Input("first", first), Input("last", last)),
            FRAME,
            9,
            0,
        )
        arguments = {"recipe": to_json(recipe), "images": images, "out": str(out)}
        return self.pool.submit(
            "rendering",
            arguments,
            lambda answer: answer(),
            on_progress=self._step,
            terms=Terms(limit=limit, patience=patience),
        )

    def _step(self, share: float, preview: str | None) -> None:
        self.shares.append(share)
        self.stepped.set()


@pytest.fixture
def fakes(pool: Pool, tmp_path: Path) -> Fakes:
    return Fakes(pool, tmp_path)


def test_a_task_reports_progress_and_leaves_its_video(fakes: Fakes) -> None:
    answer = fakes.start().result(60)
    assert Path(str(answer["video"])).is_file()
    assert fakes.shares == sorted(fakes.shares)
    assert fakes.shares[-1] == 1.0


@pytest.mark.parametrize(
    ("mishap", "reason"),
    [
        ("fail", "asked to fail"),
        ("crash", r"crashed \(exit code 139\)"),
        ("nothing", "gave no field or video"),
        ("wrong size", "gave a picture of"),
        ("too few frames", "wrote 8 of the 9 frames"),
        ("too many frames", "wrote more than the 9 frames"),
    ],
)
def test_what_goes_wrong_in_an_engine_is_said_and_leaves_no_video(
    fakes: Fakes, mishap: str, reason: str
) -> None:
    with pytest.raises(RenderFailed, match=reason):
        fakes.start(mishap=mishap).result(60)
    assert not list(fakes.folder.glob("*/video.mp4*"))
    assert fakes.start().result(60)["video"]


def test_an_engine_that_prints_does_not_disturb_the_pipe(fakes: Fakes) -> None:
    assert fakes.start(chatter=True).result(60)["video"]


def test_a_worker_killed_from_outside_is_a_failed_task_with_the_reason(fakes: Fakes) -> None:
    work = fakes.start(step=10.0, mishap="hang")
    while not fakes.pool.pids:
        os.sched_yield()
    os.kill(fakes.pool.pids[0], signal.SIGKILL)
    with pytest.raises(RenderFailed, match="killed from outside"):
        work.result(60)
    assert fakes.start().result(60)["video"]


def test_cancelling_is_seen_at_the_next_step(fakes: Fakes) -> None:
    work = fakes.start(step=1.0)
    assert fakes.stepped.wait(60)
    work.cancel()
    with pytest.raises(Cancelled):
        work.result(60)
    assert max(fakes.shares) < 1
    assert fakes.start().result(60)["video"]


def test_cancelling_ends_a_worker_that_hangs(fakes: Fakes) -> None:
    work = fakes.start(mishap="hang")
    assert fakes.stepped.wait(60)
    work.cancel()
    with pytest.raises(Cancelled):
        work.result(60)  # it hangs for an hour
    assert ANYHOW.grace < 5


def test_closing_the_pool_cancels_what_is_on_its_way(pool: Pool, fakes: Fakes) -> None:
    work = fakes.start(mishap="hang")
    assert fakes.stepped.wait(60)
    pool.close()
    with pytest.raises(Cancelled):
        work.result(60)


def test_a_task_that_takes_too_long_is_stopped(fakes: Fakes) -> None:
    with pytest.raises(RenderFailed, match="took too long"):
        fakes.start(mishap="hang", limit=2.0).result(60)


def test_errors_keep_their_kind_and_hint_on_the_way(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("notes")
    arguments = {
        "path": str(tmp_path / "notes.jpg"),
        "out": str(tmp_path),
        "frame": None,
        "fps": "24",
        "crop": None,
    }
    work = pool.submit(
        "reading a picture",
        {**arguments, "background": [0, 0, 0]},
        lambda answer: answer(),
        terms=Terms(sandboxed=True),
    )
    with pytest.raises(UnreadablePicture, match=r"notes\.jpg") as refused:
        work.result(60)
    assert refused.value.hint


def test_a_card_is_checked_in_the_worker_too(fakes: Fakes) -> None:
    with pytest.raises(BadParameter, match="no parameter 'colour'"):
        fakes.start(colour="red").result(60)


def test_pictures_are_decoded_without_network_and_with_limits(pool: Pool) -> None:
    walls = pool.submit("looking around", {}, lambda answer: answer(), terms=Terms(sandboxed=True)).result(60)
    assert {"memory", "cpu", "file size", "open files"} <= set(walls["applied"])  # type: ignore[call-overload]
    free = pool.submit("looking around", {}, lambda answer: answer()).result(60)
    assert free["applied"] == []


def test_what_loads_much_keeps_a_worker_that_nothing_else_uses(pool: Pool) -> None:
    def look(terms: Terms) -> set[int]:
        pool.submit("looking around", {}, lambda answer: answer(), terms=terms).result(60)
        return set(pool.pids)

    warm = look(Terms(warm=True))
    both = look(Terms())
    assert len(warm) == 1
    assert len(both) == 2
    assert look(Terms(warm=True)) == look(Terms()) == both
