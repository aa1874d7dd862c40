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
from detectors.surge import WINDOWS_S, Surge
from graph.columns import Array
from graph.neighbourhood import LARGEST_GRAPH, UNSEEN_MS, Crowd, Surroundings, little_history

_DAY_MS: Final = 86_400_000
_LONG_LOG_MS: Final = 3 * _DAY_MS
_STEP_MS: Final = 60_000
_FULL_STEP: Final = 40
_GROUP: Final = 3
_MANY_FRESH: Final = 3.0
"""So many times as many new accounts as usual may come with an event."""
_MORE_FRESH: Final = 0.65
"""How much a share of new accounts beyond the usual tells, where so many may have come with an event."""
_TURNOUT: Final = 0.5
"""Share of those who know a subject who come along with a harmless crowd."""
_RARE: Final = 5.0
"""So many times fewer of them come along with an attack."""
PLAIN: Final = 3.0
"""Evidence of strangers, as a power of ten, beyond which more adds nothing."""
PLAIN_ALONE: Final = 0.9
"""The same where nothing is known of what they say: it must not decide alone, for those who know the subject may come later, and
to what is in the news strangers come.
"""
_TOLD: Final = 1.0 / 3.0
"""Share of a crowd of whom something must be known to say that they are strangers, where nothing is known of what they say: of
less, it may be the log that knows little.
"""
_SURPRISING: Final = 33.0
"""Evidence, as a negative power of ten, beyond which it is all the same how surprising a crowd is."""
_SURROUNDINGS: Final = 0.5
"""Share of an attack from a subject's own surroundings who are familiar with it or its circle."""
_OF_ALL: Final = (0.5, 0.25)
"""Share of all who come that is of the audience in a harmless crowd, and of the surroundings in an attack from there: the others
may be anybody.
"""
_CLEAR: Final = 2.0
"""Evidence, as a power of ten, beyond which it is clear."""
_DEFENDED: Final = 4.0
_VIEWS: Final = 400
"""So many views weigh as much as one who shares."""
_CHAT: Final = 0.1
"""Share of a crowd whom others of it address anyhow."""
_LOYAL: Final = 0.3
"""So many come to somebody's defence, for each of a crowd, at most; more are a side of their own."""
_NOTICED_MS: Final = 30_000
"""So long it takes at least until somebody defends him: who answers sooner was there for it."""
_SIDES: Final = 0.3
"""How many more are two sides."""
DOUBT: Final = 4.0
"""Members of a crowd, and others, who are thought to be as usual, beside those who were counted."""
_BEHIND: Final = 0.3
"""Share of a crowd that a community behind it sends at least, of what others leave."""
CERTAIN: Final = 12.0
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
    return Signal("surge", float(found.newcomers), round(found.expected, 3), min(1.0, found.evidence / _SURPRISING))


def days(found: Surge) -> Signal:
    """Over how many hours the crowd came, where those are more than an exact window holds: a subject whose audience grows
    has such crowds too, and of them only a sample is known.
    """
    slowly = found.window_s > WINDOWS_S[-1]
    return Signal("days", found.window_s / WINDOWS_S[-1] if slowly else 0.0, 0.0, float(slowly))


def told_of(crowd: Crowd, kin: Array, known: list[bool]) -> float:
    """How much can be said of whom a crowd knows, 0 to 1: all, if of a third of it something is known, be it his home; `kin`
    and `known` as `circle` takes them.
    """
    at_home = np.array([home is not None for home in crowd.home])
    return min(1.0, float(np.mean(at_home | np.array(known) | (kin >= 0))) / _TOLD)


def strangers(
    marks: list[bool], population: Population, acquainted: int | None = None, plain: float = PLAIN, told: float = 1.0
) -> Signal:
    """The share of newcomers without an earlier tie to the subject.

    To a harmless crowd belong a usual share of people with a tie; but where few have one at all, no more than half of those
    `acquainted` with the subject (None: too many to count) can be expected. The strength is the evidence for a crowd with
    hardly any of them against a harmless one (log-likelihood ratio), and full from `plain` on, a power of ten: a few who happen
    to be strangers count for little, and nothing is told of a subject that nobody knows. It is less where less can be `told`
    of them.
    """
    n, known = len(marks), len(marks) - sum(marks)
    usual = (1.0 - population.strangers) * n
    if acquainted is not None:
        usual = min(usual, _TURNOUT * acquainted)
    strength = 0.0
    if usual > 0.0:
        likely, rare = usual / n, usual / n / _RARE
        evidence = _log_likelihood_ratio(known, n, rare, likely)
        strength = told * max(0.0, min(1.0, evidence / plain))
    return Signal("strangers", 1.0 - known / n, 1.0 - usual / n, strength)


def circle(
    kin: Array, known: list[bool], population: Population, acquainted: int | None = None, told: float = 1.0
) -> Signal:
    """The share, of those of whom it can be told, who know the subject or lately dealt with somebody of its circle.

    `kin` is as `kin_of` gives it, `known` who had contact before, `acquainted` how many the circle has: of one whom nobody
    knows it cannot be told. The strength is the evidence for a harmless crowd against an attack from the subject's own
    surroundings (log-likelihood ratio); of one from anywhere else still fewer would be familiar. Where so many of all who came
    are familiar as an audience brings along, they are one, whoever came besides. It speaks less for an attack where less can
    be `told` of them.
    """
    familiar = np.array(known) | (kin > 0)
    judged, inside = int(np.count_nonzero(familiar | (kin == 0))), int(np.count_nonzero(familiar))
    usual, strength = population.circle, 0.0
    if acquainted != 0:
        audience, surroundings = (share * usual for share in _OF_ALL)
        of_all = _log_likelihood_ratio(inside, len(known), audience, surroundings)
        evidence = _log_likelihood_ratio(inside, judged, usual, _SURROUNDINGS)
        strength = max(-1.0, min(1.0, max(evidence, of_all if of_all > 0.0 else -math.inf) / _CLEAR))
        strength *= told if strength < 0.0 else 1.0
    return Signal("circle", inside / max(1, judged), usual, strength)


