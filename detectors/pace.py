"""How a crowd's pace goes: whether it still grows, holds, or has fallen, minute by minute.

Both estimators are river's: an exponentially weighted mean for the present pace, and ADWIN (Bifet and Gavaldà
2007), which tells when the level has really changed rather than wavered.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, Final

from river import drift, stats

_RECENT_MINUTES: Final = 5
_LONG_MINUTES: Final = 15
_FIRST_MINUTES: Final = 3
"""Of fewer, nobody can say where it goes."""
_FALLEN: Final = 0.5
_RECOVERED: Final = 0.75
"""The part of the peak that a pace which had fallen comes back to before it holds again."""
_AT_PEAK: Final = 0.9
"""The part of the peak at which a pace is still as good as there."""
_HIGHER: Final = 1.25
"""How many times the peak a pace comes to that had ceased to grow before it grows again."""


class Phase(Enum):
    """Where a pace goes. It takes more to leave a phase than to stay in it, or each minute's chance would tell another."""

    UNTOLD = auto()
    GROWING = auto()
    HOLDING = auto()
    FALLEN = auto()


class Pace:
    """Learns newcomers a minute.

    Attributes
    ----------
    peak : the greatest pace so far, newcomers a minute
    phase : where it goes
    """

    def __init__(self) -> None:
        self._mean = stats.EWMean(fading_factor=2 / (_RECENT_MINUTES + 1))
        self._drift: Any = drift.ADWIN(  # type: ignore[no-untyped-call]  # river's own
            delta=0.01, clock=1, min_window_length=3, grace_period=6
        )
        self.minutes: list[int] = []
        """What it has learnt, from which another one learns the same."""
        self.peak = 0.0
        self.phase = Phase.UNTOLD
        self._crest = 0.0
        self.changed = 0
        """1 when the last lasting change was upward, -1 when downward, 0 before there was one."""

    @property
    def now(self) -> float:
        """The present pace, newcomers a minute."""
        return float(self._mean.get()) if self.minutes else 0.0

    @property
    def fallen(self) -> bool:
        """Whether the pace has gone down to half its peak, not by chance of a minute, and has not come back."""
        return self.phase is Phase.FALLEN

    def learn_one(self, newcomers: int) -> None:
        """One more minute."""
        before = float(self._drift.estimation)
        self._mean.update(newcomers)
        self._drift.update(newcomers)
        self.minutes.append(newcomers)
        if self._drift.drift_detected:
            self.changed = 1 if self._drift.estimation > before else -1
        self.peak = max(self.peak, self.now)
        self.phase = self._go_on()
        if self.phase in (Phase.UNTOLD, Phase.GROWING):
            self._crest = self.peak

    def _go_on(self) -> Phase:
        if len(self.minutes) < _FIRST_MINUTES:
            return Phase.UNTOLD
        if self.phase in (Phase.UNTOLD, Phase.GROWING):
            grows = self.now >= _AT_PEAK * self.peak
        else:
            grows = self.now >= _HIGHER * self._crest
        if grows:
            return Phase.GROWING
        calmed = self.changed < 0 or len(self.minutes) > _LONG_MINUTES
        least = _RECOVERED if self.phase is Phase.FALLEN else _FALLEN
        if calmed and len(self.minutes) > _RECENT_MINUTES and self.now < least * self.peak:
            return Phase.FALLEN
        return Phase.HOLDING
