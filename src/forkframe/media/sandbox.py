"""The walls around a process that decodes untrusted files: limited resources, no network."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """The most that a process may use.

    Attributes:
        memory: bytes of address space, which libraries fill with far more than they use.
        cpu_seconds: of processor time; then the process is killed.
        file_bytes: of any one file it writes.
        open_files: at a time.
    """

    memory: int = 6 << 30
    cpu_seconds: int = 600
    file_bytes: int = 8 << 30
    open_files: int = 256


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What took effect: the names of the walls that stand, and of those that do not with the reason."""

    applied: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def enter(limits: SandboxLimits = SandboxLimits()) -> Sandbox:
    """Puts this process, for good, behind as many walls as the system allows, and says which stand.

    Call it before other threads are started: Linux gives a network of its own only to a process with one thread.
    Walls: `memory`, `cpu`, `file size`, `open files`, `no core dumps`, and on Linux `no network`, `no new rights`.
    """
    walls: list[tuple[str, Callable[[], None]]] = [
        ("memory", partial(_limit, resource.RLIMIT_AS, limits.memory)),
        ("cpu", partial(_limit, resource.RLIMIT_CPU, limits.cpu_seconds)),
        ("file size", partial(_limit, resource.RLIMIT_FSIZE, limits.file_bytes)),
        ("open files", partial(_limit, resource.RLIMIT_NOFILE, limits.open_files)),
        ("no core dumps", partial(_limit, resource.RLIMIT_CORE, 0)),
        ("no network", _leave_network),
        ("no new rights", _keep_rights),
    ]
    applied: list[str] = []
    missing: list[tuple[str, str]] = []
    for name, build in walls:
        try:
            build()
        except (OSError, ValueError) as error:
            missing.append((name, str(error)))
        else:
            applied.append(name)
    return Sandbox(tuple(applied), tuple(missing))


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _leave_network() -> None:
    """A network namespace with nothing in it; without the right to make one, inside a user namespace of one's own."""
    try:
        _call("unshare", _CLONE_NEWNET)
    except PermissionError:
        user, group = os.getuid(), os.getgid()
        _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
        # Files keep their owner: the only user in the new namespace is the one that was there before.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _keep_rights() -> None:
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _call(name: str, *arguments: int) -> None:
    """Calls a function of Linux's C library that answers 0 or sets errno."""
    if sys.platform != "linux":
        raise OSError(f"{sys.platform} has no {name}")
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*(ctypes.c_ulong(a) for a in arguments)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
