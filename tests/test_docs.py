"""Documentation and code say the same: paths exist, commands are the real ones, examples run elsewhere in these tests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import forkframe as ff
from forkframe.engines.builtin.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / name
    for name in (
        *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"),
        *("docs/guide.md", "docs/engines.md", "docs/write-an-engine.md"),
    )
]


def commands() -> set[str]:
    """The names of the commands in `--help`."""
    shown = subprocess.run(
        [sys.executable, "-m", "forkframe", "--help"], capture_output=True, text=True, check=True
    )
    return set(re.findall(r"^  (\w+)  ", shown.stdout.split("Commands:")[1], re.MULTILINE))


def test_every_path_that_the_architecture_names_exists() -> None:
    named = re.findall(
        r"`((?:src|tests|docs|bench|frontend)/[\w./-]+)`", (ROOT / "ARCHITECTURE.md").read_text()
    )
    assert len(named) > 25
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_room_is_on_the_map_and_every_room_on_the_map_exists() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text().split("```")[1]
    drawn = set(re.findall(r"^  (\w+(?:/|\.py)) ", page, re.MULTILINE))
    package = ROOT / "src" / "forkframe"
    rooms = {p.name + "/" for p in package.iterdir() if (p / "__init__.py").is_file()}
    files = {p.name for p in package.glob("*.py") if not p.name.startswith("__")}
    assert drawn == rooms | files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_guide_explains_exactly_the_commands_there_are() -> None:
    explained = set(re.findall(r"^### `forkframe (\w+)", (ROOT / "docs/guide.md").read_text(), re.MULTILINE))
    assert explained == commands()


def test_the_pages_use_no_command_that_is_not_there() -> None:
    for page in PAGES:
        used = set(re.findall(r"^forkframe (\w+)", page.read_text(), re.MULTILINE))
        assert used <= commands(), page


def test_the_readme_shows_the_example_of_the_package() -> None:
    assert ff.__doc__
    example = ff.__doc__.split("```python\n")[1].split("```")[0]
    assert example in (ROOT / "README.md").read_text()


def test_the_arrows_between_the_rooms_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_look_has_been_seen_to_beat_a_plain_grade_on_eight_of_twelve_photographs() -> None:
    rows = re.findall(
        r"^\| ([\w ]+) \| [\w ]+ \| (\d+) \|", (ROOT / "docs/looks.md").read_text(), re.MULTILINE
    )
    assert {name for name, _ in rows} == set(CATALOGUE)
    assert min(int(count) for _, count in rows) >= 8
