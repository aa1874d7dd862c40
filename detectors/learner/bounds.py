"""How far what is learnt may go from the shipped model, and what therefore holds whatever analysts say.

Let z be the log-odds that the shipped model gives a look. What is learnt makes of it `slope * (z + d) + shift`, where d
is what changed weights add. The slope, the shift and each weight have limits of their own, and the changes of all
weights together are at most `MOST_MOVED`; no strength is beyond -1 or 1, so |d| is at most that too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.model import Model, Weighing

SLOPES: Final = (0.8, 1.25)
"""Least and greatest slope of the calibration."""
MOST_SHIFT: Final = 0.5
"""Greatest shift of the calibration, up or down, in log-odds."""
FACTORS: Final = (0.5, 2.0)
"""Least and greatest factor of a weight: none changes its sign."""
MOST_MOVED: Final = 1.25
"""The most by which all weights together may change: the sum of the absolute changes."""

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is learnt.

    Attributes
    ----------
    slope, shift : of the calibration, on log-odds
    factors : by signal, of the shipped weight; 1 where nothing stands
    """

    slope: float = 1.0
    shift: float = 0.0
    factors: dict[str, float] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        """Whether it leaves the shipped model as it is."""
        return self.slope == 1.0 and self.shift == 0.0 and all(factor == 1.0 for factor in self.factors.values())


def kept(slope: float, shift: float, factors: Mapping[str, float], model: Model) -> Learnt:
    """What is left of what would be learnt, within the limits, rounded."""
    return Learnt(
        slope=round(min(SLOPES[1], max(SLOPES[0], slope)), _DIGITS) + 0.0,
        shift=round(min(MOST_SHIFT, max(-MOST_SHIFT, shift)), _DIGITS) + 0.0,
        factors={name: round(factor, _DIGITS) + 0.0 for name, factor in kept_factors(factors, model).items()},
    )


def kept_factors(factors: Mapping[str, float], model: Model) -> dict[str, float]:
    """Factors within their limits; where all changes together are too large, each is made smaller alike."""
    inside = {name: min(FACTORS[1], max(FACTORS[0], factors.get(name, 1.0))) for name in sorted(model.spoken.weights)}
    moved = max(
        math.fsum(abs(weighing.weights[name]) * abs(factor - 1.0) for name, factor in inside.items())
        for weighing in (model.spoken, model.silent)
    )
    if moved <= MOST_MOVED:
        return inside
    return {name: 1.0 + (factor - 1.0) * MOST_MOVED / moved for name, factor in inside.items()}


def adjusted(model: Model, learnt: Learnt, revision: int) -> Model:
    """The shipped model with what was learnt, named after it and the revision; as it is if nothing was.

    Calibration on log-odds and factors of weights are both linear, so the outcome is a model like any other, and the
    contributions of an alert still add up to its score.
    """
    if not revision:
        return model
    return replace(
        model,
        name=f"{model.name}+c{revision}",
        spoken=_adjusted(model.spoken, learnt),
        silent=_adjusted(model.silent, learnt),
    )


def _adjusted(weighing: Weighing, learnt: Learnt) -> Weighing:
    return Weighing(
        round(learnt.slope * weighing.intercept + learnt.shift, _DIGITS),
        {
            name: round(learnt.slope * learnt.factors.get(name, 1.0) * weight, _DIGITS)
            for name, weight in weighing.weights.items()
        },
    )


def guaranteed(model: Model) -> tuple[float, float]:
    """What no decisions can turn: the probability by the shipped model up to which a crowd stays at or below the limit of
    `organic_surge`, and that from which on it stays at or above the limit of `pile_on`.
    """
    return _sigmoid(-_clear(-_logit(model.organic))), _sigmoid(_clear(_logit(model.pile_on)))


def _clear(limit: float) -> float:
    """The log-odds from which on the worst that may be learnt leaves at least the limit."""
    needed = limit + MOST_SHIFT
    return MOST_MOVED + max(needed / slope for slope in SLOPES)


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


def _sigmoid(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))
