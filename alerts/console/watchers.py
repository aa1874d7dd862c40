"""Who watches the stream, by session: who is signed out, or shut out, watches no longer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from alerts.console.access import alive
from alerts.console.database import AWAY, Database

EVERY_S: Final = 3.0


class Watchers:
    """Asks every few seconds, for all of them at once, whether their sessions still hold."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sessions: Counter[str] = Counter()
        self._ended: set[str] = set()

    @contextmanager
    def watching(self, session: str) -> Iterator[None]:
        """Somebody watches for as long as the context lasts."""
        self._sessions[session] += 1
        try:
            yield
        finally:
            self._sessions[session] -= 1
            if not self._sessions[session]:
                del self._sessions[session]
                self._ended.discard(session)

    def has_ended(self, session: str) -> bool:
        """Whether a session does not hold any more."""
        return session in self._ended

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            asked = set(self._sessions)
            if not asked:
                continue
            try:
                async with self._database.read() as connection:
                    holding = await alive(connection, asked)
            except AWAY:
                continue
            self._ended |= (asked - holding) & self._sessions.keys()
