"""Asking for results over HTTP, and the description of it all."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from websockets.sync.client import ClientConnection

from forkframe.model.ids import new_op_id
from forkframe.server.facade import METHODS
from tests.pictures import save_blobs
from tests.server.conftest import Running

JOB = {
    "id", "kind", "title", "subject", "engine", "state", "share", "doing", "preview", "attempts", "seconds", "dollars",
    "failure", "hint", "remote", "parent", "created", "took", "story", "result",
}  # fmt: skip


def rows(client: httpx.Client, table: str) -> dict[str, Any]:
    return {row["id"]: row for row in client.get("/api/workspace").json()["tables"][table]}


def seq_of(client: httpx.Client) -> int:
    return client.get("/api/workspace").json()["seq"]


def ended(running: Running, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The jobs once they are done."""
    assert all(set(job) == JOB for job in jobs)
    return [{**job, "state": running.studio.jobs.wait(job["id"], timeout=60).state} for job in jobs]


def added(tab: ClientConnection, table: str, count: int) -> list[dict[str, Any]]:
    """The first `count` rows that are added to a table, as a tab hears of them."""
    out: list[dict[str, Any]] = []
    while len(out) < count:
        message = json.loads(tab.recv(timeout=60))
        out += [e["row"] for e in message.get("edits", []) if e["table"] == table and e["row"]]
    return out


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("vary", {"count": 2, "engine": "builtin", "parameters": {"strength": 0.3}, "seed": 5}),
        (
            "restyle",
            {
                "prompt": "evening",
                "like": None,
                "count": 2,
                "engine": "builtin",
                "parameters": {},
                "seed": None,
            },
        ),
    ],
)
def test_candidates_come_one_by_one_and_say_how_they_were_made(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str], what: str, body: dict[str, object]
) -> None:
    with running.socket(seq_of(client)) as tab:
        answer = client.post(f"/api/nodes/{two_nodes[0]}/{what}", json=body)
        assert answer.status_code == 200, answer.text
        jobs = answer.json()["jobs"]
        assert {job["subject"] for job in jobs} == {two_nodes[0]}
        came = added(tab, "candidates", len(jobs))
    assert {one["node"] for one in came} == {two_nodes[0]}
    assert {job["state"] for job in ended(running, jobs)} == {"done"}
    recipe = client.get(f"/api/recipe/{came[0]['id']}").json()
    assert (recipe["operation"], recipe["inputs"][0]["node"]) == (what, two_nodes[0])
    assert recipe["command"].startswith("forkframe ")


