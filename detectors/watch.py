"""One watched subject: when to look at it, and what a look finds.

A subject is watched from the moment it passes the gate. Which ticks are looked at follows from its own rows
alone, so that it does not matter in what batches they came.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import Final

import numpy as np

from detectors import signals
from detectors.look import UNLIKELY, Finding, Scene, examine, is_elsewhere, main_part
from detectors.model import Model
from detectors.reading import Read
from detectors.surge import OPEN_AT_ACCOUNT, OPEN_ATTACK, OPEN_EVIDENCE, WINDOWS_S, Usual, onset, strongest, usual_of
from detectors.words import SAID, Words, words
from graph.authors import NEVER
from graph.columns import Array
from graph.events import NOT_PEOPLE
from graph.fading import BUCKET_S
from graph.interactions import Act, Kind, does
from graph.memory import NEWCOMERS_KEPT
from graph.neighbourhood import LARGEST_CROWD, Crowd, circle, crowd, kin_of, sample, surroundings
from graph.ring import Rows
from graph.window import Window

_AGAIN_S: Final = 300
"""After how many seconds there is another look anyhow."""
_GROWN: Final = 1.2
"""How much larger a crowd must be for another look before that."""
_SMALL: Final = 30
"""Of a smaller one every other newcomer brings a look: what a few more say may decide it."""
_GROWN_HARMLESS: Final = 1.5
"""The same where the last look found it unlikely to be a pile-on."""
_OTHERS: Final = 24
"""How many texts from before a crowd came tell how hostile it usually is."""
_SURPRISE: Final = 2.0
"""Standard deviations above the expected number at which a look is worth its cost."""


class Watch:
    """The rows of one subject within the longest exact window."""

    def __init__(self, window: Window, subject: int, model: Model, read: Read) -> None:
        self._window, self.subject, self._model = window, subject, model
        self._read = read
        self._around: tuple[int, Array | None] | None = None
        self._reporters: dict[int, int] = {}
        """Once somebody complained: when those who did, and those who came since, did so last."""
        self._rate = model.population.rates[Kind(subject & 3).name.lower()]
        self.numbers = np.zeros(0, np.int64)
        self._ticks: list[int] = []
        self._newcomers = np.zeros(0, np.int64)
        self._came: list[int] = []
        self.next_look = (-(1 << 62), 0)
        """The tick from which, or the newcomers within an hour at which, it is time for another look."""

    def use(self, model: Model) -> None:
        """Judge by this model from now on."""
        self._model = model

    def add(self, numbers: Array) -> Array:
        """Take in rows; return the ticks, rising, at which the gate lets the subject pass, shape `(k,)`."""
        ring = self._window.ring
        said = ring.rows(numbers)
        ticks, newcomer = said["tick"], said["newcomer"] | self._complaints(said)
        self.numbers = np.concatenate([self.numbers, numbers])
        self._ticks += ticks.tolist()
        came = numbers[newcomer]
        if not len(came):
            return came
        ticks = ticks[newcomer]
        self._newcomers = np.concatenate([self._newcomers, came])
        self._came += ticks.tolist()
        return self._gate(came, ticks)

    def _complaints(self, said: Rows) -> Array:
        """Which rows are complaints by somebody who neither complained nor came as a newcomer within the longest exact
        window: mass reporting is a way to come at somebody too. Shape `(n,)`.
        """
        out = np.zeros(len(said["tick"]), bool)
        complains = does(said["act"], Act.REPORT) & (said["author"] >= 0) & (said["flags"] & NOT_PEOPLE == 0)
        if not complains.any() and not self._reporters:
            return out
        if not self._reporters:
            ring = self._window.ring
            authors = ring.column("author", self._newcomers).tolist()
            self._reporters = dict(zip(authors, ring.column("tick", self._newcomers).tolist(), strict=True))
        for at in np.flatnonzero(complains | said["newcomer"]).tolist():
            author, tick = int(said["author"][at]), int(said["tick"][at])
            out[at] = complains[at] and self._reporters.get(author, NEVER) < tick - WINDOWS_S[-1]
            self._reporters[author] = tick
        return out

    def likely_read(self, ticks: Array) -> Array:
        """Rows whose texts looks are likely to read at these ticks, rising, at which the gate lets it pass: of the
        newcomers, what they said again, and of those before them; none if no look is likely.
        """
        first, middle, last = int(ticks[0]), int(ticks[len(ticks) // 2]), int(ticks[-1])
        lately = self.next_look[0] > first - WINDOWS_S[-1]
        if not any(self.due(tick, lately) and not self._is_elsewhere(tick) for tick in {middle, last}):
            return self.numbers[:0]
        low = bisect_right(self._came, first - WINDOWS_S[-1])
        before = self.rows_between(first - WINDOWS_S[-1], self._came[low])
        before = before[self._speak(self._window.ring.rows(before))]
        came = self._newcomers[low:][-LARGEST_CROWD:]
        _, again = self._said_again(came, self.rows_between(first - WINDOWS_S[-1], last))
        return np.concatenate([came, again, before[-_OTHERS:]])

    def _speak(self, said: Rows) -> Array:
        """In which rows a person says something, shape `(n,)`."""
        return np.asarray(does(said["act"], Act.ADDRESS, Act.THREAD) & (said["flags"] & NOT_PEOPLE == 0))

    def expire(self) -> None:
        """Let go of rows that the window no longer holds."""
        first = self._window.ring.first
        gone = int(self.numbers.searchsorted(first))
        if gone:
            self.numbers = self.numbers[gone:]
            del self._ticks[:gone]
        gone = int(self._newcomers.searchsorted(first))
        if gone:
            self._newcomers = self._newcomers[gone:]
            del self._came[:gone]
            oldest = self._came[0] if self._came else 0
            self._reporters = {author: tick for author, tick in self._reporters.items() if tick >= oldest}

    def is_idle(self, tick: int) -> bool:
        """Whether no newcomer came within the longest exact window before this tick."""
        return not self._came or self._came[-1] < tick - WINDOWS_S[-1]

    def count_between(self, after: int, upto: int) -> int:
        """How many newcomers came with `after` < tick <= `upto`."""
        return bisect_right(self._came, upto) - bisect_right(self._came, after)

    def rows_between(self, after: int, upto: int) -> Array:
        """All rows with `after` < tick <= `upto`."""
        return self.numbers[bisect_right(self._ticks, after) : bisect_right(self._ticks, upto)]

    def due(self, tick: int, under_way: bool) -> bool:
        """Whether, at a tick at which the gate lets it pass, it is time for another look: the crowd has grown, or the
        last look is long ago; and, unless an episode is under way, what came is surprising enough to be one.
        """
        came = self._came
        low = bisect_right(came, tick - WINDOWS_S[-1])
        hour = bisect_right(came, tick) - low
        if tick < self.next_look[0] and hour < self.next_look[1]:
            return False
        if under_way:
            return True
        least = OPEN_ATTACK
        if self.subject & 3 == Kind.ACCOUNT:
            speaks = self._window.ring.value("text", int(self._newcomers[low + hour - 1])) is not None
            least = OPEN_EVIDENCE if speaks else OPEN_AT_ACCOUNT
        return strongest(came, tick, self._usual(self._newcomers[low])).evidence >= least

    def belongs_elsewhere(self, tick: int) -> bool:
        """Whether the crowd at a thread or a community is that of an account or of a thread in it. To find that out is a
        look too, but a cheap one.
        """
        elsewhere = self._is_elsewhere(tick)
        if elsewhere:
            self._looked(tick, len(self._hour(tick)[0]))
        return elsewhere

    def _is_elsewhere(self, tick: int) -> bool:
        if self.subject & 3 == Kind.ACCOUNT:
            return False
        numbers, ticks = self._hour(tick)
        usual = self._usual(numbers[0])
        members = sample(self._window, numbers[onset(np.array(ticks), tick, usual) :])
        said, names = self._window.ring.rows(members), self._window.strings.names
        share, rest = main_part(
            Kind(self.subject & 3),
            names(said["target"].tolist()),
            names(said["thread"].tolist()),
            strongest(ticks, tick, usual),
            usual,
        )
        return is_elsewhere(share, rest)

    def _looked(self, tick: int, newcomers: int, *, harmless: bool = False) -> None:
        more = math.ceil(newcomers * (_GROWN_HARMLESS if harmless else _GROWN))
        if newcomers < _SMALL and not harmless:
            more = newcomers
        self.next_look = (tick + _AGAIN_S, max(more, newcomers + 2))

    def look(self, tick: int, since: Finding | None, known_ms: int) -> Finding:
        """Look at the crowd as it is at the end of a tick.

        `since` is the finding at which the episode opened that is under way: what was usual before it is kept from
        there. `known_ms` is for how long the log has run.
        """
        window, ring = self._window, self._window.ring
        hour, ticks = self._hour(tick)
        if since is None:
            before = self._usual(hour[0])
            first = onset(np.array(ticks), tick, before)
        else:
            before = since.scene.usual
            first = bisect_left(ticks, since.scene.onset_ms // 1000)
        if first == len(hour):
            first = 0
        members = hour[first:]
        people = crowd(window, members)
        rows = self.rows_between(tick - WINDOWS_S[-1], tick)
        around = surroundings(window, self.subject, rows, members)
        audience = since.scene.audience if since is not None else signals.audience_of(people, around)
        onset_ms = max(int(people.time[0]), 1000 * ticks[first])
        known = self._circle(onset_ms)
        finding = examine(
            Scene(
                tick=tick,
                onset_ms=onset_ms,
                subject=window.strings[self.subject >> 2],
                kind=Kind(self.subject & 3),
                crowd=people,
                around=around,
                audience=audience,
                surge=strongest(ticks, tick, before),
                usual=before,
                words=self._words(people, sample(window, members), rows, None if since is None else since.scene.words),
                kin=kin_of(people, known),
                acquainted=None if known is None else len(known),
                target_flags=self._told_of(ring.rows(rows)),
                known_ms=known_ms,
            ),
            self._model,
        )
        self._looked(tick, len(hour), harmless=finding.judgement.probability < UNLIKELY)
        return finding

    def _circle(self, onset_ms: int) -> Array | None:
        """The subject's circle from before a crowd came."""
        if self._around is None or self._around[0] != onset_ms:
            self._around = onset_ms, circle(self._window, self.subject, onset_ms - 1000 * WINDOWS_S[-1])
        return self._around[1]

    def _words(self, people: Crowd, members: Array, rows: Array, before: Words | None) -> Words:
        """What members of the crowd said, and what others said here before the crowd came: that is kept from the look at which
        the episode opened, if one is under way.
        """
        ring = self._window.ring
        texts, others = members, rows[:0]
        if before is None:
            others = rows[: int(rows.searchsorted(members[0]))]
            others = others[self._speak(ring.rows(others))][-_OTHERS:]
            texts = np.concatenate([members, others])
        who, again = self._said_again(members, rows)
        readings = self._read(ring.column("text", np.concatenate([texts, again])).tolist())
        said, others_said = readings[: len(members)], readings[len(members) : len(texts)]
        found = words(people.account, said, others_said, zip(who.tolist(), readings[len(texts) :], strict=True))
        return found if before is None else replace(found, usual=before.usual, others=before.others)

    def _said_again(self, members: Array, rows: Array) -> tuple[Array, Array]:
        """What newcomers of these rows said to the subject after that, `SAID` texts of each at most with the first: whose it
        is, as a position in `members`, and the row.
        """
        ring = self._window.ring
        later = rows[int(rows.searchsorted(members[0], "right")) :]
        said = ring.rows(later)
        author, authors = said["author"], ring.column("author", members)
        by_name = authors.argsort(kind="stable")
        place = np.minimum(authors[by_name].searchsorted(author), len(authors) - 1)
        who = by_name[place]
        again = (authors[who] == author) & (later != members[who]) & does(said["act"], Act.ADDRESS)
        again &= said["flags"] & NOT_PEOPLE == 0
        who, later = who[again], later[again]
        order = who.argsort(kind="stable")
        rank = np.arange(len(order)) - who[order].searchsorted(who[order])
        kept = np.sort(order[rank < SAID - 1])
        return who[kept], later[kept]

    def _hour(self, tick: int) -> tuple[Array, list[int]]:
        """Rows and ticks of the newcomers within the longest exact window up to a tick."""
        low, high = bisect_right(self._came, tick - WINDOWS_S[-1]), bisect_right(self._came, tick)
        return self._newcomers[low:high], self._came[low:high]

    def _told_of(self, rows: Rows) -> int:
        """Everything that the platform says of an account, in the rows that address it."""
        if self.subject & 3 != Kind.ACCOUNT:
            return 0
        return int(np.bitwise_or.reduce(rows["target_flags"][does(rows["act"], Act.ADDRESS)]))

    def _usual(self, number: int) -> Usual:
        value = self._window.ring.value
        return usual_of(value("usual", number), value("usual_square", number), value("weight", number), self._rate)

    def _gate(self, came: Array, ticks: Array) -> Array:
        if len(self._came) < NEWCOMERS_KEPT:
            return came[:0]
        last = np.append(ticks[1:] != ticks[:-1], True)
        rows, at = came[last], ticks[last]
        every = np.array(self._came)
        here = every.searchsorted(at, "right")
        hour = here - every.searchsorted(at - WINDOWS_S[-1], "right")
        enough = hour >= NEWCOMERS_KEPT
        if not enough.any():
            return np.zeros(0, np.int64)
        rows, at, here = rows[enough], at[enough], here[enough]
        said = self._window.ring.rows(rows)
        weight, shape = self._rate.buckets + said["weight"], self._rate.shape + said["usual"]
        passes = np.zeros(len(at), bool)
        for window_s in WINDOWS_S:
            count = here - every.searchsorted(at - window_s, "right")
            mean = shape / weight * (window_s / BUCKET_S)
            spread = np.sqrt(mean + mean * mean / shape)
            passes |= (count >= NEWCOMERS_KEPT) & (count > mean + _SURPRISE * spread)
        return np.asarray(at[passes])
