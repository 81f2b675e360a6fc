"""Promises of the room's face."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import forkframe.media


def test_every_name_of_the_face_is_there_and_none_is_a_module() -> None:
    modules = {path.stem for path in Path(forkframe.media.__path__[0]).glob("*.py")}

    assert all(getattr(forkframe.media, name) is not None for name in forkframe.media.__all__)
    assert not modules & set(forkframe.media.__all__)


def test_the_face_loads_no_decoder() -> None:
    script = "import sys, forkframe.media; print(sorted({'av', 'cv2', 'numpy', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
