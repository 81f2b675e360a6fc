"""Fetching from the Hub: with progress, going on where it was cut off, and every way in which it fails as one clear line."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from forkframe.engines.diffusers.libraries import library
from forkframe.engines.secrets import key_of
from forkframe.errors import BadInput, EngineBusy, EngineUnavailable, ForkframeError, OutputFailed

Report = Callable[[float], None]
"""Told the share of a download, 0–1; what it raises ends the download."""

TOKEN_VARIABLE = "HF_TOKEN"  # noqa: S105 - its name
_REPEATED = ("*.fp16.*", "*.fp8.*", "*.bf16.*", "*.non_ema.*")
"""The same weights over again."""
_SPARE = 1 << 30
"""Bytes that a download leaves free on the disk."""
_DEAD = 3600.0
"""Seconds after which a part of a file that does not grow belongs to a process that was killed."""


def fetch(repository: str, patterns: Sequence[str], report: Report) -> Path:
    """The folder that holds the files of a repository that match, fetched if they are not all on the disk.

    What is on the disk is not compared with the Hub: the same recipe goes on giving the same picture. A connection that
    drops is taken up where it was; after an attempt that failed, files that came whole are kept.

    Raises:
        BadInput: there is no such repository.
        EngineUnavailable: it is only for people who agreed to its terms.
        EngineBusy: the Hub does not answer.
        OutputFailed: the disk has no room.
    """
    if (folder := on_disk(repository, patterns)) is not None:
        return folder
    hub = library("huggingface_hub")
    _sweep(repository)
    with _clear_lines(repository):
        planned = hub.snapshot_download(
            repository, dry_run=True, tqdm_class=_bar(lambda _: None), **_where(patterns)
        )
        size = sum(file.file_size or 0 for file in planned if file.will_download)
        _check_room(repository, size)
        bar = _bar(lambda done: report(min(done / size, 1.0) if size else 1.0))
        return Path(hub.snapshot_download(repository, tqdm_class=bar, max_workers=4, **_where(patterns)))


def on_disk(repository: str, patterns: Sequence[str]) -> Path | None:
    """The folder that holds all files of a repository that match, if they were fetched before."""
    hub = library("huggingface_hub")
    try:
        folder = Path(hub.snapshot_download(repository, local_files_only=True, **_where(patterns)))
    except (OSError, ValueError):
        return None
    return folder if all(any(folder.glob(p)) for p in patterns if "*" not in p) else None


def _where(patterns: Sequence[str]) -> dict[str, Any]:
    """What every look into the cache and at the Hub has in common; the environment is read each time."""
    return {
        "allow_patterns": list(patterns),
        "ignore_patterns": list(_REPEATED),
        "endpoint": os.environ.get("HF_ENDPOINT") or None,
        "token": key_of(TOKEN_VARIABLE) or None,
        "cache_dir": os.environ.get("HF_HUB_CACHE") or None,
    }


def _cache() -> Path:
    return Path(os.environ.get("HF_HUB_CACHE") or library("huggingface_hub").constants.HF_HUB_CACHE)


def _sweep(repository: str) -> None:
    """Removes parts of files that nobody will ever finish: the client begins such a file anew, under another name."""
    for part in (_cache() / f"models--{repository.replace('/', '--')}" / "blobs").glob("*.incomplete"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _DEAD:
                part.unlink()


def _check_room(repository: str, size: int) -> None:
    """Refuses what the disk has no room for before the first byte is fetched."""
    cache = _cache()
    place = next(folder for folder in (cache, *cache.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if size + _SPARE > free:
        raise OutputFailed(
            f"{repository} takes {size / 1e9:.1f} GB, and the disk has {free / 1e9:.1f} GB free",
            hint="make room, or set HF_HUB_CACHE to a folder on another disk",
        )


def _bar(report: Callable[[float], None]) -> type:
    """A progress bar that draws nothing and reports bytes: those written, or those received where these are more."""
    base: Any = library("tqdm.auto").tqdm

    class Bar(base):
        most = 0.0

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **(kwargs | {"disable": True}))
            self.bytes = kwargs.get("unit") == "B"

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            if self.bytes and self.n > Bar.most:
                Bar.most = self.n
                report(self.n)

    return Bar


@contextmanager
def _clear_lines(repository: str) -> Generator[None]:
    """Turns what the Hub's client raises into errors that say what to do."""
    errors = library("huggingface_hub.errors")
    try:
        yield
    except (
        errors.LocalEntryNotFoundError,
        errors.DryRunError,
    ) as error:  # both are only what follows from a cause
        raise _explained(repository, error.__cause__) from error
    except (errors.HfHubHTTPError, errors.OfflineModeIsEnabled, library("httpx2").HTTPError) as error:
        raise _explained(repository, error) from error


def _explained(repository: str, error: BaseException | None) -> ForkframeError:
    errors = library("huggingface_hub.errors")
    token = f"set {TOKEN_VARIABLE} to a token of yours"
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if isinstance(error, errors.RepositoryNotFoundError) and not isinstance(error, errors.GatedRepoError):
        return BadInput(
            f"there is no repository {repository} at the Hub, or not for you",
            hint=f"check its name; if it is private, {token}",
        )
    if isinstance(error, errors.GatedRepoError) or status in (401, 403):
        return EngineUnavailable(
            f"the weights {repository} are only for people who agreed to their terms",
            hint=f"agree on their page at the Hub, then {token}",
        )
    if status:
        return EngineBusy(f"the Hub has a fault ({status})", hint="it is tried again by itself")
    return EngineUnavailable(
        f"the weights {repository} are not on this machine, and the Hub can't be reached",
        hint="connect to the network and try again (it goes on where it was), or set FORKFRAME_DIFFUSERS_MODELS to a "
        "folder that holds them",
    )
