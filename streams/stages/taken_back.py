"""What was taken back: its text leaves the window and stays out, also of a window that is filled again."""

from __future__ import annotations

from collections.abc import Collection
from itertools import takewhile
from typing import Final

import numpy as np

from alerts.evidence import Erased, text_hash
from detectors.reading import Read
from detectors.surge import WINDOWS_S
from graph.columns import Batch
from graph.interactions import OWN_ACTS
from graph.window import Window

REACH_S: Final = WINDOWS_S[-1]
"""How long after an item was taken back its text is still looked for in what comes, in seconds."""

Item = tuple[str | None, str | None]
"""Id and author."""
Told = tuple[str | None, str | None, int]
"""Id and author of an item, and the tick at which it was taken back."""


class TakenBack:
    """The items that were taken back lately, by id and author.

    An item's text is erased when it came before the deletion, and when it comes up to `REACH_S` after it; the
    interactions and the text's hash stay. What was taken back is remembered for as long as the window can hold a row
    that this concerns.

    Parameters
    ----------
    window
        Where the texts lie.
    salt
        Secret that text hashes are salted with.
    read
        What reads a text before it goes, so that what is made out does not depend on when it went.
    """

    def __init__(self, window: Window, salt: str, read: Read) -> None:
        self._window, self._salt, self._read = window, salt, read
        self._ticks: dict[Item, int] = {}

    @property
    def told(self) -> list[Told]:
        """All that is remembered, oldest first."""
        return [(*item, tick) for item, tick in self._ticks.items()]

    @property
    def items(self) -> Collection[Item]:
        """All that is remembered, by id and author."""
        return self._ticks.keys()

    def resume(self, told: list[Told]) -> None:
        """Go on with what another one had `told`, in a window that was filled again."""
        self._ticks = {(event, author): tick for event, author, tick in told}
        self._mark(self._ticks, self._window.ring.first)
        self.erase()

    def take(self, deletes: Batch, first_new: int) -> None:
        """Take in deletions, in order; the rows of the window from `first_new` on came with them.

        The texts stay until `erase`: what was said before a deletion may be read at ticks before it.
        """
        ring = self._window.ring
        if self._ticks and first_new < ring.end:
            since = ring.value("tick", first_new) - REACH_S
            self._mark(dict(takewhile(lambda one: one[1] >= since, reversed(self._ticks.items()))), first_new)
        items = list(zip(deletes.strings("parent"), deletes.strings("author"), strict=True))
        ticks = deletes["tick"].tolist()
        first = dict(zip(reversed(items), reversed(ticks), strict=True))
        self._mark(first, ring.first)
        self._window.gone_items |= first
        for item, tick in sorted(dict(zip(items, ticks, strict=True)).items(), key=lambda one: one[1]):
            self._ticks.pop(item, None)
            self._ticks[item] = tick

    def erase(self) -> None:
        """Erase the texts that were taken back."""
        ring, gone = self._window.ring, self._window.gone
        held = [(number, ring.value("id", number), ring.value("text", number)) for number in gone]
        held = [one for one in held if isinstance(one[2], str)]
        readings = self._read([text for *_, text in held])
        for (number, event, text), reading in zip(held, readings, strict=True):
            ring.put("text", number, Erased(text_hash(self._salt, event, text), reading))
        gone.clear()
        self._window.gone_items.clear()

    def expire(self, tick: int) -> None:
        """Forget what concerns no row that the window holds at this tick, or takes in later."""
        oldest = tick - REACH_S - WINDOWS_S[-1]
        for item, _ in list(takewhile(lambda one: one[1] < oldest, self._ticks.items())):
            del self._ticks[item]

    def __bool__(self) -> bool:
        return bool(self._ticks)

    def _mark(self, ticks: dict[Item, int], first: int) -> None:
        """Note that the texts of these items are gone, in rows from `first` on."""
        if not ticks:
            return
        ring, names, gone = self._window.ring, self._window.strings, self._window.gone
        said = ring.rows(np.arange(first, ring.end))
        speaker = np.where(np.isin(said["act"], OWN_ACTS), said["subject"], said["author"])
        deleters = np.zeros(names.capacity + 1, bool)
        deleters[[names.find(author) for _, author in ticks if author is not None]] = True
        deleters[-1] = False
        for place in np.flatnonzero(deleters[speaker]).tolist():
            number = first + place
            tick = ticks.get((ring.value("id", number), names.get(int(speaker[place]))))
            if tick is not None and ring.value("tick", number) <= tick + REACH_S:
                gone[number] = min(tick, gone.get(number, tick))
