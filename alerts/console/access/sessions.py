"""Sessions: kept here, known by a random token of which only a digest is stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access.clock import now_ms
from alerts.console.access.expiring import expired
from alerts.console.access.tables import links, sessions, users
from alerts.console.access.tokens import derived, digest, is_token, new_token, same
from alerts.console.options import AccessSettings
from alerts.console.roles import Role, User

COOKIE: Final = "breakwater_session"
SECURE_COOKIE: Final = "__Host-breakwater_session"
"""Browsers take a cookie of such a name by https alone, and from no other host."""

_NOTED_EVERY_MS: Final = 60_000


class Session(NamedTuple):
    """A session that holds: who it is, what its requests show against forgery, and what he prefers."""

    user: User
    csrf: str
    preferences: dict[str, Any]
    seen_at: int


class Sessions:
    """Begins, finds and ends sessions; all in the caller's transaction.

    Parameters
    ----------
    settings
        How long they hold, and whether people come by https.
    """

    def __init__(self, settings: AccessSettings) -> None:
        self._idle_ms = 1000 * settings.session_idle_s
        self._life_ms = 1000 * settings.session_life_s
        self.secure = settings.secure
        self.cookie = SECURE_COOKIE if self.secure else COOKIE

    async def begin(self, connection: AsyncConnection, user: str, now_ms: int) -> str:
        """Begin a session of a user; gives its token."""
        await connection.execute(expired(sessions, ~_holds(now_ms)))
        token = new_token()
        await connection.execute(
            sessions.insert().values(
                digest=digest(token),
                user=user,
                created_at=now_ms,
                seen_at=now_ms,
                idle_at=now_ms + self._idle_ms,
                ends_at=now_ms + self._life_ms,
            )
        )
        await connection.execute(update(users).where(users.c.id == user).values(signed_in_at=now_ms))
        return token

    async def find(self, connection: AsyncConnection, token: str, address: str, now_ms: int) -> Session | None:
        """The session of a token, if it holds, and its user may still enter."""
        if not is_token(token):
            return None
        query = (
            select(users.c.id, users.c.name, users.c.role, users.c.preferences, sessions.c.seen_at)
            .join_from(sessions, users)
            .where(sessions.c.digest == digest(token), _holds(now_ms), users.c.disabled.is_(False))
        )
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        user = User(row.id, row.name, Role(row.role), digest(token), address)
        return Session(user, derived(token, "csrf"), orjson.loads(row.preferences), row.seen_at)

    def is_to_note(self, session: Session, now_ms: int) -> bool:
        """Whether it is to be noted that a session is in use; not at every request, to spare the database."""
        return now_ms - session.seen_at >= min(_NOTED_EVERY_MS, self._idle_ms // 4)

    async def note(self, connection: AsyncConnection, session: Session, now_ms: int) -> None:
        """Note that a session is in use."""
        await connection.execute(
            update(sessions)
            .where(sessions.c.digest == session.user.session)
            .values(seen_at=now_ms, idle_at=now_ms + self._idle_ms)
        )

    async def end(self, connection: AsyncConnection, session: str) -> None:
        """End one session."""
        await connection.execute(delete(sessions).where(sessions.c.digest == session))


async def alive(connection: AsyncConnection, found: Collection[str], at_ms: int | None = None) -> set[str]:
    """Which of these sessions still hold, by their ids, at a time (in ms), else now."""
    at_ms = now_ms() if at_ms is None else at_ms
    query = (
        select(sessions.c.digest)
        .join_from(sessions, users)
        .where(sessions.c.digest.in_(found), _holds(at_ms), users.c.disabled.is_(False))
    )
    return set(await connection.scalars(query))


async def end_all(connection: AsyncConnection, user: str, but: str = "") -> None:
    """End the sessions of a user, all or all but one, and his links."""
    await connection.execute(delete(sessions).where(sessions.c.user == user, sessions.c.digest != but))
    await connection.execute(delete(links).where(links.c.user == user))


async def make_link(connection: AsyncConnection, user: str, until_ms: int) -> str:
    """Make a link that signs a user in once; gives its token."""
    token = new_token()
    await connection.execute(links.insert().values(digest=digest(token), user=user, expires_at=until_ms))
    return token


async def take_link(connection: AsyncConnection, token: str, now_ms: int) -> str | None:
    """The user whom a link signs in, and use it up; None if there is no such link any more."""
    taken = delete(links).where(links.c.digest == digest(token)).returning(links.c.user, links.c.expires_at)
    row = (await connection.execute(taken)).one_or_none()
    return row.user if row is not None and row.expires_at > now_ms else None


def is_csrf(session: Session, shown: str) -> bool:
    """Whether what a request shows is its session's."""
    return same(session.csrf, shown)


def _holds(at_ms: int) -> ColumnElement[bool]:
    return (sessions.c.ends_at > at_ms) & (sessions.c.idle_at > at_ms)
