"""The workspace that a first start opens: six photographs, already connected, with something to try in every corner."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from forkframe.demo.story import PHOTOGRAPHS
from forkframe.model.changes import AddNote, Envelope
from forkframe.model.entities import Note
from forkframe.model.ids import new_note_id, new_op_id
from forkframe.studio import Studio

_PLACES = {
    "astronaut": (0.0, 0.0),
    "cat": (560.0, -60.0),
    "retina": (1120.0, 0.0),
    "galaxies": (1120.0, 460.0),
    "rocket": (560.0, 520.0),
    "coffee": (0.0, 460.0),
}
_SECONDS = 3.0
_NOTE = "Drag the round handle of one picture to another: it moves at once.\nRest on an edge to play it. Press ? for the keys."


def create_demo(path: Path) -> Studio:
    """A studio on a new workspace at `path`; its transitions are rendered while somebody looks at it already.

    Raises:
        BadInput: there is something at `path`.
    """
    studio = Studio.create(path, size=(1280, 720))
    try:
        views = studio.add([PHOTOGRAPHS / f"{name}.jpg" for name in _PLACES])
        ids = {view.label: view.id for view in views}
        studio.move({ids[name]: place for name, place in _PLACES.items()})
        ring = list(_PLACES)
        for a, b in pairwise([*ring, ring[0]]):
            studio.connect(ids[a], ids[b], seconds=_SECONDS)
        studio.connect(ids["cat"], ids["rocket"], seconds=_SECONDS)
        studio.save_sequence("round trip", [ids[ring[0]], ids[ring[3]]], loop=True)
        studio.board("space", [ids["galaxies"]], margin=150.0)
        note = Note(new_note_id(), _NOTE, -120.0, -240.0, 440.0)
        studio.apply(Envelope(new_op_id(), "you", 0, AddNote(note)))
        studio.propose(ids["cat"], "vary", count=4)
        studio.propose(ids["rocket"], "restyle", count=1, prompt="evening")
        studio.propose(ids["rocket"], "restyle", count=1, prompt="watercolour")
    except BaseException:
        studio.close(finish=False)
        raise
    return studio
