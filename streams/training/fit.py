"""The fit of the verdict's weights to looks: a logistic model whose weights keep their signs.

A crowd is called a pile-on when any look calls it so, so a harmless crowd is only as good as its worst look (a
multiple-instance problem: Dietterich, Lathrop and Lozano-Pérez 1997). The fit is repeated with each crowd's looks
weighed by how much they lean to a pile-on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy.optimize import minimize

from detectors.model import SIGNALS, Model, Weighing
from graph.columns import Array
from streams.training.looks import Look

ROUNDS: Final = 4
LEAST: Final = 0.1
"""The smallest weight: what a signal means, it means on platforms too whose like was not learnt from."""
FLOORS: Final = {"accounts": 2.6, "mutual": 5.5, "exposure": 1.0}
"""What a signal weighs at least where it means more than made-up crowds, few of which are like it, can teach."""
LIMITS: Final = {
    "days": 1.25,
    "circle": 0.7,
    "step": 0.1,
    "hostility": 6.0,
    "copies": 3.0,
    "origin": 4.0,
    "strangers": 1.6,
    "exposure": 3.0,
    "answered": 0.6,
}
"""The largest weights where it is not known what a crowd says: of how long a made-up crowd takes, and of how fast it comes, which
say little of what it is; of how often made-up targets answer, which those who are attacked do too; and of signals so strong on
made-up crowds that one of them would decide alone. That most are strangers, and know nobody of the circle, are such, for so it is
with large harmless crowds, and with all where a log holds little of who knows whom.
"""
SPOKEN_LIMITS: Final = {**LIMITS, "days": 0.3, "step": 0.8, "origin": 2.6, "strangers": 2.6}
"""The same where it is known: there the words decide, of a sample as much after days as after an hour, and who they are and how
they came only adds to it.
"""
_STEEPEST: Final = 20.0


def probability(look: Look, model: Model) -> float:
    """How likely a look's crowd is a pile-on by a model."""
    weighing = model.weighing(look.strengths)
    odds = weighing.intercept + sum(weighing.weights[name] * strength for name, strength in look.strengths.items())
    return float(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))))


def fit(
    looks: Sequence[Look],
    signs: Mapping[str, int],
    smallest: int,
    pull: float,
    care: float = 1.0,
    limits: Mapping[str, float] = LIMITS,
) -> Weighing:
    """Learn weights from looks; pile-ons, harmless surges and organic crowds weigh alike, and so does each source.

    Parameters
    ----------
    looks
        Those of crowds smaller than `smallest` are left out.
    signs
        By signal, 1 where it speaks for a pile-on, -1 where against.
    pull
        How strongly weights are pulled to 0 (ridge).
    care
        How many times as bad it is to miss a pile-on than to call a harmless surge one.
    limits
        By signal, the largest weight, where there is one.
    """
    looks = [look for look in looks if look.newcomers >= smallest]
    quick = {look.group for look in looks if not look.slow}
    # A crowd that comes at once is judged by exact windows; that a summary of days says less of it teaches nothing.
    looks = [look for look in looks if not (look.pile_on and look.slow and look.group in quick)]
    strengths = np.array([[look.strengths[name] for name in SIGNALS] for look in looks])
    truth = np.array([look.pile_on for look in looks], float)
    groups: dict[str, list[int]] = defaultdict(list)
    for at, look in enumerate(looks):
        groups[look.group].append(at)
    kinds = {name: _kind(looks[members[0]]) for name, members in groups.items()}
    sizes = Counter(kinds.values())
    weight = np.zeros(len(looks))
    odds = np.zeros(len(looks))
    learnt = np.zeros(len(SIGNALS) + 1)
    most = [limits.get(name, np.inf) for name in SIGNALS]
    for _ in range(ROUNDS):
        for name, members in groups.items():
            share = np.exp(np.maximum(odds[members] - odds[members].max(), -_STEEPEST))
            weight[members] = share / share.sum() / sizes[kinds[name]] * (care if looks[members[0]].pile_on else 1.0)
        learnt = _logistic(strengths, truth, weight / weight.sum(), [signs[name] for name in SIGNALS], most, pull)
        odds = strengths @ learnt[:-1] + learnt[-1]
    weights = {name: round(float(value), 2) for name, value in zip(SIGNALS, learnt[:-1], strict=True)}
    return Weighing(round(float(learnt[-1]), 2), weights)


def _kind(look: Look) -> tuple[int, str]:
    return look.source, "pile_on" if look.pile_on else "organic" if look.scenario == "organic" else "harmless"


def _logistic(
    strengths: Array, truth: Array, weight: Array, signs: Sequence[int], limits: Sequence[float], pull: float
) -> Array:
    """Weights and, last, the intercept, by L-BFGS-B (Byrd et al. 1995) with a bound on the side of each sign."""
    count = strengths.shape[1]

    def loss(learnt: Array) -> tuple[float, Array]:
        weights, odds = learnt[:-1], strengths @ learnt[:-1] + learnt[-1]
        off = weight * (1.0 / (1.0 + np.exp(-odds)) - truth)
        value = float(weight @ np.logaddexp(0.0, np.where(truth > 0, -odds, odds))) + pull * float(weights @ weights)
        return value, np.append(strengths.T @ off + 2.0 * pull * weights, off.sum())

    sides = zip(signs, (FLOORS.get(name, LEAST) for name in SIGNALS), limits, strict=True)
    bounds = [*((least, most) if sign > 0 else (-most, -least) for sign, least, most in sides), (None, None)]
    found: Array = minimize(loss, np.zeros(count + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return found
