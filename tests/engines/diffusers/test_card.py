"""What the engine says of itself before anything large is loaded, and what it says is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from forkframe.engines.diffusers import libraries
from forkframe.engines.diffusers.libraries import DEVICE_VARIABLE, found_device, missing
from forkframe.engines.registry import load_engine
from forkframe.errors import EngineUnavailable


def test_the_card_is_read_without_loading_a_library() -> None:
    program = (
        "import sys; from forkframe.engines.registry import load_engine; load_engine('diffusers').card();"
        "print([name for name in ('torch', 'diffusers', 'transformers', 'huggingface_hub') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "[]"


def test_asked_to_use_the_processor_nothing_is_missing() -> None:
    card = load_engine("diffusers").card()
    assert (card.missing, card.runs_on, card.tier) == ((), "gpu", "final")
    assert set(card.operations) == {"generate", "vary", "restyle", "transition", "animate"}
    assert found_device() == "cpu"


def test_what_is_not_installed_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libraries, "NEEDED", ("numpy", "torsch", "difusers"))
    assert missing() == ("install torsch, difusers: pip install 'forkframe[diffusers]'",)
    with pytest.raises(EngineUnavailable, match="can't load torsch"):
        libraries.library("torsch.nn")


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE)
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.usefixtures("linux")
def test_a_pytorch_for_processors_only_says_what_to_install_instead() -> None:
    [line] = missing()
    assert line.startswith(
        "this PyTorch computes on the processor only: install its build for your graphics card"
    )
    assert f"{DEVICE_VARIABLE}=cpu" in line
    with pytest.raises(EngineUnavailable, match="can't use a graphics card here"):
        found_device()


@pytest.mark.usefixtures("linux")
def test_a_machine_without_a_card_says_so_and_one_with_a_card_needs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "_built_for_cards", lambda: True)
    monkeypatch.setattr(libraries, "_CARDS", (str(tmp_path / "nvidiactl"),))
    [line] = missing()
    assert line.startswith("no graphics card was found")
    (tmp_path / "nvidiactl").touch()
    assert missing() == ()


def test_a_mac_computes_on_its_own_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert missing() == ()
