"""Writes the API's description, from which the TypeScript types are generated: `python frontend/tools/schema.py`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from fastapi import FastAPI

from forkframe.server import make_app
from forkframe.studio import Studio

PLACE = Path(__file__).parents[1] / "src" / "api" / "openapi.json"


def description() -> str:
    """The description as it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio.create(Path(folder) / "empty.forkframe")
        try:
            guard = make_app(studio, token="", hosts=(), ui=None)
            app = next(part for part in vars(guard).values() if isinstance(part, FastAPI))
            described = app.openapi()
        finally:
            studio.close()
    described["info"].pop("version")
    return json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PLACE.write_text(description())
