"""The rows of the registry, against the installed diffusers and against their own rules."""

from __future__ import annotations

import inspect
import math
import re
from fractions import Fraction
from pathlib import Path

import diffusers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.engines.diffusers.calling import Order, arguments_of
from forkframe.engines.diffusers.models import MODELS, Clip, Model, size_for
from forkframe.engines.diffusers.presets import PRESETS, Preset, cheaper, preset_for
from forkframe.engines.diffusers.schemas import operations_of
from forkframe.model.frame import ASPECTS
from tests.engines.contract import PICTURES

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
each_preset = pytest.mark.parametrize("preset", PRESETS)


@each_model
@each_preset
def test_a_pipeline_takes_every_argument_that_it_is_given(model: Model, preset: Preset) -> None:
    kind = getattr(diffusers, model.pipeline)
    order = Order(
        "words",
        size_for(model, (1280, 720), model.setups[preset].pixels),
        model.steps,
        7.0,
        5,
        negative="blur" if model.clip else "",
        first=PICTURES[0],
        last=PICTURES[1],
        pictures=(PICTURES[2],),
        count=9,
        strength=0.5,
    )
    given = arguments_of(model, order, lambda *_: {})
    inspect.signature(kind.__call__).bind(None, **given)
    assert "latents" in kind._callback_tensor_inputs
    assert isinstance(kind.num_timesteps, property)


@each_model
def test_a_row_has_a_setup_for_every_preset_and_none_takes_more_than_the_card_has(model: Model) -> None:
    assert tuple(model.setups) == PRESETS
    assert all(setup.gigabytes <= int(preset) for preset, setup in model.setups.items())
    assert [model.setups[p].pixels for p in PRESETS] == sorted(model.setups[p].pixels for p in PRESETS)


def test_names_are_unique_and_every_operation_has_one_model_for_each_preset_that_nobody_has_to_choose() -> (
    None
):
    assert len({model.name for model in MODELS}) == len(MODELS)
    for operation in operations_of(MODELS):
        for preset in PRESETS:
            suited = [m.name for m in MODELS if operation in m.operations and preset in m.suits]
            assert len(suited) == 1, (operation, preset)


def test_what_is_taken_by_itself_is_under_a_free_licence_and_the_card_names_the_others() -> None:
    assert all(model.licence == "Apache-2.0" for model in MODELS if model.suits)
    assert operations_of(MODELS)["generate"].licence == "Apache-2.0"
    card = operations_of(MODELS)["transition"]
    assert card.licence == (
        "Apache-2.0; LTX-2.3, distilled: LTX-2 Community License (paid from 10 million US dollars of yearly revenue)"
    )
    [which] = [p for p in card.schema.parameters if p.name == "model"]
    assert card.licence in which.title


@each_model
@given(
    aspect=st.sampled_from(ASPECTS),
    unit=st.integers(1, 12),
    preset=st.sampled_from(PRESETS),
)
def test_what_a_model_makes_has_sides_that_it_can_and_nearly_the_shape_of_the_frame(
    model: Model, aspect: tuple[int, int], unit: int, preset: Preset
) -> None:
    frame = (aspect[0] * 16 * unit, aspect[1] * 16 * unit)
    most = model.setups[preset].pixels
    width, height = size_for(model, frame, most)
    assert width % model.multiple == height % model.multiple == 0
    assert width * height <= most
    assert abs(math.log(width / height / (frame[0] / frame[1]))) < 0.08
    if model.least <= frame[0] * frame[1] <= most and model.multiple == 16:
        assert (width, height) == frame


@given(seconds=st.floats(0.05, 600), clip=st.sampled_from([m.clip for m in MODELS if m.clip]))
def test_a_model_makes_the_number_of_frames_that_it_can_nearest_to_what_is_asked_for(
    seconds: float, clip: Clip
) -> None:
    count = clip.count(seconds)
    assert (count - 1) % clip.stride == 0
    assert clip.stride < count <= clip.most
    if clip.stride / clip.fps <= seconds <= (clip.most - 1) / clip.fps:
        assert abs((count - 1) / clip.fps - seconds) <= clip.stride / clip.fps / 2 + 1e-9


def test_five_seconds_of_wan_are_81_frames_and_of_ltx_121() -> None:
    counts = {m.name: m.clip.count(5.0) for m in MODELS if m.clip}
    assert counts == {"wan2.2-i2v-a14b": 81, "wan2.1-vace-1.3b": 81, "ltx-2.3": 121}
    assert Fraction(80, 16) == Fraction(120, 24) == 5


@pytest.mark.parametrize(
    ("free", "preset"),
    [(140, "48"), (47, "48"), (23.5, "24"), (15.6, "12"), (11.5, "12"), (7.8, "8"), (3, "8")],
)
def test_a_card_gets_the_largest_preset_that_its_free_memory_holds(free: float, preset: Preset) -> None:
    assert preset_for(free) == preset


def test_the_page_about_the_engine_names_every_model_its_weights_and_every_option() -> None:
    page = (Path(__file__).parents[3] / "docs" / "engines-diffusers.md").read_text()
    for model in MODELS:
        assert re.search(rf"^\| `{re.escape(model.name)}` \|.*`{model.repository}`", page, re.MULTILINE)
        assert model.licence.partition(" (")[0] in page
        assert all(f"`{lora.repository}`" in page for lora in model.loras)
    options = {p.name for card in operations_of(MODELS).values() for p in card.schema.parameters}
    common = options - {"prompt", "negative", "camera"}
    assert {name for name in common if f"`{name}`" not in page} == set()


def test_presets_go_down_to_8_gb() -> None:
    assert [cheaper(preset) for preset in PRESETS] == [None, "8", "12", "24"]
