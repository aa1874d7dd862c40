"""The learner put together: looks and decisions in, at the end of an epoch what was learnt out.

What is learnt is worked out anew, from the shipped model and all decisions that are remembered, whenever there is a new
one: so a decision that is taken back, or whose analyst turns out not to be trusted, leaves nothing behind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from detectors.learner.baselines import Baseline, Baselines
from detectors.learner.bounds import Learnt
from detectors.learner.feedback import Feedback, Result
from detectors.learner.fitting import fit
from detectors.learner.ledger import Ledger, LedgerState, Trust
from detectors.model import Model

FORGET_S: Final = 30 * 86_400
"""For how long, in event time, it is remembered what was measured for an alert."""
MOST_ALERTS: Final = 5_000
"""For how many alerts it is, the newest."""
_LOOKS_KEPT: Final = 4


@dataclass(frozen=True, slots=True)
class Look:
    """What was measured at a look.

    Attributes
    ----------
    tick : when
    alert, revision : which told it; None if none did
    strengths, probability : what the model weighs, and what the shipped one says of it
    """

    tick: int
    alert: str | None
    revision: int | None
    strengths: dict[str, float]
    probability: float


@dataclass(frozen=True, slots=True)
class LearnerState:
    """A learner as a checkpoint holds it."""

    model: str
    looks: dict[str, list[Look]]
    ledger: LedgerState
    baselines: dict[str, Baseline]
    learnt: Learnt
    revision: int
    results: dict[str, int]
    trust: Trust
    is_new: bool


class Learner:
    """Learns from looks and decisions, beginning with a model.

    Attributes
    ----------
    learnt : what was learnt up to the end of the last epoch
    revision : how often that has changed
    results : what became of decisions so far
    trust : how analysts stood when something was learnt last
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._looks: dict[str, list[Look]] = {}
        self._ledger = Ledger()
        self._baselines = Baselines()
        self._is_new = False
        self.results: Counter[Result] = Counter()
        self.trust = Trust()
        self.learnt = Learnt()
        self.revision = 0

    @property
    def usual(self) -> dict[str, list[float]]:
        """By signal, quantiles of its strength where all looked harmless."""
        return self._baselines.told

    def learn_one(self, look: Look) -> None:
        """One more look, in the order of their ticks."""
        if look.probability <= self._model.organic:
            self._baselines.learn_one(look.strengths)
        if look.alert is None or look.revision is None:
            return
        kept = self._looks.pop(look.alert, [])
        self._looks[look.alert] = [*kept[1 - _LOOKS_KEPT :], look]
        self._forget(look.tick)

    def knows(self, alert: str) -> bool:
        """Whether a decision on an alert can be learnt from."""
        return alert in self._looks or alert in self._ledger.cases

    def decide_one(self, feedback: Feedback) -> Result:
        """An analyst decided."""
        seen = self._seen(feedback)
        result = self._ledger.take(
            feedback, None if seen is None else seen.strengths, 0.5 if seen is None else seen.probability
        )
        self.refuse(result)
        self._is_new |= result in (Result.COUNTED, Result.UNSURE)
        return result

    def refuse(self, result: Result) -> None:
        """Count what became of a decision."""
        self.results[result] += 1

    def close_epoch(self) -> bool:
        """An epoch is over; whether something else is learnt now than before."""
        self._ledger.close_epoch()
        if not self._is_new:
            return False
        self._is_new = False
        examples, self.trust = self._ledger.weigh()
        learnt = fit(examples, self._model)
        if learnt == self.learnt or (learnt.is_nothing and self.learnt.is_nothing):
            return False
        self.learnt = learnt
        self.revision += 1
        return True

    @property
    def state(self) -> LearnerState:
        """What it has, to go on from."""
        return LearnerState(
            model=self._model.name,
            looks=self._looks,
            ledger=self._ledger.state,
            baselines=self._baselines.by_signal,
            learnt=self.learnt,
            revision=self.revision,
            results={result.value: count for result, count in self.results.items()},
            trust=self.trust,
            is_new=self._is_new,
        )

    @state.setter
    def state(self, state: LearnerState) -> None:
        """Of what was learnt for another model only the decisions are kept: the next epoch learns from them anew."""
        self._looks, self._baselines = dict(state.looks), Baselines(dict(state.baselines))
        self._ledger.state = state.ledger
        self.results = Counter({Result(name): count for name, count in state.results.items()})
        self.trust = state.trust
        same = state.model == self._model.name
        self.learnt = state.learnt if same else Learnt()
        self.revision = state.revision if same else state.revision + 1
        self._is_new = state.is_new or not same

    def _seen(self, feedback: Feedback) -> Look | None:
        """What was measured for the revision that was decided on: the newest look that is not newer than it."""
        looks = self._looks.get(feedback.alert)
        if not looks:
            return None
        if feedback.revision is None:
            return looks[-1]
        return next((one for one in reversed(looks) if (one.revision or 0) <= feedback.revision), looks[0])

    def _forget(self, tick: int) -> None:
        while self._looks:
            oldest = next(iter(self._looks))
            if len(self._looks) <= MOST_ALERTS and self._looks[oldest][-1].tick >= tick - FORGET_S:
                return
            del self._looks[oldest]
