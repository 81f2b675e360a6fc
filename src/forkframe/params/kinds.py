"""The kinds of parameter an engine can declare: each checks a value, reads one from text, and describes itself as JSON Schema."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from forkframe.errors import BadParameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(ABC):
    """What all parameters have.

    Attributes:
        name: as it is written in a recipe and on the command line.
        title: a few words for people.
        default: the value when none is given; None means that none is needed.
        ui: which control shows it best, where the kind alone does not say (`slider`, `seed`, `prompt` …).
        when: the only values of other parameters, by name, with which it counts; with all others it has its default.
        needed: whether it has to be set wherever it counts.
    """

    name: str
    title: str
    default: object = None
    ui: str = ""
    when: Mapping[str, Sequence[object]] = field(default_factory=dict[str, Sequence[object]])
    needed: bool = False

    @abstractmethod
    def check(self, value: object) -> object:
        """`value` in its canonical form.

        Raises:
            BadParameter: it is not one of this kind, or outside its range.
        """

    @abstractmethod
    def schema(self) -> dict[str, object]:
        """The value's JSON Schema, without name, title and default."""

    def read(self, text: str) -> object:
        """The value that somebody typed."""
        return self.check(text)

    def refuse(self, value: object, allowed: str) -> BadParameter:
        """The error for a value that is not allowed."""
        return BadParameter(f"{self.name} can't be {value!r}", hint=f"use {allowed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Parameter):
    """A real number from `minimum` to `maximum`, both included; `unit` for people."""

    default: float = 0.0
    minimum: float = 0.0
    maximum: float = 1.0
    unit: str = ""

    def check(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refuse(value, self._range())
        if not self.minimum <= value <= self.maximum:
            raise self.refuse(value, self._range())
        return float(value)

    def read(self, text: str) -> float:
        try:
            return self.check(float(text))
        except ValueError:
            raise self.refuse(text, self._range()) from None

    def schema(self) -> dict[str, object]:
        out: dict[str, object] = {"type": "number", "minimum": self.minimum, "maximum": self.maximum}
        return out | ({"x-unit": self.unit} if self.unit else {})

    def _range(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Parameter):
    """A whole number from `minimum` to `maximum`, both included."""

    default: int = 0
    minimum: int = 0
    maximum: int = 2**31 - 1

    def check(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.minimum <= value <= self.maximum:
            raise self.refuse(value, f"a whole number from {self.minimum} to {self.maximum}")
        return value

    def read(self, text: str) -> int:
        return self.check(int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else text)

    def schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter):
    """Free text of at most `longest` characters; `examples` are what an interface can offer, `families` how it groups them."""

    default: str = ""
    longest: int = 2000
    examples: tuple[str, ...] = ()
    families: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def check(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise self.refuse(value, f"text of at most {self.longest} characters")
        return value

    def schema(self) -> dict[str, object]:
        examples: dict[str, object] = {"examples": list(self.examples)} if self.examples else {}
        families = {name: list(members) for name, members in self.families.items()}
        grouped: dict[str, object] = {"x-families": families} if families else {}
        return {"type": "string", "maxLength": self.longest, **examples, **grouped}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter):
    """One of a few words; the first is the default unless another is named."""

    default: str = ""
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "default", self.default or self.options[0])

    def check(self, value: object) -> str:
        if value not in self.options:
            raise self.refuse(value, " or ".join(self.options))
        return cast("str", value)

    def read(self, text: str) -> str:
        spaced = text.replace("-", " ")  # so that a terminal needs no quotes
        return self.check(spaced if spaced in self.options else text)

    def schema(self) -> dict[str, object]:
        return {"type": "string", "enum": list(self.options)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle(Parameter):
    """Yes or no."""

    default: bool = False

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value, "true or false")
        return value

    def read(self, text: str) -> bool:
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        return self.check(words.get(text.lower(), text))

    def schema(self) -> dict[str, object]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Parameter):
    """A place in the picture: (x, y), 0–1 from the top left; None where the user set none."""

    default: None = None

    def check(self, value: object) -> list[float] | None:
        return None if value is None else _point(self, value)

    def read(self, text: str) -> list[float] | None:
        return self.check(_numbers(self, text))

    def schema(self) -> dict[str, object]:
        return {"type": ["array", "null"], "items": _UNIT, "minItems": 2, "maxItems": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask(Parameter):
    """A grey picture in the frame's size, named by its pixels' hash: white is where the operation works; None: everywhere."""

    default: None = None

    def check(self, value: object) -> str | None:
        if value is None or (isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value)):
            return value
        raise self.refuse(value, "the hash of a mask that was added before")

    def schema(self) -> dict[str, object]:
        return {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$", "x-media": "mask"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Strokes(Parameter):
    """Drawn lines: each `{"points": [[x, y], …], "width": w}`, all 0–1 of the frame's width and height; [] for none."""

    default: Sequence[object] = ()
    most: int = 64
    longest: int = 4096

    def check(self, value: object) -> list[dict[str, object]]:
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or len(cast("Sequence[object]", value)) > self.most
        ):
            raise self.refuse(value, f"a list of at most {self.most} strokes")
        return [self._stroke(stroke) for stroke in cast("Sequence[object]", value)]

    def read(self, text: str) -> object:
        raise self.refuse(text, "the canvas to draw strokes")

    def schema(self) -> dict[str, object]:
        point = {"type": "array", "items": _UNIT, "minItems": 2, "maxItems": 2}
        points = {"type": "array", "items": point, "minItems": 2, "maxItems": self.longest}
        stroke = {
            "type": "object",
            "properties": {"points": points, "width": _UNIT},
            "required": ["points", "width"],
        }
        return {"type": "array", "items": stroke, "maxItems": self.most}

    def _stroke(self, stroke: object) -> dict[str, object]:
        body = cast("Mapping[str, object]", stroke) if isinstance(stroke, Mapping) else {}
        points, width = body.get("points"), body.get("width")
        if set(body) != {"points", "width"} or not isinstance(points, Sequence) or not _is_unit(width):
            raise self.refuse(stroke, "strokes with points and a width")
        listed = cast("Sequence[object]", points)
        if isinstance(points, str) or not 2 <= len(listed) <= self.longest:
            raise self.refuse(stroke, f"2 to {self.longest} points for each stroke")
        return {"points": [_point(self, p) for p in listed], "width": width}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Parameter):
    """One drawn line: points `[[x, y], …]` in order, 0–1 from the picture's top left; None where none was drawn.

    Attributes:
        most: points.
        camera: where the line is the way of a camera's view, what tells how near it comes and how far it has rolled at
            the end: `{"zoom": NAME, "roll": NAME}`, the names of other parameters; an interface can show the view then.
    """

    default: None = None
    most: int = 256
    camera: Mapping[str, str] = field(default_factory=dict[str, str])

    def check(self, value: object) -> list[list[float]] | None:
        if value is None:
            return None
        points = (
            list(cast("Sequence[object]", value))
            if isinstance(value, Sequence) and not isinstance(value, str)
            else []
        )
        if not 2 <= len(points) <= self.most:
            raise self.refuse(value, f"2 to {self.most} points from 0 to 1, such as 0.2,0.5 0.8,0.6")
        return [_point(self, point) for point in points]

    def read(self, text: str) -> list[list[float]] | None:
        return self.check([_numbers(self, point) for point in text.split()])

    def schema(self) -> dict[str, object]:
        point = {"type": "array", "items": _UNIT, "minItems": 2, "maxItems": 2}
        camera: dict[str, object] = {"x-camera": dict(self.camera)} if self.camera else {}
        return {"type": ["array", "null"], "items": point, "minItems": 2, "maxItems": self.most, **camera}


_UNIT = {"type": "number", "minimum": 0, "maximum": 1}


def _is_unit(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _point(parameter: Parameter, value: object) -> list[float]:
    items = (
        list(cast("Sequence[object]", value))
        if isinstance(value, Sequence) and not isinstance(value, str)
        else []
    )
    if len(items) != 2 or not all(_is_unit(item) for item in items):
        raise parameter.refuse(value, "two numbers from 0 to 1, such as 0.5,0.3")
    return [float(cast("float", item)) for item in items]


def _numbers(parameter: Parameter, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise parameter.refuse(text, "two numbers from 0 to 1, such as 0.5,0.3") from None
