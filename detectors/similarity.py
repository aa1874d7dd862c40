"""Sketches of texts, by which those that are nearly the same are known: copied, and changed a little.

MinHash over runs of characters (Broder 1997): the share of places in which two sketches agree estimates how many of
their runs two texts share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.hostility.normal import fold

RESEMBLANCE: Final = 0.5
"""Share of all runs in either text that are in both, from which two texts are nearly the same."""

_RUN: Final = 4
_LONGEST: Final = 160
_BANDS: Final = 16
_ROWS: Final = 3
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_SALTS: Final = np.cumprod(np.full(_BANDS * _ROWS, np.uint64(0xD1342543DE82EF95)))
_CHINESE_FROM: Final = "\u2e80"


def sketches(texts: Sequence[str], shortest: int) -> list[tuple[int, ...]]:
    """Of each text what tells whether it is nearly the same as another, without the text itself; nothing of one that is
    too short. The share of places in which two sketches agree estimates their resemblance.
    """
    lines = [line[:_LONGEST] for line in fold(texts)]
    compared = [place for place, line in enumerate(lines) if _says_enough(line, shortest)]
    found: list[tuple[int, ...]] = [()] * len(lines)
    if compared:
        signatures = _signatures([lines[place] for place in compared]).tolist()
        for place, signature in zip(compared, signatures, strict=True):
            found[place] = tuple(signature)
    return found


def _says_enough(line: str, shortest: int) -> bool:
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
