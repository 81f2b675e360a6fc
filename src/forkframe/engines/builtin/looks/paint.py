"""Looks of paint: watercolour, oil and storybook. All work finer where small things are, so faces keep their features."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.looks.filters import Floats, blur, colour, curve, detail, exposed, noise
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.scene import skin
from forkframe.engines.builtin.looks.strokes import directions, flattened, ink_lines, smeared

_PAPER = np.array([0.985, 0.972, 0.945], np.float32)


def _watercolour(subject: Subject) -> Floats:
    """Washes on paper: flat pools with darker rims, granulating pigment, a loose pencil line, an unpainted border."""
    scale = subject.scale
    lightness = subject.lightness
    fine = detail(lightness, scale)[..., None]
    along, sure = directions(lightness, 2.5 * scale)
    wide = flattened(flattened(_wobbled(subject, 2.0), 6.5 * scale, along, sure), 4.5 * scale, along, sure)
    narrow = flattened(_wobbled(subject, 0.6), 2.2 * scale, along, sure, sharpness=3)
    pools = wide + np.clip(1.3 * fine, 0, 1) * (narrow - wide)
    pools = pools + 1.3 * _specks(subject, pools)
    washed = to_lab(_bytes(pools))
    light = exposed(np.ascontiguousarray(washed[..., 0]), 0.62)
    light = 0.55 * light + 0.45 * np.clip(washed[..., 0], 0, 1)
    washed[..., 0] = curve(light, [(0, 0.22), (0.3, 0.48), (0.6, 0.79), (0.85, 0.97), (1, 1)])
    washed[..., 1:] *= 1.18
    pools = to_srgb(washed).astype(np.float32) / 255
    grey = np.ascontiguousarray(washed[..., 0])
    rims = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).astype(np.float32)
    rims = np.clip(blur(rims, 1.2 * scale) * scale, 0, 0.6)
    paper = 0.6 * noise(subject.size, 1.3 * scale, subject.stream(1)) + 0.4 * noise(
        subject.size, 3.5 * scale, subject.stream(2)
    )
    flow, back = (noise(subject.size, size * scale, subject.stream(n)) for n, size in ((3, 46), (5, 20)))
    # Where a wash ran into a wetter one, it dries with a ragged seam.
    seams = np.exp(-(((flow + 0.5 * back) / 0.07) ** 2)) * np.clip(1.2 * grey, 0, 1) * (1 - fine[..., 0])
    bare, edge = _margin(subject, 0.6 * flow + 0.4 * back)
    # Pigment density after Bousseau et al., "Interactive watercolor rendering" (2006): c − (c − c²)(d − 1).
    thickness = 1.2 * rims + 0.10 * paper + 0.13 * flow + 0.06 * back + 0.16 * seams + 0.9 * edge
    painted = pools - (pools - pools * pools) * thickness[..., None]
    lines = ink_lines(lightness, 1.0 * scale, coverage=0.09)
    lines = np.clip(lines * (0.85 + 0.25 * paper), 0, 1)[..., None]
    painted = painted + 0.34 * lines * (colour(0.27, 0.24, 0.23) - painted)
    sheet = _PAPER * (1 + 0.016 * paper[..., None])
    return (painted * sheet + bare[..., None] * (sheet - painted * sheet)).astype(np.float32)


def _margin(subject: Subject, flow: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(what the brush left bare around the picture, the rim at which its washes dried), both `(H, W)` 0–1."""
    scale = subject.scale
    height, width = subject.size
    y, x = np.arange(height)[:, None], np.arange(width)[None, :]
    inwards = np.minimum(np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x)) / scale
    hand = noise(subject.size, 120 * scale, subject.stream(6))
    inwards = inwards - 15 - 6 * hand - 2.5 * flow - 0.5 * noise(subject.size, 3 * scale, subject.stream(4))
    return (
        np.clip(0.5 - inwards / 2.2, 0, 1).astype(np.float32),
        np.exp(-(((inwards - 2.5) / 2.4) ** 2)).astype(np.float32),
    )


