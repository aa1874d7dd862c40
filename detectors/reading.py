"""What is read off a text, once and for all, so that the text itself need not be kept.

A reading depends on the text alone: it is the same whether a text is read when it came, or when it was taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from detectors.hostility import HostilityModel, LinearModel
from detectors.hostility.features import is_chinese
from detectors.hostility.linear import AT_ONCE
from detectors.hostility.normal import Folded, fold
from detectors.hostility.terms import any_of, first_words, places_of
from detectors.likeness import SHORTEST
from detectors.similarity import Sketch, sketches
from graph.hashing import stable_hash

_LONGEST: Final = 2_000
_REMEMBERED: Final = 8_000
"""Of how many texts a reader remembers what it read."""
_WORDS: Final = [
    "thank",
    "thanks",
    "grateful",
    "congrats",
    "congratulations",
    "well done",
    "good luck",
    "love this",
    "love it",
    "love you",
    "love your",
    "lovely",
    "wonderful",
    "beautiful",
    "amazing",
    "awesome",
    "brilliant",
    "bravo",
    "kudos",
    "proud of you",
    "stay strong",
    "hang in there",
    "keep going",
    "take care",
    "support you",
    "supporting you",
    "with you",
    "here for you",
    "on your side",
    "sorry this",
    "sorry that",
    "sorry you",
    "sorry for",
    "so sorry",
    "leave him alone",
    "leave her alone",
    "leave them alone",
    "dont listen to",
    "do not listen to",
    "ignore them",
    "you did nothing wrong",
    "you have done nothing wrong",
    "you are doing nothing wrong",
    "you dont deserve",
    "you do not deserve",
    "you are right",
    "happy birthday",
    "rest in peace",
]
"""Words of support, folded. They only ever speak for somebody, so who misuses them gains little: see `roles`."""
_SIGNS: Final = [
    "加油",
    "支持",
    "谢谢",
    "感谢",
    "爱你",
    "辛苦了",
    "抱抱",
    "恭喜",
    "挺你",
    "别理",
    "不要理",
    "保重",
    "为你骄傲",
    "你没有错",
    "太棒",
    "真棒",
    "好棒",
    "生日快乐",
    "❤",
    "♥",
    "💕",
    "💖",
    "💗",
    "💙",
    "💚",
    "💛",
    "💜",
    "🧡",
    "🤗",
    "🙏",
    "👏",
    "💪",
    "🥰",
    "😍",
]
_SUPPORT: Final = re.compile(rf"\b{any_of(_WORDS)}\b|{any_of(_SIGNS)}")
_FIRST_WORDS: Final = first_words(_WORDS)
_MARKS: Final = re.compile(r"[\s0!?*$]+")
_DOUBLED: Final = re.compile(r"(.)\1+")
_LONGEST_CHANT: Final = 80
_CHANTS: Final = 1 << 16
"""So many chants are told apart: enough for a crowd, and of any one so many texts are possible that nobody can tell which it was."""


class Reading(NamedTuple):
    """What is read off a text.

    Attributes
    ----------
    hostility : 0 to 1; None where there is no model
    kind : whether it has words of support
    sketch : what tells whether it is like another
    chinese : whether it is in Chinese, where what is not meant to hurt is taken for hostile more often
    chant : what tells whether it is the same as another, of a text too short for a sketch; 0 of any other, and of words of
        support. Too little to tell the text from it.
    """

    hostility: float | None
    kind: bool
    sketch: Sketch
    chinese: bool = False
    chant: int = 0


Read = Callable[[Sequence[object]], list[Reading | None]]
"""What reads texts as a window holds them: strings, and what is left of those that were taken back. None of no text."""


class Reader:
    """Reads texts, and remembers what it read lately, not the texts.

    Parameters
    ----------
    model
        What tells how hostile a text is; None if nothing does.
    """

    def __init__(self, model: HostilityModel | None) -> None:
        self._model = model
        # By Python's own hash, which is salted by process: nobody can choose a text that passes for another.
        self._read: dict[int, Reading] = {}

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The readings of some texts; a text's reading does not depend on the others."""
        known, keys = self._read, [hash(text) for text in texts]
        wanted = {key: text[:_LONGEST] for key, text in zip(keys, texts, strict=True) if key not in known}
        if wanted:
            cut = list(wanted.values())
            for at in range(0, len(cut), AT_ONCE):
                known |= zip(islice(wanted, at, at + AT_ONCE), self._readings(cut[at : at + AT_ONCE]), strict=True)
        found = [known[key] for key in keys]
        while len(known) > _REMEMBERED:
            del known[next(iter(known))]
        return found

    def _readings(self, texts: Sequence[str]) -> Iterator[Reading]:
        folded, model = fold(texts), self._model
        hostile: list[float | None] = [None] * len(texts)
        if model is not None:
            # The shipped one folds texts too: once is enough.
            scores = model.weigh(folded) if isinstance(model, LinearModel) else model.score(texts)
            hostile = np.round(scores, 4).tolist()
        kind, sketched = _supportive(folded), sketches(folded, SHORTEST)
        return map(Reading, hostile, kind, sketched, is_chinese(folded).tolist(), _chants(folded, kind, sketched))


def _chants(folded: Folded, kind: Sequence[bool], sketched: Sequence[Sketch]) -> Iterator[int]:
    """`Reading.chant` of each text, whatever numbers and marks are put behind it."""
    for line, is_kind, sketch in zip(folded, kind, sketched, strict=True):
        said = "" if is_kind or sketch else _DOUBLED.sub(r"\1", _MARKS.sub("", line[:_LONGEST_CHANT]))
        yield 1 + stable_hash(said) % _CHANTS if said else 0


def _supportive(folded: Folded) -> list[bool]:
    """Which texts have words of support."""
    found = [False] * len(folded)
    for place in places_of(folded, _FIRST_WORDS):
        found[place] = _SUPPORT.search(folded[place]) is not None
    return found
