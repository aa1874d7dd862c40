"""Home communities for a background that tells none: label propagation over its graph (Raghavan, Albert and Kumara 2007).

Labels spread along ties, heavier ones first; a label that has grown towards a largest size weighs less and less, so that
no community swallows the others.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from streams.inject.background import Background

_ROUNDS: Final = 4
_LARGEST: Final = 0.04
_SMALLEST: Final = 30
_LOOKED_AT: Final = 60
"""Neighbours of an account that have a voice, at most: the first."""


def communities_of(background: Background) -> dict[int, str]:
    """The home of each account; those in tiny communities have none. The same background gives the same homes."""
    if background.home:
        return dict(background.home)
    n = len(background.names)
    rows = np.flatnonzero((background.target >= 0) & (background.target != background.author))
    pairs = np.unique(np.stack([background.author[rows], background.target[rows]]), axis=1)
    node, other = np.concatenate([pairs[0], pairs[1]]), np.concatenate([pairs[1], pairs[0]])
    order = np.argsort(node, kind="stable")
    node, other = node[order], other[order]
    starts = np.searchsorted(node, np.arange(n + 1)).tolist()
    neighbours: list[int] = other.tolist()
    degree = np.diff(starts)
    label = list(range(n))
    size = [1] * n
    largest = max(_LARGEST * n, 2 * _SMALLEST)
    turn = np.lexsort((np.arange(n), -degree)).tolist()
    for _ in range(_ROUNDS):
        moved = 0
        for account in turn:
            low = starts[account]
            votes = Counter([label[other] for other in neighbours[low : min(starts[account + 1], low + _LOOKED_AT)]])
            mine = label[account]
            best, weight = mine, votes.get(mine, 0) * max(0.0, 1 - size[mine] / largest)
            for candidate, count in votes.items():
                voice = count * max(0.0, 1 - size[candidate] / largest)
                if voice > weight or (voice == weight and voice > 0 and candidate < best):
                    best, weight = candidate, voice
            if best != mine:
                size[mine] -= 1
                size[best] += 1
                label[account] = best
                moved += 1
        if moved * 50 < n:
            break
    kept = sorted((one for one in set(label) if size[one] >= _SMALLEST), key=lambda one: (-size[one], one))
    name = {one: f"c{number}" for number, one in enumerate(kept, 1)}
    return {account: name[one] for account, one in enumerate(label) if one in name}
