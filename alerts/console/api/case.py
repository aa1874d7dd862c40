"""One case: what is known of it, and what it rests on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response

from alerts.console import cases, dossier
from alerts.console.access import Action, ApiError, Code, User, audit
from alerts.console.actions import no_case
from alerts.console.api.common import PREFIX, AlertId, ConsoleHere, EventId, Viewer, errors, json_response
from alerts.console.api.models import Case, Evidence, Text
from alerts.console.service import Console

router = APIRouter(prefix=PREFIX + "/alerts/{alert:enc}", tags=["case"])

_NOTHING: Final[Mapping[str, Any]] = {}


@router.get("", response_model=Case, responses=errors(404))
async def get_alert(console: ConsoleHere, user: Viewer, alert: AlertId) -> Response:
    """A case with its newest revision, how it came to be, and what was done with it. That somebody looked is noted."""
    async with console.database.read() as connection:
        found = await cases.case(connection, alert)
    if found is None:
        raise no_case()
    await _note(console, user, Action.VIEW, alert)
    return json_response(found)


@router.get("/revisions/{number}", responses=errors(404, 422))
async def get_revision(
    console: ConsoleHere, user: Viewer, alert: AlertId, number: Annotated[int, Path(ge=1, le=2**53)]
) -> Response:
    """A revision, in the bytes that came. That somebody looked is noted."""
    async with console.database.read() as connection:
        body = await cases.revision(connection, alert, number)
    if body is None:
        raise ApiError(404, Code.NOT_FOUND, "There is no such revision.")
    await _note(console, user, Action.VIEW, alert, {"revision": number})
    return json_response(body)


@router.get("/evidence", response_model=Evidence, responses=errors(404))
async def get_evidence(console: ConsoleHere, user: Viewer, alert: AlertId) -> Response:
    """The interactions that a case rests on, who took part, and who is tied to whom; without texts. That somebody looked is
    noted.
    """
    async with console.database.read() as connection:
        if not await cases.exists(connection, alert):
            raise no_case()
        chunks = await dossier.chunks(connection, alert)
    await _note(console, user, Action.VIEW, alert, {"part": "evidence"})
    return json_response(await asyncio.to_thread(dossier.put_together, chunks))


@router.get("/texts/{event:enc}", response_model=Text, responses=errors(404, 410))
async def get_text(console: ConsoleHere, user: Viewer, alert: AlertId, event: EventId) -> Response:
    """What was said in one event of a case; 410 if it was taken back. That somebody read it is noted."""
    async with console.database.read() as connection:
        chunks = await dossier.chunks(connection, alert)
    found = await asyncio.to_thread(dossier.said_in, chunks, event)
    if found is not None and found.erased:
        raise ApiError(410, Code.GONE, "What was said has been taken back.")
    if found is None or not found.text:
        raise ApiError(404, Code.NOT_FOUND, "There is no text of such an event.")
    await _note(console, user, Action.REVEAL, alert, {"event": event})
    return json_response({"event": event, "text": found.text, "lang": None})


async def _note(console: Console, user: User, action: Action, alert: str, detail: Mapping[str, Any] = _NOTHING) -> None:
    async with console.database.write() as connection:
        await audit(connection, user, action, alert, detail)
