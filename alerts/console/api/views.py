"""Ways to look at the queue that somebody keeps for himself."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from sqlalchemy import delete, func, insert, select

from alerts.console.access import ApiError, Code
from alerts.console.access.clock import now_ms
from alerts.console.api.common import PREFIX, ConsoleHere, Viewer, errors
from alerts.console.api.models import View, ViewBody
from alerts.console.tables import views

router = APIRouter(prefix=PREFIX, tags=["views"])

_MOST: Final = 100


@router.get("/views", responses=errors())
async def list_views(console: ConsoleHere, user: Viewer) -> list[View]:
    """The views that one keeps."""
    query = select(views.c.id, views.c.name, views.c.query).where(views.c.user == user.id).order_by(views.c.id)
    async with console.database.read() as connection:
        return [View(id=row.id, name=row.name, query=row.query) for row in await connection.execute(query)]


@router.post("/views", status_code=201, responses=errors(400, 409, 413, 422))
async def keep_view(console: ConsoleHere, user: Viewer, body: ViewBody) -> View:
    """Keep a view."""
    async with console.database.write() as connection:
        count = select(func.count()).select_from(views).where(views.c.user == user.id)
        if (await connection.execute(count)).scalar_one() >= _MOST:
            raise ApiError(409, Code.CONFLICT, f"One keeps at most {_MOST} views; delete one first.")
        values: dict[str, Any] = {"user": user.id, "name": body.name, "query": body.query, "at": now_ms()}
        made = await connection.execute(insert(views).values(**values).returning(views.c.id))
        return View(id=made.scalar_one(), name=body.name, query=body.query)


@router.delete("/views/{view}", status_code=204, response_model=None, responses=errors(404, 422))
async def forget_view(console: ConsoleHere, user: Viewer, view: Annotated[int, Path(ge=1, le=2**53)]) -> None:
    """Keep a view no longer."""
    async with console.database.write() as connection:
        gone = await connection.execute(delete(views).where(views.c.id == view, views.c.user == user.id))
        if not gone.rowcount:
            raise ApiError(404, Code.NOT_FOUND, "There is no such view.")
