"""What is usual of each signal where all looks harmless: its quantiles, learnt one look at a time.

They are told, so that a person can see how this platform differs from the shipped figures; nothing is judged by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

QUANTILES: Final = (0.5, 0.9)
_PSEUDO: Final = 20.0
"""For how many looks it counts where a quantile begins."""


@dataclass(slots=True)
class Baseline:
    """Quantiles of one signal's strength, by stochastic approximation (Robbins and Monro 1951).

    Attributes
    ----------
    looks : how many it has learnt from
    values : the quantiles, as `QUANTILES` has them
    """

    looks: int = 0
    values: list[float] = field(default_factory=list)

    def learn_one(self, strength: float) -> None:
        """One more look."""
        if not self.looks:
            self.values = [strength] * len(QUANTILES)
        self.looks += 1
        step = 1.0 / (_PSEUDO + self.looks) ** 0.75
        self.values = [
            max(-1.0, min(1.0, value + step * (share - (strength < value)))) if strength != value else value
            for share, value in zip(QUANTILES, self.values, strict=True)
        ]


@dataclass(slots=True)
class Baselines:
    """Those of all signals."""

    by_signal: dict[str, Baseline] = field(default_factory=dict)

    def learn_one(self, strengths: Mapping[str, float]) -> None:
        """One more look at which all seemed harmless."""
        for name, strength in strengths.items():
            self.by_signal.setdefault(name, Baseline()).learn_one(strength)

    @property
    def told(self) -> dict[str, list[float]]:
        """By signal, in the order of their names, the quantiles."""
        return {name: [round(value, 3) + 0.0 for value in one.values] for name, one in sorted(self.by_signal.items())}
