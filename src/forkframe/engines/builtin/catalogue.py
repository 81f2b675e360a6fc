"""The looks by name: what they are called, what else asks for them, in which order they go on a picture.

Standard library only, so that a card or a panel can list them without loading what draws them; how each one is
painted stands in `looks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Family = Literal["season", "time of day", "light", "weather", "film", "paint", "drawing", "print"]
MOST = 1.25
"""The largest amount of a look: beyond its full effect by a quarter of the way there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A look as people name it.

    Attributes:
        name: as prompts and people write it.
        family: what it is grouped with.
        title: as a panel shows it.
        words: other words that ask for it, in lower case; several words joined by blanks are one.
        brings: looks that come along unless the prompt forbids them, with their amounts.
    """

    name: str
    family: Family
    title: str
    words: tuple[str, ...]
    brings: Mapping[str, float] = field(default_factory=dict[str, float])


ENTRIES = (
    Entry("spring", "season", "Spring", ("springtime", "spring day", "blossom", "blossoms", "cherry blossom")),
    Entry("autumn", "season", "Autumn", ("autumnal", "fall colours", "fall colors", "autumn leaves", "leaves")),
    Entry("winter", "season", "Winter", ("wintry", "frost", "frosty", "hoarfrost", "icy", "frozen", "ice")),
    Entry(
        "morning", "time of day", "Morning",
        ("dawn", "sunrise", "early morning", "daybreak", "in the morning", "first light"),
    ),
    Entry(
        "evening", "time of day", "Evening",
        ("sunset", "golden hour", "golden", "sundown", "late afternoon", "low sun"),
    ),
    Entry("dusk", "time of day", "Dusk", ("blue hour", "twilight", "nightfall", "after sunset")),
    Entry(
        "night", "time of day", "Night",
        ("midnight", "moonlight", "moonlit", "nocturnal", "nighttime", "starry", "stars", "starlight"),
    ),
    Entry(
        "backlight", "light", "Backlight",
        ("backlit", "sunbeams", "sunbeam", "sun rays", "god rays", "rays", "sunlit", "sunny", "sunlight"),
    ),
    Entry(
        "candlelight", "light", "Candlelight",
        ("candle light", "candle", "candles", "lamplight", "lamplit", "lamp", "firelight", "fireside", "cosy", "cozy"),
    ),
    Entry("neon", "light", "Neon", ("cyberpunk", "synthwave", "glowing", "neon lights", "neon light")),
    Entry("fog", "weather", "Fog", ("foggy", "mist", "misty", "haze", "hazy")),
    Entry("rain", "weather", "Rain", ("rainy", "raining", "drizzle", "downpour", "rainfall", "wet")),
    Entry("storm", "weather", "Storm", ("stormy", "thunderstorm", "thunder", "lightning", "tempest")),
    Entry("snow", "weather", "Snow", ("snowy", "snowfall", "snowing", "blizzard")),
    Entry(
        "noir", "film", "Film noir",
        ("black and white", "monochrome", "film noir", "greyscale", "grayscale", "b&w"), {"grain": 0.45},
    ),
    Entry(
        "vintage", "film", "Faded print",
        ("retro", "old", "faded", "faded print", "aged", "nostalgic", "analog", "analogue"), {"grain": 0.4},
    ),
    Entry(
        "sepia", "film", "Sepia print",
        ("daguerreotype", "old photograph", "old photo", "antique", "victorian"), {"grain": 0.25},
    ),
    Entry("cyanotype", "film", "Cyanotype", ("blueprint", "sun print", "prussian blue")),
    Entry(
        "oil", "paint", "Oil",
        ("oil painting", "oil paint", "painting", "painted", "painterly", "impressionist"),
    ),
    Entry(
        "watercolour", "paint", "Watercolour",
        ("watercolor", "water colour", "water color", "aquarelle"),
    ),
    Entry(
        "storybook", "paint", "Storybook",
        ("children's book", "childrens book", "picture book", "fairy tale", "fairytale", "gouache", "illustration",
         "illustrated"),
    ),
    Entry("pencil", "drawing", "Pencil", ("sketch", "sketched", "pencil drawing", "drawing", "drawn", "graphite")),
    Entry("charcoal", "drawing", "Charcoal", ("charcoal drawing", "coal")),
    Entry("chalk", "drawing", "Chalk pastel", ("pastels", "chalk pastel", "pastel drawing", "crayon", "chalks")),
    Entry(
        "ink", "drawing", "Ink",
        ("comic", "comic book", "cartoon", "inked", "line art", "graphic novel", "manga"),
    ),
    Entry("halftone", "print", "Halftone", ("newspaper", "newsprint", "dots", "pop art", "magazine")),
    Entry("risograph", "print", "Risograph", ("riso", "zine", "two-colour print", "spot colour")),
    Entry("linocut", "print", "Linocut", ("woodcut", "lino", "block print", "lino print", "woodblock")),
    Entry("engraving", "print", "Engraving", ("engraved", "etching", "etched", "banknote", "copperplate")),
    Entry("poster", "print", "Poster", ("screenprint", "screen print", "silkscreen", "travel poster", "propaganda")),
    Entry("grain", "film", "Film grain", ("grainy", "film grain")),
)  # fmt: skip
"""Every look, in the order in which several are applied: the world first, then how it was taken down, grain at last."""

CATALOGUE: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in ENTRIES})
"""The entries by name, in the same order."""

_FAMILIES: tuple[Family, ...] = (
    "time of day", "weather", "season", "light", "film", "paint", "drawing", "print",
)  # fmt: skip


def looks_by_family() -> dict[Family, tuple[Entry, ...]]:
    """The looks in families, as a panel lists them: families and looks in a sensible order for reading."""
    return {family: tuple(entry for entry in ENTRIES if entry.family == family) for family in _FAMILIES}
