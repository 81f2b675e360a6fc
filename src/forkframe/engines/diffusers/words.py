"""The words that a model is given: the user's, in a sentence that says what is asked of the pictures."""

from __future__ import annotations

from forkframe.errors import BadInput
from forkframe.model.recipe import Recipe

MOVES = {
    "as the words say": "",
    "still": "The camera does not move.",
    "push in": "The camera moves slowly forward.",
    "pull out": "The camera moves slowly back.",
    "pan left": "The camera pans slowly to the left.",
    "pan right": "The camera pans slowly to the right.",
    "tilt up": "The camera tilts slowly upwards.",
    "tilt down": "The camera tilts slowly downwards.",
    "orbit": "The camera moves in an arc around the subject.",
}
"""What the parameter `camera` can be, and what a model is told."""

_VARIED = (
    "The same scene and style, seen a little differently: small changes of detail, light and placement.",
    "Another picture of the same series: the same subject, palette and technique in a new composition.",
    "A new picture by the same hand: another subject and composition, the same palette, technique and mood.",
)


def words_of(request: Recipe) -> str:
    """What the model of a request is told.

    Raises:
        BadInput: there is nothing to go by.
    """
    said = str(request.parameters["prompt"]).strip()
    styles = sum(item.role == "style" for item in request.inputs)
    match request.operation:
        case "generate":
            if not said and not styles:
                raise BadInput("there is nothing to make a picture of", hint="give a prompt")
            return _joined(said, "In the style of the reference pictures." * bool(styles))
        case "vary":
            strength = float(str(request.parameters["strength"]))
            return _joined(_VARIED[min(int(strength * len(_VARIED)), len(_VARIED) - 1)], said)
        case "restyle":
            if not said and not styles:
                raise BadInput("there is no style to go by", hint="give a prompt or a reference")
            like = "Redraw the first picture in the style of the others, and keep its composition." * bool(
                styles
            )
            return _joined(like, said)
        case "animate":
            moved = MOVES[str(request.parameters["camera"])]
            return _joined(said or "The scene comes gently to life.", moved)
        case _:
            return said or "One continuous shot in which the first picture changes smoothly into the last."


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
