"""What a stage waits for: whole ticks from all of its sources, and the one order in which it handles them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np

from graph.columns import Array, Batch
from graph.interactions import OWN_ACTS
from graph.noted import StateError
from streams.frames import END_TICK, TICK_MS, Frame


@dataclass(frozen=True, slots=True)
class Ticks:
    """A run of complete ticks.

    Attributes
    ----------
    batch : its rows, in the order (tick, time, id)
    until : the first tick that is not complete; `END_TICK` when no more will come
    begin_ms, newest_ms : earliest and latest time that the sources told of
    """

    batch: Batch
    until: int
    begin_ms: int
    newest_ms: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the sources of a stage have come.

    Attributes
    ----------
    until : the first tick that was not taken
    marks, begins, newest : of each source, as `Frame` tells them; a mark is None before the first frame
    """

    until: int
    marks: list[int | None]
    begins: list[int]
    newest: list[int]


class _Waiting(NamedTuple):
    """Rows that were not taken yet, and the ticks that they lie between."""

    first_tick: int
    last_tick: int
    batch: Batch

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Rows, of which there are some."""
        return cls(int(batch["tick"].min()), int(batch["tick"].max()), batch)


class TickBuffer:
    """Collects frames until every source has passed a tick.

    Frames hold whole ticks of one source, in their order; rows of ticks that a source had passed before are
    dropped, so a frame may come twice.

    Parameters
    ----------
    sources
        How many there are.
    sequence
        The column that orders the rows of one event.
    ordered
        Whether the rows of each frame are in order already; then those of a single source need no sorting.
    """

    def __init__(self, sources: int, sequence: str, *, ordered: bool = False) -> None:
        self._sequence = sequence
        self._in_order = ordered and sources == 1
        self._marks: list[int | None] = [None] * sources
        self._begins = [-1] * sources
        self._newest = [0] * sources
        self._waiting: list[_Waiting] = []
        self.until = 0

    def feed(self, frame: Frame) -> None:
        """Take a frame in."""
        mark = self._marks[frame.source]
        if mark is not None and frame.mark_tick <= mark:
            return
        batch = frame.batch
        if mark is not None and len(batch) and int(batch["tick"].min()) < mark:
            batch = batch.take(batch["tick"] >= mark)
        if len(batch):
            self._waiting.append(_Waiting.of(batch))
        self._marks[frame.source] = frame.mark_tick
        self._begins[frame.source] = frame.begin_ms
        self._newest[frame.source] = frame.newest_ms

    def save(self) -> Progress:
        """How far each source has come; the rows that wait are still in the log."""
        return Progress(self.until, self._marks.copy(), self._begins.copy(), self._newest.copy())

    def resume(self, progress: Progress, since: int) -> Batch:
        """Go on from where a buffer stood that had been fed the same frames, or at least all that matter of them.

        Returns
        -------
        The rows that had been taken from it, from tick `since` on, in order; later ones wait.

        Raises
        ------
        StateError
            If the number of sources is another.
        """
        if len(progress.marks) != len(self._marks):
            raise StateError(f"the checkpoint knows {len(progress.marks)} sources, there are {len(self._marks)}")
        taken, waiting = [], []
        for _, _, batch in self._waiting:
            tick = batch["tick"]
            taken.append(batch.take((tick >= since) & (tick < progress.until)))
            waiting.append(batch.take(tick >= progress.until))
        self._waiting = [_Waiting.of(batch) for batch in waiting if len(batch)]
        self.until = progress.until
        self._marks, self._begins = list(progress.marks), list(progress.begins)
        self._newest = list(progress.newest)
        taken = [batch for batch in taken if len(batch)]
        return in_order(Batch.concat(taken), self._sequence) if taken else Batch.empty({})

    @property
    def begin_ms(self) -> int:
        """The earliest time that the sources told of, -1 before there is any."""
        return min((begin for begin in self._begins if begin >= 0), default=-1)

    @property
    def complete(self) -> int:
        """The first tick that is not complete."""
        return min((-1 if mark is None else mark for mark in self._marks), default=-1)

    @property
    def newest_tick(self) -> int:
        """The tick of the newest time that the sources told of."""
        return max(self._newest) // TICK_MS

    def take(self, limit: int = END_TICK) -> Ticks | None:
        """The ticks before `limit` that are complete and were not taken before; None when there are none."""
        until = self.complete
        if until > limit and (until != END_TICK or limit <= self.newest_tick):
            until = limit
        if until <= self.until:
            return None
        self.until = until
        ready: list[Batch] = []
        later: list[_Waiting] = []
        for one in self._waiting:
            if one.last_tick < until:
                ready.append(one.batch)
            elif one.first_tick >= until:
                later.append(one)
            else:
                mask = one.batch["tick"] < until
                ready.append(one.batch.take(mask))
                later.append(_Waiting.of(one.batch.take(~mask)))
        self._waiting = later
        rows = Batch.concat(ready) if ready else None
        return Ticks(
            batch=Batch.empty({}) if rows is None else rows if self._in_order else in_order(rows, self._sequence),
            until=until,
            begin_ms=self.begin_ms,
            newest_ms=max(self._newest),
        )


def in_order(batch: Batch, sequence: str) -> Batch:
    """The rows by tick, time, id, author, and, of one event, by `sequence`; what is still equal, by content."""
    tick, time = batch["tick"], batch["time"]
    order = np.lexsort((time, tick))
    tick, time = tick[order], time[order]
    same = (tick[1:] == tick[:-1]) & (time[1:] == time[:-1])
    if same.any():
        tied = np.append(False, same) | np.append(same, False)
        order[tied] = _by_name(batch, order[tied], (np.cumsum(np.append(True, ~same)))[tied], sequence)
    elif (np.diff(order) == 1).all():
        return batch
    return batch.take(order)


def _by_name(batch: Batch, rows: Array, group: Array, sequence: str) -> Array:
    pool, authors = batch.pool, _who_acted(batch)[rows].tolist()
    keys = list(
        zip(
            group.tolist(),
            batch["id"][rows].tolist(),
            (pool[author] if author >= 0 else "" for author in authors),
            batch[sequence][rows].tolist(),
            strict=True,
        )
    )
    places = sorted(range(len(keys)), key=keys.__getitem__)
    if any(keys[one] == keys[two] for one, two in pairwise(places)):
        content = {place: _content(batch, int(rows[place])) for place in places}
        places.sort(key=lambda place: (keys[place], content[place]))
    ordered: Array = rows[np.array(places)]
    return ordered


def _who_acted(batch: Batch) -> Array:
    """The author of each row's event; where the subject himself acted, the subject."""
    if "act" not in batch.columns:
        return batch["author"]
    return np.where(np.isin(batch["act"], OWN_ACTS), batch["subject"], batch["author"])


def _content(batch: Batch, row: int) -> tuple[str, ...]:
    one = batch.take(slice(row, row + 1))
    return tuple(
        repr(one.strings(name)[0] if kind == "code" else one[name].tolist()[0]) for name, kind in one.schema.items()
    )
