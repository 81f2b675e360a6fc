"""Errands: a second process is answered by the one that has the workspace open, or learns that it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from forkframe.errors import BadInput, ForkframeError, OutputFailed, OverBudget, WorkspaceBusy
from forkframe.jobs import errands
from forkframe.jobs.errands import Errand

Perform = Callable[[Errand], Mapping[str, object]]


def echo(errand: Errand) -> Mapping[str, object]:
    """What was understood; an errand that is none makes it fail as it would any owner."""
    return {"action": errand["action"].upper(), "names": [name.strip() for name in errand["names"]]}


@contextmanager
def looking(workspace: Path, perform: Perform = echo) -> Iterator[None]:
    """Somebody has the workspace open and looks for errands all the time."""
    closing = Event()

    def look() -> None:
        while not closing.wait(0.005):
            errands.run(workspace, perform)

    with ThreadPoolExecutor(1) as threads:
        owner = threads.submit(look)
        try:
            yield
        finally:
            closing.set()
            owner.result(60)


def left(workspace: Path) -> list[str]:
    """The kinds of files that lie in the folder."""
    return sorted(path.suffix for path in (workspace / errands.FOLDER).iterdir())


def leave(workspace: Path, content: bytes, *, age: float = 0.0) -> Path:
    """An errand that was left some seconds ago, by somebody or something."""
    folder = workspace / errands.FOLDER
    folder.mkdir(exist_ok=True)
    file = folder / "0123456789abcdef.ask"
    file.write_bytes(content)
    then = time.time() - age
    os.utime(file, (then, then))
    return file


def test_an_errand_is_performed_and_answered(tmp_path: Path) -> None:
    with looking(tmp_path):
        answer = errands.send(tmp_path, Errand(action="cancel", names=["e1 ", "sunset → beach"]))
    assert answer == {"action": "CANCEL", "names": ["e1", "sunset → beach"]}
    assert left(tmp_path) == []


def test_an_errand_is_performed_once(tmp_path: Path) -> None:
    performed: list[Errand] = []

    def perform(errand: Errand) -> Mapping[str, object]:
        performed.append(errand)
        return {}

    with looking(tmp_path, perform):
        errands.send(tmp_path, Errand(action="retry", names=[]))
        errands.send(tmp_path, Errand(action="pause", names=["e1"]))
    errands.run(tmp_path, perform)
    assert performed == [{"action": "retry", "names": []}, {"action": "pause", "names": ["e1"]}]


def test_errands_of_several_are_each_answered(tmp_path: Path) -> None:
    with looking(tmp_path), ThreadPoolExecutor(8) as threads:
        sent = [
            threads.submit(errands.send, tmp_path, Errand(action="cancel", names=[f"e{n}"])) for n in range(8)
        ]
        answers = [answer.result(60)["names"] for answer in sent]
    assert answers == [[f"e{n}"] for n in range(8)]


def test_an_errand_of_another_process_is_answered(tmp_path: Path) -> None:
    script = (
        "import sys, json; from pathlib import Path; from forkframe.jobs import errands;"
        "print(json.dumps(errands.send(Path(sys.argv[1]), {'action': 'first', 'names': ['e1']})))"
    )
    with looking(tmp_path):
        other = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert json.loads(other.stdout) == {"action": "FIRST", "names": ["e1"]}


@pytest.mark.parametrize(
    "refusal",
    [
        BadInput("there is no job 'e9'", hint="list them with: forkframe jobs WS"),
        OverBudget("it costs about $2.00", hint="raise it"),
        ForkframeError("no"),
    ],
)
def test_a_refusal_keeps_its_kind_and_its_hint(tmp_path: Path, refusal: ForkframeError) -> None:
    def refuse(_: Errand) -> Mapping[str, object]:
        raise refusal

    with looking(tmp_path, refuse), pytest.raises(ForkframeError) as raised:
        errands.send(tmp_path, Errand(action="cancel", names=["e9"]))
    assert (raised.value.message, raised.value.hint) == (refusal.message, refusal.hint)
    if type(refusal) is not ForkframeError:
        assert type(raised.value) is type(refusal)
    assert left(tmp_path) == []


def test_where_nobody_answers_the_workspace_is_busy_and_the_errand_is_gone(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceBusy, match="does not answer"):
        errands.send(tmp_path, Errand(action="cancel", names=["e1"]), timeout=0.1)
    assert left(tmp_path) == []
    performed: list[Errand] = []
    errands.run(tmp_path, lambda errand: performed.append(errand) or {})
    assert performed == []


def test_an_errand_that_can_not_be_left_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match="could not leave an errand"):
        errands.send(tmp_path / "nowhere", Errand(action="cancel", names=["e1"]))


def test_an_errand_that_nobody_waits_for_any_more_is_not_performed(tmp_path: Path) -> None:
    leave(tmp_path, b'{"action": "cancel", "names": ["e1"]}', age=31)
    performed: list[Errand] = []
    errands.run(tmp_path, lambda errand: performed.append(errand) or {})
    assert performed == []
    assert left(tmp_path) == []


def test_an_answer_that_nobody_fetches_is_thrown_away(tmp_path: Path) -> None:
    leave(tmp_path, b'{"action": "cancel", "names": ["e1"]}')
    errands.run(tmp_path, echo)
    assert left(tmp_path) == [".answer"]
    (answer,) = (tmp_path / errands.FOLDER).iterdir()
    then = time.time() - 31
    os.utime(answer, (then, then))
    errands.run(tmp_path, echo)
    assert left(tmp_path) == []


GARBAGE = {
    "nothing": b"",
    "no JSON": b"garbage}\n",
    "no text": b"\xff\xfe\x00",
    "a list": b"[1, 2]",
    "a number": b"NaN",
    "an empty object": b"{}",
    "no names": b'{"action": "cancel"}',
    "a number as action": b'{"action": 3, "names": []}',
    "a number as names": b'{"action": "cancel", "names": 3}',
    "numbers as names": b'{"action": "cancel", "names": [3]}',
    "a text as names": b'{"action": "cancel", "names": "all"}',
    "a hole": b"[" * 100_000,
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_answered_and_stops_nobody(tmp_path: Path, content: bytes) -> None:
    file = leave(tmp_path, content)
    errands.run(tmp_path, echo)
    reply = json.loads(file.with_suffix(".answer").read_bytes())
    assert list(reply) == ["error"]
    assert "makes no sense" in reply["error"]["message"]
    assert not file.exists()


def test_a_file_that_is_too_large_to_be_an_errand_is_not_read(tmp_path: Path) -> None:
    leave(tmp_path, b'{"action": "cancel", "names": ["' + b"e" * (1 << 20) + b'"]}')
    performed: list[Errand] = []
    errands.run(tmp_path, lambda errand: performed.append(errand) or {})
    assert performed == []


def test_what_is_no_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.json"
    target.write_text('{"action": "cancel", "names": ["e1"]}')
    folder = tmp_path / errands.FOLDER
    folder.mkdir()
    (folder / "link.ask").symlink_to(target)
    (folder / "folder.ask").mkdir()
    performed: list[Errand] = []
    errands.run(tmp_path, lambda errand: performed.append(errand) or {})
    assert performed == []
    assert target.exists()
    assert not (folder / "link.ask").is_symlink()


def test_where_nobody_ever_left_an_errand_there_is_nothing_to_do(tmp_path: Path) -> None:
    errands.run(tmp_path, echo)
    assert list(tmp_path.iterdir()) == []
