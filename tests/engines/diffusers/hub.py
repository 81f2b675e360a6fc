"""A Hub on this machine: what `huggingface_hub` asks of the real one, over HTTP, with the troubles that the real one has."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_COMMIT = "1" * 40


@dataclass
class FakeHub:
    """Serves folders as repositories.

    Attributes:
        repositories: folder by OWNER/NAME.
        gated: repositories that want an agreement first.
        cut: by file, the bytes after which it is cut off, once for each of these numbers.
        served: bytes of weights that went out.
        tokens: the tokens that came with requests.
    """

    repositories: dict[str, Path]
    gated: set[str] = field(default_factory=set)
    cut: dict[str, list[int]] = field(default_factory=dict)
    fault: int = 0
    served: int = 0
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def __enter__(self) -> FakeHub:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self, body=True)

            def do_HEAD(self) -> None:
                hub.answer(self, body=False)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, http: BaseHTTPRequestHandler, *, body: bool) -> None:
        path = unquote(urlsplit(http.path).path)
        self.requests.append(path)
        if token := http.headers.get("Authorization"):
            self.tokens.add(token)
        if self.fault:
            self._json(http, self.fault, {"error": "down"})
            return
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/.*)?", path):
            self._describe(http, found[1], tree=found[2] == "tree")
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.*)", path):
            self._file(http, found[1], found[2], body=body)
        else:
            self._json(http, 404, {"error": "nothing here"})

    def _describe(self, http: BaseHTTPRequestHandler, name: str, *, tree: bool) -> None:
        folder = self.repositories.get(name)
        if folder is None:
            self._json(http, 401, {"error": "not found"}, {"X-Error-Code": "RepoNotFound"})
        elif tree:
            self._json(http, 200, [_entry(folder, file) for file in _files(folder)])
        else:
            self._json(http, 200, {"id": name, "modelId": name, "sha": _COMMIT, "siblings": []})

    def _file(self, http: BaseHTTPRequestHandler, name: str, file: str, *, body: bool) -> None:
        if name in self.gated and not http.headers.get("Authorization"):
            self._json(http, 401, {"error": "agree first"}, {"X-Error-Code": "GatedRepo"})
            return
        path = self.repositories[name] / file
        data = path.read_bytes()
        start = 0
        if wanted := http.headers.get("Range"):
            start = int(re.fullmatch(r"bytes=(\d+)-.*", wanted)[1])  # type: ignore[index]
        http.send_response(206 if wanted else 200)
        http.send_header("ETag", f'"{_etag(path)}"')
        http.send_header("X-Repo-Commit", _COMMIT)
        http.send_header("Content-Length", str(len(data) - start))
        if wanted:
            http.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        http.end_headers()
        if not body:
            return
        if self.cut.get(file):
            data = data[: start + self.cut[file].pop(0)]
        http.wfile.write(data[start:])
        if path.suffix == ".safetensors":
            self.served += len(data) - start

    def _json(
        self, http: BaseHTTPRequestHandler, status: int, said: object, headers: dict[str, str] | None = None
    ) -> None:
        body = json.dumps(said).encode()
        http.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            http.send_header(name, value)
        http.send_header("Content-Length", str(len(body)))
        http.end_headers()
        if http.command != "HEAD":
            http.wfile.write(body)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _entry(folder: Path, file: Path) -> dict[str, object]:
    size = file.stat().st_size
    entry: dict[str, object] = {
        "type": "file",
        "path": str(file.relative_to(folder)),
        "oid": _etag(file)[:40],
        "size": size,
    }
    if file.suffix == ".safetensors":
        entry["lfs"] = {"oid": _etag(file), "size": size, "pointerSize": 1}
    return entry


def _etag(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
