"""Whatever is sent, the answer is a reason, never a failure of ours."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forkframe.model.changes import CHANGES, Change
from forkframe.model.ids import new_op_id
from tests.server.conftest import Running, moved

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 2**31, 2**64, 10**30, -(10**30)]),
    st.sampled_from([0.0, -0.5, 1e308, 1e-308]),
    st.sampled_from(
        ["", "a", "b", "x" * 3000, "\ud800", "\x00", "../..", "n0000000000", "e0000000000", "builtin"]
    ),
)
SLOW = {"/api/map", "/api/sequences/{sequence}/finish", "/api/nodes/{node}/spread"}
"""What would keep workers busy for long when it is asked for by chance."""


def shaped(schema: dict[str, Any], schemas: dict[str, Any], names: list[str]) -> st.SearchStrategy[object]:
    """Values of a described shape, now and then odd ones instead."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    right: st.SearchStrategy[object]
    if "anyOf" in schema:
        right = st.one_of(*(shaped(one, schemas, names) for one in schema["anyOf"]))
    elif "enum" in schema:
        right = st.sampled_from(cast("list[object]", schema["enum"]))
    elif schema.get("type") == "object" and "properties" in schema:
        required = schema.get("required", [])
        fields = {name: shaped(one, schemas, names) for name, one in schema["properties"].items()}
        right = st.fixed_dictionaries(
            {name: one for name, one in fields.items() if name in required},
            optional={name: one for name, one in fields.items() if name not in required},
        )
    elif schema.get("type") == "object":
        right = st.dictionaries(st.sampled_from(["strength", "seed", "step", "x"]), ODD, max_size=2)
    elif schema.get("type") == "array":
        right = st.lists(shaped(schema.get("items", {}), schemas, names), max_size=3)
    elif schema.get("type") == "integer":
        right = st.integers(-2, 30)
    elif schema.get("type") == "number":
        right = st.floats(-2, 30)
    else:
        right = st.sampled_from(names)
    return st.one_of(right, right, right, ODD)


def ask(client: httpx.Client, method: str, path: str, body: object) -> httpx.Response:
    content = json.dumps(body) if method == "POST" else None
    return client.request(method, path, content=content, headers={"content-type": "application/json"})


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_of_any_shape_makes_it_fail(
    running: Running, two_nodes: tuple[str, str], caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    with running.client() as client:
        described = client.get("/api/openapi.json").json()
        names = [*two_nodes, "a", "b", "nobody", "all"]
        operations = [
            (method.upper(), path, operation)
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
            if path not in SLOW and "uploads" not in path
        ]
        method, path, operation = data.draw(st.sampled_from(operations))
        for parameter in operation.get("parameters", []):
            odd = data.draw(
                st.one_of(st.sampled_from(names), ODD.map(str)).filter(lambda s: s.isascii() and s)
            )
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", quote(odd, safe=""))
            elif data.draw(st.booleans()):
                path += f"{'&' if '?' in path else '?'}{parameter['name']}={quote(odd, safe='')}"
        schema = (
            operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        )
        body = data.draw(shaped(schema, described["components"]["schemas"], names))
        answer = ask(client, method, path, body)
        assert answer.status_code < 500, (method, path, body, answer.text)
        if answer.status_code >= 400:
            assert set(answer.json()) == {"error", "hint", "kind"}
    assert "Traceback" not in caplog.text
    running.studio.jobs.cancel_all()


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_change_of_any_shape_makes_it_fail_or_keeps_others_from_theirs(
    running: Running, two_nodes: tuple[str, str], data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(CHANGES)))
    fields = getattr(cast("type[Change]", CHANGES[kind]), "__dataclass_fields__", {})
    row = st.dictionaries(
        st.sampled_from(
            ["id", "source", "target", "frames", "name", "text", "x", "y", "width", "height", "steps"]
        ),
        st.one_of(ODD, st.sampled_from(two_nodes), st.integers(2, 9)),
    )
    value = st.one_of(ODD, row, st.lists(st.one_of(ODD, row), max_size=2), st.sampled_from(two_nodes))
    body: dict[str, object] = {name: data.draw(value) for name in fields if data.draw(st.integers(0, 9))}
    with running.client() as client:
        envelope = {"op_id": new_op_id(), "base_seq": 0, "type": kind, **body}
        answer = ask(client, "POST", "/api/changes", envelope)
        assert answer.status_code < 500, (envelope, answer.text)
        assert client.post("/api/changes", json=moved(two_nodes[0], 1, 1)).status_code in (200, 409)
        assert client.get("/api/workspace").status_code == 200
