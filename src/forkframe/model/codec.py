"""One way between the model's frozen dataclasses and JSON, for the database, the log and the wire.

`to_json` writes only what differs from a field's default, so that rows stay small and a field that is added later
needs no migration. `from_json` is strict: an unknown field or a value of the wrong type is an error.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Literal, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

type_of = type
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What JSON can say."""

T = TypeVar("T")


def to_json(value: object) -> Json:
    """`value` (a model dataclass, or anything that stands in one) as JSON.

    >>> to_json(Fraction(30000, 1001))
    '30000/1001'
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in sorted(cast("Mapping[str, object]", value).items())}
    if isinstance(value, tuple | list):
        return [to_json(v) for v in cast("tuple[object, ...]", value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        out: dict[str, Json] = {}
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            if field.default is dataclasses.MISSING or item != field.default:
                out[field.name] = to_json(item)
        return out
    raise TypeError(f"{type(value).__name__} has no JSON form")


def from_json(kind: type[T], data: object) -> T:
    """The value of type `kind` that `to_json` wrote as `data`.

    Raises:
        ValueError: `data` does not have the shape of `kind`.
    """
    return cast("T", _decode(kind, data))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, data: object) -> object:
    if isinstance(kind, NewType):
        return _decode(kind.__supertype__, data)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(kind), data)
    if origin is Literal:
        if data in get_args(kind):
            return data
        raise ValueError(f"{data!r} is none of {get_args(kind)}")
    if origin is tuple and isinstance(data, list):
        return _decode_tuple(get_args(kind), cast("list[object]", data))
    if origin is not None and issubclass(origin, Mapping) and isinstance(data, dict):
        value_kind = get_args(kind)[1]
        return {k: _decode(value_kind, v) for k, v in cast("dict[str, object]", data).items()}
    if kind is Fraction and isinstance(data, str | int):
        return _decode_fraction(data)
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
        return _decode_float(data)
    if kind in (object, Any):
        return data
    if dataclasses.is_dataclass(kind) and isinstance(data, dict):
        return _decode_dataclass(cast("type", kind), cast("dict[str, object]", data))
    if isinstance(kind, type) and type_of(data) is kind:
        return data
    raise ValueError(f"{data!r} is no {kind}")


def _decode_fraction(data: str | int) -> Fraction:
    try:
        return Fraction(data)
    except ZeroDivisionError as error:
        raise ValueError(f"{data!r} divides by zero") from error


def _decode_float(data: float) -> float:
    try:
        number = float(data)
    except OverflowError as error:
        raise ValueError("a number is too large") from error
    if not math.isfinite(number):
        raise ValueError(f"{data!r} is not finite")
    return number


def _decode_union(kinds: tuple[Any, ...], data: object) -> object:
    for kind in kinds:
        if kind is type(None):
            if data is None:
                return None
            continue
        try:
            return _decode(kind, data)
        except ValueError:
            continue
    raise ValueError(f"{data!r} is none of {kinds}")


def _decode_tuple(kinds: tuple[Any, ...], data: list[object]) -> tuple[object, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], item) for item in data)
    if len(kinds) != len(data):
        raise ValueError(f"{len(data)} items where {len(kinds)} belong")
    return tuple(_decode(k, item) for k, item in zip(kinds, data, strict=True))


def _decode_dataclass(kind: type, data: dict[str, object]) -> object:
    hints = _hints(kind)
    unknown = data.keys() - {f.name for f in dataclasses.fields(kind)}
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return kind(**{name: _decode(hints[name], item) for name, item in data.items()})
    except TypeError as error:
        raise ValueError(str(error)) from error
