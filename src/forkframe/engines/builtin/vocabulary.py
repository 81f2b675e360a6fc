"""The words of prompts that name no look: amounts, grades, refusals and what is passed over."""

from __future__ import annotations

import re

from forkframe.engines.builtin.catalogue import MOST

AMOUNTS = {
    "slightly": 0.5, "slight": 0.5, "subtle": 0.5, "subtly": 0.5, "little": 0.5, "bit": 0.5, "light": 0.5,
    "lightly": 0.5, "gentle": 0.5, "gently": 0.5, "mild": 0.5, "mildly": 0.5, "some": 0.65, "faint": 0.4,
    "faintly": 0.4, "touch": 0.35, "hint": 0.35, "somewhat": 0.65, "soft": 0.65, "softly": 0.65, "half": 0.5,
    "rather": 0.85, "quite": 0.85, "fairly": 0.75, "very": MOST, "much": MOST, "strong": MOST, "strongly": MOST,
    "heavy": MOST, "heavily": MOST, "deep": MOST, "intense": MOST, "extremely": MOST, "really": MOST, "lots": MOST,
    "more": MOST, "dense": MOST, "thick": MOST, "full": MOST, "high": MOST, "far": MOST, "way": MOST, "super": MOST,
    "less": 0.5, "low": 0.5, "reduced": 0.5, "fewer": 0.5,
}  # fmt: skip
"""How much of the look beside them, 1 being the full effect."""

AFTER = frozenset(
    ["slightly", "subtly", "little", "bit", "lightly", "gently", "faintly", "somewhat", "softly", "much", "strongly",
     "heavily", "touch", "mildly"]
)  # fmt: skip
"""The amounts that may follow their look; "light" in "evening light" is no amount."""

LESS = frozenset({"less", "low", "reduced", "fewer"})
"""The amounts that turn a grade round: "less contrast"."""

NOT = frozenset({"no", "not", "without", "never", "none", "minus", "isn't", "don't"})

Axis = str
"""A field of `looks.grade.Grade`."""

GRADES: dict[str, tuple[tuple[Axis, float], ...]] = {
    **dict.fromkeys(("warm", "warmer", "warmth", "warmly", "hot", "hotter"), (("warmth", 0.5),)),
    **dict.fromkeys(("cold", "colder", "cool", "cooler", "coldness", "chilly", "bluer"), (("warmth", -0.5),)),
    **dict.fromkeys(("bright", "brighter", "brightness", "lighter", "airy", "lit"), (("brightness", 0.5),)),
    **dict.fromkeys(("dark", "darker", "darkness", "dim", "dimmer", "gloomy", "moody"), (("brightness", -0.5),)),
    **dict.fromkeys(("contrast", "contrasty", "punchy", "punchier", "dramatic", "harsh"), (("contrast", 0.5),)),
    **dict.fromkeys(("flat", "flatter", "hazier", "matte", "washed"), (("contrast", -0.5),)),
    **dict.fromkeys(("colour", "color", "colours", "colors", "colourful", "colorful", "saturated", "saturation", "vivid", "vibrant", "rich", "richer"), (("colour", 0.5),)),
    **dict.fromkeys(("muted", "desaturated", "dull", "duller", "subdued", "paler", "pale", "drab"), (("colour", -0.5),)),
    **dict.fromkeys(("colourless", "colorless"), (("colour", -1.0),)),
    **dict.fromkeys(("sharp", "sharper", "sharpness", "crisp", "crisper", "clear"), (("sharpness", 0.5),)),
    **dict.fromkeys(("softer", "blurred", "blurry", "blur", "smooth", "smoother"), (("sharpness", -0.5),)),
    **dict.fromkeys(
        ("dreamy", "dreamlike", "ethereal", "romantic"),
        (("sharpness", -0.4), ("brightness", 0.35), ("contrast", -0.2), ("warmth", 0.15)),
    ),
    # Looks of film that are nothing but a grade.
    **dict.fromkeys(("slide", "slides", "transparency", "technicolor", "technicolour"), (("colour", 0.5), ("contrast", 0.25))),
    **dict.fromkeys(("bleach", "bleached", "gritty"), (("contrast", 0.6), ("colour", -0.5), ("sharpness", 0.3))),
    "pastel": (("colour", -0.35), ("brightness", 0.4), ("contrast", -0.3)),
}  # fmt: skip
"""What words of grading change, and by how much when nothing says how much."""

THINGS = frozenset(["contrast", "colour", "color", "colours", "colors", "saturation", "sharpness"])
"""The grades that are things: without them there is none ("no colour"); without "darker" there is just no darkening."""

FILLER = frozenset(
    re.findall(
        r"\w+",
        """a an the this that it its it's in on at by of with as is be to for from into onto like and but plus so too
        also then than i we you he she they them my our your want wanted would should could can will need
        time day style styled look looks looking mood effect effects filter scene image images picture pictures photo
        photos photograph photographs version make makes made making turn turned turning give gives given add adds added
        get keep please all over some kind just only very bit feel feeling feels atmosphere atmospheric weather season
        seem seems seen shot taken film bypass one there here what if were was are do does up out bring out more less tones tone
        palette lighting light everything where while during under through art artwork any too now""",
    )
)


def words_of(text: str) -> list[str]:
    """The words of a clause in lower case: letters, digits and what stands inside them; "30%" is one word."""
    return re.findall(r"\d+(?:\.\d+)?\s*%|[\w&]+(?:['’][\w]+)?", text.lower().replace("’", "'"))
