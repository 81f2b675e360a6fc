"""Pictures and video in and out: decoding what anybody may have made, encoding the one house profile, splicing films.

Every name below is loaded on first use: decoders, FFmpeg and OpenCV take half a second to import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forkframe.media.decode import VideoFacts, VideoLimits, probe, read_frames
    from forkframe.media.encode import VideoWriter
    from forkframe.media.fitting import fit_picture, thumbnail
    from forkframe.media.focus import salient_focus
    from forkframe.media.pictures import Picture, PictureFacts, PictureLimits, read_picture
    from forkframe.media.png import pixel_hash, png_text, read_png, write_png
    from forkframe.media.profile import CRF
    from forkframe.media.reverse import reverse_video
    from forkframe.media.sandbox import Sandbox, SandboxLimits
    from forkframe.media.splicing import Segment, SpliceReport, merge_adjacent, splice

_HOMES = {
    "decode": ("VideoFacts", "VideoLimits", "probe", "read_frames"),
    "encode": ("VideoWriter",),
    "fitting": ("fit_picture", "thumbnail"),
    "focus": ("salient_focus",),
    "pictures": ("Picture", "PictureFacts", "PictureLimits", "read_picture"),
    "png": ("pixel_hash", "png_text", "read_png", "write_png"),
    "profile": ("CRF",),
    "reverse": ("reverse_video",),
    "sandbox": ("Sandbox", "SandboxLimits"),
    "splicing": ("Segment", "SpliceReport", "merge_adjacent", "splice"),
}
"""Which module each name lives in."""

__all__ = [
    "CRF",
    "Picture",
    "PictureFacts",
    "PictureLimits",
    "Sandbox",
    "SandboxLimits",
    "Segment",
    "SpliceReport",
    "VideoFacts",
    "VideoLimits",
    "VideoWriter",
    "fit_picture",
    "merge_adjacent",
    "pixel_hash",
    "png_text",
    "probe",
    "read_frames",
    "read_picture",
    "read_png",
    "reverse_video",
    "salient_focus",
    "splice",
    "thumbnail",
    "write_png",
]


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
