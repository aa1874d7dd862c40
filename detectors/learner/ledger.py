"""Whose decisions count, and for how much.

Of one analyst the newest decision on an alert counts. How much it weighs follows from how often he agreed before, with
the others and with the shipped model where that is sure (Beta-Bernoulli); and all decisions on one alert together weigh
no more than one. So neither many decisions by one nor many on one alert say more than a few.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from detectors.learner.feedback import Decision, Feedback, Result

MOST_BY_ANALYST: Final = 20
"""How many decisions of one analyst are taken in an epoch."""
MOST_IN_EPOCH: Final = 200
"""How many of all analysts are."""
MOST_ON_ALERT: Final = 20
"""How many analysts may have decided on one alert."""
MOST_CASES: Final = 5_000
"""How many alerts with decisions are remembered, the newest."""
SURE: Final = 0.99
"""From which probability on, and from its opposite down, the shipped model is sure."""

_AGREED, _DIFFERED = 6.0, 2.0
"""With what an analyst begins: six of eight agreed."""
_PEERS: Final = 4.0
"""For how many cases it counts at most, however many there were, whether he agreed with others: they may be in league."""


class Example(NamedTuple):
    """What is learnt from an alert: what was measured, the share that says `pile_on`, and how much all of it weighs."""

    strengths: dict[str, float]
    share: float
    weight: float


@dataclass(slots=True)
class Case:
    """An alert with decisions.

    Attributes
    ----------
    strengths, probability : what was measured at the revision decided on first, and what the shipped model says of it
    said : by analyst, whether it is a pile-on
    """

    strengths: dict[str, float]
    probability: float
    said: dict[str, bool]


@dataclass(frozen=True, slots=True)
class LedgerState:
    """A ledger as a checkpoint holds it."""

    cases: dict[str, Case]
    by_analyst: dict[str, int]
    in_epoch: int


@dataclass(frozen=True, slots=True)
class Trust:
    """How analysts stand.

    Attributes
    ----------
    analysts : how many there are
    distrusted : how many of them weigh nothing
    weight, discounted : what their decisions weigh together, and what was left out of them
    """

    analysts: int = 0
    distrusted: int = 0
    weight: float = 0.0
    discounted: float = 0.0


@dataclass(slots=True)
class Ledger:
    """The decisions that are remembered."""

    cases: dict[str, Case] = field(default_factory=dict)
    _by_analyst: Counter[str] = field(default_factory=Counter)
    _in_epoch: int = 0

    def take(self, feedback: Feedback, strengths: dict[str, float] | None, probability: float) -> Result:
        """Take a decision on an alert of which this was measured, None if that is not known any more."""
        case = self.cases.get(feedback.alert)
        if case is None and strengths is None:
            return Result.UNKNOWN
        if self._by_analyst[feedback.analyst] >= MOST_BY_ANALYST:
            return Result.OVER_ANALYST
        if self._in_epoch >= MOST_IN_EPOCH:
            return Result.OVER_EPOCH
        if case is not None and feedback.analyst not in case.said and len(case.said) >= MOST_ON_ALERT:
            return Result.OVER_ALERT
        self._by_analyst[feedback.analyst] += 1
        self._in_epoch += 1
        if feedback.decision is Decision.UNSURE:
            if case is not None:
                case.said.pop(feedback.analyst, None)
            return Result.UNSURE
        if case is None:
            case = self.cases[feedback.alert] = Case(strengths or {}, probability, {})
            if len(self.cases) > MOST_CASES:
                del self.cases[next(iter(self.cases))]
        case.said[feedback.analyst] = feedback.decision is Decision.PILE_ON
        return Result.COUNTED

    def close_epoch(self) -> None:
        """An epoch is over: everybody may decide again."""
        self._by_analyst.clear()
        self._in_epoch = 0

    def weigh(self) -> tuple[list[Example], Trust]:
        """What is to be learnt from all decisions, oldest case first, and how the analysts stand."""
        trust = self._trust()
        examples: list[Example] = []
        said = 0
        for case in self.cases.values():
            said += len(case.said)
            yes = sum(trust[analyst] for analyst in sorted(case.said) if case.said[analyst])
            no = sum(trust[analyst] for analyst in sorted(case.said) if not case.said[analyst])
            if yes + no > 0:
                examples.append(Example(case.strengths, yes / (yes + no), min(1.0, yes + no)))
        weight = sum(example.weight for example in examples)
        distrusted = sum(one == 0 for one in trust.values())
        return examples, Trust(len(trust), distrusted, round(weight, 3), round(said - weight, 3))

    @property
    def state(self) -> LedgerState:
        """What it has, to go on from."""
        return LedgerState(self.cases, dict(self._by_analyst), self._in_epoch)

    @state.setter
    def state(self, state: LedgerState) -> None:
        self.cases, self._by_analyst, self._in_epoch = dict(state.cases), Counter(state.by_analyst), state.in_epoch

    def _trust(self) -> dict[str, float]:
        """By analyst, how much a decision of his weighs."""
        records: dict[str, _Record] = {}
        for case in self.cases.values():
            yes = sum(case.said.values())
            for analyst, said in case.said.items():
                record = records.setdefault(analyst, _Record())
                if case.probability >= SURE or case.probability <= 1.0 - SURE:
                    record.sure[said is (case.probability >= SURE)] += 1
                lead = 2 * (yes - said) - (len(case.said) - 1)
                if lead:
                    record.others[said is (lead > 0)] += 1
        return {analyst: record.trust for analyst, record in records.items()}


@dataclass(slots=True)
class _Record:
    """How often an analyst differed and agreed: with the model where it was sure, and with most of the others."""

    sure: list[int] = field(default_factory=lambda: [0, 0])
    others: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def trust(self) -> float:
        """From 0, for who is right as often as not or less, to 1."""
        scale = min(1.0, _PEERS / max(1, sum(self.others)))
        differed, agreed = (sure + scale * others for sure, others in zip(self.sure, self.others, strict=True))
        mean = (_AGREED + agreed) / (_AGREED + _DIFFERED + agreed + differed)
        return max(0.0, 2.0 * mean - 1.0)
