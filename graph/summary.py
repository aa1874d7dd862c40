"""What is kept of the newcomers of hours and days: counts by the hour, and a sample of them.

The sample holds, of every six hours, the interactions with the lowest hashes of their ids (bottom-k sampling, Cohen and
Kaplan 2007), so that it is the same whatever order or batches they came in, and never runs out at once.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np

from graph.columns import Array
from graph.hashing import stable_hash
from graph.interactions import LIKED_COLUMNS, RECENT_COLUMNS
from graph.neighbourhood import Crowd
from graph.window import Window

SAMPLE: Final = 20
"""How many newcomers' interactions are kept of a subject for each `BLOCK_S`."""
HOUR_S: Final = 3600
BLOCK_S: Final = 6 * HOUR_S
TEXT_BYTES: Final = 280
"""How much is kept of what each of them said at a time."""
SAID_AGAIN: Final = 2
"""How many texts are kept that each of them said after the first."""
LONGEST_S: Final = 48 * HOUR_S
"""What lies further back is forgotten."""
_ORDER: Final = attrgetter("order")
_HOURLY: Final = 1.0 - 0.5 ** (1 / 6)
"""The part of the faded shares (`Window`) that is of the last hour, where they come evenly."""

_NUMBERS: Final = ("time", "first", "created", "seen", "activity", *RECENT_COLUMNS, *LIKED_COLUMNS)
_USUAL: Final = ("usual", "usual_square", "weight")
_SUMS: Final = ("kin", "audience")
_NAMES: Final = ("author", "home", "target", "thread")


class Usual(NamedTuple):
    """Faded sums of newcomers a bucket and of their squares, and the faded number of buckets; see `Window`."""

    total: float
    squares: float
    weight: float


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Rows of newcomers as summaries take note of them, of one subject after the other; lists of equal length.

    Attributes
    ----------
    row, tick, id, first : where in the window and when, which event, and when the author's first contact was
    enough : whether `graph.memory.NEWCOMERS_KEPT` came within two days
    usual : what was usual for the subject
    numbers, sums, names : what is kept if it is sampled, by column
    early : by row with which there are enough for the first time, the ticks of those before, oldest first
    """

    row: list[int]
    tick: list[int]
    id: list[str]
    first: list[int]
    enough: list[bool]
    usual: list[Usual]
    numbers: list[tuple[int, ...]]
    sums: list[tuple[float, ...]]
    names: list[tuple[str | None, ...]]
    text: list[str | None]
    shown: list[float]
    early: dict[int, list[int]]


def newcomers(window: Window, numbers: Array, enough: Array, early: dict[int, list[int]]) -> Newcomers:
    """These rows of the window, with whether each makes the newcomers enough, and what came before those that do first."""
    rows, names = window.ring.rows(numbers), window.strings.names
    listed = {name: rows[name].tolist() for name in ("tick", "id", *_USUAL, *_NUMBERS, *_SUMS)}
    return Newcomers(
        row=numbers.tolist(),
        tick=listed["tick"],
        id=listed["id"],
        first=listed["first"],
        enough=enough.tolist(),
        usual=list(map(Usual, *(listed[name] for name in _USUAL))),
        numbers=list(zip(*(listed[name] for name in _NUMBERS), strict=True)),
        sums=list(zip(*(listed[name] for name in _SUMS), strict=True)),
        names=list(zip(*(names(rows[name].tolist()) for name in _NAMES), strict=True)),
        text=window.readable(numbers),
        shown=rows["shown"].tolist(),
        early=early,
    )


class Said(NamedTuple):
    """What somebody said, in which event; None once it was taken back."""

    event: str
    text: str | None


class Sampled(NamedTuple):
    """One newcomer's interaction: hash and id of its event, its numbers, sums and names by column, what was said, and what its
    author said to the subject after that.
    """

    order: tuple[int, str]
    tick: int
    numbers: tuple[int, ...]
    sums: tuple[float, ...]
    names: tuple[str | None, ...]
    text: str | None
    again: tuple[Said, ...] = ()

    @property
    def author(self) -> str | None:
        """Who it is."""
        return self.names[0]

    @property
    def said(self) -> tuple[Said, ...]:
        """Everything that is known of what he said, the first first."""
        return (Said(self.order[1], self.text), *self.again)


@dataclass(slots=True)
class Hour:
    """Newcomers of one hour, and the subject's faded memory as it was when the first of them came."""

    number: int
    count: int
    usual: Usual
    shown: float


