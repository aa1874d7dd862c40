"""How a route says who may use it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, Final

from fastapi import Request

from alerts.console.access.sessions import Session
from alerts.console.errors import ApiError, Code
from alerts.console.roles import Role, User

SESSION: Final = "breakwater.session"
"""Where in a request's scope its session is, None without one."""
ANYONE: Final = "anyone"

_said: dict[Callable[..., Any], str] = {}


def session_of(request: Request) -> Session:
    """The session of a request; `ApiError` without one."""
    session: Session | None = request.scope.get(SESSION)
    if session is None:
        raise ApiError(401, Code.UNAUTHENTICATED, "Sign in first.")
    return session


@cache
def require(role: Role) -> Callable[[Request], Coroutine[Any, Any, User]]:
    """What a route depends on that is for this role and those above it; gives who asks."""

    async def checked(request: Request) -> User:
        user = session_of(request).user
        if user.role < role:
            raise ApiError(403, Code.FORBIDDEN, f"That is for who is {role} at least; you are {user.role}.")
        return user

    _said[checked] = role
    return checked


async def anyone() -> None:
    """What a route depends on that needs no session."""


_said[anyone] = ANYONE


def said_by(call: Callable[..., Any] | None) -> str | None:
    """Whom a dependency lets through; None if it is none of these."""
    return _said.get(call) if call is not None else None
