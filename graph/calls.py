"""What pointed at an account, kept for longer than any exact window: whoever set off a crowd that comes over days did so before
there was one.

Of every six hours the first items are kept, so that what was there at a tick does not depend on what came later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from graph.authors import NEVER
from graph.columns import Array
from graph.events import NOT_PEOPLE, EventType
from graph.interactions import Act, Kind, does
from graph.interner import Interner
from graph.ring import Rows
from graph.segments import Segments
from graph.store import Store
from graph.tables import Tables, load, pair, save, unpair

KEEP_S: Final = 3 * 86_400
"""For how long they are kept, in seconds."""
KEPT: Final = 4
"""How many are kept of each account and six hours."""
_BLOCK_S: Final = 6 * 3_600
_STRINGS: Final = ("author", "event", "community", "home")


def points_at(rows: Rows | Mapping[str, Array]) -> Array:
    """Which interactions may have shown their subject to others, shape `(n,)`: quotes, and what links to it, by people.

    Shares do that too, but of those there are as many as come, and none can be told from another.
    """
    act, kind = rows["act"], rows["type"]
    points = (does(act, Act.CALL) & (kind != EventType.SHARE)) | (does(act, Act.ADDRESS) & (kind == EventType.QUOTE))
    found: Array = points & (rows["flags"] & NOT_PEOPLE == 0) & (rows["author"] >= 0)
    return found


class Calls:
    """What pointed at accounts, by account."""

    def __init__(self) -> None:
        self._records = Store(
            {
                "tick": ("int64", NEVER, 1),
                "time": ("int64", 0, 1),
                "comes": ("bool", False, 1),
                **dict.fromkeys(_STRINGS, ("int32", -1, 1)),
            }
        )

    def __len__(self) -> int:
        """How many are held."""
        return len(self._records)

    def note(self, columns: Mapping[str, Array], keys: Array, strings: Interner) -> None:
        """Take note of those among interactions with subjects of these keys, in order; what they name is in codes of `strings`."""
        shown = np.flatnonzero(points_at(columns) & (keys & 3 == Kind.ACCOUNT) & (columns["author"] != keys >> 2))
        if not len(shown):
            return
        blocks = Segments(_numbered(keys[shown], columns["tick"][shown]))
        held = np.count_nonzero(self._find(blocks.keys) >= 0, axis=1)
        place = held[blocks.number] + blocks.rank
        fits = place < KEPT
        rows, records = shown[blocks.order][fits], self._records
        slots = records.find_or_add(blocks.keys[blocks.number[fits]] + place[fits])
        for name in ("tick", "time", "author", "community", "home"):
            records[name][slots] = columns[name][rows]
        records["comes"][slots] = does(columns["act"][rows], Act.ADDRESS)
        records["event"][slots] = [strings.code(event) for event in columns["id"][rows].tolist()]

    def at(self, key: int, since: int, tick: int) -> dict[str, Array]:
        """What is kept of a subject's from tick `since` to `tick`, oldest first: columns `time` (ms UTC), `comes` (whether its
        author comes to the subject by it) and, as codes, `author`, `event`, `community` and `home`; shape `(n,)` each.
        """
        ticks = np.arange(since // _BLOCK_S, tick // _BLOCK_S + 1) * _BLOCK_S
        slots = self._find(_numbered(np.full(len(ticks), key), ticks)).ravel()
        slots = slots[slots >= 0]
        came = self._records["tick"][slots]
        slots = slots[(came >= since) & (came <= tick)]
        return {name: self._records[name][slots] for name in ("time", "comes", *_STRINGS)}

    def release(self, tick: int) -> None:
        """Free what is too old at this tick, when that is worth its cost."""
        if self._records.due:
            self._records.keep(self._records["tick"] >= tick - KEEP_S)

    @property
    def codes(self) -> list[Array]:
        """The codes of every string that is held."""
        return [self._records.keys >> 34, *(self._records[name] for name in _STRINGS)]

    def save(self, strings: Interner, number: int, oldest: int) -> Tables:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""
        slots = self._records.to_save(number, oldest)
        subject, kind, place = unpair(self._records.keys[slots])
        codes = {"subject": subject, **{name: self._records[name][slots] for name in _STRINGS}}
        return {"calls": save(self._records, slots, strings, codes, {"kind": kind, "place": place})}

    def load(self, tables: Tables, strings: Interner, number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers."""
        table = tables["calls"]
        codes = strings.adopt(table, ("subject", *_STRINGS))
        load(self._records, pair(codes["subject"], table["kind"], table["place"]), table, codes, number)

    def _find(self, blocks: Array) -> Array:
        """Where the records of these blocks are, -1 where there is none, shape `(n, KEPT)`."""
        places = np.add.outer(blocks, np.arange(KEPT))
        return self._records.find(places.ravel()).reshape(places.shape)


def _numbered(keys: Array, ticks: Array) -> Array:
    """The key of the first record of each subject in the six hours of each tick."""
    return np.asarray(keys << 32 | ticks // _BLOCK_S * KEPT)
