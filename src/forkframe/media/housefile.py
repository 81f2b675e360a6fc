"""One MP4 of the house profile being written, packet by packet."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from forkframe.media.outfile import output_failed, whole_file
from forkframe.media.profile import MUXER_OPTIONS, configure, profile_of


class HouseFile:
    """Takes packets of the house profile in decoding order; made by `house_file`."""

    def __init__(self, container: OutputContainer, stream: VideoStream, path: Path) -> None:
        self._container = container
        self._stream = stream
        self._path = path

    @property
    def encoder(self) -> VideoCodecContext:
        """The encoder the file's header came from, open, for whoever has frames.

        Packets of other encoders of the same profile, size and rate are as good.
        """
        return self._stream.codec_context

    @property
    def profile(self) -> str:
        """What `profile_of` says about this file."""
        return profile_of(self._stream)

    def write(self, packet: Packet[VideoStream]) -> None:
        """Appends a packet; its pts and dts count in its `time_base`."""
        packet.stream = self._stream
        with _writing(self._path):
            self._container.mux_one(packet)


@contextlib.contextmanager
def house_file(
    path: Path, *, size: tuple[int, int], fps: Fraction, crf: int, metadata: Mapping[str, str] | None = None
) -> Generator[HouseFile]:
    """A house-profile MP4 to write packets to; whole at `path` when the block ends well, else not there at all.

    Raises:
        OutputFailed: the file can't be written.
    """
    with whole_file(path) as part:
        with _writing(path):
            # The protocol is named, so that no name can be taken for another one.
            container = av.open(f"file:{part}", "w", format="mp4", container_options=dict(MUXER_OPTIONS))
        try:
            stream = container.add_stream("libx264", rate=fps)
            configure(stream.codec_context, size=size, fps=fps, crf=crf)
            container.metadata.update(metadata or {})
            with _writing(path):
                container.start_encoding()
            yield HouseFile(container, stream, path)
        except BaseException:
            with contextlib.suppress(FFmpegError, OSError):
                container.close()
            raise
        with _writing(path):
            container.close()


@contextlib.contextmanager
def _writing(path: Path) -> Generator[None]:
    try:
        yield
    except (FFmpegError, OSError) as error:
        raise output_failed(path, error) from error
