"""Changes of cases, numbered in the order in which they become visible.

Whoever changes a case holds the counter from then on until the transaction ends, and takes it before anything else. So
numbers come in the order of commits, a reader who knows all up to one number misses none after it, and two who write
never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.database import Database
from alerts.console.tables import CHANGES, DELETIONS, counters

_SET: Final = update(counters).where(counters.c.name == bindparam("counter")).values(value=bindparam("number"))


class Changes:
    """The counter, held.

    Attributes
    ----------
    newest : the number given last
    """

    def __init__(self, newest: int) -> None:
        self.newest = newest
        self._begun = newest
        self._deleted = False

    def next(self) -> int:
        """The number of one more change."""
        self.newest += 1
        return self.newest

    def delete(self) -> None:
        """Cases are deleted, which is a change as well."""
        self.next()
        self._deleted = True

    async def store(self, connection: AsyncConnection) -> None:
        """Write down where the counter stands."""
        if self.newest > self._begun:
            await connection.execute(_SET, {"counter": CHANGES, "number": self.newest})
        if self._deleted:
            await connection.execute(_SET, {"counter": DELETIONS, "number": self.newest})


@asynccontextmanager
async def changing(database: Database) -> AsyncIterator[tuple[AsyncConnection, Changes]]:
    """A transaction that may change cases."""
    async with database.write() as connection:
        held = select(counters.c.value).where(counters.c.name == CHANGES).with_for_update()
        changes = Changes((await connection.execute(held)).scalar_one())
        yield connection, changes
        await changes.store(connection)
