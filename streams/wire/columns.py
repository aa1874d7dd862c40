"""Events to columns: many structs at once into one `Batch`, one row for each account addressed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count, islice
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from graph.columns import Array, Batch, objects
from graph.events import EVENT_SCHEMA, LAST_ADDRESSING, EventType, Flag
from streams.wire.schema import AUTHOR_FLAGS, MAX_TIME_MS, MIN_TIME_MS, TARGET_FLAGS, TYPES, Event
from streams.wire.times import parse_times

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CODES: Final = {
    "author": "author",
    "thread": "thread",
    "thread_author": "thread_author",
    "parent": "parent",
    "community": "community",
    "author_home": "home",
    "lang": "lang",
    "value": "value",
}
_COUNTS: Final = {"views": "views", "author_followers": "followers", "target_followers": "target_followers"}
_OBJECTS: Final = ("author_created_at", "text", "links", "author_flags", "target_flags", "visibility")
_REQUIRED: Final = 4
_ABSENT: Final = -1
_NULL: Final = -2


class Pool:
    """The pool of a batch while it is made: strings in the order in which they were first asked for.

    Attributes
    ----------
    strings
        The strings, each at its code, once `fill` has been called; batches that are made before share it.
    """

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._codes: defaultdict[object, int] = defaultdict(count().__next__, {UNSET: _ABSENT, None: _NULL})

    def codes(self, values: Sequence[object]) -> NDArray[np.int32]:
        """The positions of these strings in the pool; negative where there is none."""
        n = len(values)
        if n and values[0] is UNSET and values.count(UNSET) == n:
            return np.full(n, _ABSENT, np.int32)
        return np.fromiter(map(self._codes.__getitem__, values), np.int32, n)

    def fill(self) -> None:
        """Put the strings that are new into `strings`."""
        known = len(self.strings) + 2
        self.strings.extend(islice(self._codes, known, None))  # type: ignore[arg-type]


class Columns(NamedTuple):
    """A batch, and what the decoder asks of its events.

    Attributes
    ----------
    batch
        Rows in the order of the events.
    event_of_row
        The event of each row; None when every event is one row.
    present
        How many known fields each event has.
    wrong
        Which events the contract does not allow as they are.
    private
        Which events are private.
    """

    batch: Batch
    event_of_row: Ints | None
    present: Ints
    wrong: Bools
    private: Bools

    def rows(self) -> Ints:
        """The event of each row."""
        return np.arange(len(self.present)) if self.event_of_row is None else self.event_of_row


def build(events: Sequence[Event], pool: Pool, mended: Sequence[int] = ()) -> Columns:
    """Lay events out in columns.

    Parameters
    ----------
    events
        The events.
    pool
        Where their strings go; the batch shares its list, which is to be filled before the batch is used.
    mended
        The positions of those that were mended.
    """
    n = len(events)
    found = _fields(events)
    present = np.full(n, _REQUIRED, np.int64)
    out: dict[str, Array] = {}

    for name, column in _CODES.items():
        codes = pool.codes(found[name])
        if name != "author":
            present += codes != _ABSENT
        out[column] = np.maximum(codes, _ABSENT)
    for name, column in _COUNTS.items():
        out[column] = _counts(found[name], present)
    for name in _OBJECTS:
        present += _given(found[name], n)

    kinds = np.fromiter(map(TYPES.__getitem__, found["type"]), np.uint8, n)
    time = parse_times(found["time"])
    created = parse_times(found["author_created_at"]) if _any(found["author_created_at"]) else np.full(n, -1, np.int64)
    target, event_of_row, part, addressed = _targets(found["target"], pool, present)
    visible = _visibility(found["visibility"], n)

    needs_target = (kinds <= LAST_ADDRESSING) | (kinds == EventType.REPORT)
    wrong = (time < MIN_TIME_MS) | (time > MAX_TIME_MS) | (created < -1) | (created > MAX_TIME_MS)
    wrong |= needs_target & ~addressed
    wrong |= (kinds == EventType.DELETE) & (out["parent"] < 0)

    flags = _bits(found["author_flags"], AUTHOR_FLAGS, np.uint16)
    flags[visible == _LIMITED] |= np.uint16(Flag.LIMITED)
    if mended:
        flags[list(mended)] |= np.uint16(Flag.MENDED)
    out |= {
        "time": time,
        "tick": np.zeros(n, np.int64),
        "type": kinds,
        "flags": flags,
        "target_flags": _bits(found["target_flags"], TARGET_FLAGS, np.uint8),
        "created": created,
        "id": objects(found["id"]),
        "text": objects(found["text"]),
        "links": objects(links or None for links in found["links"]) if _any(found["links"]) else np.full(n, None),
    }
    if event_of_row is not None:
        out = {name: column[event_of_row] for name, column in out.items()}
    out |= {"target": target, "part": part}
    batch = Batch(EVENT_SCHEMA, {name: out[name] for name in EVENT_SCHEMA}, pool.strings)
    return Columns(batch, event_of_row, present, wrong, visible == _PRIVATE)


def _fields(events: Sequence[Event]) -> dict[str, list[Any]]:
    """The events' fields, one list each; written out, because it takes half as long as any loop over names."""
    return {
        "id": [event.id for event in events],
        "type": [event.type for event in events],
        "time": [event.time for event in events],
        "author": [event.author for event in events],
        "target": [event.target for event in events],
        "thread": [event.thread for event in events],
        "thread_author": [event.thread_author for event in events],
        "parent": [event.parent for event in events],
        "community": [event.community for event in events],
        "author_home": [event.author_home for event in events],
        "lang": [event.lang for event in events],
        "value": [event.value for event in events],
        "views": [event.views for event in events],
        "author_followers": [event.author_followers for event in events],
        "target_followers": [event.target_followers for event in events],
        "author_created_at": [event.author_created_at for event in events],
        "text": [event.text for event in events],
        "links": [event.links for event in events],
        "author_flags": [event.author_flags for event in events],
        "target_flags": [event.target_flags for event in events],
        "visibility": [event.visibility for event in events],
    }


