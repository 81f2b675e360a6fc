"""Measures everything that is claimed: `make bench`. Writes the transitions' contact sheet to `bench/out/`."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from bench import export, store, transition

OUT = Path(__file__).parent / "out"


def main() -> None:
    OUT.mkdir(exist_ok=True)
    sheet = OUT / "transitions.png"
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("\n## Transition: 512 px, a 2-second edge, one thread\n")
    print(transition.table(transition.run(sheet=sheet)))
    print(f"contact sheet: {sheet}")
    print("\n## Path export: ten 5-second edges, 1280×720\n")
    print(export.table(export.run()))
    print("\n## Store\n")
    for name, figure in store.run().items():
        print(f"{name:45} {figure:12.3f}")


if __name__ == "__main__":
    main()
