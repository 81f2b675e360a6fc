"""Promises of the lossless film export."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forkframe.errors import BadInput, OutputFailed
from forkframe.media import Segment, SpliceReport, VideoWriter, merge_adjacent, probe, read_frames, splice
from tests.disks import small_disk
from tests.media.footage import FPS, SIZE, moving, psnr, shown

Edge = Callable[..., Path]


def film(segments: list[Segment], out: Path, *, crf: int = 18) -> SpliceReport:
    return splice(segments, out, size=SIZE, fps=FPS, crf=crf)


def test_a_path_of_n_edges_has_n_times_f_minus_1_plus_1_frames_all_bit_identical(
    edge: Edge, tmp_path: Path
) -> None:
    edges = [edge(49, seed=seed, crf=crf) for seed, crf in enumerate((18, 26, 18, 26))]
    segments = [Segment(path, 0, 47) for path in edges[:-1]] + [Segment(edges[-1], 0, 48)]

    report = film(segments, tmp_path / "film.mp4")

    assert report == SpliceReport(frames=4 * 48 + 1, copied=4 * 48 + 1, encoded=0)
    expected = [md5 for path in edges[:-1] for md5 in shown(path)[:-1]] + shown(edges[-1])
    assert shown(tmp_path / "film.mp4") == expected


@pytest.mark.parametrize("frames", [1, 2, 3, 12, 13, 14, 25, 26])
def test_edges_of_any_length_join_without_a_frame_encoded_again(
    edge: Edge, tmp_path: Path, frames: int
) -> None:
    paths = [edge(frames, seed=1), edge(frames, seed=2), edge(frames, seed=3)]

    report = film([Segment(path, 0, frames - 1) for path in paths], tmp_path / "film.mp4")

    assert report.encoded == 0
    assert shown(tmp_path / "film.mp4") == [md5 for path in paths for md5 in shown(path)]


@pytest.mark.parametrize("cut", range(1, 48))
def test_leaving_an_edge_at_any_frame_touches_only_the_group_that_is_cut(
    edge: Edge, tmp_path: Path, cut: int
) -> None:
    whole, other = edge(48), edge(13, seed=9)

    report = film([Segment(whole, 0, cut - 1), Segment(other, 0, 12)], tmp_path / "film.mp4")

    untouched = 47 if cut == 47 else cut // 12 * 12  # frame 47 is a group of its own
    assert report == SpliceReport(cut + 13, untouched + 13, cut - untouched)
    md5s = shown(tmp_path / "film.mp4")
    assert md5s[:untouched] == shown(whole)[:untouched]
    assert md5s[cut:] == shown(other)
    original = list(read_frames(whole, 0, cut - 1))
    again = list(read_frames(tmp_path / "film.mp4", 0, cut - 1))
    assert min(psnr(a, b) for a, b in zip(original, again, strict=True)) > 30


@pytest.mark.parametrize("cut", [1, 5, 11, 12, 13, 30, 46])
def test_entering_an_edge_at_any_frame_touches_only_the_group_that_is_cut(
    edge: Edge, tmp_path: Path, cut: int
) -> None:
    whole = edge(48)

    report = film([Segment(whole, cut, 47)], tmp_path / "film.mp4")

    assert report.frames == 48 - cut
    assert report.encoded == {1: 11, 5: 7, 11: 1, 12: 0, 13: 11, 30: 6, 46: 1}[cut]
    assert shown(tmp_path / "film.mp4")[report.encoded :] == shown(whole)[cut + report.encoded :]


ranges = st.tuples(st.integers(2, 40), st.integers(0, 3), st.sampled_from([18, 26])).flatmap(
    lambda edge: st.tuples(
        st.just(edge), st.tuples(st.integers(0, edge[0] - 1), st.integers(0, edge[0] - 1)).map(sorted)
    )
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(ranges, min_size=1, max_size=5))
def test_any_cuts_of_any_edges_splice_to_exactly_those_frames(
    edge: Edge, tmp_path: Path, parts: list
) -> None:
    segments = [Segment(edge(n, seed=seed, crf=crf), first, last) for (n, seed, crf), (first, last) in parts]

    report = film(segments, tmp_path / "film.mp4")

    wanted = [(s.path, number) for s in segments for number in range(s.first, s.last + 1)]
    originals = {path: (shown(path), list(read_frames(path))) for path in {s.path for s in segments}}
    md5s, frames = shown(tmp_path / "film.mp4"), list(read_frames(tmp_path / "film.mp4"))
    assert report.frames == len(md5s) == len(wanted)
    identical = sum(md5 == originals[path][0][n] for md5, (path, n) in zip(md5s, wanted, strict=True))
    assert identical >= report.copied
    assert min(psnr(f, originals[p][1][n]) for f, (p, n) in zip(frames, wanted, strict=True)) > 30


def test_the_halves_of_a_branched_edge_are_the_parents_own_packets_again(edge: Edge, tmp_path: Path) -> None:
    parent = edge(48)

    report = film([Segment(parent, 0, 16), Segment(parent, 17, 47)], tmp_path / "film.mp4")

    assert report.encoded == 0
    assert shown(tmp_path / "film.mp4") == shown(parent)


def test_only_ranges_that_go_on_in_the_same_video_are_merged() -> None:
    a, b = Path("a"), Path("b")

    merged = merge_adjacent(
        [Segment(a, 0, 4), Segment(a, 5, 9), Segment(a, 9, 9), Segment(b, 10, 11), Segment(a, 12, 13)]
    )

    assert merged == (Segment(a, 0, 9), Segment(a, 9, 9), Segment(b, 10, 11), Segment(a, 12, 13))


def foreign(path: Path, *, size: tuple[int, int] = SIZE, options: dict[str, str]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "12"} | options)
        stream.width, stream.height = size
        for frame in moving(30, seed=5, size=size):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("size", "options"),
    [
        (SIZE, {"preset": "medium"}),
        (SIZE, {"preset": "superfast", "x264-params": "keyint=12:scenecut=0:stitchable=1:threads=1:aud=1"}),
        (SIZE, {"preset": "superfast", "x264-params": "keyint=12:open-gop=1:stitchable=1:threads=1"}),
        ((192, 128), {"preset": "veryfast"}),
    ],
)
def test_a_video_of_another_profile_is_encoded_again_and_shows_the_same(
    edge: Edge, tmp_path: Path, size: tuple[int, int], options: dict[str, str]
) -> None:
    house, other = edge(13), foreign(tmp_path / "other.mp4", size=size, options=options)

    report = film(
        [Segment(house, 0, 12), Segment(other, 3, 20), Segment(house, 0, 12)], tmp_path / "film.mp4"
    )

    assert report == SpliceReport(frames=44, copied=26, encoded=18)
    md5s = shown(tmp_path / "film.mp4")
    assert md5s[:13] == md5s[31:] == shown(house)
    step = size[0] // SIZE[0]
    for number, frame in enumerate(read_frames(tmp_path / "film.mp4", 13, 30), 3):
        original = list(moving(30, seed=5, size=size))[number][::step, ::step]
        assert psnr(frame, original) > (24 if step == 1 else 15)


def test_the_same_film_has_the_same_bytes(edge: Edge, tmp_path: Path) -> None:
    segments = [Segment(edge(48), 3, 40), Segment(edge(13, seed=2), 0, 12)]

    film(segments, tmp_path / "one.mp4")
    film(segments, tmp_path / "two.mp4")

    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_progress_counts_every_frame_once(edge: Edge, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    splice(
        [Segment(edge(25), 1, 24)],
        tmp_path / "f.mp4",
        size=SIZE,
        fps=FPS,
        crf=18,
        on_progress=lambda n, of: seen.append((n, of)),
    )

    assert seen == [(n, 24) for n in range(1, 25)]


def test_metadata_is_found_again_in_the_film(edge: Edge, tmp_path: Path) -> None:
    told = {"title": "Über den Fluß", "forkframe": '{"path": ["e1", "e2"]}'}

    splice([Segment(edge(13), 0, 12)], tmp_path / "f.mp4", size=SIZE, fps=FPS, crf=18, metadata=told)

    assert told.items() <= probe(tmp_path / "f.mp4").metadata.items()


def test_other_frame_rates_are_kept_exactly(tmp_path: Path) -> None:
    fps = Fraction(30000, 1001)
    with VideoWriter(tmp_path / "a.mp4", size=SIZE, fps=fps, crf=18) as writer:
        for frame in moving(20):
            writer.write(frame)

    report = splice([Segment(tmp_path / "a.mp4", 0, 19)] * 2, tmp_path / "f.mp4", size=SIZE, fps=fps, crf=18)

    assert report.encoded == 0
    facts = probe(tmp_path / "f.mp4")
    assert (facts.fps, facts.frames, facts.seconds) == (fps, 40, pytest.approx(40 * 1.001 / 30))


def test_a_film_needs_segments_and_frames_that_exist(edge: Edge, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least one segment"):
        film([], tmp_path / "f.mp4")
    with pytest.raises(BadInput, match="has no frames 5 to 13"):
        film([Segment(edge(13), 5, 13)], tmp_path / "f.mp4")
    with pytest.raises(BadInput, match="no such file"):
        film([Segment(tmp_path / "gone.mp4", 0, 1)], tmp_path / "f.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", [1, 50, 2000])
def test_an_edge_that_was_cut_off_is_told_and_leaves_no_film(
    edge: Edge, tmp_path: Path, missing: int
) -> None:
    (tmp_path / "cut.mp4").write_bytes(edge(48).read_bytes()[:-missing])

    with pytest.raises(BadInput, match=r"cut\.mp4"):
        film([Segment(tmp_path / "cut.mp4", 0, 47)], tmp_path / "film.mp4")

    assert not (tmp_path / "film.mp4").exists()


def test_a_folder_in_the_way_is_told(edge: Edge, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").mkdir()

    with pytest.raises(OutputFailed, match="there is a folder of that name"):
        film([Segment(edge(13), 0, 12)], tmp_path / "film.mp4")
    with pytest.raises(OutputFailed, match="its folder does not exist"):
        film([Segment(edge(13), 0, 12)], tmp_path / "gone" / "film.mp4")

    assert [p.name for p in tmp_path.iterdir()] == ["film.mp4"]


def test_a_full_disk_leaves_the_former_film_and_one_clear_line(edge: Edge, tmp_path: Path) -> None:
    # A limit on the file's size stands in for a small disk: it fails in the middle of writing, as a full disk does.
    former = tmp_path / "film.mp4"
    former.write_bytes(b"former")
    script = f"""
