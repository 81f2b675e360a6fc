"""The TypeScript types are generated from a committed description, which has to be that of this server."""

from __future__ import annotations

import runpy
from pathlib import Path

FRONTEND = Path(__file__).parents[2] / "frontend"


def test_the_committed_description_is_that_of_the_server() -> None:
    schema = runpy.run_path(str(FRONTEND / "tools" / "schema.py"))
    assert schema["PLACE"].read_text() == schema["description"](), "run: make types"
