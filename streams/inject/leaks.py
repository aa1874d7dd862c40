"""Does a single field give away what is a pile-on? A classifier for each field, at the level of events and of campaigns.

A field's values are put into bins, evenly filled on the campaigns that are learnt from; the classifier is the smoothed
ratio of how often each bin occurs on either side (naive Bayes on one field). It is tested on other campaigns. Of
campaigns there are few, so there the mean of a field over a campaign's events is the score itself, and no rule is learnt.

Not counted as leaks are those few things at the level of a campaign that *are* the phenomenon, named in `PHENOMENON`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import numpy as np

from graph.columns import Array
from streams.inject.fields import fields_of
from streams.inject.stream import Injected

SEPARATES: Final = 0.75
"""From which area under the curve on a field alone separates."""
MARGIN: Final = 3.5
"""Standard errors by which it must also lie above chance."""
PHENOMENON: Final = frozenset({"value"})
"""At the level of campaigns: how warm the reactions are is how others react, and part of what is to be detected."""
_WELL_KNOWN: Final = ("target.", "links.length")
"""Not compared with the background, where a few well-known accounts are addressed far more often than any others."""
_SPEECH: Final = frozenset({"comment", "reply", "quote", "mention", "post"})
"""What is compared with the background: how much a crowd shares and reacts besides is how it behaves."""
_BINS: Final = 16
_SAMPLE: Final = 15_000
_FEWEST: Final = 30

Fields = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Finding:
    """How well one field alone separates two sides.

    Attributes
    ----------
    field, level, sides
        Which field; `event` or `campaign`; what is told apart.
    auc
        Area under the curve on campaigns that were not learnt from, 0.5 to 1.
    chance
        What chance alone stays below.
    """

    field: str
    level: str
    sides: str
    auc: float
    chance: float

    @property
    def leaks(self) -> bool:
        """Whether the field alone separates."""
        return self.auc > max(SEPARATES, self.chance)


@dataclass(slots=True)
class _Told:
    """Events of one campaign, or of the background, field by field."""

    side: str
    group: str
    events: list[Fields]


def check(streams: Iterable[Injected]) -> list[Finding]:
    """Every field's finding over several streams, those that separate best first."""
    told: list[_Told] = []
    for number, stream in enumerate(streams):
        told += _told(stream, str(number))
    found = _events(told, ("attack", "surge")) + _events(told, ("campaign", "background"))
    found += _kinds(told)
    found += _campaigns([one for one in told if one.side != "background"])
    return sorted(found, key=lambda one: (-one.auc, one.field, one.level, one.sides))


def _told(stream: Injected, name: str) -> list[_Told]:
    commonness: Counter[str] = Counter()
    rng = Random(name)
    ordinary: list[dict[str, Any]] = []
    for at, event in enumerate(stream.ordinary):
        for field in ("author_home", "community"):
            if field in event:
                commonness[event[field]] += 1
        if at < _SAMPLE:
            ordinary.append(event)
        else:
            place = rng.randrange(at + 1)
            if place < _SAMPLE:
                ordinary[place] = event
    found = [
        _Told(
            "attack" if campaign.truth["pile_on"] else "surge",
            f"{name}/{campaign.truth['id']}",
            [fields_of(event, commonness) for event in campaign.events],
        )
        for campaign in stream.campaigns
    ]
    parts: list[list[Fields]] = [[] for _ in found]
    for at, event in enumerate(ordinary):
        parts[at % len(parts)].append(fields_of(event, commonness))
    return found + [_Told("background", f"{name}/background-{at}", part) for at, part in enumerate(parts)]


