"""Signing in and out."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from alerts.console.access.accounts import get, name_key, named
from alerts.console.access.actions import Action
from alerts.console.access.audit import audit
from alerts.console.access.entering import drop_cookie, enter, set_cookie
from alerts.console.access.passwords import LONGEST
from alerts.console.access.requiring import SESSION, anyone, require
from alerts.console.access.sessions import Session, take_link
from alerts.console.access.state import Access, access_of
from alerts.console.access.tables import users
from alerts.console.errors import ApiError, Code, ErrorBody, says_no
from alerts.console.roles import Role, User

router = APIRouter(tags=["session"])
_LONGEST_TRIED: Final = 256


class Person(BaseModel):
    """Somebody with an account."""

    id: str
    name: str
    role: Role


class Preferences(BaseModel):
    """How somebody wants the page to be; what is not said, the page decides."""

    model_config = ConfigDict(extra="forbid")

    locale: Literal["en", "zh-Hans"] | None = None
    theme: Literal["dark", "light", "system"] | None = None
    blur: bool | None = None


class SessionBody(BaseModel):
    """Who is signed in, and what every request but GET has to show in `X-CSRF-Token`."""

    user: Person
    csrf: str
    preferences: Preferences
    demo: bool


class ProviderName(BaseModel):
    """A provider that one may sign in with, by its id in paths and by what people call it."""

    id: str
    name: str


class SignedOut(ErrorBody):
    """That one is not signed in, and how one may be."""

    providers: list[ProviderName]
    local: bool
    demo: bool


class SignIn(BaseModel):
    """Name and password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(max_length=_LONGEST_TRIED)
    password: str = Field(max_length=LONGEST)


class Link(BaseModel):
    """The token of a link that signs in once."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: str = Field(max_length=64)


@router.get(
    "/session", dependencies=[Depends(anyone)], responses={401: {"model": SignedOut, "description": "No session."}}
)
async def get_session(request: Request) -> SessionBody:
    """Who is signed in; without a session 401, and how one may sign in."""
    access = access_of(request)
    session: Session | None = request.scope.get(SESSION)
    if session is None:
        settings = access.settings
        providers = [{"id": name, "name": one.name or name} for name, one in settings.oidc.items()]
        raise ApiError(
            401,
            Code.UNAUTHENTICATED,
            "Sign in first.",
            providers=providers,
            local=settings.local_accounts,
            demo=access.demo,
        )
    return _shown(session, demo=access.demo)


@router.post("/session", dependencies=[Depends(anyone)], responses=says_no(401, 429))
async def sign_in(request: Request, response: Response, body: SignIn) -> SessionBody:
    """Sign in by name and password."""
    access = access_of(request)
    if not access.settings.local_accounts:
        raise ApiError(403, Code.FORBIDDEN, "One does not sign in by password here.")
    now_ms = access.now_ms()
    address = await access.address_of(request.scope)
    attempt = await access.throttle.begin(name_key(body.name), address, now_ms)
    if isinstance(attempt, int):
        seconds = str(-(-attempt // 1000))
        raise ApiError(429, Code.TOO_MANY, f"Too many attempts; wait {seconds} s.", {"Retry-After": seconds})
    async with access.database.read() as connection:
        row = await named(connection, body.name)
    kept = row.password if row is not None and not row.disabled else None
    right = await access.passwords.matches(kept, body.password)
    if row is None or not right:
        tried = {"user": row.id} if row is not None else {"name_hash": attempt.name}
        await _failed(access, address, {"how": "password", **tried})
        raise ApiError(401, Code.SIGN_IN_FAILED, "Name or password is wrong.")
    renewed = await access.passwords.hash(body.password) if access.passwords.is_outdated(row.password) else None
    async with access.database.write() as connection:
        await access.throttle.succeeded(connection, attempt, now_ms)
        if renewed is not None:
            same = (users.c.id == row.id) & (users.c.password == row.password)
            await connection.execute(users.update().where(same).values(password=renewed))
        if (await get(connection, row.id, lock=True)).password not in {row.password, renewed}:
            raise ApiError(401, Code.SIGN_IN_FAILED, "Name or password is wrong.")
        token, session = await enter(access, connection, request, row.id, "password")
    set_cookie(access, response, token)
    return _shown(session, demo=access.demo)


@router.post("/session/link", dependencies=[Depends(anyone)], responses=says_no(401))
async def sign_in_by_link(request: Request, response: Response, body: Link) -> SessionBody:
    """Sign in by a link that serves once."""
    access = access_of(request)
    async with access.database.write() as connection:
        account = await take_link(connection, body.token, access.now_ms())
        entered = await enter(access, connection, request, account, "link") if account is not None else None
    if entered is None:
        await _failed(access, await access.address_of(request.scope), {"how": "link"})
        raise ApiError(401, Code.SIGN_IN_FAILED, "That link was used already, or is too old.")
    token, session = entered
    set_cookie(access, response, token)
    return _shown(session, demo=access.demo)


@router.delete("/session", status_code=204)
async def sign_out(request: Request, response: Response, user: Annotated[User, Depends(require(Role.VIEWER))]) -> None:
    """End the session."""
    access = access_of(request)
    async with access.database.write() as connection:
        await access.sessions.end(connection, user.session)
        await audit(connection, user, Action.SIGN_OUT, at_ms=access.now_ms())
    drop_cookie(access, response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


async def _failed(access: Access, address: str, detail: dict[str, str]) -> None:
    async with access.database.write() as connection:
        await audit(connection, None, Action.SIGN_IN_FAILED, detail=detail, address=address, at_ms=access.now_ms())


def _shown(session: Session, *, demo: bool) -> SessionBody:
    user = session.user
    person = Person(id=user.id, name=user.name, role=user.role)
    preferences = Preferences.model_validate(session.preferences)
    return SessionBody(user=person, csrf=session.csrf, preferences=preferences, demo=demo)
