"""One watched subject: when to look at it, and what a look finds.

A subject is watched from the moment it passes the gate. Which ticks are looked at follows from its own rows
alone, so that it does not matter in what batches they came.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from detectors import signals
from detectors.look import Finding, Scene, examine
from detectors.model import Model
from detectors.surge import WINDOWS_S, Usual, onset, strongest, usual_of
from graph.columns import Array
from graph.fading import BUCKET_S
from graph.interactions import Act, Kind
from graph.memory import NEWCOMERS_KEPT
from graph.neighbourhood import crowd, surroundings
from graph.window import Window

_GROWN: Final = 1.25
_AGAIN_S: Final = 300
OPEN_EVIDENCE: Final = 4.0
"""Surprise, as a negative power of ten, from which a crowd may be an episode."""
_SURPRISE: Final = 3.0
"""Standard deviations above the expected number at which a look is worth its cost."""


class Watch:
    """The rows of one subject within the longest exact window."""

    def __init__(self, window: Window, subject: int, model: Model) -> None:
        self._window, self.subject, self._model = window, subject, model
        self._rate = model.population.rates[Kind(subject & 3).name.lower()]
        self.numbers = np.zeros(0, np.int64)
        self._ticks = np.zeros(0, np.int64)
        self._newcomers = np.zeros(0, np.int64)
        self._newcomer_ticks = np.zeros(0, np.int64)
        self._looked = (-(1 << 62), 0)

    def add(self, numbers: Array) -> Array:
        """Take in rows; return the ticks, rising, at which the gate lets the subject pass, shape `(k,)`."""
        ring = self._window.ring
        self.numbers = np.concatenate([self.numbers, numbers])
        self._ticks = np.concatenate([self._ticks, ring.column("tick", numbers)])
        came = numbers[ring.column("newcomer", numbers)]
        if not len(came):
            return np.zeros(0, np.int64)
        ticks = ring.column("tick", came)
        self._newcomers = np.concatenate([self._newcomers, came])
        self._newcomer_ticks = np.concatenate([self._newcomer_ticks, ticks])
        return self._gate(came, ticks)

    def expire(self) -> None:
        """Let go of rows that the window no longer holds."""
        first = self._window.ring.first
        gone = int(np.searchsorted(self.numbers, first))
        if gone:
            self.numbers, self._ticks = self.numbers[gone:], self._ticks[gone:]
        gone = int(np.searchsorted(self._newcomers, first))
        if gone:
            self._newcomers, self._newcomer_ticks = self._newcomers[gone:], self._newcomer_ticks[gone:]

    def is_idle(self, tick: int) -> bool:
        """Whether no newcomer came within the longest exact window before this tick."""
        ticks = self._newcomer_ticks
        return not len(ticks) or int(ticks[-1]) < tick - WINDOWS_S[-1]

    def count_between(self, after: int, upto: int) -> int:
        """How many newcomers came with `after` < tick <= `upto`."""
        low, high = self._newcomer_ticks.searchsorted((after, upto), "right")
        return int(high - low)

    def came_between(self, after: int, upto: int) -> Array:
        """Rows of the newcomers with `after` < tick <= `upto`."""
        low, high = self._newcomer_ticks.searchsorted((after, upto), "right")
        return self._newcomers[low:high]

    def rows_between(self, after: int, upto: int) -> Array:
        """All rows with `after` < tick <= `upto`."""
        low, high = self._ticks.searchsorted((after, upto), "right")
        return self.numbers[low:high]

    def due(self, tick: int, under_way: bool) -> bool:
        """Whether, at a tick at which the gate lets it pass, it is time for another look: the crowd has grown, or the
        last look is long ago; and, unless an episode is under way, what came is surprising enough to be one.
        """
        looked, newcomers = self._looked
        hour = self.count_between(tick - WINDOWS_S[-1], tick)
        if hour < max(newcomers * _GROWN, newcomers + 2) and tick - looked < _AGAIN_S:
            return False
        if under_way:
            return True
        rows = self.came_between(tick - WINDOWS_S[-1], tick)
        usual = self._usual(int(rows[0]))
        return strongest(self._window.ring.column("tick", rows), tick, usual).evidence >= OPEN_EVIDENCE

    def look(self, tick: int, since: Finding | None, known_ms: int) -> Finding:
        """Look at the crowd as it is at the end of a tick.

        `since` is the finding at which the episode opened that is under way: what was usual before it is kept from
        there. `known_ms` is for how long the log has run.
        """
        window, ring = self._window, self._window.ring
        hour = self.came_between(tick - WINDOWS_S[-1], tick)
        ticks = ring.column("tick", hour)
        self._looked = (tick, len(hour))
        before = since.scene.usual if since is not None else self._usual(int(hour[0]))
        if since is None:
            members = hour[onset(ticks, tick, before) :]
        else:
            members = hour[np.searchsorted(ticks, since.scene.onset_ms // 1000) :]
        if not len(members):
            members = hour
        people = crowd(window, members)
        rows = self.rows_between(tick - WINDOWS_S[-1], tick)
        around = surroundings(window, self.subject, rows, members)
        audience = since.scene.audience if since is not None else signals.audience_of(people, around)
        flags = ring.column("target_flags", rows[ring.column("act", rows) == Act.ADDRESS])
        is_account = self.subject & 3 == Kind.ACCOUNT
        return examine(
            Scene(
                tick=tick,
                onset_ms=max(int(people.time[0]), 1000 * int(ring.column("tick", members[:1])[0])),
                subject=window.strings[self.subject >> 2],
                kind=Kind(self.subject & 3),
                crowd=people,
                around=around,
                audience=audience,
                surge=strongest(ticks, tick, before),
                usual=before,
                target_flags=int(np.bitwise_or.reduce(flags)) if is_account else 0,
                known_ms=known_ms,
            ),
            self._model,
        )

    def _usual(self, number: int) -> Usual:
        row = self._window.ring.rows(np.array([number]))
        total, squares, weight = (float(row[name][0]) for name in ("usual", "usual_square", "weight"))
        return usual_of(total, squares, weight, self._rate)

    def _gate(self, came: Array, ticks: Array) -> Array:
        ring = self._window.ring
        last = np.append(ticks[1:] != ticks[:-1], True)
        rows, at = came[last], ticks[last]
        weight = self._rate.buckets + ring.column("weight", rows)
        shape = self._rate.shape + ring.column("usual", rows)
        passes = np.zeros(len(at), bool)
        here = np.searchsorted(self._newcomer_ticks, at, "right")
        for window_s in WINDOWS_S:
            count = here - np.searchsorted(self._newcomer_ticks, at - window_s, "right")
            mean = shape / weight * (window_s / BUCKET_S)
            spread = np.sqrt(mean + mean * mean / shape)
            passes |= (count >= NEWCOMERS_KEPT) & (count > mean + _SURPRISE * spread)
        return np.asarray(at[passes])
