"""The studio over HTTP: the API, the live socket, media, and the page in the browser.

`serve` runs it for an open workspace; `make_app` is the application by itself.
"""

from forkframe.server.app import make_app
from forkframe.server.run import PORT, serve

__all__ = ["PORT", "make_app", "serve"]
