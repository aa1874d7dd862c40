"""A case's evidence, to be handed on, printed and checked."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Response
from sqlalchemy import insert

from alerts import pack
from alerts.console import cases, dossier
from alerts.console.access import Action, audit
from alerts.console.access.clock import now_ms
from alerts.console.actions import no_case
from alerts.console.api.common import PREFIX, AlertId, Analyst, ConsoleHere, errors
from alerts.console.tables import history

router = APIRouter(prefix=PREFIX + "/alerts/{alert:enc}", tags=["case"])

Format = Literal["json", "csv", "html"]

_WRITERS: Final = {"json": pack.as_json, "csv": pack.as_csv, "html": pack.as_page}
_TYPES: Final = {"json": "application/json", "csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8"}
_CONTENT: Final = {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in _TYPES.values()}


@router.get(
    "/export.{form}",
    response_class=Response,
    responses={**errors(404), 200: {"description": "A file to be kept.", "content": _CONTENT}},
)
async def export(
    console: ConsoleHere,
    user: Analyst,
    alert: AlertId,
    form: Annotated[Format, Path(description="As what.")],
) -> Response:
    """The evidence pack of a case: JSON that `breakwater verify` checks, CSV for spreadsheets, a page that prints well.

    That somebody took it is noted.
    """
    async with console.database.read() as connection:
        bodies = await cases.bodies(connection, alert)
        chunks = await dossier.chunks(connection, alert)
        made_of_it = await cases.made_of_it(connection, alert)
    if not bodies:
        raise no_case()
    content = await asyncio.to_thread(lambda: _WRITERS[form](pack.make(bodies, chunks, made_of_it)))
    async with console.database.write() as connection:
        values = {"alert": alert, "action": Action.EXPORT, "detail": b'{"form":"%s"}' % form.encode()}
        await connection.execute(insert(history).values(**values, by=user.id, by_name=user.name, at=now_ms()))
        await audit(connection, user, Action.EXPORT, alert, {"form": form})
    name = f"breakwater-{alert if alert.isascii() and alert.isalnum() else 'case'}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[form], headers=headers)
