"""The door: who may ask at all. It stands in front of everything, so that refusals come in one order whatever the request.

Wrong Host 421, no or wrong token 401, another site 403, not JSON 415, too large 413; only then is a body looked into.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Collection, Iterable
from urllib.parse import parse_qs

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

MOST_JSON = 1 << 20
MOST_UPLOAD = 256 << 20
"""Bytes of a body."""
UPLOADS = "/api/uploads"
_MOST_DRAINED = 32 << 20
"""How much of a body that is too large is read all the same: a browser that is still sending does not see the answer."""
_PAUSE = 0.25  # seconds without a byte after which a client is taken to wait for the answer
_SAFE = ("GET", "HEAD")
_log = logging.getLogger(__name__)

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self' blob: {live}; font-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def host_names(names: Iterable[str], port: int) -> frozenset[str]:
    """What a `Host` header may say where `names` lead to `port`; an IPv6 address stands in brackets."""
    wanted = [f"[{name}]" if ":" in name else name for name in names]
    return frozenset(
        spelling.lower() for name in wanted for spelling in ([f"{name}:{port}"] + [name] * (port == 80))
    )


class Refusal(Exception):
    """Why a request is not let in."""

    def __init__(self, status: int, error: str, hint: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.hint = hint

    def response(self) -> Response:
        """What the client is told."""
        return JSONResponse({"error": self.error, "hint": self.hint, "kind": "Refusal"}, self.status)


class Guard:
    """Lets in what may come in, and gives every answer the headers that keep a page to itself."""

    def __init__(self, app: ASGIApp, *, token: str, hosts: Collection[str], cookie: str) -> None:
        """`hosts` are whole `Host` headers in lower case (see `host_names`), `cookie` the name of the token's cookie."""
        self._app = app
        self._token = token.encode()
        self._hosts = frozenset(hosts)
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or passes on what may come in."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, _policy(scope))
        try:
            try:
                response, receive = await self._checked(scope, receive)
            except Refusal as refusal:
                response = refusal.response()
            await (response or self._app)(scope, receive, answer)
            if response and scope["type"] == "websocket":
                await _wait_for_end(receive)
        except (ClientDisconnect, WebSocketDisconnect):
            _log.debug("%s went away", scope["path"])
        except Exception:  # noqa: BLE001 - the outermost place; what an HTTP route raised was logged when it was answered
            if scope["type"] == "websocket" or not answer.started:
                _log.exception("%s failed", scope["path"])
            if not answer.started:
                await failure()(scope, receive, answer)

    async def _checked(self, scope: Scope, receive: Receive) -> tuple[Response | None, Receive]:
        """An answer for a request that need not go further, and what its body is read from."""
        headers = Headers(scope=scope)
        host = headers.getlist("host")
        if len(host) != 1 or host[0].lower() not in self._hosts:
            raise Refusal(421, "this is not the address of the studio", "use the address that it printed")
        if scope["type"] == "http" and scope["path"] == "/" and b"token=" in scope["query_string"]:
            return self._welcomed(scope), receive
        is_api = scope["path"] == "/api" or scope["path"].startswith("/api/")
        if is_api and not self._is_known(headers):
            raise Refusal(
                401, "the studio does not know you", "open the address with the token that it printed"
            )
        safe = scope["type"] == "http" and scope["method"] in _SAFE
        if is_api or not safe:
            _check_site(headers, f"{'https' if scope['scheme'] in ('https', 'wss') else 'http'}://{host[0]}")
        if safe or scope["type"] == "websocket":
            return None, receive
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if scope["path"] == UPLOADS:
            if kind.startswith("multipart/"):
                raise Refusal(415, "a form is not a picture", "send the picture's bytes as the body")
            await _check_length(headers, receive, MOST_UPLOAD)
            return None, receive
        if is_api and kind != "application/json":
            raise Refusal(415, "this takes JSON", "say content-type: application/json")
        await _check_length(headers, receive, MOST_JSON)
        return None, await _whole_body(receive)

    def _welcomed(self, scope: Scope) -> Response:
        """Takes the token from the address bar into a cookie."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not hmac.compare_digest(given.encode(), self._token):
            return PlainTextResponse(
                "This link is not valid any more. Open the address that the studio printed last.", 401
            )
        response = Response(status_code=303, headers={"location": "/", "cache-control": "no-store"})
        response.set_cookie(self._cookie, self._token.decode(), httponly=True, samesite="strict", path="/")
        return response

    def _is_known(self, headers: Headers) -> bool:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = [bearer.strip()] if scheme.lower() == "bearer" else []
        for line in headers.getlist("cookie"):
            given.append(cookie_parser(line).get(self._cookie, ""))
        # All are compared, and each in the time of a whole comparison.
        return sum(hmac.compare_digest(g.encode(), self._token) for g in given) > 0


class _Answer:
    """Sends with our headers, and remembers whether anything was sent."""

    def __init__(self, send: Send, policy: str) -> None:
        self._send = send
        self._policy = policy
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("content-security-policy", self._policy)
        await self._send(message)


def failure() -> Response:
    """What a client is told when something failed that should not have: nothing of what is inside."""
    body = {"error": "something went wrong here", "hint": "the studio's log says what", "kind": "Failure"}
    return JSONResponse(body, 500)


def _policy(scope: Scope) -> str:
    # Safari does not count ws: as 'self'. A Host header that could break the policy is refused right after.
    host = Headers(scope=scope).get("host", "")
    safe = all(c.isalnum() or c in ".:-[]" for c in host)
    return _POLICY.format(live=f"ws://{host} wss://{host}") if safe and host else _POLICY.format(live="")


def _check_site(headers: Headers, own: str) -> None:
    """Returns if a request comes from our own page or from no page at all.

    Raises:
        Refusal: another site's page sent it.
    """
    origins = headers.getlist("origin")
    sites = headers.getlist("sec-fetch-site")
    if any(origin.lower() != own.lower() for origin in origins) or any(
        site not in ("same-origin", "none") for site in sites
    ):
        raise Refusal(403, "another site may not ask that", "use the studio's own page")


async def _check_length(headers: Headers, receive: Receive, most: int) -> None:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        await _drain(receive)
        raise too_large(most)


def too_large(most: int) -> Refusal:
    """The refusal of a body of more than `most` bytes."""
    return Refusal(413, f"that is too large: {most >> 20} MB is the most", "send less at a time")


async def _whole_body(receive: Receive) -> Receive:
    """Reads a body, and gives what it can be read from again.

    Raises:
        Refusal: it is too large.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_JSON:
            await _drain(receive)
            raise too_large(MOST_JSON)
        if not message.get("more_body", False):
            break
    messages: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


async def _wait_for_end(receive: Receive) -> None:
    """Returns when a socket that was refused is closed: uvicorn logs an error if we are done before it is."""
    with anyio.move_on_after(1):
        for _ in ("connect", "our refusal", "the end of the connection"):
            await receive()


async def _drain(receive: Receive) -> None:
    """Reads on until the client stops sending."""
    left = _MOST_DRAINED
    while left > 0:
        with anyio.move_on_after(_PAUSE) as pause:
            message = await receive()
            left -= len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return
        if pause.cancelled_caught:
            return
