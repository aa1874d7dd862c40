"""Accounts of people for whom an OpenID provider vouches."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access.accounts import LONGEST_NAME, NameTakenError, add, change
from alerts.console.access.oidc import Identity
from alerts.console.access.sessions import end_all
from alerts.console.access.tables import users
from alerts.console.access.tokens import digest
from alerts.console.options import OidcProvider
from alerts.console.roles import Role

_REPLACED: Final = "\ufffd"


class NoRoleError(Exception):
    """Nothing that a provider says of somebody lets him in."""


async def account_of(
    connection: AsyncConnection, identity: Identity, provider: str, settings: OidcProvider, now_ms: int
) -> str:
    """The account of an identity, made if there is none; found by issuer and subject, never by name or e-mail.

    Where a claim tells roles, it does so at every sign-in, even of the last administrator.

    Raises
    ------
    NoRoleError
        If nothing lets him in.
    """
    query = select(users.c.id, users.c.role).where(
        users.c.issuer == identity.issuer, users.c.subject == identity.subject
    )
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is None:
        if identity.role is None:
            raise NoRoleError
        return await _new(connection, identity, identity.role, provider, now_ms)
    if settings.role_claim and identity.role is None:
        await end_all(connection, row.id)
        raise NoRoleError
    if settings.role_claim and identity.role is not None and identity.role != Role(row.role):
        await change(connection, None, row.id, {"role": identity.role}, now_ms=now_ms, even_last=True)
    return str(row.id)


async def _new(connection: AsyncConnection, identity: Identity, role: Role, provider: str, now_ms: int) -> str:
    """A new account, under a name that nobody has."""
    name = "".join(sign if sign.isprintable() else _REPLACED for sign in identity.name).strip() or identity.subject
    mark = digest(f"{identity.issuer}\n{identity.subject}")[:8]
    for ending in ("", f" ({provider})", f" ({provider} {mark})"):
        try:
            return await add(
                connection,
                None,
                name[: LONGEST_NAME - len(ending)] + ending,
                role,
                now_ms=now_ms,
                identity=(identity.issuer, identity.subject),
            )
        except NameTakenError:
            continue
    raise NoRoleError
