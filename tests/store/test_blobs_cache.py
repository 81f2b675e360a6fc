"""`media/` keeps files for good under the hash of their content; `cache/` keeps what fits."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from forkframe.errors import BadInput, OutputFailed, WorkspaceDamaged
from forkframe.model.ids import BlobHash
from forkframe.store import Blobs, Cache


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "media")


def tree(folder: Path) -> set[str]:
    """The files below a folder."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_what_is_put_is_found_under_its_sha256(blobs: Blobs, tmp_path: Path) -> None:
    blob = blobs.put(b"picture")
    assert blob == sha256(b"picture").hexdigest()
    assert blobs.path(blob) == tmp_path / "media" / blob[:2] / blob
    assert blobs.path(blob).read_bytes() == b"picture"
    assert not list((tmp_path / "media" / "tmp").iterdir())


def test_the_same_content_twice_is_one_file(blobs: Blobs, tmp_path: Path) -> None:
    first = blobs.put(b"picture")
    inode = blobs.path(first).stat().st_ino
    file = blobs.scratch() / "again.png"
    file.write_bytes(b"picture")
    assert blobs.adopt(file) == first
    assert blobs.path(first).stat().st_ino == inode
    assert not file.exists()
    assert len(tree(tmp_path / "media")) == 1


def test_a_file_that_was_cut_short_is_replaced_by_a_whole_one(blobs: Blobs) -> None:
    blob = blobs.put(b"picture")
    blobs.path(blob).chmod(0o644)
    blobs.path(blob).write_bytes(b"pic")
    blobs.put(b"picture")
    assert blobs.path(blob).read_bytes() == b"picture"


def test_a_media_file_is_read_only(blobs: Blobs) -> None:
    assert blobs.path(blobs.put(b"picture")).stat().st_mode & 0o777 == 0o444


def test_everything_is_synced_before_the_hash_is_known(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    place = blobs.path(blobs.put(b"picture"))
    assert Path(synced[0]).name == "blob"
    assert synced[1:] == [str(place.parent), str(place.parent.parent)]


def test_only_files_in_scratch_are_taken_never_a_users_own(blobs: Blobs, tmp_path: Path) -> None:
    own = tmp_path / "holiday.jpg"
    own.write_bytes(b"mine")
    with pytest.raises(ValueError, match="is not in"):
        blobs.adopt(own)
    with pytest.raises(ValueError, match="is not in"):
        blobs.adopt(blobs.scratch() / ".." / ".." / ".." / "holiday.jpg")
    link = blobs.scratch() / "link"
    link.symlink_to(own)
    pipe = blobs.scratch() / "folder"
    pipe.mkdir()
    for wrong in (link, pipe, blobs.scratch() / "missing"):
        with pytest.raises(OutputFailed, match="could not write"):
            blobs.adopt(wrong)
    assert own.read_bytes() == b"mine"


def test_a_missing_media_file_is_named(blobs: Blobs) -> None:
    blob = BlobHash("ab" * 32)
    with pytest.raises(WorkspaceDamaged, match=f"/ab/{blob} is missing"):
        blobs.path(blob)


@pytest.mark.parametrize("text", ["", "../../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n"])
def test_what_is_no_hash_leads_nowhere(blobs: Blobs, text: str) -> None:
    with pytest.raises(BadInput, match="is not the hash of a media file"):
        blobs.path(BlobHash(text))


def test_sweeping_removes_what_dead_processes_left_and_nothing_of_living_ones(
    blobs: Blobs, tmp_path: Path
) -> None:
    tmp = tmp_path / "media" / "tmp"
    kept = blobs.put(b"picture")
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    for name in (f"{dead.pid}-ab", f"{os.getpid()}-ab", f"{os.getppid()}-ab", "whatever", "9" * 30 + "-ab"):
        (tmp / name).mkdir()
        (tmp / name / "half").touch()
    (tmp / "stray").touch()
    (tmp / "link").symlink_to(tmp_path)
    blobs.sweep()
    assert [p.name for p in tmp.iterdir()] == [f"{os.getppid()}-ab"]
    assert blobs.path(kept).exists()


def test_sweeping_where_nothing_was_ever_written_is_fine(blobs: Blobs) -> None:
    blobs.sweep()


def cached(cache: Cache, tmp_path: Path, key: str, size: int, *, used: int) -> Path:
    """Adopts a file of `size` bytes, last used at the time `used`."""
    file = tmp_path / "new"
    file.write_bytes(bytes(size))
    place = cache.adopt(file, key)
    os.utime(place, ns=(used, used))
    return place


def test_the_cache_returns_what_was_adopted_under_any_key(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache.get("draft") is None
    for key in ("draft", "../../../x", "", "夕焼け" * 500):
        place = cached(cache, tmp_path, key, 10, used=1)
        assert cache.get(key) == place
        assert place.is_relative_to(tmp_path / "cache")
    assert Cache(tmp_path / "cache").get("draft") == cache.get("draft")


def test_the_same_key_again_replaces_the_file(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cached(cache, tmp_path, "draft", 10, used=1)
    assert cached(cache, tmp_path, "draft", 20, used=2).stat().st_size == 20
    assert len(tree(tmp_path / "cache")) == 1


def test_beyond_its_size_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", cap=100)
    for number in range(4):
        cached(cache, tmp_path, f"k{number}", 25, used=number + 1)
    assert cache.get("k0")
    cached(cache, tmp_path, "k4", 25, used=10)
    assert [bool(cache.get(f"k{n}")) for n in range(5)] == [True, False, False, True, True]


def test_what_an_earlier_process_left_counts_and_what_was_just_adopted_stays(tmp_path: Path) -> None:
    cached(Cache(tmp_path / "cache", cap=100), tmp_path, "old", 80, used=1)
    cache = Cache(tmp_path / "cache", cap=100)
    cached(cache, tmp_path, "huge", 500, used=2)
    assert cache.get("old") is None
    assert cache.get("huge")


def test_deleting_from_the_cache_at_any_time_is_fine(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", cap=100)
    for number in range(4):
        place = cached(cache, tmp_path, f"k{number}", 25, used=number + 1)
        if number % 2:
            place.unlink()
    assert cache.get("k1") is None
    for file in (tmp_path / "cache").rglob("*"):
        if file.is_file():
            file.unlink()
    for folder in (tmp_path / "cache").iterdir():
        folder.rmdir()
    (tmp_path / "cache").rmdir()
    for number in range(6):
        cached(cache, tmp_path, f"k{number}", 25, used=number + 1)
    assert cache.get("k5")
    assert sum(p.stat().st_size for p in (tmp_path / "cache").rglob("*") if p.is_file()) <= 100
