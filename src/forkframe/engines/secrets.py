"""Keys for other people's machines: they are taken in and used, and never shown again.

A key comes from the environment variable that an engine's card names, else from the system's keyring. It stands in no
recipe, no workspace, no log and no message.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

from forkframe.errors import BadInput, EngineUnavailable

_SERVICE = "forkframe"
_LONGEST = 4096


def key_of(variable: str) -> str:
    """The key that belongs to an environment variable's name; "" if there is none."""
    if found := os.environ.get(variable, "").strip():
        return found
    if not find_spec("keyring"):
        return ""
    import keyring
    from keyring.errors import KeyringError

    try:
        return (keyring.get_password(_SERVICE, variable) or "").strip()
    except KeyringError:  # locked, or there is none on this machine
        return ""


def keep_key(variable: str, key: str) -> None:
    """Puts a key into the system's keyring; an empty one is taken out of it.

    Raises:
        BadInput: it is no key.
        EngineUnavailable: the machine has no keyring.
    """
    key = key.strip()
    if len(key) > _LONGEST or not key.isascii() or not key.isprintable() or " " in key:
        raise BadInput("that is no key", hint="copy it once more, whole and without anything around it")
    instead = f"set {variable} in the environment that Forkframe starts in"
    if not find_spec("keyring"):
        raise EngineUnavailable(
            "keys are kept in the system's keyring, and nothing here speaks to it",
            hint=f"pip install keyring; or {instead}",
        )
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        if key:
            keyring.set_password(_SERVICE, variable, key)
        else:
            keyring.delete_password(_SERVICE, variable)
    except PasswordDeleteError:
        return  # it was not there
    except KeyringError as error:
        raise EngineUnavailable("the system's keyring does not take the key", hint=instead) from error