def _log_likelihood_ratio(count: float, of: float, share: float, other: float) -> float:
    """Evidence, as a power of ten, that so many of these are of a kind because its share is the one rather than the other."""
    return count * math.log10(share / other) + (of - count) * math.log10((1.0 - share) / (1.0 - other))


def unlikely(count: float, of: float, share: float) -> float:
    """Minus the decimal logarithm of the chance that so many or more, of these, are of a kind that has this share."""
    return 0.0 if count <= 0 else -math.log10(max(float(betainc(count, of - count + 1, share)), 1e-300))


def mutual(crowd: Crowd, around: Surroundings, now_ms: int) -> Signal:
    """How many of the crowd are addressed by some of it from elsewhere, and how many others are in an exchange with it or,
    beyond those whom somebody has to defend him by now, answer it, for each newcomer: two sides at each other, not all at
    one. In any crowd some are.
    """
    seen = crowd.total * float(np.mean(crowd.time < now_ms - _NOTICED_MS))
    share = min(1.0, (around.mutual + max(0.0, around.defenders - _LOYAL * seen)) / crowd.total)
    return Signal("mutual", share, _CHAT, min(1.0, max(0.0, share - _CHAT) / _SIDES))


def defended(crowd: Crowd, around: Surroundings) -> Signal:
    """How many others answer members of the crowd, for each newcomer: who is attacked has defenders."""
    value = around.defenders / crowd.total
    return Signal("defended", value, 0.0, min(1.0, _DEFENDED * value))


def reported(crowd: Crowd, around: Surroundings) -> Signal:
    """How many complained about the subject, for each newcomer, reporters included."""
    value = around.reporters / crowd.total
    return Signal("reported", value, 0.0, min(1.0, value))


def outsiders(crowd: Crowd, audience: Audience, origins: list[Origin], population: Population) -> Signal:
    """The share of newcomers at home in communities that are hardly the subject's."""
    known = len(crowd) - crowd.home.count(None)
    abroad = (o.share for o in origins if o.community not in audience.at_home and o.expected < 0.5 * o.share)
    foreign = sum(abroad, 0.0)
    return Signal("outsiders", foreign, population.outsiders, foreign * known / len(crowd))


def origin(
    crowd: Crowd, audience: Audience, origins: list[Origin], population: Population, of_all: float = 1.0
) -> Signal:
    """How much of the crowd came from one community that is not the subject's.

    The strength is the evidence for one community behind the crowd, which sends `_BEHIND` of it, against the most that one
    sends to a harmless crowd (log-likelihood ratio). A few who happen to be neighbours count for little, the same share of
    many for much; and that many come from all over speaks against it.
    """
    known = len(crowd) - crowd.home.count(None)
    if not known:
        return Signal("origin", 0.0, 0.0, 0.0)
    foreign = [o for o in origins if o.community not in audience.at_home]
    first = foreign[0] if foreign else Origin("", 0.0, 0.0)
    likely = max(first.expected, population.origin)
    behind, count = likely + _BEHIND * (1.0 - likely), first.share * known
    evidence = _log_likelihood_ratio(count, known, behind, likely)
    strength = max(-1.0, min(1.0, evidence / CERTAIN)) * known / len(crowd)
    return Signal("origin", first.share, first.expected, strength if strength > 0.0 else strength * of_all)


def accounts(crowd: Crowd, around: Surroundings, known_ms: int, population: Population) -> Signal:
    """The share of newcomers with a new account, or with little history in the log, beyond what is usual.

    New by the date where the account has one, against the population. Once the log is long enough, an account that is not
    new by its date may still have little history: that is held against the accounts around the subject, since a great
    event brings out many who were never seen before, on both sides.
    """
    n = len(crowd)
    dated = crowd.created >= 0
    by_date = dated & (crowd.time - crowd.created < population.fresh_days * _DAY_MS)
    by_history = np.zeros(n, bool)
    if known_ms > _LONG_LOG_MS:
        by_history = ~by_date & little_history(crowd.time, crowd.seen, crowd.activity)
    fresh, blank = int(np.count_nonzero(by_date)), int(np.count_nonzero(by_history))
    usual_fresh = int(np.count_nonzero(dated)) * population.fresh
    usual_blank = (n - fresh) * (around.unseen + DOUBT * population.unseen) / (around.others + DOUBT)
    usual_blank *= known_ms > _LONG_LOG_MS
    excess = max(0.0, fresh - usual_fresh) + max(0.0, blank - usual_blank)
    # An event may bring out some times as many new accounts as usual; beyond that their number tells, not their share.
    evidence = unlikely(fresh, int(np.count_nonzero(dated)), _MANY_FRESH * population.fresh) / CERTAIN if fresh else 0.0
    strength = min(1.0, max(_MORE_FRESH * excess / n, evidence))
    return Signal("accounts", (fresh + blank) / n, (usual_fresh + usual_blank) / n, strength)


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
    """How widely the subject is being shown, a newcomer: sharers, a quarter of those who reacted, who are not of the
    crowd, half of what was shared in the hours before, and what is told of views. The strength starts from what is usual
    and moves away from it as the crowd grows.
    """
    shown = around.sharers + 0.25 * (around.warm + around.cold) + 0.5 * max(0.0, around.shown - around.sharers)
    shown += max(0, around.views) / _VIEWS
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