def test_a_contact_sheet_and_what_is_near_one_of_it(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    with running.socket(seq_of(client)) as tab:
        jobs = client.post(f"/api/nodes/{two_nodes[1]}/spread", json={}).json()["jobs"]
        first = added(tab, "candidates", 1)[0]
    assert len(jobs) == 24
    more = client.post(f"/api/candidates/{first['id']}/more", json={})
    assert more.status_code == 200, more.text
    assert 0 < len(more.json()["jobs"]) <= 4
    client.post("/api/jobs", json={"action": "cancel", "names": ["all"]})


def test_an_edge_is_drafted_cut_and_taken_again(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    edge = running.studio.connect(*two_nodes, seconds=0.5)
    running.studio.wait(edge.id)
    again = client.post(f"/api/edges/{edge.id}/takes", json={"engine": "", "parameters": None, "seed": None})
    assert again.status_code == 200, again.text
    assert [job["state"] for job in ended(running, again.json()["jobs"])] == ["done"]
    assert sum(take["owner"] == edge.id for take in rows(client, "takes").values()) == 2
    node = client.post(f"/api/edges/{edge.id}/branch", json={"frame": 4}).json()
    assert node == rows(client, "nodes")[node["id"]]
    assert (node["cut"]["edge"], node["cut"]["frame"]) == (edge.id, 4)
    assert client.post(f"/api/edges/{node['cut']['halves'][0]}/branch", json={"frame": 0}).status_code == 422


def test_a_field_is_previewed_and_not_kept(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    running.studio.jobs.wait_for_all(timeout=60)
    before = seq_of(client)
    answer = client.post("/api/preview", json={"source": two_nodes[0], "target": two_nodes[1]})
    assert (answer.headers["content-type"], answer.content[:4]) == ("application/octet-stream", b"FKFD")
    assert seq_of(client) == before
    body = {"source": two_nodes[0], "target": two_nodes[1], "engine": "fake-paid"}
    assert client.post("/api/preview", json=body).status_code == 409
    assert client.post("/api/preview", json={"source": two_nodes[0], "target": "nobody"}).status_code == 404


def test_a_crop_is_set_and_its_node_comes_back(client: httpx.Client, two_nodes: tuple[str, str]) -> None:
    before = rows(client, "nodes")[two_nodes[1]]["framed"]
    crop = {"fit": "cover", "focus": [0.25, 0.75], "zoom": 2.0}
    node = client.post(f"/api/nodes/{two_nodes[1]}/crop", json={"crop": crop}).json()
    assert (node["crop"], node["framed"] == before) == (crop, False)
    wrong = client.post(f"/api/nodes/{two_nodes[1]}/crop", json={"crop": {**crop, "zoom": 0.1}})
    assert wrong.status_code == 422


def test_what_it_would_take_is_told_before(client: httpx.Client, two_nodes: tuple[str, str]) -> None:
    body = {"operation": "vary", "node": two_nodes[0], "engine": "builtin", "parameters": {}, "seed": None}
    answer = client.post("/api/estimate", json=body).json()
    assert set(answer) == {"seconds", "dollars"}
    assert answer["dollars"] == 0
    assert client.post("/api/estimate", json={**body, "operation": "transition"}).status_code == 422
    assert client.post("/api/estimate", json={**body, "engine": "unheard of"}).status_code == 409


def test_every_engine_declares_what_its_panel_is_made_from(client: httpx.Client) -> None:
    engines = {engine["name"]: engine for engine in client.get("/api/engines").json()}
    builtin = engines["builtin"]
    assert (builtin["tier"], builtin["runs_on"], builtin["available"], builtin["missing"]) == (
        "draft",
        "cpu",
        True,
        [],
    )
    vary = builtin["operations"]["vary"]
    assert (vary["algorithm"].split("@")[0], vary["parameters"]["type"]) == ("builtin.vary", "object")
    assert "strength" in vary["parameters"]["properties"]


def test_what_is_said_of_engines_is_kept_and_a_key_is_never_answered(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORKFRAME_TEST_KEYRING", str(tmp_path / "keys.json"))
    monkeypatch.setenv("FORKFRAME_CONFIG", str(tmp_path / "config"))
    kept = client.put("/api/engines/fake-paid/key", json={"key": "s3cret"})
    assert kept.status_code == 200, kept.text
    assert "s3cret" not in kept.text + client.get("/api/engines").text
    assert "s3cret" in (tmp_path / "keys.json").read_text()
    assert client.put("/api/engines/fake-paid/key", json={"key": "two words"}).status_code == 422
    assert client.put("/api/engines/builtin/key", json={"key": "s3cret"}).status_code == 422
    assert client.put("/api/engines/nobody/allowed", json={"allowed": True}).status_code == 409
    assert (
        client.put("/api/engine-settings/comfyui", json={"value": "http://127.0.0.1:8188"}).status_code == 200
    )
    assert "8188" in (tmp_path / "config" / "engines.json").read_text()
    refused = client.post("/api/engine-files", json={"name": "cross.json", "text": "{"})
    assert refused.status_code == 422
    assert refused.json()["hint"]


def test_pictures_from_words_lie_where_they_are_wanted(client: httpx.Client) -> None:
    asked = {"prompt": "a lighthouse", "count": 2, "engine": "fake", "places": [[40, 5000], [400, 5000]]}
    answer = client.post("/api/generate", json=asked)
    assert answer.status_code == 200, answer.text
    made = answer.json()["nodes"]
    assert [(node["label"], node["x"], node["y"]) for node in made] == [
        ("a lighthouse 1", 40, 5000),
        ("a lighthouse 2", 400, 5000),
    ]
    assert client.post("/api/generate", json={**asked, "places": [[0, 0]]}).status_code == 422
    assert client.post("/api/generate", json={**asked, "engine": "builtin"}).status_code == 409
    estimate = {"operation": "generate", "engine": "fake", "parameters": {}, "seed": None}
    assert client.post("/api/estimate", json=estimate).json()["seconds"] > 0


def test_what_will_move_is_estimated_by_its_length(client: httpx.Client, two_nodes: tuple[str, str]) -> None:
    asked = {"operation": "animate", "node": two_nodes[0], "engine": "fake", "parameters": {}, "seed": None}
    short, long = (
        client.post("/api/estimate", json={**asked, "seconds": s}).json()["seconds"] for s in (1, 4)
    )
    assert long > 3 * short


def test_a_lens_gives_every_node_a_place_and_moves_none(running: Running, client: httpx.Client) -> None:
    running.studio.jobs.wait_for_all(timeout=60)
    before = seq_of(client)
    for by in ("composition", "style"):
        answer = client.post("/api/map", json={"by": by})
        assert answer.status_code == 200, answer.text
        assert answer.json()["places"].keys() == rows(client, "nodes").keys()
    assert seq_of(client) == before


def test_a_film_is_asked_for_and_taken_away(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str], tmp_path: Path
) -> None:
    running.studio.connect(*two_nodes, seconds=0.5, label="way")
    saved = running.studio.save_sequence("to: ../dusk/ ☾", two_nodes)
    job = client.post(f"/api/sequences/{saved.id}/export", json={"suffix": ".mp4"}).json()["job"]
    other = client.post(f"/api/sequences/{saved.id}/export", json={"suffix": ".mp4"}).json()["job"]
    assert [one["state"] for one in ended(running, [job, other])] == ["done", "done"]
    found = {one["id"]: one for one in client.get("/api/jobs").json()["jobs"]}
    paths = [Path(found[one["id"]]["result"]["path"]) for one in (job, other)]
    folder = running.folder / "ws.forkframe" / "films"
    assert ([path.parent for path in paths], len(set(paths))) == ([folder, folder], 2)
    film = client.get(f"/api/films/{job['id']}")
    assert film.content == paths[0].read_bytes()
    assert film.headers["content-type"] == "video/mp4"
    assert film.headers["content-disposition"].startswith("attachment;")
    part = client.get(f"/api/films/{job['id']}", headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    (tmp_path / "film.mp4").write_bytes(film.content)
    with av.open(str(tmp_path / "film.mp4")) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 13
    wrong = client.post(f"/api/sequences/{saved.id}/export", json={"suffix": "/../x"})
    assert (wrong.status_code, list(folder.glob("*.part"))) == (422, [])


def test_the_queue_is_paused_and_goes_on(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    queue = client.get("/api/jobs").json()
    assert (set(queue), queue["paused"]) == ({"jobs", "counts", "paused"}, False)
    assert all(set(job) == JOB and isinstance(job["preview"], bool) for job in queue["jobs"])
    assert client.post("/api/jobs", json={"action": "pause"}).status_code == 200
    assert client.get("/api/workspace").json()["paused"] is True
    jobs = client.post(f"/api/nodes/{two_nodes[0]}/vary", json={"count": 1, "seed": 77}).json()["jobs"]
    cancelled = client.post("/api/jobs", json={"action": "cancel", "names": [jobs[0]["id"]]}).json()
    assert [(job["id"], job["state"], set(job) == JOB) for job in cancelled["jobs"]] == [
        (jobs[0]["id"], "cancelled", True)
    ]
    client.post("/api/jobs", json={"action": "resume"})
    assert client.get("/api/jobs").json()["paused"] is False
    budget = client.post("/api/jobs", json={"action": "budget", "names": ["5", "0.5"]}).json()["budget"]
    assert (
        client.get("/api/budget").json()
        == budget
        == {"total": 5, "per_request": 0.5, "reserved": 0, "spent": 0}
    )
    assert client.post("/api/jobs", json={"action": "explode"}).status_code == 422
    assert client.post("/api/jobs/look", json={"subjects": [two_nodes[0]]}).json() == {"ok": True}
    for job in (jobs[0]["id"], "j0000000000"):
        assert client.get(f"/api/jobs/{job}/preview").status_code == 404


def test_finals_are_priced_before_and_not_made_beyond_the_price(
    running: Running, client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    running.studio.connect(*two_nodes, seconds=0.5)
    saved = running.studio.save_sequence("priced", two_nodes)
    quote = client.post(f"/api/sequences/{saved.id}/quote", json={"engine": "fake"})
    assert quote.status_code == 200, quote.text
    assert client.post(f"/api/sequences/{saved.id}/quote", json={"engine": "unheard of"}).status_code == 409


# The facade over HTTP


def call(client: httpx.Client, method: str, **args: object) -> httpx.Response:
    return client.post(f"/api/facade/{method}", json={"args": args})


def test_the_facade_over_http_gives_the_views_it_gives_in_process(
    running: Running, client: httpx.Client
) -> None:
    paths = [str(save_blobs(running.folder / f"f{seed}.png", seed=50 + seed)) for seed in range(2)]
    a, b = call(client, "add", paths=paths, labels=["fa", "fb"], at=[5, 6]).json()["value"]
    assert (a["label"], a["x"], a["y"], a["size"]) == ("fa", 5.0, 6.0, [160, 90])
    edge = call(client, "connect", source="fa", target=b["id"], seconds=0.5, engine="fake").json()["value"]
    assert call(client, "wait", edge=edge["id"], timeout=60).json()["value"]["state"] == "ready"
    middle = call(client, "branch", edge=edge["id"], at="0.25s").json()["value"]
    saved = call(client, "save_sequence", name="f way", nodes=["fa", middle["id"], "fb"]).json()["value"]
    assert saved["nodes"] == [a["id"], middle["id"], b["id"]]
    film = call(client, "export", sequence="f way", path=str(running.folder / "f.mp4")).json()["value"]
    assert (film["frames"], Path(film["path"]).is_file()) == (13, True)
    call(client, "move", places={"fa": [1, 2]})
    call(client, "set_fields", name="fb", values={"rating": 3})
    assert call(client, "node", name="fa").json()["value"]["x"] == 1.0
    png = base64.b64decode(call(client, "picture", node="fa").json()["value"]["base64"])
    with Image.open(io.BytesIO(png)) as picture:
        assert np.asarray(picture).shape == (96, 160, 3)
    strip = call(client, "strip", edge=saved["steps"][0], frames=2).json()["value"]
    assert [set(one) for one in strip] == [{"base64"}, {"base64"}]
    shown = call(client, "show").json()["value"]
    assert shown["path"] == str(running.folder / "ws.forkframe")
    assert call(client, "undo").json()["value"].keys() == {"seq", "repeated"}
    assert call(client, "delete", names=["f way", "fa"]).json() == {"value": None}
    assert isinstance(call(client, "jobs.overview", limit=5).json()["value"]["jobs"], list)
    assert call(client, "jobs.cancel", names=[]).json()["value"] == []


@pytest.mark.parametrize(
    ("method", "args", "status", "kind"),
    [
        ("node", {"name": "nobody"}, 404, "NotFound"),
        ("node", {}, 422, "BadInput"),
        ("node", {"name": 5}, 422, "BadInput"),
        ("node", {"name": "a", "more": 1}, 422, "BadInput"),
        ("add", {"paths": ["relative.png"]}, 422, "BadInput"),
        ("add", {"paths": "/a.png"}, 422, "BadInput"),
        ("add", {"paths": ["/\u0000"]}, 422, "BadInput"),
        ("add", {"paths": ["/nowhere.png"]}, 422, "UnreadablePicture"),
        ("connect", {"source": "a", "target": "b", "engine": "none"}, 409, "EngineUnavailable"),
        ("connect", {"source": "a", "target": "b", "seconds": "long"}, 422, "BadInput"),
        ("close", {}, 404, "NotFound"),
        ("__init__", {"store": None}, 404, "NotFound"),
        ("jobs.watch", {"listener": None}, 404, "NotFound"),
        ("jobs.__class__", {}, 404, "NotFound"),
        ("_desk", {}, 404, "NotFound"),
    ],
)
def test_the_facade_refuses_over_http_with_the_name_of_the_error(
    client: httpx.Client,
    two_nodes: tuple[str, str],
    method: str,
    args: dict[str, object],
    status: int,
    kind: str,
) -> None:
    answer = call(client, method, **args)
    assert (answer.status_code, answer.json()["kind"]) == (status, kind), answer.text
    assert set(answer.json()) == {"error", "hint", "kind"}


def test_a_wait_that_runs_out_says_so(client: httpx.Client, two_nodes: tuple[str, str]) -> None:
    made = call(
        client, "connect", source=two_nodes[0], target=two_nodes[1], engine="fake", parameters={"step": 0.2}
    ).json()["value"]
    answer = call(client, "wait", edge=made["id"], timeout=0.01)
    assert (answer.status_code, answer.json()["kind"]) == (504, "TimeoutError")
    call(client, "delete", names=[made["id"]])


# The description


@pytest.fixture(scope="module")
def described(running: Running) -> dict[str, Any]:
    with running.client() as client:
        return client.get("/api/openapi.json").json()


def test_the_description_names_every_route_and_every_reference_leads_somewhere(
    described: dict[str, Any],
) -> None:
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        "/health", "/api/workspace", "/api/changes", "/api/undo", "/api/redo", "/api/log", "/api/uploads",
        "/api/nodes/{node}/vary", "/api/nodes/{node}/restyle", "/api/nodes/{node}/spread", "/api/nodes/{node}/crop",
        "/api/nodes/{node}/animate", "/api/nodes/{node}/loop", "/api/edges/{edge}/restyle", "/api/mix",
        "/api/candidates/{candidate}/more", "/api/edges/{edge}/branch", "/api/edges/{edge}/takes", "/api/preview",
        "/api/estimate", "/api/sequences/{sequence}/export", "/api/sequences/{sequence}/quote",
        "/api/sequences/{sequence}/finish", "/api/films/{job}", "/api/recipe/{key}", "/api/engines", "/api/map",
        "/api/engines/{name}/allowed", "/api/engines/{name}/key", "/api/engine-settings/{name}", "/api/engine-files",
        "/api/generate",
        "/api/jobs", "/api/jobs/look", "/api/jobs/{job}/preview", "/api/budget", "/api/media/{blob}",
        "/api/pixels/{pixels}", "/api/atlas", "/api/atlas/{page}", "/api/strips/{take}", "/api/facade/{method}",
    }  # fmt: skip
    known = set(described["components"]["schemas"])
    named = {part.split('"')[0] for part in json.dumps(described).split("#/components/schemas/")[1:]}
    assert named <= known
    operations = [one for path in described["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert all(one["description"] for one in operations)


def test_the_description_tells_every_field_of_a_row_and_of_a_job(
    described: dict[str, Any], client: httpx.Client, two_nodes: tuple[str, str]
) -> None:
    schemas = described["components"]["schemas"]
    workspace = client.get("/api/workspace").json()
    assert set(schemas["WorkspaceJson"]["properties"]) == set(workspace)
    for table, schema in schemas["TablesJson"]["properties"].items():
        name = schema["items"]["$ref"].rsplit("/", 1)[1]
        assert all(set(row) == set(schemas[name]["required"]) for row in workspace["tables"][table]), table
    assert set(schemas["JobJson"]["required"]) == JOB
    assert set(schemas["NodeJson"]["required"]) == set(rows(client, "nodes")[two_nodes[0]])


def test_what_the_facade_offers_is_a_list_and_nothing_else(client: httpx.Client) -> None:
    assert not [name for name in METHODS if "_desk" in name or "close" in name or "watch" in name]
    assert call(client, "undo", op_id=new_op_id()).status_code in (200, 409, 422)
