"""Workflows that users bring: what is taken, and one clear line for everything that is not."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkframe.engines.comfyui import facts, install_template, own_folder
from forkframe.engines.comfyui.filling import working_length, working_size
from forkframe.engines.comfyui.library import SHIPPED, template, templates
from forkframe.engines.comfyui.manifest import read_template
from forkframe.engines.comfyui.template import Lengths, Sizes, Template
from forkframe.engines.registry import engine_names
from forkframe.errors import BadInput, OutputFailed
from forkframe.model.frame import Frame
from forkframe.model.recipe import Recipe
from forkframe.studio import teach_engines
from tests.comfyui_nodes import CLASSES
from tests.comfyui_server import FakeComfyUI
from tests.engines.comfyui.test_running import ServedContext, made

GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "_meta": {"title": "First"}},
    "2": {"class_type": "LoadImage", "inputs": {"image": "b.png"}, "_meta": {"title": "last"}},
    "3": {"class_type": "ImageBatch", "inputs": {"image1": ["1", 0], "image2": ["2", 0]}},
    "4": {"class_type": "CreateVideo", "inputs": {"images": ["3", 0], "fps": 8.0}},
    "5": {
        "class_type": "SaveVideo",
        "inputs": {"video": ["4", 0], "filename_prefix": "x", "format": "auto", "codec": "auto"},
        "_meta": {"title": "Result"},
    },
}
MANIFEST: dict[str, Any] = {
    "title": "Two frames",
    "licence": "CC0-1.0",
    "operations": {
        "transition": {
            "pictures": {"first": ["1", "image"], "last": ["2", "image"]},
            "parameters": [
                {
                    "name": "rate",
                    "kind": "number",
                    "minimum": 1,
                    "maximum": 60,
                    "default": 8,
                    "into": ["4", "fps"],
                }
            ],
            "output": "5",
        }
    },
}


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORKFRAME_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as server:
        monkeypatch.setenv("FORKFRAME_COMFYUI", server.url)
        monkeypatch.setattr(facts, "_PATIENCE", 30.0)  # it does answer
        facts.forget()
        yield server


def whole(**changes: Any) -> dict[str, Any]:
    return {"forkframe": MANIFEST | changes, "prompt": copy.deepcopy(GRAPH)}


def data(document: object) -> bytes:
    return json.dumps(document).encode()


# What is taken


def test_a_template_that_was_installed_is_an_engine_at_once(server: FakeComfyUI, tmp_path: Path) -> None:
    assert install_template(data(whole()), name="Two Frames.json").name == "two-frames"
    assert "comfyui:two-frames" in engine_names()
    result, _ = made("two-frames", "transition", ServedContext(tmp_path), rate=12)
    assert result.frames
    assert server.submissions[0].graph["4"]["inputs"]["fps"] == 12


def test_the_studio_and_the_terminal_hand_a_workflow_over(server: FakeComfyUI) -> None:
    said = teach_engines("Two Frames.json", data(whole()))
    assert said == "Two frames can transition now: the engine comfyui:two-frames"
    with pytest.raises(BadInput, match="not in API format") as refused:
        teach_engines("page.json", data({"nodes": [], "links": []}))
    assert "Save (API Format)" in refused.value.hint


def test_a_workflow_without_a_manifest_is_read_by_the_titles_of_its_nodes(
    server: FakeComfyUI, tmp_path: Path
) -> None:
    made_of = install_template(data(GRAPH), name="fade.json")
    assert {n: p.inputs for n, p in made_of.operations.items()} == {
        "transition": {"first": (1, 1), "last": (1, 1)}
    }
    result, _ = made("fade", "transition", ServedContext(tmp_path))
    assert result.frames


def test_titles_tell_what_a_workflow_of_pictures_does() -> None:
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "_meta": {"title": "Image"}},
        "2": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": "snow", "clip": ["9", 0]},
            "_meta": {"title": "prompt"},
        },
        "3": {
            "class_type": "KSampler",
            "inputs": {"seed": 7, "latent_image": ["1", 0], "positive": ["2", 0]},
        },
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}},
        "9": {"class_type": "CLIPLoader", "inputs": {"clip_name": "x.safetensors"}},
    }
    taken = read_template(data(graph), name="x", file="x.json")
    [(name, how)] = taken.operations.items()
    assert (name, how.output, how.fills["seed"]) == ("restyle", "4", (("3", "seed"),))
    assert [(k.parameter.name, k.parameter.default, k.into) for k in how.knobs] == [
        ("prompt", "snow", (("2", "text"),))
    ]


def test_a_workflow_that_replaces_another_gets_a_higher_version() -> None:
    first = install_template(data(GRAPH), name="mine.json")
    again = install_template(data(GRAPH), name="mine.json")
    other = copy.deepcopy(GRAPH)
    other["4"]["inputs"]["fps"] = 12.0
    changed = install_template(data(other), name="mine.json")
    assert (first.version, again.version, changed.version) == (1, 1, 2)
    assert template("mine") == changed
    assert install_template(data(whole(version=7)), name="mine.json").version == 7


def test_what_comes_with_forkframe_is_whole_and_has_a_licence() -> None:
    found = [each for each in templates() if isinstance(each, Template)]
    assert tuple(each.name for each in found) == SHIPPED
    for each in found:
        assert each.licence != "unknown"
        assert each.classes <= set(CLASSES), "the tests' server performs all of it"
        weights = {
            value
            for how in each.operations.values()
            for node in how.graph.values()
            for value in node["inputs"].values()  # type: ignore[attr-defined]
            if isinstance(value, str) and value.endswith(".safetensors")
        }
        assert weights == set(each.models)


# What is not


def drop(*way: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for key in way[:-1]:
            document = document[key]
        del document[way[-1]]

    return change


def put(value: object, *way: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for key in way[:-1]:
            document = document[key]
        document[way[-1]] = value

    return change


HOW = ("forkframe", "operations", "transition")


@pytest.mark.parametrize(
    ("change", "reason", "hint"),
    [
        (
            put("9", *HOW, "output"),
            r"x\.json: forkframe\.operations\.transition\.output is \"9\"",
            "id of a node: 1, 2",
        ),
        (drop(*HOW, "output"), r"transition\.output is missing", "id of a node"),
        (
            put(["1", "picture"], *HOW, "pictures", "first"),
            r"pictures\.first\[1\] is \"picture\"",
            "an input of node 1: image",
        ),
        (put(["1"], *HOW, "pictures", "first"), r"pictures\.first\[0\] is \"1\"", "a list"),
        (put({"begin": ["1", "image"]}, *HOW, "pictures"), "begin is no role", "first, key, last"),
        (
            put({"dream": {}}, "forkframe", "operations"),
            r"dream is nothing that a workflow can do",
            "generate, vary",
        ),
        (put({}, "forkframe", "operations"), r"operations is \{\}", "one or more of generate"),
        (
            put([{"name": "Rate", "kind": "number", "into": ["4", "fps"]}], *HOW, "parameters"),
            r"parameters\[0\]\.name is",
            "lower-case",
        ),
        (
            put([{"name": "seed", "kind": "whole", "into": ["4", "fps"]}], *HOW, "parameters"),
            r"parameters\[0\]\.name is",
            "not seed",
        ),
        (
            put([{"name": "r", "kind": "slider", "into": ["4", "fps"]}], *HOW, "parameters"),
            r"kind is \"slider\"",
            "text or number",
        ),
        (
            put([{"name": "r", "kind": "number", "default": 9, "into": ["4", "fps"]}], *HOW, "parameters"),
            r"parameters\[0\]: r can't be 9",
            "from 0 to 1",
        ),
        (put({"multiple": 16}, *HOW, "size"), r"size\.pixels is missing", "a whole number"),
        (put({"multiple": 4, "plus": 1, "most": 81}, *HOW, "length"), r"length\.fps is missing", "a number"),
        (put(2, "forkframe", "format"), "newer version", "update"),
        (put("fast", "forkframe", "tier"), r"tier is \"fast\"", "final or draft"),
        (put("javascript:alert(1)", "forkframe", "homepage"), "homepage is", "https://"),
        (
            put(["7", 0], "prompt", "3", "inputs", "image2"),
            "image2 of node 3 comes from node 7",
            "Save .API Format",
        ),
        (drop("prompt", "3", "class_type"), r"prompt\.3 is", "class_type"),
        (put("edit", *HOW, "workflow"), r"workflow is \"edit\"", "name of a workflow: prompt"),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_place_and_what_belongs_there(
    change: Callable[[dict[str, Any]], None], reason: str, hint: str
) -> None:
    document = copy.deepcopy(whole())
    change(document)
    with pytest.raises(BadInput, match=reason) as refused:
        read_template(data(document), name="x", file="x.json")
    assert "\n" not in refused.value.message + refused.value.hint
    assert hint.replace(".", "") in refused.value.hint.replace("(", "").replace(".", "")


@pytest.mark.parametrize(
    ("content", "reason", "hint"),
    [
        (b"", "no JSON", "Save (API Format)"),
        (b"\x89PNG\r\n", "no JSON", "Save (API Format)"),
        (b"[" * 100_000, "no JSON", "Save (API Format)"),
        (b"[1, 2]", "holds no workflow", "Save (API Format)"),
        (b"{}", "is {}", "API format"),
        (data({"nodes": [{"id": 1, "type": "LoadImage"}], "links": [], "version": 0.4}), "not in API format", "Save (API Format)"),
        (b" " * (5 << 20), "has 5 MB", "a few hundred kilobytes"),
        (data({k: v for k, v in GRAPH.items() if k != "5"}), "no node of the workflow saves", "SaveVideo"),
        (data({**GRAPH, "6": GRAPH["5"]}), "2 nodes of the workflow save", "leave one"),
        (data({**GRAPH, "6": GRAPH["1"]}), "two nodes are titled first", "another title"),
        (data({k: {**v, "_meta": {}} for k, v in GRAPH.items()}), "does not say which node takes which picture", "title the Load Image nodes"),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused_and_nothing_is_kept(content: bytes, reason: str, hint: str) -> None:
    with pytest.raises(BadInput) as refused:
        install_template(content, name="x.json")
    assert reason in refused.value.message
    assert hint in refused.value.hint
    assert not own_folder().exists() or not list(own_folder().iterdir())


def test_names_are_made_fit_and_ours_are_kept(tmp_path: Path) -> None:
    for name in ("Wan.json", "flux2 klein.json"):
        with pytest.raises(BadInput, match="come with Forkframe"):
            install_template(data(GRAPH), name=name)
    with pytest.raises(BadInput, match="can't become an engine's name"):
        install_template(data(GRAPH), name="../….json")
    assert install_template(data(GRAPH), name="../../Mein Übergang.v2.json").name == "mein-bergang-v2"
    assert [path.name for path in own_folder().iterdir()] == ["mein-bergang-v2.json"]


def test_a_folder_that_can_t_be_written_is_an_error_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FORKFRAME_CONFIG", str(tmp_path / "file"))
    with pytest.raises(OutputFailed, match="can't be written"):
        install_template(data(GRAPH), name="x.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WAYS = [
    ("forkframe",), ("prompt",), ("prompt", "1"), ("prompt", "3", "inputs"), ("prompt", "3", "inputs", "image1"),
    ("forkframe", "models"), ("forkframe", "cost"), ("forkframe", "operations"), HOW,
    *((*HOW, name) for name in ("pictures", "parameters", "seed", "size", "length", "output", "without", "workflow")),
]  # fmt: skip


@given(st.sampled_from(WAYS), JSON)
def test_nothing_that_stands_in_a_template_ends_in_anything_but_an_error_of_ours(
    way: tuple[str, ...], value: object
) -> None:
    document = copy.deepcopy(whole())
    put(value, *way)(document)
    with suppress(BadInput):
        taken = read_template(data(document), name="x", file="x.json")
        assert taken.operations


# Sizes and lengths


@given(st.integers(4, 128), st.integers(4, 128), st.sampled_from([8, 16, 32, 64]))
def test_the_working_size_fits_the_model_and_is_as_near_to_the_frame_as_can_be(
    across: int, down: int, multiple: int
) -> None:
    frame = Frame(across * 16, down * 16, Fraction(24))
    most = 832 * 480
    width, height = working_size(frame, Sizes(multiple, {"": most}))
    assert width % multiple == 0 == height % multiple
    assert 0 < width * height <= most
    ideal = (most * frame.width / frame.height) ** 0.5
    if min(ideal, most / ideal) > 6 * multiple:  # else no multiple is near
        assert 0.9 < (width / height) / (frame.width / frame.height) < 1.12


@pytest.mark.parametrize(
    ("size", "wanted"), [((1280, 720), (1280, 720)), ((640, 352), (640, 352)), ((2560, 1440), (1280, 720))]
)
def test_a_size_that_the_model_can_do_is_taken_as_it_is(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    assert working_size(Frame(*size, Fraction(24)), Sizes(16, {"": 1280 * 720})) == wanted


@given(
    st.integers(2, 600),
    st.sampled_from([12, 24, 25, 30, 60]),
    st.sampled_from([(4, 1, 16), (8, 1, 24), (1, 0, 8)]),
)
def test_the_working_length_fits_the_model_and_lasts_as_long_as_the_edge(
    frames: int, rate: int, rule: tuple[int, int, int]
) -> None:
    multiple, plus, fps = rule
    lengths = Lengths(multiple, plus, fps, least=multiple + plus, most=40 * multiple + plus)
    recipe = Recipe("transition", "x.transition@1", 1, {}, (), Frame(64, 64, Fraction(rate)), frames, 0)
    made_of = working_length(recipe, lengths)
    assert (made_of - plus) % multiple == 0
    assert lengths.least <= made_of <= lengths.most
    if made_of not in (lengths.least, lengths.most):
        assert -0.51 < made_of - 1 - (frames - 1) * fps / rate < multiple + 0.51


# The page about it


PAGE = Path(__file__).parents[3] / "docs" / "engines-comfyui.md"


def test_the_example_on_the_page_is_a_manifest_that_is_taken() -> None:
    found = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    document = json.loads(found[1])
    wan = json.loads((files("forkframe.engines.comfyui") / "templates" / "wan.json").read_text())
    taken = read_template(data({**document, "prompt": wan["prompt"]}), name="x", file="x.json")
    how = taken.operations["transition"]
    assert [knob.parameter.name for knob in how.knobs] == ["prompt", "flow", "resolution"]


def test_the_page_names_every_workflow_that_comes_with_forkframe_with_its_operations_and_licence() -> None:
    rows = {
        line.split("`")[1]: line for line in PAGE.read_text().splitlines() if line.startswith("| `comfyui:")
    }
    assert set(rows) == {f"comfyui:{name}" for name in SHIPPED}
    for each in templates():
        assert isinstance(each, Template)
        assert all(name in rows[f"comfyui:{each.name}"] for name in each.operations)
        assert each.licence == "no weights" or each.licence.split(" (")[0] in rows[f"comfyui:{each.name}"]
