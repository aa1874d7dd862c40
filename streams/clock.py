"""The clock of one source: the newest event time of it that can be believed."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FUTURE_MS: Final = 3_600_000

_FIRST_BLOCK: Final = 64

Ints = NDArray[np.int64]


class Judgement(NamedTuple):
    """What a clock says of events in their order of arrival.

    Attributes
    ----------
    taken
        Which events are taken, of shape `(n,)`.
    newest_ms
        The newest accepted time, from the start up to and including each event taken, of shape `(n,)`.
    held
        The last event, if it waits for the next one; neither taken nor refused yet.
    """

    taken: NDArray[np.bool_]
    newest_ms: Ints
    held: int | None


class SourceClock:
    """The newest event time of a source that can be believed.

    An event more than `future_ms` ahead of everything before it, and the very first one, waits for the next event. If
    that one lies not more than `future_ms` before it, it is taken; otherwise it is refused and never moves the clock.

    Attributes
    ----------
    newest_ms
        The newest accepted time; None before the first.
    longest_lead_ms
        How far an event that waited and was taken lay ahead of everything before it, at most.
    """

    def __init__(self, future_ms: int = FUTURE_MS) -> None:
        self.future_ms = future_ms
        self.newest_ms: int | None = None
        self.longest_lead_ms = 0

    def judge(self, times_ms: Ints) -> Judgement:
        """Judge events in their order of arrival; one that was held before comes again as the first.

        Parameters
        ----------
        times_ms
            Event times of shape `(n,)`.
        """
        n = len(times_ms)
        taken = np.full(n, True)
        newest = np.empty(n, np.int64)
        at, block = 0, _FIRST_BLOCK
        while at < n:
            if self.newest_ms is not None:
                ordinary = self._ordinary(times_ms[at : at + block], self.newest_ms)
                newest[at : at + len(ordinary)] = ordinary
                at += len(ordinary)
                if len(ordinary):
                    self.newest_ms = int(ordinary[-1])
                if len(ordinary) == block or at == n:
                    block *= 4
                    continue
                block = _FIRST_BLOCK
            if at + 1 == n:
                taken[at] = False
                return Judgement(taken, newest, at)
            waiting = int(times_ms[at])
            if int(times_ms[at + 1]) >= waiting - self.future_ms:
                self._believe(waiting)
                newest[at] = waiting
            else:
                taken[at] = False
            at += 1
        return Judgement(taken, newest, None)

    def last(self, time_ms: int) -> bool:
        """Whether the event that was held when the source ended is taken: if none before it leads it to doubt that."""
        if self.newest_ms is not None and time_ms - self.newest_ms > self.longest_lead_ms:
            return False
        self._believe(time_ms)
        return True

    def _believe(self, time_ms: int) -> None:
        if self.newest_ms is not None:
            self.longest_lead_ms = max(self.longest_lead_ms, time_ms - self.newest_ms)
        self.newest_ms = time_ms

    def _ordinary(self, times_ms: Ints, newest_ms: int) -> Ints:
        """The newest time at each event up to before the first that lies in the future."""
        newest: Ints = np.maximum(np.maximum.accumulate(times_ms), newest_ms)
        before = np.roll(newest, 1)
        before[0] = newest_ms
        ahead = times_ms - before > self.future_ms
        return newest[: int(ahead.argmax())] if ahead.any() else newest
