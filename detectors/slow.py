"""The slow burn: crowds too thin for an hour's window, looked for over 6 and 48 hours in bounded summaries."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np

from detectors.look import UNLIKELY, Finding, Scene, examine
from detectors.model import Model
from detectors.reading import Read
from detectors.signals import audience_of
from detectors.surge import OPEN_EVIDENCE, OPEN_SLOW_ATTACK, WINDOWS_S, Surge, Usual, onset, tail, usual_of
from detectors.words import Words, words
from graph.authors import NEVER
from graph.columns import Array
from graph.fading import BUCKET_S
from graph.interactions import Act, Kind, does
from graph.neighbourhood import Surroundings, circle, home_of, kin_of, surroundings
from graph.summary import HOUR_S, LONGEST_S, Newcomers, Sampled, Summary, SummaryState
from graph.window import Window

SLOW_WINDOWS_S: Final = (6 * HOUR_S, LONGEST_S)
"""Lengths of the summary windows, in seconds, shortest first."""
_RENEWED: Final = 0.25
"""How many more must have come for another look, or of the sample have said something again, as a share of the crowd: it may last
for long at the same size.
"""
_RENEWED_HARMLESS: Final = 0.5
"""The same where the last look found it unlikely to be a pile-on."""
_SMALLEST: Final = 10
_LATELY_S: Final = 2 * HOUR_S
"""While so many as make a crowd come within this time, it is noted now and then who is at whom: after days the rows that tell it
are gone.
"""


@dataclass(frozen=True, slots=True)
class SlowState:
    """A slow watch as a checkpoint holds it."""

    summary: SummaryState
    due: int
    noted: int
    sided: int


class SlowLook(NamedTuple):
    """A look that is due: at the end of which tick, and what takes it."""

    tick: int
    take: Callable[[], Finding]


class SlowWatch:
    """One subject over two days.

    A look is taken as the rows are, one tick after the other, so that it sees nothing from after its tick.
    """

    def __init__(self, window: Window, subject: int, model: Model, read: Read) -> None:
        self._window, self.subject, self._model = window, subject, model
        self._read = read
        self._rate = model.population.rates[Kind(subject & 3).name.lower()]
        self.summary = Summary()
        self._due = 0
        """After how many more newcomers, or texts that some of them said again, there is another look."""
        self._noted = 0
        """How many of them there were."""
        self._sided = NEVER
        """When it was noted last who was at whom."""

    @property
    def state(self) -> SlowState:
        """What it has, to go on from."""
        return SlowState(self.summary.state, self._due, self._noted, self._sided)

    @state.setter
    def state(self, state: SlowState) -> None:
        self.summary.state, self._due, self._noted = state.summary, state.due, state.noted
        self._sided = state.sided

    def use(self, model: Model) -> None:
        """Judge by this model from now on."""
        self._model = model

    def add(self, came: Newcomers, places: range, later: Array, begin_ms: int) -> Iterator[SlowLook]:
        """Take in what is said to the subject, in order, and tell when a look is due. It is taken, or left, before the next is
        asked for; until there is no next, not everything is taken in.

        Parameters
        ----------
        came, places : the newcomers, and which of them are the subject's
        later : the rows of the window in which others address it, in order
        begin_ms : since when the log has run
        """
        column = self._window.ring.column
        authors = self._window.strings.names(column("author", later).tolist())
        said = zip(column("tick", later).tolist(), later.tolist(), authors, strict=True)
        new = ((came.tick[at], came.row[at], at, None) for at in places)
        again = ((tick, row, None, author) for tick, row, author in said)
        for tick, group in groupby(sorted(chain(new, again), key=itemgetter(0, 1)), key=itemgetter(0)):
            last: int | None = None
            for _, row, at, author in group:
                if at is not None:
                    self._come(came, at)
                    last = row
                elif self._heard(row, author, tick):
                    last = row
            if last is None:
                continue
            if tick >= self._sided + BUCKET_S and self.summary.count(tick, _LATELY_S) >= _SMALLEST:
                self._note_sides(last, tick)
            if self._is_due(tick):
                surge, usual = self._surge(tick)
                if self._is_worth_a_look(tick, surge):
                    yield SlowLook(tick, partial(self._look, last, tick, begin_ms, surge, usual))

    def _come(self, came: Newcomers, at: int) -> None:
        """Take in a newcomer."""
        if came.tick[at] - self.summary.last_tick > LONGEST_S:
            self._due = self._noted = 0
        self._noted += self.summary.note(came, at)

    def _heard(self, row: int, author: str | None, tick: int) -> bool:
        """Keep what somebody of the sample says again in a row; whether it is so."""
        if self.is_idle(tick) or not self.summary.is_sampled(author):
            return False
        text = self._window.readable(np.array([row]))[0]
        kept = text is not None and self.summary.note_again(author, self._window.ring.value("id", row), text)
        self._noted += kept
        return kept

    @property
    def likely_read(self) -> list[str | None]:
        """Texts that a look is likely to read."""
        return [said.text for one in self.summary.state.sample for said in one.said]

    def is_idle(self, tick: int) -> bool:
        """Whether everything in it is forgotten by this tick."""
        return tick - self.summary.last_tick > LONGEST_S

    def forget(self, items: Collection[tuple[str | None, str | None]]) -> bool:
        """Erase the texts of these items, each given by id and author; whether there were any."""
        return self.summary.forget(items)

    def _is_due(self, tick: int) -> bool:
        """Whether it is time for another look: of a crowd that has shrunk since the last one, too, once half of it is new."""
        if self._noted < 2 or 4 * self._noted < self._due:
            return False
        crowd = self.summary.count(tick, LONGEST_S)
        return crowd > 0 and self._noted >= min(self._due, _RENEWED_HARMLESS * crowd)

    def _surge(self, tick: int) -> tuple[Surge, Usual]:
        """How surprising the crowd is, against what is usual."""
        self._noted = 0
        self._due = math.ceil(_RENEWED * self.summary.count(tick, LONGEST_S))
        surges = []
        for window_s in SLOW_WINDOWS_S:
            if not self.summary.count(tick, window_s):
                continue
            usual = usual_of(*self.summary.usual(tick, window_s), self._rate)
            newcomers, expected = self.summary.count(tick, window_s), usual.expected(window_s)
            surges.append((Surge(window_s, newcomers, expected, tail(newcomers, expected, usual.shape)), usual))
        return max(surges, key=lambda pair: (pair[0].evidence, pair[0].window_s))

    def _is_worth_a_look(self, tick: int, surge: Surge) -> bool:
        """Whether enough is known of the crowd, and it is surprising enough to be an episode, or to be one by what it says. At an
        account that may be any: to whom many come anyhow, an attack of days adds but few, and it is itself what is usual after two.
        """
        sample = self.summary.sampled(tick, surge.window_s)
        if len(sample) < _SMALLEST:
            return False
        if 2 * sum(one.text is not None for one in sample) < len(sample):
            return surge.evidence >= OPEN_EVIDENCE
        return self.subject & 3 == Kind.ACCOUNT or surge.evidence >= OPEN_SLOW_ATTACK

    def _look(self, row: int, tick: int, begin_ms: int, surge: Surge, usual: Usual) -> Finding:
        sample = self.summary.sampled(tick, surge.window_s)
        crowd = self.summary.crowd(tick, surge.window_s)
        value = self._window.ring.value
        if self._sided != tick:
            self._note_sides(row, tick)
        mutual, defenders = self.summary.sides(tick, surge.window_s)
        around = Surroundings(
            sharers=round(max(value("shown", row), self.summary.shared(tick, surge.window_s))),
            warm=0,
            cold=0,
            answers=0,
            views=value("views", row),
            at_home=home_of(self._window, self.subject, row, value("community", row)),
            others=0,
            unseen=0,
            regulars=0,
            shown=value("shown", row),
            reporters=0.0,
            mutual=mutual,
            defenders=defenders,
        )
        early = self.summary.early(tick, surge.window_s)
        ticks = np.array([*early, *(crowd.time // 1000).tolist()])
        onset_ms = min(int(crowd.time[0]), 1000 * int(ticks[onset(ticks, tick, usual)]))
        known = circle(self._window, self.subject, onset_ms - 1000 * WINDOWS_S[-1])
        scene = Scene(
            tick=tick,
            onset_ms=onset_ms,
            subject=self._window.strings[self.subject >> 2],
            kind=Kind(self.subject & 3),
            crowd=crowd,
            around=around,
            audience=audience_of(crowd, around),
            surge=surge,
            usual=usual,
            words=self._words(crowd.account, sample, tick),
            kin=kin_of(crowd, known),
            acquainted=None if known is None else len(known),
            target_flags=value("target_flags", row) if self.subject & 3 == Kind.ACCOUNT else 0,
            known_ms=(tick + 1) * 1000 - begin_ms,
            early=tuple(early),
        )
        finding = examine(scene, self._model)
        if finding.judgement.probability < UNLIKELY:
            self._due = math.ceil(_RENEWED_HARMLESS * self.summary.count(tick, LONGEST_S))
        return finding

    def _words(self, accounts: Sequence[str], sample: Sequence[Sampled], tick: int) -> Words:
        """What those of the sample, of these accounts, said, as it may be read at a tick."""
        gone = self._window.gone_items
        texts = [
            [None if gone.get((said.event, one.author), tick + 1) <= tick else said.text for said in one.said]
            for one in sample
        ]
        first = self._read([said[0] for said in texts])
        again = [(member, text) for member, said in enumerate(texts) for text in said[1:]]
        readings = self._read([text for _, text in again])
        return words(accounts, first, [], zip((member for member, _ in again), readings, strict=True))

    def _note_sides(self, row: int, tick: int) -> None:
        """Take note of who was at whom in the rows of the longest exact window up to this one, in which those of the crowd
        speak who came lately, and those of the sample who speak again.
        """
        ring = self._window.ring
        rows = ring.chain(row)
        rows = rows[ring.column("tick", rows) > tick - WINDOWS_S[-1]]
        said = ring.rows(rows)
        known = map(self.summary.is_sampled, self._window.strings.names(said["author"].tolist()))
        members = rows[said["slow_newcomer"] | does(said["act"], Act.ADDRESS) & np.fromiter(known, bool, len(rows))]
        _, first = np.unique(ring.column("author", members), return_index=True)
        lately = surroundings(self._window, self.subject, rows, members[np.sort(first)])
        self.summary.note_sides(tick, lately.mutual, lately.defenders)
        self._sided = tick
