"""Which texts are told to be nearly the same."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from detectors.hostility.normal import fold
from detectors.likeness import SHORTEST, same_text
from detectors.similarity import sketches
from streams.simulate.text import HOSTILE_MARKERS

BASE = f"everyone should see what this {HOSTILE_MARKERS[0]} wrote about the harbour yesterday evening"
CHINESE = "大家都应该看看这个人昨天晚上在港口写了什么东西"
OTHERS = [
    "the kettle on the balcony is green and quiet",
    "my bicycle was repaired in the village workshop",
    "which chapter of the notebook did you enjoy most",
    "a narrow tunnel leads from the station to the market",
]


def near_duplicates(texts: list[str]) -> list[list[int]]:
    return same_text([f"a{number}" for number in range(len(texts))], sketches(fold(texts), SHORTEST))


def noisy(text: str, random: Random) -> str:
    words = text.split()
    words.insert(random.randrange(len(words) + 1), random.choice(["really", "so", "just"]))
    hidden = random.randrange(len(text))
    joined = " ".join(words)
    joined = joined[:hidden] + "\u200b" + joined[hidden:]
    return random.choice([joined, joined.upper(), joined + "!!!", f"@somebody {joined} https://example.org/x"])


@given(st.integers(0, 10**6), st.integers(3, 30))
def test_copies_with_noise_are_one_group(seed: int, copies: int) -> None:
    random = Random(seed)
    texts = [noisy(BASE, random) for _ in range(copies)] + OTHERS

    assert near_duplicates(texts) == [list(range(copies))]


def test_chinese_copies_are_found() -> None:
    assert near_duplicates([CHINESE, CHINESE + "啊", "快看, " + CHINESE, "今天天气很好我们去公园散步吧"]) == [[0, 1, 2]]


def test_different_texts_are_in_no_group() -> None:
    assert near_duplicates(OTHERS) == []


def test_two_are_too_few_and_short_texts_too_usual() -> None:
    assert near_duplicates([BASE, BASE, *OTHERS]) == []
    assert near_duplicates(["lol"] * 50 + ["congratulations"] * 50 + ["so true"] * 50 + ["哈哈哈"] * 50) == []


def test_nothing_is_no_duplicate() -> None:
    assert near_duplicates([]) == []
