"""Grades: how warm, bright, contrasty, colourful and sharp a picture is, each a number from −1 to 1."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from forkframe.engines.builtin.colour import to_lab, to_srgb
from forkframe.engines.builtin.looks.filters import blur


@dataclass(frozen=True, slots=True)
class Grade:
    """What is changed, each from −1 (all the other way) over 0 (not at all) to 1.

    Attributes:
        warmth: colder to warmer.
        brightness: darker to brighter; black and white stay.
        contrast: flat to hard.
        colour: grey to vivid.
        sharpness: soft to crisp.
    """

    warmth: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    colour: float = 0.0
    sharpness: float = 0.0

    def __bool__(self) -> bool:
        return any(getattr(self, axis.name) for axis in fields(self))

    def times(self, share: float) -> Grade:
        """`share` of every change."""
        return replace(self, **{axis.name: share * getattr(self, axis.name) for axis in fields(self)})


def graded(image: NDArray[np.uint8], grade: Grade) -> NDArray[np.uint8]:
    """The picture `(H, W, 3)` uint8 sRGB, graded."""
    if not grade:
        return image.copy()
    lab = to_lab(image)
    light = np.ascontiguousarray(lab[..., 0])
    light = np.power(np.clip(light, 0, 1), np.float32(2.0**-grade.brightness))
    middle = np.float32(np.clip(light.mean(), 0.25, 0.75))
    if grade.contrast > 0:
        # An S through black, the picture's own mean and white: nothing clips.
        low = middle * (light / middle) ** np.float32(1 + grade.contrast)
        high = 1 - (1 - middle) * ((1 - np.maximum(light, middle)) / (1 - middle)) ** np.float32(
            1 + grade.contrast
        )
        light = np.where(light < middle, low, high)
    else:
        light = middle + (light - middle) * np.float32(1 + 0.6 * grade.contrast)
    if grade.sharpness:
        sigma = max(0.7, min(light.shape) / 512 * (1.2 if grade.sharpness > 0 else 3.0))
        light = light + np.float32(grade.sharpness) * (light - blur(light, sigma))
    own = lab[..., 1:]
    if grade.colour > 0:
        # Weak colours first: strong ones have nowhere to go.
        own = own * (1 + grade.colour * 1.2 * np.exp(-np.hypot(own[..., 0], own[..., 1]) / 0.5))[..., None]
    else:
        own = own * np.float32(1 + grade.colour)
    # Along the line of daylight, less in black and in white, where a tint looks like a fault.
    tint = (grade.warmth * (0.25 + 0.75 * 4 * light * (1 - light)))[..., None]
    own = own + tint * np.array([0.045 if grade.warmth > 0 else 0.03, 0.20], np.float32)
    result = np.concatenate([light[..., None], own], axis=-1).astype(np.float32)
    rgb = to_srgb(result)
    if grade.sharpness < 0:
        soft = blur(rgb.astype(np.float32), -grade.sharpness * 2.5 * min(light.shape) / 512)
        rgb = np.clip(np.rint(soft), 0, 255).astype(np.uint8)
    return rgb
