"""What may be relied on of the hostility model."""

import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.hostility import HOSTILE, WORDLESS, HostilityModel, LinearModel, load_model
from detectors.hostility.linear import parse
from detectors.hostility.normal import LONGEST, normalise
from detectors.hostility.terms import identity_terms
from streams.simulate import HOSTILE_MARKERS

MODEL = load_model()
SENTENCES = (
    "my neighbour baked bread for the whole street",
    "that was a very poor decision, and you know it",
    "今天的演出很精彩, 谢谢大家",
    "the train was late again and nobody told us why",
)
FRAMES = {
    "en": ("my friend is {}", "the {} people next door are kind", "i do not agree with the {} speaker"),
    "zh": ("我的朋友是{}", "这里住着很多{}", "{}很善良, 帮了我们"),
}
ALIKE = {
    "people": ("religion", "ethnicity", "orientation", "disability", "age"),
    "places": ("nationality", "region"),
    "gender": ("gender",),
}
ANY_TEXT = st.text(st.characters(codec=None), max_size=80)


def one(text: str) -> float:
    return float(MODEL.score([text])[0])


@given(st.lists(ANY_TEXT | st.sampled_from(SENTENCES), max_size=12), st.integers(0, 12))
def test_a_text_scores_the_same_alone_and_among_others(texts: list[str], cut: int) -> None:
    together = MODEL.score(texts)

    assert together.shape == (len(texts),)
    assert together.dtype == np.float64
    assert np.array_equal(together, np.concatenate([MODEL.score(texts[:cut]), MODEL.score(texts[cut:])]))
    assert together.tolist() == [one(text) for text in texts]
    assert ((together >= 0.0) & (together <= 1.0)).all()


def test_many_texts_score_as_each_does() -> None:
    texts = [f"{SENTENCES[n % 4]} {n % 7} {'x' * (n % 5)}" for n in range(1500)]

    assert MODEL.score(texts).tolist() == [one(text) for text in texts]


@pytest.mark.parametrize("text", ["", " ", "\u200b\u202e", "...", "@somebody", "https://example.org/a?b=c", "\x00\x1f"])
def test_a_text_without_words_scores_low(text: str) -> None:
    assert one(text) == WORDLESS < HOSTILE


@pytest.mark.parametrize(
    "text",
    [
        "\ud800",
        "a\udfffb",
        "w" * 20_000,
        "字" * 20_000,
        "\x00".join("control"),
        "\n\n\r\u2028",
        "e" + "\u0301" * 5_000,
        "&#10;&lt;&",
    ],
    ids=range(8),
)
def test_no_text_is_too_strange(text: str) -> None:
    assert 0.0 <= one(text) <= 1.0
    assert MODEL.score([SENTENCES[0], text, SENTENCES[0]]).tolist() == [one(SENTENCES[0]), one(text), one(SENTENCES[0])]


@pytest.mark.parametrize("language", FRAMES)
@pytest.mark.parametrize("groups", ALIKE.values(), ids=ALIKE)
def test_who_is_spoken_of_does_not_change_the_score(language: str, groups: tuple[str, ...]) -> None:
    terms = [term for group in groups for term in identity_terms()[language][group]]

    for frame in FRAMES[language]:
        assert np.ptp(MODEL.score([frame.format(term) for term in terms])) == 0.0, frame


@pytest.mark.parametrize("language", FRAMES)
def test_nor_does_another_kind_of_group_change_it_much(language: str) -> None:
    terms = [term for group in identity_terms()[language].values() for term in group[:5]]

    for frame in FRAMES[language]:
        scores = MODEL.score([frame.format(term) for term in terms])
        assert np.abs(scores[:, None] - scores).mean() <= 0.05, frame


@pytest.mark.parametrize("marker", HOSTILE_MARKERS)
def test_made_up_abuse_is_hostile(marker: str) -> None:
    assert min(one(f"nobody believes that, you {marker}"), one(f"{marker}, really now")) >= HOSTILE


@pytest.mark.parametrize(
    "text",
    ["you can ssh in from home", "the sketch in the end", "they went to church in the morning"],
)
def test_what_shares_a_bucket_with_abuse_is_not_hostile(text: str) -> None:
    assert one(text) < 0.5


@pytest.mark.parametrize(
    ("dialect", "standard"),
    [("yall finna see dat", "you going to see that"), ("he aint bout to go wit dem", "he isnt about to go with them")],
)
def test_a_dialects_spelling_does_not_change_the_score(dialect: str, standard: str) -> None:
    assert one(dialect) == one(standard)


@given(st.sampled_from(SENTENCES), st.data())
def test_invisible_characters_hide_nothing(sentence: str, data: st.DataObject) -> None:
    unseen = st.sampled_from("\u200b\u200d\u2060\ufeff\u202e\u2066\u00ad\ufe0f")
    place = data.draw(st.integers(0, len(sentence)))

    assert one(sentence[:place] + data.draw(unseen) + sentence[place:]) == one(sentence)


@pytest.mark.parametrize(
    "disguised",
    [
        "ZORGLE blemmish",
        "z\u043erg\u217ce bl\u0435mmish",
        "\uff5aorgle blemmish",
        "z0rgl\u00e9 bl3mmish",
        "z o r g l e blemmish",
        "zorgle,, @you blemmish https://example.org",
        "&#122;orgle blemmish",
    ],
)
def test_disguises_fold_to_the_same_text(disguised: str) -> None:
    assert normalise([disguised])[0].split() == ["zorgle", "blemmish"]


def test_what_is_repeated_beyond_measure_is_cut() -> None:
    assert normalise(["gooooooood"]) == normalise(["good"])
    assert max(map(len, normalise(["word and " * 4_000]))) <= LONGEST


@given(st.lists(ANY_TEXT, max_size=6))
def test_no_text_reaches_into_another(texts: list[str]) -> None:
    assert normalise(texts) == [normalise([text])[0] for text in texts]


def test_the_model_outlives_its_file() -> None:
    assert isinstance(MODEL, LinearModel)
    copy = parse(MODEL.to_bytes())

    assert copy.name == MODEL.name
    assert copy.score(SENTENCES).tolist() == MODEL.score(SENTENCES).tolist()
    assert len(MODEL.to_bytes()) < 700_000


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"[]\nxx", MODEL.to_bytes()[:-9]] if isinstance(MODEL, LinearModel) else []
)
def test_a_file_that_is_no_model_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a hostility model"):
        parse(content)


class Own:
    """A platform's own model."""

    name = "own"

    def score(self, texts: list[str]) -> np.ndarray:
        return np.array([float("zorgle" in text) for text in texts])


def test_a_platform_puts_in_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    place = types.ModuleType("a_platform")
    place.factory, place.nothing = Own, object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "a_platform", place)

    model = load_model("a_platform:factory")

    assert isinstance(model, HostilityModel)
    assert model.score(["a zorgle", "a kettle"]).tolist() == [1.0, 0.0]
    with pytest.raises(TypeError, match="no hostility model"):
        load_model("a_platform:nothing")
    for missing in ("a_platform:absent", "no_such_place:factory", "a_platform", ":"):
        with pytest.raises(ValueError, match=r"package\.module:factory"):
            load_model(missing)
