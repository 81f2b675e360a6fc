"""PyTorch and its kin, imported when they are first needed, and what of them is installed.

They are imported by name, so that this package reads and type-checks the same with and without them.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from forkframe.errors import EngineUnavailable

DEVICE_VARIABLE = "FORKFRAME_DIFFUSERS_DEVICE"
NEEDED = ("torch", "diffusers", "transformers", "accelerate", "peft", "ftfy", "sentencepiece", "safetensors")
_CARDS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
"""What a system with a graphics card has that PyTorch knows: NVIDIA's driver, AMD's, and Windows's under Linux."""


def library(name: str) -> Any:
    """A module of one of the libraries.

    Raises:
        EngineUnavailable: it is not installed, or does not load.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise EngineUnavailable(
            f"the engine diffusers can't load {name.partition('.')[0]}: {error}",
            hint="install it anew: pip install 'forkframe[diffusers]'",
        ) from error


def torch() -> Any:
    """PyTorch, quiet, with as many threads as there are cores where it computes on the processor."""
    module = library("torch")
    if device() == "cpu":
        module.set_num_threads(cores())
    return module


def cores() -> int:
    """How many threads PyTorch gets on the processor; the worker that it runs in would give it one."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def missing() -> tuple[str, ...]:
    """What keeps the engine from running here, one line each. Imports nothing that is large."""
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        return (f"install {', '.join(absent)}: pip install 'forkframe[diffusers]'",)
    if device() == "cpu" or sys.platform == "darwin":
        return ()
    instead = f"or set {DEVICE_VARIABLE}=cpu to let the processor do it, slowly"
    if not _built_for_cards():
        return (
            "this PyTorch computes on the processor only: install its build for your graphics card over it "
            f"(pip install torch, from the package index that PyTorch's own page names for your card), {instead}",
        )
    if not any(Path(path).exists() for path in _CARDS):
        return (f"no graphics card was found: install its driver, {instead}",)
    return ()


def device() -> str:
    """Where the user wants it computed: `cpu`, or "" for the graphics card.

    The processor has to be asked for: there a picture takes minutes to hours.
    """
    return "cpu" if os.environ.get(DEVICE_VARIABLE, "").strip().lower() == "cpu" else ""


def found_device() -> str:
    """The device as PyTorch names it: `cuda` (AMD's too), `mps` or `cpu`.

    Raises:
        EngineUnavailable: there is no graphics card that PyTorch can use.
    """
    if device() == "cpu":
        return "cpu"
    module = torch()
    if module.cuda.is_available():
        return "cuda"
    if module.backends.mps.is_available():
        return "mps"
    raise EngineUnavailable(
        "PyTorch can't use a graphics card here",
        hint=f"install its driver anew, or set {DEVICE_VARIABLE}=cpu to let the processor do it, slowly",
    )


@cache
def _built_for_cards() -> bool:
    """Whether the installed PyTorch can use a card at all, read from the file that says how it was built."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        said = (Path(spec.origin).parent / "version.py").read_text()
    except OSError:
        return True
    return re.search(r"^(cuda|hip|xpu)\b[^=\n]*=\s*['\"]", said, re.MULTILINE) is not None
