"""Promises of the walls around decoding."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROBES = """
import json, resource, socket, sys
from forkframe.media import sandbox
box = sandbox.enter(sandbox.SandboxLimits(memory=2 << 30, cpu_seconds=1, file_bytes=1000, open_files=32))
out = {"applied": box.applied, "missing": dict(box.missing)}

def attempt(name, act):
    try:
        act()
        out[name] = "worked"
    except Exception as error:
        out[name] = type(error).__name__

def connect():
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(server.getsockname(), timeout=1)

def fill():
    import tempfile
    with tempfile.TemporaryFile(buffering=0) as file:
        assert file.write(b"x" * 900) + file.write(b"x" * 900) == 1000
        file.write(b"x")

attempt("memory", lambda: bytearray(3 << 30))
attempt("network", connect)
attempt("file", fill)
attempt("files", lambda: [open("/dev/null") for _ in range(40)])
out["core"] = resource.getrlimit(resource.RLIMIT_CORE)
print(json.dumps(out), flush=True)
if "spin" in sys.argv:
    while True:
        pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have fewer walls")
def test_a_process_inside_can_neither_use_too_much_nor_reach_the_network() -> None:
    done = subprocess.run([sys.executable, "-c", PROBES], capture_output=True, text=True, check=True)
    out = json.loads(done.stdout)

    assert {"memory", "cpu", "file size", "open files", "no core dumps", "no new rights"} <= set(
        out["applied"]
    )
    assert (out["memory"], out["file"], out["files"], out["core"]) == (
        "MemoryError",
        "OSError",
        "OSError",
        [0, 0],
    )
    # Whether a network of one's own may be made is the system's to say; what is reported must be true.
    assert ("no network" in out["applied"]) == (out["network"] != "worked")
    assert ("no network" in out["applied"]) != ("no network" in out["missing"])


def test_a_process_that_computes_for_too_long_is_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBES, "spin"], capture_output=True, check=False, timeout=60
    )

    assert done.returncode < 0


def test_pictures_and_video_are_still_decoded_inside(tmp_path: object) -> None:
    script = f"""
from forkframe.media import sandbox
sandbox.enter()
import pathlib, numpy as np
from fractions import Fraction
from forkframe.media import VideoWriter, probe, read_picture, write_png
folder = pathlib.Path({str(tmp_path)!r})
frame = np.zeros((64, 64, 3), np.uint8)
write_png(frame, folder / "p.png")
with VideoWriter(folder / "v.mp4", size=(64, 64), fps=Fraction(24), crf=18) as writer:
    writer.write(frame)
print(read_picture(folder / "p.png").facts.format, probe(folder / "v.mp4").frames)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("png 1\n", "")
