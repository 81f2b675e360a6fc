"""A ComfyUI on this machine that speaks the real protocol, HTTP and WebSocket at one port, and can fail in every way.

Its answers have the shapes of the real server's: `/object_info` with choices in the older and the newer form, the
queue's and the history's lists, the events, previews as binary messages, refusals with `node_errors`. What its nodes do
is in `tests/comfyui_nodes.py`.
"""

from __future__ import annotations

import io
import json
import os
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import av
import numpy as np
from PIL import Image

from tests.comfyui_http import Listener, Socket
from tests.comfyui_nodes import CLASSES, MODELS, OUTPUTS, Pictures, performed

Mishap = Literal["", "out of memory", "saves nothing", "truncated", "forgets", "refuses", "lost file"]


@dataclass
class Prompt:
    """A request that the server took."""

    number: int
    id: str
    graph: dict[str, Any]
    client: str
    stopped: bool = False


@dataclass
class FakeComfyUI:
    """Serves while it is open, as a context manager. Everything may be looked at from any thread.

    Attributes:
        lacking: classes of nodes and model files that it does not have.
        renamed: model files that lie elsewhere: their name here by their usual one.
        newer: choices in the form of newer servers, previews with facts, `progress_state`.
        obeys: it takes the ids that it is given, and stops a request by its id; older ones do not.
        mishap: what goes wrong.
        gate: nothing is performed as long as it is closed.
        silent: it accepts connections and never answers.
        submissions: every request that was taken, in order.
        performed: how often each request was performed to its end.
        uploads: pictures by their names.
        heard: every request that came, as `METHOD /path`.
    """

    lacking: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    newer: bool = True
    obeys: bool = True
    mishap: Mishap = ""
    silent: bool = False

    def __post_init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.submissions: list[Prompt] = []
        self.performed: Counter[str] = Counter()
        self.uploads: dict[str, bytes] = {}
        self.heard: list[str] = []
        self.interrupts: list[str] = []
        self.news = threading.Condition()
        self.pending: list[Prompt] = []
        self.running: Prompt | None = None
        self.history: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.sockets: dict[str, Socket] = {}
        self._port = 0
        self._life = 0
        self._start()

    def __enter__(self) -> FakeComfyUI:
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self.stop()

    @property
    def is_up(self) -> bool:
        """Whether anybody listens."""
        return self._life != 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        """It is killed: nobody listens any more, and what it was told is lost; files are kept."""
        with self.news:
            if not self._life:
                return
            self._life = 0
            self.pending, self.running, self.history = [], None, {}
            self.news.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self.drop_sockets()
        self._server.drop()
        self._serving.join()

    def start(self) -> None:
        """It comes back, at the same address."""
        self._start()

    def restart(self) -> None:
        """It is killed and comes back."""
        self.stop()
        self.start()

    def drop_sockets(self) -> None:
        """Every WebSocket breaks."""
        for each in list(self.sockets.values()):
            each.close()
        self.sockets.clear()

    def until(self, condition: Callable[[FakeComfyUI], object], timeout: float = 60) -> None:
        """Returns once `condition` holds; it is looked at whenever something happened."""
        with self.news:
            assert self.news.wait_for(lambda: condition(self), timeout), "the server waited in vain"

    # What the handlers ask

    def note(self, what: str) -> None:
        with self.news:
            self.heard.append(what)
            self.news.notify_all()

    def info(self, cls: str) -> dict[str, Any]:
        """What `/object_info/CLASS` says."""
        if cls not in CLASSES or cls in self.lacking:
            return {}
        groups: dict[str, dict[str, Any]] = {"required": {}, "optional": {}}
        for spec in CLASSES[cls]:
            name, form = _named(spec)
            groups["optional" if spec.startswith("?") else "required"][name] = self._form(spec, form)
        about = {"input": groups, "output": [], "name": cls, "output_node": cls in OUTPUTS, "category": "x"}
        return {cls: about}

    def choices(self, spec: str) -> list[str] | None:
        """What can be chosen at an input, if it is a choice."""
        if "=" in spec:
            return spec.split("=")[1].split("|")
        if "@" in spec:
            folder = spec.split("@")[1]
            if folder == "input":
                return sorted(self.uploads)
            return [self.renamed.get(n, n) for n in MODELS[folder] if n not in self.lacking]
        return None

    def take(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """A request is queued, or refused with what is wrong with it."""
        graph = body["prompt"]
        if refusal := self._refusal(graph):
            return 400, refusal
        with self.news:
            key = body["prompt_id"] if self.obeys and "prompt_id" in body else f"old-{len(self.submissions)}"
            prompt = Prompt(len(self.submissions), key, graph, body.get("client_id", ""))
            self.submissions.append(prompt)
            if self.mishap != "forgets":
                self.pending.append(prompt)
            self.news.notify_all()
        return 200, {"prompt_id": key, "number": prompt.number, "node_errors": {}}

    def queue(self) -> dict[str, Any]:
        with self.news:
            entries = [
                [[p.number, p.id, p.graph, {}, []] for p in each]
                for each in ([self.running] if self.running else [], self.pending)
            ]
        return {"queue_running": entries[0], "queue_pending": entries[1]}

    def remove(self, ids: list[str]) -> None:
        with self.news:
            self.pending = [prompt for prompt in self.pending if prompt.id not in ids]
            self.news.notify_all()

    def interrupt(self, key: str) -> None:
        """Stops what runs: if it goes by that id, or in any case where ids are not obeyed."""
        with self.news:
            self.interrupts.append(key)
            if self.running and (not self.obeys or not key or self.running.id == key):
                self.running.stopped = True
            self.news.notify_all()

    def join(self, client: str, connection: Socket) -> None:
        with self.news:
            self.sockets[client] = connection
            self.news.notify_all()
        connection.send_json(
            "status", {"status": {"exec_info": {"queue_remaining": len(self.pending)}}, "sid": client}
        )

    # The work

    def _start(self) -> None:
        self._server = self._listening()
        self._port = self._server.server_port
        self._life = time.monotonic_ns()
        self._serving = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._serving.start()
        threading.Thread(target=self._work, args=(self._life,), daemon=True).start()

    def _listening(self) -> Listener:
        """At the port it had; whoever starts a process just then holds the old one for a moment."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return Listener(self, self._port)
            except OSError:
                assert time.monotonic() < deadline, "somebody else has its port now"
                os.sched_yield()

    def _work(self, life: int) -> None:
        while True:
            with self.news:
                self.news.wait_for(lambda: self.pending or self._life != life)
                if self._life != life:
                    return
                self.running = prompt = self.pending.pop(0)
                self.news.notify_all()
            record = _Run(self, prompt, lambda: self._life == life).record()
            with self.news:
                if self._life != life:
                    return
                self.running = None
                self.history[prompt.id] = record
                self.performed[prompt.id] += record["status"]["completed"]
                self.news.notify_all()
            self.tell(prompt, "executing", {"node": None, "prompt_id": prompt.id})

    def tell(self, prompt: Prompt, kind: str, data: dict[str, Any]) -> None:
        if found := self.sockets.get(prompt.client):
            found.send_json(kind, data)

    def show(self, prompt: Prompt, picture: bytes) -> None:
        """A preview, as binary messages carry it."""
        facts = json.dumps({"node_id": "1", "prompt_id": prompt.id, "image_type": "image/jpeg"}).encode()
        message = (
            struct.pack(">II", 4, len(facts)) + facts + picture
            if self.newer
            else struct.pack(">II", 1, 1) + picture
        )
        if found := self.sockets.get(prompt.client):
            found.send(0x82, message)

    def _form(self, spec: str, form: str) -> list[Any]:
        choices = self.choices(spec)
        if choices is None:
            return [form, {}]
        return ["COMBO", {"options": choices}] if self.newer else [choices, {}]

    def _refusal(self, graph: Mapping[str, Any]) -> dict[str, Any]:
        errors: dict[str, Any] = {}
        for key, node in graph.items():
            cls = node["class_type"]
            if cls not in CLASSES or cls in self.lacking:
                message = f"Node '{cls}' not found. The custom node may not be installed."
                error = {
                    "type": "missing_node_type",
                    "message": message,
                    "details": f"Node ID '#{key}'",
                    "extra_info": {"node_id": key, "class_type": cls},
                }
                return {"error": error, "node_errors": {}}
            found = [error for spec in CLASSES[cls] if (error := self._wrong(spec, node["inputs"]))]
            if self.mishap == "refuses" and cls in OUTPUTS:
                found.append(
                    {
                        "type": "value_smaller_than_min",
                        "message": "Value 0 smaller than min of 1",
                        "details": "fps",
                        "extra_info": {},
                    }
                )
            if found:
                errors[key] = {"errors": found, "dependent_outputs": [], "class_type": cls}
        if not errors:
            return {}
        error = {
            "type": "prompt_outputs_failed_validation",
            "message": "Prompt outputs failed validation",
            "details": "",
            "extra_info": {},
        }
        return {"error": error, "node_errors": errors}

    def _wrong(self, spec: str, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
        name, _ = _named(spec)
        if name not in inputs:
            return (
                None
                if spec.startswith("?")
                else {
                    "type": "required_input_missing",
                    "message": "Required input is missing",
                    "details": name,
                    "extra_info": {"input_name": name},
                }
            )
        choices, value = self.choices(spec), inputs[name]
        if choices is not None and value not in choices:
            details = f"{name}: '{value}' not in {choices}"
            return {
                "type": "value_not_in_list",
                "message": "Value not in list",
                "details": details,
                "extra_info": {"input_name": name},
            }
        return None


class _Run:
    """One request while it is performed."""

    def __init__(self, server: FakeComfyUI, prompt: Prompt, alive: Callable[[], bool]) -> None:
        self._server, self._prompt, self._alive = server, prompt, alive
        self._made: dict[str, tuple[Any, ...]] = {}
        self._saved: dict[str, dict[str, Any]] = {}
        self._current = ""

    def record(self) -> dict[str, Any]:
        """What the history will say of it."""
        prompt, mine = self._prompt, {"prompt_id": self._prompt.id}
        messages: list[Any] = [["execution_start", {**mine, "timestamp": 0}]]
        self._server.tell(prompt, "execution_start", {**mine})
        self._server.tell(prompt, "execution_cached", {**mine, "nodes": []})
        try:
            for key, node in prompt.graph.items():
                if node["class_type"] in OUTPUTS:
                    self._perform(key)
            messages.append(["execution_success", {**mine}])
        except InterruptedError:
            messages.append(
                ["execution_interrupted", {**mine, "node_id": self._current, "node_type": "", "executed": []}]
            )
        except Exception as error:  # as the real one: whatever a node raises is the request's end
            cls = prompt.graph[self._current]["class_type"]
            facts = {
                "node_id": self._current,
                "node_type": cls,
                "exception_message": f"{error}\nand more lines",
                "exception_type": type(error).__name__,
                "traceback": ["a secret path"],
                "executed": [],
            }
            messages.append(["execution_error", {**mine, **facts}])
        kind, facts = messages[-1]
        self._server.tell(prompt, kind, facts)
        done = kind == "execution_success"
        status = {"status_str": "success" if done else "error", "completed": done, "messages": messages}
        return {"prompt": [], "outputs": self._saved if done else {}, "status": status, "meta": {}}

    def _perform(self, key: str) -> tuple[Any, ...]:
        if key in self._made:
            return self._made[key]
        node = self._prompt.graph[key]
        inputs = {
            name: self._perform(value[0])[value[1]] if isinstance(value, list) else value
            for name, value in node["inputs"].items()
        }
        self._wait()
        self._current = key
        self._server.tell(self._prompt, "executing", {"node": key, "prompt_id": self._prompt.id})
        cls = node["class_type"]
        if cls == "LoadImage":
            self._made[key] = (_pictures(self._server.uploads[inputs["image"]]), None)
        elif cls in OUTPUTS:
            self._save(key, cls, inputs)
        else:
            self._made[key] = performed(cls, inputs, self._step)
        return self._made.get(key, ())

    def _step(self, step: int, steps: int, picture: Pictures) -> None:
        self._wait()
        if self._server.mishap == "out of memory":
            raise MemoryError("Allocation on device: CUDA out of memory")
        data = {"value": step, "max": steps, "prompt_id": self._prompt.id, "node": self._current}
        self._server.tell(self._prompt, "progress", data)
        if self._server.newer:
            state = {**data, "state": "running", "node_id": self._current}
            self._server.tell(
                self._prompt,
                "progress_state",
                {"prompt_id": self._prompt.id, "nodes": {self._current: state}},
            )
        out = io.BytesIO()
        Image.fromarray(picture[len(picture) // 2].clip(0, 255).astype(np.uint8)).save(out, "JPEG")
        self._server.show(self._prompt, out.getvalue())

    def _wait(self) -> None:
        """Stops where it is told to, and goes on when it may."""
        while not self._server.gate.wait(0.02):
            if self._prompt.stopped or not self._alive():
                break
        if self._prompt.stopped or not self._alive():
            raise InterruptedError

    def _save(self, key: str, cls: str, inputs: Mapping[str, Any]) -> None:
        if self._server.mishap == "saves nothing":
            return
        folder, _, start = inputs["filename_prefix"].rpartition("/")
        name = f"{start}_00001_.{'mp4' if cls == 'SaveVideo' else 'png'}"
        self._server.files[f"{folder}/{name}"] = (
            _mp4(inputs["video"]) if cls == "SaveVideo" else _png(inputs["images"])
        )
        animated = {"animated": [True]} if cls == "SaveVideo" else {}
        self._saved[key] = {"images": [{"filename": name, "subfolder": folder, "type": "output"}], **animated}
        self._server.tell(
            self._prompt, "executed", {"node": key, "output": self._saved[key], "prompt_id": self._prompt.id}
        )


def _named(spec: str) -> tuple[str, str]:
    """The name of an input, and its type."""
    name = spec.lstrip("?")
    for mark in "=@:":
        name = name.split(mark)[0]
    return name, spec.partition(":")[2]


def _pictures(data: bytes) -> Pictures:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"), np.float32)[None]


def _png(pictures: Pictures) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.rint(pictures[0]).clip(0, 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def _mp4(video: Mapping[str, Any]) -> bytes:
    """As the real one saves it: H.264 in 4:2:0."""
    out = io.BytesIO()
    frames = np.rint(video["frames"]).clip(0, 255).astype(np.uint8)
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(round(video["fps"] * 1000), 1000), options={"crf": "10"}
        )
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return out.getvalue()
