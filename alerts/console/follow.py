"""Follows alerts, evidence and campaigns into the database, for as long as the console runs.

What was read is stored before more is read. While the feed or the database is away it is tried again, at growing
distances; nothing is lost by that, since the positions are stored with what was read before them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, TypeVar

import structlog
from sqlalchemy import select

from alerts.console.access.clock import now_ms
from alerts.console.apply import apply, read_batch
from alerts.console.database import AWAY, Database
from alerts.console.feed import Feed, FeedAwayError, Record
from alerts.console.tables import positions

_MOST_RECORDS: Final = 1_000
_MOST_BYTES: Final = 8 << 20
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 10.0

T = TypeVar("T")


def _unobserved(_: float) -> None:
    """Nobody wants to know how long it took."""


_log = structlog.get_logger()


@dataclass(slots=True)
class FollowStatus:
    """How following goes.

    Attributes
    ----------
    feed_away, database_away : why it cannot be reached; None while it can
    heard_at : when the feed answered last, on the monotonic clock; None before the first time
    records, malformed : by topic
    stored : is told how many seconds after it was written a record was stored, the oldest of each transaction
    """

    feed_away: str | None = "not reached yet"
    database_away: str | None = None
    heard_at: float | None = None
    records: Counter[str] = field(default_factory=Counter)
    malformed: Counter[str] = field(default_factory=Counter)
    stored: Callable[[float], None] = _unobserved


class Follower:
    """Stores what a feed brings.

    Parameters
    ----------
    changed
        Called after cases have changed.
    """

    def __init__(self, database: Database, feed: Feed, changed: Callable[[], None]) -> None:
        self._database, self._feed, self._changed = database, feed, changed
        self.status = FollowStatus()

    async def run(self) -> None:
        """Follow until cancelled."""
        pause_s = _FIRST_PAUSE_S
        try:
            while True:
                try:
                    await self._feed.open(await self._patiently(self._positions))
                    while True:
                        records = await self._feed.read()
                        pause_s, self.status.feed_away, self.status.heard_at = _FIRST_PAUSE_S, None, monotonic()
                        for some in _portions(records):
                            await self._store(some)
                except FeedAwayError as error:
                    if self.status.feed_away is None or self.status.heard_at is None:
                        _log.warning("feed away", why=str(error))
                    self.status.feed_away = str(error)
                    await self._feed.close()
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        finally:
            await self._feed.close()

    async def _positions(self) -> dict[tuple[str, int], int]:
        async with self._database.read() as connection:
            return {(row.topic, row.partition): row.offset for row in await connection.execute(select(positions))}

    async def _store(self, records: Sequence[Record]) -> None:
        batch = read_batch(records)
        changed = await self._patiently(lambda: apply(self._database, batch))
        self.status.records += batch.records
        self.status.malformed += batch.malformed
        if batch.malformed:
            _log.warning("records that cannot be read", **batch.malformed)
        if written := [record.at_ms for record in records if record.at_ms is not None]:
            self.status.stored(max(0, now_ms() - min(written)) / 1000)
        if changed:
            self._changed()

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something with the database, again and again until it is there."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                done = await work()
            except AWAY as error:
                if self.status.database_away is None:
                    _log.warning("database away", why=type(error).__name__)
                self.status.database_away = type(error).__name__
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            else:
                self.status.database_away = None
                return done


def _portions(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Records as many as one transaction takes."""
    portion: list[Record] = []
    size = 0
    for record in records:
        portion.append(record)
        size += len(record.value or b"")
        if len(portion) >= _MOST_RECORDS or size >= _MOST_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion
