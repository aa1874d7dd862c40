"""How a crowd's pace goes: whether it still grows, holds, or has fallen, minute by minute.

Both estimators are river's: an exponentially weighted mean for the present pace, and ADWIN (Bifet and Gavaldà
2007), which tells when the level has really changed rather than wavered.
"""

from __future__ import annotations

from typing import Any, Final

from river import drift, stats

_RECENT_MINUTES: Final = 5
_LONG_MINUTES: Final = 15
_FALLEN: Final = 0.5


class Pace:
    """Learns newcomers a minute.

    Attributes
    ----------
    peak : the greatest pace so far, newcomers a minute
    """

    def __init__(self) -> None:
        self._mean = stats.EWMean(fading_factor=2 / (_RECENT_MINUTES + 1))
        self._drift: Any = drift.ADWIN(  # type: ignore[no-untyped-call]  # river's own
            delta=0.01, clock=1, min_window_length=3, grace_period=6
        )
        self.minutes: list[int] = []
        """What it has learnt, from which another one learns the same."""
        self.peak = 0.0
        self.changed = 0
        """1 when the last lasting change was upward, -1 when downward, 0 before there was one."""

    @property
    def now(self) -> float:
        """The present pace, newcomers a minute."""
        return float(self._mean.get()) if self.minutes else 0.0

    @property
    def fallen(self) -> bool:
        """Whether the pace has gone down to half its peak, and not by chance of a minute."""
        calmed = self.changed < 0 or len(self.minutes) > _LONG_MINUTES
        return calmed and len(self.minutes) > _RECENT_MINUTES and self.now < _FALLEN * self.peak

    def learn_one(self, newcomers: int) -> None:
        """One more minute."""
        before = float(self._drift.estimation)
        self._mean.update(newcomers)
        self._drift.update(newcomers)
        self.minutes.append(newcomers)
        if self._drift.drift_detected:
            self.changed = 1 if self._drift.estimation > before else -1
        self.peak = max(self.peak, self.now)
