"""Accounts: added, changed, never deleted, since what they did stays in the log; the last administrator stays one."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access.actions import Action
from alerts.console.access.audit import audit
from alerts.console.access.sessions import end_all
from alerts.console.access.tables import users
from alerts.console.access.tokens import new_id
from alerts.console.roles import Role, User

LONGEST_NAME: Final = 64


class AccountError(Exception):
    """What is asked of an account cannot be; the text says why."""


class NameTakenError(AccountError):
    """Somebody has that name already, or one that looks the same."""


class NoSuchAccountError(AccountError):
    """There is no such account."""


class LastAdminError(AccountError):
    """Nobody would be left who manages accounts."""


def name_key(name: str) -> str:
    """What names share that are taken for the same; without what PostgreSQL cannot look for."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()
    return folded.replace("\0", "\ufffd")


def proper_name(name: str) -> str:
    """A name as it is kept.

    Raises
    ------
    AccountError
        If it cannot be one.
    """
    kept = " ".join(unicodedata.normalize("NFKC", name).split())
    if not 0 < len(kept) <= LONGEST_NAME or not kept.isprintable():
        raise AccountError(f"A name has 1 to {LONGEST_NAME} characters, none of them invisible.")
    return kept


async def add(
    connection: AsyncConnection,
    by: User | None,
    name: str,
    role: Role,
    *,
    now_ms: int,
    password: str | None = None,
    identity: tuple[str, str] | None = None,
) -> str:
    """Add an account; gives its id.

    Parameters
    ----------
    by
        Who adds it; None: whoever may run the program.
    password
        The hash of its password.
    identity
        Issuer and subject by which an OpenID provider knows it.

    Raises
    ------
    NameTakenError
        If there is one of that name.
    """
    name = proper_name(name)
    issuer, subject = identity or (None, None)
    row = {"id": new_id(), "name": name, "name_key": name_key(name), "role": str(role), "disabled": False}
    row |= {"password": password, "issuer": issuer, "subject": subject, "preferences": "{}", "created_at": now_ms}
    if await connection.scalar(select(users.c.id).where(users.c.name_key == row["name_key"])):
        raise NameTakenError(f"There is an account named {name} already.")
    try:
        async with connection.begin_nested():
            await connection.execute(users.insert().values(row))
    except IntegrityError as error:
        raise NameTakenError(f"There is an account named {name} already.") from error
    await audit(
        connection, by, Action.ACCOUNT_ADD, detail={"user": row["id"], "name": name, "role": role}, at_ms=now_ms
    )
    return str(row["id"])


async def change(
    connection: AsyncConnection,
    by: User | None,
    account: str,
    values: Mapping[str, Any],
    *,
    now_ms: int,
    even_last: bool = False,
) -> None:
    """Change role, name, password (a hash) or whether an account is disabled; who is disabled is signed out at once.

    Parameters
    ----------
    even_last
        Whether the last administrator may be made less.

    Raises
    ------
    NoSuchAccountError, NameTakenError, LastAdminError
        If that cannot be.
    """
    admins = await _locked(connection, account)
    row = await get(connection, account)
    new = dict(values)
    if "name" in new:
        new["name"] = proper_name(new["name"])
        new["name_key"] = name_key(new["name"])
        taken = select(users.c.id).where(users.c.name_key == new["name_key"], users.c.id != account)
        if await connection.scalar(taken):
            raise NameTakenError(f"There is an account named {new['name']} already.")
    leaves = row.role == Role.ADMIN and (new.get("role", row.role) != Role.ADMIN or new.get("disabled"))
    if leaves and not even_last and not admins - {account}:
        raise LastAdminError("That is the last administrator; make somebody else one first.")
    if not new:
        return
    await connection.execute(users.update().where(users.c.id == account).values(new))
    if new.get("disabled") or "password" in new:
        await end_all(connection, account, but=by.session if by and by.id == account else "")
    told = {name: value for name, value in new.items() if name in {"role", "name", "disabled"}}
    if told:
        await audit(connection, by, Action.ACCOUNT_CHANGE, detail={"user": account, **told}, at_ms=now_ms)
    if "password" in new:
        await audit(connection, by, Action.PASSWORD, detail={"user": account}, at_ms=now_ms)


async def get(connection: AsyncConnection, account: str, *, lock: bool = False) -> Row[Any]:
    """The row of an account; `NoSuchAccountError` if there is none."""
    query = select(users).where(users.c.id == account)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NoSuchAccountError("There is no such account.")
    return row


async def named(connection: AsyncConnection, name: str) -> Row[Any] | None:
    """The row of an account by its name, None if there is none."""
    return (await connection.execute(select(users).where(users.c.name_key == name_key(name)))).one_or_none()


async def everybody(connection: AsyncConnection) -> list[Row[Any]]:
    """The rows of all accounts, by name."""
    return list(await connection.execute(select(users).order_by(users.c.name_key)))


async def _locked(connection: AsyncConnection, account: str) -> set[str]:
    """The administrators who may sign in; they and an account stay as they are until this transaction ends.

    All are locked in one order, so that two who change each other wait, and neither for ever.
    """
    query = (
        select(users)
        .where((users.c.role == Role.ADMIN) | (users.c.id == account))
        .order_by(users.c.id)
        .with_for_update()
    )
    return {
        row.id
        for row in await connection.execute(query)
        if row.role == Role.ADMIN and not row.disabled and (row.password is not None or row.issuer is not None)
    }
