"""Pictures in and out: uploads, ranges, and small pictures that show what they say."""

from __future__ import annotations

import gzip
import http.client
import io
import math
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from forkframe.media import read_png
from forkframe.model.ids import PixelHash
from forkframe.server import security
from forkframe.server.media import gzipped
from forkframe.server.routes.uploads import label_of
from forkframe.studio import Studio, cells, thumbs
from tests.pictures import save_blobs
from tests.server.conftest import TOKEN, Running


def image(answer: httpx.Response) -> NDArray[np.uint8]:
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as opened:
        return np.asarray(opened.convert("RGB"))


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The mean difference of two pictures' values, 0–255."""
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def picture(running: Running, seed: int = 0, suffix: str = "png", **size: Any) -> bytes:
    return save_blobs(running.folder / f"upload.{suffix}", seed=seed, **size).read_bytes()


def nodes_of(client: httpx.Client) -> list[dict[str, Any]]:
    return client.get("/api/workspace").json()["tables"]["nodes"]


def uploads_left(running: Running) -> list[Path]:
    return list((running.folder / "ws.forkframe" / "cache").glob("upload-*"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_an_upload_becomes_a_node_where_it_was_dropped(
    running: Running, client: httpx.Client, suffix: str
) -> None:
    answer = client.post(
        "/api/uploads",
        params={"name": f"C:\\photos\\My trip.{suffix}", "x": -12.5, "y": 40},
        content=picture(running, 5, suffix),
        headers={"content-type": ""},
    )
    assert answer.status_code == 200, answer.text
    (node,) = answer.json()
    assert node in nodes_of(client)
    assert (node["label"], node["x"], node["y"], node["size"]) == ("My trip", -12.5, 40.0, [160, 90])
    assert uploads_left(running) == []


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\x00b\n<b>.png", "ab<b>"),
        ("x" * 500 + ".jpeg", "x" * 120),
        (".hidden", ".hidden"),
        ("noon.final.png", "noon.final"),
        ("夕方\u202e.png", "夕方"),
        ("", ""),
        ("/", ""),
    ],
)
def test_a_file_name_becomes_a_label_without_folders_or_what_cannot_be_printed(name: str, label: str) -> None:
    assert label_of(name) == label


