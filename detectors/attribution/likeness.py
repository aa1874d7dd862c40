"""Nearly the same words: MinHash sketches of texts, and who said what many said.

A sketch holds, for each of `HASHES` hash functions, the least hash of a text's runs of four characters; the share of
places in which two sketches agree estimates how many of their runs they share (Broder 1997).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from graph.columns import Array

HASHES: Final = 32
SMALLEST: Final = 3
"""From how many accounts on the same words are no chance."""
_RUN: Final = 4
_SHORTEST: Final = 24
"""Characters below which everybody says the same anyhow; one of a script without spaces counts for two and a half."""
_LONGEST: Final = 600
_ALIKE: Final = 0.5
_DULL: Final = re.compile(r"https?://\S+|@\S+|[\W\d_]+")
_WIDE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_FACTORS: Final = np.random.default_rng(20240304).integers(1, 1 << 63, HASHES, np.uint64) | np.uint64(1)
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)

Sketch = tuple[int, ...]
"""`HASHES` numbers of 32 bits; empty for a text that is too short to tell."""


def sketch(text: str) -> Sketch:
    """The sketch of a text. Case, links, names, digits and punctuation do not count."""
    plain = _DULL.sub(" ", text[:_LONGEST].casefold()).strip()
    if len(plain) < _SHORTEST and len(plain) + 1.5 * len(_WIDE.findall(plain)) < _SHORTEST:
        return ()
    signs = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(signs) < _RUN:
        return ()
    runs = signs[: len(signs) - _RUN + 1].copy()
    for place in range(1, _RUN):
        runs = runs * _STEP + signs[place : len(signs) - _RUN + 1 + place]
    runs ^= runs >> np.uint64(29)
    least: Array = ((runs[None, :] * _FACTORS[:, None]) >> np.uint64(32)).min(axis=1)
    return tuple(least.tolist())


def same_text(accounts: Sequence[str], sketches: Sequence[Sketch]) -> list[list[int]]:
    """Sets of messages, given by position, that `SMALLEST` or more accounts said in nearly the same words, largest first.

    A set is a message and all that are like it, so that likeness is not handed on from one to the next without end.
    """
    held = [at for at, one in enumerate(sketches) if one]
    if len(held) < SMALLEST:
        return []
    table = np.array([sketches[at] for at in held], np.uint32)
    near = np.zeros((len(held), len(held)), np.int16)
    for place in range(HASHES):
        near += table[:, place, None] == table[None, :, place]
    alike = near >= _ALIKE * HASHES
    found: list[list[int]] = []
    free = np.ones(len(held), bool)
    while True:
        count = np.where(free, (alike & free).sum(axis=1), 0)
        centre = int(count.argmax())
        if count[centre] < SMALLEST:
            return found
        members = np.flatnonzero(alike[centre] & free)
        free[members] = False
        group = [held[at] for at in members.tolist()]
        if len({accounts[at] for at in group}) >= SMALLEST:
            found.append(group)
