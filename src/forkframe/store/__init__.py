"""The workspace on disk: rows and their log in `workspace.db`, pictures and video in `media/`, the rest in `cache/`.

`Store` is one open workspace. Everything that changes goes through `Store.commit`, `undo` and `redo`; files go in
through `Store.blobs` before the change that names them.
"""

from forkframe.store.blobs import Blobs
from forkframe.store.cache import Cache
from forkframe.store.history import LogEntry, Logged
from forkframe.store.lock import Holder, WorkspaceLock, holder_of
from forkframe.store.reading import read_graph
from forkframe.store.sqlite import SqliteFacts, sqlite_facts
from forkframe.store.workspace import Committed, Store

__all__ = [
    "Blobs",
    "Cache",
    "Committed",
    "Holder",
    "LogEntry",
    "Logged",
    "SqliteFacts",
    "Store",
    "WorkspaceLock",
    "holder_of",
    "read_graph",
    "sqlite_facts",
]
