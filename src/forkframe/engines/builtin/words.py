"""Words that no look has: which look is nearest in meaning, by a small table of word vectors that the user has put here.

Extra `forkframe[words]`: the library model2vec (numpy, no torch) and a folder of static embeddings (van Dongen and
Tulkens, "Model2Vec", 2024), named by `FORKFRAME_WORDS`. Nothing is ever fetched while restyling; whoever wants weights
fetches them once, by name:

    python -m forkframe.engines.builtin.words minishlab/potion-base-8M FOLDER

The vectors decide what a prompt means, so their fingerprint stands in the version of `restyle`: the same recipe gives
the same pixels, with these words or without.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from forkframe.engines.builtin.catalogue import CATALOGUE
from forkframe.engines.settings import setting
from forkframe.errors import EngineUnavailable

if TYPE_CHECKING:
    import numpy as np
    from model2vec import StaticModel
    from numpy.typing import NDArray

    from forkframe.engines.builtin.prompt import Nearest

VARIABLE = "FORKFRAME_WORDS"
"""The environment variable that names the folder of the weights; a user's own setting is called `words`."""
FETCH = "python -m forkframe.engines.builtin.words minishlab/potion-base-8M FOLDER"
_FILES = ("config.json", "tokenizer.json", "model.safetensors")
_NEAR = 0.45
"""Cosine below which a word is not near a look: then it is named as not understood, as without vectors."""
_MARK = "+words-"


def folder() -> Path | None:
    """Where the weights shall lie; None if nobody has said."""
    named = setting("words", VARIABLE)
    return Path(named).expanduser() if named else None


def missing() -> str:
    """What there is to do before words are understood by their meaning; "" if they are."""
    if find_spec("model2vec") is None:
        return f"pip install 'forkframe[words]', {FETCH}, and set {VARIABLE} to that folder"
    place = folder()
    if place is None:
        return f"{FETCH}, and set {VARIABLE} to that folder"
    lacking = [name for name in _FILES if not (place / name).is_file()]
    return f"{place} has no {', '.join(lacking)}: {FETCH}" if lacking else ""


def version(plain: str) -> str:
    """The version of `restyle`: `plain`, and the fingerprint of the weights where there are some."""
    place = folder()
    return plain if place is None or missing() else f"{plain}{_MARK}{_fingerprint(place)}"


def reader(algorithm: str, otherwise: Nearest) -> Nearest:
    """Says which look an unknown word means, as a recipe's version has it.

    Args:
        algorithm: of the recipe. Without a fingerprint no vectors are asked, even where there are some.
        otherwise: asked first, and alone without vectors.

    Raises:
        EngineUnavailable: the recipe was made with weights that are not here.
    """
    _, mark, wanted = algorithm.partition(_MARK)
    if not mark:
        return otherwise
    place = folder()
    if place is None or missing() or _fingerprint(place) != wanted:
        raise EngineUnavailable(
            f"this look was asked for in words read with other weights ({wanted})",
            hint=f"set {VARIABLE} to the folder that had them, or ask for the look anew",
        )

    def nearest(word: str) -> str | None:
        return otherwise(word) or nearest_look(word, place)

    return nearest


def nearest_look(word: str, place: Path) -> str | None:
    """The look one of whose words is nearest to `word` (cosine of their vectors); None if none is near."""
    import numpy as np

    model, names, vectors = _looks(place, _fingerprint(place))
    likeness = vectors @ _vectors(model, [word])[0]
    best = int(np.argmax(likeness))
    return names[best] if likeness[best] >= _NEAR else None


@lru_cache(maxsize=1)
def _looks(place: Path, _fingerprint: str) -> tuple[StaticModel, tuple[str, ...], NDArray[np.float32]]:
    """The model; and every word of every look: the look's name, and the word's vector of length 1."""
    from model2vec import StaticModel

    try:
        # The files are there (`missing`): a folder that is not would be looked for elsewhere.
        model = StaticModel.from_pretrained(place, force_download=False)
    except Exception as error:
        raise EngineUnavailable(
            f"the words in {place} can't be read: {error}", hint=f"fetch them again: {FETCH}"
        ) from error
    pairs = [
        (name, phrase)
        for name, entry in CATALOGUE.items()
        for phrase in dict.fromkeys((name, entry.title.lower(), *entry.words))
    ]
    names, phrases = zip(*pairs, strict=True)
    return model, names, _vectors(model, list(phrases))


def _vectors(model: StaticModel, texts: list[str]) -> NDArray[np.float32]:
    """`(N, D)` float32 of length 1 each; 0 for what the model has no token for."""
    import numpy as np

    vectors = np.asarray(model.encode(texts, use_multiprocessing=False), np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-6))


def _fingerprint(place: Path) -> str:
    """Eight hexadecimal digits that tell weights apart."""
    facts = [(place / name).stat() for name in _FILES]
    return _hashed(place, tuple((fact.st_size, fact.st_mtime_ns) for fact in facts))


@lru_cache(maxsize=4)
def _hashed(place: Path, _as_of: tuple[tuple[int, int], ...]) -> str:
    digest = sha256()
    for name in _FILES:
        digest.update((place / name).read_bytes())
    return digest.hexdigest()[:8]


def fetch(name: str, into: Path) -> None:
    """Fetches weights by name from the Hub, or from another folder, and lays them down; only when a user says so."""
    from model2vec import StaticModel

    StaticModel.from_pretrained(name, force_download=False).save_pretrained(into)


def main() -> None:
    """`python -m forkframe.engines.builtin.words NAME FOLDER`."""
    if len(sys.argv) != 3:
        sys.exit(f"usage: {FETCH}")
    if find_spec("model2vec") is None:
        sys.exit("model2vec is not installed: pip install 'forkframe[words]'")
    name, into = sys.argv[1], Path(sys.argv[2]).expanduser()
    try:
        fetch(name, into)
    except Exception as error:  # noqa: BLE001 - what goes wrong on the way here has no common name
        sys.exit(f"{name} could not be fetched into {into}: {error}")
    print(f"words are in {into}; set {VARIABLE}={into}")


if __name__ == "__main__":
    main()
