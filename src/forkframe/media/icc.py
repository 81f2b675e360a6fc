"""Colour profiles: from what a picture's file says its numbers mean to sRGB."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageCms

_MAX_BYTES = 4 << 20  # measured profiles of printers reach 3 MB

# Perceptual where a printer's gamut has to be folded in, with black kept black.
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


def to_srgb(image: Image.Image) -> tuple[Image.Image, str | None]:
    """A picture of mode L, RGB, CMYK or LAB in sRGB, mode RGB, by the profile it carries, and a warning or None.

    Without a profile, or with one that can't be used, the usual meaning of the mode is taken (sRGB for RGB and L).
    """
    profile: object = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not profile:
        warning = "no colour profile: its CMYK colours are guessed" if image.mode == "CMYK" else None
        return image.convert("RGB"), warning
    try:
        if len(profile) > _MAX_BYTES:
            raise ValueError("it is too large")
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image, source, _srgb(), renderingIntent=_INTENT, outputMode="RGB", flags=_FLAGS
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        return image.convert("RGB"), f"its colour profile can't be used ({error}), sRGB was assumed"
    assert converted is not None
    return converted, None


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