import resource
from fractions import Fraction
from pathlib import Path
from forkframe.errors import OutputFailed
from forkframe.media import Segment, splice
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    splice([Segment(Path({str(edge(48))!r}), 0, 47)] * 3, Path({str(former)!r}), size={SIZE}, fps=Fraction(24), crf=18)
except OutputFailed as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == f"{former} could not be written: the file would be larger than is allowed here\n"
    assert former.read_bytes() == b"former"
    assert [p.name for p in tmp_path.iterdir()] == ["film.mp4"]


def test_a_full_file_system_is_told(edge: Edge, tmp_path: Path) -> None:
    with small_disk(tmp_path, "32k"):
        with pytest.raises(OutputFailed, match="the disk is full"):
            film([Segment(edge(48), 0, 47)] * 3, tmp_path / "film.mp4")
        assert list(tmp_path.iterdir()) == []


def test_frames_do_not_decay_when_a_film_is_cut_from_its_parents_again(edge: Edge, tmp_path: Path) -> None:
    film([Segment(edge(48), 2, 40)], tmp_path / "one.mp4")
    film([Segment(edge(48), 2, 33)], tmp_path / "two.mp4")

    first, second = (np.stack(list(read_frames(tmp_path / name, 0, 9))) for name in ("one.mp4", "two.mp4"))

    assert (first == second).all()
