"""Who is let in: the security checklist, one promise each, against a real server on a real port."""

from __future__ import annotations

import hmac
import http.client
import logging
import socket
from collections.abc import Callable

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from forkframe.errors import BadInput
from forkframe.model.ids import new_op_id
from forkframe.server import security
from forkframe.server.run import listen, serve
from forkframe.server.security import MOST_JSON, MOST_UPLOAD
from tests.server.conftest import TOKEN, Running

CHANGES = "/api/changes"


def own_origin(running: Running) -> dict[str, str]:
    return {"origin": running.address, "sec-fetch-site": "same-origin"}


def test_other_machines_are_kept_out_unless_somebody_says_that_they_may_come(running: Running) -> None:
    with pytest.raises(BadInput, match="other machines"):
        serve(running.studio, host="0.0.0.0", open_browser=False)
    with listen("0.0.0.0", 0, allow_remote=True) as listening:
        assert listening.getsockname()[0] == "0.0.0.0"


def test_a_taken_port_is_left_to_its_owner_and_the_next_one_used() -> None:
    with listen("127.0.0.1", 0) as first:
        taken = first.getsockname()[1]
        with listen("127.0.0.1", taken) as second:
            assert taken < second.getsockname()[1] < taken + 50


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", ""]
)
@pytest.mark.parametrize("path", ["/", "/health", "/api/workspace", "/?token=" + TOKEN])
def test_a_foreign_name_for_this_address_leads_nowhere(running: Running, host: str, path: str) -> None:
    with running.client(host=host.format(port=running.port)) as client:
        assert client.get(path).status_code == 421


def test_all_names_of_this_machine_lead_here(running: Running) -> None:
    for name in ("127.0.0.1", "localhost", "LocalHost", "[::1]"):
        with running.client(host=f"{name}:{running.port}") as client:
            assert client.get("/api/workspace").status_code == 200


def test_two_host_headers_are_refused(running: Running) -> None:
    request = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nHost: evil.example\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as raw:
        raw.sendall(request.encode())
        assert raw.recv(4096).split(b" ")[1] in (b"400", b"421")


def test_health_needs_nothing_and_tells_nothing(running: Running) -> None:
    with running.client(token=None) as client:
        assert client.get("/health").json() == {"ok": True}


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper()])
def test_nothing_under_api_is_told_without_the_token(running: Running, token: str | None) -> None:
    with running.client(token=token) as client:
        for path in ("/api/workspace", "/api/openapi.json", "/api/media/" + "0" * 64, "/api/nothing", "/api"):
            answer = client.get(path)
            assert (answer.status_code, set(answer.json())) == (401, {"error", "hint", "kind"})


def test_the_token_is_compared_in_constant_time(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def spy(given: bytes, token: bytes) -> bool:
        compared.append(given)
        return hmac.compare_digest(given, token)

    class Spied:
        compare_digest = staticmethod(spy)

    monkeypatch.setattr(security, "hmac", Spied)
    with running.client(token="guess") as client:
        client.get("/api/workspace")
        client.get("/", params={"token": "guess"})
        client.get(
            "/api/workspace", headers={"cookie": f"forkframe-{running.port}=guess", "authorization": ""}
        )
    assert compared.count(b"guess") == 3


def test_the_printed_address_becomes_a_cookie_and_loses_its_token(running: Running) -> None:
    with running.client(token=None) as client:
        answer = client.get("/", params={"token": TOKEN})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"forkframe-{running.port}={TOKEN};")
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert client.get("/api/workspace").status_code == 200  # with the cookie alone


