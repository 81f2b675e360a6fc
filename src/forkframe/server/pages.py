"""The built front end: `index.html`, and assets whose names change with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from forkframe.server.media import gzipped, has

UI = Path(__file__).with_name("ui")
"""Where the front end's build puts it."""
_KINDS: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
_UNBUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Forkframe</title>
<h1>The studio's page is not built yet</h1>
<p>The studio itself runs, and its API answers. To build its page, with Node 20 or newer:</p>
<pre>cd frontend
npm install
npm run build</pre>
"""


def pages(ui: Path | None) -> APIRouter:
    """Serves the front end in the folder `ui`, or a page that says how to build it."""
    router = APIRouter(include_in_schema=False)
    root = ui.resolve() if ui is not None and (ui / "index.html").is_file() else None

    @router.get("/{path:path}")
    def get_page(request: Request, path: str) -> Response:
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, f"there is nothing at /{path[:80]}")
        if root is None:
            if path:
                raise HTTPException(404, "there is no such page")
            return HTMLResponse(_UNBUILT, headers={"cache-control": "no-cache"})
        return _file(request, root, path or "index.html")

    del get_page
    return router


def _file(request: Request, root: Path, path: str) -> Response:
    kind = _KINDS.get(Path(path).suffix)
    try:
        file = (root / path).resolve()
        if kind is None or not file.is_relative_to(root):
            raise FileNotFoundError
        content = file.read_bytes()
        packed = file.with_name(f"{file.name}.gz")
        is_packed = gzipped(request.headers.get("accept-encoding", "")) and packed.is_file()
    except (OSError, ValueError):  # ValueError: a name that no file can have
        raise HTTPException(404, "there is no such page") from None
    forever = path.startswith("assets/")
    etag = hashlib.sha256(content).hexdigest()[:32] + "-gz" * is_packed
    headers = {
        "etag": f'"{etag}"',
        "cache-control": "public, max-age=31536000, immutable" if forever else "no-cache",
        "vary": "accept-encoding",
    }
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    if is_packed:
        headers["content-encoding"] = "gzip"
        content = packed.read_bytes()
    return Response(content, media_type=kind, headers=headers)
