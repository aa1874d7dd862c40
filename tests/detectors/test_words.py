"""What is made of the words of a crowd: whose count, and for how much."""

import random

import pytest

from detectors import speech
from detectors.model import shipped
from detectors.reading import Reader, Reading
from detectors.words import NO_TEXT, SAID, Words, words

SIZE = 60
SLOGAN = "the lantern by the harbour was never yours to paint, give it back today"
CALM = 0.02


def spoken(text: str, hostility: float = CALM) -> Reading:
    return Reader(None).read([text])[0]._replace(hostility=hostility)


def own_words(chance: random.Random) -> str:
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(10))


def crowd(hostility: float, share: float, *, slogan: bool) -> Words:
    """A crowd of whom a share say something this hostile: all the same, or each in words of his own."""
    chance = random.Random(1)
    said = [spoken(own_words(chance)) for _ in range(SIZE)]
    for at in range(round(share * SIZE)):
        said[at * 7 % SIZE] = spoken(SLOGAN if slogan else own_words(chance), hostility)
    return words([f"a{at}" for at in range(SIZE)], said, [])


def strength(said: Words) -> float:
    return speech.hostility(said, [None] * SIZE, shipped().population).signal.strength


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_a_doubtful_reading_of_what_many_say_alike_is_one_reading(share: float) -> None:
    assert strength(crowd(0.8, share, slogan=True)) < 0.0 < strength(crowd(0.8, share, slogan=False))
    assert strength(crowd(0.99, share, slogan=True)) == strength(crowd(0.99, share, slogan=False))


def test_and_calm_words_that_many_say_alike_are_as_calm() -> None:
    assert strength(crowd(CALM, 1.0, slogan=True)) == strength(crowd(CALM, 1.0, slogan=False)) < 0.0


def test_of_each_the_most_hostile_of_his_texts_counts() -> None:
    said = [spoken("what a day"), spoken("you fool", 0.9), None, spoken("any news?")]
    again = [(0, spoken("go away", 0.95)), (1, spoken("sorry")), (2, spoken("well", 0.3)), (0, None)]
    found = words(["a", "b", "c", "d"], said, [spoken("hello"), None], again)
    assert found.hostile.tolist() == [0.95, 0.9, 0.3, CALM]
    assert found.texts.tolist() == [2, 2, 1, 1]
    assert (found.read, found.others) == (6, 1)
    assert words(["c"], [None], []).hostile.tolist() == [NO_TEXT]


def test_who_says_the_most_that_is_read_is_no_likelier_hostile_for_it() -> None:
    """As hostile as is usual in every text, whatever their number."""
    chance, size = random.Random(2), 200
    usual = shipped().population.hostile
    draws = [[0.98 if chance.random() < usual else CALM for _ in range(SAID)] for _ in range(size)]
    said = [spoken(own_words(chance), first) for first, *_ in draws]
    again = [(at, spoken(own_words(chance), one)) for at, (_, *more) in enumerate(draws) for one in more]
    found = words([f"a{at}" for at in range(size)], said, [], again)
    signal, _ = speech.hostility(found, [None] * size, shipped().population)
    assert signal.value == pytest.approx(signal.baseline, abs=0.05)
    assert signal.strength < 0.0


def test_more_of_what_is_said_in_chinese_is_taken_for_hostile_where_nobody_is_attacked() -> None:
    chance = random.Random(3)
    english = [spoken(own_words(chance), 0.9 if at % 10 == 0 else CALM) for at in range(SIZE)]
    chinese = [one._replace(chinese=True) for one in english]
    names = [f"a{at}" for at in range(SIZE)]
    assert strength(words(names, chinese, [])) < strength(words(names, english, []))
    mixed = strength(words(names, [*chinese[::2], *english[1::2]], []))
    assert strength(words(names, chinese, [])) < mixed < strength(words(names, english, []))
    assert [
        one.chinese for one in Reader(None).read(["这个灯塔从来就不是你的", "the lantern, 你好", "the lantern"])
    ] == [
        True,
        True,
        False,
    ]


def chants(*texts: str) -> list[int]:
    return [one.chant for one in Reader(None).read(texts)]


def test_a_few_words_are_the_same_whatever_stands_behind_them() -> None:
    same = chants("come on", "Come on!!", "  COME   on 82", "come on ...", "@vic come on", "cooome on")
    assert len({*same}) == 1
    others = chants("come in", "🐍", "快滚")
    assert len({same[0], *others}) == 4
    assert {*chants("🐍", "🐍🐍🐍", "🐍 🐍")} == {others[1]}
    assert min(same[0], *others) > 0
    assert chants(SLOGAN, "thank you", "happy birthday!", "谢谢", "82 !", "") == [0] * 6


def chanting(count: int) -> Words:
    said = [spoken("come on") if at < count else spoken(f"well {own_words(random.Random(at))[:4]}") for at in range(20)]
    return words([f"a{at}" for at in range(20)], [*said, None, None], [])


def test_what_a_quarter_of_them_say_is_no_chance_and_tells_less_than_a_sentence_that_they_share() -> None:
    assert [chanting(count).chanting for count in (5, 6, 20)] == [0, 6, 20]
    told = speech.copies(chanting(11))
    assert (told.value, told.strength) == (0.5, 0.25)
    assert chanting(11).copies == []
    assert speech.copies(crowd(CALM, 0.5, slogan=True)).strength == 0.5
