"""Figures over several streams: shares, thresholds, calibration, intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Final

BUDGETS: Final = (1, 3, 10)
"""False alerts a day."""
BINS: Final = 10
_DRAWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over streams: its median, an interval of 90 %, and its value in each stream that has one."""

    median: float | None
    low: float | None
    high: float | None
    values: tuple[float | None, ...]

    def to_json(self) -> dict[str, object]:
        """In plain values."""
        return {"median": self.median, "low": self.low, "high": self.high, "values": list(self.values)}


def over_streams(values: Sequence[float | None], *, seed: int = 0) -> Figure:
    """The median of a figure over streams, and a bootstrap interval of it (Efron 1979): streams are drawn anew, with
    replacement, and the 5th and 95th percentile of the medians taken.
    """
    known = [value for value in values if value is not None]
    if not known:
        return Figure(None, None, None, tuple(values))
    rng = Random(seed)
    drawn = sorted(median(rng.choices(known, k=len(known))) for _ in range(_DRAWS))
    return Figure(median(known), drawn[_DRAWS // 20], drawn[-_DRAWS // 20 - 1], tuple(values))


def share(hits: int, of: int) -> float | None:
    """Their ratio; None of nothing."""
    return hits / of if of else None


def threshold(organic: Sequence[float], allowed: int) -> float:
    """The score that so many organic episodes may exceed or reach: a campaign must lie above it to be found."""
    ordered = sorted(organic, reverse=True)
    return ordered[allowed] if len(ordered) > allowed else -math.inf


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of a reliability table: its weight, the mean score and the share of pile-ons."""

    low: float
    high: float
    weight: float
    score: float
    share: float
    alerts: int


def reliability(scored: Sequence[tuple[float, bool]], weight: Callable[[bool], float] = lambda _: 1.0) -> list[Bin]:
    """Scores and outcomes in ten bins of equal width; empty ones are left out.

    Parameters
    ----------
    weight
        What an alert counts for, by whether it was a pile-on.
    """
    parts: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for score, pile_on in scored:
        parts[min(int(score * BINS), BINS - 1)].append((score, pile_on))
    found = []
    for at, part in enumerate(parts):
        total = math.fsum(weight(pile_on) for _, pile_on in part)
        if total > 0:
            mean = math.fsum(weight(pile_on) * score for score, pile_on in part) / total
            right = math.fsum(weight(pile_on) for _, pile_on in part if pile_on) / total
            found.append(Bin(at / BINS, (at + 1) / BINS, total, mean, right, len(part)))
    return found


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """The expected calibration error (Naeini, Cooper and Hauskrecht 2015): the mean distance of score and share, by
    weight; None without alerts.
    """
    total = math.fsum(one.weight for one in bins)
    return math.fsum(one.weight * abs(one.score - one.share) for one in bins) / total if total else None


def at_prior(scored: Sequence[tuple[float, bool]], prior: float) -> Callable[[bool], float]:
    """Weights under which pile-ons make up `prior` of all, as importance weights."""
    pile_ons = sum(pile_on for _, pile_on in scored)
    others = len(scored) - pile_ons
    on, off = prior / max(pile_ons, 1), (1 - prior) / max(others, 1)
    return lambda pile_on: on if pile_on else off
