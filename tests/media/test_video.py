"""Promises of encoding and decoding video."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from forkframe.errors import BadInput, OutputFailed, RenderFailed
from forkframe.media import VideoLimits, VideoWriter, probe, read_frames, reverse_video
from tests.media.footage import FPS, SIZE, moving, psnr, shown

Edge = Callable[..., Path]

# The 24 patches of the ColorChecker chart in sRGB (BabelColor's averages).
CHART = (
    "735244c29682627a9d576c438580b167bdaad67e2c505ba6c15a635e3c6c9dbc40e0a32e"
    "383d96469449af363ce7c71fbb56950885a1f3f3f2c8c8c8a0a0a07a7a79555555343434"
)


def test_an_edge_has_the_house_profile(edge: Edge) -> None:
    with av.open(str(edge(49))) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, stream.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        # Limited range, and BT.709 for matrix, primaries and transfer.
        tags = (context.color_range, context.colorspace, context.color_primaries, context.color_trc)
        assert tags == (1, 1, 1, 1)
        assert stream.average_rate == FPS


@pytest.mark.parametrize(
    ("frames", "keyframes"), [(1, (0,)), (2, (0, 1)), (12, (0, 11)), (13, (0, 12)), (49, (0, 12, 24, 36, 48))]
)
def test_every_group_has_12_frames_and_the_last_frame_is_a_group_of_its_own(
    edge: Edge, frames: int, keyframes: tuple[int, ...]
) -> None:
    facts = probe(edge(frames))

    assert (facts.frames, facts.keyframes) == (frames, keyframes)
    assert (facts.size, facts.fps, facts.seconds) == (SIZE, FPS, pytest.approx(frames / 24))


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        with VideoWriter(
            tmp_path / name, size=SIZE, fps=FPS, crf=20, frames=14, metadata={"recipe": "{}"}
        ) as writer:
            for frame in moving(14):
                writer.write(frame)

    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_content_and_crf_do_not_change_the_profile_but_size_and_rate_do(edge: Edge, tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "25.mp4", size=SIZE, fps=Fraction(25), crf=18) as writer:
        writer.write(next(moving(1)))

    same = {probe(path).profile for path in (edge(1), edge(49, seed=3, crf=40), edge(13, crf=1))}
    others = {probe(path).profile for path in (tmp_path / "25.mp4", edge(13, size=(128, 64)))}

    assert len(same) == 1
    assert len(same | others) == 3


def test_colours_survive_within_one_delta_e(tmp_path: Path) -> None:
    patches = np.frombuffer(bytes.fromhex(CHART), np.uint8).reshape(4, 6, 3)
    chart = patches.repeat(32, axis=0).repeat(32, axis=1)
    with VideoWriter(tmp_path / "chart.mp4", size=(192, 128), fps=FPS, crf=18) as writer:
        for _ in range(5):
            writer.write(chart)

    read = list(read_frames(tmp_path / "chart.mp4"))[2][16::32, 16::32]

    assert deltaE_ciede2000(rgb2lab(patches), rgb2lab(read)).mean() <= 1.0


def test_black_and_white_come_back_as_they_were(tmp_path: Path) -> None:
    frame = np.zeros((64, 96, 3), np.uint8)
    frame[:, 48:] = 255
    with VideoWriter(tmp_path / "bw.mp4", size=SIZE, fps=FPS, crf=10) as writer:
        writer.write(frame)

    (read,) = read_frames(tmp_path / "bw.mp4")

    assert (read[10, 10].tolist(), read[10, 80].tolist()) == ([0, 0, 0], [255, 255, 255])


@pytest.mark.parametrize("frames", [26, 38, 49])
def test_any_range_of_frames_is_read_exactly(edge: Edge, frames: int) -> None:
    path = edge(frames)
    whole = list(read_frames(path))
    assert len(whole) == frames
    assert min(psnr(a, b) for a, b in zip(whole, moving(frames), strict=True)) > 30

    for first in range(frames):
        (frame,) = read_frames(path, first, first)
        assert (frame == whole[first]).all()
    assert all((a == b).all() for a, b in zip(read_frames(path, 10, 25), whole[10:26], strict=True))


def test_a_range_of_a_foreign_video_with_open_groups_is_read_exactly(tmp_path: Path) -> None:
    path = tmp_path / "open.mkv"
    with av.open(str(path), "w") as container:
        options = {"x264-params": "keyint=10:open-gop=1:bframes=3:b-adapt=0"}
        stream = container.add_stream("libx264", rate=24, options=options)
        stream.width, stream.height = SIZE
        for frame in moving(45):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    whole = list(read_frames(path))

    assert len(whole) == 45
    for first in range(45):
        (frame,) = read_frames(path, first, first)
        assert (frame == whole[first]).all()


def test_a_range_outside_the_video_is_refused(edge: Edge) -> None:
    for first, last in ((-1, 3), (5, 4), (0, 13), (13, None)):
        with pytest.raises(BadInput, match="has no frames"):
            list(read_frames(edge(13), first, last))


def test_a_writer_that_fails_leaves_no_file_and_keeps_the_former(tmp_path: Path) -> None:
    path = tmp_path / "take.mp4"
    path.write_bytes(b"former")

    def fail() -> None:
        with VideoWriter(path, size=SIZE, fps=FPS, crf=18) as writer:
            for frame in moving(30):
                writer.write(frame)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_holds_the_renderer_to_what_was_agreed(tmp_path: Path) -> None:
    def render(*frames: NDArray[Any], agreed: int | None = None) -> None:
        with VideoWriter(tmp_path / "take.mp4", size=SIZE, fps=FPS, crf=18, frames=agreed) as writer:
            for frame in frames:
                writer.write(frame)

    frame = next(moving(1))
    with pytest.raises(RenderFailed, match="got 1 frames, not 3"):
        render(frame, agreed=3)
    with pytest.raises(RenderFailed, match="got 0 frames"):
        render()
    with pytest.raises(RenderFailed, match=r"frame 1 of take\.mp4 is \(64, 95, 3\) uint8"):
        render(frame, frame[:, :95])
    with pytest.raises(RenderFailed, match="float64"):
        render(frame / 255)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(OutputFailed, match="its folder is a file"),
        VideoWriter(tmp_path / "file" / "take.mp4", size=SIZE, fps=FPS, crf=18),
    ):
        pass


@pytest.mark.parametrize("frames", [1, 12, 30])
def test_a_reversed_video_shows_the_frames_backwards_and_keeps_the_profile(
    edge: Edge, tmp_path: Path, frames: int
) -> None:
    reverse_video(edge(frames), tmp_path / "back.mp4", crf=12)

    assert len(shown(tmp_path / "back.mp4")) == frames
    assert probe(tmp_path / "back.mp4").profile == probe(edge(frames)).profile
    forth = list(read_frames(edge(frames)))
    for frame, original in zip(read_frames(tmp_path / "back.mp4"), reversed(forth), strict=True):
        assert psnr(frame, original) > 38


def test_a_list_of_files_named_like_a_video_is_not_followed(edge: Edge, tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").write_bytes(edge(13).read_bytes())
    for number, text in enumerate(
        [
            "ffconcat version 1.0\nfile secret.mp4\n",
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n",
            "<MPD><Period><BaseURL>secret.mp4</BaseURL></Period></MPD>",
        ]
    ):
        (tmp_path / f"{number}.mp4").write_text(text)
        with pytest.raises(BadInput, match="can't be read as a video"):
            probe(tmp_path / f"{number}.mp4")


def test_a_name_that_looks_like_a_protocol_is_a_file(
    edge: Edge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "concat:a|b.mp4").write_bytes(edge(13).read_bytes())
    monkeypatch.chdir(tmp_path)

    assert probe(Path("concat:a|b.mp4")).frames == 13


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "can't be read as a video"), (b"\0" * 4000, "can't be read as a video")]
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x.mp4").write_bytes(content)

    with pytest.raises(BadInput, match=reason) as caught:
        probe(tmp_path / "x.mp4")

    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_videos_beyond_the_limits_are_refused(edge: Edge) -> None:
    for limits, reason in (
        (VideoLimits(bytes=100), "larger than"),
        (VideoLimits(pixels=1000), "96 × 64 pixels"),
        (VideoLimits(frames=12), "longer than 12 frames"),
        (VideoLimits(seconds=0.4), r"longer than .* 0\.4 s"),
    ):
        with pytest.raises(BadInput, match=reason):
            probe(edge(13), limits=limits)
    assert probe(edge(13), limits=VideoLimits(frames=13, seconds=0.5)).frames == 13


def test_a_video_cut_off_in_the_middle_is_refused(edge: Edge, tmp_path: Path) -> None:
    (tmp_path / "cut.mp4").write_bytes(edge(49).read_bytes()[:-1500])

    with pytest.raises(BadInput, match=r"cut\.mp4"):
        list(read_frames(tmp_path / "cut.mp4", 0, 48))