def _oil(subject: Subject) -> Floats:
    """Strokes along the forms, with ridges that catch the light."""
    scale = subject.scale
    lightness = subject.lightness
    fine = detail(lightness, scale)[..., None]
    along, sure = directions(lightness, 3 * scale)
    wide = flattened(subject.rgb, 9 * scale, along, sure)
    narrow = flattened(subject.rgb, 1.9 * scale, along, sure)
    # Where a face is, or anything as small, the brush is a fine one and the paint thin.
    careful = np.clip(1.5 * np.sqrt(fine) - 0.1, 0, 1)
    strokes = wide + careful * (narrow - wide)
    along, _ = directions(np.ascontiguousarray(strokes.mean(axis=-1)), 7 * scale, calm=-25, least=0.003)
    strokes = strokes + (1 - careful) * (smeared(strokes, along, max(1, round(3 * scale))) - strokes)
    strokes = strokes + 0.9 * _specks(subject, strokes)
    bristles = noise(subject.size, 1.2 * scale, subject.stream(0))[..., None]
    bristles = smeared(bristles, along, max(2, round(11 * scale)))[..., 0]
    lab = to_lab(_bytes(strokes))
    lab[..., 0] = curve(lab[..., 0], [(0, 0), (0.3, 0.27), (0.7, 0.74), (1, 1)])
    lab[..., 1:] *= 1.25
    step = max(1, round(scale))
    relief = bristles - np.roll(bristles, (step, step), (0, 1))
    # Ridges that catch the light, and paint that was not quite mixed.
    uneven = 0.050 * relief / (relief.std() + 1e-6) + 0.028 * bristles / (bristles.std() + 1e-6)
    lab[..., 0] += uneven * (1 - 0.85 * skin(subject, careful[..., 0]))
    return to_srgb(lab).astype(np.float32) / 255


def _storybook(subject: Subject) -> Floats:
    """A page of a picture book: gouache in few kind colours with dry edges, and a loose brown crayon line."""
    scale = subject.scale
    fine = detail(subject.lightness, scale)[..., None]
    along, sure = directions(subject.lightness, 3 * scale)
    wide = flattened(_wobbled(subject, 1.2), 6 * scale, along, sure)
    narrow = flattened(subject.rgb, 2.2 * scale, along, sure)
    dabs = wide + np.clip(1.4 * fine, 0, 1) * (narrow - wide)
    lab = to_lab(_bytes(dabs + 0.8 * _specks(subject, dabs)))
    light = exposed(np.ascontiguousarray(lab[..., 0]), 0.60)
    steps = light * 6
    tread = np.floor(steps) + np.clip((steps - np.floor(steps) - 0.5) * 4 + 0.5, 0, 1)
    brush = smeared(
        noise(subject.size, 1.5 * scale, subject.stream(2))[..., None], along, max(2, round(9 * scale))
    )
    brush = np.tanh(brush[..., 0] / (brush.std() + np.float32(1e-6)))
    flat = 0.55 * tread / 6 + 0.45 * light
    lab[..., 0] = 0.24 + 0.72 * flat + 0.018 * brush
    lab[..., 1] = lab[..., 1] * 1.10 + 0.012 + 0.03 * (1 - light)
    lab[..., 2] = lab[..., 2] * 1.10 + 0.045
    page = to_srgb(lab.astype(np.float32)).astype(np.float32) / 255
    tooth = noise(subject.size, 1.3 * scale, subject.stream(3))
    line = ink_lines(subject.lightness, 1.3 * scale, coverage=0.085)
    line = np.clip(line * (0.95 + 0.30 * tooth), 0, 1)[..., None]
    page = page + 0.72 * line * (colour(0.30, 0.18, 0.15) - page)
    return page * (1 + 0.016 * tooth)[..., None]


def _specks(subject: Subject, painted: Floats) -> NDArray[np.float32]:
    """Small lights that flat dabs have swallowed, such as stars: what is missing from the painting, and bright."""
    missing = np.maximum(subject.rgb - painted - np.float32(0.12), 0)
    return blur(missing, 0.7 * subject.scale)


def _wobbled(subject: Subject, pixels: float) -> NDArray[np.float32]:
    """The subject as a hand that is not quite steady would copy it."""
    height, width = subject.size
    rng = subject.stream(0)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    reach = np.float32(pixels * subject.scale)
    dy, dx = (noise(subject.size, 14 * subject.scale, rng) * reach for _ in range(2))
    return cv2.remap(subject.rgb, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101).astype(
        np.float32
    )


def _bytes(rgb: Floats) -> NDArray[np.uint8]:
    return np.clip(np.rint(rgb * 255), 0, 255).astype(np.uint8)


PAINTERS: dict[str, Painter] = {"watercolour": _watercolour, "oil": _oil, "storybook": _storybook}
