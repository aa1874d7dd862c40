"""Texts of several authors that are nearly the same: copied, and changed a little so that it does not show.

MinHash over runs of characters (Broder 1997), banded so that only likely pairs are compared (locality-sensitive
hashing: Indyk and Motwani 1998); a pair counts when their estimated resemblance is high enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.hostility.normal import normalise

RESEMBLANCE: Final = 0.5
"""Share of all runs in either text that are in both, from which two texts are nearly the same."""
SMALLEST: Final = 3
"""Texts that make a group."""
SHORTEST: Final = 12
"""Characters without spaces below which a text is not compared; a Chinese one counts twice."""

_RUN: Final = 4
_LONGEST: Final = 160
_BANDS: Final = 16
_ROWS: Final = 3
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_SALTS: Final = np.cumprod(np.full(_BANDS * _ROWS, np.uint64(0xD1342543DE82EF95)))
_CHINESE_FROM: Final = "\u2e80"


def near_duplicates(texts: Sequence[str]) -> list[list[int]]:
    """Groups of positions whose texts are nearly the same, at least `SMALLEST` each, in the order of their first.

    Texts are joined through each other: the ends of a chain need not be alike. A text of one word, or a short one,
    is in no group. The first 160 characters, folded as for the hostility model, are compared.
    """
    lines = [line[:_LONGEST] for line in normalise(texts)]
    compared = [place for place, line in enumerate(lines) if _says_enough(line)]
    if len(compared) < SMALLEST:
        return []
    distinct = sorted({lines[place] for place in compared})
    root = dict(zip(distinct, _joined(_signatures(distinct)), strict=True))
    groups: dict[int, list[int]] = {}
    for place in compared:
        groups.setdefault(root[lines[place]], []).append(place)
    return [group for group in groups.values() if len(group) >= SMALLEST]


def duplicate_share(texts: Sequence[str]) -> float:
    """The share of texts that are in a group of near-duplicates; 0.0 of none."""
    return sum(map(len, near_duplicates(texts))) / len(texts) if texts else 0.0


def sketches(texts: Sequence[str], shortest: int = SHORTEST) -> list[tuple[int, ...]]:
    """Of each text what tells whether it is nearly the same as another, without the text itself; nothing of one that is
    too short. The share of places in which two sketches agree estimates their resemblance.
    """
    lines = [line[:_LONGEST] for line in normalise(texts)]
    compared = [place for place, line in enumerate(lines) if _says_enough(line, shortest)]
    found: list[tuple[int, ...]] = [()] * len(lines)
    if compared:
        signatures = _signatures([lines[place] for place in compared]).tolist()
        for place, signature in zip(compared, signatures, strict=True):
            found[place] = tuple(signature)
    return found


def _says_enough(line: str, shortest: int = SHORTEST) -> bool:
    chinese = sum(character >= _CHINESE_FROM for character in line) if not line.isascii() else 0
    return len(line) - line.count(" ") + chinese >= shortest and (chinese > 0 or " " in line)


def _signatures(lines: Sequence[str]) -> NDArray[np.uint64]:
    """For each text the least of its hashed runs under each of many hashes, shape `(n, bands * rows)`."""
    code = np.frombuffer("".join(lines).encode("utf-32-le"), np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, lines), np.int64, len(lines))
    ends = np.cumsum(lengths)
    hashes = code[: len(code) - _RUN + 1]
    for step in range(1, _RUN):
        hashes = hashes * _ODD + code[step : len(code) - _RUN + 1 + step]
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(32)
    whole = np.ones(len(hashes), bool)
    for step in range(1, _RUN):
        whole[ends[:-1] - step] = False
    hashes = hashes[whole]
    counts = lengths - _RUN + 1
    starts = np.cumsum(counts) - counts
    found = np.empty((len(lines), len(_SALTS)), np.uint64)
    for place, salt in enumerate(_SALTS):
        mixed = (hashes ^ salt) * _MIX
        mixed ^= mixed >> np.uint64(31)
        mixed *= _ODD
        found[:, place] = np.minimum.reduceat(mixed, starts)
    return found


def _joined(signatures: NDArray[np.uint64]) -> list[int]:
    """For each text the first one that it is joined with, itself if none.

    Within a band only neighbours in order are compared, so the cost is bounded however many texts are alike. They come sorted, so what is joined does not depend on who wrote first.
    """
    root = list(range(len(signatures)))

    def top(place: int) -> int:
        while root[place] != place:
            root[place] = place = root[root[place]]
        return place

    for band in range(_BANDS):
        key = np.zeros(len(signatures), np.uint64)
        for row in range(_ROWS):
            key = (key ^ signatures[:, band * _ROWS + row]) * _ODD
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(key[order[1:]] == key[order[:-1]])
        left, right = order[same], order[same + 1]
        alike = (signatures[left] == signatures[right]).mean(axis=1) >= RESEMBLANCE
        for one, other in zip(left[alike].tolist(), right[alike].tolist(), strict=True):
            low, high = sorted((top(one), top(other)))
            root[high] = low
    return [top(place) for place in range(len(root))]