def _events(told: Sequence[_Told], sides: tuple[str, str]) -> list[Finding]:
    """Single fields of events: learnt on every other campaign, tested on the others."""
    first = {"attack": ("attack",), "campaign": ("attack", "surge")}[sides[0]]
    chosen = [one for one in told if one.side in first or one.side == sides[1]]
    values: dict[str, list[tuple[float | str, bool, int]]] = defaultdict(list)
    for number, one in enumerate(sorted(chosen, key=lambda one: one.group)):
        for event in one.events:
            if sides[1] == "background" and event["type"] not in _SPEECH:
                continue
            for field, value in event.items():
                if sides[1] == "background" and field.startswith(_WELL_KNOWN):
                    continue
                values[field].append((value, one.side in first, number))
    found = []
    for field, rows in sorted(values.items()):
        groups = np.array([row[2] for row in rows])
        positive = np.array([row[1] for row in rows])
        codes = _binned([row[0] for row in rows])
        aucs = []
        for turn in (0, 1):
            test = groups % 2 == turn
            if min(np.count_nonzero(positive[test]), np.count_nonzero(~positive[test])) < _FEWEST:
                continue
            aucs.append(_auc(_ratio(codes, positive, ~test)[codes[test]], positive[test]))
        if aucs:
            n = len(set(groups.tolist()))
            found.append(Finding(field, "event", " and ".join(sides), float(np.mean(aucs)), _chance(n / 2, n / 2)))
    return found


def _kinds(told: Sequence[_Told]) -> list[Finding]:
    """Kinds of events that only campaigns have."""
    common = {event["type"] for one in told if one.side == "background" for event in one.events}
    special = {event["type"] for one in told if one.side != "background" for event in one.events} - common
    return [Finding(f"type={kind}", "event", "campaign and background", 1.0, 0.5) for kind in sorted(map(str, special))]


def _campaigns(told: Sequence[_Told]) -> list[Finding]:
    """Means of single fields over each campaign's events."""
    rows: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for one in told:
        means: dict[str, list[float]] = defaultdict(list)
        for event in one.events:
            for field, value in event.items():
                if isinstance(value, str):
                    means[f"{field}={value}"].append(1.0)
                else:
                    means[field].append(value)
        n = len(one.events)
        for field, seen in means.items():
            mean = len(seen) / n if "=" in field else sum(seen) / len(seen)
            rows[field].append((mean, one.side == "attack"))
    found = []
    for field, pairs in sorted(rows.items()):
        name = field.partition("=")[0]
        if "=" in field:
            absent = Counter(one.side for one in told)
            seen_of = Counter("attack" if attack else "surge" for _, attack in pairs)
            pairs.extend([(0.0, True)] * (absent["attack"] - seen_of["attack"]))
            pairs.extend([(0.0, False)] * (absent["surge"] - seen_of["surge"]))
        scores, attack = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
        positives, negatives = int(attack.sum()), int((~attack).sum())
        if name in PHENOMENON or min(positives, negatives) < 5:
            continue
        auc = _auc(scores, attack)
        auc = max(auc, 1 - auc)
        found.append(Finding(field, "campaign", "attack and surge", auc, _chance(positives, negatives)))
    return found


def _binned(values: Sequence[float | str]) -> Array:
    if any(isinstance(value, str) for value in values):
        names = {name: code for code, name in enumerate(sorted({str(value) for value in values}))}
        return np.array([names[str(value)] for value in values])
    numbers = np.array(values, float)
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return np.asarray(np.searchsorted(edges, numbers, "right") * 2 + np.isin(numbers, edges))


def _ratio(codes: Array, positive: Array, rows: Array) -> Array:
    """Log ratio of how often each bin occurs on either side, in these rows."""
    size = int(codes.max()) + 1
    on = np.bincount(codes[rows & positive], minlength=size) + 1.0
    off = np.bincount(codes[rows & ~positive], minlength=size) + 1.0
    return np.asarray(np.log(on / on.sum()) - np.log(off / off.sum()))


def _auc(scores: Array, positive: Array) -> float:
    """Area under the curve: how often a positive scores above a negative, ties counting half."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.searchsorted(ordered, ordered, "left")
    ends = np.searchsorted(ordered, ordered, "right")
    ranks = np.empty(len(scores))
    ranks[order] = (starts + ends + 1) / 2
    n = int(positive.sum())
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n)))


def _chance(positives: float, negatives: float) -> float:
    spread = math.sqrt((positives + negatives + 1) / (12 * max(positives, 1) * max(negatives, 1)))
    return 0.5 + MARGIN * spread
