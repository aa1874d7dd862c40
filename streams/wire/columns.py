"""Parts laid out in one `Batch`: one row for each account addressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.columns import Array, Batch
from graph.events import EVENT_SCHEMA, Flag
from streams.wire.gather import ABSENT, CODES, NUMBERS, Ints, Part, Pool, gather
from streams.wire.schema import AUTHOR_FLAGS, TARGET_FLAGS, Event

__all__ = ["Columns", "Pool", "build", "lay_out"]

_LIMITED: Final = 1
_PRIVATE: Final = 2
_VISIBLE: Final = {None: 0, "public": 0, "limited": _LIMITED, "private": _PRIVATE}


class _Bits(dict[tuple[str, ...] | None, int]):
    """The bits of each set of names that was asked for."""

    def __init__(self, known: Mapping[str, int]) -> None:
        super().__init__({None: 0})
        self._known = known

    def __missing__(self, names: tuple[str, ...]) -> int:
        bits = 0
        for name in names:
            bits |= self._known[name]
        self[names] = bits
        return bits


class Columns(NamedTuple):
    """A batch, and what the decoder asks of its events.

    Attributes
    ----------
    batch
        Rows in the order of the events.
    event_of_row
        The event of each row; None when every event is one row.
    private
        Which events are private, of shape `(events,)`.
    """

    batch: Batch
    event_of_row: Ints | None
    private: NDArray[np.bool_]


def build(events: Sequence[Event], pool: Pool, mended: Sequence[int] = ()) -> Columns:
    """Lay events out in columns; see `lay_out`."""
    return lay_out([gather(events, pool)], pool, mended)


def lay_out(parts: Sequence[Part], pool: Pool, mended: Sequence[int] = ()) -> Columns:
    """Lay events out in columns.

    Parameters
    ----------
    parts
        The events, in their order; at least one part.
    pool
        Where their strings went; the batch shares its list, which is to be filled before the batch is used.
    mended
        The positions of those that were mended.
    """
    n = sum(len(part.ids) for part in parts)
    codes = np.maximum(np.concatenate([part.codes for part in parts], axis=1), np.int32(ABSENT))
    numbers = np.maximum(np.concatenate([part.numbers for part in parts], axis=1), ABSENT)
    visible = _bytes(parts, "visibility", _VISIBLE)
    flags = _bytes(parts, "author_flags", _Bits(AUTHOR_FLAGS)).astype(np.uint16)
    flags[visible == _LIMITED] |= np.uint16(Flag.LIMITED)
    if mended:
        flags[list(mended)] |= np.uint16(Flag.MENDED)
    out: dict[str, Array] = {
        **dict(zip(CODES.values(), codes, strict=True)),
        **dict(zip(NUMBERS.values(), numbers, strict=True)),
        "tick": np.zeros(n, np.int64),
        "part": np.zeros(n, np.uint8),
        "type": np.concatenate([part.kinds for part in parts]),
        "flags": flags,
        "target_flags": _bytes(parts, "target_flags", _Bits(TARGET_FLAGS)),
        "id": np.fromiter(chain.from_iterable(part.ids for part in parts), object, n),
        "text": np.fromiter(chain.from_iterable(part.objects["text"] for part in parts), object, n),
        "links": _links(parts, n),
    }
    event_of_row = _spread(out, parts, n)
    batch = Batch(EVENT_SCHEMA, {name: out[name] for name in EVENT_SCHEMA}, pool.strings)
    return Columns(batch, event_of_row, visible == _PRIVATE)


def _bytes(parts: Sequence[Part], name: str, numbers: Mapping[Any, int]) -> NDArray[np.uint8]:
    """A column of objects by the small numbers that they stand for; nothing stands for 0."""
    columns = [part.objects[name] for part in parts]
    pieces = [
        bytes(len(column)) if column.count(None) == len(column) else bytes(map(numbers.__getitem__, column))
        for column in columns
    ]
    return np.frombuffer(bytearray().join(pieces), np.uint8)


def _links(parts: Sequence[Part], n: int) -> Array:
    columns = [part.objects["links"] for part in parts]
    if not any(map(any, columns)):
        return np.full(n, None)
    return np.fromiter(chain.from_iterable([links or None for links in column] for column in columns), object, n)


def _spread(out: dict[str, Array], parts: Sequence[Part], n: int) -> Ints | None:
    """Repeat the row of an event with several targets for each of them; returns the event of each row."""
    if not any(part.further for part in parts):
        return None
    starts = np.cumsum([0, *(len(part.ids) for part in parts)])
    further = [np.array(part.further, np.int64) + start for part, start in zip(parts, starts, strict=False)]
    rows = 1 + np.bincount(np.concatenate(further), minlength=n)
    event_of_row = np.repeat(np.arange(n), rows)
    for name, column in out.items():
        out[name] = column.take(event_of_row)
    part_of_row = np.arange(len(event_of_row)) - (np.cumsum(rows) - rows)[event_of_row]
    out["part"] = part_of_row.astype(np.uint8)
    out["target"][part_of_row > 0] = np.concatenate([part.further_codes for part in parts])
    return event_of_row
