"""The engine against a server that speaks the real protocol: each template, and everything that can go wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forkframe.engines.comfyui import ComfyUI, facts, order
from forkframe.engines.comfyui import server as server_module
from forkframe.engines.protocol import Engine, Result
from forkframe.engines.registry import load_engine
from forkframe.errors import Cancelled, EngineBusy, RenderFailed
from forkframe.media.png import pixel_hash
from forkframe.model.ids import PixelHash
from forkframe.model.recipe import Input, Operation, Recipe
from tests.comfyui_server import FakeComfyUI
from tests.engines import contract
from tests.engines.contract import FRAME, PICTURES, EngineContract, TestContext, performed
from tests.engines.test_fakepaid import MemoryRemote


@dataclass
class ServedContext(TestContext):
    __test__ = False

    remote: MemoryRemote = field(default_factory=MemoryRemote)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        return self.stopped.is_set() or super().cancelled


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as server:
        monkeypatch.setenv("FORKFRAME_COMFYUI", server.url)
        monkeypatch.setattr(facts, "_PATIENCE", 30.0)  # it does answer
        facts.forget()
        yield server


@pytest.fixture
def context(tmp_path: Path) -> ServedContext:
    return ServedContext(tmp_path)


@pytest.mark.usefixtures("server")
class TestTemplates(EngineContract):
    @pytest.fixture(autouse=True)
    def contexts_with_a_request_each(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(contract, "TestContext", ServedContext)

    @pytest.fixture(params=["wan", "ltx", "flux2-klein", "crossfade"])
    def engine(self, request: pytest.FixtureRequest) -> Engine:
        return ComfyUI().engine(f"comfyui:{request.param}")


# What it delivers


def test_a_crossfade_shows_both_pictures_and_what_lies_between(
    server: FakeComfyUI, context: ServedContext
) -> None:
    result, shares = made("crossfade", "transition", context)
    assert result == Result(frames=True)
    frames = context.sink.frames
    assert len(frames) == 9
    wanted = [PICTURES[0], PICTURES[0] / 2 + PICTURES[1] / 2, PICTURES[1]]
    for frame, picture in zip((frames[0], frames[4], frames[8]), wanted, strict=True):
        assert np.abs(frame.astype(float) - picture).mean() < 6
    assert shares == sorted(shares)
    assert len(server.submissions) == sum(server.performed.values()) == 1


@pytest.mark.parametrize("newer", [True, False])
def test_progress_follows_the_samplers_and_previews_come_with_it(
    server: FakeComfyUI, context: ServedContext, newer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "_SHOWING", 0.0)
    server.newer = newer
    server.gate.clear()
    show = server.show

    def show_and_wait(*shown: Any) -> None:
        show(*shown)
        server.gate.clear()  # what has ended shows nothing any more

    monkeypatch.setattr(server, "show", show_and_wait)
    steps = load_engine("comfyui:wan").run(recipe("wan", "transition"), context)
    seen = [next(steps)]
    server.until(lambda s: s.sockets)
    server.gate.set()
    for step in steps:
        seen.append(step)
        if step.preview is not None:
            monkeypatch.setattr(server, "show", show)
            server.gate.set()
    shares = [step.share for step in seen]
    assert (shares[0], shares == sorted(shares), shares[-1] > 0.9) == (0, True, True)
    [preview, *_] = [step.preview for step in seen if step.preview is not None]
    assert preview.shape == (FRAME.height, FRAME.width, 3)
    halfway = PICTURES[0] / 2 + PICTURES[1] / 2
    assert np.corrcoef(preview.ravel(), halfway.ravel())[0, 1] > 0.95


def test_a_workflow_gets_the_seed_the_words_the_size_and_the_length_where_the_manifest_says(
    server: FakeComfyUI, context: ServedContext
) -> None:
    made("wan", "transition", context, prompt="she turns", avoid="snow", resolution="720p")
    [taken] = server.submissions
    graph = {key: node["inputs"] for key, node in taken.graph.items()}
    assert (graph["9"]["text"], graph["11"]["text"]) == ("she turns", "snow")
    assert [graph["10"][name] for name in ("width", "height", "length")] == [128, 96, 17]
    assert (graph["14"]["noise_seed"], graph["17"]["fps"]) == (5, 16)
    assert graph["12"]["image"] != graph["13"]["image"]
    assert set(server.uploads) == {graph["12"]["image"], graph["13"]["image"]}
    assert taken.client == taken.id == context.remote.id


def test_pictures_go_in_at_the_size_that_the_model_works_at_and_come_back_in_the_frame_s(
    server: FakeComfyUI, context: ServedContext
) -> None:
    result, _ = made("ltx", "transition", context)
    assert result.frames
    assert {frame.shape for frame in context.sink.frames} == {(96, 128, 3)}
    result, _ = made("flux2-klein", "vary", ServedContext(context.folder), strength=0.0)
    assert result.picture is not None
    assert np.abs(result.picture - PICTURES[0] * 0.7).mean() < 60


def test_what_only_other_operations_need_is_left_out(server: FakeComfyUI, context: ServedContext) -> None:
    made("wan", "animate", context)
    [taken] = server.submissions
    assert "end_image" not in taken.graph["10"]["inputs"]
    assert "13" not in taken.graph


@pytest.mark.parametrize("styles", [0, 1, 2])
def test_a_style_is_a_reference_for_each_picture_and_passed_by_where_there_is_none(
    server: FakeComfyUI, context: ServedContext, styles: int
) -> None:
    asked = recipe("flux2-klein", "restyle")
    names = [PixelHash(pixel_hash(p)) for p in PICTURES[1 : 1 + styles]]
    more = Recipe(**{**vars_of(asked), "inputs": (*asked.inputs, *(Input("style", name) for name in names))})
    performed(load_engine("comfyui:flux2-klein"), more, context)
    [taken] = server.submissions
    references = [n for n in taken.graph.values() if n["class_type"] == "ReferenceLatent"]
    loaded = [n for n in taken.graph.values() if n["class_type"] == "LoadImage"]
    assert (len(references), len(loaded)) == (2 * (1 + styles), 1 + styles)
    assert "style of the others" in taken.graph["4"]["inputs"]["text"]


def test_files_that_lie_in_other_folders_of_the_server_are_found(
    server: FakeComfyUI, context: ServedContext
) -> None:
    server.renamed = {"wan_2.1_vae.safetensors": "wan\\wan_2.1_vae.safetensors"}
    assert load_engine("comfyui:wan").card().missing == ()
    made("wan", "transition", context)
    assert server.submissions[0].graph["8"]["inputs"]["vae_name"] == "wan\\wan_2.1_vae.safetensors"


# What is taken up instead of submitted again


def test_the_id_is_kept_before_the_server_is_asked(
    server: FakeComfyUI, context: ServedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "_GRACE", 0.2)
    server.mishap = "refuses"
    with pytest.raises(RenderFailed):
        made("crossfade", "transition", context)
    assert context.remote == MemoryRemote()
    server.stop()
    with pytest.raises(EngineBusy, match="nobody answers"):
        made("crossfade", "transition", context)
    assert context.remote.id == "", "no picture could be uploaded, so nothing was submitted"


def test_a_request_that_is_known_is_taken_up(server: FakeComfyUI, context: ServedContext) -> None:
    server.gate.clear()
    steps = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), context)
    next(steps)
    steps.close()  # as if its process had been killed
    server.gate.set()
    made("crossfade", "transition", context)
    assert len(server.submissions) == sum(server.performed.values()) == 1
    assert server.interrupts == []


def test_a_request_that_never_arrived_is_submitted_under_the_id_that_was_kept(
    server: FakeComfyUI, context: ServedContext
) -> None:
    context.remote.submitted("kept")
    made("crossfade", "transition", context)
    assert [prompt.id for prompt in server.submissions] == ["kept"]


def test_an_old_server_gives_ids_of_its_own(server: FakeComfyUI, context: ServedContext) -> None:
    server.obeys = server.newer = False
    result, _ = made("crossfade", "transition", context)
    assert (result.frames, context.remote.id) == (True, "old-0")


def test_broken_sockets_are_opened_again_and_cost_nothing(
    server: FakeComfyUI, context: ServedContext
) -> None:
    server.gate.clear()
    steps = load_engine("comfyui:wan").run(recipe("wan", "transition"), context)
    next(steps)
    server.until(lambda s: s.sockets)
    server.drop_sockets()
    while not server.sockets:
        next(steps)
    server.gate.set()
    assert list(steps)[-1].share > 0.9
    assert len(server.submissions) == 1


def test_a_server_that_comes_back_without_its_queue_gets_the_request_again(
    server: FakeComfyUI, context: ServedContext
) -> None:
    server.gate.clear()
    steps = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), context)
    next(steps)
    server.until(lambda s: s.running)
    server.restart()
    server.gate.set()
    list(steps)
    assert len(context.sink.frames) == 9
    assert [prompt.id for prompt in server.submissions] == [context.remote.id] * 2
    assert sum(server.performed.values()) == 1


def test_a_server_that_forgets_again_and_again_is_not_asked_for_ever(
    server: FakeComfyUI, context: ServedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "_LOOKING", 0.0)
    server.mishap = "forgets"
    with pytest.raises(RenderFailed, match="has forgotten the request 3 times"):
        made("crossfade", "transition", context)
    assert len(server.submissions) == 3


def test_a_server_that_goes_away_for_long_lets_the_job_wait_and_the_next_attempt_takes_it_up(
    server: FakeComfyUI, context: ServedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "_GRACE", 0.2)
    server.gate.clear()
    steps = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), context)
    next(steps)
    known = context.remote.id
    server.stop()
    with pytest.raises(EngineBusy, match=f"nobody answers at {server.url}") as away:
        list(steps)
    assert "start ComfyUI again" in away.value.hint
    server.start()
    server.gate.set()
    made("crossfade", "transition", context)
    assert {prompt.id for prompt in server.submissions} == {known} == {context.remote.id}


def test_an_answer_that_is_lost_does_not_submit_twice(
    server: FakeComfyUI, context: ServedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf(order.Server):
        def submit(self, graph: object, *, id: str) -> Any:  # noqa: A002
            super().submit(graph, id=id)
            raise server_module.Unreachable("the answer was lost")

    monkeypatch.setattr(order, "Server", Deaf)
    result, _ = made("crossfade", "transition", context)
    assert result.frames
    assert len(server.submissions) == sum(server.performed.values()) == 1


# What goes wrong


@pytest.mark.parametrize(
    ("mishap", "error", "reason", "hint"),
    [
        (
            "out of memory",
            RenderFailed,
            r"failed at Sampler for strong noise: .*out of memory$",
            "smaller size",
        ),
        (
            "refuses",
            RenderFailed,
            "does not take the workflow: Result: Value 0 smaller than min of 1: fps",
            "Wan 2.2",
        ),
        ("saves nothing", RenderFailed, "is done, but Result saved nothing", "look at the workflow"),
        ("truncated", EngineBusy, r"ended after \d+ of \d+ bytes", "asked again by itself"),
        ("lost file", RenderFailed, r"does not give out wan-.*\.mp4 \(404\)", "retry"),
    ],
)
def test_what_goes_wrong_is_one_line_that_says_what_to_do(
    server: FakeComfyUI, context: ServedContext, mishap: Any, error: type[Exception], reason: str, hint: str
) -> None:
    server.mishap = mishap
    with pytest.raises(error, match=reason) as raised:
        made("wan", "transition", context)
    assert hint in raised.value.hint  # type: ignore[attr-defined]
    assert "\n" not in str(raised.value)
    server.mishap = ""
    result, _ = made("wan", "transition", context)  # a retry is enough
    assert result.frames


def test_what_the_server_lacks_since_the_card_was_looked_at_is_named(
    server: FakeComfyUI, context: ServedContext
) -> None:
    asked, engine = recipe("wan", "transition"), load_engine("comfyui:wan")
    server.lacking = {"wan_2.1_vae.safetensors"}
    with pytest.raises(RenderFailed, match=r"VAE: Value not in list: vae_name: 'wan_2\.1_vae"):
        performed(engine, asked, context)
    server.lacking = {"WanFirstLastFrameToVideo"}
    with pytest.raises(RenderFailed, match="Node 'WanFirstLastFrameToVideo' not found"):
        performed(engine, asked, context)


def test_a_workflow_that_somebody_stops_at_the_server_says_so(
    server: FakeComfyUI, context: ServedContext
) -> None:
    server.gate.clear()
    steps = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), context)
    next(steps)
    server.until(lambda s: s.running)
    server.interrupt("")
    with pytest.raises(RenderFailed, match="somebody stopped the workflow in ComfyUI"):
        list(steps)


# Cancelling


@pytest.mark.parametrize("obeys", [True, False])
def test_cancelling_stops_what_runs(server: FakeComfyUI, context: ServedContext, obeys: bool) -> None:
    server.obeys = obeys
    server.gate.clear()
    steps = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), context)
    next(steps)
    server.until(lambda s: s.running)
    context.stopped.set()
    with pytest.raises(Cancelled):
        list(steps)
    server.until(lambda s: s.history)
    assert context.remote == MemoryRemote()
    assert sum(server.performed.values()) == 0


@pytest.mark.parametrize("obeys", [True, False])
def test_cancelling_takes_what_waits_out_of_the_queue_and_leaves_what_runs_alone(
    server: FakeComfyUI, context: ServedContext, obeys: bool
) -> None:
    server.obeys = obeys
    server.gate.clear()
    other = ServedContext(context.folder)
    first = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), other)
    next(first)
    server.until(lambda s: s.running)
    second = load_engine("comfyui:wan").run(recipe("wan", "transition"), context)
    next(second)
    context.stopped.set()
    with pytest.raises(Cancelled):
        list(second)
    assert (len(server.pending), server.interrupts) == (0, [])
    server.gate.set()
    list(first)
    assert sum(server.performed.values()) == 1


def test_what_was_stopped_and_is_asked_for_again_is_submitted_anew(
    server: FakeComfyUI, context: ServedContext
) -> None:
    server.gate.clear()
    steps = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), context)
    next(steps)
    server.until(lambda s: s.running)
    stopped = context.remote.id
    server.interrupt(stopped)
    server.until(lambda s: s.history)
    steps.close()  # killed before it could say that the request is withdrawn
    server.gate.set()
    result, _ = made("crossfade", "transition", context)
    assert result.frames
    assert context.remote.id != stopped


def test_a_server_that_hangs_ends_the_attempt_and_not_the_studio(
    server: FakeComfyUI, context: ServedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "Server", lambda url, limit=2.0: FAKE_SERVER(url, limit=2.0))
    monkeypatch.setattr(order, "_GRACE", 0.3)
    server.gate.clear()
    steps = load_engine("comfyui:crossfade").run(recipe("crossfade", "transition"), context)
    next(steps)
    server.silent = True
    with pytest.raises(EngineBusy, match="takes too long to answer"):
        list(steps)
    server.silent = False


FAKE_SERVER = order.Server


def made(
    template: str, operation: Operation, context: ServedContext, **parameters: object
) -> tuple[Result, list[float]]:
    """What a template makes, and the progress on the way."""
    return performed(load_engine(f"comfyui:{template}"), recipe(template, operation, **parameters), context)


def recipe(template: str, operation: Operation, **parameters: object) -> Recipe:
    """A recipe of a template's, with as few pictures as it takes."""
    card = load_engine(f"comfyui:{template}").card().operations[operation]
    hashes = iter(PixelHash(pixel_hash(p)) for p in PICTURES)
    inputs = tuple(
        Input(role, next(hashes)) for role, (least, _) in card.inputs.items() for _ in range(least)
    )
    values = card.schema.resolve(parameters)
    frames = 9 if operation in ("transition", "animate") else 1
    return Recipe(operation, card.algorithm, card.schema.version, values, inputs, FRAME, frames, 5)


def vars_of(asked: Recipe) -> dict[str, Any]:
    names = ("operation", "algorithm", "schema", "parameters", "inputs", "frame", "frames", "seed", "roll")
    return {name: getattr(asked, name) for name in names}


def test_uploads_are_named_by_what_they_are(server: FakeComfyUI, context: ServedContext) -> None:
    made("crossfade", "transition", context)
    before = set(server.uploads)
    made("crossfade", "transition", ServedContext(context.folder))
    assert (set(server.uploads), len(before)) == (before, 2)
    assert all(name.startswith("forkframe/") for name in before)
    assert json.dumps(sorted(before))
