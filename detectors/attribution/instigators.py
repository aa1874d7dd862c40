"""Who set it off: the item that best explains the strangers who came, if one does.

Each item that may have shown the subject to others is weighed against two other explanations: it stands there by
chance, as such items do at this subject; or its author is merely the first of the crowd to speak. All three say how
likely the gap is between the item and the rise of the crowd (densities a second, as in a point process). An item sets
off a crowd after seconds or half an hour, or hours where the crowd comes over days, evenly in the logarithm; items by
chance come at the subject's own rate; the first of a crowd precede the next by as long as those precede one another.

Time alone names nobody: what must come to it is that the strangers have to do with him, by their home or because they
lately addressed him.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from detectors.attribution.messages import Item
from graph.columns import Array
from graph.hashing import signed_hash

NAMED: Final = 0.5
"""Score from which an instigator is named as one."""
_LISTED: Final = 0.02
_MOST: Final = 5
REACH_MS: Final = 3_600_000
"""How long before the rise an item may lie."""
SLOW_REACH_MS: Final = 6 * REACH_MS
"""The same of a crowd that comes over days."""

_PRIOR: Final = 0.5
"""Odds that what set off a crowd is to be seen at all and is this item, before anything is known of either."""
_QUICKEST_S: Final = 5.0
_SOMETIMES: Final = 0.5
"""Items by chance that are thought to have come in the hour before, beside those that did."""
_FEWEST: Final = 8
"""Strangers who must have come after it."""
_UNEXPLAINED: Final = 0.7
"""What each stranger who came before it, beyond the usual, takes away, in log-odds."""
_FROM_HOME: Final = 0.7
"""How often an instigator's own communities send a good part of those who come."""
_BY_CHANCE: Final = 0.15
"""How often somebody's communities happen to."""
_GOOD_PART: Final = (0.12, 2.0, 3)
"""A good part: this share, so many times the expected one and that of any other community that sends more than is
expected, so many accounts.
"""
_HOMES_KNOWN: Final = 0.3
_CONTACT: Final = 0.01
"""Share of a crowd that lately had to do with any one account, by chance."""
_CONTACT_MOST: Final = 4.0
_NO_CONTACT: Final = -0.3
_LINKED: Final = 1.2
_UNLINKED: Final = 0.45
"""The highest score of somebody with whom the strangers have nothing to do."""


@dataclass(frozen=True, slots=True)
class Comers:
    """The strangers who came, one row each, in the order of time.

    Attributes
    ----------
    time : ms UTC, shape `(n,)`
    account : lists of accounts
    home : of home communities, None where not known
    contacts : shape `(n, k)`, hashes of accounts that each lately had to do with, 0 for none
    rise : position of the first of the rise
    usual : newcomers that are usual, a second
    quoting : share of them who come with a quote
    expected : by community, the share of them that is usual
    reach_ms : how long before the rise may lie what set them off
    """

    time: Array
    account: list[str]
    home: list[str | None]
    contacts: Array
    rise: int
    usual: float
    quoting: float
    expected: dict[str, float]
    reach_ms: int = REACH_MS


class Instigator(NamedTuple):
    """Somebody who may have set it off: how likely that is, and the events that show it."""

    account: str
    score: float
    evidence: list[str]


def instigators(
    items: Sequence[Item], comers: Comers, probability: float, excused: Collection[str] = ()
) -> list[Instigator]:
    """Who may have set off a crowd, likeliest first; nobody whose score is less than a fiftieth.

    Parameters
    ----------
    items : what may have shown the subject to others, in any order
    comers : the crowd
    probability : that it is a pile-on, without which nobody instigates one
    excused : accounts that cannot be it: the subject itself, and who reported it
    """
    if len(comers.time) < _FEWEST:
        return []
    callers = {one.account for one in items if one.comes}
    called = np.array([account not in callers for account in comers.account])
    if np.count_nonzero(called) < _FEWEST or not called[comers.rise :].any():
        called[:] = True
    rise_ms = int(comers.time[comers.rise :][called[comers.rise :]].min())
    earliest_ms = rise_ms - comers.reach_ms
    calls = [one for one in items if earliest_ms <= one.time_ms < rise_ms]
    best: dict[str, tuple[float, bool, Item]] = {}
    for one in sorted(items, key=lambda item: (item.time_ms, item.event)):
        if one.account in excused or one.time_ms < earliest_ms:
            continue
        others = sum(call.account != one.account for call in calls)
        odds, linked = _odds(one, comers, called, (others + _SOMETIMES) / (comers.reach_ms / 1000))
        if odds > 0.0 and (one.account not in best or odds > best[one.account][0]):
            best[one.account] = (odds, linked, one)
    total = 1.0 + math.fsum(odds for odds, _, _ in best.values())
    found = []
    for odds, linked, one in best.values():
        score = round(probability * min(odds / total, 1.0 if linked else _UNLINKED), 3)
        if score >= _LISTED:
            found.append(Instigator(one.account, score, [one.event]))
    return sorted(found, key=lambda one: (-one.score, one.account))[:_MOST]


