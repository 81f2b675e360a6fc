"""Prompts: words in, looks out. No language model: the looks' own words, how much, and not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forkframe.engines.builtin.looks import LOOKS, MOST
from forkframe.errors import BadParameter

_AMOUNTS = {
    "slightly": 0.5, "slight": 0.5, "subtle": 0.5, "subtly": 0.5, "little": 0.5, "bit": 0.5, "light": 0.5,
    "lightly": 0.5, "faint": 0.4, "faintly": 0.4, "hint": 0.35, "somewhat": 0.65, "soft": 0.65, "softly": 0.65,
    "half": 0.5, "rather": 0.85, "very": MOST, "much": MOST, "strong": MOST, "strongly": MOST, "heavy": MOST,
    "heavily": MOST, "deep": MOST, "intense": MOST, "extremely": MOST, "really": MOST, "lots": MOST, "more": MOST,
    "dense": MOST, "thick": MOST,
}  # fmt: skip
_AFTER = frozenset(
    [
        "slightly",
        "subtly",
        "little",
        "bit",
        "lightly",
        "faintly",
        "somewhat",
        "softly",
        "much",
        "strongly",
        "heavily",
    ]
)
"""The amounts that may follow their look; "light" in "evening light" is no amount."""
_NOT = frozenset({"no", "not", "without", "never"})
_FILLER = frozenset(
    re.findall(
        r"\w+",
        """a an the this that it its in on at by of with as is be to for from into like and but or plus so too time
        style styled look looks looking mood effect filter scene image picture photo photograph version make made
        turn give add please all over some kind just""",
    )
)
_PHRASES = {
    tuple(_words): name
    for name, look in LOOKS.items()
    for phrase in (name, *look.words)
    if (_words := re.findall(r"[\w&]+", phrase))
}
_LONGEST = max(map(len, _PHRASES))


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompt asks for.

    Attributes:
        looks: names of looks and their weights (0–1.25, 1 being the full effect), in the order they are applied.
        unknown: the words that mean nothing to this engine, in the order they were written.
    """

    looks: tuple[tuple[str, float], ...]
    unknown: tuple[str, ...]


def parse_prompt(text: str) -> Prompt:
    """The looks that a prompt asks for, such as "slightly foggy evening, no grain".

    Amounts ("slightly", "very") go with the look after them, or before them at the end of a phrase ("fog, just a
    little"); "no" and "without" take a look out, one that another look brings along included.

    Raises:
        BadParameter: no word of it names a look.
    """
    asked: dict[str, float] = {}
    refused: set[str] = set()
    unknown: list[str] = []
    for clause in re.split(r"[,;.!?\n]+|\bbut\b", text.lower()):
        _read(re.findall(r"[\w&]+", clause), asked, refused, unknown)
    for name in list(asked):
        for companion, weight in LOOKS[name].brings.items():
            asked.setdefault(companion, min(MOST, weight * asked[name]))
    looks = tuple((name, asked[name]) for name in LOOKS if name in asked and name not in refused)
    if not looks:
        about = f"“{' '.join(text.split())}” names no look"
        if refused:
            about += " to give, only ones to leave out"
        raise BadParameter(
            f"restyling failed: {about} that the built-in engine knows",
            hint=f"its looks are {', '.join(LOOKS)}; or restyle like another picture",
        )
    return Prompt(looks, tuple(dict.fromkeys(unknown)))


def _read(words: list[str], asked: dict[str, float], refused: set[str], unknown: list[str]) -> None:
    """Reads one clause; adds what it finds to the last three arguments."""
    amount: str | None = None
    negated = False
    last = next(reversed(asked), None)
    at = 0
    while at < len(words):
        name, length = _look_at(words, at)
        word = words[at]
        at += length
        if name is not None:
            if negated:
                refused.add(name)
            else:
                asked[name] = _AMOUNTS.get(amount or "", 1.0)
                last = name
            amount, negated = None, False
        elif word in _NOT:
            negated = True
        elif word in _AMOUNTS:
            # Of several, such as "a little bit" or "very subtle", the last one counts.
            amount = word
        elif word not in _FILLER:
            unknown.append(word)
            negated = False
    if amount in _AFTER and last is not None:
        asked[last] = _AMOUNTS[amount]
    elif amount is not None:
        unknown.append(amount)


def _look_at(words: list[str], at: int) -> tuple[str | None, int]:
    """(name of the look that the longest phrase from `at` on means or None, number of words read)."""
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        name = _PHRASES.get(tuple(words[at : at + length]))
        if name is not None:
            return name, length
    return None, 1
