"""Changes of cases as they happen, to all who watch.

One reader asks the database for what changed and keeps the newest row of each case that did, in the order of its changes,
up to a number of cases. Each who watches only knows up to which change he was told; he is told what came after as often as he
takes it, each case once, as it is then. So a slow one costs nothing and misses nothing but what was overtaken, and all who
are equally far share one message. Who is further behind than the rows that are kept is told to begin anew.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.database import AWAY, Database
from alerts.console.rows import row_of, select_rows
from alerts.console.tables import CHANGES, DELETIONS, alerts, counters

INTERVAL_S: Final = 0.1
"""Time between two messages to one who watches, at least."""

_LOOK_S: Final = 1.0
"""How often the database is asked though nothing was heard of a change: another process may have made one."""
_KEPT: Final = 4_000
_MOST_ROWS: Final = 200
"""Rows of one message."""
_MESSAGES: Final = 64
_FAR: Final = 1_000
"""Changes that are looked up in the database for who comes back."""


class Told(NamedTuple):
    """One message: up to which change it tells, its rows (none: begin anew), and how many changes were overtaken."""

    seq: int
    body: bytes | None
    rows: int


@dataclass(slots=True)
class StreamCounts:
    """What was done for those who watch.

    Attributes
    ----------
    clients : who watches now
    messages, rows : sent to them
    superseded : changes that were overtaken by a later one of the same case before they were sent
    resets : how often one was told to begin anew
    """

    clients: int = 0
    messages: int = 0
    rows: int = 0
    superseded: int = 0
    resets: int = 0


class Hub:
    """Reads changes once for all who watch.

    Attributes
    ----------
    newest : the newest change that is known
    closing : whether all who watch are to go
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._messages: OrderedDict[int, Told] = OrderedDict()
        self._floor = 0
        self._deletions = 0
        self._begun = asyncio.Event()
        self._woken = asyncio.Event()
        self._news = asyncio.Event()
        self.newest = 0
        self.closing = False
        self.counts = StreamCounts()

    def wake(self) -> None:
        """Something has changed."""
        self._woken.set()

    def close(self) -> None:
        """Have all who watch go."""
        self.closing = True
        self._tell()

    async def run(self) -> None:
        """Read changes until cancelled."""
        while True:
            self._woken.clear()
            with suppress(*AWAY):
                await (self._look() if self._begun.is_set() else self._begin())
            await asyncio.sleep(INTERVAL_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _LOOK_S)

    async def after(self, seq: int, timeout_s: float) -> Told | None:
        """What is to be told to one who was told up to a change; None if nothing has come by then."""
        if seq == self.newest and not self.closing:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), timeout_s)
        if seq == self.newest or self.closing:
            return None
        if not self._floor <= seq < self.newest:
            return self._reset()
        return self._count(seq, self._message(seq))

    async def resume(self, seq: int) -> Told | None:
        """What is to be told first to one who comes back and knows all up to a change; None if `after` can tell it.

        Raises
        ------
        sqlalchemy.exc.OperationalError
            If the database is away.
        """
        await self._begun.wait()
        if self._floor <= seq <= self.newest:
            return None
        if not 0 <= seq < self.newest:
            return self._reset()
        async with self._database.read() as connection:
            newest, deletions = await _counters(connection)
            query = select_rows().where(alerts.c.seq > seq).order_by(alerts.c.seq).limit(_FAR + 1)
            found = (await connection.execute(query)).all() if seq >= deletions else []
        if seq < deletions or len(found) > _FAR:
            return self._reset()
        told = Told(min(newest, self.newest), _body(orjson.dumps(row_of(row)) for row in found), len(found))
        return self._count(seq, told)

    async def _begin(self) -> None:
        async with self._database.read() as connection:
            self.newest, self._deletions = await _counters(connection)
        self._floor = self.newest
        self._begun.set()

    async def _look(self) -> None:
        """Take in what has changed."""
        async with self._database.read() as connection:
            newest, deletions = await _counters(connection)
            if newest == self.newest:
                return
            few = 0 < newest - self.newest <= _KEPT and deletions == self._deletions
            query = select_rows().where(alerts.c.seq > self.newest).order_by(alerts.c.seq)
            found = (await connection.execute(query)).all() if few else []
        for row in found:
            self._rows[row.id] = row.seq, orjson.dumps(row_of(row))
            self._rows.move_to_end(row.id)
        while len(self._rows) > _KEPT:
            _, (self._floor, _) = self._rows.popitem(last=False)
        if not few:
            self._rows.clear()
            self._floor = newest
        self.newest, self._deletions = newest, deletions
        self._tell()

    def _tell(self) -> None:
        self._messages.clear()
        self._news.set()
        self._news = asyncio.Event()

    def _message(self, seq: int) -> Told:
        """The rows that changed after one change, the oldest changes first, as many as one message takes."""
        found = self._messages.get(seq)
        if found is None:
            behind = list(takewhile(lambda row: row[0] > seq, reversed(self._rows.values())))
            some = behind[::-1][:_MOST_ROWS]
            upto = self.newest if len(some) == len(behind) else some[-1][0]
            found = self._messages[seq] = Told(upto, _body(row for _, row in some), len(some))
            if len(self._messages) > _MESSAGES:
                self._messages.popitem(last=False)
        return found

    def _count(self, seq: int, told: Told) -> Told:
        self.counts.messages += 1
        self.counts.rows += told.rows
        self.counts.superseded += max(0, told.seq - seq - told.rows)
        return told

    def _reset(self) -> Told:
        self.counts.resets += 1
        return Told(self.newest, None, 0)


def _body(rows: Iterable[bytes]) -> bytes:
    return b'{"rows":[' + b",".join(rows) + b"]}"


async def _counters(connection: AsyncConnection) -> tuple[int, int]:
    query = select(counters.c.name, counters.c.value)
    found: dict[str, int] = {row.name: row.value for row in await connection.execute(query)}
    return found[CHANGES], found[DELETIONS]
