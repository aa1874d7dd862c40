"""Rows grouped by a key: what a loop over each group would compute, computed for all groups at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph.columns import Array


class Segments:
    """Rows sorted by key, their order within each key kept.

    Attributes
    ----------
    order : shape `(n,)`
        The rows' positions, sorted by key; every other row-wise array here and every array handed to the
        methods is in this order.
    starts, ends : shape `(m,)`
        Where each of the `m` segments begins, and the position after its last row.
    keys : shape `(m,)`
    number : shape `(n,)`
        Which segment a row belongs to.
    rank : shape `(n,)`
        A row's place in its segment, from 0.
    """

    __slots__ = ("ends", "keys", "number", "order", "rank", "starts")

    def __init__(self, keys: Array) -> None:
        self.order = stable_order(keys)
        by_key = keys[self.order]
        first = np.empty(len(keys), bool)
        first[:1] = True
        np.not_equal(by_key[1:], by_key[:-1], out=first[1:])
        self.starts = np.flatnonzero(first)
        self.ends = np.append(self.starts[1:], len(keys))
        self.keys = by_key[self.starts]
        self.number = np.cumsum(first) - 1
        self.rank = np.arange(len(keys)) - self.starts[self.number]

    def back(self, values: Array) -> Array:
        """The values in the order in which the rows came."""
        out = np.empty_like(values)
        out[self.order] = values
        return out

    def previous(self, values: Array, before: Array) -> Array:
        """The value of the row before in the segment; of a segment's first row, `before`, shape `(m,)`."""
        out = np.empty_like(values)
        out[1:] = values[:-1]
        out[self.starts] = before
        return out

    def last_where(self, values: Array, mask: Array, before: Array) -> Array:
        """For each row the value of the latest row of its segment up to and with it where `mask`; else `before`."""
        place = np.maximum.accumulate(np.where(mask, np.arange(len(values)), -1))
        found = place >= self.starts[self.number]
        return np.where(found, values[place], before[self.number])

    def previous_where(self, values: Array, mask: Array, before: Array) -> Array:
        """Like `last_where`, but the row itself does not count."""
        return self.previous(self.last_where(values, mask, before), before)

    def count(self, mask: Array) -> Array:
        """How many rows of each segment the mask marks, shape `(m,)`."""
        return np.add.reduceat(mask.astype(np.int64), self.starts) if len(mask) else np.zeros(0, np.int64)

    def lagged(self, values: Array, stored: Array) -> Array:
        """The value `K - 1` rows before each row in its segment, where `stored`, shape `(m, K)`, holds the last
        `K` values from before this batch, newest last.
        """
        width = stored.shape[1]
        lag = width - 1
        inside = self.rank >= lag
        rows = np.arange(len(values))
        column = np.minimum(width - lag + self.rank, width - 1)
        return np.where(inside, values[rows - np.where(inside, lag, 0)], stored[self.number, column])

    def earlier(self, rows: Array, values: Array, stored: Array) -> Array:
        """The `K - 1` values before each of these rows in its segment, oldest first, shape `(r, K - 1)`; arguments as in
        `lagged`.
        """
        width = stored.shape[1]
        back, rank = np.arange(width - 1, 0, -1), self.rank[rows][:, None]
        from_batch = values[np.where(rank >= back, rows[:, None] - back, 0)]
        column = np.minimum(width + rank - back, width - 1)
        return np.where(rank >= back, from_batch, stored[self.number[rows][:, None], column])

    def last(self, values: Array, stored: Array) -> Array:
        """The last `K` values of each segment, newest last, after this batch; arguments as in `lagged`."""
        width = stored.shape[1]
        count = (self.ends - self.starts)[:, None]
        back = np.arange(width - 1, -1, -1)[None, :]
        inside = count > back
        from_batch = values[np.where(inside, self.ends[:, None] - 1 - back, 0)]
        from_store = np.take_along_axis(stored, np.minimum(np.arange(width)[None, :] + count, width - 1), axis=1)
        return np.where(inside, from_batch, from_store)


def stable_order(keys: Array) -> Array:
    """The positions that sort whole numbers, equal ones in the order in which they came. From small numbers it takes a
    fraction of what `np.argsort` does, which counts (radix sort) only where they have 16 bits.
    """
    if not len(keys) or int(keys.min()) < 0 or int(keys.max()) >> 32:
        return np.argsort(keys, kind="stable")
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    high = (keys >> 16).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


def turns(owner: Array) -> Iterator[Array]:
    """Positions in `owner`, which is sorted: first the first of every owner, then every second, and so on."""
    turn = np.arange(len(owner)) - np.searchsorted(owner, owner)
    by_turn = stable_order(turn)
    low = 0
    for high in np.cumsum(np.bincount(turn)).tolist():
        yield by_turn[low:high]
        low = high
