"""What simple scores make of the same stream: distinct authors in a window, and MIDAS-R.

Both look at interactions alone: a target's activity with gaps of at most ten minutes is an episode, and its score the
highest of any of its interactions.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from graph.columns import Array, Batch
from graph.events import LAST_ADDRESSING, EventType
from graph.hashing import stable_hash
from streams.evaluation.scoring import AFTER_MS, BEFORE_MS
from streams.inject.judging import Yardstick

WINDOW_MS: Final = 600_000
_GAP_MS: Final = 600_000
_TICK_MS: Final = 60_000
_FADE: Final = 0.6
_ROWS, _BUCKETS = 2, 1 << 14


class Interactions:
    """Collects the interactions of a stream, from batches of events in the order of time."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._parts: list[tuple[Array, Array, Array]] = []

    def __len__(self) -> int:
        """How many there are so far."""
        return sum(len(time) for time, _, _ in self._parts)

    def add(self, batch: Batch) -> None:
        """Take in the events that address somebody; a mention that is one act with a share does not."""
        kind, author, target = batch["type"], batch["author"], batch["target"]
        act = batch["time"] // 1000 * (len(batch.pool) + 1) + author
        exposed = (kind == EventType.MENTION) & np.isin(act, act[kind == EventType.SHARE]) & (batch["text"] == None)  # noqa: E711
        rows = np.flatnonzero((kind <= LAST_ADDRESSING) & (target >= 0) & (target != author) & ~exposed)
        codes = np.array([self._codes.setdefault(name, len(self._codes)) for name in batch.pool], np.int64)
        if len(rows):
            self._parts.append((batch["time"][rows], codes[author[rows]], codes[target[rows]]))

    def columns(self) -> tuple[Array, Array, Array]:
        """Time in ms UTC, author and target of each, shape `(n,)`."""
        if not self._parts:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing, nothing
        time, author, target = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        return time, author, target

    def names(self) -> list[str]:
        """The account of each code."""
        return list(self._codes)


def distinct_authors(time: Array, author: Array, target: Array) -> Array:
    """How many different accounts addressed the target in the ten minutes up to each interaction; shape `(n,)`."""
    recent: dict[int, deque[tuple[int, int]]] = {}
    counts: dict[int, Counter[int]] = {}
    out = np.zeros(len(time))
    for row, (now, who, whom) in enumerate(zip(time.tolist(), author.tolist(), target.tolist(), strict=True)):
        queue, count = recent.setdefault(whom, deque()), counts.setdefault(whom, Counter())
        while queue and queue[0][0] <= now - WINDOW_MS:
            _, gone = queue.popleft()
            count[gone] -= 1
            if not count[gone]:
                del count[gone]
        queue.append((now, who))
        count[who] += 1
        out[row] = len(count)
    return out


def midas_r(time: Array, author: Array, target: Array, *, tick_ms: int = _TICK_MS, fade: float = _FADE) -> Array:
    """The MIDAS-R score of each interaction as an edge from author to target; shape `(n,)`.

    Bhatia, Hooi, Yoon, Shin and Faloutsos, "MIDAS: Microcluster-Based Detector of Anomalies in Edge Streams", AAAI 2020:
    count-min sketches of this tick's (fading) and of all counts of edges, sources and destinations, and the greatest of
    the three chi-squared statistics of this tick's count against the mean of the ticks before.
    """
    if not len(time):
        return np.zeros(0)
    tick = (time - time[0]) // tick_ms + 1
    keys = (
        [_bucket(author * 0x9E3779B1 + target, row) for row in range(_ROWS)],
        [_bucket(author, row + 2) for row in range(_ROWS)],
        [_bucket(target, row + 4) for row in range(_ROWS)],
    )
    out = np.zeros(len(time))
    borders = np.flatnonzero(np.append(True, tick[1:] != tick[:-1]))
    for kind in keys:
        current, total = np.zeros((_ROWS, _BUCKETS)), np.zeros((_ROWS, _BUCKETS))
        before = 0
        for low, high in zip(borders.tolist(), [*borders[1:].tolist(), len(time)], strict=True):
            now = int(tick[low])
            current *= fade ** (now - before)
            before = now
            a, s = np.full(high - low, np.inf), np.full(high - low, np.inf)
            for row, buckets in enumerate(kind):
                cells = buckets[low:high]
                rank = _rank(cells) + 1.0
                a = np.minimum(a, current[row, cells] + rank)
                s = np.minimum(s, total[row, cells] + rank)
                np.add.at(current[row], cells, 1.0)
                np.add.at(total[row], cells, 1.0)
            if now > 1:
                score = (a - s / now) ** 2 * now * now / (s * (now - 1))
                out[low:high] = np.maximum(out[low:high], np.where(a > s / now, score, 0.0))
    return out


def yardsticks_of(interactions: Interactions, campaigns: Sequence[Mapping[str, Any]]) -> dict[str, Yardstick]:
    """Both scores, episode by episode."""
    time, author, target = interactions.columns()
    order = np.lexsort((time, target))
    by_target, at = target[order], time[order]
    new = np.append(True, (by_target[1:] != by_target[:-1]) | (at[1:] - at[:-1] > _GAP_MS))[: len(order)]
    starts = np.flatnonzero(new)
    names = interactions.names()
    of_target: dict[str, list[int]] = {}
    for number, campaign in enumerate(campaigns):
        of_target.setdefault(campaign["target"]["id"], []).append(number)
    begins, ends = at[starts], at[np.append(starts[1:], len(at)) - 1] if len(starts) else at
    owner = [
        next(
            (
                number
                for number in of_target.get(names[code], ())
                if begin <= campaigns[number]["ended_at"] + AFTER_MS
                and end >= campaigns[number]["started_at"] - BEFORE_MS
            ),
            -1,
        )
        for code, begin, end in zip(by_target[starts].tolist(), begins.tolist(), ends.tolist(), strict=True)
    ]
    found = {}
    for name, scores in (
        ("distinct authors", distinct_authors(time, author, target)),
        ("MIDAS-R", midas_r(time, author, target)),
    ):
        highest = np.maximum.reduceat(scores[order], starts) if len(starts) else scores
        mine = [0.0] * len(campaigns)
        organic = []
        for number, score in zip(owner, highest.tolist(), strict=True):
            if number < 0:
                organic.append(score)
            else:
                mine[number] = max(mine[number], score)
        organic.sort(reverse=True)
        found[name] = Yardstick(mine, organic[:2_000])
    return found


def _bucket(keys: Array, seed: int) -> Array:
    """A bucket of a sketch for each key."""
    salt = np.uint64(stable_hash(f"row {seed}") | 1)
    mixed = (keys.astype(np.uint64) + np.uint64(1)) * salt
    mixed ^= mixed >> np.uint64(29)
    return np.asarray(((mixed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)).astype(np.int64) % _BUCKETS)


def _rank(cells: Array) -> Array:
    """For each cell how often it came before in the array."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    rank = np.arange(len(cells)) - np.searchsorted(ordered, ordered, "left")
    out = np.empty(len(cells))
    out[order] = rank
    return out
