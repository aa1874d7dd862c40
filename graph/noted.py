"""What was noted with the rows of the window when they came, for a checkpoint: the log holds the rows, but not this."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from graph.columns import Array, Batch
from graph.interner import Interner
from graph.ring import Ring
from graph.tables import table_of

NOTED_SCHEMA: Final[dict[str, str]] = {
    "first": "int64",  # ms UTC of the first contact of author and subject
    # Addresses the subject, and did not within the longest exact window before. Who is at home in a community is never
    # a newcomer there, nor in its threads.
    "newcomer": "bool",
    "slow_newcomer": "bool",  # the same for the longest summary window
    "usual": "float64",  # fading sum of newcomers a bucket, up to the start of this bucket
    "usual_square": "float64",
    "weight": "float64",  # fading number of buckets that `usual` is the sum over
    "shown": "float64",  # fading sum of shares
    "kin": "float64",  # fading number of the subject's newcomers with this author's home, up to this bucket
    "audience": "float64",  # the same, whatever their home
    "lives": "int32",  # the subject's own home community, as he told last
    "stands": "int32",  # the community where the subject spoke last
}
"""What is noted with a row when it comes, and cannot be told from the rows that are there later."""


_TOLD: Final = ("lives", "stands")


class StateError(Exception):
    """A checkpoint and the log do not belong together."""


class _Saved(NamedTuple):
    """Rows `first` to before `end` are in the checkpoint of this number."""

    number: int
    first: int
    end: int


class Noted:
    """Which rows of a ring are in which checkpoint, and what the checkpoints gave back."""

    def __init__(self) -> None:
        self._saved: list[_Saved] = []
        self._loaded: list[dict[str, Array]] = []
        self._end = 0

    def save(self, ring: Ring, strings: Interner, number: int, oldest: int) -> Batch:
        """The rows that the checkpoint of this number has to hold, when none before `oldest` is kept."""
        held = [one for one in self._saved if one.end > ring.first]
        fresh = _Saved(number, max(self._end, ring.first), ring.end)
        moved = [one._replace(number=number) for one in held if one.number < oldest]
        self._saved = [*(one for one in held if one.number >= oldest), *moved, fresh]
        self._end = ring.end
        rows = np.concatenate([np.arange(max(one.first, ring.first), one.end) for one in (*moved, fresh)])
        noted = {name: ring.column(name, rows) for name in NOTED_SCHEMA}
        codes = {name: noted.pop(name) for name in _TOLD}
        return table_of(strings, {"number": rows, "time": ring.column("time", rows), **noted}, codes)

    def load(self, table: Batch, strings: Interner, number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers."""
        if len(table):
            self._loaded.append({**table.columns, **strings.adopt(table, _TOLD)})
            rows = table["number"]
            runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
            self._saved += [_Saved(number, int(run[0]), int(run[-1]) + 1) for run in runs]

    def of_rows(self, times: Array, first: int, end: int) -> dict[str, Array]:
        """What was noted with the rows `first` to before `end`, whose times are given, shape `(end - first,)`.

        Raises
        ------
        StateError
            If these are not the rows that the checkpoints tell of.
        """
        loaded, self._loaded = self._loaded, []
        self._end = end
        numbers = np.concatenate([np.zeros(0, np.int64), *(part["number"] for part in loaded)])
        found, newest = np.unique(numbers[::-1], return_index=True)
        places = (len(numbers) - 1 - newest)[(found >= first) & (found < end)]
        if not len(times) == len(places) == end - first:
            raise StateError(
                f"the log gives back {len(times)} rows of the window where {end - first} were, of which {len(places)} "
                "are in the checkpoint"
            )
        if not len(places):
            return {name: np.zeros(0, kind) for name, kind in NOTED_SCHEMA.items()}
        noted = {name: np.concatenate([part[name] for part in loaded])[places] for name in ("time", *NOTED_SCHEMA)}
        if (noted.pop("time") != times).any():
            raise StateError("the log gives back other rows of the window than the checkpoint tells of")
        return noted
