"""Every error a user can meet, in one tree.

```
ForkframeError                 message + hint: what went wrong, what to try
├── BadInput                   what was given can't be used; nothing was changed
│   ├── UnreadablePicture      a file that is not a picture we can read safely
│   ├── BadParameter           a parameter outside what its schema declares
│   ├── NotFound               no node, edge, sequence … goes by that name, or several do
│   └── BrokenPath             steps that do not join into one continuous walk
├── ChangeRefused              the workspace moved on; the change does not fit any more
│   ├── Gone                   it touches something that was deleted
│   └── Conflict               undoing it would undo somebody else's work
├── WorkspaceError             the workspace as a whole can't be opened or written
│   ├── NotAWorkspace
│   ├── WorkspaceDamaged
│   ├── WorkspaceTooNew
│   └── WorkspaceBusy
├── OutputFailed               a file could not be written: full disk, a directory in the way …
├── OverBudget                 it costs more than is left to spend; nothing was asked for
└── EngineError                an engine could not deliver
    ├── EngineUnavailable      unknown, not installed, or without the operation
    ├── EngineBusy             not now; the same request may succeed later
    └── RenderFailed           it ran and failed: a wrong result, a refusal, out of memory
        └── WorkerDied         the process it ran in crashed, hung or was killed
```

Cancelling is an outcome, not an error: `Cancelled` stands outside the tree.
"""

from __future__ import annotations


class ForkframeError(Exception):
    """One clear line that says what was attempted and why it failed; `hint` says what to try."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Pickles and copies with the hint."""
        return (_rebuild, (type(self), self.message, self.hint))


def _rebuild(kind: type[ForkframeError], message: str, hint: str) -> ForkframeError:
    return kind(message, hint=hint)


class BadInput(ForkframeError):
    """What was given can't be used; nothing was changed."""


class UnreadablePicture(BadInput):
    """A file that is not a picture, or not one that can be read safely."""


class BadParameter(BadInput):
    """A parameter outside what its schema declares."""


class NotFound(BadInput):
    """Nothing, or more than one thing, goes by the name that was given."""


class BrokenPath(BadInput):
    """Steps that do not join into one continuous walk."""


class ChangeRefused(ForkframeError):
    """The workspace moved on and the change does not fit it any more."""


class Gone(ChangeRefused):
    """The change touches something that was deleted."""


class Conflict(ChangeRefused):
    """Somebody else has changed the same thing since."""


class WorkspaceError(ForkframeError):
    """The workspace as a whole can't be opened or written."""


class NotAWorkspace(WorkspaceError):
    """The folder is not a workspace."""


class WorkspaceDamaged(WorkspaceError):
    """The workspace's database can't be read."""


class WorkspaceTooNew(WorkspaceError):
    """The workspace was written by a newer version."""


class WorkspaceBusy(WorkspaceError):
    """Another process is writing to the workspace."""


class OutputFailed(ForkframeError):
    """A file could not be written."""


class OverBudget(ForkframeError):
    """It costs more than the workspace or a single request may spend; nothing was asked for."""


class EngineError(ForkframeError):
    """An engine could not deliver."""


class EngineUnavailable(EngineError):
    """The engine is unknown, not installed, or can't do the operation."""


class EngineBusy(EngineError):
    """The engine can't do it now, but may do the same later: too many requests, a server that does not answer."""


class RenderFailed(EngineError):
    """The engine ran and failed."""


class WorkerDied(RenderFailed):
    """The process that an engine ran in crashed, hung or was killed."""


class Cancelled(Exception):
    """The work was cancelled by whoever asked for it."""
