"""A real notebook, executed by a real kernel: cells show progress while they wait, and nothing when they are done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.pictures import save_blobs

CELLS = [
    """
import forkframe as ff
ws = ff.open("ws.forkframe", size=(160, 96), fps=12)
a, b = ws.add("a.png", "b.png")
""",
    'edge = ws.connect(a, b, seconds=1, engine="fake", step=0.15); edge.wait()',
    """
for n in range(6):
    ws.connect(a, b, seconds=1, engine="fake", step=0.05, seed=n)
ws.wait()
""",
    "ws.jobs[0]",
    'ws.connect(a, b, seconds=1, engine="fake", mishap="fail").wait()',
]


class Recorder(NotebookClient):
    """Keeps every version of every display, also those that later ones replace."""

    shown: list[str]

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:  # type: ignore[type-arg]
        """Looks at each message of the kernel before the client does."""
        if msg["msg_type"] in ("display_data", "update_display_data"):
            self.shown[cell_index] += msg["content"]["data"].get("text/html", "")
        return super().process_message(msg, cell, cell_index)


@pytest.mark.filterwarnings("ignore")  # the notebook's own libraries warn
def test_cells_show_progress_with_previews_while_they_wait_and_are_clean_afterwards(tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        save_blobs(tmp_path / f"{name}.png", seed=seed)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    client = Recorder(
        notebook,
        timeout=120,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.shown = [""] * len(CELLS)
    asyncio.run(client.async_execute())
    outputs = [cell.outputs for cell in notebook.cells]
    assert "<progress" in client.shown[1]
    assert "a to b" in client.shown[1]
    assert "data:image/png;base64," in client.shown[1]
    assert "of 7 jobs" in client.shown[2]
    for number in (1, 2):
        html = [out.data["text/html"] for out in outputs[number] if "text/html" in out.get("data", {})]
        assert html == [""], "nothing is left of the progress"
    assert "a to b, done" in outputs[3][0].data["text/plain"]
    (error,) = [out for out in outputs[4] if out.output_type == "error"]
    assert (error.ename, "asked to fail" in error.evalue) == ("RenderFailed", True)
