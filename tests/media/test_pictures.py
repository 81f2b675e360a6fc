"""Promises of reading pictures, above all of those that make trouble."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from forkframe.errors import UnreadablePicture
from forkframe.media import PictureLimits, read_picture


def photograph(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """A smooth picture whose four corners differ: red, green, blue and grey."""
    corners = np.array([[[220, 30, 30], [30, 200, 40]], [[40, 50, 210], [150, 150, 150]]], np.uint8)
    return np.asarray(Image.fromarray(corners).resize((width, height), Image.Resampling.BILINEAR))


def saved(path: Path, image: Image.Image, kind: str, **options: object) -> Path:
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(path, **options)
    else:
        image.save(path, kind, **options)
    return path


def near(one: NDArray[np.uint8], other: NDArray[np.uint8], *, by: float = 6) -> bool:
    return one.shape == other.shape and float(np.abs(one.astype(float) - other).mean()) < by


@pytest.mark.parametrize(
    ("kind", "name", "mime"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpeg", "image/jpeg"),
        ("WEBP", "webp", "image/webp"),
        ("AVIF", "avif", "image/avif"),
        ("HEIF", "heic", "image/heic"),
        ("TIFF", "tiff", "image/tiff"),
        ("GIF", "gif", "image/gif"),
        ("BMP", "bmp", "image/bmp"),
    ],
)
def test_every_usual_format_is_read_whatever_its_name(
    tmp_path: Path, kind: str, name: str, mime: str
) -> None:
    path = saved(tmp_path / "picture.dat", Image.fromarray(photograph()), kind)

    picture = read_picture(path)

    assert near(picture.pixels, photograph())
    facts = picture.facts
    assert (facts.format, facts.mime, facts.size, facts.has_alpha, facts.warnings) == (
        name, mime, (64, 48), False, ()
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    undo = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
        8: lambda p: np.rot90(p, -1),
    }[orientation]
    stored = Image.fromarray(np.ascontiguousarray(undo(photograph())))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "p", stored, kind, exif=exif.tobytes() if kind != "TIFF" else exif)

    assert near(read_picture(path).pixels, photograph())


def test_alpha_is_kept_straight_and_dropped_where_all_is_opaque(tmp_path: Path) -> None:
    rgba = np.dstack([photograph(), np.full((48, 64), 255, np.uint8)])
    saved(tmp_path / "opaque.png", Image.fromarray(rgba), "PNG")
    rgba[:, :32, 3] = 0
    saved(tmp_path / "half.png", Image.fromarray(rgba), "PNG")

    opaque, half = read_picture(tmp_path / "opaque.png"), read_picture(tmp_path / "half.png")

    assert (opaque.pixels.shape, opaque.facts.has_alpha) == ((48, 64, 3), False)
    assert half.facts.has_alpha
    assert (half.pixels == rgba).all()  # colours under full transparency too


def test_a_palettes_transparent_colour_becomes_alpha(tmp_path: Path) -> None:
    image = Image.fromarray(photograph()).quantize(16)
    path = saved(tmp_path / "p.gif", image, "GIF", transparency=image.getpixel((0, 0)))

    picture = read_picture(path)

    assert picture.facts.has_alpha
    assert picture.pixels[0, 0, 3] == 0
    assert picture.pixels[-1, -1, 3] == 255


def test_grey_one_bit_sixteen_bit_and_float_pictures_become_srgb(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    grey = np.dstack([ramp] * 3)
    for name, image in {
        "l.png": Image.fromarray(ramp),
        "la.png": Image.fromarray(np.dstack([ramp, np.full_like(ramp, 255)])),
        "16.png": Image.fromarray(ramp.astype(np.uint16) * 257),
        "16.tif": Image.fromarray(ramp.astype(np.uint16) * 257),
        "float.tif": Image.fromarray(ramp.astype(np.float32) / 255),
    }.items():
        path = tmp_path / name
        image.save(path)
        assert near(read_picture(path).pixels, grey, by=1), name
    Image.fromarray(ramp.astype(np.uint16) * 257).save(tmp_path / "16t.png", transparency=0)
    assert near(read_picture(tmp_path / "16t.png").pixels, grey, by=1)
    Image.fromarray(ramp).save(tmp_path / "lt.png", transparency=0)
    assert read_picture(tmp_path / "lt.png").pixels[0, 0].tolist() == [0, 0, 0, 0]
    Image.fromarray(ramp > 127).save(tmp_path / "1.png")
    assert (read_picture(tmp_path / "1.png").pixels == np.where(grey > 127, 255, 0)).all()


def test_cmyk_is_read_and_its_guessed_colours_are_noted(tmp_path: Path) -> None:
    path = saved(tmp_path / "p.jpg", Image.fromarray(photograph()).convert("CMYK"), "JPEG", quality=95)

    picture = read_picture(path)

    assert near(picture.pixels, photograph())
    assert picture.facts.warnings == ("no colour profile: its CMYK colours are guessed",)


def test_a_colour_profile_is_applied(tmp_path: Path) -> None:
    # A profile that swaps nothing but the white's luminance curve is hard to make by hand; Lab says its own meaning.
    lab = ImageCms.profileToProfile(
        Image.fromarray(photograph()),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    assert lab is not None
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    path = saved(tmp_path / "lab.tif", lab, "TIFF", icc_profile=profile)

    picture = read_picture(path)

    assert near(picture.pixels, photograph(), by=2)
    assert picture.facts.warnings == ()


@pytest.mark.parametrize("profile", [b"garbage" * 30, b"\0" * 200])
def test_a_broken_colour_profile_is_ignored_with_a_note(tmp_path: Path, profile: bytes) -> None:
    path = saved(tmp_path / "p.png", Image.fromarray(photograph()), "PNG", icc_profile=profile)

    picture = read_picture(path)

    assert (picture.pixels == photograph()).all()
    assert [w for w in picture.facts.warnings if w.startswith("its colour profile can't be used")]


def test_the_first_picture_of_one_that_moves_is_taken(tmp_path: Path) -> None:
    first = Image.fromarray(photograph())
    path = saved(tmp_path / "p.gif", first, "GIF", save_all=True, append_images=[first.rotate(180)])

    picture = read_picture(path)

    assert near(picture.pixels, photograph())
    assert picture.facts.warnings == ("it moves: its first picture was taken",)


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def jpeg_bytes() -> bytes:
    out = io.BytesIO()
    Image.fromarray(photograph(640, 480)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says", "hint"),
    [
        (b"Dear diary,\n", "is not a picture but text", "check that this is the file you meant"),
        (b"", "is empty: it has 0 bytes", "copy or download it again"),
        (jpeg_bytes()[:3000], "is damaged or cut off: image file is truncated", "copy or download it again"),
        (jpeg_bytes()[:20], "is damaged or cut off", "copy or download it again"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "is not a picture but an SVG drawing",
            "export it as PNG",
        ),
        (b"%PDF-1.7\n", "is not a picture but a PDF document", "export the page as PNG"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "is not a picture but a video", "take a still"),
        (b"<!DOCTYPE html><html>", "is not a picture but a web page", "save the picture itself"),
        (b"\x7fELF\x02\0\0\0" * 9, "is not a picture but nothing we know", "use a PNG"),
        (png_claiming(100_000, 100_000), "is 100000 × 100000 pixels, too large to be read", "128 megapixels"),
        (png_claiming(40_000, 3_000), "is 40000 × 3000 pixels, too large to be read", "32768 pixels a side"),
        (
            png_claiming(1, 4000),
            "is 1 × 4000 pixels, too long and thin for a frame",
            "crop it to at most 20 : 1",
        ),
        (png_claiming(500, 500), "is damaged or cut off", "copy or download it again"),
    ],
)
def test_what_is_no_usable_picture_is_refused_in_one_line_with_a_hint(
    tmp_path: Path, content: bytes, says: str, hint: str
) -> None:
    (tmp_path / "p.jpg").write_bytes(content)

    with pytest.raises(UnreadablePicture) as caught:
        read_picture(tmp_path / "p.jpg")

    assert caught.value.message.startswith("p.jpg " + says)
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, says in (
        (tmp_path / "gone.jpg", "is not there"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "is not a regular file"),
    ):
        with pytest.raises(UnreadablePicture, match=says):
            read_picture(path)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "p.png", Image.fromarray(photograph()), "PNG")
    path.chmod(0)
    tmp_path.chmod(0o711)
    script = f"""
