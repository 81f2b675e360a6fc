"""The scene: what a new layout has to know of a picture. Where it is busy, where faces are, what lies about loose."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.intact import Box, faces
from forkframe.engines.builtin.sampling import resized

_SIDE = 128
"""Short side in pixels of the copy that is looked at."""
_LEAST_AREA, _MOST_AREA = 0.0004, 0.12
"""Of the frame, for a loose thing."""
_MOST_LOOSE = 60
_COMPACT = 0.5
"""Of its bounding box, that a loose thing fills at least."""
_EVEN = 0.035
"""Deviation in Lab / 100 of the ground around a loose thing, at most."""
_APART = 0.06
"""Distance in Lab / 100 between a loose thing and its ground, at least."""

_ROUND = 0.85
"""Share of a circle's rim that has to be there."""
_ENDS_APART = 0.12
"""Distance in Lab / 100 between the left and the right end of the picture, in the mean, up to which they go together."""
_CUT_BUSY = 0.4
"""How busy a column may be that becomes the end of the picture: 0 as the least busy one, 1 as the busiest."""


_REMEMBERED = 4
"""Scenes, of a few hundred kilobytes each."""


@dataclass(frozen=True, slots=True, eq=False)
class Loose:
    """A thing that lies on even ground by itself, and may lie elsewhere.

    Attributes:
        box: its place in the source.
        mask: `(h, w)` bool over the box, in pixels of the scene's small copy.
        ground: `(3,)` float32 Lab divided by 100, the mean colour around it.
    """

    box: Box
    mask: NDArray[np.bool_]
    ground: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What a new layout has to know of a picture.

    Attributes:
        small: `(h, w, 3)` float32 Lab divided by 100, of a short side of 128 pixels (or fewer).
        busy: `(h, w)` float32 0–1, how much there is to see at each place.
        faces: the faces that were found.
        loose: things that may be moved by themselves.
        rounds: circles that would show it if one axis were scaled more than the other.
        joint: the column, 0–1, where two ends of the picture were joined; None where nothing was.
    """

    small: NDArray[np.float32]
    busy: NDArray[np.float32]
    faces: tuple[Box, ...]
    loose: tuple[Loose, ...]
    rounds: tuple[Box, ...]
    joint: float | None = None

    @property
    def heads(self) -> tuple[Box, ...]:
        """The faces with what belongs to them: hair, ears and chin."""
        return tuple(face.grown(0.3, 0.4, 0.25) for face in self.faces)


_known: dict[bytes, Future[Scene]] = {}
_known_lock = threading.Lock()


def scene_of(image: NDArray[np.uint8], lab: NDArray[np.float32]) -> Scene:
    """The scene of a picture `(H, W, 3)`, given as uint8 sRGB and as float32 Lab divided by 100.

    Finding one is a third of a variation's work, and variations of a picture come in fours: the last few are
    remembered, by the pixels, and whoever asks for one that is being found waits for it.
    """
    key = hashlib.blake2b(np.ascontiguousarray(image).data, person=str(image.shape[1]).encode()).digest()
    with _known_lock:
        found = _known.get(key)
        mine = found is None
        if found is None:
            found = _known[key] = Future[Scene]()
            while len(_known) > _REMEMBERED:
                _known.pop(next(iter(_known)))
    if mine:
        try:
            found.set_result(_found(image, lab))
        except BaseException as error:
            forget_scene(key)
            found.set_exception(error)
            raise
    return found.result()


def forget_scene(key: bytes | None = None) -> None:
    """Forgets the scene that is remembered by `key`; all of them, when there is none."""
    with _known_lock:
        if key is None:
            _known.clear()
        else:
            _known.pop(key, None)


def _found(image: NDArray[np.uint8], lab: NDArray[np.float32]) -> Scene:
    scale = min(1.0, _SIDE / min(lab.shape[:2]))
    small = resized(lab, (round(lab.shape[0] * scale), round(lab.shape[1] * scale)))
    found = faces(image)
    return Scene(small, _busy(small), found, _loose(small, found), _rounds(small))


def cut_of(scene: Scene) -> float | None:
    """Where, 0–1 across, the picture may be cut so that its right part can stand left of its left one.

    That takes ends that go together, and a column where nothing is cut in two. None where there is no such column.
    """
    small, busy = scene.small, scene.busy
    width = small.shape[1]
    edge = max(1, width // 64)
    left, right = small[:, :edge].mean(1), small[:, -edge:].mean(1)
    unlike = float(np.sqrt(((left - right) ** 2).sum(-1)).mean())
    if unlike > _ENDS_APART:
        return None
    # Blurred, an outlined thing is seen inside its outline too.
    seen = cv2.GaussianBlur(busy, (0, 0), width / 24).mean(0).astype(np.float64)
    low, high = float(seen.min()), float(seen.max())
    for box in (*scene.heads, *(thing.box for thing in scene.loose), *scene.rounds):
        seen[int(box.x * width) : int(np.ceil((box.x + box.width) * width))] = 2
    begin, end = int(0.25 * width), int(0.75 * width)
    at = begin + int(np.argmin(seen[begin:end]))
    return at / width if seen[at] <= low + _CUT_BUSY * (high - low) else None


def turned(scene: Scene, cut: float) -> Scene:
    """The scene of the picture whose columns begin at `cut`, what was left of it following on the right."""
    shift = -round(cut * scene.small.shape[1])

    def moved(box: Box) -> Box:
        return replace(box, x=(box.x - cut) % 1.0)

    return Scene(
        np.roll(scene.small, shift, axis=1),
        np.roll(scene.busy, shift, axis=1),
        tuple(moved(box) for box in scene.faces),
        tuple(replace(thing, box=moved(thing.box)) for thing in scene.loose),
        tuple(moved(box) for box in scene.rounds),
        1 - cut,
    )


def _rounds(lab: NDArray[np.float32]) -> tuple[Box, ...]:
    """Circles of at least an eighth of the short side, by the Hough transform of the gradient (Yuen et al., 1990)."""
    height, width = lab.shape[:2]
    side = min(height, width)
    grey = np.rint(np.clip(lab[..., 0], 0, 1) * 255).astype(np.uint8)
    grey = cv2.GaussianBlur(grey, (0, 0), 1.0).astype(np.uint8)
    edges = cv2.dilate(cv2.Canny(grey, 40, 80), np.ones((3, 3), np.uint8)) > 0
    found = cv2.HoughCircles(
        grey,
        cv2.HOUGH_GRADIENT,
        1.0,
        side / 8,
        param1=80,
        param2=14,
        minRadius=side // 16,
        maxRadius=side * 11 // 20,
    )
    out: list[Box] = []
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    for x, y, r in np.zeros((0, 3)) if found is None else found.reshape(-1, 3).astype(np.float64):
        px, py = np.rint(x + r * np.cos(turn)).astype(int), np.rint(y + r * np.sin(turn)).astype(int)
        seen = (px >= 0) & (px < width) & (py >= 0) & (py < height)
        if seen.mean() < 0.8 or edges[py[seen], px[seen]].mean() < _ROUND:
            continue
        x0, x1 = max(0.0, (x - r) / width), min(1.0, (x + r) / width)
        y0, y1 = max(0.0, (y - r) / height), min(1.0, (y + r) / height)
        out.append(Box(x0, y0, x1 - x0, y1 - y0))
    return tuple(out)


def _busy(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Detail, and what stands out from the frame's border, `(h, w)` 0–1."""
    side = min(lab.shape[:2])
    soft = cv2.GaussianBlur(lab, (0, 0), 1.0)
    steep = np.sqrt(
        sum((np.gradient(soft[..., c], axis=k) ** 2 for c in range(3) for k in (0, 1)), np.float32(0))
    )
    detail = cv2.GaussianBlur(steep.astype(np.float32), (0, 0), side / 40)
    margin = max(2, side // 16)
    border = np.concatenate(
        [soft[:margin].reshape(-1, 3), soft[:, :margin].reshape(-1, 3), soft[:, -margin:].reshape(-1, 3)]
    )
    away = np.sqrt(((soft - np.median(border, axis=0)) ** 2).sum(-1)).astype(np.float32)
    # Floors: what is below them is noise, not something to see.
    parts = [
        plane / max(float(np.percentile(plane, 95)), floor) for plane, floor in ((detail, 0.012), (away, 0.1))
    ]
    return np.clip(np.maximum(parts[0], 0.5 * parts[1]), 0, 1).astype(np.float32)


def _loose(lab: NDArray[np.float32], found: tuple[Box, ...]) -> tuple[Loose, ...]:
    """Compact regions that differ from even ground all around them, the largest first, none within another.

    Candidates are maximally stable extremal regions (Matas et al., "Robust wide-baseline stereo from maximally stable
    extremal regions", 2002), of lightness and of both colours.
    """
    height, width = lab.shape[:2]
    area = height * width
    detector = cv2.MSER.create(
        delta=4,
        min_area=max(6, int(_LEAST_AREA * area)),
        max_area=max(8, int(_MOST_AREA * area)),
        max_variation=0.5,
    )
    candidates: list[tuple[int, NDArray[np.int32]]] = []
    for plane in cv2.split(lab):
        low, high = float(plane.min()), float(plane.max())
        if high - low < _APART:
            continue
        grey = np.rint((plane - low) * (255 / max(high - low, 0.25))).astype(np.uint8)
        regions, _ = detector.detectRegions(grey)
        candidates += [(len(region), np.asarray(region, np.int32)) for region in regions]
    # Sorting by place too keeps the choice the same however the detector lists its regions.
    candidates.sort(key=lambda c: (-c[0], *c[1].min(0).tolist(), *c[1].max(0).tolist()))
    taken = np.zeros((height, width), bool)
    for face in found:
        taken[_slices(face, (height, width))] = True
    loose: list[Loose] = []
    for _, points in candidates:
        if len(loose) >= _MOST_LOOSE:
            break
        thing = _isolated(lab, points, taken)
        if thing is not None:
            loose.append(thing)
            taken[_slices(thing.box, (height, width))] = True
    return tuple(loose)


def _isolated(lab: NDArray[np.float32], points: NDArray[np.int32], taken: NDArray[np.bool_]) -> Loose | None:
    """The region `(N, 2)` (x, y) as a loose thing; None if it is not one."""
    height, width = taken.shape
    (left, top), (right, bottom) = points.min(0), points.max(0) + 1
    wide, tall = int(right - left), int(bottom - top)
    if len(points) < _COMPACT * wide * tall or max(wide, tall) > 4 * min(wide, tall):
        return None
    rim = 2
    ring = rim + max(2, round(0.15 * max(wide, tall)))
    y0, y1, x0, x1 = top - ring, bottom + ring, left - ring, right + ring
    if y0 < 0 or x0 < 0 or y1 > height or x1 > width or taken[top:bottom, left:right].any():
        return None
    inside = np.zeros((y1 - y0, x1 - x0), np.uint8)
    inside[points[:, 1] - y0, points[:, 0] - x0] = 1
    # Whole shapes, without the holes that a highlight leaves.
    contours, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(inside, contours, -1, 1, -1)

    def widened(by: int) -> NDArray[np.bool_]:
        disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
        return cv2.dilate(inside, disk) > 0

    body, patch = widened(rim), lab[y0:y1, x0:x1]
    ground = patch[widened(ring) & ~body]
    mean = ground.mean(0)
    spread = float(np.sqrt(((ground - mean) ** 2).sum(-1).mean()))
    apart = float(np.sqrt(((patch[inside > 0].mean(0) - mean) ** 2).sum()))
    if spread > _EVEN or apart < _APART:
        return None
    core = slice(ring - rim, body.shape[0] - ring + rim), slice(ring - rim, body.shape[1] - ring + rim)
    box = Box((left - rim) / width, (top - rim) / height, (wide + 2 * rim) / width, (tall + 2 * rim) / height)
    return Loose(box, body[core], mean.astype(np.float32))


def _slices(box: Box, size: tuple[int, int]) -> tuple[slice, slice]:
    height, width = size
    return (
        slice(int(box.y * height), int(np.ceil((box.y + box.height) * height))),
        slice(int(box.x * width), int(np.ceil((box.x + box.width) * width))),
    )
