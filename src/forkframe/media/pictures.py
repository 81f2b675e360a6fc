"""Reading pictures that anybody may have made: every usual format, upright, in sRGB, within limits."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from forkframe.errors import UnreadablePicture
from forkframe.media.icc import to_srgb
from forkframe.media.sniff import HEAD, MIME, PictureFormat, other_kind, picture_format

# Opened by class, not by Pillow's registry: what is not here can't be reached by any file.
_OPEN: dict[PictureFormat, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "png": PngImagePlugin.PngImageFile,
    "jpeg": JpegImagePlugin.JpegImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "avif": AvifImagePlugin.AvifImageFile,
    "heic": pillow_heif.HeifImageFile,
    "tiff": TiffImagePlugin.TiffImageFile,
    "gif": GifImagePlugin.GifImageFile,
    "bmp": BmpImagePlugin.BmpImageFile,
}

# What Pillow's decoders raise on files that are damaged or made to harm.
_DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """The most that is read of a picture; what a file's header claims is checked before anything is decoded.

    Attributes:
        bytes: of the file.
        pixels: 128 million: the largest cameras' pictures pass; decoding takes about a gigabyte.
        side: longer side in pixels; long panoramas pass.
        aspect: longer side over shorter side: beyond, too little of the picture would show in any frame.
    """

    bytes: int = 256 << 20
    pixels: int = 128_000_000
    side: int = 32_768
    aspect: float = 20


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is known of a picture's file.

    Attributes:
        format: which of the formats we read.
        mime: the media type to serve it as.
        size: `(width, height)` in pixels as stored, before it was turned upright.
        has_alpha: some of it is not opaque.
        warnings: what was not as it should be and how it was taken, one line each.
    """

    format: PictureFormat
    mime: str
    size: tuple[int, int]
    has_alpha: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as pixels: `(H, W, 3)` uint8 sRGB, or `(H, W, 4)` with straight alpha, upright."""

    pixels: NDArray[np.uint8]
    facts: PictureFacts


def read_picture(path: Path, *, limits: PictureLimits = PictureLimits()) -> Picture:
    """The picture at `path`.

    Reads PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP and the first frame of GIF, whatever the file is called. Greyscale,
    palettes, CMYK, 16 bits and colour profiles become 8-bit sRGB; EXIF's orientation is applied.

    Raises:
        UnreadablePicture: it is not there, no picture, damaged, or larger than the limits.
    """
    with _opened(path, limits) as (file, head):
        kind = picture_format(head)
        if kind is None:
            other = other_kind(head)
            raise UnreadablePicture(f"{path.name} is not a picture but {other.name}", hint=other.hint)
        with _decoding(path), _OPEN[kind](file) as image:
            size = image.size
            _check_size(path, size, limits)
            notes: list[str] = []
            if getattr(image, "is_animated", False):
                notes.append("it moves: its first picture was taken")
            image.load()
            pixels = _pixels(_upright(image, notes), notes)
    alpha = pixels.shape[2] == 4
    return Picture(pixels, PictureFacts(kind, MIME[kind], size, alpha, tuple(notes)))


@contextlib.contextmanager
def _opened(path: Path, limits: PictureLimits) -> Generator[tuple[IO[bytes], bytes]]:
    try:
        if path.is_dir():
            raise UnreadablePicture(f"{path} is a folder", hint="name the pictures inside it")
        if path.exists() and not path.is_file():  # a pipe or device would be waited for
            raise UnreadablePicture(f"{path} is not a regular file", hint="copy the picture to a file")
        size = path.stat().st_size
        if size == 0:
            raise UnreadablePicture(f"{path.name} is empty: it has 0 bytes", hint="copy or download it again")
        if size > limits.bytes:
            raise UnreadablePicture(
                f"{path.name} has {size / 1e6:.0f} MB, more than the {limits.bytes / 1e6:.0f} MB that are read",
                hint="export it smaller, or as JPEG",
            )
        file = path.open("rb")
    except FileNotFoundError as error:
        raise UnreadablePicture(f"{path} is not there", hint="check the name") from error
    except PermissionError as error:
        raise UnreadablePicture(f"{path} may not be read", hint="check the file's permissions") from error
    except OSError as error:
        raise UnreadablePicture(f"{path} can't be read: {error.strerror}") from error
    with file:
        head = file.read(HEAD)
        file.seek(0)
        yield file, head


@contextlib.contextmanager
def _decoding(path: Path) -> Generator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; what matters is noted by us
            yield
    except Image.DecompressionBombError as error:
        raise UnreadablePicture(
            f"{path.name} claims too many pixels: {error}", hint="export it smaller"
        ) from error
    except _DECODE_ERRORS as error:
        raise UnreadablePicture(
            f"{path.name} is damaged or cut off: {error or type(error).__name__}",
            hint="copy or download it again, or open and save it in another program",
        ) from error


def _check_size(path: Path, size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    claim = f"{path.name} is {width} × {height} pixels"
    if width * height > limits.pixels or max(size) > limits.side:
        raise UnreadablePicture(
            f"{claim}, too large to be read",
            hint=f"scale it to {limits.pixels // 1_000_000} megapixels and {limits.side} pixels a side at most",
        )
    if max(size) > limits.aspect * min(size):
        raise UnreadablePicture(
            f"{claim}, too long and thin for a frame", hint=f"crop it to at most {limits.aspect:g} : 1"
        )


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _DECODE_ERRORS:
        notes.append("its EXIF data can't be read, so it may lie on its side")
        return image


def _pixels(image: Image.Image, notes: list[str]) -> NDArray[np.uint8]:
    # Of 16-bit greys Pillow knows no alpha; the one grey that a PNG may declare transparent stays opaque.
    transparent = image.has_transparency_data and not image.mode.startswith(("I", "F"))
    alpha = image.convert("RGBA").getchannel("A") if transparent else None
    colour = _eight_bit(image, notes)
    srgb, warning = to_srgb(colour)
    if warning:
        notes.append(warning)
    if alpha is not None and alpha.getextrema() != (255, 255):
        srgb.putalpha(alpha)
    return np.array(srgb, np.uint8)


def _eight_bit(image: Image.Image, notes: list[str]) -> Image.Image:
    """The picture without alpha in mode L, RGB, CMYK or LAB, with its colour profile."""
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    if image.mode.startswith(("I", "F")):
        grey = Image.fromarray(_grey(np.asarray(image), notes))
    else:
        grey = image.convert("L" if image.mode in ("1", "LA", "La") else "RGB")
    grey.info.update(image.info)
    return grey


def _grey(values: NDArray[np.generic], notes: list[str]) -> NDArray[np.uint8]:
    """Grey values of 16 or 32 bits, or floats, as uint8."""
    wide = values.astype(np.float64)
    top = 65535.0 if values.dtype.kind in "iu" else 1.0
    if not np.isfinite(wide).all() or wide.max() > top:
        notes.append("its grey values exceed the usual range and were scaled to fit")
        wide = np.nan_to_num(wide, posinf=0, neginf=0)
        top = max(float(wide.max()), top)
    return np.rint(np.clip(wide / top, 0, 1) * 255).astype(np.uint8)
