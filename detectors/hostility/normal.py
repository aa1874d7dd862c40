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
from typing import Final, NewType

import numpy as np

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
_ADDRESS: Final = re.compile(r"@\w+:?|\b(?:https?:|www\.)[!-~]*")
_SHARED: Final = re.compile(r"rt (?<=^rt )|rt (?<= rt )", re.MULTILINE)
_HIDDEN: Final = re.compile(r"[013457@$!](?<=[a-z].)[013457@$!]*(?=[a-z])")
_APART: Final = re.compile(r"[ .\-_*](?<=(?<![a-z])[a-z].)[ .\-_*]?[a-z](?![a-z])(?:[ .\-_*]{1,2}[a-z](?![a-z])){2,}")
"""Three or more single letters set apart, from behind the first of them."""
_DULL: Final = str.maketrans(
    dict.fromkeys("'’`´")  # noqa: RUF001 - the quotation marks that occur
    | dict.fromkeys(r'"#%&()+,-./:;<=>@[\]^_{|}~“”‘…·•—–、。，：；（）《》〈〉「」『』【】〔〕￥', " ")  # noqa: RUF001
)
_SPACES: Final = re.compile("  +")
_NUMBER: Final = re.compile(r"\d+")
_LINE_FEED: Final = 10

Folded = NewType("Folded", list[str])
"""Texts without their disguises."""


def normalise(texts: Sequence[str]) -> list[str]:
    """Each text as the model sees it, at most `LONGEST` characters, no spaces at its ends; `""` if nothing is left."""
    return neutral(fold(texts))


def fold(texts: Sequence[str]) -> Folded:
    """The texts without their disguises, whoever they speak of."""
    if not texts:
        return Folded([])
    lines = "\n".join(map(_one_line, texts))
    if not lines.isascii():
        lines = _UNSEEN.sub("", unicodedata.normalize("NFKD", lines))
        lines = unicodedata.normalize("NFC", lines).casefold().translate(_LOOK_ALIKE)
    else:
        lines = lines.lower()
    lines = _SHARED.sub(" ", _ADDRESS.sub(" ", lines))
    lines = _HIDDEN.sub(lambda found: found[0].translate(_LEET), lines)
    lines = _APART.sub(lambda found: re.sub("[^a-z]", "", found[0]), lines)
    lines = _SPACES.sub(" ", lines.translate(_DULL))
    return Folded(_no_third(_NUMBER.sub("0", lines)).split("\n"))


def neutral(folded: Folded) -> list[str]:
    """Folded texts as the model sees them, see `normalise`."""
    return [line[:LONGEST].strip(" ") for line in neutralise(folded)]


def _one_line(text: str) -> str:
    text = text[: _RAW_LONGEST * 2]
    if "&" in text:
        text = html.unescape(text)
    return text if text.isprintable() else _BREAKS.sub(" ", text)


def _no_third(lines: str) -> str:
    """Of each character that follows itself the first two."""
    code = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), np.uint32)
    again = np.zeros(len(code), bool)
    again[2:] = (code[2:] == code[1:-1]) & (code[1:-1] == code[:-2]) & (code[2:] != _LINE_FEED)
    return code[~again].tobytes().decode("utf-32-le", "surrogatepass") if again.any() else lines
