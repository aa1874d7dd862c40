"""Who may do what. A stand-in: everybody who comes is an administrator."""

# ruff: noqa: ARG001 - what a stand-in is given it does not use

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.database import Database
from alerts.console.settings import ConsoleSettings


class Role(IntEnum):
    """What a user may do; each may do what those before it may."""

    VIEWER = 1
    ANALYST = 2
    ADMIN = 3


class User(NamedTuple):
    """Who is signed in, and the session in which that is so (its id in the database, never the cookie's secret)."""

    id: str
    name: str
    role: Role
    session: str


def require(role: Role) -> Callable[..., Awaitable[User]]:
    """A dependency: the user, if there is a session of at least that role; else 401 or 403."""

    async def user() -> User:
        return User("somebody", "Somebody", Role.ADMIN, "session")

    return user


async def audit(
    connection: AsyncConnection,
    user: User,
    action: str,
    alert: str | None = None,
    detail: Mapping[str, Any] = {},
) -> None:
    """Note in the audit log, within the caller's transaction, what a user does."""


async def alive(connection: AsyncConnection, sessions: Collection[str]) -> set[str]:
    """Which of these sessions still hold."""
    return set(sessions)


def install(app: FastAPI, database: Database, settings: ConsoleSettings, *, demo: bool = False) -> None:
    """Give the app its sessions, users, headers and checks."""
