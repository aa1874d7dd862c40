"""The signals of what a crowd says: how hostile it is, all of it or a part, and how much of it is said alike."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from detectors.model import Population
from detectors.signals import CERTAIN, DOUBT, Signal, unlikely
from detectors.words import COMPARED, Words, weighed
from graph.columns import Array

_USUAL_TEXTS: Final = 20
_LITTLE_LIFT: Final = 0.06
_FULL_LIFT: Final = 0.2
_FULL_CALM: Final = 0.4
"""Calm words tell less than hostile ones: who means harm may keep calm."""
_LATEST: Final = (2, 4)
"""Of those who came last, a half and a quarter are looked at by themselves."""
_FEW_TEXTS: Final = 15
_CHOSEN: Final = 0.5
"""What it costs to have chosen among parts of a kind, as evidence."""
_PART_CERTAIN: Final = 5.0
"""Evidence, as a negative power of ten, of a hostile part of a crowd, beyond which more adds nothing."""
_FEW_NEIGHBOURS: Final = 10
"""So many from one community are looked at by themselves."""
_MOST_NEIGHBOURS: Final = 0.7
"""Up to this share of a crowd: more are the crowd."""
_LITTLE_APART: Final = 0.04
"""What is little for them: beside others in the same crowd at the same time, less says something."""
_LITTLE_SLOWLY: Final = 0.02
"""What is little of those who come over hours and days: among many, few more are enough, if it is no chance."""
_CHANT: Final = 0.5
"""What it tells that somebody says the same few words as others, beside the same sentence."""


class Hostility(NamedTuple):
    """The signal, and how far it is of all the crowd, 0 to 1: the less, the more it is of a hostile part, beside whom the others
    may be anybody.
    """

    signal: Signal
    of_all: float


def hostility(said: Words, homes: Sequence[str | None], population: Population, *, slowly: bool = False) -> Hostility:
    """The share of those who said something hostile, those in doubt counted in part, beside what is usual at the subject;
    `homes` of the crowd, in the order of its texts. Of somebody who said several things more is usual than of one who said
    one.

    The strength is the lift over the usual, in shares of the crowd, and speaks against a pile-on where many are no more
    hostile than usual. Of those who came `slowly`, over hours or days, it is the evidence that they are more hostile at all
    (exact binomial test): they come beside those who come anyhow, and there are many such crowds to be wrong about, most of
    them small. It is exactly 0 where less than half of the crowd said something in words.
    """
    spoke = said.hostile >= 0
    prior = np.where(said.chinese[spoke], population.hostile_chinese, population.hostile)
    told = _Told(weighed(said.hostile[spoke]), said.texts[spoke], said.weight[spoke], prior)
    rate = (said.usual + _USUAL_TEXTS * prior) / (said.others + _USUAL_TEXTS)
    if 2 * len(told) < len(said.hostile):
        usual = float(rate.mean()) if len(told) else population.hostile
        return Hostility(Signal("hostility", told.total / max(1, len(told)), usual, 0.0), 1.0)
    expected = math.fsum((told.weight * np.minimum(1.0, rate * told.texts)).tolist())
    silent = len(said.hostile) - len(told)
    lift = (told.total - expected) / (told.count + DOUBT)
    full = _FULL_LIFT if lift > _LITTLE_LIFT else _FULL_CALM
    strength = max(-1.0, min(1.0, (lift - _LITTLE_LIFT) / full))
    if slowly:
        evidence = _surprise(told, told[:0], said, _LITTLE_SLOWLY)
        strength = min(1.0, evidence / _PART_CERTAIN) if evidence > 0.0 else min(0.0, strength)
    strength *= told.count / (told.count + silent + DOUBT)
    part = _hostile_part(told, [home for home, at in zip(homes, spoke.tolist(), strict=True) if at], said)
    signal = Signal("hostility", told.total / told.count, expected / told.count, max(strength, part))
    return Hostility(signal, max(0.0, strength) / part if part > max(0.0, strength) else 1.0)


@dataclass(frozen=True, slots=True)
class _Told:
    """Of those who said something, what the most hostile of their texts counts for, how many these were, for how many members
    each counts, and how hostile a text of theirs is taken to be anywhere; shape `(n,)` each.
    """

    hostile: Array
    texts: Array
    weight: Array
    prior: Array

    def __len__(self) -> int:
        return len(self.hostile)

    def __getitem__(self, part: Array | slice) -> _Told:
        return _Told(self.hostile[part], self.texts[part], self.weight[part], self.prior[part])

    @property
    def count(self) -> float:
        """For how many members they count."""
        return math.fsum(self.weight.tolist())

    @property
    def total(self) -> float:
        """For how many hostile ones."""
        return math.fsum((self.weight * self.hostile).tolist())

    @property
    def read(self) -> float:
        """For how many texts."""
        return math.fsum((self.weight * self.texts).tolist())


def _hostile_part(told: _Told, homes: list[str | None], said: Words) -> float:
    """The strength of a hostile part of a crowd that is else harmless: a small share of many, or of those who came last or
    from one community, beside what the others of it and those before said.
    """
    found = [_surprise(told, told[:0], said) / CERTAIN]
    for part in _LATEST:
        if len(told) >= part * _FEW_TEXTS:
            late = len(told) - len(told) // part
            found.append((_surprise(told[late:], told[:late], said) - _CHOSEN) / _PART_CERTAIN)
    counts = Counter(home for home in homes if home is not None)
    places = [home for home, count in counts.items() if _FEW_NEIGHBOURS <= count <= _MOST_NEIGHBOURS * len(told)]
    for place in places:
        mine = np.array([home == place for home in homes])
        evidence = _surprise(told[mine], told[~mine], said, _LITTLE_APART) - _CHOSEN - math.log10(len(places))
        found.append(evidence / _PART_CERTAIN)
    return max(-1.0, min(1.0, max(found)))


def _surprise(part: _Told, rest: _Told, said: Words, little: float = _LITTLE_LIFT) -> float:
    """Evidence, as a negative power of ten, that a part of a crowd is more hostile than what the rest of it and others said,
    and by more than a `little`; minus infinity if it is not.
    """
    hostile, count = part.total, part.count
    prior = math.fsum((part.weight * part.prior).tolist()) / count
    before = said.usual + rest.total + _USUAL_TEXTS * prior
    rate = before / (said.others + rest.read + _USUAL_TEXTS)
    enough = min(0.9, rate * part.read / count + little)
    return unlikely(hostile, count, enough) if hostile > enough * count else -math.inf


def copies(said: Words) -> Signal:
    """The share of the crowd whose texts are near-duplicates of one another. The same few words tell less: who wins something by
    them says them, too.
    """
    compared = min(len(said.hostile), COMPARED)
    copied, chanting = sum(len(group) for group in said.copies) / compared, said.chanting / compared
    return Signal("copies", copied + chanting, 0.0, copied + _CHANT * chanting)
