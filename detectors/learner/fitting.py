"""Weights and calibration learnt from decisions, both drawn towards the shipped model.

Weights by online logistic regression whose steps are kept within the bounds (projected stochastic gradient descent;
loss and optimiser are river's); then slope and shift on the log-odds (Platt 1999), with a Gaussian prior at 1 and 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from river import optim

from detectors.learner.bounds import MOST_SHIFT, SLOPES, Learnt, kept, kept_factors
from detectors.learner.ledger import Example
from detectors.model import Model

_RATE: Final = 0.02
_PULL: Final = 0.02
"""How strongly each step draws a factor back to 1."""
_SLOPE_SPREAD, _SHIFT_SPREAD = 0.25, 0.5
"""Standard deviations of what slope and shift are expected to be."""
_ROUNDS: Final = 50
_FAR: Final = 30.0


def fit(examples: Sequence[Example], model: Model) -> Learnt:
    """What is learnt from examples, in their order, beginning with the shipped model."""
    weights = Weights(model)
    for example in examples:
        weights.learn_one(example.strengths, example.share, example.weight)
    odds = [weights.odds(example.strengths) for example in examples]
    slope, shift = calibrate(odds, examples)
    return kept(slope, shift, weights.factors, model)


class Weights:
    """A logistic regression that starts from a model's weights, and learns a factor for each.

    Attributes
    ----------
    factors : by signal, of the weight in the model
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._optimizer: Any = optim.SGD(_RATE)
        self._loss = optim.losses.Log()
        self.factors = dict.fromkeys(sorted(model.spoken.weights), 1.0)

    def odds(self, strengths: Mapping[str, float]) -> float:
        """The log-odds of a pile-on."""
        intercept = self._model.weighing(strengths).intercept
        return math.fsum((intercept, *(self.factors[name] * x for name, x in self._parts(strengths))))

    def learn_one(self, strengths: Mapping[str, float], share: float, weight: float) -> None:
        """One more example: the share of decisions that say `pile_on`, and how much they weigh."""
        odds = max(-_FAR, min(_FAR, self.odds(strengths)))
        # The loss is linear in what was decided, and river's knows only yes and no.
        slope = weight * (share * self._loss.gradient(True, odds) + (1.0 - share) * self._loss.gradient(False, odds))
        gradient = {name: slope * x + _PULL * weight * (self.factors[name] - 1.0) for name, x in self._parts(strengths)}
        self.factors = kept_factors(self._optimizer.step(self.factors, gradient), self._model)

    def _parts(self, strengths: Mapping[str, float]) -> list[tuple[str, float]]:
        """What each signal adds to the log-odds by the shipped model."""
        weights = self._model.weighing(strengths).weights
        return [(name, weights[name] * strengths.get(name, 0.0)) for name in self.factors]


def calibrate(odds: Sequence[float], examples: Sequence[Example]) -> tuple[float, float]:
    """The slope and the shift that make log-odds agree best with what was decided, by Newton's method."""
    slope, shift = 1.0, 0.0
    for _ in range(_ROUNDS):
        by_slope = (slope - 1.0) / _SLOPE_SPREAD**2
        by_shift = shift / _SHIFT_SPREAD**2
        slope_slope, slope_shift, shift_shift = 1.0 / _SLOPE_SPREAD**2, 0.0, 1.0 / _SHIFT_SPREAD**2
        for z, example in zip(odds, examples, strict=True):
            chance = 1.0 / (1.0 + math.exp(-max(-_FAR, min(_FAR, slope * z + shift))))
            error, spread = example.weight * (chance - example.share), example.weight * chance * (1.0 - chance)
            by_slope += error * z
            by_shift += error
            slope_slope += spread * z * z
            slope_shift += spread * z
            shift_shift += spread
        whole = slope_slope * shift_shift - slope_shift**2
        next_slope = slope - (shift_shift * by_slope - slope_shift * by_shift) / whole
        next_shift = shift - (slope_slope * by_shift - slope_shift * by_slope) / whole
        next_slope = min(SLOPES[1], max(SLOPES[0], next_slope))
        next_shift = min(MOST_SHIFT, max(-MOST_SHIFT, next_shift))
        settled = abs(next_slope - slope) + abs(next_shift - shift) < 1e-9
        slope, shift = next_slope, next_shift
        if settled:
            break
    return slope, shift