def test_a_wrong_token_in_the_address_sets_no_cookie(running: Running) -> None:
    with running.client(token=None) as client:
        answer = client.get("/", params={"token": "wrong"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


def test_cookies_of_other_programs_on_this_machine_do_not_lock_anybody_out(running: Running) -> None:
    others = 'broken="\x01; {json:1}=2; ; forkframe-1=other; '
    with running.client(token=None, cookie=f"{others}forkframe-{running.port}={TOKEN}") as client:
        assert client.get("/api/workspace").status_code == 200


def test_the_token_is_in_no_log(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running.client(token=None) as client, running.socket():
        client.get("/", params={"token": TOKEN})
        client.get("/api/workspace", params={"token": TOKEN})
    server_lines = [r.getMessage() for r in caplog.records if r.name.startswith(("uvicorn", "forkframe"))]
    assert not [line for line in server_lines if TOKEN in line]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://localhost:{port}"},
        {"origin": "https://127.0.0.1:{port}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:{port}", "sec-fetch-site": "cross-site"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_a_page_of_another_site_can_neither_change_nor_listen_nor_read(
    running: Running, headers: dict[str, str]
) -> None:
    foreign = {name: value.format(port=running.port) for name, value in headers.items()}
    with running.client(**foreign) as client:
        assert client.post(CHANGES, json={}).status_code == 403
        assert client.post("/api/uploads", content=b"x").status_code == 403
        assert client.get("/api/workspace").status_code == 403
    with pytest.raises(InvalidStatus) as refused, running.socket(**foreign):
        pass
    assert refused.value.response.status_code == 403


def test_our_own_page_and_programs_without_a_page_are_let_in(running: Running) -> None:
    with running.client(**own_origin(running)) as client:
        assert client.post(CHANGES, json={}).status_code == 422
    with running.client(**{"sec-fetch-site": "none"}) as client:
        assert client.get("/api/workspace").status_code == 200
    with running.socket(Origin=running.address) as socket:
        assert '"hello"' in str(socket.recv(timeout=60))


def test_the_socket_is_closed_to_those_without_the_token_or_under_another_name(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidStatus) as refused, running.socket(Authorization="Bearer wrong"):
        pass
    assert refused.value.response.status_code == 401
    raw = socket.create_connection(("127.0.0.1", running.port))
    known = {"Authorization": f"Bearer {TOKEN}"}
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://evil.example:{running.port}/api/live", sock=raw, additional_headers=known, proxy=None)
    assert refused.value.response.status_code == 421
    assert "error" not in caplog.text.lower()


def test_no_other_site_is_ever_invited(running: Running) -> None:
    asks = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    with running.client() as client:
        answers = [
            client.options(CHANGES, headers=asks),
            client.get("/health", headers=asks),
            client.get("/"),
        ]
    assert not [h for a in answers for h in a.headers if h.startswith("access-control")]


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_change_that_a_plain_form_could_send_is_refused(client: httpx.Client, kind: str) -> None:
    answer = client.post(CHANGES, content=b"{}", headers={"content-type": kind})
    assert answer.status_code == 415


def test_a_form_is_no_upload(client: httpx.Client) -> None:
    answer = client.post("/api/uploads?name=a.png", files={"file": b"x"})
    assert answer.status_code == 415


def test_refusals_come_in_one_order_whatever_else_is_wrong(running: Running) -> None:
    wrong = {"host": "evil.example", "origin": "null", "content-type": "text/plain"}
    bodies = b"{" * 100
    statuses: list[int] = []
    for token, drop in (("wrong", ()), ("wrong", ("host",)), (TOKEN, ("host",)), (TOKEN, ("host", "origin"))):
        with running.client(token=token) as client:
            headers = {name: value for name, value in wrong.items() if name not in drop}
            statuses.append(client.post(CHANGES, content=bodies, headers=headers).status_code)
    with running.client() as client:
        headers = {"content-type": "application/json; charset=utf-8"}
        statuses.append(client.post(CHANGES, content=bodies, headers=headers).status_code)
    assert statuses == [421, 401, 403, 415, 422]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"a": NaN}', b'{"a": Infinity}', b"[" * 100_000],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_what_is_not_an_object_of_json_is_malformed(client: httpx.Client, body: bytes) -> None:
    answer = client.post(CHANGES, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, set(answer.json())) == (422, {"error", "hint", "kind"})


def test_a_body_of_more_than_a_megabyte_is_refused_whether_or_not_it_says_so(client: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    body = b'{"a": "' + b"x" * MOST_JSON + b'"}'
    said = client.post(CHANGES, content=body, headers=headers)
    streamed = client.post(CHANGES, content=iter([body[:1000], body[1000:]]), headers=headers)
    assert (said.status_code, streamed.status_code) == (413, 413)
    assert client.get("/health").status_code == 200


def test_an_upload_that_says_it_is_too_large_is_not_even_begun(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.putrequest("POST", "/api/uploads?name=a.png")
    connection.putheader("authorization", f"Bearer {TOKEN}")
    connection.putheader("content-length", str(MOST_UPLOAD + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


HEADERS: dict[str, Callable[[str], bool]] = {
    "x-content-type-options": lambda value: value == "nosniff",
    "referrer-policy": lambda value: value == "no-referrer",
    "cross-origin-opener-policy": lambda value: value == "same-origin",
    "cross-origin-resource-policy": lambda value: value == "same-origin",
    "content-security-policy": lambda value: "default-src 'none'" in value and "unsafe" not in value,
}


@pytest.mark.parametrize(
    "path", ["/", "/assets/app-1a2b.js", "/health", "/api/workspace", "/api/nothing", "/nothing"]
)
@pytest.mark.parametrize("token", [TOKEN, "wrong"])
def test_every_answer_keeps_the_page_to_itself(running: Running, path: str, token: str) -> None:
    with running.client(token=token) as client:
        headers = client.get(path).headers
    assert [name for name, fits in HEADERS.items() if not fits(headers.get(name, ""))] == []


def test_the_page_runs_scripts_of_its_own_only_and_talks_to_nobody_else(running: Running) -> None:
    with running.client() as client:
        said = client.get("/").headers["content-security-policy"]
    policy = {part.split()[0]: part.split()[1:] for part in said.split(";")}
    live = f"127.0.0.1:{running.port}"
    assert policy == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'", "blob:", f"ws://{live}", f"wss://{live}"],
        "font-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("a.png", b"<!doctype html><script>alert(1)</script>"),
        ("a.html", b"<html><script>alert(1)</script></html>"),
    ],
)
def test_a_page_that_calls_itself_a_picture_is_refused(
    client: httpx.Client, name: str, content: bytes
) -> None:
    before = client.get("/api/workspace").json()["seq"]
    answer = client.post("/api/uploads", params={"name": name}, content=content)
    assert (answer.status_code, answer.json()["kind"]) == (422, "UnreadablePicture")
    assert client.get("/api/workspace").json()["seq"] == before


def test_a_page_that_got_into_media_is_only_ever_offered_for_saving(
    running: Running, client: httpx.Client
) -> None:
    for content in (
        b"<!doctype html><script>alert(1)</script>",
        b"<svg><script>alert(1)</script></svg>",
        b"%PDF-1.7",
    ):
        blob = running.studio._desk.store.blobs.put(content)
        headers = client.get(f"/api/media/{blob}").headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"] == "attachment"
        assert "sandbox" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/media/..%2f..%2fworkspace.db",
        "/api/media/%2e%2e%2fworkspace.db",
        "/api/media/../workspace.db",
        "/api/media/%00",
        "/api/pixels/..%2f..%2f..%2fetc%2fpasswd",
        "/api/films/..%2f..%2fworkspace.db",
        "/api/films/lock",
        "/api/strips/..%2f..%2fworkspace.db",
        "/..%2fws.forkframe%2fworkspace.db",
        "/assets/..%2f..%2fws.forkframe%2flock",
        "/%2e%2e/ws.forkframe/lock",
        "//etc/passwd",
        "/assets/%00.js",
        "/" + "a" * 5000 + ".js",
    ],
)
def test_no_path_leads_out_of_its_folder(running: Running, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request(
        "GET", path, headers={"authorization": f"Bearer {TOKEN}"}
    )  # as it stands, not tidied up
    answer = connection.getresponse()
    body = answer.read()
    assert (answer.status, b"SQLite" in body, b"root:" in body) == (404, False, False)
    connection.close()


def test_a_link_in_the_pages_folder_leads_nowhere(running: Running, client: httpx.Client) -> None:
    link = running.folder / "ui" / "assets" / "secret.txt"
    (running.folder / "secret.txt").write_text("secret")
    link.symlink_to(running.folder / "secret.txt")
    assert client.get("/assets/secret.txt").status_code == 404


def test_what_nobody_foresaw_is_logged_and_shows_nothing_of_the_inside(
    running: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(type(running.studio), "log_lines", fails)
    answer = client.get("/api/log")
    assert (answer.status_code, answer.json()["error"]) == (500, "something went wrong here")
    assert "secret" not in answer.text
    assert "a secret of the inside" in caplog.text


def test_nobody_can_pass_for_the_engine(client: httpx.Client) -> None:
    change = {"op_id": new_op_id(), "base_seq": 0, "type": "MoveNodes", "places": {}}
    answer = client.post(CHANGES, json={**change, "actor": "engine"}, headers={"x-forkframe-actor": "engine"})
    assert answer.status_code == 422
