"""What engines declare about their parameters holds for every value that reaches them."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.errors import BadParameter
from forkframe.params import Choice, Line, Mask, Number, Point, Schema, Strokes, Text, Toggle, Whole

SCHEMA = Schema(
    1,
    (
        Number(name="strength", title="Strength", default=0.5, unit="×"),
        Whole(name="count", title="Count", default=4, minimum=1, maximum=9),
        Text(name="prompt", title="Prompt", longest=10),
        Choice(name="palette", title="Palette", options=("auto", "on")),
        Toggle(name="loop", title="Loop"),
        Point(name="start", title="Start"),
        Mask(name="where", title="Where"),
        Strokes(name="drawn", title="Drawn"),
    ),
)
DEFAULTS = {
    "strength": 0.5,
    "count": 4,
    "prompt": "",
    "palette": "auto",
    "loop": False,
    "start": None,
    "where": None,
    "drawn": [],
}


def test_values_that_are_not_given_get_their_defaults() -> None:
    assert SCHEMA.resolve({}) == DEFAULTS
    assert SCHEMA.resolve({"strength": 1, "start": (0.25, 1)}) == DEFAULTS | {
        "strength": 1.0,
        "start": [0.25, 1.0],
    }


def test_what_was_typed_becomes_values_of_the_right_kind() -> None:
    typed = {
        "strength": ".25",
        "count": "3",
        "palette": "on",
        "loop": "yes",
        "start": "0.1,0.9",
        "prompt": "fog",
    }
    assert SCHEMA.read(typed) == {
        "strength": 0.25,
        "count": 3,
        "palette": "on",
        "loop": True,
        "start": [0.1, 0.9],
        "prompt": "fog",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strength", 1.01),
        ("strength", float("nan")),
        ("strength", True),
        ("count", 0),
        ("count", 1.5),
        ("prompt", "eleven long"),
        ("palette", "off"),
        ("loop", 1),
        ("start", [0.5]),
        ("start", [0.5, 2]),
        ("where", "../../secret"),
        ("drawn", [{"points": [[0, 0]], "width": 0.1}]),
        ("drawn", [{"points": [[0, 0], [1, 1]], "width": 0.1, "more": 1}]),
        ("drawn", "abc"),
    ],
)
def test_a_value_outside_its_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(BadParameter, match=f"^{name} can't be") as refused:
        SCHEMA.resolve({name: value})
    assert refused.value.hint.startswith("use ")


def test_an_unknown_parameter_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(BadParameter) as refused:
        SCHEMA.resolve({"strenght": 0.5})
    assert refused.value.hint == "did you mean strength?"


@given(
    st.dictionaries(
        st.sampled_from(list(DEFAULTS)), st.one_of(st.floats(), st.integers(), st.text(), st.booleans())
    )
)
def test_any_value_is_either_refused_or_stays_as_it_is_when_checked_again(values: dict[str, object]) -> None:
    try:
        once = SCHEMA.resolve(values)
    except BadParameter:
        return
    assert SCHEMA.resolve(once) == once


def test_values_of_an_older_version_are_upgraded_step_by_step() -> None:
    newer = Schema(
        3,
        (Number(name="strength", title="Strength"),),
        {1: lambda old: {"amount": old["percent"]}, 2: lambda old: {"strength": old["amount"] / 100}},  # type: ignore[operator]
    )
    assert newer.upgraded({"percent": 40}, version=1) == {"strength": 0.4}
    with pytest.raises(BadParameter, match="version 4"):
        newer.upgraded({}, version=4)


def test_the_json_schema_says_order_control_and_default() -> None:
    schema = SCHEMA.json_schema()
    assert schema["x-version"] == 1
    assert schema["properties"]["palette"] == {  # type: ignore[index]
        "type": "string",
        "enum": ["auto", "on"],
        "title": "Palette",
        "default": "auto",
        "x-order": 3,
    }


CAMERA = Schema(
    2,
    (
        Choice(name="camera", title="What it does", options=("push in", "along a line")),
        Number(name="amount", title="How far", default=0.5, when={"camera": ("push in",)}),
        Line(name="path", title="Draw the way", when={"camera": ("along a line",)}, needed=True, most=4),
        Number(name="roll", title="How far it rolls", maximum=40, when={"camera": ("along a line",)}),
    ),
    {1: dict},
)
LINE = [[0.2, 0.5], [0.8, 0.6]]


def test_a_value_that_counts_only_with_another_brings_that_one_along() -> None:
    resolved = CAMERA.resolve({"path": LINE, "roll": 10})
    assert resolved == {"camera": "along a line", "amount": 0.5, "path": LINE, "roll": 10.0}
    assert CAMERA.resolve({"camera": "push in", "path": None, "roll": 0})["camera"] == "push in"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"camera": "push in", "path": LINE}, "path does not count when camera is push in"),
        ({"path": LINE, "amount": 0.7}, "does not count"),
        ({"camera": "along a line"}, "path is needed when camera is along a line"),
        ({"camera": "along a line", "path": None}, "path is needed"),
    ],
)
def test_values_that_do_not_go_together_are_refused(values: dict[str, object], why: str) -> None:
    with pytest.raises(BadParameter, match=why) as refused:
        CAMERA.resolve(values)
    assert refused.value.hint


def test_an_older_recipe_keeps_only_what_counts() -> None:
    assert CAMERA.upgraded({"camera": "push in", "amount": 0.2, "roll": 9}, version=1) == {
        "camera": "push in",
        "amount": 0.2,
        "path": None,
        "roll": 0.0,
    }


def test_the_schema_says_what_counts_when() -> None:
    properties = cast("dict[str, dict[str, object]]", CAMERA.json_schema()["properties"])
    assert properties["path"]["x-when"] == {"camera": ["along a line"]}
    assert properties["path"]["x-needed"] is True
    assert properties["path"]["maxItems"] == 4
    assert "x-when" not in properties["camera"]


def test_a_line_is_typed_as_its_points() -> None:
    assert CAMERA.read({"path": "0.2,0.5 0.8,0.6", "camera": "along-a-line"}) == {
        "path": LINE,
        "camera": "along a line",
    }
    for wrong in ("", "0.2,0.5", "0.2,0.5 2,0", "0.2 0.5", "a,b c,d", "0,0 " * 5, "nan,0 1,1"):
        with pytest.raises(BadParameter):
            CAMERA.read({"path": wrong})
