"""Events taken apart: from structs to a few plain columns, a part of a batch at a time."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, count, islice
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec import UNSET
from msgspec.structs import astuple
from numpy.typing import NDArray

from graph.events import EventType
from streams.wire.schema import ADDRESSED, MAX_TIME_MS, MIN_TIME_MS, TYPES, Event
from streams.wire.times import BAD_TIME, parse_times

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]

ABSENT: Final = -1
CODES: Final = {
    "author": "author",
    "target": "target",
    "thread": "thread",
    "thread_author": "thread_author",
    "parent": "parent",
    "community": "community",
    "author_home": "home",
    "lang": "lang",
    "value": "value",
}
"""Fields that hold one string of a pool, and their columns."""
NUMBERS: Final = {
    "time": "time",
    "views": "views",
    "author_followers": "followers",
    "target_followers": "target_followers",
    "author_created_at": "created",
}
"""Fields that hold a number or a time, and their columns."""
OBJECTS: Final = ("text", "links", "author_flags", "target_flags", "visibility")

_NULL: Final = -2
_ELSEWHERE: Final = 2
"""Fields that every event has and that stand in none of these tables."""
_TARGET: Final = list(CODES).index("target")
_PARENT: Final = list(CODES).index("parent")
_TIME: Final = list(NUMBERS).index("time")
_CREATED: Final = list(NUMBERS).index("author_created_at")
_FIELDS: Final = Event.__struct_fields__
_NEEDS_TARGET: Final = np.array([kind.name.lower() in ADDRESSED for kind in EventType])
_DELETE: Final = int(EventType.DELETE)
_KINDS: Final = {name: int(kind) for name, kind in TYPES.items()}
_CODE: Final = np.dtype("<i4")


def _as_bytes(code: int) -> bytes:
    """A code as the pool keeps it: to join bytes takes a fraction of what it takes to go through integers."""
    return code.to_bytes(_CODE.itemsize, "little", signed=True)


_FIRST_CODES: Final = list(map(_as_bytes, range(1 << 14)))


class Pool:
    """The pool of a batch while it is made: strings in the order in which they were first asked for.

    Attributes
    ----------
    strings
        The strings, each at its code, once `fill` has been called; batches that are made before share it.
    """

    def __init__(self) -> None:
        self.strings: list[str] = []
        unused = chain(_FIRST_CODES, map(_as_bytes, count(len(_FIRST_CODES)))).__next__
        self._codes: defaultdict[object, bytes] = defaultdict(unused)
        self._codes[UNSET] = _as_bytes(ABSENT)
        self._codes[None] = _as_bytes(_NULL)

    def codes(self, values: Iterable[object]) -> Codes:
        """The positions of these strings in the pool; negative where there is none."""
        return np.frombuffer(b"".join(map(self._codes.__getitem__, values)), _CODE)

    def fill(self) -> None:
        """Put the strings that are new into `strings`."""
        known = len(self.strings) + 2
        self.strings.extend(islice(self._codes, known, None))  # type: ignore[arg-type]


class Part(NamedTuple):
    """Some events, a column for each field.

    Attributes
    ----------
    ids, objects
        The identifiers, and the columns of `OBJECTS`.
    kinds
        `EventType` of each, of shape `(n,)`.
    codes, numbers
        The columns of `CODES` and of `NUMBERS`, of shape `(columns, n)`; -1 for absent, -2 for null. Of several targets
        only the first stands here.
    read
        Some times were text, whose range nobody has looked at.
    further
        For each target that is not its event's first, the event.
    further_codes
        These targets.
    """

    ids: list[str]
    objects: dict[str, list[Any]]
    kinds: NDArray[np.uint8]
    codes: Codes
    numbers: Ints
    read: bool
    further: list[int]
    further_codes: Codes

    @property
    def given(self) -> int:
        """How many known fields the events have together; null in one of `OBJECTS` is not counted."""
        n = len(self.ids)
        given = np.count_nonzero(self.codes != ABSENT) + np.count_nonzero(self.numbers != ABSENT) + _ELSEWHERE * n
        return int(given) + sum(n - column.count(None) for column in self.objects.values())

    def given_by_event(self) -> Ints:
        """How many known fields each event has; null in one of `OBJECTS` is not counted."""
        n = len(self.ids)
        given: Ints = (self.codes != ABSENT).sum(axis=0) + (self.numbers != ABSENT).sum(axis=0) + _ELSEWHERE
        for column in self.objects.values():
            if column.count(None) < n:
                given += np.fromiter((value is not None for value in column), np.bool_, n)
        return given

    def wrong(self) -> Ints:
        """Positions of the events that the contract does not allow as they are, in no order."""
        alone = np.flatnonzero(self.codes[_TARGET] < 0)
        wrong: Ints = alone[_NEEDS_TARGET[self.kinds[alone]]]
        deletes = np.flatnonzero(self.kinds == _DELETE)
        if len(deletes):
            wrong = np.append(wrong, deletes[self.codes[_PARENT, deletes] < 0])
        if self.read:
            time, created = self.numbers[_TIME], self.numbers[_CREATED]
            unfit = (time < MIN_TIME_MS) | (time > MAX_TIME_MS) | (created < _NULL) | (created > MAX_TIME_MS)
            wrong = np.append(wrong, np.flatnonzero(unfit))
        return wrong


def gather(events: Sequence[Event], pool: Pool) -> Part:
    """Take events apart, fastest while they are in the processor's cache; their strings go into `pool`."""
    n = len(events)
    values = list(chain.from_iterable(map(astuple, events)))
    found = {name: values[at :: len(_FIELDS)] for at, name in enumerate(_FIELDS)}
    further, others = _split_targets(found["target"])
    codes = pool.codes(chain(chain.from_iterable(found[name] for name in CODES), others))
    numbers = [found[name] for name in NUMBERS]
    whole = _whole(list(chain.from_iterable(numbers)))
    return Part(
        ids=found["id"],
        objects={name: found[name] for name in OBJECTS},
        kinds=np.frombuffer(bytes(map(_KINDS.__getitem__, found["type"])), np.uint8),
        codes=codes[: len(CODES) * n].reshape(len(CODES), n),
        numbers=np.stack([_read(column) for column in numbers]) if whole is None else whole.reshape(-1, n),
        read=whole is None,
        further=further,
        further_codes=codes[len(CODES) * n :],
    )


def _split_targets(column: list[Any]) -> tuple[list[int], list[str]]:
    """Put the first target in the place of each list; returns the others, each once, after where they stood."""
    further: list[int] = []
    others: list[str] = []
    for at in [at for at, value in enumerate(column) if type(value) is list]:
        column[at], *rest = dict.fromkeys(column[at]) or (None,)
        further += [at] * len(rest)
        others += rest
    return further, others


def _whole(column: list[Any]) -> Ints | None:
    """Integers as they are; None if there is anything else among them."""
    try:
        return np.frombuffer(struct.pack(f"{len(column)}q", *column), np.int64)
    except struct.error:
        return None


def _read(column: list[Any]) -> Ints:
    """A column in which null may stand, or times as text; text before 1970 is `BAD_TIME`."""
    whole = _whole(column)
    if whole is not None:
        return whole
    times = parse_times([_NULL if value is None else value for value in column])
    text = np.fromiter((type(value) is str for value in column), np.bool_, len(column))
    return np.where(text & (times < 0), BAD_TIME, times)
