"""Where video meets sRGB: the one place of this room where pixels change their colour space.

Both ways the values are converted by matrix and range alone (BT.709, 16–235), never by transfer curve: players show
BT.709 video with the screen's own curve, so that a frame looks like the picture it was made from.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED

# Without ACCURATE_RND swscale is biased by 0.1 levels per conversion and its bytes depend on the processor.
_EXACT = Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_DOWN = _EXACT | Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INP
_UP = (
    _EXACT | Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT
)  # as exact as bicubic here, twice as fast


class Converter:
    """Converts frames between sRGB arrays and video, one after the other (it keeps tables between calls)."""

    def __init__(self) -> None:
        self._to_video = VideoReformatter()
        self._to_srgb = VideoReformatter()

    def to_video(self, pixels: NDArray[np.uint8]) -> VideoFrame:
        """A yuv420p BT.709 limited-range frame of `(H, W, 3)` uint8 sRGB, H and W even."""
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        return self._to_video.reformat(
            frame,
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=_DOWN,
            threads=1,
        )

    def to_srgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The pixels `(H, W, 3)` uint8 sRGB of a decoded frame, read by its own colour tags.

        Untagged video is taken for BT.709 from 720 lines on and for BT.601 below, as players do.
        """
        space = frame.colorspace
        if space == _UNSPECIFIED:
            space = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
        full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
        rgb = self._to_srgb.reformat(
            frame,
            format="rgb24",
            src_colorspace=space,
            dst_colorspace=space,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_UP,
            threads=1,
        )
        return cast("NDArray[np.uint8]", rgb.to_ndarray())


def is_house(frame: VideoFrame) -> bool:
    """Whether a decoded frame is yuv420p in BT.709, limited range, as the house profile wants it."""
    return (
        frame.format.name == "yuv420p"
        and frame.colorspace == Colorspace.ITU709
        and frame.color_range == ColorRange.MPEG
    )
