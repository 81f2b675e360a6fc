"""Prompts: words in, looks and grades out. No language model: the looks' own words, how much, and not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields

from forkframe.engines.builtin.catalogue import CATALOGUE, MOST
from forkframe.engines.builtin.looks.grade import Grade
from forkframe.engines.builtin.vocabulary import AFTER, AMOUNTS, FILLER, GRADES, LESS, NOT, THINGS, words_of
from forkframe.errors import BadParameter

_PHRASES = {
    tuple(words_of(phrase)): name
    for name, entry in CATALOGUE.items()
    for phrase in (name, entry.title, *entry.words)
}
_LONGEST = max(map(len, _PHRASES))
_ALONE = ("season", "time of day")
"""Families of which a picture has one: several share it between them."""
_TOLD = 8
"""So many unknown words are named; of more, only how many."""
_QUOTED = 60
"""Characters of a prompt that an error repeats."""

Nearest = Callable[[str], str | None]
"""Says which look an unknown word, or several joined by blanks, means most likely; None when none is near."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompt asks for.

    Attributes:
        looks: names of looks and their weights (0–1.25, 1 being the full effect), in the order they are applied.
        unknown: the words that mean nothing to this engine, in the order they were written.
        grade: what is changed after the looks.
        guessed: words that were taken for a look because it is the nearest: (word, name of the look).
    """

    looks: tuple[tuple[str, float], ...]
    unknown: tuple[str, ...] = ()
    grade: Grade = field(default_factory=Grade)
    guessed: tuple[tuple[str, str], ...] = ()


def misspelt(word: str) -> str | None:
    """The look whose name or word differs from `word` by a slip of the pen."""
    if len(word) < 5:
        return None
    single = {phrase[0]: name for phrase, name in _PHRASES.items() if len(phrase) == 1}
    near = difflib.get_close_matches(word, single, n=1, cutoff=0.85)
    return single[near[0]] if near else None


def parse_prompt(text: str, *, nearest: Nearest = misspelt) -> Prompt:
    """The looks and grades that a prompt asks for, such as "slightly foggy evening, much colder, no grain".

    Amounts ("slightly", "very", "30 %") go with what comes after them, or before them at the end of a phrase ("fog,
    just a little"); "no" and "without" take a look out, one that another look brings along included. Where words
    contradict each other the later one counts; two times of day or seasons share the picture between them.

    Args:
        text: as somebody wrote it.
        nearest: asked about every word that is not known.

    Raises:
        BadParameter: the prompt is empty, or no word of it names a look or a grade.
    """
    if not text.strip():
        raise _nothing("the prompt is empty")
    reading = _Reading(nearest)
    for clause in re.split(r"[,;.!?\n]+(?!\d)|\bbut\b", text):
        reading.clause(words_of(clause))
    asked = reading.asked
    for name in list(asked):
        for companion, weight in CATALOGUE[name].brings.items():
            asked.setdefault(companion, min(MOST, weight * asked[name]))
    given = {name: asked[name] for name in CATALOGUE if name in asked and name not in reading.refused}
    for family in _ALONE:
        rivals = [name for name in given if CATALOGUE[name].family == family]
        for name in rivals:
            given[name] /= len(rivals)
    grade = Grade(**{axis: max(-1.0, min(1.0, value)) for axis, value in reading.grades.items()})
    if not given and not grade:
        short = " ".join(text.split())
        quoted = f"“{short if len(short) <= _QUOTED else short[:_QUOTED].rstrip() + '…'}”"
        if reading.refused or reading.spared:
            without = " and ".join(sorted(reading.refused | reading.spared))
            raise _nothing(f"{quoted} only says what to leave out ({without}), not what to give")
        raise _nothing(f"{quoted} names no look that the built-in engine knows")
    return Prompt(
        tuple(given.items()),
        tuple(dict.fromkeys(reading.unknown)),
        grade,
        tuple(dict.fromkeys(reading.guessed)),
    )


def told(prompt: Prompt, *, strength: float = 1.0) -> tuple[str, ...]:
    """What people are told about a prompt that was carried out at a strength of 0–1: weights as they were used."""
    if strength <= 0:
        lines = ["strength 0: the picture was left as it is"]
    else:
        parts = [f"{name} {round(100 * min(MOST, weight * strength))} %" for name, weight in prompt.looks]
        lines = [f"looks used: {', '.join(parts)}"] if parts else []
        names = {
            "warmth": ("colder", "warmer"),
            "brightness": ("darker", "brighter"),
            "contrast": ("less contrast", "more contrast"),
            "colour": ("less colour", "more colour"),
            "sharpness": ("softer", "sharper"),
        }
        changes = [
            f"{names[axis.name][value > 0]} {round(100 * abs(value) * strength)} %"
            for axis in fields(prompt.grade)
            if (value := getattr(prompt.grade, axis.name))
        ]
        lines += [f"graded: {', '.join(changes)}"] if changes else []
    if prompt.guessed:
        lines.append(
            "taken for the nearest look: " + ", ".join(f"{w} → {name}" for w, name in prompt.guessed)
        )
    if prompt.unknown:
        named = ", ".join(prompt.unknown[:_TOLD])
        more = len(prompt.unknown) - _TOLD
        lines.append(f"not understood, so without effect: {named}{f' and {more} more' if more > 0 else ''}")
    return tuple(lines)


@dataclass
class _Reading:
    """What has been read of a prompt so far."""

    nearest: Nearest
    asked: dict[str, float] = field(default_factory=dict[str, float])
    refused: set[str] = field(default_factory=set[str])
    grades: dict[str, float] = field(default_factory=dict[str, float])
    spared: set[str] = field(default_factory=set[str])
    unknown: list[str] = field(default_factory=list[str])
    guessed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    last: str | None = None

    def clause(self, words: list[str]) -> None:
        """Reads one clause."""
        amount: str | None = None
        negated, before, found, at = False, False, False, 0
        while at < len(words):
            name, length = _look_at(words, at)
            word = words[at]
            if name is None and word not in AMOUNTS and word not in GRADES and not _passed_over(word):
                name = self.nearest(word)
                if name is not None:
                    self.guessed.append((word, name))
            at += length
            if name is not None:
                self._look(name, amount, negated=negated)
            elif word in GRADES:
                self._grade(word, amount, negated=negated)
            elif word in NOT:
                negated = True
                continue
            elif word in ("or", "nor"):
                negated = negated or before  # "no fog or rain"
                continue
            elif word in AMOUNTS or word.endswith("%"):
                # Of several, such as "a little bit" or "very subtle", the last one counts; "a little less" is less.
                amount = word
                continue
            else:
                if not _passed_over(word):
                    self.unknown.append(word)
                    negated = False
                continue
            amount, before, negated, found = None, negated, False, True
        if amount is None:
            return
        if (amount in AFTER or amount.endswith("%")) and self.last is not None:
            self._amend(amount)
        elif amount in ("soft", "softly"):
            self._grade("softer", None, negated=negated)
        elif not found and amount not in FILLER:
            self.unknown.append(amount)

    def _look(self, name: str, amount: str | None, *, negated: bool) -> None:
        if negated:
            self.refused.add(name)
            self.asked.pop(name, None)
            return
        self.refused.discard(name)
        self.asked[name] = _share(amount)
        self.last = name

    def _grade(self, word: str, amount: str | None, *, negated: bool) -> None:
        for axis, value in GRADES[word]:
            if negated and word in THINGS:
                self.grades[axis] = -1.0
            elif negated:
                self.grades.pop(axis, None)
                self.spared.add(word)
            elif amount in LESS:
                self.grades[axis] = -value
            else:
                # "more contrast" is what "contrast" says already; "much" and "very" are twice as much.
                share = 1.0 if amount == "more" else _share(amount)
                self.grades[axis] = value * (2.0 if share == MOST else share)
            self.last = axis if not negated else self.last

    def _amend(self, amount: str) -> None:
        """The amount that follows what it is about: "fog, just a little"."""
        assert self.last is not None
        if self.last in self.asked:
            self.asked[self.last] = _share(amount)
        elif self.last in self.grades:
            share = _share(amount)
            self.grades[self.last] *= 2.0 if share == MOST else share


def _share(amount: str | None) -> float:
    if amount is None:
        return 1.0
    if amount.endswith("%"):
        return min(MOST, float(amount.rstrip("% ")) / 100)
    return AMOUNTS[amount]


def _passed_over(word: str) -> bool:
    return word in FILLER or word in NOT or word.endswith("%") or word.isdigit()


def _look_at(words: list[str], at: int) -> tuple[str | None, int]:
    """(name of the look that the longest phrase from `at` on means or None, number of words read)."""
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        name = _PHRASES.get(tuple(words[at : at + length]))
        if name is not None:
            return name, length
    return None, 1


def _nothing(why: str) -> BadParameter:
    return BadParameter(
        f"restyling failed: {why}",
        hint=f"its looks are {', '.join(CATALOGUE)}; or words such as warmer, darker, less contrast; or restyle like "
        "another picture",
    )