import os, pathlib
from forkframe.errors import UnreadablePicture
from forkframe.media import read_picture
import forkframe.media.pictures
if os.getuid() == 0:
    os.setuid(65534)
try:
    read_picture(pathlib.Path({str(path)!r}))
except UnreadablePicture as error:
    print(error)
"""
    for folder in tmp_path.parents:  # root's own temporary folders are closed to others
        if folder.stat().st_uid == os.getuid() and folder.name.startswith("pytest"):
            folder.chmod(0o711)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == f"{path} may not be read\n"


def test_the_smallest_picture_works(tmp_path: Path) -> None:
    path = saved(tmp_path / "dot.png", Image.new("RGB", (1, 1), (1, 2, 3)), "PNG")

    assert read_picture(path).pixels.tolist() == [[[1, 2, 3]]]


def test_a_12000_pixel_panorama_works(tmp_path: Path) -> None:
    path = saved(tmp_path / "pano.jpg", Image.new("RGB", (12_000, 1_500), (10, 200, 90)), "JPEG")

    assert read_picture(path).pixels.shape == (1_500, 12_000, 3)


def test_limits_are_the_callers(tmp_path: Path) -> None:
    path = saved(tmp_path / "p.png", Image.fromarray(photograph()), "PNG")

    for limits in (PictureLimits(bytes=10), PictureLimits(pixels=64 * 48 - 1), PictureLimits(side=63)):
        with pytest.raises(UnreadablePicture):
            read_picture(path, limits=limits)
    assert read_picture(path, limits=PictureLimits(pixels=64 * 48, side=64)).facts.size == (64, 48)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF", "BMP"])
def test_damage_anywhere_is_an_error_or_a_picture_but_never_a_crash(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path / "p", Image.fromarray(photograph()), kind)
    whole = path.read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(60):
        broken = bytearray(whole)
        for at in rng.integers(12, len(broken), 4):
            broken[at] = rng.integers(256)
        path.write_bytes(broken[: rng.integers(len(broken) // 2, len(broken))])
        with contextlib.suppress(UnreadablePicture):
            assert read_picture(path).pixels.ndim == 3
