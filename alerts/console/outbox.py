"""Decisions on their way to the learner: written with the case, sent when the outlet is there, in order, each at least once.

One that was sent twice does no harm: of one analyst the newest decision on a case counts.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import delete, func, select, update

from alerts.console.access.clock import now_ms
from alerts.console.database import AWAY, Database
from alerts.console.feed import FeedAwayError, Outlet
from alerts.console.tables import outbox

_AT_ONCE: Final = 200
_LOOK_S: Final = 2.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 10.0
_KEPT_MS: Final = 7 * 86_400_000
"""How long what was sent is kept, to look it up."""

_log = structlog.get_logger()


@dataclass(slots=True)
class OutboxStatus:
    """How sending goes.

    Attributes
    ----------
    waiting : decisions that were not sent yet
    oldest_ms : since when the first of them waits
    sent, failures : since the start
    """

    waiting: int = 0
    oldest_ms: int | None = None
    sent: int = 0
    failures: int = 0


class Sender:
    """Sends what waits.

    Parameters
    ----------
    outlet
        Without one everything waits.
    """

    def __init__(self, database: Database, outlet: Outlet | None) -> None:
        self._database, self._outlet = database, outlet
        self._woken = asyncio.Event()
        self.status = OutboxStatus()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled."""
        pause_s = _FIRST_PAUSE_S
        try:
            while True:
                self._woken.clear()
                try:
                    while await self._send():
                        pass
                except (FeedAwayError, *AWAY) as error:
                    self.status.failures += 1
                    _log.warning("decisions wait", why=type(error).__name__)
                    with suppress(*AWAY):
                        await self.look()
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                else:
                    pause_s = _FIRST_PAUSE_S
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), _LOOK_S)
        finally:
            if self._outlet is not None:
                await self._outlet.close()

    async def _send(self) -> bool:
        """Send the oldest of what waits; whether there may be more."""
        await self.look()
        if not self.status.waiting or self._outlet is None:
            return False
        async with self._database.read() as connection:
            query = select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.id).limit(_AT_ONCE)
            found = (await connection.execute(query)).all()
        ids = [row.id for row in found]
        async with self._database.write() as connection:
            tried = update(outbox).where(outbox.c.id.in_(ids)).values(attempts=outbox.c.attempts + 1)
            await connection.execute(tried)
        await self._outlet.send([(row.key, row.body) for row in found])
        async with self._database.write() as connection:
            await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(sent_at=now_ms()))
            await connection.execute(delete(outbox).where(outbox.c.sent_at < now_ms() - _KEPT_MS))
        self.status.sent += len(ids)
        await self.look()
        return len(ids) == _AT_ONCE

    async def look(self) -> None:
        query = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.sent_at.is_(None))
        async with self._database.read() as connection:
            waiting, oldest_ms = (await connection.execute(query)).one()
        self.status.waiting, self.status.oldest_ms = waiting, oldest_ms
