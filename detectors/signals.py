"""The signals: what a look at a crowd measures, each a number that a person can check.

A signal has a value in its own unit, the value that is usual, and a *strength* from 0 to 1 (from -1 where it can
speak either way), which the verdict weighs. Every strength grows with its value; the sign of its weight says for
which side it speaks.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final, NamedTuple

import networkx as nx
import numpy as np
from scipy.special import betainc

from detectors.model import Population
from detectors.surge import STRONGEST, Surge
from graph.columns import Array
from graph.neighbourhood import LARGEST_GRAPH, UNSEEN_MS, Crowd, Surroundings

_DAY_MS: Final = 86_400_000
_LONG_LOG_MS: Final = 3 * _DAY_MS
_STEP_MS: Final = 60_000
_FULL_STEP: Final = 40
_GROUP: Final = 3
_DOUBT: Final = 4.0
_CERTAIN: Final = 12.0
"""Evidence, as a negative power of ten, beyond which more adds nothing."""
_WELL_SHOWN: Final = 8.0
_SHOWN: Final = 1.0
"""Sharers, or four times as many who react, that a newcomer of a harmless surge comes with."""
_EARLY: Final = 10.0
"""Up to about how many newcomers it is too early to tell."""


class Signal(NamedTuple):
    """One measurement: `name`, `value` and the usual `baseline` in one unit, `strength` for the verdict."""

    name: str
    value: float
    baseline: float
    strength: float


class Origin(NamedTuple):
    """A community that members of the crowd came from: their share, the expected share, the ratio of both."""

    community: str
    share: float
    expected: float

    @property
    def lift(self) -> float:
        """How many times more than expected, at most 1000."""
        return min(1000.0, self.share / max(self.expected, 0.001))


def strangers_of(crowd: Crowd, since_ms: int) -> list[bool]:
    """Who of the crowd had no contact with the subject before this time."""
    marks: list[bool] = (crowd.first >= since_ms).tolist()
    return marks


def fresh_by_age(time: Array, created: Array, seen: Array, known_ms: int, population: Population) -> Array:
    """Whose account is new at `time`: by the date when it was `created` (ms UTC, -1: not known); without one, by
    when it was first `seen`, once the log, which has run for `known_ms`, is long enough to tell. Shapes `(n,)`.
    """
    limit = int(population.fresh_days * _DAY_MS)
    fresh = (created >= 0) & (time - created < limit)
    if known_ms > _LONG_LOG_MS:
        fresh |= (created < 0) & (time - seen < UNSEEN_MS)
    return np.asarray(fresh)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a subject's audience was before a crowd came.

    Attributes
    ----------
    at_home : communities that it belongs to
    kin : by home community, how many of its newcomers had come from there; `total` of them all
    """

    at_home: frozenset[str]
    kin: dict[str, float]
    total: float

    def expected(self, community: str, population: Population) -> float:
        """The share of newcomers expected from a community."""
        native = population.audience_weight / len(self.at_home) if community in self.at_home else 0.0
        return (self.kin.get(community, 0.0) + native) / (self.total + population.audience_weight)


def audience_of(crowd: Crowd, around: Surroundings) -> Audience:
    """The audience as it was when the first of the crowd came from each community."""
    kin: dict[str, float] = {}
    total = 0.0
    for home, came, held in zip(crowd.home, crowd.kin.tolist(), crowd.audience.tolist(), strict=True):
        if home is not None and home not in kin:
            total = total or held
            kin[home] = min(came, total)
    return Audience(around.at_home, kin, total)


def origins_of(crowd: Crowd, audience: Audience, population: Population) -> list[Origin]:
    """Where the crowd came from, most unexpected share first; only members whose home is known count."""
    homes = Counter(crowd.home)
    known = len(crowd) - homes[None]
    found = [
        Origin(home, count / known, audience.expected(home, population))
        for home, count in homes.items()
        if home is not None
    ]
    return sorted(found, key=lambda origin: (origin.expected - origin.share, origin.community))


def surge(found: Surge) -> Signal:
    """How surprising the number of newcomers is, against the subject's own history."""
    return Signal("surge", float(found.newcomers), round(found.expected, 3), found.evidence / STRONGEST)


def strangers(marks: list[bool], population: Population) -> Signal:
    """The share of newcomers without an earlier tie to the subject."""
    share = sum(marks) / len(marks)
    return Signal("strangers", share, population.strangers, share)


