import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkframe.engines.builtin.field import (
    MAX_BYTES,
    MAX_CELLS_LINEAR,
    MAX_CELLS_TIMED,
    PACE_STEPS,
    Field,
)
from forkframe.errors import BadInput

HEADER_BYTES = 12


def a_field(
    seed: int = 0, *, height: int = 6, width: int = 9, timed: bool = True, coloured: bool = True
) -> Field:
    rng = np.random.default_rng(seed)
    v = rng.uniform(-0.3, 0.3, (height, width, 2)).astype(np.float32)
    if not timed:
        return Field(v)
    tables = [rng.uniform(-1, 1, (17, 17, 17, 3)).astype(np.float32) for _ in range(2)]
    return Field(
        v,
        tau=rng.random((height, width), dtype=np.float32),
        pace=np.linspace(0, 1, PACE_STEPS, dtype=np.float32) ** 2,
        palettes=(tables[0], tables[1]) if coloured else None,
    )


@pytest.mark.parametrize("field", [a_field(), a_field(coloured=False), a_field(timed=False)])
def test_a_field_survives_storage_to_within_its_steps(field: Field) -> None:
    again = Field.from_bytes(field.to_bytes())
    for name, step in (("v", 2**-15), ("tau", 2**-16), ("pace", 2**-16)):
        before, after = getattr(field, name), getattr(again, name)
        assert (before is None) == (after is None)
        if before is not None:
            np.testing.assert_allclose(after, before, atol=step)
    assert (field.palettes is None) == (again.palettes is None)
    for before, after in zip(field.palettes or (), again.palettes or (), strict=True):
        np.testing.assert_allclose(after, before, atol=2**-13)


def test_a_stored_field_is_stored_the_same_again() -> None:
    data = a_field().to_bytes()
    assert Field.from_bytes(data).to_bytes() == data


@pytest.mark.parametrize(("timed", "cells"), [(True, MAX_CELLS_TIMED), (False, MAX_CELLS_LINEAR)])
def test_even_a_field_of_noise_stays_below_the_limit(timed: bool, cells: int) -> None:
    side = int(np.sqrt(cells))
    assert len(a_field(height=side, width=side, timed=timed).to_bytes()) <= MAX_BYTES


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "0 bytes"),
        (b"FKFD", "4 bytes"),
        (b"\0" * (MAX_BYTES + 1), "bytes can't be one"),
        (b"JPEG" + a_field().to_bytes()[4:], "does not begin like one"),
        (b"FKFD\x03" + a_field().to_bytes()[5:], "version 3"),
        (b"FKFD\x01\x00\x00\x01" + a_field().to_bytes()[8:], "contradicts itself"),
        (b"FKFD\x01\x00\x01\x01\xff\xff\xff\xff" + a_field().to_bytes()[12:], "contradicts itself"),
        (a_field().to_bytes()[:-1], "too much or too little"),
        (a_field().to_bytes() + b"!", "too much or too little"),
        (a_field().to_bytes()[:HEADER_BYTES] + zlib.compress(b"\0" * 10**8), "too much or too little"),
        (a_field().to_bytes()[:HEADER_BYTES] + b"not zlib", "can't be unpacked"),
    ],
)
def test_what_is_not_a_field_is_refused_and_says_why(data: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refusal:
        Field.from_bytes(data)
    assert refusal.value.hint


def test_a_field_whose_time_runs_backwards_is_refused() -> None:
    field = a_field()
    assert field.pace is not None
    with pytest.raises(BadInput, match="backwards"):
        Field.from_bytes(Field(field.v, tau=field.tau, pace=field.pace[::-1].copy()).to_bytes())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_damaged_bytes_are_a_field_or_refused_never_a_crash(place: int, damage: bytes) -> None:
    data = bytearray(a_field(coloured=False).to_bytes())
    data[place : place + len(damage)] = damage
    try:
        field = Field.from_bytes(bytes(data))
    except BadInput:
        return
    assert np.isfinite(field.v).all()
    assert np.abs(field.v).max() <= 1
