"""How `tests/comfyui_server.py` is reached: HTTP and WebSocket at one port, in the shapes of the real server's answers."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.comfyui_nodes import CLASSES

if TYPE_CHECKING:
    from tests.comfyui_server import FakeComfyUI


class Socket:
    """The server's end of a WebSocket (RFC 6455): it only tells."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send_json(self, kind: str, data: object) -> None:
        self.send(0x81, json.dumps({"type": kind, "data": data}).encode())

    def send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        head = (
            bytes([kind, size])
            if size < 126
            else struct.pack(">BBH", kind, 126, size)
            if size < 1 << 16
            else struct.pack(">BBQ", kind, 127, size)
        )
        with self._lock:
            try:
                self._connection.sendall(head + payload)
            except OSError:  # the client has gone
                self.close()

    def close(self) -> None:
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, comfyui: FakeComfyUI, port: int) -> None:
        self.comfyui = comfyui
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own asks the DNS for this machine's name
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def drop(self) -> None:
        """Every connection breaks."""
        for each in self._open:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError | ValueError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        comfyui, url = self.server.comfyui, urlsplit(self.path)
        comfyui.note(f"GET {url.path}")
        if comfyui.silent:
            comfyui.until(lambda c: not c.silent or not c.is_up, 60)
            self.connection.close()
            return
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        match url.path.strip("/").split("/"):
            case ["ws"]:
                self._websocket(query.get("clientId", ""))
            case ["system_stats"]:
                self._say(200, {"system": {"comfyui_version": "0.9.2", "os": "posix"}, "devices": []})
            case ["object_info", cls]:
                self._say(200, comfyui.info(cls))
            case ["object_info"]:
                self._say(200, {name: about for cls in CLASSES for name, about in comfyui.info(cls).items()})
            case ["queue"]:
                self._say(200, comfyui.queue())
            case ["history", id]:
                found = comfyui.history.get(id)
                self._say(200, {id: found} if found else {})
            case ["view"]:
                self._view(query)
            case _:
                self._say(404, {})

    def do_POST(self) -> None:
        comfyui = self.server.comfyui
        body = self.rfile.read(int(self.headers["Content-Length"]))
        comfyui.note(f"POST {self.path}")
        if comfyui.silent:
            comfyui.until(lambda c: not c.silent or not c.is_up, 60)
            self.connection.close()
            return
        match self.path.strip("/").split("/"):
            case ["prompt"]:
                self._say(*comfyui.take(json.loads(body)))
            case ["upload", "image"]:
                self._upload(body)
            case ["queue"]:
                comfyui.remove(json.loads(body).get("delete", []))
                self._send(200, b"")
            case ["interrupt"]:
                comfyui.interrupt(json.loads(body or b"{}").get("prompt_id", ""))
                self._send(200, b"")
            case _:
                self._say(404, {})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's word
        pass

    def _websocket(self, client: str) -> None:
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header(
            "Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        )
        self.end_headers()
        connection = Socket(self.connection)
        self.server.comfyui.join(client, connection)
        while (said := self.rfile.read1(4096)) and said[0] != 0x88:
            pass  # a client says nothing but that it leaves
        connection.send(0x88, b"")
        self.close_connection = True

    def _upload(self, body: bytes) -> None:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts: dict[str, Any] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():  # type: ignore[attr-defined]
            parts[part.get_param("name", header="content-disposition")] = part
        name, folder = parts["image"].get_filename(), parts["subfolder"].get_content().strip()
        self.server.comfyui.uploads[f"{folder}/{name}"] = parts["image"].get_payload(decode=True)
        self._say(200, {"name": name, "subfolder": folder, "type": "input"})

    def _view(self, query: Mapping[str, str]) -> None:
        data = self.server.comfyui.files.get(f"{query.get('subfolder', '')}/{query['filename']}")
        mishap = self.server.comfyui.mishap
        if data is None or mishap == "lost file":
            self._send(404, b"")
        else:
            self._send(200, data, sent=len(data) // 2 if mishap == "truncated" else None)

    def _say(self, status: int, answer: object) -> None:
        self._send(status, json.dumps(answer).encode())

    def _send(self, status: int, body: bytes, *, sent: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])
        self.close_connection = self.close_connection or sent is not None
