"""Weather: fog, rain, storm and snow."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_srgb
from forkframe.engines.builtin.looks.filters import (
    Floats,
    blur,
    centred,
    colour,
    curve,
    exposed,
    noise,
    screen,
    vignette,
)
from forkframe.engines.builtin.looks.look import Painter, Subject
from forkframe.engines.builtin.looks.scene import clouds, far


def _fog(subject: Subject) -> Floats:
    """Drifting banks, denser far away, that scatter what shines through."""
    scale = subject.scale
    banks = clouds(subject, 0, stretch=2.2)
    density = np.clip(0.13 + 0.64 * far(subject) + 0.095 * banks, 0.05, 0.93)[..., None]
    muted = np.concatenate([subject.lab[..., :1], subject.lab[..., 1:] * 0.7], axis=-1)
    muted = to_srgb(muted.astype(np.float32)).astype(np.float32) / 255
    scattered = muted + 0.6 * density * (blur(muted, 7 * scale) - muted)
    # The air takes a little of the picture's own light.
    air = 0.75 * colour(0.80, 0.83, 0.86) + 0.25 * np.clip(muted[::4, ::4].mean((0, 1)) + 0.25, 0, 1)
    return (scattered + density * (air.astype(np.float32) - scattered)).astype(np.float32)


def _rain(subject: Subject) -> Floats:
    """A grey wet day: soft blue light, what is far drowned in drizzle, a sheen below, rain at three distances."""
    scale = subject.scale
    y, _ = centred(subject.size)
    distance = far(subject)[..., None]
    light = exposed(subject.lightness, 0.40)[..., None]
    light = curve(light, [(0, 0.02), (0.35, 0.30), (0.7, 0.62), (1, 0.88)])
    graded = np.concatenate(
        [light, subject.lab[..., 1:2] * 0.66 - 0.015, subject.lab[..., 2:3] * 0.58 - 0.055], axis=-1
    ).astype(np.float32)
    rgb = to_srgb(graded).astype(np.float32) / 255
    # Wet ground throws back what stands on it: the picture upside down from the height of each place, smeared.
    wet = np.clip((y - 0.15) * 1.5, 0, 1)[..., None] * (1 - subject.sky)
    turned = cv2.blur(rgb[::-1], (max(1, round(5 * scale)), max(1, round(70 * scale))))
    ripples = 0.5 + 0.5 * np.tanh(noise(subject.size, (9 * scale, 40 * scale), subject.stream(1)))[..., None]
    rgb = screen(rgb * (1 - 0.18 * wet), 0.34 * wet * ripples * turned)
    veil = 0.10 + 0.42 * distance
    rgb = rgb + veil * (colour(0.60, 0.65, 0.70) - rgb)
    return screen(rgb, _falling(subject, slant=0.16, amount=1.0)) * vignette(subject.size, 0.15)


def _storm(subject: Subject) -> Floats:
    """Torn clouds with light behind them, hard contrast, greenish dark, driving rain."""
    scale = subject.scale
    y, _ = centred(subject.size)
    light = exposed(subject.lightness, 0.34)
    light = light + 0.45 * (light - blur(light, 26 * scale)) + 0.25 * (light - blur(light, 4 * scale))
    light = curve(light, [(-1, 0), (0, 0.01), (0.3, 0.22), (0.6, 0.56), (1, 0.86), (2, 1)])[..., None]
    graded = np.concatenate(
        [light, subject.lab[..., 1:2] * 0.55 - 0.035, subject.lab[..., 2:3] * 0.50 - 0.035], axis=-1
    ).astype(np.float32)
    shapes = clouds(subject, 10, stretch=2.0)
    torn = np.clip(0.30 + 0.17 * shapes + 0.10 * np.maximum(shapes, 0) ** 2 + 0.16 * (y + 0.4), 0.04, 0.92)
    heaven = np.stack([torn, np.full_like(torn, -0.02), -0.10 + 0.10 * torn], axis=-1).astype(np.float32)
    graded = graded + 0.88 * subject.sky * (heaven - graded)
    # Where no sky is seen its shadow is: clouds darken the scene from above.
    overhead = (1 - subject.sky) * np.clip(0.30 - 0.55 * y, 0, 1)[..., None]
    graded[..., :1] *= 1 - 0.5 * overhead * np.clip(0.75 - 0.25 * shapes[..., None], 0, 1.2)
    rgb = to_srgb(graded.astype(np.float32)).astype(np.float32) / 255
    veil = 0.22 * far(subject)[..., None] * (1 - subject.sky)
    rgb = rgb + veil * (colour(0.34, 0.39, 0.42) - rgb)
    return screen(rgb, _falling(subject, slant=0.45, amount=1.5)) * vignette(subject.size, 0.4)


def _falling(subject: Subject, *, slant: float, amount: float) -> NDArray[np.float32]:
    """Rain `(H, W, 1)`, 0–1: streaks at three distances, the nearer the longer, brighter and fewer."""
    height, width = subject.size
    scale = subject.scale
    rng = subject.stream(2)
    area = height * width / min(height, width) ** 2
    total = np.zeros((height, width), np.float32)
    for length, thick, count, bright in ((12, 0.5, 1500, 0.22), (34, 0.6, 420, 0.34), (90, 1.0, 60, 0.28)):
        streaks = np.zeros((height, width), np.uint8)
        for _ in range(int(count * area)):
            x, y = rng.uniform(-0.1, 1.1) * width, rng.uniform(-0.1, 1.0) * height
            long = length * scale * rng.uniform(0.6, 1.3)
            top, end = (round(8 * x), round(8 * y)), (round(8 * (x - slant * long)), round(8 * (y + long)))
            bright_here, wide = int(rng.integers(90, 255)), max(1, round(thick * scale))
            cv2.line(streaks, top, end, bright_here, wide, cv2.LINE_AA, 3)
        total += blur(streaks.astype(np.float32) / 255, 0.45 * thick * scale) * np.float32(bright)
    gusts = np.clip(1 + 0.35 * noise(subject.size, 110 * scale, subject.stream(4)), 0.3, 1.7)
    return np.clip(np.float32(amount) * total * gusts, 0, 0.8)[..., None].astype(np.float32)


def _snow(subject: Subject) -> Floats:
    """Cold light, snow on what looks upwards, flakes at three distances."""
    scale, sky, lab = subject.scale, subject.sky, subject.lab
    ground = 1 - sky
    y, _ = centred(subject.size)
    # A thing differs more from what is around it than its surroundings do: snow lies where that begins, from above.
    apart = np.sqrt(((lab - blur(lab, 44 * scale)) ** 2).sum(axis=-1, dtype=np.float32))
    tops = np.zeros(subject.size, np.float32)
    for sigma in (1.8, 4.5):
        slope = cv2.Sobel(blur(apart, sigma * scale), cv2.CV_32F, 0, 1) * np.float32(sigma * scale)
        tops += np.clip(slope * 1.5 - 0.13, 0, 0.8)
    patches = np.clip(0.6 + 0.5 * noise(subject.size, 9 * scale, subject.stream(0)), 0, 1)
    floor = np.clip((y - 0.1) * 1.1, 0, 1) * np.clip(lab[..., 0] * 1.5 - 0.35, 0, 1)
    lying = blur(tops * (0.35 + 0.65 * patches), 1.6 * scale) * 2.4
    lying = np.clip(lying + 0.6 * floor * (0.5 + 0.5 * patches), 0, 0.95)
    # Skin and fur are warm: snow melts on them.
    warm = np.clip((lab[..., 1] + lab[..., 2] - 0.12) * 6, 0, 1) * np.clip((lab[..., 0] - 0.3) * 5, 0, 1)
    lying = (lying * (1 - 0.9 * blur(warm, 4 * scale)))[..., None] * ground
    cold = np.concatenate(
        [lab[..., :1] * 0.80 + 0.14, lab[..., 1:2] * 0.5, lab[..., 2:3] * 0.42 - 0.06], axis=-1
    )
    drift = np.stack(
        [0.93 + 0.05 * (lab[..., 0] - 0.5), np.full(subject.size, -0.01), np.full(subject.size, -0.035)], -1
    )
    graded = (cold + lying * (drift - cold)).astype(np.float32)
    rgb = to_srgb(graded).astype(np.float32) / 255
    rgb += 0.55 * sky * (colour(0.80, 0.84, 0.89) - rgb)
    haze = 0.10 * (1 - y[..., None]) / 2 + 0.05
    rgb += haze * (colour(0.88, 0.91, 0.95) - rgb)
    return screen(rgb, _flakes(subject))


def _flakes(subject: Subject) -> Floats:
    """Falling flakes `(H, W, 1)`, 0–1: many far and small, few near, large and soft."""
    height, width = subject.size
    scale = subject.scale
    rng = subject.stream(1)
    area = height * width / min(height, width) ** 2
    falling = np.zeros((height, width), np.float32)
    for sigma, count, brightness in ((0.8, 800, 0.65), (1.7, 260, 0.7), (4.2, 32, 0.45)):
        points = np.zeros((height, width), np.float32)
        number = int(count * area)
        rows, columns = rng.integers(0, height, number), rng.integers(0, width, number)
        points[rows, columns] = rng.uniform(0.5, 1, number)
        width_now = max(sigma * scale, 0.35)
        fallen = blur(points, width_now)
        fallen = cv2.blur(fallen, (1, max(1, round(1.5 * width_now))))
        falling += np.clip(fallen * (2 * np.pi * width_now**2) * 1.4, 0, 1) * np.float32(brightness)
    return np.clip(falling, 0, 0.95)[..., None]


PAINTERS: dict[str, Painter] = {"fog": _fog, "rain": _rain, "storm": _storm, "snow": _snow}