class Sides(NamedTuple):
    """How many of those who came in the hour up to a tick are in an exchange with others, and how many others answer them."""

    tick: int
    mutual: int
    defenders: int

    @property
    def people(self) -> int:
        """How many these are."""
        return self.mutual + self.defenders


@dataclass(frozen=True, slots=True)
class SummaryState:
    """A summary as a checkpoint holds it."""

    last_tick: int
    early: list[int]
    hours: list[Hour]
    sample: list[Sampled]
    sides: list[Sides]


class Summary:
    """The newcomers of one subject over two days.

    It takes note of nothing until `graph.memory.NEWCOMERS_KEPT` of them have come within that time, and forgets everything when
    none came for as long.
    """

    def __init__(self) -> None:
        self.last_tick = -(1 << 62)
        self._early: list[int] = []
        """When those came who came before anything was noted."""
        self._hours: deque[Hour] = deque()
        self._blocks: dict[int, list[Sampled]] = {}
        self._block_of: dict[str | None, int] = {}
        """By author of the sample, in which block he was sampled last."""
        self._sides: deque[Sides] = deque()

    @property
    def state(self) -> SummaryState:
        """What it has, to go on from."""
        sample = list(chain.from_iterable(self._blocks.values()))
        return SummaryState(self.last_tick, self._early, list(self._hours), sample, list(self._sides))

    @state.setter
    def state(self, state: SummaryState) -> None:
        self.last_tick, self._early = state.last_tick, state.early
        self._hours, self._sides = deque(state.hours), deque(state.sides)
        self._blocks, self._block_of = {}, {}
        for one in state.sample:
            block = one.tick // BLOCK_S
            self._blocks.setdefault(block, []).append(one)
            self._block_of[one.author] = max(block, self._block_of.get(one.author, block))

    def note(self, came: Newcomers, at: int) -> bool:
        """Take a newcomer, the one at `at`, in order; whether it was taken note of."""
        tick = came.tick[at]
        if tick - self.last_tick > LONGEST_S:
            self._hours.clear()
            self._blocks.clear()
            self._block_of.clear()
            self._sides.clear()
        self.last_tick = tick
        if not self._hours:
            if not came.enough[at]:
                return False
            self._begin(came, at)
        number = tick // HOUR_S
        if not self._hours or self._hours[-1].number != number:
            self._next(number, tick, came.usual[at], came.shown[at])
        self._hours[-1].count += 1
        self._keep(came, at)
        return True

    def is_sampled(self, author: str | None) -> bool:
        """Whether somebody is in the sample."""
        return author in self._block_of

    def note_again(self, author: str | None, event: str, text: str) -> bool:
        """Somebody of the sample said something to the subject again; whether it was kept, as the first of each are."""
        block = self._blocks[self._block_of[author]]
        at = next(at for at, one in enumerate(block) if one.author == author)
        if len(block[at].again) == SAID_AGAIN:
            return False
        block[at] = block[at]._replace(again=(*block[at].again, Said(event, _cut(text))))
        return True

    def note_sides(self, tick: int, mutual: int, defenders: int) -> None:
        """Take note of how it was in the hour up to a tick. Of hours that overlap the one counts in which there were most."""
        told, kept = Sides(tick, mutual, defenders), self._sides
        if kept and tick - kept[-1].tick < HOUR_S and told.people > kept[-1].people:
            kept.pop()
        if told.people and (not kept or tick - kept[-1].tick >= HOUR_S):
            kept.append(told)
        while kept and kept[0].tick <= tick - LONGEST_S:
            kept.popleft()

    def sides(self, tick: int, window_s: int) -> tuple[int, int]:
        """How many of those who came in the window up to a tick are known to be in an exchange with others, and to be answered
        by others: `mutual` and `defenders` of `Sides`.
        """
        inside = [one for one in self._sides if tick - window_s < one.tick <= tick]
        return sum(one.mutual for one in inside), sum(one.defenders for one in inside)

    def count(self, tick: int, window_s: int) -> int:
        """How many newcomers came in the window up to a tick, in whole hours."""
        oldest = (tick - window_s) // HOUR_S
        return sum(hour.count for hour in self._hours if oldest < hour.number)

    def early(self, tick: int, window_s: int) -> list[int]:
        """The ticks of those in the window up to a tick who came before anything was noted, oldest first."""
        return [one for one in self._early if one > tick - window_s]

    def usual(self, tick: int, window_s: int) -> Usual:
        """What was usual when the window up to a tick began."""
        oldest = (tick - window_s) // HOUR_S
        return next(hour.usual for hour in self._hours if oldest < hour.number)

    def shared(self, tick: int, window_s: int) -> float:
        """About how often the subject was shared in the hours of the window in which newcomers came."""
        oldest = (tick - window_s) // HOUR_S
        return _HOURLY * math.fsum(hour.shown for hour in self._hours if oldest < hour.number)

    def sampled(self, tick: int, window_s: int) -> list[Sampled]:
        """The sample within the window up to a tick, in order of time."""
        inside = [one for one in chain.from_iterable(self._blocks.values()) if tick - window_s < one.tick <= tick]
        return sorted(inside, key=lambda one: (one.tick, one.numbers[0], one.order[1]))

    def crowd(self, tick: int, window_s: int) -> Crowd:
        """The sampled newcomers of a window, in order, as a crowd of the size that was counted."""
        sample = self.sampled(tick, window_s)
        numbers = np.array([one.numbers for one in sample], np.int64).reshape(len(sample), len(_NUMBERS))
        sums = np.array([one.sums for one in sample], float).reshape(len(sample), len(_SUMS))
        account, home, target, thread = ([one.names[at] for one in sample] for at in range(len(_NAMES)))
        time, first, created, seen, activity = numbers.T[:5]
        recent, liked = np.split(numbers[:, 5:], [len(RECENT_COLUMNS)], axis=1)
        return Crowd(
            total=max(len(sample), self.count(tick, window_s)),
            time=time,
            first=first,
            account=[name or "" for name in account],
            event=[one.order[1] for one in sample],
            home=home,
            created=created,
            seen=seen,
            activity=activity,
            recent=recent,
            liked=liked,
            kin=sums[:, 0],
            audience=sums[:, 1],
            target=target,
            thread=thread,
            reporter=np.zeros(len(sample), bool),
        )

    def forget(self, items: Collection[tuple[str | None, str | None]]) -> bool:
        """Erase the texts of these items, each given by id and author; whether there were any."""
        found = False
        for block in self._blocks.values():
            for at, one in enumerate(block):
                left = [None if (said.event, one.author) in items else said.text for said in one.said]
                if left != [said.text for said in one.said]:
                    again = tuple(said._replace(text=text) for said, text in zip(one.again, left[1:], strict=True))
                    block[at], found = one._replace(text=left[0], again=again), True
        return found

    def _begin(self, came: Newcomers, at: int) -> None:
        """There are enough: count those who came before."""
        self._early, usual = came.early.get(came.row[at], []), came.usual[at]
        count = len(self._early)
        before = Usual(max(0.0, usual.total - count), max(0.0, usual.squares - count), usual.weight)
        for number, ticks in groupby(tick // HOUR_S for tick in self._early):
            self._hours.append(Hour(number, len(list(ticks)), before, 0.0))

    def _next(self, number: int, tick: int, usual: Usual, shown: float) -> None:
        """Another hour."""
        for block in [block for block in self._blocks if (block + 1) * BLOCK_S <= tick - LONGEST_S]:
            self._left(self._blocks.pop(block))
        self._hours.append(Hour(number, 0, usual, shown))
        while self._hours[0].number <= number - LONGEST_S // HOUR_S:
            self._hours.popleft()

    def _keep(self, came: Newcomers, at: int) -> None:
        event, number = came.id[at], came.tick[at] // BLOCK_S
        order, block = (stable_hash(event), event), self._blocks.setdefault(number, [])
        if len(block) == SAMPLE and order >= block[-1].order:
            return
        sampled = Sampled(order, came.tick[at], came.numbers[at], came.sums[at], came.names[at], _cut(came.text[at]))
        insort(block, sampled, key=_ORDER)
        self._block_of[sampled.author] = number
        if len(block) > SAMPLE:
            self._left([block.pop()])

    def _left(self, sampled: Iterable[Sampled]) -> None:
        """These have left the sample; somebody of them may be in it for another time that he came."""
        for author in {one.author for one in sampled}:
            held = [number for number, block in self._blocks.items() if any(one.author == author for one in block)]
            if held:
                self._block_of[author] = max(held)
            else:
                self._block_of.pop(author, None)


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:TEXT_BYTES].encode()[:TEXT_BYTES].decode(errors="ignore")