def _odds(item: Item, comers: Comers, called: Array, chance: float) -> tuple[float, bool]:
    """The odds that an item set the crowd off, and whether the crowd has to do with its author; `called` tells who of it came
    by no item of his own, which nobody need have called for, and `chance` is how many items by chance there are a second.
    """
    keep = called & np.array([account != item.account for account in comers.account])
    time = comers.time[keep]
    after = int(np.count_nonzero(time > item.time_ms))
    rising = comers.time[comers.rise :][keep[comers.rise :]]
    if after < _FEWEST or after < 0.5 * len(time) or not len(rising):
        return 0.0, False
    rise_ms = int(rising.min())
    came = np.sort(time[time > item.time_ms])
    gap_s = max(1.0, (max(rise_ms, int(came[0])) - item.time_ms) / 1000)
    early = came[:12]
    pace = (len(early) - 1) / max(1.0, (int(early[-1]) - int(early[0])) / 1000)
    spread = math.log(comers.reach_ms / 1000 / _QUICKEST_S)
    density = min(1.0, gap_s / _QUICKEST_S) ** 2 / (spread * max(gap_s, _QUICKEST_S))
    as_first = comers.quoting * pace * math.exp(-min(30.0, pace * gap_s)) if item.comes else 0.0
    before = time[time <= item.time_ms]
    since_s = (item.time_ms - rise_ms) / 1000
    unexplained = max(0.0, int(np.count_nonzero(before >= rise_ms)) - comers.usual * max(0.0, since_s))
    home, from_home = _home(item, comers, as_first / (as_first + chance))
    contact = _contact(item, comers, keep)
    log_odds = math.log(_PRIOR * density / (chance + as_first)) + home + contact - _UNEXPLAINED * unexplained
    return math.exp(max(-30.0, min(30.0, log_odds))), from_home or contact >= _LINKED


def _home(item: Item, comers: Comers, as_first: float) -> tuple[float, bool]:
    """What it says (in log-odds) that the crowd is from his communities or is not, and whether it is; `as_first` is how
    likely, if it was not he, he is one of the crowd.
    """
    known = [home for home in comers.home if home is not None]
    if len(known) < _HOMES_KNOWN * len(comers.home) or not item.places:
        return 0.0, False
    share, times, fewest = _GOOD_PART
    counts = Counter(known)
    best = 0.0
    for place in item.places:
        part, expected = counts[place] / len(known), comers.expected.get(place, 0.0)
        rival = max(
            (n / len(known) for home, n in counts.items() if _is_foreign(home, n, item, known, comers)), default=0
        )
        if counts[place] >= fewest and part >= max(share, times * expected, times * rival):
            best = max(best, part)
    if best:
        return math.log(_FROM_HOME / (as_first * best + (1.0 - as_first) * _BY_CHANCE)), True
    return math.log((1.0 - _FROM_HOME) / (1.0 - (1.0 - as_first) * _BY_CHANCE)), False


def _is_foreign(home: str, count: int, item: Item, known: list[str], comers: Comers) -> bool:
    """Whether a community is none of his, and sends more than is expected."""
    return home not in item.places and count > 2.0 * comers.expected.get(home, 0.0) * len(known)


def _contact(item: Item, comers: Comers, keep: Array) -> float:
    """What it says that so many of the crowd lately had to do with him (Poisson, at the likeliest rate)."""
    mine = np.int64(signed_hash(item.account))
    others = comers.contacts[keep]
    count = int(np.count_nonzero((others == mine).any(axis=1)))
    usual = max(_CONTACT * len(others), 0.25)
    if count <= usual:
        return _NO_CONTACT if count == 0 else 0.0
    return min(_CONTACT_MOST, count * math.log(count / usual) - (count - usual))
