"""Looks that change the weather: fog and snow."""

from __future__ import annotations

import cv2
import numpy as np

from forkframe.engines.builtin.colour import to_srgb
from forkframe.engines.builtin.looks.filters import Floats, blur, centred, noise, screen
from forkframe.engines.builtin.looks.look import Look, Subject
from forkframe.engines.builtin.looks.sky import sky_mask


def _fog(subject: Subject) -> Floats:
    """Drifting banks, denser far away (taken to be higher up and calmer), that scatter what shines through."""
    scale = subject.scale
    sky = sky_mask(subject)[..., 0]
    y, _ = centred(subject.size)
    above = (1 - y) / 2
    banks = noise(subject.size, (70 * scale, 260 * scale), subject.stream(0))
    banks = banks + 0.5 * noise(subject.size, (26 * scale, 90 * scale), subject.stream(1))
    lightness = np.ascontiguousarray(subject.lab[..., 0])
    contrast = blur(np.abs(lightness - blur(lightness, 4 * scale)), 16 * scale)
    near = np.clip(contrast / (np.percentile(contrast[::4, ::4], 90) + 1e-3), 0, 1)
    density = np.clip(0.30 + 0.42 * above - 0.20 * near + 0.25 * sky + 0.10 * banks, 0.05, 0.93)[..., None]
    muted = (
        to_srgb(np.concatenate([subject.lab[..., :1], subject.lab[..., 1:] * 0.7], axis=-1)).astype(
            np.float32
        )
        / 255
    )
    scattered = muted + 0.6 * density * (blur(muted, 7 * scale) - muted)
    # The air takes a little of the picture's own light.
    air = 0.75 * np.array([0.80, 0.83, 0.86]) + 0.25 * np.clip(muted[::4, ::4].mean((0, 1)) + 0.25, 0, 1)
    return (scattered + density * (air.astype(np.float32) - scattered)).astype(np.float32)


def _snow(subject: Subject) -> Floats:
    """Cold light, snow on what looks upwards, flakes at three distances."""
    scale = subject.scale
    sky = sky_mask(subject)
    lab = subject.lab
    ground = 1 - sky
    y, _ = centred(subject.size)
    # Upward faces are bright above a darker underside, at two sizes.
    faces = np.zeros(subject.size, np.float32)
    for sigma in (2.0, 5.0):
        soft = blur(np.ascontiguousarray(lab[..., 0]), sigma * scale)
        slope = cv2.Sobel(soft, cv2.CV_32F, 0, 1) * np.float32(sigma * scale)
        faces += np.clip(slope * -2.0 - 0.10, 0, 1)
    patches = np.clip(0.6 + 0.5 * noise(subject.size, 9 * scale, subject.stream(0)), 0, 1)
    floor = np.clip((y - 0.1) * 1.1, 0, 1) * np.clip(lab[..., 0] * 1.5 - 0.35, 0, 1)
    lying = np.clip(blur(faces * patches, 1.2 * scale) * 1.2 + 0.7 * floor * (0.5 + 0.5 * patches), 0, 0.95)
    # Skin and fur are warm: snow melts on them.
    warm = np.clip((lab[..., 1] + lab[..., 2] - 0.15) * 6, 0, 1) * np.clip((lab[..., 0] - 0.35) * 5, 0, 1)
    lying = (lying * (1 - 0.85 * warm))[..., None] * ground
    cold = np.concatenate(
        [lab[..., :1] * 0.80 + 0.14, lab[..., 1:2] * 0.5, lab[..., 2:3] * 0.42 - 0.06], axis=-1
    )
    drift = np.stack(
        [0.93 + 0.05 * (lab[..., 0] - 0.5), np.full(subject.size, -0.01), np.full(subject.size, -0.035)], -1
    )
    graded = (cold + lying * (drift - cold)).astype(np.float32)
    rgb = to_srgb(graded).astype(np.float32) / 255
    rgb += 0.55 * sky * (np.array([0.80, 0.84, 0.89], np.float32) - rgb)
    haze = 0.10 * (1 - y[..., None]) / 2 + 0.05
    rgb += haze * (np.array([0.88, 0.91, 0.95], np.float32) - rgb)
    return screen(rgb, _flakes(subject))


def _flakes(subject: Subject) -> Floats:
    """Falling flakes `(H, W, 1)`, 0–1: many far and small, few near, large and soft."""
    height, width = subject.size
    scale = subject.scale
    rng = subject.stream(1)
    area = height * width / min(height, width) ** 2
    falling = np.zeros((height, width), np.float32)
    for sigma, count, brightness in ((0.8, 900, 0.8), (1.7, 300, 0.75), (4.2, 36, 0.45)):
        points = np.zeros((height, width), np.float32)
        number = int(count * area)
        rows, columns = rng.integers(0, height, number), rng.integers(0, width, number)
        points[rows, columns] = rng.uniform(0.5, 1, number)
        width_now = max(sigma * scale, 0.35)
        fallen = blur(points, width_now)
        fallen = cv2.blur(fallen, (1, max(1, round(1.5 * width_now))))
        falling += np.clip(fallen * (2 * np.pi * width_now**2) * 1.4, 0, 1) * np.float32(brightness)
    return np.clip(falling, 0, 0.95)[..., None]


LOOKS = (
    Look("fog", "weather", ("foggy", "mist", "misty", "haze", "hazy"), _fog),
    Look("snow", "weather", ("snowy", "snowfall", "winter", "wintry", "blizzard"), _snow),
)
