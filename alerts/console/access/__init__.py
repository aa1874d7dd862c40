"""Who may do what. A stand-in: everybody who comes is an administrator."""

# ruff: noqa: ARG001 - what a stand-in is given it does not use

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access.actions import Action
from alerts.console.access.errors import ApiError, Code, ErrorBody, handle
from alerts.console.access.roles import Role, User
from alerts.console.access.texts import Line, Prose
from alerts.console.database import Database
from alerts.console.settings import ConsoleSettings

__all__ = ["Action", "ApiError", "Code", "ErrorBody", "Line", "Prose", "Role", "User"]


def require(role: Role) -> Callable[..., Coroutine[Any, Any, User]]:
    """A dependency: the user, if there is a session of at least that role; else 401 or 403."""

    async def user() -> User:
        return User("somebody", "Somebody", Role.ADMIN, "session")

    return user


async def anyone() -> None:
    """What a route depends on that needs no session."""


async def audit(
    connection: AsyncConnection,
    user: User | None,
    action: Action | str,
    alert: str | None = None,
    detail: Mapping[str, Any] = {},
) -> int:
    """Note in the audit log, within the caller's transaction, what a user does."""
    return 0


async def alive(connection: AsyncConnection, sessions: Collection[str]) -> set[str]:
    """Which of these sessions still hold."""
    return set(sessions)


async def person(connection: AsyncConnection, user: str) -> str | None:
    """The name of a user whom a case may be given to; None if there is no such user."""
    return user.title()


def install(app: FastAPI, database: Database, settings: ConsoleSettings, *, demo: bool = False) -> None:
    """Give the app its sessions, users, headers and checks."""
    handle(app)
