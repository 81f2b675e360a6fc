"""Pictures in: files become nodes, all of them or none."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from forkframe.errors import BadInput, OutputFailed, RenderFailed, UnreadablePicture, WorkerDied
from forkframe.jobs.pool import Answer, Terms, Work, abandon
from forkframe.model.changes import AddNodes, SetCrop
from forkframe.model.codec import from_json, to_json
from forkframe.model.entities import Node
from forkframe.model.frame import Crop, Frame
from forkframe.model.graph import Graph
from forkframe.model.ids import PixelHash, new_node_id
from forkframe.store import Committed
from forkframe.studio.desk import Desk

MOST_BYTES = 1 << 30
"""A picture file larger than this is refused."""
MOST_SECONDS = 60.0
"""A picture that takes longer to decode is refused."""
_TERMS = Terms(sandboxed=True, limit=MOST_SECONDS)
SPACING = 360.0
"""Canvas units between the places of pictures that are added together."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A picture that can be kept: its file and its framed pixels, still in a folder of ours."""

    file: Path
    size: tuple[int, int]
    frame: Frame
    crop: Crop
    framed: Mapping[str, str]


def add_pictures(
    desk: Desk,
    paths: Sequence[Path],
    *,
    labels: Sequence[str],
    crop: Crop | None,
    at: tuple[float, float] | None = None,
) -> list[Node]:
    """Adds pictures in one change, in a row from `at` or to the right of what is there. One that can't be read: none is added.

    Raises:
        UnreadablePicture: names the file and what is wrong with it.
    """
    if not paths:
        raise BadInput("no picture was named", hint="name one or more image files")
    copies: list[Path] = []
    works: list[Work[_Taken]] = []
    try:
        for path in paths:
            copies.append(_copied(desk, path))
        frame = desk.graph.settings.frame
        works.append(_start(desk, paths[0], copies[0], crop, frame))
        if frame is None:  # the first picture proposes it, the others wait for that
            frame = works[0].result().frame
        works += [_start(desk, p, c, crop, frame) for p, c in zip(paths[1:], copies[1:], strict=True)]
        nodes = _kept(desk, [work.result() for work in works], labels, _places(desk, len(works), at))
    except BaseException:
        abandon(works)
        raise
    finally:
        for copy in copies:
            shutil.rmtree(copy.parent.parent, ignore_errors=True)
    desk.commit(AddNodes(nodes, frame=frame))
    return list(nodes)


def reframe(desk: Desk, node: Node, crop: Crop) -> Committed:
    """Makes a node's picture sit differently in the frame; takes made for the former pixels become stale.

    Raises:
        WorkspaceDamaged: its picture is missing.
    """
    picture = desk.store.blobs.path(node.picture)

    def finish(answer: Callable[[], Answer]) -> PixelHash:
        return desk.keep_pixels(cast("dict[str, str]", answer()["framed"]))

    arguments = _arguments(desk, picture, crop, desk.graph.settings.frame)
    work = desk.start("reading a picture", node.id, arguments, finish, terms=_TERMS)
    return desk.commit(SetCrop(node.id, crop, work.result()))


def _kept(
    desk: Desk, taken: Sequence[_Taken], labels: Sequence[str], places: Sequence[tuple[float, float]]
) -> tuple[Node, ...]:
    return tuple(
        Node(
            new_node_id(),
            picture=desk.store.blobs.adopt(t.file),
            size=t.size,
            framed=desk.keep_pixels(t.framed),
            x=x,
            y=y,
            crop=t.crop,
            label=label,
        )
        for t, (x, y), label in zip(taken, places, labels, strict=True)
    )


def open_picture(path: Path) -> IO[bytes]:
    """A file that may be a picture, open for reading.

    Raises:
        UnreadablePicture: it is missing, not a plain file, not readable, or too large.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            what = "a folder" if stat.S_ISDIR(facts.st_mode) else "not a file"
            raise UnreadablePicture(f"{path} is {what}", hint="name image files")
        if facts.st_size > MOST_BYTES:
            raise UnreadablePicture(
                f"{path} has {facts.st_size >> 20} MB", hint="use a picture of at most 1024 MB"
            )
        return path.open("rb")
    except FileNotFoundError:
        raise UnreadablePicture(f"there is no file {path}", hint="check the name") from None
    except PermissionError:
        raise UnreadablePicture(f"{path} may not be read", hint="check its permissions") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadablePicture(f"{path} can't be read: {reason}", hint="check the name") from error


def _copied(desk: Desk, path: Path) -> Path:
    """A copy of the user's file in a folder of ours: what was checked is what is kept, whatever happens to the file."""
    with open_picture(path) as source:
        scratch = desk.store.blobs.scratch()
        copy = scratch / "brought" / path.name  # messages name it
        try:
            copy.parent.mkdir()
            with copy.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except BaseException as error:
            shutil.rmtree(scratch, ignore_errors=True)
            if not isinstance(error, OSError):
                raise
            raise OutputFailed(
                f"{path.name} could not be copied into the workspace: {error.strerror}",
                hint="make room and try again",
            ) from error
    return copy


def _start(desk: Desk, path: Path, copy: Path, crop: Crop | None, frame: Frame | None) -> Work[_Taken]:
    def finish(answer: Callable[[], Answer]) -> _Taken:
        try:
            try:
                facts = answer()
            except WorkerDied:  # of this picture, or of something else: a second one tells
                facts = answer()
        except RenderFailed as error:
            raise UnreadablePicture(
                f"{path.name} could not be decoded: {error.message}", hint="save it again as PNG or JPEG"
            ) from error
        width, height = cast("list[int]", facts["size"])
        framed = cast("dict[str, str]", facts["framed"])
        kept = Path(framed["path"]).rename(copy.parent.parent / "framed.png")
        return _Taken(
            file=copy,
            size=(width, height),
            frame=from_json(Frame, facts["frame"]),
            crop=from_json(Crop, facts["crop"]),
            framed={**framed, "path": str(kept)},
        )

    arguments = _arguments(desk, copy, crop, frame)
    return desk.start("reading a picture", path.name, arguments, finish, terms=_TERMS)


def _arguments(desk: Desk, picture: Path, crop: Crop | None, frame: Frame | None) -> dict[str, object]:
    settings = desk.graph.settings
    return {
        "path": str(picture),
        "frame": to_json(frame),
        "fps": str(settings.fps),
        "background": list(settings.background),
        "crop": to_json(crop),
    }


def _places(desk: Desk, count: int, at: tuple[float, float] | None) -> list[tuple[float, float]]:
    if at is None:
        at = (beside_all(desk.graph), 0.0)
    return [(at[0] + SPACING * n, at[1]) for n in range(count)]


def beside_all(graph: Graph) -> float:
    """Where the next picture goes that belongs nowhere in particular: right of all others, in canvas units."""
    return max((node.x for node in graph.nodes.values()), default=-SPACING) + SPACING
