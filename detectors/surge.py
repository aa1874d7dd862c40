"""Is the crowd larger than this subject's history leads one to expect, and when did it begin?

Newcomers in a bucket of ten minutes are taken as negative-binomial: Poisson with a rate that is itself
Gamma-distributed over buckets and over subjects (Greenwood and Yule 1920). The population's Gamma is the prior,
the subject's own faded history updates it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from scipy.special import betainc

from detectors.model import Rate
from graph.columns import Array
from graph.fading import BUCKET_S

WINDOWS_S: Final = (60, 600, 3600)
"""Lengths of the exact windows, in seconds, shortest first."""
STRONGEST: Final = 100.0
"""Evidence is not told apart beyond 1 in 10^100: a larger crowd says more for a long while."""
OPEN_EVIDENCE: Final = 4.0
"""Surprise, as a negative power of ten, from which a crowd may be an episode; at an account, from which one may be that is
called a pile-on, for what it says.
"""
OPEN_ATTACK: Final = 2.0
"""The same of a crowd that is called a pile-on, for what it says, where many are anyhow: in a thread or a community."""
OPEN_SLOW_ATTACK: Final = 1.0
"""The same over hours and days."""
OPEN_AT_ACCOUNT: Final = 6.0
"""The same of any other that comes to an account within an hour: there are many accounts, and most are usually left alone."""
_ENOUGH_WEIGHT: Final = 6.0


class Usual(NamedTuple):
    """What is usual for a subject: newcomers a bucket, as mean and Gamma shape (the smaller, the burstier)."""

    mean: float
    shape: float

    def expected(self, window_s: int) -> float:
        """Newcomers expected in a window."""
        return self.mean * window_s / BUCKET_S

    def spread(self, window_s: int) -> float:
        """Standard deviation of their number."""
        mean = self.expected(window_s)
        return math.sqrt(mean + mean * mean / self.shape)


class Surge(NamedTuple):
    """The window in which the crowd is most surprising.

    Attributes
    ----------
    window_s : its length
    newcomers : how many came in it
    expected : how many were expected
    evidence : minus the decimal logarithm of the chance of at least as many, 0 to `STRONGEST`
    """

    window_s: int
    newcomers: int
    expected: float
    evidence: float


def usual_of(total: float, squares: float, weight: float, prior: Rate) -> Usual:
    """What is usual for a subject with this faded sum of newcomers, of their squares, and number of buckets."""
    shape = prior.shape + total
    mean = shape / (prior.buckets + weight)
    if weight >= _ENOUGH_WEIGHT:
        own = total / weight
        excess = squares / weight - own * own - own
        if excess > 0 and own > 0:
            shape = min(shape, max(own * own / excess, prior.shape))
    return Usual(mean, shape)


@lru_cache(1 << 12)
def tail(count: int, mean: float, shape: float) -> float:
    """Minus the decimal logarithm of the chance that a negative-binomial number is `count` or more."""
    if count <= mean or count <= 0:
        return 0.0
    chance = float(betainc(count, shape, mean / (mean + shape)))
    return STRONGEST if chance <= 0.0 else min(STRONGEST, -math.log10(chance))


def strongest(ticks: Sequence[int], tick: int, usual: Usual) -> Surge:
    """The surge up to the end of `tick`, given the ticks of the newcomers, which do not fall."""
    here = bisect_right(ticks, tick)
    best = (-1.0, 0, 0, 0.0)
    for window_s in WINDOWS_S:
        newcomers, expected = here - bisect_right(ticks, tick - window_s), usual.expected(window_s)
        evidence = tail(newcomers, expected, usual.shape)
        if evidence > best[0]:
            best = (evidence, window_s, newcomers, expected)
    evidence, window_s, newcomers, expected = best
    return Surge(window_s, newcomers, expected, evidence)


def onset(ticks: Array, tick: int, usual: Usual) -> int:
    """Position in `ticks`, which do not fall and are not empty, from which the crowd came.

    The start of the interval, ending now, with the greatest Poisson likelihood ratio against the usual rate (the
    scan statistic, Kulldorff 1997); the earliest of equals.
    """
    count = np.arange(len(ticks), 0, -1).astype(float)
    expected = np.maximum(usual.mean / BUCKET_S, 1e-6) * (tick - ticks + 1)
    gain = np.where(count > expected, count * np.log(count / expected) - (count - expected), 0.0)
    return int(np.argmax(gain))