_LIMITED: Final = 1
_PRIVATE: Final = 2
_VISIBLE: Final = {None: 0, "public": 0, "limited": _LIMITED, "private": _PRIVATE}


def _any(column: Iterable[object]) -> bool:
    """Whether some value is neither None nor empty."""
    return any(column)


def _visibility(column: list[Any], n: int) -> NDArray[np.uint8]:
    if not _any(column):
        return np.zeros(n, np.uint8)
    return np.fromiter(map(_VISIBLE.__getitem__, column), np.uint8, n)


def _given(column: list[Any], n: int) -> int | Bools:
    """Which values are not None."""
    absent = column.count(None)
    if absent in (0, n):
        return int(not absent)
    return np.fromiter((value is not None for value in column), np.bool_, n)


def _counts(column: list[Any], present: Ints) -> Ints:
    try:
        counts = np.array(column, np.int64)
    except TypeError:
        counts = np.array([_NULL if value is None else value for value in column], np.int64)
    present += counts != _ABSENT
    return np.maximum(counts, _ABSENT)


def _bits(column: list[Any], known: dict[str, Any], dtype: type[np.unsignedinteger[Any]]) -> Array:
    if not _any(column):
        return np.zeros(len(column), dtype)
    bits = [0] * len(column)
    for at, names in enumerate(column):
        for name in names or ():
            bits[at] |= known[name]
    return np.array(bits, dtype)


def _targets(
    column: list[Any], pool: Pool, present: Ints
) -> tuple[NDArray[np.int32], Ints | None, NDArray[np.uint8], Bools]:
    """Codes of the targets, the event of each row (None: one row an event), parts, and which events address anybody."""
    n = len(column)
    if list not in set(map(type, column)):
        codes = pool.codes(column)
        present += codes != _ABSENT
        return np.maximum(codes, _ABSENT), None, np.zeros(n, np.uint8), codes >= 0
    lists = [list(dict.fromkeys(value)) if type(value) is list else [value] for value in column]
    present += np.fromiter((value is not UNSET for value in column), np.bool_, n)
    sizes = np.fromiter(map(len, lists), np.int64, n)
    rows = np.maximum(sizes, 1)
    codes = pool.codes([target for targets in lists for target in targets or (None,)])
    starts = np.cumsum(rows) - rows
    addressed = codes[starts] >= 0
    event_of_row = np.repeat(np.arange(n), rows)
    part = (np.arange(len(event_of_row)) - starts[event_of_row]).astype(np.uint8)
    return np.maximum(codes, _ABSENT), event_of_row, part, addressed
