"""The one facade: what server, command line and Python API all call."""

from forkframe.jobs.money import Booked, Budget
from forkframe.studio.desk import Progress
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
from forkframe.studio.local import Studio, engine_facts, show_workspace, typed_parameters
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
    "as_json",
    "ask_owner",
    "engine_facts",
    "show_books",
    "show_jobs",
    "show_queue",
    "show_workspace",
    "typed_parameters",
]
