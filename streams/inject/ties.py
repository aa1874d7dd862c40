"""Who had to do with whom before a given time, in the background."""

from __future__ import annotations

from random import Random
from typing import Final

import numpy as np

from graph.columns import Array
from streams.inject.background import Background

_NEIGHBOURS: Final = 300
_HUB: Final = 400
"""Of an account with more ties, so many are looked at, drawn by chance."""


class Ties:
    """The background's graph: two accounts are tied if one addressed or shared the other; ties have a time."""

    def __init__(self, background: Background) -> None:
        rows = np.flatnonzero((background.target >= 0) & (background.target != background.author))
        a, b, time = background.author[rows], background.target[rows], background.time[rows]
        node, other, when = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([time, time])
        order = np.lexsort((when, node))
        self._other, self._when = other[order], when[order]
        self._starts = np.searchsorted(node[order], np.arange(len(background.names) + 1))

    def of(self, account: int, before_ms: int) -> list[int]:
        """Accounts tied to one before a time, each once, ascending."""
        low, high = int(self._starts[account]), int(self._starts[account + 1])
        high = low + int(np.searchsorted(self._when[low:high], before_ms))
        found: list[int] = np.unique(self._other[low:high]).tolist()
        return found

    def degree(self, before_ms: int) -> Array:
        """How many ties (counted as often as they come) each account had before a time."""
        early = np.concatenate([[0], np.cumsum(self._when < before_ms)])
        return np.asarray(early[self._starts[1:]] - early[self._starts[:-1]])

    def around(self, account: int, before_ms: int, rng: Random, hub: int = _HUB) -> list[int]:
        """Accounts at two hops from one, through neighbours that have at most `hub` ties; each once, ascending."""
        direct = self.of(account, before_ms)
        through = direct if len(direct) <= _NEIGHBOURS else rng.sample(direct, _NEIGHBOURS)
        found: set[int] = set()
        for neighbour in through:
            second = self.of(neighbour, before_ms)
            found.update(second if len(second) <= hub else rng.sample(second, hub // 4))
        return sorted(found - set(direct) - {account})
