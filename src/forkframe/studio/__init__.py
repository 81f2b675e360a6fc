"""The one facade: what server, command line and Python API all call."""

from forkframe.studio.desk import Progress
from forkframe.studio.local import Studio, engine_facts, show_workspace, typed_parameters
from forkframe.studio.views import EdgeView, FilmView, NodeView, SequenceView, WorkspaceView, as_json

__all__ = [
    "EdgeView",
    "FilmView",
    "NodeView",
    "Progress",
    "SequenceView",
    "Studio",
    "WorkspaceView",
    "as_json",
    "engine_facts",
    "show_workspace",
    "typed_parameters",
]
