"""What happens when somebody has shown who he is, and when he leaves."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access.accounts import get
from alerts.console.access.actions import Action
from alerts.console.access.audit import audit
from alerts.console.access.requiring import SESSION
from alerts.console.access.sessions import Session
from alerts.console.access.state import Access
from alerts.console.errors import ApiError, Code


async def enter(
    access: Access, connection: AsyncConnection, request: Request, account: str, how: str
) -> tuple[str, Session]:
    """Begin a session of an account in place of the one that the request came with; gives its token, and the session.

    Raises
    ------
    ApiError
        If the account may not enter.
    """
    now_ms = access.now_ms()
    before: Session | None = request.scope.get(SESSION)
    row = await get(connection, account, lock=True)
    if row.disabled:
        raise ApiError(401, Code.SIGN_IN_FAILED, "That account is closed.")
    if before is not None:
        await access.sessions.end(connection, before.user.session)
    token = await access.sessions.begin(connection, account, now_ms)
    address = await access.address_of(request.scope)
    session = await access.sessions.find(connection, token, address, now_ms)
    if session is None:
        raise ApiError(401, Code.SIGN_IN_FAILED, "Signing in failed.")
    await audit(connection, session.user, Action.SIGN_IN, detail={"how": how}, at_ms=now_ms)
    return token, session


def set_cookie(access: Access, response: Response, token: str) -> None:
    """Give a browser the token of its session, out of reach of scripts and of other sites."""
    response.set_cookie(
        access.sessions.cookie, token, path="/", secure=access.sessions.secure, httponly=True, samesite="lax"
    )


def drop_cookie(access: Access, response: Response) -> None:
    """Have a browser forget the token of its session."""
    response.delete_cookie(
        access.sessions.cookie, path="/", secure=access.sessions.secure, httponly=True, samesite="lax"
    )
