"""Ids: a letter that says the kind, then ten random Crockford base-32 characters, made by whoever creates the thing."""

from __future__ import annotations

import secrets
from typing import NewType

NodeId = NewType("NodeId", str)
EdgeId = NewType("EdgeId", str)
TakeId = NewType("TakeId", str)
RenderingId = NewType("RenderingId", str)
BoardId = NewType("BoardId", str)
CandidateId = NewType("CandidateId", str)
NoteId = NewType("NoteId", str)
SequenceId = NewType("SequenceId", str)
JobId = NewType("JobId", str)
OpId = NewType("OpId", str)

BlobHash = NewType("BlobHash", str)
"""SHA-256 of a file in `media/`, 64 lower-case hexadecimal digits."""
PixelHash = NewType("PixelHash", str)
"""SHA-256 of pixels as an engine is fed them (after crop, frame and flattening), whatever file they came from."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 10  # 50 bits: a million ids collide with a probability of 4 in 10,000


def _new(letter: str) -> str:
    return letter + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def new_node_id() -> NodeId:
    """A fresh node id, `n…`."""
    return NodeId(_new("n"))


def new_edge_id() -> EdgeId:
    """A fresh edge id, `e…`."""
    return EdgeId(_new("e"))


def new_take_id() -> TakeId:
    """A fresh take id, `t…`."""
    return TakeId(_new("t"))


def new_rendering_id() -> RenderingId:
    """A fresh rendering id, `r…`."""
    return RenderingId(_new("r"))


def new_board_id() -> BoardId:
    """A fresh board id, `b…`."""
    return BoardId(_new("b"))


def new_candidate_id() -> CandidateId:
    """A fresh candidate id, `c…`."""
    return CandidateId(_new("c"))


def new_note_id() -> NoteId:
    """A fresh note id, `x…`."""
    return NoteId(_new("x"))


def new_sequence_id() -> SequenceId:
    """A fresh sequence id, `s…`."""
    return SequenceId(_new("s"))


def new_job_id() -> JobId:
    """A fresh job id, `j…`."""
    return JobId(_new("j"))


def new_op_id() -> OpId:
    """A fresh id for one change, `o…`."""
    return OpId(_new("o"))


def is_id(text: str, letter: str) -> bool:
    """Whether `text` is a whole id of the kind `letter`."""
    return len(text) == _LENGTH + 1 and text[0] == letter and all(c in _ALPHABET for c in text[1:])
