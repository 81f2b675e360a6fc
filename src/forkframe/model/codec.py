"""One way between the model's frozen dataclasses and JSON, for the database, the log and the wire.

`to_json` writes only what differs from a field's default, so that rows stay small and a field that is added later
needs no migration. `from_json` is strict: an unknown field or a value of the wrong type is an error.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Literal, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What JSON can say."""

T = TypeVar("T")
Decoder = Callable[[Any], Any]
"""Makes a value of one type of what JSON said, or raises ValueError."""

_PLAIN = (bool, int, float, str)


def to_json(value: object) -> Json:
    """`value` (a model dataclass, or anything that stands in one) as JSON.

    >>> to_json(Fraction(30000, 1001))
    '30000/1001'
    """
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, tuple | list):
        return [to_json(v) for v in cast("tuple[object, ...]", value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        out: dict[str, Json] = {}
        for name, default in _defaults(type(value)):
            item = getattr(value, name)
            if default is dataclasses.MISSING or item != default:
                out[name] = to_json(item)
        return out
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in sorted(cast("Mapping[str, object]", value).items())}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def from_json(kind: type[T], data: object) -> T:
    """The value of type `kind` that `to_json` wrote as `data`.

    Raises:
        ValueError: `data` does not have the shape of `kind`.
    """
    return cast("T", _decoder(kind)(data))


@cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, field.default) for field in dataclasses.fields(kind))


@cache
def _decoder(kind: Any) -> Decoder:
    """The decoder of a type, put together once: a workspace has hundreds of thousands of rows of a few types."""
    if isinstance(kind, NewType):
        return _decoder(kind.__supertype__)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union(kind, tuple(_decoder(part) for part in parts))
    if origin is Literal:
        return _literal(parts)
    if origin is list:
        item = _list(_decoder(parts[0]))
        return lambda data: list(cast("tuple[object, ...]", item(data)))
    if origin is tuple:
        if len(parts) == 2 and parts[1] is Ellipsis:
            return _list(_decoder(parts[0]))
        return _tuple(tuple(_decoder(part) for part in parts))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_decoder(parts[1]))
    if dataclasses.is_dataclass(kind):
        return _dataclass(cast("type", kind))
    return {Fraction: _fraction, float: _float, object: _anything}.get(kind) or _exactly(kind)


def _exactly(kind: type) -> Decoder:
    def decode(data: object) -> object:
        if type(data) is not kind:
            raise ValueError(f"{data!r} is no {kind.__name__}")
        return data

    return decode


def _anything(data: object) -> object:
    return data


def _fraction(data: object) -> Fraction:
    if not isinstance(data, str | int):
        raise ValueError(f"{data!r} is no fraction")
    try:
        return Fraction(data)
    except ZeroDivisionError as error:
        raise ValueError(f"{data!r} divides by zero") from error


def _float(data: object) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise ValueError(f"{data!r} is no number")
    try:
        number = float(data)
    except OverflowError as error:
        raise ValueError("a number is too large") from error
    if not math.isfinite(number):
        raise ValueError(f"{data!r} is not finite")
    return number


def _literal(allowed: tuple[object, ...]) -> Decoder:
    def decode(data: object) -> object:
        if data not in allowed:
            raise ValueError(f"{data!r} is none of {allowed}")
        return data

    return decode


def _union(kind: object, decoders: tuple[Decoder, ...]) -> Decoder:
    def decode(data: object) -> object:
        for decoder in decoders:
            try:
                return decoder(data)
            except ValueError:
                continue
        raise ValueError(f"{data!r} is no {kind}")

    return decode


def _list(item: Decoder) -> Decoder:
    def decode(data: object) -> tuple[object, ...]:
        if not isinstance(data, list):
            raise ValueError(f"{data!r} is no list")
        return tuple([item(part) for part in cast("list[object]", data)])

    return decode


def _tuple(items: tuple[Decoder, ...]) -> Decoder:
    def decode(data: object) -> tuple[object, ...]:
        if not isinstance(data, list):
            raise ValueError(f"{data!r} is no list")
        parts = cast("list[object]", data)
        if len(parts) != len(items):
            raise ValueError(f"{len(parts)} items where {len(items)} belong")
        return tuple([item(part) for item, part in zip(items, parts, strict=True)])

    return decode


def _mapping(value: Decoder) -> Decoder:
    def decode(data: object) -> dict[str, object]:
        if not isinstance(data, dict):
            raise ValueError(f"{data!r} is no mapping")
        return {key: value(item) for key, item in cast("dict[str, object]", data).items()}

    return decode


def _dataclass(kind: type) -> Decoder:
    hints = get_type_hints(kind)
    fields = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}

    def decode(data: object) -> object:
        if not isinstance(data, dict):
            raise ValueError(f"{data!r} is no {kind.__name__}")
        row = cast("dict[str, object]", data)
        if not row.keys() <= fields.keys():
            raise ValueError(f"{kind.__name__} has no {', '.join(sorted(row.keys() - fields.keys()))}")
        try:
            return kind(**{name: fields[name](item) for name, item in row.items()})
        except TypeError as error:
            raise ValueError(str(error)) from error

    return decode
