"""The audit log, for who may read it."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from sqlalchemy import select

from alerts.console.access.actions import Action
from alerts.console.access.audit import verify
from alerts.console.access.requiring import require
from alerts.console.access.state import access_of
from alerts.console.access.tables import audit_log
from alerts.console.roles import Role

router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[Depends(require(Role.ADMIN))])

_LARGEST: Final = 2**63 - 1


class Entry(BaseModel):
    """One thing that was done: number, time, who (id, name, keyed hash of where from), what, on which alert."""

    seq: int
    at: int
    user: str | None
    name: str | None
    address: str
    action: str
    alert: str | None
    detail: dict[str, Any]
    digest: str


class Entries(BaseModel):
    """A page of the log, newest first, and where the next begins."""

    entries: list[Entry]
    next: int | None


class Verification(BaseModel):
    """Whether the log is as it was written; if not, the number of the first entry that is not, and what is wrong."""

    whole: bool
    entries: int
    head: str
    broken_at: int | None
    problem: str


@router.get("")
async def read(
    request: Request,
    cursor: Annotated[int, Query(ge=1, le=_LARGEST)] = _LARGEST,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    action: Action | None = None,
    user: Annotated[str | None, Query(max_length=32)] = None,
    alert: Annotated[str | None, Query(max_length=512)] = None,
) -> Entries:
    """What was done, newest first."""
    query = select(audit_log).where(audit_log.c.seq < cursor).order_by(audit_log.c.seq.desc()).limit(limit + 1)
    for column, wanted in ((audit_log.c.action, action), (audit_log.c.user, user), (audit_log.c.alert, alert)):
        if wanted is not None:
            query = query.where(column == str(wanted))
    async with access_of(request).database.read() as connection:
        rows = (await connection.execute(query)).all()
    entries = [Entry(**{**row._asdict(), "detail": _detail(row.detail)}) for row in rows[:limit]]
    return Entries(entries=entries, next=rows[limit - 1].seq if len(rows) > limit else None)


@router.get("/verify")
async def look_through(request: Request) -> Verification:
    """Look through the whole log for entries that were changed, removed or put in."""
    async with access_of(request).database.read() as connection:
        found = await verify(connection)
    return Verification(whole=not found.problem, **found._asdict())


def _detail(kept: str) -> dict[str, Any]:
    """What is kept as JSON; nothing if somebody made something else of it."""
    try:
        found = orjson.loads(kept)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
