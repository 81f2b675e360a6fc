"""Forkframe: an open workspace in which creative exploration is search.

Images are nodes, videos are edges between them, and a film is a path you choose:

```python
import forkframe as ff

ws = ff.open("trip.forkframe")
a, b = ws.add("a.jpg"), ws.add("b.jpg")
edge = ws.connect(a, b, seconds=3)
mid = ws.branch(edge, at=0.5)
dusk = ws.restyle(mid, prompt="evening")
ws.connect(mid, dusk)
ws.sequence("to dusk", [a, mid, dusk]).export("film.mp4")
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forkframe.errors import ForkframeError
    from forkframe.handles import Edge, Node, Workspace
    from forkframe.handles import SavedSequence as Sequence
    from forkframe.handles import open_workspace as open  # noqa: A004 - read as ff.open

__all__ = ["Edge", "ForkframeError", "Node", "Sequence", "Workspace", "__version__", "open"]
__version__ = "0.1.0"

_HOME = {
    "Edge": ("forkframe.handles", "Edge"),
    "ForkframeError": ("forkframe.errors", "ForkframeError"),
    "Node": ("forkframe.handles", "Node"),
    "Sequence": ("forkframe.handles", "SavedSequence"),
    "Workspace": ("forkframe.handles", "Workspace"),
    "open": ("forkframe.handles", "open_workspace"),
}


def __getattr__(name: str) -> object:
    """Loads what is asked for on first use, so that importing the package is quick."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'forkframe' has no attribute {name!r}")
    module, attribute = _HOME[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value
