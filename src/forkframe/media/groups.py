"""Groups of pictures: where a video can be cut without decoding it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_IDR_SLICE = 5  # nal_unit_type, table 7-1 of ITU-T H.264
_LENGTH_BYTES = 4  # of a NAL unit's length in an MP4 packet, as x264 and nearly everybody writes it


@dataclass(frozen=True, slots=True)
class Group:
    """A keyframe and the packets up to the next keyframe, in decoding order.

    Attributes:
        first: the number of the keyframe.
        frames: how many packets, one per frame.
        closed: the packets are exactly the frames `first`, `first` + 1, … and refer to none before, so they can be
            cut out and put behind any other group.
    """

    first: int
    frames: int
    closed: bool


def groups_of(times: Sequence[int], starts: Sequence[tuple[int, bool]]) -> tuple[Group, ...]:
    """The groups of a video, ascending.

    Args:
        times: when each packet is shown, in decoding order.
        starts: for each keyframe its place in that order, and whether its packet starts afresh.
    """
    number = {time: n for n, time in enumerate(sorted(times))}
    groups: list[Group] = []
    for (start, afresh), (end, _) in pairwise([*starts, (len(times), True)]):
        shown = sorted(number[time] for time in times[start:end])
        first = number[times[start]]
        run = list(range(first, first + end - start))
        groups.append(Group(first, end - start, afresh and shown == run))
    return tuple(groups)


def starts_afresh(packet: bytes) -> bool:
    """Whether an H.264 packet of an MP4 holds an IDR picture: nothing after it refers to anything before it."""
    at = 0
    while at + _LENGTH_BYTES < len(packet):
        if packet[at + _LENGTH_BYTES] & 0x1F == _IDR_SLICE:
            return True
        at += _LENGTH_BYTES + int.from_bytes(packet[at : at + _LENGTH_BYTES], "big")
    return False
