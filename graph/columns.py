"""Batches of rows in columns: how events and interactions travel through the program.

A `Batch` is a set of equally long columns beside one *pool* of strings. A column of kind `CODE` holds
positions in the pool (-1: absent), one of kind `OBJECT` holds Python objects (identifiers that are all
different, texts), every other kind is a NumPy dtype. The pool belongs to the batch alone; a stage that keeps
strings for longer maps the pool once to codes of its own (`graph.interner`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Schema = Mapping[str, str]

CODE: Final = "code"
OBJECT: Final = "object"

_DTYPES: Final = {CODE: np.dtype(np.int32), OBJECT: np.dtype(object)}


def dtype_of(kind: str) -> np.dtype[Any]:
    """The NumPy dtype that stores a column of this kind."""
    found = _DTYPES.get(kind)
    return np.dtype(kind) if found is None else found


class Batch:
    """`n` rows in columns.

    Parameters
    ----------
    schema
        Name of each column and its kind: `CODE`, `OBJECT` or a NumPy dtype's name.
    columns
        One array of shape `(n,)` for each name in the schema.
    pool
        The strings that the `CODE` columns point into.
    """

    __slots__ = ("columns", "pool", "schema")

    def __init__(self, schema: Schema, columns: dict[str, Array], pool: list[str]) -> None:
        self.schema = schema
        self.columns = columns
        self.pool = pool

    @classmethod
    def empty(cls, schema: Schema) -> Batch:
        """A batch of no rows."""
        return cls(schema, {name: np.empty(0, dtype_of(kind)) for name, kind in schema.items()}, [])

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def take(self, rows: Array | slice) -> Batch:
        """The rows at these positions (or where this mask is true), in this order; the pool is shared."""
        if isinstance(rows, np.ndarray) and rows.dtype == np.bool_:
            # To find where a mask is true takes longer than to take what is there: once is enough.
            rows = np.flatnonzero(rows)
        return Batch(self.schema, {name: col[rows] for name, col in self.columns.items()}, self.pool)

    def strings(self, name: str) -> list[str | None]:
        """A `CODE` column as strings."""
        pool = self.pool
        return [None if code < 0 else pool[code] for code in self.columns[name].tolist()]

    @classmethod
    def concat(cls, batches: Sequence[Batch]) -> Batch:
        """The rows of all batches, one after the other; all have one schema.

        Pools are laid end to end, so a string may stand in the result's pool more than once.
        """
        if len(batches) == 1:
            return batches[0]
        schema = batches[0].schema
        pool: list[str] = []
        offsets: list[int] = []
        seen: dict[int, int] = {}
        for batch in batches:
            start = seen.get(id(batch.pool))
            if start is None:
                start = seen[id(batch.pool)] = len(pool)
                pool.extend(batch.pool)
            offsets.append(start)
        columns: dict[str, Array] = {}
        for name, kind in schema.items():
            parts = [batch.columns[name] for batch in batches]
            if kind == CODE:
                parts = [
                    np.where(part < 0, part, part + np.int32(offset)) if offset else part
                    for part, offset in zip(parts, offsets, strict=True)
                ]
            columns[name] = np.concatenate(parts)
        return cls(schema, columns, pool)


def objects(values: Iterable[object]) -> Array:
    """A one-dimensional object array of these values, whatever they are (tuples stay tuples)."""
    return np.fromiter(values, object)
