"""Hashed n-grams of many texts at once.

Runs of one to five characters, words and pairs of words, and Chinese characters two or three places apart, each
hashed to one of `BUCKETS` (Weinberger et al. 2009). Chinese has its own half of them. What occurs twice in a text
counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 20
BUCKETS: Final = 1 << BITS

Longs = NDArray[np.int64]
_Hashes = NDArray[np.uint64]

_LONGEST_RUN: Final = 5
_LONGEST_CHINESE_RUN: Final = 4
_APART: Final = (2, 3)
_LONGEST_WORD: Final = 20
_LONGEST_LINE: Final = 1 << 12
_CHINESE_FROM: Final = 0x2E80
_SIGNS: Final = (0xE000, 0xF8FF)
_END: Final = 10
_THROWS: Final = 3
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_POWERS: Final = np.cumprod(np.full(_LONGEST_LINE, _ODD))


def hashed(lines: Sequence[str]) -> tuple[Longs, Longs]:
    """The features of normalised texts, as pairs of a text's position and a bucket, both shape `(k,)`, in no order.

    No line may hold a line feed or be longer than 4,000 characters.
    """
    code = np.frombuffer("".join(f"\n {line} \n" for line in lines).encode("utf-32-le", "replace"), np.uint32)
    if not len(code):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    ends = code == _END
    line = (np.cumsum(ends) - 1) >> 1
    place = np.arange(len(code))
    room = np.minimum.accumulate(np.where(ends, place, len(code))[::-1])[::-1] - place
    chinese = (code >= _CHINESE_FROM) & ~((code >= _SIGNS[0]) & (code <= _SIGNS[1])) & (code < 0x1F000)
    above, characters = line << BITS, code.astype(np.uint64)
    keys = [*_runs(characters, above, room, chinese), *_words(code, above, ends)]
    if chinese.any():
        keys += _pairs_apart(characters, above, room, chinese)
    every = _once(np.concatenate(keys))
    return every >> BITS, every & (BUCKETS - 1)


def is_chinese(lines: Sequence[str]) -> NDArray[np.bool_]:
    """Whether a text has Chinese characters, shape `(n,)`: which of two intercepts is its own."""
    return np.array([not line.isascii() and any("㐀" <= c <= "鿿" for c in line) for line in lines], bool)


def _once(keys: Longs) -> Longs:
    """Each key once, in no order: the keys are thrown into a table, and the last in each place stays; those that lost
    their place to another key are thrown again. Several times faster than to sort them.
    """
    bits = len(keys).bit_length() + 1
    place = ((keys.view(np.uint64) * _ODD) >> np.uint64(64 - bits)).view(np.int64)
    number, table = np.arange(len(keys)), np.empty(1 << bits, np.int64)
    kept = []
    for _ in range(_THROWS):
        table[place] = number
        there = table.take(place)
        kept.append(keys[there == number])
        lost = np.flatnonzero(keys.take(there) != keys)
        keys, place, number = keys[lost], place[lost], number[: len(lost)]
    keys.sort()
    return np.concatenate([*kept, keys[:1], keys[1:][keys[1:] != keys[:-1]]])


def _keys(hashes: _Hashes, salt: int, above: Longs) -> Longs:
    mixed = (hashes + np.uint64(salt)) * _ODD
    mixed ^= mixed >> np.uint64(32)
    mixed *= _MIX
    mixed >>= np.uint64(65 - BITS)
    return mixed.view(np.int64) | above


def _runs(characters: _Hashes, above: Longs, room: Longs, chinese: NDArray[np.bool_]) -> list[Longs]:
    """Runs of characters within a text. One with a Chinese character in it is Chinese."""
    some: NDArray[np.bool_] | None = chinese if chinese.any() else None
    hashes, found = characters, []
    for length in range(1, _LONGEST_RUN + 1):
        if length > 1:
            hashes = hashes[:-1] * _ODD + characters[length - 1 :]
            hashes ^= hashes >> np.uint64(31)
        fits = room[: len(hashes)] >= length
        if length == 1:
            fits &= characters != 32
        keys = _keys(hashes, length, above[: len(hashes)])
        if some is not None:
            some = some[:-1] | chinese[length - 1 :] if length > 1 else some
            keys[some] += BUCKETS >> 1
            if length > _LONGEST_CHINESE_RUN:
                fits &= ~some
        found.append(keys[fits])
    return found


def _pairs_apart(characters: _Hashes, above: Longs, room: Longs, chinese: NDArray[np.bool_]) -> list[Longs]:
    found = []
    for apart in _APART:
        hashes = characters[:-apart] * _ODD + characters[apart:]
        fits = (room[:-apart] > apart) & chinese[:-apart] & chinese[apart:]
        found.append(_keys(hashes[fits], 16 + apart, above[:-apart][fits]) + (BUCKETS >> 1))
    return found


def _words(code: NDArray[np.uint32], above: Longs, ends: NDArray[np.bool_]) -> list[Longs]:
    """Words between spaces, and pairs of neighbours. A run of Chinese is no word."""
    inner = ~ends & (code != 32)
    first = np.flatnonzero(inner[1:] & ~inner[:-1]) + 1
    if not len(first):
        return []
    length = np.flatnonzero(inner[:-1] & ~inner[1:]) + 1 - first
    place = np.arange(len(code))
    start = np.zeros(len(code), np.int64)
    start[first] = first
    within = place - np.maximum.accumulate(start)
    mixed = (code.astype(np.uint64) + np.uint64(_LONGEST_LINE)) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed = np.where(inner, mixed * _POWERS[np.minimum(within, _LONGEST_LINE - 1)], np.uint64(0))
    hashes = np.add.reduceat(mixed, first)
    short, of = (length <= _LONGEST_WORD) & (code[first] < _CHINESE_FROM), above[first]
    short |= (length == 1) & (code[first] >= _SIGNS[0]) & (code[first] <= _SIGNS[1])
    both = short[1:] & short[:-1] & (of[1:] == of[:-1])
    pairs = hashes[:-1] * _ODD + hashes[1:]
    return [_keys(hashes[short], 32, of[short]), _keys(pairs[both], 33, of[1:][both])]
