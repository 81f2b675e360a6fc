"""Warm pipelines: kept, and let go in the right order when there is no room."""

from __future__ import annotations

import torch

from forkframe.engines.diffusers.running import is_out_of_memory
from forkframe.engines.diffusers.warm import Room, Shelf

SIZES = {"klein": 16.0, "turbo": 20.0, "vace": 8.0}


class Machine:
    """A graphics card of so many GB, and the pipelines that lie on it."""

    def __init__(self, size: float) -> None:
        self.size = size
        self.made: list[str] = []
        self.shelf = Shelf(self.free)

    def free(self) -> Room:
        kept = sum(gigabytes for name, gigabytes in SIZES.items() if name in self.shelf)
        return Room(self.size - kept, 64.0)

    def use(self, name: str) -> None:
        def make() -> str:
            self.made.append(name)
            return name

        assert self.shelf.take(name, Room(SIZES[name]), make) == name


def test_what_fits_stays_and_is_made_once() -> None:
    machine = Machine(48)
    for name in ("klein", "turbo", "vace", "klein", "turbo"):
        machine.use(name)
    assert machine.made == ["klein", "turbo", "vace"]


def test_what_was_not_used_for_longest_makes_room() -> None:
    machine = Machine(40)
    for name in ("klein", "turbo", "klein", "vace"):
        machine.use(name)
    assert ["klein" in machine.shelf, "turbo" in machine.shelf, "vace" in machine.shelf] == [
        True,
        False,
        True,
    ]
    machine.use("turbo")
    assert ["klein" in machine.shelf, "vace" in machine.shelf] == [False, True]


def test_what_never_fits_is_tried_on_an_empty_card() -> None:
    machine = Machine(10)
    machine.use("vace")
    machine.use("klein")
    assert machine.made == ["vace", "klein"]
    assert "vace" not in machine.shelf


def test_letting_others_go_says_whether_there_were_any() -> None:
    machine = Machine(48)
    machine.use("klein")
    assert not machine.shelf.keep_only("klein")
    machine.use("vace")
    assert machine.shelf.keep_only("klein")
    assert ["klein" in machine.shelf, "vace" in machine.shelf] == [True, False]


def test_running_out_of_memory_is_told_from_other_faults() -> None:
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    assert is_out_of_memory(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"))
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))
