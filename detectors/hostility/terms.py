"""Words that say who somebody is, and spellings of a dialect: what the model must not weigh.

Identity terms become signs, so a sentence scores the same whoever it speaks of (blindness to the term, the strong
form of counterfactual token fairness: Garg et al. 2019). Slurs are not identity terms and stand in no list here.
Spellings usual in African-American English become the standard ones, because corpora have more hostile labels
there than their authors deserve (Sap et al. 2019).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson

SOMEBODY: Final = "\ue000"
"""Stands for an identity term of any group but gender: religion, origin, region, orientation, disability, age."""
GENDER: Final = "\ue001"
"""Stands for a term of gender."""

_PLACES: Final = ("nationality", "region")
_BETWEEN: Final = str.maketrans({chr(code): " " for code in range(128) if not re.match(r"\w", chr(code))})
_PEOPLE: Final = "people|persons?|folks?|community|communities|individuals?"


@cache
def _lists() -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(resources.files(__package__).joinpath("terms.json").read_bytes())
    return content


@cache
def identity_terms() -> dict[str, dict[str, tuple[str, ...]]]:
    """The identity terms by language (`en`, `zh`) and group, as they stand in normalised text."""
    return {
        language: {group: tuple(terms) for group, terms in groups.items()}
        for language, groups in _lists()["identity"].items()
    }


@cache
def dialect() -> dict[str, str]:
    """Dialect spellings and what they become."""
    return dict(_lists()["dialect"])


@cache
def _signs() -> tuple[dict[str, str], dict[str, str]]:
    """What each English and each Chinese term becomes. A Chinese place may stand alone; other terms are people."""
    signs: dict[str, dict[str, str]] = {"en": {}, "zh": {}}
    for language, groups in identity_terms().items():
        for group, terms in groups.items():
            alone = SOMEBODY if language == "en" or group in _PLACES else f"{SOMEBODY}人"
            signs[language] |= dict.fromkeys(terms, GENDER if group == "gender" else alone)
    alike: dict[str, str] = _lists()["alike"]
    for word, standard in alike.items():
        signs["en" if word.isascii() else "zh"][word] = standard
    return signs["en"], signs["zh"]


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    english, chinese = _signs()
    return (
        re.compile(rf"\b{any_of(dialect())}\b"),
        re.compile(rf"\b{any_of(english)}\b"),
        re.compile(rf"([{SOMEBODY}{GENDER}])(?: (?:\1|(?:{_PEOPLE})\b))+"),
        re.compile(any_of(chinese)),
        re.compile(rf"{SOMEBODY}(?:{SOMEBODY}|[人族裔籍])*[人族裔籍]|{SOMEBODY}{{2,}}"),
    )


@cache
def _first_words() -> frozenset[str]:
    """The words with which dialect spellings and English identity terms begin."""
    return first_words([*dialect(), *_signs()[0]])


def neutralise(lines: Sequence[str]) -> list[str]:
    """Normalised texts with dialect spellings made standard and identity terms replaced by their signs."""
    found, named = list(lines), places_of(lines, _first_words())
    if named:
        for place, line in zip(named, _neutral("\n".join(lines[at] for at in named)).split("\n"), strict=True):
            found[place] = line
    return found


def places_of(lines: Sequence[str], words: frozenset[str]) -> list[int]:
    """Which normalised texts may hold one of these words of ASCII letters: all that do, and all that are not ASCII. It takes
    a part of the time that a pattern does.
    """
    return [
        place
        for place, line in enumerate(lines)
        if not line.isascii() or not words.isdisjoint(line.translate(_BETWEEN).split())
    ]


def first_words(phrases: Iterable[str]) -> frozenset[str]:
    """With which words phrases begin."""
    return frozenset(found[0] for phrase in phrases if (found := re.match(r"\w+", phrase)))


def _neutral(text: str) -> str:
    spellings, english, runs, chinese, people = _patterns()
    standard, (signs, characters) = dialect(), _signs()
    text = spellings.sub(lambda found: standard[found[0]], text)
    text = runs.sub(r"\1", english.sub(lambda found: signs[found[0]], text))
    text = text.replace(f"an {SOMEBODY}", f"a {SOMEBODY}")
    if text.isascii():
        return text
    text = chinese.sub(lambda found: characters[found[0]], text)
    return people.sub(lambda found: SOMEBODY if found[0][-1] == SOMEBODY else f"{SOMEBODY}人", text)


def any_of(words: Iterable[str]) -> str:
    """A pattern for the longest of some words, as a trie, so that it tries each character once."""
    trie: dict[str, Any] = {}
    for word in sorted(words):
        node = trie
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _pattern(trie)


def _pattern(trie: dict[str, Any]) -> str:
    branches = [re.escape(character) + _pattern(below) for character, below in trie.items() if character]
    if not branches:
        return ""
    joined = f"(?:{'|'.join(branches)})"
    return f"{joined}?" if "" in trie else joined
