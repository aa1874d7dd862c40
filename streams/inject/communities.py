"""Home communities for a background that tells none: label propagation over its graph (Raghavan, Albert and Kumara 2007).

Labels spread along ties; a label that has grown towards a largest size weighs less and less, so that no community
swallows the others. What has become of that is taken as one account each, and labels spread a second time, so that few
communities of some size remain. Who has but one tie tells hardly where he is at home: he is at home with the one whom he
is tied to, or anywhere, as it falls.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from graph.columns import Array
from graph.events import LAST_ADDRESSING, EventType
from streams.inject.background import Background

_ROUNDS: Final = 4
_LARGEST: Final = 0.04
_SMALLEST: Final = 0.001
_LOOKED_AT: Final = 60
"""Neighbours of an account that have a voice, at most: those with the lowest numbers."""
_STRAY: Final = 0.5
"""Share of those with one tie who are at home anywhere."""
_TOLD: Final = 0.85
"""Share of the accounts whose home the platform knows."""


@dataclass(frozen=True, slots=True)
class Homes:
    """Where accounts are at home, and of which of them the platform tells.

    Attributes
    ----------
    of
        By account, its home, whether it is told or not.
    told
        Of which accounts it is told.
    rate
        The share of those.
    """

    of: dict[int, str]
    told: frozenset[int]
    rate: float


def communities_of(background: Background) -> Homes:
    """The home of each account. The same background gives the same homes."""
    n = len(background.names)
    if background.home:
        told = frozenset(background.home)
        return Homes(_inferred(background), told, len(told) / n)
    homes, rng = _made_up(background), Random(1)
    return Homes(homes, frozenset(account for account in homes if rng.random() < _TOLD), _TOLD)


def _inferred(background: Background) -> dict[int, str]:
    """Homes as they are told; of whom none is told, the one that most of those have whom he is tied to."""
    found = dict(background.home)
    near: dict[int, Counter[str]] = {}
    for one, other in _pairs(background).T.tolist():
        for account, neighbour in ((one, other), (other, one)):
            if account not in background.home and neighbour in background.home:
                near.setdefault(account, Counter())[background.home[neighbour]] += 1
    found.update({account: min(votes, key=lambda home: (-votes[home], home)) for account, votes in near.items()})
    return found


def _made_up(background: Background) -> dict[int, str]:
    """Homes for a background that tells none."""
    n = len(background.names)
    pairs = _pairs(background)
    ties = np.bincount(pairs.ravel(), minlength=n)
    firm = ties >= 2
    inner = pairs[:, firm[pairs[0]] & firm[pairs[1]]]
    label = _spread(n, inner, np.ones(n, np.int64))
    size = np.bincount(label[firm], minlength=n)
    label = _spread(n, label[inner], size)[label]
    size = np.bincount(label[firm], minlength=n)
    least = max(10, _SMALLEST * int(firm.sum()))
    kept = [int(one) for one in np.lexsort((np.arange(n), -size)) if size[one] >= least]
    name = {one: f"c{number}" for number, one in enumerate(kept, 1)}
    found: dict[int, str] = {int(at): name[int(label[at])] for at in np.flatnonzero(firm) if int(label[at]) in name}
    if not name:
        return {}
    rng = Random(0)
    names, sizes = [name[one] for one in kept], [int(size[one]) for one in kept]
    one, other = pairs.tolist()
    only = dict(zip(one, other, strict=True)) | dict(zip(other, one, strict=True))
    anywhere = rng.choices(names, sizes, k=n)
    for account in range(n):
        stray = rng.random() < _STRAY
        if account not in found:
            near = found.get(only.get(account, -1))
            found[account] = anywhere[account] if stray or near is None else near
    return found


def _pairs(background: Background) -> Array:
    """Pairs of accounts of whom one addressed the other with words of his own, or shared him; shape `(2, m)`."""
    kind, author, target = background.kind, background.author, background.target
    spoken = (kind <= LAST_ADDRESSING) & ~background.exposed
    rows = np.flatnonzero((target >= 0) & (target != author) & (spoken | (kind == EventType.SHARE)))
    ends = np.sort(np.stack([author[rows], target[rows]]), axis=0)
    return np.asarray(np.unique(ends, axis=1))


def _spread(n: int, pairs: Array, weight: Array) -> Array:
    """The label of each of `n` nodes, of which each counts as many accounts as its weight."""
    pairs = pairs[:, pairs[0] != pairs[1]]
    node, other = np.concatenate([pairs[0], pairs[1]]), np.concatenate([pairs[1], pairs[0]])
    order = np.lexsort((other, node))
    node, other = node[order], other[order]
    starts = np.searchsorted(node, np.arange(n + 1)).tolist()
    neighbours: list[int] = other.tolist()
    weights: list[int] = weight.tolist()
    label, size = list(range(n)), list(weights)
    largest = max(_LARGEST * sum(weights), 20)
    turn = [int(at) for at in np.lexsort((np.arange(n), -np.diff(starts))) if starts[at + 1] > starts[at]]
    for _ in range(_ROUNDS):
        moved = 0
        for at in turn:
            low, high = starts[at], starts[at + 1]
            step = max(1, (high - low) // _LOOKED_AT)
            votes = Counter([label[other] for other in neighbours[low:high:step]])
            mine = label[at]
            best, most = mine, votes.get(mine, 0) * max(0.0, 1 - size[mine] / largest)
            for candidate, count in votes.items():
                voice = count * max(0.0, 1 - size[candidate] / largest)
                if voice > most or (voice == most and voice > 0 and candidate < best):
                    best, most = candidate, voice
            if best != mine:
                size[mine] -= weights[at]
                size[best] += weights[at]
                label[at] = best
                moved += 1
        if moved * 50 < len(turn):
            break
    return np.array(label, np.int64)
