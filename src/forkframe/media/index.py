"""The index of a video: when its frames are shown and where it can be cut, read without decoding anything."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from av.packet import Packet
from av.video.stream import VideoStream

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


@dataclass(frozen=True, slots=True)
class Index:
    """What was found.

    Attributes:
        times: when each frame is shown, ascending, in the stream's time base.
        groups: in decoding order.
        packets: how many whole packets there are, with those that are not shown.
    """

    times: tuple[int, ...]
    groups: tuple[Group, ...]
    packets: int

    def number(self, packet: Packet[VideoStream]) -> int:
        """The number of a packet's frame."""
        assert packet.pts is not None
        return bisect.bisect_left(self.times, packet.pts)

    def groups_touching(self, first: int, last: int) -> tuple[Group, ...]:
        """The groups that have a frame in a range, both ends included; only for closed groups."""
        return tuple(g for g in self.groups if g.first <= last and g.first + g.frames > first)

    def entry_for(self, number: int) -> int:
        """The number of the nearest keyframe at which decoding can start to get at a frame."""
        return max((g.first for g in self.groups if g.first <= number), default=self.groups[0].first)


def index_of(packets: Iterable[Packet[VideoStream]], *, h264: bool) -> Index:
    """The index of the video that has these packets, in decoding order; no groups if it has no keyframe.

    Args:
        packets: all of them; what is not shown is skipped.
        h264: they are H.264, of which alone closed groups are recognized.
    """
    times: list[int] = []
    keys: list[tuple[int, bool]] = []
    whole = 0
    for packet in packets:
        if packet.pts is None or packet.is_corrupt:
            continue
        whole += 1
        if packet.is_discard:
            continue
        if packet.is_keyframe:
            keys.append((len(times), h264 and _starts_afresh(bytes(packet))))
        times.append(packet.pts)
    number = {time: n for n, time in enumerate(sorted(times))}
    groups: list[Group] = []
    for (start, afresh), (end, _) in pairwise([*keys, (len(times), True)]):
        first = number[times[start]]
        shown = sorted(number[time] for time in times[start:end])
        closed = afresh and shown == list(range(first, first + end - start))
        groups.append(Group(first, end - start, closed))
    return Index(tuple(sorted(times)), tuple(groups), whole)


def _starts_afresh(packet: bytes) -> bool:
    """Whether a packet of an MP4 holds an IDR picture: nothing after it refers to anything before it."""
    at = 0
    while at + _LENGTH_BYTES < len(packet):
        if packet[at + _LENGTH_BYTES] & 0x1F == _IDR_SLICE:
            return True
        at += _LENGTH_BYTES + int.from_bytes(packet[at : at + _LENGTH_BYTES], "big")
    return False
