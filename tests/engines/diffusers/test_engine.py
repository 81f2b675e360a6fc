"""The engine on tiny pipelines of every class, through the real loading code: the contract, and what it says and leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from forkframe.engines.diffusers import attempts, loading
from forkframe.engines.diffusers.attempts import warm
from forkframe.engines.diffusers.engine import DiffusersEngine
from forkframe.engines.diffusers.models import Model
from forkframe.engines.protocol import Engine, Result
from forkframe.errors import BadInput, Cancelled, EngineUnavailable, RenderFailed
from forkframe.model.frame import Frame
from forkframe.model.recipe import Input, Recipe
from tests.engines.contract import FRAME, EngineContract, TestContext, performed
from tests.engines.diffusers.conftest import TINY, asked
from tests.engines.diffusers.tiny import save_preview_decoder, save_tiny

READY = attempts.LOADED - attempts.FETCHED + 0.01
"""The share of a run after which it steps, where nothing had to be fetched."""
PROMPT = {"prompt": "word7 word9"}


@pytest.mark.parametrize("model", TINY, ids=lambda model: model.name, scope="class")
class TestEachModel(EngineContract):
    parameters: ClassVar = {"generate": PROMPT, "restyle": {**PROMPT, "strength": 0.6}}

    @pytest.fixture
    def engine(self, model: Model) -> Engine:
        return DiffusersEngine([model])


@dataclass
class Counted:
    """A pipeline that counts its steps, and can be told what befalls it."""

    steps: int = 0
    calls: int = 0
    failures: tuple[BaseException, ...] = ()
    latents: list[torch.Tensor] = field(default_factory=list)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> Counted:
        load = loading.load

        def loaded(*args: Any) -> Any:
            pipeline = load(*args)
            kind = type(pipeline)
            call = kind.__call__

            def called(itself: Any, *, callback_on_step_end: Callable[..., Any], **rest: Any) -> Any:
                self.calls += 1
                if self.calls <= len(self.failures):
                    raise self.failures[self.calls - 1]

                def stepped(*what: Any) -> Any:
                    self.steps += 1
                    self.latents.append(what[-1]["latents"].clone())
                    return callback_on_step_end(*what)

                return call(itself, callback_on_step_end=stepped, **rest)

            pipeline.__class__ = type(
                kind.__name__, (kind,), {"__call__": called, "__module__": kind.__module__}
            )
            return pipeline

        monkeypatch.setattr(attempts, "load", loaded)
        return self


def rendered(engine: DiffusersEngine, recipe: Recipe, folder: Path) -> tuple[Result, TestContext]:
    context = TestContext(folder)
    return performed(engine, recipe, context)[0], context


# Stopping


@pytest.mark.parametrize("model", TINY, ids=lambda model: model.name)
def test_a_cancelled_run_ends_within_one_step(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted().watch(monkeypatch)
    engine = DiffusersEngine(
        [
            replace(
                model,
                steps=8,
                constants={**model.constants, "sigmas": None}
                if "sigmas" in model.constants
                else model.constants,
            )
        ]
    )
    context = TestContext(tmp_path)
    recipe = asked(model.operations[-1], strength=1.0) if model.clip is None else asked(model.operations[0])
    run = engine.run(recipe, context)
    while next(run).share < READY:
        pass
    seen = counted.steps
    context.looks = 0
    with pytest.raises(Cancelled):
        for _ in run:
            pass
    assert 1 <= seen <= counted.steps <= seen + 1 < 8


def test_whoever_leaves_at_a_yield_stops_it_too_and_the_next_run_works(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted().watch(monkeypatch)
    run = engine.run(asked("generate", steps=8), TestContext(tmp_path))
    while next(run).share < READY:
        pass
    run.close()
    assert counted.steps < 8
    result, _ = rendered(engine, asked("generate", steps=2), tmp_path)
    assert result.picture is not None


# Memory


def full() -> torch.OutOfMemoryError:
    """As PyTorch raises it, by a real allocation that no machine can hold."""
    try:
        torch.empty(1 << 50)
    except RuntimeError as error:
        return torch.OutOfMemoryError(str(error))
    raise AssertionError


def test_when_memory_runs_out_the_next_cheaper_preset_is_taken_and_said(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(failures=(full(), full())).watch(monkeypatch)
    result, _ = rendered(engine, asked("generate", preset="48"), tmp_path)
    assert result.picture is not None
    assert counted.calls == 3
    assert result.notes == (
        "memory ran out with the preset for 48 GB: this is of that for 24 GB",
        "memory ran out with the preset for 24 GB: this is of that for 12 GB",
    )


def test_what_really_runs_out_of_memory_is_known_for_it(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, loads = loading.load, []

    def hungry(*args: Any) -> Any:
        loads.append(args)
        if len(loads) == 1:
            torch.empty(1 << 50)
        return load(*args)

    monkeypatch.setattr(attempts, "load", hungry)
    result, _ = rendered(engine, asked("generate", preset="12"), tmp_path)
    assert len(result.notes) == 1
    assert len(loads) == 2


def test_when_the_cheapest_preset_does_not_fit_it_says_what_to_do(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Counted(failures=(full(),) * 4).watch(monkeypatch)
    with pytest.raises(RenderFailed, match="ran out of memory even with the preset for 8 GB") as failed:
        rendered(engine, asked("generate", preset="24"), tmp_path)
    assert "smaller model" in failed.value.hint


def test_before_a_cheaper_preset_other_models_have_to_go(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered(engine, asked("restyle", model="z-image-turbo"), tmp_path)
    Counted(failures=(full(),)).watch(monkeypatch)
    result, _ = rendered(engine, asked("generate", preset="48"), tmp_path)
    assert result.notes == ()


def test_a_model_that_main_memory_cannot_hold_is_not_loaded(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "free_memory", lambda: 0.0)
    monkeypatch.setattr(attempts, "load", lambda *_: pytest.fail("it was loaded"))
    with pytest.raises(RenderFailed, match=r"needs .* GB of main memory"):
        rendered(engine, asked("generate"), tmp_path)


def test_a_model_stays_warm_from_one_request_to_the_next(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[object] = []
    load = loading.load
    monkeypatch.setattr(attempts, "load", lambda *args: loads.append(args[0]) or load(*args))
    for seed in (1, 2):
        rendered(DiffusersEngine(TINY), asked("generate", seed=seed), tmp_path)
    rendered(DiffusersEngine(TINY), asked("vary"), tmp_path)
    assert len(loads) == 1


# What it makes


def test_other_words_and_another_strength_give_another_picture(
    engine: DiffusersEngine, tmp_path: Path
) -> None:
    recipes = [
        asked("restyle", strength=0.5),
        asked("restyle", strength=1.0),
        asked("restyle", strength=0.5, prompt="word20 word21 word22"),
        asked("restyle", strength=0.0),
    ]
    pictures = [rendered(engine, recipe, tmp_path)[0].picture for recipe in recipes]
    assert len({picture.tobytes() for picture in pictures if picture is not None}) == 4


def test_references_reach_the_model(engine: DiffusersEngine, tmp_path: Path) -> None:
    plain = asked("restyle")
    style = Input("style", asked("transition").inputs[1].pixels)
    alone, _ = rendered(engine, plain, tmp_path)
    styled, _ = rendered(engine, replace(plain, inputs=(*plain.inputs, style)), tmp_path)
    assert alone.picture is not None
    assert styled.picture is not None
    assert alone.picture.tobytes() != styled.picture.tobytes()


@pytest.mark.parametrize("model", [m.name for m in TINY if m.clip])
def test_the_last_picture_of_a_transition_reaches_the_model(
    engine: DiffusersEngine, tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_one = asked("transition", model=model)
    to_other = replace(to_one, inputs=(to_one.inputs[0], Input("last", to_one.inputs[0].pixels)))
    counted = Counted().watch(monkeypatch)
    for recipe in (to_one, to_other):
        rendered(engine, recipe, tmp_path)
    one, other = (counted.latents[n] for n in (counted.steps // 2 - 1, counted.steps - 1))
    assert (one - other).abs().max() > 1e-5  # random weights make little of it


def test_loras_are_melted_into_both_transformers(machine: Path, tmp_path: Path) -> None:
    [model] = [m for m in TINY if m.loras]
    recipe = asked("animate", model=model.name, steps=8)
    with_loras, _ = rendered_frames(model, recipe, tmp_path)
    without, _ = rendered_frames(replace(model, loras=()), recipe, tmp_path)
    second_only, _ = rendered_frames(replace(model, loras=model.loras[1:]), recipe, tmp_path)
    assert len({with_loras, without, second_only}) == 3


def rendered_frames(model: Model, recipe: Recipe, folder: Path) -> tuple[bytes, tuple[str, ...]]:
    warm.cache_clear()
    result, context = rendered(DiffusersEngine([model]), recipe, folder)
    return b"".join(frame.tobytes() for frame in context.sink.frames), result.notes


def test_a_longer_video_than_the_model_makes_is_said_to_be_slowed_down(
    engine: DiffusersEngine, tmp_path: Path
) -> None:
    [model] = [m for m in TINY if m.name == "wan2.2-i2v-a14b"]
    assert model.clip is not None
    short = replace(model, clip=replace(model.clip, most=5))
    _, notes = rendered_frames(short, asked("transition", model=model.name), tmp_path)
    assert any("makes at most 1.0 s" not in note and "slowed down" in note for note in notes) is False
    long = replace(asked("transition", model=model.name), frames=25)
    context = TestContext(tmp_path)
    context.frames_out = lambda count=None: context.sink  # type: ignore[method-assign]
    result, _ = performed(DiffusersEngine([short]), long, context)
    assert any("slowed down to 3.0 s" in note for note in result.notes)


def test_previews_show_where_their_decoder_lies_on_the_disk(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forkframe.engines.diffusers.running._PREVIEW_SECONDS", 0.0)
    [model] = [m for m in TINY if m.name == "z-image-turbo"]
    engine = DiffusersEngine([replace(model, tiny=str(save_preview_decoder(tmp_path / "taef1")))])
    previews = [
        step.preview
        for step in engine.run(asked("restyle", strength=1.0), TestContext(tmp_path))
        if step.preview is not None
    ]
    assert len(previews) == model.steps
    assert previews[0].shape == (96, 128, 3)
    assert np.ptp(previews[-1]) > 0


def test_numbers_that_are_none_are_not_shown(
    engine: DiffusersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = loading.load

    def overflowing(*args: Any) -> Any:
        pipeline = load(*args)
        for weights in pipeline.vae.decoder.parameters():
            weights.data.fill_(float("nan"))
        return pipeline

    monkeypatch.setattr(attempts, "load", overflowing)
    with pytest.raises(RenderFailed, match="gave numbers that are none"):
        rendered(engine, asked("generate"), tmp_path)


@pytest.mark.parametrize("layout", [("leaf", "none"), ("leaf", "fp8"), ("model", "none")], ids="-".join)
@pytest.mark.parametrize("model", TINY, ids=lambda model: model.name)
def test_what_waits_in_main_memory_computes_the_same(
    model: Model, layout: tuple[Any, Any], machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offload, quantise = layout
    recipe = asked(model.operations[-1], quantise=quantise, model=model.name)
    engine = DiffusersEngine([replace(model, loras=())])
    whole, frames = rendered(engine, recipe, tmp_path)
    warm.cache_clear()
    load = loading.load

    def offloaded(*args: Any) -> Any:
        pipeline = load(*args)
        loading.place(pipeline, replace(args[3], offload=offload), "cpu")
        return pipeline

    monkeypatch.setattr(attempts, "load", offloaded)
    parts, others = rendered(engine, recipe, tmp_path)
    for one, other in zip(
        [whole.picture, *frames.sink.frames], [parts.picture, *others.sink.frames], strict=True
    ):
        assert (one is other is None) or np.array_equal(one, other)  # type: ignore[arg-type]


# What it refuses


def test_a_model_that_would_ignore_the_last_picture_is_refused(
    engine: DiffusersEngine, tmp_path: Path
) -> None:
    deaf = save_tiny("deaf", tmp_path / "Wan2.2-TI2V-5B")
    with pytest.raises(BadInput, match=r"Wan2\.2-TI2V-5B ignores the last picture"):
        rendered(engine, asked("transition", model="wan2.2-i2v-a14b", weights=str(deaf)), tmp_path)


@pytest.mark.parametrize(
    ("operation", "parameters", "said"),
    [
        ("generate", {"prompt": ""}, "nothing to make a picture of"),
        ("restyle", {"prompt": " "}, "no style to go by"),
        ("generate", {"weights": "/nowhere/at/all"}, "no weights at '/nowhere/at/all'"),
    ],
)
def test_what_can_not_be_is_refused_in_one_line(
    engine: DiffusersEngine, tmp_path: Path, operation: Any, parameters: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        rendered(engine, asked(operation, **parameters), tmp_path)
    assert refused.value.hint


def test_a_frame_that_no_model_can_fill_is_refused(engine: DiffusersEngine, tmp_path: Path) -> None:
    large = replace(asked("generate"), frame=Frame(4096, 4096, FRAME.fps))
    with pytest.raises(BadInput, match="can't generate at 4096×4096"):
        engine.card().check(large)
    long = replace(asked("generate"), frame=Frame(1024, 64, FRAME.fps))
    with pytest.raises(BadInput, match="no model makes pictures of 1024×64"):
        rendered(engine, long, tmp_path)


def test_an_option_that_wants_what_is_not_installed_says_so(engine: DiffusersEngine, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="need bitsandbytes"):
        rendered(engine, asked("generate", quantise="int4"), tmp_path)
    with pytest.raises(EngineUnavailable, match="no attention flash here"):
        rendered(engine, asked("generate", attention="flash"), tmp_path)


@pytest.mark.parametrize(
    "options",
    [{"quantise": "fp8"}, {"cache": "first-block"}, {"cache": "taylorseer"}, {"attention": "native"}],
    ids=lambda options: "-".join(options.values()),
)
def test_an_option_changes_how_it_is_made_and_not_whether(
    engine: DiffusersEngine, tmp_path: Path, options: dict[str, object]
) -> None:
    recipe = asked("animate", model="wan2.1-vace-1.3b", steps=5, **options)
    result, context = rendered(engine, recipe, tmp_path)
    assert (result.frames, len(context.sink.frames)) == (True, 9)
