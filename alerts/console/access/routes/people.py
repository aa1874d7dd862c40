"""Accounts, for who manages them; and whom a case may be given to, for all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from alerts.console.access import accounts
from alerts.console.access.passwords import LONGEST, WeakPasswordError, check
from alerts.console.access.requiring import require
from alerts.console.access.state import Access, access_of
from alerts.console.access.texts import Line
from alerts.console.errors import ApiError, Code, not_found, says_no
from alerts.console.roles import Role, User

router = APIRouter(tags=["people"])
_ADMIN = Depends(require(Role.ADMIN))


class Named(BaseModel):
    """Somebody whom a case may be given to."""

    id: str
    name: str


class Account(BaseModel):
    """An account: whether it has a password here, and which issuer knows it if not."""

    id: str
    name: str
    role: Role
    disabled: bool
    local: bool
    issuer: str | None
    created_at: int
    signed_in_at: int | None


class Accounts(BaseModel):
    """All accounts, by name."""

    users: list[Account]


class NewAccount(BaseModel):
    """An account to be added."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[Line, Field(max_length=accounts.LONGEST_NAME)]
    role: Role
    password: str = Field(max_length=LONGEST)


class Change(BaseModel):
    """What is to be another; the rest stays."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[Line, Field(max_length=accounts.LONGEST_NAME)] | None = None
    role: Role | None = None
    disabled: bool | None = None
    password: str | None = Field(None, max_length=LONGEST)


@router.get("/people", dependencies=[Depends(require(Role.VIEWER))])
async def people(request: Request) -> list[Named]:
    """Whom a case may be given to: who may decide on it."""
    async with access_of(request).database.read() as connection:
        rows = await accounts.everybody(connection)
    return [Named(id=row.id, name=row.name) for row in rows if not row.disabled and Role(row.role) >= Role.ANALYST]


@router.get("/users", dependencies=[_ADMIN])
async def list_accounts(request: Request) -> Accounts:
    """All accounts."""
    async with access_of(request).database.read() as connection:
        return Accounts(users=[_account(row) for row in await accounts.everybody(connection)])


@router.post("/users", status_code=201, responses=says_no(409))
async def add_account(
    request: Request, user: Annotated[User, Depends(require(Role.ADMIN))], body: NewAccount
) -> Account:
    """Add an account that signs in by password."""
    access = access_of(request)
    password = await _hashed(access, body.password, body.name)
    async with _said(), access.database.write() as connection:
        account = await accounts.add(connection, user, body.name, body.role, password=password, now_ms=access.now_ms())
        return _account(await accounts.get(connection, account))


@router.patch("/users/{account}", responses=says_no(404, 409))
async def change_account(
    request: Request, account: str, user: Annotated[User, Depends(require(Role.ADMIN))], body: Change
) -> Account:
    """Change an account; who is disabled, or given another password, is signed out at once."""
    access = access_of(request)
    values = body.model_dump(exclude_none=True)
    async with _said():
        if body.password is not None:
            async with access.database.read() as connection:
                name = body.name or (await accounts.get(connection, account)).name
            values["password"] = await _hashed(access, body.password, name)
        async with access.database.write() as connection:
            await accounts.change(connection, user, account, values, now_ms=access.now_ms())
            return _account(await accounts.get(connection, account))


async def _hashed(access: Access, password: str, name: str) -> str:
    try:
        check(password, name)
    except WeakPasswordError as error:
        raise ApiError(422, Code.WEAK_PASSWORD, str(error)) from error
    return await access.passwords.hash(password)


@asynccontextmanager
async def _said() -> AsyncIterator[None]:
    """Say what cannot be as the API says it."""
    try:
        yield
    except accounts.NoSuchAccountError as error:
        raise not_found("account") from error
    except accounts.NameTakenError as error:
        raise ApiError(409, Code.NAME_TAKEN, str(error)) from error
    except accounts.LastAdminError as error:
        raise ApiError(409, Code.LAST_ADMIN, str(error)) from error
    except accounts.AccountError as error:
        raise ApiError(422, Code.INVALID, str(error)) from error


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=row.role,
        disabled=row.disabled,
        local=row.password is not None,
        issuer=row.issuer,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
    )
