"""Where a model's weights are: in a folder of the user's, or at the Hub, from where they are fetched when they are first used.

Only safetensors are read. A folder names the classes that are loaded from it; those that are not diffusers' or
transformers' own are refused, so that a checkpoint can't bring code of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from forkframe.engines.diffusers.hub import Report, fetch, on_disk
from forkframe.engines.diffusers.models import Lora, Model
from forkframe.engines.settings import setting
from forkframe.errors import BadInput

FOLDER_VARIABLE = "FORKFRAME_DIFFUSERS_MODELS"
FOLDER_SETTING = "diffusers-models"
INDEX = "model_index.json"

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".h5")
_TRUSTED = ("diffusers", "transformers")
_FETCHED = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def model_folder(model: Model, wanted: str, report: Report) -> Path:
    """The folder that holds a model, whole and safe to load; fetched if it is nowhere on the disk.

    Args:
        model: whose weights.
        wanted: a folder or a repository that holds other weights for the same pipeline; "" for the model's own.
        report: told how far a download is.

    Raises:
        BadInput: there is no such folder, or it holds something else.
        EngineUnavailable, EngineBusy, RenderFailed, OutputFailed: the weights can't be fetched.
    """
    folder = local_folder(wanted or model.name, wanted or model.repository)
    if folder is None:
        repository = wanted or model.repository
        if not _REPOSITORY.fullmatch(repository):
            raise BadInput(
                f"there are no weights at {repository!r}",
                hint=f"name a folder with a {INDEX}, or OWNER/NAME as at the Hub",
            )
        folder = _fetched(repository, report)
    check_folder(folder, model.pipeline)
    return folder


def local_folder(name: str, repository: str) -> Path | None:
    """A folder of that name, or what the user's folder of models holds under it or under a repository's name."""
    named = Path(name).expanduser()
    if named.is_absolute():
        return named if named.is_dir() else None
    base = setting(FOLDER_SETTING, FOLDER_VARIABLE)
    if not base:
        return None
    places = (name, repository, repository.rpartition("/")[2])
    found = (Path(base).expanduser() / place for place in places)
    return next((place for place in found if place.is_dir()), None)


def check_folder(folder: Path, pipeline: str) -> None:
    """Returns if a folder holds weights for a pipeline that can be loaded without running anything that came with them.

    Raises:
        BadInput: it does not.
    """
    index = _index(folder)
    kind = index.get("_class_name")
    if kind != pipeline and not _shares_weights(kind, pipeline):
        raise BadInput(
            f"{folder.name} holds weights for {kind}, not for {pipeline}",
            hint="choose the model that they are for",
        )
    for part, (origin, kind_of_part) in _parts(index).items():
        own_module = origin in ("stable_diffusion", "ltx2", "wan", "z_image", "flux2")  # diffusers' own
        if origin not in _TRUSTED and not own_module:
            raise BadInput(
                f"{folder.name} wants code of its own for its {part} ({origin}.{kind_of_part}), which is never run",
                hint="use weights for which diffusers has all the code",
            )
        _check_part(folder, part)


def lora_file(lora: Lora, report: Report) -> Path:
    """The file of a LoRA, fetched if it is nowhere on the disk."""
    folder = local_folder(lora.repository, lora.repository)
    if folder is not None and (folder / lora.file).is_file():
        return folder / lora.file
    return fetch(lora.repository, (lora.file,), report) / lora.file


def tiny_folder(repository: str) -> Path | None:
    """Where an autoencoder for previews lies already; it is never fetched."""
    if not repository:
        return None
    if (folder := local_folder(repository, repository)) is not None:
        return folder
    return on_disk(repository, ("*.safetensors", "*.json"))


def _index(folder: Path) -> Mapping[str, object]:
    try:
        said: object = json.loads((folder / INDEX).read_text())
    except (OSError, ValueError):
        pickles = [p.name for p in sorted(folder.glob("*")) if p.suffix in _PICKLES]
        if pickles:
            raise _pickled(folder, pickles[0]) from None
        raise BadInput(
            f"{folder} holds no model: it has no {INDEX}",
            hint="use a folder that diffusers saved, or OWNER/NAME",
        ) from None
    return cast("Mapping[str, object]", said) if isinstance(said, dict) else {}


def _parts(index: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """The parts of a pipeline: the library and the class of each."""
    parts: dict[str, tuple[str, str]] = {}
    for name, value in index.items():
        if not name.startswith("_") and isinstance(value, list) and value and value[0] is not None:
            origin, kind = (str(word) for word in cast("list[object]", value)[:2])
            parts[name] = (origin, kind)
    return parts


def _check_part(folder: Path, part: str) -> None:
    """Refuses weights that are a pickle: reading one runs whatever its author put in."""
    files = sorted(path.name for path in (folder / part).glob("*") if path.is_file())
    if any(name.endswith(".safetensors") for name in files):
        return
    if pickles := [name for name in files if name.endswith(_PICKLES)]:
        raise _pickled(folder, f"{part}/{pickles[0]}")


def _pickled(folder: Path, name: str) -> BadInput:
    return BadInput(
        f"{folder.name} is a pickle ({name}), which can run anything when it is read",
        hint="use the same weights as safetensors",
    )


def _shares_weights(kind: object, pipeline: str) -> bool:
    """Whether two pipelines are two ways to use the same weights, such as text to image and image to image."""
    families = (
        ("ZImagePipeline", "ZImageImg2ImgPipeline"),
        ("LTX2Pipeline", "LTX2ImageToVideoPipeline", "LTX2ConditionPipeline"),
        ("WanVACEPipeline",),
    )
    return any(kind in family and pipeline in family for family in families)


def _fetched(repository: str, report: Report) -> Path:
    """The folder of a repository in the Hub's cache: only what its pipeline needs, and only safetensors."""
    index = _index(fetch(repository, (INDEX,), lambda _: None))
    return fetch(repository, (INDEX, *(f"{part}/{p}" for part in _parts(index) for p in _FETCHED)), report)
