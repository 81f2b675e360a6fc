"""Looks of paint: watercolour, oil and storybook. All work finer where small things are, so faces keep their features."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.looks.filters import Floats, blur, colour, curve, detail, exposed, noise
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.strokes import directions, flattened, ink_lines, smeared

_PAPER = np.array([0.985, 0.972, 0.945], np.float32)


def _watercolour(subject: Subject) -> Floats:
    """Washes on paper: flat pools with darker rims, granulating pigment, a loose pencil line, an unpainted border."""
    scale = subject.scale
    lightness = subject.lightness
    fine = detail(lightness, scale)[..., None]
    along, sure = directions(lightness, 2.5 * scale)
    wide = flattened(flattened(_wobbled(subject, 2.0), 5.5 * scale, along, sure), 4 * scale, along, sure)
    narrow = flattened(_wobbled(subject, 0.6), 2.2 * scale, along, sure, sharpness=3)
    pools = wide + np.clip(1.3 * fine, 0, 1) * (narrow - wide)
    pools = pools + 0.8 * _specks(subject, pools)
    washed = to_lab(_bytes(pools))
    washed[..., 0] = curve(washed[..., 0], [(0, 0.20), (0.35, 0.48), (0.7, 0.82), (1, 0.985)])
    washed[..., 1:] *= 1.18
    pools = to_srgb(washed).astype(np.float32) / 255
    grey = np.ascontiguousarray(washed[..., 0])
    rims = blur(
        np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).astype(np.float32),
        1.1 * scale,
    )
    rims = np.clip(rims * scale, 0, 0.6)
    paper = 0.6 * noise(subject.size, 1.3 * scale, subject.stream(1)) + 0.4 * noise(
        subject.size, 3.5 * scale, subject.stream(2)
    )
    flow = noise(subject.size, 40 * scale, subject.stream(3))
    # Pigment density after Bousseau et al., "Interactive watercolor rendering" (2006): c − (c − c²)(d − 1).
    thickness = (0.85 * rims + 0.07 * paper + 0.16 * flow)[..., None]
    painted = pools - (pools - pools * pools) * thickness
    lines = ink_lines(lightness, 0.9 * scale, coverage=0.07)[..., None]
    painted = painted * (1 - 0.30 * lines)
    sheet = _PAPER * (1 + 0.012 * paper[..., None])
    height, width = subject.size
    y, x = np.arange(height)[:, None], np.arange(width)[None, :]
    inwards = np.minimum(np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x)) / scale
    inwards = inwards - 5 * flow - 2 * noise(subject.size, 7 * scale, subject.stream(4))
    bare = np.clip((13 - inwards) / 3, 0, 1)[..., None]
    bare = np.maximum(bare, np.clip(0.06 + 0.05 * flow, 0, 1)[..., None])
    return (painted * sheet + bare * (sheet - painted * sheet)).astype(np.float32)


def _oil(subject: Subject) -> Floats:
    """Strokes along the forms, with ridges that catch the light."""
    scale = subject.scale
    lightness = subject.lightness
    fine = detail(lightness, scale)[..., None]
    along, sure = directions(lightness, 3 * scale)
    wide = flattened(subject.rgb, 7.5 * scale, along, sure)
    narrow = flattened(subject.rgb, 2.4 * scale, along, sure)
    strokes = wide + np.clip(1.2 * fine, 0, 1) * (narrow - wide)
    along, _ = directions(np.ascontiguousarray(strokes.mean(axis=-1)), 6 * scale)
    strokes = smeared(strokes, along, max(1, round(3 * scale)))
    strokes = strokes + 0.9 * _specks(subject, strokes)
    bristles = noise(subject.size, 1.2 * scale, subject.stream(0))[..., None]
    bristles = smeared(bristles, along, max(2, round(11 * scale)))[..., 0]
    lab = to_lab(_bytes(strokes))
    lab[..., 0] = curve(lab[..., 0], [(0, 0), (0.3, 0.27), (0.7, 0.74), (1, 1)])
    lab[..., 1:] *= 1.25
    step = max(1, round(scale))
    relief = bristles - np.roll(bristles, (step, step), (0, 1))
    # Ridges that catch the light, and paint that was not quite mixed.
    uneven = 0.042 * relief / (relief.std() + 1e-6) + 0.022 * bristles / (bristles.std() + 1e-6)
    lab[..., 0] += uneven * (1 - 0.6 * fine[..., 0])
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
    missing = np.maximum(subject.rgb - painted - np.float32(0.16), 0)
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
