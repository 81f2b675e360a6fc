"""Schemas: the parameters of one operation, their version, and how values of older versions become today's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from forkframe.errors import BadParameter
from forkframe.params.kinds import Parameter

Upgrade = Callable[[dict[str, object]], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Schema:
    """The parameters an operation takes.

    Attributes:
        version: 1, 2, 3 …; recipes record it.
        parameters: in the order in which an interface shows them.
        upgrades: by the version they start from, each turning values of that version into the next one's.
    """

    version: int
    parameters: tuple[Parameter, ...] = ()
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict[int, Upgrade])

    def resolve(self, values: Mapping[str, object]) -> dict[str, object]:
        """Every parameter with its value: those of `values`, checked, and the defaults.

        Raises:
            BadParameter: a name that is not declared, or a value that its parameter refuses.
        """
        known = {p.name: p for p in self.parameters}
        for name in values:
            if name not in known:
                raise self._unknown(name)
        return {name: p.check(values.get(name, p.default)) for name, p in known.items()}

    def read(self, texts: Mapping[str, str]) -> dict[str, object]:
        """The values somebody typed as `name=text`, without defaults.

        Raises:
            BadParameter: as `resolve`.
        """
        known = {p.name: p for p in self.parameters}
        out: dict[str, object] = {}
        for name, text in texts.items():
            if name not in known:
                raise self._unknown(name)
            out[name] = known[name].read(text)
        return out

    def upgraded(self, values: Mapping[str, object], *, version: int) -> dict[str, object]:
        """`values` of an older `version` as values of this one.

        Raises:
            BadParameter: the version is newer than this one, or too old to be read.
        """
        out = dict(values)
        if version > self.version:
            raise BadParameter(
                f"these parameters have version {version}, the engine knows {self.version}",
                hint="update the engine",
            )
        for step in range(version, self.version):
            if step not in self.upgrades:
                raise BadParameter(
                    f"parameters of version {step} can't be read any more", hint="make it anew"
                )
            out = self.upgrades[step](out)
        return self.resolve(out)

    def json_schema(self) -> dict[str, object]:
        """The parameters as one JSON Schema object; `x-ui` names the control, `x-order` the place."""
        properties: dict[str, object] = {}
        for place, p in enumerate(self.parameters):
            extra = {"x-ui": p.ui} if p.ui else {}
            properties[p.name] = {
                **p.schema(),
                "title": p.title,
                "default": p.check(p.default),
                "x-order": place,
                **extra,
            }
        return {
            "type": "object",
            "additionalProperties": False,
            "x-version": self.version,
            "properties": properties,
        }

    def _unknown(self, name: str) -> BadParameter:
        names = [p.name for p in self.parameters]
        near = get_close_matches(name, names, n=1)
        hint = (
            f"did you mean {near[0]}?"
            if near
            else f"there is {', '.join(names)}"
            if names
            else "it takes none"
        )
        return BadParameter(f"there is no parameter {name!r}", hint=hint)
