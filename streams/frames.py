"""Frames: what ingest hands on, whole ticks of one source at a time."""

from __future__ import annotations

from itertools import compress
from typing import Final, NamedTuple

import numpy as np

from graph.columns import CODE, Batch

TICK_MS: Final = 1_000
END_TICK: Final = 2**62
"""The mark of a source that has ended: no tick of it is to come."""


class Frame(NamedTuple):
    """Rows of one source, all of those of some ticks.

    Attributes
    ----------
    source
        Number of the source partition.
    batch
        Rows in any order; `tick` of each is below `mark_tick`, and not below the mark of the frame before.
    mark_tick
        The first tick that is not complete; `END_TICK` when the source has ended.
    begin_ms
        The start of the source's earliest tick; -1 until a frame with rows has come.
    newest_ms
        The newest event time accepted from the source, -1 if there is none.
    """

    source: int
    batch: Batch
    mark_tick: int
    begin_ms: int
    newest_ms: int


def compact(batch: Batch) -> Batch:
    """The same rows with a pool that holds only what they use, in the same order."""
    names = [name for name, kind in batch.schema.items() if kind == CODE]
    codes = np.concatenate([batch[name] for name in names])
    # One more place at the end, where -1 points to.
    used = np.zeros(len(batch.pool) + 1, np.bool_)
    used[codes] = True
    used[-1] = True
    if used.all():
        return batch
    places = np.cumsum(used, dtype=np.int32) - np.int32(1)
    places[-1] = -1
    rows = places[codes].reshape(len(names), -1)
    columns = {**batch.columns, **dict(zip(names, rows, strict=True))}
    return Batch(batch.schema, columns, list(compress(batch.pool, used.tolist())))
