"""Accounts and the audit log from the command line: by whoever may write to the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Row

from alerts.console.access import accounts
from alerts.console.access.audit import Verified, verify
from alerts.console.access.clock import now_ms
from alerts.console.access.passwords import Passwords, check
from alerts.console.access.sessions import make_link
from alerts.console.database import Database, migrate, open_database, reach
from alerts.console.roles import Role


class Management:
    """What can be done with the accounts in a database.

    Parameters
    ----------
    database
        Its tables are there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, role: Role, password: str) -> str:
        """Add an account; gives its id. `AccountError` or `WeakPasswordError` if that cannot be."""
        check(password, name)
        kept = await Passwords().hash(password)
        async with self._database.write() as connection:
            return await accounts.add(connection, None, name, role, password=kept, now_ms=now_ms())

    async def everybody(self) -> list[Row[Any]]:
        """The rows of all accounts, by name."""
        async with self._database.read() as connection:
            return await accounts.everybody(connection)

    async def change(
        self, name: str, *, role: Role | None = None, disabled: bool | None = None, password: str | None = None
    ) -> None:
        """Change an account. `AccountError` or `WeakPasswordError` if that cannot be."""
        values: dict[str, Any] = {"role": role, "disabled": disabled}
        values = {each: value for each, value in values.items() if value is not None}
        if password is not None:
            check(password, name)
            values["password"] = await Passwords().hash(password)
        async with self._database.write() as connection:
            row = await accounts.named(connection, name)
            if row is None:
                raise accounts.NoSuchAccountError(f"There is no account named {name}.")
            await accounts.change(connection, None, row.id, values, now_ms=now_ms())

    async def link(self, name: str, role: Role, life_s: int = 600) -> str:
        """Make a link that signs in once as an account of this name, which is added if there is none; gives its token."""
        async with self._database.write() as connection:
            row = await accounts.named(connection, name)
            account = row.id if row else await accounts.add(connection, None, name, role, now_ms=now_ms())
            return await make_link(connection, account, now_ms() + 1000 * life_s)

    async def verify(self, expected: tuple[int, str] | None = None) -> Verified:
        """Look through the audit log."""
        async with self._database.read() as connection:
            return await verify(connection, expected)


@asynccontextmanager
async def managing(url: str, *, make: bool = True) -> AsyncIterator[Management]:
    """The accounts in a database by its URL, the tables of which are made if there are none and they may be."""
    await asyncio.to_thread(migrate if make else reach, url)
    database = open_database(url)
    try:
        yield Management(database)
    finally:
        await database.close()
