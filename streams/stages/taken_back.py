"""What was taken back: its text leaves the window and stays out, also of a window that is filled again."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

import numpy as np

from alerts.evidence import Erased, text_hash
from detectors.attribution import Reader
from detectors.surge import WINDOWS_S
from graph.columns import Batch
from graph.interactions import Act
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
    reader
        What reads a text before it goes, so that what is made out does not depend on when it went.
    """

    def __init__(self, window: Window, salt: str, reader: Reader) -> None:
        self._window, self._salt, self._reader = window, salt, reader
        self._ticks: dict[Item, int] = {}

    @property
    def told(self) -> list[Told]:
        """All that is remembered, oldest first."""
        return [(*item, tick) for item, tick in self._ticks.items()]

    def resume(self, told: list[Told]) -> None:
        """Go on with what another one had `told`, in a window that was filled again."""
        self._ticks = {(event, author): tick for event, author, tick in told}
        self._erase(self._ticks, self._window.ring.first)

    def take(self, deletes: Batch, first_new: int) -> None:
        """Take in deletions, in order; the rows of the window from `first_new` on came with them."""
        ring = self._window.ring
        if self._ticks and first_new < ring.end:
            since = ring.value("tick", first_new) - REACH_S
            self._erase(dict(takewhile(lambda one: one[1] >= since, reversed(self._ticks.items()))), first_new)
        items = zip(deletes.strings("parent"), deletes.strings("author"), strict=True)
        fresh = dict(zip(items, deletes["tick"].tolist(), strict=True))
        self._erase(fresh, ring.first)
        for item, tick in sorted(fresh.items(), key=lambda one: one[1]):
            self._ticks.pop(item, None)
            self._ticks[item] = tick

    def expire(self, tick: int) -> None:
        """Forget what concerns no row that the window holds at this tick, or takes in later."""
        oldest = tick - REACH_S - WINDOWS_S[-1]
        for item, _ in list(takewhile(lambda one: one[1] < oldest, self._ticks.items())):
            del self._ticks[item]

    def __bool__(self) -> bool:
        return bool(self._ticks)

    def _erase(self, ticks: dict[Item, int], first: int) -> None:
        """Erase the texts of these items from row `first` on."""
        if not ticks:
            return
        ring, names = self._window.ring, self._window.strings
        said = ring.rows(np.arange(first, ring.end))
        speaker = np.where(said["act"] == Act.OWN, said["subject"], said["author"])
        deleters = np.zeros(names.capacity + 1, bool)
        deleters[[names.find(author) for _, author in ticks if author is not None]] = True
        deleters[-1] = False
        found: list[tuple[int, str, str]] = []
        for place in np.flatnonzero(deleters[speaker]).tolist():
            number = first + place
            event, text = ring.value("id", number), ring.value("text", number)
            if not isinstance(text, str):
                continue
            tick = ticks.get((event, names.get(int(speaker[place]))))
            if tick is not None and ring.value("tick", number) <= tick + REACH_S:
                found.append((number, event, text))
        readings = self._reader.read([text for _, _, text in found])
        for (number, event, text), reading in zip(found, readings, strict=True):
            ring.put("text", number, Erased(text_hash(self._salt, event, text), reading))
