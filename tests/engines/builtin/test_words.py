import socket

import numpy as np
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from forkframe.engines.builtin import BuiltinEngine, words
from forkframe.engines.builtin.prompt import misspelt, parse_prompt, told
from forkframe.errors import EngineUnavailable
from forkframe.studio.doctor import examine

PLAIN = "builtin.restyle@3"

MEANINGS = {
    "[UNK]": (0, 0, 0, 0),
    "fog": (1, 0, 0, 0),
    "night": (0, 1, 0, 0),
    "oil": (0, 0, 1, 0),
    "brume": (0.9, 0.2, 0, 0),
    "spooky": (0.3, 0.8, 0, 0.1),
    "castle": (0.2, 0.2, 0.2, 0.9),
}


def lay_down(folder, *, times=1.0):
    """A model that knows a handful of words, as the library saves one."""
    vocabulary = {word: number for number, word in enumerate(MEANINGS)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.array(list(MEANINGS.values()), np.float32) * np.float32(times)
    StaticModel(vectors=vectors, tokenizer=tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder of a tiny model, set; and no way out of this machine."""
    folder = lay_down(tmp_path / "words")
    monkeypatch.setenv(words.VARIABLE, str(folder))

    def refused(*_args, **_more):
        raise AssertionError("nothing is fetched")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    return folder


def restyle_algorithm():
    return BuiltinEngine().card().operations["restyle"].algorithm


def test_an_unknown_word_is_taken_for_the_look_nearest_in_meaning_and_said(here):
    prompt = parse_prompt("a spooky castle in brume", nearest=words.reader(restyle_algorithm(), misspelt))
    assert [name for name, _ in prompt.looks] == ["night", "fog"]
    assert prompt.unknown == ("castle",), "near to nothing"
    assert "taken for the nearest look: spooky → night, brume → fog" in told(prompt)


def test_a_slip_of_the_pen_is_put_right_before_meanings_are_asked(here):
    prompt = parse_prompt("watercolur", nearest=words.reader(restyle_algorithm(), misspelt))
    assert prompt.guessed == (("watercolur", "watercolour"),)


def test_the_weights_fingerprint_stands_in_the_version_so_that_a_recipe_keeps_its_pixels(here, monkeypatch):
    made_with = restyle_algorithm()
    assert made_with.startswith(f"{PLAIN}+words-")
    assert words.reader(PLAIN, misspelt)("spooky") is None, "a recipe from before has no vectors asked"
    lay_down(here, times=2.0)
    assert restyle_algorithm() != made_with
    with pytest.raises(EngineUnavailable, match="other weights"):
        words.reader(made_with, misspelt)
    monkeypatch.delenv(words.VARIABLE)
    assert restyle_algorithm() == PLAIN
    with pytest.raises(EngineUnavailable):
        words.reader(made_with, misspelt)


@pytest.mark.parametrize("lacking", ["folder", "model.safetensors", "tokenizer.json"])
def test_without_weights_words_are_read_as_before_and_the_doctor_says_how_to_get_them(
    here, lacking, monkeypatch
):
    if lacking == "folder":
        monkeypatch.setenv(words.VARIABLE, str(here / "elsewhere" / "minishlab"))
    else:
        (here / lacking).unlink()
    assert restyle_algorithm() == PLAIN
    finding = next(f for f in examine() if f.name == "words")
    assert (finding.ok, finding.optional) == (False, True)
    assert words.FETCH in finding.advice


def test_the_doctor_says_where_the_words_are(here):
    finding = next(f for f in examine() if f.name == "words")
    assert finding.ok
    assert str(here) in finding.found


def test_damaged_weights_are_an_error_that_says_what_to_do(here):
    (here / "model.safetensors").write_bytes(b"not at all")
    with pytest.raises(EngineUnavailable, match="can't be read") as caught:
        words.reader(restyle_algorithm(), misspelt)("spooky")
    assert words.FETCH in caught.value.hint


def test_weights_are_fetched_only_by_name_and_laid_down_for_later(here, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["words", str(here), str(tmp_path / "kept")])
    words.main()
    monkeypatch.setenv(words.VARIABLE, str(tmp_path / "kept"))
    assert words.missing() == ""
    assert words.reader(restyle_algorithm(), misspelt)("spooky") == "night"
