"""Signing in is slowed down for whoever keeps failing: by name, by address, and by both.

An attempt counts as failed before it is looked at, so that many at once gain nothing; one that succeeds is taken back.
Waits double up to a limit, and failures are forgotten after a day, so nobody is locked out for good. Whoever comes from an
address from which that name signed in before is judged by what failed from there alone: strangers who hammer on a
name do not keep its owner out.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access.expiring import expired
from alerts.console.access.tables import login_attempts
from alerts.console.access.tokens import Pseudonyms
from alerts.console.database import Database

_Counted: TypeAlias = Row[Any]
"""A row of what is counted under a key."""


class _Limit(NamedTuple):
    """After how many failures waits begin, and how long the longest is."""

    free: int
    longest_ms: int


_BOTH: Final = _Limit(5, 900_000)
_ADDRESS: Final = _Limit(20, 300_000)
_NAME: Final = _Limit(10, 60_000)
_FIRST_WAIT_MS: Final = 1000
_FORGOTTEN_MS: Final = 24 * 3_600_000
_KNOWN_MS: Final = 30 * 24 * 3_600_000


class Attempt(NamedTuple):
    """One attempt that may be made: the keys under which it was counted."""

    name: str
    address: str
    both: str


class Throttle:
    """Counts failures in the database, so that neither a restart nor a second process forgets them."""

    def __init__(self, database: Database, pseudonyms: Pseudonyms) -> None:
        self._database = database
        self._pseudonyms = pseudonyms

    async def begin(self, name_key: str, address: str, now_ms: int) -> Attempt | int:
        """Count an attempt; gives the milliseconds to wait instead if it comes too soon.

        Parameters
        ----------
        name_key
            The name that is tried, whether it exists or not.
        address
            The keyed hash of the address that it is tried from.
        """
        attempt = Attempt(
            await self._pseudonyms.of("name", name_key),
            await self._pseudonyms.of("from", address),
            await self._pseudonyms.of("both", name_key, address),
        )
        async with self._database.write() as connection:
            await _forget(connection, now_ms)
            found = await self._locked(connection, attempt)
            known = found.get(attempt.both)
            limits = {attempt.both: _BOTH, attempt.address: _ADDRESS, attempt.name: _NAME}
            if known is not None and known.succeeded_at is not None:
                del limits[attempt.name]
            waits = [_wait_ms(found.get(key), limit, now_ms) for key, limit in limits.items()]
            if max(waits) > 0:
                return max(waits)
            for key in sorted(limits):
                await self._count(connection, key, now_ms)
        return attempt

    async def succeeded(self, connection: AsyncConnection, attempt: Attempt, now_ms: int) -> None:
        """Take back what an attempt had counted, and remember that this name comes from this address."""
        await self._locked(connection, attempt)
        others = login_attempts.c.key.in_((attempt.address, attempt.name)) & (login_attempts.c.failures > 0)
        fewer = login_attempts.update().where(others).values(failures=login_attempts.c.failures - 1)
        await connection.execute(fewer)
        both = login_attempts.update().where(login_attempts.c.key == attempt.both)
        await connection.execute(both.values(failures=0, last_at=now_ms, succeeded_at=now_ms))

    async def _count(self, connection: AsyncConnection, key: str, now_ms: int) -> None:
        made = self._database.insert(login_attempts).values(key=key, failures=1, last_at=now_ms)
        counted = {"failures": login_attempts.c.failures + 1, "last_at": now_ms}
        await connection.execute(made.on_conflict_do_update(index_elements=["key"], set_=counted))

    async def _locked(self, connection: AsyncConnection, attempt: Attempt) -> dict[str, _Counted]:
        """What is counted under the keys of an attempt, locked in one order, so that nobody waits for ever."""
        query = select(login_attempts).where(login_attempts.c.key.in_(attempt)).order_by(login_attempts.c.key)
        return {row.key: row for row in await connection.execute(query.with_for_update())}


async def _forget(connection: AsyncConnection, now_ms: int) -> None:
    """Drop what is too old to count."""
    old = login_attempts.c.last_at < now_ms - _FORGOTTEN_MS
    known = login_attempts.c.succeeded_at > now_ms - _KNOWN_MS
    await connection.execute(expired(login_attempts, old & known.is_not(True)))


def _wait_ms(row: _Counted | None, limit: _Limit, now_ms: int) -> int:
    """How long still to wait for the next attempt, in ms."""
    if row is None or row.failures < limit.free or row.last_at < now_ms - _FORGOTTEN_MS:
        return 0
    wait = min(_FIRST_WAIT_MS << min(row.failures - limit.free, 30), limit.longest_ms)
    return int(max(0, row.last_at + wait - now_ms))
