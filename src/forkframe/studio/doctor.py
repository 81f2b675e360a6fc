"""A check-up: what of what Forkframe needs is installed, usable and missing on this machine."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from forkframe.engines.registry import cards
from forkframe.errors import Cancelled, ForkframeError
from forkframe.jobs.pool import Pool, Terms, cores


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is fine, what was found, and what to do if it is not.

    Attributes:
        optional: everything else works without it.
    """

    name: str
    ok: bool
    found: str
    advice: str = ""
    optional: bool = False


def examine() -> list[Finding]:
    """Looks at every part; none of it changes anything."""
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("Python", _python),
        ("database", _database),
        ("video", _video),
        ("pictures", _pictures),
        ("workers", _workers),
        ("space", _space),
        ("words", _words),
    )
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.append(check())
        except (ImportError, OSError, ForkframeError, Cancelled) as error:
            findings.append(
                Finding(name, ok=False, found=f"does not work: {error}", advice="reinstall forkframe")
            )
    return findings + [_engine(card.name, card.missing) for card in cards()]


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    found = f"Forkframe {version('forkframe')}, Python {platform.python_version()}, {platform.system()}, {cores()} cores"
    return Finding("Python", ok, found, "" if ok else "use Python 3.11 or newer")


def _database() -> Finding:
    from forkframe.store import sqlite_facts

    facts = sqlite_facts()
    found = f"SQLite {facts.version} ({facts.module})"
    if facts.has_wal_reset_bug:
        return Finding(
            "database",
            ok=False,
            found=f"{found}, which can damage a database when two processes write (fixed in 3.51.3)",
            advice="pip install 'pysqlite3>=0.6.1', and do not open a workspace with other tools meanwhile",
            optional=True,
        )
    return Finding("database", ok=True, found=found)


def _video() -> Finding:
    import av
    import av.codec

    found = f"PyAV {av.__version__}, libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}"
    if "libx264" not in av.codec.codecs_available:
        return Finding(
            "video", ok=False, found=f"{found} without x264", advice="pip install --force-reinstall av"
        )
    return Finding("video", ok=True, found=f"{found}, x264")


def _pictures() -> Finding:
    from PIL import features

    formats = {"webp": "WebP", "avif": "AVIF", "jpg": "JPEG"}
    missing = [title for name, title in formats.items() if not features.check(name)]
    try:
        import pillow_heif  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError:
        missing.append("HEIC")
    advice = f"pip install --upgrade pillow pillow-heif to read {', '.join(missing)}" if missing else ""
    return Finding("pictures", not missing, f"Pillow {features.version('pil')}", advice, optional=True)


def _workers() -> Finding:
    pool = Pool(1)
    try:
        facts = pool.run("looking around", {}, terms=Terms(sandboxed=True, limit=60))
    finally:
        pool.close()
    walls = ", ".join(cast("list[str]", facts["applied"]))
    missing = ", ".join(cast("list[str]", facts["missing"]))
    advice = f"the system does not grant {missing}: only add pictures that you trust" if missing else ""
    return Finding("workers", not missing, f"pictures are decoded apart: {walls}", advice, optional=True)


def _space() -> Finding:
    with TemporaryDirectory() as folder:
        (Path(folder) / "probe").write_bytes(b"forkframe")
    free = shutil.disk_usage(os.getcwd()).free
    ok = free > 1 << 30
    return Finding(
        "space", ok, f"{free / (1 << 30):.1f} GB free here", "" if ok else "make room: films are large"
    )


def _words() -> Finding:
    from forkframe.engines.builtin import words

    advice = words.missing()
    found = f"prompts are also read by meaning, with {words.folder()}"
    if advice:
        found = "prompts are read by the looks' own words; a small table of word vectors would know more"
    return Finding("words", not advice, found, advice, optional=True)


def _engine(name: str, missing: tuple[str, ...]) -> Finding:
    found = "usable" if not missing else "; ".join(missing)
    return Finding(f"engine {name}", not missing, found, optional=name != "builtin")
