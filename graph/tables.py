"""Memory as tables: what a checkpoint is given of the records that changed, and what it gives back.

A table is a `Batch` whose pool holds the strings that its records name, so that it does not depend on the codes that
a process happened to give them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from graph.columns import CODE, Array, Batch
from graph.interner import Interner
from graph.store import Store

Tables = dict[str, Batch]
"""Tables by the name of what they hold."""

_CODE_BITS: Final = np.int64(0xFFFFFFFF)


def table_of(strings: Interner, columns: Mapping[str, Array], codes: Mapping[str, Array]) -> Batch:
    """A table of these columns, those in `codes` given in the codes of an interner, all of shape `(n,)` or `(n, k)`."""
    every = np.concatenate([np.zeros(0, np.int64), *(column.astype(np.int64) for column in codes.values())])
    used = np.unique(every[every >= 0])
    pool = [strings[code] for code in used.tolist()]
    local = {
        name: np.where(column < 0, -1, np.searchsorted(used, column)).astype(np.int32) for name, column in codes.items()
    }
    schema = {**{name: str(column.dtype) for name, column in columns.items()}, **dict.fromkeys(codes, CODE)}
    return Batch(schema, {**columns, **local}, pool)


def save(
    store: Store,
    slots: Array,
    strings: Interner,
    codes: Mapping[str, Array],
    numbers: Mapping[str, Array] | None = None,
) -> Batch:
    """The records at these slots as a table.

    `codes` are the columns that hold codes and what their keys are made of, `numbers` what else is in the keys.
    """
    columns = {name: store[name][slots] for name in store.names if name not in codes}
    return table_of(strings, {**columns, **(numbers or {})}, codes)


def load(store: Store, keys: Array, table: Batch, codes: Mapping[str, Array], number: int) -> None:
    """Put a table's records back under their keys, as held by the checkpoint of this number."""
    columns = {name: codes[name] if name in codes else table[name] for name in store.names if name in table.schema}
    store.put(keys, columns, number)


def pair(subject: Array, kind: Array, other: Array) -> Array:
    """The key of a subject together with something else, all by their codes."""
    return subject_key(subject, kind) << 32 | other


def subject_key(subject: Array, kind: Array) -> Array:
    """The key of a subject: four times its code plus its kind."""
    return np.asarray(subject.astype(np.int64) * 4 + kind)


def unpair(keys: Array) -> tuple[Array, Array, Array]:
    """Code and kind of the subject, and code of the other, in keys made by `pair`."""
    return keys >> 34, (keys >> 32 & 3).astype(np.uint8), keys & _CODE_BITS
