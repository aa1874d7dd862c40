"""Cases, a page at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from alerts.console.access import ApiError, Code
from alerts.console.access.clock import now_ms
from alerts.console.api.common import PREFIX, ConsoleHere, Viewer, errors, json_response
from alerts.console.api.models import Filters, Queue
from alerts.console.listing import MYSELF, Cursor, CursorError, Wanted, page

router = APIRouter(prefix=PREFIX, tags=["cases"])

_YES = {"yes": True, "no": False}


@router.get("/alerts", response_model=Queue, responses=errors(400, 422))
async def list_alerts(console: ConsoleHere, user: Viewer, asked: Annotated[Filters, Query()]) -> Response:
    """The queue: cases by severity and recency, or another sort, a page at a time."""
    wanted = Wanted(
        status=asked.status,
        verdict=asked.verdict,
        severity=asked.severity,
        assignee=user.id if asked.assignee == MYSELF else asked.assignee,
        decided=None if asked.decided is None else _YES[asked.decided],
        snoozed=_YES.get(asked.snoozed),
        text=asked.q,
    )
    try:
        cursor = None if asked.cursor is None else Cursor.read(asked.cursor, asked.sort)
    except CursorError:
        raise ApiError(400, Code.BAD_CURSOR, "The cursor is none of this list; begin at its first page.") from None
    async with console.database.read() as connection:
        found = await page(connection, wanted, asked.sort, cursor, asked.limit, now_ms())
    return json_response({"alerts": found.rows, "next": found.next, "total": found.total})
