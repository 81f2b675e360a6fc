"""Files as answers: one range at a time, kept for ever where the name says what is inside, and never run as a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from forkframe.media.sniff import HEAD, picture_format

FOREVER = "private, max-age=31536000, immutable"
_UNKNOWN = "application/octet-stream"
_SHOWN = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
}
_FIELD = b"FKFD"
_ONE_RANGE = re.compile(rb"bytes=(?:(\d{1,18})-(\d{0,18})|-\d{1,18})")
_FILM_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1")
# Whatever a browser takes a file for, it gets no script, no form and no frame out of it.
_CAGE = {"content-security-policy": "default-src 'none'; sandbox"}


class RangedFile(FileResponse):
    """A file, or one range of it; of several ranges at once, which nobody needs, it answers with everything."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers."""
        await super().__call__(_with_one_range(scope), receive, send)


def stored(request: Request, path: Path, *, etag: str) -> Response:
    """A file whose name is the hash of what is in it; what no browser is meant to show is offered for saving."""
    kind = _kind_of(path)
    headers = {"etag": f'"{etag}"', "cache-control": FOREVER, **_CAGE}
    if kind == _UNKNOWN and not _is_field(path):
        headers["content-disposition"] = "attachment"
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    return RangedFile(path, headers=headers, media_type=kind)


def drawn(
    request: Request, content: bytes, *, etag: str, kind: str = "image/webp", keep: str = FOREVER
) -> Response:
    """A small picture that we drew."""
    headers = {"etag": f'"{etag}"', "cache-control": keep, **_CAGE}
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def film(path: Path, *, kind: str) -> Response:
    """An exported film, to be saved under its name."""
    headers = {"cache-control": "private, no-cache", **_CAGE}
    return RangedFile(path, headers=headers, media_type=kind, filename=path.name)


def has(request: Request, etag: str) -> bool:
    """Whether the client has that version already."""
    said = ",".join(request.headers.getlist("if-none-match"))
    return any(
        one.strip().removeprefix("W/").strip('"') in (etag, "*") for one in said.split(",") if one.strip()
    )


def _kind_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head[4:8] == b"ftyp" and head[8:12] in _FILM_BRANDS:
        return "video/mp4"
    return _SHOWN.get(picture_format(head) or "", _UNKNOWN)


def _is_field(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_FIELD)) == _FIELD


def _with_one_range(scope: Scope) -> Scope:
    """The request without a `Range` that can't be met as one part: RFC 9110 (14.2) has those ignored."""
    headers: list[tuple[bytes, bytes]] = list(scope["headers"])
    said = [value.strip() for name, value in headers if name == b"range"]
    if not said or (len(said) == 1 and _is_range(said[0])):
        return scope
    return {**scope, "headers": [(name, value) for name, value in headers if name != b"range"]}


def _is_range(said: bytes) -> bool:
    found = _ONE_RANGE.fullmatch(said)
    return bool(found) and not (found[1] and found[2] and int(found[2]) < int(found[1]))


def gzipped(accepts: str) -> bool:
    """Whether an `Accept-Encoding` header takes gzip."""
    qualities: Mapping[str, str] = {
        name.strip().lower(): weight.strip().lower()
        for name, _, weight in (part.partition(";") for part in accepts.split(","))
    }
    return not re.fullmatch(r"q=0(\.0*)?", qualities.get("gzip", qualities.get("*", "q=0")))
