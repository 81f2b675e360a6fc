"""The token of a workspace's studio, kept for its user, so that a page that is open reconnects after a restart.

It lies in the user's own state folder, never in the workspace: that may be given away.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

_LENGTH = 43  # characters of 32 random bytes


def token_of(workspace_id: str) -> str:
    """The token for a workspace: the one it had before, or a new one, kept if there is a place for it."""
    place = _folder() / workspace_id
    with suppress(OSError):
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(place, flags)
        with os.fdopen(descriptor) as file:
            facts = os.fstat(descriptor)
            known = file.read(_LENGTH + 1)
            # One that others can read or have put there protects nothing.
            if facts.st_uid == os.getuid() and not facts.st_mode & 0o077 and len(known) == _LENGTH:
                return known
    token = secrets.token_urlsafe(32)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.unlink(missing_ok=True)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token)
    return token


def _folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "forkframe" / "tokens"
