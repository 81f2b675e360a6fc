"""Keys and settings: taken in, used, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from forkframe.engines.secrets import keep_key, key_of
from forkframe.engines.settings import keep_setting, setting
from forkframe.errors import BadInput, EngineUnavailable, OutputFailed


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys.json"
    monkeypatch.setenv("FORKFRAME_TEST_KEYRING", str(path))
    return path


def test_a_key_is_found_in_the_keyring_until_it_is_taken_out(keyring: Path) -> None:
    assert key_of("SOME_KEY") == ""
    keep_key("SOME_KEY", " abc \n")
    assert key_of("SOME_KEY") == "abc"
    keep_key("SOME_KEY", "")
    keep_key("SOME_KEY", "")
    assert key_of("SOME_KEY") == ""


def test_the_environment_s_key_wins(keyring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_key("SOME_KEY", "kept")
    monkeypatch.setenv("SOME_KEY", "said")
    assert key_of("SOME_KEY") == "said"


def test_what_is_no_key_is_refused_without_being_repeated(keyring: Path) -> None:
    for wrong in ("two words", "line\nline", "kéy", "x" * 5000):
        with pytest.raises(BadInput) as caught:
            keep_key("SOME_KEY", wrong)
        assert wrong not in caught.value.message + caught.value.hint


def test_without_a_keyring_it_says_what_to_do_instead(keyring: Path) -> None:
    keyring.mkdir()
    assert key_of("SOME_KEY") == ""
    with pytest.raises(EngineUnavailable, match="does not take the key") as caught:
        keep_key("SOME_KEY", "abc")
    assert "set SOME_KEY in the environment" in caught.value.hint
    assert "abc" not in caught.value.message + caught.value.hint


def test_a_setting_stays_until_it_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORKFRAME_CONFIG", str(tmp_path / "new" / "folder"))
    assert setting("comfyui", "FORKFRAME_COMFYUI", "none") == "none"
    keep_setting("comfyui", "http://127.0.0.1:8188")
    keep_setting("other", "x")
    assert setting("comfyui", "FORKFRAME_COMFYUI") == "http://127.0.0.1:8188"
    monkeypatch.setenv("FORKFRAME_COMFYUI", "http://elsewhere")
    assert setting("comfyui", "FORKFRAME_COMFYUI") == "http://elsewhere"
    monkeypatch.delenv("FORKFRAME_COMFYUI")
    keep_setting("comfyui", "")
    assert setting("comfyui", "FORKFRAME_COMFYUI", "none") == "none"
    assert setting("other", "OTHER") == "x"


def test_settings_that_are_damaged_are_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORKFRAME_CONFIG", str(tmp_path))
    for damaged in ("{", "[]", '{"a": 1}'):
        (tmp_path / "engines.json").write_text(damaged)
        assert setting("a", "A_SETTING", "none") == "none"


def test_a_folder_that_can_t_be_written_to_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FORKFRAME_CONFIG", str(tmp_path / "file" / "below"))
    with pytest.raises(OutputFailed, match="can't be written"):
        keep_setting("a", "b")
    with pytest.raises(BadInput, match="can't be set"):
        keep_setting("a b", "c")
