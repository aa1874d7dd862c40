"""A table of records by 64-bit key, looked up and changed a whole batch at a time.

Open addressing with linear probing and multiplicative hashing (Knuth, The Art of Computer Programming 3,
6.4), every step of it over arrays. Python's own dictionary would cost an object for every key and value.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from graph.columns import Array

_EMPTY: Final = -1
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_SMALLEST: Final = 1 << 10
_LARGE: Final = 1 << 18
"""From so many records on a table grows by a quarter, not to twice its size."""
_TOUCHED: Final = np.iinfo(np.int32).max


class Store:
    """Records in columns, one a key.

    Parameters
    ----------
    columns
        For each column its dtype, the value of a new record, and how many numbers wide it is (1: shape
        `(n,)`, otherwise `(n, width)`).

    A record's place, its *slot*, is its position in the columns; slots are dense, 0 to `len(self) - 1`, and
    change only in `keep`. Keys are integers from 0 to 2^63 - 1.
    """

    def __init__(self, columns: dict[str, tuple[str, Any, int]]) -> None:
        self._spec = columns
        self._size = 0
        self._keys = np.empty(_SMALLEST, np.int64)
        self._columns = {name: self._blank(name, _SMALLEST) for name in columns}
        self._saved = np.full(_SMALLEST, _TOUCHED, np.int32)
        self._build(2 * _SMALLEST)
        self._sweep_at = 16 * _SMALLEST

    def _blank(self, name: str, rows: int) -> Array:
        dtype, fill, width = self._spec[name]
        return np.full(rows if width == 1 else (rows, width), fill, dtype)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, name: str) -> Array:
        """A column, shape `(len(self),)` or `(len(self), width)`; writing to it changes the records."""
        return self._columns[name][: self._size]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self._spec)

    @property
    def keys(self) -> Array:
        """The key of every slot, shape `(len(self),)`."""
        return self._keys[: self._size]

    @property
    def due(self) -> bool:
        """Whether the table has grown so much since the last `keep` that another is worth its cost."""
        return self._size >= self._sweep_at

    def find(self, keys: Array) -> Array:
        """The slot of each key, -1 where there is none; shape `(n,)`."""
        out = np.full(len(keys), -1, np.int64)
        active = np.arange(len(keys))
        wanted = keys
        place = self._hash(keys)
        while active.size:
            slots = self._slots[place]
            held = slots >= 0
            hit = held & (self._keys[slots] == wanted)
            out[active[hit]] = slots[hit]
            go = held & ~hit
            active, wanted = active[go], wanted[go]
            place = (place[go] + 1) & self._mask
        return out

    def find_or_add(self, keys: Array) -> Array:
        """The slot of each key, a new record where there was none; shape `(n,)`."""
        slots = self.find(keys)
        missing = slots < 0
        if missing.any():
            fresh, inverse = np.unique(keys[missing], return_inverse=True)
            slots[missing] = self._add(fresh)[inverse]
        self._saved[slots] = _TOUCHED
        return slots

    def to_save(self, number: int, oldest: int) -> Array:
        """The slots of the records that the checkpoint of this number has to hold, shape `(k,)`.

        Those asked for by `find_or_add` since the last checkpoint, and those that no checkpoint from `oldest` on holds.
        They count as held by this one from now on.
        """
        saved = self._saved[: self._size]
        slots = np.flatnonzero((saved == _TOUCHED) | (saved < oldest))
        saved[slots] = number
        return slots

    def put(self, keys: Array, columns: dict[str, Array], number: int) -> None:
        """Set whole records, all of different keys, which the checkpoint of this number holds."""
        slots = self.find_or_add(keys)
        for name, values in columns.items():
            self._columns[name][slots] = values
        self._saved[slots] = number

    def keep(self, kept: Array) -> None:
        """Forget the records where this mask, shape `(len(self),)`, is false; the others get new slots."""
        size = int(np.count_nonzero(kept))
        capacity = max(_SMALLEST, 2 * size)
        keys = np.empty(capacity, np.int64)
        keys[:size] = self.keys[kept]
        for name in self._spec:
            column = self._blank(name, capacity)
            column[:size] = self[name][kept]
            self._columns[name] = column
        saved = np.full(capacity, _TOUCHED, np.int32)
        saved[:size] = self._saved[: self._size][kept]
        self._keys, self._size, self._saved = keys, size, saved
        self._build(2 * capacity)
        self._place(keys[:size], np.arange(size))
        self._sweep_at = max(16 * _SMALLEST, 2 * size)

    def _add(self, keys: Array) -> Array:
        slots = np.arange(self._size, self._size + len(keys))
        needed = self._size + len(keys)
        if needed > len(self._keys):
            capacity = max(needed, len(self._keys) * (8 if needed < _LARGE else 5) // 4)
            self._keys = _longer(self._keys, np.empty(capacity, np.int64))
            for name in self._spec:
                self._columns[name] = _longer(self._columns[name], self._blank(name, capacity))
            self._saved = _longer(self._saved, np.full(capacity, _TOUCHED, np.int32))
            self._build(capacity * 3 // 2)
            self._place(self._keys[: self._size], np.arange(self._size))
        self._keys[slots] = keys
        self._size = needed
        self._place(keys, slots)
        return slots

    def _build(self, at_least: int) -> None:
        bits = int(at_least - 1).bit_length()
        self._slots = np.full(1 << bits, _EMPTY, np.int32)
        self._mask = (1 << bits) - 1
        self._shift = np.uint64(64 - bits)

    def _hash(self, keys: Array) -> Array:
        return ((keys.astype(np.uint64) * _MULTIPLIER) >> self._shift).astype(np.int64)

    def _place(self, keys: Array, slots: Array) -> None:
        place = self._hash(keys)
        while keys.size:
            free = self._slots[place] == _EMPTY
            self._slots[place[free]] = slots[free]
            won = free & (self._slots[place] == slots)
            keys, slots, place = keys[~won], slots[~won], (place[~won] + 1) & self._mask


def _longer(old: Array, new: Array) -> Array:
    new[: len(old)] = old
    return new