def test_a_bad_upload_is_named_and_leaves_nothing_behind(running: Running, client: httpx.Client) -> None:
    whole = picture(running, 6, "png", size=(400, 300))
    before = nodes_of(client)
    for content in (whole[: len(whole) // 2], b"", b"just words", whole[8:]):
        answer = client.post("/api/uploads", params={"name": "broken one.png"}, content=content)
        assert answer.status_code == 422, answer.text
        assert not {"/ws.forkframe/", "upload-", "incoming"} & set(answer.json()["error"].split())
        assert "upload-" not in answer.json()["error"]
    assert (
        "broken one" in client.post("/api/uploads?name=broken one.png", content=b"just words").json()["error"]
    )
    assert (nodes_of(client), uploads_left(running)) == (before, [])


def test_an_upload_that_grows_too_large_on_the_way_is_stopped(
    running: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "MOST_UPLOAD", 3 << 20)
    before = nodes_of(client)
    answer = client.post("/api/uploads?name=a.png", content=(b"x" * 65536 for _ in range(60)))
    assert (answer.status_code, nodes_of(client), uploads_left(running)) == (413, before, [])


def test_an_upload_that_breaks_off_makes_no_node(running: Running, client: httpx.Client) -> None:
    before = nodes_of(client)
    whole = picture(running, 7)
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.putrequest("POST", "/api/uploads?name=a.png")
    connection.putheader("authorization", f"Bearer {TOKEN}")
    connection.putheader("content-length", str(len(whole) + 10))
    connection.endheaders()
    connection.send(whole)
    connection.close()
    client.get("/health")
    assert nodes_of(client) == before


def test_a_place_that_is_none_is_refused(running: Running, client: httpx.Client) -> None:
    for place in ({"x": "nan", "y": 0}, {"x": 0, "y": "inf"}, {"x": "left", "y": 0}):
        assert client.post("/api/uploads", params=place, content=picture(running)).status_code == 422


@pytest.fixture
def blob(running: Running) -> tuple[str, bytes]:
    """The hash and content of a file in media."""
    content = picture(running, 3)
    return running.studio._desk.store.blobs.put(content), content


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=-999999", 206, slice(0, None)),
        ("bytes=5-999999", 206, slice(5, None)),
        ("bytes=0-0", 206, slice(0, 1)),
        ("bytes=999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=0-1,4-5", 200, slice(0, None)),
        ("bytes=5-2", 200, slice(0, None)),
        ("bytes=x", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
        ("bytes=" + "9" * 500 + "-", 200, slice(0, None)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_range_is_answered_with_exactly_those_bytes(
    client: httpx.Client, blob: tuple[str, bytes], asked: str, status: int, part: slice
) -> None:
    key, content = blob
    answer = client.get(f"/api/media/{key}", headers={"range": asked})
    assert (answer.status_code, answer.content if status != 416 else b"") == (status, content[part])
    if status == 206:
        start = part.indices(len(content))[0]
        end = start + len(answer.content) - 1
        assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(content)}"
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(content)}"


def test_media_are_kept_for_ever_and_sent_once(client: httpx.Client, blob: tuple[str, bytes]) -> None:
    key, content = blob
    answer = client.get(f"/api/media/{key}")
    assert answer.content == content
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["accept-ranges"] == "bytes"
    etag = answer.headers["etag"]
    for said, status in ((etag, 304), (f'"other", W/{etag}', 304), ("*", 304), ('"other"', 200)):
        again = client.get(f"/api/media/{key}", headers={"if-none-match": said})
        assert (again.status_code, again.headers["etag"], bool(again.content)) == (
            status,
            etag,
            status == 200,
        )
    assert (
        client.get(f"/api/media/{key}", headers={"range": "bytes=0-1", "if-range": '"old"'}).status_code
        == 200
    )
    assert (
        client.get(f"/api/media/{key}", headers={"range": "bytes=0-1", "if-range": etag}).status_code == 206
    )


def test_the_kind_of_a_file_is_told_by_what_is_in_it(running: Running, client: httpx.Client) -> None:
    kinds = {
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"\xff\xd8\xff": "image/jpeg",
        b"RIFF\0\0\0\0WEBP": "image/webp",
        b"\0\0\0\x18ftypisom\0\0\0\0": "video/mp4",
        b"\0\0\0\x18ftypheic\0\0\0\0": "application/octet-stream",
        b"II*\0": "application/octet-stream",
        b"FKFD": "application/octet-stream",
        b"": "application/octet-stream",
    }
    told = {}
    for content in kinds:
        blob = running.studio._desk.store.blobs.put(content)
        told[content] = client.get(f"/api/media/{blob}").headers["content-type"]
    assert told == kinds


@pytest.mark.parametrize("path", ["/api/media/" + "0" * 64, "/api/pixels/" + "0" * 64, "/api/media/short"])
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, set(answer.json())) == (404, {"error", "hint", "kind"})


def test_small_pictures_show_the_whole_one(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    framed = next(node["framed"] for node in nodes_of(client) if node["id"] == two_nodes[0])
    whole = image(client.get(f"/api/pixels/{framed}"))
    assert whole.shape == (96, 160, 3)
    for side in (256, 512, 1280):  # never enlarged
        answer = client.get(f"/api/pixels/{framed}", params={"side": side})
        assert answer.headers["content-type"] == "image/webp"
        assert image(answer).shape == whole.shape
        assert difference(image(answer), whole) < 3
        again = client.get(
            f"/api/pixels/{framed}?side={side}", headers={"if-none-match": answer.headers["etag"]}
        )
        assert again.status_code == 304
    assert client.get(f"/api/pixels/{framed}", params={"side": 300}).status_code == 422


def atlas_cell(client: httpx.Client, atlas: dict[str, Any], number: int) -> NDArray[np.uint8]:
    """Finds a cell as the canvas does."""
    width, height = atlas["cell"]
    columns, rows = atlas["page"] // width, atlas["page"] // height
    page, index = divmod(number, columns * rows)
    pixels = image(client.get(atlas["pages"][page]))
    assert pixels.shape == (atlas["page"], atlas["page"], 3)
    y, x = index // columns * height, index % columns * width
    return pixels[y : y + height, x : x + width]


def small(running: Running, framed: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    whole = read_png(running.studio._desk.store.blobs.pixels(PixelHash(framed)))
    return np.asarray(Image.fromarray(whole).resize(size, Image.Resampling.BOX))


def test_every_node_has_its_own_picture_in_its_cell_of_the_atlas_over_several_pages(
    running: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "PAGE", 96)  # three columns
    monkeypatch.setattr(thumbs, "PAGE", 96)
    running.studio.thumbs._cells = None
    paths = [save_blobs(running.folder / f"at{seed}.png", seed=100 + seed) for seed in range(22)]
    running.studio.add(paths[:20])
    first = client.get("/api/atlas").json()
    running.studio.add(paths[20:])
    atlas = client.get("/api/atlas").json()
    assert (atlas["cell"], atlas["pending"]) == ([32, 19], 0)
    framed = {node["framed"] for node in nodes_of(client)}
    assert set(atlas["cells"]) == framed
    assert sorted(set(atlas["cells"].values())) == list(range(len(framed)))
    assert len(atlas["pages"]) == math.ceil(len(framed) / 15) > 1
    for pixels, number in atlas["cells"].items():
        found = atlas_cell(client, atlas, number)
        distances = {key: difference(found, small(running, key, (32, 19))) for key in framed}
        assert distances[pixels] < min(
            min(distances.values()) + 3, 12
        )  # some differ in how they were saved only
    # What an earlier page showed is still there, and full pages keep their address.
    assert first["cells"].items() <= atlas["cells"].items()
    assert first["pages"][0] == atlas["pages"][0]
    assert first["pages"][-1] != atlas["pages"][len(first["pages"]) - 1]


def test_the_atlas_is_kept_when_the_workspace_is_closed_and_survives_a_torn_write(tmp_path: Path) -> None:
    paths = [save_blobs(tmp_path / f"{seed}.png", seed=seed) for seed in range(3)]
    studio = Studio.create(tmp_path / "ws.forkframe", size=(160, 96))
    studio.add(paths)
    atlas = studio.thumbs.atlas()
    file = studio._desk.store.cache.get("atlas/32x19")
    assert file is not None
    studio.close()
    with file.open("ab") as content:
        content.write(b"half a record")
    studio = Studio.open(tmp_path / "ws.forkframe")
    try:
        assert studio.thumbs.atlas() == atlas
        file.unlink()  # the cache may lose anything
        again = studio.thumbs.atlas()
        assert (set(again.cells), again.pages == atlas.pages) == (set(atlas.cells), False)
    finally:
        studio.close()


def test_an_atlas_answers_in_time_and_goes_on_when_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbs, "_AT_ONCE", 0.0)
    monkeypatch.setattr(thumbs, "_BATCH", 2)
    studio = Studio.create(tmp_path / "ws.forkframe", size=(160, 96))
    try:
        studio.add([save_blobs(tmp_path / f"{seed}.png", seed=seed) for seed in range(5)])
        found = [studio.thumbs.atlas() for _ in range(4)]
        assert [(len(view.cells), view.pending) for view in found] == [(2, 3), (4, 1), (5, 0), (5, 0)]
    finally:
        studio.close()


def test_a_strip_shows_a_take_from_its_first_frame_to_its_last(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    edge = running.studio.connect(*two_nodes, seconds=0.5)
    take = running.studio.wait(edge.id).takes[0]
    strip = image(client.get(f"/api/strips/{take.id}?count=5&side=64"))
    assert strip.shape == (38, 5 * 64, 3)
    framed = {node["id"]: node["framed"] for node in nodes_of(client)}
    for node, x in zip(two_nodes, (0, 256), strict=True):
        assert difference(strip[:, x : x + 64], small(running, framed[node], (64, 38))) < 12
    for key, status in ((take.id, 200), ("t0000000000", 404), (edge.id, 404)):
        assert client.get(f"/api/strips/{key}").status_code == status
    assert client.get(f"/api/strips/{take.id}?count=1").status_code == 422


def test_the_page_is_sent_packed_to_who_can_unpack_it(running: Running, client: httpx.Client) -> None:
    asset = running.folder / "ui" / "assets" / "big-9f.js"
    asset.write_text("export const a = 1;" * 100)
    asset.with_name("big-9f.js.gz").write_bytes(gzip.compress(asset.read_bytes()))
    packed = client.get("/assets/big-9f.js", headers={"accept-encoding": "br, gzip"})
    plain = client.get("/assets/big-9f.js", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert packed.content == plain.content == asset.read_bytes()
    assert packed.headers["etag"] != plain.headers["etag"]
    assert (packed.headers["vary"], packed.headers["content-type"]) == (
        "accept-encoding",
        "text/javascript; charset=utf-8",
    )
    assert "immutable" in packed.headers["cache-control"]
    assert client.get("/").headers["cache-control"] == "no-cache"


def test_gzip_is_used_only_where_it_is_wanted() -> None:
    wanted = {
        "gzip": True,
        "br, GZIP;q=0.5": True,
        "*": True,
        "": False,
        "br": False,
        "gzip;q=0": False,
        "gzip;q=0.0, *": False,
    }
    assert {said: gzipped(said) for said in wanted} == wanted
