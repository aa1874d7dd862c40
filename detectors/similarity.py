"""Sketches of texts, by which those that are nearly the same are known: copied, and changed a little.

MinHash over runs of characters (Broder 1997): the share of places in which two sketches agree estimates how many of
their runs two texts share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.hostility.normal import Folded

RESEMBLANCE: Final = 0.5
"""Share of all runs in either text that are in both, from which two texts are nearly the same."""

_RUN: Final = 4
_LONGEST: Final = 160
_PLACES: Final = 48
_AT_ONCE: Final = 32
_ODD: Final = np.uint32(0x9E3779B1)
_MIX: Final = np.uint32(0x85EBCA6B)
_FACTORS: Final = np.cumprod(np.full((_PLACES, 1), 0x915F77F5), axis=0, dtype=np.uint32)
_CHINESE_FROM: Final = "\u2e80"
_BYTES: Final = 4 * _PLACES

Sketch = bytes
"""What tells whether a text is like another; empty for one that is too short to tell."""


def sketches(folded: Folded, shortest: int) -> list[Sketch]:
    """Of each text what tells whether it is nearly the same as another, without the text itself; nothing of one that is
    too short.
    """
    lines = [line[: _LONGEST + 1].strip(" ")[:_LONGEST] for line in folded]
    compared = [place for place, line in enumerate(lines) if _says_enough(line, shortest)]
    found = [b""] * len(lines)
    if compared:
        signatures = _signatures([lines[place] for place in compared]).tobytes()
        for at, place in enumerate(compared):
            found[place] = signatures[at * _BYTES : (at + 1) * _BYTES]
    return found


def agreeing(some: Sequence[Sketch]) -> NDArray[np.float64]:
    """The share of places in which sketches agree, each with each: it estimates their resemblance. Shape `(n, n)`."""
    table = np.frombuffer(b"".join(some), np.uint32).reshape(len(some), _PLACES)
    # Ones and noughts, a byte each, added eight at a time.
    eights = (table[:, None, :] == table).view(np.uint64)
    total = eights[..., 0].copy()
    for at in range(1, _PLACES // 8):
        total += eights[..., at]
    return np.asarray((total * np.uint64(0x0101010101010101) >> np.uint64(56)) / np.float64(_PLACES))


def _says_enough(line: str, shortest: int) -> bool:
    chinese = sum(character >= _CHINESE_FROM for character in line) if not line.isascii() else 0
    return len(line) - line.count(" ") + chinese >= shortest and (chinese > 0 or " " in line)


def _signatures(lines: Sequence[str]) -> NDArray[np.uint32]:
    """For each text the least of its hashed runs under each of many hashes, shape `(n, _PLACES)`."""
    code = np.frombuffer("".join(lines).encode("utf-32-le", "replace"), np.uint32)
    lengths = np.fromiter(map(len, lines), np.int64, len(lines))
    ends = np.cumsum(lengths)
    hashes = code[: len(code) - _RUN + 1]
    for step in range(1, _RUN):
        hashes = hashes * _ODD + code[step : len(code) - _RUN + 1 + step]
        hashes ^= hashes >> np.uint32(15)
    hashes *= _MIX
    hashes ^= hashes >> np.uint32(13)
    whole = np.ones(len(hashes), bool)
    for step in range(1, _RUN):
        whole[ends[:-1] - step] = False
    hashes = hashes[whole]
    counts = lengths - _RUN + 1
    starts = np.cumsum(counts) - counts
    found = np.empty((_PLACES, len(lines)), np.uint32)
    for at in range(0, len(lines), _AT_ONCE):
        some = hashes[starts[at] : starts[at + _AT_ONCE] if at + _AT_ONCE < len(starts) else None]
        mixed = some * _FACTORS
        mixed ^= mixed >> np.uint32(16)
        mixed *= _MIX
        found[:, at : at + _AT_ONCE] = np.minimum.reduceat(mixed, starts[at : at + _AT_ONCE] - starts[at], axis=1)
    return found.T
