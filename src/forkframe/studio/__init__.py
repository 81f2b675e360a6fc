"""The one facade: what server, command line and Python API all call."""

from forkframe.jobs.money import Booked, Budget
from forkframe.studio.desk import Progress
from forkframe.studio.engines import (
    allow_engine,
    engine_facts,
    engine_for,
    keep_engine_key,
    keep_engine_setting,
    teach_engines,
    typed_parameters,
)
from forkframe.studio.finishing import FinishView, Quote
from forkframe.studio.jobs import (
    ACTIONS,
    JobView,
    QueueView,
    act,
    ask_owner,
    show_books,
    show_jobs,
    show_queue,
)
from forkframe.studio.local import Studio, show_workspace
from forkframe.studio.views import EdgeView, FilmView, NodeView, SequenceView, WorkspaceView, as_json

__all__ = [
    "ACTIONS",
    "Booked",
    "Budget",
    "EdgeView",
    "FilmView",
    "FinishView",
    "JobView",
    "NodeView",
    "Progress",
    "QueueView",
    "Quote",
    "SequenceView",
    "Studio",
    "WorkspaceView",
    "act",
    "allow_engine",
    "as_json",
    "ask_owner",
    "engine_facts",
    "engine_for",
    "keep_engine_key",
    "keep_engine_setting",
    "show_books",
    "show_jobs",
    "show_queue",
    "show_workspace",
    "teach_engines",
    "typed_parameters",
]
