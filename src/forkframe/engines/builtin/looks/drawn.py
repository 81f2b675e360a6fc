"""Drawings: pencil, charcoal, chalk and ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.looks.filters import Floats, blur, colour, curve, detail, exposed, noise
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.scene import skin
from forkframe.engines.builtin.looks.strokes import directions, flattened, ink_lines, smeared

_STEEP = 0.04
"""Step of lightness between neighbours above which an outline is an edge."""


def _pencil(subject: Subject) -> Floats:
    """Graphite: contours by colour dodge, shading by hatching along the forms and across."""
    scale = subject.scale
    grey = exposed(subject.lightness, 0.55)
    dodge = np.clip(grey / (blur(grey, 8 * scale) * 0.985 + 0.015), 0, 1)
    along, _ = directions(grey, 4 * scale)
    across = np.broadcast_to(np.array([0.7071, 0.7071], np.float32), along.shape)
    hatching = np.zeros(subject.size, np.float32)
    for number, (way, length) in enumerate(((across, 10), (along, 7))):
        lines = smeared(
            noise(subject.size, scale, subject.stream(number))[..., None], way, max(2, round(length * scale))
        )
        hatching += 0.5 * lines[..., 0] / (lines.std() + np.float32(1e-6))
    shade = np.clip(1 - grey, 0, 1) ** 1.3
    drawn = curve(dodge, [(0, 0.05), (0.6, 0.25), (0.92, 0.85), (1, 1)])
    drawn = drawn * (1 - 0.62 * shade * (0.6 + 0.4 * np.tanh(1.3 * hatching)))
    paper = 1 + 0.02 * noise(subject.size, scale, subject.stream(2))
    return (drawn * paper)[..., None] * np.array([0.985, 0.975, 0.95], np.float32)


def _ink(subject: Subject) -> Floats:
    """A comic page: black lines and solid blacks of a fixed share of the picture, over a few flat colours."""
    scale = subject.scale
    lightness = subject.lightness
    along, sure = directions(lightness, 2.5 * scale)
    flat = flattened(subject.rgb, 4 * scale, along, sure)
    lab = to_lab(np.clip(np.rint(flat * 255), 0, 255).astype(np.uint8))
    light = exposed(np.ascontiguousarray(lab[..., 0]), 0.62)
    steps = light * 5
    # Soft treads: the edge between two tones is a few pixels wide, not jagged.
    tread = np.floor(steps) + np.clip((steps - np.floor(steps) - 0.5) * 6 + 0.5, 0, 1)
    # Night stays night: the darkest tone of a dark picture is a darker one.
    darkest = 0.08 + 0.17 * min(1.0, 3 * float(lightness.mean()))
    lab[..., 0] = darkest + (1 - darkest) * (0.75 * tread / 5 + 0.25 * light)
    lab[..., 1:] *= 1.3
    page = to_srgb(lab).astype(np.float32) / 255
    lines = smeared(
        ink_lines(lightness, 1.1 * scale, coverage=0.10)[..., None], along, max(1, round(2 * scale))
    )[..., 0]
    lines = np.clip((lines - 0.5) * 3 + 0.5, 0, 1)
    solid = blur(lightness, 2.5 * scale)
    # Solid black for what is nearly black, but for no more than a tenth of the picture.
    limit = min(0.12, float(np.percentile(solid[::2, ::2], 10)))
    blacks = np.clip((limit - solid) * 25 + 0.5, 0, 1) * _shapes(solid < limit, lightness)
    # A shape is darker than what is around it; the dim corners of a sky are not.
    blacks *= np.clip((blur(solid, 60 * scale) - solid - 0.03) * 20, 0, 1)
    ink = np.maximum(lines, blacks)[..., None]
    return page + ink * (np.array([0.06, 0.055, 0.07], np.float32) - page)


def _shapes(dark: NDArray[np.bool_], lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Which dark places `(H, W)` belong to a shape, 0 or 1: those with an edge around them, unlike a shade on a table."""
    labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=4)[1].astype(np.intp)
    gx, gy = (cv2.Sobel(lightness, cv2.CV_32F, *order, scale=0.25) for order in ((1, 0), (0, 1)))
    rim = dark & (cv2.erode(dark.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    # The outline was found on a soft copy: the edge itself lies within a few pixels of it.
    steep = cv2.dilate(np.hypot(gx, gy), np.ones((7, 7), np.uint8))
    count = np.bincount(labels[rim], minlength=labels.max() + 1)
    edged = np.bincount(labels[rim], steep[rim] > _STEEP, minlength=len(count)) / np.maximum(count, 1)
    return (edged > 0.7)[labels].astype(np.float32)


def _charcoal(subject: Subject) -> Floats:
    """Charcoal on rough paper: broad smudged darks, strokes that break on the tooth, lights lifted out with a rubber."""
    scale = subject.scale
    grey = exposed(subject.lightness, 0.52)
    grey = np.clip(grey + 0.55 * (grey - blur(grey, 24 * scale)), 0, 1)
    along, _ = directions(blur(grey, scale), 4 * scale, calm=-55)
    strokes = smeared(
        noise(subject.size, 1.8 * scale, subject.stream(0))[..., None], along, max(2, round(12 * scale))
    )[..., 0]
    strokes = np.tanh(strokes / (strokes.std() + np.float32(1e-6)))
    tooth = 0.65 * noise(subject.size, 1.3 * scale, subject.stream(1)) + 0.5 * noise(
        subject.size, 2.6 * scale, subject.stream(2)
    )
    smudged = 1 - (0.45 * blur(grey, 4 * scale) + 0.55 * grey)
    dark = curve(smudged, [(0, 0), (0.25, 0.14), (0.5, 0.46), (0.75, 0.86), (1, 1)])
    # Dust lies on the grains of the paper; only hard pressure fills the hollows.
    laid = np.clip(dark + (0.20 * strokes + 0.14 * tooth) * (0.25 + 3 * dark * (1 - dark)), 0, 1)
    lines = ink_lines(subject.lightness, 1.6 * scale, coverage=0.09)
    laid = np.maximum(laid, np.clip(0.85 * lines + 0.12 * tooth * lines, 0, 1))
    paper = colour(0.93, 0.905, 0.86) * (1 + 0.02 * tooth)[..., None]
    return paper + (0.96 * laid)[..., None] * (colour(0.10, 0.095, 0.095) - paper)


def _chalk(subject: Subject) -> Floats:
    """Soft pastel on dark paper: strokes of chalk that follow the forms and leave the shadows to the sheet."""
    scale = subject.scale
    fine = np.clip(1.5 * np.sqrt(detail(subject.lightness, scale)) - 0.1, 0, 1)[..., None]
    along, sure = directions(subject.lightness, 4 * scale, calm=-40, least=0.002)
    wide = flattened(subject.rgb, 5 * scale, along, sure)
    picture = wide + fine * (flattened(subject.rgb, 2 * scale, along, sure) - wide)
    lab = to_lab(np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8))
    light = exposed(np.ascontiguousarray(lab[..., 0]), 0.52)
    marks = smeared(
        noise(subject.size, 2.2 * scale, subject.stream(0))[..., None], along, max(2, round(12 * scale))
    )[..., 0]
    marks = np.tanh(marks / (marks.std() + np.float32(1e-6)))
    marks = marks * (1 - 0.75 * skin(subject, fine[..., 0]))
    tooth = noise(subject.size, 1.4 * scale, subject.stream(1))
    covered = curve(light, [(0, 0.0), (0.15, 0.22), (0.4, 0.62), (0.7, 0.93), (1, 1.1)])
    covered = np.clip(covered + 0.26 * marks + 0.10 * tooth, 0, 1)[..., None]
    lab[..., 0] = np.clip(0.22 + 0.80 * light + 0.06 * marks, 0, 1)
    lab[..., 1:] *= 1.35
    chalk = to_srgb(lab).astype(np.float32) / 255
    sheet = colour(0.165, 0.175, 0.205) * (1 + 0.06 * tooth)[..., None]
    return sheet + 0.96 * covered * (chalk - sheet)


PAINTERS: dict[str, Painter] = {"pencil": _pencil, "charcoal": _charcoal, "chalk": _chalk, "ink": _ink}
