"""The parameter schema that engines declare and interfaces are generated from: a JSON-Schema subset with hints."""

from forkframe.params.kinds import Choice, Line, Mask, Number, Parameter, Point, Strokes, Text, Toggle, Whole
from forkframe.params.schema import Schema

__all__ = [
    "Choice",
    "Line",
    "Mask",
    "Number",
    "Parameter",
    "Point",
    "Schema",
    "Strokes",
    "Text",
    "Toggle",
    "Whole",
]
