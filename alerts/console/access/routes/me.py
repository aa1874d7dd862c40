"""What everybody may do with his own account."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from alerts.console.access.accounts import change, get
from alerts.console.access.passwords import LONGEST, WeakPasswordError, check
from alerts.console.access.requiring import require
from alerts.console.access.routes.signing import Preferences
from alerts.console.access.state import access_of
from alerts.console.access.tables import users
from alerts.console.errors import ApiError, Code, says_no
from alerts.console.roles import Role, User

router = APIRouter(prefix="/me", tags=["me"])


class NewPassword(BaseModel):
    """The password that is, and the one that is to be."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    current: str = Field(max_length=LONGEST)
    new: str = Field(max_length=LONGEST)


@router.put("/preferences")
async def prefer(
    request: Request, user: Annotated[User, Depends(require(Role.VIEWER))], body: Preferences
) -> Preferences:
    """Say how the page is to be."""
    kept = orjson.dumps(body.model_dump(exclude_none=True)).decode()
    async with access_of(request).database.write() as connection:
        await connection.execute(users.update().where(users.c.id == user.id).values(preferences=kept))
    return body


@router.post("/password", status_code=204, responses=says_no(429))
async def set_password(
    request: Request, user: Annotated[User, Depends(require(Role.VIEWER))], body: NewPassword
) -> None:
    """Take another password; ends one's other sessions. Wrong ones are slowed down as when signing in."""
    access = access_of(request)
    now_ms = access.now_ms()
    try:
        check(body.new, user.name)
    except WeakPasswordError as error:
        raise ApiError(422, Code.WEAK_PASSWORD, str(error)) from error
    async with access.database.read() as connection:
        kept = (await get(connection, user.id)).password
    attempt = await access.throttle.begin(f"\0{user.id}", user.address, now_ms)
    if isinstance(attempt, int):
        seconds = str(-(-attempt // 1000))
        raise ApiError(429, Code.TOO_MANY, f"Too many attempts; wait {seconds} s.", {"Retry-After": seconds})
    if not await access.passwords.matches(kept, body.current):
        raise ApiError(403, Code.SIGN_IN_FAILED, "The current password is wrong.")
    new = await access.passwords.hash(body.new)
    async with access.database.write() as connection:
        await access.throttle.succeeded(connection, attempt, now_ms)
        await change(connection, user, user.id, {"password": new}, now_ms=now_ms)
