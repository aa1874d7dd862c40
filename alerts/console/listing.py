"""The queue: which cases, in which order, a page at a time.

A page begins behind the last case of the page before it, by what the queue is sorted by and by id; so cases that move meanwhile
neither shift a page nor cost more the further one goes.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.revision import folded
from alerts.console.rows import row_of, select_rows
from alerts.console.tables import alerts

Sort = Literal["priority", "updated", "started", "participants"]

NOBODY: Final = "none"
MYSELF: Final = "me"

_COLUMNS: Final = {
    "priority": alerts.c.priority,
    "updated": alerts.c.updated_at,
    "started": alerts.c.started_at,
    "participants": alerts.c.participants,
}


class CursorError(Exception):
    """What should say where a page begins does not."""


class Cursor(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Where a page ended."""

    sort: Sort
    value: int
    id: str

    def write(self) -> str:
        """For a link."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: str) -> Cursor:
        """As it was written, for the same sort; else `CursorError`."""
        try:
            found = msgspec.json.decode(urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)), type=cls)
        except (ValueError, UnicodeError, msgspec.DecodeError) as error:
            raise CursorError from error
        if found.sort != sort or "\0" in found.id or not -(2**63) <= found.value < 2**63:
            raise CursorError
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases; an empty sequence or None: whatever it is.

    Attributes
    ----------
    assignee : a user's id, or `NOBODY`
    text : what the target's id, or the beginning of the case's own, holds
    """

    status: Sequence[str] = ()
    verdict: Sequence[str] = ()
    severity: Sequence[str] = ()
    assignee: str | None = None
    decided: bool | None = None
    snoozed: bool | None = None
    text: str = ""

    def conditions(self, now_ms: int) -> list[ColumnElement[bool]]:
        """As SQL."""
        found: list[ColumnElement[bool]] = []
        for column, values in (
            (alerts.c.status, self.status),
            (alerts.c.verdict, self.verdict),
            (alerts.c.severity, self.severity),
        ):
            if values:
                found.append(column.in_(sorted(values)))
        if self.assignee is not None:
            mine = alerts.c.assignee.is_(None) if self.assignee == NOBODY else alerts.c.assignee == self.assignee
            found.append(mine)
        if self.decided is not None:
            found.append(alerts.c.decision.is_not(None) if self.decided else alerts.c.decision.is_(None))
        if self.snoozed is not None:
            aside = or_(alerts.c.snooze_grows.is_not(None), func.coalesce(alerts.c.snooze_until, 0) > now_ms)
            found.append(aside if self.snoozed else ~aside)
        if self.text:
            found.append(
                or_(
                    alerts.c.target_folded.contains(folded(self.text), autoescape=True),
                    alerts.c.id.startswith(self.text, autoescape=True),
                )
            )
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue: its rows, where the next one begins (None after the last), and how many cases there are."""

    rows: list[dict[str, Any]]
    next: str | None
    total: int


async def page(
    connection: AsyncConnection, wanted: Wanted, sort: Sort, cursor: Cursor | None, limit: int, now_ms: int
) -> Page:
    """A page of the cases wanted, those first that are first by the sort, the largest."""
    column = _COLUMNS[sort]
    conditions = wanted.conditions(now_ms)
    total = (await connection.execute(select(func.count()).select_from(alerts).where(*conditions))).scalar_one()
    if cursor is not None:
        conditions.append(tuple_(column, alerts.c.id) < tuple_(cursor.value, cursor.id))
    query = select_rows().where(and_(True, *conditions)).order_by(column.desc(), alerts.c.id.desc()).limit(limit + 1)
    found = (await connection.execute(query)).all()
    rows = found[:limit]
    more = len(found) > limit
    return Page(
        [row_of(row) for row in rows],
        Cursor(sort, getattr(rows[-1], column.name), rows[-1].id).write() if more else None,
        total,
    )
