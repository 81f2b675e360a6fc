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

        A value that counts only with another parameter's brings that one along, unless it is among `values` too.

        Raises:
            BadParameter: a name that is not declared, a value that its parameter refuses or that does not count with
                the others, or one that is needed and missing.
        """
        known = {p.name: p for p in self.parameters}
        for name in values:
            if name not in known:
                raise self._unknown(name)
        given = {name: known[name].check(value) for name, value in values.items()}
        brought = {
            other: allowed[0]
            for name, value in given.items()
            if value != known[name].check(known[name].default)
            for other, allowed in known[name].when.items()
        }
        out = {n: given.get(n, p.check(brought.get(n, p.default))) for n, p in known.items()}
        for name, p in known.items():
            unmet = next((other for other, allowed in p.when.items() if out[other] not in allowed), None)
            if unmet is not None and out[name] != p.check(p.default):
                allowed = " or ".join(map(str, p.when[unmet]))
                raise BadParameter(
                    f"{name} does not count when {unmet} is {out[unmet]}", hint=f"{unmet} may be {allowed}"
                )
            if unmet is None and p.needed and out[name] is None:
                why = f" when {next(iter(p.when))} is {out[next(iter(p.when))]}" if p.when else ""
                raise BadParameter(f"{name} is needed{why}", hint=f"{p.title.lower()}: there is none yet")
        return out

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
        return self.resolve(self._counting(out))

    def _counting(self, values: Mapping[str, object]) -> dict[str, object]:
        """Those of a recipe's values that count with the others: older ones kept what did not."""
        known = {p.name: p for p in self.parameters}
        met = {
            name: all(values.get(other) in allowed for other, allowed in known[name].when.items())
            for name in values
            if name in known
        }
        return {name: value for name, value in values.items() if met.get(name, True)}

    def json_schema(self) -> dict[str, object]:
        """The parameters as one JSON Schema object; `x-ui` names the control, `x-order` the place."""
        properties: dict[str, object] = {}
        for place, p in enumerate(self.parameters):
            extra: dict[str, object] = {"x-ui": p.ui} if p.ui else {}
            if p.when:
                extra["x-when"] = {other: list(allowed) for other, allowed in p.when.items()}
            if p.needed:
                extra["x-needed"] = True
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
