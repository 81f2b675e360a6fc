import pytest

from forkframe.engines.builtin.catalogue import CATALOGUE, ENTRIES, MOST, looks_by_family
from forkframe.engines.builtin.looks import LOOKS
from forkframe.engines.builtin.looks.grade import Grade
from forkframe.engines.builtin.prompt import Prompt, parse_prompt, told
from forkframe.errors import BadParameter


@pytest.mark.parametrize(
    ("text", "looks", "unknown"),
    [
        ("evening", (("evening", 1.0),), ()),
        ("at golden hour, in the style of a watercolor", (("evening", 1.0), ("watercolour", 1.0)), ()),
        ("slightly foggy evening", (("evening", 1.0), ("fog", 0.5)), ()),
        ("a slightly foggy evening, watercolour", (("evening", 1.0), ("fog", 0.5), ("watercolour", 1.0)), ()),
        ("Very snowy NIGHT!", (("night", 1.0), ("snow", MOST)), ()),
        ("fog, just a little", (("fog", 0.5),), ()),
        ("fog just a little", (("fog", 0.5),), ()),
        ("fog 30 %, snow at 120%", (("fog", 0.3), ("snow", 1.2)), ()),
        ("less fog", (("fog", 0.5),), ()),
        ("golden evening light", (("evening", 1.0),), ()),
        ("light snow", (("snow", 0.5),), ()),
        ("rain", (("rain", 1.0),), ()),
        ("a children's book", (("storybook", 1.0),), ()),
        ("a children’s book", (("storybook", 1.0),), ()),
        ("film noir", (("noir", 1.0), ("grain", 0.45)), ()),
        ("black and white, no grain", (("noir", 1.0),), ()),
        ("black-and-white without any grain", (("noir", 1.0),), ()),
        ("vintage without grain but with snow", (("snow", 1.0), ("vintage", 1.0)), ()),
        ("oil painting of dragons in Venice", (("oil", 1.0),), ("dragons", "venice")),
        ("evening and night", (("evening", 0.5), ("night", 0.5)), ()),
        ("an evening, no fog or rain", (("evening", 1.0),), ()),
        ("no fog, evening, foggy after all", (("evening", 1.0), ("fog", 1.0)), ("after",)),
    ],
)
def test_prompts_are_read(text, looks, unknown):
    assert parse_prompt(text) == Prompt(looks, unknown)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("colder", Grade(warmth=-0.5)),
        ("much colder", Grade(warmth=-1)),
        ("a little warmer", Grade(warmth=0.25)),
        ("warmer, just a little", Grade(warmth=0.25)),
        ("darker and softer", Grade(brightness=-0.5, sharpness=-0.5)),
        ("more contrast", Grade(contrast=0.5)),
        ("less contrast, more colour", Grade(contrast=-0.5, colour=0.5)),
        ("much more saturated", Grade(colour=0.5)),
        ("no colour", Grade(colour=-1)),
        ("pastel", Grade(colour=-0.35, brightness=0.4, contrast=-0.3)),
        ("warmer, no, colder", Grade(warmth=-0.5)),
        ("slide film", Grade(colour=0.5, contrast=0.25)),
        ("bleach bypass", Grade(contrast=0.6, colour=-0.5, sharpness=0.3)),
        ("brighter but not warmer", Grade(brightness=0.5)),
    ],
)
def test_words_of_grading_are_read(text, grade):
    assert parse_prompt(text) == Prompt((), (), grade)


def test_looks_and_grades_go_together():
    prompt = parse_prompt("a slightly foggy evening, watercolour, much colder, no grain")
    assert prompt.looks == (("evening", 1.0), ("fog", 0.5), ("watercolour", 1.0))
    assert prompt.grade == Grade(warmth=-1)
    assert prompt.unknown == ()


def test_every_word_of_every_look_asks_for_it_and_for_no_other():
    words = [(word, entry.name) for entry in ENTRIES for word in (entry.name, entry.title, *entry.words)]
    for word, name in words:
        asked = dict(parse_prompt(word).looks)
        assert name in asked, word
        assert set(asked) <= {name, *CATALOGUE[name].brings}, word


def test_every_look_of_the_catalogue_is_painted_and_listed_once():
    assert list(LOOKS) == list(CATALOGUE)
    listed = [entry.name for entries in looks_by_family().values() for entry in entries]
    assert sorted(listed) == sorted(CATALOGUE)
    assert len({entry.title for entry in ENTRIES}) == len(ENTRIES)
    assert len(listed) >= 12


@pytest.mark.parametrize("text", ["cubist dragons", "🐉🔥", "no", "light", "42"])
def test_a_prompt_that_asks_for_nothing_is_refused_and_told_which_looks_there_are(text):
    with pytest.raises(BadParameter) as caught:
        parse_prompt(text)
    assert f"“{text}” names no look" in caught.value.message
    assert all(name in caught.value.hint for name in LOOKS)


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_an_empty_prompt_is_refused_as_empty(text):
    with pytest.raises(BadParameter, match="the prompt is empty"):
        parse_prompt(text)


def test_a_prompt_that_only_refuses_is_told_so():
    with pytest.raises(BadParameter) as caught:
        parse_prompt("not foggy, no snow")
    expected = (
        "restyling failed: “not foggy, no snow” only says what to leave out (fog and snow), not what to give"
    )
    assert caught.value.message == expected


def test_an_endless_prompt_is_answered_in_a_line():
    with pytest.raises(BadParameter) as caught:
        parse_prompt("dragons " * 700)
    assert len(caught.value.message) < 150
    notes = told(parse_prompt("evening " + " ".join(f"dragon{number}" for number in range(500))))
    assert notes[-1].endswith("dragon7 and 492 more")
    assert max(map(len, notes)) < 150


def test_a_slip_of_the_pen_is_taken_for_the_nearest_look_and_said():
    prompt = parse_prompt("watercolur evenning")
    assert [name for name, _ in prompt.looks] == ["evening", "watercolour"]
    assert prompt.guessed == (("watercolur", "watercolour"), ("evenning", "evening"))
    assert "taken for the nearest look: watercolur → watercolour, evenning → evening" in told(prompt)


def test_another_reader_may_say_what_unknown_words_mean():
    def encoder(word):
        return "night" if word == "spooky" else None

    prompt = parse_prompt("spooky castle", nearest=encoder)
    assert prompt == Prompt((("night", 1.0),), ("castle",), guessed=(("spooky", "night"),))


def test_notes_tell_weights_as_they_were_used():
    prompt = parse_prompt("slightly foggy evening with dragons, much colder")
    assert told(prompt, strength=0.8) == (
        "looks used: evening 80 %, fog 40 %",
        "graded: colder 80 %",
        "not understood, so without effect: dragons",
    )
    assert told(parse_prompt("snow"), strength=0) == ("strength 0: the picture was left as it is",)
