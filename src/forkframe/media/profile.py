"""The house profile: the one kind of video that takes are stored in, so that films are made by copying packets.

H.264 High, yuv420p, BT.709 limited range with all four tags, constant frame rate, closed groups of 12 pictures, the
last frame an IDR picture of its own. Every edge of one frame format gets the same stream header, whatever its content
and CRF, and any run of whole groups can be cut out and joined to any other. The same frames give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

VERSION = 1
"""Goes up with every change below that changes the stream header: videos of another version are re-encoded."""

KEYINT = 12
"""Frames per group of pictures. A cut leaves 88 % of the frames of a 5-second edge untouched (75 % at 24)."""

DELAY = 2
"""How many frames decoding runs ahead of display: B-frames that are themselves references (`b-pyramid`)."""

CRF: Mapping[Literal["draft", "final"], int] = MappingProxyType({"draft": 21, "final": 18})
"""x264's constant rate factor per tier. Drafts are films too where there is no better engine: 1 dB and a third of the
bytes below finals."""

# Measured at 1280×720 on moving photographs, CRF 18, one thread: superfast 70 frames/s, 2.69 MB; veryfast 42, 2.29;
# faster 24, 2.49; medium 19, 2.30 (per 5 s, at 46.4 to 47.4 dB). With groups this short the slower presets have little
# to look ahead at: at equal quality superfast costs 13 % more bytes than veryfast and half the time.
_PRESET = "superfast"

_X264 = {
    "keyint": KEYINT,
    "scenecut": 0,
    "open-gop": 0,
    # Without `stitchable` the header depends on the CRF; with more threads the bytes depend on their number.
    "stitchable": 1,
    "threads": 1,
    "force-cfr": 1,
    # Access unit delimiters tell apart two IDR pictures in a row that carry the same number, which splicing can yield.
    "aud": 1,
    # Packets and header in MP4's own form, so that copied and encoded packets are alike.
    "annexb": 0,
}

_GLOBAL_HEADER = (
    1 << 22
)  # AV_CODEC_FLAG_GLOBAL_HEADER: the header goes into the container, not into the packets

MUXER_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "movflags": "+faststart+use_metadata_tags",
        # No date and no library version in the file.
        "fflags": "+bitexact",
    }
)


def house_encoder(*, size: tuple[int, int], fps: Fraction, crf: int) -> VideoCodecContext:
    """An encoder of the house profile, opened. Its packets count time in frames.

    Args:
        size: `(width, height)` in pixels, both even.
        fps: frames per second.
        crf: x264's constant rate factor, 0–51; less is better and larger.
    """
    context = av.CodecContext.create("libx264", "w")
    configure(context, size=size, fps=fps, crf=crf)
    context.open()
    return context


def configure(context: VideoCodecContext, *, size: tuple[int, int], fps: Fraction, crf: int) -> None:
    """Sets a libx264 encoder that is not open yet to the house profile."""
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.framerate = fps
    context.time_base = 1 / fps
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.thread_count = 1
    context.flags |= _GLOBAL_HEADER
    context.options = {
        "preset": _PRESET,
        "profile": "high",
        "crf": str(crf),
        "forced-idr": "1",
        "x264-params": ":".join(f"{name}={value}" for name, value in _X264.items()),
    }


def profile_of(stream: VideoStream) -> str:
    """A hash of all that must agree before packets of two streams may share one header, 64 hexadecimal digits.

    A different CRF alone can change the header, and players show garbage without any error: codec, header (with
    the pixel format in it), size, pixel aspect, time base and colour tags all count.
    """
    context = stream.codec_context
    parts = (
        context.codec.canonical_name,
        (context.extradata or b"").hex(),
        (context.width, context.height),
        str(context.sample_aspect_ratio or 1),
        str(stream.time_base),
        [
            int(t)
            for t in (context.color_range, context.colorspace, context.color_primaries, context.color_trc)
        ],
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


FORCE_IDR = PictureType.I
"""The `pict_type` that makes an encoder of the house profile start a group with that frame."""
