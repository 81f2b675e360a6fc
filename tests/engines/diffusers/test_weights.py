"""Where weights come from: folders, and a Hub on this machine; and what is never loaded."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from forkframe.engines.diffusers import hub as hub_module
from forkframe.engines.diffusers.engine import DiffusersEngine
from forkframe.engines.diffusers.models import MODELS, Model
from forkframe.engines.diffusers.weights import FOLDER_SETTING, FOLDER_VARIABLE, check_folder, model_folder
from forkframe.engines.settings import FOLDER_VARIABLE as SETTINGS_VARIABLE
from forkframe.engines.settings import keep_setting
from forkframe.errors import BadInput, Cancelled, EngineBusy, EngineUnavailable, OutputFailed
from tests.engines.contract import TestContext, performed
from tests.engines.diffusers.conftest import TINY, asked
from tests.engines.diffusers.hub import FakeHub

KLEIN = MODELS[0]


@pytest.fixture
def hub(models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A Hub that has the first model, and a user who has nothing."""
    repository = tmp_path / "repository"
    shutil.copytree(models_folder / KLEIN.name, repository)
    (repository / "everything-in-one.safetensors").write_bytes(bytes(1000))
    (repository / "transformer" / "old.bin").write_bytes(bytes(1000))
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with FakeHub({KLEIN.repository: repository}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def nobody(_: float) -> None:
    """Listens to no progress."""


# From the Hub


def test_weights_are_fetched_when_a_rendering_is_asked_for_and_never_again(
    hub: FakeHub, tmp_path: Path
) -> None:
    engine = DiffusersEngine(TINY)
    assert engine.card().operations
    assert hub.requests == []
    result, shares = performed(engine, asked("generate"), TestContext(tmp_path))
    assert result.picture is not None
    assert shares == sorted(shares)
    assert len([share for share in shares if 0 < share < 0.4]) > 2
    fetched = [
        path.rpartition("/resolve/")[2].partition("/")[2] for path in hub.requests if "/resolve/" in path
    ]
    assert "model_index.json" in fetched
    assert not {"everything-in-one.safetensors", "transformer/old.bin"} & set(fetched)
    asked_before = len(hub.requests)
    performed(engine, asked("generate", seed=6), TestContext(tmp_path))
    assert len(hub.requests) == asked_before


TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


def test_a_connection_that_drops_is_taken_up_in_the_middle_of_a_file(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 500)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", nobody)
    hub.cut = {TRANSFORMER: [20_000, 0, 20_000]}
    check_fetched(model_folder(KLEIN, "", nobody), hub)


def test_a_download_that_failed_goes_on_with_the_files_that_are_missing(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", nobody)
    hub.cut = {TRANSFORMER: [0] * 100}
    with pytest.raises(EngineUnavailable, match="can't be reached"):
        model_folder(KLEIN, "", nobody)
    hub.cut = {}
    check_fetched(model_folder(KLEIN, "", nobody), hub)


def check_fetched(folder: Path, hub: FakeHub) -> None:
    """All weights are there, and no byte of them went out twice."""
    repository = hub.repositories[KLEIN.repository]
    wanted = {path.relative_to(repository): path.read_bytes() for path in weights_of(hub)}
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.safetensors")} == wanted
    assert hub.served == sum(map(len, wanted.values()))


def weights_of(hub: FakeHub) -> list[Path]:
    folder = hub.repositories[KLEIN.repository]
    return [path for path in folder.rglob("*.safetensors") if path.parent != folder]


def test_cancelling_ends_a_download_at_once(hub: FakeHub) -> None:
    def enough(share: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        model_folder(KLEIN, "", enough)
    assert hub.served < sum(path.stat().st_size for path in weights_of(hub)) + 5 * 2**20


def test_a_gated_model_says_where_to_agree_and_takes_a_token(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gated = {KLEIN.repository}
    with pytest.raises(EngineUnavailable, match="only for people who agreed to their terms") as refused:
        model_folder(KLEIN, "", nobody)
    assert "HF_TOKEN" in refused.value.hint
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert model_folder(KLEIN, "", nobody).is_dir()
    assert hub.tokens == {"Bearer hf_secret"}


def test_a_repository_that_is_not_there_is_told_by_its_name(hub: FakeHub) -> None:
    with pytest.raises(BadInput, match="no repository somebody/nothing at the Hub"):
        model_folder(KLEIN, "somebody/nothing", nobody)


def test_without_a_network_it_says_which_weights_are_missing(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(
        EngineUnavailable, match="not on this machine, and the Hub can't be reached"
    ) as refused:
        model_folder(KLEIN, "", nobody)
    assert FOLDER_VARIABLE in refused.value.hint


def test_a_hub_with_a_fault_is_asked_again_later(hub: FakeHub) -> None:
    hub.fault = 500
    with pytest.raises(EngineBusy, match=r"the Hub has a fault \(500\)"):
        model_folder(KLEIN, "", nobody)


def test_what_the_disk_has_no_room_for_is_not_begun(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_SPARE", 1 << 62)
    with pytest.raises(OutputFailed, match=r"takes 0\.0 GB, and the disk has .* GB free") as refused:
        model_folder(KLEIN, "", nobody)
    assert "HF_HUB_CACHE" in refused.value.hint
    assert hub.served == 0


def test_what_a_killed_download_left_half_is_removed(hub: FakeHub, tmp_path: Path) -> None:
    blobs = tmp_path / "cache" / f"models--{KLEIN.repository.replace('/', '--')}" / "blobs"
    blobs.mkdir(parents=True)
    for name, age in (("old.1.incomplete", 7200), ("new.2.incomplete", 0)):
        (blobs / name).write_bytes(b"half")
        os.utime(blobs / name, (time.time() - age,) * 2)
    model_folder(KLEIN, "", nobody)
    assert [path.name for path in blobs.glob("*.incomplete")] == ["new.2.incomplete"]


# From a folder


@pytest.mark.parametrize("name", [KLEIN.name, KLEIN.repository, KLEIN.repository.split("/")[1]])
def test_a_users_folder_of_models_comes_first_under_any_of_a_models_names(
    models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shutil.copytree(models_folder / KLEIN.name, tmp_path / "mine" / name)
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings"))
    keep_setting(FOLDER_SETTING, str(tmp_path / "mine"))
    assert model_folder(KLEIN, "", nobody) == tmp_path / "mine" / name


def test_other_weights_are_named_by_a_path_or_by_their_name_in_the_folder(models_folder: Path) -> None:
    for name in (str(models_folder / KLEIN.name), KLEIN.name):
        assert model_folder(KLEIN, name, nobody) == models_folder / KLEIN.name


def test_weights_for_something_else_are_refused(models_folder: Path) -> None:
    with pytest.raises(BadInput, match="holds weights for WanVACEPipeline, not for Flux2KleinPipeline"):
        model_folder(KLEIN, "wan2.1-vace-1.3b", nobody)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"it has no model_index\.json"):
        check_folder(tmp_path, KLEIN.pipeline)


# What is never loaded


@pytest.fixture
def copy(models_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(models_folder / KLEIN.name, tmp_path / "copy"))


def test_a_pickle_is_refused_in_one_line(copy: Path) -> None:
    weights = copy / "vae" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(BadInput) as refused:
        check_folder(copy, KLEIN.pipeline)
    assert refused.value.message == (
        "copy is a pickle (vae/diffusion_pytorch_model.bin), which can run anything when it is read"
    )
    assert refused.value.hint == "use the same weights as safetensors"


def test_a_single_pickled_checkpoint_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "model.ckpt").write_bytes(b"\x80\x04.")
    with pytest.raises(BadInput, match=r"is a pickle \(model\.ckpt\)"):
        check_folder(tmp_path, KLEIN.pipeline)


@pytest.mark.parametrize("origin", ["os", "subprocess", "my_own_code", "forkframe"])
def test_a_model_that_brings_code_of_its_own_is_refused(copy: Path, origin: str) -> None:
    index = json.loads((copy / "model_index.json").read_text())
    index["vae"] = [origin, "Thing"]
    (copy / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(BadInput, match=rf"wants code of its own for its vae \({origin}\.Thing\)"):
        check_folder(copy, KLEIN.pipeline)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_model_of_the_registry_passes_the_same_checks(model: Model, models_folder: Path) -> None:
    check_folder(models_folder / model.name, model.pipeline)
