"""What kind of file something is, by its first bytes; never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PictureFormat = Literal["png", "jpeg", "webp", "avif", "heic", "tiff", "gif", "bmp"]

MIME: dict[PictureFormat, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "heic": "image/heic",
    "tiff": "image/tiff",
    "gif": "image/gif",
    "bmp": "image/bmp",
}
"""The media type each format is served as."""

HEAD = 512
"""How many bytes `picture_format` and `other_kind` want to see."""

_SIGNATURES: tuple[tuple[PictureFormat, bytes], ...] = (
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("jpeg", b"\xff\xd8\xff"),
    ("gif", b"GIF87a"),
    ("gif", b"GIF89a"),
    ("bmp", b"BM"),
    ("tiff", b"II*\0"),
    ("tiff", b"MM\0*"),
)

# Brands of the ISO base media format (ISO/IEC 14496-12) that stand for still pictures.
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind of file that is no picture to us: what it is, with its article, and what to do about it."""

    name: str
    hint: str


_EXPORT = OtherKind("a file of another picture format", "export it as PNG or JPEG first")
_VIDEO = OtherKind("a video", "take a still from it and add that")
_OTHERS: tuple[tuple[bytes, OtherKind], ...] = (
    (b"%PDF", OtherKind("a PDF document", "export the page as PNG first")),
    (b"8BPS", OtherKind("a Photoshop file", "export it as PNG first")),
    (b"\0\0\0\x0cJXL ", _EXPORT),
    (b"\xff\x0a", _EXPORT),
    (b"\0\0\0\x0cjP  ", _EXPORT),
    (b"\x76\x2f\x31\x01", OtherKind("an OpenEXR file", "export it as 16-bit PNG first")),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"\0\0\x01\xba", _VIDEO),
    (b"PK\x03\x04", OtherKind("an archive", "unpack it and add the pictures inside")),
)


def picture_format(head: bytes) -> PictureFormat | None:
    """The format of the picture that starts with `head`, None if it is no picture we read."""
    for name, signature in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    brands = _brands(head)
    if brands & _AVIF_BRANDS:
        return "avif"
    return "heic" if brands & _HEIC_BRANDS else None


def other_kind(head: bytes) -> OtherKind:
    """What a file that is no picture seems to be."""
    for signature, kind in _OTHERS:
        if head.startswith(signature):
            return kind
    if _brands(head) or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return _VIDEO
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text or text.startswith(b"<?xml"):
        return OtherKind("an SVG drawing", "export it as PNG first")
    if text.startswith((b"<!doctype html", b"<html")):
        return OtherKind("a web page", "save the picture itself, not the page around it")
    if text and b"\0" not in head:
        return OtherKind("text", "check that this is the file you meant")
    return OtherKind("nothing we know", "use a PNG, JPEG, WebP, AVIF, HEIC, TIFF, GIF or BMP picture")


def _brands(head: bytes) -> set[bytes]:
    """The brands of an ISO base media file, empty if it is none."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    compatible = (head[at : at + 4] for at in range(16, end - 3, 4))
    return {head[8:12], *compatible}
