"""The slow burn: crowds too thin for an hour's window, looked for over 6 and 48 hours in bounded summaries."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.look import Finding, Scene, examine
from detectors.model import Model
from detectors.signals import audience_of
from detectors.surge import Surge, tail, usual_of
from detectors.watch import OPEN_EVIDENCE
from graph.columns import Array
from graph.interactions import Kind
from graph.neighbourhood import Surroundings, home_of
from graph.ring import Rows
from graph.summary import HOUR_S, LONGEST_S, Summary
from graph.window import Window

SLOW_WINDOWS_S: Final = (6 * HOUR_S, LONGEST_S)
"""Lengths of the summary windows, in seconds, shortest first."""
_GROWN: Final = 1.25
_SMALLEST: Final = 10


class _Listed(dict[str, list[Any]]):
    """Columns of some rows as lists, each made when it is first asked for."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, name: str) -> list[Any]:
        found: list[Any] = self._rows[name].tolist()
        self[name] = found
        return found


class SlowWatch:
    """One subject over two days.

    A look is taken as the rows are, one tick after the other, so that it sees nothing from after its tick.
    """

    def __init__(self, window: Window, subject: int, model: Model) -> None:
        self._window, self.subject, self._model = window, subject, model
        self._rate = model.population.rates[Kind(subject & 3).name.lower()]
        self.summary = Summary()
        self._looked = 0
        self._noted = 0

    def add(self, rows: Array, passes: Array, begin_ms: int) -> list[Finding]:
        """Take in rows of newcomers, in order, each with whether enough came within two days; what looks found.

        `begin_ms` is since when the log has run.
        """
        said = _Listed(self._window.ring.rows(rows))
        ticks = said["tick"]
        found: list[Finding] = []
        for at, (tick, enough) in enumerate(zip(ticks, passes.tolist(), strict=True)):
            if tick - self.summary.last_tick > LONGEST_S:
                self._looked = self._noted = 0
            noted = self.summary.note(self._window, said, at, enough)
            self._noted += noted
            if self._noted >= max(2, self._looked * (_GROWN - 1)) and (at + 1 == len(ticks) or ticks[at + 1] != tick):
                finding = self._look(int(rows[at]), tick, begin_ms)
                if finding is not None:
                    found.append(finding)
        return found

    def is_idle(self, tick: int) -> bool:
        """Whether everything in it is forgotten by this tick."""
        return tick - self.summary.last_tick > LONGEST_S

    def _look(self, row: int, tick: int, begin_ms: int) -> Finding | None:
        self._noted = 0
        count = self.summary.count(tick, LONGEST_S)
        if count < self._looked / 2:
            self._looked = 0
        if count < max(_SMALLEST, self._looked * _GROWN):
            return None
        surges = []
        for window_s in SLOW_WINDOWS_S:
            usual = usual_of(*self.summary.usual(tick, window_s), self._rate)
            newcomers, expected = self.summary.count(tick, window_s), usual.expected(window_s)
            surges.append((Surge(window_s, newcomers, expected, tail(newcomers, expected, usual.shape)), usual))
        surge, usual = max(surges, key=lambda pair: pair[0].evidence)
        self._looked = count
        if surge.evidence < OPEN_EVIDENCE:
            return None
        crowd = self.summary.crowd(tick, surge.window_s)
        if len(crowd) < _SMALLEST:
            return None
        said = self._window.ring.rows(np.array([row]))
        around = Surroundings(
            sharers=round(float(said["shown"][0])),
            warm=0,
            cold=0,
            answers=0,
            views=int(said["views"][0]),
            at_home=home_of(self._window, self.subject, row),
            others=0,
            unseen=0,
            regulars=0,
        )
        scene = Scene(
            tick=tick,
            onset_ms=int(crowd.time[0]),
            subject=self._window.strings[self.subject >> 2],
            kind=Kind(self.subject & 3),
            crowd=crowd,
            around=around,
            audience=audience_of(crowd, around),
            surge=surge,
            usual=usual,
            target_flags=int(said["target_flags"][0]) if self.subject & 3 == Kind.ACCOUNT else 0,
            known_ms=(tick + 1) * 1000 - begin_ms,
        )
        return examine(scene, self._model)
