"""How these engines are asked: parameters that they share, and the words they put around what a user says."""

from __future__ import annotations

from typing import cast

from forkframe.engines.protocol import Context, Pixels
from forkframe.errors import BadInput
from forkframe.model.recipe import Recipe, Role
from forkframe.params import Choice, Number, Text

SEEN = "November 2026"
"""When the prices were looked up."""

BETWEEN = "One continuous shot that changes smoothly from the first picture into the last"
"""What a transition is asked for where nobody says anything else."""
ALIVE = "The scene comes alive with gentle, natural motion"
"""The same for a picture that is to move."""

LOOKS = (
    "watercolour on rough paper",
    "oil paint with visible brushwork",
    "pencil drawing",
    "night, lit by neon",
    "golden hour",
)

STRENGTH = Number(name="strength", title="How far from the original", default=0.5, ui="slider")


def prompt(title: str, default: str = "", *, longest: int, examples: tuple[str, ...] = ()) -> Text:
    """The parameter for a user's words."""
    return Text(name="prompt", title=title, default=default, longest=longest, ui="prompt", examples=examples)


def model(*options: str) -> Choice:
    """The parameter that chooses a model; the first is the default."""
    return Choice(name="model", title="Model", options=options)


def resolution(*options: str, default: str = "") -> Choice:
    """The parameter that chooses how large a result is made, before it is scaled to the frame."""
    return Choice(name="resolution", title="Resolution", options=options, default=default)


def text_of(request: Recipe, name: str) -> str:
    """A parameter that is text, without space around it."""
    return cast("str", request.parameters[name]).strip()


def pictures_of(request: Recipe, context: Context, *roles: Role) -> list[Pixels]:
    """The recipe's pictures of these roles, in order."""
    return [context.image(i.pixels) for role in roles for i in request.inputs if i.role == role]


def described(request: Recipe) -> str:
    """What a picture that is made from nothing shows.

    Raises:
        BadInput: nobody said it.
    """
    words = text_of(request, "prompt")
    if not words:
        raise BadInput("nobody said what the picture should show", hint="describe it in the prompt")
    return words


def varied(request: Recipe, *, picture: str) -> str:
    """The words that ask for another version of a `picture`, which is how the provider knows it."""
    strength = cast("float", request.parameters["strength"])
    how = "slightly" if strength < 1 / 3 else "clearly" if strength < 2 / 3 else "boldly"
    return f"A {how} different version of {picture}: other details, other light, another composition of the same scene. {text_of(request, 'prompt')}".strip()


def restyled(request: Recipe, *, picture: str, styles: str) -> str:
    """The words that ask for a `picture` in a look: the user's words, that of other pictures (`styles`), or both.

    Raises:
        BadInput: there is neither.
    """
    words = text_of(request, "prompt")
    if not words and not styles:
        raise BadInput(
            "nobody said in which look", hint="describe it in the prompt, or name a picture that has it"
        )
    look = " and ".join(filter(None, (words, styles and f"the style of {styles}")))
    return f"Show {picture} in this look: {look}. Keep its subject, composition and framing."
