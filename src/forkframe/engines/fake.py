"""The fake engine: every operation, at once and without meaning, and every way in which an engine can fail.

It stands where a costly engine will stand: in tests of everything around engines, and for trying a workspace's
plumbing. Its pictures are flat or blended; nobody should mistake them for work.
"""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from forkframe.engines.protocol import (
    Card,
    Context,
    Cost,
    Descriptor,
    OperationCard,
    Pixels,
    Progress,
    Result,
)
from forkframe.errors import Cancelled, RenderFailed
from forkframe.model.recipe import OPERATIONS, Operation, Recipe, Role
from forkframe.params import Choice, Number, Schema, Text, Toggle, Whole

_SCHEMA = Schema(
    1,
    (
        Number(name="strength", title="How far from the original", default=0.5),
        Text(name="prompt", title="What to do", ui="prompt"),
        Choice(
            name="mishap",
            title="What goes wrong",
            options=(
                "none",
                "fail",
                "crash",
                "hang",
                "nothing",
                "wrong size",
                "too few frames",
                "too many frames",
                "not a number",
                "out of memory",
                "garbage",
                "freeze",
            ),
        ),
        Choice(
            name="delivery",
            title="How its results come",
            options=("as asked", "other frames", "a file", "a damaged file"),
        ),
        Number(name="step", title="Seconds that each of ten steps takes", maximum=10, unit="s"),
        Whole(name="composition", title="Whose composition", default=-1, minimum=-1, maximum=3),
        Whole(name="style", title="Whose style", default=-1, minimum=-1, maximum=3),
        Toggle(name="chatter", title="Prints to standard output"),
    ),
)
_INPUTS: dict[Operation, dict[Role, tuple[int, int]]] = {
    "generate": {},
    "vary": {"image": (1, 1)},
    "restyle": {"image": (1, 1), "style": (0, 8)},
    "transition": {"first": (1, 1), "last": (1, 1)},
    "animate": {"first": (1, 1)},
    "mix": {"image": (2, 4)},
    "describe": {"image": (1, 1)},
}
_STEPS = 10
KEYS_VARIABLE = "FORKFRAME_FAKE_KEYS"
"""Names how many pictures a transition can pass on its way; none if it is not set."""


class FakeEngine:
    """Blends, tints and fails on request."""

    def card(self) -> Card:
        """Every operation, each with the same parameters."""
        operations: dict[Operation, OperationCard] = {
            name: OperationCard(f"fake.{name}@1", _SCHEMA, _INPUTS[name], cost=Cost(seconds=0.001))
            for name in OPERATIONS
        }
        if keys := int(os.environ.get(KEYS_VARIABLE, "0")):
            passing = {**_INPUTS["transition"], "key": (0, keys)}
            operations["transition"] = replace(operations["transition"], inputs=passing)
        return Card("fake", "Fake", "Blends at once, for tests: not for work", operations, for_tests=True)

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Ten steps, then the result, or the mishap that was asked for."""
        mishap = str(request.parameters["mishap"])
        if request.parameters["chatter"]:
            print("this is not JSON {")
        for step in range(_STEPS):
            if context.cancelled:
                raise Cancelled
            time.sleep(cast("float", request.parameters["step"]))
            if step == _STEPS // 2:
                _stumble(mishap)
            yield Progress((step + 1) / _STEPS, preview=_sketch(step) if request.parameters["step"] else None)
        return _result(request, context, mishap)


def _stumble(mishap: str) -> None:
    match mishap:
        case "fail":
            raise RenderFailed("the fake engine was asked to fail", hint="ask it for something else")
        case "crash":
            os._exit(139)
        case "hang":
            time.sleep(3600)
        case "freeze":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "out of memory":
            raise MemoryError
        case "garbage":
            _scribble()
        case _:
            pass


def _scribble() -> None:
    """Writes nonsense into every pipe of the process, as a library gone wild might."""
    for descriptor in range(3, 32):
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, b"\x00garbage}\n")


def _sketch(step: int) -> Pixels:
    """What it is at, for those who watch: a grey that grows lighter."""
    return np.full((36, 64, 3), 25 * step, np.uint8)


def _result(request: Recipe, context: Context, mishap: str) -> Result:
    if mishap == "nothing":
        return Result()
    pictures = [context.image(i.pixels) for i in request.inputs]
    if request.operation == "describe":
        values = pictures[0].astype(np.float32).mean(axis=(0, 1)) / 255
        if mishap == "not a number":
            values[0] = np.nan
        return Result(descriptor=Descriptor(values, values))
    shape = (request.frame.height, request.frame.width, 3)
    delivery = str(request.parameters["delivery"])
    if request.frames > 1:
        if "file" in delivery:
            context.video_from(_clip(context.scratch(), pictures, damaged="damaged" in delivery))
        elif delivery == "other frames":
            _write_others(context, pictures)
        else:
            _write_frames(request, context, pictures, mishap)
        return Result(frames=True)
    rng = np.random.default_rng(request.seed)
    tint = np.broadcast_to(rng.integers(0, 256, 3, dtype=np.uint8), shape)
    if mishap == "wrong size":
        tint = tint[:-1]
    if mishap == "not a number":
        return Result(picture=cast("Pixels", np.full(shape, np.nan)))
    strength = cast("float", request.parameters["strength"])
    base = pictures[0][: len(tint)] if pictures else tint
    picture = _blend(base, tint, strength)
    if "file" in delivery:
        path = _clip(context.scratch(), [picture], damaged="damaged" in delivery)
        return Result(picture=context.picture_from(path))
    return Result(picture=picture)


def _write_frames(request: Recipe, context: Context, pictures: list[Pixels], mishap: str) -> None:
    frames = request.frames + {"too few frames": -1, "too many frames": 1}.get(mishap, 0)
    sink = context.frames_out()
    moments = [0.0, *(i.weight for i in request.inputs if i.role == "key"), 1.0]
    for index in range(frames):
        t = index / max(1, request.frames - 1)
        part = max(n for n, moment in enumerate(moments[:-1]) if moment <= t or n == 0)
        share = (t - moments[part]) / (moments[part + 1] - moments[part])
        frame = _blend(pictures[part], pictures[min(part + 1, len(pictures) - 1)], min(share, 1.0))
        if mishap == "not a number":
            frame = cast("Pixels", np.full(frame.shape, np.nan))
        sink.write(frame[:-16] if mishap == "wrong size" else frame)


def _write_others(context: Context, pictures: list[Pixels]) -> None:
    """Seven frames, whatever was asked for, a little darker than the pictures: as models bring them."""
    sink = context.frames_out(7)
    for index in range(7):
        sink.write(_blend(pictures[0], pictures[-1], index / 6) // 8 * 7)


def _clip(folder: Path, pictures: list[Pixels], *, damaged: bool) -> Path:
    """Seven frames of 96 × 64 pixels between the pictures, as a file from elsewhere; of one picture, that alone."""
    from PIL import Image

    small = [Image.fromarray(picture).resize((96, 64)) for picture in pictures]
    moving = len(small) > 1
    frames = [Image.blend(small[0], small[-1], n / 6) for n in range(7)] if moving else small
    path = folder / ("clip.gif" if moving else "picture.png")
    frames[0].save(path, save_all=moving, append_images=frames[1:])
    if damaged:
        path.write_bytes(path.read_bytes()[:40])
    return path


def _blend(a: Pixels, b: Pixels, share: float) -> Pixels:
    return np.rint(a * (1 - np.float32(share)) + b * np.float32(share)).clip(0, 255).astype(np.uint8)
