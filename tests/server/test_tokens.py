"""The token of a studio outlives it, and nobody else can choose or read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forkframe.server.tokens import token_of


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "forkframe" / "tokens"


def test_a_workspace_keeps_its_token_and_another_one_has_another(state: Path) -> None:
    assert token_of("one") == token_of("one") != token_of("other")
    assert (state / "one").stat().st_mode & 0o777 == 0o600


def test_a_token_that_others_can_read_or_that_was_cut_off_is_replaced(state: Path) -> None:
    first = token_of("one")
    (state / "one").chmod(0o644)
    second = token_of("one")
    assert second != first
    (state / "one").write_text(second[:10])
    assert token_of("one") not in (first, second[:10])


def test_a_link_is_not_followed(state: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.write_text("x" * 43)
    planted.chmod(0o600)
    state.mkdir(parents=True)
    (state / "one").symlink_to(planted)
    assert token_of("one") != "x" * 43
    assert planted.read_text() == "x" * 43


def test_without_a_place_for_it_there_is_still_a_token(state: Path) -> None:
    state.parent.mkdir(parents=True)
    state.write_text("a file where the folder should be")
    assert token_of("one") != token_of("one")
