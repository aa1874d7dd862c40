"""The longest exact window: a ring of columns, each subject's rows chained through it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from graph.columns import Array, dtype_of

_SMALLEST: Final = 1 << 12
NO_ROW: Final = -1


class Rows:
    """Some rows of a ring; valid until rows are added to it."""

    __slots__ = ("_columns", "_place")

    def __init__(self, columns: dict[str, Array], place: Array) -> None:
        self._columns, self._place = columns, place

    def __len__(self) -> int:
        return len(self._place)

    def __getitem__(self, name: str) -> Array:
        """What a column holds for these rows."""
        values: Array = self._columns[name][self._place]
        return values


class Ring:
    """Rows in the order of their ticks, numbered from 0 without end; old ones leave at the front.

    Parameters
    ----------
    schema
        Columns and their kinds; one of them is `tick`, which never falls from row to row.

    The column `before` is the ring's own: the number of the same subject's row before this one.
    """

    def __init__(self, schema: dict[str, str]) -> None:
        self._kinds = {**schema, "before": "int64"}
        self._columns = self._blank(_SMALLEST)
        self._mask = _SMALLEST - 1
        self.first = 0
        """The number of the oldest row that is still there."""
        self.end = 0
        """The number that the next row will get."""

    def __len__(self) -> int:
        return self.end - self.first

    def append(self, columns: dict[str, Array]) -> Array:
        """Add rows; return their numbers, shape `(n,)`."""
        numbers = np.arange(self.end, self.end + len(columns["tick"]))
        if self.end + len(numbers) - self.first > self._mask + 1:
            self._grow(self.end + len(numbers) - self.first)
        start = self.end & self._mask
        fits = min(len(numbers), self._mask + 1 - start)
        for name, column in self._columns.items():
            values = columns[name]
            column[start : start + fits] = values[:fits]
            column[: len(values) - fits] = values[fits:]
        self.end += len(numbers)
        return numbers

    def column(self, name: str, numbers: Array) -> Array:
        """What a column holds for these rows."""
        values: Array = self._columns[name][numbers & self._mask]
        return values

    def rows(self, numbers: Array) -> Rows:
        """These rows, to read several of their columns."""
        return Rows(self._columns, numbers & self._mask)

    def value(self, name: str, number: int) -> Any:
        """What a column holds for one row, as a plain value of Python's."""
        return self._columns[name].item(number & self._mask)

    def put(self, name: str, number: int, value: object) -> None:
        """Change one value of one row."""
        self._columns[name][number & self._mask] = value

    def all(self, name: str) -> Array:
        """A column of every row that is there, oldest first."""
        return self.column(name, np.arange(self.first, self.end))

    def chain(self, number: int) -> Array:
        """A row and those of the same subject before it, as far as they are there; oldest first."""
        before, mask, first = self._columns["before"].data, self._mask, self.first
        found: list[int] = []
        while number >= first:
            found.append(number)
            number = before[number & mask]
        return np.array(found[::-1], np.int64)

    def expire(self, tick: int) -> None:
        """Let the rows with a tick before this one go."""
        ticks = self._columns["tick"]
        low, high = self.first, self.end
        while low < high:
            middle = (low + high) // 2
            if ticks[middle & self._mask] < tick:
                low = middle + 1
            else:
                high = middle
        gone = np.arange(self.first, low) & self._mask
        for name, kind in self._kinds.items():
            if kind == "object":
                self._columns[name][gone] = None
        self.first = low

    def _grow(self, needed: int) -> None:
        capacity = 1 << int(needed - 1).bit_length()
        numbers = np.arange(self.first, self.end)
        here, there = numbers & self._mask, numbers & (capacity - 1)
        longer = self._blank(capacity)
        for name, column in longer.items():
            column[there] = self._columns[name][here]
        self._columns, self._mask = longer, capacity - 1

    def _blank(self, capacity: int) -> dict[str, Array]:
        """Columns of zeros. Those of one kind lie row by row in one block, for most reads want many columns of few rows."""
        blank: dict[str, Array] = {}
        for kind in dict.fromkeys(self._kinds.values()):
            names = [name for name, its in self._kinds.items() if its == kind]
            block = np.zeros((capacity, len(names)), dtype_of(kind))
            blank |= {name: block[:, at] for at, name in enumerate(names)}
        return blank
