"""Frames on their way into a take: another number, and ends that are the nodes' pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from forkframe.jobs.frames import Pinned, Retimed
from tests.pictures import photograph

Frames = list[NDArray[np.uint8]]


def panned(count: int, *, size: tuple[int, int] = (160, 96), across: float = 12.0) -> Frames:
    """A camera that moves evenly over a photograph."""
    wide = photograph("cat", (size[0] + 40, size[1] + 8))
    moves = [np.float32([[1, 0, -across * n / (count - 1)], [0, 1, 0]]) for n in range(count)]
    return [
        cv2.warpAffine(wide, move, wide.shape[1::-1], flags=cv2.INTER_CUBIC)[: size[1], : size[0]]
        for move in moves
    ]


def retimed(frames: Frames, count: int) -> Frames:
    out: Frames = []
    track = Retimed(out.append, count=len(frames), frames=count)
    for frame in frames:
        track.write(frame)
    return out


def pinned(frames: Frames, ends: dict[int, NDArray[np.uint8]]) -> Frames:
    out: Frames = []
    track = Pinned(out.append, frames=len(frames), ends=ends)
    for frame in frames:
        track.write(frame)
    return out


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return cv2.PSNR(a, b)


@pytest.mark.parametrize(("given", "wanted"), [(7, 7), (7, 13), (13, 7), (5, 18), (17, 12), (2, 9), (40, 2)])
def test_any_number_of_frames_becomes_any_other_and_the_ends_stay(given: int, wanted: int) -> None:
    frames = panned(given)
    out = retimed(frames, wanted)
    assert len(out) == wanted
    assert np.array_equal(out[0], frames[0])
    assert np.array_equal(out[-1], frames[-1])


def test_frames_that_fall_on_given_ones_are_those() -> None:
    frames = panned(7)
    out = retimed(frames, 13)
    assert all(np.array_equal(a, b) for a, b in zip(out[::2], frames, strict=True))


def test_what_lies_between_frames_moves_and_is_no_double_exposure() -> None:
    truth = panned(13, across=36.0)
    out = retimed(truth[::3], 13)
    blended = [
        np.rint((a.astype(float) + b) / 2).astype(np.uint8)
        for a, b in zip(truth[0:10:3], truth[3::3], strict=True)
    ]
    between = [1, 2, 4, 5, 7, 8, 10, 11]
    middle = (slice(8, -8), slice(24, -24))
    ours = np.mean([psnr(out[n][middle], truth[n][middle]) for n in between])
    theirs = np.mean([psnr(blended[n // 3][middle], truth[n][middle]) for n in between])
    assert ours > theirs + 6


def test_a_still_stays_still() -> None:
    frame = panned(2)[0]
    assert all(np.array_equal(f, frame) for f in retimed([frame] * 5, 14))


def test_both_ends_become_the_pictures_and_nothing_jumps() -> None:
    frames = panned(48)
    first, last = frames[0], frames[-1]
    dull = [np.clip(frame.astype(float) * 0.85 + 6, 0, 255).astype(np.uint8) for frame in frames]
    out = pinned(dull, {0: first, 47: last})
    assert len(out) == 48
    assert np.array_equal(out[0], first)
    assert np.array_equal(out[-1], last)
    assert all(np.array_equal(a, b) for a, b in zip(out[13:34], dull[13:34], strict=True))
    light = np.array([frame.mean() for frame in out])
    jump = abs(dull[0].mean() - first.mean())
    assert np.abs(np.diff(light)).max() < jump / 5


def test_frames_that_are_right_already_are_left_alone() -> None:
    frames = panned(20)
    out = pinned(frames, {0: frames[0], 19: frames[-1]})
    assert all(np.array_equal(a, b) for a, b in zip(out, frames, strict=True))


@pytest.mark.parametrize("count", [2, 3, 4, 9])
def test_the_shortest_takes_are_pinned_too(count: int) -> None:
    frames = panned(count)
    other = photograph("coffee", (160, 96))
    out = pinned(frames, {0: other, count - 1: frames[0]})
    assert len(out) == count
    assert np.array_equal(out[0], other)
    assert np.array_equal(out[-1], frames[0])


def test_one_end_alone_is_pinned_where_only_one_is_known() -> None:
    frames = panned(20)
    other = photograph("coffee", (160, 96))
    out = pinned(frames, {0: other})
    assert np.array_equal(out[0], other)
    assert np.array_equal(out[-1], frames[-1])
