"""Another site's page, open in the same browser as the studio, gets nothing out of it and nothing into it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from forkframe.model.ids import new_note_id, new_op_id
from tests.e2e.conftest import Place
from tests.e2e.tab import PATIENCE, Tab

OpenTab = Callable[..., Tab]

ASK = """async ([path, init]) => {
  try {
    const answer = await fetch(path, { credentials: "include", ...init });
    return { type: answer.type, status: answer.status, body: await answer.text() };
  } catch (error) {
    return { type: "failed", status: 0, body: "" };
  }
}"""
OPEN_SOCKET = """(address) => new Promise((done) => {
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => done(data);
  socket.onclose = () => done("");
})"""
SHOW = """(address) => new Promise((done) => {
  const image = new Image();
  image.onload = () => done(image.naturalWidth);
  image.onerror = () => done(0);
  image.src = address;
})"""
SEND_FORM = """([address, kind, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, { action: address, method: "post", enctype: kind, target: "_blank" });
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    Object.assign(field, { name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""
RUN = """(address) => new Promise((done) => {
  const script = document.createElement("script");
  script.src = address;
  script.onload = () => done("ran");
  script.onerror = () => done("refused");
  document.body.append(script);
})"""


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Win a prize</title><body>")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of another site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Empty) as server:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.02))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(params=["127.0.0.1", "localhost"])
def pages(
    request: pytest.FixtureRequest, place: Place, open_tab: OpenTab, elsewhere: int
) -> Iterator[tuple[Tab, Page]]:
    """The studio, and a page of another port, whose cookies are the same, or of another name, in one browser."""
    place.add("cat")
    tab = open_tab()
    tab.page.context.set_default_timeout(PATIENCE)
    page = tab.page.context.new_page()
    page.goto(f"http://{request.param}:{elsewhere}/")
    yield tab, page
    page.close()


def a_change() -> str:
    """A note, as the studio's own page would send it."""
    note = {"id": new_note_id(), "text": "I was here", "x": 0, "y": 0, "width": 200}
    return json.dumps({"op_id": new_op_id(), "base_seq": 0, "type": "AddNote", "note": note})


def asked(page: Page, path: str, **init: Any) -> dict[str, Any]:
    """What a page's script gets to see of an answer."""
    return page.evaluate(ASK, [path, init])


def test_the_studios_own_page_may_do_all_that_is_refused_below(place: Place, open_tab: OpenTab) -> None:
    place.add("cat")
    tab = open_tab()
    json_body = {"method": "POST", "headers": {"content-type": "application/json"}, "body": a_change()}
    assert asked(tab.page, "/api/changes", **json_body)["status"] == 200
    assert "tables" in asked(tab.page, "/api/workspace")["body"]
    assert "hello" in tab.ask(OPEN_SOCKET, f"ws{tab.address.removeprefix('http')}/api/live")
    pixels = tab.rows("nodes")[0]["framed"]
    assert tab.ask(SHOW, f"{tab.address}/api/pixels/{pixels}?side=256") > 0
    tab.wait_for_rows("notes", 1)


def test_another_site_can_change_nothing(place: Place, pages: tuple[Tab, Page]) -> None:
    tab, page = pages
    before = place.studio.snapshot()
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    for mode in ("no-cors", "cors"):
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            init = {"method": "POST", "mode": mode, "body": a_change(), "headers": {"content-type": kind}}
            assert asked(page, f"{tab.address}/api/changes", **init)["body"] == ""
        for path in ("/api/undo", "/api/jobs", "/api/uploads?name=x.png", "/api/facade"):
            init = {"method": "POST", "mode": mode, "body": "{}", "headers": {"content-type": "text/plain"}}
            assert asked(page, f"{tab.address}{path}", **init)["body"] == ""
    for method in ("PUT", "DELETE", "PATCH"):
        assert asked(page, f"{tab.address}/api/changes", method=method)["type"] == "failed"
    head, _, tail = a_change().partition('"text": "I was here"')
    for kind, fields in (
        ("text/plain", {f'{head}"text": "': f'"{tail}'}),
        ("multipart/form-data", {"change": a_change()}),
    ):
        with page.expect_popup() as opened:
            page.evaluate(SEND_FORM, [f"{tab.address}/api/changes", kind, fields])
        opened.value.wait_for_load_state()
        assert "another site" in opened.value.content() or "does not know you" in opened.value.content()
        opened.value.close()
    assert place.studio.snapshot() == before
    assert tab.rows("notes") == []


def test_another_site_can_read_nothing(place: Place, pages: tuple[Tab, Page]) -> None:
    tab, page = pages
    (view,) = place.studio.show().nodes
    hashes = tab.rows("nodes")[0]
    for mode in ("no-cors", "cors"):
        for path in ("/api/workspace", "/api/log", "/api/openapi.json", "/", f"/api/recipe/{view.id}"):
            assert asked(page, f"{tab.address}{path}", mode=mode)["body"] == ""
    for path in (f"/api/pixels/{hashes['framed']}?side=256", f"/api/media/{hashes['picture']}"):
        assert tab.ask(SHOW, f"{tab.address}{path}") > 0
        assert page.evaluate(SHOW, f"{tab.address}{path}") == 0
    assert page.evaluate(RUN, f"{tab.address}/api/workspace") == "refused"
    assert page.evaluate(OPEN_SOCKET, f"ws{tab.address.removeprefix('http')}/api/live") == ""


def test_another_site_can_not_show_the_studio_in_a_frame_or_reach_into_its_window(
    pages: tuple[Tab, Page],
) -> None:
    tab, page = pages
    with page.expect_event("framenavigated"):
        page.evaluate(
            "(address) => document.body.append(Object.assign(document.createElement('iframe'), { src: address }))",
            tab.address,
        )
    (frame,) = page.main_frame.child_frames
    assert not frame.url.startswith(tab.address)
    with page.expect_popup() as opened:
        page.evaluate("(address) => { window.victim = window.open(address) }", tab.address)
    opened.value.wait_for_load_state()
    page.wait_for_function("() => window.victim.closed")
    assert opened.value.evaluate("() => window.opener") is None
    opened.value.close()


def test_a_name_that_somebody_else_has_point_here_is_not_answered(tab_port: tuple[Tab, int]) -> None:
    tab, port = tab_port
    page = tab.page.context.new_page()
    for path in ("/", "/api/workspace", "/health"):
        answer = page.goto(f"http://rebound.localhost:{port}{path}")
        assert answer
        assert answer.status == 421
    page.close()


@pytest.fixture
def tab_port(place: Place, open_tab: OpenTab) -> tuple[Tab, int]:
    return open_tab(), int(place.address.rpartition(":")[2])


SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="parent.ran = window.ran = true">
<script>parent.ran = window.ran = true</script><rect width="64" height="64" fill="red"/></svg>"""
HTML = (
    b"<!doctype html><script>parent.ran = window.ran = true</script><img src=x onerror='window.ran = true'>"
)


def test_a_page_or_a_drawing_that_comes_as_a_picture_never_runs(place: Place, open_tab: OpenTab) -> None:
    place.add("cat")
    tab = open_tab()
    picture = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    files = [
        ("logo.svg", "image/svg+xml", SVG),
        ("page.html", "image/png", HTML),
        ("page.jpg", "image/jpeg", HTML),
        ("both.png", "image/png", picture.getvalue() + HTML),
    ]
    tab.ask(
        """async (files) => {
          const made = files.map(([name, type, text]) =>
            new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type }));
          await window.forkframe.app.actions.bring(made, { x: 0, y: 400 });
        }""",
        [[name, kind, base64.b64encode(content).decode()] for name, kind, content in files],
    )
    nodes = tab.wait_for_rows("nodes", 2)
    assert nodes[-1]["label"] == "both"
    (toast,) = tab.ui()["toasts"]
    assert "3 of 4" in toast
    tab.forgive("status of 4")
    assert tab.ask("() => window.ran") is None
    page = tab.page.context.new_page()
    for address in (
        f"{tab.address}/api/media/{nodes[-1]['picture']}",
        f"{tab.address}/api/pixels/{nodes[-1]['framed']}?side=256",
    ):
        answer = page.goto(address)
        assert answer
        assert answer.headers["content-type"] in ("image/png", "image/webp")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert page.evaluate("() => window.ran") is None
    page.close()
    kept = list(Path(place.studio.snapshot().path).rglob("*"))
    assert not [path for path in kept if path.is_file() and path.suffix in (".svg", ".html")]
