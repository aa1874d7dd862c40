"""Ingest: the clock of one source partition, and its rows cut into frames of whole ticks.

Everything here is judged in the order in which the rows arrive and by their own times, never by how they are cut into
batches: what is late, what lies in the future, and which ticks are complete.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.columns import Batch
from graph.events import EVENT_SCHEMA, Flag
from streams.clock import FUTURE_MS, Ints, SourceClock
from streams.frames import END_TICK, TICK_MS, Frame, compact
from streams.wire.decoded import Decoded
from streams.wire.origin import Origin
from streams.wire.reject import REASONS, Refusal

ALLOWED_LATENESS_MS: Final = 5_000
_MOST_PARTS: Final = 64


class Late(NamedTuple):
    """An event that came after its tick had been sent."""

    event_id: str
    origin: Origin
    time_ms: int
    newest_ms: int


class SourceProgress(NamedTuple):
    """How far a source has come, at a point where nothing of it waits.

    Attributes
    ----------
    newest_ms, longest_lead_ms
        As its clock has them.
    begin_ms
        The start of its earliest tick, -1 before there are rows.
    mark
        The first tick that is not complete.
    floor
        The mark that it was carried to, whatever its events say.
    """

    newest_ms: int | None = None
    longest_lead_ms: int = 0
    begin_ms: int = -1
    mark: int = -1
    floor: int = -1


class _Held(NamedTuple):
    """An event that waits for the next one."""

    batch: Batch
    origin: Origin
    raw: bytes


class Ingest:
    """The state of one source partition.

    Parameters
    ----------
    source
        Number of the partition; its frames carry it.
    allowed_lateness_ms
        How far behind the newest event a source is complete.
    future_ms
        How far ahead of its source an event has to be followed to be believed.
    progress
        Where to go on from; None at the beginning.

    Attributes
    ----------
    accepted, late
        Events taken, and how many of them were late.
    rows
        Rows of the events taken.
    refused
        Events refused for lying in the future; the caller takes them out.
    first_late
        The first late event, if there was one.
    """

    def __init__(
        self,
        source: int = 0,
        *,
        allowed_lateness_ms: int = ALLOWED_LATENESS_MS,
        future_ms: int = FUTURE_MS,
        progress: SourceProgress | None = None,
    ) -> None:
        self.source = source
        self.allowed_lateness_ms = allowed_lateness_ms
        begun = progress or SourceProgress()
        self.clock = SourceClock(future_ms)
        self.clock.newest_ms, self.clock.longest_lead_ms = begun.newest_ms, begun.longest_lead_ms
        self.accepted = 0
        self.late = 0
        self.rows = 0
        self.refused: list[Refusal] = []
        self.first_late: Late | None = None
        self._held: _Held | None = None
        self._begin_ms = begun.begin_ms
        self._mark = begun.mark
        self._floor = begun.floor
        self._pending: list[Batch] = []

    @property
    def progress(self) -> SourceProgress:
        """How far it has come; to go on from there, what waits has to be pushed again."""
        clock = self.clock
        return SourceProgress(clock.newest_ms, clock.longest_lead_ms, self._begin_ms, self._mark, self._floor)

    @property
    def is_holding(self) -> bool:
        """Whether an event waits for the next one to be believed."""
        return self._held is not None

    def carry(self, mark: int) -> Frame | None:
        """The source is complete up to a tick though no event of it says so; what comes earlier is late.

        Returns
        -------
        The ticks that are complete now, if any more are.
        """
        self._floor = max(self._floor, mark)
        return self._frame()

    def push(self, decoded: Decoded) -> Frame | None:
        """Take the next events of the source.

        Returns
        -------
        The ticks that are complete now, if any more are.
        """
        if not len(decoded.batch):
            return None
        held, self._held = self._held, None
        batch = decoded.batch if held is None else Batch.concat([held.batch, decoded.batch])
        first = len(batch) - len(decoded.batch)
        starts = np.flatnonzero(batch["part"] == 0)
        event_of_row = np.cumsum(batch["part"] == 0) - 1
        judged = self.clock.judge(batch["time"][starts])
        for event in np.flatnonzero(~judged.taken).tolist():
            row = int(starts[event]) - first
            if held is not None and row < 0:
                origin, raw = held.origin, held.raw
            else:
                origin, raw = decoded.origin_of(row), decoded.raw_of(row)
            if event == judged.held:
                self._held = _Held(compact(batch.take(event_of_row == event)), origin, raw)
            else:
                self.refused.append(Refusal("future", REASONS["future"], origin, raw))
        rows = np.flatnonzero(judged.taken[event_of_row])
        if not len(rows):
            return None
        if len(rows) < len(batch):
            batch = batch.take(rows)
        newest_ms = judged.newest_ms[event_of_row[rows]]
        is_late = self._accept(batch, newest_ms)
        if self.first_late is None and is_late.any():
            at = int(is_late.argmax())
            origin = decoded.origin_of(int(rows[at]) - first)
            self.first_late = Late(batch["id"][at], origin, int(batch["time"][at]), int(newest_ms[at]))
        return self._frame()

    def end(self) -> Frame:
        """The source has ended: everything that is left, whatever waited decided."""
        held, self._held = self._held, None
        if held is not None:
            time_ms = int(held.batch["time"][0])
            if self.clock.last(time_ms):
                self._accept(held.batch, np.full(len(held.batch), time_ms))
            else:
                self.refused.append(Refusal("future", REASONS["future"], held.origin, held.raw))
        rest = compact(Batch.concat(self._pending)) if self._pending else Batch.empty(EVENT_SCHEMA)
        self._pending = []
        self._begin(rest)
        return Frame(self.source, rest, END_TICK, self._begin_ms, self._newest_ms())

    def _newest_ms(self) -> int:
        return -1 if self.clock.newest_ms is None else self.clock.newest_ms

    def _accept(self, batch: Batch, newest_ms: Ints) -> NDArray[np.bool_]:
        """Give rows their ticks and keep them; returns which are late."""
        mark = np.maximum((newest_ms - self.allowed_lateness_ms) // TICK_MS, self._floor)
        own = batch["time"] // TICK_MS
        is_late: NDArray[np.bool_] = own < mark
        flags = batch["flags"] | (is_late * np.uint16(Flag.LATE))
        columns = {**batch.columns, "tick": np.maximum(own, mark * is_late), "flags": flags}
        self._pending.append(Batch(batch.schema, columns, batch.pool))
        whole = batch["part"] == 0
        self.accepted += int(whole.sum())
        self.late += int((whole & is_late).sum())
        self.rows += len(batch)
        return is_late

    def _frame(self) -> Frame | None:
        mark = max((self._newest_ms() - self.allowed_lateness_ms) // TICK_MS, self._floor)
        if mark <= self._mark:
            if len(self._pending) > _MOST_PARTS:
                self._pending = [compact(Batch.concat(self._pending))]
            return None
        self._mark = mark
        complete: list[Batch] = []
        pending: list[Batch] = []
        for part in self._pending:
            ready = part["tick"] < mark
            count = int(np.count_nonzero(ready))
            if count in (0, len(part)):
                (complete if count else pending).append(part)
            elif ready[:count].all():
                complete.append(part.take(slice(count)))
                pending.append(part.take(slice(count, None)))
            else:
                complete.append(part.take(np.flatnonzero(ready)))
                pending.append(part.take(np.flatnonzero(~ready)))
        self._pending = [compact(Batch.concat(pending))] if len(pending) > _MOST_PARTS else pending
        rows = compact(Batch.concat(complete)) if complete else Batch.empty(EVENT_SCHEMA)
        self._begin(rows)
        return Frame(self.source, rows, mark, self._begin_ms, self._newest_ms())

    def _begin(self, rows: Batch) -> None:
        """The first rows handed on tell where the source begins: with its earliest tick, in whatever order they came."""
        if self._begin_ms < 0 and len(rows):
            self._begin_ms = int(rows["tick"].min()) * TICK_MS
