"""The codec and the envelope: what is written is read back, and nothing else is accepted."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkframe.model.changes import CHANGES, Change, Envelope, MoveNodes, SetFields
from forkframe.model.codec import from_json, to_json
from forkframe.model.entities import ENTITIES, Edge, Node, Settings, Step
from forkframe.model.frame import Crop, Frame
from forkframe.model.ids import OpId
from forkframe.model.recipe import Input
from tests.model.build import moves, node

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(object, JSON)
st.register_type_strategy(
    Frame,
    st.builds(
        Frame,
        st.integers(4, 256).map(lambda n: n * 16),
        st.integers(4, 256).map(lambda n: n * 16),
        st.fractions(1, 240, max_denominator=1001),
    ),
)
st.register_type_strategy(
    Crop,
    st.builds(
        Crop,
        st.sampled_from(("cover", "contain")),
        st.tuples(st.floats(0, 1), st.floats(0, 1)),
        st.floats(1, 16),
    ),
)


def rows(kind: type, **special: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Rows of a kind with every field drawn, the `special` ones from where they may be."""
    hints = get_type_hints(kind)
    return st.deferred(lambda: st.builds(kind, **{n: st.from_type(h) for n, h in hints.items()} | special))


st.register_type_strategy(Settings, rows(Settings, fps=st.fractions(1, 240, max_denominator=1001)))
st.register_type_strategy(Input, rows(Input, weight=st.floats(0.001, 1000)))
st.register_type_strategy(Node, rows(Node, rating=st.integers(0, 5)))
st.register_type_strategy(Step, rows(Step, speed=st.floats(0.1, 10), hold=st.integers(0, 1000)))
st.register_type_strategy(Edge, rows(Edge, frames=st.integers(2, 1000)))


@pytest.mark.parametrize("kind", [*ENTITIES, *get_args(Change)], ids=lambda kind: kind.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_row_and_every_change_survives_the_way_through_json(kind: type, data: st.DataObject) -> None:
    value: Any = data.draw(st.from_type(kind))
    assert from_json(kind, json.loads(json.dumps(to_json(value)))) == value


@settings(max_examples=100, deadline=None)
@given(change=st.one_of([st.from_type(kind) for kind in get_args(Change)]))
def test_an_envelope_survives_the_wire_and_names_its_change(change: Change) -> None:
    envelope = Envelope(OpId("o1"), "anna", 7, change)
    wire = json.loads(json.dumps(envelope.to_json()))
    assert Envelope.from_json(wire) == envelope
    assert wire["type"] == type(change).__name__


def test_every_change_is_known_by_its_name() -> None:
    assert set(CHANGES.values()) == set(get_args(Change))


def test_an_envelope_reads_as_documented() -> None:
    assert Envelope(OpId("o1"), "anna", 7, moves(n1=(1.0, 2.5))).to_json() == {
        "op_id": "o1",
        "actor": "anna",
        "base_seq": 7,
        "type": "MoveNodes",
        "places": {"n1": [1.0, 2.5]},
    }


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "Format"},
        {"type": None},
        {"op_id": 3},
        {"base_seq": "7"},
        {"base_seq": True},
        {"places": {"n1": [1.0]}},
        {"places": {"n1": [1.0, float("nan")]}},
        {"places": {"n1": [1.0, float("inf")]}},
        {"places": {"n1": [1.0, 10**400]}},
        {"places": [["n1", 0, 0]]},
        {"extra": 1},
    ],
    ids=repr,
)
def test_a_malformed_envelope_is_refused(broken: dict[str, object]) -> None:
    wire = Envelope(OpId("o1"), "anna", 7, MoveNodes({})).to_json()
    with pytest.raises(ValueError):  # noqa: PT011 - each malformation words it differently
        Envelope.from_json({**wire, **broken})


@pytest.mark.parametrize("part", ["op_id", "actor", "base_seq", "type", "id"])
def test_an_envelope_without_one_of_its_parts_is_refused(part: str) -> None:
    wire = Envelope(OpId("o1"), "anna", 7, SetFields("n1", {})).to_json()
    del wire[part]
    with pytest.raises(ValueError, match=part):
        Envelope.from_json(wire)


def test_what_equals_its_default_is_not_written() -> None:
    assert to_json(Settings()) == {}
    assert set(json.loads(json.dumps(to_json(node("n1", label="dusk"))))) == {
        "id", "picture", "size", "framed", "label"
    }  # fmt: skip


def test_a_row_written_before_a_field_was_added_gets_its_default() -> None:
    written = to_json(node("n1"))
    assert isinstance(written, dict)
    assert "rating" not in written
    assert from_json(Node, written).rating == 0


@pytest.mark.parametrize("text", ["1/0", "x", "", None, 1.5, [1]])
def test_a_frame_rate_that_is_no_fraction_is_refused(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(Settings, {"fps": text})


def test_a_frame_rate_is_exact() -> None:
    settings_ = Settings(fps=Fraction(30000, 1001))
    assert from_json(Settings, to_json(settings_)).fps == Fraction(30000, 1001)


def test_a_value_without_a_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        to_json(dataclasses.replace(SetFields("n1", {}), values={"label": {1}}))
