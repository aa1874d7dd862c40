"""Text as the model sees it: what is written alike in many disguises becomes the same.

Compatibility forms, case, accents, invisible characters, look-alike letters, digits within words, letters set
apart and letters repeated are folded; links and @names are dropped. Texts are handled many at once, in one string
with a line each, and no text can reach into its neighbour's line.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from detectors.hostility.terms import neutralise

LONGEST: Final = 1000
"""Characters of a text, folded, that are considered."""
_RAW_LONGEST: Final = 4 * LONGEST

_LOOK_ALIKE: Final = str.maketrans(
    "авекмнорстухѕіјԁһԛԝɡɩαβεηικνορτυχω",
    "abekmhopctyxsijdhqwgiabenikvoptuxw",
)
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSEEN: Final = re.compile(
    "[\u00ad\u0300-\u036f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0"
    "\ufff9-\uffff\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]+"
)
_ADDRESS: Final = re.compile(r"\b(?:https?:|www\.)[!-~]*|@\w+:?|(?:^|(?<= ))rt(?= )", re.MULTILINE)
_HIDDEN: Final = re.compile(r"(?<=[a-z])[013457@$!]+(?=[a-z])")
_APART: Final = re.compile(r"(?<![a-z])[a-z](?:[ .\-_*]{1,2}[a-z](?![a-z])){3,}")
_QUOTE: Final = re.compile("['’`´]")  # noqa: RUF001 - the quotation marks that occur
_DULL: Final = re.compile(r'[ "#%&()+,\-./:;<=>@\[\\\]^_{|}~“”‘…·•—–、。，：；（）《》〈〉「」『』【】〔〕￥]+')  # noqa: RUF001
_NUMBER: Final = re.compile(r"\d+")
_AGAIN: Final = re.compile(r"(.)\1{2,}")


def normalise(texts: Sequence[str]) -> list[str]:
    """Each text as the model sees it, at most `LONGEST` characters, no spaces at its ends; `""` if nothing is left."""
    return _lines(neutralise(_folded(texts))) if texts else []


def fold(texts: Sequence[str]) -> list[str]:
    """Each text without its disguises, whoever it speaks of; lengths and spaces as in `normalise`."""
    return _lines(_folded(texts)) if texts else []


def _lines(folded: str) -> list[str]:
    return [line[:LONGEST].strip(" ") for line in folded.split("\n")]


def _one_line(text: str) -> str:
    text = text[: _RAW_LONGEST * 2]
    return _BREAKS.sub(" ", html.unescape(text) if "&" in text else text)


def _folded(texts: Sequence[str]) -> str:
    lines = "\n".join(map(_one_line, texts))
    if not lines.isascii():
        lines = _UNSEEN.sub("", unicodedata.normalize("NFKD", lines))
        lines = unicodedata.normalize("NFC", lines).casefold().translate(_LOOK_ALIKE)
    else:
        lines = lines.lower()
    lines = _ADDRESS.sub(" ", lines)
    lines = _HIDDEN.sub(lambda found: found[0].translate(_LEET), lines)
    lines = _APART.sub(lambda found: re.sub("[^a-z]", "", found[0]), lines)
    lines = _DULL.sub(" ", _QUOTE.sub("", lines))
    return _AGAIN.sub(r"\1\1", _NUMBER.sub("0", lines))
