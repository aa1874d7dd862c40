"""From signals to a probability and one of three outcomes, each signal's part in it told.

A logistic model with few inputs, every one of which can push one way only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from detectors.model import Model
from detectors.signals import Signal
from graph.events import TargetFlag

_CONCERTED: Final = {"origin": 0.4, "together": 0.4, "accounts": 0.4, "copies": 0.4, "hostility": 0.5}
"""Strength of a signal from which it is no mere anger."""


class Outcome(StrEnum):
    """What is said of a crowd."""

    PILE_ON = "pile_on"
    ORGANIC_SURGE = "organic_surge"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A probability, what each signal added to it (in log-odds), in the order of the signals, and where every crowd starts."""

    probability: float
    contributions: tuple[float, ...]
    intercept: float = 0.0


def judge(signals: Sequence[Signal], model: Model) -> Judgement:
    """How likely it is, by these signals, that the crowd is a pile-on."""
    weighing = model.weighing({signal.name: signal.strength for signal in signals})
    contributions = tuple(weighing.weights.get(signal.name, 0.0) * signal.strength for signal in signals)
    odds = math.fsum((weighing.intercept, *contributions))
    return Judgement(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds)))), contributions, weighing.intercept)


def outcome(
    judgement: Judgement,
    signals: Sequence[Signal],
    newcomers: int,
    target_flags: int,
    before: Outcome | None,
    model: Model,
    *,
    complaints: bool = False,
) -> Outcome:
    """What to say, given what was said before: a verdict once given is held until the probability is well away.

    A crowd that came with `complaints` alone is left open, whatever is likely: who complains may be right, or may not.
    Anger at a public figure or an organisation stays open unless the crowd is abusive or concerted: from one place,
    together, of new accounts, or saying the same.
    """
    probability = judgement.probability
    up = model.pile_on - (model.margin if before is Outcome.PILE_ON else 0.0)
    down = model.organic + (model.margin if before is Outcome.ORGANIC_SURGE else 0.0)
    if complaints:
        return Outcome.UNCERTAIN
    if probability <= down:
        return Outcome.ORGANIC_SURGE
    if probability < up or newcomers < model.smallest:
        return Outcome.UNCERTAIN
    if target_flags & (TargetFlag.PUBLIC_FIGURE | TargetFlag.ORGANISATION) and not _is_concerted(signals):
        return Outcome.UNCERTAIN
    return Outcome.PILE_ON


def _is_concerted(signals: Sequence[Signal]) -> bool:
    return any(signal.strength >= _CONCERTED.get(signal.name, math.inf) for signal in signals)
