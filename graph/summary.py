"""What is kept of the newcomers of hours and days: counts by the hour, and a sample of the strangers among them.

The sample holds the interactions with the lowest hashes of their ids (bottom-k sampling, Cohen and Kaplan 2007), so
that it is the same whatever order or batches they came in.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from graph.hashing import stable_hash
from graph.interactions import RECENT_COLUMNS
from graph.memory import NEWCOMERS_KEPT
from graph.neighbourhood import Crowd
from graph.window import Window

SAMPLE: Final = 64
"""How many strangers' interactions are kept of a subject."""
HOUR_S: Final = 3600
LONGEST_S: Final = 48 * HOUR_S
"""What lies further back is forgotten."""

_NUMBERS: Final = ("time", "first", "created", "seen", "activity", "kin", "audience", *RECENT_COLUMNS)
_SUMS: Final = ("kin", "audience")
_NAMES: Final = ("author", "home", "target", "thread")


NOTED: Final = ("tick", "id", "usual", "usual_square", "weight", *_NUMBERS, *_NAMES)
"""The columns of the window that a summary reads."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """One stranger's interaction: hash and id of its event, its numbers and names by column."""

    order: tuple[int, str]
    tick: int
    numbers: tuple[int | float, ...]
    names: tuple[str | None, ...]


class Usual(NamedTuple):
    """Faded sums of newcomers a bucket and of their squares, and the faded number of buckets; see `Window`."""

    total: float
    squares: float
    weight: float


@dataclass(slots=True)
class _Hour:
    """Newcomers of one hour, and the subject's faded memory as it was when the first of them came."""

    number: int
    count: int
    usual: Usual


class Summary:
    """The newcomers of one subject over two days.

    It takes note of nothing until `NEWCOMERS_KEPT` of them have come within that time, and forgets everything when
    none came for as long.
    """

    def __init__(self) -> None:
        self.last_tick = -(1 << 62)
        self._hours: deque[_Hour] = deque()
        self._sample: list[Sampled] = []

    def note(self, window: Window, said: Mapping[str, list[Any]], at: int, enough: bool) -> bool:
        """Take one row of newcomers, the one at `at` of the columns `NOTED`, in order.

        `enough` tells whether it makes `NEWCOMERS_KEPT` within two days.

        Returns whether it was taken note of.
        """
        tick = said["tick"][at]
        if tick - self.last_tick > LONGEST_S:
            self._hours.clear()
            self._sample.clear()
        self.last_tick = tick
        if not self._hours and not enough:
            return False
        self._count(said, at, tick)
        if said["first"][at] >= 1000 * (tick - LONGEST_S):
            self._keep(window, said, at, tick)
        return True

    def count(self, tick: int, window_s: int) -> int:
        """How many newcomers came in the window up to a tick, in whole hours."""
        oldest = (tick - window_s) // HOUR_S
        return sum(hour.count for hour in self._hours if oldest < hour.number)

    def usual(self, tick: int, window_s: int) -> Usual:
        """What was usual when the window up to a tick began."""
        oldest = (tick - window_s) // HOUR_S
        return next(hour.usual for hour in self._hours if oldest < hour.number)

    def sampled(self, tick: int, window_s: int) -> list[Sampled]:
        """The sample within the window up to a tick, in order of time."""
        inside = [one for one in self._sample if tick - window_s < one.tick <= tick]
        return sorted(inside, key=lambda one: (one.tick, one.numbers[0], one.order[1]))

    def crowd(self, tick: int, window_s: int) -> Crowd:
        """The sampled strangers of a window as a crowd of the size that was counted."""
        sample = self.sampled(tick, window_s)
        numbers = {
            name: np.array([one.numbers[at] for one in sample], float if name in _SUMS else np.int64)
            for at, name in enumerate(_NUMBERS)
        }
        names = {name: [one.names[at] for one in sample] for at, name in enumerate(_NAMES)}
        return Crowd(
            total=max(len(sample), self.count(tick, window_s)),
            time=numbers["time"],
            first=numbers["first"],
            account=[name or "" for name in names["author"]],
            event=[one.order[1] for one in sample],
            home=names["home"],
            created=numbers["created"],
            seen=numbers["seen"],
            activity=numbers["activity"],
            recent=np.stack([numbers[name] for name in RECENT_COLUMNS], axis=1),
            kin=numbers["kin"],
            audience=numbers["audience"],
            target=names["target"],
            thread=names["thread"],
        )

    def _count(self, said: Mapping[str, list[Any]], at: int, tick: int) -> None:
        number = tick // HOUR_S
        if self._hours and self._hours[-1].number != number:
            self._sample = [one for one in self._sample if one.tick > tick - LONGEST_S]
        if not self._hours or self._hours[-1].number != number:
            total, squares, weight = (said[name][at] for name in ("usual", "usual_square", "weight"))
            unseen = 0 if self._hours else NEWCOMERS_KEPT - 1
            before = Usual(max(0.0, total - unseen), max(0.0, squares - unseen), weight)
            self._hours.append(_Hour(number, unseen, before))
        self._hours[-1].count += 1
        while self._hours[0].number <= number - LONGEST_S // HOUR_S:
            self._hours.popleft()

    def _keep(self, window: Window, said: Mapping[str, list[Any]], at: int, tick: int) -> None:
        event = said["id"][at]
        order = (stable_hash(event), event)
        if len(self._sample) == SAMPLE and order >= self._sample[-1].order:
            return
        stranger = Sampled(
            order=order,
            tick=tick,
            numbers=tuple(said[name][at] for name in _NUMBERS),
            names=tuple(window.strings.get(said[name][at]) for name in _NAMES),
        )
        insort(self._sample, stranger, key=lambda one: one.order)
        del self._sample[SAMPLE:]