def outsiders(crowd: Crowd, audience: Audience, origins: list[Origin], population: Population) -> Signal:
    """The share of newcomers at home in communities that are hardly the subject's."""
    known = len(crowd) - crowd.home.count(None)
    abroad = (o.share for o in origins if o.community not in audience.at_home and o.expected < 0.5 * o.share)
    foreign = sum(abroad, 0.0)
    return Signal("outsiders", foreign, population.outsiders, foreign * known / len(crowd))


def origin(crowd: Crowd, audience: Audience, origins: list[Origin], population: Population) -> Signal:
    """How much of the crowd came from one community that is not the subject's.

    The strength is the evidence: how improbable it is that so many of a harmless crowd come from one place (binomial
    tail), so that a few who happen to be neighbours count for little and the same share of many counts for much.
    """
    known = len(crowd) - crowd.home.count(None)
    foreign = [o for o in origins if o.community not in audience.at_home]
    if not foreign:
        return Signal("origin", 0.0, 0.0, 0.0)
    first = foreign[0]
    likely = max(first.expected, population.origin)
    count = round(first.share * known)
    chance = float(betainc(count, known - count + 1, likely))
    evidence = 0.0 if first.share <= likely else -math.log10(max(chance, 1e-300))
    return Signal("origin", first.share, first.expected, min(1.0, evidence / _CERTAIN) * known / len(crowd))


def accounts(crowd: Crowd, around: Surroundings, known_ms: int, population: Population) -> Signal:
    """The share of newcomers with a new account, beyond what is usual.

    By the date where the account has one, against the population; otherwise by when it was first seen, against the
    accounts around the subject: a great event brings out many who were never seen before, on both sides.
    """
    dated = crowd.created >= 0
    fresh = fresh_by_age(crowd.time, crowd.created, crowd.seen, known_ms, population)
    n, by_date = len(crowd), int(np.count_nonzero(fresh & dated))
    by_sight = int(np.count_nonzero(fresh)) - by_date
    with_date = int(np.count_nonzero(dated))
    usual_by_sight = (around.unseen + _DOUBT * population.unseen) / (around.others + _DOUBT)
    expected = with_date * population.fresh + (n - with_date) * usual_by_sight
    excess = max(0.0, by_date - with_date * population.fresh) + max(0.0, by_sight - (n - with_date) * usual_by_sight)
    return Signal("accounts", (by_date + by_sight) / n, expected / n, excess / n)


def together(crowd: Crowd, graph: nx.Graph[str]) -> tuple[Signal, list[list[str]]]:
    """The share of the crowd in groups of three or more who were lately at the same other accounts; the groups."""
    groups = [sorted(group) for group in nx.connected_components(graph) if len(group) >= _GROUP]
    groups.sort(key=lambda group: (-len(group), group))
    share = sum(len(group) for group in groups) / min(len(crowd), LARGEST_GRAPH)
    return Signal("together", share, 0.0, share), groups


def step(crowd: Crowd) -> Signal:
    """How many of the newcomers came within one minute."""
    times = np.sort(crowd.time)
    busiest = int((times.searchsorted(times + _STEP_MS) - np.arange(len(times))).max())
    share = busiest / len(times)
    steady = min(1.0, _STEP_MS / max(_STEP_MS, int(times[-1]) - int(times[0])))
    return Signal("step", share, steady, share * min(1.0, math.log1p(busiest) / math.log1p(_FULL_STEP)))


def exposure(crowd: Crowd, around: Surroundings) -> Signal:
    """How widely the subject is being shown, a newcomer: sharers, and a quarter of those who reacted, who are not
    of the crowd. The strength starts from what is usual and moves away from it as the crowd grows.
    """
    shown = around.sharers + 0.25 * (around.warm + around.cold)
    likely = (shown + _EARLY * _SHOWN) / (crowd.total + _EARLY)
    strength = min(1.0, math.log1p(likely) / math.log1p(_WELL_SHOWN))
    return Signal("exposure", shown / crowd.total, _SHOWN, strength)


def warmth(around: Surroundings) -> Signal:
    """Warm less cold reactions, as a share of them, by accounts that are not of the crowd."""
    value = (around.warm - around.cold) / (around.warm + around.cold + 4.0)
    return Signal("warmth", value, 0.5, value)


def answered(crowd: Crowd, around: Surroundings) -> Signal:
    """The share of newcomers whom the subject answers: who hosts a crowd talks with it."""
    value = around.answers / crowd.total
    return Signal("answered", value, 0.1, min(1.0, 4.0 * value))
