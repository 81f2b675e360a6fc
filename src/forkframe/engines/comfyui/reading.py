"""JSON that somebody wrote by hand: every field knows where it stands, so that what is wrong with it can be said."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import cast

from forkframe.errors import BadInput

_LARGEST = 4 << 20
_MISSING = object()


class Field:
    """One value of a document, and where it stands.

    Attributes:
        value: as `json.loads` gives it.
        where: the way to it, such as `operations.transition.seed`.
    """

    def __init__(self, value: object, where: str, *, file: str) -> None:
        self.value = value
        self.where = where
        self._file = file

    def __getitem__(self, key: str) -> Field:
        """The field of that name, there or not."""
        held = self.value if isinstance(self.value, dict) else {}
        found = cast("dict[str, object]", held).get(key, _MISSING)
        return Field(found, f"{self.where}.{key}".lstrip("."), file=self._file)

    @property
    def there(self) -> bool:
        """Whether it stands in the document at all."""
        return self.value is not _MISSING

    def wrong(self, wanted: str) -> BadInput:
        """The error for a value that is not what it has to be."""
        found = "is missing" if not self.there else f"is {_shortly(self.value)}"
        return BadInput(f"{self._file}: {self.where or 'the whole'} {found}", hint=f"it has to be {wanted}")

    def text(self, default: str | None = None) -> str:
        """A text of at most 2,000 characters."""
        if not self.there and default is not None:
            return default
        if not isinstance(self.value, str) or len(self.value) > 2000:
            raise self.wrong("a text")
        return self.value

    def number(self, default: float | None = None, *, least: float = 0.0) -> float:
        """A finite number of at least `least`."""
        value = default if not self.there else self.value
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or value < least
        ):
            raise self.wrong(f"a number from {least:g} on")
        return float(value)

    def whole(self, default: int | None = None, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        value = default if not self.there else self.value
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(f"a whole number from {least} on")
        return value

    def table(self) -> dict[str, Field]:
        """The fields of an object, {} if it is not there."""
        if not self.there:
            return {}
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return {key: self[key] for key in cast("dict[str, object]", self.value)}

    def items(self) -> Iterator[Field]:
        """The fields of a list, none if it is not there."""
        if not self.there:
            return
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        for place, value in enumerate(cast("list[object]", self.value)):
            yield Field(value, f"{self.where}[{place}]", file=self._file)


def document(data: bytes, *, file: str) -> Field:
    """The document in a JSON file.

    Raises:
        BadInput: it is too large, or no JSON object.
    """
    if len(data) > _LARGEST:
        raise BadInput(
            f"{file} has {len(data) >> 20} MB", hint="a workflow has a few hundred kilobytes at most"
        )
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{file} is no JSON: {str(error)[:100]}",
            hint="export the workflow in ComfyUI with Save (API Format), and drop that file",
        ) from None
    if not isinstance(value, dict):
        raise BadInput(f"{file} holds no workflow", hint="export one in ComfyUI with Save (API Format)")
    return Field(cast("dict[str, object]", value), "", file=file)


def table(value: object) -> Mapping[str, object]:
    """A value from elsewhere as an object; {} if it is none."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _shortly(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
