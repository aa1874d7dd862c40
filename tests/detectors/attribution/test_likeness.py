"""Nearly the same words are found, and no others."""

import random

from hypothesis import given
from hypothesis import strategies as st

from detectors.likeness import same_text
from detectors.reading import Reader

LENGTH = len(Reader(None).read(["words enough to be compared with others"])[0].sketch)


def sketch(text: str) -> bytes:
    return Reader(None).read([text])[0].sketch


SLOGAN = "the lantern by the harbour was never yours to paint, give it back today"


def varied(chance: random.Random) -> str:
    words = SLOGAN.split(" ")
    words[chance.randrange(len(words))] = chance.choice(("orchard", "wooden", "pencil"))
    return " ".join(words) + chance.choice(("", "!", " 17", " ..."))


def random_words(chance: random.Random) -> str:
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(10))


def test_a_slogan_with_a_word_changed_is_the_same() -> None:
    chance = random.Random(1)
    texts = [varied(chance) for _ in range(12)] + [random_words(chance) for _ in range(12)]
    groups = same_text([f"a{at}" for at in range(24)], [sketch(text) for text in texts])
    assert len(groups) == 1
    assert set(groups[0]) <= set(range(12))
    assert len(groups[0]) >= 9


def test_case_links_names_and_punctuation_hardly_count() -> None:
    texts = [SLOGAN, f"@vic {SLOGAN.upper()}!!", f"{SLOGAN} https://example.org/7"]
    assert same_text(["a", "b", "c"], [sketch(text) for text in texts]) == [[0, 1, 2]]


def test_short_words_are_no_slogan() -> None:
    assert sketch("not again, really now") == b""
    assert len(sketch("这个灯塔从来就不是你的请把它还回来")) == LENGTH


def test_one_who_repeats_himself_is_no_group() -> None:
    assert same_text(["a"] * 5, [sketch(SLOGAN)] * 5) == []


@given(st.text(max_size=300))
def test_every_text_can_be_read(text: str) -> None:
    (reading,) = Reader(None).read([text])
    assert reading.hostility is None
    assert len(reading.sketch) in (0, LENGTH)


@given(st.lists(st.text(max_size=60), max_size=6))
def test_a_reading_does_not_depend_on_the_other_texts(texts: list[str]) -> None:
    reader = Reader(None)
    assert reader.read(texts) == [one for text in texts for one in reader.read([text])]
