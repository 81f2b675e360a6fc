"""Measures everything that is claimed: `make bench`; or only some of it: `python -m bench canvas studio`.

Writes the figures to `docs/measured.md` and the transitions' contact sheet to `bench/out/`.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from datetime import date
from pathlib import Path

from bench import canvas, cold, export, jobs, looks, store, studio, transition, vary

OUT = Path(__file__).parent / "out"
PAGE = Path(__file__).parent.parent / "docs" / "measured.md"


def main() -> None:
    """Measures the sections whose titles begin with one of the words of the command line; all, where it has none."""
    OUT.mkdir(exist_ok=True)
    words = [word.lower() for word in sys.argv[1:]]
    sections = [
        (
            "Transition: 512 px, a 2-second edge, one thread",
            """fps: frames per second, preparation counted. energy: gradient energy of the middle frame against the mean of
both pictures. patches: distance of its patches from theirs. step: the largest visible step against the mean one. motion:
how far structures have come on their way from their place in A to their place in B, along known ways, and along an
independent matcher's ways between unrelated pictures. arrived: the share of points within 3 % of the width of their true
half-way place, along known ways. coherence: how far the middle frame's patches are from the nearest ones in either picture.
PSNR: the middle frame of a moving camera against the true one. The
cheap tricks (wipe, dissolve) win what can be won without moving anything; only motion tells a morph.""",
            lambda: (
                f"{transition.table(transition.run(sheet=OUT / 'transitions.png'))}\n{transition.rendered()}"
            ),
        ),
        (
            "Variations: one thread unless said",
            """Composition and style: distances of the latent code, where unrelated photographs are about 1 apart. Heads: the same
number of faces in about the right shape, over crops, mirrors and seeds. Yardstick: OpenCV's non-local means of the same
picture in the same run.""",
            lambda: vary.table(seeds=4),
        ),
        ("Looks, and edges restyled: one thread", looks.EXPLAINED, looks.table),
        (
            "A first call, and large pictures: one thread",
            "Each operation of the built-in engine in a process of its own; memory is that of the whole process.",
            lambda: jobs.table(cold.run()),
        ),
        (
            "Path export: ten 5-second edges, 1280×720",
            "identical: frames that are bit-identical to the edges' own and in their place.",
            lambda: export.table(export.run()),
        ),
        (
            "Store",
            "Against a bare SQLite that writes one row per transaction, both with full synchronisation.",
            lambda: "\n".join(f"{name:45} {figure:12.3f}" for name, figure in store.run().items()),
        ),
        (
            "Jobs",
            """Two workers, fake engine, 64×64 unless said otherwise. Floor: three transactions for each job (insert, update,
update) through the bare driver, with full synchronisation. Overhead: what a single job takes beyond its worker's own time.
Transitions: 960×640. Memory: a studio and its workers after eight of them; PSS counts what processes share once, RSS as
often as they share it.""",
            lambda: jobs.table(jobs.run()),
        ),
        (
            "Canvas: 10,000 nodes, 20,000 edges",
            """The studio's canvas, and the same scene in @xyflow/react with only what is in view rendered: in one browser, without
a graphics card. The same wheel turns over both. Script: JavaScript on the main thread between two frames as the browser's
trace has it, the page's and ours that turns the wheel, by the clock and by what it took of a processor. Main thread: with
style, layout and paint. Its own count: what the canvas measures itself. Eight edges: all on the canvas.""",
            canvas.report,
        ),
        (
            "Studio",
            """A process of its own, six photographs at 1280×720, a browser without a graphics card. From the press of a button or
key to the first frame that looks different, drawn and read back. First moving picture: a thread is pulled from one
photograph to another within a few frames; the picture between them moves. Another tab: from letting go of a node until
it is drawn elsewhere.""",
            studio.report,
        ),
    ]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    before = dict(re.findall(r"^(## [^\n]+)\n(.*?)(?=\n## |\Z)", PAGE.read_text(), re.DOTALL | re.MULTILINE))
    page = [f"# Measured\n\nPrinted by `make bench`: {machine}. Each table is one run."]
    for title, explained, measure in sections:
        head = f"## {title}"
        if words and not any(title.lower().startswith(word) for word in words):
            page += [f"{head}\n{before[head].rstrip()}"] if head in before else []
            continue
        print(f"\n{head}\n")
        table = measure()
        print(table)
        page.append(f"{head}\n\n{explained} Measured on {date.today()}.\n\n```\n{table}\n```")
    PAGE.write_text("\n\n".join(page) + "\n")


if __name__ == "__main__":
    main()
