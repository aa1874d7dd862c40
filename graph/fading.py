"""Counts that fade with time, by fixed buckets, so that how rows were cut into batches cannot be seen in them.

Within a bucket only whole numbers are added. When a later bucket comes, the finished one joins a sum that is
multiplied by a power, taken from a table, of the fading factor: the same operations in the same order each time.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from graph.columns import Array
from graph.segments import Segments, turns
from graph.store import Store

NO_BUCKET: Final = -(10**12)
FORGET_S: Final = 30 * 86400
"""What was not heard of for longer, in seconds of event time, is as if it had never been."""
BUCKET_S: Final = 600
"""Length of a bucket."""


class Fading:
    """Powers of the factor by which a sum fades from one bucket to the next.

    Parameters
    ----------
    half_life_s
        In seconds. After `FORGET_S` nothing is left.
    """

    def __init__(self, half_life_s: int) -> None:
        factor = 0.5 ** (BUCKET_S / half_life_s)
        self._powers = np.array([factor**gap for gap in range(FORGET_S // BUCKET_S)] + [0.0])

    def factor(self, gap: Array) -> Array:
        """What remains after so many buckets."""
        left: Array = self._powers[np.clip(gap, 0, len(self._powers) - 1)]
        return left

    def weight(self, buckets: Array) -> Array:
        """The faded number of so many whole buckets that lie behind: what a count of one each would sum to."""
        one = self._powers[1]
        return np.asarray(one * (1 - self.factor(buckets)) / (1 - one))


class FadingCounts:
    """A fading count by key: how often the key came, up to the start of the current bucket."""

    def __init__(self, fading: Fading) -> None:
        self._fading = fading
        self._counts = Store({"bucket": ("int64", NO_BUCKET, 1), "now": ("int64", 0, 1), "sum": ("float64", 0.0, 1)})

    @property
    def keys(self) -> Array:
        """The keys that are held."""
        return self._counts.keys

    def note(self, keys: Array, buckets: Array) -> Array:
        """Count each key once, in rows whose buckets never fall for a key; return its sum from before the bucket."""
        rows = Segments(self._counts.find_or_add(keys))
        bucket = buckets[rows.order]
        starts = (rows.rank == 0) | np.append(True, bucket[1:] != bucket[:-1])
        heads = np.flatnonzero(starts)
        owner = rows.number[heads]
        slot, now = rows.keys[owner], bucket[heads]
        came = np.diff(np.append(heads, len(bucket)))
        sums = np.empty(len(heads))
        store = self._counts
        for group in turns(owner):
            place = slot[group]
            last, held, count = store["bucket"][place], store["sum"][place], store["now"][place]
            over = now[group] > last
            sums[group] = np.where(over, (held + count) * self._fading.factor(now[group] - last), held)
            store["sum"][place] = sums[group]
            store["now"][place] = np.where(over, 0, count) + came[group]
            store["bucket"][place] = now[group]
        out = np.empty(len(keys))
        out[rows.order] = sums[np.cumsum(starts) - 1]
        return out

    @property
    def records(self) -> Store:
        """The records behind the counts, to save and to restore them."""
        return self._counts

    def release(self, tick: int) -> None:
        """Free the keys of which nothing is left at this tick, when that is worth its cost."""
        if self._counts.due:
            self._counts.keep(self._counts["bucket"] > (tick - FORGET_S) // BUCKET_S)
